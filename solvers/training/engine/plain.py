"""The oracle: the same architectures as ``torch.nn`` modules, trained one model at a time by ``torch.optim``.

Nothing here is batched over models and nothing is shared with the networks but their settings: what both give after
some steps must agree. It is also what the speed of the ensemble is measured against.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch
from itertools import pairwise
from math import sqrt
from typing import Any, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.networks.attention import Attention
from solvers.training.engine.networks.cnn import CNN
from solvers.training.engine.networks.ddpm import DDPM
from solvers.training.engine.networks.gan import GAN
from solvers.training.engine.networks.linear import Linear
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.networks.recurrent import Recurrent
from solvers.training.engine.networks.vae import VAE

ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "leaky": nn.LeakyReLU,
    "identity": nn.Identity,
}


@dataclass(frozen=True)
class Place:
    """Where a parameter of a model stands in its module, and how it is laid out there."""

    tensor: Tensor
    ours: Callable[[Tensor], Tensor]
    theirs: Callable[[Tensor], Tensor]


Places: TypeAlias = dict[str, Place]


def matrix(tensor: Tensor) -> Place:
    """A weight (out, in), which is (in, out) here."""
    return Place(tensor, lambda p: p.t(), lambda p: p.t())


def row(tensor: Tensor) -> Place:
    """A vector (width), which is (1, width) here."""
    return Place(tensor, lambda p: p[None], lambda p: p[0])


def same(tensor: Tensor) -> Place:
    """What is laid out in the same way."""
    return Place(tensor, lambda p: p, lambda p: p)


def dense(layer: str, module: nn.Linear) -> Places:
    """Weight and bias of a layer."""
    found = {f"w{layer}": matrix(module.weight)}
    return found if module.bias is None else {**found, f"b{layer}": row(module.bias)}


class Plain(nn.Module):
    """A module that knows where the parameters of one model go."""

    def places(self) -> Places:
        """Every parameter by the name that it has in the ensemble."""
        raise NotImplementedError

    def load(self, params: Params, model: int) -> "Plain":
        """Takes over the parameters of one model of an ensemble."""
        with torch.no_grad():
            for name, place in self.places().items():
                place.tensor.copy_(place.theirs(params[name][model].cpu()))
        return self

    def found(self) -> Params:
        """The parameters of this model, laid out as in an ensemble, without the leading axis."""
        return {name: place.ours(place.tensor.detach()) for name, place in self.places().items()}


class Perceptron(Plain):
    """The twin of ``MLP``."""

    def __init__(self, network: MLP) -> None:
        super().__init__()
        self.residual = network.residual
        self.linear = nn.ModuleList(nn.Linear(*sizes, bias=network.biased) for sizes in pairwise(network.sizes))
        kinds: dict[str, Callable[[int], nn.Module]] = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}
        self.norms = nn.ModuleList(map(kinds.get(network.norm, nn.Identity), network.hidden))
        self.activation = ACTIVATIONS[network.activation]()

    def forward(self, x: Tensor, *masks: Tensor) -> Tensor:
        for layer, linear in enumerate(list(self.linear)[:-1]):
            new = self.activation(self.norms[layer](linear(x)))
            x = x + self.residual * new if self.residual and layer else new
            if masks:
                x = x * masks[layer]
        found: Tensor = self.linear[-1](x)
        return found

    def places(self) -> Places:
        found: Places = {}
        for layer, linear in enumerate(self.linear, 1):
            assert isinstance(linear, nn.Linear)
            found |= dense(str(layer), linear)
        for layer, norm in enumerate(self.norms, 1):
            if isinstance(norm, (nn.BatchNorm1d, nn.LayerNorm)):
                found |= {f"scale{layer}": row(norm.weight), f"shift{layer}": row(norm.bias)}
            if isinstance(norm, nn.BatchNorm1d):
                assert norm.running_mean is not None
                assert norm.running_var is not None
                found |= {f"_mean{layer}": row(norm.running_mean), f"_variance{layer}": row(norm.running_var)}
        return found


class Regression(Plain):
    """The twin of ``Linear``."""

    def __init__(self, network: Linear) -> None:
        super().__init__()
        self.linear = nn.Linear(network.inputs, network.outputs, bias=network.biased)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.linear(x)
        return found

    def places(self) -> Places:
        return dense("1", self.linear)


class Recurrence(Plain):
    """The twin of ``Recurrent``. The second of torch's two biases does nothing of its own but in a GRU: it stays 0."""

    def __init__(self, network: Recurrent) -> None:
        super().__init__()
        self.network = network
        kinds: dict[str, Any] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
        self.cell: Any = kinds[network.cell](network.inputs, network.width, batch_first=True)
        self.out = nn.Linear(network.width, network.outputs)
        with torch.no_grad():
            self.cell.bias_hh_l0.zero_()
        self.own = 2 * network.width if network.cell == "gru" else network.width * 4
        self.cell.bias_hh_l0.register_hook(self._first_bias_only)

    def _first_bias_only(self, gradient: Tensor) -> Tensor:
        gradient = gradient.clone()
        gradient[: self.own] = 0
        return gradient

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.out(self.cell(x)[0][:, -1])
        return found

    def places(self) -> Places:
        cell: Any = self.cell
        found = {"w": matrix(cell.weight_ih_l0), "u": matrix(cell.weight_hh_l0), "b": row(cell.bias_ih_l0)}
        if self.network.cell == "gru":
            found["c"] = row(cell.bias_hh_l0[self.own :])
        return found | dense("o", self.out)


