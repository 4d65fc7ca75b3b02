"""Export questions for a learning platform: of families, blueprints, printed exams or files of items.

Everything comes through as it is, lowered with a word about what is lost, or refused by name; quizgen formats shows
which kinds of answer which format carries. Beside FILE stand FILE.items.csv, which says what each code in a question
stands for, and FILE.IMPORT.en.md, how to import it.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from quizgen.cli._options import bank_option, languages
from quizgen.cli._output import note, target

if TYPE_CHECKING:
    from quizgen.companions import Row
    from quizgen.exporting import Export, Planned, Report
    from quizgen.family import Pool

HELD = 1 << 20
"""Bytes that are held in memory, or written at once."""
SECRET = 16
"""Characters of a seed that nobody finds by trying."""


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FAMILY|PATTERN|BLUEPRINT|EXAM|ITEMS|all...")
@click.option("--to", "form", required=True, metavar="FORMAT", help="quizgen formats lists them.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Default: stdout.")
@click.option("-n", "number", default=1, show_default=True, type=click.IntRange(1), help="Questions of each slot.")
@click.option("--seed", help="Another seed, other draws.  [default: that of the blueprint, else 1]")
@click.option("--as", "mode", type=click.Choice(["open", "choice"]), default="open", show_default=True)
@click.option("--options", default=4, show_default=True, type=click.IntRange(3, 9), help="With --as choice.")
@click.option("--lang", default="en", show_default=True, help="en, zh or en+zh.")
@click.option(
    "--mode", "purpose", type=click.Choice(["practice", "exam"]),
    help="exam: no solutions, no feedback.  [default: exam for a blueprint or an exam, else practice]",
)  # fmt: skip
@click.option(
    "--pool", type=click.Choice(["practice", "exam", "any"]), help="The half to draw from.  [default: as --mode]"
)
@click.option("--title", default="", help="Of the quiz.  [default: that of the blueprint or exam]")
@click.option("--category", default="", help="Above the categories of the slots.")
@click.option(
    "--codes", type=click.Choice(["visible", "none"]), default="visible", show_default=True,
    help="A short code at the end of every question, by which reports of the platform can be read.",
)  # fmt: skip
@click.option("--since", type=click.Path(path_type=Path), metavar="ITEMS.csv", help="Only what is new or changed.")
@click.option("--skip-unsupported", "skip", is_flag=True, help="Write the rest if some questions are refused.")
@click.option("--force", is_flag=True, help="Also an exam in a format that holds the key on every student's device.")
@click.option("--dry-run", is_flag=True, help="Print the report only.")
@click.option("--sample", is_flag=True, help="One question of each kind, to try an import with.")
@click.option("--laws", is_flag=True, help="Prove every item by the laws of its family.")
@click.option("--report", "report_path", type=click.Path(path_type=Path), metavar="FILE", help="The report as JSON.")
@bank_option
def command(
    sources: tuple[str, ...], form: str, path: Path | None, number: int, seed: str | None, mode: str, options: int,
    lang: str, purpose: "Pool | None", pool: "Pool | Literal['any'] | None", title: str, category: str, codes: str,
    since: Path | None, skip: bool, force: bool, dry_run: bool, sample: bool, laws: bool, report_path: Path | None,
    banks: tuple[Path, ...],
) -> None:  # fmt: skip
    from quizgen import companions, exporters, exporting, plans
    from quizgen.exporters._platform import Settings
    from quizgen.values import say, to_json

    exporters.exporter(form)
    require_sense(sources, path, report_path, mode)
    purpose = purpose or plans.purpose(sources)
    locales, cover = languages(lang), plans.cover(sources)
    settings = Settings(
        title=title or spoken(cover.title, locales) or "quizgen", practice=purpose == "practice",
        codes=codes == "visible", category=category,
        instructions={locale: say(cover.instructions, locale) for locale in locales} if cover.instructions else {},
        **cover.quiz.decided(),
    )  # fmt: skip
    wanted = exporting.Wanted(
        format=form, number=number, seed=cover.seed or "1" if seed is None else seed, laws=laws, locales=locales,
        banks=banks, pool=None if pool == "any" else pool or purpose, options=options if mode == "choice" else 0,
        settings=settings, since=companions.read(since) if since else {},
    )  # fmt: skip
    export = exporting.Export(wanted)
    exporting.require_mode(export, purpose, force)
    plan = exporting.plan(sources, export)
    warn(export, plan, purpose)
    if sample:
        plan = exporting.sample(plan, export)
    refused = None
    with target(report_path) if report_path else nullcontext() as report:
        try:
            try_out(export, plan, skip) if dry_run else write(export, plan, path, skip)
        except exporting.Refusals as error:
            refused = error
        if report is not None:
            remark = export.platform.remark()
            about = {"format": form, "mode": purpose, "remark": remark, "by_hand": left(export)}
            report.write(to_json({**about, **export.report.data()}) + b"\n")
        tell(export.report, form)
    if refused:
        raise refused
    by_hand(export)
    if path is not None and not dry_run:
        written = export.report.written()
        note(f"{written} question{'' if written == 1 else 's'} written to {path}")


def require_sense(sources: Sequence[str], path: Path | None, report_path: Path | None, mode: str) -> None:
    """Raises InputError for options that contradict each other."""
    from quizgen import companions, plans
    from quizgen.errors import InputError

    if is_given("options") and mode != "choice":
        raise InputError("how many there are to choose from is said with --as choice only", "--options")
    if path is None or (path.exists() and not path.is_file()):  # stdout, a pipe
        return
    places = {path.resolve(), path.with_name(path.name + companions.ITEMS).resolve()}
    read = (Path(source, name) for source in sources for name in ("", plans.EXAM, plans.BLUEPRINT))
    if any(file.is_file() and file.resolve() in places for file in read):
        raise InputError("this is what is exported; expected the name of another file", f"-o {path}")
    if report_path is not None and report_path.resolve() in places:
        raise InputError("the export itself is written there; expected the name of another file", "--report")


def is_given(name: str) -> bool:
    """Whether an option stands on the command line."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def spoken(texts: dict[str, str], locales: Sequence[str]) -> str:
    """Words in each of the locales that has them, one after the other; words for every locale once."""
    return " / ".join(dict.fromkeys(texts[locale] for locale in (*locales, "") if locale in texts))


