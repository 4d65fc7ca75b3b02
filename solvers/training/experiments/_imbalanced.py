"""Rare positives in Gaussian data, logistic regression with weighted positives, and its scores on test data.

The classes are N(0, I) and N(m, I), where m is as long as ``separation`` and lies along the first axis.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.networks.linear import Linear
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import Trained, follow

TESTED = 4000
"""Test examples, with the same share of positives."""


class Setting(Protocol):
    """What the law and the training depend on; every run has just the share of positives that is stated."""

    @property
    def share(self) -> float: ...
    @property
    def separation(self) -> float: ...
    @property
    def dimensions(self) -> int: ...
    @property
    def examples(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def steps(self) -> int: ...


Score = Callable[[Tensor, Tensor], Tensor]
"""Answers and truth, 0 or 1, (N, n) each, to one number a model (N)."""


def accuracy(answers: Tensor, truth: Tensor) -> Tensor:
    """The share of right answers."""
    return (answers == truth).to(truth.dtype).mean(1)


def precision(answers: Tensor, truth: Tensor) -> Tensor:
    """The share of true ones among those called positive; 0 where there is none."""
    return (answers * truth).sum(1) / answers.sum(1).clamp(min=1)


def recall(answers: Tensor, truth: Tensor) -> Tensor:
    """The share of the positives that is found."""
    return (answers * truth).sum(1) / truth.sum(1)


def f1(answers: Tensor, truth: Tensor) -> Tensor:
    """The harmonic mean of precision and recall."""
    return 2 * (answers * truth).sum(1) / (answers.sum(1) + truth.sum(1))


SCORES: Mapping[str, Score] = {"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1}


def learn(s: Setting, weights: Sequence[float], thresholds: Sequence[float], run: Run) -> Trained:
    """Gradient descent on all examples from weights 0, watched by all ``SCORES`` on test data.

    One arm for each weight of the positives; it answers "positive" where its probability is above its threshold.
    """
    arms = len(weights)
    x, y, held, truth = (
        run.tensor(array, arms) for part in (("train", s.examples), ("test", TESTED)) for array in _draw(s, run, *part)
    )
    cost = 1 + (run.per_arm(weights)[:, None] - 1) * y
    cost = cost / cost.sum(1, keepdim=True)
    above = torch.logit(run.per_arm(thresholds))[:, None]
    network = Linear(s.dimensions)

    def loss(params: Params, step: int) -> Tensor:
        return F.binary_cross_entropy_with_logits(network(params, x)[..., 0], y, cost, reduction="none").sum(1)

    def watched(score: Score) -> Callable[[Params], Tensor]:
        return lambda params: score((network(params, held)[..., 0] > above).to(truth.dtype), truth)

    rule = Optimizer(rate=run.per_arm([s.rate] * arms))
    watch = {name: watched(score) for name, score in SCORES.items()}
    return follow(run, loss, network.init(run, arms), rule, s.steps, watch)


def _draw(s: Setting, run: Run, part: str, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Examples (S, n, dimensions) and labels 0 and 1, (S, n): the first ones are the positives."""
    x = run.streams.normal(part, count, s.dimensions)
    y = np.zeros((len(run.seeds), count))
    y[:, : round(s.share * count)] = 1
    x[:, :, 0] += s.separation * y
    return x, y
