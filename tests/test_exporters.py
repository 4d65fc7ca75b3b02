"""What is exported is read back, by readers that share no code with the writers, and marked from the file alone."""

import json
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers, drawing, exporters, markup, prose, schema
from quizgen.answers.choice import Choice
from quizgen.answers.fraction import Fraction as FractionKey
from quizgen.answers.matching import Matching
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.answers.set import Set
from quizgen.answers.written import Criterion, Written
from quizgen.bank import Bank, installed
from quizgen.errors import InputError, UnknownName
from quizgen.exporters import md
from quizgen.family import Family
from quizgen.markup import Document, Paragraph, Text
from quizgen.values import Item, Key, Mistake, Part, Task

BANK = Bank()
LAYOUTS = installed()[1] / "exports"
LOCALES = ("en", "zh")
LETTERED = ("choice", "multiple", "ordering", "matching")


def drawn(name: str, count: int = 2) -> list[Item]:
    """Some items of a family."""
    family: Family = BANK.family(name)
    return [family.draw("exporters", name, number) for number in range(count)]


def own(key: Key, **more: Any) -> Item:
    """An item of an author's own, with a text that looks like markup."""
    words = "Which of $a_1 < b$? 100 % of #1_2 & \\<script> {{ 7*7 }}"
    names = {name: {"en": f"thing *{name}*", "zh": f"选项 {name}"} for name in key.labels()}
    return Item(
        family="text", version=1, level=1, minutes=2, calculator=False, effort=0, trace={},
        parameters={"text": {"en": words, "zh": "哪一个？"}, "options": names, **more},
        parts=(Part(name="answer", key=key, mistakes=tuple(Mistake(name=n, value=n) for n in more.get("why", {}))),),
    )  # fmt: skip


OWN = [
    own(Choice(value="o2", options=("o1", "o2", "o3")), why={"o1": {"en": "No.", "zh": "不对。"}}),
    own(Multiple(value=("o1", "o3"), options=("o1", "o2", "o3"))),
    own(Ordering(value=("p", "q", "r", "s"))),
    own(Matching(value=(("l1", "r1"), ("l2", "r2")), spare=("r3",))),
    own(Set(value=(1, 4, 9))),
    own(Set(value=())),
    own(FractionKey(value=Fraction(-3, 7))),
    own(Written(rubric=(Criterion(points=Fraction(3, 2), text={"en": "idea", "zh": "思路"}),))),
]


# A marker of answers of its own: what the file says is the key, what a student typed, right or not.


def number(text: str) -> Fraction | None:
    """An exact number as people type it."""
    match = re.fullmatch(r"([+−-]?)\s*(\d*\.?\d+)(?:/(\d+))?", text.strip())
    if match is None or match[3] == "0":
        return None
    value = Fraction(match[2]) / int(match[3] or 1)
    return -value if match[1] in ("-", "−") else value


def listed(text: str) -> list[Fraction | None]:
    """Numbers between brackets, commas, semicolons and spaces."""
    inner = text.strip().strip("∅")
    return [number(entry) for entry in re.split(r"[\s,;()\[\]{}]+", inner) if entry]


def shape(text: str) -> list[int]:
    """How many numbers stand in each row."""
    rows = re.findall(r"\[([^\[\]]*)\]", text) if "[[" in text else text.split(";")
    return [len(listed(row)) for row in rows]


TOKEN = re.compile(r"\\[a-z]+|[A-Za-z]|\d+|[-+/^_(){}]")
FUNCTIONS = {r"\sqrt": math.sqrt, r"\ln": math.log, r"\cos": math.cos}


