"""Ways to practise, the menu, and exams in a terminal: without a terminal, with a clock that can be set."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.study import curriculum, mock, planning, progress, ways
from quizgen.study.menu import WORDS, Menu
from quizgen.study.planning import Aim
from quizgen.study.screen import Screen, bar
from quizgen.study.session import Session
from quizgen.study.sitting import Sitter
from quizgen.study.store import Store
from quizgen.study.terminal import Terminal
from quizgen.study.ways import Way
from tests.study.answered import answer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
COURSE = curriculum.read(Bank())
SIDE = "convolution/output_side"
BLUEPRINT = b"""
title = {en = "A mock exam", zh = "\xe6\xa8\xa1\xe6\x8b\x9f\xe8\x80\x83\xe8\xaf\x95"}
[online]
minutes = 10
[[section]]
title = {en = "All", zh = "All"}
[[section.question]]
id = "side"
family = "convolution/output_side"
points = 4
[[section.question]]
id = "parts"
family = "convolution/depthwise_separable"
points = 6
"""


class Typist:
    """A learner at a terminal who types what is written down, at a time that can be set; ``text`` is what is shown."""

    def __init__(self, session: Session, locale: str = "en") -> None:
        self.session = session
        self.now = NOW
        self.lines: list[str] = []
        self.shown = StringIO()
        self.screen = Screen(locale, Console(file=self.shown, width=80), self.read)
        self.menu = Menu(self.screen, session, lambda: self.now)
        self.sitter = Sitter(self.screen, session, lambda: self.now)

    def read(self, prompt: str) -> str:
        """The next line; a line with a clock before it comes so many minutes later."""
        if not self.lines:
            raise EOFError
        line = self.lines.pop(0)
        if line.startswith("@"):
            minutes, _, line = line[1:].partition(" ")
            self.now += timedelta(minutes=int(minutes))
        self.shown.write(f"{prompt}\n")
        return line

    @property
    def text(self) -> str:
        return self.shown.getvalue()


@pytest.fixture
def session() -> Iterator[Session]:
    with Store("sqlite://") as store:
        yield Session(store, "Ann", COURSE)


@pytest.fixture
def typist(session: Session) -> Typist:
    return Typist(session)


def slip(session: Session, name: str = SIDE) -> str:
    """Answers a question with the first mistake that its family knows: the mistake's name."""
    unit = COURSE.unit(name)
    assert unit is not None
    question = session.ask(unit)
    right = {part.name: part.key.notations(part.key.right)[0] for part in question.item.parts}
    part = question.item.parts[0]
    session.answer(question, right | {part.name: part.key.notations(part.mistakes[0].value)[0]}, NOW)
    return part.mistakes[0].name


# What comes.


def test_what_is_due_comes_before_what_is_new(session: Session) -> None:
    slip(session)
    later = NOW + timedelta(hours=1)
    agenda = session.agenda(later, ["convolution"])
    coming = ways.coming(session, Way("due", ("convolution",)), later)
    assert [found.id for found in coming] == [unit.id for unit in (*agenda.due, *agenda.new)]
    assert coming[0].id == SIDE
    assert coming[0].ask().unit.id == SIDE


def test_a_plan_says_what_comes_until_the_exam_is_over(session: Session) -> None:
    assert ways.coming(session, Way("plan"), NOW) == []
    planning.keep(session, Aim(NOW.date() + timedelta(days=9), 20, ("attention",)), NOW)
    coming = ways.coming(session, Way("plan"), NOW)
    assert coming
    assert {found.id.partition("/")[0] for found in coming} == {"attention"}
    assert sum(found.minutes for found in coming[:-1]) < 20
    assert ways.current(session, NOW + timedelta(days=10)) is None
    assert ways.coming(session, Way("plan"), NOW + timedelta(days=10)) == []


def test_a_weak_spot_is_a_question_in_which_the_mistake_can_be_made(session: Session) -> None:
    assert ways.coming(session, Way("weak"), NOW) == []
    mistake = slip(session)
    (found,) = ways.coming(session, Way("weak"), NOW)
    assert mistake in {one.name for one in found.ask().item.parts[0].mistakes}
    assert ways.coming(session, Way("weak", ("attention",)), NOW) == []


