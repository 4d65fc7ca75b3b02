"""Common Cartridges are read back by the rules of their profile, and marked from the file alone."""

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from quizgen import drawing, prose
from quizgen.answers.integer import Integer
from quizgen.answers.matching import Matching
from quizgen.answers.multiple import Multiple
from quizgen.answers.number import Number
from quizgen.answers.ordering import Ordering
from quizgen.answers.text import Text as TextKey
from quizgen.answers.vector import Vector
from quizgen.answers.written import Criterion, Written
from quizgen.bank import installed
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Settings
from quizgen.exporters.cc11 import Cc11
from quizgen.values import Item, Key, Part, Task
from tests.exports import cc11_reader as reader
from tests.exports.samples import BANK, CHOICES, LANGUAGES, entries, flat, own, some

LAYOUTS = installed()[1] / "exports" / "cc11"
SLIPS = {"too_many": 8, "too_few": 6, "twice": 14, "half": 3}

OWN = [
    *CHOICES,
    own(Integer.of(7), slips=SLIPS),
    own(Number.of(Decimal("0.125")), slips={name: Decimal(value) / 100 for name, value in SLIPS.items()}),
    own(TextKey.of(("ReLU <b>", "rectifier & ]]>"))),
    own(TextKey.of("ReLU", case=True)),
    own(Written(rubric=(Criterion(points=Fraction(3), text={"en": "idea <b>", "zh": "思路"}),))),
]


def cartridge(locales: tuple[str, ...] = ("en",), **settings: Any) -> Cc11:
    """The exporter."""
    return Cc11(locales, BANK.templates, LAYOUTS, Settings(**settings))


def check(questions: list[reader.Question], task: Task, locales: tuple[str, ...]) -> None:
    """Right answers earn everything, all others nothing."""
    words = tuple(prose.words(task.item, locale, BANK.templates) for locale in locales)
    for part, question in zip(task.item.parts, questions, strict=True):
        assert question.text.endswith(f"[{task.item.code}]")
        if question.profile == "essay":
            assert reader.mark(question, "anything") == 0
            continue
        if question.profile == "fib":
            assert all(reader.mark(question, text.strip()) == 1 for text in part.key.notations(part.key.right))
            assert reader.mark(question, "") == reader.mark(question, "nonsense") == 0
            continue
        right = set(_right(question, part, words))
        assert reader.mark(question, right) == 1
        assert reader.mark(question, set()) == 0
        for label in question.labels:
            assert reader.mark(question, right ^ {label.ident}) == 0
            assert reader.mark(question, {label.ident}) == (right == {label.ident})


def _right(question: reader.Question, part: Part, words: tuple[Any, ...]) -> Iterator[str]:
    listed = part.key.lists_options
    for value in part.key.right if isinstance(part.key, Multiple) else (part.key.right,):
        shown = dict.fromkeys(flat(each.named(value) if listed else each.value(part, value)) for each in words)
        (ident,) = (label.ident for label in question.labels if label.shown == "".join(shown))
        yield ident


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_questions_are_marked(locales: tuple[str, ...], practice: bool) -> None:
    platform = cartridge(locales, practice=practice, minutes=30)
    tasks = [*some(platform, 2), *OWN]
    assert len(tasks) > 50
    data = b"".join(platform.file(entries(platform, tasks)))
    assert b"".join(cartridge(locales, practice=practice, minutes=30).file(entries(platform, tasks))) == data
    (quiz,) = reader.read(data)
    assert quiz.fields["qmd_timelimit"] == "30"
    questions = iter(quiz.questions)
    for task in tasks:
        asked = [next(questions) for _ in task.item.parts]
        check(asked, task, locales)
        assert practice or not any(question.feedback for question in asked)
    assert next(questions, None) is None


