r"""True on paper: every closed numeric chain that is printed, such as \frac{7 + 2 - 3}{2} + 1 = 4, holds as printed."""

from collections.abc import Iterator

from quizgen.checks._chains import comparisons
from quizgen.checks._pages import formulas, pages
from quizgen.checks._subject import Broken, Failure, Inapplicable, Subject
from quizgen.errors import QuizgenError
from quizgen.space import Parameters
from quizgen.values import Item

NUMBER = 11
COMPUTED = frozenset({"integer", "number", "fraction", "vector", "matrix"})
"""Kinds of answer whose worked solution computes something."""


def check(subject: Subject) -> Iterator[Failure]:
    counted: list[int] = []
    yield from subject.search(lambda q, data: holds(subject, q, counted))
    computes = any(answer.kind in COMPUTED for answer in subject.family.answers.values())
    if computes and subject.checked and not any(counted):
        yield Failure("no closed chain is printed: a worked solution shows the calculation with its numbers")
    if counted:
        subject.note(f"{sum(counted)} relations on {len(counted)} draws")


def holds(subject: Subject, q: Parameters, counted: list[int]) -> None:
    """All chains of one item hold, in every locale."""
    _, item = subject.solved(q)
    counted.append(sum(true(subject, item, locale) for locale in subject.locales))


def true(subject: Subject, item: Item, locale: str) -> int:
    """The number of relations that hold. Raises Broken at one that does not."""
    number = 0
    try:
        printed = list(pages(subject.words(item, locale)))
    except QuizgenError as error:
        raise Inapplicable(8) from error
    for block, document in printed:
        for formula in formulas(document):
            for stated in comparisons(formula):
                number += 1
                if not stated.holds:
                    said = f"{block} ({locale}): {stated.left} {stated.relation} {stated.right} does not hold"
                    raise Broken(said, (block, stated.relation))
    return number
