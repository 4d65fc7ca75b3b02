"""One run of an ensemble: its seeds, where it is computed, and with which precision."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from solvers.training.engine.streams import Streams

# Else MKL rounds a product by where it lies in memory, and a model would depend on those beside it. It costs nothing;
# MKL reads this when it is first called.
os.environ.setdefault("MKL_CBWR", "AUTO")


@dataclass(frozen=True)
class Run:
    """S seeds on a device. What an experiment draws comes from ``streams`` and goes to the device by ``tensor``."""

    seeds: tuple[int, ...]
    device: str = "cpu"
    dtype: torch.dtype = torch.float32

    @cached_property
    def streams(self) -> Streams:
        """The random numbers of these seeds."""
        return Streams(self.seeds)

    def tensor(self, values: NDArray[Any], arms: int = 1) -> Tensor:
        """An array (S, …) on the device as (arms x S, …): every arm has the same; numbers get the run's precision."""
        found = torch.from_numpy(np.ascontiguousarray(values))
        found = found.to(self.device, self.dtype if found.is_floating_point() else found.dtype)
        return found.repeat(arms, *(1,) * (found.dim() - 1)) if arms > 1 else found

    def per_arm(self, values: Sequence[float]) -> Tensor:
        """One value an arm, as one a model (N)."""
        return torch.tensor(values, device=self.device, dtype=self.dtype).repeat_interleave(len(self.seeds))

    def by_arm(self, arms: Sequence[str], values: Tensor) -> dict[str, NDArray[np.float64]]:
        """Values (N, …) as arm to (S, …), in the order of the arms."""
        found = values.detach().to("cpu", torch.float64).numpy()
        return dict(zip(arms, found.reshape(len(arms), len(self.seeds), *found.shape[1:]), strict=True))
