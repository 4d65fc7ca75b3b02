"""Questions to try exports with: of every family, and of an author's own in words that look like markup."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from html.parser import HTMLParser
from itertools import islice
from typing import Any

from quizgen import drawing, prose
from quizgen.answers.choice import Choice
from quizgen.answers.fraction import Fraction as FractionKey
from quizgen.answers.integer import Integer
from quizgen.answers.matching import Matching
from quizgen.answers.matrix import Matrix
from quizgen.answers.multiple import Multiple
from quizgen.answers.number import Number
from quizgen.answers.ordering import Ordering
from quizgen.answers.text import Text as TextKey
from quizgen.answers.vector import Vector
from quizgen.answers.written import Criterion, Written
from quizgen.bank import Bank
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Platform
from quizgen.markup import Break, Code, Document, Emph, Math, Paragraph, Strong, Text, typographic
from quizgen.prose import Words
from quizgen.renderers import text as plain_text
from quizgen.values import Item, Key, Mistake, Part, Task

BANK = Bank()
FAMILIES = sorted(BANK.files)
LANGUAGES = [("en",), ("zh",), ("en", "zh")]
HOSTILE = (
    "]]> <b & &amp; {x} *y* #z ~ = : \\\\n // -> \"q\" 'a' [b1] 😀 汉字 $a<b$, `c<d` \\\\(x\\\\) ::\n\n"
    "next | %50% {{ 7*7 }}"
)


def own(key: Key, words: str = HOSTILE, options: int = 0, **more: Any) -> Task:
    """A question of an author's own."""
    slips = more.get("slips", {})
    names = {name: {"en": f"thing {name}: <i> ]]> =~#{{}}", "zh": f"选项 {name}：& ~=#"} for name in key.labels()}
    item = Item(
        family="text", version=1, level=1, minutes=2, calculator=False, effort=0, trace={},
        parameters={"text": {"en": f"{words} {key!r}", "zh": f"哪一个？{words}"}, "options": names,
                    "solution": {"en": "Because <b> $x<y$ ]]> ####.", "zh": "因为。"}, **more},
        parts=(Part(name="answer", key=key, mistakes=tuple(Mistake(name=n, value=v) for n, v in slips.items())),),
    )  # fmt: skip
    return drawing.task(item, options)


CHOICES = [
    own(
        Choice(value="o2", options=("o1", "o2", "o3")), slips={"o1": "o1"},
        why={"o1": {"en": "No: <b> ~ = #.", "zh": "不对。"}},
    ),
    own(Multiple(value=("o1", "o3"), options=("o1", "o2", "o3", "o4"))),
]  # fmt: skip
LISTED = [
    *CHOICES,
    own(Ordering(value=("p", "q", "r", "s"))),
    own(Matching(value=(("l1", "r1"), ("l2", "r2")), spare=("r3",))),
]
OWN = [
    *LISTED,
    own(Integer.of(5076)),
    own(FractionKey(value=Fraction(-3, 7))),
    own(FractionKey(value=Fraction(3, 8))),
    own(Number.of(Decimal("-0.125"))),
    own(Number.of(Decimal("0.3"), tolerance=Decimal("0.1"))),
    own(Number.of(Decimal("12.5"), 1, "kg", units={"g": Fraction(1, 1000)})),
    own(TextKey.of("ReLU", case=True)),
    own(Vector.of((1, -2, 3))),
    own(Matrix.of(((1, 2), (3, 4))), slips={"turned": ((1, 3), (2, 4)), "twice": ((2, 4), (6, 8))}),
    own(Written(rubric=(Criterion(points=Fraction(3, 2), text={"en": "idea <b>", "zh": "思路"}),))),
    own(Integer.of(7), options=4, slips={"too_many": 8, "too_few": 6, "twice": 14}),
    own(Ordering(value=("p", "q", "r"), spare=("s",)), slips={"taken": ("p", "s", "r")}),
    own(Choice(value="o2", options=("o1", "o2", "o3"), ordered=True)),
]  # fmt: skip


@cache
def drawn(name: str, count: int = 2, options: int = 0) -> tuple[Task, ...]:
    """Some tasks of a family; where they are chosen, only those with enough wrong answers."""
    return tuple(
        drawing.task(item, options)
        for item in items(name, "samples", count, options)
        if not options or all(part.offers(options) for part in item.parts)
    )


