"""Canvas packages are read back by rules of Canvas, and marked from the file alone."""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from text2qti.config import Config  # type: ignore[import-untyped]  # has no types
from text2qti.qti import QTI  # type: ignore[import-untyped]  # has no types
from text2qti.quiz import Quiz  # type: ignore[import-untyped]  # has no types

from quizgen import drawing, prose
from quizgen.answers.choice import Choice
from quizgen.answers.fraction import Fraction as FractionKey
from quizgen.answers.integer import Integer
from quizgen.answers.matching import Matching
from quizgen.answers.matrix import Matrix
from quizgen.answers.multiple import Multiple
from quizgen.answers.number import Number
from quizgen.answers.ordering import Ordering
from quizgen.answers.text import Text as TextKey
from quizgen.answers.vector import Vector
from quizgen.answers.written import Criterion, Written
from quizgen.bank import installed
from quizgen.errors import MarkupError
from quizgen.exporters._lowering import Change, Refused
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Settings
from quizgen.exporters._quiz import Quiz as Decided
from quizgen.exporters.canvas import Canvas
from quizgen.prose import Words
from quizgen.values import Item, Key, Mistake, Part, Task
from tests.exports import canvas_reader as reader
from tests.exports import samples
from tests.exports.samples import BANK, FAMILIES, LANGUAGES, flat, is_finite, line, typed

LAYOUTS = installed()[1] / "exports" / "canvas"
HOSTILE = "]]> <b & &amp; {x} *y* #z ~ \"q\" 'a' [b1] [x] 😀 汉字 $a<b$, `c<d` \\\\(x\\\\)\n\nnext | line %s {{ 7*7 }}"


def canvas(locales: tuple[str, ...] = ("en",), **settings: Any) -> Canvas:
    """The exporter."""
    return Canvas(locales, BANK.templates, LAYOUTS, Settings(**settings))


def own(key: Key, words: str = HOSTILE, options: int = 0, **more: Any) -> Task:
    """A question of an author's own."""
    slips = more.get("slips", {})
    names = {name: {"en": f"thing *{name}* <i> ]]>", "zh": f"选项 {name} &"} for name in key.labels()}
    item = Item(
        family="text", version=1, level=1, minutes=2, calculator=False, effort=0, trace={},
        parameters={"text": {"en": f"{words} {key!r}".replace("$'", "'"), "zh": f"哪一个？{words}"}, "options": names,
                    "solution": {"en": "Because <b> $x<y$ ]]>.", "zh": "因为。"}, **more},
        parts=(Part(name="answer", key=key, mistakes=tuple(Mistake(name=n, value=v) for n, v in slips.items())),),
    )  # fmt: skip
    return drawing.task(item, options)


OWN = [
    own(
        Choice(value="o2", options=("o1", "o2", "o3")),
        why={"o1": {"en": "No <b>.", "zh": "不对。"}},
        slips={"o1": "o1"},
    ),
    own(Multiple(value=("o1", "o3"), options=("o1", "o2", "o3", "o4"))),
    own(Ordering(value=("p", "q", "r", "s"))),
    own(Matching(value=(("l1", "r1"), ("l2", "r2")), spare=("r3",))),
    own(Integer.of(5076)),
    own(FractionKey(value=Fraction(-3, 7))),
    own(FractionKey(value=Fraction(3, 8))),
    own(Number.of(Decimal("-0.125"))),
    own(Number.of(Decimal("0.3"), tolerance=Decimal("0.1"))),
    own(Number.of(Decimal("12.5"), 1, "kg", units={"g": Fraction(1, 1000)})),
    own(Number.of(Decimal("123456789.25"), 2)),
    own(Vector.of((1, -2, 3))),
    own(Matrix.of(((1, 2), (3, 4)))),
    own(Written(rubric=(Criterion(points=Fraction(3, 2), text={"en": "idea <b>", "zh": "思路"}),))),
    own(Integer.of(7), options=4, slips={"too_many": 8, "too_few": 6, "twice": 14}),
    own(Ordering(value=("p", "q", "r"), spare=("s", "t"))),
]


def drawn(name: str, count: int = 2, options: int = 0) -> list[Task]:
    """Some tasks of a family."""
    return [drawing.task(item, options) for item in samples.items(name, "canvas", count)]


