"""The command line: one file per command, loaded when called.

A command's name is its file's name, its short help the first line of the file's docstring, read as text: ``--help``
imports nothing but click.
"""

import gc
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from quizgen import __version__
from quizgen.cli._output import note
from quizgen.errors import QuizgenError, UnknownName

FOLDER = Path(__file__).parent
INTERRUPTED = 130


class Commands(click.Group):
    """The commands found in this folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(file.stem.replace("_", "-") for file in FOLDER.glob("*.py") if not file.name.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        module = import_module(f"{__name__}.{name.replace('-', '_')}")
        command: click.Command = module.command
        command.help = module.__doc__
        command.short_help = summary(name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        name = click.utils.make_str(args[0])
        if name not in self.list_commands(ctx) and not name.startswith("-"):
            raise UnknownName.among("command", name, self.list_commands(ctx))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(name)) for name in self.list_commands(ctx)])


def summary(name: str) -> str:
    """The first line of a command's docstring, read from its file as text."""
    with (FOLDER / f"{name.replace('-', '_')}.py").open(encoding="utf-8") as file:
        return file.readline().strip().strip('"')


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="quizgen")
def cli() -> None:
    """Exams and quizzes for deep-learning courses, in which every answer is computed twice."""


def main() -> None:
    """Run a command; a failure is one message on stderr and an exit status, never a traceback."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (for as long as we run)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    gc.set_threshold(50_000, 20, 100)  # hardly anything refers to itself: to look for it less often saves a twentieth
    try:
        status = cli(standalone_mode=False)
    except QuizgenError as error:
        fail(str(error), error.status)
    except click.exceptions.Abort:
        fail("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        let_go_of_stdout()
        sys.exit(0)
    except OSError as error:
        fail(f"{error.filename or 'the system'}: {error.strerror or error}", QuizgenError.status)
    sys.exit(status if isinstance(status, int) else 0)


def fail(message: str, status: int) -> None:
    """Print one message to stderr and leave."""
    note(message)
    let_go_of_stdout()
    sys.exit(status)


def let_go_of_stdout() -> None:
    """Drop what could not be written, which Python would try to write once more on its way out, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
