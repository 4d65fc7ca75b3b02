"""What the README and CONTRIBUTING show works as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from quizgen import blueprint, exam
from quizgen.bank import Bank
from quizgen.exporters._quiz import Quiz

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
FAMILIES = re.compile(r"(?<=<!-- families -->\n).*?(?=<!-- /families -->)", re.DOTALL)


def shown(page: str, path: str) -> str:
    """The block of code that a page announces by naming its file before it."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(rf"`{re.escape(path)}`(?:(?!\n```).)*?\n```\w+\n(.*?)\n```\n", text, re.DOTALL)
    assert found, f"{page} shows no {path}"
    return found[1] + "\n"


def write(folder: Path, page: str, *paths: str) -> None:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(shown(page, path), encoding="utf-8")


def keeps_the_contract(checkout: Path, name: str) -> None:
    """``quizgen check`` in a folder with its own banks, templates and solvers."""
    command = [sys.executable, "-m", "quizgen", "check", name, "--bank", "banks", "--examples", "20", "--no-keep"]
    path = os.pathsep.join([str(checkout), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"}
    ran = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_family_of_the_readme_is_short_and_keeps_the_contract(tmp_path: Path) -> None:
    family, template = "banks/mine/parameters.py", "templates/items/mine/parameters.{}.md.j2"
    write(tmp_path, "README.md", family, template.format("en"), template.format("zh"))
    assert len([line for line in shown("README.md", family).splitlines() if line]) <= 35
    keeps_the_contract(tmp_path, "mine/parameters")


def test_the_blueprint_of_the_readme_is_short_and_can_be_built(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "final.toml")
    path = tmp_path / "final.toml"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 20
    (section,) = exam.plan(blueprint.read(path), path.name, Bank(), "documentation")
    assert len(section.questions) == 4


def test_the_readme_shows_all_that_is_decided_about_a_quiz() -> None:
    (table,) = re.findall(r"```toml\n(\[online\]\n.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    question = '[[section]]\n[[section.question]]\nfamily = "a/b"\npoints = 1\n'
    read = blueprint.parse(f'title = "Quiz"\n{table}{question}'.encode(), "README.md")
    assert set(read.online.decided()) == set(Quiz.__struct_fields__)


def test_the_family_of_contributing_keeps_the_contract(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "solvers", tmp_path / "solvers", ignore=shutil.ignore_patterns("__pycache__"))
    write(
        tmp_path,
        "CONTRIBUTING.md",
        "solvers/dense.py",
        "solvers/oracles/dense.py",
        "banks/dense/parameters.py",
        "templates/items/dense/parameters.en.md.j2",
        "templates/items/dense/parameters.zh.md.j2",
    )
    keeps_the_contract(tmp_path, "dense/parameters")


def test_the_derivation_of_a_bank_keeps_the_contract(tmp_path: Path) -> None:
    words = "templates/items/derivations/chains/squared_error.{}.md.j2"
    slip = "templates/items/mine/find_the_slip.{}.md.j2"
    family = "banks/mine/find_the_slip.py"
    write(
        tmp_path, "docs/derivations.md", family, *(path.format(lang) for path in (words, slip) for lang in ("en", "zh"))
    )
    keeps_the_contract(tmp_path, "mine/find_the_slip")


def test_the_blueprint_about_derivations_can_be_built() -> None:
    page = (ROOT / "docs/derivations.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (section,) = exam.plan(blueprint.parse(table.encode(), "derivations.md"), "derivations", Bank(), "documentation")
    assert len(section.questions) == 3


def test_the_readme_lists_the_families_there_are(request: pytest.FixtureRequest) -> None:
    text = README.read_text(encoding="utf-8")
    renewed = FAMILIES.sub(lambda _: table_of_families(), text)
    if renewed != text and request.config.getoption("--update-goldens"):
        README.write_text(renewed, encoding="utf-8")
        pytest.fail("the README's table of families has been rewritten")
    assert renewed == text, "run `pytest tests/test_documentation.py --update-goldens`"


def table_of_families() -> str:
    command = [sys.executable, "-m", "quizgen", "list", "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    lines = ["| family | level | asks for | about |", "| --- | ---: | --- | --- |"]
    for row in json.loads(ran.stdout)["families"]:
        kinds = ", ".join(dict.fromkeys(row["answers"].values()))
        about = row["about"].replace("|", r"\|")
        lines.append(f"| `{row['family']}` | {row['level']} | {kinds} | {about} |")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/derivations.md"])
def test_links_to_files_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text(encoding="utf-8")):
        assert (ROOT / page).parent.joinpath(target).exists(), f"{page} links to {target}"
