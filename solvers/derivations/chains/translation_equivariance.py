"""A circular convolution of a shifted signal is the shifted convolution, and so is a layer with an activation.

Source: Bronstein et al. 2021, arXiv:2104.13478, section 4.2. z_i = sum_j w_{i-j} v_j for the shifted signal
v_i = x_{i-s}, y_i = sum_j w_{i-j} x_j; indices from 0, modulo n. T is the circulant matrix of the kernel, S the shift:
(S x)_i = x_{i-s}.
"""

from collections.abc import Sequence
from fractions import Fraction

from quizgen.expr import Grid
from solvers.derivations.language import Call, Name, Node, equal, mul, names, num, series
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

S, T, i, j, n, r, s, x = names("S T i j n r s x")


def short(pick: Pick) -> Model:
    """Four or five small whole numbers."""
    size = pick(4, 5)
    signal = [pick(-4, 5) for _ in range(size)]
    kernel = [pick(-3, 3) for _ in range(size)]
    return circle(signal, kernel, 1 if size == 4 else pick(1, 2), pick(0, size - 1))


def long(pick: Pick) -> Model:
    """Seven fractions with a kernel of three."""
    signal = [Fraction(pick(-9, 9), 5) for _ in range(7)]
    return circle(signal, [Fraction(pick(1, 5), 3) if place < 3 else 0 for place in range(7)], pick(1, 6), pick(0, 6))


def circle(signal: Sequence[Fraction | int], kernel: Sequence[Fraction | int], shift: int, place: int) -> Model:
    """A signal and a kernel of one length, the signal shifted; one place is looked at."""
    size = len(signal)
    places = range(size)
    outputs = [whole_circle(mul(w(num(one) - j), Name("x", (j,)))) for one in places]
    shifted = [whole_circle(mul(w(num(one) - j), v(j))) for one in places]
    return Model(
        values={
            **periodic("x", signal),
            **periodic("w", kernel),
            **periodic("v", [signal[one - shift] for one in places]),
            **periodic("y", outputs),
            **periodic("z", shifted),
            "x": column(signal),
            "T": matrix([[kernel[row - other] for other in places] for row in places]),
            "S": matrix([[int((row - other - shift) % size == 0) for other in places] for row in places]),
            "n": size,
            "s": shift,
            "i": place,
        },
        given=(
            equation(n, size),
            equation(s, shift),
            equation(i, place),
            equation(x, column(signal)),
            equation(Name("w"), column(kernel)),
        ),
    )


def periodic(name: str, entries: Sequence[Fraction | int | Node]) -> dict[str, Fraction | int | Node]:
    """Entries that repeat, from two periods before to two periods after."""
    size = len(entries)
    return {f"{name}_{place}": entries[place % size] for place in range(-2 * size, 2 * size)}


def column(entries: Sequence[Fraction | int]) -> Node:
    """A vector."""
    return matrix([[entry] for entry in entries])


def matrix(rows: Sequence[Sequence[Fraction | int]]) -> Node:
    """A matrix."""
    return Grid(tuple(tuple(map(num, row)) for row in rows))


def whole_circle(body: Node) -> Node:
    """The sum over one period."""
    return series("j", 0, n - 1, body)


def entry(name: str, index: Node) -> Name:
    """An entry of a signal."""
    return Name(name, (index,))


def w(index: Node) -> Name:
    """A weight of the kernel."""
    return entry("w", index)


def v(index: Node) -> Name:
    """An entry of the shifted signal."""
    return entry("v", index)


def relu(tree: Node) -> Node:
    """The activation."""
    return Call("relu", (tree,))


def renamed(low: Node | int, high: Node, weight: Node) -> Node:
    """The sum after the renaming."""
    return series("r", low, high, mul(weight, entry("x", r)))


moved, layered = mul(T, S, x), relu(mul(T, S, x))

DERIVATION = Derivation(
    name="translation_equivariance",
    lines=(
        Line("output", entry("z", i), "start"),
        Line("definition", whole_circle(mul(w(i - j), v(j))), reason="definition_of_convolution"),
        Line("shifted", whole_circle(mul(w(i - j), entry("x", j - s))), reason="definition_of_the_shift"),
        Line("renamed", renamed(-s, n - 1 - s, w(i - s - r)), reason="rename_the_index"),
        Line("period", renamed(0, n - 1, w(i - s - r)), reason="periodicity"),
        Line("result", entry("y", i - s), reason="recognise_the_convolution"),
        Line("matrices", equal(moved, mul(S, T, x)), "holds", reason="all_places_at_once", needs=("result",)),
        Line("layer", equal(layered, mul(S, relu(mul(T, x)))), "holds", reason="entry_by_entry", needs=("matrices",)),
    ),
    flaws=(
        Flaw("forgets_the_shift", "definition", whole_circle(mul(w(i - j), entry("x", j)))),
        Flaw("turns_the_kernel_round", "definition", whole_circle(mul(w(j - i), v(j)))),
        Flaw("shifts_the_other_way", "shifted", whole_circle(mul(w(i - j), entry("x", j + s)))),
        Flaw("shifts_the_kernel_too", "shifted", whole_circle(mul(w(i - j - s), entry("x", j - s)))),
        Flaw("renames_the_signal_only", "renamed", renamed(-s, n - 1 - s, w(i - r))),
        Flaw("adds_the_shift", "renamed", renamed(-s, n - 1 - s, w(i + s - r))),
        Flaw("moves_the_limits_up", "renamed", renamed(s, n - 1, w(i - s - r))),
        Flaw("cuts_off_the_border", "period", renamed(0, n - 1 - s, w(i - s - r))),
        Flaw("claims_invariance", "result", entry("y", i)),
        Flaw("shifts_the_output_back", "result", entry("y", i + s)),
        Flaw("shifts_twice", "result", entry("z", i - s)),
        Flaw("absorbs_the_shift", "matrices", equal(moved, mul(T, x))),
        Flaw("inverts_the_shift", "matrices", equal(moved, mul(Call("transpose", (S,)), T, x))),
        Flaw("moves_the_activation_inside", "layer", equal(layered, mul(S, T, relu(x)))),
        Flaw("makes_the_layer_invariant", "layer", equal(layered, relu(mul(T, x)))),
    ),
    worlds=(short, long),
    values=("shifted",),
)
