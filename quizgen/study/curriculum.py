"""In which order a learner meets the families: areas with what comes before them, and levels within an area.

A curriculum is a TOML file beside the areas of a bank:

    [[area]]
    id = "attention"
    title = {en = "Attention", zh = "注意力"}
    after = ["recurrent"]

Areas that it does not name come last. A family with a *facet* is scheduled once for each value of that parameter:
the flawed line of one derivation says nothing about another.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import msgspec

from quizgen.bank import Bank
from quizgen.errors import InputError, QuizgenError, UnknownName
from quizgen.space import EVERYWHERE, Where, narrowing, options
from quizgen.values import Struct, Texts

FILE = "curriculum.toml"


class Area(Struct, frozen=True):
    """A part of a course; ``after`` are the areas that come before it."""

    id: str
    title: Texts = msgspec.field(default_factory=dict)
    after: tuple[str, ...] = ()


class Plan(Struct, frozen=True):
    """A curriculum as it is written."""

    area: tuple[Area, ...] = ()


class Unit(Struct, frozen=True):
    """What is scheduled: a family, or one value of its facet, whose ``id`` is then ``family:value``."""

    id: str
    family: str
    level: int
    where: dict[str, Any] = msgspec.field(default_factory=dict)


class Curriculum:
    """The units of a bank, in the order in which they are met."""

    def __init__(self, bank: Bank, plan: Plan) -> None:
        self.bank = bank
        self.plan = plan
        self.areas = {area.id: area for area in plan.area}

    def units(self, areas: Sequence[str] = ()) -> tuple[Unit, ...]:
        """All units, or those of some areas; within an area from easy to hard. Raises UnknownName."""
        order = self._order()
        for area in areas:
            if area not in order:
                raise UnknownName.among("area", area, order)
        wanted = [area for area in order if not areas or area in areas]
        return tuple(unit for area in wanted for unit in self._in(area))

    def unit(self, name: str) -> Unit | None:
        """The unit with this id; None if its family is not there any more."""
        return next((unit for unit in self.units() if unit.id == name), None)

    def where(self, unit: Unit) -> Where:
        """The part of the family's space that belongs to a unit."""
        return narrowing(self.bank.family(unit.family).params, unit.where, unit.id) if unit.where else EVERYWHERE

    def _order(self) -> list[str]:
        """The areas of the bank, each after those that it needs."""
        known = dict.fromkeys([*self.areas, *(name.partition("/")[0] for name in self.bank.files)])
        try:
            order = TopologicalSorter({area: self._before(area, known) for area in known}).static_order()
            present = {name.partition("/")[0] for name in self.bank.files}
            return [area for area in order if area in present]
        except CycleError as error:
            raise InputError(f"areas that come after each other: {' → '.join(error.args[1])}", FILE) from error

    def _before(self, area: str, known: Mapping[str, None]) -> tuple[str, ...]:
        after = self.areas[area].after if area in self.areas else ()
        for name in after:
            if name not in known:
                raise UnknownName.among("area", name, known, f"{FILE}, {area}.after")
        return after

    def _in(self, area: str) -> list[Unit]:
        families = [name for name in self.bank.files if name.partition("/")[0] == area]
        return sorted((unit for name in families for unit in self._of(name)), key=lambda unit: unit.level)

    def _of(self, name: str) -> Iterator[Unit]:
        """The units of a family; none if it is broken, which `quizgen check` says."""
        try:
            family = self.bank.family(name)
        except QuizgenError:
            return
        if not family.facet:
            yield Unit(id=name, family=name, level=family.level)
            return
        for value in options(family.params, family.facet):
            yield Unit(id=f"{name}:{value}", family=name, level=family.level, where={family.facet: value})


def read(bank: Bank) -> Curriculum:
    """The curriculum of the first bank that has one; without any, areas in alphabetical order. Raises InputError."""
    file = next((folder / FILE for folder in bank.folders if (folder / FILE).is_file()), None)
    return Curriculum(bank, Plan() if file is None else _plan(file))


def _plan(file: Path) -> Plan:
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Plan)
    except (tomllib.TOMLDecodeError, UnicodeError, msgspec.ValidationError) as error:
        raise InputError(str(error), str(file)) from error
