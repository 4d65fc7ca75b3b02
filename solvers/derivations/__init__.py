"""Derivations that are checked line by line: one file each in ``chains``, found by being there.

``derivation("elbo")`` gives one. A line is a tree that ``evaluation`` evaluates on a small exact model (``models``);
``chain`` says what must hold, ``edits`` what a slip makes of a line, ``questions`` what can be asked.
"""

from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules

from solvers.derivations import chain, chains
from solvers.derivations.lines import Defect, Derivation

__all__ = ["Defect", "Derivation", "check", "derivation", "names", "prove"]


def names() -> tuple[str, ...]:
    """The names of all derivations, sorted."""
    return tuple(sorted(module.name for module in iter_modules(chains.__path__)))


@cache
def derivation(name: str) -> Derivation:
    """A derivation by its name, which is that of its file."""
    found: Derivation = import_module(f"{chains.__name__}.{name}").DERIVATION
    return found


@lru_cache(maxsize=256)
def prove(derivation: Derivation, count: int = 12) -> None:
    """Every line holds on ``count`` models; done once in a process. Raises Defect."""
    for model in chain.models(derivation, count):
        chain.prove(derivation, model)


@lru_cache(maxsize=256)
def check(proven: Derivation, count: int = 100) -> None:
    """Every line holds on ``count`` models, and every flaw is refuted; done once in a process. Raises Defect."""
    chain.check(proven, count)
