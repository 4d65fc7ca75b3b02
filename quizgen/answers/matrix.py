"""A matrix of exact or rounded numbers; the share of right entries is credited."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain
from typing import Self

from quizgen.answers import _lists
from quizgen.answers._credit import UNDECIDED, WRONG, share
from quizgen.answers._lists import Exact, Listed, Table
from quizgen.answers._numeric import after_label, check_digits, half_unit
from quizgen.expr import latex_matrix
from quizgen.notation import Token, Unreadable
from quizgen.values import Key, Reading, Value, Verdict


class Matrix(Key, frozen=True, tag="matrix"):
    """``value``, a tuple of rows; with ``digits``, every entry within half a unit of the last of so many decimals.

    ``comma``, ``label`` and ``form`` are those of a vector.
    """

    online = ("cells", "choose")

    value: tuple[tuple[Value, ...], ...]
    digits: int | None = None
    comma: bool = False
    label: str = ""
    form: str = ""

    def __post_init__(self) -> None:
        if not self.value or not self.value[0] or len({len(row) for row in self.value}) != 1:
            raise _lists.refusal("expected at least one number, and equally many in every row")
        _lists.check_numbers(self._entries())

    @classmethod
    def of(cls, value: Value, digits: int | None = None, comma: bool = False, label: str = "", form: str = "") -> Self:
        """The key for a tuple of rows of numbers; with ``digits``, every entry is a Decimal of that many decimals."""
        rows = tuple(map(tuple, value))
        check_digits(tuple(chain.from_iterable(rows)), digits)
        return cls(value=rows, digits=digits, comma=comma, label=label, form=form)

    @property
    def right(self) -> tuple[tuple[Value, ...], ...]:
        return self.value

    @property
    def within(self) -> Fraction:
        """The largest error of an entry that is still right."""
        return half_unit(self.digits)

    def _entries(self) -> tuple[Exact, ...]:
        return tuple(chain.from_iterable(self.value))

    def read(self, text: str) -> Listed:
        found = after_label(_lists.scanned(text), self.label)
        return _lists.first_fitting(found, self.comma, self._listed)

    def _listed(self, found: tuple[Token, ...]) -> Listed:
        """The rows that are stated, as asked for or transposed. Raises Unreadable for any other shape."""
        stated = _lists.table(found, braces=True)
        _lists.check_size(stated.cells(), len(self._entries()))
        trees = _lists.parsed_cells(stated.cells(), self.form, self.digits is None)
        shape = (len(self.value), len(self.value[0]))
        if stated.turns and stated.shape == shape[::-1]:
            stated = Table(_rows(stated.cells(), shape[1]))
        if stated.shape not in (shape, shape[::-1]):
            raise Unreadable("wrong-shape", _lists.span_of(found))
        values = _lists.evaluated_cells(trees, stated.cells())
        width = stated.shape[1]
        shown = [trees[start : start + width] for start in range(0, len(trees), width)]
        return Listed(value=_rows(values, width), parsed=latex_matrix(shown), trees=trees)

    def judge(self, reading: Reading) -> Verdict:
        entries = self._entries()
        if len(reading.value) != len(self.value):
            return WRONG
        found = _lists.hits(tuple(chain.from_iterable(reading.value)), entries, self.within)
        return UNDECIDED if None in found else share(sum(map(bool, found)), len(entries))

    def near(self, reading: Reading) -> tuple[str, ...]:
        values = tuple(chain.from_iterable(reading.value))
        turned = tuple(chain.from_iterable(zip(*self.value, strict=True)))
        if len(reading.value) != len(self.value) or _lists.agree(values, turned, self.within):
            return ("transposed",)
        if len(values) != len(self._entries()):
            return ()
        assert isinstance(reading, Listed)
        return _lists.common_slip(reading, values, self._entries(), self.within, self.digits)

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return f"${latex_matrix(value)}$"

    def notations(self, value: Value) -> list[str]:
        typed = [[_lists.typed(entry, self.comma) for entry in row] for row in value]
        lists = [f"[{_joined(typed, ' ', '; ')}]", _joined(typed, " ", ";"), _joined(typed, " ", "\n")]
        cells = _joined(typed, " & ", r" \\ ")
        lists += [rf"\begin{{{name}}} {cells} \end{{{name}}}" for name in ("pmatrix", "bmatrix", "matrix")]
        lists.append(rf"\left[\begin{{array}}{{{'c' * len(value[0])}}}{cells}\end{{array}}\right]")
        if not self.comma:
            lists += [f"[[{_joined(typed, ', ', '], [')}]]", f"(({_joined(typed, ',', '),(')}))"]
            lists += [f"{{{{{_joined(typed, ',', '},{')}}}}}", f"[{_joined(typed, ',', '; ')}]"]
            lists += [
                f"[[{_joined(typed, ' ', ']' + chr(10) + ' [')}]]",
                f"np.array([[{_joined(typed, ', ', '],[')}]])",
            ]
            lists += [f"[[{_joined(typed, '，', ']，[')}]]", f"[{_joined(typed, ', ', '],[')}]"]
            lists += [_joined(typed, ", ", "; "), _joined(typed, ",", "\n")]
        if self.label:
            lists += [f"{self.label} = [{_joined(typed, ' ', '; ')}]"]
        return lists

    def junk(self) -> list[str]:
        height, width = len(self.value), len(self.value[0])
        larger = _joined([["1"] * (width + 1)] * (height + 1), ", ", "], [")
        named = _joined([["1"] * (width - 1) + ["banana"]] * height, ", ", "], [")
        texts = [f"[[{larger}]]", f"[[{named}]]", "[[1, 2], [3]]", "[[]]"]
        return [*super().junk(), *texts, f"[[{_joined([['1'] * width] * height, ', ', '], [')}]"]

    def wrong(self) -> list[str]:
        off = [[_lists.off_by_little(entry, self.digits) for entry in row] for row in self.value]
        return [_written(rows, self.comma) for rows in (off, [off[0], *self.value[1:]])]

    def slips(self) -> Iterator[tuple[str, str]]:
        entries, width = self._entries(), len(self.value[0])
        for off in _lists.each_off_by_little(entries, self.digits):
            yield "off-by-one", _written(_rows(off, width), self.comma)
        if any(entries):
            yield "sign-flipped", _written([[-entry for entry in row] for row in self.value], self.comma)
        turned = tuple(zip(*self.value, strict=True))
        if turned != self.value and len(turned) == len(self.value):
            yield "transposed", _written(turned, self.comma)


def _rows(entries: tuple[Value, ...], width: int) -> tuple[tuple[Value, ...], ...]:
    """Entries row by row."""
    return tuple(entries[start : start + width] for start in range(0, len(entries), width))


def _joined(typed: Value, between: str, after: str) -> str:
    return after.join(between.join(row) for row in typed)


def _written(rows: Value, comma: bool) -> str:
    return f"[{_joined([[_lists.typed(entry, comma) for entry in row] for row in rows], ' ', '; ')}]"
