"""Units of work: one ensemble of one shape each, JSON in and JSON out. They know nothing of claims and gates.

A unit is a group of arms of a setting, or of a probe, with its seeds. Its key is the hash of all that decides what
comes out, but for the machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import isfinite
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from solvers.training import ENGINE
from solvers.training.experiment import Experiment, Measured, Setting
from solvers.training.experiments import find
from solvers.training.records import Recipe, hashed, rounded

SCHEME = "philox-blake2b/1"
CONFIRMED = 1000
CONFIRMED_PROBES = 2000
EXPLORED = 0
EXPLORED_PROBES = 500
"""The first seeds of records and of their probes, and of those who choose settings, who look at no others."""
POINTS = 14
CROWDED = 1.5
"""At most so many are kept of a curve, and closer together at its beginning, where most happens; 1 were evenly."""
QUANTILES = (0.1, 0.5, 0.9)
CURVE_DIGITS = 3


@dataclass(frozen=True)
class Unit:
    """Some arms of a setting, all of one shape, with their seeds: the first and how many."""

    experiment: str
    version: int
    engine: int
    setting: Mapping[str, Any]
    arms: tuple[str, ...]
    data: Mapping[str, str]
    seeds: tuple[int, int]
    scheme: str = SCHEME
    dtype: str = "float32"

    @property
    def key(self) -> str:
        """64 hexadecimal digits."""
        return hashed(asdict(self))


@dataclass(frozen=True)
class Plan:
    """The recipe of a record and the units that it is made of: those of the setting, and those of each probe."""

    recipe: Recipe
    number: int
    main: tuple[Unit, ...]
    probes: Mapping[str, tuple[Unit, ...]]

    @property
    def units(self) -> tuple[Unit, ...]:
        """All of them."""
        return (*self.main, *(unit for units in self.probes.values() for unit in units))


def plan(
    experiment: Experiment,
    number: int,
    *,
    seeds: int = 0,
    first: int = CONFIRMED,
    probed: int = CONFIRMED_PROBES,
    dtype: str = "float32",
) -> Plan:
    """What is to be trained for a setting. ``seeds`` are the experiment's own number where it is 0."""
    setting = experiment.settings[number]
    data = digests(experiment.data)

    def units(of: Setting, first: int, count: int) -> tuple[Unit, ...]:
        common = (experiment.name, experiment.version, ENGINE, fields(of))
        return tuple(Unit(*common, arms, data, (first, count), dtype=dtype) for arms in experiment.grouped(of))

    count = seeds or experiment.seeds
    recipe = Recipe(
        experiment=experiment.name,
        version=experiment.version,
        engine=ENGINE,
        setting=fields(setting),
        arms=experiment.arms(setting),
        data=data,
        seeds=(first, count),
        probed=(probed, experiment.probed),
        scheme=SCHEME,
        dtype=dtype,
    )
    nearby = experiment.nearby(setting)
    return Plan(
        recipe,
        number,
        units(setting, first, count),
        {name: units(moved, probed, experiment.probed) for name, moved in nearby.items()},
    )


def sample(experiment: Experiment, recipe: Recipe, count: int = 4) -> tuple[Unit, ...]:
    """Some seeds of a record, to be trained once more; which ones is decided by its key."""
    first, number = recipe.seeds
    start = first + int(recipe.key[:8], 16) % max(1, number - count + 1)
    setting = type(experiment.settings[0])(**recipe.setting)
    return tuple(
        Unit(
            recipe.experiment,
            recipe.version,
            recipe.engine,
            recipe.setting,
            arms,
            recipe.data,
            (start, min(count, number)),
            recipe.scheme,
            recipe.dtype,
        )
        for arms in experiment.grouped(setting)
    )


def fields(setting: Setting) -> dict[str, Any]:
    """A setting as plain data."""
    return asdict(setting)


def digests(names: Sequence[str]) -> dict[str, str]:
    """The hashes of data, by name."""
    if not names:
        return {}
    from solvers.training.engine import data

    return {name: data.digest(name) for name in names}


