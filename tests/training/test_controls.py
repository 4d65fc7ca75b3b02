"""Controls are claims whose answers are known beforehand: where one comes out otherwise, its setting asks nothing."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from solvers.training import records
from solvers.training.experiment import Change, Control, Experiment, Setting
from solvers.training.experiments import find, names
from solvers.training.gates import pairs
from solvers.training.rechecking import cheap
from solvers.training.recording import recorded
from solvers.training.records import Record
from solvers.training.units import plan, work
from tests.training import toys

experiments = pytest.mark.parametrize("name", names())


def compared(experiment: Experiment, setting: Setting) -> set[str]:
    """The arms that controls compare."""
    return {arm for control in experiment.controlled(setting).values() for _, arm in pairs(control.claim)}


def claimed(experiment: Experiment, setting: Setting) -> set[str]:
    """The arms that claims compare."""
    return {arm for claim in experiment.claimed(setting).values() for _, arm in pairs(claim)}


@experiments
def test_every_setting_has_a_control_of_its_own(name: str) -> None:
    experiment = find(name)
    for setting in experiment.settings:
        controls = experiment.controlled(setting)
        assert controls
        assert compared(experiment, setting) <= set(experiment.arms(setting))
        for control in controls.values():
            assert control.claim.metric in experiment.metrics
            assert control.claim not in experiment.claimed(setting).values(), "what is asked is not known beforehand"


@experiments
def test_controls_of_records_came_out_and_their_arms_are_in_no_plot(name: str) -> None:
    for number, record in records.shipped()[name].records.items():
        assert {outcome.why for outcome in record.controls.values()} <= {""}, number
        assert set(record.controls) == set(find(name).controlled(find(name).settings[number]))
        asked = claimed(find(name), find(name).settings[number])
        assert all(plot.arms.keys() <= asked for plot in record.plots.values())


def trained(experiment: Experiment, number: int, change: Mapping[str, str]) -> Record:
    """A record of a setting, where arms have been given the numbers of others."""
    planned = plan(experiment, number)
    results: dict[str, Any] = {unit.key: work(asdict(unit)) for unit in planned.units}
    for result in results.values():
        result["values"] |= {arm: result["values"][other] for arm, other in change.items()}
    return recorded(experiment, planned, results)


def test_a_control_that_fails_stops_all_that_a_real_experiment_asks() -> None:
    sound = trained(find("diverging_rates"), 0, {})
    assert set(sound.accepted) == set(sound.claims)
    broken = trained(find("diverging_rates"), 0, {"gentle": "rate_d"})
    assert broken.controls["not sharp"].answer == ("gentle",)
    assert not broken.accepted
    for name, outcome in broken.claims.items():
        assert outcome.answer == sound.claims[name].answer
        assert outcome.why.startswith("controls: not sharp: expected none, got gentle")


def test_a_record_without_the_controls_of_its_experiment_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "traces").mkdir()
    toy = toys.toy(toys.Setting(str(tmp_path / "traces")))
    list(toys.runner(tmp_path).run(toys.jobs(toy)))
    (file,) = (tmp_path / "results" / "toy").iterdir()
    monkeypatch.setattr("solvers.training.rechecking.declared", lambda name: 1)
    assert cheap(file, toy).wrong == ()
    toy.controls(lambda setting: {"none": Control(Change("m", *toys.ARMS), ("falls",))})
    assert cheap(file, toy).wrong == ("its controls are put in another way now",)
