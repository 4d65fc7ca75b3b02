"""A sigmoid output that starts confidently wrong: cross-entropy gets away from there, squared error does not.

The gradient of cross-entropy in the logit is p - y, which is near 1 where the answer is wrong; squared and absolute
error of p multiply by the slope p (1 - p) of the sigmoid, which is near 0 there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log, log10

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from solvers.training.engine.ensemble import Optimizer, Params, gradient, moving, norm
from solvers.training.engine.networks.linear import Linear
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import follow
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cross_entropy": lambda logits, y: F.softplus(logits) - y * logits,
    "squared": lambda logits, y: (torch.sigmoid(logits) - y).square(),
    "absolute": lambda logits, y: (torch.sigmoid(logits) - y).abs(),
}
"""Arms: logits and labels (N, n) to the loss of each example."""
ARMS = tuple(LOSSES)
FAIR = {"fair_cross_entropy": "cross_entropy", "fair_squared": "squared"}
"""Arms of a control, which start undecided, to their losses."""

experiment = Experiment(
    version=2,
    metrics={
        "gradient": Metric(least=1.3, scale="ratio", digits=5),
        "relative": Metric(least=0.1, digits=2),
        "accuracy": Metric(least=0.05),
    },
    nuisances=("rate", "steps", "dimensions", "examples"),
)


@dataclass(frozen=True)
class Setting:
    """Logistic regression on two Gaussian classes, whose means are ``separation`` apart, from weights that point back.

    The logit of the centre of each class is ``logit`` at the start, on the wrong side; in the arms of ``FAIR`` it is 0.
    """

    logit: float
    rate: float
    steps: int = 50
    dimensions: int = 10
    examples: int = 200
    separation: float = 12


experiment.ask(
    Setting(logit=10, rate=0.2, separation=16),
    Setting(logit=8, rate=0.1, steps=60, dimensions=4),
    Setting(logit=12, rate=0.5, dimensions=20, examples=400, separation=20),
    Setting(logit=10, rate=0.1, steps=150, separation=14),
    Setting(logit=15, rate=0.3, steps=100, dimensions=8, examples=300, separation=18),
    Setting(logit=9, rate=0.05, steps=100, dimensions=6, examples=100),
    Setting(logit=3, rate=0.8, steps=80, dimensions=6, separation=10),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, *FAIR)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    centre = round(log10(2) - s.logit / log(10), 1)  # of 2 p (1 - p)
    return {
        "gradient": Order("gradient", ARMS),
        "learn": Events("accuracy", ARMS, above=0.5, believed=ARMS),
        "accuracy": Change("accuracy", "squared", "cross_entropy", margin=0.05),
        "relative": Closest("relative", "squared", (round(3 * centre, 1), 2 * centre, centre, centre / 2, 0.0)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where the sigmoid is not saturated, squared error learns as well."""
    return {"fair": Control(Events("accuracy", tuple(FAIR), above=0.75), tuple(FAIR))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = Linear(s.dimensions)
    x, y = (run.tensor(part, len(arms)) for part in _draw(s, run))
    kinds = [FAIR.get(arm, arm) for arm in arms]
    chosen = torch.arange(len(arms), device=run.device).repeat_interleave(len(run.seeds))

    def loss(params: Params, step: int = 0) -> Tensor:
        logits = network(params, x)[:, :, 0]
        each = torch.stack([LOSSES[kind](logits, y).mean(1) for kind in kinds])
        return each.gather(0, chosen[None])[0]

    def right(params: Params) -> Tensor:
        return ((network(params, x)[:, :, 0] > 0) == (y > 0)).to(x.dtype).mean(1)

    start = network.init(run, len(arms))
    start["w1"][:, 0, 0] = run.per_arm([0.0 if arm in FAIR else -2 * s.logit / s.separation for arm in arms])
    movable = moving(start)
    norms = run.by_arm(arms, norm(gradient(loss(movable), movable)))
    trained = follow(run, loss, start, Optimizer(run.per_arm([s.rate] * len(arms))), s.steps, {"accuracy": right})
    accuracy = trained.last(arms, "accuracy")
    return Measured(
        {
            arm: {
                "gradient": norms[arm],
                "relative": np.log10(norms[arm] / norms["cross_entropy"]),
                "accuracy": accuracy[arm],
            }
            for arm in arms
        },
        {"accuracy": trained.curve(arms, "accuracy")},
    )


def _draw(s: Setting, run: Run) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Examples (S, n, dimensions) and labels 0 and 1, (S, n), half of each; the means lie on the first axis."""
    x = run.streams.normal("examples", s.examples, s.dimensions)
    y = np.broadcast_to(np.arange(s.examples) % 2, x.shape[:2]).astype(np.float64)
    x[:, :, 0] += s.separation * (y - 0.5)
    return x, y
