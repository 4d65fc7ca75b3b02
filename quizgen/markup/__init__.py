"""Markdown with mathematics between dollar signs, read into a frozen document tree that every target renders.

The subset is small on purpose: paragraphs, lists, tables, code, strong, emphasised, ``$inline$`` and ``$$display$$``
formulas. Whatever else Markdown knows (headings, quotes, raw HTML, entities) is printed as the characters typed; links
and images, which would be lost silently on paper, are refused by name.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from quizgen.errors import MarkupError
from quizgen.markup.math import FormulaError, check
from quizgen.values import Struct

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

LONGEST = 100_000
"""Characters that one text may have."""

DEEPEST = 3
"""Lists within lists; TeX knows four, and a paper may need one around them."""


class Node(Struct, frozen=True, kw_only=False, tag_field="type", cache_hash=True):
    """A node of a document."""


class Text(Node, frozen=True, tag="text"):
    """Characters to be printed as they are."""

    text: str


class Strong(Node, frozen=True, tag="strong"):
    """Inlines in bold."""

    children: tuple["Inline", ...]


class Emph(Node, frozen=True, tag="emph"):
    """Emphasised inlines."""

    children: tuple["Inline", ...]


class Code(Node, frozen=True, tag="code"):
    """Program text within a line."""

    text: str


class Math(Node, frozen=True, tag="math"):
    """A formula within a line: LaTeX that :func:`quizgen.markup.math.check` has passed."""

    tex: str


class Break(Node, frozen=True, tag="break"):
    """A new line."""


Inline: TypeAlias = Text | Strong | Emph | Code | Math | Break
Inlines: TypeAlias = tuple[Inline, ...]
Alignment: TypeAlias = Literal["left", "center", "right"]


class Paragraph(Node, frozen=True, tag="paragraph"):
    """A paragraph."""

    children: Inlines


class Bullets(Node, frozen=True, tag="bullets"):
    """An unordered list; every item is a tuple of blocks."""

    items: tuple[tuple["Block", ...], ...]


class Numbered(Node, frozen=True, tag="numbered"):
    """An ordered list, counted from ``start``."""

    items: tuple[tuple["Block", ...], ...]
    start: int = 1


class Table(Node, frozen=True, tag="table"):
    """A table; ``header`` and every row have one cell (inlines) per alignment."""

    header: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    alignments: tuple[Alignment, ...]


class CodeBlock(Node, frozen=True, tag="code_block"):
    """Program text on lines of its own."""

    text: str
    language: str = ""


class DisplayMath(Node, frozen=True, tag="display"):
    """A formula on a line of its own."""

    tex: str


class Figure(Node, frozen=True, tag="figure"):
    """A drawing: a figure value as plain data (see :mod:`quizgen.figures`) and its alternative in words."""

    figure: dict[str, Any]
    alt: str


Block: TypeAlias = Paragraph | Bullets | Numbered | Table | CodeBlock | DisplayMath | Figure


class Document(Struct, frozen=True, kw_only=False):
    """What :func:`parse` returns: blocks in reading order."""

    blocks: tuple[Block, ...] = ()

    def __add__(self, other: "Document") -> "Document":
        return Document(self.blocks + other.blocks)


def parse(text: str, where: str = "") -> Document:
    """Read Markdown ``text``. A MarkupError names ``where`` (file, field), line and column."""
    try:
        if len(text) > LONGEST:
            raise MarkupError(f"a text of {len(text)} characters (at most {LONGEST} are allowed)")
        return _parsed(text)
    except MarkupError as error:
        raise (error.at(where) if where else error) from None


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Document:
    """The same, remembered: three quarters of what an export says has been said in the question before."""
    source = clean(text)
    chunks = _BLANK.split(source)
    if not _goes_on(source, chunks):
        try:
            return Document(tuple(block for chunk in chunks for block in _chunk(chunk)))
        except MarkupError:
            pass  # its place is that in the whole text
    return _read(source)


def _read(source: str) -> Document:
    return _Reader(source, _markdown().parse(source)).document()


# Where nothing goes on beyond a blank line, each chunk between such lines is read on its own, and remembered: what a
# question is about is said of many questions, and most chunks need no reader of all of Markdown.
_BLANK = re.compile("\n{2,}")
_BEYOND = re.compile(r"^[ \t]|```|~~~|^\s*\$\$(?!.*\$\$[ \t]*$)", re.MULTILINE)
_LISTED = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])(?:\s|$)", re.MULTILINE)


def _goes_on(source: str, chunks: list[str]) -> bool:
    """Whether a list, a block of code or a formula may go on beyond a blank line."""
    if len(chunks) == 1:
        return False
    if _BEYOND.search(source) or any(chunk.count("$$") % 2 for chunk in chunks):
        return True
    return any(_LISTED.match(after) and _LISTED.search(before) for before, after in pairwise(chunks))


# Most chunks are words and formulas, lists of such lines, or tables of such cells, in which no other character means
# anything: no escape, emphasis, code, link or quote, no dots or dashes to be joined, no list at the beginning of a
# line, and one displayed formula a line at most. They are read at once.
_WORDS = (
    r"[^\s\\`*_\[\]<>&|~\"'#$@^{}.(!?,+-]++|[.,!?+-](?![.,!?+-])|\((?![cCrRpPtT]{1,2}\))|[ \n](?![ \n])"
    r"|(?<=[A-Za-z])'(?=[A-Za-z])"
)
_TEX = r"(?![\s$])(?:[^$\\\n`]|\\[^$\n`])*+(?<!\s)"
_FORMULA = rf"\${_TEX}\$(?!\$)|\$\${_TEX}\$\$(?!\$)"
_SIMPLE = re.compile(rf"(?!\s)(?:{_WORDS}|{_FORMULA})++(?<!\s)")
_BEGINS = re.compile(r"(?:^|\n) ?(?:[-+=:]|\d+[.)])|[ ]\n|\n |(?:\$\$[^\n]*){3}")
_PIECES = re.compile(_FORMULA)
_MARK = re.compile(r"- (?=\S)|(\d{1,9})\. (?=\S)")
_ROW = re.compile(r"\|(?:[^\\`]|\\[^|`])*\|")
_RULE = re.compile(":?-+:?")
_SIDES: dict[tuple[bool, bool], Alignment] = {(True, True): "center", (False, True): "right"}


@lru_cache(maxsize=8192)
def _chunk(source: str) -> tuple[Block, ...]:
    """The blocks of a text without blank lines."""
    try:
        if _MARK.match(source):
            return (_simple_list(source.split("\n")),)
        if source.startswith("|") and "\n" in source:
            return (_simple_table(source.split("\n")),)
        words, bullet, items = source.partition("\n- ")
        below = [_simple_list(f"- {items}".split("\n"))] if bullet else []
        return (*_simple_blocks(words), *below)
    except (_Other, FormulaError):
        return _read(source).blocks


class _Other(Exception):
    """A text that is not simple."""


def _simple_list(lines: list[str]) -> Block:
    """A list of simple lines, each of which may have a list of bullets below it."""
    items: list[tuple[str, list[str]]] = []
    numbers: list[str] = []
    inner = ""
    for line in lines:
        if mark := _MARK.match(line):
            inner = " " * mark.end()
            items.append((line[mark.end() :], []))
            numbers += [mark[1]] if mark[1] else []
        elif items and line.startswith(f"{inner}- "):
            items[-1][1].append(line.removeprefix(inner))
        else:
            raise _Other
    if len(numbers) not in (0, len(items)):
        raise _Other
    blocks = tuple((*_simple_blocks(first), *([_simple_list(below)] if below else [])) for first, below in items)
    return Numbered(blocks, int(numbers[0])) if numbers else Bullets(blocks)


def _simple_table(lines: list[str]) -> Table:
    """A table of simple cells, as many in each row."""
    header, rules, *rows = map(_cells, lines)
    if any(len(row) != len(rules) for row in (header, *rows)) or not all(map(_RULE.fullmatch, rules)):
        raise _Other
    sides = tuple(_SIDES.get((rule[0] == ":", rule[-1] == ":"), "left") for rule in rules)
    first, *others = (tuple(map(_simple_cell, row)) for row in (header, *rows))
    return Table(first, tuple(others), sides)


def _cells(line: str) -> list[str]:
    """The texts between the bars of a line."""
    if not _ROW.fullmatch(line):
        raise _Other
    return [cell.strip(" ") for cell in line[1:-1].split("|")]


def _simple_cell(source: str) -> Inlines:
    """The inlines of a cell."""
    match list(_simple_blocks(source)) if source else []:
        case []:
            return ()
        case [Paragraph(children)]:
            return children
    raise _Other


def _simple_blocks(source: str) -> Iterator[Block]:
    """Paragraphs of words and formulas, and the displayed formulas between them."""
    if not _SIMPLE.fullmatch(source) or _BEGINS.search(source):
        raise _Other
    out: list[Inline] = []
    at = 0
    for found in _PIECES.finditer(source):
        before, at = source[at : found.start()], found.end()
        tex = check(found[0].strip("$"))
        if not tex:
            raise _Other
        if not found[0].startswith("$$"):
            _append_words(out, before)
            out.append(Math(tex))
            continue
        _append_words(out, before.removesuffix("\n"))
        yield from _paragraph(out)
        yield DisplayMath(tex)
        out, at = [], at + source.startswith("\n", at)
    _append_words(out, source[at:])
    yield from _paragraph(out)


def _append_words(out: list[Inline], words: str) -> None:
    """Words, with the apostrophes that stand within them."""
    _append(out, words.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"))


def _paragraph(nodes: list[Inline]) -> Iterator[Paragraph]:
    """A paragraph, if there is anything in it."""
    if children := _trim(tuple(map(_unwrap, nodes))):
        yield Paragraph(children)


def literal(text: str) -> Document:
    """A document of one paragraph with the characters of ``text`` as they are, no markup read."""
    return Document((Paragraph((Text(clean(text)),)),))


# Marks that change the direction of text, and the invisible byte order mark and zero-width space. They come along with
# text pasted from spreadsheets and could reorder a page ("txt.exe" shown as "exe.txt"); without them every letter is
# still there, so they are dropped and not refused. The joiners U+200C and U+200D stay: Persian and Hindi need them.
_INVISIBLE = dict.fromkeys([0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def clean(text: str) -> str:
    """``text`` in Unicode normal form C, line ends as ``\\n``, without marks of direction.

    Raises MarkupError, with line and column, for control characters: no target can print them.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not _SUSPECT.search(text):
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    if bad := _SUSPECT.search(text):
        raise MarkupError(f"control character U+{ord(bad[0]):04X} cannot be printed", _place(text, bad.start()))
    return text


