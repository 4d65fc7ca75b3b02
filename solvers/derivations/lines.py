"""What a derivation is made of: lines and how they go on, flaws, blanks. Data only: nothing is computed here.

A line is one expression tree. Its LaTeX and its value on a model are two readings of that tree, so what is printed is
what was evaluated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from quizgen.expr import Node
from solvers.derivations.models import Model, Pick

Relation: TypeAlias = Literal["start", "equal", "at_least", "at_most", "proportional", "constant", "holds"]
"""How a line goes on from the one that it continues: "at_least" says that the earlier one is at least this one,
"constant" that both are equal up to an additive constant; "holds" is an equation by itself."""

SIGNS: Mapping[Relation, str] = {
    "start": "",
    "equal": "=",
    "at_least": r"\ge",
    "at_most": r"\le",
    "proportional": r"\propto",
    "constant": "= C +",
    "holds": "",
}


class Defect(AssertionError):
    """A derivation is not what it claims to be; the message names the line and the model that shows it."""


@dataclass(frozen=True)
class Line:
    """One line: what stands there, and how it follows.

    ``needs`` are ids of the lines that must stand before; the first of them is the one it continues. If none are given,
    that is the line before. ``gap`` is what an inequality leaves out, ``varies`` the name of which a constant or a
    factor does not depend.
    """

    id: str
    tree: Node
    relation: Relation = "equal"
    reason: str = ""
    needs: tuple[str, ...] = ()
    gap: Node | None = None
    varies: str = ""


@dataclass(frozen=True)
class Flaw:
    """What students write in the place of a line; ``name`` is that of the mistake."""

    name: str
    line: str
    tree: Node


@dataclass(frozen=True)
class Blank:
    """A term of a line that can be asked for as a formula, with the names that the answer is made of."""

    line: str
    term: Node
    variables: Mapping[str, str]
    wrong: Mapping[str, Node] = field(default_factory=dict)


World: TypeAlias = Callable[[Pick], Model]


@dataclass(frozen=True, eq=False)
class Derivation:
    """A statement and the lines that prove it.

    ``worlds`` draw models; questions show those of the first. ``values`` are the ids of lines whose value on a model
    may be asked for; ``working`` are the trees whose values a solution shows for such a line, where its terms do not
    tell how it is computed. Raises Defect if lines, needs and flaws do not fit together.
    """

    name: str
    lines: tuple[Line, ...]
    flaws: tuple[Flaw, ...]
    worlds: tuple[World, ...]
    blanks: tuple[Blank, ...] = ()
    values: tuple[str, ...] = ()
    working: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, line in enumerate(self.lines):
            self._check_line(place, line)
        known = {line.id for line in self.lines}
        asked = (*(blank.line for blank in self.blanks), *self.values, *self.working)
        for named in (*(flaw.line for flaw in self.flaws), *asked):
            if named not in known:
                raise Defect(f"{self.name}: there is no line {named!r}")
        names = [flaw.name for flaw in self.flaws]
        if len(set(names)) < len(names):
            raise Defect(f"{self.name}: two flaws have the same name among {', '.join(names)}")

    def _check_line(self, place: int, line: Line) -> None:
        before = [other.id for other in self.lines[:place]]
        if line.id in before:
            raise Defect(f"{self.name}: two lines are called {line.id!r}")
        for needed in line.needs:
            if needed == line.id or needed not in before:
                later = any(other.id == needed for other in self.lines)
                what = "which comes later: a cycle, or the wrong order" if later else "which does not exist"
                raise Defect(f"{self.name}, line {line.id!r}: needs {needed!r}, {what}")
        if line.relation in ("start", "holds") or before:
            return
        raise Defect(f"{self.name}, line {line.id!r}: there is no line before that it could continue")

    def line(self, name: str) -> Line:
        """The line with this id."""
        return next(line for line in self.lines if line.id == name)

    def place(self, name: str) -> int:
        """Where a line stands, counted from 0."""
        return [line.id for line in self.lines].index(name)

    def needs(self, line: Line) -> tuple[str, ...]:
        """The ids of the lines that must stand before a line."""
        if line.needs or line.relation in ("start", "holds"):
            return line.needs
        return (self.lines[self.place(line.id) - 1].id,)

    def before(self, line: Line) -> Line | None:
        """The line that a line continues."""
        return self.line(self.needs(line)[0]) if line.relation not in ("start", "holds") else None

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """All pairs of lines of which the first must stand before the second."""
        above: dict[str, set[str]] = {}
        for line in self.lines:
            direct = self.needs(line)
            above[line.id] = {*direct, *(earlier for needed in direct for earlier in above[needed])}
        return tuple((a.id, b.id) for a in self.lines for b in self.lines if a.id in above[b.id])
