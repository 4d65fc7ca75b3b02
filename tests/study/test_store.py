"""The store: nothing answered is lost, whoever is killed, writes at the same time, or damages the file."""

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quizgen.errors import InputError
from quizgen.study import schedule, store
from quizgen.study.schedule import RATINGS, Card
from quizgen.study.store import Answer, Store, sqlite
from tests.study.answered import NOW, answer

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


@pytest.fixture
def kept(file: Path) -> Iterator[Store]:
    with Store(sqlite(file)) as opened:
        yield opened


def fill(file: Path, count: int, name: str = "Ann") -> None:
    """A file with some answers."""
    with Store(sqlite(file)) as opened:
        opened.add(opened.learner(name), [answer(number, f"a/{number % 7}") for number in range(count)])


# Answers and cards.


def test_an_answer_comes_back_as_it_was(kept: Store) -> None:
    learner = kept.learner("王喆")
    given = answer(
        3, parameters={"k": [1, {"q": "1/2"}]}, mistakes={"answer": "slip"}, remark="the key is 4", seconds=9
    )
    number, card = kept.record(learner, given)
    assert list(kept.answers(learner)) == [(number, given)]
    assert kept.answer(learner, number) == given
    assert kept.cards(learner) == {"a/b": card} == {"a/b": kept.card(learner, "a/b")}
    assert (card.reviews, card.met, card.last) == (1, given.at, given.at)


def test_an_answer_that_does_not_count_moves_no_card(kept: Store) -> None:
    learner = kept.learner("Ann")
    kept.record(learner, answer(0, counts=False))
    assert kept.cards(learner) == {}
    _, card = kept.record(learner, answer(1, rating="again"))
    kept.record(learner, answer(2, counts=False))
    assert kept.cards(learner) == {"a/b": card}


def test_the_answers_of_others_cannot_be_reached(kept: Store) -> None:
    ann, ben = kept.learner("Ann"), kept.learner("Ben")
    number, _ = kept.record(ann, answer())
    for attempt in (kept.answer, kept.withdraw):
        with pytest.raises(InputError, match="there is no answer"):
            attempt(ben, number)
    with pytest.raises(InputError, match="there is no answer"):
        kept.replace(ben, number, answer(remark="not mine"))
    assert kept.answer(ann, number) == answer()


@settings(max_examples=25)
@given(st.lists(st.sampled_from(RATINGS), min_size=1, max_size=8), st.data())
def test_an_answer_that_is_taken_back_has_never_been(ratings: list[schedule.Rating], data: st.DataObject) -> None:
    gone = data.draw(st.integers(0, len(ratings) - 1))
    given = [answer(900 * number, rating=rating) for number, rating in enumerate(ratings)]
    with Store("sqlite://") as one, Store("sqlite://") as other:
        ann, ben = one.learner("Ann"), other.learner("Ben")
        numbers = [one.record(ann, entry)[0] for entry in given]
        for entry in given[:gone] + given[gone + 1 :]:
            other.record(ben, entry)
        assert one.withdraw(ann, numbers[gone]) == other.card(ben, "a/b")
        assert one.cards(ann) == other.cards(ben)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(RATINGS), min_size=1, max_size=6), st.sampled_from(RATINGS), st.data())
def test_a_rating_that_is_overruled_counts_from_the_start(
    ratings: list[schedule.Rating], better: schedule.Rating, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(ratings) - 1))
    with Store("sqlite://") as one, Store("sqlite://") as other:
        ann, ben = one.learner("Ann"), other.learner("Ben")
        numbers = [one.record(ann, answer(900 * n, rating=rating))[0] for n, rating in enumerate(ratings)]
        for n, rating in enumerate(ratings):
            other.record(ben, answer(900 * n, rating=better if n == place else rating))
        one.replace(ann, numbers[place], answer(900 * place, rating=better))
        assert one.cards(ann) == other.cards(ben)


def test_answers_that_are_added_twice_are_there_once(kept: Store) -> None:
    learner = kept.learner("Ann")
    kept.record(learner, answer(5))
    given = [answer(number) for number in range(10)]
    assert kept.add(learner, given) == 9
    assert kept.add(learner, given) == 0
    assert [entry for _, entry in kept.answers(learner)] == given
    card = kept.card(learner, "a/b")
    assert card is not None
    assert (card.reviews, card.met) == (10, NOW)


