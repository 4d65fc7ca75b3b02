"""QTI packages are read back by rules of the standards, and marked from the file alone."""

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from quizgen import drawing, figures
from quizgen.answers.fraction import Fraction as FractionKey
from quizgen.answers.integer import Integer
from quizgen.answers.multiple import Multiple
from quizgen.answers.number import Number
from quizgen.answers.ordering import Ordering
from quizgen.answers.text import Text as TextKey
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.bank import Bank, installed
from quizgen.errors import TypesettingError
from quizgen.exporters import _qti, exporter
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Choose, Essay, Field, Match, Order, Question, Said, Slot
from quizgen.exporters._platform import Settings
from quizgen.exporters._qti import Qti
from quizgen.figures.stack import Stack
from quizgen.markup import (
    Bullets,
    Code,
    CodeBlock,
    DisplayMath,
    Document,
    Emph,
    Figure,
    Math,
    Numbered,
    Paragraph,
    Strong,
    Table,
    Text,
    typographic,
)
from quizgen.renderers._unicode import line
from quizgen.values import Key
from tests.exports import qti_bank as bank
from tests.exports import samples
from tests.exports.qti_reader import Broken, Item, Package, parse
from tests.exports.samples import own

BANK = Bank()
FAMILIES = sorted(BANK.files)
VERSIONS = ("qti21", "qti22", "qti30")
LANGUAGES = (("en",), ("zh",), ("en", "zh"))
EPSILON = 1e-6
"""Shares are written with eight decimals."""


def writer(version: str, locales: tuple[str, ...] = ("en",), **settings: Any) -> Qti:
    """The exporter of one version."""
    found: Any = exporter(version)
    made: Qti = found(locales, BANK.templates, installed()[1] / "exports" / version, Settings(**settings))
    return made


def packed(platform: Qti, questions: list[Question]) -> bytes:
    """The file of some questions."""
    return b"".join(platform.file(platform.encoded(question) for question in questions))


def read(platform: Qti, questions: list[Question]) -> list[Item]:
    """The items of a package, in order."""
    return list(Package(packed(platform, questions)).items.values())


def drawn(platform: Qti, name: str, count: int, options: int = 0) -> list[Question]:
    """Questions of a family."""
    tasks = [drawing.task(item, options) for item in samples.items(name, "qti", count)]
    slot = Slot(1, name.replace("/", "-"), Fraction(1), count, 1)
    return [platform.made(task, slot, number)[0] for number, task in enumerate(tasks, 1)]


# What is right, from the question alone.


def flat(said: Said | None) -> str:
    """All characters of words but blanks."""
    found = "".join("".join(_characters(document)) for document in (said or {}).values())
    return "".join(found.split())


def _characters(node: Any) -> Iterator[str]:
    match node:
        case Text(text):
            yield typographic(text)
        case Math(tex) | DisplayMath(tex):
            yield line(tex)
        case Code(text) | CodeBlock(text):
            yield text
        case Numbered(items, start) if start != 1:
            for number, item in enumerate(items, start):
                yield f"{number}."
                yield from _characters(item)
        case tuple():
            for child in node:
                yield from _characters(child)
        case Document(children) | Paragraph(children) | Strong(children) | Emph(children):
            yield from _characters(children)
        case Bullets(children) | Numbered(children):
            yield from _characters(children)
        case Table(header, rows):
            yield from _characters((header, rows))


def squeezed(text: str) -> str:
    return "".join(text.split())


def check_words(item: Item, question: Question) -> None:
    """What can be chosen is listed in order and in full, and so is the question."""
    left = list(item.interactions)
    for field in question.fields:
        kind = field.interaction
        own, left = left[: len(next(bank.answers(kind)).values)], left[len(next(bank.answers(kind)).values) :]
        match kind:
            case Choose(options):
                wanted = [option.words for option in options]
            case Order(things):
                wanted = list(things)
            case Match(lefts, rights):
                wanted = [*lefts, *rights]
            case _:
                continue
        assert [squeezed(text) for text in own[0].choices.values()] == [flat(words) for words in wanted]
    assert not left
    body = squeezed(item.body.text())
    assert flat(question.prompt) in body
    assert all(flat(field.ask) in body for field in question.fields)
    assert item.title == question.name
    assert f"[{question.code}]" in body


