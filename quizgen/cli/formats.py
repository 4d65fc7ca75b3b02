"""Show which kinds of answer each export format carries, lowers or refuses."""

import click

from quizgen.cli._options import json_option
from quizgen.cli._output import print_json


@click.command()
@json_option
def command(as_json: bool) -> None:
    from quizgen import answers, exporters

    table = {name: {kind: fate(name, kind) for kind in answers.kinds()} for name in exporters.formats()}
    if as_json:
        print_json(table)
        return
    from rich.console import Console
    from rich.table import Table

    shown = Table("kind", *table, title="How each format carries each kind of answer (— is refused)")
    for kind in answers.kinds():
        shown.add_row(kind, *(table[name][kind] or "—" for name in table))
    Console(width=max(80, 12 + 14 * len(table))).print(shown)


def fate(name: str, kind: str) -> str:
    """``kept``, what the kind becomes, or the empty string for what is refused."""
    from quizgen import exporters

    exporter = exporters.exporter(name)
    return "kept" if kind in exporter.kinds else exporter.lowers.get(kind, "")