def packed(platform: Canvas, tasks: list[Task]) -> tuple[bytes, reader.Package]:
    """The file of tasks, each in a slot of its own, and what is read from it."""
    slots = [Slot(number, f"slot-{number}", task.total or Fraction(1)) for number, task in enumerate(tasks, 1)]
    data = b"".join(platform.file(platform.entry(task, slot) for task, slot in zip(tasks, slots, strict=True)))
    return data, reader.read(data)


# What is right, from the item alone.


def answers(question: reader.Question, task: Task, values: list[Any], locales: tuple[str, ...]) -> reader.Answer:
    """The response that states a value for every part."""
    words = tuple(prose.words(task.item, locale, BANK.templates) for locale in locales)
    parts = task.item.parts
    match question.kind:
        case "multiple_choice_question" | "multiple_answers_question":
            return {
                name for value in _options(parts[0], values[0]) for name in _labels(question, words, parts[0], value)
            }
        case "numerical_question":
            return typed(values[0])
        case "short_answer_question":
            return next(text for text in parts[0].key.notations(values[0]) if not set(text) & set("\\$\n"))
        case "essay_question":
            return "anything"
        case "matching_question":
            return _matched(question, words, parts[0].key, values[0])
    texts = list(chain.from_iterable(_texts(part, value) for part, value in zip(parts, values, strict=True)))
    return {response.ident: text for response, text in zip(question.responses, texts, strict=True)}


def _options(part: Part, value: Any) -> tuple[Any, ...]:
    return value if isinstance(part.key, Multiple) else (value,)


def _labels(question: reader.Question, words: tuple[Words, ...], part: Part, value: Any) -> Iterator[str]:
    """Idents of the options that show a value."""
    texts = [flat(each.named(value) if part.key.lists_options else each.value(part, value)) for each in words]
    shown = "".join(dict.fromkeys(texts))
    found = [label.ident for label in question.responses[0].labels if label.shown == shown]
    assert len(found) == 1, (shown, question.responses[0].labels)
    yield from found


def _matched(question: reader.Question, words: tuple[Words, ...], key: Key, value: Any) -> dict[str, str]:
    places = {name: str(at) for at, name in enumerate(value, 1)}
    pairs = value if isinstance(key, Matching) else [(name, places.get(name, "—")) for name in key.labels()]
    chosen = {}
    for left, right in pairs:
        prompt = "".join(dict.fromkeys(flat(each.named(left)) for each in words))
        label = (
            " / ".join(dict.fromkeys(line(each.named(right)) for each in words)) if right not in "123456—" else right
        )
        (response,) = (found for found in question.responses if found.prompt == prompt)
        (ident,) = (found.ident for found in response.labels if found.shown == label)
        chosen[response.ident] = ident
    return chosen


def _texts(part: Part, value: Any) -> list[str]:
    """What is typed into the blanks of a part."""
    rows = value if isinstance(value, tuple) else ((value,),)
    entries = [entry for row in rows for entry in (row if isinstance(row, tuple) else (row,))]
    if isinstance(part.key, Vector | Matrix):
        if all(map(is_finite, entries)):
            return list(map(typed, entries))
    elif isinstance(value, int | Fraction | Decimal):
        return [typed(value)]
    return [next(text for text in part.key.notations(value) if not set(text) & set("\\$\n"))]


def check(task: Task, question: reader.Question, locales: tuple[str, ...]) -> None:
    """Right answers earn everything, wrong ones less, none nothing; one part of several a share."""
    values = [part.key.right for part in task.item.parts]
    right = answers(question, task, values, locales)
    nothing: reader.Answer = {} if isinstance(right, dict) else set() if isinstance(right, set) else ""
    for mark in (reader.classic, reader.new):
        if question.kind == "essay_question":
            assert mark(question, right) == 0
            continue
        assert mark(question, right) == 1
        assert mark(question, nothing) == 0
        if isinstance(right, dict):
            first = next(iter(right))
            assert mark(question, right | {first: "nonsense"}) == 1 - Fraction(1, len(right))
            assert mark(question, {first: right[first]}) == Fraction(1, len(right))
        if isinstance(right, set):
            others = {label.ident for label in question.responses[0].labels} - right
            assert others
            assert all(mark(question, {other}) == 0 for other in others)
            assert mark(question, right | others) < 1
            continue
        for at, part in enumerate(task.item.parts):
            for wrong in _wrong(part):
                given = answers(question, task, [*values[:at], wrong, *values[at + 1 :]], locales)
                assert mark(question, given) < 1


def _wrong(part: Part) -> Iterator[Any]:
    """Values that are not right, of which the file can say so."""
    if isinstance(part.key, Number | Integer | FractionKey):
        near = part.key.within
        yield from (m.value for m in part.mistakes if abs(Fraction(m.value) - Fraction(part.key.right)) > near)


