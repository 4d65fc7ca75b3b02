"""Every engine and every optimizer agrees with a plain loop over models of torch.nn, after 50 steps.

Sizes are distinct primes, so that no axis can stand for another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine import losses, plain
from solvers.training.engine.ensemble import Optimizer, Params, fit, moving
from solvers.training.engine.feeds import Masks, Minibatches, Noise
from solvers.training.engine.networks import dense
from solvers.training.engine.networks.attention import Attention
from solvers.training.engine.networks.cnn import CNN, largest
from solvers.training.engine.networks.ddpm import DDPM, betas
from solvers.training.engine.networks.gan import GAN
from solvers.training.engine.networks.linear import Linear
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.networks.recurrent import Recurrent
from solvers.training.engine.networks.vae import VAE
from solvers.training.engine.run import Run
from solvers.training.engine.streams import Streams
from solvers.training.engine.supervised import teach

STEPS = 50
SEEDS = (3, 5)
ARMS = 2
MODELS = ARMS * len(SEEDS)
BATCH, EXAMPLES = 13, 29
CLASSES = 3


@dataclass(frozen=True)
class Rule:
    """An optimizer, one value an arm."""

    rate: tuple[float, float] = (0.02, 0.05)
    momentum: tuple[float, float] | None = None
    adam: tuple[float, float] | None = None
    decay: tuple[float, float] | None = None
    decoupled: bool = False

    def optimizer(self, run: Run) -> Optimizer:
        def spread(values: tuple[float, float] | None) -> Tensor | None:
            return None if values is None else run.per_arm(values)

        rate = run.per_arm(self.rate)
        return Optimizer(rate, spread(self.momentum), spread(self.adam), spread(self.decay), self.decoupled)


RULES = {
    "SGD": Rule(),
    "L2": Rule(decay=(0.01, 0.1)),
    "momentum": Rule(momentum=(0.9, 0.5), decay=(0.0, 0.01)),
    "Adam": Rule(rate=(0.001, 0.003), adam=(1, 1)),
    "Adam with L2": Rule(rate=(0.001, 0.003), adam=(1, 1), decay=(0.1, 0.01)),
    "AdamW": Rule(rate=(0.001, 0.003), adam=(1, 1), decay=(0.1, 0.01), decoupled=True),
    "momentum beside Adam": Rule(rate=(0.02, 0.003), momentum=(0.9, 0.0), adam=(0, 1)),
}

NETWORKS = {
    "MLP": (MLP((5, 11, 7, CLASSES)), (5,)),
    "MLP, torch's start": (MLP((5, 11, CLASSES), "tanh", "torch"), (5,)),
    "MLP without biases": (MLP((5, 11, CLASSES), "leaky", "lecun", gain=0.7, biased=False), (5,)),
    "residual": (MLP((5, 11, 11, 11, CLASSES), "gelu", "xavier", residual=0.5), (5,)),
    "batch normalization": (MLP((5, 11, 7, CLASSES), norm="batch"), (5,)),
    "layer normalization": (MLP((5, 11, 7, CLASSES), "sigmoid", norm="layer"), (5,)),
    "linear": (Linear(5, CLASSES), (5,)),
    "RNN": (Recurrent("rnn", 5, 7, CLASSES), (11, 5)),
    "LSTM": (Recurrent("lstm", 5, 7, CLASSES, forget=1.0, enter=-0.5), (11, 5)),
    "GRU": (Recurrent("gru", 5, 7, CLASSES), (11, 5)),
    "CNN": (CNN(8, (5, 7), CLASSES), (8, 8, 1)),
    "CNN of averages": (CNN(7, (2, 5), CLASSES, inputs=3, pool="mean", averaged=True), (7, 7, 3)),
}

TOKENS = 7
ATTENTION = {
    "one layer": Attention(TOKENS, 11, 5, CLASSES),
    "two layers": Attention(TOKENS, 11, 5, CLASSES, depth=2, wide=13),
    "without positions, not scaled": Attention(TOKENS, 11, 5, CLASSES, positions=False, scaled=False),
    "causal": Attention(TOKENS, 11, 5, CLASSES, causal=True, pooled=False),
}


def agree(ours: Params, model: int, theirs: plain.Plain, tolerance: float = 1e-5) -> None:
    found = theirs.found()
    assert found.keys() == ours.keys()
    for name, values in found.items():
        assert (ours[name][model] - values).abs().max().item() < tolerance, name


def drawn(run: Run, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return run.streams.normal("examples", EXAMPLES, *shape)


def compare(
    network: object,
    params: Params,
    rule: Optimizer,
    batched: Callable[[Params, int], Tensor],
    single: Callable[..., Tensor],
) -> None:
    """``single(module, step, model)`` is the loss of one model."""
    found = fit(batched, params, rule, STEPS)
    for model in range(MODELS):
        module = plain.module(network).load(params, model)
        plain.train(module, rule, model, STEPS, partial(single, model=model))
        agree(found, model, module)


def classify(network: object, shape: tuple[int, ...], rule: Rule, tokens: bool = False, dropout: bool = False) -> None:
    run = Run(SEEDS)
    x = run.streams.below(TOKENS, "examples", EXAMPLES, *shape) if tokens else drawn(run, *shape)
    each = (EXAMPLES, *shape) if isinstance(network, Attention) and not network.pooled else (EXAMPLES,)
    y = run.streams.below(CLASSES, "labels", *each)
    feed = Minibatches(run, ARMS, x, y, BATCH, STEPS)
    masks = Masks(run, run.per_arm((0.2, 0.5)), BATCH, network.hidden) if isinstance(network, MLP) else None

    def batched(params: Params, step: int) -> Tensor:
        x, y = feed(step)
        if isinstance(network, MLP):
            logits = network(params, x, True, masks(step) if masks and dropout else ())
        else:
            logits = network(params, x)  # type: ignore[operator]
        return losses.cross_entropies(logits, y) if logits.dim() == 4 else losses.cross_entropy(logits, y)

    def single(module: plain.Plain, step: int, model: int) -> Tensor:
        x, y = (part[model] for part in feed(step))
        if isinstance(network, CNN):
            x = x.permute(0, 3, 1, 2)
        logits = module(x, *(mask[model] for mask in masks(step)) if masks and dropout else ())
        return F.cross_entropy(logits.flatten(0, -2), y.flatten())

    params = network.init(run, ARMS)  # type: ignore[attr-defined]
    compare(network, params, rule.optimizer(run), batched, single)


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str) -> None:
    classify(*NETWORKS[name], RULES["momentum"])


@pytest.mark.parametrize("name", ATTENTION)
def test_attention(name: str) -> None:
    classify(ATTENTION[name], (11,), Rule(rate=(0.01, 0.02)), tokens=True)


@pytest.mark.parametrize("name", RULES)
def test_optimizers(name: str) -> None:
    classify(NETWORKS["MLP, torch's start"][0], (5,), RULES[name])


@pytest.mark.parametrize("activation", dense.ACTIVATIONS)
@pytest.mark.parametrize("biased", [True, False])
def test_gradients_by_hand(activation: str, biased: bool) -> None:
    """What ``teach`` does for stacks of layers; also where the last layer is wide."""
    run, rule = Run(SEEDS), RULES["momentum"].optimizer(Run(SEEDS))
    network = MLP((5, 11, 7, 19), activation, "lecun", biased=biased)
    examples = drawn(run, 5), run.streams.below(19, "labels", EXAMPLES)
    params = network.init(run, ARMS)
    found = teach(run, ARMS, network, params, examples, rule, steps=STEPS, batch=BATCH).params
    feed = Minibatches(run, ARMS, *examples, BATCH, STEPS)
    for model in range(MODELS):
        module = plain.module(network).load(params, model)

        def loss(module: plain.Plain, step: int, model: int = model) -> Tensor:
            x, y = feed(step)
            return F.cross_entropy(module(x[model]), y[model])

        agree(found, model, plain.train(module, rule, model, STEPS, loss))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_gradients_over_time(cell: Literal["rnn", "lstm", "gru"]) -> None:
    """The gradient of a loss that reads all states, with respect to the inputs too."""
    run = Run(SEEDS, dtype=torch.float64)
    network = Recurrent(cell, 5, 7, CLASSES)
    params = moving(network.init(run, ARMS))
    x = run.tensor(run.streams.normal("x", BATCH, 11, 5), ARMS).requires_grad_()
    weights = run.tensor(run.streams.normal("weights", 11, BATCH, 7), ARMS).transpose(0, 1)
    losses = (network.hidden(params, x) * weights).sum((0, 2, 3)) + network(params, x).sum((1, 2))
    of_x, of_u = torch.autograd.grad(losses.sum(), (x, params["u"]))
    for model in range(MODELS):
        module = plain.module(network).double().load(params, model)
        assert isinstance(module, plain.Recurrence)
        single = x[model].detach().requires_grad_()
        states = module.cell(single)[0]
        loss = (states.transpose(0, 1) * weights[:, model]).sum() + module(single).sum()
        theirs, weight = torch.autograd.grad(loss, (single, module.cell.weight_hh_l0))
        assert torch.allclose(of_x[model], theirs, atol=1e-12)
        assert torch.allclose(of_u[model].t(), weight, atol=1e-12)


def test_pooling_for_gpus() -> None:
    """The same as torch's, also of odd sizes and where pixels are equal."""
    x = torch.from_numpy(Streams((2, 3)).below(3, "x", 3, 7, 5, 2)).double().requires_grad_()
    ours, theirs = largest(x), F.max_pool2d(x.flatten(0, 1).permute(0, 3, 1, 2), 2)
    assert torch.equal(ours.flatten(0, 1).permute(0, 3, 1, 2), theirs)
    weights = torch.arange(theirs.numel(), dtype=torch.float64).view(theirs.shape)
    (expected,) = torch.autograd.grad((theirs * weights).sum(), x)
    (found,) = torch.autograd.grad((ours.flatten(0, 1).permute(0, 3, 1, 2) * weights).sum(), x)
    assert torch.equal(found, expected)


