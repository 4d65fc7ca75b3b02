"""SGD, momentum and Adam with the same learning rate: where is the training loss after so many steps?

Which is ahead depends on the rate: at small rates Adam leads and plain SGD is last; at large ones the order turns round.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from solvers.training import data
from solvers.training.ensemble import Optimizer, Params, fit
from solvers.training.experiment import Claim, Curve, Experiment, Measured, Metric, Order
from solvers.training.losses import cross_entropy
from solvers.training.networks.mlp import MLP
from solvers.training.run import Run

MOMENTUM = {"sgd": 0.0, "momentum": 0.9, "adam": 0.0}

experiment = Experiment(
    version=1,
    metrics={"loss": Metric(least=1.1, scale="ratio")},
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 ReLU network on ``examples`` digits, batches of ``batch``."""

    rate: float
    steps: int = 100
    width: int = 32
    examples: int = 400
    batch: int = 32


experiment.ask(
    Setting(rate=0.001),
    Setting(rate=0.01),
    Setting(rate=0.03),
    Setting(rate=0.1),
    Setting(rate=0.3),
    Setting(rate=0.01, width=64, steps=200),
    Setting(rate=0.003, width=16, steps=300),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [tuple(MOMENTUM)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {"order": Order("loss", tuple(MOMENTUM))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    (x, y), _ = data.split(run.streams, "digits", s.examples)
    batches = run.streams.batches(s.examples, s.batch, s.steps)
    at = torch.arange(len(arms) * len(run.seeds), device=run.device)[:, None]
    xs, ys, chosen = run.tensor(x, len(arms)), run.tensor(y, len(arms)), run.tensor(batches, len(arms))
    network = MLP((64, s.width, 10))

    def loss(params: Params, step: int) -> torch.Tensor:
        rows = chosen[:, step]
        return cross_entropy(network(params, xs[at, rows]), ys[at, rows])

    rule = Optimizer(
        rate=run.per_arm([s.rate] * len(arms)),
        momentum=run.per_arm([MOMENTUM[arm] for arm in arms]),
        adam=run.per_arm([float(arm == "adam") for arm in arms]),
    )
    every = max(1, s.steps // 20)
    curve = []

    def watch(params: Params, step: int, losses: torch.Tensor) -> None:
        if step % every == 0:
            with torch.no_grad():
                curve.append(cross_entropy(network(params, xs), ys))

    params = fit(loss, network.init(run, len(arms)), rule, s.steps, watch)
    with torch.no_grad():
        curve.append(cross_entropy(network(params, xs), ys))
    found = run.by_arm(arms, torch.stack(curve, 1))
    return Measured(
        values={arm: {"loss": values[:, -1]} for arm, values in found.items()},
        curves={"loss": Curve((*range(0, s.steps, every), s.steps), found)},
    )