def unlettered(tasks: list[Task], package: reader.Package) -> Iterator[tuple[Task, reader.Question]]:
    """Tasks and their questions."""
    yield from zip(tasks, package.questions(), strict=True)


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_drawn_items_are_marked(locales: tuple[str, ...], practice: bool) -> None:
    platform = canvas(locales, practice=practice)
    tasks = [task for name in FAMILIES for task in drawn(name)]
    data, package = packed(platform, tasks)
    assert b"".join(canvas(locales, practice=practice).file(_again(platform, tasks))) == data
    for task, question in unlettered(tasks, package):
        check(task, question, locales)
        assert question.text.endswith(f"[{task.item.code}]")
        assert question.points == task.total
        if not practice:
            assert not question.feedback


def _again(platform: Canvas, tasks: list[Task]) -> Iterator[bytes]:
    for number, task in enumerate(tasks, 1):
        yield platform.entry(task, Slot(number, f"slot-{number}", task.total))


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_own_questions_are_marked(locales: tuple[str, ...], practice: bool) -> None:
    _, package = packed(canvas(locales, practice=practice), OWN)
    for task, question in unlettered(OWN, package):
        check(task, question, locales)
        for words in "]]> <b & &amp; {x}", r"#z ~", "😀 汉字 \\(a<b\\), c<d", "next | line %s {{ 7*7 }}":
            assert words in question.text
        assert bool(question.feedback) == practice


def test_what_is_chosen_is_marked() -> None:
    tasks = []
    for name in FAMILIES:
        for item in (BANK.family(name).draw("chosen", name, number) for number in range(3)):
            if all(part.offers(4) for part in item.parts):
                tasks.append(drawing.task(item, 4))
    made = [task for task in tasks if _is_carried(task)]
    _, package = packed(canvas(), made)
    kinds = Counter(question.kind for question in package.questions())
    assert kinds["multiple_choice_question"] > 10
    assert kinds["multiple_dropdowns_question"] > 5
    for task, question in unlettered(made, package):
        if question.kind == "multiple_dropdowns_question":
            _check_menus(task, question)
        elif question.kind == "multiple_choice_question":
            check(task, question, ("en",))


def _is_carried(task: Task) -> bool:
    try:
        canvas().made(task, Slot(1, "x", task.total))
    except Refused:
        return False
    return True


def _check_menus(task: Task, question: reader.Question) -> None:
    words = prose.words(task.item, "en", BANK.templates)
    chosen = {}
    for part, response in zip(task.item.parts, question.responses, strict=True):
        (name,) = (label.ident for label in response.labels if label.shown == line(words.value(part, part.key.right)))
        chosen[response.ident] = name
    assert reader.classic(question, chosen) == 1
    assert reader.classic(question, {}) == 0


SIGNS = st.text(st.characters(exclude_categories=["C"], exclude_characters="$\u2028\u2029"), min_size=1, max_size=60)


@given(SIGNS, SIGNS)
@settings(max_examples=60)
def test_any_text_survives(words: str, name: str) -> None:
    try:
        task = own(Choice(value="o1", options=("o1", "o2")), words)
        names = {"o1": {"en": f"x {name}"}, "o2": {"en": "y"}}
        item = replace(task.item, parameters={**task.item.parameters, "text": {"en": f"x {words}"}, "options": names})
        said = prose.words(item, "en", ())
        document, option = said.prompt(), said.named("o1")
        texts = [flat(document), flat(option)]
    except (MarkupError, AssertionError, ValueError):
        assume(False)
    assume(flat(option) != "y")
    _, package = packed(canvas(), [drawing.task(item)])
    (question,) = package.questions()
    assert question.text == f"{texts[0]} [{item.code}]"
    (right,) = (label.ident for label in question.responses[0].labels if label.shown == texts[1])
    assert reader.classic(question, {right}) == 1


# Numbers.


@pytest.mark.parametrize("value, tolerance", [("0.3", "0.1"), ("1e6", "0.5"), ("-2.461", "0.0005"), ("0.7", "0.07")])
def test_bounds_are_right_and_what_is_beyond_them_is_not(value: str, tolerance: str) -> None:
    _, package = packed(canvas(), [own(Number.of(Decimal(value), tolerance=Decimal(tolerance)))])
    (question,) = package.questions()
    for sign in (1, -1):
        bound = Decimal(value) + sign * Decimal(tolerance)
        for mark in (reader.classic, reader.new):
            assert mark(question, f"{bound:f}") == 1
            assert mark(question, f"{bound + sign * Decimal(tolerance) / 1000:f}") == 0


