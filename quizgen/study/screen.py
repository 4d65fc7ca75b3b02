"""Lines of text on a terminal: words in a learner's language, wrapped, without need of colour; and what is typed."""

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from quizgen.markup import Document
from quizgen.renderers import text, ui
from quizgen.study import lines
from quizgen.values import Texts, say

WIDEST = 100
"""Columns that are used at most; longer lines are hard to read."""


class Screen:
    """Where lines are shown and read. ``read`` shows a prompt and reads a line."""

    def __init__(
        self, locale: str = "en", console: Console | None = None, read: Callable[[str], str] | None = None
    ) -> None:
        self.locale = locale
        self.console = console or Console(highlight=False, markup=False, emoji=False)
        self.console.width = min(self.console.width, WIDEST)
        self._read = read or input

    # Words.

    def switch(self) -> None:
        """The next language."""
        known = ui.locales()
        self.locale = known[(known.index(self.locale) + 1) % len(known)]

    def table(self, name: str) -> dict[str, Any]:
        """A table of fixed words."""
        found: dict[str, Any] = ui.phrases(self.locale)["terminal"][name]
        return found

    def phrase(self, name: str, /, **values: Any) -> str:
        """Fixed words, filled in; ``plan.ready`` are those of the name ``ready`` in the table ``plan``."""
        found: Any = ui.phrases(self.locale)["terminal"]
        for step in name.split("."):
            found = found[step]
        return filled(found, **values)

    def own(self, texts: Texts) -> str:
        """An author's words in the language of the session, else in any."""
        return say(texts, self.locale if self.locale in texts or "" in texts else next(iter(texts), ""))

    # What is typed.

    def read(self, prompt: str = "> ") -> str:
        """A line; half characters of a broken connection are replaced."""
        return self._read(prompt).encode("utf-8", "replace").decode()

    def key(self, prompt: str = "> ") -> str:
        """A line as the key that it may be."""
        return key(self.read(prompt))

    # What is shown.

    def say(self, name: str, /, **values: Any) -> None:
        """Fixed words, shown."""
        self.print(self.phrase(name, **values))

    def print(self, shown: str = "", style: str = "") -> None:
        """Lines, wrapped."""
        for line in lines.wrapped(shown, self.console.width):
            self.line(line, style)

    def line(self, line: str, style: str = "") -> None:
        """A line as it is."""
        self.console.print(Text(line, style), no_wrap=True, overflow="ignore", crop=False)

    def rule(self, title: str) -> None:
        """A line across the screen, with a title."""
        self.console.rule(title, align="left", style="dim")

    def document(self, document: Document | None, before: str = "") -> None:
        """A document, set off from what comes next; nothing for none. A list does not begin behind a label."""
        if document is not None:
            shown = text.render(document)
            self.print(f"{before.rstrip()}\n{shown}" if before and lines.mark(shown).strip() else f"{before}{shown}")
            self.print()

    def list(self, entries: Sequence[tuple[str, str]]) -> None:
        """Things with a mark before each."""
        width = max((len(mark) for mark, _ in entries), default=0)
        for mark, words in entries:
            for line in lines.hanging(f"  {mark:>{width}} ", " ".join(words.split()), self.console.width):
                self.line(line)
        self.print()

    def menu(self, keys: Sequence[str]) -> None:
        """Keys, none of which is broken at the end of a line."""
        rows = [""]
        for one in keys:
            longer = f"{rows[-1]} · {one}" if rows[-1] else one
            if cell_len(longer) <= self.console.width:
                rows[-1] = longer
            else:
                rows.append(one)
        self.print("\n".join(rows), style="dim")

    def columns(self, rows: Sequence[Sequence[str]], numbers: int) -> None:
        """A table: its last ``numbers`` columns stand to the right; a first column that is too wide is cut."""
        widths = [max(cell_len(row[column]) for row in rows) for column in range(len(rows[0]))]
        widths[0] = min(widths[0], max(12, self.console.width - sum(widths[1:]) - 2 * len(widths[1:])))
        for row in rows:
            cells = [
                _padded(cell, width, right=place >= len(row) - numbers)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            self.line("  ".join(cells).rstrip())


def filled(phrase: str | dict[str, str], **values: Any) -> str:
    """A phrase with its values; one with a singular takes it for n = 1."""
    if isinstance(phrase, dict):
        phrase = phrase["one" if values.get("n") == 1 else "other"]
    return phrase.format(**values)


def key(line: str) -> str:
    """A line as the key that it may be: full-width signs and capitals are no matter."""
    return unicodedata.normalize("NFKC", line[:20]).strip().casefold()


def bar(share: float, width: int = 20) -> str:
    """A share of 1 as a bar of signs that every terminal has."""
    done = round(min(1.0, max(0.0, share)) * width)
    return "#" * done + "-" * (width - done)


def _padded(cell: str, width: int, right: bool) -> str:
    while cell_len(cell) > width:
        cell = f"{cell[:-2]}…"
    blank = " " * (width - cell_len(cell))
    return blank + cell if right else cell + blank
