"""What all kinds of answer have in common: their own examples, their JSON, their bounds, and how items are graded.

The tables of ``tests/corpus`` say what is typed and what becomes of it, kind by kind.
"""

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
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
    return answers.kind(kind).of(value, **options)


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
INTERVAL = key_of("interval", "[0, 1) ∪ (2, ∞)", label="x")
FORMULA = key_of(
    "formula", "k^2 C_in C_out + C_out", variables=dict.fromkeys(["k", "C_in", "C_out"], "positive integer")
)
NORMAL = key_of("distribution", "N(sqrt(a) x, (1-a) I)", variables={"a": "unit", "x": "vector 2"}, identity="I")
TEXT = key_of("text", ("batch normalization", "BN"), distance=1)
KEYS = [
    INTEGER, FRACTION, NUMBER, VECTOR, DECIMALS, MATRIX, SET, EMPTY, ORDERING, MATCHING, CHOICE, MULTIPLE, INTERVAL,
    FORMULA, NORMAL, TEXT,
]  # fmt: skip


def kind(key: Key) -> str:
    return type(key).__name__.lower()


def test_every_kind_has_a_key_here() -> None:
    written = {"written"}  # marked by people
    assert {kind(key) for key in KEYS} | written == set(answers.kinds())


@pytest.mark.parametrize("key", KEYS, ids=kind)
def test_own_examples(key: Key) -> None:
    for typed in key.notations(key.right):
        assert answers.grade(key, typed).verdict == "right", typed
    for typed in key.wrong():
        assert answers.grade(key, typed).verdict in ("wrong", "partial"), typed
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
    assert (verdict.credit == 1) == (verdict.verdict == "right")
    assert bool(verdict.parsed) == (verdict.verdict != "invalid")
    if verdict.verdict == "invalid":
        assert len(verdict.notes) == 1
        start, end = verdict.span or (0, 0)  # undecided concerns all of it
        assert 0 <= start <= end <= len(typed)


@pytest.mark.parametrize("key", KEYS, ids=kind)
def test_long_texts_are_not_read(key: Key) -> None:
    assert answers.grade(key, "1" * 10**6).notes == ("too-long",)


@pytest.mark.parametrize("key", KEYS, ids=kind)
@pytest.mark.parametrize("mark", ["\u202e", "\u200b", "\x00", "\ud800"])
def test_what_nobody_can_see_is_invalid(key: Key, mark: str) -> None:
    typed = key.notations(key.right)[0]
    assert answers.grade(key, typed[:1] + mark + typed[1:]).notes == ("control-character",)


# Declarations.


def test_declarations_name_kind_field_and_options() -> None:
    declared = answer.Number("kl", weight=2, after=("mean",), digits=2, unit="nats")
    assert (declared.kind, declared.field, declared.weight, declared.after) == ("number", "kl", 2, ("mean",))
    assert declared.key(SimpleNamespace(kl=Decimal("0.25"))).unit == "nats"


def test_declarations_refuse_what_does_not_exist() -> None:
    with pytest.raises(UnknownName, match="unknown kind of answer 'intger'; did you mean 'integer'"):
        answer.Intger("side")
    with pytest.raises(UnknownName, match="unknown option 'units'"):
        answer.Choice("side", units="px")


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


def test_a_mistake_comes_before_a_slip() -> None:
    assert grading.grade_part(PART, "0.25").verdict.notes == ()  # twice the key, but the family knows why
    assert grading.grade_part(PART, "8").verdict.notes == ("reciprocal",)
    assert grading.grade_part(PART, "8").misconception is None


def test_formulas_are_explained_by_formulas() -> None:
    no_bias = Mistake(name="no_bias", value="k^2 C_in C_out")
    part = Part(name="count", key=FORMULA, mistakes=(no_bias,))
    assert grading.grade_part(part, "C_{out} k^2 C_{in}").misconception == "no_bias"
    assert grading.grade_part(part, "C_out (k^2 C_in + 1)").feedback == "right"


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
