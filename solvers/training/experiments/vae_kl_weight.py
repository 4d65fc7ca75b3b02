"""A variational autoencoder of digits with three weights of the KL term: codes that tell less, and worse copies.

A large weight makes the posterior collapse onto the prior: the code tells nothing, and all copies are the mean image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.feeds import Minibatches, Noise
from solvers.training.engine.networks.vae import VAE
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import follow
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

USUAL = 1.5
"""Weights near that of the evidence bound itself, of which collapse is hardly expected."""

experiment = Experiment(
    version=1,
    metrics={
        "kl": Metric(least=0.3, digits=2),
        "error": Metric(least=0.08, digits=2),
        "deviation": Metric(least=0.03),
    },
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-latent-width-64 autoencoder, Adam; the KL weights are ``low``, ``middle`` and ``high``.

    For a control the arm ``loud`` has the weight ``low``, and ten times the loss as a whole.
    """

    low: float
    middle: float
    high: float
    latent: int = 4
    width: int = 64
    examples: int = 500
    batch: int = 50
    rate: float = 0.003
    steps: int = 250


experiment.ask(
    Setting(low=0.0, middle=0.1, high=1.0),
    Setting(low=0.01, middle=0.15, high=1.0, latent=8),
    Setting(low=0.0, middle=0.2, high=2.0, latent=3),
    Setting(low=0.02, middle=0.2, high=3.0, latent=6, width=48),
    Setting(low=0.01, middle=0.1, high=1.5, latent=5, examples=800, steps=300),
    Setting(low=0.0, middle=0.15, high=4.0, latent=10, width=80),
    Setting(low=0.01, middle=0.2, high=1.0, latent=4, rate=0.004, examples=300),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("low", "middle", "high", "loud")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    arms = ("low", "middle", "high")
    return {
        "kl": Order("kl", arms),
        "error": Order("error", arms),
        "copies": Change("error", "low", "high"),
        "informs": Events("kl", arms, above=0.5, believed=arms if s.high <= USUAL else ()),
        "collapse": Closest("kl", "high", (0.0, 1.0, 3.0, 10.0)),
        "posterior": Closest("deviation", "high", (0.0, 0.3, 1.0, 2.0, 3.0), believed=("0",)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """It is the weight beside the error that counts, not that the loss is larger."""
    return {
        "kl": Control(Change("kl", "low", "loud", margin=0.3), ("same",)),
        "error": Control(Change("error", "low", "loud", margin=0.08), ("same",)),
    }


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    images, _ = data.split(run.streams, "digits", s.examples)[0]
    network = VAE(64, s.width, s.latent)
    feed = Minibatches(run, len(arms), images, images, s.batch, s.steps)
    noise = Noise(run, len(arms), (s.batch, s.latent))
    still = Noise(run, len(arms), (s.examples, s.latent), "still")(0)
    weights = run.per_arm([s.low if arm == "loud" else getattr(s, arm) for arm in arms])
    loudness = run.per_arm([10.0 if arm == "loud" else 1.0 for arm in arms])
    every = run.tensor(images, len(arms))

    def loss(params: Params, step: int) -> Tensor:
        error, kl = network.parts(params, feed(step)[0], noise(step))
        return loudness * (error + weights * kl)

    watch = {
        "error": lambda params: network.parts(params, every, still)[0],
        "kl": lambda params: network.parts(params, every, still)[1],
    }
    rule = Optimizer(run.per_arm([s.rate] * len(arms)), adam=run.per_arm([1.0] * len(arms)))
    found = follow(run, loss, network.init(run, len(arms)), rule, s.steps, watch)
    with torch.no_grad():
        deviation = run.by_arm(arms, (0.5 * network.encode(found.params, every)[1]).exp().mean((1, 2)))
    kl, error = found.last(arms, "kl"), found.last(arms, "error")
    return Measured(
        values={arm: {"kl": kl[arm], "error": error[arm], "deviation": deviation[arm]} for arm in arms},
        curves={name: found.curve(arms, name) for name in ("kl", "error")},
    )