class Formula:
    """The value of a formula in LaTeX, or as plain as LaTeX, for some values of its letters."""

    def __init__(self, text: str) -> None:
        dull = (r"\left", r"\right", r"\cdot")
        self.tokens: list[str] = [token for token in TOKEN.findall(text) if token not in dull]

    def value(self) -> float:
        total = self.sum()
        assert not self.tokens
        return total

    def sum(self) -> float:
        total = self.product()
        while self.tokens and self.tokens[0] in "+-":
            sign = 1 if self.tokens.pop(0) == "+" else -1
            total += sign * self.product()
        return total

    def product(self) -> float:
        product = self.power()
        while self.tokens and self.tokens[0] not in "+-)}":
            if self.tokens[0] == "/":
                self.tokens.pop(0)
                product /= self.power()
            else:
                product *= self.power()
        return product

    def power(self) -> float:
        if self.tokens[0] == "-":
            self.tokens.pop(0)
            return -self.power()
        base = self.atom()
        if self.tokens and self.tokens[0] == "^":
            self.tokens.pop(0)
            return float(base ** self.atom())
        return base

    def atom(self) -> float:
        token = self.tokens.pop(0)
        if token.isdigit():
            return float(token)
        if token in "({":
            value = self.sum()
            self.tokens.pop(0)
            return value
        if token == r"\frac":
            return self.atom() / self.atom()
        if token in FUNCTIONS:
            return FUNCTIONS[token](self.atom())
        if token == "e":
            return math.e
        return self.letter(token)

    def letter(self, name: str) -> float:
        """A number of its own between 1/10 and 9/10 for a letter with its accent and its index."""
        if name == r"\bar":
            name += self.group()
        if self.tokens and self.tokens[0] == "_":
            name += self.tokens.pop(0) + self.group()
        return 0.1 + 0.8 * (zlib.crc32(name.encode()) / 2**32)

    def group(self) -> str:
        """What stands in braces, or one token."""
        if self.tokens[0] != "{":
            return self.tokens.pop(0)
        end = self.tokens.index("}")
        inside, self.tokens = self.tokens[1:end], self.tokens[end + 1 :]
        return "".join(inside)


def marked(kind: str, key: str, tolerance: Fraction, typed: str) -> bool:
    """Whether ``typed`` is right, where the key would be typed ``key``."""
    if kind in ("choice", "multiple", "ordering", "matching"):
        entries = [entry.strip() for entry in re.split("[,;]", typed.strip("() "))]
        wanted = [entry.strip() for entry in key.split(",")]
        return entries == wanted if kind == "ordering" else sorted(entries) == sorted(wanted)
    if kind == "formula":
        return math.isclose(Formula(key).value(), Formula(typed).value(), rel_tol=1e-9)
    if kind == "matrix" and shape(key) != shape(typed):
        return False
    wanted_numbers, numbers = listed(key), listed(typed)
    if kind == "set":
        return set(numbers) == set(wanted_numbers)
    return len(numbers) == len(wanted_numbers) and all(
        a is not None and b is not None and abs(a - b) <= tolerance
        for a, b in zip(wanted_numbers, numbers, strict=True)
    )


# JSON lines.


def plain_number(data: Any) -> str:
    """A number of the file as text."""
    return str(data if isinstance(data, int) else next(iter(data.values())))


def key_of_json(key: dict[str, Any]) -> str:
    """The right answer as it would be typed."""
    value = key["value"]
    match key["kind"]:
        case "vector":
            return ", ".join(map(plain_number, value))
        case "set":
            return "{" + ", ".join(map(plain_number, value)) + "}"
        case "matrix":
            return "; ".join(", ".join(map(plain_number, row)) for row in value)
        case "matching":
            return ", ".join(f"{left}={right}" for left, right in value)
        case "ordering" | "multiple":
            return ", ".join(value)
        case "choice" | "formula":
            return str(value)
    return plain_number(value)


def exported(form: str, tasks: list[Task], locales: tuple[str, ...] = ("en",)) -> str:
    """The whole file."""
    exporter = exporters.exporter(form)(locales, BANK.templates, LAYOUTS / form)
    return b"".join(exporter.file(exporter.entry(task) for task in tasks)).decode()


VALIDATOR = jsonschema.Draft202012Validator(schema.item())


