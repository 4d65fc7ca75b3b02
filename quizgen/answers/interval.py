r"""A set of real numbers made of intervals, however it is stated: brackets, inequalities, ``R``, ``{0}``, ``∅``.

The grammar, from loose to tight: ``,`` (between sets a union, between conditions an "and"); ``∪``, "or"; ``∩``, "and";
``∖``; and one piece: a pair of brackets, a set in braces, a chain of inequalities.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, Self

from quizgen.answers import _lists
from quizgen.answers._credit import RIGHT, WRONG
from quizgen.answers._lists import is_sign, span_of
from quizgen.answers._pieces import (
    EVERYTHING,
    End,
    Piece,
    Pieces,
    are_equal,
    compare,
    complement,
    end,
    have_same_ends,
    is_empty,
    latex_pieces,
    meet,
    mirrored,
    normal,
    opposite,
    ordered,
    point,
)
from quizgen.expr import latex
from quizgen.notation import Token, Unreadable, parse, split
from quizgen.notation.vocabulary import flat, spelled
from quizgen.values import Key, Reading, Value, Verdict

MOST = 64
"""The most pieces that an answer may consist of."""
DEPTH = 20
"""The most brackets within brackets."""

_RELATIONS = ("<", ">", "≤", "≥", "=", "≠")
_JOINING = {"∪": "or", "∨": "or", "||": "or", "∩": "and", "∧": "and", "&": "and"}
_WORDS = {"U": "or", "or": "or", "OR": "or", "Or": "or", "and": "and", "AND": "and", "And": "and"}
_SIGNS = str.maketrans("或∨且与∧", "∪∪&&&")
_SETMINUS = re.compile(r"([Rℝ)\]}][ ]{0,9})\\([ ]{0,9}[\[({])")
r"""``R \ {0}``: a backslash between two sets that is not LaTeX's."""


class Interval(Key, frozen=True, tag="interval"):
    """``value`` is text such as ``[0, 1) ∪ (2, ∞)``; ``label`` the name of the number in inequalities, ``0 < x``.

    End points right and a bracket wrong is half right; so is an infinite end that is said to belong to the set.
    """

    worded = True
    online = ("interval", "choose", "short")

    value: str
    label: str = ""

    def __post_init__(self) -> None:
        try:
            self.pieces(self.value)
        except Unreadable as error:
            raise TypeError(f"{self.value!r} cannot be read as an interval: {error.code}") from error

    @classmethod
    def of(cls, value: Value, label: str = "") -> Self:
        """The key for a set in quizgen's notation."""
        if not isinstance(value, str):
            raise TypeError(f"expected text such as '[0, 1) ∪ (2, ∞)', got {value!r}")
        return cls(value=value, label=label)

    @property
    def right(self) -> str:
        return self.value

    def pieces(self, text: str) -> Pieces:
        """The pieces that ``text`` states, as they are typed. Raises Unreadable."""
        found = _scanned(text)
        if not found:
            raise Unreadable("empty", (0, len(text)))
        return _Parser(found, spelled(self.label).replace("_", "") if self.label else "").everything()

    def read(self, text: str) -> Reading:
        pieces = self.pieces(text)
        lone = [piece for piece in pieces if piece.low is piece.high]
        if len(lone) == len(pieces) > 1 and any(piece.low is not piece.high for piece in self.pieces(self.value)):
            raise Unreadable("not-an-interval", (0, len(text)))  # {0, 1} for [0, 1]
        return Reading(value=pieces, parsed=latex_pieces(pieces))

    def judge(self, reading: Reading) -> Verdict:
        key = normal(self.pieces(self.value))
        if are_equal(normal(reading.value), key):
            return RIGHT
        if key and (have_same_ends(ordered(reading.value), key) or have_same_ends(normal(reading.value), key)):
            return Verdict(verdict="partial", credit=Fraction(1, 2), notes=("bracket",))
        return WRONG

    def near(self, reading: Reading) -> tuple[str, ...]:
        try:
            return self._near(reading.value)
        except Unreadable:  # two ends that cannot be told apart
            return ()

    def _near(self, pieces: Pieces) -> tuple[str, ...]:
        key, stated = normal(self.pieces(self.value)), normal(pieces)
        if have_same_ends(stated, key):
            return ()
        if are_equal(complement(stated), key):
            return ("complement",)
        if stated and are_equal(normal(mirrored(stated)), key):
            return ("sign-flipped",)
        if stated and len(stated) < len(key) and all(_is_among(piece, key) for piece in stated):
            return ("missing",)
        return ("extra",) if key and len(stated) > len(key) and all(_is_among(piece, stated) for piece in key) else ()

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return f"${latex_pieces(self.pieces(value))}$"

    def notations(self, value: Value) -> list[str]:
        pieces = normal(self.pieces(value))
        if not pieces:
            return [value, "∅", "{}", r"\emptyset", r"\varnothing"]
        shown = latex_pieces(pieces)
        typed = [value, shown, f"${shown}$", f" {value}. ", *_bracketed(pieces)]
        if are_equal(pieces, EVERYTHING):
            typed += ["R", "ℝ", r"\mathbb{R}", "(-inf, inf)", r"\left(-\infty, \infty\right)"]
        return [*typed, *_conditions(pieces, self.label)] if self.label else typed

    def junk(self) -> list[str]:
        texts = [
            "[0, 1",
            "0, 1)",
            "[0, 1, 2]",
            "[, 1]",
            "[0, )",
            "[1, 0]",
            "(1, 1)",
            "[a, 1]",
            "[0]",
            "0 1",
            "x >",
            "(0 < )",
        ]
        return [*super().junk(), *texts, *([] if self.label == "x" else ["x > 0", "0 < x < 1"])]

    def wrong(self) -> list[str]:
        return [text for _, text in self.slips()]

    def slips(self) -> Iterator[tuple[str, str]]:
        key = normal(self.pieces(self.value))
        for code, pieces in (("complement", complement(key)), ("sign-flipped", normal(mirrored(key)))):
            if not are_equal(pieces, key):
                yield code, latex_pieces(pieces)
        for place, piece in enumerate(key):
            for turned in _with_a_bracket_turned(piece):
                yield "bracket", latex_pieces((*key[:place], turned, *key[place + 1 :]))