def warn(export: "Export", plan: "Sequence[Planned]", purpose: str) -> None:
    """Say so if the items of an exam can be found by trying seeds, and if there is nothing to be drawn."""
    seed = export.wanted.seed
    if is_given("number") and not any(entry.source and not entry.source.own for entry in plan):
        note("-n changes nothing: these questions are all there already")
    if purpose == "exam" and len(seed) < SECRET and any(entry.source and not entry.source.own for entry in plan):
        note(f"the seed {seed!r} can be found by trying, and with it every item; for an exam give a long --seed")


def by_hand(export: "Export") -> None:
    """Say what of the quiz the file does not hold, and what else is to be done."""
    if remark := export.platform.remark():
        note(remark)
    if names := ", ".join(left(export)):
        note(f"to be set by hand on the platform, for {export.wanted.format} files do not hold it: {names}")


def left(export: "Export") -> list[str]:
    """What is decided about the quiz and not in the file, by name."""
    return [name for name in export.wanted.settings.decided() if name not in export.platform.holds]


def try_out(export: "Export", plan: "Sequence[Planned]", skip: bool) -> None:
    """Make the whole file and let it go. Raises Refusals as :func:`write` does."""
    for _ in export.file(plan):
        pass
    export.require_all(skip)


def write(export: "Export", plan: "Sequence[Planned]", path: Path | None, skip: bool) -> None:
    """Write the file, and what stands beside it. Raises Refusals if something is refused, and then nothing is there."""
    if path is None or (path.exists() and not path.is_file()):  # stdout, a pipe: nothing beside, and none taken back
        with tempfile.SpooledTemporaryFile(max_size=HELD) as held, target(path) as out:
            held.writelines(export.file(plan))
            export.require_all(skip)
            held.seek(0)
            while piece := held.read(HELD):
                out.write(piece)
        return
    with ended_as_by_hand(), ExitStack() as stack:
        out = stack.enter_context(target(path))  # first in, last to be put in its place
        beside = Beside(export, path, stack)
        for piece in export.file(plan):
            out.write(piece)
        export.require_all(skip)
        beside.guide(plan)
        out.finish()


@contextmanager
def ended_as_by_hand() -> Iterator[None]:
    """Whoever ends the program from outside leaves as little behind as Ctrl-C."""
    before = signal(SIGTERM, default_int_handler)
    try:
        yield
    finally:
        signal(SIGTERM, before)


class Beside:
    """The files beside ``path``: the table of the questions, filled while they are written, and the guides."""

    def __init__(self, export: "Export", path: Path, stack: ExitStack) -> None:
        from quizgen import companions

        self.export, self.path = export, path
        self.items = stack.enter_context(target(path.with_name(path.name + companions.ITEMS)))
        self.guides = {
            locale: stack.enter_context(target(path.with_name(f"{path.name}.IMPORT.{locale}.md")))
            for locale in export.wanted.locales
        }
        self.items.write(companions.header())
        self.current: dict[tuple[str, str], Row] = {}
        export.beside = self.add

    def add(self, row: "Row") -> None:
        """A question belongs to the export."""
        from quizgen import companions

        self.items.write(companions.written(row))
        if self.export.wanted.since:
            self.current[row.item, row.code] = row

    def guide(self, plan: "Sequence[Planned]") -> None:
        """Write the guides, when all else is there."""
        from quizgen import companions

        wanted, report = self.export.wanted, self.export.report
        told: dict[str, Any] = {
            "file": self.path.name, "settings": wanted.settings, "slots": [entry.slot for entry in plan],
            "counts": Counter(line.slot for line in report.lines if line.outcome in ("kept", "lowered")),
            "written": report.written(), "lowered": report.lowered(), "refused": report.refused(),
            "gone": companions.gone(wanted.since, self.current), "since": bool(wanted.since),
            "quiz": wanted.settings.decided(), "holds": self.export.platform.holds,
            "platform": self.export.platform,
        }  # fmt: skip
        for locale, out in self.guides.items():
            out.write(companions.guide(wanted.format, locale, told))


def tell(report: "Report", form: str) -> None:
    """The report as a table on stderr: what is lowered and what is refused, counted by what happens to it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    note(f"{form}: " + ", ".join(f"{count} {outcome}" for outcome, count in report.counts().items()))
    table = Table("answers", "what happens", "what is lost, and why", "slots")
    for told in (*report.lowered(), *report.missing()):
        slots = told.slots[0] if len(told.slots) == 1 else f"{len(told.slots)} slots"
        table.add_row(str(told.count), Text(told.what), Text(told.lost), Text(slots, overflow="fold"))
    if table.row_count:
        Console(stderr=True, highlight=False).print(table)
    for slot, (found, wanted) in report.short.items():
        note(f"{slot} has only {found} different questions, not {wanted}; all are written")
