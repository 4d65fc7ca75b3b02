"""Print the JSON Schema of an item, which is one line of what `quizgen draw` writes."""

import click

from quizgen.cli._output import print_json


@click.command()
def command() -> None:
    from quizgen import schema

    print_json(schema.item())
