"""Zero, constant and random initialization: units that start alike stay alike, and the loss shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer, Params
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

ARMS = ("zero", "constant", "random")
UNLIKE = "unlike"
"""The arm whose output weights are 0, too, but whose hidden units start with random weights."""

experiment = Experiment(
    version=2,
    metrics={
        "loss": Metric(least=1.1, scale="ratio"),
        "distinct": Metric(least=0.5, digits=0),
    },
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 network; all weights are 0, all are ``constant``, or they are drawn with variance 1 / inputs."""

    activation: str
    constant: float
    rate: float
    steps: int = 150
    width: int = 32
    examples: int = 400
    batch: int = 32


experiment.ask(
    Setting("tanh", constant=0.02, rate=0.2, width=64, steps=200),
    Setting("relu", constant=0.01, rate=0.2, width=48, examples=600),
    Setting("sigmoid", constant=0.5, rate=0.5, steps=300),
    Setting("tanh", constant=0.01, rate=0.1, width=24, steps=300),
    Setting("relu", constant=0.01, rate=0.1, width=32, steps=300),
    Setting("sigmoid", constant=1, rate=0.5, width=40, steps=200),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, UNLIKE)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    chance = Closest("loss", "zero", (0, 0.693, 1, 2.303, 4.605))
    return {
        "order": Order("loss", ARMS),
        "zero": Change("loss", "zero", "random"),
        "constant": Change("loss", "constant", "random"),
        "distinct": Events("distinct", ARMS, above=1.5),
        "units": Closest("distinct", "constant", (0, 1, s.width // 4, s.width // 2, s.width)),
        **({"chance": chance} if s.activation != "sigmoid" else {}),  # whose units give 1/2 at 0, and learn
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Zeros alone stop nothing: units that start unlike stay unlike, and learn."""
    return {
        "units": Control(Events("distinct", (UNLIKE,), above=1.5), (UNLIKE,)),
        "loss": Control(Change("loss", "zero", UNLIKE), ("falls",)),
    }


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    run = replace(run, dtype=torch.float64)  # in single precision rounding can tell equal units apart, and grow
    network = MLP((64, s.width, 10), s.activation, "lecun")
    digits, _ = data.split(run.streams, "digits", s.examples)
    x, y = (run.tensor(part, len(arms)) for part in digits)
    trained = teach(
        run,
        len(arms),
        network,
        _start(s, network, arms, run),
        digits,
        Optimizer(run.per_arm([s.rate] * len(arms))),
        steps=s.steps,
        batch=s.batch,
        watch={"loss": score(network, (x, y), cross_entropy)},
    )
    losses = trained.last(arms, "loss")
    distinct = run.by_arm(arms, _distinct(trained.params["w1"]))
    return Measured(
        {arm: {"loss": losses[arm], "distinct": distinct[arm]} for arm in arms}, {"loss": trained.curve(arms, "loss")}
    )


def _start(s: Setting, network: MLP, arms: Sequence[str], run: Run) -> Params:
    """Random weights times 1, or a constant: biases are 0 everywhere."""

    def each(values: Sequence[float]) -> Tensor:
        return run.per_arm(values).view(-1, 1, 1)

    filled = each([s.constant * (arm == "constant") for arm in arms])
    drawn = {"w1": each([arm in ("random", UNLIKE) for arm in arms]), "w2": each([arm == "random" for arm in arms])}
    return {name: p * drawn[name] + filled if name in drawn else p for name, p in network.init(run, len(arms)).items()}


def _distinct(weights: Tensor) -> Tensor:
    """How many hidden units have incoming weights of their own, (N), for weights (N, inputs, units)."""
    near = (weights[:, :, :, None] - weights[:, :, None, :]).abs().amax(1) < 1e-4
    return (~torch.tril(near, -1).any(2)).sum(1).to(weights.dtype)
