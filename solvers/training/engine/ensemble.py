"""The loop that trains N models at once. Losses and updates are per model: none sees another.

Shapes: parameters (N, …), the losses of a step (N). The sum of the losses is differentiated, so that each model has its
own gradient; a model that diverges stays in its slice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor

Params: TypeAlias = dict[str, Tensor]
Loss: TypeAlias = Callable[[Params, int], Tensor]
"""Parameters and the number of the step, from 0, to the N losses."""
Descent: TypeAlias = Callable[[Params, int], tuple[Tensor, Params]]
"""Parameters and the number of the step to the N losses and their gradients, however these are found."""
Watch: TypeAlias = Callable[[Params, int, Tensor], None]
"""Sees the parameters before each step, its number, and the losses there, without gradients."""


@dataclass(frozen=True)
class Optimizer:
    """A rule of updates, one value a model, (N) each.

    ``momentum`` is that of torch.optim.SGD (v = m v + g, no dampening). Where ``adam`` is 1, the rule is Adam with
    betas 0.9 and 0.999 and epsilon 1e-8 outside the root. ``decay`` is added to the gradient as L2, unless it is
    ``decoupled`` (AdamW, on every model). What is None costs nothing.
    """

    rate: Tensor
    momentum: Tensor | None = None
    adam: Tensor | None = None
    decay: Tensor | None = None
    decoupled: bool = False

    def start(self, params: Params) -> "State":
        """The state before the first step."""
        return State(self, params)


class State:
    """What an optimizer remembers between steps."""

    def __init__(self, rule: Optimizer, params: Params) -> None:
        self.rule = rule
        # The powers of Adam's betas; on a GPU they are there too, as a graph of a step must change them.
        one: Any = 1.0 if rule.rate.device.type == "cpu" else rule.rate.new_ones((), dtype=torch.float64)
        self.first_left, self.second_left = one, one + 0
        self.only_adam = rule.adam is not None and rule.momentum is None and bool((rule.adam > 0).all())
        self.velocity = {name: torch.zeros_like(p) for name, p in params.items()} if rule.momentum is not None else {}
        self.first = {name: torch.zeros_like(p) for name, p in params.items()} if rule.adam is not None else {}
        self.second = {name: torch.zeros_like(p) for name, p in params.items()} if rule.adam is not None else {}

    @torch.no_grad()
    def step(self, params: Params, gradients: Params) -> None:
        """Moves the parameters in place."""
        self.first_left *= 0.9
        self.second_left *= 0.999
        for name, g in gradients.items():
            self._move(name, params[name], g)

    def _move(self, name: str, p: Tensor, g: Tensor) -> None:
        rule = self.rule
        rate = like(rule.rate, p)
        if rule.decay is not None:
            if rule.decoupled:
                p.mul_(1 - rate * like(rule.decay, p))
            else:
                g = torch.addcmul(g, like(rule.decay, p), p)
        plain = g
        if rule.momentum is not None:
            plain = self.velocity[name].mul_(like(rule.momentum, p)).add_(g)
        if rule.adam is None:
            p.addcmul_(rate, plain, value=-1)
            return
        first = self.first[name].lerp_(g, 0.1)
        second = self.second[name].mul_(0.999).addcmul_(g, g, value=0.001)
        root = (second / (1 - self.second_left)).sqrt_().add_(1e-8)
        adaptive = torch.div(first, root, out=root)
        rate_of_first = rate / (1 - self.first_left)
        if self.only_adam:
            p.addcmul_(rate_of_first, adaptive, value=-1)
        else:
            p.sub_(torch.where(like(rule.adam, p) > 0, rate_of_first * adaptive, rate * plain))


def like(values: Tensor, p: Tensor) -> Tensor:
    """One value a model, shaped to be spread over a parameter."""
    return values.view(-1, *(1,) * (p.dim() - 1))


def join(*parts: Params) -> Params:
    """Parameters of one shape as one ensemble: the arms of each part, one after another."""
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def trained(name: str) -> bool:
    """Whether a parameter is trained: those that begin with ``_`` are statistics, which the network moves itself."""
    return not name.startswith("_")


def gradient(losses: Tensor, params: Params) -> Params:
    """The gradient of each model's loss, which was computed from ``params``."""
    names = [name for name in params if trained(name)]
    return dict(zip(names, torch.autograd.grad(losses.sum(), [params[name] for name in names]), strict=True))


def moving(params: Params) -> Params:
    """A copy whose gradients can be taken."""
    return {name: p.detach().clone().requires_grad_(trained(name)) for name, p in params.items()}


def norm(params: Params) -> Tensor:
    """The Euclidean norm of all parameters (or gradients) of each model together, (N)."""
    return torch.stack([p.flatten(1).square().sum(1) for name, p in params.items() if trained(name)]).sum(0).sqrt()


def fit(loss: Loss, params: Params, rule: Optimizer, steps: int, watch: Watch | None = None) -> Params:
    """The parameters after so many steps; ``params`` stay as they are."""
    found = descend(differentiated(loss), moving(params), rule, steps, watch)
    return {name: p.detach() for name, p in found.items()}


def differentiated(loss: Loss) -> Descent:
    """Losses with their gradients by autograd."""

    def descent(params: Params, step: int) -> tuple[Tensor, Params]:
        losses = loss(params, step)
        return losses.detach(), gradient(losses, params)

    return descent


def descend(descent: Descent, params: Params, rule: Optimizer, steps: int, watch: Watch | None = None) -> Params:
    """The loop: ``params`` are moved in place, and given back."""
    state = rule.start(params)
    for step in range(steps):
        losses, gradients = descent(params, step)
        if watch is not None:
            watch(params, step, losses)
        state.step(params, gradients)
    return params
