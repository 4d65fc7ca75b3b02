"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from quizgen.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])


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
    from quizgen.renderers import ui

    found, known = tuple(text.split("+")), ui.locales()
    for locale in found:
        if locale not in known:
            raise InputError(f"expected {', '.join(known)} or two of them joined by +, got {text!r}", "--lang")
    return tuple(dict.fromkeys(found))
