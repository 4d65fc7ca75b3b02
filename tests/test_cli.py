"""The command line: what the commands print, and what they say when something is wrong."""

import contextlib
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from quizgen import answers
from quizgen.bank import Bank
from quizgen.cli import _output, _progress, main

ROOT = Path(__file__).parents[1]
SIDE = "convolution/output_side"
BANK = Bank()


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs ``quizgen …`` in this process. Fails on a traceback."""

    def command(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["quizgen", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return Ran(left.value.code if isinstance(left.value.code, int) else 0, out, err)

    return command


FAMILY = '''"""A family of a test: {title}."""

from dataclasses import dataclass

from quizgen.family import Family, Parameters, answer, ints

family = Family(level=1, version=1, answers={{"sum": answer.Integer("total")}})


@dataclass(frozen=True, slots=True)
class Trace:
    total: int


@family.parameters
class Params(Parameters):
    a: int = ints(1, {largest})
    b: int = ints(1, 2)


@family.solve
def solve(q: Params) -> Trace:
    return Trace(q.a + q.b)


@family.misconception
def multiplies(q: Params) -> int:
    return q.a * q.b


@family.law
def is_below(q: Params, t: Trace) -> None:
    assert t.total < {limit}
'''


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A bank with families of few items, one with a law that does not hold, and a broken file."""
    folder = tmp_path / "own"
    (folder / "tiny").mkdir(parents=True)
    (folder / "tiny" / "sums.py").write_text(FAMILY.format(title="few items", largest=5, limit=100))
    (folder / "tiny" / "more.py").write_text(FAMILY.format(title="more items", largest=400, limit=1000))
    (folder / "tiny" / "wrong.py").write_text(FAMILY.format(title="a false law", largest=5, limit=3))
    (folder / "tiny" / "broken.py").write_text("import nowhere\n")
    return folder


# Listing and showing.


def test_help_names_every_command(run: Run) -> None:
    ran = run("--help")
    assert ran.status == 0
    for file in (ROOT / "quizgen" / "cli").glob("[!_]*.py"):
        assert file.stem.replace("_", "-") in ran.out
    assert "Draw many different items" in ran.out


def test_a_mistyped_command_gets_a_suggestion(run: Run) -> None:
    ran = run("drwa")
    assert ran.status == 2
    assert "unknown command 'drwa'; did you mean 'draw'?" in ran.err


def test_list_names_every_family(run: Run) -> None:
    data = json.loads(run("list", "--json").out)
    assert [row["family"] for row in data["families"]] == list(BANK.files)
    side = next(row for row in data["families"] if row["family"] == SIDE)
    assert side["answers"] == {"side": "integer"}
    assert side["items"] > 1000


def test_list_of_an_area_is_a_table(run: Run) -> None:
    ran = run("list", "--area", "convolution")
    assert SIDE in ran.out
    assert "attention/" not in ran.out
    assert "did you mean 'convolution'?" in run("list", "--area", "convolutoin").err


def test_list_goes_on_after_a_broken_file(run: Run, bank: Path) -> None:
    ran = run("list", "--area", "tiny", "--bank", bank)
    assert ran.status == 1
    assert "tiny/sums" in ran.out
    assert "tiny/more" in ran.out
    assert f"broken: {bank / 'tiny' / 'broken.py'}:1: ModuleNotFoundError: No module named 'nowhere'" in ran.err
    data = json.loads(run("list", "--area", "tiny", "--bank", bank, "--json").out)
    assert [row["family"] for row in data["families"]] == ["tiny/more", "tiny/sums", "tiny/wrong"]
    assert len(data["broken"]) == 1


