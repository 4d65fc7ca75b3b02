"""File formats for questions, one file each: ``formats()`` finds them, ``exporter(name)`` loads one.

A format says what it carries, what it lowers and what it refuses; see :class:`Exporter`.
"""

from importlib import import_module
from pkgutil import iter_modules

from quizgen.errors import UnknownName
from quizgen.exporters._base import FEATURES, Exporter, Fit, needs, refuse

__all__ = ["FEATURES", "Exporter", "Fit", "exporter", "formats", "needs", "refuse"]


def formats() -> list[str]:
    """The names of all formats: the files of this folder."""
    return sorted(module.name for module in iter_modules(__path__) if not module.name.startswith("_"))


def exporter(name: str) -> type[Exporter]:
    """The exporter of one format: ``jsonl`` is ``Jsonl`` in ``jsonl.py``. Raises UnknownName."""
    if name not in formats():
        raise UnknownName.among("format", name, formats())
    found: type[Exporter] = getattr(import_module(f"{__name__}.{name}"), name.capitalize())
    return found
