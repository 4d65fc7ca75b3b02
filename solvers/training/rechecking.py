"""Whether records hold: their statistics computed again (cheap), some seeds trained again (medium), all of it with
fresh seeds (full).

What is trained again need not have the same bits, as another machine rounds in another way: it must lie within the
metric's tolerance. A chaotic run may be led elsewhere by rounding, which is noted, but no further than another seed
leads. Each run must speak for the same answer. With fresh seeds, what is asked must pass again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isclose, log10
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from solvers.training import gates, workers
from solvers.training.experiment import Experiment, Metric
from solvers.training.gates import Effect
from solvers.training.recording import VALUE_DIGITS, again, recorded, words
from solvers.training.records import Damaged, Outcome, Record, declared, read, rounded, stale
from solvers.training.units import Unit, code, digests, environment, fields, plan, sample
from solvers.training.workers import Engine, Failure

Level: TypeAlias = Literal["cheap", "medium", "full"]
TOLERANCE = 1e-3
"""Of a metric, relatively; or the smallest difference that counts, where that is more."""
ROUNDING = 1e-4
"""Of an effect, relatively: what other versions of the same functions may change."""
FRESH = 3000
FRESH_PROBES = 4000


@dataclass(frozen=True)
class Checked:
    """A record that was looked at: what does not hold, what is worth knowing, and the largest relative change."""

    path: Path
    record: Record | None
    wrong: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    moved: float = 0.0

    @property
    def name(self) -> str:
        """As people say it: ``optimizers 3``."""
        return f"{self.record.recipe.experiment} {self.record.number}" if self.record else str(self.path)

    def marked(self, level: Level, device: str) -> Record:
        """The record, with a note that it held here; such a note is made once."""
        assert self.record is not None
        here = environment(device)
        place = {"level": level, **{name: here[name] for name in ("torch", "device", "isa")}}
        kept = [old for old in self.record.verified if {**old, "moved": 0} != {**place, "moved": 0}]
        return msgspec.structs.replace(self.record, verified=(*kept, {**place, "moved": float(f"{self.moved:.2g}")}))


def recheck(
    experiments: Sequence[Experiment],
    results: Path,
    level: Level = "cheap",
    *,
    numbers: Sequence[int] = (),
    engine: Engine = "processes",
    jobs: int = 1,
    device: str = "cpu",
) -> Iterator[Checked]:
    """Every record of the experiments, or those of some settings; cheaply first, and what holds as ``level`` asks."""
    waiting: list[tuple[Checked, Check]] = []
    for experiment in experiments:
        for path in sorted((results / experiment.name).glob("*.json")):
            found = cheap(path, experiment)
            if numbers and found.record is not None and found.record.number not in numbers:
                continue
            if level == "cheap" or found.wrong or found.record is None:
                yield found
            else:
                waiting.append((found, (Medium if level == "medium" else Full)(experiment, found.record)))
    results_by_key: dict[str, Any] = {}
    tasks = {unit.key: asdict(unit) for _, check in waiting for unit in check.units}
    for key, result in workers.run(tasks, engine, jobs, device):
        results_by_key[key] = result
        ready = [pair for pair in waiting if all(unit.key in results_by_key for unit in pair[1].units)]
        waiting = [pair for pair in waiting if pair not in ready]
        for found, check in ready:
            yield concluded(found, check, [results_by_key[unit.key] for unit in check.units])


def concluded(found: Checked, check: "Check", results: Sequence[Any]) -> Checked:
    """What came of training again."""
    failures = tuple(dict.fromkeys(result.why for result in results if isinstance(result, Failure)))
    if failures:
        return replace(found, wrong=failures)
    judged = check.judge(results)
    notes = (*found.notes, *(f"{found.name}: {note}" for note in judged.notes))
    return replace(found, wrong=tuple(judged.wrong), notes=notes, moved=judged.moved)


@dataclass(frozen=True)
class Judged:
    """What does not hold, what is worth knowing, and by how much metrics moved at most, relatively."""

    wrong: Sequence[str] = ()
    notes: Sequence[str] = ()
    moved: float = 0.0


# Cheap.


def cheap(path: Path, experiment: Experiment) -> Checked:
    """Reads a record and decides it again."""
    try:
        record = read(path)
    except Damaged as error:
        return Checked(path, None, (error.why,))
    wrong = [why] if (why := stale(record, declared(experiment.name))) else []
    wrong += _unlisted(record, experiment)
    claims, controls = again(record, max(record.candidates, experiment.candidates))
    for kind, kept, now in (("claim", record.claims, claims), ("control", record.controls, controls)):
        wrong += [f"{kind} {name}: {why}" for name in kept if (why := _otherwise(kept[name], now[name]))]
    return Checked(path, record, tuple(wrong), tuple(remarks(record)))


def _unlisted(record: Record, experiment: Experiment) -> list[str]:
    """Whether the experiment still has this setting, and asks the same of it."""
    if record.number >= len(experiment.settings):
        return [f"there is no setting {record.number} any more"]
    setting = experiment.settings[record.number]
    if fields(setting) != record.recipe.setting:
        return [f"setting {record.number} has other numbers now"]
    if digests(experiment.data) != record.recipe.data:
        return [f"its data ({', '.join(record.recipe.data) or 'none'}) are not those of the experiment here"]
    if experiment.claimed(setting) != record.claimed:
        return ["its claims are put in another way now"]
    if experiment.controlled(setting) != record.controlled:
        return ["its controls are put in another way now"]
    return []


def _otherwise(kept: Outcome, now: Outcome) -> str:
    if (kept.answer, kept.status, kept.passed, kept.failed) != (now.answer, now.status, now.passed, now.failed):
        return f"recorded as {_said(kept)}, computed as {_said(now)}"
    if not all(map(_alike, kept.effects, now.effects)):
        return "its effects are not those of its numbers"
    return ""


def _alike(kept: Effect, now: Effect) -> bool:
    pairs = [(kept.mean, now.mean), *zip(kept.ci, now.ci, strict=True)]
    size = max(abs(now.ci[0]), abs(now.ci[1]))
    close = all(isclose(a, b, rel_tol=ROUNDING, abs_tol=ROUNDING * size) for a, b in pairs)
    return close and (kept.high, kept.low, kept.k, kept.n) == (now.high, now.low, now.k, now.n)


def _said(outcome: Outcome) -> str:
    return f"{outcome.status}, {words(outcome.answer)}" + (f" ({outcome.why})" if outcome.why else "")


def remarks(record: Record) -> Iterator[str]:
    """What is worth knowing of a record, though it can be used."""
    if code(record.recipe.experiment) != record.code:
        yield "the sources have changed since, without a new version"
    seen = {minor(record.environment["torch"]), *(minor(mark["torch"]) for mark in record.verified)}
    if (here := installed()) and here not in seen:
        yield f"not verified with torch {here}, only with {', '.join(sorted(seen))}"


def minor(version: str) -> str:
    """``2.13`` of ``2.13.0+cpu``."""
    return ".".join(version.split(".")[:2])


def installed() -> str:
    """The minor version of torch that is here; nothing where it is not."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return minor(version("torch"))
    except PackageNotFoundError:
        return ""


