"""The gradient that reaches the first layer of a network before training, by depth: sigmoid, ReLU, residual.

Nothing is trained: the gradient of the loss on ``examples`` digits is taken once, in double precision, because in
single precision it is exactly 0 below 50 sigmoid layers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from solvers.training.engine import data
from solvers.training.engine.ensemble import gradient, moving
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.mlp import MLP
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

NETWORKS = ("squashing", "small", "relu", "residual")
ARMS = tuple(f"{network}_{depth}" for network in NETWORKS for depth in ("shallow", "deep"))
LINEAR = ("linear_shallow", "linear_deep")
"""The network ``small`` without its activation."""
DEEP = tuple(arm for arm in ARMS if arm.endswith("deep"))

experiment = Experiment(
    version=2,
    metrics={"norm": Metric(least=0.5, digits=1), "spread": Metric(least=0.3, digits=1)},
    nuisances=("width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """Networks with ``shallow`` and ``deep`` hidden layers, ``width`` units each, and 10 outputs, without biases.

    ``squashing`` is the activation of one network; a hidden layer of the residual one is h + ``branch`` x relu(h w).
    """

    squashing: str
    shallow: int
    deep: int
    branch: float
    width: int = 32
    examples: int = 64


experiment.ask(
    Setting("sigmoid", 5, 50, branch=1, width=80),
    Setting("sigmoid", 3, 20, branch=0.5, width=64),
    Setting("tanh", 5, 40, branch=0.5, width=96),
    Setting("sigmoid", 4, 30, branch=0.2, width=48, examples=100),
    Setting("tanh", 10, 50, branch=1, width=80, examples=32),
    Setting("sigmoid", 10, 40, branch=0.3, width=64, examples=128),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(arm,) for arm in ARMS + LINEAR]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    def deeper(network: str, *believed: str) -> Change:
        return Change("norm", f"{network}_shallow", f"{network}_deep", margin=1.0, believed=believed)

    fallen = round(0.1505 * (s.deep - 1), 1)
    return {
        "order": Order("norm", DEEP if s.squashing == "sigmoid" else DEEP[1:]),  # tanh is too close to ReLU
        "squashing": deeper("squashing"),
        "small": deeper("small"),
        "relu": deeper("relu", "falls"),
        "residual": deeper("residual", "same"),
        "vanish": Events("norm", DEEP, above=-2.0),
        "layers": Closest("spread", "small_deep", (-fallen, -fallen / 2, 0.0, fallen / 2, fallen)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """The same weights without an activation keep the gradient: depth alone takes nothing away."""
    return {"depth alone": Control(Change("norm", *LINEAR, margin=0.5), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    run = replace(run, dtype=torch.float64)
    (arm,) = arms
    kind, depth = arm.split("_")
    network = MLP(
        (64, *[s.width] * getattr(s, depth), 10),
        activation={"squashing": s.squashing, "linear": "identity"}.get(kind, "relu"),
        start="he" if kind in ("relu", "residual") else "lecun",
        residual=s.branch if kind == "residual" else 0.0,
        biased=False,
    )
    (x, y), _ = data.split(run.streams, "digits", s.examples)
    params = moving(network.init(run, 1))
    found = gradient(cross_entropy(network(params, run.tensor(x)), run.tensor(y)), params)
    layers = [found[f"w{layer}"].flatten(1).norm(dim=1) for layer in range(getattr(s, depth), 0, -1)]
    norms = run.by_arm(arms, torch.stack(layers, 1).log10())
    values = {"norm": norms[arm][:, -1], "spread": norms[arm][:, -1] - norms[arm][:, 0]}
    curve = {"norm": Curve(np.arange(1, getattr(s, depth) + 1).tolist(), norms)} if depth == "deep" else {}
    return Measured({arm: values}, curve)