def check_marks(item: Item, question: Question, practice: bool, most: int = 400) -> None:
    """Right, wrong, partial and empty answers earn what they should, and hear what they should."""
    tried = [list(bank.answers(field.interaction)) for field in question.fields]
    rng = random.Random(question.id)
    rounds = max(map(len, tried)) if len(tried) == 1 else 60
    for number in range(min(rounds, most)):
        if len(tried) == 1:
            given = [tried[0][number]]
        elif number == 0:
            given = [some[0] for some in tried]
        elif number <= len(tried):
            given = [some[0 if at == number - 1 else -1] for at, some in enumerate(tried)]
        else:
            given = [rng.choice(some) for some in tried]
        values = [value for answer in given for value in answer.values]
        responses = {one.response: value for one, value in zip(item.interactions, values, strict=True)}
        outcomes = item.outcomes(responses)
        expected = sum(field.points * answer.credit for field, answer in zip(question.fields, given, strict=True))
        assert outcomes["SCORE"] == pytest.approx(float(expected), abs=EPSILON), responses
        said = squeezed(" ".join(item.said(outcomes)))
        for answer in given:
            assert not answer.heard or (flat(answer.heard) in said) == practice, responses
    assert item.points == float(question.points)
    assert item.score({}) == 0


@pytest.mark.parametrize("practice", [True, False], ids=["practice", "exam"])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_kind_of_field(version: str, locales: tuple[str, ...], practice: bool) -> None:
    questions = [bank.only(question, locales) for question in bank.bank()]
    platform = writer(version, locales, practice=practice)
    for item, question in zip(read(platform, questions), questions, strict=True):
        check_words(item, question)
        check_marks(item, question, practice)
        assert bool(item.modals) == practice


@pytest.mark.parametrize("name", FAMILIES)
def test_families(name: str) -> None:
    for version, locales, options in (("qti30", ("en",), 0), ("qti30", ("en", "zh"), 0), ("qti21", ("zh",), 0)):
        platform = writer(version, locales)
        questions = drawn(platform, name, 2, options)
        for item, question in zip(read(platform, questions), questions, strict=True):
            check_words(item, question)
            check_marks(item, question, True, most=40)
            outcomes = item.outcomes(_all_right(item, question))
            heard = squeezed(" ".join(item.said(outcomes)))
            assert flat(question.steps) in heard
            assert flat(question.right) in heard
            assert all(flat(field.steps) in heard for field in question.fields)


def _all_right(item: Item, question: Question) -> dict[str, Any]:
    values = [value for field in question.fields for value in next(bank.answers(field.interaction)).values]
    return {one.response: value for one, value in zip(item.interactions, values, strict=True)}


def test_declared_answers_are_right() -> None:
    """The declared correct responses, which platforms show, score full marks."""
    for question in bank.bank():
        (item,) = read(writer("qti30"), [bank.only(question, ("en",))])
        right = {name: _given(value) for name, value in item.right().items()}
        essays = sum(field.points for field in question.fields if isinstance(field.interaction, Essay))
        assert item.score(right) == pytest.approx(float(question.points - essays))


def _given(value: Any) -> Any:
    return repr(value) if isinstance(value, float) else value if isinstance(value, str) else list(value)


@pytest.mark.parametrize("version", VERSIONS)
def test_same_bytes_again(version: str) -> None:
    questions = [bank.only(question, ("en",)) for question in bank.bank()]
    assert packed(writer(version), questions) == packed(writer(version), questions)


def test_an_exam_tells_nothing() -> None:
    """What a student sees does not change with the key, and nothing is said."""
    platform = writer("qti30", practice=False)
    bodies = set()
    for right in range(4):
        options = tuple(replace(option, right=at == right) for at, option in enumerate(bank.SINGLE.options))
        made = bank.question(1, Field("answer", Fraction(1), Choose(options)))
        text = platform.write(bank.only(made, ("en",))).text.decode()
        assert "modal-feedback" not in text
        bodies.add(text[text.index("<qti-item-body") : text.index("</qti-item-body")])
    assert len(bodies) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plain_choice_needs_no_rules_of_its_own(version: str) -> None:
    made = bank.only(bank.question(1, Field("answer", Fraction(1), bank.SINGLE)), ("en",))
    (item,) = read(writer(version, practice=False), [made])
    assert "template" in item.root.one("responseProcessing").attributes
    check_marks(item, made, practice=False)


