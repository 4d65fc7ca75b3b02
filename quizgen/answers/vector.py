"""A vector of exact or rounded numbers; the share of right entries is credited."""

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Self

from quizgen.answers import _lists
from quizgen.answers._credit import UNDECIDED, share
from quizgen.answers._lists import Exact, Listed
from quizgen.answers._numeric import after_label, check_digits, half_unit
from quizgen.expr import latex_vector
from quizgen.notation import Token, Unreadable, enclosed
from quizgen.values import Key, Reading, Value, Verdict

_SIDES = re.compile(r"(?:[xX]\d{1,12})+[xX]?", re.ASCII)
_SIDE = re.compile(r"[xX]|\d+", re.ASCII)


class Vector(Key, frozen=True, tag="vector"):
    """``value`` entry by entry; with ``digits``, within half a unit of the last of so many decimals.

    With ``comma``, commas are decimal signs; ``label`` may stand before the answer; ``form = "numeral"`` refuses
    entries that are not worked out; a ``shape`` may also be typed ``3x4x5``.
    """

    online = ("cells", "short", "choose")

    value: tuple[Value, ...]
    digits: int | None = None
    comma: bool = False
    label: str = ""
    form: str = ""
    shape: bool = False

    def __post_init__(self) -> None:
        if not self.value:
            raise _lists.refusal("expected at least one number")
        _lists.check_numbers(self.value)

    @classmethod
    def of(
        cls,
        value: Value,
        digits: int | None = None,
        comma: bool = False,
        label: str = "",
        form: str = "",
        shape: bool = False,
    ) -> Self:
        """The key for a tuple of numbers; with ``digits``, every entry is a Decimal of that many decimals."""
        check_digits(value, digits)
        return cls(value=tuple(value), digits=digits, comma=comma, label=label, form=form, shape=shape)

    @property
    def right(self) -> tuple[Value, ...]:
        return self.value

    @property
    def within(self) -> Fraction:
        """The largest error of an entry that is still right."""
        return half_unit(self.digits)

    def read(self, text: str) -> Listed:
        found = after_label(_lists.scanned(text), self.label)
        if enclosed(found, ("{", "\\{")) is not None:
            raise Unreadable("not-a-vector", _lists.span_of(found))
        if self.shape:
            found = _sides(found)
        return _lists.first_fitting(found, self.comma, self._listed)

    def _listed(self, found: tuple[Token, ...]) -> Listed:
        stated = _lists.table(found, braces=False)
        cells = stated.cells()
        _lists.check_size(cells, len(self.value))
        trees = _lists.parsed_cells(cells, self.form, self.digits is None)
        if 1 not in stated.shape or len(cells) != len(self.value):
            raise Unreadable("wrong-length", _lists.span_of(found))
        values = _lists.evaluated_cells(trees, cells)
        return Listed(value=values, parsed=latex_vector(trees), trees=trees)

    def judge(self, reading: Reading) -> Verdict:
        found = _lists.hits(reading.value, self.value, self.within)
        return UNDECIDED if None in found else share(sum(map(bool, found)), len(self.value))

    def near(self, reading: Reading) -> tuple[str, ...]:
        if len(reading.value) != len(self.value):
            return ()
        if _lists.agree(reading.value, self.value[::-1], self.within):
            return ("reversed",)
        if _lists.are_permuted(reading.value, self.value, self.within):
            return ("permuted",)
        assert isinstance(reading, Listed)
        return _lists.common_slip(reading, reading.value, self.value, self.within, self.digits)

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return f"${latex_vector(value)}$"

    def notations(self, value: Value) -> list[str]:
        typed = [_lists.typed(entry, self.comma) for entry in value]
        lists = ["; ".join(typed), f"({'; '.join(typed)})", f"[{';'.join(typed)}]", "\n".join(typed)]
        column, wide = r" \\ ".join(typed), "；".join(typed)
        lists += [rf"\begin{{pmatrix}} {column} \end{{pmatrix}}", f"（{wide}）"]
        lists += [rf"\begin{{bmatrix}} {' & '.join(typed)} \end{{bmatrix}}^\top", f"[{' '.join(typed)}]'"]
        if not self.comma:
            commas = ", ".join(typed)
            lists += [f"({commas})", f"[{','.join(typed)}]", commas, f"⟨{commas}⟩", f"<{commas}>", f"({commas})^T"]
            lists += [rf"\left({commas}\right)^{{\top}}", f"（{'，'.join(typed)}）", f" ({commas}). "]
            lists += ["[" + ", ".join(f"[{entry}]" for entry in typed) + "]", f"${commas}$"]
        if self.shape:
            lists += [sign.join(typed) for sign in ("x", "×", " x ", "*", " by ", r" \times ")]
        if self.label:
            lists += [f"{self.label} = ({'; '.join(typed)})"]
        return lists

    def junk(self) -> list[str]:
        more = ["1"] * (len(self.value) + 1)
        texts = [f"({', '.join(more)})", f"({', '.join(more[1:])}, banana)", "{" + ", ".join(more[1:]) + "}", "()"]
        return [*super().junk(), *texts, f"({', '.join(more[1:])}", "(" + ", ".join(["1/0", *more[2:]]) + ")"]

    def wrong(self) -> list[str]:
        off = [_lists.off_by_little(entry, self.digits) for entry in self.value]
        first = (off[0], *self.value[1:])
        return [_written(entries, self.comma) for entries in (tuple(off), first)]

    def slips(self) -> Iterator[tuple[str, str]]:
        for off in _lists.each_off_by_little(self.value, self.digits):
            yield "off-by-one", _written(off, self.comma)
        for code, entries in (("sign-flipped", tuple(-entry for entry in self.value)), ("reversed", self.value[::-1])):
            if entries != self.value:
                yield code, _written(entries, self.comma)


def _written(entries: tuple[Exact, ...], comma: bool) -> str:
    return f"({'; '.join(_lists.typed(entry, comma) for entry in entries)})"


def _sides(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """The tokens of a shape, with commas for the crosses of ``3x4x5``, ``3 × 4 × 5`` and ``3 by 4``."""
    if any(_lists.is_sign(token, ",", ";") for token in found):
        is_tuple = len(found) > 2 and _lists.is_sign(found[-2], ",") and _lists.is_sign(found[-1], ")")
        return found[:-2] + found[-1:] if is_tuple else found  # (5,)
    return tuple(side for token in found for side in _sides_of(token))


def _sides_of(token: Token) -> tuple[Token, ...]:
    if _lists.is_sign(token, "*") or (token.kind == "name" and token.text in ("x", "X", "by")):
        return (token._replace(kind="op", text=","),)
    if token.kind != "name" or not _SIDES.fullmatch(token.text):
        return (token,)
    return tuple(
        Token("number" if part.isdecimal() else "op", part if part.isdecimal() else ",", *token.span)
        for part in _SIDE.findall(token.text)
    )
