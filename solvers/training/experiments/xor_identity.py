"""XOR needs an activation: layers without one make a linear map, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import accuracy, cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

TESTED = 500
"""Test points."""
ARMS = ("linear", "deep", "relu", "tanh")
EASY = tuple(f"{arm}_sum" for arm in ARMS)
"""The same networks on labels that a line tells apart, for a control."""

experiment = Experiment(
    version=2,
    metrics={"accuracy": Metric(least=0.05), "loss": Metric(least=0.05)},
    nuisances=("rate", "steps", "width", "examples"),
)


@dataclass(frozen=True)
class Setting:
    """Points of the square with sides 2, labelled by the sign of the product of their coordinates; Adam.

    Networks 2-width-2 without activation (``linear``), with ReLU or tanh; ``deep`` has ``layers`` hidden layers, and no
    activation either. In the arms of ``EASY`` it is the sign of the sum.
    """

    width: int
    layers: int = 3
    examples: int = 1000
    batch: int = 64
    rate: float = 0.015
    steps: int = 300


experiment.ask(
    Setting(width=16),
    Setting(width=32, layers=4),
    Setting(width=12, layers=2, examples=1500, rate=0.02),
    Setting(width=24, layers=5, rate=0.01, steps=400),
    Setting(width=48, batch=80, examples=800),
    Setting(width=20, layers=2, rate=0.02, examples=1200),
    Setting(width=64, rate=0.01, batch=50),
)
experiment.withdraw({4: "deeper"})


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(arm,) for arm in (*ARMS, *EASY)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "activation": Change("accuracy", "linear", "relu"),
        "deeper": Change("accuracy", "linear", "deep", margin=0.15, believed=("rises",)),
        "chance": Closest("accuracy", "deep", (0.0, 0.5, 1.0), believed=("2",)),
        "entropy": Closest("loss", "linear", (0.0, 0.35, round(log(2), 3), 1.0, 1.386)),
        "solved": Events("accuracy", ARMS, above=0.8, believed=("deep", "relu", "tanh")),
        "loss": Order("loss", ("linear", "relu")),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where a line tells the classes apart, layers without an activation do as well as any."""
    return {"sum": Control(Events("accuracy", EASY, above=0.8), EASY)}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    (arm,) = arms
    kind, _, is_easy = arm.partition("_")
    hidden = (s.width,) * (s.layers if kind == "deep" else 1)
    network = MLP((2, *hidden, 2), "identity" if kind in ("linear", "deep") else kind, "lecun")
    points = [2 * run.streams.uniform(part, count, 2) - 1 for part, count in (("train", s.examples), ("test", TESTED))]
    labels = [((x.sum(-1) if is_easy else x.prod(-1)) > 0).astype(np.int64) for x in points]
    test = run.tensor(points[1]), run.tensor(labels[1])
    watch = {"accuracy": score(network, test, accuracy), "loss": score(network, test, cross_entropy)}
    rule = Optimizer(run.per_arm([s.rate]), adam=run.per_arm([1.0]))
    found = teach(
        run, 1, network, network.init(run, 1), (points[0], labels[0]), rule, steps=s.steps, batch=s.batch, watch=watch
    )
    return Measured(
        values={arm: {name: found.last(arms, name)[arm] for name in watch}},
        curves={name: found.curve(arms, name) for name in watch},
    )