def _is_among(piece: Piece, pieces: Pieces) -> bool:
    return any(are_equal((piece,), (other,)) for other in pieces)


def _with_a_bracket_turned(piece: Piece) -> Iterator[Piece]:
    if piece.low is piece.high:
        return
    if not piece.low.infinite:
        yield piece._replace(closed_low=not piece.closed_low)
    if not piece.high.infinite:
        yield piece._replace(closed_high=not piece.closed_high)


# Ways to type pieces.


def _bracketed(pieces: Pieces) -> Iterator[str]:
    """Pieces in brackets of several kinds."""
    plain = [_in_brackets(piece) for piece in pieces]
    for union in (" ∪ ", "U", " or ", r" \cup ", " 或 "):
        yield union.join(plain)
    yield " ∪ ".join(reversed(plain))
    yield " U ".join(text.replace(", ", ";").replace(r"\infty", "inf") for text in plain)
    yield " ∪ ".join(text.replace(r"\infty", "∞") for text in plain)
    yield "，".join(text.replace(", ", "，") for text in plain)
    yield " ∪ ".join(_in_french_brackets(piece) for piece in pieces)


def _in_brackets(piece: Piece) -> str:
    if piece.low is piece.high:
        return f"{{{latex(piece.low.tree)}}}"
    opening, closing = "[" if piece.closed_low else "(", "]" if piece.closed_high else ")"
    return f"{opening}{latex(piece.low.tree)}, {latex(piece.high.tree)}{closing}"


def _in_french_brackets(piece: Piece) -> str:
    text = _in_brackets(piece)
    if piece.low is piece.high:
        return text
    return ("[" if piece.closed_low else "]") + text[1:-1] + ("]" if piece.closed_high else "[")


def _conditions(pieces: Pieces, label: str) -> Iterator[str]:
    """Pieces as inequalities and as what a number is in."""
    inner = [_condition(piece, label) for piece in pieces]
    yield " or ".join(inner)
    yield " ∨ ".join(inner).replace("≤", "<=").replace("∨", "||")
    yield f"{label} ∈ " + " ∪ ".join(map(_in_brackets, pieces))
    yield f"{{{label} | {' or '.join(inner)}}}"
    yield rf"\{{{label} : {' or '.join(inner)}\}}"


