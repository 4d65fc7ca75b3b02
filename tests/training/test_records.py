"""Records: what is written is read, what is damaged is named and skipped, and those that come with the program hold."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from solvers.training import ENGINE, experiments, records
from solvers.training.experiment import Change, Closest, Control, Events, Experiment, Metric, Order
from solvers.training.rechecking import Full, cheap, near
from solvers.training.recording import again, recorded
from solvers.training.records import Damaged, Record, read, write
from solvers.training.units import plan
from tests.training import toys

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(records.folder().glob("*/*.json"))
MOST_BYTES = 10_000


@pytest.fixture
def toy(tmp_path: Path) -> Experiment:
    (tmp_path / "traces").mkdir()
    return toys.toy(toys.Setting(str(tmp_path / "traces")))


@pytest.fixture
def file(tmp_path: Path, toy: Experiment) -> Path:
    """A record of the toy."""
    list(toys.runner(tmp_path).run(toys.jobs(toy)))
    (path,) = (tmp_path / "results" / "toy").iterdir()
    return path


def resealed(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Changes a record by hand, its hash too."""
    kept = json.loads(path.read_bytes())
    change(kept["record"])
    data = records.canonical(kept["record"])
    path.write_bytes(b'{"record":' + data + b',"sha256":"' + sha256(data).hexdigest().encode() + b'"}')


def test_what_is_written_is_read(file: Path, tmp_path: Path) -> None:
    record = read(file)
    assert file.stem == record.recipe.key[:16]
    assert read(write(tmp_path / "elsewhere", record)) == record
    assert again(record) == (record.claims, record.controls)
    assert list(record.accepted) == ["order"]
    assert record.claims["order"].put == Order("m", ("slow", "quick"))
    assert record.metric("m") == Metric(least=0.03)


def test_a_claim_of_any_kind_comes_back(file: Path) -> None:
    kept = read(file).claims["order"]
    for claim in (Events("m", ("a",), above=0.5, believed=("a",)), Closest("m", "a", (0.1, 0.5))):
        data = {name: list(value) if isinstance(value, tuple) else value for name, value in vars(claim).items()}
        kind = type(claim).__name__.lower()
        assert msgspec.structs.replace(kept, kind=kind, claim=data).put == claim


def test_the_key_is_that_of_all_that_decides(file: Path) -> None:
    recipe = read(file).recipe
    others = [
        msgspec.structs.replace(recipe, **{name: value})
        for name, value in {
            "experiment": "other", "version": 2, "engine": 99, "arms": ("a",), "setting": {"rate": 0.2},
            "seeds": (0, 32), "data": {"digits": "00"}, "probed": (0, 8), "scheme": "other", "dtype": "float64",
        }.items()
    ]  # fmt: skip
    assert len({recipe.key, *(other.key for other in others)}) == 1 + len(recipe.__struct_fields__)


def test_a_record_is_there_or_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, record = file.read_bytes(), read(file)

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as opened:
            opened.write(data[:100])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        write(file.parents[1], msgspec.structs.replace(record, candidates=99))
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "no record": lambda data: b"",
    "no record: ": half,
    "no record:": lambda data: b"\xff" + data,
    "Object missing required field": lambda data: b"{}",
    "the hash differs": lambda data: data.replace(b" 106 ", b" 105 "),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_damaged_file_is_named(file: Path, why: str) -> None:
    file.write_bytes(BROKEN[why](file.read_bytes()))
    with pytest.raises(Damaged, match=why) as raised:
        read(file)
    assert str(file) in str(raised.value)


def probed(record: dict[str, Any]) -> Any:
    """The numbers of all probes, arm by arm."""
    return record["probes"]["values"]


UNSOUND: dict[str, Callable[[dict[str, Any]], Any]] = {
    "expected schema 2, got 1": lambda record: record.update(schema=1),
    "its key is not the hash of its recipe": lambda record: record["recipe"].update(version=7),
    "expected 32 numbers of m of slow, got 0": lambda record: record["values"].pop("slow"),
    "expected 32 numbers of m of quick, got 2": lambda record: record["values"]["quick"].update(m="1 2"),
    "expected 8 numbers of m of slow, got 5": lambda record: probed(record)["slow"].update(m=["1*5", ""]),
    "expected 8 numbers of m of quick, got 0": lambda record: probed(record).pop("quick"),
    "is shorter than argument": lambda record: probed(record)["slow"]["m"].pop(),
    "expected claims of the kinds": lambda record: record["claims"]["order"].update(kind="guess"),
    "Expected `str`, got `array`": lambda record: record["values"]["slow"].update(m=[1.0] * 32),
    "could not convert string to float: 'muche-2'": lambda record: record["values"]["slow"].update(m="much e-2"),
    "Object missing required field `values`": lambda record: record.pop("values"),
    "Expected `object`, got `null`": lambda record: record.pop("probes"),
}


