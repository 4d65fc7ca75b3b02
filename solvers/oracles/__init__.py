"""The same quantities by unrelated means: torch layers, autograd, quadrature, brute force, scikit-learn.

Submodules load at first attribute access (PEP 562), so that a family may name its oracle without importing torch.
"""

import os
from importlib import import_module
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    if name.startswith("_"):
        raise AttributeError(name)
    # The tensors of an exam question are tiny: threads that wait for each other cost ten times what they compute.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name == f"{__name__}.{name}":
            raise AttributeError(f"there is no oracle module {name!r}") from error
        raise
