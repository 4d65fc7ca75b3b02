"""What can go wrong around a learner: disks, ports, browsers, windows that are killed, notes that are damaged."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from starlette.testclient import TestClient

from quizgen.bank import Bank
from quizgen.study import curriculum, mock, planning, sheet
from quizgen.study.menu import WORDS
from quizgen.study.screen import Screen as Shown
from quizgen.study.session import Session
from quizgen.study.store import Store, sqlite
from quizgen.study.terminal import Terminal
from quizgen.study.ways import Way
from quizgen.study.web import desk
from quizgen.study.web.app import Study
from tests.study.answered import answer
from tests.study.screens import Start, kept, number, one
from tests.study.test_study_command import ROOT, learners, practise, run

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COURSE = curriculum.read(Bank())
KILLS = 5


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


@pytest.fixture
def session(db: Path) -> Iterator[Session]:
    with Store(sqlite(db)) as store:
        yield Session(store, "me", COURSE)


# Ports and browsers.


def test_a_port_that_is_taken_is_one_message(db: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = run("--db", db, "--no-browser", "--port", port)
    assert (ran.status, ran.out) == (2, "")
    assert f"port {port} is taken" in ran.err
    assert ran.err.count("\n") == 1


def test_without_a_browser_the_address_is_said(db: Path) -> None:
    command = [sys.executable, "-m", "quizgen", "study", "--db", str(db), "--port", "0"]
    environment = {**os.environ, "BROWSER": "/nowhere/browser", "PATH": "/nowhere", "DISPLAY": ""}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        assert running.stderr
        said = [running.stdout.readline(), running.stdout.readline()]
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 0
        assert running.stderr.read() == ""
    assert said[0].startswith("quizgen study: http://127.0.0.1:")
    assert said[1].startswith("No browser could be opened: open http://127.0.0.1:")


# Disks.


def bound(folder: Path) -> list[str]:
    """What stands before a command that sees a folder read-only. Skips the test where that cannot be had."""
    before = [
        "unshare",
        "-m",
        "sh",
        "-c",
        f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}" && "$@"',
        "sh",
    ]
    if not shutil.which("unshare") or subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("only who may mount can make a folder read-only")
    return before


@pytest.mark.parametrize(
    "arguments", [["--terminal"], ["--no-browser", "--port", "0"], ["export"], ["forget", "me", "--yes"]]
)
def test_a_read_only_disk_is_one_message(db: Path, arguments: list[str]) -> None:
    practise(db)
    before = db.read_bytes()
    where = ["--db", str(db)]
    ran = subprocess.run(
        [*bound(db.parent), sys.executable, "-m", "quizgen", "study", *where, *arguments],
        cwd=ROOT, input="?\n", capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 2
    assert str(db) in ran.stderr
    assert "read" in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert db.read_bytes() == before


def test_a_disk_that_is_full_is_one_message_and_costs_nothing_that_was_kept(db: Path) -> None:
    with Store(sqlite(db)) as store:
        store.add(store.learner("me"), [answer(number) for number in range(300)])
    size = db.stat().st_size

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    more = answer(999, parameters={"k": ["x" * 1000] * 400})
    program = f"""
import sys
from quizgen.errors import InputError
from quizgen.study.store import Store, from_json, sqlite, Answer
answer = from_json(sys.stdin.buffer.read(), Answer)
with Store(sqlite({str(db)!r})) as store:
    try:
        store.record(store.learner("me"), answer)
    except InputError as error:
        print(error)
    print(sum(1 for _ in store.answers(store.learner("me"))))
"""
    from quizgen.study.store import to_json

    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, input=to_json(more), capture_output=True, check=False,
        preexec_fn=full,
    )  # fmt: skip
    said = ran.stdout.decode().splitlines()
    assert ran.returncode == 0, ran.stderr
    assert "this cannot be kept" in said[0]
    assert "full" in said[0] or "I/O" in said[0]
    assert said[1] == "300"
    with Store(sqlite(db)) as store:
        assert store.rescued is None
        assert sum(1 for _ in store.answers(store.learner("me"))) == 300


# Windows.


def test_two_windows_at_once_keep_what_is_answered_in_both(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screens = [start(), start()]
    asked = {number(screen.expect("GIVEN")) for screen in screens}
    assert len(asked) == 1  # the same question waits in both
    for screen in screens:
        screen.type("12")
    for screen in screens:
        screen.expect("Right.")
    screens[0].type("u")
    screens[0].expect("Taken back", "GIVEN")
    screens[0].type("13")
    screens[0].expect("Wrong.")
    screens[1].type("o")
    screens[1].type("4")
    screens[1].expect("Rated: easy.")
    answers = kept(tmp_path)
    assert sorted(str(answer.credit) for answer in answers) == ["0", "1"]
    with Store(sqlite(tmp_path / "study.db")) as store:
        (card,) = store.cards(store.learner("me")).values()
    assert card.reviews == 2


WRITER = """
import sys
from pathlib import Path
from datetime import UTC, datetime
from quizgen.bank import Bank
from quizgen.study import curriculum, sheet
from quizgen.study.session import Session
from quizgen.study.sheet import Sheet
from quizgen.study.store import Store, sqlite
from quizgen.study.web.desk import Desk
course = curriculum.read(Bank())
unit = course.unit("convolution/output_side")
with Store(sqlite(Path(sys.argv[1]))) as store:
    session, desk = Session(store, "me", course), Desk()
    while True:
        name = desk.put(session, session.ask(unit))
        desk.work(session, name, lambda page: type(page)(sheet.answered(session, page.sheet, "12", datetime.now(UTC))))
        print(desk.find(session, name).sheet.question.item.id, flush=True)