def check_line(line: str, item: Item) -> None:
    """A line is valid, reads back as the item, and marks the item's own right and wrong answers."""
    data = json.loads(line)
    VALIDATOR.validate(data)
    assert answers.read_item(line) == item
    assert answers.read_item(line).id == item.id
    for part, written in zip(item.parts, data["parts"], strict=True):
        key = written["key"]
        if key["kind"] == "written":
            continue
        tolerance = Fraction(1, 2 * 10 ** key["digits"]) if "digits" in key else Fraction(0)
        typed = key_of_json(key)
        plainest = part.key.notations(part.key.right)[0]
        assert marked(key["kind"], typed, tolerance, plainest), (key, plainest)
        for mistake in part.mistakes:
            assert not marked(key["kind"], typed, tolerance, part.key.notations(mistake.value)[0]), mistake


@pytest.mark.parametrize("name", BANK.files)
def test_jsonl_is_read_back_and_marked(name: str) -> None:
    items = drawn(name)
    lines = exported("jsonl", [drawing.task(item) for item in items]).splitlines()
    for line, item in zip(lines, items, strict=True):
        assert json.loads(line)["family"] == name
        check_line(line, item)


@pytest.mark.parametrize("item", OWN, ids=lambda item: type(item.parts[0].key).__name__)
def test_jsonl_carries_every_kind_of_answer(item: Item) -> None:
    (line,) = exported("jsonl", [drawing.task(item)]).splitlines()
    check_line(line, item)


def test_the_schema_is_one_and_refuses_what_is_no_item() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.item())
    good = json.loads(exported("jsonl", [drawing.task(OWN[0])]))
    for damage in ({"version": 1.5}, {"trace": {"side": 0.1}}, {"family": None}, {"seed": "1"}, {"schema": 2}):
        assert not VALIDATOR.is_valid(good | damage)
    assert not VALIDATOR.is_valid(good | {"trace": {"side": {"q": "3/0"}}})
    assert VALIDATOR.is_valid(good | {"trace": {"side": {"q": "3/7"}, "logits": [{"d": "-0.50"}, [1, None, True]]}})


# Markdown.


@dataclass
class Asked:
    """One part as the file has it."""

    kind: str
    points: str
    key: str
    tolerance: Fraction = Fraction(0)
    option: str = ""
    options: dict[str, str] = field(default_factory=dict)
    lefts: list[str] = field(default_factory=list)
    mistakes: dict[str, str] = field(default_factory=dict)


@dataclass
class Chapter:
    """One question in one locale as the file has it."""

    family: str
    code: str
    prompt: str
    solution: str
    right: str
    parts: dict[str, Asked]


KEY = re.compile(
    r"- (?:\*\*(?P<part>\w+)\*\* )?(?P<kind>\w+), (?P<points>[\d.]+) ?(?:points?|分)"
    r"(?:(?:: |：)(?:`(?P<option>\w)` = )?`(?P<key>[^`]*)`(?: ± `(?P<tolerance>[\d.]+)`)?.*)?"
)
MISTAKE = re.compile(r"- (?:\*\*(?P<part>\w+)\*\* )?`(?P<value>[^`]*)` `(?P<name>\w+)`(?:: |：)(?P<said>.*)")


HEADINGS = ("Key", "参考答案"), ("Solution", "解答"), ("Feedback", "答题反馈")


def chapters(text: str) -> Iterator[Chapter]:
    """The questions of a file, in order."""
    for chapter in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, body = chapter.split("\n", 1)
        family, code = re.fullmatch(r"(\S+) · `(\w{6})`", heading).groups()  # type: ignore[union-attr]
        sections = re.split(r"^### (.*)$", body, flags=re.MULTILINE)
        headed = dict(zip(sections[1::2], sections[2::2], strict=True))
        asked = [sections[0], *(said for name, said in headed.items() if re.match(r"Part|第", name))]
        key, solution, feedback = (headed.get(en) or headed.get(zh) or "" for en, zh in HEADINGS)
        parts = {}
        for line in key.splitlines():
            if match := KEY.fullmatch(line):
                parts[match["part"] or ""] = Asked(
                    kind=match["kind"], points=match["points"], key=match["key"] or "", option=match["option"] or "",
                    tolerance=Fraction(match["tolerance"] or 0),
                )  # fmt: skip
        for part, section in zip(parts.values(), asked[-len(parts) :], strict=True):
            part.options = dict(re.findall(r"^- \*\*(\w)\*\* (.*(?:\n  .*)*)", section, flags=re.MULTILINE))
            numbered = re.findall(r"^(\d+)\. (.*)", section.split("\n- **", 1)[0], flags=re.MULTILINE)
            first = max((place for place, (count, _) in enumerate(numbered) if count == "1"), default=0)
            part.lefts = [words for _, words in numbered[first:]]  # the last list: prompts may number lines as well
        for line in feedback.splitlines():
            if match := MISTAKE.match(line):
                assert match["said"]
                parts[match["part"] or ""].mistakes[match["name"]] = match["value"]
        right = re.search(r"^- (?:right: |答对：)(.*)", feedback, flags=re.MULTILINE)
        yield Chapter(family, code, asked[0], solution.strip(), right[1] if right else "", parts)


