"""An exam in a terminal: questions against a clock, in any order, with the verdicts at the end.

Every line is kept when it is typed. Whoever leaves, or is cut off, comes back to the same exam while its time runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from quizgen import answers, markup
from quizgen.errors import QuizgenError
from quizgen.study import inputs, mock, paper
from quizgen.study.inputs import Field, Grid
from quizgen.study.mock import About, Marked, Mock, Place, Result, Sitting, TimeOver
from quizgen.study.paper import Paper
from quizgen.study.screen import Screen, key
from quizgen.study.session import Session
from quizgen.study.sheet import Complaint
from quizgen.values import Part, Verdict


class HandedIn(Exception):
    """The learner is done, or the time is over."""


class Away(Exception):
    """The learner goes away for a while; the clock runs on."""


@dataclass(frozen=True)
class Sitter:
    """A learner who sits an exam at a terminal."""

    screen: Screen
    session: Session
    clock: Callable[[], datetime]

    def resume(self) -> None:
        """The exam that has begun, if there is one."""
        if self.session.store.note(self.session.learner, mock.KEPT) is not None:
            self.choose(begun=True)

    def choose(self, begun: bool = False) -> None:
        """The exam that has ``begun``, else one that the learner chooses."""
        found = self._tried(lambda: mock.current(self.session))
        if found is None and not begun:
            found = self._tried(self._chosen)
        if found is not None:
            self.sit(found)

    def _tried(self, find: Callable[[], Mock | None]) -> Mock | None:
        """An exam, if it can be sat."""
        try:
            return find()
        except QuizgenError as error:
            self.screen.say("exam.failed", why=error)
            return None

    def begin(self, file: Path) -> None:
        """An exam of a blueprint; the one that has begun, if there is one. Raises InputError."""
        found = mock.current(self.session)
        if found is not None:
            self.screen.say("exam.goes_on")
        found = found or self._begun(mock.read(self.session.curriculum, file))
        if found is not None:
            self.sit(found)

    def _chosen(self) -> Mock | None:
        """An exam that begins now; None if the learner wants none."""
        offered, past = mock.offered(self.session.curriculum), mock.past(self.session)
        lines = [*map(self._about, offered), *map(self._sat, past)]
        self.screen.list([(f"{number}.", line) for number, line in enumerate(lines, 1)])
        self.screen.say("exam.choose")
        typed = self.screen.read().strip()
        if not typed:
            return None
        at = int(typed) - 1 if typed.isdecimal() else -1
        if len(offered) <= at < len(lines):
            self._results(mock.result(self.session, past[at - len(offered)].number))
            return None
        return self._begun(offered[at] if 0 <= at < len(offered) else mock.read(self.session.curriculum, Path(typed)))

    def _begun(self, about: About) -> Mock | None:
        """An exam whose clock begins to run when its rules have been read; None if the learner does not want it."""
        self.screen.print()
        self.screen.print(self._about(about), style="bold")
        instructions = self.screen.own(about.instructions)
        self.screen.document(markup.parse(instructions, about.name) if instructions else None)
        self.screen.say("exam.rules")
        self.screen.say("exam.begin")
        if self.screen.key():
            return None
        return mock.begin(self.session, about.source, about.name, self.clock())

    def _about(self, about: About) -> str:
        words = self.screen.phrase("exam.about", n=about.questions, minutes=about.minutes)
        return f"{self.screen.own(about.title)} ({words})"

    def _sat(self, sitting: Sitting) -> str:
        there = sitting.begun.astimezone(self.clock().tzinfo)
        points = self.screen.phrase("exam.sum", points=sitting.points, total=sitting.total)
        return self.screen.phrase("exam.sat", date=there.date(), name=sitting.name, points=points)

    # The exam.

    def sit(self, found: Mock) -> None:
        """Goes on with an exam until it is handed in, or left."""
        self.screen.print()
        self.screen.print(self.screen.own(found.title), style="bold")
        if self._is_over(found):
            self.screen.say("exam.ended")
            return self._results(mock.finish(self.session, found, self.clock()))
        number = next((n for n, place in enumerate(found.places) if not _typed(found, place)), 0)
        try:
            while True:
                found, number = self._at(found, number)
        except (HandedIn, TimeOver):
            self._results(mock.finish(self.session, found, self.clock()))
        except Away:
            self.screen.say("exam.left", minutes=_minutes(found, self.clock()))

    def _is_over(self, found: Mock) -> bool:
        return found.sitting.ended is not None or not found.left(self.clock())

    def _at(self, found: Mock, number: int) -> tuple[Mock, int]:
        """One question: the exam after it, and the number of the one that comes next."""
        if number >= len(found.places):
            return found, self._overview(found)
        place = found.places[number]
        asked = self._paper(place)
        self._head(found, number)
        if place.title:
            self.screen.print(self.screen.own(place.title), style="bold")
        if place.stem is not None:
            self.screen.print(self.screen.own(place.stem))
        self.screen.document(asked.words.prompt())
        for part in place.task.item.parts:
            asked.ask(part)
            found, onward = self._part(found, place, asked, part, number)
            if onward is not None:
                return found, onward
        return found, number + 1

    def _head(self, found: Mock, number: int) -> None:
        place = found.places[number]
        head = self.screen.phrase("exam.head", number=number + 1, all=len(found.places))
        points = self.screen.phrase("exam.points", n=place.task.total)
        self.screen.print()
        self.screen.rule(f"{head} · {points} · {self._time(found)}")
        self.screen.menu(list(self.screen.table("exam_keys").values()))

    def _time(self, found: Mock) -> str:
        return self.screen.phrase("exam.time", n=_minutes(found, self.clock()))

    def _part(self, found: Mock, place: Place, asked: Paper, part: Part, number: int) -> tuple[Mock, int | None]:
        """One part: the exam after it, and the number of another question, if the learner goes there."""
        before = _typed(found, place).get(part.name, "")
        if before:
            is_text = isinstance(asked.input(part), Field | Grid)
            self.screen.say("exam.before", answer=before if is_text else self.screen.phrase("exam.chosen"))
        rows: list[str] = []
        while True:
            line = self.screen.read(asked.prompt(part, rows))
            if self._is_over(found):
                self.screen.say("exam.over")
                raise HandedIn
            onward = self._onward(found, key(line), number)
            if onward is not None:
                return found, onward
            if not line.strip() and not rows:  # left for later, or as it was
                return found, None
            rows, line = asked.gathered(part, rows, line)
            if not line.strip():
                continue
            try:
                typed = _read(asked, part, line)
            except answers.Unreadable as error:
                asked.complain(Complaint(line, Verdict(verdict="invalid", notes=(error.code,), span=error.span)))
                continue
            return mock.answer(self.session, found, place.slot, {part.name: typed}, self.clock()), None

    def _onward(self, found: Mock, word: str, number: int) -> int | None:
        """Where a command leads; None for what is none. Raises HandedIn and Away."""
        if not word.startswith(":"):
            return None
        word = word[1:].strip()
        if word.isdecimal() and 1 <= int(word) <= len(found.places):
            return int(word) - 1
        match word:
            case "b":
                return max(0, number - 1)
            case "n":
                return number + 1
            case "o":
                return len(found.places)
            case "l":
                self.screen.switch()
                return number
            case "end":
                raise HandedIn
            case "q":
                raise Away
        return None

    def _overview(self, found: Mock) -> int:
        """What is answered and what is not: the question that comes next. Raises HandedIn and Away."""
        self.screen.print()
        self.screen.rule(self._time(found))
        entries = [(f"{n}.", self._state(found, place)) for n, place in enumerate(found.places, 1)]
        self.screen.list(entries)
        self.screen.say("exam.hand_in")
        word = self.screen.key()
        if self._is_over(found):
            raise HandedIn
        onward = self._onward(found, f":{word.removeprefix(':')}", len(found.places))
        return len(found.places) if onward is None else min(onward, len(found.places))

    def _state(self, found: Mock, place: Place) -> str:
        given, parts = _typed(found, place), place.task.item.parts
        state = "all" if len(given) == len(parts) else "some" if given else "none"
        return self.screen.phrase(f"exam.answered_{state}")

    # The verdicts.

    def _results(self, result: Result) -> None:
        """The points, then each question as far as the learner wants to see it."""
        self.screen.print()
        self.screen.rule(self.screen.phrase("exam.results"))
        heads = [self.screen.phrase("exam.question"), self.screen.phrase("exam.of_points")]
        rows = [[f"{n}.", self._points(entry)] for n, entry in enumerate(result.marked, 1)]
        self.screen.columns([heads, *rows], numbers=1)
        self.screen.say("exam.sum", points=written(result.points), total=written(result.total))
        while True:
            self.screen.say("exam.look")
            typed = self.screen.key().removeprefix(":")
            if not typed or typed == "q":
                return
            if typed.isdecimal() and 1 <= int(typed) <= len(result.marked):
                self._look(result.marked[int(typed) - 1])

    def _points(self, entry: Marked) -> str:
        if entry.points is None:
            return self.screen.phrase("exam.unmarked")
        return f"{written(entry.points)} / {written(entry.place.task.total)}"

    def _look(self, entry: Marked) -> None:
        """One question with the verdict on each part, and the solution."""
        asked = self._paper(entry.place)
        self.screen.print()
        self.screen.document(asked.words.prompt())
        for part in entry.place.task.item.parts:
            self.screen.document(asked.words.ask(part), asked.label(part))
            if part.name in entry.typed:
                asked.judged(part, entry.grades[part.name], entry.typed[part.name])
            else:
                self.screen.say("exam.answered_none")
        asked.solve(entry.place.task.item.parts, asked.words.steps())

    def _paper(self, place: Place) -> Paper:
        task = place.task
        return paper.on(self.screen, task.item, task.asked, self.session.curriculum.bank.templates)


def _read(asked: Paper, part: Part, line: str) -> str:
    """What grading reads of a line. Raises Unreadable, which costs nothing."""
    typed = inputs.text(part, asked.asking(part), line)
    if not asked.reads(part, line):
        answers.read(part.key, typed)
    return typed


def _typed(found: Mock, place: Place) -> dict[str, str]:
    return found.sitting.typed.get(place.slot, {})


def _minutes(found: Mock, now: datetime) -> int:
    """Minutes that are left, begun ones too."""
    return -int(-found.left(now).total_seconds() // 60)


def written(points: object) -> str:
    """Points as they are written: 3, or 3/4."""
    return str(points)
