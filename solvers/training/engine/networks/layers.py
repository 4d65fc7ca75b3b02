"""What architectures are made of: activations, initial weights and layers, for N models at once.

Initial weights are drawn from the run's streams by the name of the parameter, so that arms of one shape start alike.
"""

from collections.abc import Callable, Mapping
from math import sqrt

import torch
import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine.ensemble import Params
from solvers.training.engine.networks.dense import affine, evenly
from solvers.training.engine.run import Run

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": lambda x: evenly(torch.sigmoid, x),
    "gelu": F.gelu,
    "silu": lambda x: evenly(F.silu, x),
    "softplus": lambda x: evenly(F.softplus, x),
    "leaky": lambda x: F.leaky_relu(x, 0.01),
    "identity": lambda x: x,
}
DEVIATIONS: Mapping[str, Callable[[int, int], float]] = {
    "he": lambda inputs, outputs: sqrt(2 / inputs),
    "lecun": lambda inputs, outputs: sqrt(1 / inputs),
    "xavier": lambda inputs, outputs: sqrt(2 / (inputs + outputs)),
    "zero": lambda inputs, outputs: 0.0,
}
"""Initialization to the standard deviation of normal weights."""
STARTS = (*DEVIATIONS, "torch", "constant")
"""``torch`` draws weights and biases uniformly within 1/sqrt(inputs), as ``torch.nn.Linear`` does."""


def weights(run: Run, arms: int, name: str, shape: tuple[int, ...], start: str = "he", gain: float = 1.0) -> Tensor:
    """Initial weights (N, *shape), where ``shape`` ends with the outputs and begins with what feeds one of them.

    ``gain`` multiplies them; where they are ``constant`` it is their value.
    """
    if start == "constant":
        return run.tensor(run.streams.constant(gain, *shape), arms)
    *fan, outputs = shape
    inputs = 1
    for size in fan:
        inputs *= size
    if start == "torch":
        return uniform(run, arms, name, shape, gain / sqrt(inputs))
    return run.tensor(run.streams.normal(name, *shape) * (gain * DEVIATIONS[start](inputs, outputs)), arms)


def uniform(run: Run, arms: int, name: str, shape: tuple[int, ...], bound: float) -> Tensor:
    """Uniform numbers within ± ``bound``, (N, *shape)."""
    return run.tensor((2 * run.streams.uniform(name, *shape) - 1) * bound, arms)


def dense(
    run: Run,
    arms: int,
    layer: str,
    inputs: int,
    outputs: int,
    start: str = "he",
    gain: float = 1.0,
    biased: bool = True,
) -> Params:
    """The parameters of a layer: ``w<layer>`` (N, in, out) and ``b<layer>`` (N, 1, out); biases start at 0."""
    found = {f"w{layer}": weights(run, arms, f"w{layer}", (inputs, outputs), start, gain)}
    if biased and start == "torch":
        found[f"b{layer}"] = uniform(run, arms, f"b{layer}", (1, outputs), gain / sqrt(inputs))
    elif biased:
        found[f"b{layer}"] = torch.zeros_like(found[f"w{layer}"][:, :1])
    return found


def apply(params: Params, layer: str, x: Tensor) -> Tensor:
    """x w + b for inputs (N, …, in)."""
    return affine(x, params[f"w{layer}"], params.get(f"b{layer}"))


def batch_norm(params: Params, layer: str, x: Tensor, training: bool) -> Tensor:
    """Batch normalization of (N, B, width), as ``torch.nn.BatchNorm1d``: epsilon 1e-5, momentum 0.1.

    In training the batch's own statistics are used, and the running ones move in place; they have names that begin
    with ``_``, as they are not trained.
    """
    if training:
        variance, mean = torch.var_mean(x, 1, correction=0, keepdim=True)
        with torch.no_grad():
            unbiased = variance * (x.shape[1] / (x.shape[1] - 1))
            params[f"_mean{layer}"].lerp_(mean, 0.1)
            params[f"_variance{layer}"].lerp_(unbiased, 0.1)
    else:
        mean, variance = params[f"_mean{layer}"], params[f"_variance{layer}"]
    return (x - mean) * (variance + 1e-5).rsqrt() * params[f"scale{layer}"] + params[f"shift{layer}"]


def layer_norm(params: Params, layer: str, x: Tensor) -> Tensor:
    """Layer normalization over the last axis of (N, …, width), as ``torch.nn.LayerNorm``: epsilon 1e-5."""
    variance, mean = torch.var_mean(x, -1, correction=0, keepdim=True)
    shape = (x.shape[0], *(1,) * (x.dim() - 2), x.shape[-1])
    scale, shift = params[f"scale{layer}"].view(shape), params[f"shift{layer}"].view(shape)
    return (x - mean) * (variance + 1e-5).rsqrt() * scale + shift


def normalization(run: Run, arms: int, layer: str, width: int, kind: str) -> Params:
    """What ``batch`` or ``layer`` normalization needs: scales of 1, shifts of 0, and the running statistics."""
    one = run.tensor(run.streams.constant(1.0, 1, width), arms)
    found = {f"scale{layer}": one, f"shift{layer}": torch.zeros_like(one)}
    if kind == "batch":
        found |= {f"_mean{layer}": torch.zeros_like(one), f"_variance{layer}": one.clone()}
    return found
