"""A set of numbers; hits minus extras are credited."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Self

from quizgen.answers import _lists
from quizgen.answers._credit import RIGHT, UNDECIDED, share
from quizgen.answers._lists import Cell, Exact, Listed
from quizgen.answers._numeric import after_label, agrees, check_digits, half_unit, type_number
from quizgen.expr import latex, latex_number
from quizgen.notation import Token, Unreadable, enclosed, split
from quizgen.values import Key, Reading, Value, Verdict

_WORDS = str.maketrans("和与及", ",,,")
_JOINING = ("and", "or")


class Set(Key, frozen=True, tag="set"):
    """``value`` in rising order; neither the order of an answer matters nor what it names twice.

    With ``digits``, entries are right within half a unit of the last of so many decimals. ``label`` may stand before
    the set or before each entry.
    """

    online = ("set", "choose", "short")

    value: tuple[Value, ...]
    digits: int | None = None
    label: str = ""

    def __post_init__(self) -> None:
        _lists.check_numbers(self.value)

    @classmethod
    def of(cls, value: Value, digits: int | None = None, label: str = "") -> Self:
        """The key for numbers in any order; with ``digits``, every one is a Decimal of that many decimals."""
        check_digits(value, digits)
        return cls(value=tuple(sorted(set(value))), digits=digits, label=label)

    @property
    def right(self) -> tuple[Value, ...]:
        return self.value

    @property
    def within(self) -> Fraction:
        """The largest error of an entry that is still right."""
        return half_unit(self.digits)

    def read(self, text: str) -> Listed:
        found = self._after_label(_lists.scanned(text.translate(_WORDS)))
        cells = self._cells(found)
        _lists.check_size(cells, len(self.value))
        trees = _lists.parsed_cells(cells)
        values = dict(zip(trees, _lists.evaluated_cells(trees, cells), strict=True))
        distinct = {(value if isinstance(value, Fraction) else tree): tree for tree, value in values.items()}
        trees = tuple(dict.fromkeys(distinct.values()))
        shown = rf"\left\{{{', '.join(map(latex, trees))}\right\}}" if trees else r"\emptyset"
        return Listed(value=tuple(values[tree] for tree in trees), parsed=shown, trees=trees)

    def _after_label(self, found: tuple[Token, ...]) -> tuple[Token, ...]:
        if self.label and any(_lists.is_sign(token, "∈") for token in found):
            found = tuple(token._replace(text="=") if _lists.is_sign(token, "∈") else token for token in found)
        return after_label(found, self.label)

    def _cells(self, found: tuple[Token, ...]) -> list[Cell]:
        """The tokens of every entry; none for the empty set. Raises Unreadable."""
        if len(found) == 1 and _lists.is_sign(found[0], "∅"):
            return []
        inner = enclosed(found, ("{", "\\{"))
        if inner is not None and not inner:
            return []
        if not found:
            raise Unreadable("empty", (0, 0))
        if enclosed(found, ("(", "[")) is not None and len(split(found[1:-1], (",", ";"))) > 1:
            raise Unreadable("not-a-set", _lists.span_of(found))
        cells = _parts(found if inner is None else inner)
        if not all(cells):
            raise Unreadable("incomplete", _lists.span_of(found))
        if any(enclosed(cell, ("{", "\\{")) is not None for cell in cells):  # a set of sets
            raise Unreadable("not-a-set", _lists.span_of(found))
        return [after_label(cell, self.label) for cell in cells]

    def judge(self, reading: Reading) -> Verdict:
        key = tuple(dict.fromkeys(map(Fraction, self.value)))
        if any(agrees(value, entry, self.within) is None for value in reading.value for entry in key):
            return UNDECIDED
        hits = len(_lists.matched(reading.value, key, self.within))
        extras = len(reading.value) - hits
        return share(hits - extras, len(key)) if extras or key else RIGHT

    def near(self, reading: Reading) -> tuple[str, ...]:
        hits = len(_lists.matched(reading.value, self.value, self.within))
        if not hits:
            negative = tuple(-entry for entry in self.value)
            is_flipped = bool(self.value) and _lists.are_permuted(reading.value, negative, self.within)
            return ("sign-flipped",) if is_flipped else ()
        return ("missing",) * (hits < len(self.value)) + ("extra",) * (hits < len(reading.value))

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return rf"$\{{{', '.join(map(latex_number, sorted(value)))}\}}$" if value else r"$\emptyset$"

    def notations(self, value: Value) -> list[str]:
        if not value:
            return ["∅", "{}", "{ }", r"\emptyset", r"\varnothing", r"\{\}", r"\left\{\right\}", "｛｝"]
        typed = [type_number(entry) for entry in value]
        inner, backwards = ", ".join(typed), typed[::-1]
        sets = [f"{{{inner}}}", f"{{{','.join(backwards)}}}", rf"\{{{inner}\}}", rf"\left\{{{','.join(typed)}\right\}}"]
        sets += [inner, "; ".join(backwards), f"{{{inner}, {typed[0]}}}", f"｛{'，'.join(typed)}｝", "、".join(typed)]
        sets += [" and ".join(typed), f" {{{inner}}}. ", f"${inner}$", "\n".join(typed)]
        if self.label:
            each = ", ".join(f"{self.label} = {entry}" for entry in typed)
            sets += [f"{self.label} = {{{inner}}}", each, each.replace(", ", " or ")]
        return sets

    def junk(self) -> list[str]:
        return [*super().junk(), "{1, banana}", "{1, 2", "{1,, 2}", "{1, 2, ...}", "(1, 2)", "[1, 2]", "{1/0}", "1 2"]

    def wrong(self) -> list[str]:
        entries = self.value or (Fraction(0),)
        more = (*self.value, max(entries) + 2)
        return [_written(entries) for entries in (more, self.value[:-1], ()) if entries or self.value]

    def slips(self) -> Iterator[tuple[str, str]]:
        if self.value:
            yield "missing", _written(self.value[1:])
            yield "extra", _written((*self.value, _lists.off_by_little(max(self.value), self.digits)))


def _parts(found: tuple[Token, ...]) -> list[Cell]:
    """Entries between semicolons, commas or lines; commas between semicolons are decimal commas."""
    joined: list[Token] = []
    for token in _lists.with_braced_commas(_lists.trimmed(found)):
        if token.kind == "name" and token.text in _JOINING:
            if joined and _lists.is_sign(joined[-1], ","):  # the comma of ", and"
                joined.pop()
            token = token._replace(kind="op", text=",")
        joined.append(token)
    if any(_lists.is_sign(token, ";") for token in joined):
        return split(_lists.with_decimal_commas(joined), (";",))
    if any(_lists.is_sign(token, ",") for token in joined):
        return split([token for token in joined if token.kind != "newline"], (",",))
    return split(joined, ("\n",))


def _written(entries: tuple[Exact, ...]) -> str:
    return f"{{{', '.join(map(type_number, entries))}}}"
