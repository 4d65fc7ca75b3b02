"""Which tasks need positions: attention without them sees a set of tokens, not a sequence.

Two tasks on the same sequences: whether token 0 stands before token 1 (each occurs once), and whether token 2 occurs
more than once. The first one is out of reach without positions, the second is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import accuracy, cross_entropy
from solvers.training.engine.networks.attention import Attention
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric

TESTED = 250
"""Test sequences."""
TASKS = {"order": True, "blind_order": False, "count": True, "blind_count": False}
"""Arm to whether there are positions."""

experiment = Experiment(
    version=2,
    metrics={
        "accuracy": Metric(least=0.05),
        "loss": Metric(least=0.05),
        "mixed": Metric(least=0.05),  # accuracy where the tokens of each test sequence are put in another order
    },
    nuisances=("rate", "steps", "width", "examples"),
)


@dataclass(frozen=True)
class Setting:
    """Sequences of ``length`` out of ``tokens`` tokens; ``examples`` to train with; one layer, Adam."""

    length: int
    tokens: int = 6
    width: int = 16
    examples: int = 1000
    batch: int = 32
    rate: float = 0.01
    steps: int = 200


experiment.ask(
    Setting(length=6),
    Setting(length=8, width=24),
    Setting(length=5, tokens=8, steps=150),
    Setting(length=7, tokens=5, width=20),
    Setting(length=6, tokens=10, examples=1500, rate=0.015),
    Setting(length=8, tokens=4, width=32, examples=2000),
    Setting(length=10, tokens=7, width=32, examples=2000, steps=300),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("order", "count"), ("blind_order", "blind_count")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "order": Change("accuracy", "order", "blind_order"),
        "count": Change("accuracy", "count", "blind_count", margin=0.04, believed=("falls",)),
        "chance": Closest("accuracy", "blind_order", (0.0, 0.25, 0.5, 0.75, 1.0), believed=("4",)),
        "learned": Events("accuracy", tuple(TASKS), above=0.75),
        "entropy": Closest("loss", "blind_order", (0.0, 0.35, 0.69, 1.0, 1.39)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """A network that has learnt the order, and nothing else that tells it, is at a loss where the order is lost."""
    return {"mixed": Control(Closest("mixed", "order", (0.0, 0.25, 0.5, 1.0)), ("2",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    x, y = _tokens(run, "train", s.examples, s)
    held, truth = _tokens(run, "test", TESTED, s)
    kinds = [0 if arm.endswith("order") else 1 for arm in arms]
    network = Attention(s.tokens, s.length, s.width, 2, positions=TASKS[arms[0]])
    labels, answers = (np.concatenate([part[kind] for kind in kinds]) for part in (y, truth))
    examples = (np.tile(x, (len(arms), 1, 1)), labels)
    test = (run.tensor(held, len(arms)), torch.from_numpy(answers).to(run.device))
    rule = Optimizer(run.per_arm([s.rate] * len(arms)), adam=run.per_arm([1.0] * len(arms)))
    watch = {"accuracy": score(network, test, accuracy), "loss": score(network, test, cross_entropy)}
    params = network.init(run, len(arms))
    found = teach(run, len(arms), network, params, examples, rule, steps=s.steps, batch=s.batch, watch=watch, points=6)
    last = {name: found.last(arms, name) for name in watch}
    places = run.streams.order(s.length, "test order", TESTED)
    mixed = run.tensor(np.take_along_axis(held, places, -1), len(arms))
    last["mixed"] = run.by_arm(arms, accuracy(network(found.params, mixed), test[1]))
    return Measured(
        values={arm: {name: last[name][arm] for name in last} for arm in arms},
        curves={"accuracy": found.curve(arms, "accuracy")},
    )


def _tokens(run: Run, part: str, count: int, s: Setting) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """Sequences (S, n, length), and the labels (S, n) of both tasks.

    Tokens 0 and 1 stand at two random places, one each. Elsewhere there are tokens from 2 on: token 2 in just one place
    or in two, with the same probability.
    """
    order = run.streams.order(s.length, f"{part} places", count)
    twice = run.streams.below(2, f"{part} twice", count)
    found = 3 + run.streams.below(s.tokens - 3, f"{part} tokens", count, s.length)
    np.put_along_axis(found, order[..., :1], 0, -1)
    np.put_along_axis(found, order[..., 1:2], 1, -1)
    np.put_along_axis(found, order[..., 2:3], 2, -1)
    fourth = np.where(twice == 1, 2, np.take_along_axis(found, order[..., 3:4], -1)[..., 0])
    np.put_along_axis(found, order[..., 3:4], fourth[..., None], -1)
    return found, [(order[..., 0] < order[..., 1]).astype(np.int64), twice]
