"""Check that families keep their contract, over their whole space.

Without arguments, every family. FAMILY is an id or a pattern such as convolution/*; FILE is a family's file. What
breaks a clause is shrunk, shown with the parameters that reproduce it, and kept in the bank as a regression. The exit
status is 1 if anything is broken.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quizgen.cli._options import bank_option, json_option
from quizgen.cli._output import note, print_json

if TYPE_CHECKING:
    from rich.console import Console

    from quizgen.bank import Bank
    from quizgen.checks import Outcome, Report, Settings


@click.command()
@click.argument("targets", nargs=-1, metavar="[FAMILY|FILE]...")
@click.option("--examples", default=100, show_default=True, type=click.IntRange(1), help="Draws for each clause.")
@click.option("--seconds", default=20.0, show_default=True, type=click.FloatRange(0), help="Most for one search.")
@click.option("--keep/--no-keep", default=True, show_default=True, help="Keep what breaks as a regression in the bank.")
@click.option("-v", "--verbose", is_flag=True, help="Also what was counted for each clause.")
@bank_option
@json_option
def command(
    targets: tuple[str, ...],
    examples: int,
    seconds: float,
    keep: bool,
    verbose: bool,
    banks: tuple[Path, ...],
    as_json: bool,
) -> int:
    import os
    import tempfile

    from quizgen.bank import Bank
    from quizgen.errors import InputError

    bank = Bank((*banks, *own_banks(targets, banks)))
    names = chosen(bank, targets)
    if any(name.startswith("empirical/") for name in names):
        warn()
    try:
        from quizgen.checks import Settings
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is missing; pip install 'quizgen[proof]'", "quizgen check") from error
    with tempfile.TemporaryDirectory(prefix="quizgen-") as folder:  # not in the folder where one happens to be
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", folder)
        reports = examined(names, bank, Settings(examples, seconds, random=True), keep, quiet=as_json, verbose=verbose)
    if as_json:
        print_json([report.data() for report in reports])
    return 0 if all(report.holds for report in reports) else 1


def warn() -> None:
    """Names the records that families do not ask about, as they are damaged or stale."""
    from solvers.training import records

    for shelf in records.shipped().values():
        for why in shelf.skipped:
            note(f"skipped: {why}")


def own_banks(targets: tuple[str, ...], banks: tuple[Path, ...]) -> Iterator[Path]:
    """The banks of files that stand in none of those named."""
    from quizgen.bank import installed

    known = {folder.resolve() for folder in (installed()[0], *banks)}
    for target in targets:
        file = Path(target)
        if file.suffix == ".py" and file.is_file() and (folder := file.resolve().parent.parent) not in known:
            known.add(folder)
            yield folder


def chosen(bank: "Bank", targets: tuple[str, ...]) -> tuple[str, ...]:
    """The ids that the targets stand for, each once; all without targets."""
    names: list[str] = []
    for target in targets:
        names += [bank.name_of(Path(target))] if target.endswith(".py") else bank.matching(target)
    return tuple(dict.fromkeys(names or bank.files))


def examined(
    names: tuple[str, ...], bank: "Bank", settings: "Settings", keep: bool, *, quiet: bool, verbose: bool
) -> "list[Report]":
    """The reports, each shown as it comes."""
    from rich.console import Console

    from quizgen import checks

    console = Console(quiet=quiet, highlight=False, soft_wrap=True)
    width = max(map(len, names), default=0)
    reports = []
    for name in names:
        with console.status(f"{name} …"):
            report = checks.examine(name, bank, settings, names)
        console.print(line(report, width), markup=False)
        show(report, console, verbose)
        if keep:
            console.print(kept(report, bank), markup=False, end="")
        reports.append(report)
    broken = sum(not report.holds for report in reports)
    console.print(f"{len(reports) - broken} of {len(reports)} families keep the contract")
    return reports


def kept(report: "Report", bank: "Bank") -> str:
    """Keep what broke; says where, if there is anything new."""
    from quizgen import checks

    try:
        new = checks.keep(report, bank)
    except OSError as error:
        return f"    not kept as a regression: {error.filename}: {error.strerror}\n"
    return f"    kept as a regression: {new} in {checks.regressions(bank.family(report.family), bank)}\n" if new else ""


def line(report: "Report", width: int) -> str:
    """One line a family: the clauses that hold, and the number of each one that does not."""
    if report.broken:
        return f"{report.family:{width}}  cannot be loaded: {report.broken}"
    marks = " ".join(mark(outcome) for outcome in report.outcomes)
    checked = sum(outcome.checked for outcome in report.outcomes)
    seconds = sum(outcome.seconds for outcome in report.outcomes)
    return f"{report.family:{width}}  {marks}  {checked:6} draws {seconds:5.1f} s"


def mark(outcome: "Outcome") -> str:
    """✓ for a clause that holds, ✗ and its number for one that does not, · for one that could not be tried."""
    number = str(outcome.clause.number)
    return f"✗{number}" if outcome.failures else ("✓" if outcome.checked else "·") + " " * len(number)


def show(report: "Report", console: "Console", verbose: bool) -> None:
    """The failures of a family, each with the parameters that reproduce it."""
    import json

    from quizgen.values import plain

    for outcome in report.outcomes:
        if verbose:
            for note in outcome.notes:
                console.print(f"    {outcome.clause.number} {outcome.clause.name}: {note}", markup=False, style="dim")
        for failure in outcome.failures:
            console.print(f"    ✗ {outcome.clause.number} {outcome.clause.name}: {failure.message}", markup=False)
            if failure.parameters is not None:
                given = json.dumps(plain(failure.parameters.as_dict()), ensure_ascii=False)
                console.print(f"      quizgen show {report.family} --solution --given '{given}'", markup=False)