def _condition(piece: Piece, label: str) -> str:
    low, high = latex(piece.low.tree), latex(piece.high.tree)
    if piece.low is piece.high:
        return f"{label} = {low}"
    if piece.low.infinite:
        return f"{label} {'≤' if piece.closed_high else '<'} {high}"
    if piece.high.infinite:
        return f"{label} {'≥' if piece.closed_low else '>'} {low}"
    return f"{low} {'≤' if piece.closed_low else '<'} {label} {'≤' if piece.closed_high else '<'} {high}"


# Reading.


class Part(NamedTuple):
    """Some pieces, and whether they are stated as a condition on a number."""

    pieces: Pieces
    is_condition: bool


def _scanned(text: str) -> tuple[Token, ...]:
    """The tokens of an answer, LaTeX's braces around sets as plain ones."""
    shown = text.translate(_SIGNS)
    shown = _SETMINUS.sub(r"\1∖\2", shown)
    found = (token for token in _lists.scanned(shown) if token.kind != "newline")
    return tuple(_in_one_spelling(token) for token in found)


def _in_one_spelling(token: Token) -> Token:
    if is_sign(token, "\\{", "\\}"):
        return token._replace(text=token.text[1:])
    return token._replace(kind="op", text="∞") if token.kind == "name" and token.text == "oo" else token


