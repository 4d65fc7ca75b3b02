"""A class with one store: who may join, how a learner is known again, and what only the teacher has.

Whoever has the join code takes a name that is free, and gets a key that stays in one browser. The teacher issues a code
for a name, good once and for an hour, which gives another browser the same key.
"""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac
from typing import TypeVar

import msgspec

from quizgen.study.schedule import whole
from quizgen.study.store import Store
from quizgen.values import Struct

S = TypeVar("S", bound=Struct)

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What codes are made of: nothing that looks like something else."""
LONGEST = 40
"""Characters of a name."""
MOST = 5000
"""Learners of one class."""
VALID = timedelta(hours=1)
"""How long a code for another browser can be used."""

CLASS = "class"
"""The key under which a store keeps what it knows of the class, and of a learner's place in it."""
REJOIN = "rejoin"
"""The key of a code that has been issued for a learner."""


class Refused(Exception):
    """Somebody cannot join; ``reason`` is ``code``, ``name``, ``taken`` or ``full``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Secrets(Struct, frozen=True):
    """What is made when a class starts: the code to join, the teacher's token, and what cookies are signed with."""

    join: str
    teacher: str
    secret: str


class Place(Struct, frozen=True):
    """A learner's place in the class: the key that the learner's browsers have, and which of them joined."""

    key: str
    joined: datetime
    browser: str = ""


class Issued(Struct, frozen=True):
    """A code for another browser, as a digest, and until when it is good."""

    digest: str
    until: datetime


@dataclass(frozen=True)
class Member:
    """A learner of the class, with the key of the learner's browsers."""

    number: int
    name: str
    key: str


class Classroom:
    """The class of a store."""

    def __init__(self, store: Store, renew: bool = False) -> None:
        """Takes up the class of a store, or starts one. To ``renew`` makes a new join code and teacher's token."""
        self.store = store
        made = Secrets(join=new_code(), teacher=secrets.token_urlsafe(24), secret=secrets.token_hex(32))
        kept = _decoded(store.keep_about(CLASS, _encoded(made)), Secrets)
        if renew or kept is None:
            kept = Secrets(join=made.join, teacher=made.teacher, secret=kept.secret if kept else made.secret)
            store.keep_about(CLASS, _encoded(kept), over=True)
        self.secrets = kept

    # Learners.

    def enter(self, name: str, given: str, now: datetime, browser: str = "") -> Member:
        """Lets a new learner in by the code of the class, one who is there by a code of the teacher. Raises Refused.

        Whoever sends the form once more from the same ``browser``, because the answer was lost, is let in as before.
        """
        if not compare_digest(plain(given).encode(), plain(self.secrets.join).encode()):
            return self._returned(folded(name), self._digest(given), now)
        return self._sent_again(folded(name), browser, now) or self._joined(tidied(name), now, browser)

    def _joined(self, name: str, now: datetime, browser: str) -> Member:
        if not name or len(name) > LONGEST or not name.isprintable():
            raise Refused("name")
        known = self.store.numbered()
        if len(known) >= MOST:
            raise Refused("full")
        if folded(name) in map(folded, known.values()) or (number := self.store.enter(name)) is None:
            raise Refused("taken")
        return self._seated(number, name, now, browser)

    def _sent_again(self, name: str, browser: str, now: datetime) -> Member | None:
        number, name = self._named(name)
        place = self._place(number) if browser and name else None
        if place is None or place.browser != self._digest(browser) or now - place.joined > VALID:
            return None
        return Member(number, name, place.key)

    def _returned(self, name: str, digest: str, now: datetime) -> Member:
        """A wrong code spoils nothing: only the right one is taken, and only once."""
        number, name = self._named(name)
        for look in (self.store.note, self.store.take_note):
            if not name or not _is_good(look(number, REJOIN), digest, now):
                raise Refused("code")
        found = self._place(number)
        return self._seated(number, name, now) if found is None else Member(number, name, found.key)

    def _named(self, name: str) -> tuple[int, str]:
        """Number and name of the learner with this name, folded; no name if there is none."""
        return next(((number, it) for number, it in self.learners().items() if folded(it) == name), (0, ""))

    def _seated(self, number: int, name: str, now: datetime, browser: str = "") -> Member:
        place = Place(
            key=secrets.token_urlsafe(12), joined=whole(now), browser=self._digest(browser) if browser else ""
        )
        self.store.keep_note(number, CLASS, _encoded(place))
        return Member(number, name, place.key)

    def _place(self, number: int) -> Place | None:
        return _decoded(self.store.note(number, CLASS), Place)

    def is_member(self, number: int, key: str) -> bool:
        """Whether a browser with this key belongs to this learner. A deleted learner's key belongs to nobody."""
        place = self._place(number)
        return place is not None and compare_digest(place.key.encode(), key.encode())

    # The teacher.

    def is_teacher(self, token: str) -> bool:
        """Whether somebody has the teacher's token."""
        return compare_digest(token.encode(), self.secrets.teacher.encode())

    def issue(self, number: int, now: datetime) -> str:
        """A code with which a learner can go on in another browser; the one issued before is not good any more."""
        made = new_code()
        issued = Issued(digest=self._digest(made), until=whole(now) + VALID)
        self.store.keep_note(number, REJOIN, _encoded(issued))
        return made

    def learners(self) -> Mapping[int, str]:
        """Number to name of all who are there."""
        return self.store.numbered()

    def _digest(self, given: str) -> str:
        """What is kept instead of a code, or of the name of a browser."""
        return hmac(self.secrets.secret.encode(), plain(given).encode(), sha256).hex()


def new_code() -> str:
    """A new code: 40 bits, in two groups."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def plain(given: str) -> str:
    """A code as it was typed, without what does not matter."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", given).upper() if letter.isalnum())


def tidied(name: str) -> str:
    """A name without spaces at its ends and double ones within."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def folded(name: str) -> str:
    """What two names share that look the same to a teacher."""
    return tidied(unicodedata.normalize("NFKC", name)).casefold()


def _is_good(note: str | None, digest: str, now: datetime) -> bool:
    issued = _decoded(note, Issued)
    return issued is not None and compare_digest(issued.digest, digest) and now < issued.until


def _encoded(value: Struct) -> str:
    return msgspec.json.encode(value).decode()


def _decoded(text: str | None, kind: type[S]) -> S | None:
    """What was kept; None if nothing was, or if it is damaged."""
    try:
        return None if text is None else msgspec.json.decode(text, type=kind)
    except (msgspec.MsgspecError, RecursionError):
        return None
