"""Work that needs no training, for tests of those who hand it out: it leaves a trace of every time it is done."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solvers.training.cache import Cache
from solvers.training.experiment import Experiment, Measured, Metric, Order
from solvers.training.runner import Job, Runner
from solvers.training.units import plan
from solvers.training.workers import Engine

ARMS = ("slow", "quick")


@dataclass(frozen=True)
class Setting:
    """``folder`` is where traces are left; ``seconds`` is what a unit takes."""

    folder: str
    rate: float = 0.1
    gap: float = 1.0
    seconds: float = 0.0


def toy(*settings: Setting, version: int = 1, seeds: int = 32) -> Experiment:
    """Two arms, each a unit of its own, the first of which is higher by ``gap``."""
    experiment = Experiment(version=version, metrics={"m": Metric(least=0.03)}, nuisances=("rate",), seeds=seeds)
    experiment.name = "toy"
    experiment.ask(*settings)
    experiment.groups(lambda setting: [(arm,) for arm in ARMS])
    experiment.claims(lambda setting: {"order": Order("m", ARMS)})
    experiment.train(measure)
    return experiment


def measure(setting: Setting, arms: Sequence[str], run: Any) -> Measured:
    """Never called: toys are not trained."""
    raise NotImplementedError


def jobs(experiment: Experiment) -> list[Job]:
    """All its settings."""
    return [Job(experiment, plan(experiment, number)) for number in range(len(experiment.settings))]


def runner(folder: Path, work: Any = None, engine: Engine = "processes", workers: int = 1) -> Runner:
    """One that keeps all in a folder."""
    return Runner(Cache(folder / "cache"), folder / "results", engine, workers, work=work or measured)


def measured(unit: Mapping[str, Any], device: str) -> dict[str, Any]:
    """What a unit gives: numbers of its seeds alone. Leaves a trace."""
    setting = Setting(**unit["setting"])
    trace(setting.folder, f"{'-'.join(unit['arms'])}-{setting.rate:g}-{setting.gap:g}-{unit['seeds'][0]}")
    time.sleep(setting.seconds)
    first, count = unit["seeds"]
    values = {
        arm: {"m": [setting.gap * (arm == "slow") + seed % 7 / 100 for seed in range(first, first + count)]}
        for arm in unit["arms"]
    }
    band = {"low": [2.0, 1.0], "middle": [2.0, 1.5], "high": [3.0, 2.0]}
    return {
        "values": values,
        "plots": {"m": {"x": [0, 10], "arms": dict.fromkeys(unit["arms"], band)}},
        "cost": {"cpu_s": 0.5, "wall_s": 1.0, "peak_mb": 3.0, "models": count},
        "environment": {"torch": "0.1.2", "device": "toy", "isa": "none"},
    }


def trace(folder: str, name: str) -> int:
    """One line more in the file of this name; gives how many there are."""
    with (Path(folder) / name).open("a") as file:
        file.write("done\n")
    return len((Path(folder) / name).read_text().splitlines())


def traces(folder: Path) -> dict[str, int]:
    """How often each unit was begun."""
    return {path.name: len(path.read_text().splitlines()) for path in sorted(folder.iterdir()) if path.is_file()}


# Work for workers alone: tasks are {"folder": …, "name": …}.


def double(task: Mapping[str, Any], device: str) -> Any:
    """Twice the number."""
    return {"twice": 2 * task["number"], "device": device, "process": os.getpid()}


def complain(task: Mapping[str, Any], device: str) -> Any:
    """Fails for odd numbers."""
    if task["number"] % 2:
        raise ValueError(f"{task['number']} is odd")
    return task["number"]


def die(task: Mapping[str, Any], device: str) -> Any:
    """The process is killed, as by a system that has no memory left: ``deaths`` times."""
    if trace(task["folder"], task["name"]) <= task["deaths"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return task["name"]


def leave(task: Mapping[str, Any], device: str) -> Any:
    """The process ends."""
    os._exit(3)


if __name__ == "__main__":  # folder, seconds: a run to be interrupted
    place = Path(sys.argv[1])
    own = [Setting(str(place / "traces"), gap=1.0 + number, seconds=float(sys.argv[2])) for number in range(3)]
    for event in runner(place).run(jobs(toy(*own))):
        print(type(event).__name__, flush=True)
