"""The one wrong line of a derivation.

The chains and their sources stand in ``solvers/derivations/chains``. The wrong line is refuted by a model that the
feedback shows; all others hold on every model.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, ints, traced
from solvers import derivations, oracles
from solvers.derivations import questions
from solvers.derivations.questions import Flawed

family = Family(
    level=4,
    version=1,
    facet="chain",
    minutes=5,
    answers={"line": answer.Choice("right", options=traced("options"), ordered=True)},
)


@family.parameters
class Params(Parameters):
    chain: str = choice(*derivations.names(), radical=True)
    flaw: int = ints(0, lambda q: len(derivations.derivation(q.chain).flaws) - 1)
    number: int = ints(0, 199)  # of the model that shows the mistake


@family.solve
def solve(q: Params) -> Flawed:
    return questions.flawed_line(q.chain, q.number, q.flaw)


@family.mistakes
def mistakes(q: Params, t: Flawed) -> Mapping[str, str]:
    """A line that holds is taken for the wrong one."""
    return {f"doubts_{option}": option for option in t.options if option != t.right}


@family.law
def every_line_holds(q: Params, t: Flawed) -> None:
    derivations.prove(derivations.derivation(q.chain))


@family.law
def torch_agrees(q: Params, t: Flawed) -> None:
    chain = derivations.derivation(q.chain)
    oracles.puzzles.flawed(t, chain, derivations.model(chain, q.number))


@family.effort
def effort(q: Params, t: Flawed) -> int:
    return 4 * len(t.lines)
