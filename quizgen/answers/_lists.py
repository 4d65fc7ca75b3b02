r"""What vectors, matrices and sets share: the entries of what was typed, and their values.

A list is taken apart before its entries are read: by brackets, by ``&`` and ``\\``, by ``;`` and ``,``, by lines, and
by blanks only where nothing else separates. Everything makes a table; a vector is one of a single row or column.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from quizgen.answers._numeric import Evaluated, agrees, decimal_numeral, evaluated, integer_ratio, type_number
from quizgen.answers._slips import is_rounded, slips
from quizgen.expr import Node
from quizgen.notation import Token, Unreadable, enclosed, parse, same, split, tokens
from quizgen.notation.tokens import CLOSING, OPENING
from quizgen.notation.vocabulary import COMMON
from quizgen.values import Reading, Value

Exact: TypeAlias = int | Fraction | Decimal
Cell: TypeAlias = tuple[Token, ...]

MOST = 64
"""The most entries that are read, unless a quarter as many are asked for."""

_BRACKETS = ("(", "[", "⟨")
_BRACES = ("{", "\\{")
_WRAPPERS = ("array", "tensor", "matrix", "Matrix", "vector", "Vector", "c")  # np.array([1, 2])
_TRANSPOSES = ((("'",), ("⊤",)), (("^", "T"), ("^", "t"), ("^", "⊤")), (), (("^", "{", "T", "}"), ("^", "{", "t", "}")))
_BREAKS = (";", "\\\\")
_STARTING = frozenset(("(", "[", "\\{", "√", "∛", "∞", "⌊", "⌈", "⟨", "|"))
_ENDING = frozenset((")", "]", "}", "\\}", "⌋", "⌉", "⟩", "!", "∞"))
_WHOLE = re.compile(r"\d+", re.ASCII)
_DECIMALS = re.compile(r"\d+(?:e-?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_LEADING_ZERO = re.compile(r"0\d", re.ASCII)


class Entry(NamedTuple):
    """One number of a list: as it was typed, and its value."""

    tree: Node
    value: Evaluated


class Listed(Reading, frozen=True):
    """The numbers of a list; ``trees`` are the formulas that were typed for them."""

    trees: tuple[Node, ...] = ()


class Table(NamedTuple):
    """Rows of cells; ``turns`` says that one row might as well be meant as a column, or a column as a row."""

    rows: tuple[tuple[Cell, ...], ...]
    turns: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.rows), len(self.rows[0])

    def transposed(self) -> "Table":
        """The rows as columns."""
        return Table(tuple(zip(*self.rows, strict=True)))

    def cells(self) -> tuple[Cell, ...]:
        """All cells, row by row."""
        return tuple(cell for row in self.rows for cell in row)


# Tokens.


def scanned(text: str) -> tuple[Token, ...]:
    """The tokens of a list, without line breaks around it and a full stop behind it."""
    shown = same(text).rstrip(" \n")
    if shown.endswith(".") and not shown.endswith("..."):
        text = text[: len(shown) - 1]
    return trimmed(tokens(text))


def trimmed(found: Sequence[Token]) -> tuple[Token, ...]:
    """``found`` without line breaks at its ends."""
    kept = [place for place, token in enumerate(found) if token.kind != "newline"]
    return tuple(found[kept[0] : kept[-1] + 1]) if kept else ()


def span_of(found: Sequence[Token]) -> tuple[int, int]:
    """The place of some tokens in what was typed."""
    return (found[0].start, found[-1].end) if found else (0, 0)


def is_sign(token: Token, *signs: str) -> bool:
    """Whether a token is one of some signs."""
    return token.kind == "op" and token.text in signs


def _step(token: Token) -> int:
    """How many brackets a token opens, less those that it closes."""
    if token.kind == "op":
        return (token.text in OPENING) - (token.text in CLOSING)
    return (token.kind == "begin") - (token.kind == "end")


def _touch(left: Token, right: Token) -> bool:
    return left.end == right.start


def with_decimal_commas(found: Sequence[Token], asked: bool = False) -> tuple[Token, ...]:
    """The tokens with every ``0,5`` as one numeral; ``asked`` if the key says that commas are decimal signs.

    A comma in a row of several, ``1,2,3``, is none. Raises Unreadable("ambiguous-comma") for ``1,234`` unless asked,
    and for ``1.234`` if asked.
    """
    joined: list[Token] = []
    place = 0
    while place < len(found):
        token = found[place]
        if asked and token.kind == "number" and _THOUSANDS.fullmatch(token.text):
            raise Unreadable("ambiguous-comma", token.span)
        if is_decimal_comma(found, place + 1):
            token = _joined(token, found[place + 2], asked)
            place += 2
        joined.append(token)
        place += 1
    return tuple(joined)


def is_decimal_comma(found: Sequence[Token], place: int) -> bool:
    """Whether a comma stands at ``place`` between two numerals that touch it, and no other one around them."""
    if not _is_list_comma(found, place) or _is_list_comma(found, place - 2) or _is_list_comma(found, place + 2):
        return False
    return _are_decimal(found[place - 1], found[place + 1])


def _are_decimal(left: Token, right: Token) -> bool:
    """Whether two tokens can stand before and behind a decimal sign."""
    return bool(_WHOLE.fullmatch(left.text) and _DECIMALS.fullmatch(right.text))


def _is_list_comma(found: Sequence[Token], place: int) -> bool:
    """Whether a comma stands at ``place`` that touches a numeral on either side."""
    if not 0 < place < len(found) - 1 or not is_sign(found[place], ","):
        return False
    left, comma, right = found[place - 1 : place + 2]
    return left.kind == right.kind == "number" and _touch(left, comma) and _touch(comma, right)


def _joined(left: Token, right: Token, asked: bool) -> Token:
    if not asked and _THOUSANDS.fullmatch(f"{left.text},{right.text}"):
        raise Unreadable("ambiguous-comma", (left.start, right.end))
    return Token("number", f"{left.text}.{right.text}", left.start, right.end, left.spaced)


def with_braced_commas(found: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with ``0{,}5``, which LaTeX sets without a gap, as ``0,5`` in one numeral."""
    joined = list(found)
    for place in range(len(found) - 5, -1, -1):
        if place + 5 > len(joined):
            continue
        left, opening, comma, closing, right = joined[place : place + 5]
        is_braced = is_sign(opening, "{") and is_sign(comma, ",") and is_sign(closing, "}")
        if is_braced and _touch(left, opening) and _touch(closing, right) and _are_decimal(left, right):
            joined[place : place + 5] = [_joined(left, right, asked=False)]
    return tuple(joined)


