"""Draw many different items: of families, of patterns such as convolution/*, of all, or of a blueprint's slots.

The items of a family differ from each other, and are the same for the same seed, however many processes draw them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from quizgen.cli._options import bank_option, languages
from quizgen.cli._output import note, target

if TYPE_CHECKING:
    from quizgen.bank import Bank
    from quizgen.drawing import Press, Source
    from quizgen.family import Pool

EVERY = "all"
HALVES = {"exam": " in its half for exams", "practice": " in its half for practice", None: ""}


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FAMILY|PATTERN|BLUEPRINT|all...")
@click.option(
    "-n", "number", default=1, show_default=True, type=click.IntRange(1), help="Items of each family or slot."
)
@click.option("--seed", default="1", show_default=True, help="Another seed, other draws.")
@click.option("-o", "path", type=click.Path(path_type=Path), metavar="FILE", help="Default: stdout.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 256), help="Processes that draw.")
@click.option("--format", "form", metavar="FORMAT", help="jsonl, md …; by default what FILE ends in, or jsonl.")
@click.option("--lang", help="en, zh or en+zh, for formats with words (jsonl has none).  [default: en]")
@click.option(
    "--pool", type=click.Choice(["practice", "exam", "any"]),
    help="The half of each space to draw from.  [default: exam for a blueprint, else practice]",
)  # fmt: skip
@click.option("--laws", is_flag=True, help="Prove every item by the laws of its family.")
@bank_option
def command(
    sources: tuple[str, ...], number: int, seed: str, path: Path | None, jobs: int, form: str | None,
    lang: str | None, pool: "Pool | Literal['any'] | None", laws: bool, banks: tuple[Path, ...],
) -> None:  # fmt: skip
    from quizgen import drawing, exporters
    from quizgen.errors import InputError

    form = form or format_of(path)
    if not exporters.exporter(form).is_drawn:
        raise InputError(f"{form} is written by quizgen export --to {form}", "--format")
    if lang and not exporters.exporter(form).has_words:
        raise InputError(f"the format {form} has no words, so it takes no language", "--lang")
    press = drawing.Press(
        drawing.Order(
            banks=banks, seed=seed, pool=half(pool, sources), laws=laws, format=form, locales=languages(lang or "en")
        )
    )
    wanted = found(sources, press.bank, seed)
    fits = [press.fit(source) for source in wanted]
    exporters.refuse(form, fits)
    counts = write(press, wanted, number, jobs, path)
    for fit in fits:
        for need, becomes in fit.lowered.items():
            note(f"{fit.name}: {need} become {becomes} in {form}")
    for source in wanted:
        if counts[source.name] < number and source.own is None:
            where = HALVES[press.pool_of(source)]
            note(f"{source.name} has only {counts[source.name]} different items{where}, not {number}; all are written")
    if path is not None:
        note(f"{counts.total()} items written to {path}")


def format_of(path: Path | None) -> str:
    """The format whose files usually end as ``path`` does; JSON lines if none does."""
    from quizgen import exporters

    if path is None:
        return "jsonl"
    drawn = {exporters.exporter(name).suffix: name for name in exporters.formats() if exporters.exporter(name).is_drawn}
    return drawn.get(path.suffix, "jsonl")


def half(pool: "Pool | Literal['any'] | None", sources: tuple[str, ...]) -> "Pool | None":
    """The pool to draw from; None for both."""
    if pool is None:
        return "exam" if any(source.endswith(".toml") for source in sources) else "practice"
    return None if pool == "any" else pool


def found(sources: tuple[str, ...], bank: "Bank", seed: str) -> list["Source"]:
    """The families and slots that the arguments name, each once. Raises UnknownName."""
    from quizgen.drawing import Source

    wanted: dict[str, Source] = {}
    for source in sources:
        if source.endswith(".toml"):
            wanted |= {slot.name: slot for slot in slots(Path(source), bank, seed)}
        else:
            names = bank.matching("*" if source == EVERY else source)
            wanted |= {name: Source(name=name, family=name) for name in names}
    return list(wanted.values())


def slots(path: Path, bank: "Bank", seed: str) -> Iterator["Source"]:
    """The slots of a blueprint. Raises InputError that names the place."""
    from quizgen import blueprint, exam, space
    from quizgen.drawing import Source
    from quizgen.values import AUTHORED

    for section in exam.plan(blueprint.read(path), path.name, bank, seed):
        for slot in section.slots():
            if slot.spec.family is None:
                yield Source(name=slot.id, family=AUTHORED, own=slot.own)
            else:
                where = space.narrowing(bank.family(slot.spec.family).params, slot.spec.where, slot.place)
                yield Source(name=slot.id, family=slot.spec.family, where=where, options=slot.options)


def write(press: "Press", sources: Sequence["Source"], number: int, jobs: int, path: Path | None) -> Counter[str]:
    """Draw and write; how many items came from each source."""
    from quizgen import drawing
    from quizgen.cli._progress import progress

    counts: Counter[str] = Counter()
    with target(path) as out, progress("drawing", number * len(sources)) as advance:

        def entries() -> Iterator[bytes]:
            for source, entry in drawing.draw(press, sources, number, jobs):
                counts[source.name] += 1
                advance(1)
                yield entry

        for piece in press.exporter.file(entries()):
            out.write(piece)
    return counts
