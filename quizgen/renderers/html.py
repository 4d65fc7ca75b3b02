"""Document trees as HTML: formulas as MathML by Temml (run in V8 through mini-racer), figures as inline SVG.

Everything but formulas is escaped text. :class:`Hypertext` is what other targets write their HTML with, whose formulas
or figures are put differently.
"""

import atexit
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import Any

from quizgen import figures
from quizgen.errors import TypesettingError
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
    typographic,
)

TEMML = Path(__file__).parent / "temml" / "temml.min.js"
"""Temml 0.13.5 as published on npm (MIT), beside its licence."""
MANY = """
const many = (formulas, options) =>
  formulas.map(([tex, displayMode]) => temml.renderToString(tex, { ...options, displayMode }));
"""


@dataclass(frozen=True)
class Hypertext:
    """One way to write documents as HTML: ``formula`` gives a formula (displayed if its second argument is true) and
    ``drawing`` a figure as HTML.
    """

    formula: Callable[[str, bool], str]
    drawing: Callable[[Figure], str]

    def render(self, document: Document) -> str:
        """``document`` as a fragment."""
        return "\n".join(map(self.block, document.blocks))

    def inline(self, document: Document) -> str | None:
        """``document`` within a line, if it is a single paragraph (or empty); else None."""
        if not document.blocks:
            return ""
        first, *rest = document.blocks
        return self.inlines(first.children) if isinstance(first, Paragraph) and not rest else None

    def block(self, node: Block) -> str:
        """One block."""
        match node:
            case Paragraph(children):
                return f"<p>{self.inlines(children)}</p>"
            case DisplayMath(tex):
                return self.formula(tex, True)
            case Bullets(items):
                return f"<ul>{self._items(items)}</ul>"
            case Numbered(items, start):
                first = f' start="{start}"' if start != 1 else ""
                return f"<ol{first}>{self._items(items)}</ol>"
            case Table():
                return self._table(node)
            case CodeBlock(text):
                return f"<pre><code>{escape(text)}</code></pre>"
            case Figure():
                return self.drawing(node)

    def _items(self, items: tuple[tuple[Block, ...], ...]) -> str:
        return "".join(f"<li>{self._item(item)}</li>" for item in items)

    def _item(self, blocks: tuple[Block, ...]) -> str:
        if len(blocks) == 1 and isinstance(only := blocks[0], Paragraph):
            return self.inlines(only.children)
        return "".join(map(self.block, blocks))

    def _table(self, node: Table) -> str:
        head = "".join(
            f'<th scope="col" class="{side}">{self.inlines(cell)}</th>'
            for cell, side in zip(node.header, node.alignments, strict=True)
        )
        rows = (
            "".join(
                f'<td class="{side}">{self.inlines(cell)}</td>' for cell, side in zip(row, node.alignments, strict=True)
            )
            for row in node.rows
        )
        header = f"<thead><tr>{head}</tr></thead>" if any(node.header) else ""
        return f"<table>{header}<tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"

    def inlines(self, children: Inlines) -> str:
        """Inlines."""
        return "".join(map(self._inline, children))

    def _inline(self, child: Inline) -> str:
        match child:
            case Text(text):
                return escape(typographic(text), quote=False)
            case Math(tex):
                return self.formula(tex, False)
            case Strong(children):
                return f"<strong>{self.inlines(children)}</strong>"
            case Emph(children):
                return f"<em>{self.inlines(children)}</em>"
            case Code(text):
                return f"<code>{escape(text, quote=False)}</code>"
            case Break():
                return "<br>"


def image(figure: Figure) -> str:
    """A figure as SVG, with its alternative in words."""
    return figures.svg(figures.load(figure.figure).scene(), figure.alt)


@lru_cache(maxsize=8192)
def mathml(tex: str, display: bool = False) -> str:
    """A formula as MathML. Raises TypesettingError if Temml does not accept it."""
    options = {"displayMode": display, "throwOnError": True, "strict": False, "trust": False, "annotate": False}
    try:
        text: str = _temml(os.getpid()).call("temml.renderToString", tex, options)
    except Exception as error:  # mini-racer's errors carry the whole of Temml; the first line is for people
        message = str(error).partition("\n")[0].rpartition("Error:")[2].strip()
        raise TypesettingError(f"Temml: {message}", f"formula {tex!r}") from None
    return text


def mathmls(formulas: Sequence[tuple[str, bool]]) -> list[str]:
    """Formulas (LaTeX, and whether it is displayed) as MathML in one call, which costs more than a formula does.

    Raises TypesettingError as :func:`mathml` does.
    """
    options = {"throwOnError": True, "strict": False, "trust": False, "annotate": False}
    try:
        found: list[str] = list(_temml(os.getpid()).call("many", [list(formula) for formula in formulas], options))
    except Exception:  # which of them it was is found one by one
        found = [mathml(tex, display) for tex, display in formulas]
    return found


@cache  # never given up: an engine that a fork has copied cannot be closed
def _temml(process: int) -> Any:
    """Temml in a V8 of this process: V8's threads do not survive a fork."""
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    atexit.register(engine.close)  # left to the interpreter's own end, it can wait forever for a thread that is gone
    engine.eval(TEMML.read_text(encoding="utf-8"))
    engine.eval(MANY)
    return engine


PAGE = Hypertext(formula=mathml, drawing=lambda figure: f"<figure>{image(figure)}</figure>")
"""HTML for browsers: MathML, and figures within the page."""

render, inline, block, inlines = PAGE.render, PAGE.inline, PAGE.block, PAGE.inlines
