"""SGD, momentum and Adam with the same learning rate: where is the training loss after so many steps?

Which is ahead depends on the rate: at small rates Adam leads and plain SGD is last; at large ones Adam is last.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from solvers.training.engine import data
from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Closest, Control, Experiment, Measured, Metric, Order

ARMS = ("sgd", "momentum", "adam")
SLOWED = {"slow": 0.1, "gentle": 0.01}
"""Arms of controls to what multiplies their rate."""
LARGE = 0.1
"""Above this rate SGD and momentum are ahead of each other by chance."""

experiment = Experiment(
    version=3,
    metrics={"loss": Metric(least=1.1, scale="ratio"), "lead": Metric(least=0.1, digits=2)},  # that of momentum is 1
    nuisances=("rate", "steps", "width", "examples"),
    data=("digits",),
)


@dataclass(frozen=True)
class Setting:
    """A 64-width-10 ReLU network on ``examples`` digits, batches of ``batch``.

    For controls there are momentum with a tenth of the rate (``slow``) and Adam with a hundredth of it (``gentle``).
    """

    rate: float
    steps: int = 100
    width: int = 32
    examples: int = 400
    batch: int = 32


experiment.ask(
    Setting(rate=0.001),
    Setting(rate=0.01),
    Setting(rate=0.03),
    Setting(rate=0.5),
    Setting(rate=0.4, width=64, steps=150),
    Setting(rate=0.01, width=64, steps=200),
    Setting(rate=0.003, width=16, steps=300),
    Setting(rate=0.3, steps=300),
    Setting(rate=0.6, width=48, steps=250, examples=600),
    Setting(rate=0.02, width=24, steps=60, examples=600, batch=16),
    Setting(rate=0.1),  # of which the order is rejected: momentum and Adam are ahead of each other by chance
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(*ARMS, *SLOWED)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    adam: dict[str, Claim] = {"adam": Change("loss", "sgd", "adam", believed=("falls",))}
    if s.rate > LARGE:
        return adam
    return adam | {
        "order": Order("loss", ARMS),
        "momentum": Change("loss", "sgd", "momentum"),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Momentum leads by the steps that it adds up, ten times the gradient; Adam is last because of too large steps."""
    if s.rate > LARGE:
        return {"gentle": Control(Change("loss", "adam", "gentle"), ("falls",))}
    return {"slow": Control(Closest("lead", "slow", (0.0, 0.5, 1.0)), ("0",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    network = MLP((64, s.width, 10))
    digits, _ = data.split(run.streams, "digits", s.examples)
    x, y = (run.tensor(part, len(arms)) for part in digits)
    rule = Optimizer(
        rate=run.per_arm([s.rate * SLOWED.get(arm, 1.0) for arm in arms]),
        momentum=run.per_arm([0.9 * (arm in ("momentum", "slow")) for arm in arms]),
        adam=run.per_arm([float(arm in ("adam", "gentle")) for arm in arms]),
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
        watch={"loss": score(network, (x, y), cross_entropy)},
    )
    losses = trained.last(arms, "loss")
    values = {arm: {"loss": losses[arm]} for arm in arms}
    values["slow"]["lead"] = (losses["sgd"] - losses["slow"]) / (losses["sgd"] - losses["momentum"])
    return Measured(values, {"loss": trained.curve(arms, "loss")})
