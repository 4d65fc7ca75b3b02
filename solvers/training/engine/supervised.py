"""The usual case: a network trained on labelled examples in minibatches, and watched on the way."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from solvers.training.engine import device
from solvers.training.engine.device import Fed, Held
from solvers.training.engine.ensemble import Descent, Loss, Optimizer, Params, Watch, descend, differentiated, moving
from solvers.training.engine.feeds import Minibatches
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.experiment import Curve

Network: TypeAlias = Callable[[Params, Tensor], Tensor]
Forward: TypeAlias = Callable[[Params, Tensor, int], Tensor]
"""Parameters, inputs and the number of the step to outputs: where training differs from evaluation."""
Score: TypeAlias = Callable[[Params], Tensor]
"""Parameters to one number a model, (N)."""
Match: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Outputs and labels to one number a model, (N): a loss, or an accuracy."""


@dataclass(frozen=True)
class Trained:
    """Parameters after training, and what was watched: at the steps ``x`` (the last one is the end), values (N, T)."""

    run: Run
    params: Params
    x: tuple[int, ...]
    watched: Mapping[str, Tensor] = field(default_factory=dict)

    def curve(self, arms: Sequence[str], name: str) -> Curve:
        """What was watched by that name, to be plotted."""
        return Curve(self.x, self.run.by_arm(arms, self.watched[name]))

    def last(self, arms: Sequence[str], name: str) -> dict[str, NDArray[np.float64]]:
        """What was watched, at the end: arm to S numbers."""
        return self.run.by_arm(arms, self.watched[name][:, -1])


def teach(
    run: Run,
    arms: int,
    network: Network,
    params: Params,
    examples: tuple[NDArray[Any], NDArray[Any]],
    rule: Optimizer,
    *,
    steps: int,
    batch: int,
    loss: Match = cross_entropy,
    forward: Forward | None = None,
    watch: Mapping[str, Score] | None = None,
    points: int = 20,
) -> Trained:
    """Trains on ``examples`` (S, n, …) in minibatches; ``watch`` scores about ``points`` times, and at the end.

    ``forward`` stands for the network where training differs: ``lambda params, x, step: network(params, x, True,
    masks(step))``.
    """
    feed = Minibatches(run, arms, *examples, batch, steps)
    if forward is not None:
        return follow(run, _losses(forward, loss, feed), params, rule, steps, watch, points)
    held = Held(feed)
    return _watched(run, partial(device.train, _descent(network, loss, held), held), params, rule, steps, watch, points)


def _descent(network: Network, loss: Match, held: Held) -> Descent:
    """By hand where there is a way, else by autograd."""
    if isinstance(network, MLP) and network.stacked and loss is cross_entropy:
        return lambda params, step: network.classify(params, *held(step))
    return differentiated(_losses(lambda params, x, step: network(params, x), loss, held))


def _losses(forward: Forward, loss: Match, feed: Fed) -> Loss:
    def found(params: Params, step: int) -> Tensor:
        x, y = feed(step)
        return loss(forward(params, x, step), y)

    return found


def follow(
    run: Run,
    losses: Loss,
    params: Params,
    rule: Optimizer,
    steps: int,
    watch: Mapping[str, Score] | None = None,
    points: int = 20,
) -> Trained:
    """Trains by ``fit``, and scores about ``points`` times and at the end."""
    return _watched(run, partial(descend, differentiated(losses)), params, rule, steps, watch, points)


def _watched(
    run: Run,
    loop: Callable[[Params, Optimizer, int, Watch | None], Params],
    params: Params,
    rule: Optimizer,
    steps: int,
    watch: Mapping[str, Score] | None,
    points: int,
) -> Trained:
    every = max(1, steps // points)
    places = (*range(0, steps, every), steps)
    seen: dict[str, list[Tensor]] = {name: [] for name in watch or ()}

    def look(params: Params, step: int, _: object = None) -> None:
        if step in wanted:
            with torch.no_grad():
                for name, score in (watch or {}).items():
                    seen[name].append(score(params).detach())

    wanted = frozenset(places)
    found = loop(moving(params), rule, steps, look if watch else None)
    look(found, steps)
    found = {name: p.detach() for name, p in found.items()}
    return Trained(run, found, places, {name: torch.stack(values, 1) for name, values in seen.items()})


def score(network: Network, examples: tuple[Tensor, Tensor], match: Match) -> Score:
    """A score of a network on fixed examples (N, n, …): its loss there, or its accuracy."""
    return lambda params: match(network(params, examples[0]), examples[1])
