"""The missing term of a derivation's line, as a formula.

The chains and their sources stand in ``solvers/derivations/chains``.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, ints, traced
from solvers import derivations, oracles
from solvers.derivations import questions
from solvers.derivations.questions import Term

family = Family(
    level=4,
    version=1,
    facet="chain",
    minutes=6,
    answers={"term": answer.Formula("term", variables=traced("variables"))},
)


@family.parameters
class Params(Parameters):
    chain: str = choice(*questions.with_blanks(), radical=True)
    blank: int = ints(0, lambda q: len(derivations.derivation(q.chain).blanks) - 1)


@family.solve
def solve(q: Params) -> Term:
    return questions.missing_term(q.chain, q.blank)


@family.mistakes
def mistakes(q: Params, t: Term) -> Mapping[str, object]:
    """What stands in the box of the wrong lines."""
    return t.wrong


@family.law
def every_line_holds(q: Params, t: Term) -> None:
    derivations.prove(derivations.derivation(q.chain))


@family.law
def torch_agrees(q: Params, t: Term) -> None:
    chain = derivations.derivation(q.chain)
    oracles.puzzles.term(t, chain, derivations.model(chain, q.blank), q.blank)


@family.effort
def effort(q: Params, t: Term) -> int:
    return 4 * len(t.lines)
