"""Why gradients vanish in a plain stack of layers: a product of slopes w_n phi'(z_n), below a power of the largest.

Source: Glorot & Bengio 2010, section 2.3; Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section 2.1.
One unit in each layer, without bias: z_n = w_n a_{n-1}, a_n = phi(z_n), n = 1 to N.
"""

from collections.abc import Sequence
from fractions import Fraction

from solvers.derivations.language import Call, Name, Node, density, equal, exp, jacobian, mul, names, num, series
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

N, n, s, u = names("N n s u")
loss, loss_slope = density("L"), density("L'")
phi, phi_slope = density("phi"), density("phi'")


def indexed(name: str, index: Node | int) -> Name:
    """A quantity of one layer."""
    return Name(name, (num(index) if isinstance(index, int) else index,))


def a(index: Node | int) -> Name:
    """An activation; a_0 is the input."""
    return indexed("a", index)


w, z = indexed("w", n), indexed("z", n)


def size(tree: Node) -> Node:
    """The absolute value."""
    return Call("abs", (tree,))


def softsign(pick: Pick) -> Model:
    """Three layers with the activation u / (1 + |u|), whose largest slope is between 7/10 and 1."""
    while True:
        before = start = Fraction(1, pick(1, 3))
        weights, slopes = [], []
        for _ in range(3):
            inner = Fraction(pick(1, 3), pick(1, 3))
            weights.append(inner / before)
            slopes.append(weights[-1] / (1 + inner) ** 2)
            before = inner / (1 + inner)
        largest = max(slopes)
        if Fraction(7, 10) <= largest < 1 and largest.denominator <= 12 and min(slopes) > Fraction(2, 5):
            break
    signs = [(-1) ** pick(0, 1) for _ in weights]
    odd = [sign * weight for sign, weight in zip(signs, weights, strict=True)]
    return network(u / (1 + size(u)), odd, start, pick(3, 5), largest)


def hyperbolic(pick: Pick) -> Model:
    """Six layers of tanh with weights below 1."""
    weights = [Fraction(pick(5, 9), 10) for _ in range(6)]
    return network(Call("tanh", (u,)), weights, Fraction(pick(1, 4), 2), 2, max(weights))


def network(activation: Node, weights: Sequence[Fraction], start: Fraction, target: int, largest: Fraction) -> Model:
    """Layers with these weights, and half the squared distance from a target as the loss."""
    places = range(1, len(weights) + 1)
    inner = {f"z_{place}": indexed("w", place) * a(place - 1) for place in places}
    outer: dict[str, Node] = {f"a_{place}": phi(indexed("z", place)) for place in places}
    distance = (u - target) ** 2 / num(2)
    return Model(
        values={
            "N": len(weights),
            "n": 2,
            "s": largest,
            "a_0": start,
            **{f"w_{place}": weight for place, weight in zip(places, weights, strict=True)},
            **inner,
            **outer,
        },
        functions={"phi": (("u",), activation), "L": (("u",), distance)},
        given=(
            equation(N, len(weights)),
            equation(a(0), start),
            *(equation(indexed("w", place), weight) for place, weight in zip(places, weights, strict=True)),
            equation(phi(u), activation),
            equation(loss(u), distance),
            equation(s, largest),
            equation(n, 2),
        ),
    )


steepness = size(loss_slope(a(N)))


def backward(body: Node) -> Node:
    """What the size of the loss's slope at the output is multiplied by."""
    return mul(steepness, body)


def layer(place: Node | int) -> Node:
    """The size of the slope of one layer."""
    return size(mul(indexed("w", place), phi_slope(indexed("z", place))))


def layers(body: Node, operator: str = "product", last: Node = N) -> Node:
    """A product over all layers."""
    return series("n", 1, last, body, operator)


before, after = jacobian(a(0), a(n - 1)), jacobian(a(0), a(n))
slope, decay = mul(w, phi_slope(z)), exp(-(N * (1 - s)))

lines = (
    Line("gradient", size(jacobian(a(0), loss(a(N)))), "start"),
    Line("chain", backward(size(jacobian(a(0), a(N)))), reason="chain_rule_of_the_loss"),
    Line("layer", equal(after, mul(w, phi_slope(z), before)), "holds", reason="chain_rule_of_a_layer"),
    Line("product", backward(layers(size(slope))), reason="apply_to_every_layer", needs=("chain", "layer")),
    Line("bound", backward(s**N), "at_most", reason="largest_slope", gap=backward(s**N - layers(size(slope)))),
    Line("decay", backward(decay), "at_most", reason="logarithm_below_its_tangent", gap=backward(decay - s**N)),
)

DERIVATION = Derivation(
    name="plain_stack",
    lines=lines,
    flaws=(
        Flaw("takes_the_loss_at_the_input", "chain", mul(size(loss_slope(a(0))), size(jacobian(a(0), a(N))))),
        Flaw("forgets_the_slope_of_the_loss", "chain", size(jacobian(a(0), a(N)))),
        Flaw("forgets_the_weight", "layer", equal(after, mul(phi_slope(z), before))),
        Flaw("takes_the_value_for_the_slope", "layer", equal(after, mul(w, phi(z), before))),
        Flaw("takes_the_slope_at_the_input_of_the_layer", "layer", equal(after, mul(w, phi_slope(a(n - 1)), before))),
        Flaw("adds_the_slopes", "product", backward(layers(size(slope), "sum"))),
        Flaw("multiplies_the_activation_slopes_only", "product", backward(layers(size(phi_slope(z))))),
        Flaw("misses_the_last_layer", "product", backward(layers(size(slope), last=N - 1))),
        Flaw("drops_the_slope_of_the_loss", "bound", s**N),
        Flaw("takes_the_bound_for_the_rate", "decay", backward(exp(-(N * s)))),
    ),
    worlds=(softsign, hyperbolic),
    values=("product", "bound"),
    working={"product": (a(N), steepness, *map(layer, (1, 2, 3))), "bound": (a(N), steepness)},
)