def letters(kind: str, key: str) -> dict[str, str] | list[str]:
    """What a key of letters says: a number to a letter, or letters in order."""
    return dict(re.findall(r"(\d+)([a-z])", key)) if kind == "matching" else re.findall("[A-Za-z]", key)


def means(words: prose.Words, shown: str, name: str) -> bool:
    """Whether the words of the file are those of an id."""
    return markup.parse(shown.replace("\n  ", "\n")) == words.named(name)


def check_letters(asked: Asked, key: Any, words: prose.Words) -> None:
    """The letters of the key point at the words of the right things."""
    said = letters(asked.kind, asked.key)
    if isinstance(said, dict):
        for position, (left, right) in enumerate(key.value, 1):
            assert means(words, asked.lefts[position - 1], left)
            assert means(words, asked.options[said[str(position)]], right)
    else:
        rights = [key.value] if isinstance(key.value, str) else list(key.value)
        if asked.kind == "multiple":
            rights = [name for letter in said for name in rights if means(words, asked.options[letter], name)]
        assert len(said) == len(rights)
        assert all(means(words, asked.options[letter], name) for letter, name in zip(said, rights, strict=True))


def check_chapter(chapter: Chapter, item: Item, words: prose.Words, chosen: bool = False) -> None:
    """A chapter says what the item says, and marks the item's own right and wrong answers."""
    assert (chapter.family, chapter.code) == (item.family, item.code)
    for paragraph in words.prompt().blocks:
        if isinstance(paragraph, markup.DisplayMath):
            assert paragraph.tex in chapter.prompt
    if item.family != "text":
        assert chapter.solution
        assert chapter.right
    assert [name or item.parts[0].name for name in chapter.parts] == [part.name for part in item.parts]
    for part, asked in zip(item.parts, chapter.parts.values(), strict=True):
        assert asked.kind == type(part.key).__name__.lower()
        assert list(asked.mistakes) == [mistake.name for mistake in part.mistakes]
        if asked.kind in LETTERED:
            check_letters(asked, part.key, words)
            assert asked.key not in asked.mistakes.values()
        elif asked.kind != "written":
            assert marked(asked.kind, asked.key, asked.tolerance, part.key.notations(part.key.right)[0])
            for value in asked.mistakes.values():
                assert not marked(asked.kind, asked.key, asked.tolerance, value)
            assert bool(asked.options) == chosen
            if chosen:
                assert markup.parse(asked.options[asked.option]) == words.value(part, part.key.right)


def check_md(items: list[Item], options: int = 0) -> None:
    """Items survive being written as Markdown in every locale."""
    text = exported("md", [drawing.task(item, options) for item in items], LOCALES)
    found = chapters(text)
    for item in items:
        for locale in LOCALES:
            check_chapter(next(found), item, prose.words(item, locale, BANK.templates), bool(options))
    assert next(found, None) is None


@pytest.mark.parametrize("name", BANK.files)
def test_md_is_read_back_and_marked(name: str) -> None:
    check_md(drawn(name))


@pytest.mark.parametrize("name", BANK.files)
def test_md_carries_options(name: str) -> None:
    family = BANK.family(name)
    if all(answers.kind(declared.kind).choosable for declared in family.answers.values()):
        check_md([family.draw("options", name, options=2)], options=2)


