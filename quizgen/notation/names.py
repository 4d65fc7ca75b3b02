"""Runs of letters, cut into the names that a vocabulary knows: ``4nd`` is 4·n·d, ``C_inC_out`` is C_in·C_out."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from quizgen.notation.characters import GREEK, Unreadable
from quizgen.notation.tokens import OPENING, Token
from quizgen.notation.vocabulary import SERIES, Meaning, Role, Vocabulary, flat, units

LONGEST = 64
"""The most letters of a run."""


class Piece(NamedTuple):
    """A name with what it means, at its place; ``low`` holds the tokens that stand low behind it."""

    role: Role
    text: str
    low: tuple[Token, ...]
    start: int
    end: int
    spaced: bool
    kind: str = "piece"

    @property
    def span(self) -> tuple[int, int]:
        """The place of the name in what was typed."""
        return self.start, self.end


class _Unit(NamedTuple):
    """A letter, or all that stands low together, with its place."""

    text: str
    low: bool
    group: tuple[Token, ...]
    start: int
    end: int


def cut(found: Sequence[Token], vocabulary: Vocabulary, bound: Sequence[str] = ()) -> list[Token | Piece]:
    """All tokens, names as pieces; ``bound`` are names that sums around run over.

    Raises Unreadable: undeclared-name, unbalanced, ambiguous-log.
    """
    found = list(_apart(found, vocabulary))
    indices = frozenset((*bound, *_bound(found)))
    result: list[Token | Piece] = []
    place = 0
    while place < len(found):
        token = found[place]
        if token.kind != "name" or _is_set_low(found, place) or _transposes(found, place, vocabulary):
            result.append(token)
            place += 1
            continue
        run, place = _run(found, place)
        try:
            result += _Cutter(run, vocabulary, indices, _can_be_argument(found, place)).pieces(token.spaced)
        except Unreadable:
            _require_ranges(found)  # else an index is not known
            raise
    return result


def _require_ranges(found: Sequence[Token]) -> None:
    """Raises Unreadable("missing-range") for a sum or product that does not say over what it runs."""
    for token, after in pairwise((*found, Token("op", "", 0, 0))):
        if token.text in ("∑", "∏", *SERIES) and after.text not in ("_", "^", "("):
            raise Unreadable("missing-range", token.span)


def _is_set_low(found: Sequence[Token], place: int) -> bool:
    """Whether a name stands low behind something that is no name, as the F of a norm."""
    return place > 0 and found[place - 1].kind == "op" and found[place - 1].text == "_"


def _apart(found: Sequence[Token], vocabulary: Vocabulary) -> Iterator[Token]:
    """The tokens, the T of ``X^TX`` apart from the name behind it."""
    raised = False
    for token in found:
        name = token.text if token.kind == "name" else ""
        if raised and name.startswith("T") and len(name) > 1 and not _declares(vocabulary, name):
            yield Token("name", "T", token.start, token.start + 1)
            yield Token("name", name[1:].removeprefix("_"), token.start + 1, token.end)
        else:
            yield token
        raised = token.kind == "op" and token.text == "^"


def _declares(vocabulary: Vocabulary, run: str) -> bool:
    """Whether a run begins with a declared name."""
    letters = "".join(units(run)[0])
    return any(letters.startswith(name) for name in vocabulary.declared)


def _transposes(found: Sequence[Token], place: int, vocabulary: Vocabulary) -> bool:
    """Whether a name is the T of ``x^T`` or ``x^{T}``."""
    before = "".join(token.text for token in found[max(0, place - 2) : place])
    return found[place].text == "T" and "T" not in vocabulary.declared and before.endswith(("^", "^{"))


_NO_ARGUMENT = frozenset(")]}*/,;=<>≤≥≠&⟩⌋⌉'!") | {"\\}", "\\\\", "//"}


def _can_be_argument(found: Sequence[Token], place: int) -> bool:
    """Whether a function can be applied to what begins at ``place``."""
    if place == len(found):
        return False
    token = found[place]
    return token.kind != "end" and not (token.kind == "op" and token.text in _NO_ARGUMENT)


def _run(found: Sequence[Token], place: int) -> tuple[list[_Unit], int]:
    """The letters of a name and of what stands low behind it, and the place after them."""
    run = list(_letters(found[place], low=False))
    place += 1
    while place + 1 < len(found) and found[place].kind == "op" and found[place].text == "_":
        token = found[place + 1]
        if token.kind == "op" and token.text in ("{", "("):
            end = _closing(found, place + 1)
            group = tuple(found[place + 2 : end])
            if any(inner.text == "=" for inner in group):
                break  # the range of a sum
            run.append(_Unit(flat(inner.text for inner in group), True, group, token.start, found[end].end))
            place = end + 1
        elif token.kind == "name":
            run += _letters(token, low=True)
            place += 2
        elif token.kind == "number":
            run.append(_Unit(token.text, True, (token,), token.start, token.end))
            place += 2
        else:
            break
    return run, place


def _closing(found: Sequence[Token], place: int) -> int:
    """Where the bracket that opens at ``place`` is closed. Raises Unreadable("unbalanced")."""
    wanted = OPENING[found[place].text]
    depth = 0
    for number in range(place, len(found)):
        depth += (found[number].text == found[place].text) - (found[number].text == wanted)
        if depth == 0:
            return number
    raise Unreadable("unbalanced", found[place].span)


def _letters(token: Token, low: bool) -> Iterator[_Unit]:
    """The letters of one token. Raises Unreadable("undeclared-name") for more of them than any name has."""
    starts = [place for place, character in enumerate(token.text, token.start) if character.isalnum()]
    if len(starts) > LONGEST:
        raise Unreadable("undeclared-name", token.span)
    spelled, lowered = units(token.text)
    exact = token.end - token.start == len(token.text) and len(starts) == len(spelled)  # no command such as \beta
    for number, text in enumerate(spelled):
        start, end = (starts[number], starts[number] + 1) if exact else token.span
        yield _Unit(text, low if number == 0 else number in lowered, (), start, end)


def _bound(found: Sequence[Token]) -> Iterator[str]:
    """The names that sums and products run over: of ``\\sum_{i=1}``, ``sum_i=1`` and ``sum(x_i, i, 1, n)``."""
    for before, name, after in zip(found, found[1:], found[2:], strict=False):
        if name.kind == "name" and after.text == "=" and before.text in ("{", "(", "_"):
            yield flat([name.text])
        if before.text in ("∑", "∏") and name.text == "_" and after.kind == "name":
            yield flat([after.text])  # the range is missing, which is said later
    for name, after in pairwise(found):
        if name.kind == "name" and after.text == "=" and name.text.partition("_")[0] in SERIES:
            yield flat([name.text.partition("_")[2]])
        if name.kind == "name" and name.text.endswith(tuple(SERIES)) and after.text == "(":
            yield from _second_argument(found, found.index(name) + 1)


def _second_argument(found: Sequence[Token], place: int) -> Iterator[str]:
    """The name that stands alone between the first two commas of a bracket."""
    depth = commas = 0
    for number in range(place, len(found) - 1):
        token = found[number]
        depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
        if depth == 0:
            return
        if depth == 1 and token.text == ",":
            commas += 1
            follows = found[number + 1]
            if commas == 1 and follows.kind == "name":
                yield flat([follows.text])


_SPELLED = frozenset(GREEK.values())
_LOW = ("log2", "log10")

_Cut: TypeAlias = tuple[Meaning, int, int, int]
"""What a piece means, where it begins, where its name ends, and where what stands low behind it ends."""
_Found: TypeAlias = tuple[int, tuple[_Cut, ...]]
"""What some cuts cost, and the cuts."""


class _Cutter:
    """Finds the cheapest way to cut one run: few pieces, and constants only where nothing else fits."""

    def __init__(self, run: list[_Unit], vocabulary: Vocabulary, indices: frozenset[str], applied: bool) -> None:
        if len(run) > LONGEST:
            raise Unreadable("undeclared-name", (run[0].start, run[-1].end))
        self.run = run
        self.vocabulary = vocabulary
        self.indices = indices
        self.applied = applied  # whether an argument may follow
        self.known: dict[tuple[int, bool], _Found | None] = {}

    def pieces(self, spaced: bool) -> Iterator[Piece | Token]:
        """The pieces in order. Raises Unreadable."""
        found = self._from(0, False)
        if found is None or (len(found[1]) > 1 and "".join(unit.text for unit in self.run) in _SPELLED):
            raise Unreadable("undeclared-name", (self.run[0].start, self.run[-1].end))
        for meaning, start, middle, end in found[1]:
            place = (self.run[start].start, self.run[end - 1].end)
            if meaning.role == "digits":
                yield Token("number", meaning.name, *place, spaced)
            else:
                if meaning.name == "log2" and end < len(self.run) and not self.run[middle - 1].low:
                    raise Unreadable("ambiguous-log", (place[0], self.run[-1].end))
                yield Piece(meaning.role, meaning.name, self._index(middle, end), *place, spaced)
            spaced = False

    def _index(self, middle: int, end: int) -> tuple[Token, ...]:
        """The tokens that stand low from ``middle`` to ``end``."""
        if middle == end:
            return ()
        if self.run[middle].group:
            return self.run[middle].group
        inner = self.run[middle:end]
        text = "".join(unit.text for unit in inner)
        kind = "number" if text.isdecimal() else "name"
        if kind == "name" and text not in self.indices and text not in self.vocabulary.meanings:
            return tuple(Token("name", unit.text, unit.start, unit.end) for unit in inner)
        return (Token("number" if kind == "number" else "name", text, inner[0].start, inner[-1].end),)

    def _from(self, start: int, after_function: bool) -> _Found | None:
        """The cost and the cuts of everything from ``start`` on; None if there is no way."""
        if start == len(self.run):
            return 0, ()
        state = (start, after_function)
        if state not in self.known:
            self.known[state] = None
            ways = (self._then(*way) for way in self._ways(start, after_function))
            self.known[state] = min((way for way in ways if way), key=lambda way: way[0], default=None)
        return self.known[state]

    def _then(self, meaning: Meaning, start: int, middle: int, end: int) -> _Found | None:
        """The cost and the cuts from ``start`` on, if the first one is this; None if nothing can follow it."""
        rest = self._from(end, meaning.role == "function")
        is_whole = start == 0 and end == len(self.run)
        if rest is None or (not is_whole and end == len(self.run) and self._lacks_argument(meaning)):
            return None
        cost = 6 if meaning.role == "constant" and not is_whole else 2
        return cost + (end > middle) + rest[0], ((meaning, start, middle, end), *rest[1])

    def _lacks_argument(self, meaning: Meaning) -> bool:
        """Whether a function stands where nothing follows that it could be applied to."""
        is_alone = meaning.name in ("log2", "log10", "mod")
        return meaning.role in ("function", "bracketed") and not self.applied and not is_alone

    def _ways(self, start: int, after_function: bool) -> Iterator[_Cut]:
        """What the piece that begins at ``start`` can be: its meaning, where it ends, where what stands low ends."""
        text = ""
        for end in range(start + 1, min(len(self.run), start + self.vocabulary.longest) + 1):
            text += self.run[end - 1].text
            meaning = self._meaning(text)
            if meaning and (meaning.name in _LOW or not self._joins(start, end, text)):
                yield from ((meaning, start, end, last) for last in self._ends(meaning, end))
            elif after_function and text.isdecimal() and not self._is_low(end):
                yield Meaning("digits", text), start, end, end

    def _joins(self, start: int, end: int, text: str) -> bool:
        """Whether letters would be joined with low ones to a name that has none: ``p_i`` is not ``pi``."""
        if not any(unit.low for unit in self.run[start + 1 : end]):
            return False
        declared = self.vocabulary.declared.get(text)
        return declared is None or (text in _SPELLED and "_" not in declared.name)

    def _meaning(self, text: str) -> Meaning | None:
        if text in self.indices and text not in self.vocabulary.declared:
            return Meaning("index", text)
        return self.vocabulary.meanings.get(text)

    def _is_low(self, place: int) -> bool:
        return place < len(self.run) and self.run[place].low

    def _ends(self, meaning: Meaning, end: int) -> Iterator[int]:
        """Where a piece can end, together with what stands low behind it."""
        if not self._is_low(end):
            yield end
            if not self._is_indexed(meaning) or self._has_entries(meaning):
                return
            last = end
            while last < len(self.run) and self.run[last].text.isdecimal() and not self.run[last].low:
                last += 1
            if last > end and not self._is_low(last):
                yield last  # x1 is x_1 where x has indices
        elif meaning.role in ("series", "identity") or meaning.name in ("ln", "max", "min"):
            yield end + 1
        elif self._is_indexed(meaning):
            yield from self._indices(end)

    def _indices(self, start: int) -> Iterator[int]:
        """Where an index that begins at ``start`` can end."""
        if self.run[start].group:
            if not self._is_low(start + 1):
                yield start + 1
            return
        for end in range(start + 1, len(self.run) + 1):
            text = self.run[end - 1].text
            joined = "".join(unit.text for unit in self.run[start:end])
            if not (joined.isdecimal() or self._counts(text) or self._counts(joined)):
                return
            if not self._is_low(end):
                yield end

    def _counts(self, name: str) -> bool:
        """Whether a name can be an index: one that a sum runs over, or a variable of whole numbers."""
        if name in self.indices:
            return True
        meaning = self.vocabulary.declared.get(name)
        domain = self.vocabulary.domain(meaning.name) if meaning else None
        return domain is not None and "integer" in domain.kind and not domain.indexed

    def _is_indexed(self, meaning: Meaning) -> bool:
        """Whether what stands low behind a name is an index: of an indexed variable, a vector or a matrix."""
        domain = self.vocabulary.domain(meaning.name)
        return meaning.role == "variable" and domain is not None and (domain.indexed or domain.shape is not None)

    def _has_entries(self, meaning: Meaning) -> bool:
        """Whether a name stands for a vector or a matrix, which is used without an index too."""
        domain = self.vocabulary.domain(meaning.name)
        return domain is not None and not domain.indexed
