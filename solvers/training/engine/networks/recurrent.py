"""Recurrent networks: plain (tanh), LSTM and GRU, with the equations of ``torch.nn``.

What the inputs give is computed for all times at once; one product a time step is left.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import torch
from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks import cells, layers
from solvers.training.engine.networks.dense import affine, evenly
from solvers.training.engine.run import Run

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


@dataclass(frozen=True)
class Recurrent:
    """A cell of ``width`` that reads (N, B, T, inputs); a linear layer reads its last state.

    Weights are uniform within ± 1/sqrt(width), as in torch.nn, times ``gain``. Biases start at 0, but those of an
    LSTM's gates: the forget gate's at ``forget``, the input gate's at ``enter``. Gates stand in torch's order.
    """

    cell: Literal["rnn", "lstm", "gru"]
    inputs: int
    width: int
    outputs: int
    forget: float = 0.0
    enter: float = 0.0
    gain: float = 1.0

    def init(self, run: Run, arms: int) -> Params:
        """``w`` (N, in, gates x width), ``u`` (N, width, gates x width), ``b``; a GRU's ``c``; ``wo``, ``bo``."""
        bound, gates = self.gain / sqrt(self.width), GATES[self.cell] * self.width
        found = {
            "w": layers.uniform(run, arms, "w", (self.inputs, gates), bound),
            "u": layers.uniform(run, arms, "u", (self.width, gates), bound),
            "b": run.tensor(run.streams.constant(0.0, 1, gates), arms),
        }
        if self.cell == "lstm":
            found["b"][:, :, : self.width] = self.enter
            found["b"][:, :, self.width : 2 * self.width] = self.forget
        if self.cell == "gru":
            found["c"] = torch.zeros_like(found["b"][:, :, : self.width])
        return found | layers.dense(run, arms, "o", self.width, self.outputs, "lecun")

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs (N, B, out) after the last time."""
        return layers.apply(params, "o", self._read(params, x, False))

    def hidden(self, params: Params, x: Tensor) -> Tensor:
        """The hidden states (T, N, B, width), from a state of zeros."""
        return self._read(params, x, True).transpose(0, 1)

    def _read(self, params: Params, x: Tensor, every: bool) -> Tensor:
        """The last state (N, B, width), or every one (N, T, B, width)."""
        w, b, u = params["w"], params["b"], params["u"]
        match self.cell:
            case "rnn":
                return cells.plain(x, w, b, u, every)
            case "lstm":
                return cells.lstm(x, w, b, u, every)
            case "gru":
                states = _gru(affine(x, w, b), u, params["c"])
                return torch.stack(states, 1) if every else states[-1]


def _gru(driven: Tensor, u: Tensor, c: Tensor) -> list[Tensor]:
    """All states; what the inputs give to all gates, ``driven`` (N, B, T, 3 width), is known before."""
    width = u.shape[1]
    state = torch.zeros_like(driven[:, :, 0, :width])
    found: list[Tensor] = []
    for now in driven.unbind(2):
        recurrent = torch.bmm(state, u)
        gates = evenly(torch.sigmoid, now[:, :, : 2 * width] + recurrent[:, :, : 2 * width])
        reset, update = gates.chunk(2, -1)
        new = (now[:, :, 2 * width :] + reset * (recurrent[:, :, 2 * width :] + c)).tanh()
        state = new + update * (state - new)
        found.append(state)
    return found