def test_free_practice_is_of_some_areas_and_levels(session: Session) -> None:
    coming = ways.coming(session, Way("free", ("convolution", "attention"), (2, 3)), NOW)
    units = COURSE.units(("convolution", "attention"), (2, 3))
    assert {found.id for found in coming} == {unit.id for unit in units}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("", ()), ("2", (2,)), ("1-3", (1, 2, 3)), ("4,1", (1, 4)), ("1 2，5", (1, 2, 5)), ("5-5", (5,))],
)
def test_levels_are_read(typed: str, meant: tuple[int, ...]) -> None:
    assert ways.levels(typed) == meant


@pytest.mark.parametrize("typed", ["0", "6", "x", "1-9", "3-1", "-", "1-2-3", "½"])
def test_what_is_no_level_is_refused(typed: str) -> None:
    with pytest.raises(InputError, match="expected levels from 1 to 5"):
        ways.levels(typed)


# The menu.


def test_every_word_of_the_menu_is_shown_and_meant_in_both_languages(typist: Typist) -> None:
    for locale, word in (("en", "weak"), ("zh", "弱点")):
        typist.screen.locale = locale
        typist.lines = [""]
        assert typist.menu.choose() is None
        for own in typist.screen.table("words").values():
            assert f"{own}: " in typist.text
        assert typist.menu.meant(word) == typist.menu.meant("3") == typist.menu.meant("weak") == "weak"
        assert [typist.menu.meant(word) for word in (*WORDS, "7", "0", "x", "")] == [*WORDS, "", "", "", ""]


def test_a_plan_is_made_shown_changed_and_dropped(typist: Typist) -> None:
    day = NOW.date() + timedelta(days=12)
    typist.lines = [str(day), "30", "1 3"]
    assert typist.menu.open("plan") == Way("plan")
    assert planning.kept(typist.session) == Aim(day, 30, tuple(COURSE.order[place] for place in (0, 2)))
    assert "in 12 days; 30 minutes a day" in typist.text
    assert " ready" in typist.text
    typist.lines = [""]
    assert typist.menu.open("plan") == Way("plan")
    typist.lines = ["c", str(day), "", ""]
    assert typist.menu.open("plan") == Way("plan")
    assert planning.kept(typist.session) == Aim(day, 45)
    typist.lines = ["d"]
    assert typist.menu.open("plan") == Way("due")
    assert planning.kept(typist.session) is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([""], ""),
        (["tomorrow", "", ""], "no day"),
        (["2026-12-24", "many", ""], "no number"),
        (["2026-11-20", "", ""], "expected a day from today"),
        (["2026-12-24", "2", ""], "minutes a day, got 2"),
    ],
)
def test_what_is_no_plan_changes_nothing(typist: Typist, lines: list[str], said: str) -> None:
    typist.lines = lines
    assert typist.menu.open("plan") is None
    assert said in typist.text
    assert planning.kept(typist.session) is None


def test_too_little_time_is_told(typist: Typist) -> None:
    typist.lines = ["2026-11-23", "5", ""]
    typist.menu.open("plan")
    assert "does not suffice for each to be seen once" in typist.text


def test_weak_spots_are_said_in_words(typist: Typist) -> None:
    assert typist.menu.open("weak") is None
    assert "There are no weak spots" in typist.text
    mistake = slip(typist.session)
    assert typist.menu.open("weak") == Way("weak")
    assert "1×" in typist.text
    assert mistake not in typist.text


def test_free_practice_is_chosen_by_number(typist: Typist) -> None:
    typist.lines = ["2", "1-3"]
    assert typist.menu.open("free") == Way("free", (COURSE.order[1],), (1, 2, 3))
    typist.lines = ["", "9"]
    assert typist.menu.open("free") is None
    assert "expected levels" in typist.text


# The terminal.


