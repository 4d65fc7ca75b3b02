"""In which configurations something happens, such as divergence: in nearly every run, or in nearly none.

The experiments stand in ``solvers/training/experiments``, what they gave in ``banks/results``.
"""

from collections.abc import Mapping

from quizgen.family import Family, Parameters, answer, choice, traced
from solvers import oracles
from solvers.training import questions
from solvers.training.questions import Ticked

family = Family(
    level=2,
    version=1,
    facet="experiment",
    minutes=3,
    answers={"arms": answer.Multiple("answer", options=traced("arms"))},
)


@family.parameters
class Params(Parameters):
    experiment: str = choice(*questions.experiments("events"), radical=True)
    setting: int = choice(lambda q: questions.settings("events", q.experiment))
    claim: str = choice(lambda q: questions.claims("events", q.experiment, q.setting))


@family.solve
def solve(q: Params) -> Ticked:
    return questions.ticked(q.experiment, q.setting, q.claim)


@family.mistakes
def mistakes(q: Params, t: Ticked) -> Mapping[str, tuple[str, ...]]:
    """What is commonly believed, and one arm too few or too many."""
    omitted = {f"omits_{arm}": tuple(other for other in t.answer if other != arm) for arm in t.answer}
    added = {
        f"adds_{arm}": tuple(other for other in t.arms if other == arm or other in t.answer)
        for arm in t.arms
        if arm not in t.answer
    }
    believed = {"folklore": t.believed} if t.believed else {}
    return {name: arms for name, arms in (believed | omitted | added).items() if arms}


@family.law
def the_runs_say_so(q: Params, t: Ticked) -> None:
    oracles.training.ticked(t, q.experiment, q.claim)


@family.effort
def effort(q: Params, t: Ticked) -> int:
    return 4 * len(t.arms)
