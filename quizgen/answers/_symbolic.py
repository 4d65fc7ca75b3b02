"""What the kinds of answer made of formulas share: the names of a key, labels, and other ways to type the same."""

import re
from abc import abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters
from typing import TYPE_CHECKING, Self

from msgspec import field

from quizgen import notation
from quizgen.errors import InputError
from quizgen.expr import Expr, Node, Num, Product, latex
from quizgen.notation.characters import GREEK, SUPERSCRIPTS
from quizgen.notation.vocabulary import flat
from quizgen.values import Key, Value, to_json

if TYPE_CHECKING:
    from quizgen.expr.equality import Outcome

SLIPS = 120
"""The most slips that a key is tried with."""

_LETTERS = {name: letter for letter, name in GREEK.items()}
_GREEK_NAME = re.compile(rf"(?<![A-Za-z\\])(?:{'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])")
_GREEK_LETTER = re.compile(f"([{''.join(GREEK)}])(?=(?P<digit>[0-9])|(?P<letter>[A-Za-z])|)")
_RAISED = {digit: sign for sign, digit in SUPERSCRIPTS.items() if digit.isdecimal()}
_POWER = re.compile(r"\^([0-9])(?![0-9.^!'{])")
_SIGN = re.compile(r" *([+*/]|(?<![eE])-) *")
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


class Symbolic(Key, frozen=True):
    """``value`` in quizgen's notation, made of ``variables`` (name to domain, see ``expr.domains``).

    ``functions`` are names of which nothing is known, ``identity`` the name of the identity matrix, ``spellings`` other
    names for declared ones. ``label`` is what may stand before the answer (``L = ...``).
    """

    worded = True
    limit = 2000

    value: str
    variables: dict[str, str] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    identity: str = ""
    spellings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    label: str = ""

    def __post_init__(self) -> None:
        try:
            self.formulas(self.value)
        except notation.Unreadable as error:
            place = repr(self.value[slice(*error.span)]) if error.span[0] < len(self.value) else "the end"
            raise TypeError(f"the key {self.value!r} cannot be read: {error.code} at {place}") from error
        except InputError as error:
            raise TypeError(f"the key {self.value!r} cannot be read: {error}") from error

    @classmethod
    def of(
        cls,
        value: Value,
        variables: dict[str, str] | None = None,
        functions: tuple[str, ...] = (),
        identity: str = "",
        spellings: dict[str, tuple[str, ...]] | None = None,
        label: str = "",
    ) -> Self:
        """The key for a text or a tree.

        Raises TypeError if it cannot be read, or has no value where its variables live.
        """
        if not isinstance(value, str | Expr):
            raise TypeError(f"expected a formula, got {value!r}")
        key = cls(
            value=latex(value) if isinstance(value, Expr) else value,  # type: ignore[arg-type]  # every Expr is a Node
            variables=variables or {},
            functions=tuple(functions),
            identity=identity,
            spellings=spellings or {},
            label=label,
        )
        for place, tree in enumerate(key.formulas(key.value)):
            again = Product((Num("1"), tree))  # not the same tree, so that values are compared
            if key.compare(tree, again, place).verdict != "same":
                raise TypeError(f"{key.value!r} has no value that can be computed where its variables live")
        return key

    @abstractmethod
    def formulas(self, value: Value) -> tuple[Node, ...]:
        """The formulas that ``value`` is made of. Raises Unreadable and InputError."""

    @property
    def right(self) -> str:
        return self.value

    @property
    def vocabulary(self) -> notation.Vocabulary:
        """The names that answers are made of. Raises InputError for unknown domains and names that look alike."""
        return notation.vocabulary(self.variables, self.functions, self.identity, self.spellings)

    def seed(self, place: int = 0) -> bytes:
        """What the sample points for the formula at a place are drawn from: all of the key but its value.

        So the wrong values of an item, and the items of a family, are compared at the same points, drawn once.
        """
        return to_json((self.variables, self.functions, self.identity, self.spellings, place))

    def compare(self, key: Node, answer: Node, place: int = 0) -> "Outcome":
        """Whether two formulas are equal; ``place`` is that of the formula in the key."""
        from quizgen.expr import equality  # loads what computes with intervals

        return equality.same(key, answer, self.vocabulary.variables, self.seed(place))

    def slip(self, key: Node, answer: Node, place: int = 0) -> str | None:
        """The code of the slip that makes ``answer`` out of ``key``."""
        from quizgen.expr import mutants

        return mutants.slip(key, answer, self.vocabulary.variables, self.seed(place))

    def tree(self, value: Value) -> Node:
        """A formula as a tree; text is read with the names of the key."""
        return value if isinstance(value, Expr) else _read(value, self.vocabulary)  # type: ignore[return-value]  # nodes

    def undeclared(self) -> str:
        """A letter that means nothing here."""
        known = self.vocabulary.meanings
        return next(letter for letter in "qwzv" + ascii_letters if letter not in known)


@lru_cache(maxsize=4096)
def _read(text: str, vocabulary: notation.Vocabulary) -> Node:
    return notation.formula(text, vocabulary)


def subject(found: Sequence[notation.Token]) -> set[str]:
    """What a label stands for: ``q(x_t|x_0)`` for itself, and for ``x_t``."""
    names = {plain_name(found)}
    opening = next((place for place, token in enumerate(found) if token.text == "("), None)
    inner = notation.enclosed(found[opening:], ("(",)) if opening else None
    if inner:
        names |= {plain_name(inner), plain_name(notation.split(inner, ",;|")[0])}
    return names


def is_label(found: Sequence[notation.Token], label: str) -> bool:
    """Whether some tokens are ``label``, however they are typed."""
    return bool(label) and bool(found) and not subject(found).isdisjoint(subject(notation.tokens(label)))


def after(found: Sequence[notation.Token], signs: str) -> tuple[Sequence[notation.Token], Sequence[notation.Token]]:
    """What stands before the first of ``signs`` outside of all brackets, and what stands behind; all is behind if none.

    ``:=`` is one sign.
    """
    left, *right = notation.split(found, signs)
    if not right:
        return (), found
    length = 2 if [token.text for token in found[len(left) : len(left) + 2]] == [":", "="] else 1
    return left, found[len(left) + length :]


def plain_name(found: Sequence[notation.Token]) -> str:
    """The normal form of tokens that are one name."""
    return flat("‖" if token.text == "||" else token.text for token in found)


def retyped(text: str) -> list[str]:
    """The same in other characters: blanks, Greek letters, superscripts, full-width characters, ``**``."""
    greek = _GREEK_NAME.sub(lambda match: _LETTERS[match[0]], text)
    others = [
        f" {text} ",
        _SIGN.sub(r" \1 ", text) if "**" not in text else text,
        greek,
        _GREEK_LETTER.sub(_command, greek),
        _POWER.sub(lambda match: _RAISED[match[1]], greek),
        text.replace("-", "\N{MINUS SIGN}"),
        text.replace("^", "**"),
        text.replace("(", r"\left(").replace(")", r"\right)"),
        text.translate(_FULL_WIDTH),
        f"${text}$",
    ]
    return list(dict.fromkeys(others))


def _command(match: re.Match[str]) -> str:
    """A Greek letter as a command, apart from what follows."""
    return "\\" + GREEK[match[1]] + ("_" if match["digit"] else " " if match["letter"] else "")
