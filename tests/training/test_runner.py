"""From settings to records: nothing is done twice, nothing is lost, and what fails is told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from solvers.training.experiment import Order
from solvers.training.records import Record, read
from solvers.training.runner import Done, Event, Failed, Recorded
from tests.training import toys
from tests.training.toys import Setting, jobs, runner, toy

ROOT = Path(__file__).parents[2]
UNITS = 6
"""Of a setting of the toy: two arms, as they are and with a rate above and below."""


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    folder = tmp_path / "traces"
    folder.mkdir()
    return folder


def of(events: list[Event], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_settings_become_records(tmp_path: Path, traces: Path) -> None:
    events = list(runner(tmp_path, workers=2).run(jobs(toy(Setting(str(traces)), Setting(str(traces), gap=0.0)))))
    assert len(of(events, Done)) == 2 * UNITS
    first, second = sorted((event.record for event in of(events, Recorded)), key=lambda record: record.number)
    assert first.claims["order"].status == "accepted"
    assert first.claims["order"].answer == ("slow", "quick")
    assert second.claims["order"].status == "rejected"
    assert second.claims["order"].why.startswith("sign: ")
    assert first.cost == {"cpu_s": 3.0, "wall_s": 6.0, "models": 2 * 32 + 4 * 8, "peak_mb": 3.0, "units": UNITS}
    assert set(first.plots["m"].arms) == set(toys.ARMS)
    assert [read(path) for path in sorted((tmp_path / "results" / "toy").iterdir())] == sorted(
        (first, second), key=lambda record: record.key
    )


def test_what_has_a_record_is_not_done_again(tmp_path: Path, traces: Path) -> None:
    experiment = toy(Setting(str(traces)))
    (record,) = (event.record for event in of(list(runner(tmp_path).run(jobs(experiment))), Recorded))
    assert list(runner(tmp_path).run(jobs(experiment))) == [Recorded(jobs(experiment)[0], record, before=True)]
    assert set(toys.traces(traces).values()) == {1}


def test_what_is_finished_is_not_done_again_without_a_record(tmp_path: Path, traces: Path) -> None:
    experiment = toy(Setting(str(traces)))
    list(runner(tmp_path).run(jobs(experiment)))
    (file,) = (tmp_path / "results" / "toy").iterdir()
    before = file.read_bytes()
    file.unlink()
    events = list(runner(tmp_path).run(jobs(experiment)))
    assert all(event.before for event in of(events, Done))
    assert file.read_bytes() == before
    assert set(toys.traces(traces).values()) == {1}


def test_a_new_version_is_done_anew_and_replaces_the_record(tmp_path: Path, traces: Path) -> None:
    list(runner(tmp_path).run(jobs(toy(Setting(str(traces))))))
    list(runner(tmp_path).run(jobs(toy(Setting(str(traces)), version=2))))
    assert set(toys.traces(traces).values()) == {2}
    (file,) = (tmp_path / "results" / "toy").iterdir()
    assert read(file).recipe.version == 2


def test_a_record_is_decided_again_when_there_are_more_settings(tmp_path: Path, traces: Path) -> None:
    first, second = Setting(str(traces)), Setting(str(traces), gap=2.0)
    list(runner(tmp_path).run(jobs(toy(first))))
    (events, after) = (list(runner(tmp_path / name).run(jobs(toy(second, first)))) for name in ("", "."))
    assert {event.record.number: event.before for event in of(events, Recorded)} == {0: False, 1: True}
    assert {event.record.candidates for event in of(events, Recorded)} == {2}
    assert all(event.before for event in of(after, Recorded))
    assert set(toys.traces(traces).values()) == {1}


def test_other_claims_of_the_same_runs_are_decided_without_training(tmp_path: Path, traces: Path) -> None:
    list(runner(tmp_path).run(jobs(toy(Setting(str(traces))))))
    other = toy(Setting(str(traces)))
    other.claims(lambda setting: {"turned": Order("m", ("quick", "slow"))})
    (event,) = of(list(runner(tmp_path).run(jobs(other))), Recorded)
    assert not event.before
    assert event.record.claims["turned"].answer == ("slow", "quick")
    assert set(toys.traces(traces).values()) == {1}


def test_fewer_seeds_do_not_replace_a_record(tmp_path: Path, traces: Path) -> None:
    for seeds in (32, 4, 64):
        list(runner(tmp_path).run(jobs(toy(Setting(str(traces)), seeds=seeds))))
        kept = {read(path).recipe.seeds[1] for path in (tmp_path / "results" / "toy").iterdir()}
        assert kept == {32: {32}, 4: {32, 4}, 64: {64}}[seeds]


def test_a_damaged_unit_or_record_is_done_again(tmp_path: Path, traces: Path) -> None:
    experiment = toy(Setting(str(traces)))
    list(runner(tmp_path).run(jobs(experiment)))
    (file,) = (tmp_path / "results" / "toy").iterdir()
    file.write_bytes(file.read_bytes()[:-20])
    damaged = min((tmp_path / "cache").rglob("*.json"))
    damaged.write_bytes(damaged.read_bytes().replace(b'"cpu_s":0.5', b'"cpu_s":0.7'))
    events = list(runner(tmp_path).run(jobs(experiment)))
    assert [event.before for event in of(events, Done)].count(False) == 1
    assert read(file).claims["order"].status == "accepted"


def fails_for_quick(unit: Mapping[str, Any], device: str) -> dict[str, Any]:
    if unit["arms"] == ("quick",) and unit["setting"]["gap"] == 1:
        raise ValueError("too quick")
    return toys.measured(unit, device)


def test_a_unit_that_fails_leaves_its_setting_without_a_record(tmp_path: Path, traces: Path) -> None:
    experiment = toy(Setting(str(traces)), Setting(str(traces), gap=2.0))
    events = list(runner(tmp_path, fails_for_quick).run(jobs(experiment)))
    (failed,) = of(events, Failed)
    assert failed.job.name == "toy 0"
    assert failed.why.startswith("quick with ")
    assert failed.why.endswith("ValueError: too quick")
    assert [event.record.number for event in of(events, Recorded)] == [1]
    assert [read(path).number for path in (tmp_path / "results" / "toy").iterdir()] == [1]


def lacks_an_arm(unit: Mapping[str, Any], device: str) -> dict[str, Any]:
    return {**toys.measured(unit, device), "values": {}}


def test_what_cannot_be_recorded_is_told(tmp_path: Path, traces: Path) -> None:
    events = list(runner(tmp_path, lacks_an_arm).run(jobs(toy(Setting(str(traces))))))
    (failed,) = of(events, Failed)
    assert "no record can be made" in failed.why


def start(folder: Path, seconds: float) -> "subprocess.Popen[str]":
    """A run of three settings in a process group of its own."""
    command = [sys.executable, "-m", "tests.training.toys", str(folder), str(seconds)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finished(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "cache").rglob("*.json")}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_run_that_is_stopped_loses_the_unit_in_work_at_most(
    tmp_path: Path, traces: Path, stop: signal.Signals
) -> None:
    run = start(tmp_path, 0.2)
    assert run.stdout is not None
    for _ in range(UNITS + 3):  # a record and two units more
        run.stdout.readline()
    os.kill(run.pid, stop) if stop == signal.SIGKILL else os.killpg(run.pid, stop)
    _, said = run.communicate()
    assert "SpawnProcess" not in said  # workers have nothing to say
    time.sleep(0.5)  # the worker is done with what it had, and finds nobody
    kept = finished(tmp_path)
    assert len(kept) >= UNITS + 2
    again = start(tmp_path, 0.2)
    assert again.wait() == 0
    again.communicate()
    assert kept.items() <= finished(tmp_path).items()
    assert len(finished(tmp_path)) == 3 * UNITS
    begun = toys.traces(traces)
    assert sum(begun.values()) <= 3 * UNITS + 1
    records: list[Record] = [read(path) for path in (tmp_path / "results" / "toy").iterdir()]
    assert [record.claims["order"].status for record in records] == ["accepted"] * 3
    assert all(msgspec.to_builtins(record) for record in records)
