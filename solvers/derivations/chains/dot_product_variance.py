"""Var[<q, k>] = d_k sigma_q^2 sigma_k^2 for independent entries of mean 0, and what the division by sqrt(d_k) does.

Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1, footnote 4, with variances that need not be 1. sigma_q and
sigma_k are the standard deviations of the entries; d_k is the width of one head.
"""

from collections.abc import Callable
from fractions import Fraction

from solvers.derivations.language import (
    Call,
    E,
    Name,
    Node,
    density,
    dot,
    equal,
    mul,
    names,
    normal,
    num,
    series,
    sqrt,
    var,
)
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import REALS, Density, Model, Pick, equation, states

d_k, k, q, sigma_k, sigma_q = names("d_k k q sigma_k sigma_q")
p = density("p")

PAIRS = ({-1: 1, 1: 1}, {-2: 1, 2: 1}, {-1: 4, 4: 1}, {-4: 1, 1: 4}, {-3: 1, 3: 1}, {-9: 1, 1: 9}, {-2: 4, 8: 1})
"""Values with their weights: mean 0, and a standard deviation that is whole."""
TRIPLES = ({-2: 1, 0: 3, 1: 2}, {-1: 2, 0: 3, 2: 1}, {-2: 1, 0: 6, 2: 1})
"""The same with three values, of standard deviation 1."""


def entry(name: Name, index: Node | int) -> Name:
    """An entry of a vector."""
    return Name(name.name, (num(index) if isinstance(index, int) else index,))


q_i, k_i = entry(q, Name("i")), entry(k, Name("i"))
q_1, k_1 = entry(q, 1), entry(k, 1)


def two_values(pick: Pick) -> Model:
    """Two dimensions, entries with two values each."""
    return head(2, PAIRS[pick(0, len(PAIRS) - 1)], PAIRS[pick(1, len(PAIRS) - 1)])


def three_values(pick: Pick) -> Model:
    """Entries with three values and variance 1."""
    return head(2, TRIPLES[pick(0, 2)], TRIPLES[pick(0, 2)])


def three_dimensions(pick: Pick) -> Model:
    """Three dimensions."""
    return head(3, PAIRS[pick(0, len(PAIRS) - 1)], PAIRS[pick(0, len(PAIRS) - 1)])


def gaussian(pick: Pick) -> Model:
    """Gaussian entries."""
    widths = {name: Fraction(pick(1, 5), 2) for name in (q, k)}
    return Model(
        values={"d_k": 2, "i": 1, "sigma_q": widths[q], "sigma_k": widths[k]},
        spaces={"q": REALS, "k": REALS},
        densities={"p": joint(2, lambda one: normal(one, 0, num(widths[Name(one.name)] ** 2)))},
    )


def head(size: int, queries: dict[int, int], keys: dict[int, int]) -> Model:
    """A query and a key with independent entries, given the weights of their values."""
    values: dict[str, Fraction | int] = {"d_k": size, "i": 1}
    given: list[Node] = [equation(d_k, size)]
    for name, weights in ((q, queries), (k, keys)):
        share = {(value,): Fraction(weight, sum(weights.values())) for value, weight in weights.items()}
        values |= {f"sigma_{name.name}": deviation(weights), **states(f"share_{name.name}", share)}
        given += [equation(p(equation(entry(name, Name("i")), num(value))), part) for (value,), part in share.items()]
    return Model(
        values=values,
        spaces={"q": tuple(queries), "k": tuple(keys)},
        densities={"p": joint(size, lambda one: Name(f"share_{one.name}", (one,)))},
        given=(*given, equation(sigma_q, deviation(queries)), equation(sigma_k, deviation(keys))),
    )


def joint(size: int, law: Callable[[Name], Node]) -> tuple[Density, ...]:
    """The distribution of each pair of entries, and that of all: all entries are independent."""
    pairs = [(entry(q, index), entry(k, index)) for index in range(1, size + 1)]
    every = [Density((f"q_{i}", f"k_{i}"), mul(*map(law, pair))) for i, pair in enumerate(pairs, 1)]
    variables = tuple(variable for density in every for variable in density.variables)
    return (*every, Density(variables, mul(*(density.tree for density in every))))


