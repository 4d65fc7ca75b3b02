"""Vectors, matrices, sets and intervals: every notation is read as what it means, and nothing else is right."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers
from quizgen.answers._pieces import Piece, Pieces, are_equal, complement, meet, normal
from quizgen.answers.interval import Interval
from quizgen.errors import InputError
from quizgen.values import Key, exact, plain, to_json


def key_of(kind: str, value: Any, **options: Any) -> Key:
    """The key of a kind for one right value."""
    return answers.kind(kind).of(value, **options)


VECTOR = key_of("vector", (1, -2, 3))
HALVES = key_of("vector", (Fraction(1, 2), Fraction(1, 4)))
ROUNDED = key_of("vector", (Decimal("0.333"), Decimal("1.234")), digits=3)
COMMAS = key_of("vector", (Decimal("0.333"), Decimal("1.234")), digits=3, comma=True)
WORKED_OUT = key_of("vector", (2, 4), form="numeral")
SHAPE = key_of("vector", (3, 10, 5), shape=True, label="v")
MATRIX = key_of("matrix", ((1, 2), (3, 4)))
OBLONG = key_of("matrix", ((1, 2, 3), (5, 7, 11)), label="A")
ROW = key_of("matrix", ((1, 2, 3),))
COLUMN = key_of("matrix", ((1,), (2,)))
SET = key_of("set", (Fraction(1, 2), 1), label="x")
NONE = key_of("set", ())
NEAR = key_of("set", (Decimal("0.33"), Decimal("0.67")), digits=2)
HALF_OPEN = key_of("interval", "[0, 1)", label="x")
OUTSIDE = key_of("interval", "(-inf, -2) U (2, inf)", label="x")
PIECES = key_of("interval", "(-∞, 0) ∪ [1, 2] ∪ {5}", label="t")
POINTS = key_of("interval", "{1, 3}")
REALS = Interval.of("R", label="x")
ROOT = key_of("interval", "(√2, ∞)")
KEYS = [
    VECTOR, HALVES, ROUNDED, COMMAS, WORKED_OUT, SHAPE, MATRIX, OBLONG, ROW, COLUMN, SET, NONE, NEAR, HALF_OPEN,
    OUTSIDE, PIECES, POINTS, REALS, ROOT,
]  # fmt: skip

TABLE: list[tuple[Key, str, str]] = [
    (VECTOR, "[1 -2 3]", "right"),  # a sign after a blank and before none begins an entry
    (VECTOR, "[1 - 2 3]", "invalid wrong-length"),
    (VECTOR, "[1 000 2]", "invalid adjacent-numbers"),
    (VECTOR, "[ln e -2 3]", "right"),
    (VECTOR, "1\n-2\n3", "right"),
    (VECTOR, "1,\n-2,\n3", "right"),
    (VECTOR, "(1,-2,3)ᵀ", "right"),
    (VECTOR, "np.array([1, -2, 3])", "right"),
    (VECTOR, "[[1],[-2],[3]]", "right"),
    (VECTOR, "[[1,-2,3]]", "right"),
    (VECTOR, r"\left\langle 1,-2,3\right\rangle", "right"),
    (VECTOR, "{1,-2,3}", "invalid not-a-vector"),
    (VECTOR, "(1, ..., 3)", "invalid ellipsis"),
    (VECTOR, "(1, , 3)", "invalid incomplete"),
    (VECTOR, "[1, -2; 3]", "invalid ragged"),
    (VECTOR, "(3,-2,1)", "partial reversed"),
    (VECTOR, "(-2,1,3)", "partial permuted"),
    (VECTOR, "(-1,2,-3)", "wrong sign-flipped"),
    (VECTOR, "(1,2,3)", "partial sign-flipped"),
    (VECTOR, "(2,-4,6)", "wrong factor-two"),
    (VECTOR, "(1/0, -2, 3)", "invalid not-a-number"),
    (VECTOR, "1," * 100, "invalid too-complex"),
    (HALVES, "(0,5; 0,25)", "right"),
    (HALVES, "(0{,}5, 0{,}25)", "right"),
    (HALVES, "0,5\n0,25", "right"),
    (HALVES, "(0,5, 0,25)", "invalid wrong-length"),
    (HALVES, "½ ¼", "right"),
    (ROUNDED, "(1/3, 1.2345)", "right"),
    (ROUNDED, "(0,333; 1,234)", "invalid ambiguous-comma"),
    (ROUNDED, "(0.33, 1.23)", "wrong too-few-digits"),
    (COMMAS, "(0,333, 1,234)", "right"),
    (COMMAS, "0,333 1,234", "right"),
    (COMMAS, "(0.333; 1.234)", "invalid ambiguous-comma"),
    (WORKED_OUT, "(4/2, 4)", "right"),
    (WORKED_OUT, "(1+1, 4)", "invalid give-the-value"),
    (SHAPE, "3x10x5", "right"),
    (SHAPE, "v = 3 by 10 by 5", "right"),
    (SHAPE, "(2+1, 2*5, 5)", "right"),
    (SHAPE, "w = (3, 10, 5)", "invalid unexpected-label"),
    (MATRIX, "{{1,2},{3,4}}", "right"),
    (MATRIX, "[[1 2]\n [3 4]]", "right"),
    (MATRIX, r"1 & 2 \\ 3 & 4", "right"),
    (MATRIX, "[1 3; 2 4]'", "right"),
    (MATRIX, "[[1,3],[2,4]]", "partial transposed"),
    (MATRIX, "[1 2; 3]", "invalid ragged"),
    (MATRIX, r"\begin{vmatrix} 1 & 2 \\ 3 & 4 \end{vmatrix}", "invalid not-a-matrix"),
    (MATRIX, "[[[1,2],[3,4]]]", "invalid wrong-shape"),
    (OBLONG, "[[1,5],[2,7],[3,11]]", "wrong transposed"),
    (OBLONG, "[[1,2],[5,7]]", "invalid wrong-shape"),
    (ROW, "(1, 2, 3)", "right"),
    (ROW, "1; 2; 3", "right"),
    (ROW, "[1; 2; 3]", "wrong transposed"),
    (COLUMN, "1, 2", "right"),
    (SET, "x = 1 or x = 1/2", "right"),
    (SET, "x ∈ {0,5; 1}", "right"),
    (SET, "{1/2, 0.5, 1}", "right"),
    (SET, "1, and 1/2", "right"),
    (SET, "1 和 1/2", "right"),
    (SET, "{1}", "partial missing"),
    (SET, "{-1, -1/2}", "wrong sign-flipped"),
    (SET, "{{1}, {1/2}}", "invalid not-a-set"),
    (SET, "(1, 1/2)", "invalid not-a-set"),
    (SET, "{1, …, 5}", "invalid ellipsis"),
    (NEAR, "{1/3, 2/3}", "right"),
    (NEAR, "{0.33, 0.332, 0.67}", "partial extra"),
    (HALF_OPEN, "x∈" * 1000, "invalid too-deep"),
    (HALF_OPEN, "R" + "∖{1}∖{2}" * 300, "wrong"),
    (ROOT, "(-∞, √2 - 10^-399*10^-399*10^-399*10^-399)", "wrong"),
    (REALS, "R" + "".join(f"∖{{{n}}}" for n in range(600)), "invalid too-complex"),
    (VECTOR, "08{,}6{,}2", "invalid unexpected-sign"),
    (VECTOR, "x" * 4000, "invalid undeclared-name"),
    (HALF_OPEN, "0 <= x, x < 1", "right"),
    (HALF_OPEN, r"\{x \in \mathbb{R} \mid 0 \leq x < 1\}", "right"),
    (HALF_OPEN, "{t : 0 <= t < 1}", "right"),
    (HALF_OPEN, "{0} ∪ (0,1)", "right"),
    (HALF_OPEN, "[0,1] \\ {1}", "right"),
    (HALF_OPEN, "[0,0; 1,0)", "right"),
    (HALF_OPEN, "0,0 <= x < 1,0", "right"),
    (HALF_OPEN, "x≥0且x<1", "right"),
    (HALF_OPEN, "[0,1]", "partial bracket"),
    (HALF_OPEN, "[0, ∞]", "wrong"),
    (HALF_OPEN, "(-∞, 0) ∪ [1, ∞)", "wrong complement"),
    (HALF_OPEN, "{0, 1}", "invalid not-an-interval"),
    (HALF_OPEN, "0 <= y < 1", "invalid undeclared-name"),
    (HALF_OPEN, "D = [0, 1)", "invalid unexpected-label"),
    (HALF_OPEN, "[1, 0)", "invalid empty-interval"),
    (HALF_OPEN, "0 > x > 1", "invalid empty-interval"),
    (HALF_OPEN, "x < 0, x > 1", "invalid ambiguous-comma"),
    (OUTSIDE, "|x| > 2", "right"),
    (OUTSIDE, "(x < -2) or (x > 2)", "right"),
    (OUTSIDE, "(-oo,-2), (2,oo)", "right"),
    (OUTSIDE, "R \\ [-2, 2]", "right"),
    (OUTSIDE, "x > 2", "wrong missing"),
    (OUTSIDE, "(-∞,-2) and (2,∞)", "invalid empty-interval"),
    (PIECES, "t = 5 or t < 0 or 1 ≤ t ≤ 2", "right"),
    (PIECES, "(-∞, 0] ∪ (1, 2) ∪ {5}", "partial bracket"),
    (POINTS, "{3, 1}", "right"),
    (POINTS, "x = 1", "invalid unexpected-label"),
    (POINTS, "x > 1", "invalid undeclared-name"),
    (REALS, "x ∈ ℝ", "right"),
    (REALS, "[-∞, ∞]", "partial bracket"),
    (ROOT, "(2/√2, ∞)", "right"),
    (ROOT, "(1.414213562373095, ∞)", "wrong"),
]  # fmt: skip


def name(key: Key) -> str:
    return f"{type(key).__name__.lower()} {key.right}"


@pytest.mark.parametrize(
    ("key", "typed", "wanted"), TABLE, ids=[f"{name(key)}: {typed[:30]}" for key, typed, _ in TABLE]
)
def test_table(key: Key, typed: str, wanted: str) -> None:
    verdict = answers.grade(key, typed)
    kind, _, note = wanted.partition(" ")
    assert verdict.verdict == kind, verdict
    assert (note in verdict.notes) if note else not verdict.notes, verdict
    assert bool(verdict.parsed) == (kind != "invalid")


@pytest.mark.parametrize("key", KEYS, ids=name)
def test_own_examples(key: Key) -> None:
    for typed in key.notations(key.right):
        assert answers.grade(key, typed).verdict == "right", typed
    for typed in key.junk():
        assert answers.grade(key, typed).verdict == "invalid", typed
    for typed in [*key.wrong(), *(text for _, text in key.slips())]:
        assert answers.grade(key, typed).verdict in ("partial", "wrong"), typed


@pytest.mark.parametrize("key", KEYS, ids=name)
def test_keys_survive_json(key: Key) -> None:
    assert answers.read_key(exact(plain(key))) == key
    assert answers.key_from_json(to_json(key)) == key


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "vector", "value": ()},
        {"kind": "vector", "value": (True,)},
        {"kind": "matrix", "value": ((1, 2), (3,))},
        {"kind": "set", "value": ("1",)},
        {"kind": "interval", "value": "[1, 0]"},
        {"kind": "interval", "value": "x > 0"},
    ],
)
def test_damaged_keys_are_refused(data: Any) -> None:
    with pytest.raises(InputError, match=r"^key"):
        answers.read_key(data, "key")


SIGNS = "0123456789+-*/^.,;()[]{}=<>≤∪∞∅√½ \n&\\xU'|TRe"


@pytest.mark.parametrize("key", KEYS, ids=name)
@given(typed=st.text(st.sampled_from(SIGNS), max_size=30) | st.text(max_size=20))
def test_no_text_raises(key: Key, typed: str) -> None:
    verdict = answers.grade(key, typed)
    assert verdict.verdict != "invalid" or verdict.notes
    if verdict.span is not None:
        start, end = verdict.span
        assert 0 <= start <= end <= len(typed)


RATIONALS = st.fractions(-99, 99, max_denominator=12)


@given(value=st.lists(RATIONALS, min_size=1, max_size=5), data=st.data())
def test_vectors_credit_their_entries(value: list[Fraction], data: st.DataObject) -> None:
    key = key_of("vector", tuple(value))
    assert all(answers.grade(key, typed).verdict == "right" for typed in key.notations(key.right))
    wrong = data.draw(st.sets(st.integers(0, len(value) - 1)))
    typed = ", ".join(str(entry + (place in wrong)) for place, entry in enumerate(value))
    assert answers.grade(key, f"({typed})").credit == Fraction(len(value) - len(wrong), len(value))


@given(units=st.lists(st.integers(-999, 999), min_size=1, max_size=4), off=st.integers(-20, 20))
def test_entries_tolerate_half_a_unit(units: list[int], off: int) -> None:
    key = key_of("vector", tuple(Decimal(unit).scaleb(-2) for unit in units), digits=2)
    typed = "; ".join(f"{Decimal(10 * unit + off).scaleb(-3):f}" for unit in units)
    assert (answers.grade(key, typed).verdict == "right") == (abs(off) <= 5)


@given(rows=st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[RATIONALS] * width), min_size=1, max_size=4)))
def test_matrices_are_read_as_they_are_typed(rows: list[tuple[Fraction, ...]]) -> None:
    key = key_of("matrix", tuple(rows))
    for typed in key.notations(key.right):
        assert answers.grade(key, typed).verdict == "right", typed


@given(value=st.sets(st.integers(-9, 9), max_size=4), typed=st.sets(st.integers(-9, 9), max_size=4))
def test_sets_are_credited_by_hits_less_extras(value: set[int], typed: set[int]) -> None:
    verdict = answers.grade(key_of("set", tuple(value)), f"{{{', '.join(map(str, typed))}}}")
    share = Fraction(len(value & typed) - len(typed - value), len(value)) if value else Fraction(not typed)
    assert verdict.credit == max(Fraction(0), share)


@st.composite
def intervals(draw: st.DrawFn) -> str:
    """An interval with integer ends, or a point."""
    low, high = sorted((draw(st.integers(-4, 4)), draw(st.integers(-4, 4))))
    if low == high:
        return f"{{{low}}}"
    opening, closing = draw(st.sampled_from("([")), draw(st.sampled_from(")]"))
    left, right = draw(st.sampled_from([("-∞", "("), (str(low), opening)])), draw(st.sampled_from(["∞", str(high)]))
    return f"{left[1]}{left[0]}, {right}{closing if right != '∞' else ')'}"


UNIONS = st.lists(intervals(), min_size=1, max_size=4).map(" ∪ ".join)
PROBES = [Fraction(number, 2) for number in range(-11, 12)]


def holds(pieces: Pieces, number: Fraction) -> bool:
    """Whether a number lies in some pieces, found by looking at each."""
    return any(_is_above(number, piece) and _is_below(number, piece) for piece in pieces)


def _is_above(number: Fraction, piece: Piece) -> bool:
    low = piece.low.value
    assert low is None or isinstance(low, Fraction)
    return low is None or number > low or (number == low and piece.closed_low)


def _is_below(number: Fraction, piece: Piece) -> bool:
    high = piece.high.value
    assert high is None or isinstance(high, Fraction)
    return high is None or number < high or (number == high and piece.closed_high)


@given(left=UNIONS, right=UNIONS)
def test_pieces_are_the_numbers_in_them(left: str, right: str) -> None:
    a, b = REALS.pieces(left), REALS.pieces(right)
    for number in PROBES:
        assert holds(normal(a), number) == holds(a, number)
        assert holds(complement(a), number) != holds(a, number)
        assert holds(meet(a, b), number) == (holds(a, number) and holds(b, number))
    assert are_equal(normal(a), normal(b)) == all(holds(a, number) == holds(b, number) for number in PROBES)
    key = key_of("interval", left, label="x")
    assert (answers.grade(key, right).verdict == "right") == are_equal(normal(a), normal(b))


@given(text=UNIONS)
def test_intervals_are_read_as_they_are_typed(text: str) -> None:
    key = key_of("interval", text, label="x")
    for typed in key.notations(key.right):
        assert answers.grade(key, typed).verdict == "right", typed


def test_the_order_of_pieces_makes_no_matter() -> None:
    parts = ["(-∞, 0)", "[1, 2]", "{5}"]
    assert all(answers.grade(PIECES, " ∪ ".join(order)).verdict == "right" for order in permutations(parts))
