"""Whether a quantity rises, falls or stays the same when one thing is changed in training.

The experiments stand in ``solvers/training/experiments``, what they gave in ``banks/results``. "The same" is an answer
only where a test of equivalence says so, never where a difference was not found.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, traced
from solvers import oracles
from solvers.training import questions
from solvers.training.questions import Moved

family = Family(
    level=2,
    version=1,
    facet="experiment",
    minutes=2,
    answers={"change": answer.Choice("right", options=traced("options"), ordered=True)},
)


@family.parameters
class Params(Parameters):
    experiment: str = choice(*questions.experiments("change"), radical=True)
    setting: int = choice(lambda q: questions.settings("change", q.experiment))
    claim: str = choice(lambda q: questions.claims("change", q.experiment, q.setting))


@family.solve
def solve(q: Params) -> Moved:
    return questions.moved(q.experiment, q.setting, q.claim)


@family.mistakes
def mistakes(q: Params, t: Moved) -> Mapping[str, str]:
    """The other options."""
    return {f"says_{option}": option for option in t.options if option != t.right}


@family.law
def the_runs_say_so(q: Params, t: Moved) -> None:
    oracles.training.moved(t, q.experiment, q.claim)


@family.effort
def effort(q: Params, t: Moved) -> int:
    return 8
