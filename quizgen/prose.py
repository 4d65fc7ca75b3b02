"""Items in words: the only place that runs item templates.

``words(item, locale, folders)`` gives the document trees of one item in one language. Templates see the item's plain
parameters ``q`` and trace ``t``; text of authors and students never passes through Jinja.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from quizgen import asking, expr, markup
from quizgen.errors import FamilyError, InputError
from quizgen.markup import Document
from quizgen.values import AUTHORED, Asked, Item, Part, Value, say

SUFFIX = ".md.j2"
EXTENDS = re.compile(r"\s*\{%-?\s*extends\s+\"(?P<name>[^\"]+)\"")


class Words:
    """The document trees of one item in one locale, each made when asked for."""

    def __init__(self, item: Item, locale: str) -> None:
        self.item = item
        self.locale = locale

    @property
    def where(self) -> str:
        """The place that messages name."""
        return f"{self.item.family} ({self.locale})"

    def prompt(self) -> Document:
        """What is given and asked, with the figure if there is one."""
        raise NotImplementedError

    def ask(self, part: Part) -> Document | None:
        """The question of one part; None if the prompt asks it."""
        raise NotImplementedError

    def label(self, name: str) -> str:
        """Markdown for an id of an ordering, a matching or an option."""
        raise NotImplementedError

    def steps(self, part: Part | None = None) -> Document | None:
        """The worked solution, or that of one part; None if there is none."""
        raise NotImplementedError

    def hints(self) -> Document | None:
        """What leads to the answer where the first steps of the solution would tell it; None if they do not."""
        return None

    def right(self) -> Document | None:
        """What is said when the answer is right."""
        raise NotImplementedError

    def feedback(self, part: Part, mistake: str) -> Document | None:
        """What is said to the answer of one named wrong procedure."""
        raise NotImplementedError

    def value(self, part: Part, value: Value) -> Document:
        """An answer to ``part`` as it is shown."""
        return self._parse(part.key.show(value, self.label), f"answer {part.name}")

    def option(self, part: Part, asked: Asked, option: str) -> Document:
        """One of the lettered things: an answer to choose, or a thing to order or match."""
        if asked.mode == "choice" and not part.key.lists_options:
            return self.value(part, asking.option_value(part, option))
        return self.named(option)

    def named(self, name: str) -> Document:
        """An id in words."""
        return self._parse(self.label(name), f"label {name}")

    def _parse(self, text: str, place: str) -> Document:
        return markup.parse(text.strip(), f"{self.where}, {place}")


class TemplateWords(Words):
    """Words from a family's template: its blocks, run with the item's parameters and trace."""

    def __init__(self, item: Item, locale: str, template: jinja2.Template) -> None:
        super().__init__(item, locale)
        self.template = template

    @cached_property
    def _context(self) -> jinja2.runtime.Context:
        """What all blocks see; made once, as making it takes longer than running a block."""
        scope = {
            "q": SimpleNamespace(**self.item.parameters),
            "t": SimpleNamespace(**self.item.trace),
            "locale": self.locale,
        }
        return self.template.new_context(scope)

    def has(self, block: str) -> bool:
        """Whether the template has this block."""
        return block in self.template.blocks

    def text(self, block: str, **more: Any) -> str:
        """The Markdown of one block. Raises FamilyError that names file and block."""
        if not self.has(block):
            raise FamilyError(f"the block {block!r} is missing", str(self.template.filename))
        context = self._context
        context.vars.update(more)
        try:
            return "".join(self.template.blocks[block](context))
        except jinja2.UndefinedError as error:
            known = f"q has {', '.join(self.item.parameters)}; t has {', '.join(self.item.trace) or 'nothing'}"
            raise FamilyError(f"block {block!r}: {error} ({known})", str(self.template.filename)) from error
        except (jinja2.TemplateError, ArithmeticError, TypeError, ValueError, IndexError) as error:
            raise FamilyError(f"block {block!r}: {error}", str(self.template.filename)) from error
        finally:
            context.vars.clear()

    def _block(self, block: str, **more: Any) -> Document:
        return self._parse(self.text(block, **more), f"block {block}")

    def prompt(self) -> Document:
        document = self._block("prompt")
        drawn = [
            markup.Figure(figure=data, alt=" ".join(self.text("figure").split())) for data in self.item.figures.values()
        ]
        return Document(blocks=(*document.blocks, *drawn)) if drawn else document

    def ask(self, part: Part) -> Document | None:
        block = f"part_{part.name}"
        return self._block(block) if self.has(block) or len(self.item.parts) > 1 else None

    def label(self, name: str) -> str:
        block = f"label_{name}"
        return self.text(block if self.has(block) else "label", name=name).strip()

    def steps(self, part: Part | None = None) -> Document | None:
        block = f"steps_{part.name}" if part else "steps"
        return self._block(block) if self.has(block) else None

    def hints(self) -> Document | None:
        return self._block("hints") if self.has("hints") else None

    def right(self) -> Document | None:
        return self._block("right")

    def feedback(self, part: Part, mistake: str) -> Document | None:
        wrong = next((entry.value for entry in part.mistakes if entry.name == mistake), None)
        return self._block(mistake if self.has(mistake) else "mistake", w=wrong, name=mistake)


class AuthorWords(Words):
    """Words that the author of a blueprint wrote: they stand in the parameters, per locale, and are never run."""

    def _own(self, texts: Mapping[str, str] | None, place: str) -> Document | None:
        return self._parse(self._said(texts, place), place) if texts else None

    def _said(self, texts: Mapping[str, str], place: str) -> str:
        """The words in this locale. Raises InputError if the author gave none."""
        try:
            return say(texts, self.locale)
        except KeyError:
            raise InputError(
                f"there is no text in {self.locale!r} (only in {', '.join(texts)})", f"{self.where}, {place}"
            ) from None

    def prompt(self) -> Document:
        document = self._own(self.item.parameters["text"], "text")
        assert document is not None
        return document

    def ask(self, part: Part) -> Document | None:
        return None

    def label(self, name: str) -> str:
        return self._said(self.item.parameters["options"][name], f"option {name}")

    def steps(self, part: Part | None = None) -> Document | None:
        return None if part else self._own(self.item.parameters.get("solution"), "solution")

    def right(self) -> Document | None:
        return None

    def feedback(self, part: Part, mistake: str) -> Document | None:
        return self._own(self.item.parameters.get("why", {}).get(mistake), f"why {mistake}")


def words(item: Item, locale: str, folders: Sequence[Path]) -> Words:
    """The words of an item. Raises FamilyError if no folder has its template in this locale."""
    if item.family == AUTHORED:
        return AuthorWords(item, locale)
    return TemplateWords(item, locale, template(item.family, locale, tuple(folders)))


def page(name: str, locale: str, folders: Sequence[Path], **values: Any) -> str:
    """The Markdown of a template without blocks. Raises FamilyError that names the file."""
    found = template(name, locale, tuple(folders))
    try:
        return found.render(values)
    except (jinja2.TemplateError, ArithmeticError, TypeError, ValueError, IndexError) as error:
        raise FamilyError(str(error), str(found.filename)) from error


def template(family: str, locale: str, folders: tuple[Path, ...]) -> jinja2.Template:
    """The compiled template of a family. Raises FamilyError that names the file, and the line of a mistake in it."""
    name = f"{family}.{locale}{SUFFIX}"
    try:
        return _whole(name, folders)
    except jinja2.TemplateNotFound as error:
        raise FamilyError(f"there is no template {name}", ", ".join(map(str, folders))) from error
    except jinja2.TemplateSyntaxError as error:
        raise FamilyError(error.message or "mistake in the template", f"{error.filename}:{error.lineno}") from error


@lru_cache(maxsize=1024)
def _whole(name: str, folders: tuple[Path, ...]) -> jinja2.Template:
    """A template, with the blocks of the one that it extends where it has none of its own."""
    environment = _environment(folders)
    found = environment.get_template(name)
    extends = EXTENDS.match(Path(str(found.filename)).read_text(encoding="utf-8"))
    if extends:
        found.blocks = {**_whole(extends["name"], folders).blocks, **found.blocks}
    return found


def locales(family: str, folders: Sequence[Path]) -> list[str]:
    """The locales that a family is written in, sorted."""
    area, _, name = family.rpartition("/")
    files = [file.name for folder in folders for file in (folder / area).glob(f"{name}.*{SUFFIX}")]
    return sorted(file.removeprefix(f"{name}.").removesuffix(SUFFIX) for file in files)


class _Environment(ImmutableSandboxedEnvironment):
    """A sandbox that gives a parameter, or a field of the trace, without asking what it is: most of its work."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is SimpleNamespace and attribute in obj.__dict__:
            return obj.__dict__[attribute]
        return super().getattr(obj, attribute)


