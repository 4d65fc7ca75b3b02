"""Figure values: drawings as data, one kind a file, found by path.

A kind is a frozen struct in ``quizgen/figures/<kind>.py`` whose class is the file's name capitalised and whose
:meth:`Figure.scene` places a few primitives. From the scene come SVG (for HTML) and a PDF drawing (for TeX, with the
paper's own fonts). Figures use greys, widths and dashes only: they are printed in black and white.

Labels are symbols and numbers, never words, so that a figure serves every locale; its text alternative is prose and
lives in the family's template.
"""

import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

import msgspec

from quizgen.errors import InputError, UnknownName
from quizgen.figures._png import png
from quizgen.figures._scene import Scene, pdf, svg
from quizgen.values import Struct, exact, plain

__all__ = ["Figure", "kinds", "load", "pdf", "png", "store", "svg"]


class Figure(Struct, frozen=True, tag_field="kind"):
    """Base of the figure values."""

    def scene(self) -> Scene:
        """The drawing, in points (1/72 inch)."""
        raise NotImplementedError


def kinds() -> list[str]:
    """Names of all kinds of figure: the files of this folder."""
    return list(_kinds())


@lru_cache
def _kinds() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


def store(figure: Figure) -> dict[str, Any]:
    """A figure as plain data; the inverse of :func:`load`."""
    data: dict[str, Any] = plain(figure)
    return data


def load(data: Mapping[str, Any]) -> Figure:
    """The figure that ``data`` describes (as :func:`store` gives it, or as an item keeps it).

    Raises InputError for an unknown kind or a field that does not fit.
    """
    kind = data.get("kind")
    if kind not in kinds():
        raise UnknownName.among("figure", kind, kinds())
    try:
        return msgspec.convert(exact(data), _class(str(kind)))
    except msgspec.ValidationError as error:
        raise InputError(f"figure {kind}: {error}") from None


@lru_cache
def _class(kind: str) -> type[Figure]:
    found: type[Figure] = getattr(import_module(f"{__name__}.{kind}"), kind.capitalize())
    return found


def __getattr__(name: str) -> type[Figure]:
    if name.islower() or name.lower() not in kinds():
        raise AttributeError(name)
    return _class(name.lower())
