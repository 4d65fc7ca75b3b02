"""The gradient of the last state of a linear recurrent network h_t = w h_{t-1} in its weight: T w^(T-1) h_0.

Source: Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063, section 1.1, equations 3 to 5. One state, no input and no
nonlinearity; h_0 does not depend on w. The immediate derivative of h_t in w takes h_{t-1} as a constant.
"""

from fractions import Fraction

from solvers.derivations.language import Name, Node, equal, jacobian, mul, names, num, series
from solvers.derivations.lines import Blank, Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation, fraction

T, h_0, k, t, w = names("T h_0 k t w")


def h(index: Node) -> Name:
    """A state."""
    return Name("h", (index,))


def few_steps(pick: Pick) -> Model:
    """Four or five steps, of which the second or third is looked at."""
    steps = pick(4, 5)
    weight = (Fraction(1, 2), Fraction(3, 2), Fraction(2), Fraction(3))[pick(0, 3)] * (-1) ** pick(0, 1)
    return network(steps, pick(2, steps - 2), weight, pick(1, 3))


def many_steps(pick: Pick) -> Model:
    """Eight steps with a weight below 1."""
    return network(8, 5, fraction(pick, 1, 4, 5), pick(1, 3))


def network(steps: int, step: int, weight: Fraction, initial: int) -> Model:
    """A network that runs for some steps; each state depends on the weight and on the state before."""
    states = {f"h_{place}": mul(w, h(num(place - 1))) for place in range(1, steps + 1)}
    return Model(
        values={"T": steps, "t": step, "w": weight, "h_0": initial, **states},
        given=(equation(T, steps), equation(t, step), equation(w, weight), equation(h_0, initial)),
    )


def total(body: Node) -> Node:
    """The sum over all steps."""
    return series("t", 1, T, body)


last, now, before = jacobian(w, h(T)), jacobian(w, h(t)), jacobian(w, h(t - 1))
later = jacobian(h(t), h(T))
result = mul(T, w ** (T - 1), h_0)

lines = (
    Line("gradient", last, "start"),
    Line("recursion", equal(now, h(t - 1) + w * before), "holds", reason="product_rule"),
    Line("unrolled", total(mul(later, h(t - 1))), reason="unroll", needs=("gradient", "recursion")),
    Line(
        "chained",
        equal(later, series("k", t + 1, T, jacobian(h(k - 1), h(k)), "product")),
        "holds",
        reason="chain_rule",
    ),
    Line("factor", equal(later, w ** (T - t)), "holds", reason="equal_factors", needs=("chained",)),
    Line("powers", total(w ** (T - t) * h(t - 1)), reason="insert_factors", needs=("unrolled", "factor")),
    Line("states", total(mul(w ** (T - t), w ** (t - 1), h_0)), reason="forward_pass"),
    Line("result", result, reason="count_terms"),
)

short, long, lowered = w ** (T - 1) * h_0, mul(T, w**T, h_0), mul(T - 1, w ** (T - 1), h_0)

DERIVATION = Derivation(
    name="linear_rnn",
    lines=lines,
    flaws=(
        Flaw("keeps_the_immediate_derivative", "recursion", equal(now, h(t - 1))),
        Flaw("forgets_the_immediate_derivative", "recursion", equal(now, w * before)),
        Flaw("takes_the_new_state", "recursion", equal(now, h(t) + w * before)),
        Flaw("stops_after_one_step", "unrolled", h(T - 1)),
        Flaw("adds_the_states", "unrolled", total(h(t - 1))),
        Flaw("shifts_the_states", "unrolled", total(mul(later, h(t)))),
        Flaw("adds_the_slopes", "chained", equal(later, series("k", t + 1, T, jacobian(h(k - 1), h(k))))),
        Flaw("counts_one_factor_too_many", "factor", equal(later, w ** (T - t + 1))),
        Flaw("keeps_the_initial_state", "states", total(w ** (T - t) * h_0)),
        Flaw("counts_one_term", "result", short),
        Flaw("keeps_the_exponent", "result", long),
        Flaw("counts_one_term_too_few", "result", lowered),
    ),
    worlds=(few_steps, many_steps),
    blanks=(
        Blank(
            "result",
            result,
            {"T": "positive integer", "w": "real", "h_0": "real"},
            {"counts_one_term": short, "keeps_the_exponent": long, "counts_one_term_too_few": lowered},
        ),
    ),
    values=("unrolled", "result"),
    working={"result": (w ** (T - 1),)},
)