# Medium and full.


class Medium:
    """Some seeds of a record, trained again."""

    def __init__(self, experiment: Experiment, record: Record) -> None:
        self.record = record
        self.units = sample(experiment, record.recipe)

    def judge(self, results: Sequence[Mapping[str, Any]]) -> Judged:
        """Compares every number, and what each run speaks for."""
        record = self.record
        first, count = self.units[0].seeds
        start = first - record.recipe.seeds[0]
        now = {
            arm: {name: [rounded(value, VALUE_DIGITS) for value in found] for name, found in metrics.items()}
            for result in results
            for arm, metrics in result["values"].items()
        }
        kept = {
            arm: {name: found[start : start + count] for name, found in metrics.items()}
            for arm, metrics in record.values.items()
        }
        wrong: list[str] = []
        notes: list[str] = []
        moved = 0.0
        for arm, metrics in kept.items():
            for name, values in metrics.items():
                every = record.values[arm][name]
                for seed, (a, b) in enumerate(zip(values, now[arm][name], strict=True), first):
                    moved = max(moved, abs(a - b) / max(abs(a), abs(b), 1e-12))
                    if near(record.metric(name), a, b):
                        continue
                    chaotic = abs(a - b) <= max(every) - min(every)
                    said = f"{name} of {arm} with seed {seed} is {b:.6g}, recorded as {a:.6g}"
                    (notes if chaotic else wrong).append(said)
        for name, outcome in record.accepted.items():
            if outcome.answer != ("same",):
                wrong += [f"claim {name}: {why}" for why in self._turned(outcome, kept, now)]
        return Judged(wrong, notes, moved)

    def _turned(self, outcome: Outcome, kept: gates.Values, now: gates.Values) -> Iterator[str]:
        claim = outcome.put
        metric = self.record.metric(claim.metric)
        pairs = [gates.compared(claim, metric, values, outcome.answer) for values in (kept, now)]
        for before, after in zip(*pairs, strict=True):
            if list(before.agree) != list(after.agree):
                yield f"{before.high} {'> ' + before.low if before.low else ''} in other runs than recorded"


def near(metric: Metric, a: float, b: float) -> bool:
    """Whether two values of a metric are the same but for rounding, and what a chaotic run makes of it."""
    if abs(a - b) <= TOLERANCE * max(abs(a), abs(b)):
        return True
    if metric.scale == "ratio":
        return min(a, b) > 0 and abs(log10(a / b)) <= log10(metric.least)
    return abs(a - b) <= metric.least


class Full:
    """All of a record with fresh seeds."""

    def __init__(self, experiment: Experiment, record: Record) -> None:
        self.experiment = experiment
        self.record = record
        count = record.recipe.seeds[1]
        self.plan = plan(experiment, record.number, seeds=count, first=FRESH, probed=FRESH_PROBES)
        self.units: tuple[Unit, ...] = self.plan.units

    def judge(self, results: Sequence[Mapping[str, Any]]) -> Judged:
        """Which claims that are asked do not pass again, and which of the others do."""
        by_key = {unit.key: result for unit, result in zip(self.units, results, strict=True)}
        fresh = recorded(self.experiment, self.plan, by_key)
        said: dict[str, list[str]] = {"accepted": [], "rejected": []}
        for name, kept in self.record.claims.items():
            if (kept.answer, kept.status) != (fresh.claims[name].answer, fresh.claims[name].status):
                said[kept.status].append(
                    f"claim {name}: recorded as {_said(kept)}, with fresh seeds {_said(fresh.claims[name])}"
                )
        return Judged(said["accepted"], [f"{note}; it is not asked" for note in said["rejected"]])


Check: TypeAlias = Medium | Full