def test_dropout() -> None:
    classify(MLP((5, 11, 7, CLASSES)), (5,), Rule(), dropout=True)


def test_vae() -> None:
    run = Run(SEEDS)
    network, weight = VAE(5, 11, 3), run.per_arm((0.3, 3.0))
    feed = Minibatches(run, ARMS, drawn(run, 5), run.streams.below(CLASSES, "labels", EXAMPLES), BATCH, STEPS)
    noise = Noise(run, ARMS, (BATCH, 3))

    def batched(params: Params, step: int) -> Tensor:
        error, kl = network.parts(params, feed(step)[0], noise(step))
        return error + weight * kl

    def single(module: plain.Plain, step: int, model: int) -> Tensor:
        x = feed(step)[0][model]
        back, mean, logarithm = module(x, noise(step)[model])
        error: Tensor = F.mse_loss(back, x, reduction="sum") / 2
        posterior = torch.distributions.Normal(mean, torch.exp(logarithm / 2))
        prior = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
        kl = torch.distributions.kl_divergence(posterior, prior).sum()
        return (error + weight[model] * kl) / BATCH

    compare(network, network.init(run, ARMS), Rule((0.002, 0.005)).optimizer(run), batched, single)


def test_gan() -> None:
    run = Run(SEEDS)
    network, rule = GAN((3, 11, 2), (2, 7, 1)), Rule().optimizer(run)
    real, z = Noise(run, ARMS, (BATCH, 2), "real"), Noise(run, ARMS, (BATCH, 3), "z")
    params = network.init(run, ARMS)
    found = fit(lambda params, step: network.losses(params, 1 + 2 * real(step), z(step)), params, rule, STEPS)
    for model in range(MODELS):
        module = plain.module(network).load(params, model)
        assert isinstance(module, plain.Playing)
        moves = plain.optimizer(rule, model, module.parameters())
        for step in range(STEPS):
            module.backward(1 + 2 * real(step)[model], z(step)[model])
            moves.step()
        agree(found, model, module)


