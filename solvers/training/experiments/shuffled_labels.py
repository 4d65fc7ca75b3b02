"""True labels against shuffled ones: a network can learn both by heart, and only one of them is of use afterwards.

After Zhang, Bengio, Hardt, Recht and Vinyals, Understanding deep learning requires rethinking generalization (2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import accuracy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric

ARMS = ("true", "shuffled")
TESTED = 500

experiment = Experiment(
    version=2,
    metrics={
        "train": Metric(least=0.03),
        "test": Metric(least=0.03),
        "steps": Metric(least=1.25, scale="ratio", digits=0),
    },
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 network on ``examples`` digits, Adam.

    For a control the classes have other names in the arm ``renamed``, those of training and of test digits alike.
    """

    examples: int
    width: int
    rate: float
    steps: int
    activation: str = "relu"
    batch: int = 32


experiment.ask(
    Setting(examples=200, width=128, rate=0.003, steps=400),
    Setting(examples=100, width=64, rate=0.003, steps=400),
    Setting(examples=300, width=128, rate=0.005, steps=500),
    Setting(examples=160, width=96, rate=0.005, steps=500, activation="tanh"),
    Setting(examples=150, width=128, rate=0.005, steps=250, batch=50),
    Setting(examples=200, width=160, rate=0.01, steps=300, activation="tanh", batch=64),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, "renamed")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "learnt": Events("train", ARMS, above=0.8, believed=("true",)),
        "useful": Events("test", ARMS, above=0.5),
        "chance": Closest("test", "shuffled", (0.1, 0.5, 0.9)),
        "test": Change("test", "true", "shuffled"),
        "steps": Change("steps", "true", "shuffled"),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Labels that differ from the true ones, but go with the digits as well, are of the same use, and learnt early."""
    return {
        "test": Control(Change("test", "true", "renamed", margin=0.03), ("same",)),
        "steps": Control(Change("steps", "renamed", "shuffled"), ("rises",)),
    }


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = MLP((64, s.width, 10), s.activation)
    (x, y), (shown, truth) = data.split(run.streams, "digits", s.examples, TESTED)
    names = run.streams.order(10, "names")[:, 0]
    labels = {"true": y, "shuffled": data.shuffled(run.streams, y), "renamed": np.take_along_axis(names, y, 1)}
    renamed = {"renamed": np.take_along_axis(names, truth, 1)}
    own = np.tile(x, (len(arms), 1, 1)), np.concatenate([labels[arm] for arm in arms])
    trained = teach(
        run,
        len(arms),
        network,
        network.init(run, len(arms)),
        own,
        Optimizer(run.per_arm([s.rate] * len(arms)), adam=run.per_arm([1.0] * len(arms))),
        steps=s.steps,
        batch=s.batch,
        watch={"train": score(network, (run.tensor(own[0]), run.tensor(own[1])), accuracy)},
        points=s.steps // 5,
    )
    curve = trained.curve(arms, "train")
    asked = run.tensor(np.concatenate([renamed.get(arm, truth) for arm in arms]))
    test = run.by_arm(arms, accuracy(network(trained.params, run.tensor(shown, len(arms))), asked))
    return Measured(
        {
            arm: {"train": values[:, -1], "test": test[arm], "steps": _first(values, trained.x)}
            for arm, values in curve.arms.items()
        },
        {"train": curve},
    )


def _first(curve: NDArray[np.float64], x: Sequence[int]) -> NDArray[np.float64]:
    """The first of the steps x at which half of the labels are learnt, (S); the last one where they never are."""
    passed = curve >= 0.5
    passed[:, -1] = True
    first: NDArray[np.float64] = np.array(x, np.float64)[passed.argmax(1)]
    return np.maximum(first, 1)
