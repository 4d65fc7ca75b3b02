"""A network with squared error and with cross-entropy, at a usual and at a far too large rate: which runs diverge?

With squared error the loss soon leaves the range of numbers. The gradient of cross-entropy is at most 1 in each logit:
ReLU units die of a step that is far too large, and what is left is a bias for each class, near the loss of the start;
tanh units stay, and the loss ends some hundred times higher, but no further.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import cross_entropy, squared_error_of_classes
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Control, Curve, Events, Experiment, Measured, Metric

ARMS = ("squared_usual", "squared_large", "entropy_usual", "entropy_large")
BOUNDED = "bounded_large"
"""The arm with squared error whose gradient is at most 1 in each output: it goes on as a straight line (Huber)."""
CAP = 30.0
"""Decades above the start that stand for all larger losses, and for losses that are no numbers."""

experiment = Experiment(
    version=2,
    metrics={"growth": Metric(least=0.1, digits=2)},
    nuisances=("usual", "large", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 network on ``examples`` digits, SGD with batches of ``batch`` at two rates.

    The squared error is half the sum over the 10 outputs: 5 times their mean.
    """

    usual: float
    large: float
    activation: str = "relu"
    steps: int = 100
    width: int = 32
    examples: int = 400
    batch: int = 32


experiment.ask(
    Setting(usual=0.1, large=4),
    Setting(usual=0.05, large=5, steps=150, width=64),
    Setting(usual=0.2, large=6, steps=200, width=48, examples=600),
    Setting(usual=0.05, large=10, activation="tanh", width=48),
    Setting(usual=0.03, large=30, activation="tanh", steps=150, examples=300),
    Setting(usual=0.02, large=4, width=24, batch=16),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [ARMS, (BOUNDED,)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "diverge": Events("growth", ARMS, above=0.301, believed=("squared_large", "entropy_large")),
        "squared": Change("growth", "squared_usual", "squared_large"),
        "entropy": Change("growth", "squared_large", "entropy_large"),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where the gradient of the squared error does not grow with the error, the large rate does not leave numbers."""
    return {"bounded": Control(Events("growth", (BOUNDED,), above=CAP / 2), ())}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = MLP((64, s.width, 10), s.activation)
    digits, _ = data.split(run.streams, "digits", s.examples)
    x, y = (run.tensor(part, len(arms)) for part in digits)
    squared = run.per_arm([float(arm.startswith("squared")) for arm in arms]) > 0

    def loss(outputs: Tensor, y: Tensor) -> Tensor:
        if BOUNDED in arms:
            return _huber(outputs, y)
        return torch.where(squared, 5 * squared_error_of_classes(outputs, y), cross_entropy(outputs, y))

    trained = teach(
        run,
        len(arms),
        network,
        network.init(run, len(arms)),
        digits,
        Optimizer(run.per_arm([s.large if arm.endswith("large") else s.usual for arm in arms])),
        steps=s.steps,
        batch=s.batch,
        loss=loss,
        watch={"loss": score(network, (x, y), loss)},
    )
    losses = trained.watched["loss"]
    growth = run.by_arm(arms, (losses / losses[:, :1]).log10().nan_to_num(CAP).clamp(max=CAP))
    return Measured({arm: {"growth": growth[arm][:, -1]} for arm in arms}, {"growth": Curve(trained.x, growth)})


def _huber(outputs: Tensor, y: Tensor) -> Tensor:
    """The squared error, but linear in what is off by more than 1, (N)."""
    truth = F.one_hot(y, outputs.shape[-1]).to(outputs.dtype)
    return F.huber_loss(outputs, truth, reduction="none").sum(-1).mean(1)
