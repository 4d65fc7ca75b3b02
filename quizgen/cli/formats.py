"""Show which kinds of answer each export format carries, lowers or refuses."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from quizgen.cli._options import json_option
from quizgen.cli._output import print_json

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 15
"""Columns of the terminal for a format."""
LEAST = 80


@click.command()
@json_option
def command(as_json: bool) -> None:
    from quizgen import exporters

    table = {name: about(name) for name in exporters.formats()}
    if as_json:
        print_json(table)
        return
    import os

    from rich.console import Console

    console = Console(width=None if os.environ.get("COLUMNS") else max(LEAST, Console().width), highlight=False)
    for shown in tables(table, max(1, console.width // WIDTH - 1)):
        console.print(shown)
    for word, lost in losses(table).items():
        console.print(f"{word}: {lost}")


def about(name: str) -> dict[str, Any]:
    """What there is to say of one format: the fate of every kind of answer, and how it is for exams."""
    from quizgen import answers, exporters

    exporter = exporters.exporter(name)
    return {
        "suffix": exporter.suffix,
        "kinds": {kind: fate(name, kind) for kind in (*answers.kinds(), *exporters.FEATURES)},
        "feedback": bool(getattr(exporter, "feedback", True)),
        "for_exams": not exporter.tells_key,
    }


def fate(name: str, kind: str) -> dict[str, str]:
    """What a format makes of a kind of answer or a feature: ``becomes`` is empty for what it keeps or refuses."""
    from quizgen import exporters
    from quizgen.exporters._lowering import LOST
    from quizgen.exporters._platform import WORDS

    exporter = exporters.exporter(name)
    if kind in exporter.kinds | exporter.features:
        return {"outcome": "kept", "becomes": "", "lost": ""}
    if kind not in exporter.lowers:
        return {"outcome": "refused", "becomes": "", "lost": ""}
    becomes = exporter.lowers[kind]
    way = next((way for way, words in WORDS.items() if words == becomes), "")
    return {"outcome": "lowered", "becomes": becomes, "lost": LOST.get(way, "")}


def tables(table: dict[str, dict[str, Any]], columns: int) -> Iterator["Table"]:
    """Kinds of answer by formats, as many tables as the formats need that fit beside each other."""
    from rich.table import Table

    names = iter(table)
    title = "How each format carries each kind of answer (— is refused)"
    while part := list(islice(names, columns)):
        shown = Table("", title=title)
        for name in part:
            shown.add_column(name, min_width=len(name))
        for kind in table[part[0]]["kinds"]:
            shown.add_row(kind, *(_cell(table[name]["kinds"][kind]) for name in part))
        shown.add_section()
        shown.add_row("feedback on wrong answers", *("yes" if table[name]["feedback"] else "—" for name in part))
        shown.add_row("for exams", *("yes" if table[name]["for_exams"] else "holds the key" for name in part))
        yield shown
        title = ""


def _cell(fate: dict[str, str]) -> str:
    return "—" if fate["outcome"] == "refused" else fate["becomes"] or "kept"


def losses(table: dict[str, dict[str, Any]]) -> dict[str, str]:
    """What a kind becomes, with what is lost on the way, each once."""
    fates = (fate for entry in table.values() for fate in entry["kinds"].values())
    return {fate["becomes"]: fate["lost"] for fate in fates if fate["lost"]}
