r"""Document trees as LaTeX (XeLaTeX with the preamble ``templates/exam/preamble.tex.j2``).

Everything but formulas is data: whatever characters a text has, they are printed and not obeyed. Formulas have passed
:func:`quizgen.markup.math.check`.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from quizgen import figures
from quizgen.markup import (
    Alignment,
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
    typographic,
)


class Tex(str):
    """Text that is LaTeX already and is not escaped again."""

    __slots__ = ()


def render(document: Document) -> Tex:
    """``document`` as LaTeX, every block ending with a line end."""
    return Tex("".join(map(_block, document.blocks)))


def inline(document: Document) -> Tex | None:
    """``document`` within a line, if it is a single paragraph or formula (or empty); else None."""
    if not document.blocks:
        return Tex("")
    match document.blocks:
        case (Paragraph(children),):
            return inlines(children)
        case (DisplayMath(tex),):
            return Tex(f"$\\displaystyle {tex}$")
    return None


def _block(block: Block) -> str:
    match block:
        case Paragraph(children):
            return f"{inlines(children)}\\par\n"
        case DisplayMath(tex):
            return f"\\formula{{{tex}}}\n"
        case Bullets(items):
            return _list("itemize", items)
        case Numbered(items, start):
            return _list("enumerate", items, f"\\setcounter{{enumi}}{{{start - 1}}}" if start != 1 else "")
        case Table():
            return f"\\begin{{exhibit}}{table(block)}\\end{{exhibit}}\n"
        case CodeBlock(text):
            lines = (f"\\codeline{{{escape(line, code=True)}}}\n" for line in text.splitlines())
            return "\\begin{code}" + "".join(lines) + "\\end{code}\n"
        case Figure(figure):
            return f"\\begin{{exhibit}}{drawing(figure)}\\end{{exhibit}}\n"


def _list(name: str, items: tuple[tuple[Block, ...], ...], start: str = "") -> str:
    body = "".join("\\item " + "".join(map(_block, item)) for item in items)
    return f"\\begin{{{name}}}{start}\n{body}\\end{{{name}}}\n"


def inlines(children: Inlines) -> Tex:
    """Inlines as LaTeX."""
    return Tex("".join(map(_inline, children)))


def _inline(child: Inline) -> str:
    match child:
        case Text(text):
            return escape(text)
        case Math(tex):
            return f"${tex}$"
        case Strong(children):
            return f"\\textbf{{{inlines(children)}}}"
        case Emph(children):
            return f"\\emph{{{inlines(children)}}}"
        case Code(text):
            return f"\\texttt{{{escape(text, code=True)}}}"
        case Break():
            return "\\newline\n"


_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        '"': r"\textquotedbl{}",
        "`": r"\textasciigrave{}",
        "-": "{-}",  # no dashes out of hyphens
        "<": "{<}",
        ">": "{>}",
        "!": "{!}",
        "?": "{?}",
        ",": "{,}",  # the fonts' TeX ligatures would join ,, << >> !` ?`
        "[": "{[}",
        "]": "{]}",  # a cell or an item may begin with a bracket
        "\n": " ",
        "\t": " ",
        "\N{NO-BREAK SPACE}": "~",
        "\N{SOFT HYPHEN}": r"\-",
    }
)
_UNSAFE = re.compile(r"[^A-Za-z0-9 .:;()+=/*|@]")
_CHINESE = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
# Beside a Chinese character these belong to the Chinese font; elsewhere the text font's ligatures give them.
_MARKS = re.compile(rf"(?<!{_CHINESE.pattern})[‘’“”–—…·]+(?!{_CHINESE.pattern}|[‘’“”–—…·])")
_LATIN_MARKS = str.maketrans(
    {"‘": "`", "’": "'", "“": "``", "”": "''", "–": "--", "—": "---", "…": r"\latin{…}", "·": r"\latin{·}"}
)
# Runs of what neither the text font (Latin Modern) nor xeCJK sets: the wide font is asked, and reports what it lacks.
_FOREIGN = re.compile(
    "[^\x20-\x7e\xa0-\u0137\u0139-\u0148\u014a-\u0165\u0168-\u017f\u0192\u01a0\u01a1\u01af\u01b0\u01cd-\u01d4\u0218-\u021b"
    "\u1ea0-\u1ef9\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u20ac\u2122\u2212"
    "\u2e80-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
)


@lru_cache(maxsize=16384)
def escape(text: str, code: bool = False) -> Tex:
    """``text`` as LaTeX that prints its characters. ``code``: for a fixed-width font, where spaces count."""
    if not _UNSAFE.search(text) and not code:
        return Tex(text)
    out = text if code else typographic(text)
    out = out.translate(_SPECIAL).replace("''", "'{}'")
    if not out.isascii():
        out = _MARKS.sub(lambda run: run[0].translate(_LATIN_MARKS), out)
        out = _FOREIGN.sub(lambda run: rf"\wide{{{run[0]}}}" if run[0] not in "…·" else run[0], out)
    return Tex(out.replace(" ", "~").replace("'", r"\textquotesingle{}") if code else out)


def table(block: Table) -> Tex:
    """A table with rules above, below and under its header; long columns share the line's width and wrap."""
    from pylatex import NoEscape, Tabular

    tabular = Tabular(NoEscape(_columns(block)), width=len(block.alignments), booktabs=True, pos="b")
    tabular.escape = False
    if any(block.header):
        tabular.add_row([NoEscape(inlines(cell)) for cell in block.header])
        tabular.add_hline()
    for row in block.rows:
        cells = [inlines(cell) for cell in row]
        if any(r"\frac" in cell for cell in cells):
            cells[0] = Tex(cells[0] + FRACTIONS)
        tabular.add_row([NoEscape(cell) for cell in cells])
    return Tex(tabular.dumps())