@pytest.mark.parametrize("item", OWN, ids=lambda item: type(item.parts[0].key).__name__)
def test_md_carries_every_kind_of_answer(item: Item) -> None:
    check_md([item])


def test_md_prints_a_rubric_in_its_locale() -> None:
    english, chinese = (exported("md", [drawing.task(OWN[-1])], (locale,)) for locale in LOCALES)
    assert "- written, 1.5 points\n\n- [ ] 1.5 points: idea" in english
    assert "Feedback" not in english
    assert "- [ ] 1.5 分：思路" in chinese


TRICKY = st.text("\\`*_[]<>$&~|#+-=.)(!:;01 ab\"'{}/喆。", min_size=1).map(str.strip).filter(bool)


@given(TRICKY)
def test_md_prints_every_character_as_it_is(text: str) -> None:
    document = Document((Paragraph((Text(text),)),))
    assert markup.parse(md.markdown(document)) == document


def test_md_writes_every_block_so_that_it_is_read_back() -> None:
    source = (
        "One **strong *and $x_1$*** word, `co``de`,\\\na new line.\n\n"
        "- a\n\n  | $|x|$ | b\\|c |\n  | --- | ---: |\n  | 1 | *2* |\n- b\n\n"
        "3. three\n\n   $$\n   x^2\n   $$\n4. four\n\n```python\nif x:\n\n    `y`\n```\n"
    )
    document = markup.parse(source)
    assert markup.parse(md.markdown(document)) == document


# What an exporter is.


def test_formats_are_found_by_path() -> None:
    assert {"jsonl", "md"} <= set(exporters.formats())
    with pytest.raises(UnknownName, match="did you mean 'jsonl'"):
        exporters.exporter("json")


@pytest.mark.parametrize("form", exporters.formats())
def test_a_format_declares_what_exists(form: str) -> None:
    exporter = exporters.exporter(form)
    known = {*answers.kinds(), *exporters.FEATURES}
    assert exporter.kinds <= set(answers.kinds())
    assert exporter.features <= set(exporters.FEATURES)
    assert set(exporter.lowers) <= known - exporter.kinds - exporter.features
    assert exporter.suffix.startswith(".")


class Narrow(exporters.Exporter):
    """A format that knows whole numbers, and puts an order as a matching."""

    suffix = ".narrow"
    kinds = frozenset({"integer", "matching"})
    lowers: ClassVar = {"ordering": "matching"}


def test_an_exporter_keeps_lowers_or_refuses_by_name() -> None:
    integer = drawing.task(drawn("convolution/output_side", 1)[0])
    order, fraction = drawing.task(OWN[2]), drawing.task(OWN[6])
    fits = Narrow.fits([integer, order, fraction])
    assert [fit.outcome for fit in fits] == ["kept", "lowered", "refused"]
    assert fits[1].lowered == {"ordering": "matching"}
    with pytest.raises(InputError, match=rf"narrow cannot carry text {OWN[6].code} \(fraction\). Nothing was written"):
        exporters.refuse("narrow", fits)
    exporters.refuse("narrow", fits[:2])


def test_needs_name_kinds_and_features() -> None:
    figured = next(item for name in BANK.files if BANK.family(name).figures for item in drawn(name, 1))
    assert "figures" in set(exporters.needs(drawing.task(figured)))
    chosen = BANK.family("convolution/output_side").draw("needs", options=3)
    assert set(exporters.needs(drawing.task(chosen, 3))) == {"integer", "options"}
    several = next(name for name in BANK.files if len(BANK.family(name).answers) > 1)
    assert "parts" in set(exporters.needs(drawing.task(drawn(several, 1)[0])))


def test_decimal_keys_tolerate_half_a_unit_in_every_reader() -> None:
    assert marked("number", "0.125", Fraction("0.0005"), "0.1255")
    assert not marked("number", "0.125", Fraction("0.0005"), "0.1256")
    assert not marked("matrix", "1, 2; 3, 4", Fraction(0), "[[1, 2, 3, 4]]")
    assert Decimal("0.125") == Decimal(plain_number({"d": "0.125"}))
