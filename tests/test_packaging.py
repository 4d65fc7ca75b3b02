"""The lock names versions and nothing else, and the wheel works away from the checkout."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()

# name==version, perhaps with a marker: no index, no host, no path, no option.
PIN = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [A-Za-z0-9_'=<>. ()!]+)?")
OWN_CHOICE = {"torch", "quizgen"}  # torch has many builds, see the Makefile


def pins() -> dict[str, list[Requirement]]:
    """The lock by name; a package may have one version for older and one for newer Pythons."""
    found: dict[str, list[Requirement]] = {}
    for line in LOCK:
        pin = Requirement(line)
        found.setdefault(pin.name, []).append(pin)
    return found


def test_every_line_of_the_lock_is_a_version_and_nothing_else() -> None:
    assert [line for line in LOCK if not PIN.fullmatch(line)] == []


def test_the_lock_leaves_torch_and_what_only_torch_needs_to_its_own_installation() -> None:
    assert not {"torch", "fsspec", "networkx", "triton"} & pins().keys()
    assert not [name for name in pins() if name.startswith("nvidia")]


def test_the_lock_has_one_version_of_everything_that_is_asked_for() -> None:
    extras = PROJECT["optional-dependencies"].values()
    asked = [Requirement(line) for line in [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]]
    for requirement in asked:
        if requirement.name in OWN_CHOICE or (requirement.marker is not None and not requirement.marker.evaluate()):
            continue
        here = [pin for pin in pins().get(requirement.name, []) if pin.marker is None or pin.marker.evaluate()]
        assert len(here) == 1, f"{requirement}: run `make lock`"
        version = str(here[0].specifier).removeprefix("==")
        assert requirement.specifier.contains(version), f"{requirement}, locked {version}: run `make lock`"


def test_the_lock_serves_windows_too() -> None:
    windows = {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}
    assert any(pin.marker is None or pin.marker.evaluate(windows) for pin in pins()["colorama"])  # of click and pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT), cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_banks_and_templates(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    for top in ("banks", "templates"):
        kept = {file for file in (ROOT / top).rglob("*") if file.is_file() and "__pycache__" not in file.parts}
        assert {f"quizgen/_data/{file.relative_to(ROOT).as_posix()}" for file in kept} <= packed
    assets = {file for file in (ROOT / "quizgen/study/web/assets").rglob("*") if file.is_file()}
    assert {file.relative_to(ROOT).as_posix() for file in assets} <= packed, "the study pages work offline"
    assert {name.split("/")[0].split("-")[0] for name in packed} == {"quizgen", "solvers"}


def test_the_installed_wheel_asks_a_question(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    run(*pip, str(wheel), cwd=elsewhere)
    command = [sys.executable, "-c", ASK, str(ROOT), "show", "convolution/output_side", "--seed", "1"]
    where, *question = run(*command, cwd=elsewhere, PYTHONPATH=str(site)).splitlines()
    assert Path(where).is_relative_to(site), "the checkout was asked, not the wheel"
    assert "side of the output" in "\n".join(question)


# An editable installation puts the checkout on sys.path, where it must not help.
ASK = """
import sys
checkout = sys.argv.pop(1)
sys.path[:] = [folder for folder in sys.path if folder != checkout]
import quizgen.__main__
print(quizgen.__file__)
quizgen.__main__.main()
"""


def run(*command: str, cwd: Path, **environment: str) -> str:
    """What a program prints, run away from the checkout; fails with what it says if it fails."""
    env = {**os.environ, **environment, "PYTHONUTF8": "1"}
    ran = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
