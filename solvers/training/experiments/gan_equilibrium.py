"""What a discriminator's loss tells: 2 log 2 when the generator is perfect, less the more it can be told from the data.

In three arms the generator is fixed, N(0, 1), N(near, 1) or N(far, 1) against data from N(0, 1). In the arm ``game`` an
affine generator starts near the last one, and learns too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import torch
import torch.nn.functional as F
from torch import Tensor

from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.feeds import Noise
from solvers.training.engine.networks.gan import GAN
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import follow
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

TESTED = 2000
"""Numbers of each kind that the loss is measured with."""
CHANCE = round(2 * log(2), 3)
MOVED = "moved"
"""The arm where data and generator are both moved as far as the generator is in ``far``."""
REACHED = 3.0
"""From farther away, the generator does not surely arrive at the data in so many steps."""

experiment = Experiment(
    version=2,
    metrics={"loss": Metric(least=0.05), "output": Metric(least=0.03)},
    nuisances=("rate", "steps", "width", "batch"),
)


@dataclass(frozen=True)
class Setting:
    """A 1-width-1 tanh discriminator, Adam; ``batch`` new numbers of each kind at every step."""

    near: float
    far: float
    width: int = 16
    batch: int = 64
    rate: float = 0.01
    steps: int = 400


experiment.ask(
    Setting(near=1.0, far=3.0, steps=600),
    Setting(near=2.0, far=4.0, batch=96),
    Setting(near=0.8, far=2.0, width=24),
    Setting(near=2.0, far=5.0, width=32),
    Setting(near=0.6, far=2.5, rate=0.008, steps=600),
    Setting(near=1.0, far=2.5, width=12, batch=100, rate=0.015),
    Setting(near=1.8, far=3.5, width=20, batch=48),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("equal", "near", "far", "game", MOVED)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    fixed = ("equal", "near", "far")
    found: dict[str, Claim] = {
        "order": Order("loss", fixed),
        "chance": Closest("loss", "equal", (0.0, round(log(2), 3), CHANCE, 2.0, round(4 * log(2), 3)), believed=("0",)),
        "output": Closest("output", "equal", (0.0, 0.25, 0.5, 0.75, 1.0), believed=("0",)),
        "fooled": Events("loss", fixed if s.far > REACHED else (*fixed, "game"), above=1.0),
        "game": Change("loss", "far", "game", believed=("falls",)),
    }
    if s.far <= REACHED:
        found["settles"] = Closest("output", "game", (0.0, 0.25, 0.5, 0.75, 1.0), believed=("0",))
    return found


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """It is the difference of the laws that is told, not the place of the numbers."""
    return {"moved": Control(Closest("loss", MOVED, (CHANCE - 0.1, CHANCE, CHANCE + 0.1)), ("1",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    count = len(arms)
    shift = run.per_arm([{"near": s.near, "equal": 0.0}.get(arm, s.far) for arm in arms])
    place = run.per_arm([s.far * (arm == MOVED) for arm in arms])[:, None, None]
    plays = run.per_arm([float(arm == "game") for arm in arms])
    network = GAN((1, 1), (1, s.width, 1))
    real, latent = (Noise(run, count, (s.batch, 1), purpose) for purpose in ("real", "latent"))
    test_real, test_latent = (Noise(run, count, (TESTED, 1), f"test {purpose}")(0) for purpose in ("real", "latent"))
    test_real = test_real + place
    params = network.init(run, count)
    params |= {"g.w1": torch.ones_like(params["g.w1"]), "g.b1": shift[:, None, None].clone()}

    def loss(params: Params, step: int) -> Tensor:
        made = network.generate(params, latent(step))
        still = {name: p.detach() for name, p in params.items()}
        fooling = F.softplus(-network.judge(still, made)).mean(1)
        return network.discriminating(params, real(step) + place, made.detach()) + plays * fooling

    watch = {
        "loss": lambda params: network.discriminating(params, test_real, network.generate(params, test_latent)),
        "output": lambda params: network.judge(params, network.generate(params, test_latent)).sigmoid().mean(1),
    }
    rule = Optimizer(run.per_arm([s.rate] * count), adam=run.per_arm([1.0] * count))
    found = follow(run, loss, params, rule, s.steps, watch)
    last = {name: found.last(arms, name) for name in watch}
    return Measured(
        values={arm: {name: last[name][arm] for name in watch} for arm in arms},
        curves={name: found.curve(arms, name) for name in watch},
    )
