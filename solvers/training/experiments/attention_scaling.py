"""Why attention divides by the root of the width: without it, softmax saturates as the width grows.

Nothing is trained: queries and keys have independent normal entries, as they have about at the start of training.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

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

POWERS = {"scaled": 0.5, "weak": 0.25, "plain": 0.0, "scaled_narrow": 0.5, "narrow": 0.0}
"""Arm to the power of the width that scores are divided by."""
UNIT = ("unit_narrow", "unit")
"""Arms that divide by the length of the query instead: all queries have length 1."""
SHOWN = ("scaled", "weak", "plain")

experiment = Experiment(
    version=2,
    metrics={"entropy": Metric(least=0.1), "top": Metric(least=0.05)},
    nuisances=("width", "narrow", "queries"),
)


@dataclass(frozen=True)
class Setting:
    """``queries`` of the ``width``, each with ``tokens`` keys of its own; ``narrow`` is a smaller width."""

    tokens: int
    width: int
    narrow: int = 16
    queries: int = 24


experiment.ask(
    Setting(tokens=16, width=64),
    Setting(tokens=32, width=128),
    Setting(tokens=10, width=100, queries=32),
    Setting(tokens=64, width=256, narrow=32),
    Setting(tokens=20, width=200, narrow=20),
    Setting(tokens=50, width=80),
    Setting(tokens=128, width=512, narrow=64),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*POWERS, *UNIT)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    most = log(s.tokens)
    bits = most / log(2)
    levels = tuple(round(entropy, 2) for entropy in (0.0, most / 2, most - 0.5, most, bits))
    return {
        "order": Order("entropy", ("scaled", "weak", "plain")),
        "wider": Change("entropy", "narrow", "plain", believed=("rises",)),
        "kept": Change("entropy", "scaled_narrow", "scaled", margin=0.15),
        "level": Closest("entropy", "scaled", levels, believed=("3",)),
        "saturated": Events("top", ("scaled_narrow", "scaled", "plain"), above=0.5),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Products with queries of length 1 vary alike at every width: width alone saturates nothing."""
    return {"width alone": Control(Change("entropy", *UNIT, margin=0.1), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    q = run.tensor(run.streams.normal("queries", s.queries, s.width))
    k = run.tensor(run.streams.normal("keys", s.queries, s.tokens, s.width))
    products = q[:, :, None] * k
    widths = {arm: s.narrow if arm.endswith("narrow") else s.width for arm in arms}

    def weights(arm: str, width: int) -> Tensor:
        """Of the first ``width`` entries, (S, queries, tokens)."""
        divisor = q[..., :width].norm(dim=-1, keepdim=True) if arm in UNIT else width ** POWERS[arm]
        scores: Tensor = products[..., :width].sum(-1) / divisor
        return scores.softmax(-1)

    looked = {arm: weights(arm, width) for arm, width in widths.items()}
    last = {
        "entropy": run.by_arm(arms, torch.cat([_entropy(weights) for weights in looked.values()])),
        "top": run.by_arm(arms, torch.cat([weights.amax(-1).mean(1) for weights in looked.values()])),
    }
    x = tuple(sorted({round(s.width * place / 16) for place in range(1, 17)}))
    curves = [torch.stack([_entropy(weights(arm, width)) for width in x], 1) for arm in SHOWN]
    return Measured(
        values={arm: {name: last[name][arm] for name in last} for arm in arms},
        curves={"entropy": Curve(x, run.by_arm(SHOWN, torch.cat(curves)))},
    )


def _entropy(weights: Tensor) -> Tensor:
    """In nats, the mean over the queries, (N)."""
    return -torch.xlogy(weights, weights).sum(-1).mean(1)
