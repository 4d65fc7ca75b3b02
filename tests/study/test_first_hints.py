"""The first hint to a question leads to its answer, and is not the answer: of every family."""

import re
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from quizgen import asking, markup
from quizgen.answers.matching import Matching
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.bank import Bank
from quizgen.markup import Document
from quizgen.prose import Words, words
from quizgen.renderers import text
from quizgen.study.hints import hints, tells
from quizgen.values import Item, Part

BANK = Bank()
SEEDS = 8
WITHOUT = {
    "attention/causal_mask": {"hidden", "zeros"},
    "attention/multi_head": {"full", "projection", "weights"},
    "attention/score_cost": {"growth"},
    "derivations/missing_line": {"line"},
    "derivations/missing_term": {"term"},
    "derivations/reasons": {"reasons"},
    "diffusion/ddpm_marginal": {"variance"},
    "latent/discrete_elbo": {"posterior"},
}
"""Parts whose solution is a single step: before it there is nothing to say."""
RARE = 1 / 4
"""Share of the draws in which a number on the way may happen to be the answer, and is not said."""


def line(document: Document | None) -> str:
    return " ".join(text.render(document).split()) if document is not None else ""


def drawn(name: str) -> Iterator[Item]:
    for seed in range(SEEDS):
        yield BANK.family(name).draw("first hint", seed)


def has(told: str, value: str) -> bool:
    """Whether a text has a value on its own: 4, but not 14, 4.5 or 3/4."""
    ends = r"[0-9A-Za-z_.,/²³^]"
    places = (match.span() for match in re.finditer(re.escape(value), told))
    return any(
        not re.match(ends, told[start - 1 : start]) and not re.match(r"[0-9A-Za-z_/²³]|[.,]\d", told[end:])
        for start, end in places
    )


def is_told(found: Words, part: Part, hint: str) -> bool:
    """Whether a hint has the printed answer, and the question has not."""
    given = f"{line(found.prompt())} {line(found.ask(part))}"
    if isinstance(part.key, Ordering | Multiple | Matching):
        named = {word for name in _named(part) for word in line(found.named(name)).split()}
        is_given = not isinstance(part.key, Ordering) and all(word in given for word in named)
        return bool(named) and all(word in hint for word in named) and not is_given
    shown = line(found.value(part, part.key.right)).removesuffix(getattr(part.key, "unit", "")).strip()
    if len(shown) == 1 and shown.isdigit() and re.findall(r"\d+(?:\.\d+)?", hint)[-1:] != [shown]:
        return False  # a digit is in many hints by chance
    return bool(shown) and has(hint, shown) and not has(given, shown)


def _named(part: Part) -> tuple[str, ...]:
    match part.key:
        case Ordering():
            return part.key.value
        case Matching():
            return part.key.rights()[: len(part.key.value)]
    return tuple(asking.right_options(part))


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("name", BANK.files)
def test_the_first_hint_is_not_the_answer(name: str, locale: str) -> None:
    silent: dict[str, int] = {}
    for item in drawn(name):
        found = words(item, locale, BANK.templates)
        for part in item.parts:
            first, *_ = (*map(line, hints(found, part)), "")
            assert not is_told(found, part, first), (item.parameters, part.name, first)
            silent[part.name] = silent.get(part.name, 0) + (not first)
    without = WITHOUT.get(name, set())
    assert {part for part, times in silent.items() if times > RARE * SEEDS} == without


LATE = {
    "classification/multiclass_averages": "micro",
    "convolution/parameters": "total",
    "convolution/receptive_field": "side",
}
"""Parts whose solution ends with a remark, behind the step that has the value."""


@pytest.mark.parametrize(("name", "asked"), LATE.items(), ids=LATE)
def test_no_later_hint_is_the_answer(name: str, asked: str) -> None:
    for item in drawn(name):
        found, part = words(item, "en", BANK.templates), item.part(asked)
        told = [line(hint) for hint in hints(found, part)]
        assert told
        assert not any(is_told(found, part, hint) for hint in told), item.parameters


def test_a_value_counts_where_it_stands_alone_and_is_not_given() -> None:
    item = next(one for one in drawn("convolution/output_side") if one.trace["side"] != one.parameters["n"])
    found, part = words(item, "en", BANK.templates), item.parts[0]
    given, right = item.parameters["n"], 4711
    part = replace(part, key=replace(part.key, value=right))
    said = {text: markup.parse(f"It is ${text}$ pixels.", "test") for text in (f"{right}", f"{right}.5", f"1{right}")}
    assert [text for text, hint in said.items() if tells(found, part, hint)] == [f"{right}"]
    shown = next(number for number in range(10) if str(number) not in line(found.prompt()))
    digit = replace(part, key=replace(part.key, value=shown))
    ends, passes = (
        markup.parse(f"It is {of}.", "test") for of in (f"$9 - 1 = {shown}$ pixels", f"${shown} + 99 = 100$")
    )
    assert (tells(found, digit, ends), tells(found, digit, passes)) == (True, False)
    part = replace(part, key=replace(part.key, value=given))
    assert not tells(found, part, markup.parse(f"It is ${given}$ pixels.", "test"))
