"""Print the JSON Schema of an item, which is one line of what `quizgen draw` writes."""

import click


@click.command()
def command() -> None:
    import msgspec

    from quizgen import schema

    click.echo(msgspec.json.format(msgspec.json.encode(schema.item())).decode())
