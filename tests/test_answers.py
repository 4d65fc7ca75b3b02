"""Every kind of answer reads strictly, judges exactly, and never takes what it cannot read for a wrong answer.

The table is test and documentation at once: what is typed, and what becomes of it.
"""

from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers, grading
from quizgen.answers import answer
from quizgen.errors import InputError, UnknownName
from quizgen.values import Item, Key, Mistake, Part, Response, exact, plain, to_json


def key_of(kind: str, value: Any, **options: Any) -> Key:
    """The key of a kind for one right value."""
    return answers.Answer(kind=kind, field="", options=options).key(value)


INTEGER = key_of("integer", -12, unit="px")
FRACTION = key_of("fraction", Fraction(-3, 7))
NUMBER = key_of("number", Decimal("0.125"), digits=3)
VECTOR = key_of("vector", (1, Fraction(1, 2), -3))
DECIMALS = key_of("vector", (Decimal("0.50"), Decimal("-1.25")), digits=2)
MATRIX = key_of("matrix", ((1, 2), (3, 4)))
SET = key_of("set", (4, 1, 9))
EMPTY = key_of("set", ())
ORDERING = key_of("ordering", ("p", "q", "r", "s"))
MATCHING = key_of("matching", (("i", "write"), ("f", "keep"), ("o", "show")), spare=("add",))
CHOICE = key_of("choice", "b", options=("a", "b", "c"))
MULTIPLE = key_of("multiple", ("c", "a"), options=("a", "b", "c", "d"))
KEYS = [INTEGER, FRACTION, NUMBER, VECTOR, DECIMALS, MATRIX, SET, EMPTY, ORDERING, MATCHING, CHOICE, MULTIPLE]

TABLE: list[tuple[Key, str, str]] = [
    (INTEGER, "-12", "right"),
    (INTEGER, " −12 ", "right"),
    (INTEGER, "-12.0", "right"),
    (INTEGER, "-24/2", "right"),
    (INTEGER, "+12", "wrong"),
    (INTEGER, "12", "wrong"),
    (INTEGER, "-12.5", "invalid not-an-integer"),
    (INTEGER, "-12 px", "invalid not-a-number"),
    (INTEGER, "--12", "invalid not-a-number"),
    (INTEGER, "1e3", "invalid not-a-number"),
    (INTEGER, "12/0", "invalid not-a-fraction"),
    (INTEGER, "٣", "invalid not-a-number"),  # other digits than ours
    (INTEGER, "9" * 61, "invalid too-many-digits"),
    (INTEGER, "__import__('os')", "invalid not-a-number"),
    (FRACTION, "-3/7", "right"),
    (FRACTION, "-6/14", "right"),
    (FRACTION, "3/7", "wrong"),
    (FRACTION, "-0.4286", "wrong"),
    (FRACTION, "3/-7", "invalid not-a-number"),
    (FRACTION, "1/2/3", "invalid not-a-number"),
    (FRACTION, "0.3/0.7", "invalid not-a-number"),
    (NUMBER, "0.125", "right"),
    (NUMBER, ".125", "right"),
    (NUMBER, "1/8", "right"),
    (NUMBER, "0.1255", "right"),  # half a unit of the last digit, both ends included
    (NUMBER, "0.1245", "right"),
    (NUMBER, "0.12551", "wrong"),
    (NUMBER, "0.12", "wrong"),
    (NUMBER, "0,125", "invalid not-a-number"),
    (NUMBER, "1.", "invalid not-a-number"),
    (VECTOR, "(1, 1/2, -3)", "right"),
    (VECTOR, "[1; 0.5; −3]", "right"),
    (VECTOR, "1, 0.5, -3", "right"),
    (VECTOR, "(1, 2, -3)", "partial 2/3"),
    (VECTOR, "(0, 0, 0)", "wrong"),
    (VECTOR, "(1, 1/2)", "invalid wrong-length"),
    (VECTOR, "(1, 1/2, -3", "invalid not-a-number"),
    (VECTOR, "(1,, -3)", "invalid not-a-number"),
    (DECIMALS, "(0.5, -1.25)", "right"),
    (DECIMALS, "(0.505, -1.245)", "right"),
    (DECIMALS, "(0.506, -1.25)", "partial 1/2"),
    (MATRIX, "[[1, 2], [3, 4]]", "right"),
    (MATRIX, "1, 2; 3, 4", "right"),
    (MATRIX, "((1,2),(3,4))", "right"),
    (MATRIX, "1, 3; 2, 4", "partial 1/2"),
    (MATRIX, "0, 0; 0, 0", "wrong"),
    (MATRIX, "[[1, 2, 3], [4, 5, 6]]", "invalid wrong-shape"),
    (MATRIX, "[[1, 2], [3, 4]", "invalid unbalanced"),
    (MATRIX, "[[1, 2] + [3, 4]]", "invalid not-a-matrix"),
    (MATRIX, "[[[1]]]", "invalid not-a-matrix"),
    (SET, "{1, 4, 9}", "right"),
    (SET, "9; 4; 1; 4", "right"),
    (SET, "{1, 4}", "partial 2/3"),
    (SET, "{1, 4, 9, 16}", "partial 2/3"),
    (SET, "{2, 3}", "wrong"),
    (SET, "{1.5}", "invalid not-an-integer"),
    (SET, "∅", "wrong"),
    (EMPTY, "{}", "right"),
    (EMPTY, "∅", "right"),
    (EMPTY, "{1}", "wrong"),
    (ORDERING, "p, q, r, s", "right"),
    (ORDERING, "(p; q; r; s)", "right"),
    (ORDERING, "q, p, r, s", "partial 5/6"),
    (ORDERING, "s, r, q, p", "wrong"),
    (ORDERING, "p, q, s, x", "invalid unknown-name"),
    (ORDERING, "p, q, r", "invalid not-each-once"),
    (ORDERING, "p, p, r, s", "invalid not-each-once"),
    (MATCHING, "i=write, f=keep, o=show", "right"),
    (MATCHING, "o = show; i = write; f = keep", "right"),
    (MATCHING, "i=write, f=add, o=show", "partial 2/3"),
    (MATCHING, "i=keep, f=write, o=add", "wrong"),
    (MATCHING, "i=write, f=keep", "invalid not-each-once"),
    (MATCHING, "i=write, i=write, o=show", "invalid not-a-pair"),
    (MATCHING, "i=nothing, f=keep, o=show", "invalid not-a-pair"),
    (CHOICE, "b", "right"),
    (CHOICE, " b ", "right"),
    (CHOICE, "a", "wrong"),
    (CHOICE, "B", "invalid unknown-name"),
    (MULTIPLE, "a, c", "right"),
    (MULTIPLE, "c,a", "right"),
    (MULTIPLE, "a", "partial 1/2"),
    (MULTIPLE, "a, b, c", "partial 1/2"),
    (MULTIPLE, "a, b", "wrong"),
    (MULTIPLE, "a, b, c, d", "wrong"),
    (MULTIPLE, "a, e", "invalid unknown-name"),
]


