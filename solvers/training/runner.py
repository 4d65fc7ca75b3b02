"""Trains experiments: units that are not finished yet are done by workers, and settings all of whose units are there
become records.

Nothing is lost but the units in work when a run is killed: a unit is kept as soon as it is done, and never repeated.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import ValidationError

from solvers.training import workers
from solvers.training.cache import Cache
from solvers.training.experiment import Experiment
from solvers.training.recording import recorded, refreshed
from solvers.training.records import Damaged, Record, place, read, supersede, write
from solvers.training.units import Plan, Unit, code, work
from solvers.training.workers import Engine, Failure, Work


@dataclass(frozen=True)
class Job:
    """A setting that is to have a record."""

    experiment: Experiment
    plan: Plan

    @property
    def name(self) -> str:
        """As people say it: ``optimizers 3``."""
        return f"{self.experiment.name} {self.plan.number}"


@dataclass(frozen=True)
class Done:
    """A unit is finished, now or ``before``."""

    unit: Unit
    before: bool = False


@dataclass(frozen=True)
class Failed:
    """A unit of a setting has no result, or what it has cannot be recorded."""

    job: Job
    why: str


@dataclass(frozen=True)
class Recorded:
    """A setting is decided, now or ``before``."""

    job: Job
    record: Record
    before: bool = False


Event: TypeAlias = Done | Failed | Recorded


@dataclass(frozen=True)
class Runner:
    """Where results are kept, and who works. ``results`` is None where nothing is to be recorded."""

    cache: Cache | None
    results: Path | None
    engine: Engine = "processes"
    workers: int = 1
    device: str = "cpu"
    anew: bool = False
    """Whether a record of sources that have changed since does not count."""
    work: Work = work
    _found: dict[str, Any] = field(default_factory=dict, repr=False)

    def run(self, jobs: Sequence[Job]) -> Iterator[Event]:
        """What happens, as it happens."""
        open_jobs = []
        for job in jobs:
            if (record := self._recorded(job)) is not None:
                yield Recorded(job, record, before=True)
            else:
                open_jobs.append(job)
        units = {unit.key: unit for job in open_jobs for unit in job.plan.units}
        for key, unit in units.items():
            if self.cache is not None and (kept := self.cache.get(unit)) is not None:
                self._found[key] = kept
                yield Done(unit, before=True)
        waiting = yield from self._finish(open_jobs)
        tasks = {key: asdict(unit) for key, unit in units.items() if key not in self._found}
        for key, result in workers.run(tasks, self.engine, self.workers, self.device, self.work):
            unit = units[key]
            if isinstance(result, Failure):
                yield from (Failed(job, _told(unit, result)) for job in waiting if unit in job.plan.units)
                waiting = [job for job in waiting if unit not in job.plan.units]
                continue
            self._found[key] = result
            if self.cache is not None:
                self.cache.put(unit, result)
            yield Done(unit)
            waiting = yield from self._finish(waiting)

    def _recorded(self, job: Job) -> Record | None:
        if self.results is None:
            return None
        try:
            found = read(place(self.results, job.plan.recipe))
        except Damaged:
            return None
        if self.anew and found.code != code(job.experiment.name):
            return None
        current = refreshed(found, job.experiment, job.plan)
        if current is not None and current is not found:
            write(self.results, current)
        return current

    def _finish(self, jobs: Sequence[Job]) -> Generator[Event, None, list[Job]]:
        """Records the settings all of whose units are there; gives those that wait."""
        waiting = []
        for job in jobs:
            if any(unit.key not in self._found for unit in job.plan.units):
                waiting.append(job)
                continue
            try:
                record = recorded(job.experiment, job.plan, self._found)
            except (KeyError, ValueError, ValidationError) as error:
                yield Failed(job, f"no record can be made: {type(error).__name__}: {error}")
                continue
            if self.results is not None:
                write(self.results, record)
                supersede(self.results, record)
            yield Recorded(job, record)
        return waiting


def _told(unit: Unit, failure: Failure) -> str:
    setting = ", ".join(f"{name}={value}" for name, value in unit.setting.items())
    return f"{'/'.join(unit.arms)} with {setting}: {failure.why}"