@pytest.mark.parametrize(("counts", "minutes", "rating"), [(True, 60, "hard"), (True, 1, "good"), (False, 60, "good")])
def test_time_counts_only_where_the_learner_wants_it(counts: bool, minutes: int, rating: str) -> None:
    with Store("sqlite://") as store:
        typist = Typist(Session(store, "Ann", COURSE, time_counts=counts))
        unit = COURSE.units()[0]
        part = typist.session.ask(unit).item.parts[0]
        typist.lines = [f"@{minutes} {part.key.notations(part.key.right)[0]}", "q"]
        Terminal(typist.session, lambda: typist.now, typist.screen, Way("due")).run()
        ((_, kept),) = store.answers(typist.session.learner)
        assert (str(kept.credit), kept.seconds, kept.rating) == ("1", 60 * minutes, rating)


def test_a_clock_that_is_set_back_between_question_and_answer_is_no_time(typist: Typist) -> None:
    part = typist.session.ask(COURSE.units()[0]).item.parts[0]
    typist.lines = [f"@-600 {part.key.notations(part.key.right)[0]}", "q"]
    Terminal(typist.session, lambda: typist.now, typist.screen, Way("due")).run()
    ((_, kept),) = typist.session.store.answers(typist.session.learner)
    assert kept.seconds == 0


# Statistics.


def test_statistics_have_tables_and_plots_of_plain_signs(typist: Typist) -> None:
    progress.statistics_of(typist.screen, typist.session, NOW)
    assert "Nothing has been answered yet." in typist.text
    slip(typist.session)
    typist.session.store.record(typist.session.learner, answer(1, "gone/gone", at=NOW - timedelta(days=1)))
    typist.menu.open("statistics")
    shown = typist.text
    assert "Practised on 2 days; in a row: 2 now, 2 at most." in shown
    (row,) = [line for line in shown.splitlines() if "Size of the output" in line and "1/1" in line]
    assert row.split()[-4:-1] == ["##########", "100%", "1"]
    assert "  11-20 " in shown
    assert f"  11-21 {'#' * 40} 1" in shown
    assert max(map(len, shown.splitlines())) <= 80
    typist.screen.locale = "zh"
    typist.menu.open("statistics")
    assert "共练习 2 天" in typist.text


def test_a_bar_is_never_longer_than_its_place() -> None:
    assert [bar(share, 4) for share in (-1, 0, 0.5, 1, 7)] == ["----", "----", "##--", "####", "####"]


# Exams.


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mock.toml"
    path.write_bytes(BLUEPRINT)
    return path


def rights(session: Session) -> list[str]:
    """The right answers of the exam that is being sat, part by part."""
    found = mock.current(session)
    assert found is not None
    return [part.key.notations(part.key.right)[0] for place in found.places for part in place.task.item.parts]


def begun(typist: Typist, file: Path) -> list[str]:
    """An exam begun and left at once: its right answers."""
    typist.lines = ["", ":q"]
    typist.sitter.begin(file)
    return rights(typist.session)


def test_an_exam_is_sat_and_its_verdicts_come_at_the_end(typist: Typist, file: Path) -> None:
    side, *parts = begun(typist, file)
    typist.lines = [side, *parts, "end", "1", ""]
    typist.sitter.resume()
    assert "10 of 10 points." in typist.text
    before, _, after = typist.text.partition("Results")
    assert "Right." not in before
    assert "Right." in after
    assert mock.current(typist.session) is None
    assert [kept.credit for _, kept in typist.session.store.answers(typist.session.learner)] == [1, 1]


def test_in_an_exam_one_goes_back_and_forth_and_a_new_answer_replaces_the_old(typist: Typist, file: Path) -> None:
    side, *_ = begun(typist, file)
    typist.lines = ["1", ":b", "2", ":1", side, ":o", ":l", ":end", ""]
    typist.sitter.resume()
    assert "Your answer: 1. A new one replaces it" in typist.text
    assert "Your answer: 2." in typist.text
    assert "  1. answered\n  2. not answered\n" in typist.text
    (first, *_) = [kept for _, kept in typist.session.store.answers(typist.session.learner) if kept.unit == SIDE]
    assert (first.answers, str(first.credit)) == ({"side": side}, "1")


def test_an_empty_line_leaves_a_part_for_later_and_what_cannot_be_read_costs_nothing(
    typist: Typist, file: Path
) -> None:
    begun(typist, file)
    typist.lines = ["banana", "", "", "", "", "q"]
    typist.sitter.resume()
    assert "costs nothing" in typist.text
    found = mock.current(typist.session)
    assert found is not None
    assert found.sitting.typed == {}
    assert "not answered" in typist.text


