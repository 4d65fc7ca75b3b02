"""Words of QTI items: XHTML of the elements that all versions know, with formulas as MathML."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from quizgen import markup
from quizgen.markup import Block, Numbered
from quizgen.renderers import html
from quizgen.renderers._unicode import line
from quizgen.renderers.html import Hypertext

MATHML = "http://www.w3.org/1998/Math/MathML"
STYLE = b"""\
.code { color: #767676; }
table { border-collapse: collapse; }
th, td { border: 1px solid #999; padding: 0.2em 0.5em; }
.left { text-align: left; }
.center { text-align: center; }
.right { text-align: right; }
"""
"""How items look: the code small and grey, tables with lines."""


Formula: TypeAlias = tuple[str, bool]
"""LaTeX, and whether it is displayed."""


class Formulas:
    """Formulas of many texts, which are set together: what is not known yet leaves a mark that is filled later."""

    def __init__(self) -> None:
        self.known: dict[Formula, str] = {}
        self.awaited: dict[Formula, int] = {}

    def __call__(self, tex: str, display: bool) -> str:
        """A formula as MathML of an XML document, or its mark."""
        found = self.known.get((tex, display))
        if found is not None:
            return found
        place = self.awaited.setdefault((tex, display), len(self.awaited))
        return f"\x00{place}\x00"

    def taken(self) -> tuple[Formula, ...]:
        """The formulas that are awaited, in the order of their marks; none is afterwards."""
        found = tuple(self.awaited)
        self.awaited.clear()
        return found

    def learn(self, awaited: Iterable[Formula]) -> None:
        """Set those formulas that are not known. Raises TypesettingError."""
        if len(self.known) > KNOWN:
            self.known.clear()
        if wanted := list(dict.fromkeys(formula for formula in awaited if formula not in self.known)):
            self.known.update(zip(wanted, map(_element, wanted, html.mathmls(wanted)), strict=True))

    def filled(self, text: str, awaited: Sequence[Formula]) -> str:
        """A text with the formulas that it awaits, all of which are known."""
        return _MARK.sub(lambda mark: self.known[awaited[int(mark[1])]], text)


def _element(formula: Formula, mathml: str) -> str:
    return f'<math xmlns="{MATHML}" alttext="{escape(line(formula[0]))}"{mathml[len("<math") :]}'


_MARK = re.compile("\x00(\\d+)\x00")
KNOWN = 8192
"""Formulas that are kept."""


@dataclass(frozen=True)
class Xhtml(Hypertext):
    """HTML that is XML too, of those elements and attributes that QTI knows."""

    def block(self, node: Block) -> str:
        if isinstance(node, Numbered) and node.start != 1:  # QTI 2 knows no start
            items = (f"<div>{number}. {self._item(item)}</div>" for number, item in enumerate(node.items, node.start))
            return "".join(items)
        return super().block(node).replace("<br>", "<br/>")

    def inlines(self, children: markup.Inlines) -> str:
        return super().inlines(children).replace("<br>", "<br/>")


def printable(text: str) -> bytes:
    """A document without the characters that no XML can hold."""
    return text.encode().translate(None, _CONTROLS).replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r"))


def together(parts: dict[str, str]) -> str:
    """What is said in several languages, each marked with its own."""
    if len(parts) == 1:
        return _unbraced(next(iter(parts.values())))
    return "".join(f'<div xml:lang="{locale}">{_unbraced(part)}</div>' for locale, part in parts.items())


def _unbraced(words: str) -> str:
    """HTML without double braces in its text, which a player built on Vue would run as code."""
    return _BRACES.sub("{<span>{</span>", words) if "{{" in words else words


_BRACES = re.compile(r"\{\{(?![^<>]*>)")
