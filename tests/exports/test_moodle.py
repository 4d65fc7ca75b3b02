"""Moodle XML is read back by Moodle's rules, and marked from the file alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizgen import drawing, exporters
from quizgen.answers.formula import Formula as FormulaKey
from quizgen.answers.fraction import Fraction as FractionKey
from quizgen.answers.integer import Integer
from quizgen.answers.matching import Matching
from quizgen.answers.matrix import Matrix
from quizgen.answers.multiple import Multiple
from quizgen.answers.number import Number
from quizgen.answers.ordering import Ordering
from quizgen.answers.text import Text as TextKey
from quizgen.answers.vector import Vector
from quizgen.bank import Bank, installed
from quizgen.errors import InputError
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import (
    Cells,
    Choose,
    Criterion,
    Essay,
    Field,
    Formula,
    Heard,
    Interaction,
    Match,
    Near,
    Numeric,
    Option,
    Order,
    Question,
    Said,
    Short,
    Slot,
)
from quizgen.exporters._platform import Settings
from quizgen.exporters._words import plain
from quizgen.exporters.moodle import UNHEARD, Moodle, cdata
from quizgen.expr import maxima
from quizgen.markup import Document, Paragraph, literal, parse, typographic
from quizgen.notation import formula, vocabulary
from quizgen.values import Item, Key, Mistake, Part, Reading, Task
from tests.exports import moodle_reader as reader
from tests.exports import samples

BANK = Bank()
FAMILIES = sorted(BANK.files)
LANGUAGES = [("en",), ("zh",), ("en", "zh")]
FORMATS = ["moodle", "moodle-stack"]
SIGNS = (
    "]]> <b & &amp; &lt; {x} {1:SHORTANSWER:=y} {#1} *y* #z ~ = \"q\" 'a' $$v$$ \\(w\\) \\[u\\] @@PLUGINFILE@@/k "
    "[[input:ans1]] [[1]] [[99]] {@1@} {#1#} 😀 汉字 %s {{ 7*7 }} <!-- x }~"
)
"""Characters that mean something to one reader or another."""


def said(text: str) -> Said:
    """Words in two languages: hostile ones, and a formula."""
    words = Document((*literal(f"{text} {SIGNS}").blocks, *parse(r"$a<b$, $\{1\}$ and `c<d && $$e$$`").blocks))
    return {"en": words, "zh": Document((*literal("中文").blocks, *words.blocks))}


def brief(text: str) -> Said:
    """Words on a line, hostile to the last character."""
    return {"en": literal(f"{text} {SIGNS} \\"), "zh": literal(f"中文 {text} {SIGNS} &")}


def option(text: str, right: bool = False) -> Option:
    """An option; a wrong one is answered."""
    return Option(brief(text), right, None if right else said(f"not {text}"))


def formula_of(name: str) -> Said:
    """Words on a line with a formula."""
    words = parse(f"{name} $[[1]] < {name}-1$")
    (begun,), (formula,) = words.blocks, brief(name)["en"].blocks
    assert isinstance(begun, Paragraph)
    assert isinstance(formula, Paragraph)
    one = Document((Paragraph((*begun.children, *formula.children)),))
    return {"en": one, "zh": Document((Paragraph((*literal("中文 ").blocks[0].children, *begun.children)),))}  # type: ignore[union-attr]


def number(value: str, tolerance: str = "0", **more: Any) -> Numeric:
    """A field for a number."""
    return Numeric(Fraction(value), Fraction(tolerance), **more)


NEAR = (Near(Fraction("12.5"), said("sign")), Near(Fraction(3), said("three")), Near(Fraction(3), said("again")))
GRID = Cells(
    tuple(tuple(number(value) for value in row) for row in (("0.5", "-1", "1.5"), ("2", "2.5", "3"))),
    wrong=((((1, 2, 3), (4, 5, 6)), said("twice")), ((("0.5", 1, "1.5"), (2, "2.5", 3)), said("signs"))),
)
KEY = FormulaKey.of("-eps/sigma_t + x^2", variables={"eps": "real", "sigma_t": "positive", "x": "real"})
FIELDS: dict[str, Interaction] = {
    "single": Choose(tuple(option(name, name == "c") for name in "abcd")),
    "several": Choose(tuple(option(name, name in "adg") for name in "abcdefg"), single=False),
    "sevenths": Choose(tuple(option(name, name != "b") for name in "abcdefgh"), single=False),
    "all": Choose(tuple(option(name, True) for name in "ab"), single=False),
    "crowd": Choose(tuple(option(name, name == "n") for name in "abcdefghijklmn"), single=False),
    "truth": Choose(tuple(Option({"en": literal(t), "zh": literal(z)}, t == "False")
                          for t, z in (("True", "对"), ("False", "错")))),
    "number": number("-12.5", "0.05", wrong=NEAR),
    "unit": number("12.5", "0.05", unit="µs <x>", units=(("ms", Fraction(1000)), ("third", Fraction(1, 3)))),
    "whole": number("5076"),
    "zero": number("0"),
    "small": number("0.000001", "0.0000001"),
    "third": Numeric(Fraction("0.333"), Fraction(1, 1500), digits=3),
    "digits": number("0.12345678901234567"),
    "grid": GRID,
    "vector": Cells(((number("0.125", "0.0005"),), (number("7", "0.0005"),))),
    "text": Short(("3/7", "a*b", "2*[[1]] {x}#~= &"), wrong=(Heard(("7/3", "3/7", "**"), said("upside")),)),
    "case": Short(("pH\\", "µ}"), case=True),
    "pairs": Match(tuple(brief(name) for name in "123"), tuple(brief(name) for name in "wxyz"), (2, 0, 3)),
    "boxes": Match(tuple(brief(name) for name in "123"), tuple(map(formula_of, "wxyz")), (2, 0, 2)),
    "order": Order(tuple(brief(name) for name in "pqrs"), (2, 0, 3, 1)),
}  # fmt: skip
ESSAY = Essay((Criterion(Fraction(3, 2), brief("idea")), Criterion(Fraction(1), brief("form"))))


def asked(*fields: Interaction, points: Sequence[Fraction] = (), name: str = "made") -> Question:
    """A question with these fields."""
    weights = points or [Fraction(1)] * len(fields)
    return Question(
        id=name.ljust(64, "0"), code="k7f3xz", family="area/family", slot=Slot(1, name, Fraction(4), 50),
        number=17, level=2, minutes=3, calculator=False, prompt=said("prompt"),
        steps=said("steps"), right=said("right"),
        fields=tuple(Field(f"part{n}", share, field, said(f"ask{n}"), said(f"steps{n}"))
                     for n, (field, share) in enumerate(zip(fields, weights, strict=True))),
    )  # fmt: skip


def platform(form: str = "moodle", locales: tuple[str, ...] = ("en",), **settings: Any) -> Moodle:
    """The exporter of a format."""
    found = exporters.exporter(form)
    assert issubclass(found, Moodle)
    return found(locales, BANK.templates, installed()[1] / "exports" / form, Settings(**settings))


def written(target: Moodle, questions: Sequence[Question]) -> bytes:
    """The file of some questions."""
    return b"".join(target.file(target.encoded(question) for question in questions))


def drawn(name: str, count: int = 2) -> list[Task]:
    """Some tasks of a family."""
    return [drawing.task(item) for item in samples.items(name, "moodle", count)]


def plainly(text: str) -> str:
    """Words as they stand in a drop-down."""
    return plain({"en": literal(text)})


# Marking: what the file gives for right, wrong, partial and empty answers.


def checked(found: reader.Question, question: Question, practice: bool = True) -> None:
    """A question of the file gives what it should for the answers to the question that was written."""
    assert found.tags == list(question.tags)
    assert (found.name, found.idnumber) == (question.name, question.id)
    assert found.penalty == pytest.approx(1 / 3 if practice else 0, abs=1e-6)
    assert bool(found.general) == practice
    assert f"[{question.code}]" in reader.shown(found.text)
    if found.kind == "stack":
        check_stack(found, question, practice)
        return
    if found.kind == "essay":
        assert found.mark == question.points
        return
    rest = iter(found.fields)
    earned: list[list[float]] = []
    for field in question.fields:
        earned.append(list(check(rest, field.interaction, found.kind, practice)))
    assert next(rest, None) is None
    assert reader.marked(found, [1.0 for share in earned for _ in share]) == pytest.approx(1, abs=1e-4)
    if found.kind == "cloze":
        weights = iter(each.weight for each in found.fields)
        totals = [sum(next(weights) for _ in share) for share in earned]
        for total, field in zip(totals, question.fields, strict=True):
            assert Fraction(total, sum(totals)) == field.points / question.points
    else:
        assert found.mark == pytest.approx(float(question.points))


def check(rest: Iterator[reader.Field], wanted: Interaction, kind: str, practice: bool) -> Iterator[float]:
    """Mark one field, which may be several in the file; yields the shares of a right answer."""
    match wanted:
        case Choose(options, single):
            check_choice(next(rest), options, single, practice)
            yield 1
        case Numeric():
            check_number(next(rest), wanted, practice)
            yield 1
        case Cells(rows):
            for row in rows:
                for cell in row:
                    check_number(next(rest), cell, practice)
                    yield 1
        case Short():
            check_text(next(rest), wanted, practice)
            yield 1
        case Match(lefts, rights, pairs) if kind == "matching":
            check_pairs(next(rest), lefts, rights, pairs)
            yield 1
        case Match(_, rights, pairs) if kind == "ddwtos":
            check_boxes(next(rest), len(rights), pairs)
            yield 1
        case Match(_, rights, pairs):
            for at in pairs:
                check_drop_down(field := next(rest), len(rights), at)
                assert ("Math(" not in str(rights)) or all(map(is_typeset, field.answers))
                yield 1
        case Order(things, right) if kind == "ordering":
            check_order(next(rest), len(things))
            yield 1
        case Order(things, right):
            for place in range(len(things)):
                check_drop_down(next(rest), len(things), right.index(place))
                yield 1


def check_choice(field: reader.Field, options: Sequence[Option], single: bool, practice: bool) -> None:
    answers = field.answers
    if field.kind == "truefalse":
        right = next(option for option in options if option.right)
        names = {"true": ("True", "对"), "false": ("False", "错")}
        best = next(answer for answer in answers if answer.fraction == 1)
        assert any(name in str(right.words) for name in names[best.text])
        return
    assert (field.kind, field.single, len(answers)) == ("multichoice", single, len(options))
    rights = [place for place, option in enumerate(options) if option.right]
    wrongs = [place for place, option in enumerate(options) if not option.right]
    assert reader.chosen(field, []) == 0
    assert reader.chosen(field, rights) == pytest.approx(1, abs=1e-4)
    assert all(reader.chosen(field, [place]) == 0 for place in wrongs)
    if not single:
        assert not wrongs or reader.chosen(field, range(len(options))) == pytest.approx(0, abs=1e-6)
        for place in rights:
            assert reader.chosen(field, [place]) == pytest.approx(1 / len(rights), abs=1e-5)
            assert not wrongs or reader.chosen(field, [place, wrongs[0]]) < 1 / len(rights)
    for answer, option in zip(answers, options, strict=True):
        assert bool(answer.feedback) == (practice and option.feedback is not None)


def decimal(value: Fraction) -> str:
    """A number as a student types it."""
    return f"{float(value):.17g}"


def check_number(field: reader.Field, wanted: Numeric, practice: bool) -> None:
    assert field.kind == "numerical"
    value, step = wanted.value, wanted.tolerance
    for right in (value, value - step, value + step):
        assert reader.typed(field, decimal(right))[0] == 1, (decimal(right), field)
    beyond = step * Fraction(11, 10) or max(abs(value), Fraction(1)) / 1000
    for off in (value + beyond, value - beyond):
        assert reader.typed(field, decimal(off))[0] == 0, (off, field)
    assert reader.typed(field, "") == (0, "")
    assert reader.typed(field, "x") == (0, "")
    assert reader.typed(field, "157/50") == (0, "")
    for near in wanted.wrong:
        if abs(near.value - value) > step:
            share, feedback = reader.typed(field, decimal(near.value))
            assert share == 0
            assert bool(feedback) == practice
    for name, factor in (*wanted.units, (wanted.unit, Fraction(1))):
        if name and field.units:
            assert reader.typed(field, f"{decimal(value / factor)} {name}")[0] == 1
            assert reader.typed(field, f"{decimal((value + beyond) / factor)} {name}")[0] == 0


def check_text(field: reader.Field, wanted: Short, practice: bool) -> None:
    assert (field.kind, field.case) == ("shortanswer", wanted.case)
    for text in (text for text in wanted.accepted if "\n" not in text):
        assert reader.typed(field, text)[0] == 1
        assert reader.typed(field, f"{text}x")[0] == 0
        if "*" in text:
            assert reader.typed(field, text.replace("*", "banana"))[0] == 0
        if wanted.case and text.swapcase() != text:
            assert reader.typed(field, text.swapcase())[0] == 0
        elif not wanted.case:
            assert reader.typed(field, text.upper())[0] == 1
    assert reader.typed(field, "") == (0, "")
    right = {text.casefold() for text in wanted.accepted}
    for heard in wanted.wrong:
        for text in heard.texts:
            if text.casefold() not in right and "\n" not in text:
                share, feedback = reader.typed(field, text)
                assert (share, bool(feedback)) == (0, practice)


def check_pairs(field: reader.Field, lefts: Sequence[Said], rights: Sequence[Said], pairs: Sequence[int]) -> None:
    key = [right for left, right in field.lefts if left]
    assert len(key) == len(lefts)
    assert len({right for _, right in field.lefts}) == len({str(right) for right in rights})
    same = [pairs.index(at) for at in pairs]
    assert [key.index(right) for right in key] == same
    assert reader.matched(field, key) == 1
    assert reader.matched(field, [""] * len(key)) == 0
    assert reader.matched(field, [key[0]] + [""] * (len(key) - 1)) == pytest.approx(1 / len(key))


def check_boxes(field: reader.Field, count: int, pairs: Sequence[int]) -> None:
    texts, key = [answer.text for answer in field.answers], [right for _, right in field.lefts]
    assert len(texts) == count
    assert key == [texts[at] for at in pairs]
    assert reader.matched(field, key) == 1
    assert reader.matched(field, [""] * len(key)) == 0
    assert reader.matched(field, [key[0]] + [""] * (len(key) - 1)) == pytest.approx(1 / len(key))
    assert all(map(is_typeset, field.answers))


def is_typeset(answer: reader.Answer) -> bool:
    """Whether the formula of ``formula_of``, if this is one, is still one."""
    text = reader.shown(answer.text)
    return r"\([[1]]" in text or "[[1]]" not in text


def check_order(field: reader.Field, count: int) -> None:
    texts = [answer.text for answer in field.answers]
    assert len(texts) == count
    assert reader.ordered(field, texts) == 1
    assert reader.ordered(field, texts[::-1]) == 0
    pairs = count * (count - 1) / 2
    assert reader.ordered(field, [texts[1], texts[0], *texts[2:]]) == pytest.approx(1 - 1 / pairs)


def check_drop_down(field: reader.Field, count: int, right: int) -> None:
    assert len(field.answers) == count
    assert [answer.fraction for answer in field.answers] == [float(place == right) for place in range(count)]


# STACK.


def maxima_of(value: Any) -> str:
    """A number or rows of numbers, as typed."""
    if isinstance(value, list | tuple):
        return f"matrix({','.join('[' + ','.join(map(maxima_of, row)) + ']' for row in value)})"
    return f"({Fraction(value)})"


def right_of(wanted: Interaction) -> str:
    """A right answer as typed into STACK."""
    match wanted:
        case Formula(key):
            return f"(1 + {maxima.maxima(key.tree(key.right))}) - 1"
        case Numeric(value, tolerance):
            return maxima_of(value + tolerance)
        case Cells(rows):
            return maxima_of([[cell.value - cell.tolerance for cell in row] for row in rows])
        case Choose(options):
            return str(next(place for place, option in enumerate(options, 1) if option.right))
    raise AssertionError(wanted)


def wrong_of(wanted: Interaction) -> str:
    """An answer that nobody knows."""
    match wanted:
        case Choose(options):
            return str(next(place for place, option in enumerate(options, 1) if not option.right))
        case Cells(rows):
            return maxima_of([[cell.value + 977 for cell in row] for row in rows])
        case Numeric(value):
            return maxima_of(value + 977)
    return f"({right_of(wanted)}) + 977"


def check_stack(found: reader.Question, question: Question, practice: bool) -> None:
    rights = [right_of(field.interaction) for field in question.fields]
    wrongs = [wrong_of(field.interaction) for field in question.fields]
    share, feedback = reader.stacked(found, rights)
    assert share == pytest.approx(1, abs=1e-6)
    assert practice or not feedback
    assert reader.stacked(found, wrongs)[0] == 0
    assert reader.stacked(found, [""] * len(rights)) == (0, [])
    for place, field in enumerate(question.fields):
        only = [right if at == place else "" for at, right in enumerate(rights)]
        assert reader.stacked(found, only)[0] == pytest.approx(float(field.points / question.points), abs=1e-6)
        check_branches(found, question, place, practice)


def check_branches(found: reader.Question, question: Question, place: int, practice: bool) -> None:
    """Mistakes are answered, and a matrix earns the share of its right numbers."""
    wanted = question.fields[place].interaction
    worth = float(question.fields[place].points / question.points)

    def alone(text: str) -> tuple[float, list[str]]:
        return reader.stacked(found, [text if at == place else "" for at in range(len(question.fields))])

    if isinstance(wanted, Cells):
        rows = [[cell.value for cell in row] for row in wanted.rows]
        count = len(rows) * len(rows[0])
        off = [list(row) for row in rows]
        off[0][0] += 977
        assert alone(maxima_of(off))[0] == pytest.approx(worth * (count - 1) / count, abs=1e-5)
        for value, _ in wanted.wrong:
            table = value if isinstance(value[0], tuple) else tuple((entry,) for entry in value)
            if [len(row) for row in table] == [len(row) for row in rows]:
                share, feedback = alone(maxima_of(table))
                assert share < worth
                assert bool(feedback) == practice
    if isinstance(wanted, Formula):
        for text, _ in wanted.wrong:
            share, feedback = alone(maxima.maxima(wanted.key.tree(text)))
            assert (share, bool(feedback)) == (0, practice)


# Tests.


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", FAMILIES)
def test_families_are_read_back_and_marked(name: str, form: str) -> None:
    tasks = drawn(name)
    for locales in LANGUAGES:
        for practice in (True, False):
            target = platform(form, locales, practice=practice)
            questions = [target.made(task, Slot(1, "s", task.total, 2), n)[0] for n, task in enumerate(tasks, 1)]
            content = written(target, questions)
            assert content == written(target, questions)
            found = reader.read(content)
            for one, question in zip(found, questions, strict=True):
                checked(one, question, practice)
            assert not any(
                mistake.name in content.decode()
                for task in tasks for part in task.item.parts for mistake in part.mistakes if "_" in mistake.name
            )  # fmt: skip


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", LANGUAGES)
@pytest.mark.parametrize("form", FORMATS)
def test_hostile_questions_are_read_back_and_marked(form: str, locales: tuple[str, ...], practice: bool) -> None:
    questions = [asked(field, name=name) for name, field in FIELDS.items()]
    target = platform(form, locales, practice=practice)
    found = reader.read(written(target, questions))
    kinds = {question.name.partition(" ")[0]: question.kind for question in found}
    assert (kinds["truth"], kinds["pairs"], kinds["boxes"]) == ("truefalse", "matching", "ddwtos")
    assert kinds["grid"] == ("cloze" if form == "moodle" else "stack")
    for one, question in zip(found, questions, strict=True):
        checked(one, question, practice)
        for language in ("en", "zh_cn"):
            seen = reader.shown(reader.in_language(one.text, language))
            assert f"prompt {SIGNS}" in re.sub(r"⟨\d+⟩", "", seen)
            assert seen.count("prompt") == 1
            assert r"\(a<b\)" in seen
            for field in one.fields:
                for answer in field.answers:
                    if field.kind == "multichoice":
                        assert SIGNS in reader.shown(reader.in_language(answer.text, language))
                    assert not answer.feedback or SIGNS in reader.shown(reader.in_language(answer.feedback, language))


TRICKY = st.text("\\`*_[]<>&$~|#+-=.)(!:;%{}@/01 ab\"'喆😀", min_size=1).map(str.strip).filter(bool)


@settings(deadline=None)
@given(st.lists(TRICKY, min_size=3, max_size=3, unique_by=str.casefold), st.sampled_from(FORMATS), st.booleans())
def test_every_character_comes_through(texts: list[str], form: str, several: bool) -> None:
    first, second, third = ({"en": literal(text)} for text in texts)
    fields: list[Interaction] = [
        Choose((Option(first, True), Option(second, False, third))),
        Choose((Option(first, True), Option(second, False, third)), single=False),
        Short((texts[0],), wrong=(Heard((texts[1],), third),)),
        Order((first, second), (1, 0)),
        Match((first, second), (second, third), (0, 1)),
    ]
    questions = [replace(asked(field, name=f"n{at}"), prompt=first) for at, field in enumerate(fields)]
    if several:
        questions = [replace(asked(*fields), prompt=first)]
    shown = [typographic(text) for text in texts]
    for found in reader.read(written(platform(form), questions)):
        assert reader.shown(found.text).startswith(shown[0])
        for field in found.fields:
            for answer in field.answers:
                said = reader.shown(answer.feedback)
                if field.kind == "shortanswer":
                    assert answer.text == texts[answer.fraction < 1].replace("*", r"\*")
                    assert reader.typed(field, texts[0])[0] == 1
                    assert reader.typed(field, texts[1])[0] == 0
                elif field.kind == "multichoice":
                    assert reader.shown(answer.text) in (*shown, *map(plainly, texts), "1", "2")
                assert answer.fraction > 0 or not said or said == shown[2]


@pytest.mark.parametrize("right", [1, 2, 3])
def test_several_right_options_earn_what_they_earn_on_paper(right: int) -> None:
    key = Multiple(value=SEVEN[:right], options=SEVEN)
    task = own(one_part(key))
    question, changes = platform().made(task, Slot(1, "s", task.total))
    assert not changes
    (found,) = reader.read(written(platform(), [question]))
    order = task.asked[0].order
    for count in range(8):
        for chosen in combinations(range(7), count):
            judged = key.judge(Reading(value=tuple(order[place] for place in chosen), parsed=""))
            assert reader.chosen(found.fields[0], chosen) == pytest.approx(float(judged.credit), abs=1e-4)


@pytest.mark.parametrize("form", FORMATS)
def test_all_fields_in_one_question(form: str) -> None:
    fields = [field for name, field in FIELDS.items()]
    points = [Fraction(place % 3 + 1, place % 2 + 1) for place in range(len(fields))]
    question = asked(*fields, points=points)
    for locales in LANGUAGES:
        (found,) = reader.read(written(platform(form, locales), [question]))
        assert found.kind == "cloze"
        checked(found, question)


def test_formulas_numbers_and_choices_in_one_stack_question() -> None:
    wrong = (("eps/sigma_t + x^2", said("sign")), ("-eps sigma_t + x^2", said("factor")))
    question = asked(
        Formula(KEY, wrong),
        FIELDS["single"],
        FIELDS["number"],
        GRID,
        FIELDS["vector"],
        points=list(map(Fraction, range(1, 6))),
    )
    for locales in LANGUAGES:
        (found,) = reader.read(written(platform("moodle-stack", locales), [question]))
        assert found.kind == "stack"
        checked(found, question)
        seen = reader.shown(reader.in_language(found.text, "en"))
        assert SIGNS in seen
        assert found.text.count("[[input:ans1]]") == 1


def test_written_work_goes_to_a_person() -> None:
    for fields in ([ESSAY], [ESSAY, ESSAY]):
        (found,) = reader.read(
            written(platform(practice=False), [asked(*fields, points=[Fraction(5, 2)] * len(fields))])
        )
        assert found.kind == "essay"
        assert reader.shown(found.grader).count(f"1.5: idea {SIGNS}") == len(fields)
        assert not found.general
        (found,) = reader.read(written(platform(locales=("en", "zh")), [asked(*fields)]))
        for language, idea in (("en", "idea"), ("zh_cn", "中文 idea")):
            assert reader.shown(reader.in_language(found.text, language)).count("ask") == len(fields)
            assert f"1.5: {idea} {SIGNS}" in reader.shown(reader.in_language(found.grader, language))


REFUSED: dict[str, Interaction] = {
    "right options": Choose(tuple(option(name, name != "z") for name in "abcdefghijkz"), single=False),
    "0 right": Choose(tuple(option(name) for name in "ab"), single=False),
    "blank": Choose((Option({"en": Document()}, True), option("b"))),
    "cannot be got wrong": Match((brief("a"),), (brief("b"),), (0,)),
    "read the same": Order((brief("a"), brief("a")), (0, 1)),
    "fit on a line": Short(("a\nb", " ")),
    "14 digits": number("1234567890123456"),
    "larger": number("1e400"),
    "smaller": number("1e-400"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_moodle_would_get_wrong_is_refused_by_name(why: str) -> None:
    with pytest.raises(Refused, match=why):
        platform().write(asked(REFUSED[why]))
    with pytest.raises(Refused, match="written work beside"):
        platform().write(asked(ESSAY, FIELDS["whole"]))


def one_part(key: Key, slips: Sequence[Any] = ()) -> Part:
    """A part with wrong answers."""
    return Part(name="answer", key=key, mistakes=tuple(Mistake(name=f"w{n}", value=v) for n, v in enumerate(slips)))


def own(*parts: Part) -> Task:
    """An author's own question, all of whose wrong answers are answered."""
    labels = {name for part in parts for name in part.key.labels()}
    parts = (
        tuple(msgspec.structs.replace(part, name=f"answer{n}") for n, part in enumerate(parts)) if parts[1:] else parts
    )
    item = Item(
        family="text", version=1, level=1, minutes=2, calculator=False, effort=0, trace={}, parts=parts,
        parameters={"text": {"en": "What?"}, "options": {name: {"en": f"thing {name}"} for name in labels},
                    "ask": {part.name: {"en": f"And {part.name}?"} for part in parts},
                    "why": {mistake.name: {"en": "No."} for part in parts for mistake in part.mistakes}},
    )  # fmt: skip
    return drawing.task(item)