def kind(key: Key) -> str:
    return type(key).__name__.lower()


@pytest.mark.parametrize(
    ("key", "typed", "wanted"), TABLE, ids=[f"{kind(key)}: {typed[:30]}" for key, typed, _ in TABLE]
)
def test_table(key: Key, typed: str, wanted: str) -> None:
    verdict = answers.grade(key, typed)
    name, _, detail = wanted.partition(" ")
    assert verdict.verdict == name
    assert verdict.credit == (1 if name == "right" else Fraction(detail) if name == "partial" else 0)
    assert verdict.notes == ((detail,) if name == "invalid" else ())


def test_the_table_has_every_kind() -> None:
    written = {"written"}  # marked by people
    assert {kind(key) for key in KEYS} | written == set(answers.kinds())
    assert {kind(key) for key, _, _ in TABLE} | written == set(answers.kinds())


@pytest.mark.parametrize("key", KEYS, ids=kind)
def test_own_examples(key: Key) -> None:
    for typed in key.notations(key.right):
        assert answers.grade(key, typed).verdict == "right", typed
    for typed in key.junk():
        assert answers.grade(key, typed).verdict == "invalid", typed


@pytest.mark.parametrize("key", KEYS, ids=kind)
def test_keys_survive_json(key: Key) -> None:
    read = answers.read_key(exact(plain(key)))
    assert read == key
    assert to_json(read) == to_json(key)


@pytest.mark.parametrize("key", KEYS, ids=kind)
@given(typed=st.text(st.sampled_from("0123456789+-−./,;()[]{}= pqrsabc√∞\\\n\0e"), max_size=24) | st.text(max_size=40))
def test_no_text_raises(key: Key, typed: str) -> None:
    verdict = answers.grade(key, typed)
    assert (verdict.verdict == "invalid") == bool(verdict.notes)
    if verdict.span is not None:
        start, end = verdict.span
        assert 0 <= start <= end <= len(typed) + 1


@pytest.mark.parametrize("key", KEYS, ids=kind)
def test_long_texts_are_not_read(key: Key) -> None:
    assert answers.grade(key, "1" * 10**6).notes == ("too-long",)


@given(value=st.integers(-(10**9), 10**9))
def test_integers_are_read_as_they_are_typed(value: int) -> None:
    key = key_of("integer", value)
    assert {key.read(typed) for typed in key.notations(value)} == {value}


@given(value=st.fractions(max_denominator=10**6), other=st.fractions(max_denominator=10**6))
def test_fractions_are_exact(value: Fraction, other: Fraction) -> None:
    key = key_of("fraction", value)
    assert all(answers.grade(key, typed).verdict == "right" for typed in key.notations(value))
    assert (answers.grade(key, str(other)).verdict == "right") == (value == other)