def work(unit: Mapping[str, Any], device: str = "cpu") -> dict[str, Any]:
    """Trains a unit, and gives its numbers, curves, cost and environment as plain data: what a worker does.

    Where the memory does not suffice, the seeds are trained in smaller and smaller chunks. Raises MemoryError where a
    single one does not fit.
    """
    import torch

    from solvers.training.engine.device import measured, prepare

    prepare(device)
    wall, cpu = perf_counter(), process_time()
    experiment = find(unit["experiment"])
    setting = type(experiment.settings[0])(**unit["setting"])
    first, count = unit["seeds"]
    dtype = getattr(torch, unit["dtype"])
    found = measured(experiment, setting, tuple(unit["arms"]), range(first, first + count), device, dtype)
    return {
        "values": {arm: _numbers(arm, found.values[arm], count) for arm in unit["arms"]},
        "plots": {name: _bands(name, found) for name in found.curves},
        "cost": {
            "cpu_s": round(process_time() - cpu, 2),
            "wall_s": round(perf_counter() - wall, 2),
            "peak_mb": _peak(),
            "models": count * len(unit["arms"]),
        },
        "environment": environment(device),
    }


def _numbers(arm: str, metrics: Mapping[str, Any], count: int) -> dict[str, list[float]]:
    """Each metric of an arm, rounded. Raises ValueError for what cannot be compared."""
    found = {metric: [float(value) for value in values] for metric, values in metrics.items()}
    for metric, values in found.items():
        if len(values) != count:
            raise ValueError(f"expected {count} numbers of {metric} of {arm}, got {len(values)}")
        if wrong := sum(not isfinite(value) for value in values):
            raise ValueError(f"{metric} of {arm} is not finite in {wrong} of {count} runs; an experiment must cap it")
    return {metric: [rounded(value) for value in values] for metric, values in found.items()}


def _bands(name: str, found: Measured) -> dict[str, Any]:
    """The quantiles over seeds of each arm, at some points, the first and the last among them."""
    import numpy as np

    curve = found.curves[name]
    count = len(curve.x)
    if count != next(iter(curve.arms.values())).shape[1]:
        raise ValueError(f"the curve {name!r} has {count} points but {next(iter(curve.arms.values())).shape[1]} values")
    kept = _spread(count)
    bands = {}
    for arm, values in curve.arms.items():
        shown = np.quantile(np.asarray(values, dtype=np.float64)[:, kept], QUANTILES, axis=0)
        bands[arm] = dict(
            zip(
                ("low", "middle", "high"),
                ([rounded(v, CURVE_DIGITS) for v in row.tolist()] for row in shown),
                strict=True,
            )
        )
    return {"x": [int(x) if (x := rounded(float(curve.x[place]))).is_integer() else x for place in kept], "arms": bands}


def _spread(count: int) -> list[int]:
    """Which of so many points of a curve are kept."""
    if count <= POINTS:
        return list(range(count))
    return sorted({round((count - 1) * (place / (POINTS - 1)) ** CROWDED) for place in range(POINTS)})


def _peak() -> float:
    """The most memory that this process has had, in MB; 0 where the system does not tell."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0.0
    import sys

    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3), 1)


def environment(device: str) -> dict[str, Any]:
    """What may change the last bits, but not a decision."""
    import platform

    import numpy
    import torch

    cuda = device.startswith("cuda")
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": numpy.__version__,
        "device": torch.cuda.get_device_name(device) if cuda else "cpu",
        "isa": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "tf32": bool(cuda and torch.backends.cuda.matmul.allow_tf32),
    }


@lru_cache
def code(experiment: str) -> str:
    """The hash of the sources that a unit runs: the experiment's file and all of solvers that it imports.

    Taken once in a process: what is changed while it trains is not what it trains with.
    """
    return hashed({name: path.read_text(encoding="utf-8") for name, path in sorted(_sources(experiment).items())})


def _sources(experiment: str) -> dict[str, Path]:
    import ast

    root = Path(__file__).parents[2]
    found: dict[str, Path] = {}
    waiting = [f"solvers.training.experiments.{experiment}"]
    while waiting:
        name = waiting.pop()
        place = root.joinpath(*name.split("."))
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if name in found or not path.is_file():
            continue
        found[name] = path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("solvers"):
                waiting += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found
