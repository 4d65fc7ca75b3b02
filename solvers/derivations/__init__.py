"""Derivations that are checked line by line: one file each in ``chains``, found by being there.

``derivation("elbo")`` gives one. A line is a tree that ``evaluation`` evaluates on a small exact model (``models``);
``chain`` says what must hold, ``edits`` what a slip makes of a line, ``questions`` what can be asked.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from solvers.derivations import chain, chains
from solvers.derivations.chain import telling_model as model
from solvers.derivations.lines import Defect, Derivation

__all__ = ["Defect", "Derivation", "check", "derivation", "model", "names", "prove", "sound"]


def names() -> tuple[str, ...]:
    """The names of all derivations, sorted."""
    return tuple(sorted(module.name for module in iter_modules(chains.__path__)))


@cache
def derivation(name: str) -> Derivation:
    """A derivation by its name, which is that of its file. Raises Defect, with the file, if that is broken."""
    module = f"{chains.__name__}.{name}"
    try:
        found: Derivation = import_module(module).DERIVATION
        if found.name != name:
            raise Defect(f"the name of the derivation is {found.name!r}, that of the file {name!r}")
    except Exception as error:
        what = f"{error}" if isinstance(error, Defect) else f"{type(error).__name__}: {error}"
        file = find_spec(module)
        raise Defect(f"{file.origin if file else module}: {what}") from error
    return found


def sound() -> Iterator[Derivation]:
    """All derivations, less those whose file is broken: the others can still be asked about."""
    for name in names():
        with suppress(Defect):
            yield derivation(name)


@lru_cache(maxsize=256)
def prove(derivation: Derivation, count: int = 12) -> None:
    """Every line holds on ``count`` models; done once in a process. Raises Defect."""
    for drawn in chain.models(derivation, count):
        chain.prove(derivation, drawn)


@lru_cache(maxsize=256)
def check(proven: Derivation, count: int = 100) -> None:
    """Every line holds on ``count`` models, and every flaw is refuted; done once in a process. Raises Defect."""
    chain.check(proven, count)
