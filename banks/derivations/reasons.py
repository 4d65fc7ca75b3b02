"""Why each line of a derivation follows.

The chains and their sources stand in ``solvers/derivations/chains``.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, ints, traced
from solvers import derivations, oracles
from solvers.derivations import questions
from solvers.derivations.questions import Reasons

family = Family(
    level=3, version=1, facet="chain", minutes=5, answers={"reasons": answer.Matching("pairs", spare=traced("spare"))}
)


@family.parameters
class Params(Parameters):
    chain: str = choice(*derivations.names(), radical=True)
    number: int = ints(0, 199)  # of the lines that are asked for, and of the order of the reasons


@family.solve
def solve(q: Params) -> Reasons:
    return questions.reasons(q.chain, q.number)


@family.mistakes
def mistakes(q: Params, t: Reasons) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The reasons of two lines exchanged."""
    found = {}
    for (left, right), (other, wrong) in zip(t.pairs, t.pairs[1:], strict=False):
        exchange = {left: wrong, other: right}
        found[f"exchanges_{left}_{other}"] = tuple((one, exchange.get(one, reason)) for one, reason in t.pairs)
    return found


@family.law
def every_line_holds(q: Params, t: Reasons) -> None:
    derivations.prove(derivations.derivation(q.chain))


@family.law
def torch_agrees(q: Params, t: Reasons) -> None:
    chain = derivations.derivation(q.chain)
    oracles.puzzles.reasons(t, chain, derivations.model(chain, q.number))


@family.effort
def effort(q: Params, t: Reasons) -> int:
    return 3 * len(t.lines)