class Attending(Plain):
    """The twin of ``Attention``."""

    def __init__(self, network: Attention) -> None:
        super().__init__()
        self.network, width = network, network.width
        self.tokens = nn.Embedding(network.tokens, width)
        self.positions = nn.Embedding(network.length, width) if network.positions else None
        blocks = [f"{part}{block}" for block in range(1, network.depth + 1) for part in "qkvm"]
        self.heads = nn.ModuleDict({name: nn.Linear(width, width, bias=False) for name in blocks})
        if network.wide:
            for block in range(1, network.depth + 1):
                self.heads[f"f{block}"] = nn.Linear(width, network.wide)
                self.heads[f"g{block}"] = nn.Linear(network.wide, width)
        self.out = nn.Linear(width, network.outputs)

    def forward(self, tokens: Tensor) -> Tensor:
        x, heads = self.tokens(tokens), self.heads
        if self.positions is not None:
            x = x + self.positions.weight
        scale = 1 / sqrt(self.network.width) if self.network.scaled else 1.0
        for block in range(1, self.network.depth + 1):
            q, k, v = (heads[f"{part}{block}"](x) for part in "qkv")
            looked = F.scaled_dot_product_attention(q, k, v, is_causal=self.network.causal, scale=scale)
            x = x + heads[f"m{block}"](looked)
            if self.network.wide:
                x = x + heads[f"g{block}"](F.relu(heads[f"f{block}"](x)))
        found: Tensor = self.out(x.mean(1) if self.network.pooled else x)
        return found

    def places(self) -> Places:
        found = {"e": same(self.tokens.weight)}
        if self.positions is not None:
            found["p"] = same(self.positions.weight)
        for name, head in self.heads.items():
            assert isinstance(head, nn.Linear)
            found |= dense(name, head)
        return found | dense("o", self.out)


class Convolving(Plain):
    """The twin of ``CNN``: images (B, C, H, W) in torch's layout."""

    def __init__(self, network: CNN) -> None:
        super().__init__()
        self.network = network
        sizes = pairwise((network.inputs, *network.channels))
        self.filters = nn.ModuleList(nn.Conv2d(inputs, outputs, 3, padding=1) for inputs, outputs in sizes)
        self.pool = nn.MaxPool2d(2) if network.pool == "max" else nn.AvgPool2d(2)
        self.out = nn.Linear(network.read, network.outputs)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.filters:
            x = self.pool(F.relu(layer(x)))
        found: Tensor = self.out(x.mean((2, 3)) if self.network.averaged else x.flatten(1))
        return found

    def places(self) -> Places:
        found: Places = {}
        for layer, module in enumerate(self.filters, 1):
            assert isinstance(module, nn.Conv2d)
            assert module.bias is not None
            outputs, inputs = module.weight.shape[:2]
            found[f"w{layer}"] = Place(
                module.weight,
                lambda p: p.permute(2, 3, 1, 0).flatten(0, 2),
                lambda p, i=inputs, o=outputs: p.view(3, 3, i, o).permute(3, 2, 0, 1),  # type: ignore[misc]
            )
            found[f"b{layer}"] = row(module.bias)
        last = self.network.channels[-1]
        found["wo"] = Place(
            self.out.weight,
            lambda p: p.t().reshape(last, -1, p.shape[0]).transpose(0, 1).flatten(0, 1),
            lambda p: p.reshape(-1, last, p.shape[1]).transpose(0, 1).flatten(0, 1).t(),
        )
        return {**found, "bo": row(self.out.bias)}


