"""What is kept of learners: their cards and every answer, in SQLite or PostgreSQL.

An answer and the card that it moves are written in one transaction, so that neither is ever kept without the other,
whatever kills the process. SQLite runs with a write-ahead log: several windows may be open at once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sql
from sqlalchemy.engine import Connection

from quizgen.errors import InputError
from quizgen.study.schedule import Card, Rating
from quizgen.values import Struct

SCHEMA = 1
"""Version of the tables; a newer file is refused, an older one is brought up to date by ``MIGRATIONS``."""

MIGRATIONS: Mapping[int, tuple[str, ...]] = {}
"""Version to the statements that lead from the one before."""

PATIENCE = 10.0
"""Seconds that a window waits for another one to finish writing."""

TABLES = sql.MetaData()
ABOUT = sql.Table(
    "about", TABLES, sql.Column("key", sql.String, primary_key=True), sql.Column("value", sql.String, nullable=False)
)
LEARNERS = sql.Table(
    "learner",
    TABLES,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("name", sql.String, nullable=False, unique=True),
)
CARDS = sql.Table(
    "card",
    TABLES,
    sql.Column("learner", sql.ForeignKey("learner.id", ondelete="CASCADE"), primary_key=True),
    sql.Column("unit", sql.String, primary_key=True),
    sql.Column("card", sql.Text, nullable=False),
)
ANSWERS = sql.Table(
    "answer",
    TABLES,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("learner", sql.ForeignKey("learner.id", ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("unit", sql.String, nullable=False),
    sql.Column("at", sql.String, nullable=False),
    sql.Column("answer", sql.Text, nullable=False),
)


class Answer(Struct, frozen=True):
    """One answered question: everything that is needed to ask it again and to judge it again.

    ``parameters`` are plain data, as in an item's JSON; ``answers``, ``verdicts`` and ``mistakes`` go by the names of
    the parts. ``before`` is the card as it was, to which a learner can go back, ``remark`` what a learner objects to.
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
    before: Card | None = None
    remark: str = ""


