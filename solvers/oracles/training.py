"""Questions about records, read back: the file is read anew, and scipy decides what its numbers say.

Each function takes a trace of ``solvers.training.questions`` and raises AssertionError if it shows anything that the
runs of the record do not say. The gates are held to by other routes: the bound of Clopper and Pearson by
``scipy.stats.binomtest``, intervals by ``scipy.stats.t``, equivalence by two one-sided tests.
"""

import hashlib
import json
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

BOUND = 0.9
LETTERS = "ABCDEF"


class Read:
    """The record that a trace names, and one claim of it."""

    def __init__(self, t: Any, experiment: str, claim: str) -> None:
        self.data = _file(experiment, t.record)
        self.outcome = self.data["claims"][claim]
        self.claim = {"believed": [], "margin": 0.0, **self.outcome["claim"]}
        self.metric = self.data["metrics"][self.claim["metric"]]
        self.is_ratio = self.metric["scale"] == "ratio"
        assert self.outcome["status"] == "accepted"
        assert {"finite", "nuisance"} < set(self.outcome["passed"])
        assert "failed" not in self.outcome
        recipe = self.data["recipe"]
        assert recipe["experiment"] == experiment
        assert (t.metric, t.is_ratio, t.seeds) == (self.claim["metric"], self.is_ratio, recipe["seeds"][1])
        assert {name: _plain(value) for name, value in t.setting.items()} == recipe["setting"]
        assert (t.answer, t.believed) == (tuple(self.outcome["answer"]), tuple(self.claim["believed"]))
        for arm, shown in t.runs.items():
            values = self.values(arm)
            ends = (np.min(values), np.max(values))
            assert self._all_agree(shown[1:], ends)
            assert all(_is_nearest(end, _exact(value)) for end, value in zip(shown[1:], ends, strict=True))
            if self.is_ratio:
                assert self._all_agree(shown[:1], (stats.gmean(values),))
            else:
                assert _is_nearest(shown[0], mean(values))

    def values(self, arm: str) -> Any:
        """One number a seed."""
        found = np.array(numbers(self.data["values"][arm][self.claim["metric"]]))
        assert len(found) == self.data["recipe"]["seeds"][1]
        assert np.isfinite(found).all()
        return found

    def effects(self, high: str, low: str) -> Any:
        """By how much one arm is above another, seed by seed, on the scale on which they are compared."""
        a, b = self.values(high), self.values(low)
        return np.log10(a / b) if self.is_ratio else a - b

    def least(self, size: float) -> float:
        """A size of effects on that scale."""
        return float(np.log10(size)) if self.is_ratio else size

    def pair(self, t: Any, shown: Any) -> None:
        """A pair of arms is as it is shown."""
        high, low, middle, *numbers, agree = shown
        assert {high, low} <= set(t.runs)
        effects = self.effects(high, low)
        ends = np.array(interval(effects))
        assert agree == np.sum(effects > 0)
        assert self._all_agree(tuple(numbers), tuple(10**ends if self.is_ratio else ends))
        if self.is_ratio:
            assert self._all_agree((middle,), (10 ** effects.mean(),))
        else:
            assert _is_nearest(middle, mean(self.values(high)) - mean(self.values(low)))

    def is_beyond_doubt(self, effects: Any) -> None:
        """Nearly all seeds agree, and the interval ends far enough from no effect."""
        share(int(np.sum(effects > 0)), len(effects))
        assert interval(effects)[0] >= self.least(self.metric["least"])

    def _all_agree(self, shown: Any, values: Any) -> bool:
        digits = None if self.is_ratio else self.metric["digits"]
        return all(_is_rounded(number, float(value), digits) for number, value in zip(shown, values, strict=True))


