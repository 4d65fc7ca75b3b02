"""Inverted dropout keeps the mean of a weighted sum, and adds the variance p / (1 - p) sum w_i^2 x_i^2.

Source: Srivastava et al. 2014, JMLR 15, sections 4 and 10, with the scaling in training as in PyTorch. p is the
probability of dropping: m_i is 0 with probability p, else 1; the masks of different units are independent.
"""

from fractions import Fraction

from quizgen.expr import Grid
from solvers.derivations.language import E, Name, Node, density, equal, mul, names, num, series, var
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, indexed

i, m, n, p = names("i m n p")
law = density("P")
m_i, w_i, x_i = (Name(name, (i,)) for name in "mwx")

RATES = tuple(Fraction(*rate) for rate in ((1, 5), (1, 4), (1, 3), (2, 5), (3, 5), (2, 3), (3, 4)))


def two_units(pick: Pick) -> Model:
    """Two units with small whole numbers."""
    return units(pick, 2, RATES[pick(0, len(RATES) - 1)])


def four_units(pick: Pick) -> Model:
    """Four units."""
    return units(pick, 4, Fraction(pick(1, 9), 10))


def units(pick: Pick, size: int, rate: Fraction) -> Model:
    """Activations and weights, none of them 0."""
    inputs, weights = ([pick(1, 4) * (-1) ** pick(0, 1) for _ in range(size)] for _ in "xw")
    places = range(1, size + 1)
    shares = {f"share_{value}": share for value, share in ((0, p), (1, 1 - p))}
    return Model(
        values={**indexed("x", inputs), **indexed("w", weights), **shares, "n": size, "p": rate, "i": 1},
        spaces={"m": (0, 1)},
        densities={
            "P": (Density(tuple(f"m_{one}" for one in places), mul(*(Name("share", (mask(one),)) for one in places))),)
        },
        given=(
            equation(p, rate),
            equation(n, size),
            equal(Name("x"), column(inputs)),
            equal(Name("w"), column(weights)),
        ),
    )


def mask(place: int) -> Name:
    """The mask of a unit."""
    return Name("m", (num(place),))


def column(entries: list[int]) -> Node:
    """A vector."""
    return Grid(tuple((num(entry),) for entry in entries))


def total(body: Node) -> Node:
    """The sum over all units."""
    return series("i", 1, n, body)


output = total(mul(w_i, mul(m_i, x_i) / (1 - p)))
mean, spread = E(law(m_i), m_i), var(law(m_i), m_i)
clean = total(mul(w_i, x_i))
variance = var(law(m), output)
squares = total(mul(w_i**2, x_i**2))
terms = mul(w_i**2, x_i**2) / (1 - p) ** 2


def varied(factor: Node) -> Node:
    """The variance, given what stands before the sum of squares."""
    return equal(variance, mul(factor, squares))


factor = p / (1 - p)
wrong: dict[str, Node] = {
    "keeps_the_square": p / (1 - p) ** 2,
    "takes_the_variance_of_the_mask": mul(p, 1 - p),
    "inverts_the_odds": (1 - p) / p,
    "forgets_the_drop_rate": 1 / (1 - p),
}

DERIVATION = Derivation(
    name="dropout_unbiased",
    lines=(
        Line("average", E(law(m), output), "start"),
        Line("linear", total(mul(w_i, x_i) / (1 - p) * mean), reason="linearity"),
        Line("mask", equal(mean, 1 - p), "holds", reason="mean_of_the_mask"),
        Line("result", clean, reason="cancel", needs=("linear", "mask")),
        Line("mask_variance", equal(spread, mul(p, 1 - p)), "holds", reason="variance_of_the_mask", needs=("mask",)),
        Line("independent", equal(variance, total(mul(terms, spread))), "holds", reason="independent_masks"),
        Line("noise", varied(factor), "holds", reason="insert_the_variance", needs=("independent", "mask_variance")),
    ),
    flaws=(
        Flaw("forgets_the_scaling", "linear", total(mul(w_i, x_i, mean))),
        Flaw("scales_by_the_drop_rate", "linear", total(mul(w_i, x_i) / p * mean)),
        Flaw("mistakes_the_mask", "mask", equal(mean, p)),
        Flaw("shrinks_the_output", "result", mul(1 - p, clean)),
        Flaw("enlarges_the_output", "result", mul(1 / (1 - p), clean)),
        Flaw("keeps_the_dropped_part", "result", mul(p, clean)),
        Flaw("takes_the_mean_for_the_variance", "mask_variance", equal(spread, 1 - p)),
        Flaw("squares_the_drop_rate", "mask_variance", equal(spread, p**2)),
        Flaw(
            "forgets_to_square_the_factor", "independent", equal(variance, total(mul(mul(w_i, x_i) / (1 - p), spread)))
        ),
        Flaw("squares_the_sum", "independent", equal(variance, mul(total(mul(w_i, x_i) / (1 - p)) ** 2, spread))),
        *(Flaw(name, "noise", varied(tree)) for name, tree in wrong.items()),
    ),
    worlds=(two_units, four_units),
    blanks=(Blank("noise", factor, {"p": "unit"}, wrong),),
    values=("linear", "result"),
)