@given(st.integers(-(10**12), 10**12), st.integers(0, 6), st.integers(1, 999), st.integers(-6, 2))
@example(6972899170, 2, 78, -4)
@example(51734941502, 0, 32, -4)
@settings(max_examples=200, deadline=None)
def test_bounds_of_any_number_are_right(digits: int, places: int, width: int, power: int) -> None:
    value, tolerance = Decimal(digits).scaleb(-places), Decimal(width).scaleb(power)
    task = own(Number.of(value, tolerance=tolerance), "How much?")
    try:
        _, package = packed(canvas(), [task])
    except Refused:
        assume(False)
    (question,) = package.questions()
    assume(question.kind == "numerical_question")
    for sign in (1, -1):
        for mark in (reader.classic, reader.new):
            assert mark(question, f"{value + sign * tolerance:f}") == 1
            assert mark(question, f"{value + sign * tolerance * Decimal('1.002'):f}") == 0


@pytest.mark.parametrize(
    "key",
    [Number.of(Decimal("0.00005"), tolerance=Decimal("0.000001")), Number.of(Decimal("0.00012345"), 8)],
)
def test_small_numbers_are_not_numerical(key: Key) -> None:
    wrong = {f"w{at}": Decimal(at) / 10**5 for at in range(20, 24)}
    task = own(key, slips=wrong)
    made, changes = canvas().made(task, Slot(1, "x", Fraction(1)))
    assert [change.becomes for change in changes] == ["choose"]
    _, package = packed(canvas(), [task])
    check(task, package.questions()[0], ("en",))
    assert package.questions()[0].kind == "multiple_choice_question"
    assert made.fields


def test_what_has_no_type_is_refused_by_name() -> None:
    parts = own(Integer.of(3)).item.parts + own(Written(rubric=())).item.parts
    item = own(Integer.of(3)).item
    item = Item(**{name: getattr(item, name) for name in item.__struct_fields__} | {"parts": parts})
    with pytest.raises(Refused, match="answer"):
        canvas().made(drawing.task(item), Slot(1, "x", Fraction(1)))


WHY = {"turned": {"en": "No.", "zh": "不。"}}


def test_losses_are_told() -> None:
    def lost(task: Task, **settings: Any) -> tuple[Change, ...]:
        return canvas(**settings).made(task, Slot(1, "x", Fraction(1)))[1]

    (ordering,) = lost(OWN[2])
    assert (ordering.kind, ordering.becomes) == ("ordering", "match")
    (unit,) = lost(OWN[9])
    assert unit.lost == "units are not typed"
    (grid,) = lost(OWN[12])
    assert grid.becomes == "blanks"
    assert grid.lost == "only the listed spellings count"
    (near,) = lost(own(Vector.of((Decimal("0.50"), Decimal("0.25")), 2)))
    assert near.lost.endswith("numbers within the tolerance that have other decimals than the listed ones")
    blanks = {change.lost for change in lost(drawn("diffusion/vp_sde_marginal", 1)[0]) if change.becomes == "blank"}
    assert any("numbers within the tolerance" in told for told in blanks)
    (heard,) = lost(own(OWN[3].item.parts[0].key, slips={"turned": (("l1", "r2"), ("l2", "r1"))}, why=WHY))
    assert (heard.becomes, heard.lost) == ("matching", "feedback on single wrong answers")
    (rubric,) = lost(OWN[13], practice=False)
    assert rubric.lost == "the rubric"
    assert lost(OWN[0]) == lost(OWN[1]) == lost(OWN[4]) == ()
    several = drawn("recurrent/lstm_step", 1)[0]
    assert {"all answers count the same" in change.lost for change in lost(several)} == {True}
    assert lost(own(TextKey.of("ReLU", case=True)))[0].lost == "capitals do not count"


# The package.


