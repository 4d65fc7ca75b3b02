"""The database under a store: its tables, and how SQLite and PostgreSQL are spoken to."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from quizgen.errors import InputError
from quizgen.study import rescue

LOCK = 0x51756973
"""The number of the lock under which the tables are made in PostgreSQL."""

PATIENCE = 10.0
"""Seconds that a window waits for another one to finish writing."""

POOL = 20
"""Connections to PostgreSQL that are kept open; there may be ten more for a while."""

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
    sql.Column("learner", sql.ForeignKey("learner.id", ondelete="CASCADE"), nullable=False),
    sql.Column("unit", sql.String, nullable=False),
    sql.Column("at", sql.String, nullable=False),
    sql.Column("answer", sql.Text, nullable=False),
    sql.Index("answer_unit", "learner", "unit"),
    sql.Index("answer_at", "learner", "at"),
)

NOTES = sql.Table(
    "note",
    TABLES,
    sql.Column("learner", sql.ForeignKey("learner.id", ondelete="CASCADE"), primary_key=True),
    sql.Column("key", sql.String, primary_key=True),
    sql.Column("value", sql.Text, nullable=False),
)

# Engines.

EXPECTED, WHERE = "expected sqlite:///FILE or postgresql://USER@HOST/NAME", "the URL of the database"

PRAGMAS = (
    f"page_size = {rescue.PAGE}",
    "journal_mode = WAL",
    "synchronous = NORMAL",  # no process that is killed costs an answer; a power cut may cost the last ones
    "foreign_keys = ON",
    "secure_delete = ON",  # what is deleted is overwritten
)


def driven(url: str) -> str:
    """A URL as people write it, with the driver that is used here. Raises InputError for one that cannot be read."""
    try:
        made = sql.make_url(url)
    except sql.exc.ArgumentError as error:
        raise InputError(EXPECTED, WHERE) from error
    match made.drivername:
        case "sqlite":
            return url
        case "postgresql" | "postgres" | "postgresql+psycopg":
            if find_spec("psycopg") is None:
                raise InputError("PostgreSQL needs psycopg: pip install 'quizgen[postgres]'", WHERE)
            return made.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    raise InputError(f"{EXPECTED}, got {made.drivername}://…", WHERE)


def engine_of(url: str) -> sql.Engine:
    if not url.startswith("sqlite"):
        return sql.create_engine(url, pool_pre_ping=True, pool_size=POOL)
    engine = sql.create_engine(url, connect_args={"timeout": PATIENCE})
    sql.event.listen(engine, "connect", _prepare)
    sql.event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    """What every connection to SQLite is told; a transaction begins where we say so, not where Python guesses."""
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Who is to write waits for the others before reading what the writing depends on."""
    writes = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: sql.Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        yield connection


# What is said of them.


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for any other."""
    made = sql.make_url(url)
    return Path(made.database) if made.get_backend_name() == "sqlite" and made.database else None


def shown(url: str) -> str:
    """A URL as it may be shown: without its password, and as the path that a SQLite file has."""
    return str(file_of(url) or sql.make_url(url).render_as_string(hide_password=True))


def reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or getattr(error, "strerror", None) or error)