def ranked(t: Any, experiment: str, claim: str) -> None:
    """The arms stand in the order of their means, and every neighbouring pair is told apart by nearly every seed."""
    read = Read(t, experiment, claim)
    mean = {arm: np.mean(np.log(read.values(arm)) if read.is_ratio else read.values(arm)) for arm in t.runs}
    assert set(t.answer) == set(read.claim["arms"]) == set(t.runs)
    assert tuple(sorted(mean, key=lambda arm: -float(mean[arm]))) == t.answer
    assert [pair[:2] for pair in t.pairs] == list(zip(t.answer, t.answer[1:], strict=False))
    for pair in t.pairs:
        read.pair(t, pair)
        read.is_beyond_doubt(read.effects(*pair[:2]))


def moved(t: Any, experiment: str, claim: str) -> None:
    """The change has the sign that is shown in nearly every run and is as large as the margin; or it is within."""
    read = Read(t, experiment, claim)
    assert (t.before, t.after) == (read.claim["before"], read.claim["after"])
    assert (t.options, t.answer) == (("rises", "falls", "same"), (t.right,))
    assert set(t.runs) == {t.before, t.after}
    read.pair(t, t.pair)
    effects = read.effects(t.after, t.before)
    least = read.claim["margin"] or read.metric["least"]
    margin = read.least(least)
    assert _plain(t.margin) == least
    if t.right == "same":
        error = 0.05 / read.data["candidates"]
        below = stats.ttest_1samp(effects, margin, alternative="less").pvalue
        above = stats.ttest_1samp(effects, -margin, alternative="greater").pvalue
        assert max(below, above) <= error
        agreeing = max(np.sum(effects > 0), np.sum(effects < 0))
        assert 2 * stats.binomtest(int(agreeing), len(effects), alternative="greater").pvalue > error
        assert t.pair[:2] == (t.after, t.before)
    else:
        assert abs(effects.mean()) >= margin
        read.is_beyond_doubt(effects if t.right == "rises" else -effects)
        assert t.pair[:2] == ((t.after, t.before) if t.right == "rises" else (t.before, t.after))


def ticked(t: Any, experiment: str, claim: str) -> None:
    """Of every arm, nearly all runs end above the bound, or nearly none."""
    read = Read(t, experiment, claim)
    assert _plain(t.above) == read.claim["above"]
    assert t.arms == tuple(read.claim["arms"])
    assert set(t.runs) == set(t.arms) == set(t.counts)
    for arm in t.arms:
        count = int(np.sum(read.values(arm) > read.claim["above"]))
        assert t.counts[arm] == count
        share(count if arm in t.answer else t.seeds - count, t.seeds)
    assert set(t.answer) <= set(t.arms)
    assert list(t.answer) == [arm for arm in t.arms if arm in t.answer]


def guessed(t: Any, experiment: str, claim: str, below: int) -> None:
    """The option is the one closest to the mean, to both ends of its interval, and to nearly every run."""
    read = Read(t, experiment, claim)
    options = np.array(read.claim["options"])
    shown = [int(name.removeprefix("o")) - 1 for name in t.options]
    assert t.options == tuple(t.values) == tuple(f"o{place + 1}" for place in shown)
    assert [_plain(value) for value in t.values.values()] == [options[place] for place in shown]
    assert shown == sorted(set(shown))
    assert len(shown) == min(4, len(options))
    assert {int(place) for place in read.claim["believed"]} <= set(shown)
    assert t.options.index(t.right) == below
    assert t.arm == read.claim["arm"]
    assert set(t.runs) == {t.arm}
    values = read.values(t.arm)
    chosen = np.abs(values[:, None] - options).argmin(1)
    place = shown[t.options.index(t.right)]
    ends = interval(values)
    assert t.agree == np.sum(chosen == place)
    assert set(np.abs(np.array(ends)[:, None] - options).argmin(1)) == {place}
    assert t.answer == (str(place),)
    assert read._all_agree(t.interval, ends)
    share(t.agree, t.seeds)


