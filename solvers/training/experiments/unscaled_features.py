"""Linear regression where some features are much larger than others: gradient descent does not learn the small ones.

The large features make the loss steep, and so set the largest stable rate; at this rate the weights of the others
hardly move. Adam divides by the size of each gradient, so that every weight moves alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import squared_error
from solvers.training.engine.networks.linear import Linear
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import follow, score
from solvers.training.experiment import Change, Claim, Closest, Control, Curve, Experiment, Measured, Metric, Order

ARMS = ("scaled", "unscaled", "adam")
RATES = tuple(round(10.0**power, 9) for power in np.arange(-8, 0.5, 0.5))
"""Every run takes the one by which its loss ends lowest."""

experiment = Experiment(
    version=2,
    metrics={"loss": Metric(least=1.2, scale="ratio"), "left": Metric(least=0.02, digits=2)},
    nuisances=("steps", "examples", "factor"),
)


@dataclass(frozen=True)
class Setting:
    """Features drawn from N(0, 1), whose sum and normal noise is the target; ``large`` of them are then stretched.

    They are multiplied by ``factor`` in the arms ``unscaled`` and ``adam``. Each step takes all ``examples``.

    For a control the stretched features are divided by their standard deviations again in the arm ``restored``.
    """

    features: int
    large: int
    factor: float
    steps: int = 100
    examples: int = 200
    noise: float = 0.1


experiment.ask(
    Setting(features=10, large=5, factor=100, steps=40),
    Setting(features=8, large=2, factor=300, steps=50),
    Setting(features=20, large=15, factor=100, steps=40, examples=300),
    Setting(features=12, large=3, factor=1000, steps=80),
    Setting(features=12, large=6, factor=200, steps=60, examples=150),
    Setting(features=16, large=4, factor=500, steps=60, examples=400, noise=0.2),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, "restored")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    share = round(1 - s.large / s.features, 2)
    options = sorted({0.0, round(share / 3, 2), share, round(1 - share, 2), 1.0})
    return {
        "order": Order("loss", ("unscaled", "adam", "scaled")),
        "descent": Change("loss", "scaled", "unscaled", believed=("same",)),
        "adam": Change("loss", "unscaled", "adam"),
        "left": Closest("left", "unscaled", tuple(options), believed=("0",)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Only the scale was lost: where features get it back, they are learnt as if they had never been stretched."""
    return {"restored": Control(Change("loss", "scaled", "restored", margin=1.2), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    ones = np.ones(s.features)
    x, target = data.regression(run.streams, "examples", s.examples, weights=ones, deviations=ones, noise=s.noise)
    stretched = x * np.where(np.arange(s.features) < s.large, s.factor, 1.0)
    features = {"scaled": x, "restored": stretched / stretched.std(1, keepdims=True)}
    xs = torch.cat([run.tensor(features.get(arm, stretched), len(RATES)) for arm in arms])
    y = run.tensor(target, len(RATES) * len(arms))
    network = Linear(s.features)
    rule = Optimizer(
        rate=run.per_arm([rate for _ in arms for rate in RATES]),
        adam=run.per_arm([float(arm == "adam") for arm in arms for _ in RATES]),
    )
    loss = score(network, (xs, y), squared_error)
    start = network.init(run, len(RATES) * len(arms))
    watched = follow(run, lambda params, step: loss(params), start, rule, s.steps, watch={"loss": loss})
    curves = watched.watched["loss"].view(len(arms), len(RATES), len(run.seeds), -1).nan_to_num(torch.inf)
    best = curves[..., -1].argmin(1)[:, None, :, None].expand(-1, 1, -1, curves.shape[-1])
    found = run.by_arm(arms, curves.gather(1, best).flatten(0, 2))
    return Measured(
        {arm: {"loss": values[:, -1], "left": values[:, -1] / values[:, 0]} for arm, values in found.items()},
        {"loss": Curve(watched.x, found)},
    )