def test_list_goes_on_after_a_space_that_cannot_be_counted(run: Run, bank: Path) -> None:
    odd = bank / "tiny" / "odd.py"
    family = FAMILY.format(title="odd", largest="lambda q: 2 // (q.b - q.b)", limit=9)
    lines = family.splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("    a: int"))
    lines[first : first + 2] = reversed(lines[first : first + 2])
    odd.write_text("\n".join(lines))
    ran = run("list", "--area", "tiny", "--bank", bank)
    assert ran.status == 1
    assert "tiny/sums" in ran.out
    assert f"broken: {odd}:" in ran.err
    assert "ZeroDivisionError" in ran.err


def test_the_same_id_in_two_banks_names_both_files(run: Run, tmp_path: Path) -> None:
    (tmp_path / "convolution").mkdir()
    (tmp_path / "convolution" / "output_side.py").write_text("")
    for ran in (run("list", "--bank", tmp_path), run("draw", SIDE, "--bank", tmp_path)):
        assert ran.status == 2
        assert str(ROOT / "banks" / "convolution" / "output_side.py") in ran.err
        assert str(tmp_path / "convolution" / "output_side.py") in ran.err


def test_a_bank_that_is_no_folder(run: Run, tmp_path: Path) -> None:
    ran = run("list", "--bank", tmp_path / "none")
    assert (ran.status, ran.err) == (2, f"quizgen: --bank {tmp_path / 'none'}: there is no such folder\n")


@pytest.mark.parametrize("name", BANK.files)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_show_asks_every_family(run: Run, name: str, lang: str) -> None:
    ran = run("show", name, "--lang", lang, "--solution")
    assert ran.status == 0
    assert ran.out.startswith("[")
    assert "── solution ──" in ran.out


def test_show_with_options(run: Run) -> None:
    ran = run("show", SIDE, "--as", "choice", "--seed", "3")
    assert [f"\n  {letter}. " in ran.out for letter in "ABCDE"] == [True] * 4 + [False]


def test_show_with_options_that_are_formulas(run: Run) -> None:
    ran = run("show", "convolution/bottleneck_formula", "--as", "choice", "--solution", "--lang", "zh")
    assert ran.out.count("C²") > 8
    assert re.search(r"^key: .*C².*  \[[A-D]\]$", ran.out, re.MULTILINE)


SEVERAL = """
from dataclasses import dataclass

from quizgen.family import Family, Parameters, answer, ints

family = Family(level=1, version=1, answers={"even": answer.Multiple("even", options=("one", "two", "four"))})


@dataclass(frozen=True, slots=True)
class Trace:
    even: tuple[str, ...]


@family.parameters
class Params(Parameters):
    a: int = ints(1, 2)


@family.solve
def solve(q: Params) -> Trace:
    return Trace(("two", "four"))
"""


