"""Units: what is planned for a setting, and plain numbers from what an experiment measures."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from solvers.training import units
from solvers.training.engine.run import Run
from solvers.training.experiment import Curve, Experiment, Measured, Metric, Order
from solvers.training.units import Unit, code, plan, sample, work


@dataclass(frozen=True)
class Setting:
    """``points`` of a curve; ``most`` seeds fit in memory; ``wrong`` is what is measured of the first seed."""

    width: int = 2
    rate: float = 0.1
    points: int = 61
    most: int = 99
    wrong: str = ""


ARMS = [("a", "b"), ("c",)]


def measure(s: Setting, arms: Sequence[str], run: Run) -> Measured:
    if len(run.seeds) > s.most:
        raise torch.OutOfMemoryError("CUDA out of memory")
    noise = run.streams.normal("toy", s.points)
    values = {arm: {"m": noise[:, -1] + ord(arm)} for arm in arms}
    if s.wrong:
        values[arms[0]]["m"][0] = float(s.wrong)
    return Measured(values, {"m": Curve(range(s.points), {arm: noise + ord(arm) for arm in arms})})


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Experiment:
    experiment = Experiment(version=3, metrics={"m": Metric(least=1)}, nuisances=("width", "rate"), data=("iris",))
    experiment.name = "own"
    experiment.ask(Setting())
    experiment.groups(lambda setting: ARMS)
    experiment.claims(lambda setting: {"order": Order("m", ("a", "b", "c"))})
    experiment.train(measure)
    monkeypatch.setattr(units, "find", lambda name: experiment)
    return experiment


def unit(count: int = 9, **fields: Any) -> Mapping[str, Any]:
    data: Mapping[str, Any] = json.loads(
        json.dumps(asdict(Unit("own", 3, 1, asdict(Setting(**fields)), ("a", "b"), {}, (5, count))))
    )
    return data


def test_a_plan_has_a_unit_for_every_group_of_the_setting_and_of_each_probe(own: Experiment) -> None:
    planned = plan(own, 0)
    assert [found.arms for found in planned.main] == ARMS
    assert {found.seeds for found in planned.main} == {(1000, 32)}
    widths = {name: probe[0].setting["width"] for name, probe in planned.probes.items()}
    assert widths == {"width up": 3, "width down": 1, "rate up": 2, "rate down": 2}  # two, moved by a quarter and more
    assert {found.seeds for probe in planned.probes.values() for found in probe} == {(2000, 8)}
    assert len({found.key for found in planned.units}) == len(planned.units) == 10
    assert list(planned.recipe.data) == ["iris"]
    assert planned.recipe.arms == ("a", "b", "c")
    assert plan(own, 0, seeds=64).recipe.seeds == (1000, 64)
    assert plan(own, 0, seeds=64).recipe.key != planned.recipe.key


def test_a_sample_is_some_seeds_of_a_record(own: Experiment) -> None:
    recipe = plan(own, 0).recipe
    found = sample(own, recipe)
    assert [part.arms for part in found] == ARMS
    first, count = found[0].seeds
    assert count == 4
    assert 1000 <= first <= 1028


def test_the_numbers_are_plain_and_rounded(own: Experiment) -> None:
    found = work(unit())
    assert json.loads(json.dumps(found)) == found
    assert list(found["values"]) == ["a", "b"]
    assert all(value == float(f"{value:.6g}") for value in found["values"]["a"]["m"])
    assert found["cost"]["models"] == 18
    assert found["environment"]["threads"] == 1
    assert set(found["environment"]) == {"python", "torch", "numpy", "device", "isa", "threads", "tf32"}


def test_a_curve_is_kept_as_quantiles_at_some_points(own: Experiment) -> None:
    plot = work(unit(points=61))["plots"]["m"]
    assert len(plot["x"]) == 14
    assert (plot["x"][:2], plot["x"][-2:]) == ([0, 1], [53, 60])  # closer together where most happens
    noise = Run(tuple(range(5, 14))).streams.normal("toy", 61) + ord("b")
    for name, share in {"low": 0.1, "middle": 0.5, "high": 0.9}.items():
        expected = np.quantile(noise[:, plot["x"]], share, axis=0)
        assert plot["arms"]["b"][name] == pytest.approx(expected.tolist(), rel=1e-3)
    assert len(work(unit(points=7))["plots"]["m"]["x"]) == 7


@pytest.mark.parametrize("most", [1, 2, 5])
def test_what_does_not_fit_in_memory_is_trained_in_chunks(own: Experiment, most: int) -> None:
    whole, chunked = work(unit()), work(unit(most=most))
    assert whole["values"] == chunked["values"]
    assert whole["plots"] == chunked["plots"]


def test_a_seed_that_does_not_fit_is_told(own: Experiment) -> None:
    with pytest.raises(MemoryError, match="own with 2 arms and one seed does not fit in the memory of cpu"):
        work(unit(most=0))


@pytest.mark.parametrize("wrong", ["nan", "inf"])
def test_what_is_not_finite_is_no_result(own: Experiment, wrong: str) -> None:
    with pytest.raises(ValueError, match="m of a is not finite in 1 of 9 runs"):
        work(unit(wrong=wrong))


def test_the_code_of_an_experiment_is_its_file_and_what_that_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    found = units._sources("optimizers")
    assert {
        "solvers.training.experiments.optimizers",
        "solvers.training.engine.ensemble",
        "solvers.training.engine.run",
    } <= set(found)
    assert "solvers.training.experiments.imbalance" not in found
    assert "solvers.training.gates" not in found
    before = code("optimizers")
    real = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda self, **kind: real(self, **kind) + "#" * (self.name == "streams.py"))
    assert code("optimizers") == before  # what this process has loaded
    code.cache_clear()
    assert code("optimizers") != before
    code.cache_clear()
