"""What the formats built on QTI 1.2 (Canvas, Common Cartridge 1.1) write alike: texts, labels, items, layouts.

Items are put together from strings, each escaped where it is made, because they are many; the few files around them
come from Jinja templates.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

import jinja2

from quizgen.exporters._online import Essay, Said
from quizgen.exporters._words import Drawings, Remembering, Tongue, delimited, divided
from quizgen.markup import Document, Paragraph, Text, literal

IMAGES = "images/"
"""The folder of the figures in the zip file."""
FILES = "$IMS-CC-FILEBASE$/"
"""What importers replace by the folder of the package."""
OTHER = "<other/>"


# Texts.


def quoted(text: str) -> str:
    """``text`` for an attribute."""
    return escape(text)


def material(html: str) -> str:
    """HTML to be shown."""
    return f'<material><mattext texttype="text/html">{escape(html, quote=False)}</mattext></material>'


def plain_material(text: str) -> str:
    """Plain text to be shown."""
    return f'<material><mattext texttype="text/plain">{escape(text, quote=False)}</mattext></material>'


def formula(tex: str, display: bool) -> str:
    r"""A formula as ``\( \)``, on a line of its own if ``display``.

    Canvas typesets ``\( \)`` in Classic and in New Quizzes; its ``equation_image`` needs the address of an image
    server, which is that of Classic only. A page is searched for ``\(``, so displayed formulas begin with it too.
    """
    if not display:
        return delimited(tex, False)
    shown = delimited(rf"\displaystyle {tex}", False)
    return f'<p style="text-align: center;">{shown}</p>'


def tongue(files: dict[str, bytes]) -> Tongue:
    """How these formats say things; figures are put into ``files``."""
    drawings = Drawings(files, lambda name: f"{FILES}{IMAGES}{name}")
    return Tongue(Remembering(formula=formula, drawing=drawings.html), join=once)


def once(parts: dict[str, str]) -> str:
    """What is said in several languages, once if it is the same in all of them, as formulas are."""
    same = set(parts.values())
    return same.pop() if len(same) == 1 else divided(parts)


def coded(code: str) -> str:
    """The code of an item at the end of its stem."""
    return f'<p><small style="color: #767676;">[{code}]</small></p>'


def decimal(number: Fraction, most: int = 6) -> str:
    """A number as a plain decimal numeral: exact if it has an end, else with ``most`` decimals."""
    if number.denominator == 1:
        return str(number.numerator)
    with localcontext() as context:
        context.prec = 400
        value = Decimal(number.numerator) / number.denominator
        if Fraction(value) != number:
            value = round(value, most)
        text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


# Identities: NMTOKENs that begin with a letter, and tell nothing.


def ident(kind: str, *parts: object) -> str:
    """An identity that depends on ``parts`` alone."""
    return kind + sha256("\n".join(map(str, parts)).encode()).hexdigest()[:24]


def labels(identity: str) -> Iterator[str]:
    """Idents of the labels of a question, in the order in which they stand; each has a number of its own."""
    first = (int(identity[:8], 16) % 100_000 + 100_000) * 1000
    return (f"a{first + place}" for place in range(1, 1000))


# Items.


def metadata(fields: Iterable[tuple[str, str]]) -> str:
    """Fields of what is known about an item."""
    inner = "".join(
        f"<qtimetadatafield><fieldlabel>{name}</fieldlabel><fieldentry>{escape(entry)}</fieldentry></qtimetadatafield>"
        for name, entry in fields
    )
    return f"<itemmetadata><qtimetadata>{inner}</qtimetadata></itemmetadata>"


def label(identity: str, words: str) -> str:
    """One thing to choose; ``words`` are a material."""
    return f'<response_label ident="{identity}">{words}</response_label>'


def choices(respident: str, given: Iterable[str], many: bool = False, before: str = "") -> str:
    """Things to choose from, ``before`` them a material."""
    cardinality = "Multiple" if many else "Single"
    return (
        f'<response_lid ident="{respident}" rcardinality="{cardinality}">{before}'
        f"<render_choice>{''.join(given)}</render_choice></response_lid>"
    )


def typed(respident: str, kind: str = "") -> str:
    """A field to type into."""
    fib = f'<render_fib fibtype="{kind}">' if kind else "<render_fib>"
    return (
        f'<response_str ident="{respident}" rcardinality="Single">{fib}'
        '<response_label ident="answer1" rshuffle="No"/></render_fib></response_str>'
    )


def equal(respident: str, value: str, case: bool = False) -> str:
    """The condition that an answer is ``value``; with ``case``, capitals count."""
    exact = ' case="Yes"' if case else ""
    return f'<varequal{exact} respident="{respident}">{escape(value, quote=False)}</varequal>'


def exactly(respident: str, right: Sequence[str], wrong: Sequence[str]) -> str:
    """The condition that all of the ``right`` labels are chosen and none of the ``wrong`` ones."""
    chosen = "".join(equal(respident, name) for name in right)
    return f"<and>{chosen}{''.join(f'<not>{equal(respident, name)}</not>' for name in wrong)}</and>"


def condition(when: str, score: str = "", action: str = "Set", feedback: str = "", stop: bool = False) -> str:
    """What happens in one case."""
    points = f'<setvar action="{action}" varname="SCORE">{score}</setvar>' if score else ""
    shown = f'<displayfeedback feedbacktype="Response" linkrefid="{feedback}"/>' if feedback else ""
    go_on = "No" if stop else "Yes"
    return f'<respcondition continue="{go_on}"><conditionvar>{when}</conditionvar>{points}{shown}</respcondition>'


def processing(conditions: Iterable[str]) -> str:
    """How answers are marked."""
    return (
        '<resprocessing><outcomes><decvar maxvalue="100" minvalue="0" varname="SCORE" vartype="Decimal"/></outcomes>'
        f"{''.join(conditions)}</resprocessing>"
    )


def feedback(identity: str, html: str) -> str:
    """What is said in one case."""
    return f'<itemfeedback ident="{identity}"><flow_mat>{material(html)}</flow_mat></itemfeedback>'


def item(identity: str, title: str, *parts: str) -> bytes:
    """A question in one line."""
    return f'<item ident="{identity}" title="{quoted(title)}">{"".join(parts)}</item>\n'.encode()


# Fixed words.

Fixed: TypeAlias = dict[str, dict[str, Any]]
"""The fixed words of a format in each locale."""


@cache
def fixed(folder: Path, locales: tuple[str, ...]) -> Fixed:
    """The fixed words that stand in ``folder``."""
    return {locale: tomllib.loads((folder / f"{locale}.toml").read_text(encoding="utf-8")) for locale in locales}


def rubric(essay: Essay, words: Fixed) -> Said:
    """How an essay is marked, in words."""
    return {locale: _rubric(essay, locale, found) for locale, found in words.items()}


def _rubric(essay: Essay, locale: str, words: dict[str, Any]) -> Document:
    document = literal(words["rubric"])
    for line in essay.rubric:
        points = words["points"]["one" if line.points == 1 else "other"].format(n=decimal(line.points))
        document += _after(points + words["colon"], line.words[locale])
    return document


def _after(before: str, words: Document) -> Document:
    """``words`` with plain text before them, on the same line if they are a paragraph."""
    first, *rest = words.blocks or (Paragraph(()),)
    if not isinstance(first, Paragraph):
        return literal(before) + words
    return Document((Paragraph((Text(before), *first.children)), *rest))


# The files around the items.


@cache
def layouts(folder: Path) -> jinja2.Environment:
    """The templates of a format."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def laid_out(folder: Path, name: str, **values: Any) -> str:
    """One of these files."""
    return layouts(folder).get_template(name).render(**values)