FRACTIONS = r"\rule[-1.4ex]{0pt}{4.4ex}"
"""Room in a table's row for fractions, which would otherwise touch those of the next row."""

WIDEST = 78
"""Characters that a table's row may have before its columns are given widths and wrap."""


def _columns(block: Table) -> str:
    """``lcr``, or paragraphs of proportional widths where the natural width would not fit on the line."""
    rows = (block.header, *block.rows)
    widths = [max(_length(row[column]) for row in rows) + 3 for column in range(len(block.alignments))]
    if sum(widths) <= WIDEST:
        return "".join(alignment[0] for alignment in block.alignments)
    narrow = [width for width in widths if width <= 14]
    room = WIDEST + 6 - sum(narrow)
    wide = sum(widths) - sum(narrow)
    return "".join(
        alignment[0]
        if width <= 14
        else f"{_ragged(alignment)}p{{{0.92 * width / wide * room / (WIDEST + 6):.3f}\\linewidth}}"
        for width, alignment in zip(widths, block.alignments, strict=True)
    )


def _ragged(alignment: Alignment) -> str:
    side = {"left": r"\raggedright", "center": r"\centering", "right": r"\raggedleft"}[alignment]
    return f">{{{side}\\arraybackslash}}"


def breadth(document: Document) -> int:
    """Roughly how wide the widest line of a document is, in Latin characters, as far as lines cannot break."""
    widths = [_length(block.children) if isinstance(block, Paragraph) else WIDEST for block in document.blocks]
    return max(widths, default=0)


def _length(cell: Inlines) -> int:
    """Roughly how wide a cell is, in Latin characters."""
    total = 0
    for child in cell:
        if isinstance(child, Text | Code):
            total += len(child.text) + len(_CHINESE.findall(child.text))
        elif isinstance(child, Math):
            total += max(len(_MARKUP.sub("", row)) + 3 * row.count("&") for row in child.tex.split("\\\\"))
        elif isinstance(child, Strong | Emph):
            total += _length(child.children)
    return total


_MARKUP = re.compile(r"\\(?:begin|end)\{\w+\}|\\[A-Za-z]+|[{}^_\\ ]")


def drawing(figure: dict[str, Any]) -> Tex:
    """A figure: one special with the lines, and its labels in the paper's own fonts."""
    scene = figures.load(figure).scene()
    operators, labels = figures.pdf(scene)
    anchor = {"left": "[l]", "centre": "", "right": "[r]"}
    put = (
        f"\\put({label.at[0]:.2f},{label.at[1]:.2f}){{\\makebox(0,0){anchor[label.anchor]}"
        f"{{\\figurelabel{{{label.size}}}{{{f'${symbol}$' if symbol else escape(label.text)}}}}}}}"
        for label, symbol in labels
    )
    return Tex(
        f"\\begin{{picture}}({scene.width:.2f},{scene.height:.2f})\\put(0,0){{\\special{{pdf:content {operators}}}}}"
        f"{''.join(put)}\\end{{picture}}"
    )


def ruled(rows: Sequence[Iterable[str]], spec: str) -> Tex:
    """A table of LaTeX cells with rules around every cell, as for marks to be written in."""
    from pylatex import NoEscape, Tabular

    tabular = Tabular(NoEscape(spec))
    tabular.escape = False
    tabular.add_hline()
    for row in rows:
        tabular.add_row([NoEscape(cell) for cell in row])
        tabular.add_hline()
    return Tex(tabular.dumps())
