"""Generative adversarial networks in one or two dimensions: a generator and a discriminator that play.

Both move at once, each by the gradient of its own loss: one step of ``fit`` with ``losses`` is a step of both.
"""

from dataclasses import dataclass
from math import sqrt

import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks.dense import evenly
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run


@dataclass(frozen=True)
class GAN:
    """``generator`` and ``discriminator`` by the sizes of their layers; without hidden layers they are affine.

    An affine generator has the sizes (latent, dimension). The discriminator ends with one logit, of "real".
    """

    generator: tuple[int, ...]
    discriminator: tuple[int, ...]
    activation: str = "tanh"

    def _parts(self) -> dict[str, MLP]:
        sizes = {"g": self.generator, "d": self.discriminator}
        return {part: MLP(layers, self.activation, "xavier") for part, layers in sizes.items()}

    def init(self, run: Run, arms: int) -> Params:
        """Parameters of both: ``g.w1`` …, ``d.w1`` …; their streams are apart."""
        found: Params = {}
        for part, network in self._parts().items():
            for layer, (inputs, outputs) in enumerate(zip(network.sizes, network.sizes[1:], strict=False), 1):
                drawn = run.streams.normal(f"{part}.w{layer}", inputs, outputs) * sqrt(2 / (inputs + outputs))
                found[f"{part}.w{layer}"] = run.tensor(drawn, arms)
                found[f"{part}.b{layer}"] = run.tensor(run.streams.constant(0.0, 1, outputs), arms)
        return found

    def generate(self, params: Params, z: Tensor) -> Tensor:
        """Made examples (N, B, dimension) of noise (N, B, latent)."""
        return self._parts()["g"](_of(params, "g"), z)

    def judge(self, params: Params, x: Tensor) -> Tensor:
        """Logits of "real", (N, B)."""
        return self._parts()["d"](_of(params, "d"), x).squeeze(-1)

    def discriminating(self, params: Params, real: Tensor, made: Tensor) -> Tensor:
        """The discriminator's loss, (N): -log D(real) - log(1 - D(made)), means over the batch; 2 log 2 at chance."""
        return _softplus(-self.judge(params, real)).mean(1) + _softplus(self.judge(params, made)).mean(1)

    def losses(self, params: Params, real: Tensor, z: Tensor) -> Tensor:
        """What both descend together, (N): each part has the gradient of its own loss, and of nothing else.

        The generator's loss is -log D(made), the one that does not saturate.
        """
        made = self.generate(params, z)
        still = {name: p.detach() for name, p in params.items()}
        return self.discriminating(params, real, made.detach()) + _softplus(-self.judge(still, made)).mean(1)


def _softplus(x: Tensor) -> Tensor:
    return evenly(F.softplus, x)


def _of(params: Params, part: str) -> Params:
    return {name[2:]: p for name, p in params.items() if name.startswith(f"{part}.")}
