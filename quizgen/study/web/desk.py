"""The questions that learners are working on. They are kept here, not in the page: no page holds a key."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock

from quizgen.study.session import Question
from quizgen.study.sheet import Sheet

MOST = 4096
"""Sheets that are kept; those not used for longest are given up."""


@dataclass(frozen=True)
class Page:
    """A sheet as it lies on the desk, with what stands in the fields of the part in hand.

    ``onward`` is the address of the question that comes next.
    """

    sheet: Sheet
    entered: tuple[str, ...] = ()
    objected: bool = False
    onward: str = "/next"


@dataclass
class _Place:
    """Where a page lies: one step of work at a time."""

    learner: str
    page: Page
    lock: Lock = field(default_factory=Lock)


class Desk:
    """Every page that is open, by a name that tells nothing; safe for threads."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._lock = Lock()

    def put(self, learner: str, question: Question, onward: str = "/next") -> str:
        """Lays a question on the desk; its name. If the same one is open already, that is taken up again."""
        with self._lock:
            for name, place in self._places.items():
                sheet = place.page.sheet
                if place.learner == learner and sheet.outcome is None and sheet.question.item.id == question.item.id:
                    place.page = replace(place.page, onward=onward)
                    return name
            name = secrets.token_urlsafe(9)
            self._places[name] = _Place(learner, Page(Sheet(question), onward=onward))
            while len(self._places) > MOST:
                self._places.popitem(last=False)
            return name

    def find(self, learner: str, name: str) -> Page | None:
        """The learner's page of this name; None if there is none, or if it is another's."""
        place = self._places.get(name)
        return place.page if place is not None and place.learner == learner else None

    def work(self, learner: str, name: str, step: Callable[[Page], Page]) -> bool:
        """Puts what ``step`` makes of a page in its place; False if the learner has none of this name."""
        place = self._places.get(name)
        if place is None or place.learner != learner:
            return False
        with place.lock:
            place.page = step(place.page)
        with self._lock:
            if name in self._places:
                self._places.move_to_end(name)
        return True