@given(units=st.integers(-9999, 9999), digits=st.integers(0, 4), off=st.integers(-20, 20))
def test_numbers_tolerate_half_a_unit(units: int, digits: int, off: int) -> None:
    key = key_of("number", Decimal(units).scaleb(-digits), digits=digits)
    typed = Decimal(10 * units + off).scaleb(-digits - 1)
    assert (answers.grade(key, f"{typed:f}").verdict == "right") == (abs(off) <= 5)


@given(value=st.lists(st.integers(-9, 9), min_size=1, max_size=5), data=st.data())
def test_vectors_credit_their_entries(value: list[int], data: st.DataObject) -> None:
    key = key_of("vector", tuple(value))
    wrong = data.draw(st.sets(st.integers(0, len(value) - 1)))
    typed = [entry + (place in wrong) for place, entry in enumerate(value)]
    assert answers.grade(key, str(tuple(typed)).replace(",)", ")")).credit == Fraction(
        len(value) - len(wrong), len(value)
    )


@given(order=st.permutations(["p", "q", "r", "s"]))
def test_orders_are_credited_by_pairs(order: list[str]) -> None:
    pairs = sum(order.index(a) < order.index(b) for a, b in combinations("pqrs", 2))
    wanted = Fraction(pairs, 6) if pairs > 3 else 0
    assert answers.grade(ORDERING, ",".join(order)).credit == wanted


# Declarations.


def test_declarations_name_kind_field_and_options() -> None:
    declared = answer.Number("kl", weight=2, after=("mean",), digits=2, unit="nats")
    assert (declared.kind, declared.field, declared.weight, declared.after) == ("number", "kl", 2, ("mean",))
    assert declared.key(Decimal("0.25")).unit == "nats"


def test_declarations_refuse_what_does_not_exist() -> None:
    with pytest.raises(UnknownName, match="unknown kind of answer 'intger'; did you mean 'integer'"):
        answer.Intger("side")
    with pytest.raises(UnknownName, match="unknown option 'units'; did you mean 'unit'"):
        answer.Integer("side", units="px")


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("integer", Fraction(3), {}),
        ("integer", True, {}),
        ("number", Decimal("0.25"), {"digits": 3}),
        ("number", Fraction(1, 4), {"digits": 2}),
        ("vector", (Decimal("0.25"), 1), {"digits": 2}),
        ("choice", "x", {"options": ("a", "b")}),
        ("multiple", (), {"options": ("a", "b")}),
    ],
)
def test_keys_refuse_values_of_another_kind(name: str, value: Any, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="expected"):
        key_of(name, value, **options)


@pytest.mark.parametrize("data", [3, {}, {"kind": "integer"}, {"kind": "integer", "value": "3"}, {"kind": "intgr"}])
def test_damaged_keys_are_refused(data: Any) -> None:
    with pytest.raises(InputError):
        answers.read_key(data, "exam.json")


# Grading: the mistakes of an item.

PART = Part(
    name="kl",
    key=NUMBER,
    weight=3,
    mistakes=(
        Mistake(name="near", value=Decimal("0.250")),
        Mistake(name="exact", value=Decimal("0.2502")),
        Mistake(name="other", value=Decimal("0.5")),
    ),
)


@pytest.mark.parametrize(
    ("typed", "mistake"),
    [("0.25", "near"), ("1/4", "near"), ("0.2502", "exact"), ("0.2503", "near"), ("0.5", "other"), ("0.7", None)],
)
def test_wrong_answers_are_explained(typed: str, mistake: str | None) -> None:
    grade = grading.grade_part(PART, typed)
    assert grade.verdict.verdict == "wrong"
    assert grade.misconception == grade.feedback == mistake


def test_right_and_unreadable_answers_have_no_mistake() -> None:
    assert grading.grade_part(PART, "0.125").feedback == "right"
    assert grading.grade_part(PART, "banana").feedback is None


def test_partly_right_answers_are_explained() -> None:
    part = Part(name="v", key=VECTOR, mistakes=(Mistake(name="sign", value=(1, Fraction(1, 2), 3)),))
    grade = grading.grade_part(part, "(1, 0.5, 3)")
    assert (grade.verdict.verdict, grade.misconception) == ("partial", "sign")


def test_a_response_is_graded_part_by_part() -> None:
    item = Item(
        family="demo/kl", version=1, level=1, minutes=1, calculator=False, effort=1, parameters={"n": 1}, trace={},
        parts=(PART, Part(name="v", key=VECTOR)),
    )  # fmt: skip
    grades = grading.grade(item, Response(item=item.id, answers={"kl": "0.125", "v": "(1, 0, 0)"}))
    assert [grade.verdict.verdict for grade in grades.values()] == ["right", "partial"]
    assert grading.credit(item, grades) == (3 + Fraction(1, 3)) / 4
    alone = grading.grade(item, Response(item=item.code, answers={"kl": "0.125"}))
    assert alone["v"].verdict.verdict == "invalid"
    with pytest.raises(UnknownName, match="unknown part 'w'"):
        grading.grade(item, Response(item=item.id, answers={"w": "1"}))
    with pytest.raises(InputError, match="expected a response to"):
        grading.grade(item, Response(item="0" * 64, answers={}))
