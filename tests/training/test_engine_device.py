"""Where an ensemble is trained changes nothing: chunks, processes, precision, instruction sets, recorded steps."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from solvers.training.engine import device, plain, vectorized
from solvers.training.engine.ensemble import Descent, Optimizer, Params, descend, fit, moving
from solvers.training.engine.feeds import Minibatches
from solvers.training.engine.losses import cross_entropy
from solvers.training.engine.networks.attention import Attention
from solvers.training.engine.networks.cnn import CNN
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.networks.recurrent import Recurrent
from solvers.training.engine.run import Run
from solvers.training.engine.supervised import score, teach
from solvers.training.experiment import Curve, Experiment, Measured, Metric
from solvers.training.experiments.optimizers import Setting, experiment
from solvers.training.gates import decide

ROOT = Path(__file__).parents[2]
SMALL = Setting(rate=0.01, steps=23, width=17, examples=97, batch=13)
ARMS = experiment.arms(SMALL)


def same(a: Measured, b: Measured) -> bool:
    """Whether all bits are equal."""
    values = all(np.array_equal(a.values[arm][name], b.values[arm][name]) for arm in a.values for name in a.values[arm])
    curves = all(
        np.array_equal(a.curves[name].arms[arm], values)
        for name, curve in b.curves.items()
        for arm, values in curve.arms.items()
    )
    return values and curves and a.values.keys() == b.values.keys()


@pytest.mark.parametrize("chunk", [1, 3, 4])
def test_a_model_does_not_depend_on_its_chunk(chunk: int) -> None:
    whole = device.measured(experiment, SMALL, ARMS, range(7))
    assert same(whole, device.measured(experiment, SMALL, ARMS, range(7), chunk=chunk))


NETWORKS: Mapping[str, tuple[Any, tuple[int, ...]]] = {
    "MLP": (MLP((5, 11, 7, 3), "tanh"), (5,)),
    "sigmoid": (MLP((5, 11, 7, 3), "sigmoid"), (5,)),
    "batch normalization": (MLP((5, 11, 3), norm="batch"), (5,)),
    "LSTM": (Recurrent("lstm", 5, 7, 3), (11, 5)),
    "silu": (MLP((5, 11, 11, 3), "silu", residual=0.5), (5,)),
    "softplus": (MLP((5, 11, 7, 3), "softplus", norm="layer"), (5,)),
    "RNN": (Recurrent("rnn", 5, 7, 3), (11, 5)),
    "GRU": (Recurrent("gru", 5, 7, 3), (11, 5)),
    "CNN": (CNN(7, (5, 7), 3), (7, 7, 1)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_model_does_not_depend_on_those_beside_it(name: str) -> None:
    network, shape = NETWORKS[name]

    def trained(seeds: tuple[int, ...]) -> Params:
        run = Run(seeds)
        examples = run.streams.normal("x", 29, *shape), run.streams.below(3, "y", 29)
        forward = (lambda params, x, step: network(params, x, True)) if "batch" in name else None
        rule = Optimizer(run.per_arm([0.05]))
        params = network.init(run, 1)
        return teach(run, 1, network, params, examples, rule, steps=20, batch=13, forward=forward).params

    together, alone = trained((2, 3, 5, 7, 11)), trained((5,))
    assert all(torch.equal(p[2], alone[parameter][0]) for parameter, p in together.items())


def test_one_model_that_diverges_stays_in_its_slice() -> None:
    run = Run((2, 3, 5))
    network = MLP((5, 11, 3))
    examples = run.streams.normal("x", 29, 5), run.streams.below(3, "y", 29)

    def trained(middle: float) -> Params:
        rule = Optimizer(torch.tensor([0.1, middle, 0.1]), momentum=torch.tensor([0.9] * 3))
        return teach(run, 1, network, network.init(run, 1), examples, rule, steps=20, batch=13).params

    calm, wild = trained(0.1), trained(torch.inf)
    for name, p in wild.items():
        assert not p[1].isfinite().all(), name
        assert torch.equal(p[[0, 2]], calm[name][[0, 2]]), name


# Memory.


def full(most: int, message: str, kind: type[RuntimeError] = torch.OutOfMemoryError) -> Experiment:
    """An experiment of which only so many seeds fit."""
    found = Experiment(version=1, metrics={"m": Metric(least=1)})
    found.name = "full"
    seen: list[int] = []

    def measure(setting: object, arms: Sequence[str], run: Run) -> Measured:
        seen.append(len(run.seeds))
        if len(run.seeds) > most:
            raise kind(message)
        values = np.array(run.seeds, dtype=float)
        return Measured({"a": {"m": values}}, {"m": Curve((0, 1), {"a": np.stack([values, values], 1)})})

    found.train(measure)
    found.seen = seen  # type: ignore[attr-defined]
    return found


OUT = [
    ("CUDA out of memory. Tried to allocate 2.00 GiB", torch.OutOfMemoryError),
    ("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory", RuntimeError),
]


@pytest.mark.parametrize(("message", "kind"), OUT)
def test_chunks_are_halved_until_they_fit(message: str, kind: type[RuntimeError]) -> None:
    found = full(3, message, kind)
    measured = device.measured(found, None, ("a",), range(11))
    assert found.seen == [11, 5, 2, 2, 2, 2, 2, 1]  # type: ignore[attr-defined]
    assert measured.values["a"]["m"].tolist() == list(range(11))
    assert measured.curves["m"].arms["a"].shape == (11, 2)


@pytest.mark.parametrize(("message", "kind"), OUT)
def test_a_seed_that_does_not_fit_is_one_clear_error(message: str, kind: type[RuntimeError]) -> None:
    with pytest.raises(MemoryError, match="full with 1 arms and one seed does not fit in the memory of cpu"):
        device.measured(full(0, message, kind), None, ("a",), range(5))


def test_other_errors_are_not_taken_for_it() -> None:
    with pytest.raises(RuntimeError, match="shapes"):
        device.measured(full(0, "shapes cannot be multiplied", RuntimeError), None, ("a",), range(5))


def test_chunks_have_a_bound() -> None:
    found = full(99, "")
    device.measured(found, None, ("a",), range(7), chunk=3)
    assert found.seen == [3, 3, 1]  # type: ignore[attr-defined]


# Other ways to the same.


@pytest.mark.parametrize("adam", [0.0, 1.0])
def test_recorded_steps_are_the_same_steps(adam: float) -> None:
    """The loop that replays graphs on a GPU, with functions in their place: all it reads and writes stays in place."""
    run = Run((2, 3))
    network = MLP((5, 11, 3))
    feed = Minibatches(run, 1, run.streams.normal("x", 29, 5), run.streams.below(3, "y", 29), 13, 50)
    rule = Optimizer(run.per_arm([0.01]), adam=run.per_arm([adam]))
    held = device.Held(feed)
    held.stays = True
    held.tensors = tuple(part.clone() for part in held.tensors)
    seen: dict[str, list[torch.Tensor]] = {"plain": [], "replayed": []}

    def look(name: str, params: Params, step: int, losses: torch.Tensor) -> None:
        seen[name].append(losses.clone())

    def record(work: Callable[[], None]) -> Callable[[], None]:
        return work

    def by_hand(feed: device.Fed) -> Descent:
        return lambda params, step: network.classify(params, *feed(step))

    start = network.init(run, 1)
    plainly = descend(by_hand(feed), moving(start), rule, 50, partial(look, "plain"))
    watch = partial(look, "replayed")
    replayed = device.replayed(by_hand(held), held, moving(start), rule, 50, watch, record)
    assert all(torch.equal(p, replayed[name]) for name, p in plainly.items())
    assert torch.equal(torch.stack(seen["plain"]), torch.stack(seen["replayed"]))


@pytest.mark.parametrize(
    ("network", "shape"),
    [(MLP((5, 11, 7, 3)), (5,)), (CNN(7, (5, 2), 3), (7, 7, 1)), (Attention(7, 11, 5, 3, depth=2, wide=13), (11,))],
)
def test_the_vectorized_engine_agrees(network: Any, shape: tuple[int, ...]) -> None:
    run = Run((2, 3, 5))
    tokens = isinstance(network, Attention)
    x = run.streams.below(7, "x", 29, *shape) if tokens else run.streams.normal("x", 29, *shape)
    feed = Minibatches(run, 1, x, run.streams.below(3, "y", 29), 13, 50)
    rule, params = Optimizer(run.per_arm([0.02])), network.init(run, 1)
    modules = [plain.module(network).load(params, model) for model in range(3)]

    def fed(step: int) -> tuple[torch.Tensor, ...]:
        x, y = feed(step)
        return x.permute(0, 1, 4, 2, 3) if isinstance(network, CNN) else x, y

    descent = vectorized.descent(modules[0], F.cross_entropy, fed)
    found = descend(descent, vectorized.stacked(modules), rule, 50)
    ours = fit(lambda params, step: cross_entropy(network(params, feed(step)[0]), feed(step)[1]), params, rule, 50)
    for model, module in enumerate(modules):
        module.load_state_dict({name: p[model] for name, p in found.items()})
        for name, p in module.found().items():
            assert (ours[name][model] - p).abs().max() < 1e-5, name


def test_what_is_watched_ends_with_the_end() -> None:
    run = Run((2, 3))
    network = MLP((5, 11, 3))
    examples = run.streams.normal("x", 29, 5), run.streams.below(3, "y", 29)
    all_of_them = run.tensor(examples[0], 2), run.tensor(examples[1], 2)
    rule = Optimizer(run.per_arm([0.1, 0.01]))
    watch = {"loss": score(network, all_of_them, cross_entropy)}
    trained = teach(run, 2, network, network.init(run, 2), examples, rule, steps=50, batch=13, watch=watch)
    assert trained.x == (*range(0, 50, 2), 50)
    assert trained.curve(("a", "b"), "loss").arms["b"].shape == (2, 26)
    end = cross_entropy(network(trained.params, all_of_them[0]), all_of_them[1])
    assert torch.equal(trained.watched["loss"][:, -1], end)
    assert trained.last(("a", "b"), "loss")["b"].tolist() == end[2:].tolist()


# Other processes.

UNIT = """
import hashlib, json, sys, torch
from solvers.training.engine import device
from solvers.training.engine.run import Run
from solvers.training.engine.networks.mlp import MLP
from solvers.training.engine.feeds import Noise
from tests.training.test_engine_device import ARMS, SMALL, experiment
device.prepare("cpu")
run = Run(tuple(range(32)))
drawn = [*MLP((64, 17, 10)).init(run, 1).values(), Noise(run, 1, (7,))(0)]
found = device.measured(experiment, SMALL, ARMS, range(32), dtype=getattr(torch, sys.argv[1]))
print(json.dumps({
    "drawn": hashlib.sha256(b"".join(part.numpy().tobytes() for part in drawn)).hexdigest(),
    "values": {arm: {"loss": found.values[arm]["loss"].tolist()} for arm in ARMS},
    "isa": torch.backends.cpu.get_cpu_capability(),
}))
"""


def elsewhere(dtype: str = "float32", **environment: str) -> dict[str, Any]:
    """What a unit gives in a process of its own."""
    command = [sys.executable, "-c", UNIT, dtype]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_another_process_precision_and_instruction_set() -> None:
    """The same bits here; the same draws and decisions everywhere, and nearly the same values."""
    first, again, double = elsewhere(), elsewhere(), elsewhere("float64")
    older = elsewhere(ATEN_CPU_CAPABILITY="default", MKL_CBWR="COMPATIBLE")
    assert first == again
    assert older["isa"] == "DEFAULT"
    assert first["drawn"] == older["drawn"] == double["drawn"]
    for name, claim in experiment.claimed(SMALL).items():
        metric = experiment.metrics[claim.metric]
        decisions = [decide(claim, metric, found["values"], {}, 1) for found in (first, double, older)]
        assert decisions[0].answer == decisions[1].answer == decisions[2].answer, name
        assert decisions[0].gates == decisions[1].gates == decisions[2].gates, name
    for found in (double, older):
        for arm, metrics in first["values"].items():
            for name, values in metrics.items():
                assert found["values"][arm][name] == pytest.approx(values, rel=1e-4), (arm, name)
