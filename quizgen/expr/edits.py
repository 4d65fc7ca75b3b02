"""What one slip makes of a formula: its single-edit mutants, each with the code that names the slip.

:func:`edits` gives all of them, to name what went wrong in an answer. :func:`changes` leaves out those that may be
the formula itself in another guise (``A^T`` for a symmetric place, ``b a`` for ``a b``), to try a key with the rest.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import combinations, islice, pairwise
from typing import NamedTuple, TypeAlias

from quizgen.expr.domains import Domain, read_domain
from quizgen.expr.tree import (
    MINUS_ONE,
    Apply,
    Call,
    Grid,
    Name,
    Node,
    Num,
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

MOST = 400
"""The most mutants of one formula."""

ONE = num(1)
TWO = num(2)
HALF = Fraction(1, 2)

EVEN = frozenset({"abs", "norm", "norm1", "cos", "cosh"})
LINEAR = frozenset({"transpose", "trace", "diag", "dot", "hadamard"})
ODD = LINEAR | {"sin", "tan", "cot", "asin", "atan", "sinh", "tanh", "asinh", "atanh", "erf", "sign", "inverse"}
UNSIGNED = EVEN | ODD | {"det", "factorial", "binomial", "log", "root"}
"""Functions with a sign in an argument that does not matter, is the sign of the result too, or that nobody writes."""
UNSCALED = LINEAR | {"abs", "norm", "norm1", "relu", "sign", "sqrt", "inverse", "det"}
"""Functions for which twice the argument is as good as twice the result, or no change at all."""
LOOSE = frozenset({"sign", "less", "atmost", "equal", "indicator", "softmax", "mod"})
"""Functions that may have one value for many arguments."""
LOGARITHMS = ("ln", "log2", "log10")
ROUNDED = ("floor", "ceil", "round")
ORDERED = frozenset({"log", "root", "binomial", "mod", "less", "atmost"})
KEPT = LINEAR | {"inverse", "sqrt", "indicator", *ROUNDED}
"""Functions that other slips leave out, or that are no more than a bracket."""


class Place(NamedTuple):
    """A formula inside another; ``put`` gives the whole with something else there.

    ``telling`` says that a change of the value here is one of the whole.
    """

    node: Node
    put: Callable[[Node], Node]
    parent: Node | None = None
    position: int = 0
    telling: bool = True


Domains: TypeAlias = Mapping[str, Domain]
Slip: TypeAlias = Callable[[Place, Domains], Iterator[Node]]


def edits(tree: Node, variables: Mapping[str, str]) -> Iterator[tuple[str, Node]]:
    """The mutants of ``tree`` with their codes, likely ones first, none twice, at most ``MOST``.

    ``variables`` has the domain of every name; what is not in it is an index. A mutant need not be defined: its
    shapes may not fit. Raises InputError for an unknown domain.
    """
    return islice(_distinct(tree, variables, certain=False), MOST)


def changes(tree: Node, variables: Mapping[str, str]) -> Iterator[tuple[str, Node]]:
    """Those of the mutants that differ from ``tree`` somewhere, unless a part of it has no effect."""
    return islice(_distinct(tree, variables, certain=True), MOST)


def _distinct(tree: Node, variables: Mapping[str, str], certain: bool) -> Iterator[tuple[str, Node]]:
    domains = {name: read_domain(domain) for name, domain in variables.items()}
    places = list(_places(tree))
    seen = {tree}
    for code, slip, telling in SLIPS:
        if certain and not telling:
            continue
        for place in places:
            if certain and not place.telling:
                continue
            for node in slip(place, domains):
                mutant = place.put(node)
                if mutant not in seen:
                    seen.add(mutant)
                    yield code, mutant


def _places(tree: Node) -> Iterator[Place]:
    """Every formula in ``tree``, from the outside to the inside."""
    waiting = deque([Place(tree, lambda node: node)])
    while waiting:
        place = waiting.popleft()
        yield place
        for position, node in enumerate(children(place.node)):
            telling = place.telling and not _hides(place.node, position)
            waiting.append(Place(node, _putter(place, position), place.node, position, telling))


def _putter(place: Place, position: int) -> Callable[[Node], Node]:
    inner = children(place.node)
    return lambda node: place.put(replaced(place.node, (*inner[:position], node, *inner[position + 1 :])))


def _hides(tree: Node, position: int) -> bool:
    """Whether the value of ``tree`` may stay when that of the child at ``position`` changes."""
    match tree:
        case Call(function, _):
            return function in LOOSE
        case Power(Num("-1" | "1"), _):
            return position == 1
        case Power(Product((Num("-1"), Num("1"))), _):
            return position == 1
        case Series():  # a term at an end is often zero
            return position < 2
    return False


# Changes of one node that are made in one place or everywhere; other nodes stay.


def _unsquared(tree: Node) -> Node:
    match tree:
        case Power(base, Num(value)) if Fraction(value) == 2:
            return base
    return tree


def _unrooted(tree: Node) -> Node:
    match tree:
        case Call("sqrt", (argument,)) | Call("root", (_, argument)):
            return argument
        case Power(base, exponent) if _value(exponent) == HALF:
            return base
    return tree


def _with_base(function: str) -> Callable[[Node], Node]:
    def change(tree: Node) -> Node:
        return Call(function, tree.arguments) if isinstance(tree, Call) and tree.function in LOGARITHMS else tree

    return change


def _rewritten(tree: Node, change: Callable[[Node], Node]) -> Node:
    """``tree`` with a change made in all places, from the inside to the outside."""
    inner = tuple(_rewritten(part, change) for part in children(tree))
    return change(replaced(tree, inner) if inner else tree)


# Slips. Each gives what may stand in one place instead of what stands there.


def _whole_negated(place: Place, _: Domains) -> Iterator[Node]:
    if place.parent is None:
        yield _negated(place.node)


def _term_negated(place: Place, _: Domains) -> Iterator[Node]:
    if _is_term(place, UNSIGNED):
        yield _negated(place.node)


def _term_dropped(place: Place, _: Domains) -> Iterator[Node]:
    if isinstance(place.node, Sum):
        for position in range(len(place.node.terms)):
            yield _sum(_without(place.node.terms, position))


def _whole_scaled(place: Place, _: Domains) -> Iterator[Node]:
    if place.parent is None:
        yield from _scaled(place.node)


def _term_scaled(place: Place, _: Domains) -> Iterator[Node]:
    if _is_term(place, UNSCALED) and not (isinstance(place.parent, Power) and isinstance(place.node, Num)):
        yield from _scaled(place.node)


def _square_dropped(place: Place, _: Domains) -> Iterator[Node]:
    yield _unsquared(place.node)


def _square_added(place: Place, _: Domains) -> Iterator[Node]:
    match place.node:
        case Name() if not _is_index(place) and not _is_base(place):
            yield Power(place.node, TWO)
        case Call("abs" | "norm" | "ln" | "log2" | "log10" | "sigmoid" | "tanh") | Sum() if _is_factor(place):
            yield Power(place.node, TWO)


def _whole_squared(place: Place, _: Domains) -> Iterator[Node]:
    if place.parent is None:
        yield Power(place.node, TWO)


def _root_dropped(place: Place, _: Domains) -> Iterator[Node]:
    yield _unrooted(place.node)


def _root_added(place: Place, _: Domains) -> Iterator[Node]:
    node = place.node
    if place.parent is None or (isinstance(node, Name | Sum) and _is_factor(place)):
        yield Call("sqrt", (node,))


def _whole_inverted(place: Place, _: Domains) -> Iterator[Node]:
    if place.parent is None:
        yield _inverted(place.node)


def _quotient_inverted(place: Place, _: Domains) -> Iterator[Node]:
    match place.node:
        case Quotient():
            yield _inverted(place.node)
        case Num(value) if Fraction(value).denominator != 1:
            yield num(1 / Fraction(value))
        case Call("inverse", (argument,)):
            yield argument


def _factor_dropped(place: Place, _: Domains) -> Iterator[Node]:
    match place.node:
        case Product(factors):
            for position, factor in enumerate(factors):
                if factor not in (ONE, MINUS_ONE):
                    yield _product(_without(factors, position))
        case Quotient(above, below):
            yield above
            if above != ONE:
                yield Quotient(ONE, below)
        case Power(base, exponent) if _value(exponent) not in (2, HALF, -1):
            yield base


def _numeral_shifted(place: Place, _: Domains) -> Iterator[Node]:
    if not isinstance(place.node, Num):
        return
    value = Fraction(place.node.value)
    trivial = abs(value) == 1 and isinstance(place.parent, Product | Quotient)
    if value.denominator == 1 and not trivial and (value or _counts(place)):
        yield from (num(other) for other in (value + 1, value - 1) if other or _counts(place))


def _name_shifted(place: Place, domains: Domains) -> Iterator[Node]:
    if isinstance(place.node, Name) and _is_integer(place.node, domains) and not _beside_numeral(place):
        yield from _shifted(place.node)


def _bound_shifted(place: Place, _: Domains) -> Iterator[Node]:
    if isinstance(place.parent, Series) and place.position < 2:
        yield from _shifted(place.node)


def _whole_shifted(place: Place, _: Domains) -> Iterator[Node]:
    if place.parent is None:
        yield from _shifted(place.node)


def _name_shifted_everywhere(place: Place, domains: Domains) -> Iterator[Node]:
    if place.parent is None:
        for name in sorted(_names(place.node)):
            if name in domains and _is_integer(Name(name), domains):
                for shifted in _shifted(Name(name)):
                    yield _substituted(place.node, {name: shifted})


def _everywhere(change: Callable[[Node], Node]) -> Slip:
    """The slip that makes one change in all places at once."""

    def slip(place: Place, _: Domains) -> Iterator[Node]:
        if place.parent is None:
            yield _rewritten(place.node, change)

    return slip


def _base_changed(place: Place, _: Domains) -> Iterator[Node]:
    match place.node:
        case Call("ln" | "log2" | "log10" as function, arguments):
            yield from (Call(other, arguments) for other in LOGARITHMS if other != function)
        case Call("log", (_, argument)):
            yield Call("ln", (argument,))


def _rounded_otherwise(place: Place, _: Domains) -> Iterator[Node]:
    match place.node:
        case Call("floor" | "ceil" | "round" as function, arguments):
            yield from (Call(other, arguments) for other in ROUNDED if other != function)
            yield arguments[0]


def _rounding_added(place: Place, _: Domains) -> Iterator[Node]:
    if place.parent is None or isinstance(place.node, Quotient):
        yield Call("floor", (place.node,))
        yield Call("ceil", (place.node,))


def _transposed(place: Place, domains: Domains) -> Iterator[Node]:
    match place.node:
        case Call("transpose", (argument,)):
            yield argument
        case Name(_, indices) if len(indices) == 2:
            yield Name(place.node.name, indices[::-1])
        case node if _is_matrix(node, domains) and (place.parent is None or isinstance(node, Name | Grid)):
            yield Call("transpose", (node,))


def _factors_exchanged(place: Place, domains: Domains) -> Iterator[Node]:
    if isinstance(place.node, Product):
        factors = place.node.factors
        for first, (left, right) in enumerate(pairwise(factors)):
            if _is_matrix(left, domains) and _is_matrix(right, domains):
                yield Product((*factors[:first], right, left, *factors[first + 2 :]))


def _arguments_exchanged(place: Place, _: Domains) -> Iterator[Node]:
    match place.node:
        case Call(function, (first, second)) if function in ORDERED:
            yield Call(function, (second, first))
        case Apply(name, (first, second), separators):
            yield Apply(name, (second, first), separators)


def _names_exchanged(place: Place, domains: Domains) -> Iterator[Node]:
    if place.parent is None:
        for one, other in combinations(sorted(_names(place.node) & domains.keys()), 2):
            if _alike(domains[one], domains[other]):
                yield _substituted(place.node, {one: Name(other), other: Name(one)})


def _indices_exchanged(place: Place, domains: Domains) -> Iterator[Node]:
    """All that is called 1 called 2, and the other way round, where several names end in them."""
    if place.parent is None:
        names = _names(place.node) & domains.keys()
        for one, other in combinations(sorted({name[-1] for name in names if len(name) > 1}), 2):
            stems = {name[:-1] for name in names if name[:-1] + one in names and name[:-1] + other in names}
            if len(stems - {""}) > 1:
                there = {stem + one: Name(stem + other) for stem in stems}
                back = {stem + other: Name(stem + one) for stem in stems}
                yield _substituted(place.node, there | back)


def _name_replaced(place: Place, domains: Domains) -> Iterator[Node]:
    if isinstance(place.node, Name) and place.node.name in domains:
        for other in _others(place.node.name, domains):
            yield Name(other, place.node.indices)


def _name_replaced_everywhere(place: Place, domains: Domains) -> Iterator[Node]:
    if place.parent is None:
        for name in sorted(_names(place.node) & domains.keys()):
            for other in _others(name, domains):
                yield _substituted(place.node, {name: Name(other)})


def _function_dropped(place: Place, _: Domains) -> Iterator[Node]:
    match place.node:
        case Call("max" | "min", arguments):
            yield from arguments
        case Call(function, (argument,)) if function not in KEPT:
            yield argument


SLIPS: tuple[tuple[str, Slip, bool], ...] = (
    ("sign-flipped", _whole_negated, True),
    ("sign-of-a-term", _term_negated, True),
    ("dropped-term", _term_dropped, True),
    ("factor-two", _whole_scaled, True),
    ("square", _square_dropped, True),
    ("root", _root_dropped, True),
    ("square", _square_added, True),
    ("root", _root_added, False),
    ("reciprocal", _whole_inverted, False),
    ("inverted-quotient", _quotient_inverted, True),
    ("dropped-factor", _factor_dropped, True),
    ("off-by-one", _numeral_shifted, True),
    ("off-by-one", _name_shifted, True),
    ("off-by-one", _bound_shifted, False),
    ("off-by-one", _whole_shifted, True),
    ("factor-two", _term_scaled, True),
    ("log-base", _base_changed, True),
    ("floor-or-ceil", _rounded_otherwise, True),
    ("floor-or-ceil", _rounding_added, False),
    ("transposed", _transposed, False),
    ("order-of-factors", _factors_exchanged, False),
    ("order-of-arguments", _arguments_exchanged, True),
    ("root", _everywhere(_unrooted), False),
    ("square", _everywhere(_unsquared), False),
    *(("log-base", _everywhere(_with_base(function)), False) for function in LOGARITHMS),
    ("another-variable", _names_exchanged, False),
    ("another-variable", _indices_exchanged, False),
    ("dropped-function", _function_dropped, True),
    ("square", _whole_squared, False),
    ("another-variable", _name_replaced, True),
    ("off-by-one", _name_shifted_everywhere, False),
    ("another-variable", _name_replaced_everywhere, True),
)
"""Code, what it does, and whether it must change the value; likely slips first."""


# Parts of slips.


def _negated(tree: Node) -> Node:
    match tree:
        case Num(value):
            return Num(value[1:] if value.startswith("-") else f"-{value}")
        case Product((Num("-1"), *rest)):
            return _product(tuple(rest))
        case Product((Num() as numeral, *rest)):
            return Product((_negated(numeral), *rest))
        case Quotient(above, below):
            return Quotient(_negated(above), below)
    return negative(tree)


def _scaled(tree: Node) -> Iterator[Node]:
    """Twice and half of it."""
    match tree:
        case Num(value):
            yield from (num(2 * Fraction(value)), num(Fraction(value) / 2))
        case Quotient(above, below):
            yield from (Quotient(Product((TWO, above)), below), Quotient(above, Product((TWO, below))))
        case _:
            yield from (Product((TWO, tree)), Quotient(tree, TWO))


def _shifted(tree: Node) -> Iterator[Node]:
    """One more and one less."""
    value = _value(tree)
    for step in (1, -1):
        yield Sum((tree, num(step))) if value is None else num(value + step)


def _inverted(tree: Node) -> Node:
    match tree:
        case Quotient(above, below):
            return below if above == ONE else Quotient(below, above)
    return Quotient(ONE, tree)


def _sum(terms: tuple[Node, ...]) -> Node:
    return terms[0] if len(terms) == 1 else Sum(terms) if terms else num(0)


def _product(factors: tuple[Node, ...]) -> Node:
    return factors[0] if len(factors) == 1 else Product(factors) if factors else ONE


def _without(nodes: tuple[Node, ...], position: int) -> tuple[Node, ...]:
    return (*nodes[:position], *nodes[position + 1 :])


def _value(tree: Node) -> Fraction | None:
    """The value of a numeral or of a quotient of numerals."""
    match tree:
        case Num(value):
            return Fraction(value)
        case Product((Num(sign), Num(value))):
            return Fraction(sign) * Fraction(value)
        case Quotient(Num(above), Num(below)) if Fraction(below):
            return Fraction(above) / Fraction(below)
    return None


def _is_term(place: Place, excluded: frozenset[str]) -> bool:
    """Whether the place has a sign and a factor of its own, not that of what is around it; ``excluded`` functions."""
    if _value(place.node) == 0:
        return False
    match place.parent:
        case Sum() | Apply() | Grid():
            return True
        case Power():
            return place.position == 1
        case Call(function, _):
            return function not in excluded
    return False


def _is_factor(place: Place) -> bool:
    """Whether the place is a factor, or a term or an argument of one."""
    return isinstance(place.parent, Product | Quotient | Sum | Call | Series | Grid)


def _is_base(place: Place) -> bool:
    return isinstance(place.parent, Power) and place.position == 0


def _is_index(place: Place) -> bool:
    return isinstance(place.parent, Name)


def _counts(place: Place) -> bool:
    """Whether a zero makes sense here: as an index, an exponent or the end of a series."""
    return _is_index(place) or isinstance(place.parent, Series)


def _beside_numeral(place: Place) -> bool:
    """Whether a whole number is added already; what is off by one then shows in that."""
    return isinstance(place.parent, Sum) and any(_value(term) is not None for term in place.parent.terms)


def _is_integer(name: Name, domains: Domains) -> bool:
    """Whether a name stands for a whole number; indices do."""
    domain = domains.get(name.name)
    return domain is None or (domain.shape is None and domain.kind.endswith("integer"))


def _is_matrix(tree: Node, domains: Domains) -> bool:
    """Whether ``tree`` is a vector or a matrix, as far as its parts tell."""
    match tree:
        case Name(name, indices):
            return not indices and name in domains and domains[name].shape is not None
        case Grid() | Call("identity" | "ones" | "diag", _):
            return True
        case Call("norm" | "norm1" | "trace" | "det" | "dot" | "indicator", _) | Apply():
            return False
    return any(_is_matrix(part, domains) for part in children(tree))


def _alike(one: Domain, other: Domain) -> bool:
    """Whether variables of two domains could be taken for each other."""
    whole = one.kind.endswith("integer") == other.kind.endswith("integer")
    return whole and one.shape == other.shape and one.indexed == other.indexed


def _others(name: str, domains: Domains) -> Iterator[str]:
    """The variables that ``name`` could be taken for, those of the same domain first."""
    own = domains[name]
    alike = [other for other, domain in domains.items() if other != name and _alike(own, domain)]
    yield from sorted(alike, key=lambda other: domains[other] != own)


def _names(tree: Node) -> set[str]:
    """The names in ``tree``."""
    found = {tree.name} if isinstance(tree, Name) else set()
    return found.union(*map(_names, children(tree)))


def _substituted(tree: Node, names: Mapping[str, Node]) -> Node:
    """``tree`` with other formulas for some names; a name with indices keeps them."""
    inner = tuple(_substituted(part, names) for part in children(tree))
    match tree:
        case Name(name) if name in names:
            other = names[name]
            return Name(other.name, inner) if isinstance(other, Name) else other
    return replaced(tree, inner) if inner else tree
