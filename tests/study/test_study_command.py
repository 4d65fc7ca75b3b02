"""``quizgen study``: where answers are kept, whose they are, and one clear message for whatever is wrong."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from quizgen.cli import study
from quizgen.errors import InputError, UnknownName
from quizgen.study.store import Store, sqlite

ROOT = Path(__file__).parents[2]
SIDE = "convolution"


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


def run(*arguments: object, typed: str = "", home: Path | None = None, **environment: str) -> Ran:
    """Runs ``quizgen study …`` with a keyboard that types and then is gone. Fails on a traceback."""
    ran = subprocess.run(
        [sys.executable, "-m", "quizgen", "study", *map(str, arguments)],
        input=typed, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False, timeout=60,
        env={**os.environ, "COLUMNS": "80", **({"HOME": str(home)} if home else {}), **environment},
    )  # fmt: skip
    assert "Traceback" not in ran.stderr
    return Ran(ran.returncode, ran.stdout, ran.stderr)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Where the answers of this test are kept."""
    return tmp_path / "study.db"


def practise(db: Path, *more: object, typed: str = "?\n") -> Ran:
    """Practises in the terminal."""
    return run("--terminal", "--db", db, "--lang", "en", "--areas", SIDE, *more, typed=typed)


def learners(db: Path) -> dict[str, int]:
    """The learners of a file, with how many answers each has."""
    with Store(sqlite(db)) as store:
        return {name: sum(1 for _ in store.answers(store.learner(name))) for name in store.learners()}


def test_the_first_learner_needs_no_name(db: Path) -> None:
    ran = practise(db)
    assert ran.status == 0
    assert "1 answer in this session" in ran.out
    assert learners(db) == {"me": 1}


def test_the_only_learner_needs_none_either(db: Path) -> None:
    practise(db, "--learner", "喆")
    practise(db)
    assert list(learners(db)) == ["喆"]


def test_a_mistyped_name_makes_no_learner(db: Path) -> None:
    practise(db, "--learner", "Nguyễn")
    refused = practise(db, "--learner", "Nguyen", typed="\n")
    assert refused.status == 0
    assert "unknown learner 'Nguyen'" in refused.err
    assert "did you mean 'Nguyễn'?" in refused.err
    assert list(learners(db)) == ["Nguyễn"]
    assert practise(db, "--learner", "Nguyen", typed="y\n?\n").status == 0
    assert learners(db) == {"Nguyễn": 1, "Nguyen": 1}


def test_with_several_learners_one_is_named(db: Path) -> None:
    with Store(sqlite(db)) as store:
        store.learner("a")
        store.learner("b")
    ran = practise(db)
    assert ran.status == 2
    assert "expected the name of a learner (known: a, b)" in ran.err


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[31mb", "x" * 81])
def test_what_is_no_name_is_refused(db: Path, name: str) -> None:
    ran = practise(db, "--learner", name)
    assert ran.status == 2
    assert "expected a name" in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--areas", "convolutions"], "did you mean 'convolution'?"),
        (["--lang", "de"], "expected en, zh"),
        (["--bank", "nowhere"], "there is no such folder"),
        (["--new", "-1"], "--new"),
        (["--port", "70000"], "--port"),
        (["--db", "/dev/null/study.db"], "/dev/null"),
        (["--db", "/proc/version"], "/proc/version"),
        (["--db", "README.md"], "README.md"),
        (["exports"], "exports"),
    ],
)
def test_one_message_for_what_is_wrong(db: Path, arguments: list[str], said: str) -> None:
    before = (ROOT / "README.md").read_bytes()
    ran = run("--terminal", "--db", db, *arguments)
    assert ran.status == 2
    assert said in ran.err
    assert (ROOT / "README.md").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    ran = run("--terminal", XDG_DATA_HOME=str(tmp_path / "data"), home=tmp_path)
    assert ran.status == 2
    assert "data" in ran.err
    assert ran.err.count("\n") == 1


def test_a_disk_that_cannot_be_written_ends_in_one_message(db: Path) -> None:
    practise(db)
    with sqlite3.connect(db) as connection:  # as root, no file is read-only
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON answer BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    connection.close()
    ran = practise(db)
    assert ran.status == 2
    assert "this cannot be kept: disk is full" in ran.err
    assert learners(db) == {"me": 1}


def test_a_broken_bank_leaves_the_others_in_place(db: Path, tmp_path: Path) -> None:
    broken = tmp_path / "bank" / SIDE / "broken.py"
    broken.parent.mkdir(parents=True)
    broken.write_text("1 // 0", encoding="utf-8")
    assert practise(db, "--bank", tmp_path / "bank").status == 0
    ran = run("--terminal", "--db", db, "--bank", tmp_path / "bank", "--areas", "nothing")
    assert ran.status == 2


