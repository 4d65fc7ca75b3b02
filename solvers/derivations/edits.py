"""What slips of the pen make of a line: its single edits, each with the name of the slip.

They serve to test the tests: a true line with such an edit must be refuted by some model, or be as true as before.
"""

from collections.abc import Iterable, Iterator, Sequence

from quizgen.expr import (
    Apply,
    Call,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Series,
    Sum,
    children,
    negative,
    num,
    replaced,
)
from solvers.derivations.arithmetic import Divergent, Undefined
from solvers.derivations.chain import follow, step
from solvers.derivations.lines import Defect, Derivation, Line
from solvers.derivations.models import Model

SWAPPED = {"kl": "swapped divergence", "crossentropy": "swapped cross-entropy"}
LOST = {
    "ln": "logarithm",
    "exp": "exponential",
    "sqrt": "root",
    "abs": "absolute value",
    "det": "determinant",
    "inverse": "inverse",
    "transpose": "transpose",
    "sigmoid": "sigmoid",
    "softmax": "softmax",
}


def edits(tree: Node, measures: Sequence[Node] = ()) -> Iterator[tuple[str, Node]]:
    """All single edits of a tree; ``measures`` are the distributions that an expectation may wrongly be taken under."""
    match tree:
        case Call("isequal", (left, right)) if right != num(0):
            yield "sign", Call("isequal", (left, _opposite(right)))
        case Product() | Quotient() | Call() | Series() if not _is_equation(tree):
            yield "sign", _opposite(tree)
    yield from _within(tree, measures)


def _within(tree: Node, measures: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    """The edits of any operation in a tree."""
    yield from _own(tree, measures)
    inner = children(tree)
    for place, child in enumerate(inner):
        if _is_bound(tree, place):
            continue
        for name, edited in _within(child, measures):
            yield name, replaced(tree, (*inner[:place], edited, *inner[place + 1 :]))


def _is_bound(tree: Node, place: int) -> bool:
    """Whether a child only names what is averaged over or differentiated by, or is an index."""
    if isinstance(tree, Name):
        return True
    binds = isinstance(tree, Call) and tree.function in ("integral", "total", "gradient", "partial", "derivative")
    return binds and place == 0


def _is_equation(tree: Node) -> bool:
    return isinstance(tree, Call) and tree.function == "isequal"


def _own(tree: Node, measures: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    """The edits of the outermost operation."""
    match tree:
        case Sum(terms):
            for place, term in enumerate(terms):
                others = (*terms[:place], *terms[place + 1 :])
                yield "dropped term", others[0] if len(others) == 1 else Sum(others)
                yield "sign", Sum((*terms[:place], _opposite(term), *terms[place + 1 :]))
        case Product(factors):
            for place, factor in enumerate(factors):
                others = (*factors[:place], *factors[place + 1 :])
                if factor != num(1):
                    name = "sign" if factor == num(-1) else "dropped factor"
                    yield name, others[0] if len(others) == 1 else Product(others)
        case Quotient(above, below):
            yield "inverted fraction", Quotient(below, above)
        case Power(base, _) if not (isinstance(base, Call) and base.function == "norm"):  # means of those are roots
            yield "dropped exponent", base
        case Call(function, (inner,)) if function in LOST:
            yield f"missing {LOST[function]}", inner
        case Call("expectation", (measure, body)):
            candidates = [other for other in measures if not _averages_alike(other, measure, body)]
            yield from (("wrong expectation", Call("expectation", (other, body))) for other in candidates)
        case Call(function, (left, right)) if function in SWAPPED:
            yield SWAPPED[function], Call(function, (right, left))
        case Apply(name, arguments, separators) if "|" in separators:
            bar = separators.index("|") + 1
            yield "dropped condition", Apply(name, arguments[:bar], separators[: bar - 1])
        case Name(name, indices) if indices:
            for place, index in enumerate(indices):
                for shift in (1, -1):
                    yield "wrong index", Name(name, (*indices[:place], index + shift, *indices[place + 1 :]))
        case Series(operator, index, low, high, body):
            yield "wrong limit", Series(operator, index, low + 1, high, body)
            yield "wrong limit", Series(operator, index, low, high - 1, body)


def _averages_alike(one: Node, other: Node, body: Node) -> bool:
    """Whether one measure is a marginal of the other, which has variables that are not averaged anyway."""
    if not (isinstance(one, Apply) and isinstance(other, Apply) and one.name == other.name):
        return one == other
    (first, given), (second, conditions) = _parted(one), _parted(other)
    narrow, wide = sorted((first, second), key=len)
    return given == conditions and narrow <= wide and not any(_mentions(body, variable) for variable in wide - narrow)


def _parted(measure: Apply) -> tuple[frozenset[Node], tuple[Node, ...]]:
    """What stands before the bar, and what stands behind it."""
    bar = measure.separators.index("|") + 1 if "|" in measure.separators else len(measure.arguments)
    return frozenset(measure.arguments[:bar]), measure.arguments[bar:]


def _mentions(tree: Node, variable: Node) -> bool:
    return tree == variable or any(_mentions(child, variable) for child in children(tree))


def _opposite(term: Node) -> Node:
    match term:
        case Product((first, *rest)) if first == num(-1):
            return rest[0] if len(rest) == 1 else Product(tuple(rest))
    return negative(term)


def measures(derivation: Derivation) -> tuple[Node, ...]:
    """All distributions that some line takes an expectation under."""
    found: dict[Node, None] = {}
    for line in derivation.lines:
        found.update(dict.fromkeys(_measures(line.tree)))
    return tuple(found)


def _measures(tree: Node) -> Iterator[Node]:
    if isinstance(tree, Call) and tree.function == "expectation":
        yield tree.arguments[0]
    for child in children(tree):
        yield from _measures(child)


def survives(derivation: Derivation, line: Line, tree: Node, models: Iterable[Model]) -> bool | None:
    """Whether an edited line is refuted by no model, with the gap that is named.

    None if it has no value, or none that is exact enough, on any of them; an integral that does not converge on one is
    not tried on the others.
    """
    told = None
    for model in models:
        try:
            if step(derivation, line, model, tree).holds is None:
                continue
            follow(derivation, line, model, tree)
        except Divergent:
            return told
        except Undefined:
            continue
        except Defect:
            return False
        told = True
    return told
