"""Which penalties give weights that are exactly 0: L1 does, but only by a step that can land on 0.

Linear regression by gradient descent with no penalty, L2, L1 by its subgradient, and L1 by proximal steps. The
subgradient jumps over 0 again and again; soft thresholding stops there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from solvers.training.engine.run import Run
from solvers.training.experiment import (
    Change,
    Claim,
    Closest,
    Control,
    Curve,
    Events,
    Experiment,
    Measured,
    Metric,
    Order,
)

PENALTIES = ("none", "ridge", "subgradient", "proximal")

experiment = Experiment(
    version=2,
    metrics={"zeros": Metric(least=0.4, digits=1), "norm": Metric(least=0.1)},
    nuisances=("rate", "steps", "noise", "examples"),
)


@dataclass(frozen=True)
class Setting:
    """``examples`` with ``features`` N(0, 1) numbers; ``relevant`` ones have the weight 1, and the others 0.

    For a control all are relevant in the arm ``dense``, which is penalized as ``proximal`` is.
    """

    features: int
    relevant: int
    l1: float
    l2: float
    noise: float = 0.5
    examples: int = 200
    rate: float = 0.1
    steps: int = 300


experiment.ask(
    Setting(features=20, relevant=5, l1=0.2, l2=1.0),
    Setting(features=30, relevant=6, l1=0.25, l2=1.5, examples=300),
    Setting(features=16, relevant=8, l1=0.3, l2=2.0),
    Setting(features=40, relevant=4, l1=0.3, l2=1.0, examples=400, rate=0.05, steps=500),
    Setting(features=12, relevant=4, l1=0.15, l2=0.8, noise=0.3),
    Setting(features=24, relevant=12, l1=0.2, l2=1.2, noise=0.4, examples=500),
    Setting(features=50, relevant=10, l1=0.25, l2=2.0, noise=0.6, examples=500),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*PENALTIES, "dense")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    irrelevant = s.features - s.relevant
    options = tuple(
        float(count) for count in (0, irrelevant // 2, irrelevant, (irrelevant + s.features) // 2, s.features)
    )
    return {
        "proximal": Change("zeros", "none", "proximal"),
        "ridge": Change("zeros", "none", "ridge", margin=0.5, believed=("rises",)),
        "jumps": Change("zeros", "none", "subgradient", margin=0.5, believed=("rises",)),
        "exact": Events("zeros", PENALTIES, above=0.5, believed=("subgradient", "proximal")),
        "count": Closest("zeros", "proximal", options),
        "norm": Order("norm", ("none", "proximal", "ridge")),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where no weight is 0 in truth, none becomes so."""
    return {"dense": Control(Change("zeros", "none", "dense", margin=0.5), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    x = run.tensor(run.streams.normal("x", s.examples, s.features))
    noise = s.noise * run.tensor(run.streams.normal("noise", s.examples))
    hessian = x.transpose(1, 2) @ x / s.examples

    def slope(relevant: int) -> Tensor:
        return (x.transpose(1, 2) @ (x[..., :relevant].sum(-1) + noise)[..., None])[..., 0] / s.examples

    slopes = {arm: slope(s.features if arm == "dense" else s.relevant) for arm in arms}
    start = 0.1 * run.tensor(run.streams.normal("w", s.features))
    w = dict.fromkeys(arms, start)
    places, seen = (*range(0, s.steps, max(1, s.steps // 20)), s.steps), []
    for step in range(s.steps + 1):
        if step in places:
            seen.append(torch.stack(list(w.values())))
        w = {arm: _moved(arm, each, (hessian @ each[..., None])[..., 0] - slopes[arm], s) for arm, each in w.items()}
    norms = run.by_arm(arms, torch.stack(seen, 2).norm(dim=-1).flatten(0, 1))
    zeros = run.by_arm(arms, (seen[-1] == 0).to(x.dtype).sum(-1).flatten())
    return Measured(
        values={arm: {"zeros": zeros[arm], "norm": norms[arm][:, -1]} for arm in arms},
        curves={"norm": Curve(places, norms)},
    )


def _moved(arm: str, w: Tensor, gradient: Tensor, s: Setting) -> Tensor:
    """Weights after a step."""
    match arm:
        case "ridge":
            return w - s.rate * (gradient + s.l2 * w)
        case "subgradient":
            return w - s.rate * (gradient + s.l1 * w.sign())
        case "proximal" | "dense":
            moved = w - s.rate * gradient
            return moved.sign() * (moved.abs() - s.rate * s.l1).clamp(min=0)
    return w - s.rate * gradient
