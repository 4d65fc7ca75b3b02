"""A 1-D convolution layer as a product with a Toeplitz matrix, and its backward pass: the kernel is flipped.

Source: Dumoulin & Visin 2016, arXiv:1603.07285, sections 4.1 and 4.2. Cross-correlation, one channel, stride 1, no
padding: y_i = sum_a w_a x_{i+a-1}; T_{i,r} = w_{r-i+1}, where w is 0 outside of the kernel. n inputs, K weights,
m = n - K + 1 outputs, all counted from 1; delta_i is the derivative of the loss by y_i, and 0 for other i.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from quizgen.expr import Grid
from solvers.derivations.language import Call, Name, Node, equal, jacobian, mul, names, num, series
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, grid, indexed

K, L, T, a, i, j, m, n, r = names("K L T a i j m n r")

SIZES = ((5, 3), (5, 2), (6, 3))
"""Lengths of inputs and kernels."""


def whole(pick: Pick) -> Model:
    """Small whole numbers, and a loss that is linear in the outputs."""
    inputs, weights = SIZES[pick(0, 2)]
    outputs = inputs - weights + 1
    numbers = {"x": signed(pick, inputs), "w": signed(pick, weights), "delta": signed(pick, outputs)}
    row = pick(1, 2)
    column = pick(row, min(row + weights - 1, outputs))
    given = [equal(Name(name), Grid(tuple((num(entry),) for entry in entries))) for name, entries in numbers.items()]
    slopes = indexed("delta", numbers["delta"])
    return layer(numbers["x"], numbers["w"], (row, column), slopes, outputs_sum(mul(delta(i), y(i))), given)


def squared_loss(pick: Pick) -> Model:
    """Fractions, and half the squared distance from some targets as the loss."""
    inputs, weights = ([Fraction(pick(-6, 6), 4) for _ in range(size)] for size in (6, 3))
    targets = indexed("t", [Fraction(pick(-3, 3), 2) for _ in range(4)])
    slopes = {f"delta_{place}": y(num(place)) - Name(f"t_{place}") for place in range(1, 5)}
    distance = outputs_sum((y(i) - Name("t", (i,))) ** 2) / 2
    row = 4 - pick(0, 2)
    return layer(inputs, weights, (row, pick(row, 4)), {**targets, **slopes}, distance)


def signed(pick: Pick, count: int) -> list[int]:
    """Small whole numbers other than 0."""
    return [pick(1, 4) * (-1) ** pick(0, 1) for _ in range(count)]


def layer(
    inputs: Sequence[Fraction | int],
    weights: Sequence[Fraction | int],
    places: tuple[int, int],
    slopes: Mapping[str, Fraction | int | Node],
    loss: Node,
    numbers: Sequence[Node] = (),
) -> Model:
    """A layer with its loss; one output and one input are looked at."""
    width, size = len(inputs), len(weights)
    outputs = width - size + 1
    kernel = {place: weights[place - 1] if 1 <= place <= size else 0 for place in range(-width, 2 * width)}
    sizes = {"n": width, "K": size, "m": outputs, "i": places[0], "j": places[1]}
    return Model(
        values={
            **sizes,
            **indexed("delta", dict.fromkeys(range(-width, 2 * width), 0)),
            **indexed("x", inputs),
            **indexed("w", kernel),
            **grid("T", [[kernel[column - row] for column in range(1, width + 1)] for row in range(outputs)]),
            **{f"y_{place}": series("a", 1, K, mul(w(a), x(num(place) + a - 1))) for place in range(1, outputs + 1)},
            **slopes,
            "L": loss,
        },
        given=(*(equation(Name(name), size) for name, size in sizes.items()), *numbers),
    )


def delta(index: Node) -> Name:
    """The derivative of the loss by an output."""
    return Name("delta", (index,))


def w(index: Node) -> Name:
    """A weight of the kernel."""
    return Name("w", (index,))


def x(index: Node) -> Name:
    """An input."""
    return Name("x", (index,))


def y(index: Node) -> Name:
    """An output."""
    return Name("y", (index,))


def matrix(row: Node, column: Node) -> Name:
    """An entry of the matrix."""
    return Name("T", (row, column))


def outputs_sum(body: Node) -> Node:
    """The sum over all outputs."""
    return series("i", 1, m, body)


def inputs_sum(body: Node) -> Node:
    """The sum over all inputs."""
    return series("r", 1, n, body)


def kernel_sum(body: Node) -> Node:
    """The sum over the kernel."""
    return series("a", 1, K, body)


slope = jacobian(x(j), y(i))
transposed = Call("entry", (Call("transpose", (T,)), j, i))

DERIVATION = Derivation(
    name="convolution_matrix",
    lines=(
        Line("gradient", jacobian(x(j), L), "start"),
        Line("chain", outputs_sum(mul(delta(i), slope)), reason="chain_rule"),
        Line("forward", equal(y(i), inputs_sum(mul(w(r - i + 1), x(r)))), "holds", reason="rename_the_input"),
        Line("matrix", equal(slope, matrix(i, j)), "holds", reason="linear_in_the_inputs", needs=("forward",)),
        Line("transposed", outputs_sum(mul(transposed, delta(i))), reason="transpose", needs=("chain", "matrix")),
        Line("kernel", outputs_sum(mul(w(j - i + 1), delta(i))), reason="entries_of_the_matrix"),
        Line("flipped", kernel_sum(mul(w(a), delta(j - a + 1))), reason="rename_the_weight"),
    ),
    flaws=(
        Flaw("follows_one_output", "chain", mul(delta(j), jacobian(x(j), y(j)))),
        Flaw("flips_the_kernel", "forward", equal(y(i), inputs_sum(mul(w(i - r + K), x(r))))),
        Flaw("counts_from_zero", "forward", equal(y(i), inputs_sum(mul(w(r - i), x(r))))),
        Flaw("stays_at_the_first_window", "forward", equal(y(i), kernel_sum(mul(w(a), x(a))))),
        Flaw("swaps_the_indices", "matrix", equal(slope, matrix(j, i))),
        Flaw("keeps_the_input", "matrix", equal(slope, mul(matrix(i, j), x(j)))),
        Flaw("takes_the_weight_of_the_input", "matrix", equal(slope, w(j))),
        Flaw("forgets_to_transpose", "transposed", outputs_sum(mul(matrix(j, i), delta(i)))),
        Flaw("sends_the_outputs_back", "transposed", outputs_sum(mul(transposed, y(i)))),
        Flaw("turns_the_difference_round", "kernel", outputs_sum(mul(w(i - j + 1), delta(i)))),
        Flaw("does_not_flip", "flipped", kernel_sum(mul(w(a), delta(j + a - 1)))),
        Flaw("flips_twice", "flipped", kernel_sum(mul(w(K - a + 1), delta(j - a + 1)))),
        Flaw("shifts_by_one", "flipped", kernel_sum(mul(w(a), delta(j - a)))),
    ),
    worlds=(whole, squared_loss),
    values=("kernel", "flipped"),
)