def test_the_quiz_picks_from_banks() -> None:
    wanted = Settings(title="Final <1>", practice=False, minutes=90, attempts=2, instructions={"en": "Be <calm> & go."})
    platform = Canvas(("en",), BANK.templates, LAYOUTS, wanted)
    slots = [Slot(1, "conv-size", Fraction(4), 3, 1), Slot(2, "roc", Fraction(3, 2), 2, 2)]
    names = ["convolution/output_side", "classification/count_from_metrics"]
    entries = [
        platform.entry(task, slot, number)
        for name, slot in zip(names, slots, strict=True)
        for number, task in enumerate(drawn(name, slot.count), 1)
    ]
    package = reader.read(b"".join(platform.file(entries)))
    assert package.title == "Final <1>"
    assert [(group.title, group.pick, group.points) for group in package.groups] == [
        ("01 conv-size (4 points, pick 1)", 1, 4), ("02 roc (1.5 points, pick 2)", 2, Fraction(3, 2)),
    ]  # fmt: skip
    assert [len(questions) for _, questions in package.banks.values()] == [3, 2]
    assert [title for title, _ in package.banks.values()] == [group.title for group in package.groups]
    expected = {
        "time_limit": "90", "allowed_attempts": "2", "points_possible": "7", "available": "false",
        "shuffle_answers": "true", "show_correct_answers": "false", "hide_results": "always", "quiz_type": "assignment",
        "description": "<p>Be &lt;calm&gt; &amp; go.</p>",
    }  # fmt: skip
    assert {name: package.settings[name] for name in expected} == expected
    first = package.questions()[0]
    assert re.fullmatch(r"conv-size 001 \w{6}", first.name)
    assert first.points == 4


def test_no_more_is_picked_than_there_is() -> None:
    platform = canvas()
    entry = platform.entry(OWN[0], Slot(1, "few", Fraction(2), 3, 3))
    package = reader.read(b"".join(platform.file([entry])))
    assert package.groups[0].pick == 1
    assert package.settings["points_possible"] == "2"


@pytest.mark.parametrize("practice", [True, False])
def test_what_nobody_decides_follows_from_the_mode(practice: bool) -> None:
    _, package = packed(canvas(practice=practice), [OWN[0]])
    expected = {
        "allowed_attempts": "-1" if practice else "1", "show_correct_answers": str(practice).lower(),
        "hide_results": "" if practice else "always", "shuffle_answers": "true", "scoring_policy": "keep_highest",
        "one_question_at_a_time": "false", "cant_go_back": "false",
    }  # fmt: skip
    assert {name: package.settings[name] for name in expected} == expected
    assert "time_limit" not in package.settings


@pytest.mark.parametrize("practice", [True, False])
def test_what_is_decided_is_in_the_settings(practice: bool) -> None:
    decided = Decided(
        minutes=45, attempts=0, score="average", shuffle=False, show_answers=not practice, one_at_a_time=True,
        go_back=False,
    )  # fmt: skip
    platform = canvas(practice=practice, **decided.decided())
    _, package = packed(platform, [OWN[0]])
    expected = {
        "time_limit": "45", "allowed_attempts": "-1", "scoring_policy": "keep_average", "shuffle_answers": "false",
        "show_correct_answers": str(not practice).lower(), "hide_results": "", "one_question_at_a_time": "true",
        "cant_go_back": "true",
    }  # fmt: skip
    assert {name: package.settings[name] for name in expected} == expected
    assert platform.holds == set(decided.decided())


def test_figures_are_files_with_words() -> None:
    tasks = [task for name in FAMILIES for task in drawn(name, 1) if task.item.figures]
    assert tasks
    _, package = packed(canvas(), tasks)
    images = [name for question in package.questions() for name in question.images]
    assert images
    assert all(package.files[name].lstrip().startswith(b"<svg") for name in images)
    assert b"data:" not in b"".join(content for name, content in package.files.items() if name.endswith("qti"))


def test_nothing_tells_the_key() -> None:
    tasks = [task for name in FAMILIES for task in drawn(name, 4)]
    data, package = packed(canvas(), tasks)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        bank = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".qti")).decode()
    outside = re.sub(r"<mattext.*?</mattext>", "", bank, flags=re.DOTALL)
    for task in tasks:
        for part in task.item.parts:
            for mistake in part.mistakes:
                assert not re.search(rf"\b{re.escape(mistake.name)}\b", outside), mistake.name
    assert not re.search(r'ident="[^"]*(right|wrong|true|false|key)', bank)
    tasks = [
        drawing.task(BANK.family("convolution/parameters").draw("places", "x", number), 4) for number in range(120)
    ]
    _, package = packed(canvas(), tasks)
    places = Counter(_place(question) for question in package.questions())
    assert len(places) == 4
    assert max(places.values()) < 60
    last = Counter(_ident(question)[-3:] for question in package.questions())
    assert max(last.values()) < 60


