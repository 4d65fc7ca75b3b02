"""Gradient descent on a quadratic loss: which learning rates diverge, and which of the others is the fastest?

Along an eigenvector of the Hessian with eigenvalue h, a step multiplies the distance to the minimum by 1 - rate x h, so
that rates above 2 / h diverge, or above 2 (1 + m) / h with momentum m (Polyak, 1964).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import follow
from solvers.training.experiment import Claim, Closest, Control, Curve, Events, Experiment, Measured, Metric, Order

ARMS = ("rate_a", "rate_b", "rate_c", "rate_d")
GENTLE = "gentle"
"""The arm with the highest rate whose start has no part along the sharper half of the eigenvectors."""
CAP = 30.0
"""Decades, up or down, from which on a loss counts as the same."""

experiment = Experiment(
    version=2,
    metrics={"growth": Metric(least=0.3, digits=1), "factor": Metric(least=0.02)},
    nuisances=("steps", "dimensions"),
)


@dataclass(frozen=True)
class Setting:
    """Eigenvalues evenly spaced from ``flattest`` to ``sharpest``, a start drawn from N(0, I), rising rates."""

    sharpest: float
    flattest: float
    rate_a: float
    rate_b: float
    rate_c: float
    rate_d: float
    momentum: float = 0.0
    dimensions: int = 10
    steps: int = 60


experiment.ask(
    Setting(10, 1, 0.05, 0.1, 0.18, 0.22),
    Setting(10, 5, 0.05, 0.13, 0.19, 0.23, steps=60),
    Setting(10, 1, 0.1, 0.3, 0.36, 0.42, momentum=0.9, steps=80),
    Setting(4, 0.4, 0.4, 0.6, 0.7, 0.8, momentum=0.5, dimensions=20),
    Setting(50, 5, 0.01, 0.03, 0.05, 0.06, dimensions=16, steps=40),
    Setting(2, 0.1, 0.2, 0.9, 1.05, 1.2, dimensions=30, steps=80),
    Setting(20, 10, 0.035, 0.065, 0.095, 0.115, dimensions=5, steps=40),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, GENTLE)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    above = tuple(arm for arm in ARMS if getattr(s, arm) > 2 / s.sharpest)
    if s.momentum:  # whose limit is higher; near it, oscillations blur the order of the others
        return {"diverge": Events("growth", ARMS, above=0.0, believed=above)}
    below = tuple(arm for arm in ARMS if arm not in above)
    step = s.rate_d * s.sharpest
    options = sorted({round(value, 2) for value in (step / 2, step - 1, (step - 1) ** 2, step, step**2)})
    return {
        "diverge": Events("growth", ARMS, above=0.0),
        "order": Order("growth", ARMS, believed=above[::-1] + below),
        "factor": Closest("factor", "rate_d", tuple(options)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """The highest rate diverges only along directions that are too sharp for it."""
    return {"not sharp": Control(Events("growth", (GENTLE,), above=0.0), ())}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    run = replace(run, dtype=torch.float64)  # losses span 60 decades
    eigenvalues = torch.linspace(s.flattest, s.sharpest, s.dimensions, device=run.device, dtype=run.dtype)

    def loss(params: Params, step: int = 0) -> Tensor:
        return (params["w"].square() * eigenvalues).sum(1) / 2

    start = run.tensor(run.streams.normal("start", s.dimensions), len(arms))
    sharper = torch.arange(s.dimensions, device=run.device) >= s.dimensions / 2
    gentle = run.per_arm([float(arm == GENTLE) for arm in arms]) > 0
    start = start.masked_fill(gentle[:, None] & sharper, 0.0)
    rule = Optimizer(
        rate=run.per_arm([s.rate_d if arm == GENTLE else getattr(s, arm) for arm in arms]),
        momentum=run.per_arm([s.momentum] * len(arms)),
    )
    losses = follow(run, loss, {"w": start}, rule, s.steps, {"loss": loss}, points=s.steps).watched["loss"]
    growth = run.by_arm(arms, (losses / losses[:, :1]).log10().clamp(-CAP, CAP))
    factor = run.by_arm(arms, losses[:, -1] / losses[:, -2])
    return Measured(
        {arm: {"growth": growth[arm][:, -1], "factor": factor[arm]} for arm in arms},
        {"growth": Curve(range(s.steps + 1), growth)},
    )