def test_whoever_is_cut_off_goes_on_where_it_was(session: Session, file: Path) -> None:
    first = Typist(session)
    begun(first, file)
    first.lines = ["7"]
    with pytest.raises(EOFError):
        first.sitter.resume()
    again = Typist(session)
    again.lines = [":q"]
    again.sitter.resume()
    assert "Question 2 of 2" in again.text
    again.lines = [":1", ":q"]
    again.sitter.resume()
    assert "Your answer: 7." in again.text


def test_when_the_time_is_over_the_line_does_not_count(typist: Typist, file: Path) -> None:
    side, *_ = begun(typist, file)
    typist.lines = [f"@9 {side}", "@2 3", ""]
    typist.sitter.resume()
    assert "1 minute left" in typist.text
    assert "This line does not count" in typist.text
    assert "4 of 10 points." in typist.text


def test_an_exam_whose_time_ran_out_meanwhile_is_marked(typist: Typist, file: Path) -> None:
    begun(typist, file)
    typist.now += timedelta(days=1)
    typist.lines = [""]
    typist.sitter.resume()
    assert "The time of this exam is over." in typist.text
    assert "0 of 10 points." in typist.text
    assert mock.current(typist.session) is None


def test_an_exam_is_chosen_by_number_or_by_file(typist: Typist, file: Path) -> None:
    typist.lines = [""]
    typist.sitter.choose()
    assert "1. Deep Learning" in typist.text
    assert "final exam (12 questions, 120 minutes)" in typist.text
    typist.lines = ["/nowhere.toml"]
    typist.sitter.choose()
    assert "cannot be sat: /nowhere.toml" in typist.text
    typist.lines = [str(file), "", ":q"]
    typist.sitter.choose()
    assert "A mock exam" in typist.text
    assert mock.current(typist.session) is not None


def test_the_clock_runs_only_when_the_rules_have_been_read(typist: Typist, file: Path) -> None:
    typist.lines = [str(file), "x", "2", "@7 ", ":q"]
    typist.sitter.choose()
    assert "A mock exam (2 questions, 10 minutes)" in typist.text
    assert "Enter begins" in typist.text
    assert mock.current(typist.session) is None
    typist.sitter.choose()
    assert "A pocket calculator" in typist.text
    assert "120 minutes left" in typist.text


def test_an_exam_that_was_sat_can_be_looked_at_again(typist: Typist, file: Path) -> None:
    side, *_ = begun(typist, file)
    typist.lines = [side, ":end", "", "4", "1", ""]
    typist.sitter.resume()
    typist.sitter.choose()
    assert "4. Sat on 2026-11-21: mock.toml, 4 of 10 points." in typist.text
    assert "Right." in typist.text.partition("Which exam?")[2]


def test_without_an_exam_there_is_nothing_to_resume(typist: Typist) -> None:
    typist.sitter.resume()
    assert typist.text == ""


def test_a_damaged_exam_is_told_and_another_can_be_chosen(typist: Typist, file: Path) -> None:
    typist.session.store.keep_note(typist.session.learner, mock.KEPT, "nonsense")
    typist.session.store.keep_note(typist.session.learner, mock.PAST, "nonsense")
    typist.sitter.resume()
    assert "This exam cannot be sat: " in typist.text
    typist.lines = [str(file), "", ":end", ""]
    typist.sitter.choose()
    assert "0 of 10 points." in typist.text


def test_an_exam_whose_family_is_gone_is_told_and_another_can_be_chosen(typist: Typist, file: Path) -> None:
    begun(typist, file)
    gone = mock.Sitting(BLUEPRINT.replace(b"output_side", b"was_there"), "mock.toml", 1, NOW)
    typist.session.store.keep_note(typist.session.learner, mock.KEPT, msgspec.json.encode(gone).decode())
    typist.sitter.resume()
    assert "This exam cannot be sat" in typist.text
    assert "was_there" in typist.text
    typist.lines = [str(file), "", ":q"]
    typist.sitter.choose()
    assert "Question 1 of 2" in typist.text
