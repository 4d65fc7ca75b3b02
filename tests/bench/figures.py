"""The figures of the README, as one Markdown table: `make bench`. With --write they go into the README.

Everything is measured in one run. Times are CPU seconds, user and system, of a process and all that it started; a
figure is the median of several runs, and what is compared runs in turn.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
LOAD = Path(__file__).with_name("load.py")
BLUEPRINT = ROOT / "banks" / "exams" / "deep-learning-final.toml"
QUIZGEN = (sys.executable, "-m", "quizgen")
STUDENTS = 100
EXPORTED = 300
"""Questions of each family."""
AREAS = sorted({f"{file.parent.name}/*" for file in (ROOT / "banks").glob("*/*.py")} - {"derivations/*"})
"""The families that are drawn by the thousand; a question about a derivation proves one, and has its own figures."""

# Draws from every family in turn and prints the items per CPU second, after some to warm up.
DRAW = """
import sys, time
from quizgen.bank import Bank
from quizgen.values import to_json
laws, count = sys.argv[1] == "on", int(sys.argv[2])
families = [(name, Bank().family(name)) for name in Bank().files if not name.startswith("derivations/")]
def draw(numbers):
    for number in numbers:
        for name, family in families:
            to_json(family.draw("bench", name, number, laws=laws))
draw(range(-5, 0))
start = time.process_time()
draw(range(count))
print(count * len(families) / (time.process_time() - start))
"""

# Builds the papers of a roster, and prints the CPU seconds of each stage and of all, children included.
EXAM = """
import json, os, sys
from pathlib import Path
from quizgen import publishing
blueprint, roster, into, unproven = sys.argv[1:]
Path(into).mkdir()
stages = {}
def cpu():
    return sum(os.times()[:4])
def progress(work, total, label):
    start = cpu()
    yield from work
    stages[label] = stages.get(label, 0) + cpu() - start
source = publishing.Source(
    name="bench", blueprint=Path(blueprint).read_bytes(), seed="bench", roster=Path(roster).read_bytes()
)
wanted = publishing.Wanted(personal=True, formats=("pdf",), solutions=False, unproven=unproven == "unproven")
publishing.publish(source, wanted, Path(into), 1, progress)
print(json.dumps({**stages, "all": cpu()}))
"""

# Evaluates all lines of derivations on fresh models, and prints the models per CPU second of each derivation.
LINES = """
import json, time
from solvers.derivations import chain, derivation, names
def speed(name):
    number, start = 0, time.process_time()
    while number < 3 or time.process_time() - start < 0.2:
        number += 1
        chain.prove(derivation(name), fresh(name, number))
    return number / (time.process_time() - start)
def fresh(name, number):
    return derivation(name).worlds[0](chain.picking(name, "bench", number))
for name in names():
    chain.prove(derivation(name), fresh(name, 0))
print(json.dumps({name: speed(name) for name in names()}))
"""

# Draws questions about all derivations, proves and renders them, and prints the CPU seconds of each.
ASK = """
import json, sys, time
from quizgen import asking, prose
from quizgen.bank import Bank
from quizgen.cli.show import shown
from quizgen.randomness import Stream
from solvers.derivations import derivation, names, prove
import solvers.oracles.derivations
bank = Bank()
families = [(name, bank.family(name)) for name in bank.matching("derivations/*")]
def ask(name, family, number):
    start = time.process_time()
    item = family.draw("bench", name, number, laws=True)
    asked = asking.ask(item, "open", 0, Stream("bench", number))
    for words in (prose.words(item, locale, bank.templates) for locale in ("en", "zh")):
        "".join(shown(words, asked, True))
    return time.process_time() - start
for number in range(-5, 0):
    for name, family in families:
        ask(name, family, number)
for name in names():
    prove(derivation(name))
