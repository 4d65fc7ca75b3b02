"""What the README and CONTRIBUTING show works as it stands there."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import solvers
from quizgen import blueprint, exam, prose
from quizgen.bank import Bank
from solvers import oracles

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


def prove(bank: Bank, name: str, locales: tuple[str, ...], draws: int = 50) -> None:
    family = bank.family(name)
    for number in range(draws):
        item = family.draw("documentation", number, laws=True)
        assert item.parts[0].mistakes
    for locale in locales:
        words = prose.words(item, locale, bank.templates)
        assert words.prompt()
        assert words.steps()
        for part in item.parts:
            for mistake in family.misconceptions:
                assert words.feedback(part, mistake)


def test_the_family_of_the_readme_is_short_and_proven(tmp_path: Path) -> None:
    family, template = "banks/mine/side.py", "templates/items/mine/side.en.md.j2"
    write(tmp_path, "README.md", family, template)
    assert len(shown("README.md", family).splitlines()) <= 35
    prove(Bank([tmp_path / "banks"]), "mine/side", ("en",))


def test_the_blueprint_of_the_readme_is_short_and_can_be_built(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "final.toml")
    path = tmp_path / "final.toml"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 20
    (section,) = exam.plan(blueprint.read(path), path.name, Bank(), "documentation")
    assert len(section.questions) == 4


def test_the_family_of_contributing_is_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path,
        "CONTRIBUTING.md",
        "solvers/dense.py",
        "solvers/oracles/dense.py",
        "banks/dense/parameters.py",
        "templates/items/dense/parameters.en.md.j2",
        "templates/items/dense/parameters.zh.md.j2",
    )
    extend(monkeypatch, solvers, tmp_path / "solvers")
    extend(monkeypatch, oracles, tmp_path / "solvers" / "oracles")
    prove(Bank([tmp_path / "banks"]), "dense/parameters", ("en", "zh"))


def extend(monkeypatch: pytest.MonkeyPatch, package: ModuleType, folder: Path) -> None:
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])


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


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), f"{page} links to {target}"
