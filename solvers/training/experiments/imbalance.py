"""Rare positives: weighting them costs accuracy and precision and gains recall.

The model without weights is hardly more accurate than one that always answers "negative": accuracy says little here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from solvers.training.engine.run import Run
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order
from solvers.training.experiments._imbalanced import SCORES, learn

BALANCED = ("never_balanced", "plain_balanced")
"""Arms whose classes are equally frequent."""
NEVER = 1.0
"""The threshold that no probability exceeds."""

experiment = Experiment(
    version=2,
    metrics={name: Metric(least=0.015) for name in SCORES},
    nuisances=("rate", "steps", "dimensions", "examples"),
)


@dataclass(frozen=True)
class Setting:
    """Logistic regression by gradient descent on ``examples``, of which ``share`` are positive.

    A positive example weighs 1 in the arm ``plain``, and ``some`` or ``much`` in the others; ``never`` always answers
    "negative".
    """

    share: float
    some: int
    much: int
    separation: float = 1.5
    dimensions: int = 5
    examples: int = 2000
    rate: float = 0.5
    steps: int = 400


experiment.ask(
    Setting(share=0.05, some=5, much=19),
    Setting(share=0.04, some=6, much=24, separation=1.75),
    Setting(share=0.1, some=3, much=9, separation=1.25),
    Setting(share=0.02, some=10, much=49, separation=2.0, examples=4000),
    Setting(share=0.05, some=4, much=19, separation=1.75, dimensions=10),
    Setting(share=0.1, some=4, much=16, separation=1.25, examples=1000, steps=300),
    Setting(share=0.08, some=5, much=20, separation=1.5, rate=0.25, steps=600),
)
experiment.withdraw({3: "high"})


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("plain", "some", "much", "never"), BALANCED]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "recall": Order("recall", ("plain", "some", "much")),
        "accuracy": Order("accuracy", ("plain", "some", "much"), believed=("much", "some", "plain")),
        "precision": Change("precision", "plain", "much"),
        "constant": Change("accuracy", "never", "plain", margin=0.02, believed=("rises",)),
        "high": Events("accuracy", ("plain", "much", "never"), above=0.88),
        "missed": Closest("recall", "plain", (0.1, 0.5, 0.9), believed=("2",)),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """With equally frequent classes, accuracy does tell a model that has learned from one that has not."""
    return {"balanced": Control(Change("accuracy", *BALANCED, margin=0.02), ("rises",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    weights = {"some": float(s.some), "much": float(s.much)}
    thresholds = [NEVER if arm.startswith("never") else 0.5 for arm in arms]
    law = replace(s, share=0.5) if arms == BALANCED else s
    found = learn(law, [weights.get(arm, 1.0) for arm in arms], thresholds, run)
    last = {name: found.last(arms, name) for name in SCORES}
    return Measured(
        values={arm: {name: last[name][arm] for name in SCORES} for arm in arms},
        curves={name: found.curve(arms, name) for name in ("accuracy", "recall")},
    )
