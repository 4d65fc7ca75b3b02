"""The lines of a derivation, to be put in order, with or without wrong lines among them.

The chains and their sources stand in ``solvers/derivations/chains``. Every order is right in which each line comes
after those that it needs.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, ints, traced
from solvers import derivations, oracles
from solvers.derivations import questions
from solvers.derivations.questions import Strips

family = Family(
    level=3,
    version=1,
    facet="chain",
    minutes=6,
    answers={"order": answer.Ordering("order", before=traced("pairs"), spare=traced("spare"))},
)


@family.parameters
class Params(Parameters):
    chain: str = choice(*derivations.names(), radical=True)
    number: int = ints(0, 199)  # of the model, the wrong lines and the order on paper
    spare: int = ints(0, 2, radical=True)  # wrong lines among the strips


@family.solve
def solve(q: Params) -> Strips:
    return questions.put_in_order(q.chain, q.number, q.spare)


@family.mistakes
def mistakes(q: Params, t: Strips) -> Mapping[str, tuple[str, ...]]:
    """A line before one that it continues, or a wrong line in the place of the right one."""
    early = {
        f"{strip}_too_early": exchanged(t.order, strip, t.continues[strip]) for strip in t.order if t.continues[strip]
    }
    taken = {f"takes_{spare}": exchanged(t.order, strip, spare) for spare, strip in t.replaces.items()}
    return taken | early


def exchanged(order: tuple[str, ...], one: str, other: str) -> tuple[str, ...]:
    """An order with two strips in each other's place."""
    return tuple({one: other, other: one}.get(strip, strip) for strip in order)


@family.law
def every_line_holds(q: Params, t: Strips) -> None:
    derivations.prove(derivations.derivation(q.chain))


@family.law
def torch_agrees(q: Params, t: Strips) -> None:
    chain = derivations.derivation(q.chain)
    oracles.puzzles.strips(t, chain, derivations.model(chain, q.number))


@family.effort
def effort(q: Params, t: Strips) -> int:
    return 3 * len(t.strips)
