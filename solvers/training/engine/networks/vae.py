"""Variational autoencoders: Gaussian encoder and decoder of one hidden layer each."""

from dataclasses import dataclass

from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks import layers
from solvers.training.engine.run import Run


@dataclass(frozen=True)
class VAE:
    """``inputs``-``width``-2 ``latent`` and back; the prior is standard normal."""

    inputs: int
    width: int
    latent: int
    activation: str = "relu"

    def init(self, run: Run, arms: int) -> Params:
        """Layers 1 and 2 encode, 3 and 4 decode."""
        sizes = (self.inputs, self.width), (self.width, 2 * self.latent), (self.latent, self.width)
        found: Params = {}
        for layer, (inputs, outputs) in enumerate((*sizes, (self.width, self.inputs)), 1):
            found |= layers.dense(run, arms, str(layer), inputs, outputs, "he" if layer in (1, 3) else "lecun")
        return found

    def encode(self, params: Params, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance of the posterior, (N, B, latent) each."""
        hidden = layers.ACTIVATIONS[self.activation](layers.apply(params, "1", x))
        mean, logarithm = layers.apply(params, "2", hidden).chunk(2, -1)
        return mean, logarithm

    def decode(self, params: Params, z: Tensor) -> Tensor:
        """The reconstruction (N, B, inputs)."""
        return layers.apply(params, "4", layers.ACTIVATIONS[self.activation](layers.apply(params, "3", z)))

    def parts(self, params: Params, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        """Squared error of the reconstruction (summed over pixels, halved) and KL divergence in nats, (N) each.

        Both are means over the batch; ``noise`` (N, B, latent) is standard normal. The halved error is the negative log
        likelihood of a decoder with variance 1, but for a constant.
        """
        mean, logarithm = self.encode(params, x)
        back = self.decode(params, mean + (0.5 * logarithm).exp() * noise)
        error = 0.5 * (back - x).square().sum(-1).mean(1)
        kl = 0.5 * (mean.square() + logarithm.exp() - 1 - logarithm).sum(-1).mean(1)
        return error, kl
