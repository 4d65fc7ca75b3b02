"""Sinusoidal positions: the encoding of t + k is a rotation of that of t, and inner products depend on k only.

Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.5. PE_i(t) = (sin(omega_i t), cos(omega_i t)) is the pair of
entries of one frequency; there are m of them. Angles are in radians.
"""

from collections.abc import Sequence
from fractions import Fraction

from quizgen.expr import Grid
from solvers.derivations.language import Call, Name, Node, density, dot, equal, mul, names, norm2, num, series
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, indexed

i, k, m, omega_i, t, u = names("i k m omega_i t u")
encoding = density("PE_i")


def two_frequencies(pick: Pick) -> Model:
    """Two frequencies and small positions."""
    return sinusoids((Fraction(1), Fraction(1, pick(2, 5))), pick(1, 6), pick(1, 4), pick(1, 2))


def three_frequencies(pick: Pick) -> Model:
    """Three frequencies and an offset that may be negative."""
    return sinusoids((Fraction(1), Fraction(1, 10), Fraction(1, 100)), pick(0, 40), pick(-20, 20), pick(1, 3))


def sinusoids(frequencies: Sequence[Fraction], position: int, offset: int, one: int) -> Model:
    """An encoding with these frequencies at a position, and at another; one frequency is looked at."""
    known = {place: Name("omega", (num(place),)) for place in range(1, len(frequencies) + 1)}
    return Model(
        values={
            **indexed("omega", frequencies),
            "omega_i": Name("omega", (i,)),
            "m": len(frequencies),
            "i": one,
            "t": position,
            "k": offset,
        },
        functions={
            f"PE_{place}": (("u",), column(sin(mul(each, u)), cos(mul(each, u)))) for place, each in known.items()
        },
        given=(
            equation(m, len(frequencies)),
            *(equation(each, frequencies[place - 1]) for place, each in known.items()),
            equation(i, one),
            equation(t, position),
            equation(k, offset),
        ),
    )


def sin(angle: Node) -> Node:
    """The sine."""
    return Call("sin", (angle,))


def cos(angle: Node) -> Node:
    """The cosine."""
    return Call("cos", (angle,))


def column(*entries: Node) -> Node:
    """A vector."""
    return Grid(tuple((entry,) for entry in entries))


def total(body: Node) -> Node:
    """The sum over all frequencies."""
    return series("i", 1, m, body)


here, step, there = mul(omega_i, t), mul(omega_i, k), mul(omega_i, t + k)
pair = column(sin(here), cos(here))
sine = mul(sin(here), cos(step)) + mul(cos(here), sin(step))
cosine = mul(cos(here), cos(step)) - mul(sin(here), sin(step))
rotation = Grid(((cos(step), sin(step)), (-sin(step), cos(step))))
inner = dot(encoding(t), encoding(t + k))
distance = norm2(encoding(t + k) - encoding(t))
apart = 2 - mul(num(2), cos(step))

WRONG: dict[str, Node] = {
    "forgets_the_two": 1 - cos(step),
    "adds_the_product": 2 + mul(num(2), cos(step)),
    "counts_the_product_once": 2 - cos(step),
    "takes_the_whole_angle": 2 - mul(num(2), cos(there)),
}

DERIVATION = Derivation(
    name="sinusoidal_positions",
    lines=(
        Line("moved", encoding(t + k), "start"),
        Line("definition", column(sin(there), cos(there)), reason="definition_of_the_encoding"),
        Line("addition", column(sine, cosine), reason="addition_theorems"),
        Line("matrix", mul(rotation, pair), reason="linear_in_the_pair"),
        Line("result", mul(rotation, encoding(t)), reason="recognise_the_encoding"),
        Line("inner", equal(inner, cos(step)), "holds", reason="sum_of_squares"),
        Line("whole", equal(total(inner), total(cos(step))), "holds", reason="add_the_frequencies", needs=("inner",)),
        Line("distance", equal(distance, apart), "holds", reason="expand_the_square", needs=("inner",)),
    ),
    flaws=(
        Flaw("forgets_the_frequency", "definition", column(sin(here + k), cos(here + k))),
        Flaw("moves_backwards", "definition", column(sin(mul(omega_i, t - k)), cos(mul(omega_i, t - k)))),
        Flaw("exchanges_the_entries", "definition", column(cos(there), sin(there))),
        Flaw("adds_the_sines", "addition", column(sin(here) + sin(step), cos(here) + cos(step))),
        Flaw(
            "keeps_the_plus",
            "addition",
            column(sine, mul(cos(here), cos(step)) + mul(sin(here), sin(step))),
        ),
        Flaw(
            "multiplies_like_with_like",
            "addition",
            column(mul(sin(here), sin(step)) + mul(cos(here), cos(step)), cosine),
        ),
        Flaw("rotates_back", "matrix", mul(Grid(((cos(step), -sin(step)), (sin(step), cos(step)))), pair)),
        Flaw("forgets_the_minus", "matrix", mul(Grid(((cos(step), sin(step)), (sin(step), cos(step)))), pair)),
        Flaw("swaps_sine_and_cosine", "matrix", mul(Grid(((sin(step), cos(step)), (cos(step), -sin(step)))), pair)),
        Flaw("adds_the_encodings", "result", encoding(t) + encoding(k)),
        Flaw("rotates_the_offset", "result", mul(rotation, encoding(k))),
        Flaw("adds_the_positions", "inner", equal(inner, cos(mul(omega_i, 2 * t + k)))),
        Flaw("takes_the_sine", "inner", equal(inner, sin(step))),
        Flaw("keeps_the_position", "inner", equal(inner, mul(cos(here), cos(there)))),
        Flaw("adds_the_angles", "whole", equal(total(inner), cos(total(step)))),
        Flaw("averages_the_frequencies", "whole", equal(total(inner), mul(1 / m, total(cos(step))))),
        *(Flaw(name, "distance", equal(distance, tree)) for name, tree in WRONG.items()),
    ),
    worlds=(two_frequencies, three_frequencies),
    blanks=(Blank("distance", apart, {"omega_i": "real", "t": "real", "k": "real"}, WRONG),),
)
