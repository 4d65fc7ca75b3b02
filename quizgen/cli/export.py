"""Export questions for a learning platform: of families, blueprints, printed exams or files of items.

Everything comes through as it is, lowered with a word about what is lost, or refused by name; quizgen formats shows
which kinds of answer which format carries.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from quizgen.cli._options import bank_option, languages
from quizgen.cli._output import note, target

if TYPE_CHECKING:
    from quizgen.exporting import Export, Planned, Report
    from quizgen.family import Pool


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FAMILY|PATTERN|BLUEPRINT|EXAM|ITEMS|all...")
@click.option("--to", "form", required=True, metavar="FORMAT", help="quizgen formats lists them.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Default: stdout.")
@click.option("-n", "number", default=1, show_default=True, type=click.IntRange(1), help="Questions of each slot.")
@click.option("--seed", default="1", show_default=True, help="Another seed, other draws.")
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
@click.option("--title", default="", help="Of the quiz.")
@click.option("--skip-unsupported", "skip", is_flag=True, help="Write the rest if some questions are refused.")
@click.option("--force", is_flag=True, help="Also an exam in a format that holds the key on every student's device.")
@click.option("--dry-run", is_flag=True, help="Print the report only.")
@click.option("--sample", is_flag=True, help="One question of each kind, to try an import with.")
@click.option("--laws", is_flag=True, help="Prove every item by the laws of its family.")
@click.option("--report", "report_path", type=click.Path(path_type=Path), metavar="FILE", help="The report as JSON.")
@bank_option
def command(
    sources: tuple[str, ...], form: str, path: Path | None, number: int, seed: str, mode: str, options: int, lang: str,
    purpose: "Pool | None", pool: "Pool | Literal['any'] | None", title: str, skip: bool, force: bool, dry_run: bool,
    sample: bool, laws: bool, report_path: Path | None, banks: tuple[Path, ...],
) -> None:  # fmt: skip
    from quizgen import exporting
    from quizgen.exporters._platform import Settings

    purpose = purpose or exporting.purpose(sources)
    wanted = exporting.Wanted(
        format=form, number=number, seed=seed, laws=laws, locales=languages(lang), banks=banks,
        pool=None if pool == "any" else pool or purpose, options=options if mode == "choice" else 0,
        settings=Settings(title=title or "quizgen", practice=purpose == "practice"),
    )  # fmt: skip
    export = exporting.Export(wanted)
    exporting.require_mode(export.platform, purpose, force)
    plan = exporting.plan(sources, export)
    if sample:
        plan = exporting.sample(plan, export)
    written = write(export, plan, None if dry_run else path, skip, dry_run)
    tell(export.report, form)
    if report_path is not None:
        from quizgen.values import to_json

        with target(report_path) as out:
            out.write(to_json([line.data() for line in export.report.lines]) + b"\n")
    if written and path is not None:
        note(f"{export.report.counts()['kept'] + export.report.counts()['lowered']} questions written to {path}")


def write(export: "Export", plan: "Sequence[Planned]", path: Path | None, skip: bool, dry_run: bool) -> bool:
    """Write the file; whether there is one. Raises InputError that names what is refused, and nothing is written."""
    from quizgen.errors import InputError

    pieces = export.file(plan)
    if dry_run:
        for _ in pieces:
            pass
        return False
    with target(path) as out:
        held = list(pieces) if path is None else pieces  # stdout cannot be taken back
        for piece in held if path is not None else ():
            out.write(piece)
        refused = export.report.refused()
        if refused and not skip:
            tell(export.report, export.wanted.format)
            names = "; ".join(f"{line.name}: {line.refused}" for line in refused[:5])
            more = f" and {len(refused) - 5} more" if len(refused) > 5 else ""
            raise InputError(f"{export.wanted.format} cannot carry {names}{more}. Nothing was written.")
        for piece in held if path is None else ():
            out.write(piece)
    return True


def tell(report: "Report", form: str) -> None:
    """The report in lines: what is lowered and what is refused, counted by what happens to it."""
    from collections import Counter

    counts = report.counts()
    note(f"{form}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    lowered = Counter(
        (line.slot, change.kind, change.becomes, change.lost) for line in report.lines for change in line.changes
    )
    for (slot, kind, becomes, lost), count in lowered.items():
        note(f"  {slot}: {count} x {kind} becomes {becomes}" + (f" ({lost})" if lost else ""))
    for (slot, why), count in Counter((line.slot, line.refused) for line in report.refused()).items():
        note(f"  {slot}: {count} refused: {why}")
