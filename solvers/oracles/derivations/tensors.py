"""Tensors of shape (axes, rows, columns): numbers, vectors and matrices along the axes of what is averaged over."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

import torch
from torch import Tensor


class Unreadable(ValueError):
    """A tree has something that is not known here."""


CONSTANTS = {"pi": math.pi, "e": math.e, "infinity": math.inf}


def softmax(value: Tensor) -> Tensor:
    return value.softmax(-2 if value.shape[-1] == 1 else -1)


FUNCTIONS: Mapping[str, Callable[..., Tensor]] = {
    "exp": torch.exp,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "sin": torch.sin,
    "cos": torch.cos,
    "step": lambda value: (value > 0).double(),
    "hadamard": torch.mul,
    "norm": lambda value: torch.linalg.matrix_norm(value)[..., None, None],
    "dot": lambda left, right: (left * right.reshape(*right.shape[:-2], *left.shape[-2:])).sum((-2, -1), keepdim=True),
    "transpose": lambda value: value.mT,
    "trace": lambda value: value.diagonal(dim1=-2, dim2=-1).sum(-1)[..., None, None],
    "det": lambda value: torch.linalg.det(value)[..., None, None],
    "inverse": torch.linalg.inv,
    "diag": lambda value: torch.diag_embed(value.flatten(-2)),
    "softmax": softmax,
}


@lru_cache(maxsize=4096)
def number(text: str) -> Tensor:
    """A number as a tensor of one row and one column."""
    return torch.tensor([[float(Fraction(text))]], dtype=torch.float64)


def slopes(value: Tensor, points: Sequence[Tensor]) -> list[Tensor]:
    """The derivatives of every entry by the entries of the same place, of shape (axes, 1, 1)."""
    if not value.requires_grad or not points:
        return [torch.zeros_like(point) for point in points]
    found = torch.autograd.grad(value.sum(), points, create_graph=True, allow_unused=True)
    return [torch.zeros_like(x) if each is None else each for each, x in zip(found, points, strict=True)]


def plus(left: Tensor, right: Tensor) -> Tensor:
    """The sum; 0, which 0 times a table is, goes with any table."""
    if left.shape[-2:] != right.shape[-2:]:
        numbers = [each for each in (left, right) if each.shape[-2:] == (1, 1)]
        if not numbers or bool(numbers[0].any()):
            raise Unreadable(f"a sum of shapes {tuple(left.shape)} and {tuple(right.shape)}")
    return left + right


def times(left: Tensor, right: Tensor) -> Tensor:
    """A matrix product, or that of a number with every entry; 0 times what is not finite is 0."""
    if (1, 1) not in (left.shape[-2:], right.shape[-2:]):
        return left @ right
    return left * right


def power(base: Tensor, exponent: Tensor) -> Tensor:
    if exponent.numel() == 1 and not exponent.requires_grad:
        return base ** float(exponent)
    return base**exponent


def entry(value: Tensor, indices: Sequence[int]) -> Tensor:
    """An entry, counted from 1."""
    if len(indices) == 1:
        return value.flatten(-2)[..., indices[0] - 1, None, None]
    row, column = indices
    return value[..., row - 1, column - 1, None, None]


def together(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Tensors broadcast to one shape."""
    shape = axes(*(tensor.shape for tensor in tensors))
    return tuple(tensor.expand(shape) for tensor in tensors)


def axes(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape that all shapes broadcast to."""
    return tuple(torch.broadcast_shapes(*shapes))  # type: ignore[no-untyped-call]  # torch has no types here


def padded(axes: Sequence[int], depth: int) -> tuple[int, ...]:
    """Axes with those of size 1 that are missing before them."""
    return (*(1 for _ in range(depth - len(axes))), *axes)


def alike(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Tensors of the same axes, but for the first."""
    shape = axes(*(tensor.shape[1:] for tensor in tensors))
    return [tensor.expand(-1, *shape) for tensor in tensors]
