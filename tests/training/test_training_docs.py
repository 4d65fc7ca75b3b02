"""The experiment that docs/training.md shows can be trained, and what it claims holds."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest

from solvers.training import experiments
from solvers.training.recording import recorded
from solvers.training.units import plan, work

PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")


def test_the_experiment_of_the_page_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, source = re.findall(r"`solvers/training/experiments/(\w+)\.py`:\n\n```python\n(.*?)```\n", PAGE, re.DOTALL)[0]
    (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.setattr(experiments, "__path__", [*experiments.__path__, str(tmp_path)])
    found = experiments.find(name)
    for number in range(len(found.settings)):
        planned = plan(found, number)
        record = recorded(found, planned, {unit.key: work(asdict(unit)) for unit in planned.units})
        assert record.claims["loss"].why == ""
        assert record.claims["loss"].answer == ("falls",)
