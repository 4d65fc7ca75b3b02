"""Convolutional networks on small square images: 3 x 3 filters, ReLU and pooling by 2, then one linear layer."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks import layers
from solvers.training.engine.run import Run


@dataclass(frozen=True)
class CNN:
    """Images (N, B, side, side, inputs); ``channels`` of each convolution, which keeps the size (zeros around).

    ``pool``: the maximum or the mean of 2 x 2 pixels after each convolution; ``mean`` reads the average of each channel
    over all places at the end, instead of all places.
    """

    side: int
    channels: tuple[int, ...]
    outputs: int
    inputs: int = 1
    pool: Literal["max", "mean"] = "max"
    averaged: bool = False

    @property
    def read(self) -> int:
        """How many numbers the linear layer reads."""
        places = 1 if self.averaged else (self.side >> len(self.channels)) ** 2
        return places * self.channels[-1]

    def init(self, run: Run, arms: int) -> Params:
        """Filters ``w1`` … (N, 9 x in, out), rows by place and then by channel; biases ``b1``; ``wo``, ``bo``."""
        found: Params = {}
        for layer, (inputs, outputs) in enumerate(zip((self.inputs, *self.channels), self.channels, strict=False), 1):
            found |= layers.dense(run, arms, str(layer), 9 * inputs, outputs, "he")
        return found | layers.dense(run, arms, "o", self.read, self.outputs, "he")

    def __call__(self, params: Params, x: Tensor) -> Tensor:
        """Outputs (N, B, out) for images (N, B, side, side, inputs), or flat ones (N, B, side x side x inputs)."""
        models, batch = x.shape[:2]
        x = x.reshape(models, batch, self.side, self.side, self.inputs)
        for layer in range(1, len(self.channels) + 1):
            x = self._pooled(convolve(params, str(layer), x).relu())
        x = x.mean((2, 3)) if self.averaged else x.flatten(2)
        return layers.apply(params, "o", x)

    def _pooled(self, x: Tensor) -> Tensor:
        if self.pool == "max" and x.is_cuda:
            return largest(x)
        models, batch = x.shape[:2]
        pool = F.max_pool2d if self.pool == "max" else F.avg_pool2d
        found = pool(x.flatten(0, 1).permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
        return found.reshape(models, batch, *found.shape[1:])


def largest(x: Tensor) -> Tensor:
    """The largest of 2 x 2 pixels, (N, B, H, W, C): max_pool2d for GPUs, where its gradient has no fixed order.

    Of equal ones the first counts, as there.
    """
    for axis in (3, 2):
        size = x.shape[axis] // 2
        pairs = x.narrow(axis, 0, 2 * size).reshape(*x.shape[:axis], size, 2, *x.shape[axis + 1 :])
        first, second = pairs.unbind(axis + 1)
        x = torch.where(first >= second, first, second)
    return x


def convolve(params: Params, layer: str, x: Tensor) -> Tensor:
    """3 x 3 filters on (N, B, H, W, C), zeros around: one product with the patches of all pixels."""
    models, batch, height, width, channels = x.shape
    padded = F.pad(x, (0, 0, 1, 1, 1, 1))
    patches = torch.cat(
        [padded[:, :, i : i + height, j : j + width] for i in range(3) for j in range(3)], -1
    )  # (N, B, H, W, 9 C)
    found = torch.baddbmm(params[f"b{layer}"], patches.view(models, -1, 9 * channels), params[f"w{layer}"])
    return found.view(models, batch, height, width, -1)
