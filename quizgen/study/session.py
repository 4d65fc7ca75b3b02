"""One learner at work: what to ask next, how it was answered, when it comes back."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import msgspec

from quizgen import asking, grading, space
from quizgen.errors import InputError
from quizgen.randomness import Stream
from quizgen.space import Parameters
from quizgen.study import schedule
from quizgen.study.curriculum import Curriculum, Unit
from quizgen.study.schedule import Card, Rating
from quizgen.study.store import Answer, Store
from quizgen.values import Asked, Grade, Item, Response, exact, in_exam_pool, item_id, plain

NEW_A_DAY = 10
"""Units that a learner meets for the first time in one day, unless more are wanted."""
OPTIONS = 4

TRIES = 12
"""Draws among which an item that the learner has not seen is looked for."""

DRAWS = 24
"""Draws of parameters among which a harder question is looked for, or an easier one."""

ALIKE = 2
"""So many of these are solved that have the same radical parameters."""

STEP = Fraction(6, 5)
"""Ratio of the efforts of two questions of which one is harder."""


@dataclass(frozen=True)
class Question:
    """A unit with fresh numbers, as it is asked; ``passed`` are items that the learner has put by unanswered.

    The same question asked once more is a ``retry``: its answer is kept, but the first one decides.
    """

    unit: Unit
    item: Item
    asked: tuple[Asked, ...]
    is_new: bool
    passed: frozenset[str] = frozenset()
    retry: bool = False


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
    """What there is to do: units that are due, the longest overdue first, and new ones for today, in their order.

    ``unavailable`` are units that the learner has met and that are not there any more: their cards are kept.
    """

    due: tuple[Unit, ...]
    new: tuple[Unit, ...]
    unavailable: tuple[str, ...] = ()

    def first(self) -> Unit | None:
        """What comes next; None if everything is done for now."""
        return next(iter((*self.due, *self.new)), None)


class Session:
    """A learner with a store and a curriculum. Every method that needs the time is given it; a day is one of its zone.

    With ``time_counts``, a right answer that took longer than the family's minutes comes back sooner.
    """

    def __init__(
        self,
        store: Store,
        learner: str,
        curriculum: Curriculum,
        new_a_day: int = NEW_A_DAY,
        time_counts: bool = False,
    ) -> None:
        self.store = store
        self.name = learner
        self.learner = store.learner(learner)
        self.curriculum = curriculum
        self.new_a_day = new_a_day
        self.time_counts = time_counts

    # What to ask.

    def agenda(self, now: datetime, areas: Sequence[str] = ()) -> Agenda:
        """What is due, and what is new today, in all areas or in some."""
        cards = self.store.cards(self.learner)
        units = self.curriculum.units(areas)
        due = [unit for unit in units if unit.id in cards and schedule.is_due(cards[unit.id], now)]
        unseen = [unit for unit in units if unit.id not in cards]
        met = sum(card.met is not None and _day(card.met, now) == now.date() for card in cards.values())
        there = {unit.id for unit in self.curriculum.units()}
        return Agenda(
            due=tuple(sorted(due, key=lambda unit: (cards[unit.id].due, unit.id))),
            new=tuple(unseen[: max(0, self.new_a_day - met)]),
            unavailable=tuple(unit for unit in cards if unit not in there),
        )

    def free(self, now: datetime, areas: Sequence[str] = (), levels: Sequence[int] = ()) -> tuple[Unit, ...]:
        """All units of some areas and levels, due or not: those least known first, at first in their order."""
        cards = self.store.cards(self.learner)
        known = {unit: schedule.retention(card, now) for unit, card in cards.items()}
        return tuple(sorted(self.curriculum.units(areas, levels), key=lambda unit: known.get(unit.id, 0.0)))

    def ask(self, unit: Unit, passed: frozenset[str] = frozenset()) -> Question:
        """A question of a unit, with numbers that this learner has not seen, if there are such."""
        seen = self._seen(unit)
        key = ("study", self.name, unit.id, len(seen), len(passed))
        item = self._fresh(unit, key, [*seen, *passed])
        asked = asking.ask(item, "open", OPTIONS, Stream(*key, "order"))
        return Question(unit, item, asked, is_new=not seen, passed=passed)

    def another(self, question: Question) -> Question:
        """Another question of the same unit; one that has not been answered is put by."""
        return self.ask(question.unit, question.passed | {question.item.id})

    def same_again(self, question: Question) -> Question:
        """The same question once more, before the solution is shown."""
        return replace(question, retry=True)

    def easier(self, question: Question) -> Question | None:
        """An easier question of the same unit, else of one of a lower level in the area; None if there is none."""
        return self._elsewhere(question, harder=False)

    def harder(self, question: Question) -> Question | None:
        """A harder question of the same unit, else of one of a higher level in the area; None if there is none."""
        return self._elsewhere(question, harder=True)

    def remade(self, unit: Unit, parameters: Mapping[str, Any]) -> Item:
        """The item of a unit with these parameters, as they are kept. Raises QuizgenError if there is none."""
        family = self.curriculum.bank.family(unit.family)
        values = {name: exact(value) for name, value in parameters.items()}
        with family.faults_located():
            return family.make(space.check(family.params, values, unit.id))

    # How it was answered.

    def answer(
        self, question: Question, typed: Mapping[str, str], now: datetime, hints: int = 0, seconds: int | None = None
    ) -> Outcome:
        """Judges an answer and keeps it. A part that is not in ``typed`` is not known, and earns nothing.

        Raises InputError where a part cannot be read: that costs nothing.
        """
        grades = self.judge(question, typed)
        for name, grade in grades.items():
            if name in typed and grade.verdict.verdict == "invalid":
                raise InputError("this cannot be read", name)
        credit = grading.credit(question.item, dict(grades))
        slow = self.time_counts and seconds is not None and seconds > 60 * question.item.minutes
        return self._keep(question, typed, grades, credit, schedule.rate(credit, hints, slow), now, hints, seconds)

    def give_up(self, question: Question, now: datetime) -> Outcome:
        """The learner does not know: the solution is shown, and the unit comes back soon."""
        return self._keep(question, {}, {}, Fraction(0), "again", now, 0, None)

    def judge(self, question: Question, typed: Mapping[str, str]) -> dict[str, Grade]:
        """The grade of every part, with credit for following through; nothing is kept."""
        family = self.curriculum.bank.family(question.unit.family)
        return grading.grade(question.item, Response(item=question.item.id, answers=dict(typed)), family)

    def overrule(self, number: int, rating: Rating) -> Card:
        """The learner knows better how well it went: the card follows from this rating instead."""
        answer = msgspec.structs.replace(self.store.answer(self.learner, number), rating=rating, counts=True)
        card = self.store.replace(self.learner, number, answer)
        assert card is not None, "the answer itself moves it"
        return card

    def undo(self, number: int) -> None:
        """Takes an answer back, as after a slip of the finger."""
        self.store.withdraw(self.learner, number)

    def object_to(self, number: int, remark: str) -> None:
        """Keeps what the learner thinks is wrong with the key, for the teacher."""
        answer = msgspec.structs.replace(self.store.answer(self.learner, number), remark=remark)
        self.store.replace(self.learner, number, answer)

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
        answer = Answer(
            unit=question.unit.id,
            family=question.item.family,
            item=question.item.id,
            parameters=plain(question.item.parameters),
            answers=dict(typed),
            verdicts={name: grade.verdict.verdict for name, grade in grades.items() if name in typed},
            mistakes={name: grade.misconception for name, grade in grades.items() if grade.misconception},
            credit=credit,
            rating=rating,
            at=schedule.whole(now),
            hints=hints,
            seconds=seconds,
            counts=not question.retry,
        )
        number, card = self.store.record(self.learner, answer)
        return Outcome(number, grades, credit, rating, card)

    # Which numbers.

    def _seen(self, unit: Unit) -> list[str]:
        """The items of a unit that the learner has answered, each once, that seen longest ago first."""
        answered = [answer.item for _, answer in self.store.answers(self.learner, unit.id)]
        return list(reversed(dict.fromkeys(reversed(answered))))

    def _fresh(self, unit: Unit, key: tuple[object, ...], seen: Sequence[str]) -> Item:
        """An item that is not ``seen``; else, of some draws, the one that was seen longest ago."""
        drawn = []
        for attempt in range(TRIES):
            item = self._draw(unit, *key, attempt)
            if item.id not in seen:
                return item
            drawn.append(item)
        return min(drawn, key=lambda item: seen.index(item.id))

    def _draw(self, unit: Unit, *key: object) -> Item:
        """An item of the half of the unit's space that is for practice. Raises InputError if none turns up."""
        family, where = self.curriculum.bank.family(unit.family), self.curriculum.where(unit)
        half = self.curriculum.half(unit)
        with family.faults_located():
            for attempt in range(space.TRIES):
                item = family.admit(space.draw(family.params, Stream(*key, attempt), where), half)
                if item is not None:
                    return item
        raise InputError(f"no usable item in {space.TRIES} draws", unit.id)

    def _elsewhere(self, question: Question, harder: bool) -> Question | None:
        passed = question.passed | {question.item.id}
        seen = self._seen(question.unit)
        key = ("study", self.name, question.unit.id, len(seen), len(passed), "harder" if harder else "easier")
        item = self._of_effort(question, key, {*seen, *passed}, harder)
        if item is not None:
            asked = asking.ask(item, "open", OPTIONS, Stream(*key, "order"))
            return Question(question.unit, item, asked, is_new=not seen, passed=passed)
        unit = self.curriculum.beside(question.unit, harder)
        return None if unit is None else self.ask(unit)

    def _of_effort(
        self, question: Question, key: tuple[object, ...], seen: Container[str], harder: bool
    ) -> Item | None:
        """Of some items with other radical parameters, the first that is clearly harder, or easier."""
        family = self.curriculum.bank.family(question.unit.family)
        asked = question.item
        with family.faults_located():
            for q in self._otherwise(question, key, seen):
                item = family.admit(q)
                if item is None:
                    continue
                less, more = (asked, item) if harder else (item, asked)
                if more.effort >= STEP * less.effort:
                    return item
        return None

    def _otherwise(self, question: Question, key: tuple[object, ...], seen: Container[str]) -> Iterator[Parameters]:
        """Parameters of which the radical ones are others than those asked: few alike, as solving them takes time."""
        family, where = self.curriculum.bank.family(question.unit.family), self.curriculum.where(question.unit)
        radical = [name for name, field in family.params.fields.items() if field.radical]
        if radical and all(name in where for name in radical):  # nothing could differ, and draws may be slow
            return
        is_exams = self.curriculum.half(question.unit) is not None
        most = ALIKE if radical else TRIES
        tried = Counter({tuple(question.item.parameters[name] for name in radical): most if radical else 0})
        for attempt in range(DRAWS):
            q = space.draw(family.params, Stream(*key, attempt), where)
            identity = item_id(family.id, family.version, q.as_dict())
            alike = tuple(getattr(q, name) for name in radical)
            if identity in seen or (is_exams and in_exam_pool(identity)) or tried[alike] == most:
                continue
            tried[alike] += 1
            yield q


def _day(time: datetime, now: datetime) -> date:
    """The day on which something was, in the zone of ``now``."""
    return time.astimezone(now.tzinfo).date()
