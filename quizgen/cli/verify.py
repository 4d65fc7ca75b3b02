"""Build an exam again from its manifest and compare every file, PDFs too."""

from pathlib import Path

import click

from quizgen.cli._options import json_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
@json_option
def command(folder: Path, jobs: int, as_json: bool) -> int:
    from quizgen import publishing
    from quizgen.cli._progress import watched
    from quizgen.values import to_json

    found = publishing.verify(folder, jobs, watched)
    if as_json:
        click.echo(to_json(found).decode())
    else:
        for name in found.different:
            click.echo(f"differs: {name}")
        for name, why in found.skipped.items():
            click.echo(f"not compared: {name} ({why})")
        for name, (then, now) in found.versions.items():
            click.echo(f"version: {name} was {then}, is {now}")
        if found.different and found.versions:
            click.echo("The versions above can explain the differences.")
        click.echo(f"{len(found.same)} files are the same, {len(found.different)} differ")
    return 1 if found.different else 0
