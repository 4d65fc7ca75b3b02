"""One step of an LSTM with a single unit, from its four pre-activations to the new states.

Source: Gers, Schmidhuber & Cummins 2000; torch.nn.LSTM: c_t = f_t c_{t-1} + i_t g_t, h_t = o_t tanh(c_t), rows stacked
i, f, g, o. The pre-activations are logarithms, so that sigmoid and tanh come out as fractions.
"""

from decimal import Decimal
from fractions import Fraction

from quizgen.family import Family, Parameters, answer, choice
from solvers import oracles, recurrent
from solvers.exact import Rational, precise_softmax, rounded

family = Family(
    level=3,
    version=1,
    minutes=8,
    calculator=True,
    answers={
        "i": answer.Fraction("i"),
        "f": answer.Fraction("f"),
        "g": answer.Fraction("g"),
        "o": answer.Fraction("o"),
        "c": answer.Fraction("c", weight=2, after=("i", "f", "g")),
        "h": answer.Number("h", weight=2, digits=3, after=("o", "c")),
    },
)


@family.parameters
class Params(Parameters):
    i: int = choice(-4, -3, -2, 2, 3, 4)  # pre-activation of the input gate: ln i, or -ln |i| where i < 0
    f: int = choice(-4, -3, -2, 2, 3, 4)  # of the forget gate
    g: int = choice(-3, -2, 2, 3)  # of the candidate
    o: int = choice(-4, -3, -2, 2, 3, 4)  # of the output gate
    c: Fraction | int = choice(-2, Fraction(-3, 2), -1, Fraction(-1, 2), Fraction(1, 2), 1, Fraction(3, 2), 2)

    def valid(self) -> bool:
        """Input and forget gate differ, candidate and output gate too; the new cell state is at least 1/2 in size."""
        return self.i != self.f and self.g != self.o and 2 * abs(cell(self)) >= 1


POWERS: dict[int, Rational] = {k: k if k > 0 else Fraction(1, -k) for k in (-4, -3, -2, 2, 3, 4)}
"""e to a pre-activation."""


def powers(q: Params) -> tuple[Rational, Rational, Rational, Rational]:
    """e to each pre-activation, in PyTorch's order."""
    return POWERS[q.i], POWERS[q.f], POWERS[q.g], POWERS[q.o]


@family.solve
def solve(q: Params) -> recurrent.LstmStep:
    return recurrent.lstm_step(*powers(q), q.c)


def gates(i: Rational, f: Rational, g: Rational, o: Rational) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """The values of input gate, forget gate, candidate and output gate from e to each pre-activation."""
    sigmoid, tanh = recurrent.sigmoid_of_log, recurrent.tanh_of_log
    return sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)


def cell(q: Params) -> Fraction:
    """The new cell state."""
    i, f, g, _ = gates(*powers(q))
    return f * q.c + i * g


def output_gate(q: Params) -> Fraction:
    """The value of the output gate."""
    return recurrent.sigmoid_of_log(POWERS[q.o])


def parts(i: Fraction, f: Fraction, g: Fraction, o: Fraction) -> dict[str, Fraction]:
    """Wrong values of the first four parts; what follows from them is judged on the student's own values."""
    return {"i": i, "f": f, "g": g, "o": o}


@family.misconception
def reads_the_forget_gate_first(q: Params) -> dict[str, Fraction]:
    i, f, g, o = powers(q)
    return parts(*gates(f, i, g, o))


@family.misconception
def reads_the_candidate_last(q: Params) -> dict[str, Fraction]:
    i, f, g, o = powers(q)
    return parts(*gates(i, f, o, g))


@family.misconception
def gates_with_tanh(q: Params) -> dict[str, Fraction]:
    i, f, _, o = map(recurrent.tanh_of_log, powers(q))
    return {"i": i, "f": f, "o": o}


@family.misconception
def sigmoid_with_the_wrong_sign(q: Params) -> dict[str, Fraction]:
    i, f, _, o = gates(*powers(q))
    return {"i": 1 - i, "f": 1 - f, "o": 1 - o}


@family.misconception
def candidate_with_sigmoid(q: Params) -> dict[str, Fraction]:
    return {"g": recurrent.sigmoid_of_log(powers(q)[2])}


@family.misconception
def tanh_without_doubling(q: Params) -> dict[str, Fraction]:
    return {"g": 2 * recurrent.sigmoid_of_log(powers(q)[2]) - 1}


@family.misconception
def exchanges_input_and_forget_gate(q: Params) -> dict[str, Fraction]:
    i, f, g, _ = gates(*powers(q))
    return {"c": i * q.c + f * g}


@family.misconception
def forget_gate_as_share_lost(q: Params) -> dict[str, Fraction]:
    i, f, g, _ = gates(*powers(q))
    return {"c": (1 - f) * q.c + i * g}


@family.misconception
def never_forgets(q: Params) -> dict[str, Fraction]:
    i, _, g, _ = gates(*powers(q))
    return {"c": q.c + i * g}


@family.misconception
def shows_the_cell_without_tanh(q: Params) -> dict[str, Decimal]:
    return {"h": rounded(output_gate(q) * cell(q), 3)}


@family.misconception
def squashes_after_the_output_gate(q: Params) -> dict[str, Decimal]:
    return {"h": rounded(recurrent.precise_tanh(output_gate(q) * cell(q)), 3)}


@family.misconception
def squashes_with_a_sigmoid(q: Params) -> dict[str, Decimal]:
    sigmoid, _ = precise_softmax((cell(q), 0))
    return {"h": recurrent.shown(output_gate(q), sigmoid)}


@family.misconception
def shows_the_old_cell(q: Params) -> dict[str, Decimal]:
    return {"h": recurrent.shown(output_gate(q), recurrent.precise_tanh(q.c))}


@family.misconception
def forgets_the_output_gate(q: Params) -> dict[str, Decimal]:
    return {"h": rounded(recurrent.precise_tanh(cell(q)), 3)}


@family.follows
def c(q: Params, i: Fraction, f: Fraction, g: Fraction) -> Fraction:
    return f * q.c + i * g


@family.follows
def h(q: Params, o: Fraction, c: Fraction) -> Decimal:
    return recurrent.shown(o, recurrent.precise_tanh(c))


@family.law
def torch_agrees(q: Params, t: recurrent.LstmStep) -> None:
    step = oracles.recurrent.lstm_step(*powers(q), q.c)
    for name, value in step._asdict().items():
        assert oracles.agreement.agrees(getattr(t, name), value), name
