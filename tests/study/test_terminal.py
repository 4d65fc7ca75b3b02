"""Self-study through a pseudo-terminal, as a person sees it: 80 columns, no colour, both languages."""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.cells import cell_len

from quizgen.study import lines
from quizgen.study.store import Answer, Store, sqlite
from tests.corpus import hostile

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


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a session over the bank and the store of this test; all are ended with it."""
    screens: list[Screen] = []

    def started(*arguments: str, **environment: str) -> Screen:
        screens.append(Screen(tmp_path / "bank", tmp_path / "study.db", *arguments, **environment))
        return screens[-1]

    yield started
    for screen in screens:
        screen.close()


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """The folder of this test's families."""
    return tmp_path / "bank"


def one(bank: Path, name: str = "integer") -> None:
    """A bank with a single family of one kind."""
    write(bank, name, f'{{"only": {KINDS[name].answer}}}', KINDS[name].value, slips=name == "integer")


def marked(line: str, shown: str) -> str:
    """A line with the marks of the things that it names."""
    marks = {name: mark for mark, name in re.findall(r"^ *(\w+)\. THING (\w)$", shown, re.MULTILINE)}
    return re.sub(r"@(\w)", lambda match: marks[match[1]], line)


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("kinds", [tuple(KINDS)[::2], tuple(KINDS)[1::2]], ids=lambda kinds: "-".join(kinds)[:20])
def test_every_kind_right_wrong_and_invalid(bank: Path, start: Start, kinds: tuple[str, ...], locale: str) -> None:
    right, wrong, invalid, _, key = SAID[locale]
    for name in kinds:
        write(bank, name, f'{{"only": {KINDS[name].answer}}}', KINDS[name].value, slips=name == "integer")
    screen = start("--lang", locale)
    for name in kinds:
        kind = KINDS[name]
        shown = screen.expect(f"kinds/{name}")
        screen.type(marked(kind.invalid, shown))
        if kind.invalid.strip():
            assert "^" in screen.expect(invalid)
        screen.type(marked(kind.wrong, shown))
        refused = screen.expect(wrong)
        assert key not in refused
        assert not any(len(line) > 80 for line in refused.split("\n")), refused
        screen.type("s")
        shown = screen.expect(f"kinds/{name}")
        for line in marked(kind.right, shown).split("\n"):
            screen.type(line)
        screen.expect(right, "WELL DONE" if locale == "en" else "做得好")
        screen.type("w")
        screen.expect("STEP THREE", key)
        screen.enter()
    status, last = screen.end()
    assert status == 0
    assert str(2 * len(kinds)) in last


def test_nothing_is_coloured_and_nothing_is_wider_than_the_screen(bank: Path, start: Start) -> None:
    one(bank, "ordering")
    for environment in ({}, {"TERM": "xterm-256color", "NO_COLOR": "1"}):
        screen = start("--learner", "me", **environment)
        shown = screen.expect("kinds/ordering")
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)
        assert max(map(cell_len, re.sub(r"\x1b\[[0-9;?]*[a-z]", "", shown).split("\n"))) <= 80
        screen.type("q")
        assert screen.end()[0] == 0


def test_a_mistaken_enter_does_nothing(bank: Path, start: Start) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("")
    assert screen.expect().strip() == ">"
    screen.type("13\n")  # Enter twice: the second is not meant for the verdict
    shown = screen.expect("Wrong.", "> ")
    assert "STEP" not in shown
    screen.enter()
    screen.expect("STEP THREE")


def test_the_misconception_is_explained(bank: Path, start: Start) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("13")
    assert "Understood: 13" in screen.expect("Wrong.", "SLIP WELL DONE", "comes back in 10 minutes")


