"""Records: what was trained, what came of it, and what may be asked. Reading them takes no torch.

A record is one setting of an experiment: a file in ``banks/results/<experiment>``, named by the hash of its recipe.
What decides stands in it: the numbers of every seed and probe, so that it can be decided again. The file holds the
record as canonical JSON and the hash of it, by which damage shows.

Questions read what ``accepted()`` gives: records that are sound, of this engine and this version of the experiment,
with at least one claim that may be asked.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import msgspec

from solvers.training import ENGINE, compact
from solvers.training.experiment import Claim, Control, Metric
from solvers.training.gates import Effect as Effect
from solvers.training.gates import pairs

SCHEMA = 2
DIGITS = 6
DECLARED = re.compile(r"^experiment = Experiment\(\s*version=(\d+)", re.MULTILINE)
KINDS: Mapping[str, type[Claim]] = {kind.__name__.lower(): kind for kind in get_args(Claim)}
Status: TypeAlias = Literal["accepted", "rejected"]

Values: TypeAlias = dict[str, dict[str, tuple[float, ...]]]
"""Arm to metric to one number a seed, of 4 significant digits; of fewer in probes."""


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
        return hashed(msgspec.to_builtins(self))


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a claim: how it is put, its answer, and the gates; ``status`` tells whether it may be asked."""

    kind: str
    """``order``, ``change``, ``events`` or ``closest``."""
    claim: dict[str, Any]
    """Its fields, but for those that are as usual."""
    answer: tuple[str, ...]
    effects: tuple[Effect, ...]
    status: Status
    passed: tuple[str, ...]
    """The gates that it passed, and below those that it did not."""
    failed: tuple[str, ...] = ()
    why: str = ""
    """Of a rejected one: which gates failed, in words."""
    stated: tuple[str, ...] = ()
    """Of a control: the answer that was known beforehand."""

    @property
    def put(self) -> Claim:
        """The claim itself."""
        return msgspec.convert(self.claim, KINDS[self.kind])


class Band(msgspec.Struct, frozen=True):
    """A curve over seeds: its median, and the quantiles of 10 and 90 %."""

    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]


class Plot(msgspec.Struct, frozen=True):
    """Curves of the arms over common ``x``."""

    x: tuple[float, ...]
    arms: dict[str, Band]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One setting of an experiment, trained and decided. ``number`` is its place among the settings."""

    schema: int
    key: str
    number: int
    recipe: Recipe
    metrics: dict[str, dict[str, Any]]
    candidates: int
    values: Values
    probes: dict[str, Values]
    plots: dict[str, Plot] = {}
    claims: dict[str, Outcome]
    controls: dict[str, Outcome] = {}
    cost: dict[str, float]
    code: str
    environment: dict[str, Any]
    verified: tuple[dict[str, Any], ...] = ()

    def metric(self, name: str) -> Metric:
        """What is measured, and how it is compared."""
        return msgspec.convert(self.metrics[name], Metric)

    @property
    def claimed(self) -> dict[str, Claim]:
        """The claims, as they are put."""
        return {name: outcome.put for name, outcome in self.claims.items()}

    @property
    def controlled(self) -> dict[str, Control]:
        """The controls, with the answers that were known beforehand."""
        return {name: Control(outcome.put, outcome.stated) for name, outcome in self.controls.items()}

    @property
    def accepted(self) -> dict[str, Outcome]:
        """The claims that may be asked, by name."""
        return {name: outcome for name, outcome in self.claims.items() if outcome.status == "accepted"}


class Sealed(msgspec.Struct, frozen=True):
    """A file: a record, and the hash of its bytes."""

    record: msgspec.Raw
    sha256: str


class Damaged(Exception):
    """A file of a record that cannot be used: which, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


# Plain data.


def canonical(data: Any) -> bytes:
    """JSON that is the same for the same data: sorted keys, no spaces."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def hashed(data: Any) -> str:
    """The hash of plain data, 64 hexadecimal digits."""
    return sha256(canonical(data)).hexdigest()


def lean(claim: Claim) -> dict[str, Any]:
    """The fields of a claim as plain data, but for those that are as usual."""
    given = {field.name: getattr(claim, field.name) for field in fields(claim)}
    usual = {field.name: field.default for field in fields(claim)}
    stated = {name: value for name, value in given.items() if value != usual[name]}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in stated.items()}


def rounded(value: float, digits: int = DIGITS) -> float:
    """A finite number with so many significant digits."""
    return float(f"{value:.{digits}g}")


# Files.


def folder() -> Path:
    """The records that come with the program, in a checkout or in a wheel."""
    root = Path(__file__).resolve().parents[2]
    data = root / "quizgen" / "_data"
    return (data if data.is_dir() else root) / "banks" / "results"


def place(results: Path, recipe: Recipe) -> Path:
    """Where the record of a recipe is kept."""
    return results / recipe.experiment / f"{recipe.key[:16]}.json"


def write(results: Path, record: Record) -> Path:
    """Keeps a record: its file is complete, or as it was before. Gives the file."""
    data = canonical(compact.folded(msgspec.to_builtins(record)))
    sealed = b'{"record":' + data + b',"sha256":"' + sha256(data).hexdigest().encode() + b'"}\n'
    path = place(results, record.recipe)
    replace(path, sealed)
    return path


def replace(path: Path, data: bytes) -> None:
    """Writes a file beside its place and moves it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def supersede(results: Path, record: Record) -> list[Path]:
    """Takes away what a record replaces: those of the same setting with no more seeds, and what is not sound."""
    gone = []
    for path in sorted((results / record.recipe.experiment).glob("*.json")):
        try:
            other = read(path)
            replaced = other.number == record.number and other.recipe.seeds[1] <= record.recipe.seeds[1]
        except Damaged:
            replaced = True
        if replaced and path != place(results, record.recipe):
            path.unlink()
            gone.append(path)
    return gone