@pytest.mark.parametrize("why", UNSOUND)
def test_a_record_that_was_made_up_is_named(file: Path, why: str) -> None:
    resealed(file, UNSOUND[why])
    with pytest.raises(Damaged, match=why):
        read(file)


def test_a_record_among_those_of_another_experiment_is_named(file: Path) -> None:
    elsewhere = file.parents[1] / "other" / file.name
    elsewhere.parent.mkdir()
    file.rename(elsewhere)
    with pytest.raises(Damaged, match="lies among others"):
        read(elsewhere)


def test_what_cannot_be_used_is_skipped_and_named(
    file: Path, toy: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file.parent / "0123.json").write_text("{}")
    results = file.parents[1]
    for version, used, why in [(1, [0], []), (2, [], ["of version 1"]), (None, [], ["there is no experiment 'toy'"])]:
        monkeypatch.setattr(records, "declared", lambda name, version=version: version)
        shelf = records.shelf("toy", results)
        assert list(shelf.records) == used
        assert len(shelf.skipped) == 1 + len(why)
        assert all(any(part in said for said in shelf.skipped) for part in ["0123.json: no record", *why])
    monkeypatch.setattr(records, "declared", lambda name: 1)
    monkeypatch.setattr(records, "ENGINE", ENGINE + 1)
    assert f"trained by engine {ENGINE}, and this is {ENGINE + 1}" in records.shelf("toy", results).skipped[-1]


def test_versions_are_read_without_loading_an_experiment() -> None:
    for name in experiments.names():
        assert records.declared(name) == experiments.find(name).version
    assert records.declared("nothing_of_this_name") is None
    assert records.declared("../data") is None