def test_ddpm() -> None:
    run = Run(SEEDS)
    network = DDPM(2, 11, tuple(betas("linear", 17, last=0.2)))
    noise = Noise(run, ARMS, (BATCH, 2))
    at = run.tensor(run.streams.below(network.steps, "t", STEPS, BATCH), ARMS)
    x = run.tensor(run.streams.normal("x", BATCH, 2), ARMS)

    def batched(params: Params, step: int) -> Tensor:
        return network.errors(params, x, at[:, step], noise(step)).mean(1)

    def single(module: plain.Plain, step: int, model: int) -> Tensor:
        t, added = at[model, step], noise(step)[model]
        kept = torch.cumprod(1 - torch.tensor(network.betas, dtype=torch.float64), 0).float()[t][:, None]
        told = module(torch.cat([kept.sqrt() * x[model] + (1 - kept).sqrt() * added, network.code(x)[t]], 1))
        return F.mse_loss(told, added)

    compare(network, network.init(run, ARMS), RULES["Adam"].optimizer(run), batched, single)


def test_regression() -> None:
    run = Run(SEEDS)
    x, y = run.tensor(drawn(run, 5), ARMS), run.tensor(run.streams.normal("targets", EXAMPLES, 1), ARMS)
    network = Linear(5)
    compare(
        network,
        network.init(run, ARMS),
        RULES["L2"].optimizer(run),
        lambda params, step: losses.squared_error(network(params, x), y),
        lambda module, step, model: F.mse_loss(module(x[model]), y[model]),
    )
