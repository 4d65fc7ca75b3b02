"""Recurrent cells: one LSTM step, parameter counts, the order of stages and of stacked weight rows.

Gates as in Gers, Schmidhuber & Cummins 2000 (LSTM with a forget gate) and in ``torch.nn.LSTM``: input gate i, forget
gate f, candidate g, output gate o.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

from solvers.exact import Rational, precise_exp, rounded

_CONTEXT = Context(prec=50)

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}
"""How many affine maps of (x_t, h_{t-1}) a cell has: one per gate and one for the candidate."""

STAGES = ("forget", "input", "cell", "output")
"""The usual walk through an LSTM step: what is kept, what is new, the cell update, what is shown."""

ROWS = {"LSTM": ("i", "f", "g", "o"), "GRU": ("r", "z", "n")}
"""Blocks of rows in PyTorch's ``weight_ih``, ``weight_hh`` and both biases, from the top (torch.nn.LSTM, GRU)."""

ROLES = {"forget": "keeps", "input": "admits", "candidate": "proposes", "output": "shows"}
"""What each part of an LSTM does, in their order in c_t = f_t c_{t-1} + i_t g_t and h_t = o_t tanh(c_t)."""


@dataclass(frozen=True, slots=True)
class Order:
    """The right order of things named by ids."""

    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roles:
    """Which role each symbol plays: pairs (symbol, role)."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LstmStep:
    """One step of an LSTM with one unit."""

    i: Fraction  # input gate
    f: Fraction  # forget gate
    g: Fraction  # candidate
    o: Fraction  # output gate
    kept: Fraction  # f * c_{t-1}
    admitted: Fraction  # i * g
    c: Fraction  # new cell state
    squashed: Decimal  # tanh(c), 4 decimals
    h: Decimal  # new hidden state, 3 decimals


@dataclass(frozen=True, slots=True)
class ParameterCount:
    """Trainable numbers of one layer of a recurrent cell."""

    blocks: int
    input_weights: int  # of one block: n x d
    recurrent_weights: int  # of one block: n x n
    biases: int  # of one block
    block: int
    total: int


@lru_cache(maxsize=256)
def sigmoid_of_log(a: Rational) -> Fraction:
    """sigmoid(ln a) = a / (a + 1) for a > 0."""
    return Fraction(a) / (a + 1)


@lru_cache(maxsize=256)
def tanh_of_log(a: Rational) -> Fraction:
    """tanh(ln a) = (a^2 - 1) / (a^2 + 1) for a > 0."""
    square = Fraction(a) * a
    return (square - 1) / (square + 1)


@lru_cache(maxsize=256)
def precise_tanh(x: Rational) -> Decimal:
    """tanh(x) = (e^2x - 1) / (e^2x + 1) to nearly 50 significant digits."""
    power = precise_exp(2 * x)
    return _CONTEXT.divide(_CONTEXT.subtract(power, Decimal(1)), _CONTEXT.add(power, Decimal(1)))


def lstm_step(i: Rational, f: Rational, g: Rational, o: Rational, c: Rational) -> LstmStep:
    """One step of a single unit whose pre-activations are ln i, ln f, ln g, ln o, from the cell state ``c``.

    c_t = f_t c_{t-1} + i_t g_t and h_t = o_t tanh(c_t) (torch.nn.LSTM).
    """
    return lstm_update(sigmoid_of_log(i), sigmoid_of_log(f), tanh_of_log(g), sigmoid_of_log(o), c)


def lstm_update(i: Fraction, f: Fraction, g: Fraction, o: Fraction, c: Rational) -> LstmStep:
    """The second half of a step: the new states from the values of the gates, from the cell state ``c``."""
    kept, admitted = f * c, i * g
    new = kept + admitted
    squashed = precise_tanh(new)
    return LstmStep(i, f, g, o, kept, admitted, new, rounded(squashed, 4), shown(o, squashed))


def shown(o: Fraction, content: Decimal) -> Decimal:
    """The share ``o`` of ``content``, to 3 decimals; the hidden state if ``content`` is tanh(c_t)."""
    return rounded(_CONTEXT.divide(_CONTEXT.multiply(content, Decimal(o.numerator)), Decimal(o.denominator)), 3)


def parameter_count(blocks: int, d: int, n: int, bias_vectors: int) -> ParameterCount:
    """Parameters of a layer with ``d`` inputs and ``n`` units: blocks * (n d + n n + bias_vectors n).

    PyTorch keeps two bias vectors a block (b_ih and b_hh), textbooks one (Goodfellow et al. 2016, section 10.10).
    """
    input_weights, recurrent_weights, biases = n * d, n * n, bias_vectors * n
    block = input_weights + recurrent_weights + biases
    return ParameterCount(blocks, input_weights, recurrent_weights, biases, block, blocks * block)


def roles(symbols: Sequence[str], order: Sequence[int]) -> Roles:
    """The role of each of four ``symbols``: number order[k] stands for part k of (forget, input, candidate, output)."""
    parts = tuple(ROLES)
    return Roles(tuple((symbol, ROLES[parts[order.index(k)]]) for k, symbol in enumerate(symbols)))
