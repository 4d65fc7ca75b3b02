"""Backpropagation through one residual block y = x + F(x), F(x) = W_2 phi(W_1 x): the identity beside the branch.

Source: He et al. 2016, "Deep residual learning", arXiv:1512.03385, section 3.2, and "Identity mappings",
arXiv:1603.05027, section 2. Vectors are columns; a Jacobian has a row for each output; phi acts entry by entry; no bias
and no nonlinearity after the addition.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from quizgen.expr import Grid
from solvers.derivations.language import Call, Node, density, equal, grad, jacobian, mul, names, norm2, num
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, grid, indexed

identity, W1, W2, t, u, v, x, y = names("I W1 W2 t u v x y")
F, loss, phi, phi_slope = density("F"), density("L"), density("phi"), density("phi'")


def squares(pick: Pick) -> Model:
    """Two units each, small whole numbers, and the square as activation."""
    return block(pick, Call("hadamard", (v, v)), v**2, lambda number: number**2)


def rectified(pick: Pick) -> Model:
    """The same with ReLU."""
    rectifier = Call("relu", (v,))
    return block(pick, rectifier, rectifier, lambda number: max(number, Fraction(0)))


def block(pick: Pick, activation: Node, shown: Node, run: Callable[[Fraction], Fraction]) -> Model:
    """A block with small weights, and half the squared distance from a target as the loss."""
    first = [[pick(-2, 2) for _ in range(2)] for _ in range(2)]
    second = [[pick(-1, 1) for _ in range(2)] for _ in range(2)]
    start, target = [pick(-2, 2) for _ in range(2)], [pick(-2, 2) for _ in range(2)]
    hidden = [run(inner) for inner in times(first, [Fraction(entry) for entry in start])]
    output = [entry + change for entry, change in zip(start, times(second, hidden), strict=True)]
    return Model(
        values={
            **grid("I", [[1, 0], [0, 1]]),
            **grid("W1", first),
            **grid("W2", second),
            **indexed("x", start),
            **indexed("y", output),
            **indexed("t", target),
        },
        functions={
            "phi": (("v",), activation),
            "F": (("u",), mul(W2, phi(W1 * u))),
            "L": (("u",), norm2(u - t) / num(2)),
        },
        given=(
            equation(W1, matrix(first)),
            equation(W2, matrix(second)),
            equation(phi(v), shown),
            equation(x, matrix([[entry] for entry in start])),
            equation(loss(y), norm2(y - matrix([[entry] for entry in target])) / num(2)),
        ),
    )


def times(rows: Sequence[Sequence[int]], vector: Sequence[Fraction]) -> list[Fraction]:
    """A matrix times a vector."""
    return [sum((a * b for a, b in zip(row, vector, strict=True)), Fraction(0)) for row in rows]


def matrix(rows: Sequence[Sequence[int]]) -> Node:
    """Rows of whole numbers as a matrix."""
    return Grid(tuple(tuple(num(entry) for entry in row) for row in rows))


def transposed(tree: Node) -> Node:
    """The transpose."""
    return Call("transpose", (tree,))


def diagonal(tree: Node) -> Node:
    """The matrix with a vector on its diagonal."""
    return Call("diag", (tree,))


outer = grad(y, loss(y))
slopes = diagonal(phi_slope(W1 * x))
branch = mul(W2, slopes, W1)
backward = mul(transposed(W1), slopes, transposed(W2), outer)

lines = (
    Line("gradient", grad(x, loss(x + F(x))), "start"),
    Line("chain", mul(transposed(jacobian(x, x + F(x))), outer), reason="chain_rule_of_the_loss"),
    Line("sum", mul(transposed(identity + jacobian(x, F(x))), outer), reason="derivative_of_the_sum"),
    Line("branch", equal(jacobian(x, F(x)), branch), "holds", reason="chain_rule_of_the_branch"),
    Line("inserted", mul(transposed(identity + branch), outer), reason="insert_the_branch", needs=("sum", "branch")),
    Line("result", outer + backward, reason="transpose_the_product"),
)

DERIVATION = Derivation(
    name="residual_block",
    lines=lines,
    flaws=(
        Flaw("takes_the_loss_at_the_input", "chain", mul(transposed(jacobian(x, x + F(x))), grad(x, loss(x)))),
        Flaw("forgets_the_transpose", "chain", mul(jacobian(x, x + F(x)), outer)),
        Flaw("drops_the_shortcut", "sum", mul(transposed(jacobian(x, F(x))), outer)),
        Flaw("loses_the_transpose", "sum", mul(identity + jacobian(x, F(x)), outer)),
        Flaw("reverses_the_layers", "branch", equal(jacobian(x, F(x)), mul(W1, slopes, W2))),
        Flaw("takes_the_slope_at_the_input", "branch", equal(jacobian(x, F(x)), mul(W2, diagonal(phi_slope(x)), W1))),
        Flaw("takes_the_value_for_the_slope", "branch", equal(jacobian(x, F(x)), mul(W2, diagonal(phi(W1 * x)), W1))),
        Flaw("forgets_the_activation", "branch", equal(jacobian(x, F(x)), mul(W2, W1))),
        Flaw(
            "keeps_the_order_of_the_layers",
            "result",
            outer + mul(transposed(W2), slopes, transposed(W1), outer),
        ),
        Flaw("transposes_nothing", "result", outer + mul(W2, slopes, W1, outer)),
        Flaw("loses_the_shortcut", "result", backward),
    ),
    worlds=(squares, rectified),
)
