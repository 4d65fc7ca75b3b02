"""The fixed words of papers, keys and solutions, per locale: ``templates/ui/<locale>.toml``."""

from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import msgspec

from quizgen.errors import UnknownName


def templates() -> Path:
    """The folder of the templates that come with the program, in a checkout or in a wheel."""
    package = Path(__file__).resolve().parents[1]
    data = package / "_data"
    return (data if data.is_dir() else package.parent) / "templates"


def locales() -> list[str]:
    """The locales that papers can be set in."""
    return sorted(file.stem for file in (templates() / "ui").glob("*.toml"))


@lru_cache
def phrases(locale: str) -> dict[str, Any]:
    """All fixed words of one locale. Raises UnknownName."""
    if locale not in locales():
        raise UnknownName.among("locale", locale, locales())
    table: dict[str, Any] = msgspec.toml.decode((templates() / "ui" / f"{locale}.toml").read_bytes())
    return table


def pieces(locale: str, name: str, values: dict[str, Any]) -> list[Any]:
    """The phrase ``name`` as a list of strings and of the ``values`` that fill it, in order, for the caller to escape.

    A phrase with a singular takes it where the value ``n`` is 1.
    """
    phrase = phrases(locale)[name]
    if isinstance(phrase, dict):
        phrase = phrase["one" if str(values.get("n")) == "1" else "other"]
    found: list[Any] = []
    for text, field, _, _ in Formatter().parse(phrase):
        found += [text] if text else []
        found += [values[field]] if field else []
    return found
