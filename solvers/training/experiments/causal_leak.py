"""Predicting the next token: no loss below the entropy without a leak.

Tokens that are independent and uniform cannot be predicted, and the loss with a causal mask stays at log K. Without the
mask the next token is in view, and the loss goes to 0. Where tokens repeat, a causal model gains just as much as that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from solvers.training.engine.ensemble import Optimizer
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.attention import Attention
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Change, Claim, Closest, Control, Events, Experiment, Measured, Metric, Order

ARMS = ("independent", "repeating", "leaking")
UNRELATED = "unrelated"
"""The arm without a mask whose next tokens are drawn anew, so that they are in view nowhere."""

experiment = Experiment(
    version=2,
    metrics={"loss": Metric(least=0.1), "accuracy": Metric(least=0.05)},
    nuisances=("rate", "steps", "width", "batch"),
)


@dataclass(frozen=True)
class Setting:
    """Sequences of ``length`` plus one out of ``tokens`` tokens; one attention layer, Adam.

    In the arm ``repeating`` a token is that before it with probability ``repeat``, and else a uniform one.
    """

    tokens: int
    repeat: float = 0.6
    length: int = 6
    width: int = 16
    batch: int = 24
    rate: float = 0.02
    steps: int = 240


experiment.ask(
    Setting(tokens=8),
    Setting(tokens=5, repeat=0.7, length=5),
    Setting(tokens=10, repeat=0.5, width=20),
    Setting(tokens=4, repeat=0.75, length=8, batch=16),
    Setting(tokens=6, repeat=0.8, length=7, rate=0.015),
    Setting(tokens=12, repeat=0.7, length=5, width=24),
    Setting(tokens=16, repeat=0.5, length=4, width=24, batch=32),
)


def entropy(s: Setting) -> float:
    """Of the next token given the last one, in the arm ``repeating``, in nats."""
    other = (1 - s.repeat) / s.tokens
    again = s.repeat + other
    return -again * log(again) - (s.tokens - 1) * other * log(other)


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [(arm,) for arm in (*ARMS, UNRELATED)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    top, middle = round(log(s.tokens), 2), round(entropy(s), 2)
    return {
        "order": Order("loss", ARMS),
        "leak": Change("loss", "independent", "leaking"),
        "chance": Closest(
            "loss",
            "independent",
            (0.0, round(top / 2, 2), top, round(top / log(2), 2), float(s.tokens)),
            believed=("1",),
        ),
        "regular": Closest(
            "loss", "repeating", (0.0, round(middle / 2, 2), middle, *sorted((top, round(exp(middle), 2))))
        ),
        "suspect": Events("accuracy", ARMS, above=0.9),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Without a mask, but with nothing to be seen, the loss is that of guessing: it is no gain of the missing mask."""
    top = round(log(s.tokens), 2)
    return {"nothing to see": Control(Closest("loss", UNRELATED, (top - 0.2, top, top + 0.2)), ("1",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    (arm,) = arms
    network = Attention(s.tokens, s.length, s.width, s.tokens, causal=arm in ("independent", "repeating"), pooled=False)
    count = s.batch * s.steps
    parts = {part: _tokens(s, arm, part, n, run) for part, n in (("train", count), ("test", 200))}
    examples = {part: (tokens[..., :-1], _next(s, arm, part, tokens, run)) for part, tokens in parts.items()}
    before, after = (run.tensor(tokens) for tokens in examples["test"])

    def predict(params: dict[str, Tensor], x: Tensor) -> Tensor:
        """Without the last place, whose next token is in view of nobody."""
        return network(params, x)[:, :, :-1].flatten(1, 2)

    def loss(logits: Tensor, y: Tensor) -> Tensor:
        return cross_entropy(logits, y[:, :, :-1].flatten(1))

    def accuracy(logits: Tensor, y: Tensor) -> Tensor:
        return (logits.argmax(-1) == y[:, :, :-1].flatten(1)).to(logits.dtype).mean(1)

    watch = {"loss": score(predict, (before, after), loss), "accuracy": score(predict, (before, after), accuracy)}
    rule = Optimizer(run.per_arm([s.rate]), adam=run.per_arm([1.0]))
    found = teach(
        run,
        1,
        predict,
        network.init(run, 1),
        examples["train"],
        rule,
        steps=s.steps,
        batch=s.batch,
        loss=loss,
        watch=watch,
        points=12,
    )
    return Measured(
        values={arm: {name: found.last(arms, name)[arm] for name in watch}},
        curves={"loss": found.curve(arms, "loss")},
    )


def _tokens(s: Setting, arm: str, part: str, count: int, run: Run) -> NDArray[np.int64]:
    """Sequences (S, n, length + 1)."""
    found = run.streams.below(s.tokens, f"{part} tokens", count, s.length + 1)
    if arm == "repeating":
        again = run.streams.uniform(f"{part} again", count, s.length) < s.repeat
        for place in range(s.length):
            found[..., place + 1] = np.where(again[..., place], found[..., place], found[..., place + 1])
    return found


def _next(s: Setting, arm: str, part: str, tokens: NDArray[np.int64], run: Run) -> NDArray[np.int64]:
    """What follows each token but the last, (S, n, length); or what might have followed."""
    if arm == UNRELATED:
        return run.streams.below(s.tokens, f"{part} unrelated", tokens.shape[1], s.length)
    return tokens[..., 1:]
