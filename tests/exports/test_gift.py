"""GIFT files are read back by the rules of Moodle's importer, and marked from the file alone."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from quizgen import drawing
from quizgen.answers.choice import Choice
from quizgen.answers.integer import Integer
from quizgen.answers.matching import Matching
from quizgen.answers.multiple import Multiple
from quizgen.answers.number import Number
from quizgen.answers.text import Text as TextKey
from quizgen.bank import installed
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Match, Slot
from quizgen.exporters._platform import Settings
from quizgen.exporters.gift import Gift
from quizgen.markup import literal
from quizgen.values import Task
from tests.exports import gift_reader as reader
from tests.exports import samples
from tests.exports.samples import BANK, FAMILIES, LANGUAGES, OWN, drawn, exported, flat, line, own


def gift(locales: tuple[str, ...] = ("en",), **settings: Any) -> Gift:
    """The exporter."""
    return Gift(locales, BANK.templates, installed()[1] / "exports" / "gift", Settings(**settings))


def check(task: Task, question: reader.Question, locales: tuple[str, ...]) -> None:
    """Right answers earn everything, wrong ones less, none nothing."""
    (part,) = task.item.parts
    key, right = part.key, part.key.right
    match question.kind:
        case "multichoice":
            _check_chosen(question, samples.options(task, right, locales))
        case "numerical":
            assert reader.mark(question, samples.typed(right)) == 1
            assert reader.mark(question, samples.typed(Fraction(right) + 2 * key.within + 1)) < 1
            assert reader.mark(question, "") == 0
            for mistake in part.mistakes:
                if abs(Fraction(mistake.value) - Fraction(right)) > key.within and _is_finite(mistake.value):
                    assert reader.mark(question, samples.typed(mistake.value)) == 0
        case "shortanswer":
            assert all(reader.mark(question, text) == 1 for text in key.notations(right) if "\n" not in text)
            assert reader.mark(question, "nonsense") == reader.mark(question, "") == 0
        case "match":
            _check_paired(question, _pairs(task, locales))
        case "truefalse" | "essay":
            assert reader.mark(question, "") == 0
        case kind:
            raise AssertionError(kind)


def _is_finite(value: Any) -> bool:
    return 10**12 % Fraction(value).denominator == 0


def _check_chosen(question: reader.Question, right: set[str]) -> None:
    texts = {samples.shown(answer.text): answer.text for answer in question.answers}
    assert len(texts) == len(question.answers)
    chosen = {texts[text] for text in right}
    others = set(texts.values()) - chosen
    assert reader.mark(question, chosen) == 1
    assert reader.mark(question, set()) == 0
    assert all(reader.mark(question, {other}) == 0 for other in others)
    if not question.single:
        assert reader.mark(question, set(texts.values())) == 0
        assert 0 < reader.mark(question, {next(iter(chosen))}) <= Fraction(1, len(chosen)) + Fraction(1, 1000)


def _pairs(task: Task, locales: tuple[str, ...]) -> dict[str, str]:
    key, told = task.item.parts[0].key, samples.words(task, locales)
    if isinstance(key, Matching):
        return {
            flat(*(each.named(left) for each in told)): line(*(each.named(right) for each in told))
            for left, right in key.right
        }
    places = {name: str(place) for place, name in enumerate(key.right, 1)}
    return {flat(*(each.named(name) for each in told)): places.get(name, "—") for name in key.labels()}


def _check_paired(question: reader.Question, right: dict[str, str]) -> None:
    lefts = {samples.shown(left): left for left, _ in question.pairs if left}
    response = {lefts[left]: place for left, place in right.items()}
    assert reader.mark(question, response) == 1
    first = next(iter(response))
    assert reader.mark(question, response | {first: "nonsense"}) == 1 - Fraction(1, len(response))
    assert reader.mark(question, {}) == 0


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_items_are_read_back_and_marked(locales: tuple[str, ...], practice: bool) -> None:
    tasks = [task for name in FAMILIES for options in (0, 4) for task in drawn(name, 2, options)]
    data, kept = exported(gift(locales, practice=practice), tasks)
    assert exported(gift(locales, practice=practice), tasks)[0] == data
    questions = reader.read(data)
    assert {question.kind for question in questions} >= {"multichoice", "numerical", "match"}
    for task, question in zip(kept, questions, strict=True):
        check(task, question, locales)
        assert samples.shown(question.html).endswith(f"[{task.item.code}]")
        assert question.id == task.item.id
        assert (bool(question.general), any(answer.feedback for answer in question.answers)) == (
            (practice, practice) if question.kind != "match" else (practice, False)
        )


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_own_questions_are_read_back_and_marked(locales: tuple[str, ...], practice: bool) -> None:
    data, kept = exported(gift(locales, practice=practice), OWN)
    assert kept == OWN
    for task, question in zip(OWN, reader.read(data), strict=True):
        check(task, question, locales)
        text = samples.shown(question.html)
        for words in (
            "]]> <b & &amp; {x}",
            "#z ~ = : \\n // ->",
            r"😀 汉字 \(a<b\), c<d \(x\) ::",
            "next | %50% {{ 7*7 }}",
        ):
            assert words in text
        if practice and "en" in locales:
            assert r"Because <b> \(x<y\) ]]> ####." in samples.shown(question.general)
        assert practice or not question.general


def one(task: Task, **settings: Any) -> reader.Question:
    """What is read of one question."""
    (question,) = reader.read(exported(gift(**settings), [task])[0])
    return question


@pytest.mark.parametrize("value, tolerance", [("0.3", "0.1"), ("1e6", "0.5"), ("-2.461", "0.0005")])
def test_bounds_are_right_and_what_is_beyond_them_is_not(value: str, tolerance: str) -> None:
    question = one(own(Number.of(Decimal(value), tolerance=Decimal(tolerance))))
    for sign in (1, -1):
        bound = Decimal(value) + sign * Decimal(tolerance)
        assert reader.mark(question, f"{bound:f}") == 1
        assert reader.mark(question, f"{bound + sign * Decimal(tolerance) / 1000:f}") == 0


@pytest.mark.parametrize("text", ["a*b", "[html]x", "50%", "%50%x", "\\nabla", "a=b", "x~y#z", "TRUE", "a:b", "\\"])
def test_hostile_short_answers(text: str) -> None:
    question = one(own(TextKey.of(text)))
    assert question.kind == "shortanswer"
    assert reader.mark(question, text) == 1
    assert reader.mark(question, f"{text}b") == 0


def test_arrows_are_refused_by_name() -> None:
    with pytest.raises(Refused, match="arrow"):
        gift().entry(own(TextKey.of("a->b")), Slot(1, "x", Fraction(1)))


def test_names_end_where_they_should() -> None:
    platform = gift()
    entry = platform.entry(OWN[4], Slot(1, "a::b {c}: d", Fraction(1)))
    (question,) = reader.read(b"".join(platform.file([entry])))
    assert question.name == f"a::b {{c}}: d 001 {OWN[4].item.code}"


def test_what_gift_keeps_for_itself_is_refused_on_the_right() -> None:
    """There is no way to write ``&&058;``, which the importer puts for a colon while it reads."""
    platform = gift()
    question, _ = platform.made(OWN[4], Slot(1, "x", Fraction(1)))
    lefts, rights = ({"en": literal("a")}, {"en": literal("b")}), ({"en": literal("&&058;")}, {"en": literal("c")})
    with pytest.raises(Refused, match="keeps for itself"):
        list(platform.pairs(question, Match(lefts, rights, (0, 1))))


def test_several_answers_are_refused_by_name() -> None:
    (task,) = drawn("recurrent/lstm_step", 1)
    with pytest.raises(Refused, match="several answers"):
        gift().entry(task, Slot(1, "x", task.total))


def test_true_and_false() -> None:
    names = {"o1": {"en": "True"}, "o2": {"en": "False"}}
    key = Choice(value="o2", options=("o1", "o2"))
    task = own(key, options=0, slips={"o1": "o1"}, why={"o1": {"en": "No: #."}})
    parameters = task.item.parameters | {"options": names}
    item = type(task.item)(
        **{name: getattr(task.item, name) for name in task.item.__struct_fields__} | {"parameters": parameters}
    )
    question = one(drawing.task(item))
    assert question.kind == "truefalse"
    assert [reader.mark(question, {word}) for word in ("true", "false")] == [0, 1]
    assert samples.shown(question.answers[0].feedback) == "No: #."


def test_shares_are_weights() -> None:
    names = tuple(f"o{at}" for at in range(7))
    question = one(own(Multiple(value=names[:3], options=names)))
    assert Counter(answer.share for answer in question.answers) == {Fraction("33.33333"): 3, Fraction("-33.33333"): 4}


def test_categories_and_losses() -> None:
    platform = gift(title="A: 50 % {x} ~ \\ #")
    slots = [Slot(1, "conv-size", Fraction(4), 2, 1), Slot(2, "roc", Fraction(1))]
    tasks = [*drawn("convolution/output_side", 2), own(Integer.of(3))]
    entries = [platform.entry(task, slots[at // 2], at % 2 + 1) for at, task in enumerate(tasks)]
    questions = reader.read(b"".join(platform.file(entries)))
    assert [question.category.rpartition("/")[2] for question in questions] == [
        "01 conv-size (4 points, pick 1)", "01 conv-size (4 points, pick 1)", "02 roc (1 point, pick 1)",
    ]  # fmt: skip
    assert questions[0].tags == ["convolution", "output_side", f"level-{tasks[0].item.level}"]
    lost = [change.lost for change in platform.made(own(Number.of(Decimal("12.5"), 1, "kg")), slots[0])[1]]
    assert "units are not typed" in lost


def test_nothing_tells_the_key() -> None:
    tasks = [task for name in FAMILIES for task in drawn(name, 3)]
    for question in reader.read(exported(gift(practice=False), tasks)[0]):
        assert not question.general
        assert not any(answer.feedback for answer in question.answers)
    family = BANK.family("convolution/parameters")
    chosen = [drawing.task(family.draw("places", "x", number), 4) for number in range(100)]
    questions = reader.read(exported(gift(), chosen)[0])
    places = Counter([answer.share for answer in question.answers].index(Fraction(100)) for question in questions)
    assert len(places) == 4
    assert max(places.values()) < 50