class Store:
    """The learners of one database. Close it, or use it in a ``with`` statement."""

    def __init__(self, url: str) -> None:
        """Opens a database, made if there is none: ``sqlite:///file``, ``postgresql+psycopg://host/name``.

        Raises InputError for one that cannot be opened, is newer than this program, or is damaged.
        """
        self.url = url
        try:
            self.engine = sql.create_engine(url, connect_args={"timeout": PATIENCE} if url.startswith("sqlite") else {})
            if url.startswith("sqlite"):
                sql.event.listen(self.engine, "connect", _prepare)
            with self.engine.begin() as connection:
                self._settle(connection)
        except (sql.exc.SQLAlchemyError, ImportError) as error:
            raise InputError(f"this database cannot be opened: {_reason(error)}", url) from error

    def _settle(self, connection: Connection) -> None:
        """Makes the tables, or brings them up to date."""
        TABLES.create_all(connection)
        found = connection.execute(sql.select(ABOUT.c.value).where(ABOUT.c.key == "schema")).scalar()
        if found is None:
            connection.execute(ABOUT.insert().values(key="schema", value=str(SCHEMA)))
            return
        if int(found) > SCHEMA:
            raise InputError(f"schema {found} is newer than {SCHEMA}, the newest known here", self.url)
        for version in range(int(found) + 1, SCHEMA + 1):
            for statement in MIGRATIONS[version]:
                connection.execute(sql.text(statement))
        connection.execute(ABOUT.update().where(ABOUT.c.key == "schema").values(value=str(SCHEMA)))

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
        with self._write() as connection:
            found = connection.execute(sql.select(LEARNERS.c.id).where(LEARNERS.c.name == name)).scalar()
            if found is None:
                found = connection.execute(LEARNERS.insert().values(name=name).returning(LEARNERS.c.id)).scalar_one()
            return int(found)

    def learners(self) -> list[str]:
        """The names of all learners, in the order in which they came."""
        with self.engine.connect() as connection:
            return [str(name) for (name,) in connection.execute(sql.select(LEARNERS.c.name).order_by(LEARNERS.c.id))]

    def forget(self, learner: int) -> None:
        """Deletes a learner with all cards and answers."""
        with self._write() as connection:
            for table in (ANSWERS, CARDS):
                connection.execute(table.delete().where(table.c.learner == learner))
            connection.execute(LEARNERS.delete().where(LEARNERS.c.id == learner))

    # Cards and answers.

    def cards(self, learner: int) -> dict[str, Card]:
        """Unit to card, for every unit that the learner has met."""
        chosen = sql.select(CARDS.c.unit, CARDS.c.card).where(CARDS.c.learner == learner).order_by(CARDS.c.unit)
        with self.engine.connect() as connection:
            return {unit: msgspec.json.decode(card, type=Card) for unit, card in connection.execute(chosen)}

    def card(self, learner: int, unit: str) -> Card | None:
        """The card of one unit; None if the learner has not met it."""
        chosen = sql.select(CARDS.c.card).where(CARDS.c.learner == learner, CARDS.c.unit == unit)
        with self.engine.connect() as connection:
            found = connection.execute(chosen).scalar()
        return None if found is None else msgspec.json.decode(found, type=Card)

    def record(self, learner: int, answer: Answer, card: Card) -> int:
        """Keeps an answer together with the card that it leads to; the number of the answer."""
        with self._write() as connection:
            number = connection.execute(
                ANSWERS.insert()
                .values(learner=learner, unit=answer.unit, at=answer.at.isoformat(), answer=_written(answer))
                .returning(ANSWERS.c.id)
            ).scalar_one()
            _put(connection, learner, answer.unit, card)
            return int(number)

    def replace(self, learner: int, number: int, answer: Answer, card: Card | None) -> None:
        """Changes an answer that is kept, and the card, or takes the card back where there was none."""
        with self._write() as connection:
            mine = sql.and_(ANSWERS.c.id == number, ANSWERS.c.learner == learner)
            connection.execute(ANSWERS.update().where(mine).values(answer=_written(answer)))
            _put(connection, learner, answer.unit, card)

    def withdraw(self, learner: int, number: int) -> None:
        """Takes an answer back: its card is what it was before."""
        with self._write() as connection:
            mine = sql.and_(ANSWERS.c.id == number, ANSWERS.c.learner == learner)
            found = connection.execute(sql.select(ANSWERS.c.answer).where(mine)).scalar()
            if found is None:
                raise InputError(f"there is no answer {number}", self.url)
            answer = _read(found)
            connection.execute(ANSWERS.delete().where(mine))
            _put(connection, learner, answer.unit, answer.before)

    def answers(self, learner: int, unit: str = "") -> Iterator[tuple[int, Answer]]:
        """Number and answer, oldest first; those of one unit if it is named."""
        chosen = sql.select(ANSWERS.c.id, ANSWERS.c.answer).where(ANSWERS.c.learner == learner).order_by(ANSWERS.c.id)
        if unit:
            chosen = chosen.where(ANSWERS.c.unit == unit)
        with self.engine.connect() as connection:
            for number, text in connection.execute(chosen):
                yield int(number), _read(text)

    # Files.

    def export(self, learner: int) -> Iterator[bytes]:
        """Every answer of a learner as a line of JSON, oldest first: cards follow from them."""
        for _, answer in self.answers(learner):
            yield _JSON.encode(answer) + b"\n"

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        try:
            with self.engine.begin() as connection:
                yield connection
        except sql.exc.SQLAlchemyError as error:
            raise InputError(f"this cannot be kept: {_reason(error)}", self.url) from error


def sqlite(file: Path) -> str:
    """The URL of a SQLite file."""
    return f"sqlite:///{file}"


def _put(connection: Connection, learner: int, unit: str, card: Card | None) -> None:
    """Writes a card over the one before; without one, takes that away."""
    connection.execute(CARDS.delete().where(CARDS.c.learner == learner, CARDS.c.unit == unit))
    if card is not None:
        text = msgspec.json.encode(card).decode()
        connection.execute(CARDS.insert().values(learner=learner, unit=unit, card=text))


def _written(answer: Answer) -> str:
    return _JSON.encode(answer).decode()


def _read(text: str | bytes) -> Answer:
    return _ANSWER.decode(text)


_JSON = msgspec.json.Encoder(enc_hook=str)  # the credit, as 3/4
_ANSWER = msgspec.json.Decoder(Answer, dec_hook=lambda wanted, value: wanted(value))


def _prepare(connection: Any, _: object) -> None:
    """What every connection to SQLite is told."""
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
