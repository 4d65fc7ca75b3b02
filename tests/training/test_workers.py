"""Who does the work: results by key, workers that die, and the same with Ray."""

import socket
from pathlib import Path
from typing import Any

import pytest

from solvers.training.workers import Failure, run
from tests.training import toys

NUMBERS = {f"key {number}": {"number": number} for number in range(7)}


def deadly(folder: Path, **deaths: int) -> dict[str, Any]:
    """Tasks that kill their worker so many times."""
    return {name: {"folder": str(folder), "name": name, "deaths": count} for name, count in deaths.items()}


@pytest.mark.parametrize("jobs", [1, 2, 20])
def test_every_task_has_its_result(jobs: int) -> None:
    found = dict(run(NUMBERS, jobs=jobs, device="there", work=toys.double))
    assert {key: result["twice"] for key, result in found.items()} == {f"key {n}": 2 * n for n in range(7)}
    assert {result["device"] for result in found.values()} == {"there"}
    assert len({result["process"] for result in found.values()}) <= jobs


def test_without_tasks_nobody_is_started() -> None:
    assert list(run({}, jobs=2, work=toys.double)) == []


def test_an_error_is_told_with_its_type_and_the_others_go_on() -> None:
    found = dict(run(NUMBERS, jobs=2, work=toys.complain))
    assert found["key 3"] == Failure("ValueError: 3 is odd")
    assert [found[f"key {n}"] for n in (0, 2, 4, 6)] == [0, 2, 4, 6]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_worker_that_dies_is_replaced_and_its_task_tried_once_more(tmp_path: Path, jobs: int) -> None:
    tasks = deadly(tmp_path, sound=0, weak=1, hopeless=9, other=0)
    found = dict(run(tasks, jobs=jobs, work=toys.die))
    assert isinstance(found["hopeless"], Failure)
    assert "died twice (signal SIGKILL)" in found["hopeless"].why
    assert {key: result for key, result in found.items() if key != "hopeless"} == {
        "sound": "sound", "weak": "weak", "other": "other"
    }  # fmt: skip
    assert toys.traces(tmp_path) == {"sound": 1, "weak": 2, "hopeless": 2, "other": 1}


def test_a_worker_that_leaves_is_told_with_its_status() -> None:
    ((_, found),) = run({"only": {}}, work=toys.leave)
    assert isinstance(found, Failure)
    assert "exit status 3" in found.why


def test_nobody_is_left_when_one_stops_listening() -> None:
    import multiprocessing

    results = run(NUMBERS, jobs=2, work=toys.double)
    next(results)
    assert multiprocessing.active_children()
    results.close()  # type: ignore[attr-defined]  # a generator
    assert not multiprocessing.active_children()


def test_a_cluster_that_does_not_answer_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for given in (address, f"ray://{address}"):
            monkeypatch.setenv("RAY_ADDRESS", given)
            with pytest.raises(ConnectionError, match=f"nobody answers at RAY_ADDRESS, {given}: "):
                list(run({"a": {}}, "ray", 1))