# Tables.


def comma_readings(found: Sequence[Token], asked: bool) -> Iterator[tuple[Token, ...]]:
    """The ways in which the commas of a list may be meant, the likeliest first.

    Without the option, they may be decimal signs only where something else separates the entries.
    """
    found = with_braced_commas(found)
    if asked:
        yield with_decimal_commas(found, asked=True)
    yield found
    separates = any(token.kind == "newline" or is_sign(token, "&", *_BREAKS) for token in found)
    if separates and not asked and any(is_decimal_comma(found, place) for place in range(len(found))):
        yield with_decimal_commas(found)


def first_fitting(found: Sequence[Token], asked: bool, read: Callable[[tuple[Token, ...]], Listed]) -> Listed:
    """What ``read`` makes of the first meaning of the commas that it can read. Raises Unreadable."""
    complaint: Unreadable | None = None
    for meaning in comma_readings(found, asked):
        try:
            return read(meaning)
        except Unreadable as error:
            complaint = complaint or error
    assert complaint  # there is at least one meaning
    raise complaint


def table(found: Sequence[Token], braces: bool) -> Table:
    """The table that some tokens state; ``braces`` if rows and tables may stand in them. Raises Unreadable."""
    found = _unwrapped(trimmed(found))
    if not found:
        raise Unreadable("empty", (0, 0))
    found, turned = _untransposed(found)
    found = _unwrapped(found)
    stated = _table(found, (*_BRACKETS, *_BRACES) if braces else _BRACKETS)
    width = len(stated.rows[0])
    for row in stated.rows:
        if len(row) != width:
            raise Unreadable("ragged", span_of([token for cell in row for token in cell] or found))
    if not all(stated.cells()):
        raise Unreadable("incomplete", span_of(found))
    return stated.transposed() if turned else stated


def _unwrapped(found: Sequence[Token]) -> tuple[Token, ...]:
    """Without the name of what makes an array in a program: ``np.array([1, 2])``."""
    if len(found) > 2 and found[0].kind == "name" and found[0].text in _WRAPPERS:
        inner = enclosed(found[1:], ("(",))
        if inner is not None:
            return tuple(found[1:]) if found[0].text == "c" else inner
    return tuple(found)


def _untransposed(found: Sequence[Token]) -> tuple[tuple[Token, ...], bool]:
    """Without a sign of transposition behind the brackets, and whether there was one."""
    for length in (4, 2, 1):
        last = tuple(token.text for token in found[-length:])
        closes = len(found) > length and (found[-length - 1].kind == "end" or found[-length - 1].text in _ENDING)
        if closes and last in (*_TRANSPOSES[length - 1], ("^", "{", "⊤", "}")):
            return tuple(found[:-length]), True
    return tuple(found), False


