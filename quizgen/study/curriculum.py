"""In which order a learner meets the families: areas with what comes before them, and levels within an area.

A curriculum is a TOML file beside the areas of a bank:

    [[area]]
    id = "attention"
    title = {en = "Attention", zh = "注意力"}
    after = ["recurrent"]
    levels = {score_cost = 2}
    titles.score_cost = {en = "Cost of the scores", zh = "注意力得分的计算量"}

Areas that no curriculum names come last; in an area families are met from easy to hard, by their own level unless
``levels`` gives another. A family with a *facet* is scheduled once for each value of that parameter: the flawed line of
one derivation says nothing about another. ``facets`` puts these values in order; ``facet_words`` is the folder of the
templates whose ``title`` names them. Every bank may have a curriculum; what a later one says about an area replaces
what an earlier one says.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec

from quizgen import blueprint
from quizgen.bank import Bank
from quizgen.errors import InputError, QuizgenError, UnknownName
from quizgen.family import SMALL, Family, Pool
from quizgen.space import EVERYWHERE, Where, combinations, narrowing, options
from quizgen.values import Struct, Texts, Value

FILE = "curriculum.toml"


Level: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=5)]


class Area(Struct, frozen=True):
    """A part of a course; ``after`` are the areas that come before it, ``levels`` and ``facets`` order its units.

    ``titles`` name its families, ``facet_words`` is where the values of their facets are named.
    """

    id: str
    title: Texts = msgspec.field(default_factory=dict)
    after: tuple[str, ...] = ()
    levels: dict[str, Level] = msgspec.field(default_factory=dict)
    facets: tuple[str, ...] = ()
    titles: dict[str, Texts] = msgspec.field(default_factory=dict)
    facet_words: str = ""


class Plan(Struct, frozen=True):
    """A curriculum as it is written."""

    area: tuple[Area, ...] = ()


class Unit(Struct, frozen=True):
    """What is scheduled: a family, or one value of its facet, whose ``id`` is then ``family:value``."""

    id: str
    family: str
    level: int
    minutes: int = 0
    where: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def area(self) -> str:
        """The area of its family."""
        return area_of(self.family)


class Curriculum:
    """The units of a bank, in the order in which they are met."""

    def __init__(self, bank: Bank, plan: Plan) -> None:
        self.bank = bank
        self.plan = plan
        self.areas = {area.id: area for area in plan.area}
        self._halves: dict[str, Pool | None] = {}

    def units(self, areas: Sequence[str] = (), levels: Sequence[int] = ()) -> tuple[Unit, ...]:
        """All units, or those of some areas and levels; within an area from easy to hard. Raises UnknownName."""
        for area in areas:
            if area not in self.order:
                raise UnknownName.among("area", area, self.order)
        return tuple(
            unit for unit in self._all if (not areas or unit.area in areas) and (not levels or unit.level in levels)
        )

    def unit(self, name: str) -> Unit | None:
        """The unit with this id; None if its family is not there any more."""
        return self._by_id.get(name)

    def unit_of(self, family: str, parameters: Mapping[str, Value]) -> Unit | None:
        """The unit to which an item belongs, by its family and its parameters; None if there is none."""
        facet = self.bank.family(family).facet
        return self.unit(f"{family}:{parameters[facet]}" if facet else family)

    def beside(self, unit: Unit, harder: bool) -> Unit | None:
        """The unit of the same area and facet whose level is next above, or below; None at the end."""
        others = [other for other in self.units([unit.area]) if other.where == unit.where and other.id != unit.id]
        if harder:
            return min((other for other in others if other.level > unit.level), key=lambda u: u.level, default=None)
        return max((other for other in others if other.level < unit.level), key=lambda u: u.level, default=None)

    def where(self, unit: Unit) -> Where:
        """The part of the family's space that belongs to a unit."""
        return narrowing(self.bank.family(unit.family).params, unit.where, unit.id) if unit.where else EVERYWHERE

    def half(self, unit: Unit) -> Pool | None:
        """The half of a unit's space that is for practice; None if it is too small to be divided.

        Combinations are counted whether they are valid or not: to know that, hundreds might have to be solved.
        """
        if unit.id not in self._halves:
            found = combinations(self.bank.family(unit.family).params, self.where(unit))
            self._halves[unit.id] = "practice" if sum(1 for _ in islice(found, SMALL)) == SMALL else None
        return self._halves[unit.id]

    @cached_property
    def order(self) -> tuple[str, ...]:
        """The areas of the bank, each after those that it needs. Raises InputError if they need each other."""
        present = dict.fromkeys(area_of(name) for name in self.bank.files)
        known = [
            *(area for area in self.areas if area in present),
            *(area for area in present if area not in self.areas),
        ]
        before = {area: self.areas[area].after if area in self.areas else () for area in known}
        try:
            TopologicalSorter(before).prepare()
        except CycleError as error:
            raise InputError(f"areas that come after each other: {' → '.join(error.args[1])}", FILE) from error
        return tuple(_in_turn(before))

    @cached_property
    def _all(self) -> tuple[Unit, ...]:
        return tuple(unit for area in self.order for unit in self._in(area))

    @cached_property
    def _by_id(self) -> dict[str, Unit]:
        return {unit.id: unit for unit in self._all}

    def _in(self, area: str) -> list[Unit]:
        """The units of an area by level, then those of one facet together."""
        families = [name for name in self.bank.files if area_of(name) == area]
        facets = {value: place for place, value in enumerate(self.areas[area].facets)} if area in self.areas else {}

        def rank(unit: Unit) -> tuple[int, int, str]:
            value = str(next(iter(unit.where.values()), ""))
            return unit.level, facets.get(value, len(facets)), value

        return sorted((unit for name in families for unit in self._of(name)), key=rank)

    def _of(self, name: str) -> Iterator[Unit]:
        """The units of a family; none if it is broken."""
        family = _loaded(self.bank, name)
        if family is None:
            return
        area = self.areas.get(area_of(name), Area(id=""))
        level = area.levels.get(name.partition("/")[2], family.level)
        if not family.facet:
            yield Unit(id=name, family=name, level=level, minutes=family.minutes)
        for value in options(family.params, family.facet) if family.facet else ():
            where = {family.facet: value}
            yield Unit(id=f"{name}:{value}", family=name, level=level, minutes=family.minutes, where=where)


