"""Low-rank adaptation of a matrix whose needed change has a known rank: more rank than that gains nothing.

Below that rank the best error is what Eckart and Young say: the share of the singular values that are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import follow
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

ARMS = ("low", "middle", "enough", "more", "full")
EASY = "low_easy"
"""The arm of the lowest rank, where the needed change has no higher one."""
LEAST = 1e-6
"""Smaller errors count as this: what is below is rounding."""

experiment = Experiment(
    version=2,
    metrics={"error": Metric(least=0.03)},
    nuisances=("rate", "steps", "width"),
)


@dataclass(frozen=True)
class Setting:
    """A square matrix of ``width`` needs a change of rank ``enough``; adapters have the ranks of their arms' names."""

    low: int
    middle: int
    enough: int
    more: int
    width: int = 24
    rate: float = 0.02
    steps: int = 400


experiment.ask(
    Setting(low=1, middle=2, enough=4, more=8),
    Setting(low=1, middle=3, enough=5, more=10, width=32),
    Setting(low=2, middle=4, enough=8, more=12),
    Setting(low=1, middle=2, enough=3, more=6, width=20),
    Setting(low=2, middle=3, enough=6, more=9, width=40, rate=0.03),
    Setting(low=3, middle=6, enough=10, more=16, width=32),
    Setting(low=1, middle=4, enough=6, more=12, width=28, rate=0.015, steps=600),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, EASY)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    left = round(1 - s.middle / s.enough, 2)
    return {
        "order": Order("error", ("low", "middle", "enough")),
        "more": Change("error", "enough", "more", margin=0.02, believed=("falls",)),
        "full": Change("error", "enough", "full", margin=0.02, believed=("falls",)),
        "left": Closest("error", "middle", (0.0, round(left / 2, 2), left, round((1 + left) / 2, 2), 1.0)),
        "solved": Events("error", ARMS, above=0.05),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """The lowest rank solves a task that needs no more: what is left elsewhere is what the rank leaves out."""
    return {"enough": Control(Events("error", (EASY,), above=0.05), ())}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    count = len(arms)
    normal = {part: run.streams.normal(part, s.width, s.enough) for part in ("left", "right")}
    left, right = (torch.linalg.qr(run.tensor(part, count).double())[0] for part in normal.values())
    ranks = {"low": s.low, "middle": s.middle, "enough": s.enough, "more": s.more, "full": 0, EASY: s.low}
    needed = run.per_arm([s.low if arm == EASY else s.enough for arm in arms])
    used, kept = (
        (torch.arange(most, device=run.device) < rank[:, None]).to(run.dtype)[:, None]
        for most, rank in ((s.more, run.per_arm([ranks[arm] for arm in arms])), (s.enough, needed))
    )
    target = (left * kept @ right.transpose(1, 2)).to(run.dtype)
    whole = run.per_arm([float(arm == "full") for arm in arms])[:, None, None]
    start = run.tensor(run.streams.normal("a", s.width, s.more), count) / s.width**0.5
    params = {"a": start, "b": torch.zeros_like(start), "w": torch.zeros_like(target)}

    def error(params: Params) -> Tensor:
        """The squared error for inputs with independent entries, relative to that of no change at all."""
        change = whole * params["w"] + (params["b"] * used) @ params["a"].transpose(1, 2)
        found: Tensor = (change - target).square().sum((1, 2)) / needed
        return found

    def seen(params: Params) -> Tensor:
        return error(params).clamp(min=LEAST)

    rule = Optimizer(run.per_arm([s.rate] * count), adam=run.per_arm([1.0] * count))
    found = follow(run, lambda params, step: error(params), params, rule, s.steps, {"error": seen})
    last = found.last(arms, "error")
    return Measured(
        values={arm: {"error": last[arm]} for arm in arms},
        curves={"error": found.curve(arms, "error")},
    )
