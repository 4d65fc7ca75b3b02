"""Losses and scores of N models at once: each gives one number a model, (N)."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy in nats; logits (N, B, K), labels (N, B)."""
    found: Tensor = _CrossEntropies.apply(logits.transpose(1, 2), y)  # type: ignore[no-untyped-call]
    return found.mean(1)


def cross_entropy_and_gradient(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The same, and its gradient (N, B, K)."""
    found = logits.transpose(1, 2).log_softmax(1)
    losses = -found.gather(1, y[:, None]).mean((1, 2))
    minus = found.new_full((1, 1, 1), -1.0).expand(len(y), 1, y.shape[1])
    gradient = found.exp_().scatter_add_(1, y[:, None], minus).mul_(1 / y.shape[1])
    return losses, gradient.transpose(1, 2)


class _CrossEntropies(torch.autograd.Function):
    """Cross-entropies (N, B) of logits (N, K, B): CPUs are ten times as fast where classes are not the last axis."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, y: Tensor) -> Tensor:
        found = logits.log_softmax(1)
        ctx.save_for_backward(found, y)
        return -found.gather(1, y[:, None]).squeeze(1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        found, y = ctx.saved_tensors
        moved = found.exp().mul_(gradient[:, None])
        return moved.scatter_add_(1, y[:, None], -gradient[:, None]), None


def accuracy(logits: Tensor, y: Tensor) -> Tensor:
    """The share of examples whose largest logit is that of their label."""
    return (logits.argmax(-1) == y).to(logits.dtype).mean(1)


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error over examples and outputs, (N, B, K) each."""
    return (outputs - targets).square().flatten(1).mean(1)


def cross_entropies(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy in nats over examples and places; logits (N, B, T, K), tokens (N, B, T)."""
    return cross_entropy(logits.flatten(1, 2), y.flatten(1))


def binary_cross_entropy(logits: Tensor, y: Tensor, weights: Tensor | None = None) -> Tensor:
    """Mean cross-entropy in nats of one logit (N, B) or (N, B, 1) against labels 0 and 1 (N, B).

    With ``weights`` (N, B), each example counts so often, and the sum is still divided by B.
    """
    each = F.binary_cross_entropy_with_logits(logits.view(y.shape), y.to(logits.dtype), reduction="none")
    return (each if weights is None else each * weights).mean(1)


def squared_error_of_classes(logits: Tensor, y: Tensor) -> Tensor:
    """Mean squared error of outputs (N, B, K) against one-hot labels (N, B)."""
    return squared_error(logits, F.one_hot(y, logits.shape[-1]).to(logits.dtype))


def recall(positive: Tensor, y: Tensor) -> Tensor:
    """The share of the examples with label 1 that are told to be positive, (N); ``positive`` (N, B) of 0 and 1."""
    hits = (positive.bool() & (y == 1)).sum(1)
    return hits / (y == 1).sum(1).clamp(min=1)


def f1(positive: Tensor, y: Tensor) -> Tensor:
    """2 TP / (2 TP + FP + FN), (N); 0 where nothing is positive."""
    hits = (positive.bool() & (y == 1)).sum(1)
    return 2 * hits / (positive.bool().sum(1) + (y == 1).sum(1)).clamp(min=1)