POINTS = "the points, which are set in the quiz"
KG = Number.of(Decimal("12.5"), 1, "kg", units={"g": Fraction(1, 1000)})
SEVEN = tuple(f"o{at}" for at in range(7))
LOSSES: dict[str, tuple[tuple[Part, ...], list[str]]] = {
    "nothing": ((one_part(KG, [Decimal(3)]),), []),
    "units": ((one_part(KG), one_part(Integer.of(7))), ["units are not typed"]),
    "percent": ((one_part(Number.of(Decimal("0.5"), 1, percent=True)),), ["percent signs are not typed"]),
    "both": ((one_part(Integer.of(7, percent=True, suffixes=True)),), ["percent signs and suffixes are not typed"]),
    "form": ((one_part(FractionKey.of(Fraction(3, 8), form="lowest")),), ["the form that is asked for"]),
    "numeral": ((one_part(FractionKey.of(Fraction(3, 8), form="numeral")),), []),
    "third": ((one_part(FractionKey.of(Fraction(3, 8)), [Fraction(1, 3)]),), [UNHEARD]),
    "digits": ((one_part(FractionKey.of(Fraction("0.12345678901234567"))),), ["digits beyond the 14th"]),
    "shape": ((one_part(Vector.of((1, 2)), [(3,), (4, 5)]),), [UNHEARD]),
    "shadow": ((one_part(Vector.of((1, 2)), [(3, 2), (3, 1), (5, 1)]),), [UNHEARD]),
    "told": ((one_part(Vector.of((1, 2)), [(3, 2), (4, 1)]),), []),
    "order": ((one_part(Ordering(value=("p", "q", "r"))),), ["there is credit also where no more than half of the "
                                                           "pairs are in order"]),
    "swap": ((one_part(Ordering(value=("p", "q"))),), []),
    "orders": ((one_part(Ordering(value=("p", "q"))), one_part(Integer.of(1))),
               ["the credit is for places, not for pairs in order"]),
    "pairs": ((one_part(Matching(value=(("l", "r"), ("m", "s"))), [(("l", "s"), ("m", "r"))]),), [UNHEARD]),
    "several": ((one_part(Multiple(value=SEVEN[:4], options=SEVEN)),),
                ["a wrong option costs more than a right one gives"]),
    "few": ((one_part(Multiple(value=SEVEN[:3], options=SEVEN)),), []),
    "all": ((one_part(Multiple(value=SEVEN, options=SEVEN)),), []),
    "spelling": ((one_part(TextKey.of("convolution", distance=1)),), ["typing errors count as wrong"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_lost_is_told(name: str) -> None:
    parts, lost = LOSSES[name]
    task = own(*parts)
    for practice in (True, False):
        target = platform(practice=practice)
        question, changes = target.made(task, Slot(1, "s", task.total))
        checked_alone(target, question)
        told = dict.fromkeys(words for change in changes for words in change.lost.split("; "))
        assert set(told) - {POINTS} == {words for words in lost if practice or words != UNHEARD}


def checked_alone(target: Moodle, question: Question) -> None:
    """A question without a solution is read back and marked."""
    (found,) = reader.read(written(target, [question]))
    found.general = "x" if target.settings.practice else ""
    checked(found, question, target.settings.practice)


def test_what_is_said_to_a_right_answer_is_said_or_told() -> None:
    (task,) = drawn("convolution/dilated", 1)
    for practice in (True, False):
        _, changes = platform(practice=practice).made(task, Slot(1, "s", task.total))
        assert all(("what is said to a right answer" in change.lost) == practice for change in changes)
    for name in ("truth", "single", "several", "number", "text", "pairs", "boxes", "order"):
        content = written(platform(), [replace(asked(FIELDS[name]), right={"en": literal("well done")})])
        assert content.count(b"well done") == (len(field.accepted) if isinstance(field := FIELDS[name], Short) else 1)


def test_points_that_fields_cannot_add_up_to_are_told() -> None:
    (matrix,) = drawn("convolution/cross_correlation", 1)
    question, changes = platform().made(matrix, Slot(1, "s", matrix.total))
    (found,) = reader.read(written(platform(), [question]))
    assert found.mark != question.points
    assert POINTS in changes[0].lost
    task = own(one_part(Integer.of(7)), one_part(Vector.of((1, 2))))
    question, changes = platform().made(task, Slot(1, "s", task.total))
    first, second = question.fields
    question = replace(question, fields=(replace(first, points=Fraction(2)), replace(second, points=Fraction(4))))
    (found,) = reader.read(written(platform(), [question]))
    assert (found.mark, [field.weight for field in found.fields]) == (6, [2, 2, 2])
    assert not list(platform().lost(question, question.fields[0], task.item.parts[0]))


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InputError, match="no question"):
        written(platform(), [])


def test_every_slot_is_a_category() -> None:
    questions = [
        replace(
            asked(FIELDS["whole"], name=f"name{n}"), slot=Slot(n // 2 + 1, f"a/b {n // 2}", Fraction(3, 2), 2), number=n
        )
        for n in range(4)
    ]
    found = reader.read(written(platform(category="Course/Exam"), questions))
    assert [question.category for question in found] == [
        f"$course$/top/Course/Exam/{place:02} a//b {place - 1} (1.5 points, pick 1)" for place in (1, 1, 2, 2)
    ]
    chinese = reader.read(written(platform(locales=("zh",), title="期末/A"), questions[:1]))
    assert chinese[0].category == "$course$/top/期末//A/01 a//b 0（1.5 分，抽取 1 题）"


def test_names_are_short_and_without_tags() -> None:
    slot = Slot(3, f"a<b> {'z' * 300}", Fraction(3), 2)
    question = replace(asked(FIELDS["whole"]), slot=slot)
    for title in ("/<i>x</i>/", "y" * 400, " / "):
        (found,) = reader.read(written(platform(title=title), [question]))
        assert found.name.startswith("a‹b› zzz")
        assert found.name.endswith(" 017 k7f3xz")
        steps = re.split("(?<!/)/(?!/)", found.category)
        assert len(steps) == 4
        assert steps[2] in ("‹i›x‹//i›", "y" * 200, "-")
        assert steps[3].startswith("03 a‹b› zzz")
        assert steps[3].endswith("(3 points, pick 1)")


def test_figures_go_along_as_files() -> None:
    name = next(name for name in FAMILIES if BANK.family(name).figures)
    target = platform()
    questions = [target.made(task, Slot(1, "s", task.total), n)[0] for n, task in enumerate(drawn(name), 1)]
    for found in reader.read(written(target, questions)):
        assert found.files
        assert all(content.startswith(b"<svg") for content in found.files.values())
        assert re.search(r'<img src="@@PLUGINFILE@@/[\w.-]+\.svg" alt="[^"]+', found.text)


def test_a_refused_question_leaves_no_files_behind() -> None:
    name = next(name for name in FAMILIES if BANK.family(name).figures)
    target = platform()
    question, _ = target.made(drawn(name, 1)[0], Slot(1, "s", Fraction(1)))
    with pytest.raises(Refused):
        target.write(replace(question, fields=(Field("x", Fraction(1), ESSAY), Field("y", Fraction(1), GRID))))
    (found,) = reader.read(written(target, [asked(FIELDS["whole"])]))
    assert not found.files


@pytest.mark.parametrize("form", FORMATS)
def test_the_first_step_is_a_hint_in_practice_only(form: str) -> None:
    steps = {"en": parse("1. First.\n2. Then."), "zh": parse("1. 先。\n2. 后。")}
    for field in FIELDS.values():
        question = replace(asked(field), steps=steps)
        for practice in (True, False):
            (found,) = reader.read(written(platform(form, ("en", "zh"), practice=practice), [question]))
            hints = [reader.shown(reader.in_language(hint, "zh_cn")).strip() for hint in found.hints]
            assert hints == (["先。"] if practice else [])


def test_the_end_of_a_section_of_characters_is_only_text() -> None:
    element = ElementTree.fromstring(f"<text>{cdata('a ]]> b ]]]]> <c')}</text>")
    assert element.text == "a ]]> b ]]]]> <c"


def test_codes_can_be_left_out() -> None:
    (found,) = reader.read(written(platform(codes=False), [asked(FIELDS["whole"])]))
    assert "k7f3xz" not in found.text


# Maxima.


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("-eps/sigma_t", "((-1) * eps / sigma_t)"),
        ("x^2 - 0.5 ln(x)", "((x ^ 2) + ((-1/2) * log(x)))"),
        ("sqrt(x) e^{x}", "(sqrt(x) * exp(x))"),
        ("sigmoid(x)", "(1 / (1 + exp(-x)))"),
        ("log_2 x", "(log(x) / log(2))"),
    ],
)
def test_maxima_computes_what_the_formula_says(text: str, wanted: str) -> None:
    names = vocabulary({"x": "positive", "eps": "real", "sigma_t": "positive"})
    shown = maxima.maxima(formula(text, names))
    point = {"x": 0.7, "eps": 0.3, "sigma_t": 0.4}
    assert reader.evaluated(shown, point) == pytest.approx(reader.evaluated(wanted, point))


@pytest.mark.parametrize("text", ["x_1 + x_2", "sum_{i=1}^3 i x"])
def test_maxima_refuses_what_it_cannot_compare(text: str) -> None:
    with pytest.raises(maxima.NoMaxima):
        maxima.maxima(formula(text, vocabulary({"x": "indexed real"} if "_1 " in text else {"x": "real"})))


def formula_task(key: FormulaKey) -> Task:
    """An author's question for a formula, with two mistakes."""
    wrong = tuple(Mistake(name=f"o{place}", value=f"{place} ({key.value})") for place in (2, 3))
    item = Item(
        family="text", version=1, level=1, minutes=2, calculator=False, effort=0, trace={},
        parameters={"text": {"en": "Which formula?"}, "why": {"o2": {"en": "Twice."}, "o3": {"en": "Three times."}}},
        parts=(Part(name="answer", key=key, mistakes=wrong),),
    )  # fmt: skip
    return drawing.task(item)


def test_formulas_are_stack_questions_or_chosen() -> None:
    task = formula_task(KEY)
    for form, kind, lowered in (("moodle", "multichoice", True), ("moodle-stack", "stack", False)):
        target = platform(form)
        question, changes = target.made(task, Slot(1, "s", task.total))
        (found,) = reader.read(written(target, [question]))
        assert (found.kind, bool(changes)) == (kind, lowered)
        if kind == "stack":
            checked(replace(found, general="x"), question)
            assert "eps, sigma_t, x" in reader.shown(found.text)
            assert found.element.findtext("input/allowwords") == "eps,sigma_t,x"


@pytest.mark.parametrize(
    "key",
    [
        FormulaKey.of("A^T b", variables={"A": "matrix 2x2", "b": "vector 2"}),
        FormulaKey.of("e i", variables={"e": "real", "i": "real"}),
        FormulaKey.of("sum_{k=1}^3 x^k", variables={"x": "real"}),
    ],
    ids=["matrices", "names", "sums"],
)
def test_formulas_that_maxima_would_take_for_others_are_chosen(key: FormulaKey) -> None:
    task, target = formula_task(key), platform("moodle-stack")
    question, changes = target.made(task, Slot(1, "s", task.total))
    assert [change.becomes for change in changes] == ["choose"]
    (found,) = reader.read(written(target, [question]))
    assert found.kind == "multichoice"


def test_fractions_stay_fractions_in_stack() -> None:
    (task,) = drawn("attention/softmax_exact", 1)
    target = platform("moodle-stack")
    question, changes = target.made(task, Slot(1, "s", task.total))
    assert all(change.becomes == change.kind for change in changes)
    assert all(isinstance(field.interaction, Cells | Numeric) for field in question.fields)


def wide(first: int) -> Cells:
    """A matrix that takes many characters, and a mistake as long."""
    rows = [[Fraction(first + 6 * i + j, 99991) for j in range(6)] for i in range(6)]
    turned = tuple(tuple(column) for column in zip(*rows, strict=True))
    return Cells(tuple(tuple(Numeric(cell, Fraction(0)) for cell in row) for row in rows), ((turned, said("turned")),))


LONG_MISTAKE = " + ".join(f"x^{{{power}}}" for power in range(2, 60))


def test_long_expressions_have_room_in_stack() -> None:
    formula = Formula(FormulaKey.of("x", variables={"x": "real"}), ((LONG_MISTAKE, said("long")),))
    question = asked(wide(1), wide(50), formula)
    (found,) = reader.read(written(platform("moodle-stack"), [question]))
    assert found.kind == "stack"
    checked(found, question)


MATRIX = Matrix.of(((1, 2), (3, 4)))
STACK_LOSSES: dict[str, tuple[tuple[Part, ...], set[str]]] = {
    "units": ((one_part(KG), one_part(MATRIX)), {"units are not typed"}),
    "form": ((one_part(FractionKey.of(Fraction(1, 3), form="lowest")),), {"the form that is asked for"}),
    "shape": ((one_part(MATRIX, [((1, 2),)]),), {UNHEARD}),
    "nothing": ((one_part(MATRIX, [((1, 3), (2, 4))]),), set()),
    "formula": ((one_part(FormulaKey.of("x", variables={"x": "real"}), ["sum_{k=1}^3 x^k"]),), {UNHEARD}),
}


@pytest.mark.parametrize("name", STACK_LOSSES)
def test_what_stack_loses_is_told(name: str) -> None:
    parts, lost = STACK_LOSSES[name]
    task, target = own(*parts), platform("moodle-stack")
    question, changes = target.made(task, Slot(1, "s", task.total))
    assert {words for change in changes for words in change.lost.split("; ")} == lost
    assert [found.kind for found in reader.read(written(target, [question]))] == ["stack"]
    heard = replace(question, right={"en": literal("well done")})
    remark = {"what is said to a right answer"} if len(parts) > 1 else set()
    assert set(target.lost(heard, heard.fields[0], parts[0])) == lost | remark


def test_files_name_their_formats_with_dashes() -> None:
    assert {"moodle", "moodle-stack"} <= set(exporters.formats())
    assert exporters.exporter("moodle-stack").__name__ == "MoodleStack"
