"""How the numbers of a record stand in its file: as short texts that are read back exactly.

``4926 4961*3 e-4`` is 0.4926 and three times 0.4961: the power of ten at the end belongs to all. Of the probes each
arm and metric has a list of such texts, in the order of their names; an empty one says that the numbers are those of
the probe before, as where an arm does not know the field that is moved.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, TypeAlias

import msgspec

Numbers: TypeAlias = tuple[float, ...]
MOST = 10_000
"""Numbers that a text may say: seeds are fewer, and a damaged file must not fill the memory."""


class Probed(msgspec.Struct, frozen=True):
    """The numbers of all probes: arm to metric to a text for each name."""

    names: tuple[str, ...]
    values: dict[str, dict[str, tuple[str, ...]]]


def text(values: Sequence[float]) -> str:
    """The shortest of the texts that are read as these numbers."""
    exact = [Decimal(repr(value)).normalize() for value in values]
    powers = {min(0, int(value.as_tuple().exponent)) for value in exact}
    return min((_scaled(exact, power) for power in sorted(powers)), key=len, default="")


def _scaled(values: Sequence[Decimal], power: int) -> str:
    runs = [(format(value.scaleb(-power), "f"), len(list(run))) for value, run in groupby(values)]
    words = [min(f"{number}*{count}", " ".join([number] * count), key=len) for number, count in runs]
    return " ".join([*words, *([f"e{power}"] if power else [])])


def numbers(text: str) -> Numbers:
    """What a text says. Raises ValueError for one that says no numbers, or more than a record can have."""
    words, _, power = text.partition(" e")
    runs = [(number, int(count or 1)) for number, _, count in (word.partition("*") for word in words.split())]
    if sum(count for _, count in runs) > MOST:
        raise ValueError(f"expected at most {MOST} numbers")
    return tuple(float(f"{number}e{power or 0}") for number, count in runs for _ in range(count))


def folded(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record's plain data, as its file holds them."""
    short = {name: _texts(record[name]) for name in ("values", "plots") if name in record}
    return {**record, **short, "probes": _together(record["probes"])}


def unfolded(data: Mapping[str, Any]) -> dict[str, Any]:
    """A record's plain data. Raises ValueError, or msgspec's ValidationError, for what was not folded."""
    full = {name: _read(data[name]) for name in ("values", "plots") if name in data}
    return {**data, **full, "probes": _apart(msgspec.convert(data.get("probes"), Probed))}


def _texts(data: Any) -> Any:
    return {name: _texts(part) for name, part in data.items()} if isinstance(data, dict) else text(data)


def _read(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _read(part) for name, part in data.items()}
    return numbers(msgspec.convert(data, str))


def _together(probes: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]]) -> dict[str, Any]:
    arms = next(iter(probes.values()), {})
    values = {
        arm: {metric: list(_said_once([probe[arm][metric] for probe in probes.values()])) for metric in metrics}
        for arm, metrics in arms.items()
    }
    return {"names": list(probes), "values": values}


def _said_once(rows: Sequence[Sequence[float]]) -> Iterator[str]:
    before: Sequence[float] = ()
    for row in rows:
        yield "" if row == before else text(row)
        before = row


def _apart(probed: Probed) -> dict[str, dict[str, dict[str, Numbers]]]:
    found: dict[str, dict[str, dict[str, Numbers]]] = {name: {} for name in probed.names}
    for arm, metrics in probed.values.items():
        for metric, texts in metrics.items():
            row: Numbers = ()
            for name, said in zip(probed.names, texts, strict=True):
                row = numbers(said) if said else row
                found[name].setdefault(arm, {})[metric] = row
    return found