def deviation(weights: dict[int, int]) -> int:
    """The standard deviation of a distribution of mean 0, which must be whole."""
    square = Fraction(sum(weight * value**2 for value, weight in weights.items()), sum(weights.values()))
    return next(root for root in range(1, 10) if root**2 == square)


def total(body: Node) -> Node:
    """The sum over all entries."""
    return series("i", 1, d_k, body)


whole = (Call("slice", (vector, num(1), d_k)) for vector in (q, k))
both, product = p(*whole), mul(q_i, k_i)
product_mean = E(p(q_i, k_i), product)
squares = E(p(q_i), q_i**2), E(p(k_i), k_i**2)
means = E(p(q_i), q_i), E(p(k_i), k_i)
score = dot(q, k)
result = mul(d_k, sigma_q**2, sigma_k**2)
added, undivided, squared = (
    mul(d_k, sigma_q**2 + sigma_k**2),
    mul(d_k, sigma_q, sigma_k),
    mul(d_k**2, sigma_q**2, sigma_k**2),
)
scaled = var(both, score / sqrt(d_k))

DERIVATION = Derivation(
    name="dot_product_variance",
    lines=(
        Line("score", var(both, score), "start"),
        Line("sum", total(var(p(q_i, k_i), product)), reason="independent_terms"),
        Line("mean", equal(product_mean, num(0)), "holds", reason="independent_means"),
        Line("moments", total(E(p(q_i, k_i), product**2)), reason="variance_without_mean", needs=("sum", "mean")),
        Line("factored", total(mul(*squares)), reason="independent_squares"),
        Line("result", result, reason="second_moment_is_variance"),
        Line(
            "scaled", equal(scaled, mul(sigma_q**2, sigma_k**2)), "holds", reason="constant_factor", needs=("result",)
        ),
    ),
    flaws=(
        Flaw("multiplies_the_variances", "sum", series("i", 1, d_k, var(p(q_i, k_i), product), "product")),
        Flaw("takes_one_term", "sum", var(p(q_1, k_1), mul(q_1, k_1))),
        Flaw("adds_the_deviations", "sum", total(sqrt(var(p(q_i, k_i), product))) ** 2),
        Flaw("correlates_the_entries", "mean", equal(product_mean, mul(sigma_q, sigma_k))),
        Flaw("squares_after_averaging", "moments", total(product_mean**2)),
        Flaw("forgets_the_square", "moments", total(product_mean)),
        Flaw("factors_before_squaring", "factored", total(mul(means[0] ** 2, means[1] ** 2))),
        Flaw("adds_the_moments", "factored", total(squares[0] + squares[1])),
        Flaw("squares_the_moments", "factored", total(mul(squares[0] ** 2, squares[1] ** 2))),
        Flaw("adds_the_variances", "result", added),
        Flaw("takes_the_deviations", "result", undivided),
        Flaw("squares_the_dimension", "result", squared),
        Flaw("forgets_the_sum", "result", mul(sigma_q**2, sigma_k**2)),
        Flaw("takes_the_factor_out_once", "scaled", equal(scaled, mul(sqrt(d_k), sigma_q**2, sigma_k**2))),
        Flaw("ignores_the_factor", "scaled", equal(scaled, result)),
        Flaw("mistakes_deviation_for_variance", "scaled", equal(scaled, mul(sigma_q, sigma_k))),
        Flaw("divides_by_the_dimension", "scaled", equal(var(both, score / d_k), mul(sigma_q**2, sigma_k**2))),
    ),
    worlds=(two_values, three_values, three_dimensions, gaussian),
    blanks=(
        Blank(
            "result",
            result,
            {"d_k": "positive integer", "sigma_q": "positive", "sigma_k": "positive"},
            {
                "adds_the_variances": added,
                "takes_the_deviations": undivided,
                "squares_the_dimension": squared,
                "forgets_the_sum": mul(sigma_q**2, sigma_k**2),
            },
        ),
    ),
    values=("factored", "result"),
    working={
        "factored": (E(p(q_1), q_1**2), E(p(k_1), k_1**2)),
        "result": (sigma_q**2, sigma_k**2),
    },
)
