"""Self-study through a pseudo-terminal, as a person sees it: 80 columns, no colour, both languages."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

from quizgen.study import lines
from tests.corpus import hostile
from tests.study.screens import KINDS, PAUSE, SAID, WRITTEN, Start, kept, marked, number, one, parts, write


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("kinds", [tuple(KINDS)[::2], tuple(KINDS)[1::2]], ids=lambda kinds: "-".join(kinds)[:20])
def test_every_kind_right_wrong_and_invalid(bank: Path, start: Start, kinds: tuple[str, ...], locale: str) -> None:
    right, wrong, invalid, _, key = SAID[locale]
    for name in kinds:
        write(bank, name, f'{{"only": {KINDS[name].answer}}}', KINDS[name].value, slips=name == "integer")
    screen = start("--lang", locale)
    for name in kinds:
        kind = KINDS[name]
        shown = screen.expect(f"Kinds · {name.capitalize()}")
        screen.type(marked(kind.invalid, shown))
        if kind.invalid.strip():
            assert "^" in screen.expect(invalid)
        screen.type(marked(kind.wrong, shown))
        refused = screen.expect(wrong)
        assert key not in refused
        assert not any(len(line) > 80 for line in refused.split("\n")), refused
        screen.type("s")
        shown = screen.expect(f"Kinds · {name.capitalize()}")
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
        shown = screen.expect("Kinds · Ordering")
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
        time.sleep(PAUSE)  # Python waits for a key only a moment after its prompt is shown, and hears no Ctrl-C before
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
    screen.expect("kinds/broken cannot be asked", "ZeroDivisionError", "Kinds · Integer")


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
