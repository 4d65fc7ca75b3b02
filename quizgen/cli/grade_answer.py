"""Judge an answer: right, partial, wrong or invalid, with what was understood.

KEY is JSON such as '{"kind": "integer", "value": 12}', or @FILE. RESPONSE is what a student typed; it may begin with a
minus sign. With --stream, lines {"key": ..., "response": "...", "id": ...} are read from stdin, and for each one line
is written: the verdict, its credit, parsed, notes and span, and the id if there was one.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from quizgen.cli._options import json_option, languages

if TYPE_CHECKING:
    from quizgen.values import Verdict


class Answering(click.Command):
    """Takes what looks like no option of ours as the response: ``-3``, ``-x^2``, ``-h``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if args in (["-h"], ["--help"]) else self._responses_last(args))

    def _responses_last(self, args: list[str]) -> list[str]:
        """The options, then ``--`` and everything else."""
        valued = {name for option in self.params if not getattr(option, "is_flag", True) for name in option.opts}
        options: list[str] = []
        rest = list(args)
        responses: list[str] = []
        while rest:
            word = rest.pop(0)
            if word == "--":
                responses += rest
                break
            if is_option(word):
                options += [word, *([rest.pop(0)] if word in valued and rest else [])]
            else:
                responses.append(word)
        return [*options, "--", *responses] if responses else options


def is_option(word: str) -> bool:
    """Whether an argument is an option, or a mistyped one: two hyphens and two letters."""
    return word[:2] == "--" and word[2:4].isascii() and word[2:4].isalpha() and len(word) > 3


@click.command(cls=Answering)
@click.option("--key", "key_text", metavar="KEY", help="JSON, or @FILE with JSON.")
@click.argument("response", required=False, type=click.UNPROCESSED)
@click.option("--lang", default="en", show_default=True, help="en, zh or en+zh, for what is said about the answer.")
@click.option("--stream", is_flag=True, help="JSON lines from stdin to stdout.")
@json_option
def command(key_text: str | None, response: str | None, lang: str, stream: bool, as_json: bool) -> None:
    if stream:
        if key_text is not None or response is not None:
            raise click.UsageError("--stream takes keys and responses from stdin")
        write_stream()
        return
    if key_text is None or response is None:
        raise click.UsageError("expected --key KEY and a RESPONSE, or --stream")
    from quizgen import answers
    from quizgen.values import to_json

    key = answers.key_from_json(key_of(key_text), "--key")
    verdict = answers.grade(key, response)
    if as_json:
        click.echo(to_json(verdict).decode())
        return
    for locale in languages(lang):
        for line in shown(verdict, response, locale):
            click.echo(line)


def key_of(text: str) -> bytes:
    """The JSON that ``--key`` states or names. Raises InputError for a file that cannot be read."""
    from quizgen.errors import InputError

    if not text.startswith("@"):
        return text.encode("utf-8", "surrogateescape")
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", text[1:]) from error


def shown(verdict: "Verdict", response: str, locale: str) -> Iterator[str]:
    """The verdict as lines for a terminal."""
    from quizgen import verdicts

    yield verdicts.headline(verdict, locale)
    yield from filter(None, (verdicts.understood(verdict, locale), verdicts.say(verdict, response, locale)))
    if verdict.span is not None:
        yield from (f"    {line}".rstrip() for line in verdicts.caret(response, verdict.span).split("\n"))


def write_stream() -> None:
    """Judge the lines of stdin, each at once, so that a program may wait for the line it gets back."""
    from quizgen import judging
    from quizgen.cli import let_go_of_stdout
    from quizgen.errors import InputError

    if sys.stdin is None:
        raise InputError("is closed", "stdin")
    out = sys.stdout.buffer
    try:
        for line in judging.judged(sys.stdin.buffer):
            out.write(line + b"\n")
            out.flush()
    except BrokenPipeError:  # the program that reads has all it wants
        let_go_of_stdout()
