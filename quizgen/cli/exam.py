"""Build an exam from a blueprint: papers, key and worked solutions, every answer computed twice."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from quizgen.cli._options import bank_option, languages
from quizgen.cli._output import note

if TYPE_CHECKING:
    from quizgen.publishing import Source


@click.command()
@click.argument("blueprint", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The folder to write.  [default: output/<blueprint>]"
)
@click.option("--forms", type=int, help="How many forms, A, B, C …  [default: 1]")
@click.option(
    "--roster", type=click.Path(path_type=Path), help="A CSV file with the columns id, name: a paper for each."
)
@click.option("--seed", help="In place of the blueprint's; without either, a secret one is drawn.")
@click.option("--lang", default="en", show_default=True, help="en, zh, or en+zh for both on one paper.")
@click.option("--format", "formats", help="Some of pdf, html, tex.  [default: pdf,html; html where there is no TeX]")
@click.option("--solutions/--no-solutions", default=True, show_default=True, help="Worked solutions for every form.")
@click.option("--unproven", is_flag=True, help="Do not run the laws (and say so in the manifest).")
@click.option("--force", is_flag=True, help="Move an output folder aside that is not ours or was changed.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@bank_option
def command(
    blueprint: Path,
    output: Path | None,
    forms: int | None,
    roster: Path | None,
    seed: str | None,
    lang: str,
    formats: str | None,
    solutions: bool,
    unproven: bool,
    force: bool,
    jobs: int,
    banks: tuple[Path, ...],
) -> None:
    from quizgen import folder, publishing
    from quizgen.cli._progress import watched
    from quizgen.family import SMALL
    from quizgen.papers import points

    wanted = publishing.Wanted(
        forms=_forms(forms, roster),
        personal=roster is not None,
        lang=languages(lang),
        formats=_formats(formats),
        solutions=solutions,
        unproven=unproven,
        banks=tuple(str(bank) for bank in banks),
    )
    source = _source(blueprint, roster, seed)
    target = output or Path("output") / blueprint.stem
    with folder.replacing(target, force=force) as staging:
        built = publishing.publish(source, wanted, staging, jobs, watched)
    noun = "paper" if wanted.personal else "form"
    papers = f"1 {noun}" if len(built.forms) == 1 else f"{len(built.forms)} {noun}s"
    proof = "no answer proven" if unproven else "every answer proven"
    click.echo(f"{target}: {papers}, {points(built.forms[0].total)} points, {proof}")
    shared = folder.read_manifest(target)["shared_with_practice"]
    if shared:
        click.echo(f"Fewer than {SMALL} items fit these slots, so practice can meet them: {', '.join(shared)}")
    if source.secret:
        click.echo(f"The seed is secret and stands in {target / folder.MANIFEST}; keep that file from students.")


def _forms(forms: int | None, roster: Path | None) -> int:
    from quizgen.errors import InputError

    if roster is not None and forms is not None:
        raise InputError("give either --forms or --roster (every student then has a paper of his own)")
    if forms is not None and not 1 <= forms <= 1000:
        raise InputError(f"expected a number from 1 to 1000, got {forms}", "--forms")
    return forms or 1


def _formats(text: str | None) -> tuple[str, ...]:
    """The formats asked for. Where none are, and there is no TeX, it says how to get one and goes on without."""
    from quizgen.errors import TypesettingError, UnknownName
    from quizgen.publishing import FORMATS
    from quizgen.renderers import pdf

    if text is None:
        try:
            pdf.find()
        except TypesettingError as error:
            note(f"no PDF this time: {error}")
            return ("html",)
        return ("pdf", "html")
    found = tuple(name.strip() for name in text.split(","))
    for name in found:
        if name not in FORMATS:
            raise UnknownName.among("format", name, FORMATS, "--format")
    return tuple(name for name in FORMATS if name in found)


def _source(blueprint: Path, roster: Path | None, seed: str | None) -> "Source":
    """The input files as bytes, and the seed: given, the blueprint's, or a secret one."""
    from quizgen import blueprint as blueprints
    from quizgen import folder, publishing

    data = blueprints.load(blueprint)
    given = seed if seed is not None else blueprints.parse(data, blueprint.name).seed
    return publishing.Source(
        name=blueprint.name,
        blueprint=data,
        seed=publishing.secret_seed() if given is None else str(given),
        secret=given is None,
        roster=blueprints.load(roster) if roster else None,
        roster_name=roster.name if roster else folder.ROSTER,
    )
