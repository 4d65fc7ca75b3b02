"""``quizgen study --terminal`` at a pseudo-terminal of 80 columns, over families of a test."""

import fcntl
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from quizgen.study.store import Answer, Store, sqlite

ROOT = Path(__file__).parents[2]
PATIENCE = 15.0  # seconds for one thing to be shown
PAUSE = 0.45  # seconds after a verdict from which on Enter counts

FAMILY = '''"""A family of a test."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quizgen.answers.written import Criterion
from quizgen.family import Family, Parameters, answer, ints

family = Family(level=1, version=1, answers={answers})


@dataclass(frozen=True, slots=True)
class Trace:
    right: Any
    first: Any = 6


@family.parameters
class Params(Parameters):
    a: int = ints(1, 1000)


@family.solve
def solve(q: Params) -> Trace:
    return Trace({right})
'''

SLIPS = """

@family.misconception
def slips(q: Params) -> int:
    return 13
"""

WORDS = """{{% block prompt %}}
{prompt} ${{{{ q.a }}}}$.
{{% endblock %}}
{{% block steps %}}
1. STEP ONE ${{{{ q.a }}}}$
2. STEP TWO
3. STEP THREE
{{% endblock %}}
{{% block right %}}
{well}
{{% endblock %}}
{{% block slips %}}
SLIP {well}
{{% endblock %}}
{{% block label %}}
THING {{{{ name }}}}
{{% endblock %}}
{{% block part_one %}}
PART ONE
{{% endblock %}}
{{% block part_two %}}
PART TWO
{{% endblock %}}
{{% block steps_one %}}
STEP OF ONE
{{% endblock %}}
{{% block steps_two %}}
STEP OF TWO
{{% endblock %}}
"""


class Kind(NamedTuple):
    """A family of one kind of answer, and what is typed: a name of a thing stands for the mark that it has."""

    answer: str
    value: str
    right: str
    wrong: str
    invalid: str


KINDS = {
    "choice": Kind('answer.Choice("right", options=("b", "c", "x"))', '"c"', "@c", "@b", "9"),
    "distribution": Kind('answer.Distribution("right")', '"N(0, 4)"', "N(0, 4)", "N(0, 2)", "N(0"),
    "formula": Kind('answer.Formula("right", variables={"x": "real"})', '"2 x + 1"', "1 + x + x", "2 x", "2 x +"),
    "fraction": Kind('answer.Fraction("right")', "Fraction(3, 7)", "6/14", "7/3", "3/"),
    "integer": Kind('answer.Integer("right", unit="px")', "12", "12 px", "13", "twelve"),
    "interval": Kind('answer.Interval("right")', '"[0, 1)"', "[0, 1)", "(2, 3)", "[0, 1"),
    "matching": Kind('answer.Matching("right", spare=("z",))', '(("b", "v"), ("c", "w"))', "@v @w", "1@w 2@v", "1@v"),
    "matrix": Kind('answer.Matrix("right")', "((1, 2), (3, 4))", "1 2\n3 4", "[9 9; 9 9]", "1 2 3"),
    "multiple": Kind('answer.Multiple("right", options=("b", "c", "x"))', '("b", "c")', "@c @b", "@x", "1 1"),
    "number": Kind('answer.Number("right", digits=3)', 'Decimal("0.125")', "0.125", "0.2", "0.1.2"),
    "ordering": Kind('answer.Ordering("right", spare=("x",))', '("b", "c", "f")', "@b @c @f", "@f @c @b", "1 2"),
    "set": Kind('answer.Set("right")', "(1, 4, 9)", "{9, 4, 1}", "{2, 3}", "1, 2,"),
    "text": Kind('answer.Text("right")', '"Adam"', "Adam", "h", " "),
    "vector": Kind('answer.Vector("right")', "(1, 2, 3)", "1 2 3", "9 9 9", "1 2"),
}
"""Everything but written work, of which nothing is right or wrong."""

WRITTEN = ('answer.Written("right")', '(Criterion(points=Fraction(2), text={"": "NAMES THE TERM"}),)')
SAID = {
    "en": ("Right.", "Wrong.", "costs nothing", "No, that", "Answer:"),
    "zh": ("正确", "错误", "不扣分", "不对", "答案："),
}