def test_hints_come_one_by_one_and_cost(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    for said in ("STEP ONE", "STEP TWO", "no further hint"):
        screen.type("h")
        assert "STEP THREE" not in screen.expect(said)
    screen.type("12")
    screen.expect("Right.")
    screen.type("q")
    assert screen.end()[0] == 0
    (answer,) = kept(tmp_path)
    assert (answer.hints, answer.rating) == (2, "hard")


def kept(folder: Path) -> list[Answer]:
    """The answers of the only learner."""
    with Store(sqlite(folder / "study.db")) as store:
        return [answer for _, answer in store.answers(store.learner(store.learners()[0]))]


def test_i_do_not_know(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("？")  # full width, as a Chinese keyboard has it
    screen.expect("STEP THREE", "Answer: 12", "comes back in 10 minutes", "Enter next")
    assert [answer.rating for answer in kept(tmp_path)] == ["again"]


def test_undo_takes_the_slip_back(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screen = start()
    first = number(screen.expect("GIVEN"))
    screen.type("u")
    screen.expect("nothing to take back")
    screen.type("13")
    screen.expect("Wrong.")
    screen.type("u")
    assert number(screen.expect("Taken back", "GIVEN")) == first
    assert kept(tmp_path) == []
    screen.type("12")
    screen.expect("Right.")
    assert [answer.rating for answer in kept(tmp_path)] == ["good"]


def number(shown: str) -> str:
    """The number that a question has drawn."""
    return str(re.findall(r"(?:GIVEN|已知) (\d+)", shown)[-1])


def test_another_like_this_has_other_numbers(bank: Path, start: Start) -> None:
    one(bank)
    screen = start()
    first = number(screen.expect("GIVEN"))
    screen.type("n")
    second = number(screen.expect("GIVEN"))
    screen.type("12")
    screen.expect("Right.")
    screen.type("n")
    assert len({first, second, number(screen.expect("GIVEN"))}) == 3


def test_a_remark_and_a_rating_are_kept(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("13")
    screen.expect("Wrong.")
    screen.type("k")
    screen.type("it is 13, 不是 12")
    screen.expect("your remark is kept")
    screen.type("o")
    screen.type("4")
    screen.expect("Rated: easy.", "days")
    (answer,) = kept(tmp_path)
    assert (answer.remark, answer.rating) == ("it is 13, 不是 12", "easy")


def test_the_language_changes_on_the_spot(bank: Path, start: Start) -> None:
    one(bank)
    screen = start()
    first = number(screen.expect("GIVEN"))
    screen.type("l")
    assert number(screen.expect("已知", "请输入一个整数")) == first
    screen.type("13")
    screen.expect("错误")
    screen.type("l")
    screen.expect("GIVEN", "Wrong.", "SLIP WELL DONE")


def test_letters_that_may_be_answers_are_answers(bank: Path, start: Start) -> None:
    one(bank, "text")
    screen = start()
    screen.expect(":h hint")
    screen.type(":h")
    screen.expect("STEP ONE")
    screen.type("h")
    screen.expect("Wrong.")


def parts(bank: Path) -> None:
    """A family with two parts, the second of which follows from the first."""
    answers = '{"one": answer.Integer("first"), "two": answer.Integer("right", after=("one",))}'
    write(bank, "parts", answers, "12")
    file = bank / "kinds" / "parts.py"
    follow = "\n\n@family.follows\ndef two(q: Params, one: int) -> int:\n    return 2 * one\n"
    file.write_text(file.read_text(encoding="utf-8") + follow, encoding="utf-8")


def test_parts_are_answered_one_by_one(bank: Path, start: Start, tmp_path: Path) -> None:
    parts(bank)
    screen = start()
    assert "PART TWO" not in screen.expect("GIVEN", "(a) PART ONE")
    screen.type("?")
    screen.expect("Unknown.", "STEP OF ONE", "Answer: 6", "(b) PART TWO")
    screen.type("12")
    screen.expect("Right.", "Enter solution")
    (answer,) = kept(tmp_path)
    assert answer.verdicts == {"two": "right"}


def test_written_work_is_rated_by_its_author(bank: Path, start: Start, tmp_path: Path) -> None:
    write(bank, "written", f'{{"only": {WRITTEN[0]}}}', WRITTEN[1])
    screen = start()
    screen.expect("an empty line ends it")
    screen.type("the first line\nh\n")
    screen.expect("A person will mark this", "STEP THREE", "NAMES THE TERM", "How well did you know it?")
    screen.type("3")
    screen.expect("Rated: good.", "days")
    (answer,) = kept(tmp_path)
    assert (answer.answers, answer.rating) == ({"only": "the first line\nh"}, "good")


@pytest.mark.parametrize("way", ["q", "\x03", "\x04", "SIGKILL", "SIGHUP"])
def test_the_question_comes_again_with_the_same_numbers(bank: Path, start: Start, way: str) -> None:
    one(bank)
    screen = start()
    asked = number(screen.expect("GIVEN"))
    if way.startswith("SIG"):
        os.killpg(screen.process.pid, getattr(signal, way))
        assert screen.end()[0] != 0
    else:
        os.write(screen.master, way.encode() + (b"\n" if way == "q" else b""))
        status, last = screen.end()
        assert status == 0
        assert "Until next time" in last
    assert number(start().expect("GIVEN")) == asked


def test_parts_and_hints_survive_a_kill(bank: Path, start: Start, tmp_path: Path) -> None:
    parts(bank)
    screen = start()
    screen.expect("(a) PART ONE")
    screen.type("n")
    asked = number(screen.expect("(a) PART ONE"))
    screen.type("7")
    screen.expect("Wrong.", "(b) PART TWO")
    os.killpg(screen.process.pid, signal.SIGKILL)
    again = start()
    assert number(again.expect("GIVEN", "(a) PART ONE", "Wrong.", "(b) PART TWO")) == asked
    again.type("14")
    again.expect("Right for your own earlier answers")
    (answer,) = kept(tmp_path)
    assert (answer.answers, answer.verdicts) == ({"one": "7", "two": "14"}, {"one": "wrong", "two": "right"})


def test_the_summary_says_what_was_done_and_what_comes(bank: Path, start: Start) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("12")
    screen.expect("Right.")
    screen.enter()
    status, last = screen.end()
    assert status == 0
    assert "That is all for now" in last
    assert "1 answer in this session, 1 right." in last
    assert re.search(r"due on \d{4}-\d\d-\d\d at \d\d:\d\d", last)


def test_a_broken_family_is_left_out_with_a_reason(bank: Path, start: Start) -> None:
    one(bank)
    write(bank, "broken", '{"only": answer.Integer("right")}', "1 // 0")
    screen = start()
    screen.expect("kinds/broken cannot be asked", "ZeroDivisionError", "kinds/integer")


def test_what_is_not_there_any_more_is_told_and_kept(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("12")
    screen.expect("Right.")
    (bank / "kinds" / "integer.py").unlink()
    one(bank, "formula")
    start("--lang", "zh").expect("学习记录仍保留：kinds/integer", "已知")
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("name", ["integer", "text", "formula"])
def test_hostile_answers_are_judged_or_refused(bank: Path, start: Start, name: str) -> None:
    one(bank, name)
    screen = start()
    screen.expect("GIVEN")
    for row in hostile.CODE:
        if "\n" not in row.typed and row.typed.isprintable() and len(row.typed) < 500:
            screen.type(row.typed)
            shown = screen.expect()
            if "same again" in shown:
                screen.type("s")
                screen.expect("GIVEN")
    os.write(screen.master, b"\xff\xfe\xed\xa0\x80\n")  # no UTF-8
    screen.expect()
    os.write(screen.master, b"\x1b[A\t\x07\x1b[D\n")
    screen.expect()
    screen.type("q")
    assert screen.end()[0] == 0


# Lines.


@pytest.mark.parametrize(
    "text, shown",
    [
        ("one two three four", ["one two", "three four"]),
        ("12345678901234", ["123456789012", "34"]),
        ("- one two three", ["- one two", "  three"]),
        ("3. one two three", ["3. one two", "   three"]),
        ("  a", ["  a"]),
        ("", [""]),
        ("一二三四五六七八", ["一二三四五六", "七八"]),
        ("一二三四五六，八", ["一二三四五", "六，八"]),
        ("求输出 Y 的边长。", ["求输出 Y 的", "边长。"]),
        ("a\n\nb", ["a", "", "b"]),
    ],
)
def test_lines_are_broken_where_they_may_be(text: str, shown: list[str]) -> None:
    assert list(lines.wrapped(text, 12)) == shown
