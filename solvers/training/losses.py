"""Losses and scores of N models at once: each gives one number a model, (N)."""

import torch.nn.functional as F
from torch import Tensor


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy in nats; logits (N, B, K), labels (N, B)."""
    each = F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none")
    return each.view(y.shape).mean(1)


def accuracy(logits: Tensor, y: Tensor) -> Tensor:
    """The share of examples whose largest logit is that of their label."""
    return (logits.argmax(-1) == y).to(logits.dtype).mean(1)


def squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error over examples and outputs, (N, B, K) each."""
    return (outputs - targets).square().flatten(1).mean(1)