def test_answers_since_a_time(kept: Store) -> None:
    learner = kept.learner("Ann")
    kept.add(learner, [answer(number) for number in range(10)])
    found = [entry.at for _, entry in kept.answers(learner, since=NOW + timedelta(minutes=7))]
    assert found == [NOW + timedelta(minutes=number) for number in (7, 8, 9)]


def test_who_is_forgotten_leaves_nothing_in_the_file(file: Path) -> None:
    with Store(sqlite(file)) as kept:
        ann, ben = kept.learner("Ann"), kept.learner("Ben")
        kept.record(ann, answer(1, remark="SECRETREMARK"))
        kept.record(ben, answer(2))
        kept.forget(ann)
        assert kept.learners() == ["Ben"]
        assert len(list(kept.answers(ben))) == 1
        for part in file.parent.iterdir():
            assert b"SECRETREMARK" not in part.read_bytes(), part.name
        with pytest.raises(InputError, match="this learner has been deleted"):
            kept.record(ann, answer(3))
    with closing(sqlite3.connect(file)) as database:
        tables = ("learner", "card", "answer")
        assert [database.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables] == [(1,)] * 3


# Processes.

WRITER = """
import sys
from quizgen.study.store import Store, sqlite
from tests.study.answered import answer
from pathlib import Path
file, name, first, count = sys.argv[1:]
with Store(sqlite(Path(file))) as kept:
    learner = kept.learner(name)
    for number in range(int(first), int(first) + int(count)):
        kept.record(learner, answer(number))
        print(number, flush=True)
"""


def writer(file: Path, first: int, count: int, name: str = "Ann") -> "subprocess.Popen[str]":
    """A process that answers, and prints the number of every answer once it is kept."""
    command = [sys.executable, "-c", WRITER, str(file), name, str(first), str(count)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("patience", [0.0, 0.013, 0.037])
def test_a_process_that_is_killed_loses_nothing_that_was_answered(file: Path, patience: float) -> None:
    process = writer(file, 0, 100_000)
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(20)]
    time.sleep(patience)
    process.send_signal(signal.SIGKILL)
    said += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    process.wait()
    told = [int(line) for line in said if line.endswith("\n")]
    with Store(sqlite(file)) as kept:
        learner = kept.learner("Ann")
        numbers = [entry.parameters["k"] for _, entry in kept.answers(learner)]
        card = kept.card(learner, "a/b")
        assert kept.rescued is None
    assert numbers[: len(told)] == told
    assert len(numbers) - len(told) in (0, 1)  # one may be kept whose number was not printed any more
    assert card is not None
    assert card.reviews == len(numbers)


def test_two_windows_write_at_once(file: Path) -> None:
    windows = [writer(file, 1000 * window, 60) for window in range(2)]
    for window in windows:
        window.communicate()
    assert [window.returncode for window in windows] == [0, 0]
    with Store(sqlite(file)) as kept:
        assert kept.learners() == ["Ann"]
        learner = kept.learner("Ann")
        assert len(list(kept.answers(learner))) == 120
        card = kept.card(learner, "a/b")
    assert card is not None
    assert card.reviews == 120  # neither wrote over what the other had just written


# Damage.


def overwrite(file: Path, start: int, length: int) -> None:
    with file.open("r+b") as data:
        data.seek(start)
        data.write(b"\xa5" * length)


def rescued(file: Path) -> tuple[store.Rescued, list[Answer]]:
    """What is told of a damaged file, and the answers that it had."""
    before = file.read_bytes()
    with Store(sqlite(file)) as kept:
        told = kept.rescued
        assert told is not None
        answers = [entry for name in kept.learners() for _, entry in kept.answers(kept.learner(name))]
        reviews = sum(card.reviews for name in kept.learners() for card in kept.cards(kept.learner(name)).values())
    assert told.backup.read_bytes() == before
    assert told.answers == len(answers) == reviews
    with Store(sqlite(file)) as again:
        assert again.rescued is None
    return told, answers


