"""For every kind of answer there is an input, and what is entered into it is graded as what was meant."""

from typing import Any

import pytest

from quizgen import answers, asking
from quizgen.answers import answer
from quizgen.randomness import Stream
from quizgen.study import inputs
from quizgen.study.inputs import Field, Grid, Match, One, Order, Several, Work
from quizgen.values import Asked, Key, Mistake, Part
from tests.corpus import hostile

KEYS: dict[str, Key] = {name: hostile.key(name) for name in hostile.KEYS} | {
    "spare": answers.read_key({"kind": "ordering", "value": ["p", "q", "r"], "spare": ["u", "v"]}),
    "written": answers.read_key({"kind": "written", "rubric": [{"points": 2, "text": {"": "names the term"}}]}),
    "decimals": answers.read_key({"kind": "vector", "value": [1, 2, 3], "digits": 2}),
}


def put(key: Key, *mistakes: Mistake, mode: str = "open") -> tuple[Part, Asked]:
    """A part with this key, and how it is asked."""
    part = Part(name="a", key=key, mistakes=mistakes)
    stream = Stream("a")
    return part, Asked(mode="open") if key.right is None else _ask(part, mode, stream)


def _ask(part: Part, mode: str, stream: Stream) -> Asked:
    item: Any = None  # asked only for the name in messages
    return asking.ask_part(item, part, mode, 2, stream)


def entered(part: Part, asked: Asked, value: Any) -> list[str]:
    """What a person enters who means ``value``."""
    match inputs.of(part, asked):
        case One():
            return [str(asked.order.index(value) + 1)]
        case Several() | Order():
            return [str(asked.order.index(name) + 1) for name in value]
        case Match(marks=marks):
            return [marks[asked.order.index(right)] for _, right in value]
        case Grid(rows=1):
            return [str(entry) for entry in value]
        case Grid():
            return [str(entry) for row in value for entry in row]
    return [part.key.notations(value)[0]]


@pytest.mark.parametrize("name", [name for name in KEYS if KEYS[name].right is not None])
def test_the_right_answer_comes_back_through_every_input(name: str) -> None:
    part, asked = put(KEYS[name])
    line = inputs.joined(inputs.of(part, asked), entered(part, asked, part.key.right))
    assert answers.grade(part.key, inputs.text(part, asked, line)).verdict == "right", line


@pytest.mark.parametrize("name", [name for name in KEYS if KEYS[name].right is not None])
def test_the_marks_of_the_right_answer_are_right(name: str) -> None:
    part, asked = put(KEYS[name])
    marks = inputs.right(part, asked)
    assert bool(marks) == isinstance(inputs.of(part, asked), One | Several | Order | Match)
    assert not marks or answers.grade(part.key, inputs.text(part, asked, marks)).verdict == "right"


def test_there_is_an_input_for_every_kind() -> None:
    shown = {answers.kind(inputs_kind) for inputs_kind in answers.kinds()}
    assert {type(key) for key in KEYS.values()} == shown


def test_what_is_shown_says_what_is_asked() -> None:
    def of(name: str) -> inputs.Input:
        return inputs.of(*put(KEYS[name]))

    assert of("integer") == Field(kind="integer", longest=400, unit="px")
    assert of("number") == Field(kind="number", longest=400, decimals=3)
    assert of("loss") == Field(kind="formula", longest=2000, names=("x", "z", "q", "r"), functions=("p", "E_q", "KL"))
    assert of("interval") == Field(kind="interval", longest=4000, label="x")
    assert of("vector") == Grid(kind="vector", rows=1, columns=3)
    assert of("decimals") == Grid(kind="vector", rows=1, columns=3, decimals=2)
    assert of("matrix") == Grid(kind="matrix", rows=2, columns=2)
    assert of("choice") == One(("1", "2", "3"))
    assert of("multiple") == Several(("1", "2", "3", "4"))
    assert of("spare") == Order(("1", "2", "3", "4", "5"), places=3)
    assert of("matching") == Match(("1", "2", "3"), ("a", "b", "c", "d"))
    assert of("written") == Work(longest=4000)