"""


def test_no_answered_question_is_lost_whoever_is_killed(db: Path) -> None:
    """Every answer that the learner has seen a verdict on is there, and every open page is one that can be shown."""
    seen: list[str] = []
    for attempt in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(db)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(5)]
            time.sleep(0.011 * attempt)
            process.kill()
            lines += process.stdout.read().splitlines(keepends=True)
        seen += [line.strip() for line in lines if line.endswith("\n")]
        with Store(sqlite(db)) as store:
            assert store.rescued is None
            session = Session(store, "me", COURSE)
            items = [answer.item for _, answer in store.answers(session.learner)]
            assert set(seen) <= set(items)
            assert len(items) - len(seen) <= attempt + 1  # one may be kept whose verdict was not seen any more
            (card,) = store.cards(session.learner).values()
            assert card.reviews == len(items)
            for name in desk._read(store.note(session.learner, desk.KEY)):
                assert desk.Desk().find(session, name) is not None
    assert len(seen) >= 5 * KILLS


# Notes.

NOTES = (sheet.KEY, planning.KEPT, mock.KEPT, mock.PAST, f"{mock.KEPT} count", desk.KEY)


@pytest.mark.parametrize("note", ["nonsense", "{}", "[]", "null", '{"day": "2026-12-18"}', "[" * 5000, "\x00"])
def test_a_damaged_note_stops_nobody(session: Session, note: str) -> None:
    for key in NOTES:
        session.store.keep_note(session.learner, key, note)
    exam = [":exam", "1", "", ":end", ""]
    lines = ["l", "l", *exam, *(line for word in WORDS for line in (f":{word}", "", "", "")), "q"]
    shown = StringIO()

    def read(prompt: str) -> str:
        return lines.pop(0) if lines else "q"

    Terminal(session, lambda: NOW, Shown("en", Console(file=shown, width=80), read), Way()).run()
    assert "Results" in shown.getvalue()
    assert "Until next time" in shown.getvalue()


@pytest.mark.parametrize("note", ["nonsense", "{}", "[]", "null", '{"day": "2026-12-18"}'])
def test_a_damaged_note_spoils_no_page(session: Session, note: str) -> None:
    browser = TestClient(Study(session, clock=lambda: NOW).app(("testserver",)), raise_server_exceptions=False)
    for path in ("/", "/next", "/plan", "/plan/next", "/exam", "/weak", "/topics", "/statistics"):
        for key in NOTES:
            session.store.keep_note(session.learner, key, note)
        page = browser.get(path)
        assert page.status_code == 200, (path, page.text)
        assert "went wrong" not in page.text


def test_what_is_not_there_any_more_is_shown_as_unavailable(session: Session) -> None:
    session.store.record(session.learner, answer(0, "convolution/was_there"))
    browser = TestClient(Study(session, clock=lambda: NOW).app(("testserver",)), raise_server_exceptions=False)
    for path in ("/", "/statistics", "/weak", "/plan", "/topics"):
        assert browser.get(path).status_code == 200
    page = browser.get("/")
    assert "Not available" in page.text
    assert "was" in page.text
    assert "convolution/was_there" in session.store.cards(session.learner)


# Files.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0 new, 0 known; learners: none"),
        (b"\n\n", "0 new, 0 known; learners: none"),
        (b"\x00\xff\x00", "line 1: this is no answer"),
        ("{}".encode("utf-16"), "line 1: this is no answer"),
        (b"x" * 2_000_000, "line 1: expected at most 1000000 bytes"),
        (b"[" * 100_000, "line 1: this is no answer"),
        (b'{"schema": 99}', "schema 99 is newer"),
    ],
)
def test_odd_files_are_imported_or_refused_in_one_line(db: Path, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(content)
    ran = run("import", tmp_path / "a.jsonl", "--db", db)
    assert said in ran.out + ran.err
    assert (ran.out + ran.err).count("\n") == 1
    assert ran.status == (2 if ran.err else 0)


def test_a_file_from_a_spreadsheet_program_may_begin_with_a_mark_and_end_its_lines_otherwise(
    db: Path, tmp_path: Path
) -> None:
    practise(db)
    exported = run("export", "--db", db).out
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + exported.encode().replace(b"\n", b"\r\n"))
    assert run("import", tmp_path / "a.jsonl", "--db", tmp_path / "b.db").out == "1 new, 0 known; learners: me\n"


@pytest.mark.parametrize("arguments", [["export"], ["forget", "me", "--yes"], ["statistics"]])
def test_a_file_that_is_not_there_is_not_made_by_who_only_looks(tmp_path: Path, arguments: list[str]) -> None:
    ran = run(*arguments, "--db", tmp_path / "mistyped.db")
    assert ran.status == 2
    assert "mistyped.db: there is no such file" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_to_is_named(db: Path, tmp_path: Path) -> None:
    practise(db)
    for target in (tmp_path, tmp_path / "nowhere" / "a.jsonl", "/dev/full"):
        ran = run("export", "--db", db, "-o", target)
        assert ran.status == 2
        assert str(target) in ran.err
    assert run("import", tmp_path, "--db", db).status == 2
    assert learners(db) == {"me": 1}
