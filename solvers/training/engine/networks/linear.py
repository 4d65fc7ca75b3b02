"""Linear and logistic regression: one layer without activation; which of the two it is, the loss says."""

from dataclasses import dataclass

from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks import layers
from solvers.training.engine.run import Run


@dataclass(frozen=True)
class Linear:
    """x w + b; starts at 0 unless ``start`` says otherwise (``layers.STARTS``)."""

    inputs: int
    outputs: int = 1
    start: str = "zero"
    gain: float = 1.0
    biased: bool = True

    def init(self, run: Run, arms: int) -> Params:
        """Weights ``w1`` (N, in, out), bias ``b1`` (N, 1, out)."""
        return layers.dense(run, arms, "1", self.inputs, self.outputs, self.start, self.gain, self.biased)

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs (N, B, out) for inputs (N, B, in)."""
        return layers.apply(params, "1", x)
