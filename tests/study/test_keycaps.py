"""The keys beside a formula: the names that its question states, and no others."""

from collections.abc import Iterator

import msgspec
import pytest

from quizgen import answers
from quizgen.answers._symbolic import Symbolic
from quizgen.bank import Bank
from quizgen.markup import Document, Math
from quizgen.prose import words
from quizgen.study.web import keycaps
from quizgen.values import Part

BANK = Bank()
SEEDS = 40
FORMULAS = [
    name
    for name in BANK.files
    if any(issubclass(answers.kind(declared.kind), Symbolic) for declared in BANK.family(name).answers.values())
]
"""The families that ask for a formula, or for a distribution."""


def formulas(document: Document) -> Iterator[str]:
    """The formulas in the last paragraph: there a question states the names that its answer is made of."""
    found: list[msgspec.Struct] = [document.blocks[-1]]
    while found:
        node = found.pop()
        if isinstance(node, Math):
            yield node.tex
        found += [
            child
            for field in msgspec.structs.asdict(node).values()
            if isinstance(field, tuple)
            for child in field
            if isinstance(child, msgspec.Struct)
        ]


def offered(part: Part) -> list[str]:
    """What stands on the keys of names."""
    return sorted(cap.shown for cap in keycaps.keys(part.key).names)


def test_there_are_families_that_ask_for_a_formula() -> None:
    assert {"convolution/bottleneck_formula", "derivations/missing_term"} <= set(FORMULAS)


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("name", FORMULAS)
def test_the_names_offered_are_those_that_the_question_states(name: str, locale: str) -> None:
    for seed in range(SEEDS):
        item = BANK.family(name).draw("names", seed)
        found = words(item, locale, BANK.templates)
        for part in item.parts:
            if isinstance(part.key, Symbolic):
                assert sorted(formulas(found.ask(part) or found.prompt())) == offered(part), item.parameters
