r"""Closed numeric chains in LaTeX, such as ``\frac{7 + 2 - 3}{2} + 1 = 4``: read, evaluated, and compared side by side.

A reader of its own, which shares nothing with what printed the formula: recursive descent over the tokens, exact with
fractions, to 60 digits where roots, logarithms and exponentials enter. A side with letters in it is open and says
nothing; a side of numbers is closed. Closed sides joined by = must be equal; by \approx, a decimal must be within half
a unit of its last digit of the other side as printed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from quizgen.checks._sides import (
    Numeral,
    Open,
    Reader,
    Tree,
    Value,
    add,
    multiply,
    norm,
    real,
    scalar,
    subtract,
    times,
    value,
)
from quizgen.markup.math import SIZED, TEXT, tokens

SAME = Decimal(1).scaleb(-45)
"""Relative difference at which two values that are not rational count as equal."""

EQUAL, ABOUT = "=", r"\approx"
RELATIONS = {
    "=": EQUAL, r"\equiv": EQUAL, r"\approx": ABOUT, r"\doteq": ABOUT, r"\simeq": ABOUT,
    "<": "<", ">": ">", r"\le": r"\le", r"\leq": r"\le", r"\leqslant": r"\le", r"\ge": r"\ge", r"\geq": r"\ge",
    r"\geqslant": r"\ge", r"\ne": r"\ne", r"\neq": r"\ne",
}  # fmt: skip
SEPARATORS = frozenset([
    ",", ";", ":", r"\\", r"\quad", r"\qquad", r"\enspace", r"\to", r"\mapsto", r"\rightarrow", r"\leftarrow",
    r"\longrightarrow", r"\Rightarrow", r"\Leftrightarrow", r"\Longrightarrow", r"\implies", r"\iff", r"\sim",
    r"\propto", r"\cong", r"\in", r"\notin", r"\subset", r"\subseteq", r"\ll", r"\gg", r"\mid", r"\perp", r"\wedge",
    r"\vee", r"\land", r"\lor", r"\therefore", r"\because",
])  # fmt: skip
SPACES = frozenset([r"\,", r"\;", r"\:", r"\!", r"\ ", r"\displaystyle", r"\textstyle"])
OPENING = frozenset(
    ["(", "[", "{", r"\{", r"\left", r"\begin", r"\lfloor", r"\lceil", r"\lvert", r"\lVert", r"\lbrace"]
)
CLOSING = frozenset([")", "]", "}", r"\}", r"\right", r"\end", r"\rfloor", r"\rceil", r"\rvert", r"\rVert", r"\rbrace"])
LINES = frozenset(["aligned", "gathered"])
"""Environments whose lines are chains, or go on with one."""


@dataclass(frozen=True)
class Comparison:
    """Two closed sides of a chain as printed, the relation between them, and whether it holds."""

    left: str
    relation: str
    right: str
    holds: bool


@lru_cache(maxsize=20_000)
def comparisons(tex: str) -> tuple[Comparison, ...]:
    """What the chains of a formula state about numbers, in the order printed."""
    return tuple(found for chain in chains(lexed(tex)) for found in compared(chain))


def lexed(tex: str) -> list[str]:
    r"""The tokens without space and sizes; groups of digits joined again; words are the one token ``\text``."""
    raw = [token for token in tokens(tex) if not token.isspace() and token.removeprefix("\\") not in SIZED]
    out: list[str] = []
    at = 0
    while at < len(raw):
        if raw[at].removeprefix("\\") in TEXT:
            out.append(r"\text")
            at = raw.index("}", at)
        elif raw[at] == r"\," and out and continues(out[-1], raw[at + 1 : at + 2]):
            out[-1] += raw[at + 1]
            at += 1
        elif raw[at] not in SPACES:
            out.append(raw[at])
        at += 1
    while out and out[-1] in (".", ",", ";"):
        out.pop()
    return out


def continues(before: str, after: list[str]) -> bool:
    """Whether a thin space is between two groups of one number's digits."""
    return before.isdigit() and bool(after) and after[0][0].isdigit() and len(after[0].partition(".")[0]) == 3


def chains(tokens: list[str]) -> Iterator[list[tuple[str, list[str]]]]:
    """Chains as pairs (relation before the side, tokens of the side)."""
    chain: list[tuple[str, list[str]]] = [("", [])]
    depth = 0
    tokens = unaligned(tokens)
    for at, token in enumerate(tokens):
        depth += (token in OPENING) - (token in CLOSING)
        if depth == 0 and token in RELATIONS:
            chain.append((RELATIONS[token], []))
        elif depth == 0 and token in SEPARATORS:
            if token == r"\\" and at + 1 < len(tokens) and tokens[at + 1] in RELATIONS:
                continue
            yield chain
            chain = [("", [])]
        else:
            chain[-1][1].append(token)
    yield chain


