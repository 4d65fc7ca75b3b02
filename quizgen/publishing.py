"""From a blueprint to the files of an exam, and the same again from their manifest.

``publish`` is the whole way: read, draw, prove, write in words, typeset, and put it all into one folder.
"""

import platform
import secrets
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec

from quizgen import __version__, blueprint, exam, folder, papers, roster
from quizgen.bank import BUILT_IN, Bank
from quizgen.errors import InputError
from quizgen.exam import Order, Progress
from quizgen.prose import locales as written_locales
from quizgen.renderers import formats
from quizgen.renderers.paper import Paper
from quizgen.roster import Student
from quizgen.values import Exam, Struct, exact, plain, to_json

PACKAGES = ("click", "jinja2", "markdown-it-py", "mdit-py-plugins", "mini-racer", "msgspec", "pikepdf", "pylatex", "torch")
"""Packages whose version can change what is printed, or what was proven."""


class Wanted(Struct, frozen=True):
    """What the command line asks for. ``forms`` is 0 where a roster gives every student a paper of his own."""

    forms: int = 1
    lang: tuple[str, ...] = ("en",)
    formats: tuple[str, ...] = ("pdf", "html")
    solutions: bool = True
    unproven: bool = False
    banks: tuple[str, ...] = ()


class Source(Struct, frozen=True):
    """The input files as read: their bytes are kept in the folder."""

    name: str
    blueprint: bytes
    seed: str
    seed_drawn: bool
    roster: bytes | None = None
    roster_name: str = "roster.csv"


def secret_seed() -> str:
    """A seed of 128 random bits, for an exam whose blueprint names none."""
    return secrets.token_hex(16)