_NEGATIVE = re.compile(r"(?<![\w)\]}])-(?=\.?\d)")


def typographic(text: str) -> str:
    """``text`` with minus signs in place of the hyphens that begin negative numbers; dates and names keep theirs."""
    return _NEGATIVE.sub("\N{MINUS SIGN}", text) if "-" in text else text


def _place(source: str, offset: int) -> str:
    return f"line {source.count(chr(10), 0, offset) + 1}, column {offset - source.rfind(chr(10), 0, offset)}"


@lru_cache(maxsize=1)
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    reader = MarkdownIt("commonmark", {"html": False, "typographer": True}).enable(["table", "smartquotes"])
    # text_join would merge an escaped \$ with a lone $, which is refused
    reader.disable(["heading", "lheading", "hr", "blockquote", "reference", "html_block", "code", "text_join"])
    reader.disable(["html_inline", "autolink", "entity"])
    dollarmath_plugin(reader, allow_labels=False, allow_space=False, double_inline=True)
    return reader


_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


class _Reader:
    """Walks the flat list of markdown-it's tokens."""

    def __init__(self, source: str, tokens: "list[Token]") -> None:
        self.source = source
        self.tokens = iter(tokens)
        self.line = 0
        self.depth = 0

    def document(self) -> Document:
        return Document(tuple(self._blocks("")))

    def _blocks(self, closing: str) -> Iterator[Block]:
        for token in self.tokens:
            if token.map:
                self.line = token.map[0]
            kind = token.type
            if kind == closing:
                return
            if kind == "inline":
                yield from self._paragraphs(token.children or [])
            elif kind == "math_block":
                yield DisplayMath(self._formula(token.content))
            elif kind == "fence":
                yield CodeBlock(token.content.removesuffix("\n"), token.info.strip())
            elif kind == "bullet_list_open":
                yield Bullets(tuple(self._items("bullet_list_close")))
            elif kind == "ordered_list_open":
                start = int(token.attrs.get("start", 1))
                yield Numbered(tuple(self._items("ordered_list_close")), start)
            elif kind == "table_open":
                yield self._table()
            elif kind not in ("paragraph_open", "paragraph_close"):
                raise MarkupError(f"{kind} is not supported", self._here(""))

    def _items(self, closing: str) -> Iterator[tuple[Block, ...]]:
        self.depth += 1
        if self.depth > DEEPEST:
            raise MarkupError(f"lists nested more than {DEEPEST} deep", self._here(""))
        for token in self.tokens:
            if token.type == closing:
                self.depth -= 1
                return
            yield tuple(self._blocks("list_item_close"))

    def _table(self) -> Table:
        rows: list[tuple[Inlines, ...]] = []
        cells: list[Inlines] = []
        alignments: list[Alignment] = []
        for token in self.tokens:
            if token.map:
                self.line = token.map[0]
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                cells = []
            elif token.type == "tr_close":
                rows.append(tuple(cells))
            elif token.type == "th_open":
                style = str(token.attrs.get("style", ""))
                alignments.append("right" if "right" in style else "center" if "center" in style else "left")
            elif token.type == "inline":
                cells.append(self._cell(token.children or []))
        return Table(rows[0], tuple(rows[1:]), tuple(alignments))

    def _cell(self, children: "list[Token]") -> Inlines:
        if any(child.type == "math_inline_double" for child in children):
            raise MarkupError("a displayed formula cannot stand in a table; use single dollar signs", self._here(""))
        return self._inlines(iter(children), "")

    def _paragraphs(self, children: "list[Token]") -> Iterator[Block]:
        """Paragraphs, and the displayed formulas that stand between them."""
        run: list[Token] = []
        for child in children:
            if child.type != "math_inline_double":
                run.append(child)
                continue
            yield from self._paragraph(run)
            yield DisplayMath(self._formula(child.content))
            run = []
        yield from self._paragraph(run)

    def _paragraph(self, run: "list[Token]") -> Iterator[Paragraph]:
        edges = ("softbreak", "hardbreak")
        while run and run[0].type in edges:
            run = run[1:]
        while run and run[-1].type in edges:
            run = run[:-1]
        if children := _trim(self._inlines(iter(run), "")):
            yield Paragraph(children)

    def _inlines(self, tokens: "Iterator[Token]", closing: str) -> Inlines:
        out: list[Inline] = []
        for token in tokens:
            kind = token.type
            if kind == closing:
                break
            if kind == "text":
                if "$" in token.content:
                    raise MarkupError(r"a lone $: write \$ for a dollar sign, $…$ for a formula", self._here("$"))
                _append(out, token.content)
            elif kind == "text_special":
                _append(out, token.content)
            elif kind == "math_inline":
                out.append(Math(self._formula(token.content)))
            elif kind == "softbreak":
                _append(out, "\n")
            elif kind == "hardbreak":
                out.append(Break())
            elif kind == "code_inline":
                out.append(Code(token.content))
            elif kind == "strong_open":
                out.append(Strong(self._inlines(tokens, "strong_close")))
            elif kind == "em_open":
                out.append(Emph(self._inlines(tokens, "em_close")))
            else:
                raise MarkupError(*self._refused(kind))
        return tuple(_unwrap(node) for node in out)

    def _refused(self, kind: str) -> tuple[str, str]:
        if kind == "link_open":
            return "links are not supported: write the address as text", self._here("](")
        if kind == "image":
            return "images are not supported", self._here("![")
        return f"{kind} is not supported", self._here("")

    def _formula(self, tex: str) -> str:
        try:
            formula = check(tex)
            if not formula:
                raise FormulaError("an empty formula", 0)
            return formula
        except FormulaError as error:
            raise MarkupError(error.message, self._here(tex, error.offset)) from None

    def _here(self, content: str, offset: int = 0) -> str:
        """Line and column of ``content``, looked up from the current block on: only errors pay for knowing places."""
        start = sum(map(len, self.source.splitlines(keepends=True)[: self.line]))
        if not content:
            return _place(self.source, start)
        formula = self.source.find(f"${content}", start)
        found = formula + 1 if formula >= 0 and content != "$" else self.source.find(content, start)
        return _place(self.source, found + offset if found >= 0 else start)


def _append(out: list[Inline], text: str) -> None:
    if not text:
        return
    if out and isinstance(last := out[-1], Text):
        out[-1] = Text(last.text + text)
    else:
        out.append(Text(text))


def _trim(nodes: Inlines) -> Inlines:
    """Without the space that stood between words and a displayed formula."""
    if nodes and isinstance(last := nodes[-1], Text):
        nodes = (*nodes[:-1], Text(last.text.rstrip())) if last.text.strip() else nodes[:-1]
    if nodes and isinstance(first := nodes[0], Text):
        nodes = (Text(first.text.lstrip()), *nodes[1:])
    return nodes


def _unwrap(node: Inline) -> Inline:
    """A line's end in the source is a space, but nothing between two Chinese characters."""
    if not isinstance(node, Text) or "\n" not in node.text:
        return node
    first, *rest = node.text.split("\n")
    for line in rest:
        first += line if _CJK.match(first[-1:]) and _CJK.match(line[:1]) else " " + line
    return Text(first)
