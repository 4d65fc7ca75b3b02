"""Every family is drawn and exported where the libraries of the laws and the checks are not installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from quizgen import answers, exporters
from quizgen.bank import Bank

ROOT = Path(__file__).parents[1]
BLOCKED = ("hypothesis", "matplotlib", "numpy", "scipy", "sklearn", "sympy", "torch")

PROGRAM = f"""
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name in {BLOCKED}:
            raise ModuleNotFoundError(f"{{name}} is blocked", name=name)

sys.meta_path.insert(0, Blocked())
from quizgen.__main__ import main
main()
"""


def blocked(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``quizgen …`` in an interpreter without the heavy libraries."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def light() -> list[str]:
    """The families that declare no need of a heavy library."""
    bank = Bank()
    return [name for name in bank.files if not bank.family(name).needs]


@pytest.mark.parametrize("form", exporters.formats())
def test_every_family_is_exported_without_heavy_libraries(form: str, light: list[str], tmp_path: Path) -> None:
    exporter, file = exporters.exporter(form), tmp_path / "questions"
    if exporter.is_drawn:
        words = ["--lang", "en+zh"] if exporter.has_words else []
        ran = blocked("draw", *light, "-n", "2", "--format", form, "-o", str(file), *words)
    else:
        ran = blocked("export", *light, "--to", form, "--lang", "en+zh", "--skip-unsupported", "-o", str(file))
        if f"{form} cannot carry {light[0].replace('/', '-')}" in ran.stderr:  # Kahoot takes short questions only
            return
    assert ran.returncode == 0, ran.stderr
    assert file.stat().st_size > 100 * len(light)


def test_items_drawn_without_heavy_libraries_are_the_same(light: list[str]) -> None:
    bank = Bank()
    for line in blocked("draw", *light).stdout.splitlines():
        item = answers.read_item(line)
        assert item == bank.family(item.family).draw("1", "draw", item.family, 0, pool="practice")


def test_laws_need_them() -> None:
    ran = blocked("draw", "convolution/output_side", "--laws")
    assert ran.returncode == 2
    assert ran.stderr.startswith(
        "quizgen: convolution/output_side: the law 'torch_agrees' cannot run without torch; install"
    )
    assert ran.stderr.count("\n") == 1