class _Parser:
    """Reads one answer; ``label`` is the normal form of the name that inequalities may have, if they may have one."""

    def __init__(self, found: Sequence[Token], label: str, depth: int = 0) -> None:
        self.found = tuple(found)
        self.label = label
        self.depth = depth
        self.place = 0
        if depth > DEPTH:
            raise Unreadable("too-deep", span_of(self.found))

    def everything(self) -> Pieces:
        """All the pieces that are stated."""
        part = self.between_commas()
        if self.place < len(self.found):
            raise self.unexpected()
        self.check_size(part.pieces)
        return part.pieces

    def check_size(self, things: Sequence[object]) -> None:
        if len(things) > MOST:
            raise Unreadable("too-complex", span_of(self.found))

    def now(self) -> Token | None:
        return self.found[self.place] if self.place < len(self.found) else None

    def unexpected(self) -> Unreadable:
        token = self.now()
        if token is None:
            last = self.found[-1].end if self.found else 0
            return Unreadable("incomplete", (last, last))
        return Unreadable("unbalanced" if is_sign(token, ")", "]", "}") else "unexpected-sign", token.span)

    # Levels, from loose to tight.

    def between_commas(self) -> Part:
        """Parts between commas."""
        parts = [self.union()]
        while self.took_sign(",", ";"):
            parts.append(self.union())
        if len(parts) == 1:
            return parts[0]
        if not any(part.is_condition for part in parts):
            return _united(parts)
        common = _intersected(parts)
        if not common.pieces:  # x < 0, x > 1
            raise Unreadable("ambiguous-comma", span_of(self.found))
        return common

    def union(self) -> Part:
        parts = [self.intersection()]
        while self.took_joining("or"):
            parts.append(self.intersection())
            self.check_size(parts)
        return parts[0] if len(parts) == 1 else _united(parts)

    def intersection(self) -> Part:
        parts = [self.difference()]
        while self.took_joining("and"):
            parts.append(self.difference())
            self.check_size(parts)
        if len(parts) == 1:
            return parts[0]
        common = _intersected(parts)
        if not common.pieces and not any(part.is_condition for part in parts):  # "or" is meant by "[0, 1] and [2, 3]"
            raise Unreadable("empty-interval", span_of(self.found))
        return common

    def difference(self) -> Part:
        part = self.piece()
        while self.took_sign("∖", "-"):
            part = Part(meet(part.pieces, complement(self.piece().pieces)), part.is_condition)
            self.check_size(part.pieces)
        return part

    def took_sign(self, *signs: str) -> bool:
        token = self.now()
        if token is None or not is_sign(token, *signs):
            return False
        self.place += 1
        return True

    def took_joining(self, kind: str) -> bool:
        token = self.now()
        if token is None or self.joining(token) != kind:
            return False
        self.place += 1
        return True

    def joining(self, token: Token) -> str:
        """Whether a token is an "or" or an "and"; empty for any other."""
        if token.kind == "name":
            return "" if self.is_label((token,)) else _WORDS.get(token.text, "")
        return _JOINING.get(token.text, "") if token.kind == "op" else ""

    # Pieces.

    def piece(self) -> Part:
        token = self.now()
        if token is None:
            raise self.unexpected()
        if is_sign(token, "∅"):
            self.place += 1
            return Part((), False)
        if is_sign(token, "ℝ") or (token.kind == "name" and token.text == "R" and not self.is_label((token,))):
            self.place += 1
            return Part(EVERYTHING, False)
        if is_sign(token, "{"):
            return Part(self.braces(), False)
        membership = self.membership()
        if membership:
            return Part(self.deeper(self.place + membership), True)
        if is_sign(token, "(", "[", "]"):
            return self.brackets()
        return Part(self.condition(), True)

    def membership(self) -> int:
        """How many tokens say that the number is in what follows: ``x ∈``, ``x in``, ``x =`` before a set."""
        if not self.label:
            return 0
        for length in range(1, min(6, len(self.found) - self.place)):
            sign = self.found[self.place + length]
            is_in = is_sign(sign, "∈") or (sign.kind == "name" and sign.text == "in")
            if is_in or (is_sign(sign, "=", ":") and self.begins_set(self.place + length + 1)):
                return length + 1 if self.is_label(self.found[self.place : self.place + length]) else 0
        return 0

    def deeper(self, start: int) -> Pieces:
        """The union that begins at ``start``, within what is being read. Raises Unreadable("too-deep")."""
        self.place = start
        self.depth += 1
        if self.depth > DEPTH:
            raise Unreadable("too-deep", span_of(self.found))
        pieces = self.union().pieces
        self.depth -= 1
        return pieces

    def begins_set(self, place: int) -> bool:
        return place < len(self.found) and is_sign(self.found[place], "[", "]", "(", "{", "∅", "ℝ")

    def is_label(self, found: Sequence[Token]) -> bool:
        """Whether some tokens are the name of the number."""
        if not self.label or not found or found[0].kind != "name":
            return False
        return flat(token.text for token in found) == self.label

    def brackets(self) -> Part:
        """An interval; else a condition that begins with a bracket, or a union in round brackets."""
        opened, start = self.found[self.place], self.place
        stop, commas = self.closing(start)
        if commas and stop is not None:
            try:
                piece = self.interval(start, commas, stop)
            except Unreadable:
                if not is_sign(opened, "("):
                    raise
                inner = self.group(start)
                if inner is None:
                    raise
                return inner
            self.place = stop + 1
            return Part((piece,), False)
        if self.is_condition():
            return Part(self.condition(), True)
        inner = self.group(start) if is_sign(opened, "(") else None
        if inner is None:
            raise Unreadable("unbalanced" if stop is None else "not-an-interval", (opened.start, self.found[-1].end))
        return inner

    def closing(self, start: int) -> tuple[int | None, list[int]]:
        """Where the bracket at ``start`` is closed, by whatever closes an interval, and the separators in between."""
        depth = 0
        commas: list[int] = []
        for place in range(start + 1, len(self.found)):
            token = self.found[place]
            before = self.found[place - 1]
            if depth == 0 and is_sign(token, ",", ";"):
                commas.append(place)
            elif is_sign(token, "(", "{") or (is_sign(token, "[") and (depth or before.kind == "command")):
                depth += 1
            elif depth == 0 and is_sign(token, ")", "]", "["):
                return place, commas
            elif is_sign(token, ")", "}", "]"):
                depth -= 1
        return None, commas

    def interval(self, start: int, commas: Sequence[int], stop: int) -> Piece:
        inner = _lists.with_braced_commas(self.found[start + 1 : stop])
        if any(is_sign(self.found[place], ";") for place in commas):
            inner = _lists.with_decimal_commas(inner)
            parts = split(inner, (";",))
        else:
            parts = split(inner, (",",))
        opening, closing = self.found[start], self.found[stop]
        if len(parts) != 2:
            raise Unreadable("not-an-interval", (opening.start, closing.end))
        low, high = (_end(part, (opening.start, closing.end)) for part in parts)
        piece = Piece(low, high, is_sign(opening, "["), is_sign(closing, "]"))
        if is_empty(piece):
            raise Unreadable("empty-interval", (opening.start, closing.end))
        return point(low) if piece.closed_low and piece.closed_high and _are_one(low, high) else piece

    def group(self, start: int) -> Part | None:
        """What is stated within the round brackets that open at ``start``; None if they are not closed."""
        inner = self.enclosed(start)
        if inner is None:
            return None
        parser = _Parser(inner, self.label, self.depth + 1)
        part = parser.between_commas()
        if parser.now() is not None:
            raise parser.unexpected()
        self.place = start + len(inner) + 2
        return part

    def enclosed(self, start: int) -> tuple[Token, ...] | None:
        """The tokens between a bracket and its partner, brackets of other kinds left out of account."""
        opening = self.found[start].text
        partner = {"(": ")", "{": "}"}[opening]
        depth = 0
        for place in range(start, len(self.found)):
            depth += is_sign(self.found[place], opening) - is_sign(self.found[place], partner)
            if depth == 0:
                return self.found[start + 1 : place]
        return None

    def braces(self) -> Pieces:
        """``{}``, ``{1, 2}`` or ``{x : 0 < x < 1}``."""
        opened = self.found[self.place]
        inner = self.enclosed(self.place)
        if inner is None:
            raise Unreadable("unbalanced", opened.span)
        self.place += len(inner) + 2
        if not inner:
            return ()
        for place, token in enumerate(inner):
            if is_sign(token, ":", "|") and place:
                return self.built(inner[:place], inner[place + 1 :])
        semicolons = any(is_sign(token, ";") for token in inner)
        if any(is_sign(token, *_RELATIONS) for token in inner):
            return _Parser(inner, self.label, self.depth + 1).everything()
        cells = split(_lists.with_decimal_commas(inner), (";",)) if semicolons else split(inner, (",",))
        self.check_size(cells)
        ends = [_end(cell, span_of(inner)) for cell in cells]
        if any(single.infinite for single in ends):
            raise Unreadable("not-a-number", span_of(inner))
        return tuple(map(point, ends))

    def built(self, named: tuple[Token, ...], condition: tuple[Token, ...]) -> Pieces:
        """``{x ∈ R | x > 0}``, with a name of its own for the number."""
        place = next((at for at, token in enumerate(named) if is_sign(token, "∈") or token.text == "in"), len(named))
        if not named or named[0].kind != "name":
            raise Unreadable("unexpected-sign", span_of(named or condition))
        label = flat(token.text for token in named[:place])
        domain = EVERYTHING
        if place < len(named):
            domain = _Parser(named[place + 1 :], label, self.depth + 1).everything()
        if not condition:
            raise Unreadable("incomplete", span_of(named))
        return meet(domain, _Parser(condition, label, self.depth + 1).everything())

    # Conditions.

    def stop(self) -> int:
        """Where the chain of inequalities that begins here ends."""
        depth = 0
        for place in range(self.place, len(self.found)):
            token = self.found[place]
            separates = is_sign(token, ",") and not _lists.is_decimal_comma(self.found, place)
            if depth == 0 and (separates or self.joining(token) or is_sign(token, ";", "∖", ")", "}")):
                return place
            depth += is_sign(token, "(", "[", "{") - is_sign(token, ")", "]", "}")
        return len(self.found)

    def is_condition(self) -> bool:
        return len(split(self.found[self.place : self.stop()], _RELATIONS)) > 1

    def condition(self) -> Pieces:
        """A chain of inequalities: ``0 ≤ x < 1``, ``x ≠ 0``, ``|x| > 2``."""
        stop = self.stop()
        found = _lists.with_decimal_commas(self.found[self.place : stop])
        signs = [token for token in found if is_sign(token, *_RELATIONS)]
        sides = split(found, _RELATIONS)
        if not signs or len(signs) + 1 != len(sides) or len(signs) > 3:
            raise self.no_condition(found)
        self.place = stop
        pieces = EVERYTHING
        for left, sign, right in zip(sides, signs, sides[1:], strict=False):
            pieces = meet(pieces, self.compared(left, sign, right))
        if not pieces:
            raise Unreadable("empty-interval", span_of(found))
        return pieces

    def no_condition(self, found: tuple[Token, ...]) -> Unreadable:
        """The complaint about what is neither a set nor a chain of inequalities."""
        complaint = _complaint(found) if found and not self.is_label(found) else None
        return complaint or Unreadable("not-an-interval", span_of(found) if found else span_of(self.found))

    def compared(self, left: tuple[Token, ...], sign: Token, right: tuple[Token, ...]) -> Pieces:
        """The numbers for which one inequality holds."""
        if not left or not right:
            raise Unreadable("incomplete", sign.span)
        turned = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}
        relation = sign.text
        if sign.text == "=" and left[0].kind == "name" and not self.is_number(left):
            raise Unreadable("unexpected-label", (left[0].start, sign.end))
        if not self.is_number(left):
            left, right, relation = right, left, turned.get(relation, relation)
            if not self.is_number(left):
                raise self.unknown(left, right)
        elif self.is_number(right):
            raise Unreadable("not-an-interval", (left[0].start, right[-1].end))
        bound = _end(right, sign.span)
        if self.is_label(left):
            return _related(relation, bound)
        return _related_size(relation, bound)

    def unknown(self, *sides: tuple[Token, ...]) -> Unreadable:
        """The complaint about an inequality that is about no number, or about something else than it alone."""
        complaints = [complaint for side in sides if (complaint := _complaint(side))]
        start, end = min(side[0].start for side in sides), max(side[-1].end for side in sides)
        return complaints[0] if complaints else Unreadable("not-an-interval", (start, end))

    def is_number(self, found: tuple[Token, ...]) -> bool:
        """Whether some tokens are the number that inequalities are about, or its absolute value."""
        barred = len(found) > 2 and is_sign(found[0], "|") and is_sign(found[-1], "|")
        return self.is_label(found[1:-1] if barred else found)


