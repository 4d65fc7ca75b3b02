"""Ids in what was typed: found one after another, as the key spells them or nearly so.

An id is taken as it is spelled; else without regard to capitals, and with a hyphen or a blank for an underscore, where
only one id can be meant. Nothing is guessed: a word that is no id is unreadable, and the span says which.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache

from quizgen.notation import Unreadable
from quizgen.notation.characters import same

BRACKETS = ("()", "[]", "{}", "<>", "⟨⟩")
JOINING = frozenset({"and", "then", "和", "与", "及", "以及", "然后"})
"""Words between ids that stand for a comma."""

_BACKWARDS = re.compile(r"<[-=]*|←|⇐|⟵")
_SIGNS = r"\s,;|/+&'\"`“”→⇒⟶➔>\-"
_WRAPPED = re.compile(r"\s*(?:\([^()\[\],;]*\)[\s,;]*){2,}|\s*(?:[^\s()\[\],;]+\)[\s,;]*){2,}")  # (B)(D), b) d)
_HAN = "\u3400-\u9fff"
_SEPARATORS = re.compile(rf"(?:[{_SIGNS}]|=+>)+")
_WORD = re.compile(rf"[{_HAN}]+|[^{_HAN}{_SIGNS}<=:()\[\]{{}}⟨⟩←⇐⟵]+|.", re.DOTALL)
_ESCAPES = str.maketrans(
    {sign: f"\\{sign}" for sign in "{}$&#%_"}
    | {"\\": r"}\backslash\text{", "^": r"}\wedge\text{", "~": r"}\sim\text{", "\n": " "}
)


def latex_text(words: str) -> str:
    r"""``words`` as LaTeX: ``\text{layer\_norm}``."""
    return rf"\text{{{words.translate(_ESCAPES)}}}"


def latex_ids(ids: Iterable[str]) -> str:
    """Ids as LaTeX, parted by commas; the empty set for none."""
    return ", ".join(map(latex_text, ids)) or r"\emptyset"


def check_ids(ids: Iterable[str]) -> None:
    """Raises TypeError for ids that could not be told apart, or not be typed."""
    names = tuple(ids)
    if not names or not all(name.strip() for name in names) or len(set(names)) < len(names):
        raise TypeError(f"expected at least one id, none of them empty or twice, got {names}")


class Reader:
    """Goes through one answer from left to right. ``at`` is the place reached."""

    def __init__(self, text: str) -> None:
        self.typed = text
        self.text = same(text)
        if _WRAPPED.fullmatch(self.text):
            self.text = self.text.translate({ord("("): " ", ord(")"): " "})
        self.folded = _folded(self.text)
        self.at, self.end = _inside(self.text)
        if self.at == self.end:
            raise Unreadable("empty", (0, len(text)))

    @cached_property
    def whole(self) -> str:
        """The answer without blanks and brackets around it."""
        return self.text[self.at : self.end]

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Step over what matches ``pattern`` here, and return it."""
        match = pattern.match(self.text, self.at, self.end)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def ids(self, known: tuple[str, ...]) -> Iterator[tuple[str, tuple[int, int]]]:
        """All ids up to the end, each with its span. Raises Unreadable."""
        is_empty = True
        while self.at < self.end:
            start = self.at
            name = self.id(known)
            if name is not None:
                is_empty = False
                yield name, (start, self.at)
            elif not self.skip(_SEPARATORS) and not self._joins():
                is_empty = False
                yield from self._letters(known)
        if is_empty:
            raise Unreadable("empty", (0, len(self.typed)))

    def id(self, known: tuple[str, ...]) -> str | None:
        """The id that stands here, which is stepped over; None if there is none."""
        name = _matching(self.text, self.at, self.end, _by_length(known))
        if name is None:
            folded = _matching(self.folded, self.at, self.end, _unambiguous(known))
            name = None if folded is None else _unambiguous(known)[folded]
        if name is not None:
            self.at += len(name)
        return name

    def word(self) -> tuple[int, int]:
        """The span of the word that stands here."""
        match = _WORD.match(self.text, self.at, self.end)
        return match.span() if match else (self.at, self.end)

    def _letters(self, known: tuple[str, ...]) -> Iterator[tuple[str, tuple[int, int]]]:
        """Several ids without a gap, where all have one character: ``BD``. Raises Unreadable."""
        if backwards := _BACKWARDS.match(self.text, self.at, self.end):
            raise Unreadable("ambiguous-order", backwards.span())
        start, end = self.word()
        typed = range(start, end)
        names = [identified(self.text[at], known) for at in typed]
        if None in names or any(len(name) != 1 for name in known):
            raise Unreadable("unknown-name", (start, end))
        yield from ((name, (at, at + 1)) for at, name in zip(typed, names, strict=True) if name is not None)
        self.at = end

    def _joins(self) -> bool:
        """Whether a word that stands for a comma is here, which is stepped over."""
        start, end = self.word()
        if self.text[start:end].casefold() not in JOINING:
            return False
        self.at = end
        return True


