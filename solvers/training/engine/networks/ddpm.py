"""Denoising diffusion in one or two dimensions: a network that tells the noise, and the sampler that takes it away.

x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) noise, for t = 0 … T - 1, with abar_t the product of 1 - beta.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from math import cos, exp, log, pi
from operator import mul
from typing import Literal

import torch
from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run


def betas(schedule: Literal["linear", "cosine"], steps: int, first: float = 1e-4, last: float = 0.02) -> list[float]:
    """How much noise each step adds: from ``first`` to ``last`` (Ho et al. 2020), or the cosine of Nichol 2021."""
    if schedule == "linear":
        return [first + (last - first) * t / (steps - 1) for t in range(steps)]
    kept = [cos((t / steps + 0.008) / 1.008 * pi / 2) ** 2 for t in range(steps + 1)]
    return [min(1 - after / before, 0.999) for before, after in pairwise(kept)]


@dataclass(frozen=True)
class DDPM:
    """A network on ``dimension`` numbers and a code of the timestep (sines and cosines of ``waves`` frequencies)."""

    dimension: int
    width: int
    betas: tuple[float, ...]
    depth: int = 2
    waves: int = 4
    activation: str = "silu"

    @property
    def steps(self) -> int:
        """T."""
        return len(self.betas)

    @property
    def network(self) -> MLP:
        """The layers."""
        return MLP(
            (self.dimension + 2 * self.waves, *(self.width,) * self.depth, self.dimension), self.activation, "lecun"
        )

    def init(self, run: Run, arms: int) -> Params:
        """The parameters of the layers."""
        return self.network.init(run, arms)

    def kept(self, like: Tensor) -> Tensor:
        """abar_t for every t, (T), in the precision of a tensor."""
        return _kept(self.betas, like.dtype, like.device)

    def noised(self, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """x_t for examples (N, B, dimension), timesteps (N, B), and standard normal noise."""
        kept = self.kept(x)[t][..., None]
        return kept.sqrt() * x + (1 - kept).sqrt() * noise

    def __call__(self, params: Params, x: Tensor, t: Tensor) -> Tensor:
        """The noise in x_t (N, B, dimension), as the network tells it, at timesteps (N, B)."""
        return self.network(params, torch.cat([x, self.code(x)[t]], -1))

    def code(self, like: Tensor) -> Tensor:
        """The codes of all timesteps, (T, 2 waves): frequencies from 1 radian a step down to 1 / T, geometrically."""
        return _code(self.steps, self.waves, like.dtype, like.device)

    def errors(self, params: Params, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """Squared errors of the told noise, (N, B), means over the dimensions."""
        return (self(params, self.noised(x, t, noise), t) - noise).square().mean(-1)

    def sample(
        self, params: Params, noise: Callable[[int], Tensor], spread: Callable[[int], float] | None = None
    ) -> Tensor:
        """Examples (N, B, dimension) from pure noise: ``noise(step)`` (N, B, dimension) for steps 0 … T.

        The last step adds none. ``spread`` is the factor of the noise that is added at t, sqrt(beta_t) unless told:
        0 is the sampler that forgets the noise, whose variance collapses.
        """
        x = noise(0)
        kept = self.kept(x).tolist()
        for step, t in enumerate(reversed(range(self.steps)), 1):
            now = torch.full(x.shape[:2], t, device=x.device)
            told = self(params, x, now)
            x = (x - self.betas[t] / (1 - kept[t]) ** 0.5 * told) / (1 - self.betas[t]) ** 0.5
            if t:
                x = x + (self.betas[t] ** 0.5 if spread is None else spread(t)) * noise(step)
        return x


# Both are made once: a graph of a step cannot copy from the CPU.


@lru_cache
def _kept(betas: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    kept = accumulate((1 - beta for beta in betas), mul)
    return torch.tensor(list(kept), dtype=dtype, device=device)


@lru_cache
def _code(steps: int, waves: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    slow = log(steps) / max(1, waves - 1)
    frequencies = torch.tensor([exp(-slow * wave) for wave in range(waves)], dtype=torch.float64)
    angle = torch.arange(steps, dtype=torch.float64)[:, None] * frequencies
    return torch.cat([angle.sin(), angle.cos()], 1).to(device, dtype)
