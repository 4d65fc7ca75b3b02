"""What a step of training is fed with: minibatches, masks of dropout, noise. Drawn in blocks of steps, in advance.

Each is called with the number of the step, from 0, and gives tensors of all N models; arms of one seed get the same.
Steps are meant to be asked for in order: one block is kept.
"""

from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from solvers.training.engine.run import Run

BLOCK = 16
"""Steps that are drawn at once."""


class Minibatches:
    """Examples in random order, ``size`` of them at each step: inputs (N, B, …) and labels (N, B)."""

    def __init__(self, run: Run, arms: int, x: NDArray[Any], y: NDArray[Any], size: int, steps: int) -> None:
        """Examples (S, n, …) and labels (S, n, …), which all arms share, or (N, n, …) where each arm has its own."""
        self.models = arms * len(run.seeds)
        chosen = run.tensor(run.streams.batches(x.shape[1], size, steps))
        own = arms if len(x) == len(run.seeds) * arms else 1
        rows = chosen.repeat(own, 1, 1) + (torch.arange(len(x), device=run.device) * x.shape[1])[:, None, None]
        self.rows = rows.transpose(0, 1).contiguous()
        self.full = tuple(_spread(run.tensor(part), self.models, 0) for part in (x, y))
        self._flat = tuple(run.tensor(part).flatten(0, 1) for part in (x, y))
        self._start, self._block = -BLOCK, self.full

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs and labels of a step."""
        place = step - self._start
        if not 0 <= place < BLOCK:
            self._start, place = step, 0
            rows = self.rows[step : step + BLOCK]
            found = (flat.index_select(0, rows.flatten()).view(*rows.shape, *flat.shape[1:]) for flat in self._flat)
            self._block = tuple(_spread(part, self.models, 1) for part in found)
        x, y = self._block
        return x[place], y[place]


class Masks:
    """Masks of dropout for layers of some widths: 0 with the model's ``rates`` (N), else 1 / (1 - rate)."""

    def __init__(self, run: Run, rates: Tensor, batch: int, widths: Sequence[int], purpose: str = "dropout") -> None:
        self.run, self.batch, self.widths, self.purpose = run, batch, tuple(widths), purpose
        self.least = (rates * 65536).round().to(torch.int32)[:, None, None]
        self.scale = (1 / (1 - rates))[:, None, None]
        self._block, self._masks = -1, torch.empty(0)

    def __call__(self, step: int) -> list[Tensor]:
        """A mask (N, B, width) for each layer."""
        block, place = divmod(step, BLOCK)
        if block != self._block:
            shape = (BLOCK, self.batch, sum(self.widths))
            drawn = self.run.streams.coarse(f"{self.purpose} {block}", *shape).astype("int32")
            self._block, self._masks = block, self.run.tensor(drawn)
        each = _spread(self._masks[:, place], len(self.least), 0)
        return [(part >= self.least) * self.scale for part in torch.split(each, list(self.widths), -1)]


class Noise:
    """Standard normal numbers (N, *shape) for every step, the same in all arms."""

    def __init__(self, run: Run, arms: int, shape: tuple[int, ...], purpose: str = "noise") -> None:
        self.run, self.models, self.shape, self.purpose = run, arms * len(run.seeds), shape, purpose
        self._block, self._drawn = -1, torch.empty(0)

    def __call__(self, step: int) -> Tensor:
        """The numbers of a step."""
        block, place = divmod(step, BLOCK)
        if block != self._block:
            self._block = block
            self._drawn = self.run.tensor(self.run.streams.normal(f"{self.purpose} {block}", BLOCK, *self.shape))
        return _spread(self._drawn[:, place], self.models, 0)


def _spread(values: Tensor, models: int, axis: int) -> Tensor:
    """Values of S seeds along an axis, repeated for every arm."""
    arms = models // values.shape[axis]
    return values.repeat(*(1,) * axis, arms, *(1,) * (values.dim() - axis - 1)) if arms > 1 else values