def unaligned(tokens: list[str]) -> list[str]:
    r"""Without ``\begin{aligned} … \end{aligned}`` and its marks of alignment: its lines go on one after the other."""
    out: list[str] = []
    inside: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token in (r"\begin", r"\end"):
            close = tokens.index("}", at)
            name = "".join(tokens[at + 2 : close])
            inside = [*inside, name] if token == r"\begin" else inside[:-1]
            if name in LINES:
                at = close + 1
                continue
        if token != "&" or not inside or inside[-1] not in LINES:
            out.append(token)
        at += 1
    return out


def compared(chain: list[tuple[str, list[str]]]) -> Iterator[Comparison]:
    """Each closed side with the closed side before it, if the relations between them add up to one."""
    before: tuple[str, Tree] | None = None
    between: set[str] = set()
    for leading, side in chain:
        between.add(leading)
        try:
            tree = Reader(side).read()
            value(tree)
        except (Open, ArithmeticError, ValueError):
            continue
        printed = " ".join(side)
        if before is not None and (relation := joint(between)):
            yield Comparison(before[0], relation, printed, agree(before[1], relation, tree))
        before, between = (printed, tree), set()


def joint(relations: set[str]) -> str:
    """The relation that several in a row amount to; empty if they do not."""
    rest = relations - {EQUAL}
    if len(rest) > 1:
        return ""
    return rest.pop() if rest else EQUAL


def agree(left: Tree, relation: str, right: Tree) -> bool:
    """Whether the relation holds between two closed sides."""
    a, b = value(left), value(right)
    if relation == ABOUT:
        return about(left, a, right, b)
    if relation == EQUAL:
        return equal(a, b)
    if relation == r"\ne":
        return not equal(a, b)
    x, y = real(a), real(b)
    return {"<": x < y, ">": x > y, r"\le": x <= y, r"\ge": x >= y}[relation]


def equal(a: Value, b: Value, slack: Value = Fraction(0)) -> bool:
    """Whether two values differ by at most ``slack``, entry by entry; without slack, rational ones must be equal."""
    if isinstance(a, tuple) or isinstance(b, tuple):
        if not isinstance(a, tuple) or not isinstance(b, tuple) or len(a) != len(b):
            return False
        slacks = slack if isinstance(slack, tuple) else (slack,) * len(a)
        return all(equal(x, y, s) for x, y, s in zip(a, b, slacks, strict=True))
    difference = scalar(subtract(a, b))
    if isinstance(difference, Fraction) and isinstance(slack, Fraction):
        return abs(difference) <= slack
    return real(norm(difference)) <= real(slack) + SAME * max(Decimal(1), real(norm(a)))


def about(left: Tree, a: Value, right: Tree, b: Value) -> bool:
    """Whether one side is the other, rounded."""
    units = [unit for unit in (last_unit(left), last_unit(right)) if unit is not None]
    if units:
        return equal(a, b, half(coarser(units)))
    return equal(a, b, add(error(left), error(right)))


def last_unit(tree: Tree) -> "Value | None":
    """The last digit's unit of a side that is only a numeral, or a vector of numerals; None for one that computes."""
    if isinstance(tree, Numeral):
        return tree.unit
    if tree.name == "negate":
        return last_unit(tree.arguments[0])
    if tree.name == "vector":
        units = [last_unit(entry) for entry in tree.arguments]
        return None if None in units else tuple(unit for unit in units if unit is not None)
    return None


def coarser(units: list[Value]) -> Value:
    """The larger of the units of two numerals."""
    if len(units) == 1 or not isinstance(units[0], Fraction) or not isinstance(units[1], Fraction):
        return units[-1]
    return max(units[0], units[1])


def half(unit: Value) -> Value:
    return tuple(map(half, unit)) if isinstance(unit, tuple) else times(unit, Fraction(1, 2))


def error(tree: Tree) -> Value:
    """How far a side may be off, to first order, if each of its decimals was rounded."""
    exact = value(tree)
    total = subtract(exact, exact)
    for numeral in decimals(tree):
        total = add(total, size(subtract(value(tree, (numeral, numeral.unit / 2)), exact)))
    return multiply(Fraction(101, 100), total)


def size(a: Value) -> Value:
    """Absolute values, entry by entry."""
    return tuple(map(size, a)) if isinstance(a, tuple) else norm(a)


def decimals(tree: Tree) -> Iterator[Numeral]:
    if isinstance(tree, Numeral):
        if tree.unit < 1:
            yield tree
        return
    for argument in tree.arguments:
        yield from decimals(argument)
