"""Kahoot spreadsheets are read back, by a reader and by openpyxl, and marked from the file alone."""

from collections import Counter
from fractions import Fraction
from io import BytesIO
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # has no types
import pytest

from quizgen import drawing
from quizgen.answers.choice import Choice
from quizgen.answers.integer import Integer
from quizgen.answers.multiple import Multiple
from quizgen.bank import installed
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Settings
from quizgen.exporters.kahoot import Kahoot
from quizgen.values import Task
from tests.exports import kahoot_reader as reader
from tests.exports import samples
from tests.exports.samples import BANK, FAMILIES, LANGUAGES, OWN, drawn, exported, line, own

SLOT = Slot(1, "x", Fraction(1))
HOSTILE = "=1+1 ]]> <b & &amp; {x} *y* #z ~ \"q\" 'a' 😀 汉字 $a<b$"


def kahoot(locales: tuple[str, ...] = ("en",), **settings: Any) -> Kahoot:
    """The exporter."""
    return Kahoot(locales, BANK.templates, installed()[1] / "exports" / "kahoot", Settings(**settings))


def small(words: str = HOSTILE, many: bool = False) -> Task:
    """A question that is short enough."""
    names = ("o1", "o2", "o3")
    task = own(Multiple(value=("o1", "o3"), options=names) if many else Choice(value="o2", options=names))
    parameters = task.item.parameters | {"text": {"en": words, "zh": f"哪个？{words}"}}
    item = type(task.item)(
        **{name: getattr(task.item, name) for name in task.item.__struct_fields__} | {"parameters": parameters}
    )
    return drawing.task(item)


def check(task: Task, question: reader.Question, locales: tuple[str, ...]) -> None:
    """Exactly the right answers earn the points."""
    right = samples.options(task, task.item.parts[0].key.right, locales, line)
    assert right <= set(question.answers)
    assert reader.mark(question, right) == 1
    assert reader.mark(question, set()) == 0
    assert all(reader.mark(question, {answer}) == (right == {answer}) for answer in question.answers)
    assert reader.mark(question, set(question.answers)) == 0
    assert question.text.endswith(f"[{task.item.code}]") or len(question.text) > 111


@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_questions_are_read_back_and_marked(locales: tuple[str, ...]) -> None:
    tasks = [task for name in FAMILIES for options in (0, 4) for task in drawn(name, 2, options)]
    tasks += [*OWN, small(), small(many=True)] if locales != ("en", "zh") else [small("x"), small("x", True)]
    data, kept = exported(kahoot(locales), tasks)
    assert exported(kahoot(locales), tasks)[0] == data
    questions = reader.read(data)
    assert len(kept) >= 2
    for task, question in zip(kept, questions, strict=True):
        check(task, question, locales)
    sheet = openpyxl.load_workbook(BytesIO(data)).active
    assert [sheet.cell(9 + at, 2).value for at in range(len(kept))] == [question.text for question in questions]
    assert {sheet.cell(9, 2).data_type, sheet.cell(8, 2).data_type} == {"s"}


def test_hostile_words_survive() -> None:
    (question,) = reader.read(exported(kahoot(), [small()])[0])
    assert question.text == f"=1+1 ]]> <b & &amp; {{x}} *y* #z ~ “q” ‘a’ 😀 汉字 a<b [{small().item.code}]"
    sheet = openpyxl.load_workbook(BytesIO(exported(kahoot(), [small()])[0])).active
    assert sheet.cell(9, 2).value == question.text


def test_what_office_takes_for_a_sign_is_escaped() -> None:
    data = exported(kahoot(), [small("\\_x0041\\_?")])[0]
    assert reader.read(data)[0].text.startswith("_x0041_?")


@pytest.mark.parametrize("length, coded", [(111, True), (112, False), (120, False)])
def test_a_code_that_does_not_fit_is_left_out_and_that_is_told(length: int, coded: bool) -> None:
    task = small("x" * length)
    (question,) = reader.read(exported(kahoot(), [task])[0])
    assert question.text == "x" * length + (f" [{task.item.code}]" if coded else "")
    assert ("the code at its end" in {change.lost for change in kahoot().made(task, SLOT)[1]}) == (not coded)
    assert "the code at its end" not in {change.lost for change in kahoot(codes=False).made(task, SLOT)[1]}


def test_long_questions_are_refused_and_never_cut() -> None:
    with pytest.raises(Refused, match="a question of 121 characters, where Kahoot has at most 120"):
        kahoot().made(small("x" * 121), SLOT)


def test_what_does_not_fit_is_refused_by_name() -> None:
    (several,) = drawn("recurrent/lstm_step", 1)
    names = tuple(f"o{at}" for at in range(5))
    long = own(Choice(value="o1", options=("o1", "o2")))
    words = {"text": {"en": "Which?"}, "options": {"o1": {"en": "y" * 76}, "o2": {"en": "no"}}}
    fields = {name: getattr(long.item, name) for name in long.item.__struct_fields__}
    for task, why in (
        (several, "several answers"),
        (own(Integer.of(3), "How many?"), "has no field"),
        (small("Which?\n\n```\na\nb\n```"), "a table, or code"),
        (own(Choice(value="o1", options=names), "Which?"), "characters|5 answers"),
        (drawing.task(type(long.item)(**fields | {"parameters": words})), "an answer of 76 characters"),
    ):
        with pytest.raises(Refused, match=why):
            kahoot().made(task, SLOT)
    assert reader.read(b"".join(kahoot().file([]))) == []


def test_losses_are_told() -> None:
    lost = {change.lost for change in kahoot().made(small(many=True), SLOT)[1]}
    assert lost >= {"the points and the worked solution", "credit for some of the right answers"}


def test_nothing_tells_the_key() -> None:
    tasks = [small(f"Which is number {number}?") for number in range(90)]
    places = Counter(min(question.right) for question in reader.read(exported(kahoot(), tasks)[0]))
    assert len(places) == 3
    assert max(places.values()) < 50


def test_time_limits() -> None:
    (question,) = reader.read(exported(kahoot(), [small()])[0])
    assert question.seconds == 120
