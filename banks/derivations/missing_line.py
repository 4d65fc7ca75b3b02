"""The missing line of a derivation, among lines that do not follow.

The chains and their sources stand in ``solvers/derivations/chains``. Each wrong line is refuted by a model that its
feedback shows.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, ints, traced
from solvers import derivations, oracles
from solvers.derivations import questions
from solvers.derivations.questions import Missing

family = Family(
    level=3, version=1, facet="chain", minutes=4, answers={"line": answer.Choice("right", options=traced("options"))}
)


@family.parameters
class Params(Parameters):
    chain: str = choice(*derivations.names(), radical=True)
    gap: int = ints(0, lambda q: len(questions.gaps(q.chain)) - 1)
    number: int = ints(0, 199)  # of the model and of the wrong lines


@family.solve
def solve(q: Params) -> Missing:
    return questions.missing_line(q.chain, q.number, q.gap)


@family.mistakes
def mistakes(q: Params, t: Missing) -> Mapping[str, str]:
    """The wrong lines, by the names of what is wrong with them."""
    return {flaw: option for option, flaw in t.flaws.items()}


@family.law
def every_line_holds(q: Params, t: Missing) -> None:
    derivations.prove(derivations.derivation(q.chain))


@family.law
def torch_agrees(q: Params, t: Missing) -> None:
    chain = derivations.derivation(q.chain)
    oracles.puzzles.missing(t, chain, derivations.model(chain, q.number))


@family.effort
def effort(q: Params, t: Missing) -> int:
    return 3 * len(t.lines)
