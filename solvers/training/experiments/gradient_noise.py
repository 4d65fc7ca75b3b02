"""How far the gradient of a minibatch is from that of all examples, by the size of the batch.

Drawn with replacement, the mean of B gradients has 1 / sqrt(B) of the deviation of one; drawn without, there is a
factor sqrt((n - B) / (n - 1)) besides (as in survey sampling), which is 0 for the batch of all n.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from solvers.training.engine import data
from solvers.training.engine.ensemble import Params, gradient, moving, norm
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

ARMS = ("small", "middle", "large")
WHOLE = "whole"
"""The arm whose batch is all examples, in random order."""
DRAWS = 64
"""Minibatches of each size."""
LEAST = 1e-5
"""Less noise counts as this: what is below is rounding."""

experiment = Experiment(
    version=2,
    metrics={"noise": Metric(least=1.2, scale="ratio"), "relative": Metric(least=0.02)},
    nuisances=("width",),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 ReLU network at its initialization, ``examples`` digits, batches with or without replacement."""

    small: int
    middle: int
    large: int
    replacement: bool = True
    width: int = 32
    examples: int = 400


experiment.ask(
    Setting(8, 32, 128),
    Setting(4, 16, 100, width=16),
    Setting(16, 64, 200, replacement=False),
    Setting(10, 50, 150, replacement=False, examples=200),
    Setting(2, 32, 50, width=48, examples=600),
    Setting(5, 60, 250, replacement=False, width=24, examples=300),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, WHOLE)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    root = sqrt(s.small / s.large)
    exact = root if s.replacement else root * sqrt((s.examples - s.large) / (s.examples - s.small))
    options = sorted({round(value, 2) for value in (root**2, exact, root, 2 * root, 1.0)})
    return {
        "order": Order("noise", ARMS),
        "noise": Change("noise", "small", "large"),
        "relative": Closest("relative", "large", tuple(options)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """The batch of all examples has no noise: what is measured comes from drawing."""
    return {"all examples": Control(Events("relative", (WHOLE,), above=0.03), ())}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = MLP((64, s.width, 10))
    (x, y), _ = data.split(run.streams, "digits", s.examples)
    xs, ys = run.tensor(x), run.tensor(y)
    params = moving(network.init(run, 1))
    at = torch.arange(len(run.seeds), device=run.device)[:, None]

    def found(rows: Tensor) -> Params:
        return gradient(cross_entropy(network(params, xs[at, rows]), ys[at, rows]), params)

    whole = found(torch.arange(s.examples, device=run.device)[None].expand(len(run.seeds), -1))
    noise = {}
    for arm in arms:
        rows = _rows(s, arm, run)
        apart = [norm({name: g - whole[name] for name, g in found(rows[:, k]).items()}).square() for k in range(DRAWS)]
        noise[arm] = run.by_arm([arm], torch.stack(apart).mean(0).sqrt().clamp(min=LEAST))[arm]
    return Measured({arm: {"noise": noise[arm], "relative": noise[arm] / noise["small"]} for arm in arms})


def _rows(s: Setting, arm: str, run: Run) -> Tensor:
    """The examples of the minibatches of an arm, (S, draws, size)."""
    size: int = s.examples if arm == WHOLE else getattr(s, arm)
    if s.replacement and arm != WHOLE:
        return run.tensor(run.streams.below(s.examples, f"rows {arm}", DRAWS, size))
    return run.tensor(run.streams.order(s.examples, f"rows {arm}", DRAWS)[:, :, :size])