def _table(found: tuple[Token, ...], pairs: Sequence[str]) -> Table:
    inner = _within(found, pairs)
    content = trimmed(found if inner is None else inner)
    if not content:
        raise Unreadable("empty", span_of(found))
    if content[0].kind == "begin" and content[-1].kind == "end":
        if content[0].text in ("vmatrix", "Vmatrix"):  # a determinant, a norm
            raise Unreadable("not-a-matrix", span_of(found))
        content = content[1:-1]
        return Table(_flat_rows([token for token in content if token.kind != "newline"]))
    groups = _groups(content, pairs)
    if groups is not None:
        rows = tuple(_cells([token for token in group if token.kind != "newline"]) for group in groups)
        return Table(rows, turns=content[0].text == "(" and all(len(row) == 1 for row in rows))
    rows = _flat_rows(content)
    return Table(rows, turns=len(rows) == 1 or found[0].text != "[")


def _within(found: tuple[Token, ...], pairs: Sequence[str]) -> tuple[Token, ...] | None:
    """What stands within brackets around everything."""
    if len(found) > 2 and is_sign(found[0], "<") and is_sign(found[-1], ">"):
        return found[1:-1]
    return enclosed(found, pairs)


def _groups(found: tuple[Token, ...], pairs: Sequence[str]) -> list[tuple[Token, ...]] | None:
    """The contents of the brackets that ``found`` consists of; None if it is anything else."""
    parts = [trimmed(part) for part in split(found, (",", ";", "\n"))]
    if not any(parts):
        return None
    pieces = [piece for part in parts if part for piece in ([part] if enclosed(part, pairs) else _by_blanks(part))]
    inner = [enclosed(piece, pairs) for piece in pieces]
    return None if None in inner else [group for group in inner if group is not None]


def _flat_rows(found: Sequence[Token]) -> tuple[tuple[Cell, ...], ...]:
    r"""Rows that ``;``, ``\\`` or line breaks end. A line that ends with a comma goes on."""
    kept = [
        token
        for before, token in pairwise((None, *found))
        if token is not None and not (token.kind == "newline" and before is not None and is_sign(before, ",", "&"))
    ]
    parts = split(kept, _BREAKS)
    if len(parts) == 1:
        parts = [part for part in split(kept, ("\n",)) if part]
    elif not trimmed(parts[-1]):
        del parts[-1]
    return tuple(_cells([token for token in part if token.kind != "newline"]) for part in parts)


def _cells(row: Sequence[Token]) -> tuple[Cell, ...]:
    """The cells of one row."""
    for sign in ("&", ";", ","):
        cells = split(row, (sign,))
        if len(cells) > 1:
            return tuple(cells[:-1] if sign == "," and not cells[-1] and len(cells) > 2 else cells)
    return tuple(_by_blanks(row))


