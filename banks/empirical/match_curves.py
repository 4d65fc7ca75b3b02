"""Which curve of a plot belongs to which configuration.

The experiments stand in ``solvers/training/experiments``, what they gave in ``banks/results``. The curves are medians
over runs, with the band in which eight of ten runs lie.
"""

from collections.abc import Mapping
from itertools import combinations

from quizgen.family import Family, Parameters, answer, choice, figures, ints
from solvers import oracles
from solvers.training import questions
from solvers.training.questions import Plotted

family = Family(level=2, version=1, facet="experiment", minutes=3, answers={"curves": answer.Matching("pairs")})


@family.parameters
class Params(Parameters):
    experiment: str = choice(*questions.experiments("plot"), radical=True)
    setting: int = choice(lambda q: questions.settings("plot", q.experiment))
    claim: str = choice(lambda q: questions.claims("plot", q.experiment, q.setting))
    order: int = ints(0, lambda q: questions.orders(q.experiment, q.setting, q.claim) - 1)  # of the letters


@family.solve
def solve(q: Params) -> Plotted:
    return questions.plotted(q.experiment, q.setting, q.claim, q.order)


@family.mistakes
def mistakes(q: Params, t: Plotted) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Two curves exchanged."""
    found = {}
    for (one, arm), (other, wrong) in combinations(t.pairs, 2):
        exchange = {one: wrong, other: arm}
        found[f"exchanges_{one}_{other}"] = tuple((letter, exchange.get(letter, its)) for letter, its in t.pairs)
    return found


@family.figure
def plot(q: Params, t: Plotted) -> figures.Figure:
    """The curves, their spread shaded."""
    curves = [
        {
            "label": letter,
            "points": [(x, middle) for x, _, middle, _ in points],
            "band": [(x, low, high) for x, low, _, high in points],
        }
        for letter, points in t.curves.items()
    ]
    return figures.load({"kind": "curves", "curves": curves, "x": "", "y": "", "decades": t.is_logarithmic})


@family.law
def the_runs_say_so(q: Params, t: Plotted) -> None:
    oracles.training.plotted(t, q.experiment, q.claim)


@family.effort
def effort(q: Params, t: Plotted) -> int:
    return 5 * len(t.pairs)