def identified(letter: str, known: tuple[str, ...]) -> str | None:
    """The id that is one letter, its case being no matter where only one can be meant."""
    return letter if letter in known else _unambiguous(known).get(_folded(letter))


def read_each_once(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of ``known`` in the order typed, none of them twice. Raises Unreadable."""
    found: dict[str, None] = {}
    for name, span in Reader(text).ids(known):
        if name in found:
            raise Unreadable("not-each-once", span)
        found[name] = None
    return tuple(found)


def _inside(text: str) -> tuple[int, int]:
    """The span of ``text`` without blanks, one pair of brackets around all of it, and what ends it: ``b.``, ``b)``."""
    start, end = _stripped(text, 0, len(text), " \n." if "(" in text else " \n.)")
    if _is_enclosed(text, start, end):
        start, end = _stripped(text, start + 1, end - 1, " \n")
    elif text.startswith("\\{", start, end) and text.endswith("\\}", start + 2, end):
        start, end = _stripped(text, start + 2, end - 2, " \n")
    return start, end


def _is_enclosed(text: str, start: int, end: int) -> bool:
    """Whether a bracket opens at the start that closes at the end, and not before."""
    if end - start < 2 or text[start] + text[end - 1] not in BRACKETS:
        return False
    depth = 0
    for at in range(start, end):
        depth += (text[at] == text[start]) - (text[at] == text[end - 1])
        if not depth:
            return at == end - 1
    return False


def _stripped(text: str, start: int, end: int, trailing: str) -> tuple[int, int]:
    while start < end and text[start] in " \n":
        start += 1
    while start < end and text[end - 1] in trailing:
        end -= 1
    return start, end


def _folded(text: str) -> str:
    """``text``, of the same length, in small letters, and blanks for hyphens and underscores."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(small if len(small := character.lower()) == 1 else character for character in text)
    return lowered.translate({ord("_"): " ", ord("-"): " "})


@lru_cache(maxsize=512)
def _by_length(known: tuple[str, ...]) -> tuple[str, ...]:
    """The longest first, so that no id is taken for the beginning of another."""
    return tuple(sorted(known, key=len, reverse=True))


@lru_cache(maxsize=512)
def _unambiguous(known: tuple[str, ...]) -> Mapping[str, str]:
    """Folded spelling to id, for those that one id alone has; the longest first."""
    spelled: dict[str, list[str]] = {}
    for name in _by_length(known):
        spelled.setdefault(_folded(same(name)), []).append(name)
    return {folded: names[0] for folded, names in spelled.items() if len(names) == 1 and folded.strip()}


def _matching(text: str, at: int, end: int, names: Iterable[str]) -> str | None:
    """The first of ``names`` that stands at ``at`` as a whole word."""
    for name in names:
        stop = at + len(name)
        if stop <= end and text.startswith(name, at) and (stop == end or not _in_word(text[stop - 1], text[stop])):
            return name
    return None


def _in_word(last: str, following: str) -> bool:
    """Whether a word that has the character ``last`` goes on with ``following``."""
    if not (following.isalnum() or following == "_") or not (last.isalnum() or last == "_"):
        return False
    return last.isascii() == following.isascii()
