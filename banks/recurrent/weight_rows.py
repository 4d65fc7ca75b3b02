"""Order in which PyTorch stacks the gates' rows in the tensors of an LSTM or a GRU.

Source: documentation of torch.nn.LSTM (W_ii | W_if | W_ig | W_io) and torch.nn.GRU (W_ir | W_iz | W_in).
"""

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import oracles, recurrent

family = Family(level=1, version=1, minutes=1, answers={"order": answer.Ordering("order")})


@family.parameters
class Params(Parameters):
    cell: str = choice("LSTM", "GRU", radical=True)
    tensor: str = choice("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    d: int = ints(2, 30)  # inputs
    n: int = ints(2, 30)  # units


@family.solve
def solve(q: Params) -> recurrent.Order:
    return recurrent.Order(recurrent.ROWS[q.cell])


@family.misconception
def equations_order(q: Params) -> tuple[str, ...]:
    return ("f", "i", "g", "o") if q.cell == "LSTM" else ("z", "r", "n")


@family.misconception
def gates_first(q: Params) -> tuple[str, ...] | None:
    return ("i", "f", "o", "g") if q.cell == "LSTM" else None


@family.misconception
def onnx_order(q: Params) -> tuple[str, ...] | None:
    return ("i", "o", "f", "g") if q.cell == "LSTM" else None


@family.misconception
def candidate_first(q: Params) -> tuple[str, ...]:
    return ("g", "i", "f", "o") if q.cell == "LSTM" else ("n", "r", "z")


@family.misconception
def update_gate_last(q: Params) -> tuple[str, ...] | None:
    return ("r", "n", "z") if q.cell == "GRU" else None


@family.evidence
def driving_a_block_shows_its_gate(q: Params, t: recurrent.Order) -> None:
    assert t.order == oracles.recurrent.row_blocks(q.cell, q.tensor)


@family.effort
def effort(q: Params, t: recurrent.Order) -> int:
    return len(t.order)
