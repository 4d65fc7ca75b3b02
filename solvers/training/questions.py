"""What can be asked of records: traces for the families of ``banks/empirical``. Nothing is trained here.

A question is told by an experiment, the number of a setting, and a claim that was accepted there. Numbers are shown
with the digits of their metric; where arms are compared by ratios, with three that count, and means are geometric.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from itertools import pairwise
from math import factorial, log10
from statistics import fmean
from typing import Any, TypeAlias

from solvers.training import records
from solvers.training.gates import nearest
from solvers.training.records import Effect, Outcome, Plot, Record

Exact: TypeAlias = int | str | bool | Decimal
Runs: TypeAlias = tuple[Decimal, Decimal, Decimal]
"""What the runs of an arm gave: the mean, the lowest, the highest."""
Pair: TypeAlias = tuple[str, str, Decimal, Decimal, Decimal, int]
"""Two arms, by how much the first is above the second with its 95 % interval, and in how many runs it is."""
Point: TypeAlias = tuple[Decimal, Decimal, Decimal, Decimal]
"""Of a curve: x, the quantile of 10 %, the median, the quantile of 90 %."""

LETTERS = "ABCDEF"
GAP = 0.05
"""Share of the axis by which curves must end apart, so that an eye tells which is higher."""
DECADES = 50
"""Ratio of the largest value to the smallest from which on an axis is logarithmic."""
COUNTING = Context(prec=3, rounding=ROUND_HALF_UP)
"""Digits that count of what is compared by ratios."""
SHOWN = 4
"""So many of the options of a claim are shown, if it has as many."""
WAYS = ("rises", "falls", "same")


@dataclass(frozen=True)
class Shown:
    """What every question shows: the setting, the claim's answer, and what its ``seeds`` runs an arm gave."""

    record: str  # the beginning of its key
    setting: Mapping[str, Exact]
    metric: str
    is_ratio: bool
    seeds: int
    runs: Mapping[str, Runs]
    answer: tuple[str, ...]
    believed: tuple[str, ...]  # what folklore says, if it says something


