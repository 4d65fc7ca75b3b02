"""Recurrence over time with gradients written by hand: faster than autograd, which keeps a graph of every time step.

At time t a cell reads z = (x, 1, h), so that one product with (w, b, u) gives a gate, and one product over all times
gives the gradient of all three. States start at 0.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from solvers.training.engine.networks.dense import sigmoid_

aten = torch.ops.aten


def plain(x: Tensor, w: Tensor, b: Tensor, u: Tensor, every: bool) -> Tensor:
    """h = tanh(x w + b + h u): the last state (N, B, width), or ``every`` one (N, T, B, width)."""
    found: Tensor = _Plain.apply(x, w, b, u, every)  # type: ignore[no-untyped-call]
    return found


def lstm(x: Tensor, w: Tensor, b: Tensor, u: Tensor, every: bool) -> Tensor:
    """c = f c + i g, h = o tanh(c), with the gates i, f, g, o side by side in the weights; states as above."""
    found: Tensor = _LSTM.apply(x, w, b, u, every)  # type: ignore[no-untyped-call]
    return found


def tanh_(x: Tensor) -> Tensor:
    """The hyperbolic tangent, in place: e / (e + 2) with e = exp(2 x) - 1, which is accurate near 0 too.

    On CPUs it takes half the time of torch.tanh. Beyond 20 it is 1 in double precision.
    """
    x.clamp_(max=20).mul_(2).expm1_()
    return x.div_(x + 2)


class _Plain(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, b: Tensor, u: Tensor, every: bool) -> Tensor:
        read, (weights,) = _read(x, u), _weights(w, b, u, "h")
        states = _states(read, u)
        state = torch.empty_like(states[:, 0], memory_format=torch.contiguous_format)
        for now, after in zip(read.unbind(1), states.unbind(1)[1:], strict=False):
            tanh_(torch.bmm(now, weights, out=state))
            after.copy_(state)
        ctx.every = every
        ctx.save_for_backward(read, weights, u)
        return states[:, 1:].clone() if every else state

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        read, weights, u = ctx.saved_tensors
        states = _states(read, u)[:, 1:]
        moved = torch.empty_like(states, memory_format=torch.contiguous_format)
        back = _back(weights, u)
        flow = gradient[:, -1] if ctx.every else gradient
        for t, (state, into) in _backwards(states.unbind(1), moved.unbind(1)):
            now = aten.tanh_backward(flow, state)
            into.copy_(now)
            if t:
                flow = _onward(gradient if ctx.every else None, [now], [back], t)
        return _gradients(ctx, read, [moved], [weights], "h")


class _LSTM(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, b: Tensor, u: Tensor, every: bool) -> Tensor:
        read, weights = _read(x, u), _weights(w, b, u, "ifgo")
        states = _states(read, u)
        models, times, batch, width = states[:, 1:].shape
        gates = read.new_empty(times, 4, models, batch, width)
        cells, tangents = (read.new_zeros(times + 1, models, batch, width) for _ in range(2))
        for t, (now, opened, after) in enumerate(zip(read.unbind(1), gates, states.unbind(1)[1:], strict=False)):
            enter, forget, out, new = opened.unbind()
            for gate, weight in zip((enter, forget, out, new), weights, strict=True):
                torch.bmm(now, weight, out=gate)
            sigmoid_(opened[:3])
            tanh_(new)
            torch.addcmul(enter * new, forget, cells[t], out=cells[t + 1])
            state = out * tanh_(tangents[t + 1].copy_(cells[t + 1]))
            after.copy_(state)
        ctx.every = every
        ctx.save_for_backward(read, u, gates, cells, tangents, *weights)
        return states[:, 1:].clone() if every else state

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        read, u, gates, cells, tangents, *weights = ctx.saved_tensors
        times, _, models, batch, width = gates.shape
        moved = [read.new_empty(models, times, batch, width) for _ in weights]
        back = [_back(weight, u) for weight in weights]
        now = torch.empty_like(gates[0])
        of_enter, of_forget, of_out, of_new = now.unbind()
        flow = gradient[:, -1] if ctx.every else gradient
        kept = torch.zeros_like(gates[0, 0])
        for t, (opened, *into) in _backwards(gates, *(part.unbind(1) for part in moved)):
            enter, forget, out, new = opened.unbind()
            tangent = tangents[t + 1]
            kept.add_(aten.tanh_backward(flow * out, tangent))
            torch.mul(kept, new, out=of_enter)
            torch.mul(kept, cells[t], out=of_forget)
            torch.mul(flow, tangent, out=of_out)
            aten.sigmoid_backward.grad_input(now[:3], opened[:3], grad_input=now[:3])
            aten.tanh_backward.grad_input(kept * enter, new, grad_input=of_new)
            kept.mul_(forget)
            for part, of_gate in zip(into, (of_enter, of_forget, of_out, of_new), strict=True):
                part.copy_(of_gate)
            if t:
                flow = _onward(gradient if ctx.every else None, now.unbind(), back, t)
        return _gradients(ctx, read, moved, weights, "ifgo")


ORDER = "ifogh"
"""Gates whose activation is a sigmoid stand side by side here."""


def _backwards(*series: Iterable[Any]) -> list[tuple[int, tuple[Any, ...]]]:
    """What belongs to each time, with its number, from the last to the first."""
    return list(enumerate(zip(*series, strict=True)))[::-1]


def _read(x: Tensor, u: Tensor) -> Tensor:
    """What is read at every time, (N, T + 1, B, inputs + 1 + width), with states that are yet to come."""
    models, batch, times, inputs = x.shape
    found = x.new_zeros(models, times + 1, batch, inputs + 1 + u.shape[1])
    found[:, :times, :, :inputs] = x.transpose(1, 2)
    found[:, :, :, inputs] = 1
    return found


def _states(read: Tensor, u: Tensor) -> Tensor:
    """The states among what is read, (N, T + 1, B, width)."""
    return read[..., -u.shape[1] :]


def _weights(w: Tensor, b: Tensor, u: Tensor, gates: str) -> list[Tensor]:
    """The weights of all that is read, (N, inputs + 1 + width, width) for each gate, in our order of the gates."""
    parts = dict(zip(gates, torch.cat([w, b, u], 1).chunk(len(gates), -1), strict=True))
    return [parts[gate].contiguous() for gate in sorted(gates, key=ORDER.index)]


def _back(weight: Tensor, u: Tensor) -> Tensor:
    """By what a gradient flows back to the state, (N, width, width)."""
    return weight[:, -u.shape[1] :].transpose(1, 2)


def _onward(gradient: Tensor | None, now: Sequence[Tensor], back: Sequence[Tensor], t: int) -> Tensor:
    """The gradient of the state before t: what flows through the gates, and what the loss reads there."""
    flow = torch.bmm(now[0], back[0]) if gradient is None else torch.baddbmm(gradient[:, t - 1], now[0], back[0])
    for gate, matrix in zip(now[1:], back[1:], strict=True):
        flow.baddbmm_(gate, matrix)
    return flow


def _gradients(
    ctx: Any, read: Tensor, moved: Sequence[Tensor], weights: Sequence[Tensor], gates: str
) -> tuple[Tensor | None, ...]:
    """Of the inputs, if wanted, and of the weights: over all times at once; ``moved`` (N, T, B, width) of each gate."""
    models, times, batch, width = moved[0].shape
    inputs = read.shape[-1] - width - 1
    seen = read[:, :times].flatten(1, 2).transpose(1, 2)
    flat = [part.flatten(1, 2) for part in moved]
    ours = sorted(gates, key=ORDER.index)
    found = torch.cat([torch.bmm(seen, flat[ours.index(gate)]) for gate in gates], -1)
    of_x = None
    if ctx.needs_input_grad[0]:
        parts = [
            torch.bmm(part, weight[:, :inputs].transpose(1, 2)) for part, weight in zip(flat, weights, strict=True)
        ]
        of_x = torch.stack(parts).sum(0).view(models, times, batch, inputs).transpose(1, 2)
    return of_x, *torch.split(found, [inputs, 1, width], 1), None