def test_sections() -> None:
    """A section for each slot, from which some items are picked; the words around them in the language of the test."""
    for locales, title in ((("en",), "01 softmax (3 points, pick 2)"), (("zh", "en"), "01 softmax（3 分，选 2 题）")):
        platform = writer("qti30", locales, instructions={"en": "Work *alone* & <quietly>.", "zh": "独立完成。"})
        slots = [Slot(1, "softmax", Fraction(3), 3, 2), Slot(2, "b", Fraction(3))]
        made = [
            replace(bank.question(number, Field("answer", Fraction(3), bank.WHOLE)), slot=slots[number > 3])
            for number in (1, 2, 3, 4)
        ]
        package = Package(packed(platform, [bank.only(question, locales) for question in made]))
        assert package.sections[0].title == title
        assert [(len(section.items), section.pick) for section in package.sections] == [(3, 2), (1, 1)]
        assert len(package.instructions) == 1


def test_figures_are_files() -> None:
    drawn = figures.store(Stack(kernels=(3, 5, 2), strides=(2, 1, 3), dilations=(1, 2, 1)))
    document = Document((Figure(drawn, alt='A "<net>" & more'),))
    made = [bank.question(n, Field("answer", Fraction(1), bank.WHOLE)) for n in (1, 2)]
    made = [replace(bank.only(question, ("en",)), prompt={"en": document}) for question in made]
    for version in VERSIONS:
        package = Package(packed(writer(version), made))
        (name,) = [name for name in package.files if name.endswith(".svg")]
        assert package.files[name].startswith(b"<svg")
        assert name.startswith("items/figures/figure-"), "some importers stumble over a digit in front"
        images = [node for node in package.items[next(iter(package.items))].body.all() if node.name == "img"]
        assert [image["alt"] for image in images] == ['A "<net>" & more']


def test_no_right_option_is_refused() -> None:
    none = Choose(tuple(replace(option, right=False) for option in bank.TWO.options), single=False)
    with pytest.raises(Refused, match="no option is right"):
        writer("qti30").write(bank.only(bank.question(1, Field("answer", Fraction(1), none)), ("en",)))


MUTANTS = (
    ('<qti-assessment-item ', '<qti-assessment-item lang="en" '),
    (' adaptive="false"', ""),
    ('identifier="A2"', 'identifier="A1"'),
    ("<qti-value>A3</qti-value>", "<qti-value>A9</qti-value>"),
    ('<qti-variable identifier="RESPONSE_1"', '<qti-variable identifier="REPLY"'),
    ("<small>", "<small><p></p>"),
    ("</p>", ""),
    (' alttext="', ' altext="'),
    (' base-type="float"', ' base-type="number"'),
    (' shuffle="false"', ' shuffle="no"'),
    ("<qti-content-body>", "<qti-content-body><qti-rubric-block/>"),
    ("<qti-modal-feedback ", '<qti-modal-feedback title="" '),
    ('show-hide="show"', 'show-hide="yes"'),
    ('<qti-base-value base-type="float">1</qti-base-value>', '<qti-base-value base-type="float">1/2</qti-base-value>'),
    ("<qti-is-null>", "<qti-is-null><qti-is-null/>"),
    ("<qti-item-body>", "<qti-item-body>words"),
    ('</div><qti-rubric-block use="scoring"', '<qti-rubric-block use="scoring"'),
    (' use="scoring"', ""),
    ("<qti-response-processing>", "<qti-response-processing><qti-response-else/>"),
    ('<qti-stylesheet href="quizgen.css" type="text/css"/>', '<qti-stylesheet href="quizgen.css"/>'),
    (' match-max="1"', ""),
    ("</tbody>", "</tbody><thead></thead>"),
)  # fmt: skip


@pytest.mark.parametrize("old, new", MUTANTS)
def test_the_reader_sees_what_is_broken(old: str, new: str) -> None:
    data = writer("qti30").write(bank.only(bank.bank()[-2], ("en",))).text.decode()
    Item(data.encode())
    old = old.replace('use="scoring"', 'view="scorer" use="scoring"') if "rubric" in old else old
    assert old in data
    with pytest.raises(Broken):
        Item(data.replace(old, new, 1).encode())


