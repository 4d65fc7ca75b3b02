"""``quizgen serve`` as it is started, and a class at work on it, in both databases."""

import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from quizgen.errors import InputError
from quizgen.study import database
from quizgen.study.classroom import Classroom, Refused
from quizgen.study.store import Store, sqlite
from quizgen.study.web import server
from tests.bench import load
from tests.study.answered import NOW, answer
from tests.study.postgres import server as postgres

ROOT = Path(__file__).parents[2]
LEARNERS, SECONDS = 10, 5.0
THINK = (0.1, 0.5)


@contextmanager
def started(*options: str) -> Iterator[tuple[list[str], list[str]]]:
    """The command at work: the three lines that it says, and what it has warned of when it is over."""
    command = [sys.executable, "-m", "quizgen", "serve", "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stderr
        warned: list[str] = []
        try:
            yield [running.stdout.readline() for _ in range(3)], warned
        finally:
            running.terminate()
            warned += running.stderr.readlines()


def ran(*options: str) -> "subprocess.CompletedProcess[str]":
    """The command, where it does not get as far as serving."""
    command = [sys.executable, "-m", "quizgen", "serve", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def link(line: str) -> str:
    """The address in a line."""
    found = re.search(r"https?://\S+", line)
    assert found
    return found[0]


def test_it_says_where_it_is_and_how_one_gets_in_and_says_the_same_again(tmp_path: Path) -> None:
    url, said = sqlite(tmp_path / "class.db"), []
    for _ in range(2):
        with started("--url", url, "--title", "Deep learning") as ((own, join, teacher), warned):
            page = httpx2.get(link(join))
            assert "Deep learning" in page.text
            assert httpx2.get(link(teacher), follow_redirects=True).status_code == 200
            said.append((link(join).rpartition("/")[2], link(teacher).rpartition("/")[2]))
            assert link(own).startswith("http://127.0.0.1:")
        assert not warned, "on loopback there is nothing to warn of"
    assert said[0] == said[1]
    with started("--url", url, "--new-code") as ((own, join, teacher), _):
        assert not {link(join).rpartition("/")[2], link(teacher).rpartition("/")[2]} & set(said[0])


def test_beyond_this_machine_only_when_asked_with_a_word_about_https(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "class.db")
    with started("--url", url, "--host", "0.0.0.0") as ((own, _, _), warned):
        port = link(own).rstrip("/").rpartition(":")[2]
        assert httpx2.get(f"http://127.0.0.1:{port}/join").status_code == 200
        assert httpx2.get(f"http://127.0.0.1:{port}/join", headers={"host": "evil.test"}).status_code == 400
        assert socket.gethostname() not in ("", "evil.test")
        page = httpx2.get(f"http://127.0.0.1:{port}/join", headers={"host": socket.gethostname()})
        assert page.status_code == 200
        assert "secure" not in page.headers["set-cookie"].lower()
    assert "https" in "".join(warned)


def test_behind_a_proxy_links_and_cookies_are_those_of_https(tmp_path: Path) -> None:
    url = sqlite(tmp_path / "class.db")
    with started("--url", url, "--address", "https://study.test/") as ((own, join, teacher), _):
        assert link(join).startswith("https://study.test/join?code=")
        assert link(teacher).startswith("https://study.test/teacher?key=")
        page = httpx2.get(f"{link(own)}join", headers={"host": "study.test"})
        assert page.status_code == 200
        assert "secure" in page.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "options, said",
    [
        ((), "--url"),
        (("--url", "class.db"), "sqlite:///FILE"),
        (("--url", "sqlite://"), "expected a file"),
        (("--url", "mysql://me:hunter2@localhost/a"), "got mysql://"),
        (("--url", "sqlite:////proc/none/class.db"), "cannot be opened"),
        (("--url", "postgresql://nobody:hunter2@127.0.0.1:1/none"), "cannot be opened"),
        (("--url", "sqlite:///{folder}/a.db", "--areas", "atention"), "unknown area 'atention'"),
        (("--url", "sqlite:///{folder}/a.db", "--lang", "xx"), "--lang"),
        (("--url", "sqlite:///{folder}/a.db", "--host", "192.0.2.1"), "no address of this machine"),
        (("--url", "sqlite:///{folder}/a.db", "--address", "study.test"), "https://NAME"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_line(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = ran(*(option.replace("{folder}", str(tmp_path)) for option in options))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with server.listening(0) as taken:
        done = ran("--url", sqlite(tmp_path / "a.db"), "--port", str(taken.getsockname()[1]))
    assert "is taken" in done.stderr


# Databases.


@pytest.fixture(scope="module", params=load.DATABASES)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield sqlite(tmp_path_factory.mktemp("class") / "class.db")
    else:
        with postgres() as found:
            yield found.replace("postgresql+psycopg://", "postgresql://")


def test_two_servers_that_start_at_once_have_one_class(url: str) -> None:
    def start(_: int) -> object:
        with Store(url) as store:
            return Classroom(store).secrets

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1


def test_of_those_who_want_a_name_at_once_one_gets_it(url: str) -> None:
    with Store(url) as store:
        room = Classroom(store)

        def join(_: int) -> str:
            try:
                return room.enter("Ann", room.secrets.join, NOW).name
            except Refused as refused:
                return refused.reason

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(join, range(4))) == ["Ann", "taken", "taken", "taken"]


def test_a_code_that_is_used_twice_at_once_is_used_once(url: str) -> None:
    with Store(url) as store:
        room = Classroom(store)
        member = room.enter("Ben", room.secrets.join, NOW)
        code = room.issue(member.number, NOW)

        def come(_: int) -> str:
            try:
                return room.enter("Ben", code, NOW).key
            except Refused as refused:
                return refused.reason

        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(come, range(4))) == sorted([member.key, "code", "code", "code"])


def test_everything_of_a_learner_goes(url: str) -> None:
    with Store(url) as store:
        room = Classroom(store)
        member = room.enter("Cleo", room.secrets.join, NOW)
        store.record(member.number, answer())
        room.issue(member.number, NOW)
        store.forget(member.number)
        assert not room.is_member(member.number, member.key)
        assert "Cleo" not in store.learners()
        assert not [number for number, _ in store.all_answers() if number == member.number]


def test_a_file_of_before_there_were_classes(tmp_path: Path) -> None:
    """The tables of schema 1 as a file has them whose learner has practised alone."""
    file = tmp_path / "study.db"
    with Store(sqlite(file)) as store:
        store.record(store.learner("me"), answer())
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT value FROM about WHERE key = 'schema'").fetchall() == [("1",)]
    with Store(sqlite(file)) as store:
        room = Classroom(store)
        with pytest.raises(Refused, match="taken"):
            room.enter("Me", room.secrets.join, NOW)
        member = room.enter("me", room.issue(1, NOW), NOW)
        assert (member.number, member.name) == (1, "me")
        assert room.is_member(1, member.key)


def test_postgresql_needs_its_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'quizgen\[postgres\]'"):
        Store("postgresql://localhost/class")


def test_an_address_of_a_database_as_it_is_written() -> None:
    with pytest.raises(InputError, match="sqlite:///FILE"):
        Store("here")
    with pytest.raises(InputError) as error:
        Store("postgresql://me:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(error.value)
    assert "127.0.0.1" in str(error.value)


def test_a_small_class_at_work_loses_nothing(url: str) -> None:
    """The load of the bench in small; how fast it is depends on what else is at work here, so that is only printed."""
    with load.serving(url) as (port, code):
        seen = load.learners(port, code, LEARNERS, SECONDS, THINK)
    spent = sorted(seen.all())
    print(f"{len(spent)} requests, 95 % within {1000 * spent[len(spent) * 95 // 100]:.0f} ms")
    assert not seen.errors
    assert seen.answers > 5 * LEARNERS
    assert load.kept(url) == seen.answers