@dataclass(frozen=True)
class Ranked(Shown):
    """Arms from the highest metric to the lowest; ``pairs`` are neighbours."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Moved(Shown):
    """Whether a metric rises, falls or stays the same from one arm to another; ``pair`` is in the order of the effect.

    A mean change of less than ``margin``, a difference or a ratio, counts as none.
    """

    before: str
    after: str
    options: tuple[str, ...]
    right: str
    pair: Pair
    margin: Decimal


@dataclass(frozen=True)
class Ticked(Shown):
    """In which arms a metric ends ``above`` a bound; ``counts`` of the runs of each arm do."""

    arms: tuple[str, ...]
    above: Decimal
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Guessed(Shown):
    """Which option a metric is closest to; ``interval`` is that of its mean, ``agree`` of the runs choose the same.

    Options are named by their places among those of the claim, from ``o1``; some of them are shown.
    """

    arm: str
    options: tuple[str, ...]
    values: Mapping[str, Decimal]
    right: str
    interval: tuple[Decimal, Decimal]
    agree: int


@dataclass(frozen=True)
class Plotted(Shown):
    """Curves under letters, and the arm that each belongs to; ``halfway`` are medians about the middle of the axis."""

    curves: Mapping[str, tuple[Point, ...]]
    halfway: Mapping[str, Decimal]
    pairs: tuple[tuple[str, str], ...]
    is_logarithmic: bool


# Which questions there are.


@cache
def cases(kind: str) -> Mapping[str, Mapping[int, tuple[str, ...]]]:
    """Experiment to number of the setting to the claims that may be asked, for one kind of claim, or for ``plot``."""
    found: dict[str, dict[int, tuple[str, ...]]] = {}
    for experiment, settings in records.accepted().items():
        for number, record in settings.items():
            names = tuple(name for name, outcome in record.claims.items() if _is_askable(kind, record, outcome))
            if names:
                found.setdefault(experiment, {})[number] = names
    return found


def experiments(kind: str) -> tuple[str, ...]:
    """The experiments of which this kind of question can be asked."""
    return tuple(sorted(cases(kind)))


def settings(kind: str, experiment: str) -> tuple[int, ...]:
    """The numbers of the settings of an experiment."""
    return tuple(sorted(cases(kind)[experiment]))


def claims(kind: str, experiment: str, setting: int) -> tuple[str, ...]:
    """The claims of a setting."""
    return cases(kind)[experiment][setting]


def _is_askable(kind: str, record: Record, outcome: Outcome) -> bool:
    if outcome.status != "accepted":
        return False
    if kind == "plot":
        plot = record.plots.get(outcome.claim["metric"])
        return outcome.kind == "order" and plot is not None and _can_be_told_apart(plot, outcome.answer)
    return outcome.kind == kind and (kind != "events" or len(outcome.answer) > 0)


# Traces.


@cache
def ranked(experiment: str, setting: int, claim: str) -> Ranked:
    """The arms of an order."""
    record, outcome = _found(experiment, setting, claim)
    pairs = tuple(_pair(effect, outcome, record) for effect in outcome.effects)
    return Ranked(**_shown(record, outcome, outcome.answer), pairs=pairs)


@cache
def moved(experiment: str, setting: int, claim: str) -> Moved:
    """A change from one arm to another."""
    record, outcome = _found(experiment, setting, claim)
    before, after = outcome.claim["before"], outcome.claim["after"]
    (right,) = outcome.answer
    margin = outcome.claim.get("margin") or record.metric(outcome.claim["metric"]).least
    return Moved(
        **_shown(record, outcome, (before, after)),
        before=before,
        after=after,
        options=WAYS,
        right=right,
        pair=_pair(outcome.effects[0], outcome, record),
        margin=decimal(margin),
    )


@cache
def ticked(experiment: str, setting: int, claim: str) -> Ticked:
    """The arms in which something happens."""
    record, outcome = _found(experiment, setting, claim)
    arms, above, metric = tuple(outcome.claim["arms"]), outcome.claim["above"], outcome.claim["metric"]
    counts = {arm: sum(value > above for value in record.values[arm][metric]) for arm in arms}
    return Ticked(**_shown(record, outcome, arms), arms=arms, above=decimal(above), counts=counts)


@cache
def guessed(experiment: str, setting: int, claim: str, below: int) -> Guessed:
    """The option that is closest to a value, among some of which so many are ``below`` it."""
    record, outcome = _found(experiment, setting, claim)
    arm, effect = outcome.claim["arm"], outcome.effects[0]
    values = {f"o{place + 1}": decimal(outcome.claim["options"][place]) for place in _options(outcome, below)}
    low, high = (_rounded(end, outcome, record) for end in effect.ci)
    return Guessed(
        **_shown(record, outcome, (arm,)),
        arm=arm,
        options=tuple(values),
        values=values,
        right=f"o{int(outcome.answer[0]) + 1}",
        interval=(low, high),
        agree=effect.k,
    )


def ranks(experiment: str, setting: int, claim: str) -> tuple[int, ...]:
    """How many of the options that are shown may be below the right one: it must not stand at one place always."""
    _, outcome = _found(experiment, setting, claim)
    count = len(outcome.claim["options"])
    shown = min(SHOWN, count)
    right, *believed = map(int, (*outcome.answer, *outcome.put.believed))
    least = max(0, shown - (count - right), *(1 for place in believed if place < right))
    most = min(shown - 1, right, *(shown - 2 for place in believed if place > right))
    return tuple(range(least, most + 1))


def _options(outcome: Outcome, below: int) -> list[int]:
    """The places of the options that are shown: the nearest on either side, and what is believed."""
    count = len(outcome.claim["options"])
    right, *believed = map(int, (*outcome.answer, *outcome.put.believed))
    low, high = right - below, right - below + min(SHOWN, count) - 1
    shown = [*range(low, high + 1)]
    for place in believed:
        if place < low:
            shown[0] = place
        if place > high:
            shown[-1] = place
    return shown


def plotted(experiment: str, setting: int, claim: str, order: int) -> Plotted:
    """The curves of the arms of an order, under letters; ``order`` is the number of their permutation."""
    record, outcome = _found(experiment, setting, claim)
    plot = record.plots[outcome.claim["metric"]]
    arms = permuted(outcome.answer, order)
    curves = {letter: _points(plot, arm) for letter, arm in zip(LETTERS, arms, strict=False)}
    middle = nearest((plot.x[0] + plot.x[-1]) / 2, plot.x)
    return Plotted(
        **_shown(record, outcome, outcome.answer),
        curves=curves,
        halfway={letter: points[middle][2] for letter, points in curves.items()},
        pairs=tuple(zip(LETTERS, arms, strict=False)),
        is_logarithmic=_is_logarithmic(plot, outcome.answer),
    )


def permuted(things: Sequence[str], number: int) -> tuple[str, ...]:
    """The permutation of some things that has this number."""
    left, found = list(things), []
    for size in range(len(left), 0, -1):
        number, place = divmod(number, size)
        found.append(left.pop(place))
    return tuple(found)


def decimal(value: float) -> Decimal:
    """A number of a setting or a claim, as it is written: 0.003."""
    return Decimal(str(value))


def _found(experiment: str, setting: int, claim: str) -> tuple[Record, Outcome]:
    record = records.accepted()[experiment][setting]
    return record, record.claims[claim]


def _shown(record: Record, outcome: Outcome, arms: Sequence[str]) -> dict[str, Any]:
    """The fields of ``Shown``, for these arms."""
    metric = outcome.claim["metric"]
    setting = {
        name: decimal(value) if isinstance(value, float) else value for name, value in record.recipe.setting.items()
    }
    return {
        "record": record.key[:16],
        "setting": setting,
        "metric": metric,
        "is_ratio": _is_ratio(outcome, record),
        "seeds": record.recipe.seeds[1],
        "runs": {arm: _runs(record.values[arm][metric], outcome, record) for arm in arms},
        "answer": outcome.answer,
        "believed": outcome.put.believed,
    }


def _is_ratio(outcome: Outcome, record: Record) -> bool:
    return bool(record.metrics[outcome.claim["metric"]]["scale"] == "ratio")


def _runs(values: Sequence[float], outcome: Outcome, record: Record) -> Runs:
    middle = 10 ** fmean(map(log10, values)) if _is_ratio(outcome, record) else _mean(values)
    mean, low, high = (_rounded(value, outcome, record) for value in (middle, min(values), max(values)))
    return mean, low, high


def _mean(values: Sequence[float]) -> Decimal:
    """The mean of numbers as they are written, so that halves are told from what is nearly one."""
    return sum(map(decimal, values), Decimal(0)) / len(values)


def _pair(effect: Effect, outcome: Outcome, record: Record) -> Pair:
    high, low = (record.values[arm][outcome.claim["metric"]] for arm in (effect.high, effect.low))
    mean = 10**effect.mean if _is_ratio(outcome, record) else _mean(high) - _mean(low)
    ends = [10**end if _is_ratio(outcome, record) else end for end in effect.ci]
    middle, below, above = (_rounded(value, outcome, record) for value in (mean, *ends))
    return effect.high, effect.low, middle, below, above, effect.k


def _rounded(value: float | Decimal, outcome: Outcome, record: Record) -> Decimal:
    """A number with the digits of its metric, or three that count where arms are compared by ratios; halves go up."""
    exact = Decimal(str(value))
    if _is_ratio(outcome, record):
        return COUNTING.plus(exact)
    found = exact.quantize(Decimal(1).scaleb(-record.metric(outcome.claim["metric"]).digits), ROUND_HALF_UP)
    return found or abs(found)  # no -0


# Plots.


def _points(plot: Plot, arm: str) -> tuple[Point, ...]:
    band = plot.arms[arm]
    return tuple(
        (decimal(x), decimal(low), decimal(middle), decimal(high))
        for x, low, middle, high in zip(plot.x, band.low, band.middle, band.high, strict=True)
    )


def _is_logarithmic(plot: Plot, arms: Sequence[str]) -> bool:
    values = [value for arm in arms for value in (*plot.arms[arm].low, *plot.arms[arm].high)]
    return min(values) > 0 and max(values) > DECADES * min(values)


def _can_be_told_apart(plot: Plot, arms: Sequence[str]) -> bool:
    """Whether there is a curve for each arm, and all end apart."""
    if not plot.arms.keys() >= set(arms) or len(arms) > len(LETTERS):
        return False
    is_logarithmic = _is_logarithmic(plot, arms)

    def height(value: float) -> float:
        return log10(value) if is_logarithmic else value

    bands = [plot.arms[arm] for arm in arms]
    heights = [height(value) for band in bands for value in (*band.low, *band.high)]
    ends = sorted(height(band.middle[-1]) for band in bands)
    return all(b - a >= GAP * (max(heights) - min(heights)) for a, b in pairwise(ends))


def orders(experiment: str, setting: int, claim: str) -> int:
    """How many ways there are to put letters to the arms of a plot."""
    _, outcome = _found(experiment, setting, claim)
    return factorial(len(outcome.answer))
