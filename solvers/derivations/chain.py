"""Derivations: chains of lines, each of which a program can check, and the wrong lines that students write.

A line is one expression tree. Its LaTeX and its value on a model are two readings of that tree, so what is printed is
what was evaluated. True lines hold on every model; a flawed line is refuted by at least one, which is shown.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from flint import arb, fmpq

from quizgen.expr import Expr, Node, children, latex
from solvers.derivations import arithmetic, tables
from solvers.derivations.arithmetic import Undefined
from solvers.derivations.evaluation import evaluate, precise
from solvers.derivations.lines import Defect, Derivation, Flaw, Line
from solvers.derivations.models import Model, picking
from solvers.derivations.tables import Table, Value
from solvers.derivations.waves import rational

TIGHT = arb("1e-8")
"""Two lines are equal if their difference is a ball around 0 with a radius below this; that of exact ones is 0."""
VISIBLE = arb("0.005")
"""Models that are shown refute every flaw by at least this much, so that it is seen in two decimals."""
TRIES = 60


class Step(NamedTuple):
    """How a line stands to the one that it continues, on one model.

    ``before`` and ``here`` are what a reader compares: the values of both lines; both sides of an equation; or, where
    a constant or a factor is left open, the difference or the ratio at one point and at another. ``gap`` is what should
    be 0 (for an inequality, not negative), as a ball that holds the true value; ``bound`` is the radius of that ball,
    0 for exact values.
    """

    before: Value
    here: Value
    gap: Value
    holds: bool | None
    bound: arb


def step(derivation: Derivation, line: Line, model: Model, tree: Node | None = None) -> Step:
    """How ``line``, or another tree in its place, follows on a model. Raises Undefined."""
    tree = line.tree if tree is None else tree
    if line.relation == "holds":
        return _equation(tree, line, model)
    here = evaluate(tree, model)
    previous = derivation.before(line)
    if previous is None:
        return Step(here, here, fmpq(0), True, arb(0))
    before = evaluate(previous.tree, model)
    with precise():
        match line.relation:
            case "constant" | "proportional":
                shifted = {line.varies: rational(model.second[line.varies])}
                return _drift(line, (before, here), tuple(evaluate(t, model, shifted) for t in (previous.tree, tree)))
            case "at_least":
                gap = _difference(before, here)
            case _:
                gap = _difference(here, before)
        return _judged(before, here, gap, line)


def _equation(tree: Node, line: Line, model: Model) -> Step:
    """The sides of an equation."""
    left, right = (evaluate(side, model) for side in children(tree))
    with precise():
        return _judged(left, right, _difference(left, right), line)


def _drift(line: Line, one: tuple[Value, ...], other: tuple[Value, ...]) -> Step:
    """How a difference, or a ratio, changes from one point to another."""
    (a, b), (c, d) = one, other
    if line.relation == "constant":
        first, second = _difference(b, a), _difference(d, c)
    else:
        first, second = tables.each(arithmetic.divide, b, a), tables.each(arithmetic.divide, d, c)
    return _judged(first, second, _difference(first, second), line)


def _difference(left: Value, right: Value) -> Value:
    return tables.total(left, tables.each(arithmetic.negate, right))


def _judged(before: Value, here: Value, gap: Value, line: Line) -> Step:
    """The verdict on a gap: for an inequality, that it is not negative."""
    entries = [arb(entry) for entry in (gap.entries if isinstance(gap, Table) else (gap,))]  # type: ignore[arg-type]
    bound = max((entry.rad() for entry in entries), default=arb(0))
    if line.relation in ("at_least", "at_most"):
        holds = True if all(entry >= 0 for entry in entries) else False if any(entry < 0 for entry in entries) else None
        if holds is None and bound < TIGHT:
            holds = True  # equal within the bound
    elif any(not entry.contains(0) for entry in entries):
        holds = False
    else:
        holds = True if bound < TIGHT else None
    return Step(before, here, gap, holds, bound)


def prove(derivation: Derivation, model: Model) -> arb:
    """Check every line on a model; the largest error bound that was needed. Raises Defect that names line and model."""
    worst = arb(0)
    for line in derivation.lines:
        try:
            worst = max(worst, follow(derivation, line, model).bound)
        except Undefined as error:
            raise Defect(f"{derivation.name}, line {line.id!r}: {error} {told(model)}") from error
    return worst


def follow(derivation: Derivation, line: Line, model: Model, tree: Node | None = None) -> Step:
    """The step to a line, or to another tree in its place. Raises Defect if it does not hold, Undefined."""
    found = step(derivation, line, model, tree)
    if not found.holds:
        raise Defect(f"{derivation.name}, line {line.id!r} {_complaint(found, line)} {told(model)}")
    if line.gap is not None:
        _check_gap(derivation, line, found, model)
    return found


def _check_gap(derivation: Derivation, line: Line, found: Step, model: Model) -> None:
    """An inequality must leave out exactly what its gap says."""
    assert line.gap is not None
    named = evaluate(line.gap, model)
    with precise():
        difference = _difference(found.gap, named)
    if not _judged(named, found.gap, difference, Line("", line.tree)).holds:
        raise Defect(
            f"{derivation.name}, line {line.id!r}: the gap {latex(line.gap)} is {shown(named)}, "
            f"but {shown(found.gap)} is missing {told(model)}"
        )


def _complaint(found: Step, line: Line) -> str:
    if found.holds is None:
        return f"cannot be told to hold: the error bound is {found.bound.str(3, radius=False)}"
    match line.relation:
        case "holds":
            return f"does not hold: its sides are {shown(found.before)} and {shown(found.here)}"
        case "constant" | "proportional":
            what = "difference from" if line.relation == "constant" else "ratio to"
            values = f"{shown(found.before)}, elsewhere {shown(found.here)}"
            return f"does not follow: its {what} the line before is {values}"
    return f"does not follow ({line.relation}): it gives {shown(found.here)}, the line before {shown(found.before)}"


def refuted(derivation: Derivation, flaw: Flaw, model: Model) -> Step | None:
    """How a model refutes a flawed line; None if it does not, or if the line has no value there."""
    try:
        found = step(derivation, derivation.line(flaw.line), model, flaw.tree)
    except Undefined:
        return None
    return found if found.holds is False else None


def models(derivation: Derivation, count: int, world: int = 0) -> Iterator[Model]:
    """Some models of a derivation, the same on every machine."""
    for number in range(count):
        yield derivation.worlds[world](picking(derivation.name, "model", world, number))


def check(derivation: Derivation, count: int = 100) -> None:
    """Every line holds on ``count`` models of the first world and on some of the others, and every flaw is refuted.

    Raises Defect.
    """
    tried = list(models(derivation, count))
    for model in tried:
        prove(derivation, model)
    for world in range(1, len(derivation.worlds)):
        for model in models(derivation, 3, world):
            prove(derivation, model)
    for flaw in derivation.flaws:
        if not any(refuted(derivation, flaw, model) for model in tried):
            raise Defect(_unrefuted(derivation, flaw, f"no model of {count} refutes {flaw.name!r}", tried[-1]))


def _unrefuted(derivation: Derivation, flaw: Flaw, complaint: str, model: Model) -> str:
    """A message about a flaw: its line, and what it gives on a model."""
    try:
        found = step(derivation, derivation.line(flaw.line), model, flaw.tree)
        values = f"it gives {shown(found.here)}, the line before {shown(found.before)}"
    except Undefined as error:
        values = f"it has no value: {error}"
    return f"{derivation.name}, line {flaw.line!r}: {complaint}; on the last {values} {told(model)}"


@lru_cache(maxsize=1024)
def telling_model(derivation: Derivation, number: int) -> Model:
    """The first model of a number on which every flaw shows. Raises Defect if none of the first does."""
    drawn = []
    for attempt in range(TRIES):
        model = derivation.worlds[0](picking(derivation.name, "shown", number, attempt))
        if all(_is_seen(refuted(derivation, flaw, model)) for flaw in derivation.flaws):
            return model
        drawn.append(model)
    raise Defect(_unseen(derivation, drawn))


def _unseen(derivation: Derivation, drawn: Sequence[Model]) -> str:
    """A message about the flaw that shows on the fewest models."""

    def shows(flaw: Flaw) -> int:
        return sum(_is_seen(refuted(derivation, flaw, model)) for model in drawn)

    flaw = min(derivation.flaws, key=shows)
    complaint = f"{shows(flaw)} of {len(drawn)} models visibly refute {flaw.name!r}, and none refutes all flaws"
    hidden = [model for model in drawn if not _is_seen(refuted(derivation, flaw, model))]
    return _unrefuted(derivation, flaw, complaint, (hidden or drawn)[-1])


def _is_seen(found: Step | None) -> bool:
    """Whether a reader sees that a line does not follow."""
    if found is None:
        return False
    entries = found.gap.entries if isinstance(found.gap, Table) else (found.gap,)
    return any(abs(arb(entry)) > VISIBLE for entry in entries)  # type: ignore[arg-type]  # plain numbers


def exact(value: Value) -> Fraction | None:
    """A value as a rational number, if it is known to be one."""
    if isinstance(value, fmpq):
        return Fraction(int(value.numerator), int(value.denominator))
    return None


def decimal(value: Value, digits: int) -> Decimal:
    """A number, rounded half up to some decimals. Raises Undefined where its error bound does not allow that."""
    if isinstance(value, fmpq):
        scaled = Fraction(int(value.numerator), int(value.denominator)) * 10**digits
        whole = (abs(scaled) + Fraction(1, 2)).__floor__()
        return Decimal(-whole if scaled < 0 else whole).scaleb(-digits)
    if not isinstance(value, arb):
        raise Undefined("no single real number")
    with precise():
        whole = (abs(value) * 10**digits + arb("0.5")).floor().unique_fmpz()
        if whole is None:
            raise Undefined("too close to a rounding edge")
        return Decimal(int(whole) if value > 0 else -int(whole)).scaleb(-digits)


def shown(value: Value) -> str:
    """A value for messages."""
    if isinstance(value, Table):
        return "[" + ", ".join(map(shown, value.entries)) + "]"
    if isinstance(value, fmpq):
        return str(value)
    return value.str(6, radius=False) if isinstance(value, arb) else str(value)


def told(model: Model) -> str:
    """A model for messages."""
    return "with " + ", ".join(f"{name} = {_written(value)}" for name, value in model.values.items())


def _written(value: Fraction | int | Node) -> str:
    return latex(value) if isinstance(value, Expr) else str(value)