def _complaint(found: Sequence[Token]) -> Unreadable | None:
    """Why some tokens are no number; None if they are one."""
    try:
        parse(found)
    except Unreadable as error:
        return error
    return None


def _united(parts: Sequence[Part]) -> Part:
    return Part(tuple(piece for part in parts for piece in part.pieces), any(part.is_condition for part in parts))


def _intersected(parts: Sequence[Part]) -> Part:
    pieces = EVERYTHING
    for part in parts:
        pieces = meet(pieces, part.pieces)
        if len(pieces) > MOST:
            raise Unreadable("too-complex", (0, 0))
    return Part(pieces, True)


def _end(found: Sequence[Token], around: tuple[int, int]) -> End:
    """The end point that some tokens state."""
    if not found:
        raise Unreadable("incomplete", around)
    return end(parse(found), span_of(found))


def _are_one(low: End, high: End) -> bool:
    return are_equal((point(low),), (point(high),))


def _related(relation: str, bound: End) -> Pieces:
    """The numbers x with ``x < bound``, or another relation."""
    low, high = EVERYTHING[0].low, EVERYTHING[0].high
    pieces: dict[str, Pieces] = {
        "<": (Piece(low, bound),),
        "≤": (Piece(low, bound, False, True),),
        ">": (Piece(bound, high),),
        "≥": (Piece(bound, high, True),),
    }
    if relation in pieces:
        return tuple(piece for piece in pieces[relation] if not is_empty(piece))
    if bound.infinite:
        raise Unreadable("not-a-number", (0, 0))
    return (point(bound),) if relation == "=" else complement((point(bound),))


def _related_size(relation: str, bound: End) -> Pieces:
    """The numbers x with ``|x| < bound``, or another relation."""
    below = opposite(bound)
    match relation:
        case "<" | "≤":
            return meet(_related(relation, bound), _related(">" if relation == "<" else "≥", below))
        case ">" | "≥":
            return (*_related(relation, bound), *_related("<" if relation == ">" else "≤", below))
    if bound.infinite or compare(bound, below) < 0:
        raise Unreadable("not-a-number", (0, 0))  # no absolute value is infinite or below 0
    sizes = normal((point(bound), point(below)))
    return sizes if relation == "=" else complement(sizes)