class Coding(Plain):
    """The twin of ``VAE``; gives the reconstruction, the mean and the logarithm of the variance."""

    def __init__(self, network: VAE) -> None:
        super().__init__()
        activation = ACTIVATIONS[network.activation]
        self.encoder = nn.Sequential(
            nn.Linear(network.inputs, network.width), activation(), nn.Linear(network.width, 2 * network.latent)
        )
        self.decoder = nn.Sequential(
            nn.Linear(network.latent, network.width), activation(), nn.Linear(network.width, network.inputs)
        )

    def forward(self, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, logarithm = self.encoder(x).chunk(2, 1)
        return self.decoder(mean + torch.exp(logarithm / 2) * noise), mean, logarithm

    def places(self) -> Places:
        found = (*self.encoder, *self.decoder)
        linear = [module for module in found if isinstance(module, nn.Linear)]
        return {
            name: place for number, module in enumerate(linear, 1) for name, place in dense(str(number), module).items()
        }


class Playing(Plain):
    """The twin of ``GAN``: two perceptrons."""

    def __init__(self, network: GAN) -> None:
        super().__init__()
        self.generator = Perceptron(MLP(network.generator, network.activation))
        self.discriminator = Perceptron(MLP(network.discriminator, network.activation))

    def places(self) -> Places:
        parts = {"g": self.generator, "d": self.discriminator}
        return {f"{name}.{inner}": place for name, part in parts.items() for inner, place in part.places().items()}

    def backward(self, real: Tensor, z: Tensor) -> None:
        """The gradients of both players' losses, each for its own parameters, at the same point."""
        one, zero = torch.ones(len(real), 1), torch.zeros(len(z), 1)
        made = self.generator(z)
        self.zero_grad()
        torch.autograd.backward(F.binary_cross_entropy_with_logits(self.discriminator(made), one))
        self.discriminator.zero_grad()
        loss = F.binary_cross_entropy_with_logits(self.discriminator(real), one)
        loss = loss + F.binary_cross_entropy_with_logits(self.discriminator(made.detach()), zero)
        torch.autograd.backward(loss)


@singledispatch
def module(network: object) -> Plain:
    """The twin of a network, not yet with its parameters."""
    raise TypeError(network)


module.register(MLP)(Perceptron)
module.register(Linear)(Regression)
module.register(Recurrent)(Recurrence)
module.register(Attention)(Attending)
module.register(CNN)(Convolving)
module.register(VAE)(Coding)
module.register(GAN)(Playing)


@module.register
def _(network: DDPM) -> Plain:
    return Perceptron(network.network)


def optimizer(rule: Optimizer, model: int, parameters: Any) -> torch.optim.Optimizer:
    """The rule of one model of an ensemble, as torch has it."""
    rate = float(rule.rate[model])
    decay = 0.0 if rule.decay is None else float(rule.decay[model])
    if rule.adam is not None and rule.adam[model]:
        kind = torch.optim.AdamW if rule.decoupled else torch.optim.Adam
        return kind(parameters, lr=rate, weight_decay=decay)
    if rule.decoupled and decay:
        raise ValueError("torch has no SGD whose decay is decoupled")
    momentum = 0.0 if rule.momentum is None else float(rule.momentum[model])
    return torch.optim.SGD(parameters, lr=rate, momentum=momentum, weight_decay=decay)


def train(found: Plain, rule: Optimizer, model: int, steps: int, loss: Callable[[Plain, int], Tensor]) -> Plain:
    """The plain loop: one model, ``steps`` steps on the loss of each."""
    moves = optimizer(rule, model, found.parameters())
    for step in range(steps):
        moves.zero_grad()
        torch.autograd.backward(loss(found, step))
        moves.step()
    return found
