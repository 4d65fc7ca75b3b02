"""List the families: id, level, what is asked, size of the space.

A file that cannot be loaded is reported, and the others are listed.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quizgen.cli._options import bank_option, json_option
from quizgen.cli._output import print_json

if TYPE_CHECKING:
    from quizgen.family import Family


@click.command()
@click.option("--area", help="Only this area, such as convolution.")
@bank_option
@json_option
def command(area: str | None, banks: tuple[Path, ...], as_json: bool) -> int:
    from quizgen.bank import Bank
    from quizgen.errors import QuizgenError, UnknownName

    bank = Bank(banks)
    areas = {name.split("/")[0] for name in bank.files}
    if area is not None and area not in areas:
        raise UnknownName.among("area", area, areas, "--area")
    rows: list[dict[str, Any]] = []
    broken: list[str] = []
    for name, file in bank.files.items():
        if area not in (None, name.split("/")[0]):
            continue
        try:
            family = bank.family(name)
            with family.faults_located():
                rows.append(described(family, file))
        except QuizgenError as error:
            broken.append(str(error))
    if as_json:
        print_json({"families": rows, "broken": broken})
    else:
        show(rows)
        for message in broken:
            click.echo(f"broken: {message}", err=True)
    return 1 if broken else 0


WIDE = 200
"""Characters in a line where the output is no terminal."""


def described(family: "Family", file: Path) -> dict[str, Any]:
    """What the list says of a family, whose file is ``file``."""
    from quizgen import space

    return {
        "family": family.id,
        "level": family.level,
        "minutes": family.minutes,
        "calculator": family.calculator,
        "answers": {part: declared.kind for part, declared in family.answers.items()},
        "misconceptions": len(family.misconceptions),
        "laws": len(family.laws),
        "items": space.size(family.params),
        "divided": not family.is_small(),
        "about": about(file),
    }


def about(file: Path) -> str:
    """The first line of a family's docstring."""
    import ast

    docstring = ast.get_docstring(ast.parse(file.read_bytes())) or ""
    return docstring.partition("\n")[0].rstrip(".")


def show(rows: list[dict[str, Any]]) -> None:
    """Print the families as a table; a star marks spaces that are too small to keep exams and practice apart."""
    from rich.console import Console
    from rich.table import Table

    from quizgen.family import SMALL

    table = Table(box=None, pad_edge=False)
    for heading in ("family", "level", "min", "asks", "items", "about"):
        right = heading in ("level", "min", "items")
        table.add_column(heading, justify="right" if right else "left", no_wrap=heading != "about")
    for row in rows:
        kinds = ", ".join(dict.fromkeys(row["answers"].values()))
        items = f"{row['items']:.0e}" if row["items"] > 10**7 else str(row["items"])
        mark = "" if row["divided"] else "*"
        table.add_row(row["family"], str(row["level"]), str(row["minutes"]), kinds, items + mark, row["about"])
    terminal = Console()
    (terminal if terminal.is_terminal else Console(width=WIDE)).print(table)
    if not all(row["divided"] for row in rows):
        click.echo(f"* fewer than {SMALL} items: exams and practice draw from the same ones")
