"""Who may import whom (the import rules of the design), and what stays unloaded until it is needed."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"flint", "hypothesis", "matplotlib", "numpy", "scipy", "sklearn", "sympy", "torch"}

BASE = {"errors", "expr", "values", "randomness"}
MIDDLE = BASE | {"notation", "markup", "space", "answers", "figures"}
PRINTING = BASE | {"answers", "figures", "markup", "prose"}

# What a module of quizgen may import of quizgen, besides itself. A module that is not named here is on top of all these
# and may import everything but the command line, the solvers included.
ALLOWED = {
    "errors": set[str](),
    "expr": {"errors"},
    "randomness": {"errors"},
    "values": {"errors", "expr"},
    "markup": BASE,
    "notation": BASE,
    "space": BASE,
    "answers": BASE | {"notation"},
    "figures": BASE,
    "asking": BASE | {"answers"},
    "family": MIDDLE,
    "prose": BASE | {"asking", "markup", "figures"},
    "renderers": PRINTING,
    "exporters": PRINTING | {"asking", "renderers"},
}

# Lines, models and questions are data that are read twice; what is compared is the value of ``evaluation``.
READ_TWICE = {"derivations": ("chain", "evaluation", "lines", "models"), "puzzles": ("lines", "models", "questions")}

SOURCES = sorted(
    path.relative_to(ROOT) for top in ("quizgen", "solvers", "banks") for path in (ROOT / top).rglob("*.py")
)


def imported(source: Path) -> Iterator[str]:
    """Every module that a file imports, as a dotted name; ``from quizgen import prose`` counts as ``quizgen.prose``."""
    for node in ast.walk(ast.parse((ROOT / source).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"{source}:{node.lineno}: imports are written in full"
            if node.module in {"quizgen", "solvers"}:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


def part(dotted: str) -> str:
    """``markup`` for ``quizgen.markup.math``; the empty string for the package itself and its version."""
    return next((name for name in dotted.split(".")[1:2] if not name.startswith("__")), "")


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_module_imports_only_what_lies_below_it(source: Path) -> None:
    ours = {name for name in imported(source) if name.partition(".")[0] in {"quizgen", "solvers", "banks", "tests"}}
    for name in sorted(ours):
        assert may_import(source, name), f"{source} may not import {name}"


def may_import(source: Path, name: str) -> bool:
    top, _, _ = name.partition(".")
    match source.parts[0]:
        case "banks":
            return name == "quizgen.family" or top == "solvers"
        case "solvers" if source.parts[1] == "oracles":  # shares no code with what it checks, but for rounding
            read = {f"solvers.derivations.{module}" for module in READ_TWICE.get(Path(source.parts[2]).stem, ())}
            return name in {"quizgen.expr", "solvers.exact", *read} or name.startswith("solvers.oracles")
        case "solvers":
            return name == "quizgen.expr" or (top == "solvers" and not name.startswith("solvers.oracles"))
    me, it = part(".".join(source.with_suffix("").parts)), part(name)
    if top != "quizgen":
        return top == "solvers" and me not in ALLOWED
    if me in {"cli", ""} or it in {me, ""}:
        return True
    return it in ALLOWED[me] if me in ALLOWED else it != "cli"


LOADED = "import json, sys\nprint(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"

RUN = """
import contextlib, io, sys
from quizgen.__main__ import main
sys.argv = ["quizgen", *{arguments}]
try:
    with contextlib.redirect_stdout(io.StringIO()):
        main()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


def loaded_by(program: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after running the program."""
    command = [sys.executable, "-c", f"{program}\n{LOADED}"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout.splitlines()[-1]))


def test_importing_the_program_loads_nothing_heavy() -> None:
    assert loaded_by("import quizgen, quizgen.cli").isdisjoint(HEAVY)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["show", "convolution/output_side"]], ids=" ".join)
def test_a_command_that_proves_nothing_loads_nothing_heavy(arguments: list[str]) -> None:
    assert loaded_by(RUN.format(arguments=arguments)).isdisjoint(HEAVY)


def test_the_rules_notice_a_broken_one() -> None:
    assert not may_import(Path("quizgen/values.py"), "quizgen.family")
    assert not may_import(Path("quizgen/exam.py"), "quizgen.cli")
    assert not may_import(Path("banks/convolution/output_side.py"), "quizgen.values")
    assert not may_import(Path("solvers/oracles/attention.py"), "solvers.attention")
    assert not may_import(Path("solvers/oracles/derivations/reader.py"), "solvers.derivations.arithmetic")
    assert may_import(Path("quizgen/exam.py"), "quizgen.renderers.pdf")
    assert may_import(Path("quizgen/cli/show.py"), "quizgen.cli._options")
