"""One learner at work: what to ask next, how it was answered, when it comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

import msgspec

from quizgen import asking, grading
from quizgen.errors import InputError
from quizgen.randomness import Stream
from quizgen.study import schedule
from quizgen.study.curriculum import Curriculum, Unit
from quizgen.study.schedule import Card, Rating
from quizgen.study.store import Answer, Store
from quizgen.values import Asked, Grade, Item, Response, plain

NEW_A_DAY = 10
"""Units that a learner meets for the first time in one day, unless more are wanted."""
OPTIONS = 4


@dataclass(frozen=True)
class Question:
    """A unit with fresh numbers, as it is asked."""

    unit: Unit
    item: Item
    asked: tuple[Asked, ...]
    is_new: bool


@dataclass(frozen=True)
class Outcome:
    """What came of an answer; ``number`` is that under which it is kept."""

    number: int
    grades: Mapping[str, Grade]
    credit: Fraction
    rating: Rating
    card: Card


@dataclass(frozen=True)
class Agenda:
    """What there is to do: units that are due, the longest overdue first, and new ones for today, in their order."""

    due: tuple[Unit, ...]
    new: tuple[Unit, ...]

    def first(self) -> Unit | None:
        """What comes next; None if everything is done for now."""
        return next(iter((*self.due, *self.new)), None)


class Session:
    """A learner with a store and a curriculum. Every method that needs the time is given it."""

    def __init__(self, store: Store, learner: str, curriculum: Curriculum, new_a_day: int = NEW_A_DAY) -> None:
        self.store = store
        self.name = learner
        self.learner = store.learner(learner)
        self.curriculum = curriculum
        self.new_a_day = new_a_day

    def agenda(self, now: datetime, areas: Sequence[str] = ()) -> Agenda:
        """What is due, and what is new today, in all areas or in some."""
        cards = self.store.cards(self.learner)
        units = self.curriculum.units(areas)
        due = [unit for unit in units if unit.id in cards and cards[unit.id].due <= now]
        unseen = [unit for unit in units if unit.id not in cards]
        return Agenda(
            due=tuple(sorted(due, key=lambda unit: (cards[unit.id].due, unit.id))),
            new=tuple(unseen[: max(0, self.new_a_day - self._met(now))]),
        )

    def ask(self, unit: Unit) -> Question:
        """A question of a unit, with numbers that this learner has not seen. Raises InputError if none can be drawn."""
        seen = {answer.item for _, answer in self.store.answers(self.learner, unit.id)}
        family = self.curriculum.bank.family(unit.family)
        key = ("study", self.name, unit.id, len(seen))
        where = self.curriculum.where(unit)
        item = family.draw(*key, where=where, pool="practice", refuse=lambda item: item.id in seen and len(seen) < 50)
        return Question(unit, item, asking.ask(item, "open", OPTIONS, Stream(*key, "order")), is_new=not seen)

    def answer(
        self, question: Question, typed: Mapping[str, str], now: datetime, hints: int = 0, seconds: int | None = None
    ) -> Outcome:
        """Judges an answer and keeps it. Raises InputError where a part cannot be read: that costs nothing."""
        grades = self.judge(question, typed)
        for name, grade in grades.items():
            if grade.verdict.verdict == "invalid":
                raise InputError("this cannot be read", name)
        credit = grading.credit(question.item, dict(grades))
        return self._keep(question, typed, grades, credit, schedule.rate(credit, hints), now, hints, seconds)

    def give_up(self, question: Question, now: datetime) -> Outcome:
        """The learner does not know: the solution is shown, and the unit comes back soon."""
        return self._keep(question, {}, {}, Fraction(0), "again", now, 0, None)

    def judge(self, question: Question, typed: Mapping[str, str]) -> dict[str, Grade]:
        """The grade of every part, with credit for following through; nothing is kept."""
        family = self.curriculum.bank.family(question.unit.family)
        return grading.grade(question.item, Response(item=question.item.id, answers=dict(typed)), family)

    def overrule(self, number: int, rating: Rating) -> Card:
        """The learner knows better how well it went: the card follows from this rating instead."""
        answer = self._kept(number)
        before = answer.before or Card(due=answer.at)
        card = schedule.review(before, rating, answer.at)
        self.store.replace(self.learner, number, msgspec.structs.replace(answer, rating=rating), card)
        return card

    def undo(self, number: int) -> None:
        """Takes an answer back, as after a slip of the finger."""
        self.store.withdraw(self.learner, number)

    def object_to(self, number: int, remark: str) -> None:
        """Keeps what the learner thinks is wrong with the key, for the teacher."""
        answer = msgspec.structs.replace(self._kept(number), remark=remark)
        self.store.replace(self.learner, number, answer, self.store.card(self.learner, answer.unit))

    def _keep(
        self,
        question: Question,
        typed: Mapping[str, str],
        grades: Mapping[str, Grade],
        credit: Fraction,
        rating: Rating,
        now: datetime,
        hints: int,
        seconds: int | None,
    ) -> Outcome:
        now = schedule.whole(now)
        before = self.store.card(self.learner, question.unit.id)
        card = schedule.review(before or Card(due=now), rating, now)
        answer = Answer(
            unit=question.unit.id,
            family=question.item.family,
            item=question.item.id,
            parameters=plain(question.item.parameters),
            answers=dict(typed),
            verdicts={name: grade.verdict.verdict for name, grade in grades.items()},
            mistakes={name: grade.misconception for name, grade in grades.items() if grade.misconception},
            credit=credit,
            rating=rating,
            at=now,
            hints=hints,
            seconds=seconds,
            before=before,
        )
        return Outcome(self.store.record(self.learner, answer, card), grades, credit, rating, card)

    def _kept(self, number: int) -> Answer:
        found = dict(self.store.answers(self.learner)).get(number)
        if found is None:
            raise InputError(f"there is no answer {number}", self.store.url)
        return found

    def _met(self, now: datetime) -> int:
        """Units that were met for the first time on this day."""
        first: dict[str, datetime] = {}
        for _, answer in self.store.answers(self.learner):
            first.setdefault(answer.unit, answer.at)
        return sum(time.date() == schedule.whole(now).date() for time in first.values())
