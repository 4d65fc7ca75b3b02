"""Multilayer perceptrons: plain or residual, with batch or layer normalization, any activation and initialization."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from solvers.training.ensemble import Params
from solvers.training.run import Run

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "identity": lambda x: x,
}
GAINS: Mapping[str, Callable[[int, int], float]] = {
    "he": lambda inputs, outputs: sqrt(2 / inputs),
    "lecun": lambda inputs, outputs: sqrt(1 / inputs),
    "xavier": lambda inputs, outputs: sqrt(2 / (inputs + outputs)),
}
"""Initialization to the standard deviation of the weights of a layer."""


@dataclass(frozen=True)
class MLP:
    """Layers of ``sizes`` (inputs, hidden …, outputs); the last one has no activation. Biases start at 0."""

    sizes: tuple[int, ...]
    activation: str = "relu"
    gain: str = "he"

    def init(self, run: Run, arms: int) -> Params:
        """Weights ``w1`` … (N, in, out) and biases ``b1`` … (N, 1, out)."""
        found: Params = {}
        for layer, (inputs, outputs) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), 1):
            weights = run.streams.normal(f"w{layer}", inputs, outputs) * GAINS[self.gain](inputs, outputs)
            found[f"w{layer}"] = run.tensor(weights, arms)
            found[f"b{layer}"] = torch.zeros_like(found[f"w{layer}"][:, :1])
        return found

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs (N, B, out) for inputs (N, B, in)."""
        last = len(self.sizes) - 1
        for layer in range(1, last + 1):
            x = torch.baddbmm(params[f"b{layer}"], x, params[f"w{layer}"])
            if layer < last:
                x = ACTIVATIONS[self.activation](x)
        return x
