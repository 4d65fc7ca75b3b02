"""Rendered: every block exists and is set by every renderer, with the same numbers and mathematics in all locales."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules

from quizgen import prose, renderers
from quizgen.bank import Bank
from quizgen.checks._pages import formulas, pages, words_of
from quizgen.checks._subject import LOCALES, Broken, Failure, Subject
from quizgen.errors import QuizgenError, TypesettingError
from quizgen.family import Family
from quizgen.markup import Document
from quizgen.renderers import latex, pdf, text, ui
from quizgen.space import Parameters
from quizgen.values import Item

NUMBER = 8
SLOW = 6
"""Draws that are set by the slower renderers."""
TYPESET = 2
"""Draws of every family that TeX sets."""

LEFTOVER = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{#|#\}|\bNone\b(?! of)|Fraction\(|Decimal\(|namespace\(|<\w+ object|\bTODO\b|\bFIXME\b"
)
LEFTOVER_MATH = re.compile(r"\b(?:None|True|False|Fraction|Decimal|namespace|Undefined)\b")
HAN = re.compile(r"[\u4e00-\u9fff]")
NUMERAL = re.compile(r"\d+(?:\.\d+)?")
DECIMALS = re.compile(r"\b(\w+)(?= decimal)|([一二两三四五六])(?=位小数)")
NAMES = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6",
}  # fmt: skip
SAID = re.compile(r"\\(?:text|textbf|textit|textrm|mbox)\{[^}]*\}|\s+")


def check(subject: Subject) -> Iterator[Failure]:
    missing = [locale for locale in LOCALES if locale not in subject.locales]
    for locale in missing:
        yield Failure(f"there is no template {subject.family.id}.{locale}{prose.SUFFIX}")
    if missing or not subject.samples:
        return
    faults = [Failure(fault) for locale in subject.locales for fault in blocks(subject, locale)]
    faults = faults or list(subject.search(lambda q, data: rendered(subject, q), share=0.5))
    yield from faults
    if not faults:
        yield from everywhere(subject)


def blocks(subject: Subject, locale: str) -> Iterator[str]:
    """What a template lacks, and what it has that nothing ever prints."""
    family, item = subject.family, subject.samples[0][2]
    misconceptions = family.blocks()
    try:
        template = prose.template(family.id, locale, subject.bank.templates)
    except QuizgenError as error:
        yield str(error)
        return
    needed = dict.fromkeys(
        block for _, _, item in subject.samples for block in prose.blocks_needed(item, misconceptions)
    )
    for block in needed:
        if block not in template.blocks and not (block.startswith("label_") and "label" in template.blocks):
            yield f"the block {block!r} is missing ({locale})"
    steps = {f"steps_{part.name}" for part in item.parts}
    if "steps" not in template.blocks and not steps <= template.blocks.keys():
        yield f"neither 'steps' nor {', '.join(sorted(steps))} are there ({locale})"
    known = {*needed, *steps, "steps", "hints", "label", *(f"part_{part.name}" for part in item.parts)}
    for block in template.blocks:
        if block not in known:
            yield f"nothing ever prints the block {block!r} ({locale})"


def rendered(subject: Subject, q: Parameters) -> None:
    """All pages of one item read well in every locale, and state the same."""
    _, item = subject.solved(q)
    printed = {locale: all_pages(subject, item, locale) for locale in subject.locales}
    for locale, found in printed.items():
        for name, document in found.items():
            readable(document, name, locale)
    first, *others = subject.locales
    for locale in others:
        alike(printed[first], printed[locale], first, locale)


def all_pages(subject: Subject, item: Item, locale: str) -> Mapping[str, Document]:
    """Block name to document. Raises Broken that names the block that cannot be set."""
    try:
        return dict(pages(subject.words(item, locale)))
    except QuizgenError as error:
        raise Broken(str(error), str(error)[:120]) from error


def readable(document: Document, name: str, locale: str) -> None:
    """A page has something on it, in its language, and nothing of the machinery."""
    if not document.blocks:
        raise Broken(f"{name} ({locale}) is empty", (name, "empty"))
    words = words_of(document)
    left = LEFTOVER.search(words) or LEFTOVER_MATH.search(" ".join(SAID.sub(" ", tex) for tex in formulas(document)))
    if left:
        raise Broken(f"{name} ({locale}) prints {left[0]!r}", (name, left[0]))
    if name == "prompt" and locale in LOCALES and bool(HAN.search(words)) != (locale == "zh"):
        raise Broken(f"{name} ({locale}) is not in its language", (name, "language"))
    text.render(document)


def alike(one: Mapping[str, Document], other: Mapping[str, Document], first: str, second: str) -> None:
    """Two locales have the same formulas and the same numbers in every block."""
    if different := one.keys() ^ other.keys():
        raise Broken(f"only one of {first} and {second} prints {', '.join(sorted(different))}", "pages")
    for name in one:
        for what, found in (("formulas", mathematics), ("numbers", numbers)):
            here, there = found(one[name]), found(other[name])
            if here != there:
                instead = f"{second} has {listed(there - here)} instead"
                raise Broken(f"{name}: {first} has the {what} {listed(here - there)}, {instead}", (name, what))


def mathematics(document: Document) -> Counter[str]:
    """The formulas, without spaces and without words."""
    return Counter(SAID.sub("", tex) for tex in formulas(document))


def numbers(document: Document) -> Counter[str]:
    """The numbers outside formulas; digits or a word say how many decimals are wanted."""
    words = DECIMALS.sub(lambda match: NAMES.get(match[0].lower(), match[0]), words_of(document))
    return Counter(NUMERAL.findall(words))


def listed(found: Counter[str]) -> str:
    return ", ".join(sorted(found.elements())) or "nothing"


@cache
def slower() -> Mapping[str, Callable[[Document], str]]:
    """Every renderer in its folder that takes a document, except plain text."""
    modules = {
        info.name: import_module(f"{renderers.__name__}.{info.name}") for info in iter_modules(renderers.__path__)
    }
    return {name: module.render for name, module in modules.items() if hasattr(module, "render") and module is not text}


def everywhere(subject: Subject) -> Iterator[Failure]:
    """Some draws in the other renderers, and in TeX."""
    for q, _, item in subject.samples[:SLOW]:
        for locale in subject.locales:
            for block, document in pages(subject.words(item, locale)):
                for name, render in slower().items():
                    try:
                        render(document)
                    except Exception as error:
                        yield Failure(f"{name}, {block} ({locale}): {subject.described(error)}", q)
                        return
    batch = subject.batch if subject.family.id in subject.batch else (subject.family.id,)
    if not pdf.available():
        subject.note("not typeset: there is no TeX")
    elif fault := typeset(subject.bank, batch).get(subject.family.id):
        yield Failure(f"TeX: {fault}")


@lru_cache(maxsize=8)
def typeset(bank: Bank, names: tuple[str, ...]) -> Mapping[str, str]:
    """What TeX says of each family that it cannot set; all that can be are set in one document."""
    faults: dict[str, str] = {}
    papers = dict(written(bank, names))
    while set(papers) - set(faults):
        try:
            pdf.typeset(document([tex for name, tex in papers.items() if name not in faults]))
        except TypesettingError as error:
            name = error.where.partition(",")[0]
            if name not in papers or name in faults:
                return dict.fromkeys(papers, str(error))
            faults[name] = str(error)
        else:
            break
    return faults


def written(bank: Bank, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Name and TeX of every family that can be put into TeX; of the others, their own reports say why not."""
    for name in names:
        with suppress(Exception):
            yield name, paper(bank.family(name), bank)


def paper(family: Family, bank: Bank) -> str:
    """Some items of a family as TeX, between marks that say where it is."""
    lines = [rf"\beginpaper{{{family.id.replace('/', '-').replace('_', '-')}}}{{{family.id}}}"]
    for seed in range(TYPESET):
        item = family.draw(seed, "check")
        for locale in prose.locales(family.id, bank.templates):
            for block, found in pages(prose.words(item, locale, bank.templates)):
                lines.append(rf"\at{{{family.id}, {block} ({locale}), seed {seed}}}")
                lines.append(f"{latex.render(found)}\n")
    return "\n".join([*lines, r"\closepaper"])


def document(papers: list[str]) -> str:
    """A document with the preamble of the exams."""
    preamble = (ui.templates() / "exam" / "preamble.tex.j2").read_text(encoding="utf-8")
    return "\n".join([preamble, r"\begin{document}", *papers, r"\end{document}"])
