"""Weight decay makes weights smaller and the training loss larger; better on test data, at this scale, it is not."""

from collections.abc import Sequence
from dataclasses import dataclass

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer, norm
from solvers.training.engine.losses import accuracy, cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Control, Experiment, Measured, Metric, Order

ARMS = ("none", "weak", "strong")
TESTED = 500

experiment = Experiment(
    version=2,
    metrics={
        "norm": Metric(least=1.02, scale="ratio"),
        "loss": Metric(least=1.1, scale="ratio"),
        "test": Metric(least=0.02),
    },
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 ReLU network on ``examples`` digits; SGD with momentum 0.9 and a decay of 0, ``weak``, ``strong``.

    The decay d adds d w to the gradient of every weight and bias w. For a control it is -``weak`` in the arm ``grown``.
    """

    weak: float
    strong: float
    rate: float
    steps: int = 300
    width: int = 32
    examples: int = 300
    batch: int = 32


experiment.ask(
    Setting(weak=0.003, strong=0.01, rate=0.03),
    Setting(weak=0.001, strong=0.01, rate=0.05, steps=400),
    Setting(weak=0.002, strong=0.02, rate=0.03, width=64, examples=500),
    Setting(weak=0.005, strong=0.02, rate=0.02, steps=400, width=48, examples=200),
    Setting(weak=0.003, strong=0.015, rate=0.04, width=24, examples=400, batch=50),
    Setting(weak=0.001, strong=0.005, rate=0.05, steps=500, width=40, examples=400),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, "grown")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "norm": Order("norm", ARMS),
        "loss": Order("loss", ARMS),
        "shrunk": Change("norm", "none", "strong"),
        "test": Change("test", "none", "weak", margin=0.02, believed=("rises",)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """It is the pull to 0, not that the gradient is another one: a push away from 0 does the opposite."""
    return {
        "norm": Control(Change("norm", "none", "grown"), ("rises",)),
        "loss": Control(Change("loss", "none", "grown"), ("falls",)),
    }


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = MLP((64, s.width, 10))
    digits, held = data.split(run.streams, "digits", s.examples, TESTED)
    x, y = (run.tensor(part, len(arms)) for part in digits)
    shown, asked = (run.tensor(part, len(arms)) for part in held)
    decays = {"none": 0.0, "weak": s.weak, "strong": s.strong, "grown": -s.weak}
    rule = Optimizer(
        rate=run.per_arm([s.rate] * len(arms)),
        momentum=run.per_arm([0.9] * len(arms)),
        decay=run.per_arm([decays[arm] for arm in arms]),
    )
    trained = teach(
        run,
        len(arms),
        network,
        network.init(run, len(arms)),
        digits,
        rule,
        steps=s.steps,
        batch=s.batch,
        watch={"norm": norm, "loss": score(network, (x, y), cross_entropy)},
    )
    norms, losses = (trained.last(arms, name) for name in ("norm", "loss"))
    test = run.by_arm(arms, accuracy(network(trained.params, shown), asked))
    return Measured(
        {arm: {"norm": norms[arm], "loss": losses[arm], "test": test[arm]} for arm in arms},
        {name: trained.curve(arms, name) for name in ("norm", "loss")},
    )
