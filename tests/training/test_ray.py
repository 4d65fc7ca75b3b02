"""Ray, with a cluster of two workers on this machine: the same results as processes give."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# A process of its own: Ray keeps its cluster until the process ends.
COMPARE = """
import sys
from pathlib import Path
from solvers.training.workers import Failure, run
from tests.training import toys

folder = Path(sys.argv[1])
tasks = {
    "sound": {"folder": str(folder), "name": "sound", "deaths": 0},
    "weak": {"folder": str(folder), "name": "weak", "deaths": 1},
    "hopeless": {"folder": str(folder), "name": "hopeless", "deaths": 9},
}
found = dict(run(tasks, "ray", 2, work=toys.die))
assert found["sound"] == "sound" and found["weak"] == "weak", found
assert isinstance(found["hopeless"], Failure) and "died twice" in found["hopeless"].why, found
assert toys.traces(folder) == {"sound": 1, "weak": 2, "hopeless": 2}, toys.traces(folder)

numbers = {f"key {number}": {"number": number} for number in range(4)}
assert dict(run(numbers, "ray", 2, work=toys.complain)) == dict(run(numbers, jobs=2, work=toys.complain))

(folder / "traces").mkdir()
experiment = toys.toy(toys.Setting(str(folder / "traces")))
kept = []
for engine in ("ray", "processes"):
    *_, last = toys.runner(folder / engine, engine=engine, workers=2).run(toys.jobs(experiment))
    kept.append(last.record)
assert kept[0] == kept[1]
print("equal")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the extra is for Linux")
def test_ray_gives_what_processes_give_and_tries_again_when_a_worker_dies(tmp_path: Path) -> None:
    # Elsewhere a cluster may run already, which is none of ours.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    command = [sys.executable, "-W", "error", "-c", COMPARE, str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=240)
    assert ran.returncode == 0, ran.stderr
    assert "equal" in ran.stdout.splitlines()  # among what Ray says of the deaths
