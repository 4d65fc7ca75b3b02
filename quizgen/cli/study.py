"""Practise: questions that are due, judged at once, in the browser or the terminal.

Every answer is kept in one file (--db), by default in your data folder; a question comes back when it is about to be
forgotten, each time with fresh numbers. --terminal needs no browser.
"""

import os
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from quizgen.cli._options import bank_option, languages
from quizgen.cli._output import note, target
from quizgen.errors import InputError, UnknownName

if TYPE_CHECKING:
    from quizgen.study.planning import Aim
    from quizgen.study.session import Session
    from quizgen.study.store import Store
    from quizgen.study.ways import Way

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
def the_store(context: click.Context, db: Path | None, makes: bool = False) -> "Iterator[Store]":
    """The database named behind the command, or before it: ``study --db FILE export``.

    Raises InputError if there is no file of this name, unless the command ``makes`` one.
    """
    before = context.parent.params["db"] if context.parent is not None else None
    named = db or before
    if named is not None and not makes and not named.exists():
        raise InputError("there is no such file", str(named))
    with opened(named) as store:
        yield store


@click.group(invoke_without_command=True)
@click.option("--terminal", is_flag=True, help="Ask here, not in the browser.")
@db_option
@click.option("--learner", metavar="NAME", help="Whose answers; needed where there are several learners.")
@click.option("--lang", metavar="LOCALE", help="en or zh; else that of your system.")
@click.option("--areas", metavar="AREAS", default="", help="Only these, with commas: convolution,attention.")
@click.option("--levels", metavar="LEVELS", help="Practise freely, due or not: 2 or 1-3.")
@click.option("--weak", is_flag=True, help="Practise against the mistakes that you make most.")
@click.option("--exam", metavar="DATE", help="Plan backwards from an exam, such as 2026-12-18; kept for next time.")
@click.option("--minutes", type=int, metavar="N", help="A day, for --exam.  [default: 45]")
@click.option("--mock", type=click.Path(path_type=Path), metavar="BLUEPRINT", help="Sit an exam against the clock.")
@click.option("--new", type=click.IntRange(0), default=10, show_default=True, help="New kinds of question a day.")
@click.option("--time-counts", is_flag=True, help="A right answer that takes long comes back sooner.")
@bank_option
@click.option("--port", type=click.IntRange(0, 65535), help="Of the pages in the browser.")
@click.option("--no-browser", is_flag=True, help="Only say where the pages are.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    if context.invoked_subcommand is None:
        practise(Options(**options))


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for."""

    terminal: bool
    db: Path | None
    learner: str | None
    lang: str | None
    areas: str
    levels: str | None
    weak: bool
    exam: str | None
    minutes: int | None
    mock: Path | None
    new: int
    time_counts: bool
    banks: tuple[Path, ...]
    port: int | None
    no_browser: bool

    @property
    def wanted(self) -> tuple[str, ...]:
        """The areas."""
        return tuple(area.strip() for area in self.areas.split(",") if area.strip())


def practise(options: Options) -> None:
    """Opens the store and asks, in the terminal or in the browser."""
    from quizgen.bank import Bank
    from quizgen.study import curriculum
    from quizgen.study.session import Session

    locale, aim = the_locale(options.lang), the_aim(options)
    course = curriculum.read(Bank(options.banks))
    course.units(options.wanted)  # an area that does not exist is refused before anything is opened
    if options.terminal:
        read_utf8()
    with opened(options.db) as store:
        name = whose(store, options.learner)
        if name is None:
            return
        session = Session(store, name, course, options.new, options.time_counts)
        way = the_way(options, session, aim)
        if options.terminal:
            in_terminal(session, locale, way, options.mock)
        else:
            from quizgen.study.web import server

            port = server.PORT if options.port is None else options.port
            with suppress(KeyboardInterrupt):  # Ctrl-C is how it ends
                server.run(
                    session, port=port, lang=locale if options.lang else "", areas=options.wanted,
                    browser=not options.no_browser, start=begun(options, session, way),
                )  # fmt: skip


def the_aim(options: Options) -> "Aim | None":
    """The exam that is to be planned for. Raises InputError for options that cannot be read, or contradict others."""
    from quizgen.study.planning import MINUTES, Aim

    ways = {
        "--exam": options.exam is not None,
        "--weak": options.weak,
        "--levels": options.levels is not None,
        "--mock": options.mock is not None,
    }
    chosen = [name for name, is_wanted in ways.items() if is_wanted]
    if len(chosen) > 1:
        raise InputError("expected one of these at a time", " and ".join(chosen))
    if options.exam is None:
        if options.minutes is not None:
            raise InputError("expected the day of the exam as well: --exam 2026-12-18", "--minutes")
        return None
    try:
        day = date.fromisoformat(options.exam)
    except ValueError as error:
        raise InputError(f"expected a day such as 2026-12-18, got {options.exam!r}", "--exam") from error
    return Aim(day, MINUTES if options.minutes is None else options.minutes, options.wanted)


def the_way(options: Options, session: "Session", aim: "Aim | None") -> "Way":
    """How the learner is to practise: as is asked for, else by the plan that was made before, else what is due."""
    from quizgen.study import planning, ways

    if aim is not None:
        planning.keep(session, aim, now())
        return ways.Way("plan")
    if options.weak:
        return ways.Way("weak", options.wanted)
    if options.levels is not None:
        return ways.Way("free", options.wanted, ways.levels(options.levels))
    if not options.wanted and ways.current(session, now()) is not None:
        return ways.Way("plan")
    return ways.Way("due", options.wanted)


def begun(options: Options, session: "Session", way: "Way") -> str:
    """The page with which the browser begins. Raises InputError for an exam that cannot be sat."""
    from quizgen.study import mock

    if options.mock is not None:
        mock.read(session.curriculum, options.mock)
        return f"exam/start?{urlencode({'path': options.mock.absolute()})}"
    if way.name == "free":
        return "topics?" + urlencode({"area": way.areas, "level": way.levels}, doseq=True)
    return "plan" if options.exam is not None else "weak" if options.weak else ""


def now() -> datetime:
    """The time, in the zone of this machine."""
    from quizgen.study.zones import LOCAL

    return datetime.now(LOCAL)


def in_terminal(session: "Session", locale: str, way: "Way", mock: Path | None) -> None:
    """Asks in the terminal."""
    from quizgen.study.screen import Screen
    from quizgen.study.sitting import Sitter
    from quizgen.study.terminal import Terminal

    with suppress(ImportError):
        import readline  # noqa: F401 (lines can be edited where there is one)
    screen = Screen(locale)
    if mock is not None:
        with suppress(EOFError, KeyboardInterrupt):
            Sitter(screen, session, now).begin(mock)
        return
    Terminal(session, now, screen, way).run()


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
@click.option("--remarks", is_flag=True, help="Only answers with a remark that the key is wrong, for the teacher.")
@click.option("--csv", "tabular", is_flag=True, help="With --remarks: a table for a spreadsheet.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Default: stdout.")
@db_option
@click.pass_context
def export(
    context: click.Context, names: tuple[str, ...], remarks: bool, tabular: bool, path: Path | None, db: Path | None
) -> None:
    """Write every answer as a line of JSON."""
    from quizgen.study import transfer

    if tabular and not remarks:
        raise InputError("goes with --remarks only: what can be imported again is lines of JSON", "--csv")
    write = transfer.table if tabular else transfer.objections if remarks else transfer.written
    with the_store(context, db) as store:
        lines = write(store, names)
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
        lines = file.read_bytes().removeprefix(BOM_UTF8).splitlines()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(file)) from error
    with the_store(context, db, makes=True) as store:
        done = transfer.read(store, lines, str(file), checked(learner) if learner else "")
    click.echo(f"{done.added} new, {done.known} known; learners: {', '.join(done.learners) or 'none'}")


@command.command("statistics")
@click.option("--learner", metavar="NAME", help="Whose; needed where there are several learners.")
@click.option("--areas", metavar="AREAS", default="", help="Only these, with commas.")
@click.option("--lang", metavar="LOCALE", help="en or zh; else that of your system.")
@bank_option
@db_option
@click.pass_context
def statistics(
    context: click.Context, learner: str | None, areas: str, lang: str | None, banks: tuple[Path, ...], db: Path | None
) -> None:
    """Show what is known, mistakes, and what is coming."""
    from quizgen.bank import Bank
    from quizgen.study import curriculum, progress
    from quizgen.study.screen import Screen
    from quizgen.study.session import Session

    screen, course = Screen(the_locale(lang)), curriculum.read(Bank(banks))
    wanted = tuple(area.strip() for area in areas.split(",") if area.strip())
    course.units(wanted)
    with the_store(context, db) as store:
        known = store.learners()
        if learner is not None and learner not in known:
            raise UnknownName.among("learner", learner, known, "--learner")
        name = whose(store, learner)
        if name is not None:
            progress.statistics_of(screen, Session(store, name, course), now(), wanted)


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