def write(bank: Path, name: str, answers: str, right: str, slips: bool = False) -> None:
    """A family of the area ``kinds`` with its templates."""
    file = bank / "kinds" / f"{name}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(FAMILY.format(answers=answers, right=right) + (SLIPS if slips else ""), encoding="utf-8")
    for locale, prompt, well in (("en", "GIVEN", "WELL DONE"), ("zh", "已知", "做得好")):
        words = bank / "templates" / "items" / "kinds" / f"{name}.{locale}.md.j2"
        words.parent.mkdir(parents=True, exist_ok=True)
        words.write_text(WORDS.format(prompt=prompt, well=well), encoding="utf-8")


class Screen:
    """``quizgen study --terminal`` at a terminal of 80 columns, of which ``text`` is all that it has shown."""

    def __init__(self, bank: Path, db: Path, *arguments: str, **environment: str) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-m", "quizgen", "study", "--terminal", "--bank", str(bank), "--db", str(db)]
        self.process = subprocess.Popen(
            [*command, "--areas", "kinds", "--new", "100", *arguments],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True, cwd=ROOT,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C interrupts
            env={**os.environ, "TERM": "dumb", "COLUMNS": "80", "LINES": "50", "LC_ALL": "C.UTF-8", **environment},
        )  # fmt: skip
        os.close(slave)
        self.text = ""
        self.seen = 0

    def expect(self, *wanted: str) -> str:
        """What is shown up to the prompt behind all of ``wanted``, in their order."""
        start = at = self.seen
        for one in (*wanted, "> "):
            until = time.monotonic() + PATIENCE
            while (found := self.text.find(one, at)) < 0:
                assert time.monotonic() < until, f"{one!r} is not shown:\n{self.text[start:]}"
                assert self.more(), f"it ended before {one!r}:\n{self.text[start:]}"
            at = found + len(one)
        while select.select([self.master], [], [], 0.02)[0] and self.more():
            pass
        self.seen = len(self.text)
        return self.text[start:]

    def more(self) -> bool:
        """Reads what has come; False at the end."""
        if not select.select([self.master], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the other end is closed
            return False
        self.text += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)

    def type(self, line: str) -> None:
        """Types a line, or several, and Enter."""
        os.write(self.master, f"{line}\n".encode("utf-8", "surrogateescape"))

    def enter(self) -> None:
        """Enter, when it counts."""
        time.sleep(PAUSE)
        self.type("")

    def end(self) -> tuple[int, str]:
        """The exit status and everything that was shown since the last prompt."""
        until = time.monotonic() + PATIENCE
        while self.more() and time.monotonic() < until and self.process.poll() is None:
            pass
        while self.process.poll() is not None and select.select([self.master], [], [], 0.1)[0] and self.more():
            pass
        status = self.process.wait(PATIENCE)
        assert "Traceback" not in self.text
        return status, self.text[self.seen :]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


Start = Callable[..., Screen]


def one(bank: Path, name: str = "integer") -> None:
    """A bank with a single family of one kind."""
    write(bank, name, f'{{"only": {KINDS[name].answer}}}', KINDS[name].value, slips=name == "integer")


def marked(line: str, shown: str) -> str:
    """A line with the marks of the things that it names."""
    marks = {name: mark for mark, name in re.findall(r"^ *(\w+)\. THING (\w)$", shown, re.MULTILINE)}
    return re.sub(r"@(\w)", lambda match: marks[match[1]], line)


def kept(folder: Path) -> list[Answer]:
    """The answers of the only learner."""
    with Store(sqlite(folder / "study.db")) as store:
        return [answer for _, answer in store.answers(store.learner(store.learners()[0]))]


def number(shown: str) -> str:
    """The number that a question has drawn."""
    return str(re.findall(r"(?:GIVEN|已知) (\d+)", shown)[-1])


def parts(bank: Path) -> None:
    """A family with two parts, the second of which follows from the first."""
    answers = '{"one": answer.Integer("first"), "two": answer.Integer("right", after=("one",))}'
    write(bank, "parts", answers, "12")
    file = bank / "kinds" / "parts.py"
    follow = "\n\n@family.follows\ndef two(q: Params, one: int) -> int:\n    return 2 * one\n"
    file.write_text(file.read_text(encoding="utf-8") + follow, encoding="utf-8")
