"""H5P packages are read back by the rules of H5P's content types, and marked from the file alone."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from msgspec import structs
from PIL import Image

from quizgen import drawing, figures
from quizgen.answers.choice import Choice
from quizgen.answers.integer import Integer
from quizgen.answers.matrix import Matrix
from quizgen.answers.number import Number
from quizgen.answers.text import Text as TextKey
from quizgen.answers.vector import Vector
from quizgen.bank import installed
from quizgen.errors import TypesettingError
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Settings
from quizgen.exporters.h5p import LIBRARIES, TITLES, H5p
from quizgen.values import Part, Task
from tests.exports import h5p_reader as reader
from tests.exports import samples
from tests.exports.samples import BANK, FAMILIES, LANGUAGES, OWN, drawn, own

SLOT = Slot(1, "x", Fraction(1))


def h5p(locales: tuple[str, ...] = ("en",), **settings: Any) -> H5p:
    """The exporter."""
    return H5p(locales, BANK.templates, installed()[1] / "exports" / "h5p", Settings(**settings))


def exported(platform: H5p, tasks: list[Task]) -> tuple[bytes, list[Task]]:
    """The file, and which tasks are in it."""
    entries, kept = [], []
    for number, task in enumerate(tasks, 1):
        try:
            question, _ = platform.made(task, Slot(number, f"slot-{number}", task.total or Fraction(1)))
            entries.append(platform.encoded(question))
        except Refused:
            continue
        kept.append(task)
    return b"".join(platform.file(entries)), kept


def apart(task: Task, questions: Iterator[reader.Question]) -> Iterator[tuple[Task, reader.Question]]:
    """A task with its question; where a part is chosen, its parts with the questions that they became."""
    first = next(questions)
    if len(task.item.parts) == 1 or first.name.endswith(f" {task.item.code}"):
        yield task, first
        return
    for part, asked, points in zip(task.item.parts, task.asked, task.points, strict=True):
        question = first if part is task.item.parts[0] else next(questions)
        assert question.name.endswith(f" {task.item.code} {part.name}")
        yield Task(item=structs.replace(task.item, parts=(part,)), asked=(asked,), points=(points,)), question


def check(task: Task, question: reader.Question, locales: tuple[str, ...]) -> None:
    """Right answers earn everything, wrong ones less, none nothing."""
    if question.kind == "H5P.MultiChoice":
        texts = {samples.shown(text).replace(" ", ""): text for text, _, _ in question.options}
        right = {texts[text.replace(" ", "")] for text in samples.options(task, task.item.parts[0].key.right, locales)}
        others = set(texts.values()) - right
        assert len(texts) == len(question.options)
        assert reader.mark(question, right) == 1
        assert reader.mark(question, set()) == 0
        assert all(reader.mark(question, {other}) == 0 for other in others)
        assert reader.mark(question, right | others) < 1
        return
    blanks = [text for part in task.item.parts for text in typed(part, question)]
    assert reader.mark(question, blanks) == 1
    assert reader.mark(question, [""] * len(blanks)) == 0
    assert reader.mark(question, ["nonsense", *blanks[1:]]) == 1 - Fraction(1, len(blanks))
    assert reader.mark(question, [*[""] * (len(blanks) - 1), blanks[-1]]) == Fraction(1, len(blanks))


def typed(part: Part, question: reader.Question) -> list[str]:
    """What is typed into the blanks of a part."""
    key = part.key
    if isinstance(key, Vector | Matrix):
        rows = [row if isinstance(row, tuple) else (row,) for row in key.right]
        entries = [entry for row in rows for entry in row]
        if all(10**12 % Fraction(entry).denominator == 0 for entry in entries):
            return list(map(samples.typed, entries))
    elif isinstance(key.right, int | Fraction | Decimal) and 10**12 % Fraction(key.right).denominator == 0:
        return [samples.typed(key.right)]
    return [key.notations(key.right)[0]]


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_questions_are_read_back_and_marked(locales: tuple[str, ...], practice: bool) -> None:
    tasks = [task for name in FAMILIES for options in (0, 4) for task in drawn(name, 2, options)]
    data, kept = exported(h5p(locales, practice=practice), [*tasks, *OWN])
    assert exported(h5p(locales, practice=practice), [*tasks, *OWN])[0] == data
    package = reader.read(data)
    assert {question.kind for question in package.questions} == {"H5P.MultiChoice", "H5P.Blanks"}
    questions = iter(package.questions)
    found = [pair for task in kept for pair in apart(task, questions)]
    assert not list(questions)
    assert len(found) > len(kept)
    for task, question in found:
        check(task, question, locales)
        assert f"[{task.item.code}]" in samples.shown(question.html)
        assert (bool(question.after), question.retry) == (practice, practice)
        assert practice or not any(said for _, _, said in question.options)
    shown = package.settings["override"]
    assert shown == {
        "checkButton": practice,
        **dict.fromkeys(("showSolutionButton", "retryButton"), "on" if practice else "off"),
    }


@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_hostile_words_survive(locales: tuple[str, ...]) -> None:
    data, kept = exported(h5p(locales), OWN)
    assert len(kept) >= 10
    for question in reader.read(data).questions:
        text = samples.shown(question.html)
        for words in (
            "]]> <b & &amp; {x} y #z ~ = : \\n // ->",
            r"😀 汉字 \(a<b\), c<d \(x\) ::",
            "next | %50% {{ 7*7 }}",
        ):
            assert words in text
        assert r"\(x\)" not in question.html


@pytest.mark.parametrize("text", ["a*b", "a/b", "a:b", "x<y", "&amp;", "'q'", "汉字", "*"])
def test_hostile_short_answers(text: str) -> None:
    (question,) = reader.read(exported(h5p(), [own(TextKey.of(text))])[0]).questions
    assert reader.mark(question, [text]) == 1
    assert reader.mark(question, [f"{text}b"]) == 0


def test_all_numbers_within_the_tolerance_are_listed() -> None:
    (question,) = reader.read(exported(h5p(), [own(Number.of(Decimal("0.3"), tolerance=Decimal("0.1")))])[0]).questions
    assert [reader.mark(question, [text]) for text in ("0.2", "0.3", ".4", "0.5", "0.1")] == [1, 1, 1, 0, 0]


def test_what_cannot_be_listed_is_chosen() -> None:
    slips = {f"w{at}": Decimal(at) for at in range(5000, 5004)}
    task = own(Number.of(Decimal(1000), tolerance=Decimal(100)), "How many?", slips=slips)
    asked, changes = h5p().made(task, SLOT)
    assert "choose" in {change.becomes for change in changes}
    assert asked.fields


def test_true_and_false() -> None:
    task = own(Choice(value="o2", options=("o1", "o2")))
    fields = {name: getattr(task.item, name) for name in task.item.__struct_fields__}
    parameters = task.item.parameters | {"options": {"o1": {"en": "True"}, "o2": {"en": "False"}}}
    (question,) = reader.read(
        exported(h5p(), [drawing.task(type(task.item)(**fields | {"parameters": parameters}))])[0]
    ).questions
    assert question.kind == "H5P.TrueFalse"
    assert [reader.mark(question, answer) for answer in (True, False, None)] == [0, 1, 0]


def test_figures_are_images_with_words() -> None:
    tasks = [task for name in FAMILIES for task in drawn(name, 1) if task.item.figures]
    package = reader.read(exported(h5p(), tasks)[0])
    images = [question.image for question in package.questions if question.image]
    assert images
    assert "H5P.Image" in package.needed
    for image in images:
        with Image.open(BytesIO(package.files[f"content/{image['file']['path']}"])) as picture:
            assert (picture.format, picture.size) == ("PNG", (image["file"]["width"], image["file"]["height"]))
            assert 0 < picture.convert("L").histogram()[0] < picture.width * picture.height / 2


def test_a_figure_in_two_languages_is_one_image() -> None:
    (task,) = drawn("convolution/receptive_field", 1)
    (question,) = (package := reader.read(exported(h5p(("en", "zh")), [task])[0])).questions
    assert len(package.files) == 1
    assert question.image["alt"] not in question.html


def test_figures_that_cannot_be_drawn_stand_as_words_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def lacking(scene: object) -> None:
        raise TypesettingError("no font for 'θ'")

    (task,) = drawn("convolution/receptive_field", 1)
    assert "figure" not in {change.kind for change in h5p().made(task, SLOT)[1]}
    monkeypatch.setattr(figures, "png", lacking)
    assert [change.lost for change in h5p().made(task, SLOT)[1] if change.kind == "figure"] == [
        "the drawing: no font for 'θ'"
    ]
    package = reader.read(exported(h5p(), [task])[0])
    assert not package.files
    assert "[" in package.questions[0].html


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_guide_names_the_versions_that_are_needed(locale: str) -> None:
    guide = (installed()[1] / "exports" / "guides" / f"h5p.{locale}.md.j2").read_text(encoding="utf-8")
    for name, (major, minor) in LIBRARIES.items():
        assert f"{TITLES.get(name, 'Question Set')} {major}.{minor}" in guide


def test_what_has_no_type_is_refused_by_name() -> None:
    for task, why in ((OWN[2], "ordering"), (OWN[3], "matching"), (OWN[13], "written")):
        with pytest.raises(Refused, match=why):
            h5p().made(task, SLOT)


def test_a_choice_beside_other_answers_is_a_question_of_its_own() -> None:
    (task,) = drawn("attention/causal_mask", 1)
    (asked, changes) = h5p().made(task, SLOT)
    assert len(asked.fields) == 3
    told = [change.part for change in changes if change.lost == "its place beside the other answers"]
    assert told == [part.name for part in task.item.parts]
    questions = reader.read(exported(h5p(), [task])[0]).questions
    assert [question.kind for question in questions].count("H5P.Blanks") == 2
    assert len({samples.shown(question.html)[:200] for question in questions}) == 1


def test_losses_are_told_and_names_are_readable() -> None:
    lost = {change.lost for change in h5p().made(own(Vector.of((1, 2))), Slot(1, "x", Fraction(2), 5, 1))[1]}
    assert any("counts one" in text for text in lost)
    assert any("all questions are asked" in text for text in lost)
    package = reader.read(exported(h5p(title="A <b>"), [own(Integer.of(3))])[0])
    assert package.title == "A <b>"
    assert package.questions[0].name.startswith("slot-1 001 ")