def area_of(name: str) -> str:
    """The area of a family, or of a unit."""
    return name.partition("/")[0]


def _in_turn(before: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Every area after those that it needs, else in the order in which they stand: there are no cycles."""
    done: set[str] = set()

    def visit(area: str) -> Iterator[str]:
        if area in done or area not in before:
            return
        for earlier in before[area]:
            yield from visit(earlier)
        done.add(area)
        yield area

    for area in before:
        yield from visit(area)


# Files.


def read(bank: Bank) -> Curriculum:
    """The curricula of all banks, as one. Raises InputError that names file and field."""
    areas: dict[str, Area] = {}
    files = [folder / FILE for folder in bank.folders if (folder / FILE).is_file()]
    for file in files:
        areas |= {area.id: area for area in _plan(file, bank).area}
    found = Curriculum(bank, Plan(area=tuple(areas.values())))
    try:
        found.order  # noqa: B018  # it is worked out once, and a circle is the fault of the files
    except InputError as error:
        raise InputError(error.message, ", ".join(map(str, files))) from error
    return found


def _plan(file: Path, bank: Bank) -> Plan:
    plan = blueprint.shaped(blueprint.table(blueprint.load(file), str(file)), Plan, str(file))
    areas = {area_of(name) for name in bank.files}
    seen: set[str] = set()
    for number, area in enumerate(plan.area, 1):
        place = f"{file}, area {number}"
        if area.id in seen:
            raise InputError(f"there is already an area {area.id!r}", f"{place}, id")
        seen.add(area.id)
        _require([area.id], "area", areas, f"{place}, id")
        _require(area.after, "area", areas, f"{place} ({area.id}), after")
        families = {name.partition("/")[2] for name in bank.files if area_of(name) == area.id}
        _require(area.levels, "family", families, f"{place} ({area.id}), levels")
        _require(area.titles, "family", families, f"{place} ({area.id}), titles")
        if area.facets:
            _require(area.facets, "value", _facets(area.id, bank), f"{place} ({area.id}), facets")
    return plan


def _facets(area: str, bank: Bank) -> set[str]:
    """All values of the facets of an area's families."""
    families = [found for name in bank.files if area_of(name) == area and (found := _loaded(bank, name)) is not None]
    return {str(value) for family in families if family.facet for value in options(family.params, family.facet)}


def _loaded(bank: Bank, name: str) -> Family | None:
    """A family; None if it is broken, which `quizgen check` says."""
    try:
        family = bank.family(name)
        if family.facet:
            options(family.params, family.facet)
    except QuizgenError:
        return None
    return family


def _require(names: Collection[str], kind: str, known: Collection[str], where: str) -> None:
    """Raises UnknownName for the first name that does not exist."""
    for name in names:
        if name not in known:
            raise UnknownName.among(kind, name, known, where)
