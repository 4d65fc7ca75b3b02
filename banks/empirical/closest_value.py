"""Which of some values a trained quantity comes closest to.

The experiments stand in ``solvers/training/experiments``, what they gave in ``banks/results``. The options lie so far
apart that nearly every single run chooses the same.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, traced
from solvers import oracles
from solvers.training import questions
from solvers.training.questions import Guessed

family = Family(
    level=2,
    version=2,
    facet="experiment",
    minutes=3,
    answers={"value": answer.Choice("right", options=traced("options"), ordered=True)},
)


@family.parameters
class Params(Parameters):
    experiment: str = choice(*questions.experiments("closest"), radical=True)
    setting: int = choice(lambda q: questions.settings("closest", q.experiment))
    claim: str = choice(lambda q: questions.claims("closest", q.experiment, q.setting))
    below: int = choice(lambda q: questions.ranks(q.experiment, q.setting, q.claim))


@family.solve
def solve(q: Params) -> Guessed:
    return questions.guessed(q.experiment, q.setting, q.claim, q.below)


@family.mistakes
def mistakes(q: Params, t: Guessed) -> Mapping[str, str]:
    """The other options."""
    return {f"says_{option}": option for option in t.options if option != t.right}


@family.law
def the_runs_say_so(q: Params, t: Guessed) -> None:
    oracles.training.guessed(t, q.experiment, q.claim, q.below)


@family.effort
def effort(q: Params, t: Guessed) -> int:
    return 12
