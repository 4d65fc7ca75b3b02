"""Dropout where labels are wrong, and where they are not: does the gap between training and test accuracy shrink?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.feeds import Masks
from solvers.training.engine.losses import accuracy, cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Control, Experiment, Measured, Metric

ARMS = ("none", "dropout")
SWITCHED = ("none_switched", "dropout_switched")
"""The same with clean labels where the setting has wrong ones, and with wrong ones where it has none."""
NOISE = 0.2
"""Share of wrong labels that takes the place of none."""
TESTED = 500

experiment = Experiment(
    version=2,
    metrics={
        "gap": Metric(least=0.03),
        "test": Metric(least=0.015),
        "loss": Metric(least=1.2, scale="ratio"),
    },
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 ReLU network on ``examples`` digits, Adam; each unit is dropped with probability ``drop``.

    A share ``noise`` of the training labels is replaced with random classes; all test labels are true.
    """

    noise: float
    drop: float
    rate: float = 0.003
    steps: int = 400
    width: int = 128
    examples: int = 200
    batch: int = 32


experiment.ask(
    Setting(noise=0.2, drop=0.5),
    Setting(noise=0.0, drop=0.5),
    Setting(noise=0.15, drop=0.5, width=192, examples=300),
    Setting(noise=0.25, drop=0.5, rate=0.005, steps=300, width=160, examples=240),
    Setting(noise=0.0, drop=0.3, width=96, examples=300, steps=300),
    Setting(noise=0.3, drop=0.5, width=160, steps=300),
    Setting(noise=0.0, drop=0.4, rate=0.002, width=160, examples=400, batch=50),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [ARMS + SWITCHED]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "gap": Change("gap", "none", "dropout", margin=0.02, believed=("falls",)),
        "test": Change("test", "none", "dropout", margin=0.015, believed=("rises",)),
        "loss": Change("loss", "none", "dropout"),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Without wrong labels the gap stays; and where it stays, wrong labels would have shown that it can shrink."""
    return {"labels": Control(Change("gap", *SWITCHED, margin=0.02), ("same",) if s.noise else ("falls",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = MLP((64, s.width, 10))
    (images, labels), held = data.split(run.streams, "digits", s.examples, TESTED)
    noises = [(0.0 if s.noise else NOISE) if arm in SWITCHED else s.noise for arm in arms]
    labels = np.concatenate([data.relabelled(run.streams, labels, noise, 10) for noise in noises])
    images = np.concatenate([images] * len(arms))
    x, y = run.tensor(images), run.tensor(labels)
    shown, asked = (run.tensor(part, len(arms)) for part in held)
    masks = Masks(run, run.per_arm([s.drop * arm.startswith("dropout") for arm in arms]), s.batch, network.hidden)

    def forward(params: Params, x: Tensor, step: int) -> Tensor:
        return network(params, x, True, masks(step))

    trained = teach(
        run,
        len(arms),
        network,
        network.init(run, len(arms)),
        (images, labels),
        Optimizer(run.per_arm([s.rate] * len(arms)), adam=run.per_arm([1.0] * len(arms))),
        steps=s.steps,
        batch=s.batch,
        forward=forward,
        watch={
            "loss": score(network, (x, y), cross_entropy),
            "train": score(network, (x, y), accuracy),
            "test": score(network, (shown, asked), accuracy),
        },
    )
    gaps = trained.watched["train"] - trained.watched["test"]
    gap, test, loss = run.by_arm(arms, gaps[:, -1]), trained.last(arms, "test"), trained.last(arms, "loss")
    return Measured(
        {arm: {"gap": gap[arm], "test": test[arm], "loss": loss[arm].clip(1e-9)} for arm in arms},
        {"test": trained.curve(arms, "test"), "loss": trained.curve(arms, "loss")},
    )
