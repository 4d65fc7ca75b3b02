"""What people type as mathematics: characters, tokens and a grammar, all bounded. Nothing is ever evaluated.

``docs/answers.md`` says what is read; :func:`formula` reads one formula, :func:`tokens` and :func:`parse` are its
halves for kinds of answer that consist of several.
"""

from quizgen.notation.characters import Unreadable, check, plain
from quizgen.notation.grammar import parse
from quizgen.notation.tokens import Numerals, Token, enclosed, split, tokens
from quizgen.notation.vocabulary import NOTHING, Vocabulary, vocabulary

__all__ = [
    "NOTHING", "Numerals", "Token", "Unreadable", "Vocabulary", "check", "enclosed", "formula", "parse", "plain",
    "split", "tokens", "vocabulary",
]  # fmt: skip
