"""Convolution and shifts: digits are learned in the middle of a canvas, and tested where they were moved.

In the middle a multilayer perceptron does as well. A CNN whose last layer reads all places of its maps is not invariant
to shifts: it keeps more than the perceptron after a step of one pixel, but fails after two along both axes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import accuracy
from solvers.training.engine.networks.cnn import CNN
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

SIDE = 12
"""Pixels of a side of the canvas; a digit has 8, and so is 2 away from each side."""
TESTED = 200
KEPT = {1: (0.1, 0.35, 0.65, 0.95), 2: (0.15, 0.5, 0.8, 0.95)}
"""Shift to the accuracies among which that of a CNN is looked for."""

experiment = Experiment(
    version=1,
    metrics={"centred": Metric(least=0.03), "moved": Metric(least=0.03)},
    nuisances=("rate", "steps", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """CNNs with ``channels`` and then twice as many, an MLP with ``width`` hidden units; Adam.

    The arm ``pooled`` reads the mean of each channel at the end, ``cnn`` all its pixels.

    Test digits are moved by ``shift`` pixels along both axes, in random directions. For a control the perceptron
    ``shown`` is trained on digits that are moved in the same way.
    """

    channels: int = 8
    width: int = 32
    shift: int = 1
    examples: int = 300
    batch: int = 24
    rate: float = 0.02
    steps: int = 200


experiment.ask(
    Setting(),
    Setting(channels=8, width=64, shift=2),
    Setting(channels=10, width=24, rate=0.015),
    Setting(channels=10, width=48, shift=2, examples=400),
    Setting(channels=8, width=96, examples=400, batch=32, steps=160),
    Setting(channels=9, width=40, shift=2, batch=32),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("mlp",), ("cnn",), *([("pooled",)] if s.shift > 1 else []), ("shown",)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    better = "cnn" if s.shift == 1 else "pooled"
    return {
        "moved": Change("moved", "mlp", better),
        "order": Order("moved", (better, "mlp")),
        "centred": Change("centred", "mlp", "cnn", margin=0.06, believed=("rises",)),
        "invariant": Closest("moved", "cnn", KEPT[s.shift], believed=("3",)),
        "lost": Closest("moved", "mlp", (0.15, 0.45, 0.7, 0.95)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """It is places that were not seen: the digits are learnt, and a perceptron that saw them moved knows them there."""
    learnt = ("mlp", "cnn")
    return {
        "learnt": Control(Events("centred", learnt, above=0.8), learnt),
        "shown": Control(Change("moved", "mlp", "shown"), ("rises",)),
    }


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    (arm,) = arms
    (x, y), (held, truth) = data.split(run.streams, "digits", s.examples, TESTED)
    away = _directions("directions", TESTED, s.shift, run)
    places = _directions("directions shown", s.examples, s.shift * (arm == "shown"), run)
    network = _network(arm, s)
    labels = run.tensor(truth)
    watch = {
        "centred": score(network, (run.tensor(_placed(held, np.zeros_like(away))), labels), accuracy),
        "moved": score(network, (run.tensor(_placed(held, away)), labels), accuracy),
    }
    rule = Optimizer(run.per_arm([s.rate]), adam=run.per_arm([1.0]))
    examples = (_placed(x, places), y)
    found = teach(
        run, 1, network, network.init(run, 1), examples, rule, steps=s.steps, batch=s.batch, watch=watch, points=6
    )
    return Measured(
        values={arm: {name: found.last(arms, name)[arm] for name in watch}},
        curves={name: found.curve(arms, name) for name in watch},
    )


def _directions(purpose: str, count: int, shift: int, run: Run) -> NDArray[np.int64]:
    """Where digits are moved to, (S, count, 2)."""
    return np.where(run.streams.uniform(purpose, count, 2) < 0.5, -shift, shift)


def _network(arm: str, s: Setting) -> CNN | MLP:
    if arm in ("mlp", "shown"):
        return MLP((SIDE * SIDE, s.width, 10))
    return CNN(SIDE, (s.channels, 2 * s.channels), 10, averaged=arm == "pooled")


def _placed(images: NDArray[np.float64], away: NDArray[np.int64]) -> NDArray[np.float64]:
    """Digits (S, n, 64) on the canvas, (S, n, SIDE x SIDE), so far (S, n, 2) from its middle."""
    seeds, count, _ = images.shape
    canvas = np.zeros((seeds, count, SIDE, SIDE))
    corner = (SIDE - 8) // 2 + away
    rows, columns = (corner[..., axis, None] + np.arange(8) for axis in (0, 1))
    at = np.ogrid[:seeds, :count]
    canvas[at[0][..., None, None], at[1][..., None, None], rows[..., :, None], columns[..., None, :]] = images.reshape(
        seeds, count, 8, 8
    )
    return canvas.reshape(seeds, count, SIDE * SIDE)
