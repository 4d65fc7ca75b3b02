"""Training again gives what the records say: on this machine, with other instructions, and with float64.

Which records are trained is decided by a hash of the sources; ``make check-deep`` trains all of them.
"""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from solvers.training import records
from solvers.training.experiments import find
from solvers.training.rechecking import Medium
from solvers.training.recording import recorded
from solvers.training.records import Record
from solvers.training.units import plan, sample, work

ROOT = Path(__file__).parents[2]
DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
SAMPLED = 6
"""Records of which some seeds are trained again."""
AFRESH = 2
"""Records that are trained again in full."""
CHEAP = 4.0
"""CPU seconds that one of the latter took at most."""

SHIPPED = {
    f"{name}-{number}": record for name, kept in records.shipped().items() for number, record in kept.records.items()
}


@lru_cache
def sources() -> str:
    """The hash of all that trains."""
    found = sorted((ROOT / "solvers" / "training").rglob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in found)).hexdigest()


def drawn(count: int, most: float = float("inf")) -> list[str]:
    """So many records that cost no more than ``most``, by a hash; all of them in a deep run."""
    names = [name for name, record in SHIPPED.items() if DEEP or record.cost["cpu_s"] <= most]
    names.sort(key=lambda name: sha256(f"{sources()} {name}".encode()).hexdigest())
    return sorted(names if DEEP else names[:count])


def cheapest() -> Record:
    """The record that took least among those of networks on real data."""
    return min((kept for kept in SHIPPED.values() if kept.recipe.data), key=lambda record: record.cost["cpu_s"])


@pytest.mark.parametrize("name", drawn(SAMPLED))
def test_some_seeds_trained_again_are_as_recorded(name: str) -> None:
    record = SHIPPED[name]
    experiment = find(record.recipe.experiment)
    judged = Medium(experiment, record).judge([work(asdict(unit)) for unit in sample(experiment, record.recipe)])
    assert judged.wrong == []


@pytest.mark.parametrize("name", drawn(AFRESH, CHEAP))
def test_all_trained_again_is_decided_as_recorded(name: str) -> None:
    record = SHIPPED[name]
    assert decisions(again(record)) == decisions(record)


def again(record: Record, dtype: str = "float32") -> Record:
    """A record trained anew, with the same seeds."""
    experiment = find(record.recipe.experiment)
    planned = plan(experiment, record.number, seeds=record.recipe.seeds[1], dtype=dtype)
    return recorded(experiment, planned, {unit.key: work(asdict(unit)) for unit in planned.units})


def decisions(record: Record) -> dict[str, tuple[tuple[str, ...], str]]:
    """What was decided of each claim."""
    return {name: (outcome.answer, outcome.status) for name, outcome in record.claims.items()}


# In a process of its own: instructions are chosen when torch is loaded.
TRAIN = """
import json, sys
from solvers.training import records
from tests.training.test_retraining import SHIPPED, again, decisions
found = again(SHIPPED[sys.argv[1]], sys.argv[2])
print(json.dumps([found.environment["isa"], decisions(found), found.values, found.probes, records.hashed(
    {name: [plot.x, {arm: [band.low, band.middle, band.high] for arm, band in plot.arms.items()}]
     for name, plot in found.plots.items()})]))
"""


@lru_cache
def elsewhere(dtype: str = "float32", capability: str = "", time: int = 0) -> list[Any]:
    """The cheapest record trained by a process of its own: instructions, decisions, and all numbers."""
    record = cheapest()
    name = next(name for name, other in SHIPPED.items() if other is record)
    environment = {**os.environ, **({"ATEN_CPU_CAPABILITY": capability} if capability else {})}
    ran = subprocess.run(
        [sys.executable, "-c", TRAIN, name, dtype],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[Any] = json.loads(ran.stdout)
    return found


def listed(record: Record) -> dict[str, list[Any]]:
    return {name: [list(answer), status] for name, (answer, status) in decisions(record).items()}


def test_a_repeated_record_has_the_same_bits() -> None:
    assert elsewhere(time=1) == elsewhere(time=2)


def test_other_instructions_give_the_same_decisions() -> None:
    instructions, decided, *_ = elsewhere(capability="default")
    assert instructions == "DEFAULT"
    assert decided == listed(cheapest())


def test_float64_gives_the_same_decisions() -> None:
    assert elsewhere(dtype="float64")[1] == listed(cheapest())
