"""Whether the answer to a claim is beyond doubt: every gate must pass, on fresh seeds, or it is not asked.

- *sign*: paired seeds agree; the one-sided 95 % Clopper-Pearson bound of their share is at least 0.90 (32 of 32 give
  0.911); ties count as failures.
- *size*: the end of the 95 % interval that is nearest to no effect is at least the metric's ``least``.
- *many*: the sign test holds after Bonferroni's correction for all claims of the experiment.
- *nuisance*: with learning rate, steps, width and data moved, all probed seeds give the same answer; and there is
  a probe.
- *finite*: every number is finite, and positive where ratios are compared.
- *equivalence* and *unsigned*, in place of the first three where the answer is "the same": the mean effect lies within
  the margin by two one-sided t tests, and a two-sided sign test shows nothing, both after Bonferroni's correction: a
  small change that most runs show is a reliable one.

Nothing here is random and nothing trains: ``quizgen train --recheck cheap`` decides again from the numbers of a record.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, log10
from statistics import fmean

import msgspec

from solvers.training.experiment import Change, Claim, Closest, Events, Metric, Order
from solvers.training.statistics import agreement_bound, at_least, equivalent, interval

BOUND = 0.90
"""What the bound of the share of agreeing seeds must reach."""
ALPHA = 0.05

Values = Mapping[str, Mapping[str, Sequence[float]]]
"""Arm to metric to one number a seed."""


class Effect(msgspec.Struct, frozen=True, array_like=True):
    """The difference of two arms, or of a value and its bounds, over n seeds of which k agree with the mean."""

    high: str
    low: str
    mean: float
    ci: tuple[float, float]
    k: int
    n: int

    @property
    def bound(self) -> float:
        """What the share of agreeing seeds is at least, with 95 % confidence."""
        return agreement_bound(self.k, self.n)


@dataclass(frozen=True)
class Compared:
    """The effects of two arms, or the values of one, seed by seed, and in which of them the answer holds."""

    high: str
    low: str
    values: Sequence[float]
    agree: Sequence[bool]


@dataclass(frozen=True)
class Decision:
    """The answer to a claim, the effects it rests on, and which gates it passed."""

    answer: tuple[str, ...]
    effects: tuple[Effect, ...]
    gates: Mapping[str, bool]
    why: str = ""
    """Which gates it failed, in words."""

    @property
    def accepted(self) -> bool:
        """Whether it may be asked."""
        return all(self.gates.values())


def decide(claim: Claim, metric: Metric, values: Values, probes: Mapping[str, Values], candidates: int) -> Decision:
    """The answer to a claim and its gates; ``candidates`` is how many claims the experiment looks at in all."""
    fits = _positive if metric.scale == "ratio" else isfinite
    unfit = [
        name
        for name, of in {"the setting": values, **probes}.items()
        if not all(fits(value) for found in of.values() for value in found.get(claim.metric, ()))
    ]
    if unfit:
        why = f"finite: not every {claim.metric} is a number that can be compared ({', '.join(unfit)})"
        return Decision((), (), {"finite": False}, why)
    answer = _answer(claim, metric, values)
    effects = tuple(map(_effect, compared(claim, metric, values, answer)))
    failed = [] if effects else ["sign: nothing is compared"]
    failed += [] if probes else ["nuisance: there is no probe"]
    if answer == ("same",):
        assert isinstance(claim, Change)
        names: tuple[str, ...] = ("unsigned", "equivalence")
        failed += _different(claim, metric, values, candidates)
    else:
        names = ("sign", "size", "many")
        failed += [why for effect in effects for why in _doubts(claim, metric, effect, candidates)]
    moved = [name for name, probe in probes.items() if not _holds(claim, metric, probe, answer)]
    failed += [f"nuisance: another answer with {', '.join(moved)}"] if moved else []
    wrong = {why.partition(":")[0] for why in failed}
    gates = {name: name not in wrong for name in ("finite", *names, "nuisance")}
    return Decision(answer, effects, gates, "; ".join(failed))


def pairs(claim: Claim) -> Iterator[tuple[str, str]]:
    """What a claim compares: its metric and each of its arms."""
    match claim:
        case Order() | Events():
            yield from ((claim.metric, arm) for arm in claim.arms)
        case Change():
            yield from ((claim.metric, arm) for arm in (claim.before, claim.after))
        case Closest():
            yield claim.metric, claim.arm


def _doubts(claim: Claim, metric: Metric, effect: Effect, candidates: int) -> list[str]:
    """Which gates an effect fails, in words."""
    what = f"{effect.high} > {effect.low}" if effect.low else effect.high
    found = []
    if effect.bound < BOUND:
        found.append(f"sign: {what} in {effect.k} of {effect.n} runs (bound {effect.bound:.2f}, needed {BOUND:.2f})")
    if not _is_large(claim, metric, effect):
        found.append(f"size: {what} is {effect.mean:.3g}, 95 % interval {effect.ci[0]:.3g} to {effect.ci[1]:.3g}")
    if at_least(effect.k, effect.n, 0.5) > ALPHA / candidates:
        found.append(f"many: {what} in {effect.k} of {effect.n} runs is too little evidence among {candidates} claims")
    return found


def _different(claim: Change, metric: Metric, values: Values, candidates: int) -> list[str]:
    """Why two arms cannot be called the same, in words."""
    found = differences(metric, values[claim.after][claim.metric], values[claim.before][claim.metric])
    failed = []
    k = max(sum(value > 0 for value in found), sum(value < 0 for value in found))
    if agreement_bound(len(found), len(found)) < BOUND:
        failed.append(f"unsigned: {len(found)} runs are too few to show a sign, had there been one")
    elif 2 * at_least(k, len(found), 0.5) <= ALPHA / candidates:
        failed.append(f"unsigned: small, but of one sign in {k} of {len(found)} runs")
    if not equivalent(found, margin(metric, claim), ALPHA / candidates):
        failed.append(
            f"equivalence: a mean of {fmean(found):.3g} is not surely within {margin(metric, claim):.3g} of 0"
        )
    return failed


def differences(metric: Metric, a: Sequence[float], b: Sequence[float]) -> list[float]:
    """The effects, seed by seed: a - b, or log10(a / b)."""
    if metric.scale == "ratio":
        return [log10(x) - log10(y) for x, y in zip(a, b, strict=True)]
    return [x - y for x, y in zip(a, b, strict=True)]


def least(metric: Metric) -> float:
    """The smallest effect that counts, on the scale of the effects."""
    return log10(metric.least) if metric.scale == "ratio" else metric.least


def margin(metric: Metric, claim: Change) -> float:
    """Within what an effect counts as none, on the scale of the effects."""
    return log10(claim.margin or 1) if metric.scale == "ratio" else claim.margin


def nearest(value: float, options: Sequence[float]) -> int:
    """The place of the option that is closest to a value."""
    return min(range(len(options)), key=lambda place: abs(options[place] - value))


def _positive(value: float) -> bool:
    return isfinite(value) and value > 0


def _answer(claim: Claim, metric: Metric, values: Values) -> tuple[str, ...]:
    match claim:
        case Order():
            means = {arm: _centre(metric, values[arm][claim.metric]) for arm in claim.arms}
            return tuple(sorted(claim.arms, key=lambda arm: -means[arm]))
        case Change():
            found = differences(metric, values[claim.after][claim.metric], values[claim.before][claim.metric])
            if abs(fmean(found)) < margin(metric, claim):
                return ("same",)
            return ("rises",) if fmean(found) > 0 else ("falls",)
        case Events():
            return tuple(arm for arm in claim.arms if _usual(claim, values[arm][claim.metric]))
        case Closest():
            return (str(nearest(fmean(values[claim.arm][claim.metric]), claim.options)),)


def _centre(metric: Metric, values: Sequence[float]) -> float:
    """The mean on the scale of the effects, whose differences are the mean effects."""
    return fmean(map(log10, values)) if metric.scale == "ratio" else fmean(values)


def _usual(claim: Events, values: Sequence[float]) -> bool:
    """Whether it happens in more than half of the runs."""
    return 2 * sum(value > claim.above for value in values) > len(values)


def compared(claim: Claim, metric: Metric, values: Values, answer: tuple[str, ...]) -> list[Compared]:
    """What an answer rests on, seed by seed: the neighbours of an order, the two arms of a change, or each arm."""
    match claim:
        case Order():
            return [_paired(metric, claim.metric, values, high, low) for high, low in pairwise(answer)]
        case Change():
            high, low = (claim.before, claim.after) if answer == ("falls",) else (claim.after, claim.before)
            return [_paired(metric, claim.metric, values, high, low)]
        case Events():
            found = {arm: values[arm][claim.metric] for arm in claim.arms}
            return [
                Compared(arm, "", numbers, [(value > claim.above) == (arm in answer) for value in numbers])
                for arm, numbers in found.items()
            ]
        case Closest():
            numbers = values[claim.arm][claim.metric]
            agree = [str(nearest(value, claim.options)) == answer[0] for value in numbers]
            return [Compared(claim.arm, "", numbers, agree)]


def _paired(metric: Metric, name: str, values: Values, high: str, low: str) -> Compared:
    found = differences(metric, values[high][name], values[low][name])
    return Compared(high, low, found, [value > 0 for value in found])


def _effect(found: Compared) -> Effect:
    k, n = sum(found.agree), len(found.agree)
    return Effect(found.high, found.low, fmean(found.values), interval(found.values), k, n)


def _is_large(claim: Claim, metric: Metric, effect: Effect) -> bool:
    """Whether even the unfavourable end of the interval is far enough from no effect, or from the next option."""
    low, high = effect.ci
    match claim:
        case Events():
            return low - claim.above >= least(metric) or claim.above - high >= least(metric)
        case Closest():
            place = nearest(effect.mean, claim.options)
            return all(nearest(end, claim.options) == place for end in effect.ci)
    return low >= least(metric)


def _holds(claim: Claim, metric: Metric, probe: Values, answer: tuple[str, ...]) -> bool:
    """Whether every seed of a probe gives this answer; "the same" takes an equivalence test there too."""
    if answer == ("same",):
        assert isinstance(claim, Change)
        found = differences(metric, probe[claim.after][claim.metric], probe[claim.before][claim.metric])
        return equivalent(found, margin(metric, claim), ALPHA)
    return all(all(found.agree) for found in compared(claim, metric, probe, answer))