def read(path: Path) -> Record:
    """The record in a file. Raises Damaged for what is no sound record of this schema."""
    try:
        data = path.read_bytes()
        sealed = msgspec.json.decode(data, type=Sealed)
        if sha256(bytes(sealed.record)).hexdigest() != sealed.sha256:
            raise Damaged(path, "its content is not what was written (the hash differs)")
        kept = msgspec.json.decode(sealed.record, type=dict[str, Any])
        if kept.get("schema") != SCHEMA:
            raise Damaged(path, f"expected schema {SCHEMA}, got {kept.get('schema')}")
        record = msgspec.convert(compact.unfolded(kept), Record)
        wrong = _unsound(path, record)
    except (msgspec.DecodeError, ValueError) as error:
        raise Damaged(path, f"no record: {error}") from error
    except OSError as error:
        raise Damaged(path, f"cannot be read: {error.strerror or error}") from error
    if wrong:
        raise Damaged(path, wrong)
    return record


def _unsound(path: Path, record: Record) -> str:
    """What is wrong with a record, in words, or nothing."""
    recipe = record.recipe
    if record.key != recipe.key or not record.key.startswith(path.stem):
        return f"its key is not the hash of its recipe, {recipe.key[:16]}"
    if path.parent.name != recipe.experiment:
        return f"it is of the experiment {recipe.experiment!r}, and lies among others"
    outcomes = (*record.claims.values(), *record.controls.values())
    if any(outcome.kind not in KINDS for outcome in outcomes):
        return f"expected claims of the kinds {', '.join(KINDS)}"
    compared = sorted({pair for outcome in outcomes for pair in pairs(outcome.put)})
    asked = sorted({pair for outcome in record.claims.values() for pair in pairs(outcome.put)})
    probes = ((probe, asked, recipe.probed[1]) for probe in record.probes.values())
    for values, wanted, count in ((record.values, compared, recipe.seeds[1]), *probes):
        for metric, arm in wanted:
            if (found := len(values.get(arm, {}).get(metric, ()))) != count:
                return f"expected {count} numbers of {metric} of {arm}, got {found}"
    return ""


# What can be asked.


@dataclass(frozen=True)
class Shelf:
    """The records of an experiment: sound and current ones by number, and what was skipped, in words."""

    records: Mapping[int, Record]
    skipped: tuple[str, ...]


def shelf(experiment: str, results: Path | None = None) -> Shelf:
    """The records of an experiment. Of several of one setting the one with the most seeds counts."""
    found: dict[int, Record] = {}
    skipped = []
    version = declared(experiment)
    for path in sorted(((results or folder()) / experiment).glob("*.json")):
        try:
            record = read(path)
        except Damaged as error:
            skipped.append(str(error))
            continue
        if why := stale(record, version):
            skipped.append(f"{path}: {why}")
        elif record.number not in found or _weight(record) > _weight(found[record.number]):
            found[record.number] = record
    return Shelf(dict(sorted(found.items())), tuple(skipped))


def _weight(record: Record) -> tuple[int, str]:
    return record.recipe.seeds[1], record.key


def stale(record: Record, version: int | None) -> str:
    """Why a record is not of this program, whose experiment has this version, in words; or nothing."""
    if version is None:
        return f"there is no experiment {record.recipe.experiment!r}"
    if record.recipe.engine != ENGINE:
        return f"trained by engine {record.recipe.engine}, and this is {ENGINE}"
    if record.recipe.version != version:
        return f"of version {record.recipe.version} of the experiment, and this is {version}"
    return ""


@lru_cache
def declared(experiment: str) -> int | None:
    """The version of an experiment, read from its file as text: to load it would take torch. None if there is none."""
    if not re.fullmatch(r"[a-z]\w*", experiment):
        return None
    path = Path(__file__).parent / "experiments" / f"{experiment}.py"
    if not path.is_file():
        return None
    found = DECLARED.search(path.read_text(encoding="utf-8"))
    return int(found[1]) if found else None


@lru_cache
def shipped() -> Mapping[str, Shelf]:
    """The records that come with the program, by experiment."""
    there = sorted(path.name for path in folder().iterdir() if path.is_dir()) if folder().is_dir() else []
    return {experiment: shelf(experiment) for experiment in there}


@lru_cache
def accepted() -> Mapping[str, Mapping[int, Record]]:
    """What may be asked: experiment to number of the setting to its record, with at least one accepted claim."""
    found = {
        experiment: {number: record for number, record in kept.records.items() if record.accepted}
        for experiment, kept in shipped().items()
    }
    return {experiment: settings for experiment, settings in found.items() if settings}
