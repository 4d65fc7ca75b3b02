"""Blackboard's rows and Brightspace's CSV are read back and marked from the file alone."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any

import msgspec
import pytest

from quizgen import drawing, prose
from quizgen.answers.choice import Choice
from quizgen.answers.fraction import Fraction as FractionKey
from quizgen.answers.integer import Integer
from quizgen.answers.matching import Matching
from quizgen.answers.number import Number
from quizgen.answers.ordering import Ordering
from quizgen.answers.text import Text as TextKey
from quizgen.answers.vector import Vector
from quizgen.answers.written import Criterion, Written
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Choose, Match, Numeric, Option, Order, Short, Slot
from quizgen.exporters._platform import Platform, Settings
from quizgen.exporters.blackboard import Blackboard, _trouble, flat
from quizgen.exporters.d2l import D2l
from quizgen.markup import Document, literal
from quizgen.renderers import _unicode, html
from quizgen.values import Key, Part, Task
from tests.exports import blackboard_reader, d2l_reader
from tests.exports.canvas_reader import text_of
from tests.exports.samples import BANK, LANGUAGES, LISTED, entries, own, some, typed

OWN = [
    *LISTED,
    own(Integer.of(5076)),
    own(FractionKey(value=Fraction(3, 8))),
    own(Number.of(Decimal("0.00001234"), 8)),
    own(Number.of(Decimal("12.5"), 1, "kg", units={"g": Fraction(1, 1000)})),
    own(TextKey.of(("ReLU <b>", 'rectifier, & "]]>'))),
    own(Written(rubric=(Criterion(points=Fraction(3, 2), text={"en": "idea <b>", "zh": "思路"}),))),
]


AS_CHARACTERS = html.Hypertext(formula=lambda tex, display: escape(_unicode.line(tex)), drawing=lambda figure: "")


def line(document: Document) -> str:
    """A paragraph as Blackboard shows it: formulas as characters."""
    return text_of(AS_CHARACTERS.inline(document) or AS_CHARACTERS.render(document))


def typeset(document: Document) -> str:
    """A paragraph as Brightspace shows it: formulas as the characters of MathML."""
    return text_of(html.inline(document) or html.render(document))


class Blackboards:
    """What the tests need to know of the format."""

    exporter: type[Platform] = Blackboard
    read = staticmethod(blackboard_reader.read)
    mark: Callable[[Any, object], Fraction] = staticmethod(blackboard_reader.mark)
    show = staticmethod(line)


class Brightspaces:
    """What the tests need to know of the format."""

    exporter: type[Platform] = D2l
    read = staticmethod(d2l_reader.read)
    mark: Callable[[Any, object], Fraction] = staticmethod(d2l_reader.mark)
    show = staticmethod(typeset)


FORMATS = pytest.mark.parametrize("form", [Blackboards, Brightspaces])
CHOSEN, SEVERAL, ORDERED, MATCHED, TYPED = ("MC",), ("MA", "MS"), ("ORD", "O"), ("MAT", "M"), ("FIB", "SA", "NUM")


def platform(form: Any, locales: tuple[str, ...] = ("en",), **settings: Any) -> Platform:
    """The exporter."""
    made: Platform = form.exporter(locales, BANK.templates, settings=Settings(**settings))
    return made


def right_answer(form: Any, question: Any, task: Task, part: Part, locales: tuple[str, ...]) -> object:
    """What is right, from the item alone, as it stands in the file."""
    words = tuple(prose.words(task.item, locale, BANK.templates) for locale in locales)

    def named(name: str) -> str:
        return "".join(dict.fromkeys(form.show(each.named(name)) for each in words))

    key = part.key
    if question.kind in SEVERAL:
        return {named(name) for name in key.right}
    if question.kind in ORDERED:
        return [named(name) for name in key.right]
    if question.kind in MATCHED:
        return {named(left): named(right) for left, right in key.right}
    if question.kind in CHOSEN:
        if key.lists_options:
            return named(key.right)
        return "".join(dict.fromkeys(form.show(each.value(part, key.right)) for each in words))
    if isinstance(key.right, int | Fraction | Decimal) and question.kind in TYPED:
        return typed(key.right)
    return next(text for text in key.notations(key.right) if "\n" not in text)


@FORMATS
@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_questions_are_marked(form: Any, locales: tuple[str, ...], practice: bool) -> None:
    exporter = platform(form, locales, practice=practice)
    tasks = [*some(exporter, 1), *OWN]
    assert len(tasks) > 30
    data = b"".join(exporter.file(entries(exporter, tasks)))
    assert b"".join(platform(form, locales, practice=practice).file(entries(exporter, tasks))) == data
    questions = iter(form.read(data))
    for task in tasks:
        for part in task.item.parts:
            question = next(questions)
            assert question.text.endswith(f"[{task.item.code}]")
            if question.kind in ("ESS", "WR"):
                continue
            right = right_answer(form, question, task, part, locales)
            nothing = type(right)()
            assert form.mark(question, right) == 1, (right, question)
            assert form.mark(question, nothing) == 0
            assert form.mark(question, type(right)() if not isinstance(right, str) else "nonsense") == 0
            if isinstance(right, dict):
                assert form.mark(question, dict([next(iter(right.items()))])) == Fraction(1, len(right))
            if isinstance(right, list):
                assert form.mark(question, right[::-1]) == 0
    assert next(questions, None) is None


def test_rows_are_one_line_without_tabs() -> None:
    """Tabs part the cells of one format, ends of line the rows of both."""
    assert flat("<p>a\tb\nc</p>\n<p>d</p>") == "<p>a    b<br>c</p><p>d</p>"


@FORMATS
def test_hostile_text_survives(form: Any) -> None:
    exporter = platform(form)
    (question,) = form.read(b"".join(exporter.file(entries(exporter, OWN[:1]))))
    for words in (
        "]]> <b & &amp; {x}",
        "#z ~",
        "😀 汉字",
        "c<d \\\\(x\\\\)".replace("\\\\", "\\"),
        "next | %50% {{ 7*7 }}",
    ):
        assert words in question.text


def test_blackboard_takes_tolerances_and_small_numbers() -> None:
    exporter = platform(Blackboards)
    (question,) = blackboard_reader.read(b"".join(exporter.file(entries(exporter, [OWN[6]]))))
    assert (question.kind, question.cells) == ("NUM", ["0.00001234", "0.000000005"])
    assert blackboard_reader.mark(question, "0.000012345") == 1
    assert blackboard_reader.mark(question, "0.00001235") == 0


def test_blackboard_takes_tolerances_without_an_end() -> None:
    number = Numeric(Fraction("0.333"), Fraction(1, 1500))
    text = "NUM\twhich\t{}\t{}\r\n".format(*list(Blackboard()._cells(number))[1:])
    (question,) = blackboard_reader.read(text.encode())
    assert len(text) < 50
    assert [blackboard_reader.mark(question, value) for value in ("0.3336666", "0.33233334", "0.3337")] == [1, 1, 0]


def test_d2l_lists_all_numbers_within_the_tolerance() -> None:
    exporter = platform(Brightspaces)
    task = own(Number.of(Decimal("0.30"), 2, tolerance=Decimal("0.01")))
    (question,) = d2l_reader.read(b"".join(exporter.file(entries(exporter, [task]))))
    for text, share in (("0.3", 1), ("0.30", 1), (".29", 1), ("0.31", 1), ("0.32", 0), ("0.28", 0)):
        assert d2l_reader.mark(question, text) == share


def test_d2l_says_title_points_and_comments() -> None:
    exporter = platform(Brightspaces)
    (question,) = d2l_reader.read(b"".join(exporter.file([exporter.entry(OWN[0], Slot(3, "conv", Fraction(3, 2)), 7)])))
    assert question.one("Title") == f"conv 007 {OWN[0].item.code}"
    assert question.one("Points") == "1.5"
    (comment,) = (cells[3] for cells in question.rows["Option"] if len(cells) > 3)
    assert text_of(comment) == "No: <b> ~ = #."
    assert "Because" in question.one("Feedback")


@FORMATS
def test_pairs_that_are_not_one_to_one_are_refused(form: Any) -> None:
    key = Matching(value=(("l1", "r1"), ("l2", "r1")), spare=("r2",))
    with pytest.raises(Refused, match="several on the left"):
        platform(form).made(own(key), Slot(1, "x", Fraction(1)))


def test_blackboard_takes_a_hundred_answers() -> None:
    def refused(*words: str) -> str:
        said = tuple({"en": literal(word)} for word in words)
        options = Choose(tuple(Option(word, at == 0) for at, word in enumerate(said)))
        found = {_trouble(asked) for asked in (options, Order(said, ()), Match(said, said, tuple(range(len(said)))))}
        (why,) = found
        return why

    assert refused(*map(str, range(100))) == ""
    assert refused(*map(str, range(101))) == "more than 100 options"
    assert refused("a", "b", "a") == refused("a", "") == "options that are the same, or empty"
    assert _trouble(Short(tuple(map(str, range(101))))) == "more than 100 accepted texts"


@FORMATS
@pytest.mark.parametrize("name", ["same", " "])
def test_options_that_cannot_be_told_apart_are_refused(form: Any, name: str) -> None:
    names = {"o1": {"en": "same"}, "o2": {"en": name}, "o3": {"en": "other"}}
    for key in (Choice(value="o1", options=("o1", "o2", "o3")), Ordering(value=("o1", "o2", "o3"))):
        task = own(key)
        item = msgspec.structs.replace(task.item, parameters=task.item.parameters | {"options": names})
        with pytest.raises(Refused, match="same, or empty"):
            platform(form).made(drawing.task(item), Slot(1, "x", Fraction(1)))


@FORMATS
def test_losses_are_told(form: Any) -> None:
    def lost(key: Key, **settings: Any) -> str:
        (change,) = platform(form, **settings).made(own(key), Slot(1, "x", Fraction(1)))[1]
        return change.lost

    assert "what is left over on the right" in lost(OWN[3].item.parts[0].key)
    assert "the rubric" in lost(OWN[9].item.parts[0].key, practice=False)
    assert "capitals do not count" in lost(TextKey.of("ReLU", case=True))
    assert "typing errors count as wrong" in lost(TextKey.of("ReLU", distance=1))
    assert "the form that is asked for" in lost(FractionKey(value=Fraction(3, 8), form="lowest"))
    assert "units are not typed" in lost(OWN[7].item.parts[0].key)
    assert "partial credit" in lost(Vector.of((1, 2)))


def test_credit_that_differs_is_told() -> None:
    several, order = OWN[1], OWN[2]
    places = "the credit is for places, not for pairs in order"
    for form, task, told in (
        (Blackboards, several, "partial credit"), (Blackboards, order, "partial credit"), (Brightspaces, order, places),
    ):  # fmt: skip
        (change,) = platform(form).made(task, Slot(1, "x", Fraction(1)))[1]
        assert told in change.lost
    assert "credit" not in str(platform(Brightspaces).made(several, Slot(1, "x", Fraction(1)))[1])
