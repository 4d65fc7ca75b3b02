"""A matrix of exact or rounded numbers; the share of right entries is credited."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Self

from quizgen.answers._reading import Unreadable, read_number, share, split, type_number
from quizgen.answers.number import check_digits, half_unit
from quizgen.answers.vector import hits
from quizgen.expr import latex_matrix
from quizgen.values import Key, Value, Verdict


class Matrix(Key, frozen=True, tag="matrix"):
    """``value``, a tuple of rows, entry by entry within ``tolerance``."""

    value: tuple[tuple[Value, ...], ...]
    tolerance: Decimal = Decimal(0)

    @classmethod
    def of(cls, value: Value, digits: int | None = None) -> Self:
        """The key for a tuple of rows of numbers; with ``digits``, every entry is a Decimal of that many decimals."""
        if digits is None:
            return cls(value=tuple(tuple(row) for row in value))
        rows = tuple(tuple(check_digits(entry, digits) for entry in row) for row in value)
        return cls(value=rows, tolerance=half_unit(digits))

    @property
    def right(self) -> tuple[tuple[Value, ...], ...]:
        return self.value

    def read(self, text: str) -> tuple[tuple[Fraction, ...], ...]:
        rows = tuple(
            tuple(read_number(entry, start + offset) for entry, start in split(row, ("[]", "()"), ","))
            for row, offset in _rows(text)
        )
        if len(rows) != len(self.value) or any(len(row) != len(self.value[0]) for row in rows):
            raise Unreadable("wrong-shape", (0, len(text)))
        return rows

    def judge(self, value: Value) -> Verdict:
        entries = sum(len(row) for row in self.value)
        if len(value) != len(self.value):
            return share(0, entries)
        return share(sum(hits(a, b, self.tolerance) for a, b in zip(value, self.value, strict=True)), entries)

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return f"${latex_matrix(value)}$"

    def notations(self, value: Value) -> list[str]:
        typed = [[type_number(entry) for entry in row] for row in value]
        return [
            "[" + ", ".join("[" + ", ".join(row) + "]" for row in typed) + "]",
            "; ".join(", ".join(row) for row in typed),
        ]

    def junk(self) -> list[str]:
        return [*super().junk(), "[[1]]" if len(self.value) > 1 else "[[1],[2]]", "[[1,2],[3,banana]]"]


def _rows(text: str) -> list[tuple[str, int]]:
    """Rows written ``[[1, 2], [3, 4]]`` or ``1, 2; 3, 4``, with their offsets."""
    stripped = text.strip()
    if not stripped.startswith(("[[", "((")):
        return split(text, ("[]", "()"), ";")
    rows, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "[(") - (character in "])")
        if character in "[(" and depth == 2:
            start = position
        if character in "])" and depth == 1:
            rows.append((text[start : position + 1], start))
        if (depth == 1 and character not in "[](), ") or depth > 2 or depth < 0:
            raise Unreadable("not-a-matrix", (position, position + 1))
    if depth:
        raise Unreadable("unbalanced", (len(text), len(text)))
    return rows