print(json.dumps([ask(name, family, number) for number in range(int(sys.argv[1])) for name, family in families]))
"""

# Grades every row of the corpus, and prints the CPU seconds of each: as the first answer to its key, then once more.
GRADE = """
import json, sys, time
from quizgen import answers
from quizgen.expr import balls, equality
from quizgen.values import exact
from tests.test_corpus import ROWS
answers.kinds()
caches = [
    cached
    for name, module in list(sys.modules.items()) if name.startswith(("quizgen.expr", "quizgen.notation"))
    for cached in vars(module).values() if hasattr(cached, "cache_clear")
]
first, again = [], []
for row in ROWS:
    for cached in caches:
        cached.cache_clear()
    data = exact(json.loads(row.key))
    start = time.process_time()
    key = answers.read_key(data)
    answers.grade(key, row.response)
    first.append(time.process_time() - start)
    start = time.process_time()
    answers.grade(key, row.response)
    again.append(time.process_time() - start)
assert not {"sympy", "numpy"} & set(sys.modules)
print(json.dumps({"first": first, "again": again}))
"""
ANSWER = '{"key": {"kind": "formula", "value": "x^2/2", "variables": {"x": "real"}}, "response": "x^2"}\n'

# Stands in for the TeX engine: keeps what every pass was given, then runs the engine.
ENGINE = """#!/bin/sh
case "$1" in --version) exec {engine} "$@" ;; esac
pass={kept}/$(ls {kept} | wc -l)
mkdir "$pass" && cp -r . "$pass/job" && printf '%s\\n' "$@" > "$pass/arguments" && env -0 > "$pass/environment"
exec {engine} "$@"
"""


@dataclass(frozen=True)
class Cost:
    """What a command used, with everything that it started."""

    seconds: float  # CPU, user and system
    wall: float  # seconds on the clock
    peak: float  # MiB, of its largest process
    output: str


def run(*command: str, cwd: Path = ROOT, environment: dict[str, str] | None = None, told: str = "") -> Cost:
    """Run a command to its end; ``told`` is its stdin. Raises SystemExit with what it said if it fails."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as heard,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said,
    ):
        heard.write(told)
        heard.seek(0)
        start = time.monotonic()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=heard, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{output[-2000:]}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / unit, output)


def in_turn(commands: Sequence[Sequence[str]], times: int) -> list[float]:
    """The median CPU seconds of each command, run one after another, several times over."""
    for command in commands:
        run(*command)
    rounds = [[run(*command).seconds for command in commands] for _ in range(times)]
    return [median(spent) for spent in zip(*rounds, strict=True)]


Row = tuple[str, str, str]


def starting() -> Iterator[Row]:
    """What it costs to start, beside the one import that a command line cannot do without."""
    floor = (sys.executable, "-c", "import click")
    click, usage, show = in_turn([floor, (*QUIZGEN, "--help"), (*QUIZGEN, "show", "convolution/output_side")], 15)
    for name, spent, aim in (("--help", usage, "1.5"), ("show convolution/output_side", show, "")):
        figure = f"{1000 * spent:.0f} ms, {spent / click:.2f} times `import click`"
        yield f"`quizgen {name}`", figure, f"at most {aim} times" if aim else ""


def grading() -> Iterator[Row]:
    """Every answer of the corpus judged, and what it costs to start a program that judges."""
    spent: dict[str, list[float]] = json.loads(run(sys.executable, "-c", GRADE).output)
    for times, what, aim in (
        (
            spent["first"],
            f"judging each of the {len(spent['first'])} answers of the corpus, its key read anew",
            "1 / 30",
        ),
        (spent["again"], "the same, once more", ""),
    ):
        half, most = quantiles(times, n=100)[49::49]
        figure = f"{1000 * half:.2g} / {1000 * most:.2g} / {1000 * max(times):.2g} ms (median, 99 %, longest)"
        yield what, figure, f"at most {aim} ms" if aim else ""
    stream = (*QUIZGEN, "grade-answer", "--stream")
    waited = median(run(*stream, told=ANSWER).wall for _ in range(9))
    yield f"`quizgen {' '.join(stream[3:])}`, a formula from its start", f"{1000 * waited:.0f} ms", "at most 500 ms"


