"""Practise: questions that are due, judged at once, in the browser or the terminal.

Every answer is kept in one file (--db), by default in your data folder; a question comes back when it is about to be
forgotten, each time with fresh numbers. --terminal needs no browser.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quizgen.cli._options import bank_option, languages
from quizgen.cli._output import note, target
from quizgen.errors import InputError, UnknownName

if TYPE_CHECKING:
    from quizgen.study.session import Session
    from quizgen.study.store import Store

WEB = "quizgen.study.web"
SERVER = f"{WEB}.server"
FILE = "study.db"
ME = "me"
LONGEST = 80
"""Characters of a learner's name."""


def db_option(function: click.decorators.FC) -> click.decorators.FC:
    """``--db FILE``."""
    return click.option(
        "--db", type=click.Path(path_type=Path), metavar="FILE", help="Where answers are kept; else your data folder."
    )(function)


@contextmanager
def the_store(context: click.Context, db: Path | None) -> "Iterator[Store]":
    """The database named behind the command, or before it: ``study --db FILE export``."""
    before = context.parent.params["db"] if context.parent is not None else None
    with opened(db or before) as store:
        yield store


@click.group(invoke_without_command=True)
@click.option("--terminal", is_flag=True, help="Ask here, not in the browser.")
@db_option
@click.option("--learner", metavar="NAME", help="Whose answers; needed where there are several learners.")
@click.option("--lang", metavar="LOCALE", help="en or zh; else that of your system.")
@click.option("--areas", metavar="AREAS", default="", help="Only these, with commas: convolution,attention.")
@click.option("--new", type=click.IntRange(0), default=10, show_default=True, help="New kinds of question a day.")
@bank_option
@click.option("--port", type=click.IntRange(0, 65535), help="Of the pages in the browser.")
@click.option("--no-browser", is_flag=True, help="Only say where the pages are.")
@click.pass_context
def command(
    context: click.Context,
    terminal: bool,
    db: Path | None,
    learner: str | None,
    lang: str | None,
    areas: str,
    new: int,
    banks: tuple[Path, ...],
    port: int | None,
    no_browser: bool,
) -> None:
    if context.invoked_subcommand is not None:
        return
    from quizgen.bank import Bank
    from quizgen.study import curriculum
    from quizgen.study.session import Session

    locale = the_locale(lang)
    course = curriculum.read(Bank(banks))
    wanted = tuple(area.strip() for area in areas.split(",") if area.strip())
    course.units(wanted)  # an area that does not exist is refused before anything is opened
    if not terminal and find_spec(WEB) is None:
        note("there are no pages for the browser yet; here is the terminal")
        terminal = True
    if terminal:
        read_utf8()
    with opened(db) as store:
        name = whose(store, learner)
        if name is None:
            return
        if terminal:
            in_terminal(Session(store, name, course, new), locale, wanted)
        else:
            import_module(SERVER).run(
                store, name, lang=locale if lang else "", areas=wanted, bank=banks, browser=not no_browser,
                new_a_day=new, **({} if port is None else {"port": port}),
            )  # fmt: skip


def in_terminal(session: "Session", locale: str, areas: tuple[str, ...]) -> None:
    """Asks in the terminal."""
    from quizgen.study.terminal import Terminal

    with suppress(ImportError):
        import readline  # noqa: F401 (lines can be edited where there is one)
    Terminal(session, lambda: datetime.now(UTC).astimezone(), locale, areas).run()


def read_utf8() -> None:
    """Whatever is typed can be read. Raises InputError if nobody can type."""
    if sys.stdin is None:
        raise InputError("is closed", "stdin")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")


def the_locale(lang: str | None) -> str:
    """The language that is wanted, else that of the system, else English. Raises InputError."""
    from quizgen.renderers import ui

    if lang is not None:
        return languages(lang)[0]
    system = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return system[:2] if system[:2] in ui.locales() else "en"


def opened(db: Path | None) -> "Store":
    """The database of learners, made if there is none; a damaged one has been mended, which is told."""
    from quizgen.study.store import Store, sqlite

    file = db or data_folder() / FILE
    store = Store(sqlite(file.absolute()))
    if store.rescued is not None:
        note(f"{file} was damaged and is set aside as {store.rescued.backup}; answers kept: {store.rescued.answers}")
    return store


def data_folder() -> Path:
    """Where programs keep the data of a user on this system."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "quizgen"


def whose(store: "Store", learner: str | None) -> str | None:
    """Who is to practise: who is named, or the only one there is. None if a new name was a slip.

    Raises UnknownName if there are several and none is named, InputError for what is no name.
    """
    known = store.learners()
    if learner is None:
        if len(known) > 1 and ME not in known:
            raise UnknownName(f"expected the name of a learner (known: {', '.join(known)})", "--learner")
        return ME if ME in known or not known else known[0]
    name = checked(learner)
    if name in known or not known:
        return name
    error = UnknownName.among("learner", name, known, "--learner")
    note(f"{error}")
    return name if click.confirm("Is this a new learner?", default=False, err=True) else None


def checked(learner: str) -> str:
    """The name of a learner. Raises InputError for what is none."""
    name = learner.strip()
    if not name or not name.isprintable() or len(name) > LONGEST:
        raise InputError(f"expected a name of 1 to {LONGEST} characters, got {learner!r}", "--learner")
    return name


@command.command("export")
@click.option("--learner", "names", multiple=True, metavar="NAME", help="Only this one; may be given again.")
@click.option("--remarks", is_flag=True, help="Only answers with a remark that the key is wrong.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Default: stdout.")
@db_option
@click.pass_context
def export(context: click.Context, names: tuple[str, ...], remarks: bool, path: Path | None, db: Path | None) -> None:
    """Write every answer as a line of JSON."""
    from quizgen.study import transfer

    with the_store(context, db) as store:
        lines = (transfer.objections if remarks else transfer.written)(store, names)
        with target(path) as out:
            for line in lines:
                out.write(line)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--learner", metavar="NAME", default="", help="All answers are this one's, whoever the file names.")
@db_option
@click.pass_context
def import_(context: click.Context, file: Path, learner: str, db: Path | None) -> None:
    """Add the answers of a file that export wrote; those that are there already stay as they are."""
    from quizgen.study import transfer

    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(file)) from error
    with the_store(context, db) as store:
        done = transfer.read(store, lines, str(file), checked(learner) if learner else "")
    click.echo(f"{done.added} new, {done.known} known; learners: {', '.join(done.learners) or 'none'}")


@command.command("forget")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@db_option
@click.pass_context
def forget(context: click.Context, name: str, yes: bool, db: Path | None) -> None:
    """Delete a learner with all answers, for good."""
    with the_store(context, db) as store:
        known = store.learners()
        if name not in known:
            raise UnknownName.among("learner", name, known)
        number = store.learner(name)
        count = sum(1 for _ in store.answers(number))
        if yes or click.confirm(f"Delete {name} and {count} answers for good?", default=False, err=True):
            store.forget(number)
            click.echo(f"deleted: {name}, {count} answers")
