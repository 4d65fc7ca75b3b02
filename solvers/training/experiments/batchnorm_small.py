"""A network with batch normalization that is used in training mode: what it says depends on the rest of the batch.

In training mode each unit is centred and scaled by the mean and variance of the batch, whose sampling error grows as
the batch shrinks. In evaluation mode, and with layer normalization, an image is looked at alone: the controls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import torch
from torch import Tensor

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.losses import accuracy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import teach
from solvers.training.experiment import Change, Claim, Control, Events, Experiment, Measured, Metric, Order

ARMS = ("small", "middle", "large", "running", "layer")
ALONE = ("running", "layer", "layer_large")
"""Where an image is looked at alone."""
MATES = 32
"""Batches in which the same image is shown."""
TESTED = 400

experiment = Experiment(
    version=2,
    metrics={"jitter": Metric(least=0.03), "test": Metric(least=0.02)},
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
    seeds=64,
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-width-10 ReLU network with batch normalization, trained by SGD in batches of ``batch``.

    It is used in training mode on batches of three sizes, and in the arm ``running`` with its running statistics;
    another one with layer normalization, trained alike, is used on the smallest batches, and as a control on the
    largest ones.
    """

    small: int
    middle: int
    large: int
    rate: float = 0.1
    steps: int = 100
    width: int = 32
    examples: int = 384
    batch: int = 64


experiment.ask(
    Setting(2, 12, 64),
    Setting(2, 16, 100, width=48, steps=150, batch=32),
    Setting(3, 16, 80, rate=0.05, width=24, steps=200),
    Setting(2, 10, 50, rate=0.2, width=64),
    Setting(4, 20, 200, width=40, examples=600, batch=50),
    Setting(2, 20, 80, rate=0.05, steps=250, examples=300, batch=100),
)
experiment.withdraw({2: "test", 5: "test"})


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [ARMS[:4], ("layer", "layer_large")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "jitter": Order("jitter", ARMS[:3]),
        "depends": Events("jitter", ARMS, above=0.05, believed=ARMS[:1]),
        "test": Order("test", ARMS[:3]),
        "mode": Change("test", "small", "running"),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where an image is looked at alone, the size of the batch is nothing: neither jitter nor accuracy see it."""
    return {
        "alone": Control(Events("jitter", ALONE, above=0.05), ()),
        "size": Control(Change("test", "layer", "layer_large", margin=0.02), ("same",)),
    }


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = MLP((64, s.width, s.width, 10), norm="layer" if "layer" in arms else "batch")
    digits, held = data.split(run.streams, "digits", s.examples, TESTED)

    def forward(params: Params, x: Tensor, step: int) -> Tensor:
        return network(params, x, True)

    start, rule = network.init(run, 1), Optimizer(run.per_arm([s.rate]))
    trained = teach(run, 1, network, start, digits, rule, steps=s.steps, batch=s.batch, forward=forward)
    x, y = (run.tensor(part) for part in held)
    shown = TESTED - TESTED % lcm(s.small, s.large) if "layer" in arms else TESTED  # the same images in both
    values = {}
    for arm in arms:
        size = getattr(s, arm.removeprefix("layer_")) if arm.endswith(ARMS[:3]) else s.small
        training = arm != "running"
        with torch.no_grad():
            jitter = _jitter(network, trained.params, x, size, training, run)
            test = _right(network, trained.params, x[:, :shown], y[:, :shown], size, training)
        values[arm] = {"jitter": run.by_arm([arm], jitter)[arm], "test": run.by_arm([arm], test)[arm]}
    return Measured(values)


def _jitter(network: MLP, params: Params, x: Tensor, size: int, training: bool, run: Run) -> Tensor:
    """The deviation of the outputs for one image over batches whose other images are drawn anew, (S)."""
    mates = run.tensor(run.streams.below(x.shape[1] - 1, f"mates {size}", MATES, size - 1) + 1)
    at = torch.arange(len(x), device=x.device)[:, None]
    batches = [torch.cat([x[:, :1], x[at, mates[:, k]]], 1) for k in range(MATES)]
    outputs = [network(_copy(params), batch, training)[:, 0] for batch in batches]
    return torch.stack(outputs, 1).std(1, correction=0).mean(1)


def _right(network: MLP, params: Params, x: Tensor, y: Tensor, size: int, training: bool) -> Tensor:
    """The accuracy on batches of this size, one after another, (S)."""
    starts = range(0, x.shape[1] - size + 1, size)
    parts = [accuracy(network(_copy(params), x[:, i : i + size], training), y[:, i : i + size]) for i in starts]
    return torch.stack(parts).mean(0)


def _copy(params: Params) -> Params:
    """Parameters whose running statistics may move."""
    return {name: p.clone() if name.startswith("_") else p for name, p in params.items()}
