"""What slips of the pen make of a line: its single edits, each with the name of the slip.

They serve to test the tests: a true line with such an edit must be refuted by some model, or be as true as before.
"""

from collections.abc import Iterator, Sequence

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
from solvers.derivations.arithmetic import Undefined
from solvers.derivations.chain import follow
from solvers.derivations.lines import Defect, Derivation, Line
from solvers.derivations.models import Model

SWAPPED = {"kl": "swapped divergence", "crossentropy": "swapped cross-entropy", "dot": "swapped product"}


def edits(tree: Node, measures: Sequence[Node] = ()) -> Iterator[tuple[str, Node]]:
    """All single edits of a tree; ``measures`` are the distributions that an expectation may wrongly be taken under."""
    yield from _own(tree, measures)
    inner = children(tree)
    for place, child in enumerate(inner):
        if _is_bound(tree, place):
            continue
        for name, edited in edits(child, measures):
            yield name, replaced(tree, (*inner[:place], edited, *inner[place + 1 :]))


def _is_bound(tree: Node, place: int) -> bool:
    """Whether a child only names what is averaged over or differentiated by."""
    binds = isinstance(tree, Call) and tree.function in ("integral", "total", "gradient", "partial", "derivative")
    return binds and place == 0


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
                name = "sign" if factor == num(-1) else "dropped factor"
                yield name, others[0] if len(others) == 1 else Product(others)
        case Quotient(above, below):
            yield "inverted fraction", Quotient(below, above)
        case Power(base, _):
            yield "dropped exponent", base
        case Call("ln", (inner,)):
            yield "missing logarithm", inner
        case Call("expectation", (measure, body)):
            yield from (("wrong expectation", Call("expectation", (m, body))) for m in measures if m != measure)
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


def survives(derivation: Derivation, line: Line, tree: Node, models: Sequence[Model]) -> bool | None:
    """Whether an edited line holds on every model, with the gap that is named; None if it has no value on any."""
    verdicts = [_holds(derivation, line, tree, model) for model in models]
    known = [verdict for verdict in verdicts if verdict is not None]
    return all(known) if known else None


def _holds(derivation: Derivation, line: Line, tree: Node, model: Model) -> bool | None:
    try:
        follow(derivation, line, model, tree)
    except Undefined:
        return None
    except Defect:
        return False
    return True
