"""The experiments, one a file. Adding one touches this folder, and the words of its questions."""

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from solvers.training.experiment import Experiment


def names() -> list[str]:
    """All experiments: the files of this folder."""
    return sorted(module.name for module in iter_modules(__path__) if module.name[0] != "_")


@lru_cache
def find(name: str) -> Experiment:
    """An experiment by name; its file is loaded, and torch with it. Raises KeyError for one that does not exist."""
    if name not in names():
        raise KeyError(name)
    found: Experiment = import_module(f"{__name__}.{name}").experiment
    found.name = name
    return found
