"""The backward pass of batch normalisation: every value of the batch acts on all others through mean and deviation.

Source: Ioffe & Szegedy 2015, arXiv:1502.03167, section 3, the equations before algorithm 2. One feature in a batch of m
examples; the variance is biased (divided by m), eps stands inside the root: sigma = sqrt(variance + eps). g_j is the
derivative of the loss by the normalised value xhat_j; scale and shift belong to the loss.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from solvers.derivations.language import Name, Node, equal, jacobian, mul, names, num, series, sqrt
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, grid, indexed
from solvers.derivations.normalisation import spread

L, epsilon, i, j, m, mu, sigma = names("L epsilon i j m mu sigma")


def entry(name: str, index: Node) -> Name:
    """A quantity of one example of the batch."""
    return Name(name, (index,))


def total(body: Node) -> Node:
    """The sum over the batch."""
    return series("j", 1, m, body)


def mean(body: Node) -> Node:
    """The mean over the batch."""
    return mul(1 / m, total(body))


x_j, g_i, g_j = entry("x", j), entry("g", i), entry("g", j)
hat_i, hat_j, kronecker = entry("xhat", i), entry("xhat", j), Name("delta", (i, j))


def whole(pick: Pick) -> Model:
    """Four or five whole numbers with a whole deviation, and a loss that is linear in the normalised values."""
    values = spread(pick)
    slopes = indexed("g", [pick(1, 4) * (-1) ** pick(0, 1) for _ in values])
    one = pick(1, len(values))
    other = one if pick(0, 3) else pick(1, len(values))
    return batch(values, 0, (one, other), slopes, total(mul(g_j, hat_j)))


def squared_loss(pick: Pick) -> Model:
    """Three numbers, a positive eps and half the squared distance from some targets."""
    values = (pick(-4, -1), pick(0, 2), pick(3, 5))
    targets = indexed("t", [Fraction(pick(-3, 3), 2) for _ in values])
    slopes = {f"g_{place}": entry("xhat", num(place)) - entry("t", num(place)) for place in range(1, 4)}
    distance = mul(num(Fraction(1, 2)), total((hat_j - entry("t", j)) ** 2))
    return batch(values, Fraction(1, 10), (pick(1, 3), pick(1, 3)), {**targets, **slopes}, distance)


def batch(
    values: Sequence[int],
    eps: Fraction | int,
    places: tuple[int, int],
    slopes: Mapping[str, Fraction | int | Node],
    loss: Node,
) -> Model:
    """A batch with its loss; the derivative is asked for one place, and looked at in one other."""
    size = len(values)
    inputs = indexed("x", values)
    normalised = {f"xhat_{place}": (entry("x", num(place)) - mu) / sigma for place in range(1, size + 1)}
    shown = {**inputs, **slopes}
    return Model(
        values={
            **dict(zip("ij", places, strict=True)),
            **shown,
            **normalised,
            **grid("delta", [[int(row == column) for column in range(size)] for row in range(size)]),
            "m": size,
            "epsilon": eps,
            "mu": mean(x_j),
            "sigma": sqrt(mean((x_j - mu) ** 2) + epsilon),
            "L": loss,
        },
        given=(
            equation(m, size),
            equation(epsilon, eps),
            *(equation(entry(key[0], num(int(key[2:]))), value) for key, value in shown.items()),
            equation(i, places[0]),
            equation(j, places[1]),
        ),
    )


slope = jacobian(entry("x", i), hat_j)
by_mean, by_deviation = jacobian(entry("x", i), mu), jacobian(entry("x", i), sigma)
result = mul(1 / sigma, g_i - mean(g_j) - mul(hat_i / m, total(mul(g_j, hat_j))))

DERIVATION = Derivation(
    name="batch_norm_backward",
    lines=(
        Line("gradient", jacobian(entry("x", i), L), "start"),
        Line("chain", total(mul(g_j, slope)), reason="chain_rule"),
        Line(
            "quotient",
            equal(slope, mul(1 / sigma, kronecker - by_mean - mul(hat_j, by_deviation))),
            "holds",
            reason="quotient_rule",
        ),
        Line("mean", equal(by_mean, 1 / m), "holds", reason="derivative_of_the_mean"),
        Line("deviation", equal(by_deviation, hat_i / m), "holds", reason="derivative_of_the_root"),
        Line(
            "inserted",
            total(mul(g_j / sigma, kronecker - 1 / m - mul(hat_i, hat_j) / m)),
            reason="insert_slopes",
            needs=("chain", "quotient", "mean", "deviation"),
        ),
        Line("result", result, reason="collect_sums"),
    ),
    flaws=(
        Flaw("stays_within_the_example", "chain", mul(g_i, jacobian(entry("x", i), hat_i))),
        Flaw("forgets_the_deviation", "quotient", equal(slope, mul(1 / sigma, kronecker - by_mean))),
        Flaw(
            "takes_the_mean_as_constant", "quotient", equal(slope, mul(1 / sigma, kronecker - mul(hat_j, by_deviation)))
        ),
        Flaw(
            "adds_the_deviation",
            "quotient",
            equal(slope, mul(1 / sigma, kronecker - by_mean + mul(hat_j, by_deviation))),
        ),
        Flaw("forgets_to_average", "mean", equal(by_mean, num(1))),
        Flaw("forgets_the_factor_of_the_mean", "deviation", equal(by_deviation, hat_i)),
        Flaw("keeps_the_two", "deviation", equal(by_deviation, mul(num(2), hat_i) / m)),
        Flaw("differentiates_the_variance", "deviation", equal(by_deviation, mul(num(2), sigma, hat_i) / m)),
        Flaw("takes_statistics_as_constants", "result", g_i / sigma),
        Flaw("forgets_the_last_term", "result", mul(1 / sigma, g_i - mean(g_j))),
        Flaw(
            "sums_instead_of_averaging", "result", mul(1 / sigma, g_i - total(g_j) - mul(hat_i, total(mul(g_j, hat_j))))
        ),
        Flaw(
            "averages_separately",
            "result",
            mul(1 / sigma, g_i - mean(g_j) - mul(hat_i / m, total(g_j))),
        ),
    ),
    worlds=(whole, squared_loss),
    values=("result",),
    working={"result": (mu, sigma, hat_i, mean(g_j), total(mul(g_j, hat_j)))},
)
