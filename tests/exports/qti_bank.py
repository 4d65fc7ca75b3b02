"""Questions of every type of field, made by hand, with words that look like markup; and what answers to them earn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from hashlib import sha256
from itertools import combinations, permutations

from quizgen.exporters._online import (
    Cells,
    Choose,
    Criterion,
    Essay,
    Field,
    Heard,
    Interaction,
    Match,
    Near,
    Numeric,
    Option,
    Order,
    Question,
    Said,
    Short,
    Slot,
)
from quizgen.markup import Document, parse

LOCALES = ("en", "zh")
HOSTILE = "]]> \\<b & &amp; {x} \\*y* #z ~ \"q\" 'a' 😀 汉字 $a<b$, `c<d && e` \\<!-- %s {{ 7*7 }} $\\frac{1}{2}$"
MORE = """

1. one $x_1$
2. two

| left | right |
|:-----|------:|
| $a$  | `b`   |

```
if a < b && c: print("]]>")
```

$$\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$$

3. third
4. fourth"""


def said(text: str, other: str = "") -> Said:
    """Words in both languages."""
    return {"en": parse(text), "zh": parse(other or f"中文 {text}")}


def option(text: str, right: bool = False) -> Option:
    return Option(said(text), right, None if right else said(f"No: {text}"))


SINGLE = Choose(tuple(option(f"{name} {HOSTILE}", name == "c") for name in "abcd"))
SEVERAL = Choose(tuple(option(f"**{name}** $x^2$", name in "adg") for name in "abcdefg"), single=False)
TWO = Choose(tuple(option(name, name in "bc") for name in "abc"), single=False)
NUMBER = Numeric(
    Fraction("-12.5"), Fraction("0.05"), unit="$\\mu$s <x>", units=(("s", Fraction(10**6)),),
    wrong=(Near(Fraction("12.5"), said("The sign.")), Near(Fraction(3), said("Three."))),
)  # fmt: skip
WHOLE = Numeric(Fraction(5076), Fraction(0))
ZERO = Numeric(Fraction(0), Fraction(0))
SMALL = Numeric(Fraction("0.000001"), Fraction("0.0000001"))
THIRD = Numeric(Fraction("0.333"), Fraction(1, 1500))
LONG = Numeric(Fraction(2**64 + 1), Fraction(0))
TINY = Numeric(Fraction(1, 10**20), Fraction(1, 10**22), wrong=(Near(Fraction(2, 10**20), said("Twice.")),))
FINE = Numeric(Fraction("0.1234567890123456789"), Fraction(1, 1000))
HUGE = Numeric(Fraction(2**300), Fraction(0), wrong=(Near(Fraction(2**300 + 1), said("One more.")),))
GRID = Cells(
    tuple(tuple(Numeric(Fraction(value, 2), Fraction(0)) for value in row) for row in ((1, -2, 3), (4, 5, 6))),
    wrong=((((1, 2, 3), (4, 5, 6)), said("Twice as much.")),),
)
TEXT = Short(("3/7", "0.(428571)", "6 / 14"), wrong=(Heard(("7/3", "2 1/3"), said("Upside down.")),))
WORD = Short(("Softmax", "soft-max <&> ]]>"), case=False)
EXACT = Short(("pH",), case=True)
PAIRS = Match(
    tuple(said(f"left {name} $l_{name}$") for name in "123"), tuple(said(f"right {name} <i>") for name in "abcd"),
    (2, 0, 3),
)  # fmt: skip
TWICE = Match(tuple(said(f"left {name}") for name in "123"), tuple(said(f"right {name}") for name in "ab"), (0, 1, 0))
LINE = Order(tuple(said(f"step *{name}* <{name}>") for name in "pqrs"), (2, 0, 3, 1))
ESSAY = Essay((Criterion(Fraction(3, 2), said("idea <b>")), Criterion(Fraction(1, 2), said("words"))))

KINDS: dict[str, Interaction] = {
    "single": SINGLE, "several": SEVERAL, "two": TWO, "number": NUMBER, "whole": WHOLE, "zero": ZERO, "small": SMALL,
    "third": THIRD, "long": LONG, "grid": GRID, "text": TEXT, "word": WORD, "exact": EXACT, "pairs": PAIRS,
    "twice": TWICE, "line": LINE, "essay": ESSAY, "tiny": TINY, "fine": FINE, "huge": HUGE,
}  # fmt: skip


def question(number: int, *fields: Field, title: str = "own & <mine>") -> Question:
    """A question of these fields."""
    code = f"q{number:05}"
    return Question(
        id=sha256(code.encode()).hexdigest(), code=code, family="own/mine", slot=Slot(number, title, Fraction(1)),
        number=1, level=2, minutes=3, calculator=False, prompt=said(HOSTILE + MORE), fields=fields,
        steps=said(f"Because {HOSTILE}"), right=said("Well done."),
    )  # fmt: skip


def bank() -> list[Question]:
    """A question of every kind, and two with many fields."""
    single = [
        question(number, Field("answer", Fraction(2 if number % 2 else 1), kind))
        for number, kind in enumerate(KINDS.values(), 1)
    ]
    kinds = list(KINDS.values())
    many = [
        Field(f"part{at}", Fraction(at % 3 + 1, 2), kind, said(f"Part {at}: {HOSTILE}"), said(f"Step {at}."))
        for at, kind in enumerate(kinds)
    ]
    return [*single, question(90, *many), question(91, *many[:3], many[12])]


def only(question: Question, locales: tuple[str, ...]) -> Question:
    """A question in some of its languages."""

    def words(thing: Said | None) -> Said | None:
        return None if thing is None else {locale: thing[locale] for locale in locales}

    def some(thing: Said) -> Said:
        return {locale: thing[locale] for locale in locales}

    def inner(kind: Interaction) -> Interaction:
        match kind:
            case Choose(options):
                kept = (replace(one, words=some(one.words), feedback=words(one.feedback)) for one in options)
                return replace(kind, options=tuple(kept))
            case Numeric(wrong=wrong):
                return replace(kind, wrong=tuple(replace(one, feedback=some(one.feedback)) for one in wrong))
            case Cells(wrong=entries):
                return replace(kind, wrong=tuple((value, some(text)) for value, text in entries))
            case Short(wrong=heard):
                return replace(kind, wrong=tuple(replace(one, feedback=some(one.feedback)) for one in heard))
            case Match(lefts, rights):
                return replace(kind, lefts=tuple(map(some, lefts)), rights=tuple(map(some, rights)))
            case Order(things):
                return replace(kind, things=tuple(map(some, things)))
            case Essay(rubric):
                return Essay(tuple(replace(one, words=some(one.words)) for one in rubric))
        return kind

    fields = tuple(
        replace(field, interaction=inner(field.interaction), ask=words(field.ask), steps=words(field.steps))
        for field in question.fields
    )
    return replace(
        question, prompt=some(question.prompt), steps=words(question.steps), right=words(question.right), fields=fields
    )


# What answers earn.


@dataclass(frozen=True)
class Answer:
    """Responses to the interactions of one field, the share of its points that they earn, and the feedback."""

    values: tuple[str | list[str] | None, ...]
    credit: Fraction
    heard: Said | None = None


def names(kind: Interaction) -> list[str]:
    """Identifiers of what is listed, by place."""
    match kind:
        case Choose(things) | Order(things):
            return [f"A{at + 1}" for at in range(len(things))]
    return []


def decimal(value: Fraction) -> str:
    """A number as a student types it."""
    places = next((places for places in range(40) if 10**places % value.denominator == 0), 12)
    with localcontext(prec=400):
        return f"{Decimal(value.numerator) / value.denominator:.{places}f}"


def answers(kind: Interaction) -> Iterator[Answer]:
    """Answers to one field: the right one first, then wrong, partial and odd ones, the empty one last."""
    found = list(_answers(kind))
    yield from found
    yield Answer(tuple(None for _ in found[0].values), Fraction(0))


def _answers(kind: Interaction) -> Iterator[Answer]:
    match kind:
        case Choose():
            yield from _chosen(kind)
        case Numeric():
            yield from _typed(kind)
        case Cells():
            yield from _filled(kind)
        case Short():
            yield from _written(kind)
        case Match():
            yield from _matched(kind)
        case Order():
            yield from _ordered(kind)
        case _:
            yield Answer(("Some words <b>.",), Fraction(0))


def _chosen(kind: Choose) -> Iterator[Answer]:
    named = list(zip(names(kind), kind.options, strict=True))
    right = [name for name, one in named if one.right]
    if kind.single:
        yield from sorted(
            (Answer((name,), Fraction(one.right), one.feedback) for name, one in named), key=lambda one: -one.credit
        )
        return
    yield Answer((right,), Fraction(1))
    for count in range(1, len(named) + 1):
        for chosen in combinations([name for name, _ in named], count):
            hits = len(set(chosen) & set(right))
            yield Answer((list(chosen),), Fraction(max(0, 2 * hits - count), len(right)))


def _typed(kind: Numeric) -> Iterator[Answer]:
    yield Answer((decimal(kind.value),), Fraction(1))
    for value in (kind.value - kind.tolerance, kind.value + kind.tolerance):
        if Fraction(decimal(value)) == value:
            yield Answer((decimal(value),), Fraction(1))
    step = kind.tolerance * Fraction(11, 10) or 1
    for value in (kind.value - step, kind.value + step):
        yield Answer((decimal(value),), Fraction(0))
    yield Answer(("zero",), Fraction(0))
    for near in kind.wrong:
        yield Answer((decimal(near.value),), Fraction(0), near.feedback)


def _filled(kind: Cells) -> Iterator[Answer]:
    flat = [decimal(one.value) for row in kind.rows for one in row]
    yield Answer(tuple(flat), Fraction(1))
    for count in range(len(flat)):
        values = (*flat[:count], *("77" for _ in flat[count:]))
        yield Answer(values, Fraction(count, len(flat)))
        yield Answer((*flat[:count], *(None for _ in flat[count:])), Fraction(count, len(flat)))
    for value, heard in kind.wrong:
        entries = [Fraction(entry) for row in value for entry in (row if isinstance(row, tuple) else (row,))]
        hits = sum(
            entry == one.value for entry, one in zip(entries, [one for r in kind.rows for one in r], strict=True)
        )
        yield Answer(tuple(map(decimal, entries)), Fraction(hits, len(flat)), heard)


def _written(kind: Short) -> Iterator[Answer]:
    for text in kind.accepted:
        if "\n" in text:  # no field of one line takes it
            continue
        yield Answer((text,), Fraction(1))
        other = text.swapcase()
        yield Answer((other,), Fraction(not kind.case or other == text))
    yield Answer(("nothing of that",), Fraction(0))
    for wrong in kind.wrong:
        for text in (text for text in wrong.texts if "\n" not in text):
            yield Answer((text,), Fraction(0), wrong.feedback)


def _matched(kind: Match) -> Iterator[Answer]:
    pairs = [f"L{left + 1} R{right + 1}" for left, right in enumerate(kind.pairs)]
    yield Answer((pairs,), Fraction(1))
    for count in range(1, len(pairs)):
        yield Answer((pairs[:count],), Fraction(count, len(pairs)))
    for shift in range(1, len(kind.rights)):
        turned = [(right + shift) % len(kind.rights) for right in kind.pairs]
        hits = sum(one == other for one, other in zip(turned, kind.pairs, strict=True))
        given = [f"L{left + 1} R{right + 1}" for left, right in enumerate(turned)]
        yield Answer((given,), Fraction(hits, len(pairs)))
        yield Answer(([pairs[0], *given[1:]],), Fraction(hits + (turned[0] != kind.pairs[0]), len(pairs)))


def _ordered(kind: Order) -> Iterator[Answer]:
    named = names(kind)
    right = [named[place] for place in kind.right]
    yield Answer((right,), Fraction(1))
    for given in permutations(named):
        pairs = [right.index(one) < right.index(other) for one, other in combinations(given, 2)]
        credit = Fraction(sum(pairs), len(pairs))
        yield Answer((list(given),), credit if credit > Fraction(1, 2) and list(given) != named else Fraction(0))


def documents(question: Question) -> Iterator[Document]:
    """All words of a question."""
    for said in (question.prompt, question.steps, question.right):
        yield from (said or {}).values()
