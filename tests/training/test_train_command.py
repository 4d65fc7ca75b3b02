"""``quizgen train``: what it says, what it leaves, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console

from quizgen.cli import check, main
from quizgen.cli.train import Board, told
from solvers.training import records
from solvers.training.experiments import names
from solvers.training.records import read
from solvers.training.runner import Done, Failed, Recorded
from tests.training import toys

ROOT = Path(__file__).parents[2]
QUICK = ("imbalance", "--settings", "0", "--seeds", "2", "--device", "cpu")


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``quizgen train …`` in this process. Fails on a traceback."""

    def command(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["quizgen", "train", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ran(left.value.code if isinstance(left.value.code, int) else 0, out, err)

    return command


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished units that all tests here share."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def places(tmp_path: Path, cache: Path) -> list[str]:
    """Where a command keeps what it makes."""
    return ["--cache", str(cache), "--results", str(tmp_path / "results")]


def test_an_experiment_that_is_unknown_is_told_with_those_that_are_known(run: Run) -> None:
    ran = run("optimisers")
    assert ran.status == 2
    assert "unknown experiment 'optimisers'; did you mean 'optimizers'? (known: " in ran.err
    assert all(name in ran.err for name in names())


@pytest.mark.parametrize("numbers", ["99", "-1", "0,x", ""])
def test_a_setting_that_does_not_exist_is_refused(run: Run, numbers: str) -> None:
    ran = run("imbalance", "--settings", numbers)
    assert ran.status == 2
    assert "--settings: expected numbers from 0 to " in ran.err


def test_a_gpu_that_is_not_there_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    ran = run("imbalance", "--device", "cuda")
    assert ran == (2, "", "quizgen: --device: torch finds no GPU here\n")


def test_without_torch_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    ran = run("imbalance")
    assert ran == (2, "", "quizgen: quizgen train: torch is missing; pip install 'quizgen[proof]'\n")


def test_an_experiment_that_cannot_be_loaded_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ValueError("a rate below 0")

    monkeypatch.setattr("solvers.training.experiments.find", broken)
    ran = run("imbalance")
    assert ran == (2, "", "quizgen: experiment imbalance: cannot be loaded: ValueError: a rate below 0\n")


def test_a_setting_becomes_a_record_and_is_not_trained_again(run: Run, places: list[str], tmp_path: Path) -> None:
    ran = run(*QUICK, *places)
    assert ran.status == 0
    assert ran.err == ""
    assert ran.out.splitlines()[-1].startswith("1 of 1 settings have a record: 0 claims accepted, ")
    assert "sign: " in ran.out  # two seeds prove nothing
    (file,) = (tmp_path / "results" / "imbalance").iterdir()
    before = file.stat().st_mtime_ns
    again = run(*QUICK, *places)
    assert again.out.splitlines() == ran.out.splitlines()[-1:]
    assert file.stat().st_mtime_ns == before


def test_exploring_shows_effects_and_records_nothing(run: Run, places: list[str], tmp_path: Path) -> None:
    ran = run(*QUICK, "--explore", *places)
    assert ran.status == 0
    assert "imbalance 0 " in ran.out
    assert " in 2/2" in ran.out
    assert not (tmp_path / "results").exists()


def test_a_damaged_record_is_named_and_trained_again(run: Run, places: list[str], tmp_path: Path) -> None:
    run(*QUICK, *places)
    (file,) = (tmp_path / "results" / "imbalance").iterdir()
    before = file.read_bytes()
    file.write_bytes(before[:-100])
    ran = run(*QUICK, *places)
    assert ran.err.startswith(f"quizgen: skipped: {file}: no record")
    assert file.read_bytes() == before


def test_checking_families_names_records_that_are_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "imbalance" / "0123456789abcdef.json"
    file.parent.mkdir()
    file.write_text("{")
    monkeypatch.setattr(records, "folder", lambda: tmp_path)
    monkeypatch.setattr(records, "shipped", records.shipped.__wrapped__)
    check.warn()
    assert capsys.readouterr().err.startswith(f"quizgen: skipped: {file}: no record: ")


def test_a_record_of_other_sources_is_kept_unless_it_is_wanted_anew(
    run: Run, places: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*QUICK, *places)
    (file,) = (tmp_path / "results" / "imbalance").iterdir()
    monkeypatch.setattr("solvers.training.runner.code", lambda name: "0" * 64)
    monkeypatch.setattr("solvers.training.recording.code", lambda name: "0" * 64)
    monkeypatch.setattr("solvers.training.rechecking.code", lambda name: "0" * 64)
    ran = run(*QUICK, *places)
    assert ran.out.startswith("of 1 records: the sources have changed since, without a new version\n")
    assert read(file).code != "0" * 64
    run(*QUICK, "--anew", *places)
    assert read(file).code == "0" * 64


def test_records_are_checked_again(run: Run, places: list[str], tmp_path: Path) -> None:
    run(*QUICK, *places)
    results = places[2:]
    for level in ("cheap", "medium"):
        ran = run("imbalance", "--recheck", level, "--device", "cpu", *results)
        assert ran == (0, ran.out, "")
        assert ran.out.splitlines()[-1] == "1 records hold, 0 do not"
    (file,) = (tmp_path / "results" / "imbalance").iterdir()
    assert [mark["level"] for mark in read(file).verified] == ["medium"]
    file.write_bytes(file.read_bytes().replace(b'"rejected"', b'"accepted"'))
    ran = run("imbalance", "--recheck", "medium", *results)
    assert ran.status == 1
    assert "does not hold" in ran.out
    assert "its content is not what was written" in ran.out


def test_what_has_changed_is_found_by_training_again(run: Run, places: list[str], tmp_path: Path) -> None:
    from solvers.training.experiments import find
    from solvers.training.rechecking import Medium
    from solvers.training.units import sample, work

    run(*QUICK, *places)
    (file,) = (tmp_path / "results" / "imbalance").iterdir()
    record = read(file)
    experiment = find("imbalance")
    results = [work(vars(unit)) for unit in sample(experiment, record.recipe)]
    judged = Medium(experiment, record).judge(results)
    assert (judged.wrong, judged.notes, judged.moved) == ([], [], 0.0)
    arm, metrics = next(iter(results[0]["values"].items()))
    name = next(name for name in metrics if name in record.metrics)
    metrics[name] = [value + 0.9 for value in metrics[name]]
    judged = Medium(experiment, record).judge(results)
    assert any(f"{name} of {arm} with seed 1000 is " in why for why in judged.wrong)
    assert judged.moved > 0.1


def is_left(group: int) -> bool:
    """Whether nobody of a process group is there any more, after a while at most."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupted_run_says_so_and_leaves_nobody(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "quizgen", "train", "imbalance", "--jobs", "2", "--device", "cpu"]
    places = ["--cache", str(tmp_path / "cache"), "--results", str(tmp_path / "results")]
    process = subprocess.Popen(
        [*command, *places],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    for _ in range(600):
        if list((tmp_path / "cache").rglob("*.json")):
            break
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (130, "quizgen: interrupted")
    assert is_left(process.pid)
    assert all(json.loads(path.read_bytes()) for path in (tmp_path / "cache").rglob("*.json"))


# The table.


@pytest.fixture
def events(tmp_path: Path) -> list[object]:
    """What happens when two settings are trained, of which one is rejected."""
    (tmp_path / "traces").mkdir()
    own = [toys.Setting(str(tmp_path / "traces"), gap=gap) for gap in (1.0, 0.0)]
    return [*toys.runner(tmp_path).run(toys.jobs(toys.toy(*own)))]


def test_the_table_shows_how_far_each_experiment_is(tmp_path: Path, events: list[object]) -> None:
    jobs = [event.job for event in events if isinstance(event, Recorded)]
    board = Board(jobs)
    rows = []
    for event in [*events, Failed(jobs[0], "for a test")]:
        assert isinstance(event, Done | Failed | Recorded)
        board.see(event)
        console = Console(width=100, record=True, file=StringIO())
        console.print(board.table())
        rows.append(console.export_text().splitlines()[-1].split())
    assert rows[0] == ["toy", "1/12", "0/2", "0", "0", "0", "0.0"]
    assert rows[-2] == ["toy", "12/12", "2/2", "1", "1", "0", "6.0"]
    assert rows[-1] == ["toy", "12/12", "2/2", "1", "1", "1", "6.0"]
    assert board.sentence() == "2 of 2 settings have a record: 1 claims accepted, 1 rejected; 6 CPU s"


def test_a_line_tells_the_answer_its_effects_and_why_it_is_rejected(events: list[object]) -> None:
    first, second = (event for event in events if isinstance(event, Recorded))
    assert [line.strip() for line in told(first, True).splitlines()] == [
        "toy 0                    order: slow > quick  accepted",
        "slow > quick: 1 [1, 1] in 32/32",
    ]
    assert "rejected" in told(second, True)
    assert "many: " in told(second, True).splitlines()[-1]
    assert told(first, False) == ""
