"""At which timesteps a diffusion model tells the noise best: late, where x_t is nearly all noise.

At the first timesteps there is little noise in x_t, and it is hard to tell from the spread of the data: the error stays
near the variance of the noise, 1, which a guess of 0 has as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi

import torch
from torch import Tensor

from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.feeds import Noise
from solvers.training.engine.networks.ddpm import DDPM, betas
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import Score, follow
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

TESTED = 500
"""Examples that the loss of each timestep is measured with."""

experiment = Experiment(
    version=2,
    metrics={"error": Metric(least=0.03)},
    nuisances=("rate", "train_steps", "width", "batch"),
)


@dataclass(frozen=True)
class Setting:
    """Points on a ring of radius 1, blurred by ``spread``; T = ``steps``; the noise rates end with ``last``.

    The arms are three timesteps, t = ``early``, ``middle`` and ``late``, of the same trained network. Another one,
    ``blind``, is to tell noise that is not the noise in x_t.
    """

    steps: int
    last: float
    early: int
    middle: int
    late: int
    spread: float = 0.05
    width: int = 32
    batch: int = 64
    rate: float = 0.003
    train_steps: int = 400


experiment.ask(
    Setting(steps=50, last=0.2, early=2, middle=15, late=45),
    Setting(steps=100, last=0.1, early=5, middle=30, late=90),
    Setting(steps=40, last=0.25, early=2, middle=12, late=38, spread=0.1),
    Setting(steps=80, last=0.12, early=3, middle=25, late=75, spread=0.02, width=48),
    Setting(steps=60, last=0.15, early=4, middle=20, late=55, rate=0.005, batch=96),
    Setting(steps=200, last=0.05, early=8, middle=60, late=180, width=40, train_steps=500),
    Setting(steps=100, last=0.1, early=3, middle=20, late=60, spread=0.15),
    Setting(steps=50, last=0.2, early=2, middle=15, late=45, spread=0.2),
    Setting(steps=80, last=0.12, early=3, middle=25, late=75, spread=0.2, width=48),
    Setting(steps=60, last=0.15, early=2, middle=20, late=55, spread=0.25, rate=0.005),
    Setting(steps=150, last=0.07, early=5, middle=45, late=130, spread=0.25, train_steps=500),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("early", "middle", "late"), ("early_blind", "late_blind")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    arms = ("early", "middle", "late")
    found: dict[str, Claim] = {
        "order": Order("error", arms, believed=("late", "middle", "early")),
        "later": Change("error", "early", "late", believed=("rises",)),
        "hard": Events("error", arms, above=0.25, believed=("middle", "late")),
    }
    if s.spread >= 0.15:  # else x_t tells much of the noise across the ring, and the network only lacks the time
        found["guess"] = Closest("error", "early", (0.0, 0.3, 1.0, 2.0), believed=("0",))
    return found


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where x_t says nothing of the noise to be told, no timestep is better than another."""
    return {"blind": Control(Change("error", "early_blind", "late_blind", margin=0.03), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    rates = tuple(betas("linear", s.steps, 0.001, s.last))
    network = DDPM(2, s.width, rates)
    angle = run.streams.uniform("angle", s.train_steps, s.batch)
    times = run.streams.below(s.steps, "times", s.train_steps, s.batch)
    blind = "_blind" if arms[0].endswith("_blind") else ""
    blur, noise, told = (Noise(run, 1, (s.batch, 2), purpose) for purpose in ("blur", "noise", f"noise{blind}"))
    angles, chosen = run.tensor(angle), run.tensor(times)

    def errors(params: Params, x: Tensor, t: Tensor, noise: Tensor, told: Tensor) -> Tensor:
        return (network(params, network.noised(x, t, noise), t) - told).square().mean(-1).mean(1)

    def loss(params: Params, step: int) -> Tensor:
        x = _ring(angles[:, step]) + s.spread * blur(step)
        return errors(params, x, chosen[:, step], noise(step), told(step))

    x = _ring(run.tensor(run.streams.uniform("test angle", TESTED)))
    x = x + s.spread * run.tensor(run.streams.normal("test blur", TESTED, 2))
    fresh, asked = (run.tensor(run.streams.normal(f"test noise{part}", TESTED, 2)) for part in ("", blind))

    def error(arm: str) -> Score:
        t = torch.full((len(run.seeds), TESTED), getattr(s, arm.removesuffix(blind)) - 1, device=run.device)
        return lambda params: errors(params, x, t, fresh, asked)

    rule = Optimizer(run.per_arm([s.rate]), adam=run.per_arm([1.0]))
    watch = {arm: error(arm) for arm in arms}
    found = follow(run, loss, network.init(run, 1), rule, s.train_steps, watch)
    curves = {arm: run.by_arm([arm], found.watched[arm])[arm] for arm in arms}
    return Measured(
        values={arm: {"error": curve[:, -1]} for arm, curve in curves.items()},
        curves={"error": Curve(found.x, curves)},
    )


def _ring(turns: Tensor) -> Tensor:
    """Points (N, B, 2) of the circle of radius 1."""
    angle = 2 * pi * turns
    return torch.stack((angle.cos(), angle.sin()), -1)
