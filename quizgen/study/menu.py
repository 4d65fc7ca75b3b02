"""What a learner can do in a terminal besides answering: practise in another way, look back, sit an exam."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from quizgen.errors import InputError, QuizgenError
from quizgen.study import names, planning, progress, ways
from quizgen.study.planning import Aim
from quizgen.study.screen import Screen
from quizgen.study.session import Session
from quizgen.study.sitting import Sitter
from quizgen.study.ways import Way

WORDS = ("due", "plan", "weak", "free", "exam", "statistics")
"""What can be chosen; each is also a word that can be typed where a question is asked."""


@dataclass(frozen=True)
class Menu:
    """The choices of one learner; ``areas`` are those to which the program is limited, none if it is not."""

    screen: Screen
    session: Session
    clock: Callable[[], datetime]
    areas: tuple[str, ...] = ()

    def choose(self) -> Way | None:
        """Lets the learner choose; None if that is to go on as before."""
        self.screen.print()
        words = self.screen.table("words")
        self.screen.list([(f"{n}.", f"{words[word]}: {self._about(word)}") for n, word in enumerate(WORDS, 1)])
        self.screen.say("menu.choose")
        word = self.meant(self.screen.key())
        return self.open(word) if word else None

    def meant(self, typed: str) -> str:
        """The choice that a number or a word stands for; none if there is no such."""
        numbers = {str(number): word for number, word in enumerate(WORDS, 1)}
        own = {self.screen.table("words")[word]: word for word in WORDS}
        return numbers.get(typed) or own.get(typed) or (typed if typed in WORDS else "")

    def open(self, word: str) -> Way | None:
        """What is behind a word: a way to practise, or something to look at, after which all goes on as before."""
        match word:
            case "plan":
                return self._plan()
            case "weak":
                return self._weak()
            case "free":
                return self._free()
            case "exam":
                Sitter(self.screen, self.session, self.clock).choose()
                return None
            case "statistics":
                progress.statistics_of(self.screen, self.session, self.clock(), self.areas)
                return None
        return Way("due", self.areas)

    def _about(self, word: str) -> str:
        return str(self.screen.table("menu")[word])

    # A plan.

    def _plan(self) -> Way | None:
        """The plan as it stands, which may be changed or dropped; a new one if there is none."""
        aim, found = planning.kept(self.session), ways.current(self.session, self.clock())
        if aim is None or found is None:
            return self._planned()
        progress.plan(self.screen, aim, found, self.clock())
        self.screen.say("plan.keys")
        match self.screen.key():
            case "c":
                return self._planned()
            case "d":
                planning.drop(self.session)
                self.screen.say("plan.dropped")
                return Way("due", self.areas)
        return Way("plan")

    def _planned(self) -> Way | None:
        """A plan that the learner makes; None if it is not made after all."""
        self.screen.say("plan.day")
        day = self.screen.read().strip()
        if not day:
            return None
        self.screen.say("plan.minutes")
        minutes = self.screen.read().strip()
        areas = self._chosen()
        try:
            aim = Aim(date.fromisoformat(day), int(minutes or planning.MINUTES), areas)
            planning.keep(self.session, aim, self.clock())
        except QuizgenError as error:
            self.screen.print(error.message)
            return None
        except ValueError:
            self.screen.say("plan.unread")
            return None
        found = ways.current(self.session, self.clock())
        assert found is not None
        progress.plan(self.screen, aim, found, self.clock())
        return Way("plan")

    # Weak spots, and free practice.

    def _weak(self) -> Way | None:
        progress.weak(self.screen, self.session, self.clock(), self.areas)
        return Way("weak", self.areas) if planning.weak_spots(self.session, self.clock(), self.areas) else None

    def _free(self) -> Way | None:
        areas = self._chosen()
        self.screen.say("free.levels")
        try:
            levels = ways.levels(self.screen.key())
        except InputError as error:
            self.screen.print(error.message)
            return None
        return Way("free", areas or self.areas, levels)

    def _chosen(self) -> tuple[str, ...]:
        """Areas chosen by their numbers; none stands for all."""
        known = list(dict.fromkeys(unit.area for unit in self.session.curriculum.units(self.areas)))
        if len(known) < 2:
            return tuple(known)
        self.screen.list([(f"{number}.", self._area(area)) for number, area in enumerate(known, 1)])
        self.screen.say("free.areas")
        return _picked(known, self.screen.key())

    def _area(self, area: str) -> str:
        return names.area(self.session.curriculum, area, self.screen.locale)


def _picked(known: Sequence[str], typed: str) -> tuple[str, ...]:
    """The areas whose numbers are typed."""
    numbers = {int(piece) for piece in typed.replace(",", " ").split() if piece.isdecimal()}
    return tuple(area for number, area in enumerate(known, 1) if number in numbers)
