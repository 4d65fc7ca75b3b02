"""What people type as mathematics: characters, tokens and a grammar, all bounded. Nothing is ever evaluated.

``docs/answers.md`` says what is read; :func:`formula` reads one formula, :func:`tokens` and :func:`parse` are its
halves for kinds of answer that consist of several.
"""

from quizgen.expr.tree import Node
from quizgen.notation.characters import Unreadable, check, plain, same
from quizgen.notation.grammar import parse
from quizgen.notation.numerals import Numerals
from quizgen.notation.tokens import Token, enclosed, split, tokens
from quizgen.notation.vocabulary import NOTHING, Vocabulary, vocabulary

__all__ = [
    "NOTHING", "Numerals", "Token", "Unreadable", "Vocabulary", "check", "enclosed", "formula", "parse", "plain",
    "same", "split", "tokens", "vocabulary",
]  # fmt: skip


def formula(text: str, vocabulary: Vocabulary = NOTHING, numerals: Numerals = "list") -> Node:
    """The formula that ``text`` states. Raises Unreadable."""
    return parse(tokens(text, numerals), vocabulary, len(text))