def test_templates_stand_beside_a_bank_that_is_the_current_folder(
    run: Run, bank: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = bank.parent / "templates" / "items" / "tiny"
    templates.mkdir(parents=True)
    (templates / "sums.en.md.j2").write_text("{% block prompt %}Add {{ q.a }} and {{ q.b }}.{% endblock %}")
    monkeypatch.chdir(bank)
    ran = run("show", "tiny/sums", "--bank", ".")
    assert (ran.status, ran.err) == (0, "")
    assert "Add " in ran.out


def test_show_letters_the_options_of_which_several_are_right(run: Run, bank: Path) -> None:
    (bank / "tiny" / "several.py").write_text(SEVERAL, encoding="utf-8")
    templates = bank / "templates" / "items" / "tiny"
    templates.mkdir(parents=True)
    labels = "".join(f"{{% block label_{name} %}}{name}{{% endblock %}}" for name in ("one", "two", "four"))
    (templates / "several.en.md.j2").write_text(f"{{% block prompt %}}Which?{{% endblock %}}{labels}", encoding="utf-8")
    ran = run("show", "tiny/several", "--as", "choice", "--bank", bank)
    assert (ran.status, ran.err) == (0, "")
    assert sorted(line[5:] for line in ran.out.splitlines() if line.startswith("  ")) == ["four", "one", "two"]


def test_show_prints_an_item_as_json(run: Run) -> None:
    item = answers.read_item(run("show", SIDE, "--seed", "2", "--json").out)
    assert item.family == SIDE
    assert item == BANK.family(SIDE).draw("2", "show", SIDE, pool="practice")


def test_an_unknown_family_gets_a_suggestion(run: Run) -> None:
    for command in ("show", "draw"):
        ran = run(command, "convolution/output_sides")
        assert ran.status == 2
        assert ran.err.startswith(
            "quizgen: unknown family 'convolution/output_sides'; did you mean 'convolution/output_side'? (known: "
        )


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["draw", SIDE, "--format", "xml"], "unknown format 'xml' (known: "),
        (["draw", SIDE, "--format", "md", "--lang", "fr"], "--lang: expected en, zh"),
        (["draw", SIDE, "--lang", "zh"], "--lang: the format jsonl has no words"),
        (["draw", SIDE, "-n", "0"], "0 is not in the range x>=1"),
        (["draw", SIDE, "--jobs", "0"], "0 is not in the range"),
        (["draw", SIDE, "--sead", "1"], "No such option"),
        (["draw"], "Missing argument"),
        (["draw", "none.toml"], "none.toml"),
        (["show", SIDE, "--as", "essay"], "'essay' is not one of"),
        (["show", "recurrent/lstm_stages", "--as", "choice"], "is a kind without options"),
    ],
)
def test_a_bad_option_is_one_message(run: Run, arguments: list[str], message: str) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert message in ran.err
    assert ran.out == ""


def test_a_fault_in_a_family_is_named_with_its_line(run: Run, bank: Path) -> None:
    file = bank / "tiny" / "faulty.py"
    text = FAMILY.format(title="a fault", largest=5, limit=100).replace("Trace(q.a + q.b)", "Trace(q.a // (q.b - q.b))")
    file.write_text(text, encoding="utf-8")
    line = 1 + text[: text.index("Trace(q.a //")].count("\n")
    for command in (["show"], ["show", "--given", '{"a": 1, "b": 1}'], ["draw"]):
        ran = run(*command, "tiny/faulty", "--bank", bank)
        assert (ran.status, ran.err) == (
            2,
            f"quizgen: {file}:{line}: ZeroDivisionError: integer division or modulo by zero\n",
        )


# Drawing.


def lines(ran: Ran) -> list[bytes]:
    """The items of a file on stdout."""
    assert ran.status == 0, ran.err
    return ran.out.encode().splitlines()


def test_draw_gives_different_items_of_every_family(run: Run) -> None:
    items = [answers.read_item(line) for line in lines(run("draw", "all", "-n", "3"))]
    assert len({item.id for item in items}) == len(items)
    assert list(dict.fromkeys(item.family for item in items)) == list(BANK.files)


