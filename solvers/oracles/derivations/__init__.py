"""Derivations read a second time, in float64 by torch: what ``solvers.derivations`` evaluates exactly.

Only the data are common: trees and models. Here derivatives are those of autograd. A distribution is a list of
Gaussians, one for each state of the finite variables: its precisions are read off the logarithm of the density by
autograd, and marginals follow by Schur complements. Averages are sums over nodes, all of them at once: every variable
that is averaged over has an axis of its own. They count once two rules of different fineness agree; where none do,
samples decide.

A value is a tensor of shape (axes, rows, columns), the innermost axis first; a number has one row and one column.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from itertools import product
from typing import NamedTuple, SupportsFloat

import torch

from quizgen.expr import Grid, Name, Node, children, latex, num
from solvers.derivations.chain import exact, telling_model, told
from solvers.derivations.evaluation import evaluate
from solvers.derivations.lines import Derivation, Line
from solvers.derivations.models import Model
from solvers.oracles.derivations.gaussians import Rule
from solvers.oracles.derivations.reader import Known, Reader, TooMany
from solvers.oracles.derivations.tensors import Unreadable

CLOSE = 1e-9
"""Two values are equal if they differ by less, relative to 1 or to their size."""
ERRORS = 6
"""The half width of a confidence interval, in standard errors."""
REPEATS = 20
"""Independent runs of sampling."""
RULES = tuple(map(Rule, (6, 9, 20, 27, 40), (0.5, 0.4, 0.25, 0.2, 0.08), (10.0, 14.0, 19.0, 27.0, 38.0)))


class Found(NamedTuple):
    """The entries of a value, row by row, and how far each may be from the true one."""

    entries: tuple[float, ...]
    slacks: tuple[float, ...]

    def meets(self, claimed: Sequence[SupportsFloat]) -> bool:
        """Whether these are the values claimed, Decimals to half a unit of their last digits."""
        return len(claimed) == len(self.entries) and all(
            abs(float(claim) - entry) <= slack + _half(claim) + CLOSE * max(1.0, abs(entry))
            for claim, entry, slack in zip(claimed, self.entries, self.slacks, strict=True)
        )


def agrees(value: SupportsFloat | Sequence[SupportsFloat], tree: Node, model: Model) -> bool:
    """Whether ``tree`` has this value, to the decimals of a Decimal; tables are sequences, row by row."""
    return read(tree, model).meets(tuple(value) if isinstance(value, Sequence) else (value,))


@lru_cache(maxsize=1024)
def follows(derivation: Derivation, line: Line, model: Model) -> bool:
    """Whether a line stands to the one that it continues as it says."""
    if line.relation == "holds":
        left, right = (read(side, model) for side in children(line.tree))
        return left.meets(right.entries)
    previous = derivation.before(line)
    if previous is None:
        return True
    match line.relation:
        case "at_least" | "at_most":
            gap = previous.tree - line.tree if line.relation == "at_least" else line.tree - previous.tree
            found = read(gap, model)
            return all(entry >= -slack - CLOSE for entry, slack in zip(*found, strict=True))
        case "constant" | "proportional":
            second = replace(model, values={**model.values, **model.second})
            between = line.tree - previous.tree if line.relation == "constant" else line.tree / previous.tree
            return read(between, model).meets(read(between, second).entries)
    return read(line.tree, model).meets(read(previous.tree, model).entries)


def _half(value: SupportsFloat) -> float:
    return 0.5 * 10.0 ** int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0.0


@lru_cache(maxsize=512)
def check(derivation: Derivation, number: int) -> None:
    """Every line of a derivation, and every flaw, has on a model the value that it has by exact means.

    Raises AssertionError that names the line.
    """
    compare(derivation, telling_model(derivation, number))


def compare(derivation: Derivation, model: Model) -> None:
    """The same on any model."""
    second = replace(model, values={**model.values, **model.second})
    for equation in model.given:
        _check_given(f"{derivation.name}, what is given", equation, model)
    here, there = (model, Known()), (second, Known())
    for line in derivation.lines:
        flaws = [(f" as {flaw.name!r}", flaw.tree) for flaw in derivation.flaws if flaw.line == line.id]
        places = [here, there] if line.varies else [here]
        for (what, tree), (each, known) in product([("", line.tree), *flaws], places):
            for side in children(tree) if line.relation == "holds" else (tree,):
                _compare(f"{derivation.name}, line {line.id!r}{what}", side, each, known)
        if line.gap is not None:
            _compare(f"{derivation.name}, line {line.id!r}, gap", line.gap, *here)


def _compare(where: str, tree: Node, model: Model, known: "Known") -> None:
    value = evaluate(tree, model)
    claimed = tuple(map(_float, getattr(value, "entries", (value,))))
    try:
        found = read(tree, model, known, claimed)
    except Unreadable as error:
        raise AssertionError(f"{where}: {error}, {told(model)}") from error
    if not found.meets(claimed):
        raise AssertionError(f"{where}: {latex(tree)} is {claimed} exactly, {found.entries} by torch, {told(model)}")


def _check_given(where: str, equation: Node, model: Model) -> None:
    """What a reader is told about a model holds; names without a value may have any."""
    for place, number in ((0, "3/10"), (-1, "17/10")):
        reader = Reader(model, RULES[0], Known())
        reader.bind_free(equation, place, number)
        left, right = children(equation)
        whole = reader.value(right)
        found = (reader.value(_entries_of(left, right, start)) for start in (1, 0))
        if not any(torch.allclose(each.expand_as(whole), whole, rtol=CLOSE, atol=CLOSE) for each in found):
            raise AssertionError(f"{where}: {latex(equation)} does not hold, {told(model)}")


def _entries_of(left: Node, right: Node, start: int) -> Node:
    """The vector or matrix ``left`` by its entries, counted from ``start``: there may be others around these."""
    if not isinstance(left, Name) or left.indices or not isinstance(right, Grid):
        return left
    is_vector = len(right.rows[0]) == 1
    rows = [
        [(i,) if is_vector else (i, j) for j, _ in enumerate(row, start)] for i, row in enumerate(right.rows, start)
    ]
    return Grid(tuple(tuple(Name(left.name, tuple(map(num, place))) for place in row) for row in rows))


def _float(value: object) -> float:
    whole = exact(value)  # type: ignore[arg-type]  # an entry of a table, or a number
    return float(value if whole is None else whole)  # type: ignore[arg-type]  # a real ball


def read(tree: Node, model: Model, known: "Known | None" = None, hoped: tuple[float, ...] | None = None) -> Found:
    """The value of a tree, by the first rule that gives what the one before gave, or what is ``hoped`` for.

    Where none does, it is the mean of independent runs with samples. Raises Unreadable.
    """
    known = Known() if known is None else known
    before = None if hoped is None else Found(hoped, (0.0,) * len(hoped))
    for rule in RULES:
        reader = Reader(model, rule, known)
        try:
            entries = tuple(reader.value(tree).detach().flatten().tolist())
        except TooMany:
            break
        found = Found(entries, (0.0,) * len(entries))
        if not reader.approximates or (before is not None and found.meets(before.entries)):
            return found
        before = found
    if reader.cuts:
        raise Unreadable(f"an integral in {latex(tree)} does not converge")
    runs = [Reader(model, Rule(0, 0.25, 19.0, seed), known).value(tree).detach().flatten() for seed in range(REPEATS)]
    errors = ERRORS / REPEATS**0.5 * torch.stack(runs).std(0)
    if not bool(errors.isfinite().all()):
        raise Unreadable(f"{latex(tree)} has no finite value")
    return Found(tuple(torch.stack(runs).mean(0).tolist()), tuple(errors.tolist()))
