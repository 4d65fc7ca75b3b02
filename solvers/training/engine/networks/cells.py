"""Recurrence over time with gradients written by hand: faster than autograd, which keeps a graph of every time step.

Features lie before the batch here. At time t a cell reads z = (x, 1, h), (N, inputs + 1 + width, B): one product with
the weights gives all gates, the rows of a gate lie together, and the next state is written to where it will be read.

Every gate is a sigmoid s: tanh(v) is 2 s(2 v) - 1, and torch.tanh takes CPUs several times as long. Halves are kept, of
states h/2 and of an LSTM's c/2, and the factors of 2 go into the weights, once for all times. States start at 0.
"""

from typing import Any, Protocol

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from solvers.training.engine.networks.dense import sigmoid_

aten = torch.ops.aten


def plain(x: Tensor, w: Tensor, b: Tensor, u: Tensor, every: bool) -> Tensor:
    """h = tanh(x w + b + h u): the last state (N, B, width), or ``every`` one (N, T, B, width)."""
    found: Tensor = _Recurrence.apply(_Plain, x, w, b, u, every)  # type: ignore[no-untyped-call]
    return found


def lstm(x: Tensor, w: Tensor, b: Tensor, u: Tensor, every: bool) -> Tensor:
    """c = f c + i g, h = o tanh(c), with the gates i, f, g, o side by side in the weights; states as above."""
    found: Tensor = _Recurrence.apply(_LSTM, x, w, b, u, every)  # type: ignore[no-untyped-call]
    return found


class _Cell(Protocol):
    """What happens at a time between gates and state, of (N, gates x width, B) and (N, width, B)."""

    tanh: int
    """The gate that stands for a tanh."""

    def __init__(self, states: Tensor) -> None:
        """``states`` (T + 1, N, width, B) are shaped like those to come."""

    def forth(self, t: int, gates: Tensor, state: Tensor) -> None:
        """Writes half the state that follows."""

    def turn(self) -> None:
        """Makes ready for the way back."""

    def back(self, t: int, gates: Tensor, flow: Tensor) -> Tensor:
        """The gradient of what the gates are sigmoids of, where ``flow`` is that of half the state."""


class _Plain(_Cell):
    tanh = 0

    def __init__(self, states: Tensor) -> None:
        pass

    def forth(self, t: int, gates: Tensor, state: Tensor) -> None:
        torch.sub(gates, 0.5, out=state)

    def back(self, t: int, gates: Tensor, flow: Tensor) -> Tensor:
        found: Tensor = aten.sigmoid_backward(flow, gates)
        return found


class _LSTM(_Cell):
    tanh = 2

    def __init__(self, states: Tensor) -> None:
        self.cells = states.new_zeros(states.shape)
        self.opened = torch.empty_like(self.cells[1:])
        self.work = torch.empty_like(self.cells[0])

    def forth(self, t: int, gates: Tensor, state: Tensor) -> None:
        enter, forget, new, out = gates.chunk(4, 1)
        cell = torch.mul(forget, self.cells[t], out=self.cells[t + 1])
        cell.addcmul_(enter, torch.sub(new, 0.5, out=self.work))
        opened = sigmoid_(torch.mul(cell, 4, out=self.opened[t]))
        torch.mul(out, torch.sub(opened, 0.5, out=self.work), out=state)

    def turn(self) -> None:
        self.kept = torch.zeros_like(self.work)
        self.moved = self.work.repeat(1, 4, 1)

    def back(self, t: int, gates: Tensor, flow: Tensor) -> Tensor:
        enter, forget, new, out = gates.chunk(4, 1)
        of_enter, of_forget, of_new, of_out = self.moved.chunk(4, 1)
        work, kept, opened = self.work, self.kept, self.opened[t]
        torch.mul(flow, torch.sub(opened, 0.5, out=work), out=of_out)
        torch.mul(flow, out, out=work)
        kept.add_(aten.sigmoid_backward.grad_input(work, opened, grad_input=work), alpha=4)
        torch.mul(kept, torch.sub(new, 0.5, out=work), out=of_enter)
        torch.mul(kept, self.cells[t], out=of_forget)
        torch.mul(kept, enter, out=of_new)
        kept.mul_(forget)
        return aten.sigmoid_backward.grad_input(self.moved, gates, grad_input=self.moved)  # type: ignore[no-any-return]


class _Recurrence(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, kind: type[_Cell], x: Tensor, w: Tensor, b: Tensor, u: Tensor, every: bool) -> Tensor:
        read, scale = _read(x, u), _scale(kind.tanh, w, u)
        weights = torch.cat([w, b, u], 1).mul_(scale).transpose(1, 2).contiguous()
        states = read[:, :, -u.shape[1] :]
        models, batch, times, _ = x.shape
        gates = x.new_empty(times, models, weights.shape[1], batch)
        cell = kind(states)
        for t, (now, opened, after) in enumerate(zip(read[:-1], gates, states[1:], strict=True)):
            torch.bmm(weights, now, out=opened)
            cell.forth(t, sigmoid_(opened), after)
        ctx.cell, ctx.every, ctx.parts = cell, every, (w.shape[1], 1, u.shape[1])
        ctx.save_for_backward(read, gates, weights, scale)
        return 2 * (states[1:].permute(1, 0, 3, 2) if every else states[-1].transpose(1, 2))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        read, gates, weights, scale = ctx.saved_tensors
        into, _, onward = (part.transpose(1, 2).contiguous() for part in torch.split(weights, ctx.parts, 2))
        given = 2 * gradient.transpose(-1, -2).contiguous()
        flow = given[:, -1] if ctx.every else given
        summed = weights.new_zeros(len(weights), *scale.shape)
        of_x = []
        ctx.cell.turn()
        for t, (now, opened) in _backwards(read[:-1], gates):
            moved = ctx.cell.back(t, opened, flow)
            summed.baddbmm_(now, moved.transpose(1, 2))
            if ctx.needs_input_grad[1]:
                of_x.append(torch.bmm(into, moved))
            if t:
                flow = torch.baddbmm(given[:, t - 1], onward, moved) if ctx.every else torch.bmm(onward, moved)
        return (
            None,
            torch.stack(of_x[::-1], 1).permute(0, 3, 1, 2) if of_x else None,
            *torch.split(summed.mul_(scale), ctx.parts, 1),
            None,
        )


def _backwards(*series: Tensor) -> list[tuple[int, tuple[Tensor, ...]]]:
    """What belongs to each time, with its number, from the last to the first."""
    return list(enumerate(zip(*series, strict=True)))[::-1]


def _read(x: Tensor, u: Tensor) -> Tensor:
    """What is read at every time, (T + 1, N, inputs + 1 + width, B), with states that are yet to come."""
    models, batch, times, inputs = x.shape
    found = x.new_zeros(times + 1, models, inputs + 1 + u.shape[1], batch)
    found[:times, :, :inputs] = x.permute(2, 0, 3, 1)
    found[:, :, inputs] = 1
    return found


def _scale(tanh: int, w: Tensor, u: Tensor) -> Tensor:
    """By what weights (inputs + 1 + width, gates x width) are multiplied: 2 for halved states, 2 for a tanh."""
    width = u.shape[1]
    found = w.new_ones(w.shape[1] + 1 + width, u.shape[2])
    found[-width:] = 2
    found[:, tanh * width : (tanh + 1) * width] *= 2
    return found
