"""Sets of real numbers made of intervals and points: their normal form, in which two of them are compared."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from typing import NamedTuple

from quizgen.answers._numeric import Evaluated, evaluated
from quizgen.expr import Node, latex
from quizgen.expr.tree import Constant, Sum, negative
from quizgen.notation import Unreadable


class End(NamedTuple):
    """Where a piece ends: a number as a formula and its value, or infinity with a sign and the value None."""

    tree: Node
    value: Evaluated | None
    infinite: int = 0


MINUS_INFINITY = End(negative(Constant("infinity")), None, -1)
INFINITY = End(Constant("infinity"), None, 1)


class Piece(NamedTuple):
    """The numbers from ``low`` to ``high``, with or without the ends."""

    low: End
    high: End
    closed_low: bool = False
    closed_high: bool = False


Pieces = tuple[Piece, ...]
EVERYTHING: Pieces = (Piece(MINUS_INFINITY, INFINITY),)


def end(tree: Node, span: tuple[int, int]) -> End:
    """The end point that a formula states. Raises Unreadable("not-a-number")."""
    if tree == MINUS_INFINITY.tree:
        return MINUS_INFINITY
    return INFINITY if tree == INFINITY.tree else End(tree, evaluated(tree, span))


def opposite(point: End) -> End:
    """The end point with the other sign."""
    if point.infinite:
        return INFINITY if point.infinite < 0 else MINUS_INFINITY
    value = point.value
    return End(negative(point.tree), -value if isinstance(value, Fraction) else evaluated(negative(point.tree), (0, 0)))


def compare(left: End, right: End) -> int:
    """-1, 0 or 1 as ``left`` is below, at or above ``right``. Raises Unreadable("undecided") if that cannot be told."""
    if left.infinite or right.infinite:
        return (left.infinite > right.infinite) - (left.infinite < right.infinite)
    if isinstance(left.value, Fraction) and isinstance(right.value, Fraction):
        return (left.value > right.value) - (left.value < right.value)
    difference = evaluated(Sum((left.tree, negative(right.tree))), (0, 0))
    order = (difference > 0) - (difference < 0) if isinstance(difference, Fraction) else difference.compare(Fraction(0))
    if order is None:
        raise Unreadable("undecided", (0, 0))
    return order


def point(at: End) -> Piece:
    """The set of one number."""
    return Piece(at, at, True, True)


def is_empty(piece: Piece) -> bool:
    """Whether no number lies in a piece."""
    order = compare(piece.low, piece.high)
    return order > 0 or (order == 0 and not (piece.closed_low and piece.closed_high and not piece.low.infinite))


def ordered(pieces: Iterable[Piece]) -> Pieces:
    """Pieces from left to right, those that hold their lower end first."""

    def order(a: Piece, b: Piece) -> int:
        return compare(a.low, b.low) or b.closed_low - a.closed_low or compare(a.high, b.high)

    return tuple(sorted(pieces, key=cmp_to_key(order)))


def normal(pieces: Iterable[Piece]) -> Pieces:
    """The same numbers in the fewest pieces, from left to right."""
    merged: list[Piece] = []
    for piece in ordered(pieces):
        if merged and _touches(merged[-1], piece):
            merged[-1] = _joined(merged[-1], piece)
        else:
            merged.append(piece)
    return tuple(merged)


def _touches(left: Piece, right: Piece) -> bool:
    """Whether no number lies between two pieces, of which the first begins first."""
    order = compare(right.low, left.high)
    return order < 0 or (order == 0 and (left.closed_high or right.closed_low))


def _joined(left: Piece, right: Piece) -> Piece:
    order = compare(left.high, right.high)
    closed = left.closed_high or right.closed_high if order == 0 else (left if order > 0 else right).closed_high
    return Piece(left.low, left.high if order >= 0 else right.high, left.closed_low, closed)


def meet(left: Pieces, right: Pieces) -> Pieces:
    """The numbers that are in both."""
    return tuple(piece for a in left for b in right if not is_empty(piece := _common(a, b)))


def _common(a: Piece, b: Piece) -> Piece:
    low, high = compare(a.low, b.low), compare(a.high, b.high)
    closed_low = a.closed_low and b.closed_low if low == 0 else (a if low > 0 else b).closed_low
    closed_high = a.closed_high and b.closed_high if high == 0 else (a if high < 0 else b).closed_high
    return Piece(a.low if low >= 0 else b.low, a.high if high <= 0 else b.high, closed_low, closed_high)


def complement(pieces: Iterable[Piece]) -> Pieces:
    """The real numbers that are in no piece."""
    merged = [piece for piece in normal(pieces) if not is_empty(piece)]
    edges = [Piece(MINUS_INFINITY, MINUS_INFINITY, True, True), *merged, Piece(INFINITY, INFINITY, True, True)]
    gaps = (Piece(a.high, b.low, not a.closed_high, not b.closed_low) for a, b in pairwise(edges))
    return tuple(gap for gap in gaps if not is_empty(gap))


def mirrored(pieces: Iterable[Piece]) -> Pieces:
    """The numbers with the other sign."""
    return tuple(
        Piece(opposite(piece.high), opposite(piece.low), piece.closed_high, piece.closed_low) for piece in pieces
    )


def have_same_ends(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether pieces begin and end at the same numbers, one by one."""
    return len(left) == len(right) and all(
        compare(a.low, b.low) == 0 == compare(a.high, b.high) for a, b in zip(left, right, strict=True)
    )


def are_equal(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Whether two normal forms are the same."""
    return have_same_ends(left, right) and all(a[2:] == b[2:] for a, b in zip(left, right, strict=True))


def latex_pieces(pieces: Iterable[Piece]) -> str:
    r"""Pieces as LaTeX: ``\left[0, 1\right) \cup \{2\}``."""
    return r" \cup ".join(_shown(pieces)) or r"\emptyset"


def _shown(pieces: Iterable[Piece]) -> Iterator[str]:
    for piece in pieces:
        if piece.low is piece.high:
            yield rf"\left\{{{latex(piece.low.tree)}\right\}}"
        else:
            opening, closing = "[" if piece.closed_low else "(", "]" if piece.closed_high else ")"
            yield rf"\left{opening}{latex(piece.low.tree)}, {latex(piece.high.tree)}\right{closing}"