def test_a_broken_page_costs_the_answers_on_it(file: Path) -> None:
    fill(file, 300)
    overwrite(file, file.stat().st_size // 2, 2000)
    told, answers = rescued(file)
    assert told.backup.name == "study.db.damaged-1"
    assert 200 < told.answers < 300
    assert {entry.parameters["k"] for entry in answers} <= set(range(300))


def test_a_lost_first_page_costs_nothing(file: Path) -> None:
    fill(file, 300)
    overwrite(file, 0, 4096)
    _, answers = rescued(file)
    assert sorted(entry.parameters["k"] for entry in answers) == list(range(300))


NOTES = {"plan": '{"day": "2026-12-18"}', "mock": "喆" * 3000, "sheet": "{}"}
"""Short and long ones: an exam that is being sat fills pages of its own."""


def noted(file: Path) -> None:
    """A file with answers and notes of two learners, of which the second has been numbered 3."""
    fill(file, 40)
    with Store(sqlite(file)) as kept:
        kept.forget(kept.learner("gone"))
        kept.learner("Bo")
        for name in ("Ann", "Bo"):
            for key, value in NOTES.items():
                kept.keep_note(kept.learner(name), key, value)
        kept.keep_about("class", "the code")


def test_notes_and_numbers_outlive_a_lost_first_page(file: Path) -> None:
    noted(file)
    with Store(sqlite(file)) as kept:
        numbers = {name: kept.learner(name) for name in kept.learners()}
    overwrite(file, 0, 4096)
    with Store(sqlite(file)) as kept:
        assert kept.rescued is not None
        assert {name: kept.learner(name) for name in kept.learners()} == numbers
        for learner in numbers.values():
            assert {key: kept.note(learner, key) for key in NOTES} == NOTES
        assert kept.about("class") == "the code"
    with Store(sqlite(file)) as again:
        assert again.rescued is None


def test_a_broken_page_costs_what_is_on_it_and_no_more(file: Path) -> None:
    noted(file)
    sound = file.read_bytes()
    whole = 0
    pages = range(1, len(sound) // 4096)
    for page in pages:
        file.write_bytes(sound)
        overwrite(file, page * 4096 + 100, 3900)
        with Store(sqlite(file)) as kept:
            learners = kept.learners()
            notes = [kept.note(kept.learner(name), key) for name in learners for key in NOTES]
            answers = sum(1 for name in learners for _ in kept.answers(kept.learner(name)))
            for note in notes:
                assert note is None or note in NOTES.values()
            whole += (notes.count(None), answers, kept.about("class")) == (0, 40, "the code")
            assert answers or notes.count(None) == 0
    assert whole >= len(pages) // 2  # the others have what was on the page


def test_a_note_that_is_no_text_any_more_is_left_out(file: Path) -> None:
    noted(file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE note SET value = CAST(x'ff80' AS TEXT) WHERE key = 'plan'")
    with Store(sqlite(file)) as kept:
        assert kept.rescued is not None
        ann = kept.learner("Ann")
        assert [kept.note(ann, key) for key in NOTES] == [None, *list(NOTES.values())[1:]]


def test_a_file_that_was_cut_off_gives_what_is_left(file: Path) -> None:
    fill(file, 300)
    with file.open("r+b") as data:
        data.truncate(file.stat().st_size * 2 // 3)
    told, _ = rescued(file)
    assert told.answers > 20


def test_an_answer_that_is_no_json_any_more_is_left_out(file: Path) -> None:
    fill(file, 9)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE answer SET answer = substr(answer, 1, 60) WHERE id = 4")
    _, answers = rescued(file)
    assert [entry.parameters["k"] for entry in answers] == [0, 1, 2, 4, 5, 6, 7, 8]


def test_a_second_damaged_file_does_not_replace_the_first(file: Path) -> None:
    for number in (1, 2):
        fill(file, 50)
        overwrite(file, 0, 4096)
        told, _ = rescued(file)
        assert told.backup.name == f"study.db.damaged-{number}"


def test_a_file_that_was_never_ours_is_left_alone(file: Path) -> None:
    file.write_text("my notes\n" * 1000)
    with pytest.raises(InputError, match="no file of quizgen study"):
        Store(sqlite(file))
    assert file.read_text() == "my notes\n" * 1000


def test_a_database_of_another_program_is_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE places (url TEXT)")
    with pytest.raises(InputError, match="another program"):
        Store(sqlite(file))
    with closing(sqlite3.connect(file)) as database:
        assert [row[0] for row in database.execute("SELECT name FROM sqlite_master")] == ["places"]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with 60 answers."""
    file = tmp_path_factory.mktemp("sound") / "study.db"
    fill(file, 60)
    return file


@settings(max_examples=40)
@given(junk=st.binary(min_size=1, max_size=200), at=st.integers(0, 60_000))
@example(junk=b"\x80", at=3369)
def test_whatever_is_damaged_is_told_or_still_reads(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int
) -> None:
    file = tmp_path_factory.mktemp("any") / "study.db"
    data = sound.read_bytes()
    at = min(at, len(data))
    file.write_bytes(data[:at] + junk + data[at + len(junk) :])
    with Store(sqlite(file)) as kept:
        for name in kept.learners():
            learner = kept.learner(name)
            assert len(list(kept.answers(learner))) <= 60
            assert sum(card.reviews for card in kept.cards(learner).values()) <= 60


# Files that cannot be used.


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    file = tmp_path / "data" / "quizgen" / "study.db"
    fill(file, 1)
    assert file.is_file()


@pytest.mark.parametrize("place", ["/proc/quizgen/study.db", "/dev/null/study.db"])
def test_a_place_where_nothing_can_be_written_is_named(place: str) -> None:
    with pytest.raises(InputError, match="cannot be opened") as error:
        Store(sqlite(Path(place)))
    assert error.value.where == place


def test_a_disk_that_becomes_read_only_is_told_and_spoils_nothing(kept: Store) -> None:
    learner = kept.learner("Ann")
    kept.record(learner, answer(1))
    with kept.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA query_only = ON")
    with pytest.raises(InputError, match=r"this cannot be kept: .*readonly"):
        kept.record(learner, answer(2))
    assert [entry for _, entry in kept.answers(learner)] == [answer(1)]


def test_a_newer_schema_is_refused_and_left_as_it_is(file: Path) -> None:
    fill(file, 3)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE about SET value = '99'")
        database.execute("DROP TABLE card")
    with pytest.raises(InputError, match="schema 99 is newer than 1"):
        Store(sqlite(file))
    with closing(sqlite3.connect(file)) as database:
        assert not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'card'").fetchall()


OLD = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO about VALUES ('schema', '0');
CREATE TABLE person (id INTEGER PRIMARY KEY, called TEXT NOT NULL UNIQUE);
INSERT INTO person VALUES (1, 'Ann');
"""
STEPS = ("ALTER TABLE person RENAME TO learner", "ALTER TABLE learner RENAME COLUMN called TO name")


def test_an_older_schema_is_brought_up_to_date(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.executescript(OLD)
    monkeypatch.setattr(store, "MIGRATIONS", {1: STEPS})
    for _ in range(2):  # the second time there is nothing to do
        with Store(sqlite(file)) as kept:
            assert kept.learners() == ["Ann"]
            kept.record(kept.learner("Ann"), answer())


def test_a_migration_that_fails_leaves_everything_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.executescript(OLD)
    monkeypatch.setattr(store, "MIGRATIONS", {1: (*STEPS, "ALTER TABLE nobody RENAME TO somebody")})
    with pytest.raises(InputError, match="nobody"):
        Store(sqlite(file))
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT called FROM person").fetchall() == [("Ann",)]


def test_a_password_is_not_shown() -> None:
    with pytest.raises(InputError) as error:
        Store("postgresql+psycopg://me:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(error.value)


# Clocks.


def test_a_clock_that_was_set_back_costs_nothing(kept: Store) -> None:
    learner = kept.learner("Ann")
    kept.record(learner, answer(0, at=NOW + timedelta(days=400)))
    _, card = kept.record(learner, answer(1, at=NOW))
    assert NOW < card.due < NOW + timedelta(days=30)
    assert len(list(kept.answers(learner))) == 2
    assert schedule.is_due(Card(due=NOW + timedelta(days=401), last=NOW + timedelta(days=400)), NOW)


def test_a_note_is_amended_by_one_window_at_a_time(file: Path) -> None:
    url = sqlite(file)

    def append(word: str) -> None:
        with Store(url) as mine:
            for _ in range(20):
                mine.amend_note(1, "words", lambda before: f"{before or ''}{word}")

    with Store(url) as kept:
        assert kept.learner("Ann") == 1
        windows = [Thread(target=append, args=(word,)) for word in "abc"]
        for window in windows:
            window.start()
        for window in windows:
            window.join()
        assert sorted(kept.note(1, "words") or "") == sorted("abc" * 20)


def test_what_goes_wrong_while_amending_changes_nothing(kept: Store) -> None:
    learner = kept.learner("Ann")
    kept.keep_note(learner, "words", "before")

    def fail(before: str | None) -> str | None:
        raise InputError(f"not after {before}")

    with pytest.raises(InputError, match="not after before"):
        kept.amend_note(learner, "words", fail)
    assert kept.note(learner, "words") == "before"
    kept.amend_note(learner, "words", lambda _: None)
    assert kept.note(learner, "words") is None
