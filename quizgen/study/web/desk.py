"""The questions that learners are working on. They are kept here, not in the page: no page holds a key.

Each learner has a drawer of them. They are also kept in the store, so that they outlive the server; what is kept of
them has no key in it either, and the question is made anew from its parameters.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock

import msgspec

from quizgen.study import sheet
from quizgen.study.session import Question, Session
from quizgen.study.sheet import Left, Sheet
from quizgen.values import Struct

KEY = "desk"
"""The note under which a store keeps a learner's drawer."""

DRAWERS = 256
"""Drawers that are open; those not used for longest are read from the store again."""

PAGES = 16
"""Pages in a drawer; those not used for longest are given up."""

LARGEST = 20_000
"""Bytes that may be kept of a page; a larger one does not outlive the server."""


@dataclass(frozen=True)
class Page:
    """A sheet as it lies on the desk, with what stands in the fields of the part in hand.

    ``onward`` is the address of the question that comes next.
    """

    sheet: Sheet
    entered: tuple[str, ...] = ()
    objected: bool = False
    onward: str = "/next"


class Kept(Struct, frozen=True):
    """What is kept of a page."""

    left: Left
    onward: str
    objected: bool


@dataclass
class _Place:
    """Where a page lies: one step of work at a time."""

    page: Page
    lock: Lock = field(default_factory=Lock)


class Drawer:
    """The pages of one learner by their names, those used last at the end."""

    def __init__(self, session: Session) -> None:
        self._lock = Lock()
        self._places: OrderedDict[str, _Place] = OrderedDict()
        self._kept = _read(session.store.note(session.learner, KEY))

    def put(self, session: Session, question: Question, onward: str, begun: datetime | None) -> str:
        """Lays a question into the drawer; its name. One that is open already is taken up again."""
        with self._lock:
            for name in self._names(question):
                place = self._place(session, name)
                if place is not None and place.page.sheet.outcome is None:
                    place.page = replace(place.page, onward=onward, sheet=replace(place.page.sheet, begun=begun))
                    return name
            name = secrets.token_urlsafe(9)
            self._places[name] = _Place(Page(Sheet(question, begun=begun), onward=onward))
            while len(self._places) > PAGES:
                self._places.popitem(last=False)
            self._keep(session, name)
            return name

    def find(self, session: Session, name: str) -> Page | None:
        """The page of this name."""
        with self._lock:
            place = self._place(session, name)
        return place.page if place is not None else None

    def work(self, session: Session, name: str, step: Callable[[Page], Page]) -> bool:
        """Puts what ``step`` makes of a page in its place; False if there is none of this name."""
        with self._lock:
            place = self._place(session, name)
        if place is None:
            return False
        with place.lock:
            before, place.page = place.page, step(place.page)
            with self._lock:
                if name in self._places:
                    self._places.move_to_end(name)
                    if _is_news(before, place.page):
                        self._keep(session, name)
        return True

    def _names(self, question: Question) -> list[str]:
        """The names of the pages with a question."""
        laid = {name: place.page.sheet.question.item.id for name, place in self._places.items()}
        items = {name: kept.left.item for name, kept in self._kept.items()} | laid
        return [name for name, item in items.items() if item == question.item.id]

    def _place(self, session: Session, name: str) -> _Place | None:
        """Where a page lies; one that the store has kept is made anew."""
        if name not in self._places and name in self._kept:
            kept = self._kept[name]
            found = sheet.taken_up(session, kept.left)
            if found is None:
                del self._kept[name]
            else:
                self._places[name] = _Place(Page(found, objected=kept.objected, onward=kept.onward))
        return self._places.get(name)

    def _keep(self, session: Session, name: str) -> None:
        """Writes down a page, and those before it."""
        page = self._places[name].page
        kept = Kept(sheet.put_down(session, page.sheet), page.onward, page.objected)

        def amended(note: str | None) -> str:
            """Another server may have kept pages as well."""
            others = [(other, entry) for other, entry in _read(note).items() if other != name]
            is_small = len(msgspec.json.encode(kept)) <= LARGEST
            self._kept = dict([*others, *([(name, kept)] if is_small else [])][-PAGES:])
            return msgspec.json.encode(self._kept).decode()

        session.store.amend_note(session.learner, KEY, amended)


class Desk:
    """Every page that is open, by a name that tells nothing; safe for threads."""

    def __init__(self) -> None:
        self._drawers: OrderedDict[tuple[int, str], Drawer] = OrderedDict()
        self._lock = Lock()

    def put(self, session: Session, question: Question, onward: str = "/next", begun: datetime | None = None) -> str:
        """Lays a question on the desk at a time; its name. If the same one is open already, that is taken up again."""
        return self._drawer(session).put(session, question, onward, begun)

    def find(self, session: Session, name: str) -> Page | None:
        """The learner's page of this name; None if there is none, or if it is another's."""
        return self._drawer(session).find(session, name)

    def work(self, session: Session, name: str, step: Callable[[Page], Page]) -> bool:
        """Puts what ``step`` makes of a page in its place; False if the learner has none of this name."""
        return self._drawer(session).work(session, name, step)

    def clear(self, learner: int) -> None:
        """Takes away the pages of a learner who is not there any more."""
        with self._lock:
            for owner in [owner for owner in self._drawers if owner[0] == learner]:
                del self._drawers[owner]

    def _drawer(self, session: Session) -> Drawer:
        owner = session.learner, session.name
        drawer = self._drawers.get(owner) or Drawer(session)
        with self._lock:
            drawer = self._drawers.setdefault(owner, drawer)
            self._drawers.move_to_end(owner)
            while len(self._drawers) > DRAWERS:
                self._drawers.popitem(last=False)
            return drawer


def _is_news(before: Page, after: Page) -> bool:
    """Whether a step is to be kept: an answer is in the store by itself, and what cannot be read is not kept."""
    if after.sheet.outcome is not None:
        return before.sheet.outcome is not None and before != after
    return replace(before.sheet, complaint=None) != replace(after.sheet, complaint=None)


def _read(note: str | None) -> dict[str, Kept]:
    try:
        return msgspec.json.decode(note or "{}", type=dict[str, Kept])
    except msgspec.MsgspecError:
        return {}
