"""Multilayer perceptrons: plain or residual, with batch or layer normalization, any activation and initialization."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.losses import cross_entropy_and_gradient
from solvers.training.engine.networks import dense, layers
from solvers.training.engine.run import Run


@dataclass(frozen=True)
class MLP:
    """Layers of ``sizes`` (inputs, hidden …, outputs); the last one has no activation.

    ``start`` and ``gain``: see ``layers.STARTS``; ``norm``: ``batch``, ``layer`` or none, before the activation.
    With ``residual`` r > 0, every hidden layer but the first is h + r f(h), where f is the whole layer.
    """

    sizes: tuple[int, ...]
    activation: str = "relu"
    start: str = "he"
    gain: float = 1.0
    norm: str = ""
    residual: float = 0.0
    biased: bool = True

    @property
    def hidden(self) -> tuple[int, ...]:
        """The widths of the hidden layers: the shape of masks of dropout."""
        return self.sizes[1:-1]

    def init(self, run: Run, arms: int) -> Params:
        """Weights ``w1`` … (N, in, out) and biases ``b1`` … (N, 1, out)."""
        found: Params = {}
        for layer, (inputs, outputs) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), 1):
            found |= layers.dense(run, arms, str(layer), inputs, outputs, self.start, self.gain, self.biased)
            if self.norm and layer < len(self.sizes) - 1:
                found |= layers.normalization(run, arms, str(layer), outputs, self.norm)
        return found

    def __call__(self, params: Params, x: Tensor, training: bool = False, masks: Sequence[Tensor] = ()) -> Tensor:
        """Outputs (N, B, out) for inputs (N, B, in).

        ``training`` normalizes with the batch's own statistics; ``masks`` (N, B, width) multiply the hidden layers.
        """
        if not self.stacked or masks:
            return self.activations(params, x, training, masks)[-1]
        return dense.stack(self.activation, x, *self._stack(params))

    @property
    def stacked(self) -> bool:
        """Whether it is nothing but layers and activations, whose gradients are written by hand."""
        return not self.norm and not self.residual and self.activation in dense.ACTIVATIONS

    @torch.no_grad()
    def classify(self, params: Params, x: Tensor, y: Tensor) -> tuple[Tensor, Params]:
        """Cross-entropies (N) of a stack, and their gradients by hand, without autograd."""
        weights, biases = self._stack(params)
        *given, logits = dense.forward(self.activation, x, weights, biases)
        losses, gradient = cross_entropy_and_gradient(logits, y)
        _, *found = dense.backward(self.activation, gradient, given, weights, self.biased, False)
        return losses, {name: p for part, kind in zip("wb", found, strict=True) for name, p in _named(part, kind)}

    def _stack(self, params: Params) -> tuple[list[Tensor], list[Tensor]]:
        names = range(1, len(self.sizes))
        weights = [params[f"w{layer}"] for layer in names]
        return weights, [params[f"b{layer}"] for layer in names] if self.biased else []

    def activations(
        self, params: Params, x: Tensor, training: bool = False, masks: Sequence[Tensor] = ()
    ) -> list[Tensor]:
        """What every layer gives, from the first hidden one to the outputs."""
        found: list[Tensor] = []
        for layer in range(1, len(self.sizes) - 1):
            new = self._layer(params, str(layer), x, training)
            if self.residual and layer > 1:
                new = x + self.residual * new
            x = new * masks[layer - 1] if masks else new
            found.append(x)
        return [*found, layers.apply(params, str(len(self.sizes) - 1), x)]

    def _layer(self, params: Params, layer: str, x: Tensor, training: bool) -> Tensor:
        x = layers.apply(params, layer, x)
        if self.norm == "batch":
            x = layers.batch_norm(params, layer, x, training)
        elif self.norm == "layer":
            x = layers.layer_norm(params, layer, x)
        return layers.ACTIVATIONS[self.activation](x)


def _named(kind: str, parts: Sequence[Tensor]) -> Iterator[tuple[str, Tensor]]:
    return ((f"{kind}{layer}", p) for layer, p in enumerate(parts, 1))
