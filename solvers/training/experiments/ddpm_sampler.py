"""Samplers of a diffusion model that knows the noise exactly: which of them gives samples of the data's variance?

Data are N(0, v) numbers, for which the best prediction of the noise is a formula; nothing is trained, so that what is
wrong with the samples is wrong with the sampler. A known misprint divides by the root of the product of all alphas and
so jumps to the estimate of x_0 at each step: its variance collapses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from solvers.training.engine.feeds import Noise
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

experiment = Experiment(
    version=2,
    metrics={"variance": Metric(least=1.15, scale="ratio")},
    nuisances=("steps", "first", "last", "samples"),
)

GROWS = 3.0
"""From about this variance of the data on, the misprint lets the samples grow without bound instead."""


@dataclass(frozen=True)
class Setting:
    """Noise rates from ``first`` to ``last``, evenly spaced over ``steps``; data of ``variance``; so many samples."""

    steps: int
    first: float
    last: float
    variance: float = 1.0
    samples: int = 1200


experiment.ask(
    Setting(steps=1000, first=0.0001, last=0.02),
    Setting(steps=400, first=0.0001, last=0.05),
    Setting(steps=200, first=0.0005, last=0.1, variance=4.0),
    Setting(steps=500, first=0.0002, last=0.04, variance=0.5),
    Setting(steps=300, first=0.001, last=0.06, variance=2.0),
    Setting(steps=250, first=0.0004, last=0.08, variance=3.0),
    Setting(steps=600, first=0.0001, last=0.04, variance=0.25),
)


@dataclass(frozen=True)
class Place:
    """Where a sampler stands: alpha, its products up to this step and the one before, and the data's variance."""

    alpha: float
    product: float
    before: float
    variance: float


def ancestral(x: Tensor, noise: Tensor, z: Tensor, p: Place) -> Tensor:
    """The mean of the step back, plus noise of the step's own rate."""
    return silent(x, noise, z, p) + sqrt(1 - p.alpha) * z


def silent(x: Tensor, noise: Tensor, z: Tensor, p: Place) -> Tensor:
    """The mean alone."""
    return (x - (1 - p.alpha) / sqrt(1 - p.product) * noise) / sqrt(p.alpha)


def jumping(x: Tensor, noise: Tensor, z: Tensor, p: Place) -> Tensor:
    """The misprint: products stand where single alphas should."""
    return (x - sqrt(1 - p.product) * noise) / sqrt(p.product) + sqrt(1 - p.alpha) * z


def ddim(x: Tensor, noise: Tensor, z: Tensor, p: Place) -> Tensor:
    """The estimate of x_0, and the estimated noise put back to the level of the step before."""
    clean = (x - sqrt(1 - p.product) * noise) / sqrt(p.product)
    return sqrt(p.before) * clean + sqrt(1 - p.before) * noise


def exact(x: Tensor, noise: Tensor, z: Tensor, p: Place) -> Tensor:
    """The mean plus noise of the variance that x of the step before has, given x: both are normal."""
    before, now = (kept * p.variance + 1 - kept for kept in (p.before, p.product))
    return silent(x, noise, z, p) + sqrt((1 - p.alpha) * before / now) * z


def still(x: Tensor, noise: Tensor, z: Tensor, p: Place) -> Tensor:
    """As it was."""
    return x


SAMPLERS: Mapping[str, Callable[[Tensor, Tensor, Tensor, Place], Tensor]] = {
    "ancestral": ancestral,
    "ddim": ddim,
    "silent": silent,
    "jumping": jumping,
    "exact": exact,
    "data": still,
}
ASKED = ("ancestral", "ddim", "silent", "jumping")


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [tuple(SAMPLERS)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    v = s.variance
    found: dict[str, Claim] = {
        "order": Order("variance", ("ancestral", "silent", "jumping")),
        "deterministic": Change("variance", "ancestral", "ddim", margin=1.15, believed=("falls",)),
        "quiet": Change("variance", "ancestral", "silent", margin=1.15, believed=("same",)),
        "keeps": Events("variance", ASKED, above=0.5 * v),
    }
    if v < GROWS:
        options = tuple(round(factor * v, 4) for factor in (0.1, 0.5, 1, 2))
        found["misprint"] = Closest("variance", "jumping", options, believed=("2",))
    return found


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Steps back by the law of the data end with its variance: what is lost, the step has lost."""
    return {"right law": Control(Change("variance", "data", "exact", margin=1.15), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    alphas = 1 - np.linspace(s.first, s.last, s.steps)
    products = np.concatenate([[1.0], np.cumprod(alphas)])
    start = run.tensor(run.streams.normal("start", s.samples))
    noise = Noise(run, 1, (s.samples,))
    places = {*range(0, s.steps, max(1, s.steps // 20)), s.steps}
    data = run.tensor(run.streams.normal("data", s.samples)) * sqrt(s.variance)
    x, seen = [data if arm == "data" else start for arm in arms], []
    for step in range(s.steps + 1):
        if step in places:
            seen.append(torch.stack([each.var(1) for each in x]))
        if step < s.steps:
            t = s.steps - step
            p = Place(alphas[t - 1], products[t], products[t - 1], s.variance)
            z = noise(step) if t > 1 else torch.zeros_like(start)
            x = [SAMPLERS[arm](each, _noise(each, p, s.variance), z, p) for arm, each in zip(arms, x, strict=True)]
    found = run.by_arm(arms, torch.stack(seen, 2).flatten(0, 1))
    return Measured(
        values={arm: {"variance": values[:, -1]} for arm, values in found.items()},
        curves={"variance": Curve(sorted(places), found)},
    )


def _noise(x: Tensor, p: Place, variance: float) -> Tensor:
    """The mean of the noise in x_t, given x_t: both are normal."""
    return sqrt(1 - p.product) / (p.product * variance + 1 - p.product) * x
