"""Things on the left, each of which goes with one on the right; the share of right pairs is credited."""

import re
from collections.abc import Callable
from typing import Self

from quizgen.answers._credit import share
from quizgen.answers._ids import Reader, check_ids, identified, latex_text
from quizgen.notation import Unreadable
from quizgen.values import Key, Reading, Value, Verdict

_OPENING = re.compile(r"[ \n]*(\(?)[ \n]*")
_CLOSING = re.compile(r"[ \n]*\)")
_LINK = re.compile(r" *(?:=+>|[-–]+>|[=:→⇒⟶➔↦↔|>-])? *")
_LINK_IN_BRACKETS = re.compile(rf" *, *|{_LINK.pattern}")
_BETWEEN = re.compile(r"[ \n,;]*")
_QUOTE = re.compile(r"['\"`“”]?")


class Matching(Key, frozen=True, tag="matching"):
    """``value`` is pairs (left id, right id); ``spare`` are right ids that go with none."""

    typed = False
    online = ("match",)
    choosable = False

    value: tuple[tuple[str, str], ...]
    spare: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_ids(self.lefts())
        check_ids(self.rights())

    @classmethod
    def of(cls, value: Value, spare: tuple[str, ...] = ()) -> Self:
        """The key for pairs (left id, right id)."""
        return cls(value=tuple((left, right) for left, right in value), spare=tuple(spare))

    @property
    def right(self) -> tuple[tuple[str, str], ...]:
        return self.value

    def lefts(self) -> tuple[str, ...]:
        """The ids on the left, in the order printed."""
        return tuple(left for left, _ in self.value)

    def rights(self) -> tuple[str, ...]:
        """The ids on the right, each once."""
        return tuple(dict.fromkeys([*(right for _, right in self.value), *self.spare]))

    def read(self, text: str) -> Reading:
        reader, lefts, rights = Reader(text), self.lefts(), self.rights()
        pairs: dict[str, str] = {}
        while reader.at < reader.end:
            start = reader.at
            left, right = _pair(reader, lefts, rights)
            if left in pairs:
                raise Unreadable("not-each-once", (start, reader.at))
            pairs[left] = right
            reader.skip(_BETWEEN)
        if len(pairs) != len(lefts):
            raise Unreadable("not-each-once", (0, len(text)))
        value = tuple((left, pairs[left]) for left in lefts)
        return Reading(value=value, parsed=r",\ ".join(rf"{latex_text(a)} \to {latex_text(b)}" for a, b in value))

    def judge(self, reading: Reading) -> Verdict:
        return share(len(set(reading.value) & set(self.value)), len(self.value))

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return "\n".join(f"- {label(left)} → {label(right)}" for left, right in value)

    def labels(self) -> tuple[str, ...]:
        return (*self.lefts(), *self.rights())

    def notations(self, value: Value) -> list[str]:
        joined = [[f"{left}{sign}{right}" for left, right in value] for sign in ("=", ": ", " -> ", "→", " ", "：")]
        listed = [", ".join(pairs) for pairs in joined]
        brackets = ", ".join(f"({left}, {right})" for left, right in value)
        return [*listed, "; ".join(reversed(joined[0])), "\n".join(joined[1]), brackets, f"{{{listed[0]}}}"]

    def junk(self) -> list[str]:
        left, right = self.value[0]
        some = [f"{left}={right}"] if len(self.value) > 1 else []
        return [*super().junk(), *some, f"{left}=banana", f"banana={right}", left, f"{left}={right}, {left}={right}"]

    def wrong(self) -> list[str]:
        lefts, rights = self.lefts(), [right for _, right in self.value]
        turned = [*rights[1:], *rights[:1]] if len(set(rights)) > 1 else list(self.spare[:1] * len(rights))
        return [", ".join(f"{a}={b}" for a, b in zip(lefts, turned, strict=True))] if turned else []


def _pair(reader: Reader, lefts: tuple[str, ...], rights: tuple[str, ...]) -> tuple[str, str]:
    """The pair here: ``i=write``, ``i: write``, ``i → write``, ``(i, write)``, ``1b``. Raises Unreadable."""
    bracket = "(" in reader.skip(_OPENING)
    if glued := _glued(reader, lefts, rights):
        return glued
    left = _side(reader, lefts)
    start = reader.at
    link = reader.skip(_LINK_IN_BRACKETS if bracket else _LINK)
    if reader.at == reader.end:
        raise Unreadable("not-a-pair", (start, reader.end))
    if not link:
        raise Unreadable("not-a-pair", reader.word())
    right = _side(reader, rights)
    if bracket and not reader.skip(_CLOSING):
        raise Unreadable("unbalanced", (reader.at, reader.at))
    return left, right


def _glued(reader: Reader, lefts: tuple[str, ...], rights: tuple[str, ...]) -> tuple[str, str] | None:
    """A pair of one character each without anything between them, which is stepped over."""
    start, end = reader.word()
    if end - start != 2 or reader.text[start:end] in lefts:
        return None
    left, right = (identified(reader.text[at], known) for at, known in ((start, lefts), (start + 1, rights)))
    if left is None or right is None:
        return None
    reader.at = end
    return left, right


def _side(reader: Reader, known: tuple[str, ...]) -> str:
    """The id that stands here, in quotation marks or not. Raises Unreadable."""
    reader.skip(_QUOTE)
    name = reader.id(known)
    if name is None:
        raise Unreadable("unknown-name", reader.word())
    reader.skip(_QUOTE)
    return name