@lru_cache(maxsize=8)
def _environment(folders: tuple[Path, ...]) -> jinja2.Environment:
    environment = _Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        undefined=jinja2.StrictUndefined,
        finalize=_print,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters |= FILTERS
    return environment


def _print(value: Any) -> str:
    """What ``{{ value }}`` prints: numbers and formulas as LaTeX. A tuple must say how, through a filter."""
    if type(value) is int or isinstance(value, str | jinja2.Undefined):
        return str(value)
    if isinstance(value, tuple | bool) or value is None:
        raise TypeError(f"{value!r} cannot be printed as it is; pass it through a filter such as vec or mat")
    return expr.latex_value(value)


def paren(value: Value) -> str:
    """A number, in parentheses when it is negative or a fraction."""
    text = expr.latex_value(value)
    return rf"\left({text}\right)" if r"\frac" in text else f"({text})" if text.startswith("-") else text


def plus(value: Value) -> str:
    """A number that continues a sum: ``+ 3`` or ``- 3``."""
    text = expr.latex_value(value)
    return f"- {text[1:]}" if text.startswith("-") else f"+ {text}"


def inline(value: Value) -> str:
    """A number on one line: ``3/7``."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def half_up(value: int | Fraction | Decimal, places: int) -> Decimal:
    """A number rounded half up to some decimals."""
    with localcontext(prec=50):
        exact = Decimal(value.numerator) / value.denominator if isinstance(value, int | Fraction) else value
        return exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "vec": expr.latex_vector,
    "mat": expr.latex_matrix,
    "tex": expr.latex_value,
    "paren": paren,
    "plus": plus,
    "inline": inline,
    "places": half_up,
}


def blocks_needed(item: Item, misconceptions: Sequence[str]) -> Iterator[str]:
    """The blocks that a template of this item's family must have."""
    yield from ("prompt", "right")
    if len(item.parts) > 1:
        yield from (f"part_{part.name}" for part in item.parts)
    else:
        yield "steps"
    yield from misconceptions
    yield from (f"label_{name}" for part in item.parts for name in part.key.labels())
    if item.figures:
        yield "figure"
