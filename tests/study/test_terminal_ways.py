"""Ways to practise through a pseudo-terminal: options, the menu, and what outlives a window that is killed."""

import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from tests.study.screens import Screen, Start, kept, number, one, parts, write
from tests.study.test_study_command import ROOT, practise, run

BLUEPRINT = """
title = {en = "A mock exam", zh = "模拟考试"}
online = {minutes = 10}
[[section]]
title = {en = "All", zh = "全部"}
[[section.question]]
id = "one"
family = "kinds/integer"
points = 4
[[section.question]]
id = "two"
family = "kinds/integer"
points = 6
"""


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "study.db"


def kill(screen: Screen) -> None:
    """Ends a session at once."""
    os.killpg(screen.process.pid, signal.SIGKILL)
    assert screen.end()[0] != 0


# What outlives a kill.


def test_a_second_try_survives_a_kill_and_does_not_count(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screen = start()
    asked = number(screen.expect("GIVEN"))
    screen.type("13")
    screen.expect("Wrong.")
    screen.type("s")
    screen.expect("GIVEN")
    kill(screen)
    again = start()
    assert number(again.expect("GIVEN")) == asked
    again.type("12")
    again.expect("Right.")
    assert [(answer.counts, answer.rating) for answer in kept(tmp_path)] == [(True, "again"), (False, "good")]


def test_a_question_that_was_answered_is_not_asked_again_after_a_kill(bank: Path, start: Start) -> None:
    one(bank)
    write(bank, "other", '{"only": answer.Integer("right")}', "12")
    screen = start()
    asked = number(screen.expect("GIVEN"))
    screen.type("13")
    screen.expect("Wrong.")
    kill(screen)
    assert number(start().expect("GIVEN")) != asked


def test_hints_and_another_like_this_survive_a_kill(bank: Path, start: Start, tmp_path: Path) -> None:
    parts(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("n")
    asked = number(screen.expect("GIVEN"))
    screen.type("?")
    screen.expect("(b) PART TWO")
    kill(screen)
    again = start()
    assert number(again.expect("GIVEN", "Unknown.", "(b) PART TWO")) == asked
    again.type("12")
    again.expect("Right.")
    (answer,) = kept(tmp_path)
    assert answer.verdicts == {"two": "right"}


# The menu.


def test_the_menu_leads_to_statistics_and_back_to_the_question(bank: Path, start: Start) -> None:
    one(bank)
    screen = start()
    asked = number(screen.expect("GIVEN", "m menu"))
    screen.type("m")
    screen.expect("1. due", "6. statistics", "Which?")
    screen.type("6")
    assert number(screen.expect("Nothing has been answered yet.", "GIVEN")) == asked
    screen.type("13")
    screen.expect("Wrong.")
    screen.type("statistics")
    screen.expect("Practised on 1 day", "Kinds", "Integer", "SLIP", "Answers on each", "Reviews")
    screen.type("m")
    screen.expect("Which?")
    screen.type("")
    screen.expect("Enter solution")


def test_words_of_the_menu_are_answers_where_they_can_be(bank: Path, start: Start) -> None:
    one(bank, "text")
    screen = start()
    screen.expect(":m menu")
    screen.type("plan")
    screen.expect("Wrong.")
    screen.type("s")
    screen.expect("GIVEN")
    screen.type(":计划")
    screen.type(":plan")
    screen.expect("On which day is the exam?")


def test_the_menu_turns_to_weak_spots_and_to_free_practice(bank: Path, start: Start) -> None:
    one(bank)
    write(bank, "other", '{"only": answer.Integer("right")}', "12")
    screen = start()
    screen.expect("GIVEN")
    screen.type("13")
    screen.expect("Wrong.")
    screen.type("weak")
    screen.expect("SLIP", "Weak spots: 0 more", "GIVEN")
    screen.type("12")
    screen.expect("Right.")
    screen.type("free")
    screen.expect("Which levels")
    screen.type("1")
    screen.expect("Free practice: 1 more question", "GIVEN")


# Options.


def test_a_plan_is_kept_for_next_time(bank: Path, start: Start) -> None:
    one(bank)
    day = (datetime.now(UTC).astimezone() + timedelta(days=20)).date()
    screen = start("--exam", str(day), "--minutes", "30")
    screen.expect(f"Exam on {day}, in 20 days; 30 minutes a day.", "0 of 1 ready", "Plan: 1 question left", "GIVEN")
    kill(screen)
    again = Screen(bank, bank.parent / "study.db", "--areas", "")  # areas belong to the plan
    again.expect(f"Exam on {day}", "Plan:")
    again.type("12")
    again.expect("Right.")
    again.enter()
    status, last = again.end()
    again.close()
    assert status == 0
    assert "The plan for today is done." in last


def test_weak_spots_end_when_each_had_its_turn(bank: Path, start: Start) -> None:
    one(bank)
    screen = start("--weak")
    status, last = screen.end()
    assert status == 0
    assert "There are no weak spots" in last
    screen = start()
    screen.expect("GIVEN")
    screen.type("13")
    screen.expect("Wrong.")
    kill(screen)
    screen = start("--weak", "--lang", "zh")
    screen.expect("1 次", "弱点：还有 0 个")
    screen.type("12")
    screen.expect("正确")
    screen.enter()
    assert "所有弱点都练过一遍了。" in screen.end()[1]


def test_free_practice_asks_what_is_not_due(bank: Path, start: Start) -> None:
    one(bank)
    screen = start()
    screen.expect("GIVEN")
    screen.type("12")
    screen.expect("Right.")
    kill(screen)
    start("--levels", "1-2").expect("Free practice: 0 more questions", "GIVEN")


def test_time_counts_where_that_is_wanted(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    screen = start("--time-counts")
    screen.expect("GIVEN")
    screen.type("12")
    screen.expect("Right.")
    (answer,) = kept(tmp_path)
    assert answer.seconds is not None
    assert 0 <= answer.seconds < 15


def test_an_exam_survives_a_kill(bank: Path, start: Start, tmp_path: Path) -> None:
    one(bank)
    (tmp_path / "mock.toml").write_text(BLUEPRINT, encoding="utf-8")
    screen = start("--mock", str(tmp_path / "mock.toml"))
    screen.expect("A mock exam", "2 questions, 10 minutes", "Enter begins")
    screen.type("")
    screen.expect("Question 1 of 2", "4 points", "10 minutes left", "All", "GIVEN")
    screen.type("twelve")
    screen.expect("costs nothing", "^")
    screen.type("13")
    assert "Wrong" not in screen.expect("Question 2 of 2")
    kill(screen)
    again = start("--lang", "zh")  # whoever starts comes back to it
    again.expect("模拟考试", "第 2 题，共 2 题")
    again.type("12")
    again.expect("1. 已答", "2. 已答")
    again.type("end")
    again.expect("得分 6，满分 10。")
    again.type("1")
    again.expect("理解为：13", "SLIP")
    assert {str(answer.credit) for answer in kept(tmp_path)} == {"0", "1"}
    again.type("")
    assert "目前的题目都做完了。" in again.end()[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--minutes", "30"], "--minutes: expected the day of the exam as well"),
        (["--exam", "tomorrow"], "--exam: expected a day such as 2026-12-18, got 'tomorrow'"),
        (["--exam", "2001-01-01"], "--exam: expected a day from today"),
        (["--exam", "9999-12-31"], "--exam: expected a day from today"),
        (["--exam", "2026-12-18", "--weak"], "--exam and --weak: expected one of these at a time"),
        (["--weak", "--levels", "1"], "--weak and --levels: expected one of these at a time"),
        (["--levels", "9"], "expected levels from 1 to 5"),
        (["--mock", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--mock", "README.md"], "README.md"),
    ],
)
def test_options_that_do_not_go_are_refused_in_one_line(db: Path, options: list[str], said: str) -> None:
    ran = practise(db, *options)
    assert ran.status == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--weak"], "Weak spots"),
        (["--exam", "{day}", "--areas", "attention"], "{day.year}"),
        (["--levels", "2", "--areas", "convolution"], "Convolution"),
        (["--mock", "banks/exams/deep-learning-final.toml"], "Deep Learning: final exam"),
    ],
)
def test_the_browser_begins_with_what_was_asked_for(db: Path, options: list[str], said: str) -> None:
    day = datetime.now(UTC).date() + timedelta(days=9)
    command = [sys.executable, "-m", "quizgen", "study", "--db", str(db), "--port", "0", "--no-browser", "--lang", "en"]
    with subprocess.Popen(
        [*command, *(option.format(day=day) for option in options)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        try:
            address = re.search(r"http://\S+", running.stdout.readline())
            assert address
            page = httpx2.get(address[0])
        finally:
            running.terminate()
    assert page.status_code == 200
    assert said.format(day=day) in page.text


def test_too_few_minutes_are_refused(db: Path) -> None:
    ran = practise(db, "--exam", f"{datetime.now(UTC).date() + timedelta(days=9)}", "--minutes", "1")
    assert ran.status == 2
    assert "--minutes: expected 5 to 600 minutes a day, got 1" in ran.err


def test_statistics_are_a_command(db: Path) -> None:
    practise(db)
    shown = run("statistics", "--db", db, "--lang", "en", "--areas", "convolution")
    assert shown.status == 0
    assert "Practised on 1 day" in shown.out
    assert re.search(r"^Convolution +1/\d+ ", shown.out, re.MULTILINE)
    assert "Attention" not in shown.out
    assert "共练习 1 天" in run("--db", db, "statistics", "--lang", "zh").out
    assert "unknown learner 'Bo'" in run("statistics", "--db", db, "--learner", "Bo").err
    assert run("statistics", "--db", db, "--areas", "convolutions").status == 2