def items(name: str, seed: str, count: int, *more: int) -> list[Item]:
    """Some items of a family that platforms know to ask: of things to put in order, one order is right."""
    family = BANK.family(name)
    found = (family.draw(seed, name, *more, number) for number in range(20 * count))
    return list(islice(filter(has_one_order, found), count))


def has_one_order(item: Item) -> bool:
    """Whether there is one right order of what is to be put in order."""
    return not any(isinstance(part.key, Ordering) and part.key.before for part in item.parts)


def some(platform: Platform, count: int) -> Iterator[Task]:
    """The first tasks of every family that a platform does not refuse."""
    for name in FAMILIES:
        found = 0
        for task in drawn(name, 20):
            try:
                platform.made(task, Slot(1, "x", Fraction(1)))
            except Refused:
                continue
            yield task
            found += 1
            if found == count:
                break


def entries(platform: Platform, tasks: list[Task]) -> Iterator[bytes]:
    """How a platform writes tasks, each in a slot of its own."""
    for number, task in enumerate(tasks, 1):
        yield platform.entry(task, Slot(number, f"slot-{number}", task.total or Fraction(1)))


def carried(platform: Platform, tasks: list[Task]) -> Iterator[tuple[Task, bytes]]:
    """The tasks that a platform does not refuse, each in a slot of its own, and how it writes them."""
    for number, task in enumerate(tasks, 1):
        slot = Slot(number, f"slot-{number}", task.total or Fraction(1))
        try:
            yield task, platform.entry(task, slot)
        except Refused:
            continue


def exported(platform: Platform, tasks: list[Task]) -> tuple[bytes, list[Task]]:
    """The file, and which tasks are in it."""
    pairs = list(carried(platform, tasks))
    return b"".join(platform.file(entry for _, entry in pairs)), [task for task, _ in pairs]


# What is shown.


class _Shown(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.images: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "div", "br", "li", "td", "th"):
            self.pieces.append(" ")
        if tag == "img":
            found = dict(attrs)
            self.images.append((found.get("src") or "", found.get("alt") or ""))

    handle_startendtag = handle_starttag


def shown(html: str) -> str:
    """HTML without its markup, on one line."""
    return " ".join("".join(_Shown(html).pieces).split())


def images(html: str) -> list[tuple[str, str]]:
    """Address and description of each image in HTML."""
    return _Shown(html).images


def words(task: Task, locales: tuple[str, ...]) -> tuple[Words, ...]:
    """The words of a task."""
    return tuple(prose.words(task.item, locale, BANK.templates) for locale in locales)


def flat(*documents: Document) -> str:
    """A paragraph in each language as the characters that its HTML shows, once where they are the same."""
    return "".join(dict.fromkeys(map(_flat_paragraph, documents)))


def _flat_paragraph(document: Document) -> str:
    (paragraph,) = document.blocks
    assert isinstance(paragraph, Paragraph)
    return " ".join("".join(map(_flat, paragraph.children)).split())


def _flat(node: Any) -> str:
    match node:
        case Text(text):
            return typographic(text)
        case Code(text):
            return text
        case Math(tex):
            return rf"\({tex}\)"
        case Strong(children) | Emph(children):
            return "".join(map(_flat, children))
        case Break():
            return " "
    raise AssertionError(node)


def line(*documents: Document) -> str:
    """A document as one line of plain text, languages parted by slashes."""
    return " / ".join(dict.fromkeys(" ".join(plain_text.render(document).split()) for document in documents))


def options(task: Task, value: Any, locales: tuple[str, ...], say: Any = flat) -> set[str]:
    """How the options that make up a value are shown."""
    (part,) = task.item.parts
    values = value if isinstance(part.key, Multiple) else (value,)
    told = words(task, locales)
    return {
        say(*(each.named(one) if part.key.lists_options else each.value(part, one) for each in told)) for one in values
    }


def is_finite(value: Any) -> bool:
    """Whether a number has an end as a decimal."""
    rest = Fraction(value).denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    return rest == 1


def typed(value: Any) -> str:
    """A number as a decimal, if it has an end, else as a fraction."""
    above, below = Fraction(value).as_integer_ratio()
    return f"{Decimal(above) / below:f}" if is_finite(value) else f"{above}/{below}"
