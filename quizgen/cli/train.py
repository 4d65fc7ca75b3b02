"""Train experiments: the answers of empirical questions come from records, not from folklore.

Without arguments, every experiment; EXPERIMENT is a name or a pattern such as d*. What is finished is not trained
again, so that an interrupted run goes on where it was. A setting all of whose units are there becomes a record, whose
claims are accepted or rejected. The exit status is 1 if anything failed, or does not hold.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from quizgen.cli._output import note

if TYPE_CHECKING:
    from rich.table import Table

    from solvers.training.experiment import Experiment
    from solvers.training.rechecking import Checked, Level
    from solvers.training.records import Record
    from solvers.training.runner import Event, Job
    from solvers.training.workers import Engine


@click.command()
@click.argument("experiments", nargs=-1, metavar="[EXPERIMENT]...")
@click.option("--settings", "numbers", metavar="N,N", help="Only these settings, by number from 0.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 256), help="Workers.")
@click.option(
    "--engine", default="processes", show_default=True, type=click.Choice(["processes", "ray"]),
    help="Who works: processes of this machine, or Ray on several.",
)  # fmt: skip
@click.option(
    "--device", default="auto", show_default=True, type=click.Choice(["auto", "cpu", "cuda"]),
    help="auto is a GPU where there is one.",
)  # fmt: skip
@click.option("--seeds", type=click.IntRange(2), metavar="N", help="In place of the experiment's own number.")
@click.option("--explore", is_flag=True, help="Use other seeds and record nothing: to find settings.")
@click.option("--anew", is_flag=True, help="Also what has a record, but of sources that have changed since.")
@click.option(
    "--recheck", "level", type=click.Choice(["cheap", "medium", "full"]),
    help="Whether records hold: decide again; train 4 seeds of each again; train all again with fresh seeds.",
)  # fmt: skip
@click.option("--cache", type=click.Path(path_type=Path), metavar="DIR", help="Finished units; else your cache folder.")
@click.option("--results", type=click.Path(path_type=Path), metavar="DIR", help="Records; else those of the program.")
def command(
    experiments: tuple[str, ...],
    numbers: str | None,
    jobs: int,
    engine: str,
    device: str,
    seeds: int | None,
    explore: bool,
    anew: bool,
    level: "Level | None",
    cache: Path | None,
    results: Path | None,
) -> int:
    from quizgen.errors import InputError
    from solvers.training.records import folder

    names, place = named(experiments), results or folder()
    try:
        import torch  # noqa: F401 (here, so that what is missing is said once)

        chosen = [loaded(name) for name in names]
        from solvers.training.cache import Cache, usual
        from solvers.training.rechecking import recheck
        from solvers.training.runner import Runner
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is missing; pip install 'quizgen[proof]'", "quizgen train") from error
    where, by = on(device), cast("Engine", engine)
    if level is not None:
        wanted = [number for experiment in chosen for number in picked(experiment, numbers)] if numbers else []
        found = recheck(chosen, place, level, numbers=wanted, engine=by, jobs=jobs, device=where)
        return rechecked(found, level, place, where)
    planned = list(plans(chosen, numbers, seeds or 0, explore))
    runner = Runner(
        cache=Cache(cache or usual()),
        results=None if explore else place,
        engine=by,
        workers=jobs,
        device=where,
        anew=anew,
    )
    if not explore:
        warn(chosen, place)
    return shown(planned, runner.run(planned), explore)


def named(patterns: Sequence[str]) -> list[str]:
    """The experiments that the patterns stand for; all without any. Raises UnknownName."""
    from fnmatch import fnmatchcase

    from quizgen.errors import UnknownName
    from solvers.training.experiments import names

    known = names()
    found: list[str] = []
    for pattern in patterns:
        matching = [name for name in known if fnmatchcase(name, pattern)]
        if not matching:
            raise UnknownName.among("experiment", pattern, known)
        found += matching
    return list(dict.fromkeys(found or known))


def loaded(name: str) -> "Experiment":
    """An experiment. Raises InputError for a file that cannot be loaded."""
    from quizgen.errors import InputError
    from solvers.training.experiments import find

    try:
        return find(name)
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("solvers"):
            raise
        raise InputError(f"cannot be loaded: {error}", f"experiment {name}") from error
    except Exception as error:
        raise InputError(f"cannot be loaded: {type(error).__name__}: {error}", f"experiment {name}") from error


def plans(experiments: "Sequence[Experiment]", numbers: str | None, seeds: int, explore: bool) -> "Iterator[Job]":
    """What is to be done. Raises InputError for settings that do not exist."""
    from solvers.training.runner import Job
    from solvers.training.units import CONFIRMED, CONFIRMED_PROBES, EXPLORED, EXPLORED_PROBES, plan

    first, probed = (EXPLORED, EXPLORED_PROBES) if explore else (CONFIRMED, CONFIRMED_PROBES)
    for experiment in experiments:
        for number in picked(experiment, numbers):
            yield Job(experiment, plan(experiment, number, seeds=seeds, first=first, probed=probed))


def picked(experiment: "Experiment", numbers: str | None) -> list[int]:
    """``0,3`` as numbers of settings; all without any."""
    from quizgen.errors import InputError

    last = len(experiment.settings) - 1
    if numbers is None:
        return list(range(last + 1))
    found = [part.strip() for part in numbers.split(",")]
    for part in found:
        if not part.isdecimal() or int(part) > last:
            raise InputError(f"expected numbers from 0 to {last} for {experiment.name}, got {part!r}", "--settings")
    return [int(part) for part in dict.fromkeys(found)]


def on(device: str) -> str:
    """Where to train. Raises InputError for a GPU that is not there."""
    import torch

    from quizgen.errors import InputError

    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise InputError("torch finds no GPU here", "--device")
    return "cuda" if there and device != "cpu" else "cpu"


def warn(experiments: "Sequence[Experiment]", results: Path) -> None:
    """Names what lies among the records and is not used."""
    from solvers.training.records import shelf

    for experiment in experiments:
        for why in shelf(experiment.name, results).skipped:
            note(f"skipped: {why}")


def rechecked(found: "Iterator[Checked]", level: "Level", results: Path, device: str) -> int:
    """Says of every record whether it holds, and why not; the exit status."""
    from solvers.training.records import write

    holding = broken = 0
    notes: Counter[str] = Counter()
    for checked in found:
        click.echo(f"{checked.name:24} {'does not hold' if checked.wrong else 'holds'}")
        for why in checked.wrong:
            click.echo(f"{'':24}   {why}")
        notes.update(checked.notes)
        if checked.wrong:
            broken += 1
            continue
        holding += 1
        if level != "cheap":
            write(results, checked.marked(level, device))
    say(notes)
    click.echo(f"{holding} records hold, {broken} do not")
    return 1 if broken else 0


def say(notes: "Counter[str]") -> None:
    """Each remark on records, and how many it is about."""
    for remark, count in notes.items():
        click.echo(f"of {count} records: {remark}")


def shown(jobs: "list[Job]", events: "Iterator[Event]", detailed: bool) -> int:
    """Shows what happens, as a live table on a terminal and as lines elsewhere; the exit status."""
    from rich.console import Console
    from rich.live import Live

    from solvers.training.rechecking import remarks
    from solvers.training.runner import Failed

    console = Console(highlight=False, soft_wrap=True)
    board = Board(jobs)
    failed = 0
    live = Live(board.table(), console=console, auto_refresh=False) if console.is_terminal else None
    try:
        if live is not None:
            live.start()
        for event in events:
            board.see(event)
            if text := told(event, detailed or not console.is_terminal):
                console.print(text, markup=False)
            if live is not None:
                live.update(board.table(), refresh=True)
            if isinstance(event, Failed):
                failed += 1
                note(f"{event.job.name}: {event.why}")
    finally:
        if live is not None:
            live.stop()
    say(Counter(remark for record in board.records.values() for remark in remarks(record)))
    console.print(board.sentence(), markup=False)
    return 1 if failed else 0


def told(event: "Event", detailed: bool) -> str:
    """What is said of an event: a line a claim of a record; nothing of a unit, or of what was there before."""
    from solvers.training.runner import Recorded

    if not isinstance(event, Recorded) or event.before or not detailed:
        return ""
    lines = []
    for name, outcome in event.record.claims.items():
        answer = (" > " if outcome.kind == "order" else ", ").join(outcome.answer) or "none"
        lines.append(f"{event.job.name:24} {name}: {answer}  {outcome.status}")
        for effect in outcome.effects:
            what = f"{effect.high} > {effect.low}" if effect.low else effect.high
            low, high = effect.ci
            lines.append(f"{'':24}   {what}: {effect.mean:.4g} [{low:.4g}, {high:.4g}] in {effect.k}/{effect.n}")
        if outcome.why:
            lines.append(f"{'':24}   {outcome.why}")
    return "\n".join(lines)


class Board:
    """What the table shows: how far each experiment is."""

    def __init__(self, jobs: "list[Job]") -> None:
        self.jobs = jobs
        self.units = {unit.key: unit.experiment for job in jobs for unit in job.plan.units}
        self.done: set[str] = set()
        self.failed: set[str] = set()
        self.records: dict[str, Record] = {}

    def see(self, event: "Event") -> None:
        """Counts an event."""
        from solvers.training.runner import Done, Failed, Recorded

        match event:
            case Done():
                self.done.add(event.unit.key)
            case Failed():
                self.failed.add(event.job.name)
            case Recorded():
                self.records[event.job.name] = event.record
                self.done.update(unit.key for unit in event.job.plan.units)

    def table(self) -> "Table":
        """One row an experiment."""
        from rich.table import Table

        found = Table("experiment", box=None, pad_edge=False)
        for title in ("units", "settings", "accepted", "rejected", "failed", "CPU s"):
            found.add_column(title, justify="right")
        for name in dict.fromkeys(job.experiment.name for job in self.jobs):
            mine = [job for job in self.jobs if job.experiment.name == name]
            units = [key for key, experiment in self.units.items() if experiment == name]
            records = [self.records[job.name] for job in mine if job.name in self.records]
            accepted = sum(len(record.accepted) for record in records)
            claims = sum(len(record.claims) for record in records)
            found.add_row(
                name,
                f"{sum(key in self.done for key in units)}/{len(units)}",
                f"{len(records)}/{len(mine)}",
                f"{accepted}",
                f"{claims - accepted}",
                f"{sum(job.name in self.failed for job in mine)}",
                f"{sum(record.cost['cpu_s'] for record in records):.1f}",
            )
        return found

    def sentence(self) -> str:
        """All in all."""
        claims = [outcome for record in self.records.values() for outcome in record.claims.values()]
        accepted = sum(outcome.status == "accepted" for outcome in claims)
        seconds = sum(record.cost["cpu_s"] for record in self.records.values())
        return (
            f"{len(self.records)} of {len(self.jobs)} settings have a record: {accepted} claims accepted, "
            f"{len(claims) - accepted} rejected; {seconds:.0f} CPU s"
        )