def _ident(question: reader.Question) -> str:
    (found,) = (label.ident for label in question.responses[0].labels if reader.classic(question, {label.ident}))
    return found


def _place(question: reader.Question) -> int:
    return [label.ident for label in question.responses[0].labels].index(_ident(question))


def test_practice_says_the_solution_and_comments() -> None:
    task = OWN[0]
    _, package = packed(canvas(), [task])
    (question,) = package.questions()
    assert reader.text_of(question.feedback["general_fb"]) == r"Because <b> \(x<y\) ]]>."
    (comment,) = (html for name, html in question.feedback.items() if name.startswith("a"))
    assert reader.text_of(comment) == "No <b>."


# The layout, compared with that of a program whose files Canvas is known to import.

SAMPLE = """Quiz title: Sample
Quiz description: Words

1.  Which?
... Always.
a)  6
... Not this.
*b) 5
c)  4

2.  Which ones?
[*] a
[ ] b
[*] c

3.  How much?
=   1.4142 +- 0.0001

4.  Which word?
*   four
*   4

5.  Write.
____
"""


def shape(item: ElementTree.Element, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every element with the names of its attributes."""
    tag = f"{path}/{item.tag.rpartition('}')[2]}"
    yield tag, tuple(sorted(item.attrib))
    for child in item:
        yield from shape(child, tag)


def by_kind(items: Iterator[ElementTree.Element]) -> dict[str, set[tuple[str, tuple[str, ...]]]]:
    """The shapes of items by question type."""
    found: dict[str, set[tuple[str, tuple[str, ...]]]] = {}
    for item in items:
        entry = item.find(f".//{reader.QTI}fieldentry")
        assert entry is not None
        found.setdefault(entry.text or "", set()).update(shape(item))
    return found


def items(files: dict[str, bytes], end: str) -> Iterator[ElementTree.Element]:
    """All items of files with one end."""
    for name, data in files.items():
        if name.endswith(end):
            yield from ElementTree.fromstring(data).iter(f"{reader.QTI}item")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a package that text2qti makes."""
    config = Config()
    quiz = Quiz(SAMPLE, config=config)
    target = Path(tmp_path_factory.mktemp("text2qti")) / "sample.zip"
    QTI(quiz).save(target)
    with zipfile.ZipFile(target) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


MORE = {
    "/item/presentation/response_str/render_fib/response_label": "answers are typed the same way for numbers",
}


def test_items_are_laid_out_as_those_that_canvas_imports(theirs: dict[str, bytes]) -> None:
    _, package = packed(canvas(), OWN)
    known, ours = by_kind(items(theirs, ".xml")), by_kind(items(package.files, ".qti"))
    assert set(known) <= set(ours)
    for kind, shapes in known.items():
        strange = {(path, names) for path, names in ours[kind] - shapes if path not in MORE}
        assert not {path for path, _ in strange} - {path for path, _ in shapes} - _numeric_paths(kind)
        assert not {(path, names) for path, names in strange if path in {path for path, _ in shapes}}


def _numeric_paths(kind: str) -> set[str]:
    """Feedback that the sample does not have."""
    base = "/item/resprocessing/respcondition"
    feedback = "/item/itemfeedback"
    return {
        f"{base}/displayfeedback", f"{base}/conditionvar/other", feedback, f"{feedback}/flow_mat",
        f"{feedback}/flow_mat/material", f"{feedback}/flow_mat/material/mattext",
    }  # fmt: skip


def test_files_are_laid_out_as_those_that_canvas_imports(theirs: dict[str, bytes]) -> None:
    _, package = packed(canvas(practice=False), OWN)

    def frame(files: dict[str, bytes]) -> set[str]:
        return {re.sub(r"\w{20,}", "ID", name) for name in files if not name.endswith((".qti", "/"))}

    assert frame(package.files) == frame(theirs)
    (mine,) = (files for name, files in package.files.items() if name.endswith("assessment_meta.xml"))
    (their,) = (files for name, files in theirs.items() if name.endswith("assessment_meta.xml"))
    unknown = set(shape(ElementTree.fromstring(mine))) - set(shape(ElementTree.fromstring(their)))
    assert unknown <= {("/quiz/time_limit", ())}
    manifests = [ElementTree.fromstring(files["imsmanifest.xml"]) for files in (package.files, theirs)]
    ours, known = (set(shape(manifest)) for manifest in manifests)
    assert ours <= known
    types = [{node.get("type") for node in manifest.iter(f"{reader.CP}resource")} for manifest in manifests]
    assert types[0] == types[1]
