"""How much of the first input reaches the last state, at the start of training: recurrent cells by their gradients.

A forget gate whose bias is 0 is half closed, so that an LSTM forgets about as fast as a plain network; what makes it
remember is the bias.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from solvers.training.engine.networks.recurrent import Recurrent
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

LEAST = 1e-30
"""Smaller gradients count as this, which single precision still tells from 0."""
FACTORS = (0.2, 0.6, 1.0, 1.4, 1.8)
KINDS: Mapping[str, Literal["rnn", "gru"]] = {"rnn": "rnn", "gru": "gru"}
"""The other arms are LSTMs."""

experiment = Experiment(
    version=2,
    metrics={
        "gradient": Metric(least=0.5, digits=2),
        "near": Metric(least=0.5, digits=2),  # the gradient by the last input
        "factor": Metric(least=0.03),
    },
    nuisances=("length", "width", "inputs"),
)


@dataclass(frozen=True)
class Setting:
    """Sequences of ``length`` with ``inputs`` normal numbers each, for cells of ``width``.

    The biases of an LSTM's forget gate are 0 in the arm ``zero``, and ``some`` and ``much`` in the arms of these names.
    """

    length: int
    width: int = 16
    inputs: int = 4
    some: float = 1.0
    much: float = 3.0
    batch: int = 16


experiment.ask(
    Setting(length=16, width=64, inputs=3),
    Setting(length=20, width=64, inputs=3, much=4.0),
    Setting(length=18, width=80, inputs=4, some=1.5, much=4.0),
    Setting(length=30, width=24, inputs=8, some=1.5, much=4.0),
    Setting(length=40, width=32, some=2.0),
    Setting(length=80, width=32, some=2.0, much=4.0),
    Setting(length=50, width=48, inputs=2),
    Setting(length=100, width=40, inputs=3, some=1.0, much=5.0),
    Setting(length=40, width=64, inputs=16, some=1.5, much=4.0),
)
experiment.withdraw({1: "reaches", 2: "keeps", 3: "reaches", 6: "reaches"})


@experiment.groups
def groups(s: Setting) -> Sequence[Sequence[str]]:
    return [("rnn",), ("zero", "some", "much"), ("gru",)]


@experiment.claims
def claims(s: Setting) -> dict[str, Claim]:
    return {
        "order": Order("gradient", ("much", "some", "rnn")),
        "zero": Change("gradient", "rnn", "zero", margin=1.0, believed=("rises",)),
        "some": Change("gradient", "rnn", "some"),
        "reaches": Events("gradient", ("rnn", "zero", "some", "much", "gru"), above=-round(0.135 * s.length)),
        "forgets": Closest("factor", "zero", FACTORS, believed=("2",)),
        "keeps": Closest("factor", "much", FACTORS),
    }


@experiment.controls
def controls(s: Setting) -> dict[str, Control]:
    """Where nothing has to be kept, a forget gate that is open does no more than one that is half closed."""
    return {"near": Control(Change("near", "zero", "much", margin=0.5), ("same",))}


@experiment.train
def train(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    x = run.tensor(run.streams.normal("inputs", s.batch, s.length, s.inputs))
    biases = {"some": s.some, "much": s.much}
    cells = (Recurrent(KINDS.get(arm, "lstm"), s.inputs, s.width, 1, biases.get(arm, 0.0)) for arm in arms)
    found = run.by_arm(arms, torch.cat([_norms(cell, x, run) for cell in cells]))
    last, half = s.length - 1, s.length // 2
    lags = (*range(0, last, max(1, s.length // 20)), last)
    return Measured(
        values={
            arm: {
                "gradient": logs[:, last],
                "near": logs[:, 0],
                "factor": 10 ** ((logs[:, last] - logs[:, half]) / (last - half)),
            }
            for arm, logs in found.items()
        },
        curves={"gradient": Curve(lags, {arm: logs[:, list(lags)] for arm, logs in found.items()})},
    )


def _norms(cell: Recurrent, x: Tensor, run: Run) -> Tensor:
    """log10 of the norm of the gradient of the sum of h_T, by the input at each lag before T, (N, T).

    The norm is the root of its mean square over the batch.
    """
    x = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(cell.hidden(cell.init(run, 1), x)[-1].sum(), x)
    return gradient.double().square().sum(3).mean(1).sqrt().clamp(min=LEAST).log10().flip(1)
