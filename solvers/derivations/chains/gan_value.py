"""The value of a GAN at the optimal discriminator, 2 JSD(p_data || p_g) - ln 4, and its least value.

Source: Goodfellow et al. 2014, arXiv:1406.2661, section 4.1, theorem 1. Finitely many points; natural logarithm:
JSD(p || q) = KL(p || m) / 2 + KL(q || m) / 2 with m = (p + q) / 2 is at most ln 2.
"""

from fractions import Fraction

from solvers.derivations.language import KL, Call, E, Name, Node, density, ln, names, num
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, indexed, shares

u, x = names("u x")
real, made, middle = (density(name)(x) for name in ("p_data", "p_g", "m"))
best = density("Dhat")(x)


def two_points(pick: Pick) -> Model:
    """Two points."""
    return space(pick, 2)


def four_points(pick: Pick) -> Model:
    """Four points."""
    return space(pick, 4)


def space(pick: Pick, size: int) -> Model:
    """Two distributions with small numbers that differ clearly."""
    data, generated = shares(pick, size, 5), shares(pick, size, 5)
    while max(abs(p - q) for p, q in zip(data, generated, strict=True)) < Fraction(1, 5):
        generated = shares(pick, size, 5)
    points = range(1, size + 1)
    pairs = [*zip(data, generated, strict=True)]
    return Model(
        values={
            **indexed("real", data),
            **indexed("made", generated),
            **indexed("middle", [(p + q) / 2 for p, q in pairs]),
            **indexed("best", [p / (p + q) for p, q in pairs]),
        },
        spaces={"x": tuple(points)},
        densities={
            "p_data": (Density(("x",), Name("real", (x,))),),
            "p_g": (Density(("x",), Name("made", (x,))),),
            "m": (Density(("x",), Name("middle", (x,))),),
        },
        functions={"Dhat": (("u",), Name("best", (u,)))},
        given=(
            *(equation(density("p_data")(num(k)), data[k - 1]) for k in points),
            *(equation(density("p_g")(num(k)), generated[k - 1]) for k in points),
        ),
    )


def both(first: Node, second: Node) -> Node:
    """An average over the data plus one over what is generated."""
    return E(real, ln(first)) + E(made, ln(second))


def JSD(p: Node, q: Node) -> Call:
    """The Jensen-Shannon divergence, in nats."""
    return Call("jsd", (p, q))


parts = both(real / middle, made / middle)
divergences = KL(real, middle) + KL(made, middle)

lines = (
    Line("value", both(best, 1 - best), "start"),
    Line("insert", both(real / (real + made), made / (real + made)), reason="insert_the_discriminator"),
    Line("mixture", both(real / (2 * middle), made / (2 * middle)), reason="definition_of_the_mixture"),
    Line("constant", parts - 2 * ln(2), reason="logarithm_of_a_quotient"),
    Line("kl", divergences - ln(4), reason="definition_of_kl"),
    Line("jsd", 2 * JSD(real, made) - ln(4), reason="definition_of_jsd"),
    Line("least", -ln(4), "at_least", reason="divergence_not_negative", gap=2 * JSD(real, made)),
)

DERIVATION = Derivation(
    name="gan_value",
    lines=lines,
    flaws=(
        Flaw("swaps_the_shares", "insert", both(made / (real + made), real / (real + made))),
        Flaw("takes_one_half", "insert", both(num(1) / num(2), num(1) / num(2))),
        Flaw("uses_the_same_share_twice", "insert", both(real / (real + made), real / (real + made))),
        Flaw("forgets_the_factor_two", "mixture", both(real / middle, made / middle)),
        Flaw("counts_the_constant_once", "constant", parts - ln(2)),
        Flaw("adds_the_constant", "constant", parts + 2 * ln(2)),
        Flaw("swaps_the_arguments", "kl", KL(middle, real) + KL(middle, made) - ln(4)),
        Flaw("compares_the_distributions_directly", "kl", KL(real, made) + KL(made, real) - ln(4)),
        Flaw("takes_one_divergence_only", "kl", KL(real, middle) - ln(4)),
        Flaw("forgets_the_halves", "jsd", JSD(real, made) - ln(4)),
        Flaw("takes_kl_for_jsd", "jsd", 2 * KL(real, made) - ln(4)),
        Flaw("takes_zero_for_the_least", "least", num(0)),
    ),
    worlds=(two_points, four_points),
    values=("insert", "kl"),
)
