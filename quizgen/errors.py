"""One tree of errors: each says where (file, field), what was expected and what came.

QuizgenError          exit status 2: one clear message, no traceback
├── InputError        a blueprint, a roster, an option or a parameter that cannot be used
│   └── UnknownName   a name that does not exist, with the names that do
├── MarkupError       Markdown or mathematics that cannot be typeset, with line and column
├── FamilyError       a family, or its templates, that breaks its contract
│   └── Redraw        this draw cannot be used; another may
├── ProofError        exit status 1: a law failed, so the item must not be printed
├── TypesettingError  TeX failed; names the question
└── OutputError       a target that cannot be written or must not be replaced
"""

from collections.abc import Iterable
from difflib import get_close_matches


class QuizgenError(Exception):
    """A failure that a user can act on: ``where`` (file and field), and ``message`` (what was expected, what came)."""

    status = 2

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message, where)
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def at(self, where: str) -> "QuizgenError":
        """The same error seen from outside: ``where`` is put before the place already known."""
        return type(self)(self.message, f"{where}: {self.where}" if self.where else where)


class InputError(QuizgenError):
    """Input that cannot be used."""


class UnknownName(InputError):
    """A name that does not exist; the message lists those that do."""

    @classmethod
    def among(cls, kind: str, name: object, known: Iterable[str], where: str = "") -> "UnknownName":
        """An error for ``name``, which is no ``kind``; suggests the closest of ``known``."""
        names = sorted(known)
        close = get_close_matches(str(name), names, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        return cls(f"unknown {kind} {name!r}{hint} (known: {', '.join(names) or 'none'})", where)


class MarkupError(QuizgenError):
    """Text that cannot be typeset."""


class FamilyError(QuizgenError):
    """A family or a template that breaks its contract."""


class Redraw(FamilyError):
    """This draw of parameters cannot be asked (a wrong procedure looks right); another draw may."""


class ProofError(QuizgenError):
    """A law failed on an item."""

    status = 1


class TypesettingError(QuizgenError):
    """TeX failed."""


class OutputError(QuizgenError):
    """A target that cannot be written, or must not be replaced."""
