"""What is kept of learners: their cards and every answer, in SQLite or PostgreSQL.

An answer and the card that it moves are written in one transaction, so that neither is ever kept without the other,
whatever kills the process. A card follows from the answers to its unit: it is only kept so that they need not be read.
SQLite runs with a write-ahead log: several windows may be open at once. A damaged file is set aside, and what can be
read of it goes into a new one (``Store.rescued``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sql
from sqlalchemy.engine import Connection

from quizgen.errors import InputError
from quizgen.study import rescue
from quizgen.study.database import (
    ABOUT,
    ANSWERS,
    CARDS,
    LEARNERS,
    LOCK,
    NOTES,
    TABLES,
    driven,
    engine_of,
    file_of,
    reason,
    shown,
    writing,
)
from quizgen.study.schedule import Card, Rating, review, whole
from quizgen.values import Struct

S = TypeVar("S", bound=Struct)

SCHEMA = 1
"""Version of the tables; a newer file is refused, an older one is brought up to date by ``MIGRATIONS``."""

MIGRATIONS: Mapping[int, tuple[str, ...]] = {}
"""Version to the statements that lead from the one before."""


class Answer(Struct, frozen=True):
    """One answered question: everything that is needed to ask it again and to judge it again.

    ``parameters`` are plain data, as in an item's JSON; ``answers``, ``verdicts`` and ``mistakes`` go by the names of
    the parts. ``counts`` is whether it moves the card of its unit, ``remark`` what the learner objects to.
    """

    unit: str
    family: str
    item: str
    parameters: dict[str, Any]
    answers: dict[str, str]
    verdicts: dict[str, str]
    credit: Fraction
    rating: Rating
    at: datetime
    mistakes: dict[str, str] = msgspec.field(default_factory=dict)
    hints: int = 0
    seconds: int | None = None
    counts: bool = True
    remark: str = ""


@dataclass(frozen=True)
class Rescued:
    """A damaged file was set aside as ``backup``; so many answers of it could be read."""

    backup: Path
    answers: int


class Damaged(InputError):
    """A file of ours that is broken."""


class Unavailable(InputError):
    """A database that cannot be read or written now."""


class Store:
    """The learners of one database. Close it, or use it in a ``with`` statement.

    ``rescued`` tells of a damaged file that was found and replaced.
    """

    def __init__(self, url: str) -> None:
        """Opens a database, made if there is none: ``sqlite:///file``, ``postgresql://host/name``.

        Raises InputError for one that cannot be opened, is newer than this program, or is somebody else's.
        """
        self.url = url = driven(url)
        self._lock = Lock()
        self.rescued: Rescued | None = None
        self.file = file_of(url)
        try:
            if self.file is not None:
                self.file.parent.mkdir(parents=True, exist_ok=True)
            self.engine = engine_of(url)
            try:
                self._open()
            except Damaged:
                self.engine.dispose()
                self.rescued = self._rescue()
        except (sql.exc.SQLAlchemyError, OSError, ImportError) as error:
            raise InputError(f"this database cannot be opened: {reason(error)}", shown(url)) from error

    def _open(self) -> None:
        """Makes the tables, or brings them up to date. Raises Damaged."""
        try:
            with writing(self.engine) as connection:
                self._settle(connection)
        except sql.exc.OperationalError:
            raise
        except (sql.exc.DatabaseError, UnicodeError) as error:  # what a broken file says may itself be no text
            if self.file is None:
                raise
            if not rescue.is_ours(self.file):
                raise InputError("this is no file of quizgen study", str(self.file)) from error
            raise Damaged(reason(error), str(self.file)) from error

    def _settle(self, connection: Connection) -> None:
        if self.file is not None:
            _check_pages(connection, self.file)
        elif connection.dialect.name == "postgresql":  # two servers that start at once make the tables once
            connection.execute(sql.select(sql.func.pg_advisory_xact_lock(LOCK)))
        version = self._version(connection)
        if version > SCHEMA:
            raise InputError(f"schema {version} is newer than {SCHEMA}, the newest known here", shown(self.url))
        for number in range(version + 1, SCHEMA + 1):
            for statement in MIGRATIONS[number]:
                connection.execute(sql.text(statement))
        TABLES.create_all(connection)
        connection.execute(ABOUT.delete().where(ABOUT.c.key == "schema"))
        connection.execute(ABOUT.insert().values(key="schema", value=str(SCHEMA)))
        if self.file is not None:
            _check_rows(connection, self.file)

    def _version(self, connection: Connection) -> int:
        """The schema of the tables that are there; that of this program if there are none."""
        tables = sql.inspect(connection).get_table_names()
        if ABOUT.name in tables:
            found = connection.execute(sql.select(ABOUT.c.value).where(ABOUT.c.key == "schema")).scalar()
            return int(found or SCHEMA)
        if tables and self.file is not None:
            raise InputError("this is a database of another program", str(self.file))
        return SCHEMA

    def _rescue(self) -> Rescued:
        """Sets the damaged file aside and writes what can be read of it into a new one."""
        assert self.file is not None
        backup = rescue.set_aside(self.file)
        self._open()
        self._checkpoint()
        found = rescue.read(backup, self.file.read_bytes()[: rescue.PAGE])
        with self._write() as connection:
            names: set[str] = set()
            for number, name in found.learners.items():  # by the same numbers, by which others know them
                given = name if name not in names else f"{name} {number}"
                names.add(given)
                connection.execute(LEARNERS.insert().values(id=number, name=given))
            for key, value in found.about:
                if key != "schema":
                    connection.execute(ABOUT.insert().values(key=key, value=value))
            for learner, key, value in found.notes:
                connection.execute(NOTES.delete().where(NOTES.c.learner == learner, NOTES.c.key == key))
                connection.execute(NOTES.insert().values(learner=learner, key=key, value=value))
        readable: dict[int, list[Answer]] = {number: [] for number in found.learners}
        for learner, text in found.answers:
            with suppress(ValueError):  # the row is there, but not what was written
                readable[learner].append(_read(text))
        return Rescued(backup, sum(self.add(learner, answers) for learner, answers in readable.items()))

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database."""
        self.engine.dispose()

    # Learners.

    def learner(self, name: str) -> int:
        """The number of a learner, who is entered when first seen."""
        found = self._find(name)
        if found is None:
            found = self.enter(name)
        return self.learner(name) if found is None else found

    def enter(self, name: str) -> int | None:
        """Enters a new learner: the number; None if there is one of this name."""
        try:
            with self._turn(), writing(self.engine) as connection:
                entered = connection.execute(LEARNERS.insert().values(name=name).returning(LEARNERS.c.id))
                return int(entered.scalar_one())
        except sql.exc.IntegrityError:
            return None
        except (sql.exc.SQLAlchemyError, UnicodeError) as error:
            raise self._unkept(error) from error

    def _find(self, name: str) -> int | None:
        with self._reading() as connection:
            return connection.execute(sql.select(LEARNERS.c.id).where(LEARNERS.c.name == name)).scalar()

    def learners(self) -> list[str]:
        """The names of all learners, in the order in which they came."""
        return list(self.numbered().values())

    def numbered(self) -> dict[int, str]:
        """Number to name of all learners, in the order in which they came."""
        chosen = sql.select(LEARNERS.c.id, LEARNERS.c.name).order_by(LEARNERS.c.id)
        with self._reading() as connection:
            return {int(number): str(name) for number, name in connection.execute(chosen)}

    def forget(self, learner: int) -> None:
        """Deletes a learner with all cards and answers, in the log of SQLite too."""
        with self._write() as connection:
            for table in (ANSWERS, CARDS, NOTES):
                connection.execute(table.delete().where(table.c.learner == learner))
            connection.execute(LEARNERS.delete().where(LEARNERS.c.id == learner))
        if self.file is not None:
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Writes the log of SQLite into the file, as far as other windows let us."""
        with self._reading() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # Cards and answers.

    def cards(self, learner: int) -> dict[str, Card]:
        """Unit to card, for every unit that the learner has met."""
        chosen = sql.select(CARDS.c.unit, CARDS.c.card).where(CARDS.c.learner == learner).order_by(CARDS.c.unit)
        with self._reading() as connection:
            return {unit: _CARD.decode(card) for unit, card in connection.execute(chosen)}

    def card(self, learner: int, unit: str) -> Card | None:
        """The card of one unit; None if the learner has not met it."""
        with self._reading() as connection:
            return _card(connection, learner, unit)

    def record(self, learner: int, answer: Answer) -> tuple[int, Card]:
        """Keeps an answer and moves the card of its unit: the number of the answer, and the card."""
        with self._write(learner) as connection:
            number = _insert(connection, learner, answer)
            before = _card(connection, learner, answer.unit)
            card = _moved(before, answer)
            if answer.counts:
                _put(connection, learner, answer.unit, card)
            return number, card

    def answer(self, learner: int, number: int) -> Answer:
        """One answer of a learner. Raises InputError if there is none of this number."""
        with self._reading() as connection:
            return self._kept(connection, learner, number)

    def replace(self, learner: int, number: int, answer: Answer) -> Card | None:
        """Changes an answer that is kept: the card that follows."""
        with self._write(learner) as connection:
            self._kept(connection, learner, number)
            connection.execute(ANSWERS.update().where(ANSWERS.c.id == number).values(answer=_written(answer)))
            return _replay(connection, learner, answer.unit)

    def withdraw(self, learner: int, number: int) -> Card | None:
        """Takes an answer back, as if it had never been: the card that follows."""
        with self._write(learner) as connection:
            answer = self._kept(connection, learner, number)
            connection.execute(ANSWERS.delete().where(ANSWERS.c.id == number))
            return _replay(connection, learner, answer.unit)

    def add(self, learner: int, answers: Iterable[Answer]) -> int:
        """Adds answers from elsewhere, but for those that are there, and moves the cards: how many are new."""
        with self._write(learner) as connection:
            return _add(connection, learner, answers)

    def add_all(self, answers: Mapping[str, Iterable[Answer]]) -> int:
        """Adds answers by the names of learners, all of them or none: how many are new."""
        learners = {name: self.learner(name) for name in answers}
        with self._write() as connection:
            return sum(_add(connection, learners[name], given) for name, given in answers.items())

    def answers(self, learner: int, unit: str = "", since: datetime | None = None) -> Iterator[tuple[int, Answer]]:
        """Number and answer, oldest first; those of one unit if it is named, or not before some time."""
        with self._reading() as connection:
            yield from _answers(connection, _chosen(learner, unit, since))

    # All learners.

    def all_cards(self) -> Iterator[tuple[int, str, Card]]:
        """Learner, unit and card, for every unit that a learner has met."""
        with self._reading() as connection:
            for learner, unit, card in connection.execute(sql.select(CARDS.c.learner, CARDS.c.unit, CARDS.c.card)):
                yield int(learner), unit, _CARD.decode(card)

    def all_answers(self) -> Iterator[tuple[int, Answer]]:
        """Learner and answer, oldest first."""
        chosen = sql.select(ANSWERS.c.learner, ANSWERS.c.answer).order_by(ANSWERS.c.at, ANSWERS.c.id)
        with self._reading() as connection:
            yield from _answers(connection, chosen)

    # Notes.

    def note(self, learner: int, key: str) -> str | None:
        """What was kept under a key, such as where an exam stands; None if there is nothing."""
        chosen = sql.select(NOTES.c.value).where(NOTES.c.learner == learner, NOTES.c.key == key)
        with self._reading() as connection:
            return connection.execute(chosen).scalar()

    def keep_note(self, learner: int, key: str, value: str | None) -> None:
        """Keeps something under a key, over what was there; None takes that away."""
        self.amend_note(learner, key, lambda _: value)

    def amend_note(self, learner: int, key: str, change: Callable[[str | None], str | None]) -> None:
        """Keeps what ``change`` makes of what was kept under a key; nobody else changes it at the same time."""
        mine = sql.and_(NOTES.c.learner == learner, NOTES.c.key == key)
        with self._write(learner) as connection:
            value = change(connection.execute(sql.select(NOTES.c.value).where(mine)).scalar())
            connection.execute(NOTES.delete().where(mine))
            if value is not None:
                connection.execute(NOTES.insert().values(learner=learner, key=key, value=value))

    def take_note(self, learner: int, key: str) -> str | None:
        """Takes away what was kept under a key: what it was, for one of those who ask at the same time."""
        mine = sql.and_(NOTES.c.learner == learner, NOTES.c.key == key)
        with self._write(learner) as connection:
            return connection.execute(NOTES.delete().where(mine).returning(NOTES.c.value)).scalar()

    def about(self, key: str) -> str | None:
        """What is kept of the database itself under a key; None if there is nothing."""
        with self._reading() as connection:
            return connection.execute(sql.select(ABOUT.c.value).where(ABOUT.c.key == key)).scalar()

    def keep_about(self, key: str, value: str, over: bool = False) -> str:
        """Keeps something of the database itself: what is kept from now on, which was there before unless ``over``."""
        with self._write() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sql.select(sql.func.pg_advisory_xact_lock(LOCK)))
            found = connection.execute(sql.select(ABOUT.c.value).where(ABOUT.c.key == key)).scalar()
            if found is not None and not over:
                return str(found)
            connection.execute(ABOUT.delete().where(ABOUT.c.key == key))
            connection.execute(ABOUT.insert().values(key=key, value=value))
            return value

    # Transactions.

    def _kept(self, connection: Connection, learner: int, number: int) -> Answer:
        mine = sql.and_(ANSWERS.c.id == number, ANSWERS.c.learner == learner)
        found = connection.execute(sql.select(ANSWERS.c.answer).where(mine)).scalar()
        if found is None:
            raise InputError(f"there is no answer {number}", shown(self.url))
        return _read(found)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except (sql.exc.SQLAlchemyError, UnicodeError) as error:
            raise Unavailable(f"this cannot be read: {reason(error)}", shown(self.url)) from error

    @contextmanager
    def _write(self, learner: int | None = None) -> Iterator[Connection]:
        """A transaction; two that write of one ``learner`` come one after the other."""
        try:
            with self._turn(), writing(self.engine) as connection:
                if learner is not None:
                    row = sql.select(LEARNERS.c.id).where(LEARNERS.c.id == learner).with_for_update()
                    if connection.execute(row).scalar() is None:
                        raise InputError("this learner has been deleted", shown(self.url))
                yield connection
        except (sql.exc.SQLAlchemyError, UnicodeError) as error:
            raise self._unkept(error) from error

    def _turn(self) -> AbstractContextManager[object]:
        """Threads write to SQLite one after the other: who waits for its own lock looks for it only now and then."""
        return self._lock if self.file is not None else nullcontext()

    def _unkept(self, error: Exception) -> Unavailable:
        return Unavailable(f"this cannot be kept: {reason(error)}", shown(self.url))


def sqlite(file: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{file}"


# Damage.


def _check_pages(connection: Connection, file: Path) -> None:
    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if found != "ok":
        raise Damaged(str(found), str(file))


def _check_rows(connection: Connection, file: Path) -> None:
    """Raises Damaged for a row that is not what was written any more; all are read once, which takes little."""
    decoders: Mapping[sql.Column[str], msgspec.json.Decoder[Any]] = {ANSWERS.c.answer: _ANSWER, CARDS.c.card: _CARD}
    for column, decoder in decoders.items():
        for (text,) in connection.execute(sql.select(sql.cast(column, sql.LargeBinary))):
            try:
                decoder.decode(text)
            except ValueError as error:
                raise Damaged(f"a row cannot be read: {error}", str(file)) from error
    for text, key in connection.execute(
        sql.select(sql.cast(NOTES.c.value, sql.LargeBinary), sql.cast(NOTES.c.key, sql.LargeBinary))
    ):
        try:  # what it says is for those who keep it; that it is text is for us
            text.decode(), key.decode()
        except ValueError as error:
            raise Damaged(f"a row cannot be read: {error}", str(file)) from error


# Rows.


def _chosen(learner: int, unit: str = "", since: datetime | None = None) -> sql.Select[Any]:
    chosen = sql.select(ANSWERS.c.id, ANSWERS.c.answer).where(ANSWERS.c.learner == learner)
    if unit:
        chosen = chosen.where(ANSWERS.c.unit == unit)
    if since is not None:
        chosen = chosen.where(ANSWERS.c.at >= whole(since).isoformat())
    return chosen.order_by(ANSWERS.c.at, ANSWERS.c.id)


def _answers(connection: Connection, chosen: sql.Select[Any]) -> Iterator[tuple[int, Answer]]:
    for number, text in connection.execute(chosen):
        yield int(number), _read(text)


def _add(connection: Connection, learner: int, answers: Iterable[Answer]) -> int:
    there = {_identity(answer) for _, answer in _answers(connection, _chosen(learner))}
    new = {_identity(answer): answer for answer in answers if _identity(answer) not in there}
    for answer in sorted(new.values(), key=lambda answer: answer.at):
        _insert(connection, learner, answer)
    for unit in {answer.unit for answer in new.values()}:
        _replay(connection, learner, unit)
    return len(new)


def _insert(connection: Connection, learner: int, answer: Answer) -> int:
    row = {"learner": learner, "unit": answer.unit, "at": whole(answer.at).isoformat(), "answer": _written(answer)}
    return int(connection.execute(ANSWERS.insert().values(row).returning(ANSWERS.c.id)).scalar_one())


def _card(connection: Connection, learner: int, unit: str) -> Card | None:
    chosen = sql.select(CARDS.c.card).where(CARDS.c.learner == learner, CARDS.c.unit == unit)
    found = connection.execute(chosen).scalar()
    return None if found is None else _CARD.decode(found)


def _moved(card: Card | None, answer: Answer) -> Card:
    """The card after an answer."""
    before = card or Card(due=whole(answer.at))
    return review(before, answer.rating, answer.at) if answer.counts else before


def _replay(connection: Connection, learner: int, unit: str) -> Card | None:
    """Writes the card that follows from all answers to a unit; takes it away if there are none."""
    card = None
    for _, answer in _answers(connection, _chosen(learner, unit)):
        if answer.counts:
            card = _moved(card, answer)
    _put(connection, learner, unit, card)
    return card


def _put(connection: Connection, learner: int, unit: str, card: Card | None) -> None:
    """Writes a card over the one before; without one, takes that away."""
    connection.execute(CARDS.delete().where(CARDS.c.learner == learner, CARDS.c.unit == unit))
    if card is not None:
        text = msgspec.json.encode(card).decode()
        connection.execute(CARDS.insert().values(learner=learner, unit=unit, card=text))


def _identity(answer: Answer) -> tuple[object, ...]:
    """What tells one answer from another: nobody types the same answer to the same question twice in a second."""
    return answer.unit, answer.item, whole(answer.at), tuple(sorted(answer.answers.items()))


def to_json(value: Struct) -> bytes:
    """An answer, or what holds one, as JSON; the credit as ``"3/4"``."""
    return _JSON.encode(value)


def from_json(text: bytes, kind: type[S]) -> S:
    """The inverse of :func:`to_json`. Raises ValueError."""
    return msgspec.json.decode(text, type=kind, dec_hook=_fraction)


def _written(answer: Answer) -> str:
    return to_json(answer).decode()


def _read(text: str | bytes) -> Answer:
    return _ANSWER.decode(text)


def _fraction(wanted: type, value: Any) -> Any:
    try:
        return wanted(value)
    except (TypeError, ArithmeticError) as error:
        raise ValueError(f"expected a fraction, got {value!r}") from error


_JSON = msgspec.json.Encoder(enc_hook=str)
_ANSWER = msgspec.json.Decoder(Answer, dec_hook=_fraction)
_CARD = msgspec.json.Decoder(Card)
