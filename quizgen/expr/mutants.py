"""Which slip made a wrong answer of a formula: the first of its mutants that equals the answer.

A mutant shares most of its parts with the formula. Those parts are variables in it, with values that are computed once
for each point, so that a mutant costs what its slip touches. All mutants of one answer together have bounded work.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from quizgen.expr.balls import WORK, Program, Scope, Undefined, Value, precision, program
from quizgen.expr.edits import edits
from quizgen.expr.equality import Samples, aligned, same
from quizgen.expr.points import Point, Variables, points
from quizgen.expr.tree import Name, Node, Series, children, replaced

BITS = 64
"""Precision at which mutants are told from the answer; one that is not is compared as an answer is."""
EFFORT = 4 * WORK
"""How much may be computed for all mutants of one answer together; on a large formula, likely slips are tried only."""
_COMPILING = 20
"""How many times as long as to evaluate a mutant it takes to make it."""


class Place:
    """A point at which parts of a formula have values too, which are computed when they are first asked for."""

    def __init__(self, point: Point, parts: Mapping[str, Node]) -> None:
        self.turn = point.turn
        self._values = dict(point.values)
        self.values: Mapping[str, Value] = self._values
        self.turn = point.turn
        self._point = point
        self._parts = parts
        self._errors: dict[str, Undefined] = {}

    def indexed(self, name: str, indices: tuple[int, ...]) -> Value:
        """The value of a part, or of a variable with indices. Raises Undefined."""
        if name not in self._parts:
            return self._point.indexed(name, indices)
        if name in self._errors:
            raise self._errors[name]
        try:
            return self._values.setdefault(name, program(self._parts[name])(Scope(self)))
        except Undefined as error:
            self._errors[name] = error
            raise


class Mutant:
    """A mutant as a program over the parts of the formula, and its values at places."""

    def __init__(self, code: str, tree: Node, run: Program) -> None:
        self.code = code
        self.tree = tree
        self.cost = _COMPILING * run.cost
        self._run = run
        self._found: dict[Place, tuple[Value | None, int]] = {}

    def at(self, place: Place) -> tuple[Value | None, int]:
        """The value, None where there is none, and the work that it takes."""
        if place not in self._found:
            scope = Scope(place)
            try:
                value = self._run(scope)
            except Undefined:
                value = None
            self._found[place] = value, WORK - scope.work
        return self._found[place]


class Mutants:
    """The mutants of one formula, made when they are first asked for, and the places where they are computed."""

    def __init__(self, tree: Node, variables: Variables, seed: bytes) -> None:
        self._names: dict[Node, Name] = {}
        parts = dict(self._parts(tree))
        self.points = points(variables, seed)
        self.places = [Place(point, parts) for point in self.points]
        self._made: list[Mutant] = []
        self._edits = edits(tree, dict(variables))

    def __iter__(self) -> Iterator[Mutant]:
        yield from self._made
        for code, tree in self._edits:
            self._made.append(Mutant(code, tree, program(self._over_parts(tree))))
            yield self._made[-1]

    def _parts(self, tree: Node) -> Iterator[tuple[str, Node]]:
        """Every part that is no leaf, over its own parts, by a name that no variable has."""
        if tree in self._names or not children(tree):
            return
        if not isinstance(tree, Series):  # within one, an index may have the name of a variable
            for child in children(tree):
                yield from self._parts(child)
        name = f"#{len(self._names)}"
        yield name, self._inner(tree)
        self._names[tree] = Name(name)

    def _over_parts(self, tree: Node) -> Node:
        """``tree`` with variables for the parts of the formula."""
        return self._names.get(tree) or self._inner(tree)

    def _inner(self, tree: Node) -> Node:
        if isinstance(tree, Series) or not children(tree):
            return tree
        return replaced(tree, tuple(map(self._over_parts, children(tree))))


@lru_cache(64)
def _mutants(tree: Node, variables: Variables, seed: bytes) -> Mutants:
    return Mutants(tree, variables, seed)


def slip(key: Node, answer: Node, variables: Mapping[str, str], seed: bytes) -> str | None:
    """The code of the likeliest slip that makes ``answer`` of ``key``; None if none does within ``EFFORT``."""
    mutants = _mutants(key, tuple(sorted(variables.items())), seed)
    given, effort = Samples(answer, EFFORT), EFFORT
    for mutant in mutants:
        if mutant.tree == answer:
            return mutant.code
        with precision(BITS):
            agrees, work = _agrees(mutant, mutants, given)
        effort -= mutant.cost + work
        if effort < 0:
            return None
        if agrees and same(mutant.tree, answer, variables, seed).verdict == "same":
            return mutant.code
    return None


def _agrees(mutant: Mutant, mutants: Mutants, given: Samples) -> tuple[bool, int]:
    """Whether a mutant has the values of the answer, at most of the points where that has one; and the work of it."""
    alike = work = 0
    for point, place in zip(mutants.points, mutants.places, strict=True):
        answer = given.at(point, BITS).value
        if answer is None:
            continue
        value, cost = mutant.at(place)
        work += cost
        if value is None:
            alike -= 1
            continue
        entries = aligned(value, answer)
        if entries is None or any(one != other for one, other in entries):
            return False, work
        alike += 1
    return alike > 0, work