def test_reading_records_loads_no_torch() -> None:
    program = (
        "import sys\nfrom solvers.training import records\n"
        "assert all(settings for settings in records.accepted().values())\n"
        "print(sorted({'torch', 'numpy', 'scipy', 'sklearn'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize(("gap", "kept"), [(1.23456, 11.0), (0.123456, 10.1), (0.0123456, 10.01), (1e-4, 10.0001)])
def test_probes_keep_as_few_digits_as_decide_like_all(toy: Experiment, gap: float, kept: float) -> None:
    planned = plan(toy, 0)
    results = {unit.key: toys.measured(asdict(unit), "cpu") for unit in planned.units}
    for unit in (unit for units in planned.probes.values() for unit in units):
        results[unit.key]["values"] = {arm: {"m": [10.0 + gap * (arm == "slow")] * 8} for arm in unit.arms}
    record = recorded(toy, planned, results)
    assert list(record.accepted) == ["order"]
    assert record.probes["rate up"] == {"slow": {"m": (kept,) * 8}, "quick": {"m": (10.0,) * 8}}


def test_a_record_keeps_what_its_claims_compare(toy: Experiment) -> None:
    toy.claims(lambda setting: {"tick": Events("m", ("slow",), above=0.5)})
    planned = plan(toy, 0)
    record = recorded(toy, planned, {unit.key: toys.measured(asdict(unit), "cpu") for unit in planned.units})
    assert list(record.values) == list(record.probes["rate down"]) == ["slow"]
    assert record.plots == {}  # curves are asked of orders alone


def test_a_control_is_decided_without_probes(toy: Experiment, tmp_path: Path) -> None:
    toy.claims(lambda setting: {"tick": Events("m", ("slow",), above=0.5)})
    toy.controls(lambda setting: {"other": Control(Change("m", "quick", "slow"), ("rises",))})
    planned = plan(toy, 0)
    record = recorded(toy, planned, {unit.key: toys.measured(asdict(unit), "cpu") for unit in planned.units})
    assert list(record.values) == ["slow", "quick"]
    assert list(record.probes["rate down"]) == ["slow"]
    assert (record.controls["other"].why, record.claims["tick"].why) == ("", "")
    assert again(read(write(tmp_path, record))) == (record.claims, record.controls)


# What is decided again.


def test_another_decision_is_found(file: Path, toy: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.training.rechecking.declared", lambda name: 1)
    assert cheap(file, toy).wrong == ()
    resealed(file, lambda record: record["values"].update(slow=record["values"]["quick"]))
    (wrong,) = cheap(file, toy).wrong
    assert wrong.startswith("claim order: recorded as accepted, slow > quick, computed as rejected")


def test_another_effect_is_found(file: Path, toy: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.training.rechecking.declared", lambda name: 1)
    resealed(file, lambda record: record["claims"]["order"]["effects"][0].__setitem__(2, 1.001))
    assert cheap(file, toy).wrong == ("claim order: its effects are not those of its numbers",)


def test_a_setting_that_is_gone_or_other_is_found(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.training.rechecking.declared", lambda name: 1)
    assert cheap(file, toys.toy()).wrong == ("there is no setting 0 any more",)
    assert cheap(file, toys.toy(toys.Setting("elsewhere"))).wrong == ("setting 0 has other numbers now",)


def test_data_that_have_changed_are_found(file: Path, toy: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("solvers.training.rechecking.declared", lambda name: 1)
    monkeypatch.setattr("solvers.training.rechecking.digests", lambda names: {"digits": "00"})
    assert cheap(file, toy).wrong == ("its data (none) are not those of the experiment here",)


def test_a_new_minor_version_of_torch_is_worth_knowing(
    file: Path, toy: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvers.training.rechecking.declared", lambda name: 1)
    monkeypatch.setattr("solvers.training.rechecking.installed", lambda: "0.1")
    assert cheap(file, toy).notes == ()
    monkeypatch.setattr("solvers.training.rechecking.installed", lambda: "0.2")
    checked = cheap(file, toy)
    assert checked.wrong == ()
    assert checked.notes == ("not verified with torch 0.2, only with 0.1",)


def test_what_is_asked_must_pass_again_with_fresh_seeds(file: Path, toy: Experiment) -> None:
    check = Full(toy, read(file))
    assert {unit.seeds for unit in check.units} == {(3000, 32), (4000, 8)}
    results = [toys.measured(asdict(unit), "cpu") for unit in check.units]
    assert check.judge(results).wrong == []
    for unit, result in zip(check.units, results, strict=True):
        if unit.seeds[0] == 3000 and unit.arms == ("slow",):
            result["values"]["slow"]["m"][0] = 0.0  # one run in which it is the other way round
    (wrong,) = check.judge(results).wrong
    assert wrong.startswith(
        "claim order: recorded as accepted, slow > quick, with fresh seeds rejected, slow > quick ("
    )


def test_what_is_rejected_stays_so_whatever_fresh_seeds_say(file: Path, toy: Experiment) -> None:
    record = read(file)
    rejected = msgspec.structs.replace(record.claims["order"], status="rejected", failed=("size",), why="size: small")
    check = Full(toy, msgspec.structs.replace(record, claims={**record.claims, "order": rejected}))
    judged = check.judge([toys.measured(asdict(unit), "cpu") for unit in check.units])
    assert judged.wrong == []
    (note,) = judged.notes
    assert note.startswith("claim order: recorded as rejected, slow > quick (size: small), with fresh seeds accepted")


def test_a_claim_that_was_withdrawn_is_not_made(toy: Experiment) -> None:
    setting, claims = toy.settings[0], toy.claimed(toy.settings[0])
    toy.withdraw({0: "order"})
    assert toy.claimed(setting).keys() == claims.keys() - {"order"}
    toy.withdraw({0: "odrer"})
    with pytest.raises(AssertionError, match=r"'odrer',.* are no claims"):
        toy.claimed(setting)


@pytest.mark.parametrize(
    ("metric", "a", "b", "same"),
    [
        (Metric(least=0.03), 0.500, 0.529, True),
        (Metric(least=0.03), 0.500, 0.531, False),
        (Metric(least=0.03), 1000.0, 1000.9, True),
        (Metric(least=1.1, scale="ratio"), 1.0, 1.09, True),
        (Metric(least=1.1, scale="ratio"), 1.0, 1.11, False),
        (Metric(least=1.1, scale="ratio"), 1.0, 0.0, False),
    ],
)
def test_what_is_the_same_but_for_rounding(metric: Metric, a: float, b: float, same: bool) -> None:
    assert near(metric, a, b) == near(metric, b, a) == same


# Those that come with the program.


@pytest.mark.parametrize("path", SHIPPED, ids=[f"{path.parent.name}-{path.stem}" for path in SHIPPED])
def test_a_shipped_record_holds(path: Path) -> None:
    checked = cheap(path, experiments.find(path.parent.name))
    assert checked.wrong == ()
    assert path.stat().st_size <= MOST_BYTES


def test_every_setting_has_one_record() -> None:
    found: dict[tuple[str, int], Record] = {}
    for path in SHIPPED:
        record = read(path)
        assert found.setdefault((record.recipe.experiment, record.number), record) is record, path
