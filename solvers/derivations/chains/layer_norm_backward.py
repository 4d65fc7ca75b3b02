"""The backward pass of layer normalisation, in vectors: the features of one token, with a gain for each.

Source: Ba et al. 2016, arXiv:1607.06450, section 3, equation 4 without recurrence. d features; the variance is biased
(divided by d), eps stands inside the root: sigma = sqrt(variance + eps). u is the vector of ones,
e_k that of feature k.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from quizgen.expr import Grid
from solvers.derivations.language import (
    Call,
    D,
    Name,
    Node,
    add,
    dot,
    equal,
    grad,
    mul,
    names,
    norm2,
    num,
    series,
    sqrt,
)
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, indexed
from solvers.derivations.normalisation import spread

L, d, epsilon, g, gamma, h, k, mu, sigma, t, u, x, xhat, y = names("L d epsilon g gamma h k mu sigma t u x xhat y")


def gained(tree: Node) -> Node:
    """A vector times the gain, entry by entry."""
    return Call("hadamard", (gamma, tree))


def whole(pick: Pick) -> Model:
    """Four whole features with a whole deviation, and a loss that is linear in the outputs."""
    features = spread(pick, 4)
    slopes = [pick(1, 3) * (-1) ** pick(0, 1) for _ in features]
    gains = [pick(1, 3) for _ in features]
    shown = {x: features, g: slopes, gamma: gains}
    place = pick(1, 4)
    given = (
        equation(epsilon, 0),
        *(equal(name, column(entries)) for name, entries in shown.items()),
        equation(k, place),
    )
    return token(features, 0, place, gains, indexed("g", slopes), dot(g, y), given)


def squared_loss(pick: Pick) -> Model:
    """Three features, a positive eps and half the squared distance from some targets."""
    features, gains = (pick(-4, -1), pick(0, 2), pick(3, 5)), [Fraction(pick(1, 5), 2) for _ in range(3)]
    targets = indexed("t", [Fraction(pick(-3, 3), 2) for _ in features])
    slopes = {f"g_{place}": Name(f"y_{place}") - Name(f"t_{place}") for place in (1, 2, 3)}
    return token(features, Fraction(1, 10), 2, gains, {**targets, **slopes}, norm2(y - t) / 2)


def column(entries: Sequence[int]) -> Node:
    """A vector."""
    return Grid(tuple((num(entry),) for entry in entries))


def token(
    features: Sequence[int],
    eps: Fraction | int,
    place: int,
    gains: Sequence[Fraction | int],
    slopes: Mapping[str, Fraction | int | Node],
    loss: Node,
    given: tuple[Node, ...] = (),
) -> Model:
    """A token with its loss; the shift is the place of a feature."""
    places = range(1, len(features) + 1)
    normalised = {f"xhat_{place}": (Name(f"x_{place}") - mu) / sigma for place in places}
    outputs = {f"y_{k}": Name(f"gamma_{k}") * Name(f"xhat_{k}") + Name(f"beta_{k}") for k in places}
    return Model(
        values={
            **indexed("x", features),
            **indexed("gamma", gains),
            **indexed("beta", places),
            **indexed("u", [1 for _ in places]),
            **{f"e_{place}": column([int(place == other) for other in places]) for place in places},
            **slopes,
            **normalised,
            **outputs,
            "d": len(features),
            "k": place,
            "epsilon": eps,
            "mu": dot(u, x) / d,
            "sigma": sqrt(dot(x, x) / d - mu**2 + epsilon),
            **{f"h_{k}": mul(Name(f"g_{k}"), D(Name(f"xhat_{k}"), Name(f"y_{k}"))) for k in places},
            "L": loss,
        },
        given=given,
    )


hat_k, h_k = Name("xhat", (k,)), Name("h", (k,))
slope, unit = grad(x, hat_k), Name("e", (k,))
by_mean, by_deviation = grad(x, mu), grad(x, sigma)


def projected(vector: Node) -> Node:
    """What is left of a vector without its parts along u and along xhat, divided by sigma."""
    return mul(1 / sigma, vector - mul(dot(u, vector) / d, u) - mul(dot(xhat, vector) / d, xhat))


DERIVATION = Derivation(
    name="layer_norm_backward",
    lines=(
        Line("gradient", grad(x, L), "start"),
        Line("chain", series("k", 1, d, mul(h_k, slope)), reason="chain_rule"),
        Line("mean", equal(by_mean, u / d), "holds", reason="derivative_of_the_mean"),
        Line("deviation", equal(by_deviation, xhat / d), "holds", reason="derivative_of_the_root"),
        Line(
            "feature",
            equal(slope, mul(1 / sigma, unit - u / d - mul(hat_k / d, xhat))),
            "holds",
            reason="quotient_rule",
            needs=("mean", "deviation"),
        ),
        Line("projected", projected(h), reason="insert_and_sum", needs=("chain", "feature")),
        Line("gain", equal(h, gained(g)), "holds", reason="derivative_of_the_gain"),
        Line("result", projected(gained(g)), reason="insert_the_gain", needs=("projected", "gain")),
    ),
    flaws=(
        Flaw("stays_within_the_feature", "chain", h / sigma),
        Flaw("forgets_to_average", "mean", equal(by_mean, u)),
        Flaw("forgets_the_factor_of_the_mean", "deviation", equal(by_deviation, xhat)),
        Flaw("differentiates_the_variance", "deviation", equal(by_deviation, mul(mul(num(2), sigma) / d, xhat))),
        Flaw("divides_by_the_deviation", "deviation", equal(by_deviation, xhat / mul(d, sigma))),
        Flaw("forgets_the_path_of_the_deviation", "feature", equal(slope, mul(1 / sigma, unit - u / d))),
        Flaw("forgets_the_path_of_the_mean", "feature", equal(slope, mul(1 / sigma, unit - mul(hat_k / d, xhat)))),
        Flaw("adds_the_paths", "feature", equal(slope, mul(1 / sigma, add(unit, u / d, mul(hat_k / d, xhat))))),
        Flaw("forgets_to_divide_by_sigma", "feature", equal(slope, unit - u / d - mul(hat_k / d, xhat))),
        Flaw("forgets_the_mean_of_the_gradient", "projected", mul(1 / sigma, h - mul(dot(xhat, h) / d, xhat))),
        Flaw("forgets_the_last_term", "projected", mul(1 / sigma, h - mul(dot(u, h) / d, u))),
        Flaw("sums_instead_of_averaging", "projected", mul(1 / sigma, h - mul(dot(u, h), u) - mul(dot(xhat, h), xhat))),
        Flaw("forgets_the_gain", "gain", equal(h, g)),
        Flaw("multiplies_by_the_output", "gain", equal(h, Call("hadamard", (xhat, g)))),
        Flaw("applies_the_gain_last", "result", gained(projected(g))),
    ),
    worlds=(whole, squared_loss),
)