def test_draw_follows_the_seed_and_nothing_else(run: Run, tmp_path: Path) -> None:
    arguments = ["draw", "convolution/*", "recurrent/*", "-n", "40"]
    first = run(*arguments)
    assert run(*arguments).out == first.out
    assert run(*arguments, "--jobs", "2").out == first.out
    assert run(*arguments, "--seed", "2").out != first.out
    file = tmp_path / "items.jsonl"
    assert run(*arguments, "-o", file).out == ""
    assert file.read_bytes() == first.out.encode()
    elsewhere = subprocess.run(
        [sys.executable, "-m", "quizgen", *arguments], cwd=ROOT, capture_output=True, check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert elsewhere.stdout == first.out.encode()


def test_more_items_begin_with_the_same_ones(run: Run) -> None:
    assert lines(run("draw", SIDE, "-n", "50"))[:7] == lines(run("draw", SIDE, "-n", "7"))


def test_a_family_named_twice_is_drawn_once(run: Run) -> None:
    assert len(lines(run("draw", SIDE, "convolution/output_*", "-n", "2"))) == 2


def test_the_pools_have_nothing_in_common(run: Run) -> None:
    pools = {
        pool: {answers.read_item(line).id for line in lines(run("draw", SIDE, "-n", "60", "--pool", pool))}
        for pool in ("exam", "practice", "any")
    }
    assert pools["exam"].isdisjoint(pools["practice"])
    assert pools["any"] & pools["exam"]
    assert pools["any"] & pools["practice"]


def test_a_small_space_is_drawn_empty_and_said_so(run: Run, bank: Path) -> None:
    for jobs in (1, 2):
        ran = run("draw", "tiny/sums", "-n", "500", "--bank", bank, "--jobs", jobs)
        assert {answers.read_item(line).parameters["a"] for line in lines(ran)} == {1, 2, 3, 4, 5}
        assert ran.out.count("\n") == 10
        assert ran.err == "quizgen: tiny/sums has only 10 different items, not 500; all are written\n"


def test_the_last_items_of_a_space_are_found(run: Run, bank: Path) -> None:
    ran = run("draw", "tiny/more", "-n", "799", "--bank", bank, "--pool", "any")
    assert len({answers.read_item(line).id for line in lines(ran)}) == 799
    assert ran.err == ""


def test_laws_prove_what_is_drawn(run: Run, bank: Path, tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    assert run("draw", SIDE, "-n", "2", "--laws", "-o", file).status == 0
    before = file.read_bytes()
    for jobs in (1, 2):
        ran = run("draw", "tiny/wrong", "-n", "9", "--laws", "--bank", bank, "-o", file, "--jobs", jobs)
        assert ran.status == 1
        assert "tiny/wrong: the law 'is_below' does not hold for Params(a=" in ran.err
        assert file.read_bytes() == before
        assert list(tmp_path.glob(".*")) == []


def test_draw_writes_markdown_in_two_languages(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "items.md"
    ran = run("draw", "convolution/receptive_field", "-n", "2", "--lang", "en+zh", "-o", file)
    text = file.read_text(encoding="utf-8")
    assert text.count("### Key") == text.count("### 参考答案") == 2
    assert "figures become their descriptions in words in md" in ran.err
    assert f"2 items written to {file}" in ran.err


BLUEPRINT = """
title = "A quiz"
[[section]]
[[section.question]]
id = "small"
family = "convolution/output_side"
points = 2
as = "choice"
options = 3
where = {k = 3, s = [1, 2]}
[[section.question]]
pick = 1
from = ["attention/*"]
points = 1
[[section.question]]
text = {en = "Is $x^2$ convex?", zh = "$x^2$ 是凸函数吗？"}
options = [{en = "yes", zh = "是", right = true}, {en = "no", zh = "否"}]
points = 1
"""


def test_the_slots_of_a_blueprint_are_drawn(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "quiz.toml"
    file.write_text(BLUEPRINT, encoding="utf-8")
    items = [answers.read_item(line) for line in lines(run("draw", file, "-n", "5"))]
    assert [item.family.split("/")[0] for item in items] == ["convolution"] * 5 + ["attention"] * 5 + ["text"]
    for item in items[:5]:
        assert item.parameters["k"] == 3
        assert item.parameters["s"] in (1, 2)
        assert len(item.parts[0].mistakes) >= 2
    assert "Is $x^2$ convex?" in run("draw", file, "--format", "md").out


def test_the_schema_is_printed(run: Run) -> None:
    assert json.loads(run("schema").out)["$ref"] == "#/$defs/item"


# Targets.


def test_a_file_is_replaced_when_all_is_there_or_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text("before")
    with contextlib.suppress(ZeroDivisionError), _output.target(file) as out:
        out.write(b"half")
        raise ZeroDivisionError
    assert file.read_text() == "before"
    with _output.target(file) as out:
        out.write(b"whole")
        assert file.read_text() == "before"
    assert file.read_bytes() == b"whole"
    assert [entry.name for entry in tmp_path.iterdir()] == ["items.jsonl"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "items.jsonl"
    link.symlink_to(tmp_path / "there" / "real.jsonl")
    with _output.target(link) as out:
        out.write(b"whole")
    assert link.is_symlink()
    assert (tmp_path / "there" / "real.jsonl").read_bytes() == b"whole"


def test_targets_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "none" / "items.jsonl"
    ran = run("draw", SIDE, "-o", missing)
    assert ran.status == 2
    assert ran.err.startswith(f"quizgen: {missing}: cannot be written: No such file or directory")
    ran = run("draw", SIDE, "-o", tmp_path)
    assert ran.err == f"quizgen: {tmp_path}: this is a folder; expected the name of a file\n"


def test_a_full_disk_is_one_message(run: Run) -> None:
    if not Path("/dev/full").exists():  # a device of Linux; elsewhere the next test says as much of a file
        return
    ran = run("draw", SIDE, "-o", "/dev/full")
    assert ran.status == 2
    assert ran.err.startswith("quizgen: /dev/full: cannot be written: No space left on device")
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "quizgen", "draw", SIDE]
        ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("quizgen: stdout: cannot be written: No space left on device")
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text("before")
    ended = subprocess.run(
        [sys.executable, "-m", "quizgen", "draw", SIDE, "-n", "200", "-o", str(file)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr == f"quizgen: {file}: cannot be written: File too large\n"
    assert file.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["items.jsonl"]


def test_a_worker_that_dies_is_one_message(run: Run, bank: Path, tmp_path: Path) -> None:
    dies = "(__import__('os')._exit(9) if __import__('multiprocessing').parent_process() else q.a)"
    family = FAMILY.format(title="kills its worker", largest=5, limit=100).replace("Trace(q.a", f"Trace({dies}")
    (bank / "tiny" / "killer.py").write_text(family, encoding="utf-8")
    question = '[[section.question]]\nfamily = "tiny/killer"\npoints = 1\n'
    blueprint = tmp_path / "two.toml"
    blueprint.write_text(f'title = "Two"\n[[section]]\n{question * 2}', encoding="utf-8")
    exam = ["exam", blueprint, "--unproven", "--format", "html", "-o", tmp_path / "out"]
    for arguments in (["draw", "tiny/killer"], exam):
        ran = run(*arguments, "--bank", bank, "--jobs", 2)
        assert (ran.status, ran.out) == (2, "")
        assert ran.err == "quizgen: --jobs: a worker process died; fewer of them need less memory\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path, jobs: str) -> None:
    command = [sys.executable, "-m", "quizgen", "draw", "all", "-n", "100000", "--jobs", jobs, "-o", "items.jsonl"]
    started = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    deadline = time.monotonic() + 30
    while started.poll() is None and not any(file.stat().st_size for file in tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=30)
    assert started.returncode == 130
    assert err.strip().endswith("quizgen: interrupted")
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_in_a_terminal_ends_all_processes_quietly(tmp_path: Path) -> None:
    blueprint = str(ROOT / "banks" / "exams" / "deep-learning-final.toml")
    command = [sys.executable, "-m", "quizgen", "exam", blueprint, "--forms", "200", "--jobs", "2", "-o", "out"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    time.sleep(3)
    os.killpg(started.pid, signal.SIGINT)
    _, err = started.communicate(timeout=60)
    assert (started.returncode, err.strip()) == (130, "quizgen: interrupted")
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_failure() -> None:
    command = f"{sys.executable} -m quizgen draw {SIDE} -n 3000 | head -n 1"
    ended = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.stderr == ""
    assert ended.stdout.count("\n") == 1


def test_a_closed_stdout_is_no_failure() -> None:
    command = f"{sys.executable} -m quizgen draw {SIDE} -n 3 >&-"
    ended = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


# Progress.


def test_progress_is_shown_on_a_terminal_when_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _progress.progress("drawing", 2) as advance:
        advance(2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(_progress, "PATIENCE", -1.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with _progress.progress("drawing", 2) as advance:
        advance(2)
    assert "drawing" in capsys.readouterr().err