def test_rubrics_stand_in_the_body_itself() -> None:
    """In a div they fit no schema."""
    made = bank.only(bank.question(1, Field("answer", Fraction(1), bank.ESSAY)), ("en",))
    data = writer("qti21").write(made).text.decode()
    moved = data.replace("</div><rubricBlock", "<rubricBlock").replace("</rubricBlock>", "</rubricBlock></div>")
    assert moved != data
    with pytest.raises(Broken, match="div holds"):
        Item(moved.encode())


def test_practice_shows_feedback_and_an_exam_has_one_try() -> None:
    """Platforms show none by default once the last attempt is over."""
    made = [bank.only(bank.bank()[0], ("en",))]
    for version in VERSIONS:
        for practice, wanted in ((True, {"maxAttempts": "0", "showFeedback": "true"}), (False, {"maxAttempts": "1"})):
            test, _ = parse(Package(packed(writer(version, practice=practice), made)).files["test.xml"])
            assert [node.attributes for node in test.all() if node.name == "itemSessionControl"] == [wanted]


@pytest.mark.parametrize(
    "key, lost",
    [
        (Number.of(Decimal("12.5"), 1, "kg", units={"g": Fraction(1, 1000)}), "units are not typed"),
        (Integer.of(7, percent=True, suffixes=True), "percent signs and suffixes are not typed"),
        (Integer.of(2**64 + 1), "only the numeral itself counts"),
        (Vector.of((2**64 + 1, 3)), "only the numerals themselves count"),
        (FractionKey.of(Fraction(3, 8), form="lowest"), "the form that is asked for"),
        (TextKey.of("ReLU", distance=1), "typing errors count as wrong"),
        (Integer.of(7), ""),
        (Vector.of((1, 2)), ""),
        (Ordering(value=("p", "q", "r")), ""),
        (Multiple(value=("o1", "o3"), options=("o1", "o2", "o3")), ""),
    ],
)
def test_losses_are_told(key: Key, lost: str) -> None:
    changes = writer("qti22").made(own(key), Slot(1, "x", Fraction(1)))[1]
    assert "; ".join(change.lost for change in changes) == lost


@pytest.mark.parametrize("version", VERSIONS)
def test_what_no_xml_can_hold_leaves_the_rest_readable(version: str) -> None:
    task = own(TextKey.of(("ReLU", "Re\x01LU", "Re\nLU", "Re\ufffeLU")), words="before \uffff after")
    platform = writer(version, title="of \x00 mine")
    question, changes = platform.made(task, Slot(1, "x", Fraction(1)))
    (item,) = read(platform, [question])
    assert [item.score({"RESPONSE": text}) for text in ("relu", "Re LU", "")] == [1, 0, 0]
    assert "before after" in item.body.text()
    assert [change.lost for change in changes] == ["spellings that fit no line"]


def test_what_is_not_said_is_told() -> None:
    third = own(Integer.of(7), slips={"third": Fraction(1, 3)}, why={"third": {"en": "No."}})
    essay = own(Written(rubric=()))
    for version, practice, task, lost in (
        ("qti30", True, third, ["feedback on some wrong answers"]),
        ("qti30", False, third, []),
        ("qti21", True, essay, ["that a person marks it"]),
        ("qti22", True, essay, []),
    ):
        changes = writer(version, practice=practice).made(task, Slot(1, "x", Fraction(1)))[1]
        assert [change.lost for change in changes] == lost


def test_formulas_are_the_same_however_many_are_set_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [bank.only(question, ("en",)) for question in bank.bank()]
    together = packed(writer("qti30"), questions)
    monkeypatch.setattr(_qti, "TOGETHER", 1)
    assert packed(writer("qti30"), questions) == together


def test_a_formula_that_cannot_be_set_is_named_with_its_question(monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [bank.only(question, ("en",)) for question in bank.bank()]
    asked = Document((Paragraph((Math("\\unheard"),)),))
    questions[2] = replace(questions[2], prompt={"en": asked}, code="broken")
    with pytest.raises(TypesettingError, match=r"^broken.*unheard"):
        packed(writer("qti30"), questions)
