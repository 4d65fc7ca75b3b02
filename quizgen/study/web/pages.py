"""Pages in words and HTML: ``templates/study/*.html.j2``, and the words of every locale beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jinja2
import msgspec
from markupsafe import Markup, escape

from quizgen.errors import MarkupError, TypesettingError, UnknownName
from quizgen.markup import Document, math
from quizgen.renderers import html, text, ui
from quizgen.values import Verdict

FOLDER = ui.templates() / "study"
PLACE = r"\placeholder{}"
"""What a field of formulas writes for a place that is not filled yet."""


def locales() -> list[str]:
    """The locales that the pages can be shown in."""
    return sorted(file.name.split(".")[1] for file in FOLDER.glob("web.*.toml"))


@lru_cache
def phrases(locale: str) -> Mapping[str, Any]:
    """All fixed words of one locale, from all files that have some. Raises UnknownName."""
    if locale not in locales():
        raise UnknownName.among("locale", locale, locales())
    table: dict[str, Any] = {}
    for file in sorted(FOLDER.glob(f"*.{locale}.toml")):
        table |= msgspec.toml.decode(file.read_bytes(), type=dict[str, Any])
    return table


@dataclass(frozen=True)
class Say:
    """Fixed words in one locale: ``say("due", n=3)``; a phrase with a singular takes it for n = 1."""

    locale: str

    def __call__(self, name: str, /, **values: Any) -> str:
        phrase = phrases(self.locale)[name]
        if isinstance(phrase, dict):
            phrase = phrase["one" if str(values.get("n")) == "1" else "other"]
        said: str = phrase.format(**values)
        return said


def formula(tex: str) -> Markup:
    """What was understood, as MathML; as it is where the table of formulas does not go as far."""
    try:
        return Markup(html.mathml(math.check(tex)))
    except (MarkupError, TypesettingError):
        return escape(tex)


def place(typed: str, verdict: Verdict) -> Markup:
    """What was typed, with the place marked that could not be read."""
    start, end = verdict.span or (0, len(typed))
    first, last = max(0, start - 40), min(len(typed), max(end, start + 1) + 40)
    before, marked, after = typed[first:start], typed[start:end] or "⌴", typed[end:last]
    if marked == PLACE[:-2]:
        marked, after = PLACE, after.removeprefix("{}")
    before, marked, after = (text.replace(PLACE, "□") for text in (before, marked, after))
    dots = ("…" if first else ""), ("…" if last < len(typed) else "")
    return Markup("<code>{}{}<mark>{}</mark>{}{}</code>").format(dots[0], before, marked[:80], after, dots[1])


def _line(document: Document) -> Markup:
    """A document within a line, where it fits; else blocks."""
    inline = html.inline(document)
    return Markup(html.render(document) if inline is None else inline)


def _text(document: Document) -> str:
    """A document as text, for what cannot hold anything else."""
    return " ".join(text.render(document).split())


@lru_cache
def _environment() -> jinja2.Environment:
    """Templates of HTML: everything they print is escaped, and a mistake in one is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"blocks": lambda document: Markup(html.render(document)), "line": _line, "text": _text}
    environment.globals |= {"formula": formula, "place": place}
    return environment


def render(template: str, **values: Any) -> str:
    """A page."""
    return _environment().get_template(f"{template}.html.j2").render(values)
