"""File formats for questions, one file each: ``formats()`` finds them, ``exporter(name)`` loads one.

A format says what it carries, what it lowers and what it refuses; see :class:`Exporter`.
"""

from importlib import import_module
from pkgutil import iter_modules

from quizgen.errors import UnknownName
from quizgen.exporters._base import FEATURES, Exporter, Fit, needs, refuse

__all__ = ["FEATURES", "Exporter", "Fit", "exporter", "formats", "needs", "refuse"]


def formats() -> list[str]:
    """The names of all formats: the files of this folder, with dashes."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__) if module.name[0] != "_")


def exporter(name: str) -> type[Exporter]:
    """The exporter of a format: ``moodle-stack`` is ``MoodleStack`` in ``moodle_stack.py``. Raises UnknownName."""
    if name not in formats():
        raise UnknownName.among("format", name, formats())
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    found: type[Exporter] = getattr(module, "".join(word.capitalize() for word in name.split("-")))
    return found
