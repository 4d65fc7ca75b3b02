"""Backpropagation through N residual blocks: the slope is a product of 1 + F_n'(a_n), not 1 plus a sum of slopes.

Source: He et al. 2016, "Identity mappings in deep residual networks", arXiv:1603.05027, equations 3 to 5. One unit in
each layer, a_{n+1} = a_n + F_n(a_n), no nonlinearity after the addition.
"""

from collections.abc import Sequence

from solvers.derivations.language import D, Name, Node, density, equal, jacobian, mul, names, num, series
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, fraction

N, n, u = names("N n u")
loss, loss_slope = density("L"), density("L'")
F, F_slope = density("F_n"), density("F_n'")


def a(index: Node | int) -> Name:
    """An activation; a_0 is the input."""
    return Name("a", (num(index) if isinstance(index, int) else index,))


def two_blocks(pick: Pick) -> Model:
    """Two blocks whose branches are multiples of the square."""
    branches = [signed(pick, fraction(pick, 1, 3, 2) * u**2) for _ in range(2)]
    return network(branches, pick(1, 2) * (-1) ** pick(0, 1), pick(1, 3))


def four_blocks(pick: Pick) -> Model:
    """Four blocks with branches of several degrees."""
    branches = [signed(pick, fraction(pick, 1, 4, 5) * u**power) for power in (1, 2, 3, 2)]
    return network(branches, 1, pick(1, 3))


def signed(pick: Pick, tree: Node) -> Node:
    """The tree or its negative."""
    return -tree if pick(0, 1) else tree


def network(branches: Sequence[Node], start: int, target: int) -> Model:
    """Residual blocks with these branches and half the squared distance from a target as the loss."""
    blocks = {f"F_{place}": (("u",), branch) for place, branch in enumerate(branches)}
    sums = {f"a_{place + 1}": a(place) + density(f"F_{place}")(a(place)) for place in range(len(branches))}
    distance = (u - target) ** 2 / num(2)
    return Model(
        values={"N": len(branches), "n": 1, "a_0": start, **sums},
        functions={**blocks, "L": (("u",), distance)},
        given=(
            equation(N, len(branches)),
            equation(a(0), start),
            *(equation(density(block)(u), branch) for block, (_, branch) in blocks.items()),
            equation(loss(u), distance),
            equation(n, 1),
        ),
    )


def blocks(body: Node, operator: str = "sum", last: Node = N - 1) -> Node:
    """A sum or a product over all blocks."""
    return series("n", 0, last, body, operator)


def backward(body: Node) -> Node:
    """What the slope of the loss at the output is multiplied by."""
    return mul(loss_slope(a(N)), body)


slopes = (density(f"F_{place}'")(a(place)) for place in (0, 1))
before, after = jacobian(a(0), a(n)), jacobian(a(0), a(n + 1))

lines = (
    Line("gradient", jacobian(a(0), loss(a(N))), "start"),
    Line("chain", backward(jacobian(a(0), a(N))), reason="chain_rule_of_the_loss"),
    Line("unrolled", equal(a(N), a(0) + blocks(F(a(n)))), "holds", reason="unroll_the_blocks"),
    Line(
        "sum",
        backward(1 + D(a(0), blocks(F(a(n))))),
        reason="derivative_of_the_sum",
        needs=("chain", "unrolled"),
    ),
    Line("block", equal(after, (1 + F_slope(a(n))) * before), "holds", reason="chain_rule_of_a_block"),
    Line(
        "product",
        backward(blocks(1 + F_slope(a(n)), "product")),
        reason="apply_to_every_block",
        needs=("chain", "block"),
    ),
)

DERIVATION = Derivation(
    name="deep_residual",
    lines=lines,
    flaws=(
        Flaw("takes_the_loss_at_the_input", "chain", mul(loss_slope(a(0)), jacobian(a(0), a(N)))),
        Flaw("feeds_the_input_to_every_block", "unrolled", equal(a(N), a(0) + blocks(F(a(0))))),
        Flaw("drops_the_shortcut", "unrolled", equal(a(N), blocks(F(a(n))))),
        Flaw("forgets_the_slope_of_the_shortcut", "sum", backward(D(a(0), blocks(F(a(n)))))),
        Flaw("takes_the_shortcut_from_the_input", "block", equal(after, 1 + F_slope(a(n)) * before)),
        Flaw("multiplies_without_the_shortcut", "block", equal(after, F_slope(a(n)) * before)),
        Flaw("adds_the_local_slopes", "product", backward(1 + blocks(F_slope(a(n))))),
        Flaw("multiplies_the_branches_only", "product", backward(blocks(F_slope(a(n)), "product"))),
        Flaw("adds_one_to_the_product", "product", backward(1 + blocks(F_slope(a(n)), "product"))),
        Flaw("takes_all_slopes_at_the_input", "product", backward(blocks(1 + F_slope(a(0)), "product"))),
        Flaw("misses_the_last_block", "product", backward(blocks(1 + F_slope(a(n)), "product", N - 2))),
    ),
    worlds=(two_blocks, four_blocks),
    values=("product",),
    working={"product": (a(1), a(2), loss_slope(a(N)), *(1 + slope for slope in slopes))},
)
