"""What a teacher sees of a class: who is at work, how well each area is known, mistakes, remarks; as values and CSV."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from quizgen.study import schedule
from quizgen.study.curriculum import Curriculum, area_of
from quizgen.study.schedule import Card
from quizgen.study.store import Answer, Store
from quizgen.values import code


@dataclass(frozen=True)
class Learner:
    """A learner: answers in all and today, the last of them, units met and the mean chance to know them now.

    ``credit`` is the mean share of the points; None before the first answer.
    """

    number: int
    name: str
    answers: int
    today: int
    last: datetime | None
    met: int
    retention: float
    credit: Fraction | None


@dataclass(frozen=True)
class Area:
    """An area in the class: who has met a unit of it, the mean chance to know a unit that was met, answers given."""

    name: str
    learners: int
    retention: float
    answers: int
    credit: Fraction | None


@dataclass(frozen=True)
class Trouble:
    """A mistake: how often it was made, by how many learners, and the last answer with it."""

    family: str
    mistake: str
    count: int
    learners: int
    last: Answer


@dataclass(frozen=True)
class Remark:
    """What a learner thinks is wrong with a key."""

    learner: str
    answer: Answer

    @property
    def code(self) -> str:
        """The code that the learner saw above the question."""
        return code(self.answer.item)


@dataclass(frozen=True)
class Report:
    """A class at one time: learners as they came, areas as they are taught, what is most frequent or latest first."""

    learners: tuple[Learner, ...]
    areas: tuple[Area, ...]
    troubles: tuple[Trouble, ...]
    remarks: tuple[Remark, ...]

    @property
    def today(self) -> int:
        """Answers today."""
        return sum(learner.today for learner in self.learners)


def of(store: Store, curriculum: Curriculum, now: datetime) -> Report:
    """The report on all learners of a store; a day is one of the zone of ``now``."""
    names = store.numbered()
    cards: dict[int, dict[str, Card]] = {number: {} for number in names}
    answers: dict[int, list[Answer]] = {number: [] for number in names}
    for number, unit, card in store.all_cards():
        cards.setdefault(number, {})[unit] = card
    for number, answer in store.all_answers():
        answers.setdefault(number, []).append(answer)
    remarks = [Remark(name, answer) for number, name in names.items() for answer in answers[number] if answer.remark]
    return Report(
        learners=tuple(_learner(number, name, answers[number], cards[number], now) for number, name in names.items()),
        areas=tuple(_areas(curriculum, cards, answers, now)),
        troubles=tuple(_troubles(answers)),
        remarks=tuple(sorted(remarks, key=lambda remark: remark.answer.at, reverse=True)),
    )


def _learner(number: int, name: str, answers: Sequence[Answer], cards: Mapping[str, Card], now: datetime) -> Learner:
    return Learner(
        number=number,
        name=name,
        answers=len(answers),
        today=sum(answer.at.astimezone(now.tzinfo).date() == now.date() for answer in answers),
        last=max((answer.at for answer in answers), default=None),
        met=len(cards),
        retention=_known(cards.values(), now),
        credit=_credit(answers),
    )


def _known(cards: Iterable[Card], now: datetime) -> float:
    """The mean chance to know what was met; what was not known last counts 0 until it is."""
    chances = [schedule.retention(card, now) if card.state == schedule.LEARNT else 0.0 for card in cards]
    return sum(chances) / len(chances) if chances else 0.0


def _credit(answers: Sequence[Answer]) -> Fraction | None:
    return sum((answer.credit for answer in answers), Fraction(0)) / len(answers) if answers else None


def _areas(
    curriculum: Curriculum,
    cards: Mapping[int, Mapping[str, Card]],
    answers: Mapping[int, Sequence[Answer]],
    now: datetime,
) -> Iterator[Area]:
    """Every area in which somebody has answered, in the order of the curriculum, then those that are gone."""
    met: dict[str, list[Card]] = defaultdict(list)
    by: dict[str, set[int]] = defaultdict(set)
    given: dict[str, list[Answer]] = defaultdict(list)
    for number, of in cards.items():
        for unit, card in of.items():
            met[area_of(unit)].append(card)
            by[area_of(unit)].add(number)
    for answer in (answer for each in answers.values() for answer in each):
        given[area_of(answer.unit)].append(answer)
    for name in dict.fromkeys([*curriculum.order, *met, *given]):
        if name in met or name in given:
            yield Area(name, len(by[name]), _known(met[name], now), len(given[name]), _credit(given[name]))


def _troubles(answers: Mapping[int, Sequence[Answer]]) -> list[Trouble]:
    """The mistakes of all, those of most learners first."""
    count: Counter[tuple[str, str]] = Counter()
    by: dict[tuple[str, str], set[int]] = defaultdict(set)
    last: dict[tuple[str, str], Answer] = {}
    for number, given in answers.items():
        for answer in given:
            for mistake in set(answer.mistakes.values()):
                key = answer.family, mistake
                count[key] += 1
                by[key].add(number)
                last[key] = max(answer, last.get(key, answer), key=lambda answer: answer.at)
    found = [Trouble(*key, count=number, learners=len(by[key]), last=last[key]) for key, number in count.items()]
    return sorted(found, key=lambda trouble: (-trouble.learners, -trouble.count, trouble.family, trouble.mistake))


# For spreadsheets.

LEARNERS = ("learner", "answers", "answers today", "last answer", "units met", "retention", "credit")
ANSWERS = (
    "learner", "at", "unit", "family", "code", "item", "credit", "rating", "hints", "seconds", "counts", "verdicts",
    "answers", "mistakes", "remark",
)  # fmt: skip


def learners_csv(report: Report) -> Iterator[bytes]:
    """A row for every learner."""
    from quizgen.exporters.csv import BOM, line  # nothing else here needs an exporter

    yield BOM + line(LEARNERS)
    for it in report.learners:
        last = it.last.isoformat() if it.last else ""
        yield line((it.name, it.answers, it.today, last, it.met, f"{it.retention:.3f}", _decimal(it.credit)))


def answers_csv(store: Store) -> Iterator[bytes]:
    """A row for every answer, oldest first."""
    from quizgen.exporters.csv import BOM, line

    names = store.numbered()
    yield BOM + line(ANSWERS)
    for number, it in store.all_answers():
        yield line((
            names.get(number, ""), it.at.isoformat(), it.unit, it.family, code(it.item), it.item,
            _decimal(it.credit), it.rating, it.hints, "" if it.seconds is None else it.seconds,
            "yes" if it.counts else "no", _listed(it.verdicts), _listed(it.answers), _listed(it.mistakes), it.remark,
        ))  # fmt: skip


def _decimal(credit: Fraction | None) -> str:
    return "" if credit is None else f"{float(credit):.3f}"


def _listed(parts: Mapping[str, str]) -> str:
    """What goes by the parts of a question; as it is if there is one part."""
    return next(iter(parts.values())) if len(parts) == 1 else "; ".join(f"{name}: {it}" for name, it in parts.items())