def test_a_slot_with_several_questions_is_a_quiz() -> None:
    platform = cartridge(title="Bank", minutes=30, attempts=2)
    family = BANK.family("convolution/parameters")
    slots = [Slot(1, "a", Fraction(4), 2), Slot(2, "b", Fraction(1))]
    written = [
        platform.entry(drawing.task(family.draw("several", slot.id, number), 4), slot, number)
        for slot in slots
        for number in range(1, slot.count + 1)
    ]
    quizzes = reader.read(b"".join(platform.file(written)))
    assert [(quiz.title, len(quiz.questions)) for quiz in quizzes] == [("01 a", 2), ("02 b", 1)]
    assert [quiz.questions[0].weight for quiz in quizzes] == ["4", "1"]
    assert [quiz.fields["cc_maxattempts"] for quiz in quizzes] == ["2", "2"]
    assert not any("qmd_timelimit" in quiz.fields for quiz in quizzes)  # the time is for all of them together
    assert platform.holds == {"attempts"}


@pytest.mark.parametrize(
    "key, name",
    [
        (Ordering(value=("p", "q", "r")), "ordering"),
        (Matching(value=(("l1", "r1"), ("l2", "r2"))), "matching"),
        (Integer.of(7), "integer"),
    ],
)
def test_what_has_no_profile_is_refused_by_name(key: Key, name: str) -> None:
    with pytest.raises(Refused, match=rf"\({name}\) has no field here"):
        cartridge().made(own(key), Slot(1, "x", Fraction(1)))


def test_losses_are_told() -> None:
    def lost(task: Task, points: Fraction = Fraction(1), **settings: Any) -> list[str]:
        return [change.lost for change in cartridge(**settings).made(task, Slot(1, "x", points, 2))[1]]

    draw = "the draw of 1 from 2 questions"
    assert lost(OWN[0]) == [draw]
    assert lost(OWN[0], Fraction(1, 2)) == [f"{draw}; points that are no whole number"]
    assert lost(OWN[1]) == [f"partial credit; {draw}"]
    assert lost(OWN[2]) == [f"the answer is chosen, not typed; {draw}"]
    assert lost(OWN[6], practice=False) == [f"the rubric; {draw}"]
    turned = {"first": (2, 1, 3), "last": (1, 3, 2), "both": (3, 2, 1)}
    assert lost(own(Vector.of((1, 2, 3)), slips=turned)) == [f"the answer is chosen, not typed; partial credit; {draw}"]


def test_points_that_are_no_whole_number_are_left_out() -> None:
    platform = cartridge()
    slots = [Slot(1, "a", Fraction(3, 2)), Slot(2, "b", Fraction(3))]
    (quiz,) = reader.read(b"".join(platform.file([platform.entry(OWN[0], slot) for slot in slots])))
    assert [question.weight for question in quiz.questions] == ["", "3"]


def test_several_answers_become_questions_with_their_share() -> None:
    parts = tuple(Part(name=name, key=OWN[2].item.parts[0].key, weight=weight, mistakes=OWN[2].item.parts[0].mistakes)
                  for name, weight in (("first", 1), ("second", 3)))  # fmt: skip
    source = OWN[2].item
    item = Item(**{name: getattr(source, name) for name in source.__struct_fields__} | {"parts": parts})
    platform = cartridge()
    data = b"".join(platform.file([platform.entry(drawing.task(item), Slot(1, "x", Fraction(4)))]))
    (quiz,) = reader.read(data)
    assert [question.weight for question in quiz.questions] == ["1", "3"]
    assert [question.name.rpartition(" ")[2] for question in quiz.questions] == ["first", "second"]
    labels = [label.ident for question in quiz.questions for label in question.labels]
    assert len(set(labels)) == len(labels) == 8


def test_nothing_tells_the_key() -> None:
    platform = cartridge()
    family = BANK.family("convolution/parameters")
    tasks = [drawing.task(family.draw("places", "x", number)) for number in range(100)]
    data = b"".join(platform.file(entries(platform, tasks)))
    (quiz,) = reader.read(data)
    places = []
    for question in quiz.questions:
        names = [label.ident for label in question.labels]
        places += [place for place, name in enumerate(names) if reader.mark(question, {name})]
        assert not any(re.search("right|wrong|key|true|false", name) for name in names)
    assert len(places) == 100
    assert max(map(places.count, places)) < 50
