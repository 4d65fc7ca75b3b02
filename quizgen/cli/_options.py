"""Options that several commands share."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from quizgen.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

LOCALES = ("en", "zh")


def bank_option(function: F) -> F:
    """``--bank DIR``, as often as wanted."""
    return click.option(
        "--bank", "banks", multiple=True, type=click.Path(path_type=Path), metavar="DIR",
        help="A folder of your own families (a program: load only what you trust).",
    )(function)  # fmt: skip


def json_option(function: F) -> F:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def languages(text: str) -> tuple[str, ...]:
    """``en``, ``zh`` or ``en+zh`` as locales. Raises InputError."""
    found = tuple(text.split("+"))
    for locale in found:
        if locale not in LOCALES:
            raise InputError(f"expected {', '.join(LOCALES)} or two of them joined by +, got {text!r}", "--lang")
    return tuple(dict.fromkeys(found))


PATIENCE = 2.0
"""Seconds of work after which a progress bar appears."""


def progress(work: Iterable[T], total: int, label: str) -> Iterator[T]:
    """``work``, with a progress bar on stderr once it has taken more than two seconds."""
    import sys
    from time import monotonic

    start, shown = monotonic(), None
    try:
        for done, result in enumerate(work, 1):
            if shown is None and monotonic() - start > PATIENCE and sys.stderr.isatty():
                shown = _bar()
                shown.add_task(label, total=total, completed=done)
                shown.start()
            elif shown is not None:
                shown.advance(shown.task_ids[0])
            yield result
    finally:
        if shown is not None:
            shown.stop()


def _bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