def _by_blanks(row: Sequence[Token]) -> list[Cell]:
    """Cells with only blanks between them: a sign after a blank and before none belongs to what follows."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for place, token in enumerate(row):
        if depth == 0 and _begins(row, place):
            parts.append([])
        parts[-1].append(token)
        depth += _step(token)
    return [tuple(part) for part in parts]


def _begins(row: Sequence[Token], place: int) -> bool:
    """Whether a new cell begins with the token at ``place``, which stands outside of all brackets."""
    token = row[place]
    if place == 0 or not token.spaced or not _is_end(row[place - 1]):
        return False
    if is_sign(token, "+", "-"):
        following = row[place + 1 : place + 2]
        return bool(following) and not following[0].spaced and _is_start(following[0])
    if token.kind == "number" and row[place - 1].kind == "number" and _LEADING_ZERO.match(token.text):
        raise Unreadable("adjacent-numbers", (row[place - 1].start, token.end))  # 1 000 is not 1 and 0
    return _is_start(token)


def _is_start(token: Token) -> bool:
    return token.kind in ("number", "name", "command", "begin") or (token.kind == "op" and token.text in _STARTING)


def _is_end(token: Token) -> bool:
    if token.kind == "name":
        return token.text not in COMMON or COMMON[token.text].role == "constant"
    return token.kind in ("number", "end") or (token.kind == "op" and token.text in _ENDING)


# Entries.


def check_size(cells: Sequence[Cell], asked: int) -> None:
    """Raises Unreadable("too-complex") for far more cells than were asked for."""
    most = max(MOST, 4 * asked)
    if len(cells) > most:
        raise Unreadable("too-complex", span_of([token for cell in cells[most:] for token in cell]))


def parsed_cells(cells: Sequence[Cell], form: str = "", ratios: bool = True) -> tuple[Node, ...]:
    """The formulas of some cells. Raises Unreadable("give-the-value") for what the form ``numeral`` refuses."""
    trees = []
    for cell in cells:
        tree = parse(cell)
        worked_out = decimal_numeral(tree) is not None or (ratios and integer_ratio(tree) is not None)
        if form == "numeral" and not worked_out:
            raise Unreadable("give-the-value", span_of(cell))
        trees.append(tree)
    return tuple(trees)


def evaluated_cells(trees: Sequence[Node], cells: Sequence[Cell]) -> tuple[Evaluated, ...]:
    """The values of some formulas; the same ones for what was typed twice. Raises Unreadable("not-a-number")."""
    known: dict[Node, Evaluated] = {}
    for tree, cell in zip(trees, cells, strict=True):
        if tree not in known:
            known[tree] = evaluated(tree, span_of(cell))
    return tuple(known[tree] for tree in trees)


def refusal(message: str) -> TypeError:
    """What is raised for a key of which the value cannot be one, with the place as msgspec states it."""
    return TypeError(f"{message} - at `$.value`")


def check_numbers(entries: Sequence[Value]) -> None:
    """Raises TypeError for entries of a key that are no exact numbers."""
    for entry in entries:
        if isinstance(entry, tuple | list):
            raise refusal("expected numbers, got lists")
        if isinstance(entry, bool) or not isinstance(entry, int | Fraction | Decimal):
            raise refusal(f"expected numbers, got {entry!r}")


def hits(values: Sequence[Evaluated], key: Sequence[Exact], tolerated: Fraction) -> list[bool | None]:
    """Entry by entry, whether two lists agree (None: undecided); nothing does if their lengths differ."""
    if len(values) != len(key):
        return [False] * len(key)
    return [agrees(value, Fraction(entry), tolerated) for value, entry in zip(values, key, strict=True)]


def agree(values: Sequence[Evaluated], key: Sequence[Exact], tolerated: Fraction) -> bool:
    """Whether two lists agree in every entry."""
    return len(values) == len(key) and all(hits(values, key, tolerated))


def are_permuted(values: Sequence[Evaluated], key: Sequence[Exact], tolerated: Fraction) -> bool:
    """Whether two lists agree when their order is left out of account."""
    return len(values) == len(key) and len(matched(values, key, tolerated)) == len(key)


def matched(values: Sequence[Evaluated], key: Sequence[Exact], tolerated: Fraction) -> dict[int, int]:
    """Places of values to places of the entries of the key that they agree with, one to one."""
    free = {at: Fraction(entry) for at, entry in enumerate(key)}
    pairs: dict[int, int] = {}
    for place, value in enumerate(values):
        mate = next((at for at, entry in free.items() if agrees(value, entry, tolerated)), None)
        if mate is not None:
            pairs[place] = mate
            del free[mate]
    return pairs


def common_slip(
    reading: Listed, values: Sequence[Evaluated], key: Sequence[Exact], tolerated: Fraction, digits: int | None
) -> tuple[str, ...]:
    """The one slip that makes every wrong entry out of the right one; nothing if there is none."""
    common: list[str] | None = None
    for value, tree, exact in zip(values, reading.trees, key, strict=True):
        entry = Fraction(exact)
        if agrees(value, entry, tolerated):
            continue
        numeral = decimal_numeral(tree)
        codes = ["too-few-digits"] if numeral is not None and is_rounded(numeral, entry) else []
        codes += _slips_to(value, entry, tolerated, digits)
        common = [code for code in (codes if common is None else common) if code in codes]
        if not common:
            return ()
    return tuple(common[:1]) if common else ()


def _slips_to(value: Evaluated, entry: Fraction, tolerated: Fraction, digits: int | None) -> Iterator[str]:
    for slip in slips(entry, digits):
        tells = not tolerated or min(abs(slip.value), abs(slip.value - entry)) > tolerated
        if tells and agrees(value, slip.value, tolerated * max(slip.slope, Fraction(1))):
            yield slip.code


def off_by_little(entry: Exact, digits: int | None) -> Exact:
    """The entry with one unit of its last digit more: never right, however it is compared."""
    if digits is None:
        return entry + 1
    unit = Decimal(1).scaleb(-digits)
    return entry + Fraction(unit) if isinstance(entry, Fraction) else entry + unit


def each_off_by_little(entries: Sequence[Exact], digits: int | None) -> Iterator[tuple[Exact, ...]]:
    """The entries with one of them off by little, for every one of them."""
    for place, entry in enumerate(entries):
        yield (*entries[:place], off_by_little(entry, digits), *entries[place + 1 :])


def typed(entry: Exact, comma: bool = False) -> str:
    """An entry as it is typed, with the decimal sign of the locale."""
    return type_number(entry).replace(".", ",") if comma else type_number(entry)
