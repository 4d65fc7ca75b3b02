"""Deep plain networks train worse than shallow ones, and than residual ones of the same depth: degradation.

After He, Zhang, Ren and Sun, Deep residual learning for image recognition (2016). The loss is that of training, so that
this is not overfitting. Each network has a rate that suits it: about the best of 0.005, 0.01, 0.02, 0.05, 0.1 and 0.2
on seeds 900 to 907, which are not those of the records.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import accuracy, cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Control, Events, Experiment, Measured, Metric, Order

ARMS = ("shallow", "deep", "residual")

RATES = tuple(f"rate_{arm}" for arm in ARMS)

experiment = Experiment(
    version=2,
    metrics={"loss": Metric(least=1.2, scale="ratio"), "error": Metric(least=0.05)},
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """ReLU networks with ``shallow`` and ``deep`` hidden layers of ``width`` units; SGD, a rate for each.

    A hidden layer of the residual network is h + relu(h w + b) / deep. For a control the arm ``short`` is residual, and
    as deep as the shallow network.
    """

    shallow: int
    deep: int
    rate_shallow: float
    rate_deep: float
    rate_residual: float
    width: int = 32
    steps: int = 200
    examples: int = 200
    batch: int = 32


experiment.ask(
    Setting(3, 20, 0.2, 0.02, 0.2),
    Setting(2, 30, 0.2, 0.01, 0.2, steps=150),
    Setting(2, 24, 0.2, 0.02, 0.2, width=24, examples=300),
    Setting(3, 16, 0.2, 0.02, 0.2, width=24),
    Setting(2, 28, 0.2, 0.02, 0.2, width=40, steps=120, examples=160),
    Setting(2, 40, 0.2, 0.01, 0.2, steps=100, batch=50),
)
experiment.withdraw({0: "fails"})


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(arm,) for arm in (*ARMS, "short")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "order": Order("loss", ("deep", "residual")),
        "depth": Change("loss", "shallow", "deep", believed=("falls",)),
        "residual": Change("loss", "deep", "residual"),
        "fails": Events("error", ARMS, above=0.2),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where there is no depth, what makes up for it changes nothing."""
    return {"short": Control(Change("error", "shallow", "short", margin=0.05), ("same",))}


@experiment.probes
def probes(s: Setting) -> Iterator[tuple[str, Setting]]:
    for way, factor in (("up", 1.5), ("down", 1 / 1.5)):
        rates = {name: getattr(s, name) * factor for name in RATES}
        yield f"rates {way}", replace(s, **rates)
    for way, factor in (("up", 1.25), ("down", 0.75)):
        for name in ("steps", "width", "examples"):
            yield f"{name} {way}", replace(s, **{name: round(getattr(s, name) * factor)})


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    (arm,) = arms
    depth = s.deep if arm in ("deep", "residual") else s.shallow
    network = MLP((64, *[s.width] * depth, 10), residual=1 / depth if arm in ("residual", "short") else 0.0)
    digits, _ = data.split(run.streams, "digits", s.examples)
    x, y = (run.tensor(part) for part in digits)
    trained = teach(
        run,
        1,
        network,
        network.init(run, 1),
        digits,
        Optimizer(run.per_arm([s.rate_shallow if arm == "short" else getattr(s, f"rate_{arm}")])),
        steps=s.steps,
        batch=s.batch,
        watch={"loss": score(network, (x, y), cross_entropy), "right": score(network, (x, y), accuracy)},
    )
    losses, right = trained.curve(arms, "loss"), trained.last(arms, "right")
    return Measured({arm: {"loss": losses.arms[arm][:, -1], "error": 1 - right[arm]}}, {"loss": losses})