def plotted(t: Any, experiment: str, claim: str) -> None:
    """Each letter's curve is that of its arm, and the curves end in the order of the claim."""
    read = Read(t, experiment, claim)
    plot = read.data["plots"][read.claim["metric"]]
    assert "".join(letter for letter, _ in t.pairs) == LETTERS[: len(t.pairs)] == "".join(t.curves)
    assert {arm for _, arm in t.pairs} == set(t.answer) == set(read.claim["arms"]) == set(t.runs)
    for letter, arm in t.pairs:
        band = plot["arms"][arm]
        columns = list(zip(*map(numbers, (plot["x"], band["low"], band["middle"], band["high"])), strict=True))
        assert [tuple(map(_plain, point)) for point in t.curves[letter]] == columns
        x = np.array([column[0] for column in columns])
        assert _plain(t.halfway[letter]) == columns[np.abs(x - (x[0] + x[-1]) / 2).argmin()][2]
    assert set(t.halfway) == set(t.curves)
    last = {arm: numbers(plot["arms"][arm]["middle"])[-1] for arm in t.answer}
    assert tuple(sorted(last, key=lambda arm: -float(last[arm]))) == t.answer
    heights = np.array([numbers(plot["arms"][arm][kind]) for arm in t.answer for kind in ("low", "high")])
    assert t.is_logarithmic == bool(heights.min() > 0 and heights.max() > 50 * heights.min())


def numbers(text: str) -> list[float]:
    """What ``4926 4961*3 e-4`` says: 0.4926 and three times 0.4961."""
    words = text.split()
    power = int(words.pop()[1:]) if words[-1].startswith("e") else 0
    found: list[float] = []
    for word in words:
        number, _, count = word.partition("*")
        found += [float(Decimal(number).scaleb(power))] * int(count or 1)
    return found


def interval(values: Any) -> tuple[float, float]:
    """Student's 95 % interval for the mean; of numbers that are all the same, that number."""
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    return float(low), float(high)


def share(k: int, n: int) -> None:
    """k of n seeds are enough: the one-sided 95 % bound is at least 0.9."""
    bound = stats.binomtest(k, n, alternative="greater").proportion_ci(0.95, method="exact").low
    assert bound >= BOUND, f"{k} of {n}"


def _is_rounded(shown: Decimal, value: float, digits: int | None) -> bool:
    """Whether a shown number is a value with these decimals; with three digits that count if there are none."""
    exponent = int(shown.as_tuple().exponent)
    slack = 0.5 * 10.0**exponent + 1e-5 * abs(value)  # records keep six digits of intervals
    fits = len(shown.as_tuple().digits) <= 3 if digits is None else exponent == -digits
    return fits and abs(float(shown) - value) <= slack


def mean(values: Any) -> Fraction:
    """The exact mean of numbers as they are written."""
    return sum(map(_exact, values), Fraction(0)) / len(values)


def _exact(value: Any) -> Fraction:
    return Fraction(str(float(value)))


def _is_nearest(shown: Decimal, value: Fraction) -> bool:
    """Whether a number is rounded to the shown one, halves away from zero."""
    step = Fraction(10) ** int(shown.as_tuple().exponent)
    away = abs(value) - abs(Fraction(shown))
    return -step / 2 <= away < step / 2 and value * Fraction(shown) >= 0


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


@lru_cache(maxsize=64)
def _file(experiment: str, key: str) -> Any:
    """A record's data; what it was made of has the hash that it is named by."""
    root = Path(__file__).resolve().parents[2]
    installed = root / "quizgen" / "_data"
    folder = (installed if installed.is_dir() else root) / "banks" / "results"
    path = folder / experiment / f"{key}.json"
    assert len(key) == 16, f"{key!r} is no beginning of a key"
    assert path.is_file(), f"there is no record {key}"
    data = json.loads(path.read_text(encoding="utf-8"))["record"]
    recipe = json.dumps(data["recipe"], sort_keys=True, separators=(",", ":"))
    assert data["key"] == hashlib.sha256(recipe.encode()).hexdigest()
    assert data["key"].startswith(key)
    return data