def drawing(folder: Path) -> Iterator[Row]:
    """Items of all families but those of derivations, drawn and written, one process, with and without proving each."""
    for laws, count, times, aim in (("off", 200, 5, "3 000"), ("on", 60, 3, "200")):
        inside = median(float(run(sys.executable, "-c", DRAW, laws, str(count)).output) for _ in range(times))
        yield f"items per CPU second, laws {laws}", grouped(inside), f"at least {aim}"
        target = folder / f"{laws}.jsonl"
        option = ("--laws",) if laws == "on" else ()
        cost = run(*QUIZGEN, "draw", *AREAS, "-n", str(count), "--seed", "bench", "-o", str(target), *option)
        items = len(target.read_bytes().splitlines())
        figure = f"{grouped(items / cost.seconds)} ({items} items), {cost.peak:.0f} MiB"
        yield f"the same by `quizgen draw{' --laws' if option else ''}`, from its start", figure, ""


def deriving() -> Iterator[Row]:
    """Lines of derivations evaluated, and whole questions about them drawn, proven and rendered in both languages."""
    speeds: dict[str, float] = json.loads(run(sys.executable, "-c", LINES).output)
    slowest = min(speeds, key=lambda name: speeds[name])
    half = grouped(median(speeds.values()))
    figure = f"{half} at the median of {len(speeds)} derivations, {grouped(speeds[slowest])} for `{slowest}`"
    yield "models per CPU second, all lines of a derivation evaluated", figure, ""
    spent: list[float] = json.loads(run(sys.executable, "-c", ASK, "100").output)
    figure = f"{1000 * median(spent):.0f} / {1000 * max(spent):.0f} ms (median, longest)"
    what = f"each of {len(spent)} questions about derivations, drawn, proven and rendered in two languages"
    yield what, figure, "at most 50 ms at the median"


def studying(folder: Path) -> Iterator[Row]:
    """The pages of a learner, from the command to the first of them."""
    waited = median(_first_page(folder / "study.db") for _ in range(5))
    yield "`quizgen study`, from its start to a page", f"{waited:.2f} s", "at most 1.5 s"


def _first_page(db: Path) -> float:
    """Seconds on the clock until there is a page."""
    command = (*QUIZGEN, "study", "--db", str(db), "--port", "0", "--no-browser")
    start = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        try:
            address = re.search(r"http://\S+", running.stdout.readline())
            assert address
            urllib.request.urlopen(address[0]).read()
            return time.monotonic() - start
        finally:
            running.terminate()


