"""Questions to be read, as Markdown with formulas between dollar signs: prompt, options, key, steps and feedback.

Every locale of a question is a chapter of its own. Keys and wrong answers stand in backquotes as they would be typed,
or as the letters of what is listed, so that a reader can mark answers from the file alone.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase
from typing import Any, ClassVar

import msgspec

from quizgen import answers, asking, prose
from quizgen.answers.choice import Choice
from quizgen.answers.matching import Matching
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.answers.written import Written
from quizgen.exporters._base import Exporter
from quizgen.markup import (
    Block,
    Break,
    Bullets,
    Code,
    CodeBlock,
    DisplayMath,
    Document,
    Emph,
    Figure,
    Inline,
    Inlines,
    Math,
    Numbered,
    Paragraph,
    Strong,
    Table,
    Text,
)
from quizgen.prose import Words
from quizgen.values import Asked, Part, Task, Value


class Md(Exporter):
    """Questions with all that belongs to them, for people."""

    suffix = ".md"
    kinds = frozenset(answers.kinds())
    features = frozenset({"options", "parts"})
    lowers: ClassVar[Mapping[str, str]] = {"figures": "their descriptions in words"}

    def entry(self, task: Task) -> bytes:
        return self.exported(task, {}, task.item.code, True)

    def exported(self, task: Task, prompt: Mapping[str, Document], code: str, practice: bool) -> bytes:
        words = [prose.words(task.item, locale, self.templates) for locale in self.locales]
        chapters = [
            Chapter(task, each, self.words[each.locale], prompt.get(each.locale) or each.prompt(), code)
            for each in words
        ]
        return "".join(f"{chapter.text(practice)}\n\n" for chapter in chapters).encode()

    @cached_property
    def words(self) -> dict[str, dict[str, Any]]:
        """The fixed words in every locale."""
        files = {locale: self.layouts / f"{locale}.toml" for locale in self.locales}
        return {locale: tomllib.loads(file.read_text(encoding="utf-8")) for locale, file in files.items()}


class Chapter:
    """One question in one locale."""

    def __init__(self, task: Task, words: Words, fixed: Mapping[str, Any], prompt: Document, code: str) -> None:
        self.item = task.item
        self.words = words
        self.fixed = fixed
        self.prompt = prompt
        self.code = code
        self.parts = list(zip(task.item.parts, task.asked, task.points, strict=True))

    def text(self, told: bool) -> str:
        """The chapter as Markdown: blocks with blank lines between them; key, steps and feedback if they are told."""
        blocks = [*self._question(told)]
        for name, said in self._answers() if told else ():
            kept = [block for block in said if block]
            blocks += [f"### {self.fixed[name]}", *kept] if kept else []
        return "\n\n".join(block for block in blocks if block)

    def _answers(self) -> Iterator[tuple[str, Iterator[str]]]:
        """What an exam does not say."""
        yield "key", self._key()
        yield "solution", self._solution()
        yield "feedback", self._feedback()

    def _question(self, told: bool) -> Iterator[str]:
        """Heading, prompt and parts, with the points where the key does not say them."""
        item, fixed = self.item, self.fixed
        worth = [f" · {self._points(points)}" if not told else "" for _, _, points in self.parts]
        tool = fixed["calculator" if item.calculator else "no_calculator"]
        yield f"## {item.family} · `{self.code}`" if self.code else f"## {item.family}"
        about = fixed["about"].format(level=item.level, minutes=item.minutes, calculator=tool)
        yield f"*{about}*{worth[0] if len(worth) == 1 else ''}"
        yield markdown(self.prompt)
        for (part, asked, _), points in zip(self.parts, worth, strict=True):
            if len(self.parts) > 1:
                yield f"### {fixed['part'].format(name=part.name)}{points}"
            yield _said(self.words.ask(part))
            lefts = part.key.lefts() if isinstance(part.key, Matching) else ()
            yield "\n".join(_item(f"{number}. ", self._named(left)) for number, left in enumerate(lefts, 1))
            yield "\n".join(self._options(part, asked))

    def _options(self, part: Part, asked: Asked) -> Iterator[str]:
        """What there is to choose, to order or to match, lettered."""
        letters = ascii_uppercase if asked.mode == "choice" else ascii_lowercase
        for letter, option in zip(letters, asked.order, strict=False):
            yield _item(f"- **{letter}** ", markdown(self.words.option(part, asked, option)))

    def _named(self, name: str) -> str:
        return markdown(self.words.named(name))

    def _key(self) -> Iterator[str]:
        yield "\n".join(self._right(*entry) for entry in self.parts)
        for part, _, _ in self.parts:
            if isinstance(part.key, Written):
                locale, colon = self.words.locale, self.fixed["colon"]
                lines = ((self._points(line.points), _escaped(line.text.get(locale, ""))) for line in part.key.rubric)
                yield "\n".join(f"- [ ] {points}{colon}{text}" for points, text in lines)

    def _right(self, part: Part, asked: Asked, points: Fraction) -> str:
        kind = type(part.key).__name__.lower()
        line = f"- {self._name(part)}{kind}, {self._points(points)}"
        if isinstance(part.key, Written):
            return line
        chosen = f"`{asking.letters(part, asked)}` = " if asked.mode == "choice" and not _lettered(part) else ""
        unit, tolerated = getattr(part.key, "unit", ""), part.key.within
        within = f" ± `{Decimal(tolerated.numerator) / tolerated.denominator:f}`" if tolerated else ""
        bound = ", ".join(f"{a} ≺ {b}" for a, b in asking.precedence(part, asked))
        typed = f"`{_typed(part, asked, part.key.right)}`" + (f" ({bound})" if bound else "")
        return f"{line}{self.fixed['colon']}{chosen}{typed}{within} {unit}".rstrip()

    def _points(self, points: Fraction) -> str:
        text: str = self.fixed["points"]["one" if points == 1 else "other"]
        return text.format(n=points if points.denominator == 1 else float(points))  # quarters are exact

    def _name(self, part: Part) -> str:
        return f"**{part.name}** " if len(self.parts) > 1 else ""

    def _solution(self) -> Iterator[str]:
        yield _said(self.words.steps())
        for part, _, _ in self.parts:
            steps = _said(self.words.steps(part))
            if steps:
                yield f"#### {self.fixed['part'].format(name=part.name)}"
                yield steps

    def _feedback(self) -> Iterator[str]:
        colon, right = self.fixed["colon"], _said(self.words.right())
        lines = [_item(f"- {self.fixed['right']}{colon}", right)] if right else []
        for part, asked, _ in self.parts:
            for mistake in part.mistakes:
                said = _said(self.words.feedback(part, mistake.name))
                if not said and _lettered(part):
                    continue
                wrong = f"- {self._name(part)}`{_typed(part, asked, mistake.value)}` `{mistake.name}`{colon}"
                lines.append(_item(wrong, said))
        yield "\n".join(lines)


def _said(document: Document | None) -> str:
    return markdown(document) if document else ""


def _lettered(part: Part) -> bool:
    return isinstance(part.key, Choice | Multiple | Ordering | Matching)


def _typed(part: Part, asked: Asked, value: Value) -> str:
    """A value as a student would write it: the letters of what is listed, else what is typed."""
    if _lettered(part):
        return asking.letters(msgspec.structs.replace(part, key=part.key.with_right(value)), asked)
    return part.key.notations(value)[0].strip()


def markdown(document: Document) -> str:
    """``document`` as Markdown; ``markup.parse`` reads the same document back, but for figures, which become words."""
    return "\n\n".join(_block(block) for block in document.blocks)


def _block(block: Block) -> str:
    match block:
        case Paragraph(children):
            return _line_start(_inlines(children))
        case Bullets(items):
            return "\n".join(_item("- ", _blocks(item)) for item in items)
        case Numbered(items, start):
            return "\n".join(_item(f"{number}. ", _blocks(item)) for number, item in enumerate(items, start))
        case Table(header, rows, alignments):
            rules = [{"left": "---", "center": ":---:", "right": "---:"}[alignment] for alignment in alignments]
            lines = [_cells(header), rules, *(_cells(row) for row in rows)]
            return "\n".join(f"| {' | '.join(line)} |" for line in lines)
        case CodeBlock(text, language):
            fence = "`" * max(3, _longest_run(text) + 1)
            return f"{fence}{language}\n{text}\n{fence}"
        case DisplayMath(tex):
            return f"$$\n{tex}\n$$"
        case Figure(alt=alt):
            return f"> {_escaped(alt)}"


def _blocks(blocks: tuple[Block, ...]) -> str:
    return "\n\n".join(_block(block) for block in blocks)


def _item(mark: str, text: str) -> str:
    """An entry of a list whose further lines stand under its first."""
    first, *rest = text.split("\n")
    indent = " " * (mark.index(" ") + 1)
    return "\n".join([mark + first, *(indent + line if line else "" for line in rest)])


def _cells(row: tuple[Inlines, ...]) -> list[str]:
    return [re.sub(r"(?<!\\)\|", r"\\|", _inlines(cell)) for cell in row]


def _inlines(children: Inlines) -> str:
    return "".join(_inline(child) for child in children)


def _inline(child: Inline) -> str:
    match child:
        case Text(text):
            return _escaped(text)
        case Strong(children):
            return f"**{_inlines(children)}**"
        case Emph(children):
            return f"*{_inlines(children)}*"
        case Code(text):
            mark = "`" * (_longest_run(text) + 1)
            return f"{mark} {text} {mark}" if text[:1] == "`" or text[-1:] == "`" else f"{mark}{text}{mark}"
        case Math(tex):
            return f"${tex}$"
        case Break():
            return "\\\n"


def _escaped(text: str) -> str:
    """Characters that Markdown, here or elsewhere, would not print as they are, with a backslash."""
    return re.sub(r"([\\`*_\[\]<>$&~|'\"])", r"\\\1", text)


def _line_start(text: str) -> str:
    """A paragraph that does not look like a list, a heading or a rule."""
    return re.sub(r"^(\d*)([-+#=.)])", r"\1\\\2", text)


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
