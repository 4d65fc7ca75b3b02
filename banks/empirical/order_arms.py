"""Which configuration ends highest, and which lowest: trained, not told.

The experiments stand in ``solvers/training/experiments``, what they gave in ``banks/results``. Only orders are asked
that every gate of ``solvers/training/gates.py`` let pass.
"""

from collections.abc import Mapping
from itertools import pairwise

from quizgen.family import Family, Parameters, answer, choice
from solvers import oracles
from solvers.training import questions
from solvers.training.questions import Ranked

family = Family(level=2, version=1, facet="experiment", minutes=3, answers={"order": answer.Ordering("answer")})


@family.parameters
class Params(Parameters):
    experiment: str = choice(*questions.experiments("order"), radical=True)
    setting: int = choice(lambda q: questions.settings("order", q.experiment))
    claim: str = choice(lambda q: questions.claims("order", q.experiment, q.setting))


@family.solve
def solve(q: Params) -> Ranked:
    return questions.ranked(q.experiment, q.setting, q.claim)


@family.mistakes
def mistakes(q: Params, t: Ranked) -> Mapping[str, tuple[str, ...]]:
    """What is commonly believed, and two neighbours exchanged."""
    exchanged = {f"exchanges_{high}_{low}": swapped(t.answer, high, low) for high, low in pairwise(t.answer)}
    return ({"folklore": t.believed} if t.believed else {}) | exchanged


def swapped(order: tuple[str, ...], one: str, other: str) -> tuple[str, ...]:
    """An order with two arms in each other's place."""
    return tuple({one: other, other: one}.get(arm, arm) for arm in order)


@family.law
def the_runs_say_so(q: Params, t: Ranked) -> None:
    oracles.training.ranked(t, q.experiment, q.claim)


@family.effort
def effort(q: Params, t: Ranked) -> int:
    return 4 * len(t.answer)
