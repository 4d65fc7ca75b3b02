"""Verdicts, and what part of the credit is given."""

from collections.abc import Iterable
from fractions import Fraction

from quizgen.values import Value, Verdict

RIGHT = Verdict(verdict="right", credit=Fraction(1))
WRONG = Verdict(verdict="wrong")
UNDECIDED = Verdict(verdict="invalid", notes=("undecided",))


def share(right: int, of: int) -> Verdict:
    """The verdict for ``right`` things out of ``of``."""
    if right >= of:
        return RIGHT
    return Verdict(verdict="partial", credit=Fraction(right, of)) if right > 0 else WRONG


def overlap(chosen: Iterable[Value], right: Iterable[Value]) -> Verdict:
    """The verdict for a selection: what is right in it minus what is not, out of all that is right."""
    answer, key = set(chosen), set(right)
    if answer == key:
        return RIGHT
    return share(len(answer & key) - len(answer - key), max(len(key), 1))


FOLLOWS_THROUGH = Verdict(verdict="right", credit=Fraction(1), notes=("follows-through",))
"""Right for the student's own answers to the parts before."""
