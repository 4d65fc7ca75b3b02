"""A formula of declared variables: right is what equals it wherever they live, however it is put."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import islice

from quizgen import notation
from quizgen.answers._credit import RIGHT, UNDECIDED
from quizgen.answers._symbolic import SLIPS, Symbolic, after, is_label, retyped
from quizgen.expr import Node, Num, latex
from quizgen.expr.edits import changes
from quizgen.notation import Unreadable
from quizgen.values import Reading, Value, Verdict


class Formula(Symbolic, frozen=True, tag="formula"):
    """``value``, with ``label`` (``L = ...``) before it or not."""

    online = ("formula", "choose")

    def formulas(self, value: Value) -> tuple[Node, ...]:
        return (self.tree(value),)

    def read(self, text: str) -> Reading:
        return _reading(text, self.vocabulary, self.label)

    def judge(self, reading: Reading) -> Verdict:
        outcome = self.compare(self.tree(self.value), self.tree(reading.value))
        match outcome.verdict:
            case "same":
                return RIGHT
            case "different":
                return Verdict(verdict="wrong", notes=outcome.notes)
        return UNDECIDED

    def near(self, reading: Reading) -> tuple[str, ...]:
        code = self.slip(self.tree(self.value), self.tree(reading.value))
        return (code,) if code else ()

    def slips(self) -> Iterator[tuple[str, str]]:
        for code, mutant in islice(changes(self.tree(self.value), self.vocabulary.variables), SLIPS):
            yield code, latex(mutant)

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return f"${latex(self.tree(value))}$"

    def notations(self, value: Value) -> list[str]:
        shown = latex(self.tree(value))
        typed = [*(retyped(value) if isinstance(value, str) else ()), shown, f"({shown})", f"${shown}$"]
        return [*typed, *(f"{self.label} = {text}" for text in typed[:2] if self.label)]

    def junk(self) -> list[str]:
        text, letter = latex(self.tree(self.value)), self.undeclared()
        return ["", "?", "1 2", "(", f"({text}", f"{text} +", f"{text} = 1", letter, f"({text}) {letter}"]

    def wrong(self) -> list[str]:
        tree = self.tree(self.value)
        text = latex(tree)
        if isinstance(tree, Num) and not Fraction(tree.value):
            return ["1", "-2"]
        return [f"2 ({text})", f"-({text})", f"({text})/3"]


@lru_cache(512)  # the wrong answers of a family come again with other parameters
def _reading(text: str, vocabulary: notation.Vocabulary, label: str) -> Reading:
    """What ``text`` states, with ``label`` before it or not. Raises Unreadable."""
    found = notation.tokens(text)
    left, right = after(found, "=≈:")
    labelled = is_label(left, label)
    try:
        tree = notation.parse(right if labelled else found, vocabulary, len(text))
    except Unreadable as error:
        if label and left and not labelled and (error.code == "equation" or error.span[0] < left[-1].end):
            raise Unreadable("unexpected-label", (left[0].start, left[-1].end)) from None
        raise
    return Reading(value=tree, parsed=latex(tree))
