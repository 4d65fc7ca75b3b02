"""Does weighting the rare positives raise F1? Where the classes overlap it does, where they are apart it lowers it.

F1 of a model without weights is low when it finds hardly any positive; where it finds them anyway, weights only add
false positives. Moving the threshold to the share of positives does the same as weighting.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from solvers.training.engine.run import Run
from solvers.training.experiment import Change, Claim, Control, Experiment, Measured, Metric
from solvers.training.experiments._imbalanced import SCORES, learn

MANY = 1.5
"""The separation from which on a model without weights calls enough examples positive to speak of its precision."""

experiment = Experiment(
    version=2,
    metrics={name: Metric(least=0.02) for name in SCORES},
    nuisances=("rate", "steps", "dimensions", "examples"),
)


@dataclass(frozen=True)
class Setting:
    """Logistic regression by gradient descent on ``examples``, of which ``share`` are positive.

    A positive example weighs ``much`` in the arm ``weighted``; ``moved`` has no weights, but answers "positive" where
    its probability exceeds ``share``. For a control ``undone`` is weighted, and its threshold takes the weights back.
    """

    share: float
    much: int
    separation: float
    dimensions: int = 5
    examples: int = 2000
    rate: float = 1.0
    steps: int = 800


experiment.ask(
    Setting(share=0.05, much=19, separation=1.0, examples=1000),
    Setting(share=0.05, much=19, separation=1.25, dimensions=8),
    Setting(share=0.05, much=19, separation=2.75),
    Setting(share=0.05, much=19, separation=3.25),
    Setting(share=0.1, much=9, separation=1.25, dimensions=10),
    Setting(share=0.1, much=9, separation=3.0, dimensions=10),
    Setting(share=0.04, much=24, separation=1.25, examples=3000),
    Setting(share=0.04, much=24, separation=3.0, examples=3000),
    Setting(share=0.05, much=19, separation=1.75),
)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("plain", "weighted", "moved", "undone")]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    found: dict[str, Claim] = {"f1": Change("f1", "plain", "weighted", believed=("rises",))}
    if s.separation < MANY:
        found["moved"] = Change("f1", "weighted", "moved", margin=0.03)
    else:
        found["precision"] = Change("precision", "plain", "weighted")
    return found


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Weights multiply the odds and do nothing else: with a threshold that is as much higher they change nothing."""
    return {"undone": Control(Change("f1", "plain", "undone", margin=0.03), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    weights = [float(s.much) if arm in ("weighted", "undone") else 1.0 for arm in arms]
    moved = {"moved": s.share, "undone": s.much / (s.much + 1)}
    found = learn(s, weights, [moved.get(arm, 0.5) for arm in arms], run)
    last = {name: found.last(arms, name) for name in SCORES}
    return Measured(
        values={arm: {name: last[name][arm] for name in SCORES} for arm in arms},
        curves={"f1": found.curve(arms, "f1")},
    )
