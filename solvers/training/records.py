"""Records: what was trained, what came of it, and what may be asked. Reading them takes no torch.

A record is one setting of an experiment: a file of canonical JSON in ``banks/results/<experiment>``, named by the hash of
its recipe. What decides stands in it: the numbers of every seed and probe, so that it can be decided again.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

SCHEMA = 1


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what comes out, but for the machine: together the key of a record."""

    experiment: str
    version: int
    engine: int
    setting: dict[str, int | float | str | bool]
    arms: tuple[str, ...]
    data: dict[str, str]
    seeds: tuple[int, int]
    """First and number."""
    probed: tuple[int, int]
    scheme: str
    dtype: str = "float32"

    @property
    def key(self) -> str:
        """The hash of the recipe, 64 hexadecimal digits."""
        return sha256(canonical(msgspec.to_builtins(self))).hexdigest()


class Effect(msgspec.Struct, frozen=True):
    """As in ``gates``: the difference of two arms, or of a value and its bounds."""

    high: str
    low: str
    mean: float
    ci: tuple[float, float]
    k: int
    n: int
    bound: float


class Outcome(msgspec.Struct, frozen=True):
    """What came of a claim: how it is put, its answer, and the gates; ``status`` tells whether it may be asked."""

    kind: str
    claim: dict[str, Any]
    answer: tuple[str, ...]
    effects: tuple[Effect, ...]
    gates: dict[str, bool]
    status: str
    """``accepted``, or ``rejected``."""
    why: str = ""
    """Of a rejected one: which gates failed, in words."""


class Band(msgspec.Struct, frozen=True):
    """A curve over seeds: its median, and the quantiles of 10 and 90 %."""

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


class Plot(msgspec.Struct, frozen=True):
    """Curves of the arms over common ``x``."""

    x: tuple[float, ...]
    arms: dict[str, Band]


Values = dict[str, dict[str, tuple[float, ...]]]
"""Arm to metric to one number a seed, of 6 significant digits."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One setting of an experiment, trained and decided."""

    schema: int = SCHEMA
    key: str
    recipe: Recipe
    metrics: dict[str, dict[str, Any]]
    candidates: int
    values: Values
    probes: dict[str, Values]
    plots: dict[str, Plot] = {}
    claims: dict[str, Outcome]
    cost: dict[str, float]
    code: str
    environment: dict[str, Any]
    verified: tuple[dict[str, Any], ...] = ()


def canonical(data: Any) -> bytes:
    """JSON that is the same for the same data: sorted keys, no spaces."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def folder() -> Path:
    """The records that come with the program, in a checkout or in a wheel."""
    root = Path(__file__).resolve().parents[2]
    data = root / "quizgen" / "_data"
    return (data if data.is_dir() else root) / "banks" / "results"
