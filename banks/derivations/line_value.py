"""The value of a derivation's line on a given small model.

The chains and their sources stand in ``solvers/derivations/chains``. Logarithms are natural.
"""

from collections.abc import Mapping
from decimal import Decimal

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import derivations, oracles
from solvers.derivations import questions
from solvers.derivations.arithmetic import Undefined
from solvers.derivations.questions import Evaluated

family = Family(
    level=4, version=1, facet="chain", minutes=7, calculator=True, answers={"value": answer.Number("value", digits=3)}
)

SMALLEST = Decimal("0.05")


@family.parameters
class Params(Parameters):
    chain: str = choice(*questions.with_values(), radical=True)
    place: int = ints(0, lambda q: len(derivations.derivation(q.chain).values) - 1)
    number: int = ints(0, 199)  # of the model

    def valid(self) -> bool:
        """The value is at least 0.05 from 0 and on no rounding edge, so that three decimals tell it."""
        try:
            return abs(solve(self).value) >= SMALLEST
        except Undefined:
            return False


@family.solve
def solve(q: Params) -> Evaluated:
    return questions.evaluated(q.chain, q.number, q.place)


@family.mistakes
def mistakes(q: Params, t: Evaluated) -> Mapping[str, Decimal]:
    """What wrong lines give on the same model."""
    return t.wrong


@family.law
def every_line_holds(q: Params, t: Evaluated) -> None:
    derivations.prove(derivations.derivation(q.chain))


@family.law
def torch_agrees(q: Params, t: Evaluated) -> None:
    chain = derivations.derivation(q.chain)
    oracles.puzzles.evaluated(t, chain, derivations.model(chain, q.number), chain.values[q.place])


@family.effort
def effort(q: Params, t: Evaluated) -> int:
    return 16 + 3 * len(t.given)