@pytest.mark.parametrize("name", ["choice", "multiple", "ordering", "spare", "matching", "integer"])
def test_no_id_is_shown(name: str) -> None:
    """The ids of things may say which are right, so an input must not hold them."""
    part, asked = put(KEYS[name])
    assert not set(asked.order) & set("123456789")
    if not isinstance(part.key, answers.kind("matching")):
        assert not any(repr(identity) in repr(inputs.of(part, asked)) for identity in asked.order)


def test_options_of_a_number_stand_for_their_values() -> None:
    part, asked = put(KEYS["integer"], Mistake(name="sign", value=12), mode="choice")
    assert inputs.of(part, asked) == One(("1", "2"))
    typed = {option: inputs.text(part, asked, str(mark)) for mark, option in enumerate(asked.order, 1)}
    assert typed == {"right": "-12", "sign": "12"}


@pytest.mark.parametrize(
    "name, line",
    [
        ("choice", "2."), ("choice", "（2）"), ("multiple", "13"), ("multiple", "1 3"), ("multiple", "1、3"),
        ("ordering", "4 3 2 1"), ("ordering", "4321"), ("ordering", "4 > 3 > 2 > 1"), ("matching", "1a 2b 3c"),
        ("matching", "1=a, 2=b, 3=c"), ("matching", "1 a\n2 b\n3 c"), ("matching", "a b c"),
        ("matching", "aab"), ("matching", "a, d, a"), ("truth", "yes"), ("truth", "错"), ("truth", "1"),
    ],
)  # fmt: skip
def test_marks_can_be_typed_in_many_ways(name: str, line: str) -> None:
    part, asked = put(KEYS[name])
    assert answers.grade(part.key, inputs.text(part, asked, line)).verdict != "invalid"


@pytest.mark.parametrize(
    "name, line, code, place",
    [
        ("choice", "7", "unknown-name", "7"), ("choice", "1 2", "choose-one", "2"),
        ("choice", "b", "unknown-name", "b"),
        ("multiple", "1 1", "not-each-once", "1"), ("multiple", "", "empty", ""),
        ("ordering", "1 2 3", "not-each-once", "1 2 3"), ("ordering", "1 2 3 s", "unknown-name", "s"),
        ("spare", "1 2", "not-as-many", "1 2"), ("matching", "1a 2e 3b", "unknown-name", "2e"),
        ("matching", "1a", "not-each-once", "1a"), ("matching", "a b", "not-as-many", "a b"),
        ("truth", "3", "unknown-name", "3"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_where_in_the_line(name: str, line: str, code: str, place: str) -> None:
    with pytest.raises(answers.Unreadable) as refused:
        inputs.text(*put(KEYS[name]), line)
    start, end = refused.value.span
    assert (refused.value.code, line[start:end]) == (code, place)


def test_letters_alone_stand_for_pairs_in_order() -> None:
    part, asked = put(KEYS["matching"])
    assert inputs.text(part, asked, "d a d") == inputs.text(part, asked, "3d 1d 2a")


def test_nothing_entered_is_nothing_typed() -> None:
    for name, key in KEYS.items():
        part, asked = put(key)
        shown = inputs.of(part, asked)
        assert inputs.joined(shown, [""] * 4) == "", name
        assert inputs.joined(shown, []) == "", name


def test_cells_may_hold_fractions_and_decimal_commas() -> None:
    part, asked = put(KEYS["vector"])
    line = inputs.joined(inputs.of(part, asked), ["1,0", "0,5", "-6/2"])
    assert answers.grade(part.key, inputs.text(part, asked, line)).verdict == "right"


@pytest.mark.parametrize("name", KEYS)
def test_hostile_entries_are_read_or_refused(name: str) -> None:
    part, asked = put(KEYS[name])
    for row_name, row in hostile.cases():
        if row_name == name and len(row.typed) < 5000:
            try:
                line = inputs.text(part, asked, row.typed)
            except answers.Unreadable:
                continue
            assert answers.grade(part.key, line).verdict != "right" or name == "written"


def test_declared_options_reach_the_input() -> None:
    key = answer.Number("kl", digits=2, unit="GB").key(_Trace())
    assert inputs.of(*put(key)) == Field(kind="number", longest=400, unit="GB", decimals=2)


class _Trace:
    """What a family has computed."""

    from decimal import Decimal

    kl = Decimal("0.25")