def exporting(folder: Path) -> Iterator[Row]:
    """About 10 000 questions, drawn and exported with steps and feedback, beside a tenth of them."""
    for form, aim in (("moodle", "600"), ("canvas", "600"), ("qti30", "300")):
        peaks = []
        for number in (EXPORTED // 10, EXPORTED):
            target = folder / f"{form}-{number}"
            cost = run(
                *QUIZGEN, "export", *AREAS, "--to", form, "-n", str(number), "--skip-unsupported", "-o", str(target)
            )
            items = len(Path(f"{target}.items.csv").read_bytes().splitlines()) - 1
            peaks.append(cost.peak)
        figure = f"{grouped(items / cost.seconds)} ({items} questions), {peaks[-1]:.0f} MiB"
        what = f"questions per CPU second, drawn and exported to {form}, from its start"
        yield (
            what,
            f"{figure}, {peaks[-1] - peaks[0]:.0f} more than for a tenth",
            f"at least {aim}, at most 200 MiB more",
        )


def serving() -> Iterator[Row]:
    """A class at work over HTTP, the server on one core: see ``load.py``."""
    for found in json.loads(run(sys.executable, str(LOAD), "--json").output):
        half, most, _, longest = found["milliseconds"]
        what = f"50 learners who think for 1 to 5 s, for 60 s, `quizgen serve` with {found['database']} on one core"
        figure = f"{half:.0f} / {most:.0f} / {longest:.0f} ms a request (median, 95 %, longest)"
        lost = f"{found['answers']} answers, {found['kept']} kept"
        yield what, f"{found['requests']} requests, {figure}, {lost}", "95 % within 100 ms, none lost"


def training() -> Iterator[Row]:
    """Models trained at once, beside a plain loop over torch.nn modules: see ``training.py``."""
    for line in run(sys.executable, "-m", "tests.bench.training", "--json").output.splitlines():
        found = json.loads(line)
        figure = f"{grouped(found['ensemble'])}, {found['ratio']:.1f} times a plain loop's {grouped(found['plain'])}"
        aim = f"at least {found['aim']:g} times" if found["aim"] else ""
        yield f"models trained per CPU second: {found['what']}", figure, aim


def typesetting(folder: Path) -> Iterator[Row]:
    """A paper for each of 100 students, beside the same passes of TeX alone over the same documents."""
    engine = shutil.which("xelatex")
    assert engine, "make tex"
    shim, kept, roster = folder / "bin" / "xelatex", folder / "kept", folder / "roster.csv"
    shim.parent.mkdir()
    kept.mkdir()
    shim.write_text(ENGINE.format(engine=engine, kept=kept), encoding="utf-8")
    shim.chmod(0o755)
    roster.write_text("id,name\n" + "".join(f"s{n:03},Student {n}\n" for n in range(STUDENTS)), encoding="utf-8")
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    build = (sys.executable, "-c", EXAM, str(BLUEPRINT), str(roster))
    unproven = run(*build, str(folder / "unproven"), "unproven", environment={**os.environ, "PATH": path})
    bare = sum(again(given, engine) for given in sorted(kept.iterdir()))
    proven = run(*build, str(folder / "proven"), "proven")
    pages = count_pages(folder / "unproven" / "papers.pdf")
    passes = len(list(kept.iterdir()))
    alone = f"{passes} passes of XeLaTeX alone over {STUDENTS} personal papers ({pages} pages) and their key"
    yield alone, f"{bare:.1f} CPU s", ""
    stages = json.loads(unproven.output)
    figure = f"{stages['typesetting']:.1f} CPU s, {stages['typesetting'] / bare:.2f} times"
    yield "typesetting them: writing TeX, the same passes, cutting", figure, "at most 1.3 times"
    yield "the whole exam, unproven", f"{stages['all']:.1f} CPU s, {unproven.peak:.0f} MiB", ""
    whole = json.loads(proven.output)["all"]
    yield "the whole exam, every item proven", f"{whole:.1f} CPU s, {proven.peak:.0f} MiB", ""


def again(given: Path, engine: str) -> float:
    """CPU seconds of one pass of TeX, given what it was given before."""
    arguments = (given / "arguments").read_text(encoding="utf-8").splitlines()
    entries = (given / "environment").read_text(encoding="utf-8").split("\0")
    environment = dict(entry.split("=", 1) for entry in entries if entry)
    return run(engine, *arguments, cwd=given / "job", environment=environment).seconds


def count_pages(path: Path) -> int:
    from pikepdf import Pdf

    with Pdf.open(path) as pdf:
        return len(pdf.pages)


def grouped(number: float) -> str:
    """Three significant digits, thousands apart: ``3 140``."""
    return f"{float(f'{number:.3g}'):,.0f}".replace(",", " ")


def setting() -> str:
    """Where the figures were made, in a sentence."""
    listed = json.loads(run(*QUIZGEN, "list", "--json").output)
    tex = run("xelatex", "--version").output.splitlines()[0]
    families = f"{len(listed['families'])} families, those of derivations in rows of their own"
    return f"{families}; one process, Python {platform.python_version()}, {tex}, {processor()}."


def processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text(encoding="utf-8")) if info.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the table into the README")
    write = parser.parse_args().write
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # programs start from bytecode, as they do where they are used
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder)
        rows = [
            *starting(),
            *grading(),
            *drawing(into),
            *deriving(),
            *studying(into),
            *serving(),
            *exporting(into),
            *training(),
            *typesetting(into),
        ]
    lines = [f"| {' | '.join(row)} |" for row in (("what", "figure", "aim"), ("---", "---", "---"), *rows)]
    table = "\n".join(lines) + f"\n\n{setting()}\n"
    sys.stdout.write(table)
    if write:
        text = README.read_text(encoding="utf-8")
        pattern = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- /figures -->)", re.DOTALL)
        README.write_text(pattern.sub(lambda _: table, text), encoding="utf-8")


if __name__ == "__main__":
    main()
