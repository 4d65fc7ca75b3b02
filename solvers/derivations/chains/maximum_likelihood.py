"""-(1/N) ln prod p_theta(x_n) = KL(p_data || p_theta) + H(p_data): largest likelihood, least divergence.

Source: Goodfellow et al. 2016, section 5.5, equations 5.56 to 5.61. p_data is the empirical distribution of the
observations x_1, x_2, …, which have finitely many values. Natural logarithm.
"""

from fractions import Fraction

from solvers.derivations.language import KL, E, H, Name, Node, density, ln, mul, names, series
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Density, Model, Pick, equation, indexed, states

x, n, size, theta = names("x n N theta")
p_data, p_theta = density("p_data"), density("p_theta")
data, model = p_data(x), p_theta(x)
each = p_theta(Name("x", (n,)))


def binomial(pick: Pick) -> Model:
    """The number of heads in two throws of a coin, seen four to six times."""
    observed = [0, 1, 2, *(pick(0, 2) for _ in range(pick(1, 3)))]
    head = Fraction(pick(1, 5), 6)
    return _model(observed, ((1 - theta) ** 2, mul(2 * theta, 1 - theta), theta**2), head, head / 2)


def geometric(pick: Pick) -> Model:
    """The place of the first head in three throws, where the last value stands for none."""
    observed = [0, 1, 2, 3, *(pick(0, 3) for _ in range(pick(0, 9)))]
    head = Fraction(pick(1, 9), 10)
    tail = 1 - theta
    return _model(observed, (theta, theta * tail, theta * tail**2, tail**3), head, (1 + head) / 2)


def _model(observed: list[int], chances: tuple[Node, ...], head: Fraction, other: Fraction) -> Model:
    observed, values = sorted(observed), tuple(range(len(chances)))
    shares = {(value,): Fraction(observed.count(value), len(observed)) for value in values}
    family = {f"chance_{value}": chance for value, chance in enumerate(chances)}
    return Model(
        values={**indexed("x", observed), **states("share", shares), **family, "N": len(observed), "theta": head},
        second={"theta": other},
        spaces={"x": values},
        densities={
            "p_data": (Density(("x",), Name("share", (x,))),),
            "p_theta": (Density(("x",), Name("chance", (x,))),),
        },
        given=(
            *(equation(Name(f"x_{place}"), value) for place, value in enumerate(observed, 1)),
            *(equation(p_theta(equation(x, value)), chance) for value, chance in enumerate(chances)),
            equation(theta, head),
        ),
    )


def mean(body: Node) -> Node:
    """Minus the average over the data."""
    return -mul(1 / size, body)


def every(body: Node) -> Node:
    """The sum over the data."""
    return series("n", 1, size, body)


lines = (
    Line("likelihood", mean(ln(series("n", 1, size, each, "product"))), "start"),
    Line("log", mean(every(ln(each))), reason="logarithm_of_a_product"),
    Line("expectation", -E(data, ln(model)), reason="empirical_distribution"),
    Line("insert", E(data, ln(data / model)) - E(data, ln(data)), reason="add_and_subtract"),
    Line("split", KL(data, model) + H(data), reason="definitions"),
    Line("divergence", KL(data, model), "constant", reason="entropy_is_constant", varies="theta"),
)

DERIVATION = Derivation(
    name="maximum_likelihood",
    lines=lines,
    flaws=(
        Flaw("takes_the_logarithm_of_a_sum", "log", mean(ln(every(each)))),
        Flaw("forgets_the_logarithm", "log", mean(every(each))),
        Flaw("forgets_the_mean", "log", -every(ln(each))),
        Flaw("averages_under_the_model", "expectation", -E(model, ln(model))),
        Flaw("averages_the_logarithm_of_the_data", "expectation", -E(data, ln(data))),
        Flaw("moves_the_logarithm_out", "expectation", -ln(E(data, model))),
        Flaw("turns_the_ratio_over", "insert", E(data, ln(model / data)) - E(data, ln(data))),
        Flaw("counts_the_data_twice", "insert", E(data, ln(data / model)) + E(data, ln(data))),
        Flaw("swaps_the_divergence", "split", KL(model, data) + H(data)),
        Flaw("subtracts_the_entropy", "split", KL(data, model) - H(data)),
        Flaw("takes_the_entropy_of_the_model", "split", KL(data, model) + H(model)),
        Flaw("reverses_the_divergence", "divergence", KL(model, data)),
        Flaw("maximises_the_divergence", "divergence", -KL(data, model)),
        Flaw("keeps_the_entropy_of_the_model", "divergence", H(model)),
    ),
    worlds=(binomial, geometric),
    values=("expectation", "divergence"),
)
