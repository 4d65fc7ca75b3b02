"""Words of questions as the HTML or the plain text that learning platforms show."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from html import escape

from quizgen.exporters._online import Said
from quizgen.markup import Block, Document, Figure
from quizgen.renderers import html, text
from quizgen.renderers.html import Hypertext


@lru_cache(maxsize=8192)
def delimited(tex: str, display: bool) -> str:
    r"""A formula between ``\( \)`` or ``\[ \]``, for platforms that set LaTeX."""
    return rf"\[{escape(tex, quote=False)}\]" if display else rf"\({escape(tex, quote=False)}\)"


def divided(parts: dict[str, str]) -> str:
    """What is said in several languages, one after the other."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    return "".join(f'<div lang="{locale}">{part}</div>' for locale, part in parts.items())


@dataclass(frozen=True)
class Drawings:
    """The figures of a question as files, which are named by what is in them."""

    files: dict[str, bytes]
    address: Callable[[str], str]
    """The address of a file in the HTML."""

    def html(self, figure: Figure) -> str:
        """The element that shows a figure, whose file is kept."""
        drawn = html.image(figure).encode()
        name = f"figure-{sha256(drawn).hexdigest()[:12]}.svg"
        self.files[name] = drawn
        return f'<p><img src="{escape(self.address(name))}" alt="{escape(figure.alt)}"></p>'


@dataclass(frozen=True)
class Remembering(Hypertext):
    """HTML in which a formula is always the same, so that what was said before need not be written again."""

    @cached_property
    def _remembered(self) -> Callable[[Block], str]:
        return lru_cache(maxsize=8192)(super().block)

    def block(self, node: Block) -> str:
        return super().block(node) if isinstance(node, Figure) else self._remembered(node)


@dataclass(frozen=True)
class Tongue:
    """How a platform says things: its HTML, and how several languages stand together."""

    hypertext: Hypertext
    join: Callable[[dict[str, str]], str] = divided

    def html(self, said: Said | None) -> str:
        """Words as HTML blocks; empty for none."""
        return self.join({locale: self.hypertext.render(document) for locale, document in said.items()}) if said else ""

    def line(self, said: Said) -> str:
        """Words as HTML that fits into a line where they are a single paragraph, as options are."""
        return self.join({locale: self._line(document) for locale, document in said.items()})

    def _line(self, document: Document) -> str:
        inline = self.hypertext.inline(document)
        return self.hypertext.render(document) if inline is None else inline


def plain(said: Said | None) -> str:
    """Words as text on one line, formulas in Unicode, languages parted by a slash."""
    if not said:
        return ""
    found = dict.fromkeys(" ".join(text.render(document).split()) for document in said.values())
    return " / ".join(found)
