"""Trainable parameters of one recurrent layer: LSTM, GRU or plain RNN, with two bias vectors, one, or none.

Source: torch.nn.LSTM, GRU, RNN (b_ih and b_hh); Goodfellow, Bengio & Courville 2016, section 10.10 (one bias vector).
d inputs, n units: blocks * (n d + n n + bias_vectors n), with 4, 3 and 1 blocks.
"""

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import oracles, recurrent

family = Family(level=2, version=1, minutes=3, answers={"total": answer.Integer("total")})


@family.parameters
class Params(Parameters):
    cell: str = choice("LSTM", "GRU", "RNN", radical=True)
    d: int = ints(2, 30)  # inputs
    n: int = choice(3, 4, 5, 6, 8, 10, 12, 15, 20)  # units
    bias_vectors: int = choice(2, 1, 0, radical=True)  # of each block: as in PyTorch, as in textbooks, none
    steps: int = ints(5, 60)  # length of the sequence, which does not matter


def count(q: Params, **changes: int) -> int:
    """The total with some of blocks, d, n and bias_vectors changed."""
    right = {"blocks": recurrent.BLOCKS[q.cell], "d": q.d, "n": q.n, "bias_vectors": q.bias_vectors}
    return recurrent.parameter_count(**right | changes).total


@family.solve
def solve(q: Params) -> recurrent.ParameterCount:
    return recurrent.parameter_count(recurrent.BLOCKS[q.cell], q.d, q.n, q.bias_vectors)


@family.misconception
def counts_two_bias_vectors(q: Params) -> int | None:
    return count(q, bias_vectors=2) if q.bias_vectors == 1 else None


@family.misconception
def counts_one_bias_vector(q: Params) -> int:
    return count(q, bias_vectors=1)


@family.misconception
def leaves_out_biases(q: Params) -> int:
    return count(q, bias_vectors=0)


@family.misconception
def leaves_out_the_candidate(q: Params) -> int | None:
    return count(q, blocks=recurrent.BLOCKS[q.cell] - 1) if q.cell != "RNN" else None


@family.misconception
def counts_a_gru_like_an_lstm(q: Params) -> int | None:
    return count(q, blocks=recurrent.BLOCKS["LSTM"]) if q.cell == "GRU" else None


@family.misconception
def leaves_out_the_recurrence(q: Params) -> int:
    t = solve(q)
    return t.blocks * (t.input_weights + t.biases)


@family.misconception
def counts_one_block(q: Params) -> int:
    return solve(q).block


@family.misconception
def counts_every_time_step(q: Params) -> int:
    return solve(q).total * q.steps


@family.law
def torch_agrees(q: Params, t: recurrent.ParameterCount) -> None:
    sizes = oracles.recurrent.parameter_sizes(q.cell, q.d, q.n, q.bias_vectors)
    assert t.blocks * t.input_weights == sizes["input"]
    assert t.blocks * t.recurrent_weights == sizes["recurrent"]
    assert t.blocks * t.biases == sizes["bias"]
    assert t.blocks * t.block == t.total == sum(sizes.values())