def test_a_bank_with_a_family_twice_is_one_message(db: Path, tmp_path: Path) -> None:
    twice = tmp_path / "bank" / SIDE / "output_side.py"
    twice.parent.mkdir(parents=True)
    twice.write_text("", encoding="utf-8")
    ran = practise(db, "--bank", tmp_path / "bank")
    assert ran.status == 2
    assert "output_side" in ran.err


def test_a_damaged_file_is_told(db: Path) -> None:
    practise(db)
    data = bytearray(db.read_bytes())
    data[100:4096] = b"\xff" * 3996
    db.write_bytes(data)
    ran = practise(db)
    assert ran.status == 0
    assert "was damaged and is set aside as" in ran.err


def test_a_keyboard_that_is_gone_ends_it(db: Path) -> None:
    assert practise(db, typed="").status == 0
    closed = subprocess.run(
        f"{sys.executable} -m quizgen study --terminal --db {db} <&-",
        shell=True, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False,
    )  # fmt: skip
    assert (closed.returncode, closed.stderr) == (2, "quizgen: stdin: is closed\n")


def test_the_language_is_that_of_the_system(db: Path) -> None:
    ran = run("--terminal", "--db", db, typed="q\n", LC_ALL="zh_CN.UTF-8")
    assert "学习记录已保存" in ran.out


# To another machine, and away.


def test_answers_go_to_another_file_and_back(db: Path, tmp_path: Path) -> None:
    practise(db, "--learner", "a", typed="?\nk\nit is 13\n")
    lines = run("export", "--db", db).out
    assert [json.loads(line)["learner"] for line in lines.splitlines()] == ["a"]
    assert run("--db", db, "export").out == lines
    (remark,) = run("export", "--db", db, "--remarks").out.splitlines()
    assert json.loads(remark)["answer"]["remark"] == "it is 13"
    assert json.loads(remark)["code"] in run("export", "--db", db, "--remarks", "--csv").out
    assert "--csv: goes with --remarks only" in run("export", "--db", db, "--csv").err
    file, other = tmp_path / "a.jsonl", tmp_path / "other.db"
    assert run("export", "--db", db, "-o", file).status == 0
    assert run("import", file, "--db", other).out == "1 new, 0 known; learners: a\n"
    assert run("import", file, "--db", other).out == "0 new, 1 known; learners: a\n"
    assert run("import", file, "--db", other, "--learner", "b").out == "1 new, 0 known; learners: b\n"
    assert learners(other) == {"a": 1, "b": 1}
    assert run("export", "--db", other, "--learner", "a").out == lines


def test_a_learner_is_deleted_after_a_question(db: Path) -> None:
    practise(db, "--learner", "a")
    assert run("forget", "a", "--db", db, typed="n\n").status == 0
    assert learners(db) == {"a": 1}
    assert run("forget", "a", "--db", db, typed="y\n").out == "deleted: a, 1 answers\n"
    assert learners(db) == {}
    ran = run("forget", "a", "--db", db, "--yes")
    assert ran.status == 2
    assert "unknown learner 'a'" in ran.err


@pytest.mark.parametrize("text", ["nonsense\n", "{}\n", '{"learner": "a", "answer": 1}\n'])
def test_a_file_that_is_no_export_adds_nothing(db: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    ran = run("import", tmp_path / "a.jsonl", "--db", db)
    assert ran.status == 2
    assert "a.jsonl, line 1" in ran.err
    assert run("import", tmp_path / "b.jsonl", "--db", db).status == 2
    assert run("export", "--db", db, "--learner", "a").status == 2


# Where the file is.


@pytest.mark.parametrize(
    "platform, environment, expected",
    [
        ("linux", {}, "home/.local/share/quizgen"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/quizgen"),
        ("darwin", {}, "home/Library/Application Support/quizgen"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/quizgen"),
        ("win32", {}, "home/AppData/Local/quizgen"),
    ],
)
def test_the_data_folder_is_that_of_the_system(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], expected: str
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    assert study.data_folder() == Path(expected)


def test_who_practises(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(sqlite(db)) as store:
        assert study.whose(store, None) == "me"
        assert study.whose(store, " Ada ") == "Ada"
        store.learner("Ada")
        assert study.whose(store, None) == "Ada"
        store.learner("Bo")
        with pytest.raises(UnknownName):
            study.whose(store, None)
        store.learner("me")
        assert study.whose(store, None) == "me"
        with pytest.raises(InputError):
            study.whose(store, "\t")
