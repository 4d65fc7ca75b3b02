"""Formulas that are rewritten by true identities stay right; formulas with one edit that changes the value turn wrong.

Nothing here comes from the program under test: formulas are generated, rewritten, edited and written down by this file,
and what counts as another value is decided by plain arithmetic at fixed points, with a clear margin.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any, NamedTuple, TypeAlias

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quizgen import answers
from quizgen.values import Key, Verdict

MANY = settings(max_examples=4 * settings.default.max_examples)  # type: ignore[union-attr]  # conftest.py sets one


class Tree(NamedTuple):
    """A formula: ``number`` and ``name`` with their text, ``+ - * / ^ neg`` or a function with what it is made of."""

    op: str
    inner: tuple["Tree", ...] = ()
    text: str = ""


def number(text: object) -> Tree:
    return Tree("number", (), str(text))


def name(text: str) -> Tree:
    return Tree("name", (), text)


def of(op: str, *inner: Tree) -> Tree:
    return Tree(op, inner)


def neg(a: Tree) -> Tree:
    return Tree("neg", (a,))


def square(a: Tree) -> Tree:
    return of("^", a, TWO)


ONE, TWO, HALF = number(1), number(2), number("0.5")
DOMAINS = {"x": "real", "y": "real", "beta": "real", "a": "positive", "sigma_0": "positive"}
POSITIVE = {variable for variable, domain in DOMAINS.items() if domain == "positive"}
VARIABLES = [name(variable) for variable in DOMAINS]
NUMBERS = [number(text) for text in ("1", "2", "3", "5", "0.5", "1.5")]
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
    "abs": abs,
    "sin": math.sin,
    "cos": math.cos,
    "tanh": math.tanh,
    "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "softplus": lambda v: math.log1p(math.exp(v)),
    "relu": lambda v: max(v, 0.0),
    "silu": lambda v: v / (1 + math.exp(-v)),
}
DEFINED_FOR_POSITIVE = ("ln", "sqrt")


# What a formula is worth.

Point: TypeAlias = Mapping[str, float]

LARGEST = 1e4
"""No part of a formula may be larger, or its reciprocal: so that doubles carry ten digits through every sum."""

MARGIN = 1e-6


def points(count: int = 24) -> list[Point]:
    """The same points in every run."""
    drawn = Random(20)
    return [
        {n: drawn.uniform(0.2, 3) if n in POSITIVE else drawn.uniform(-3, 3) for n in (*DOMAINS, "c", "x_#", "y_#")}
        for _ in range(count)
    ]


def value(tree: Tree, at: Point) -> float:
    """What a formula is worth at one point. Raises ArithmeticError or ValueError where that cannot be told well."""
    result = _value(tree, at)
    if not abs(result) < LARGEST:
        raise OverflowError
    return result


def _value(tree: Tree, at: Point) -> float:
    match tree:
        case Tree("number"):
            return float(tree.text)
        case Tree("name"):
            return at[tree.text]
        case Tree("max", (a, b)):
            return max(value(a, at), value(b, at))
    inner = [value(part, at) for part in tree.inner]
    match tree.op:
        case "+":
            return inner[0] + inner[1]
        case "-":
            return inner[0] - inner[1]
        case "*":
            return inner[0] * inner[1]
        case "neg":
            return -inner[0]
        case "/":
            return inner[0] / beyond_zero(inner[1])
        case "^":
            return math.pow(beyond_zero(inner[0]), inner[1])
        case "ln" | "sqrt":
            beyond_zero(inner[0])
    return FUNCTIONS[tree.op](inner[0])


def beyond_zero(divisor: float) -> float:
    """A number that is well away from zero. Raises ZeroDivisionError for others."""
    if abs(divisor) * LARGEST < 1:
        raise ZeroDivisionError
    return divisor


def values(tree: Tree) -> list[float | None]:
    """What a formula is worth at every point; None where it has no value."""
    return [value_or_none(tree, at) for at in points()]


def value_or_none(tree: Tree, at: Point) -> float | None:
    try:
        return value(tree, at)
    except (ArithmeticError, ValueError):
        return None


def both(one: Tree, other: Tree) -> list[tuple[float, float]]:
    """The values of two formulas where both have one."""
    pairs = zip(values(one), values(other), strict=True)
    return [(a, b) for a, b in pairs if a is not None and b is not None]


def clearly_differs(a: float, b: float) -> bool:
    return abs(a - b) > MARGIN * (1 + abs(a) + abs(b))


ENOUGH = 8  # of the points must be good, so that every way of sampling finds some


# How a formula is written.

SUM, PRODUCT, POWER, ATOM = range(4)
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Style(NamedTuple):
    """One way to write formulas; ``{}`` stands for what is inside."""

    plus: str
    minus: str
    times: str
    over: str
    raised: str
    brackets: str
    functions: dict[str, str]
    names: dict[str, str]


ASCII = Style("{} + {}", "-", "{}*{}", "{}/{}", "{}^({})", "({})", {}, {})
LOOSE = Style(
    "{}+{}",
    "- ",
    "{} {}",
    "{} / {}",
    "{}**({})",
    "[{}]",
    {"ln": "log({})", "sqrt": "({})^(1/2)", "abs": "|{}|", "relu": "max(0, {})", "exp": "e^({})"},
    {"sigma_0": "sigma0"},
)
UNICODE = Style(
    "{} ＋ {}",
    "−",
    "{}·{}",
    "{}÷{}",
    "{}^（{}）",
    "（{}）",
    {"sqrt": "√({})", "sigmoid": "σ({})", "abs": "|{}|", "relu": "ReLU({})", "max": "max（{}，{}）"},
    {"beta": "β", "sigma_0": "σ₀"},
)
LATEX = Style(
    "{}+{}",
    "-",
    r"{} \cdot {}",
    r"\frac{{{}}}{{{}}}",
    "{}^{{{}}}",
    r"\left({}\right)",
    {
        **{function: rf"\{function}\left({{}}\right)" for function in ("exp", "ln", "sin", "cos", "tanh")},
        **{
            function: rf"\operatorname{{{{{shown}}}}}({{}})"
            for function, shown in (("softplus", "softplus"), ("relu", "ReLU"), ("silu", "SiLU"))
        },
        "sqrt": r"\sqrt{{{}}}",
        "abs": r"\left|{}\right|",
        "sigmoid": r"\sigma({})",
        "max": r"\max\left\{{{}, {}\right\}}",
    },
    {"beta": r"\beta", "sigma_0": r"\sigma_{0}"},
)
STYLES = [ASCII, LOOSE, UNICODE, LATEX]


def write(tree: Tree, style: Style, least: int = SUM) -> str:
    """A formula as text, in brackets if it binds more loosely than ``least``."""
    text, level = _write(tree, style)
    return style.brackets.format(text) if level < least else text


def _write(tree: Tree, style: Style) -> tuple[str, int]:
    match tree:
        case Tree("number"):
            return tree.text, ATOM
        case Tree("name"):
            return style.names.get(tree.text, tree.text), ATOM
        case Tree("neg", (a,)):
            return style.minus + write(a, style, PRODUCT), SUM
        case Tree("+", (a, b)):
            return style.plus.format(write(a, style, SUM), write(b, style, PRODUCT)), SUM
        case Tree("-", (a, b)):
            return f"{write(a, style, SUM)} {style.minus}{write(b, style, PRODUCT)}", SUM
        case Tree("/", (a, b)) if style is LATEX:
            return style.over.format(write(a, style), write(b, style)), PRODUCT
        case Tree("/", (a, b)):
            return style.over.format(write(a, style, PRODUCT), write(b, style, POWER)), PRODUCT
        case Tree("*", (a, b)):
            return _product(write(a, style, PRODUCT), write(b, style, POWER), style), PRODUCT
        case Tree("^", (a, b)):
            return _power(write(a, style, ATOM), write(b, style), style), POWER
    shown = style.functions.get(tree.op, f"{tree.op}({', '.join('{}' for _ in tree.inner)})")
    level = POWER if "^" in shown or "√" in shown else ATOM
    return shown.format(*(write(part, style) for part in tree.inner)), level


def _product(left: str, right: str, style: Style) -> str:
    """Two factors; side by side only where nobody could take them for something else."""
    if style is LOOSE and (right[0].isdigit() or right[0] in "|[" or left[-1] == "|"):
        return f"{left} * {right}"
    return style.times.format(left, right)


def _power(base: str, exponent: str, style: Style) -> str:
    if exponent.isdigit():
        if style is UNICODE:
            return base + exponent.translate(RAISED)
        if style is not LATEX:
            return style.raised.replace("({})", "{}").format(base, exponent)
    return style.raised.format(base, exponent)


# What may be done to it.

Change: TypeAlias = Callable[[Tree], Iterator[Tree]]


def everywhere(tree: Tree, change: Change) -> Iterator[Tree]:
    """The formula with ``change`` made at one of its parts, for every part and every way to change it."""
    yield from change(tree)
    for position, part in enumerate(tree.inner):
        if tree.op == "^" and position == 1 and not positive(tree.inner[0]):
            continue  # an exponent that is an integer only in value says nothing about negative bases
        for changed in everywhere(part, change):
            yield tree._replace(inner=(*tree.inner[:position], changed, *tree.inner[position + 1 :]))


def positive(tree: Tree) -> bool:
    """Whether a formula is greater than zero everywhere, as far as its form shows."""
    match tree:
        case Tree("number"):
            return float(tree.text) > 0
        case Tree("name"):
            return tree.text in POSITIVE
        case Tree("exp" | "sigmoid" | "softplus"):
            return True
        case Tree("^", (a, b)):
            return positive(a)
        case Tree("+" | "*" | "/", (a, b)):
            return positive(a) and positive(b)
        case Tree("sqrt", (a,)):
            return positive(a)
    return False


def identities(tree: Tree) -> Iterator[Tree]:
    """Other forms of the same function, by one identity that needs a formula of this form."""
    yield from _laws_of_sums(tree)
    yield from _laws_of_products(tree)
    yield from _laws_of_logarithms(tree)
    yield from _laws_of_functions(tree)


def laws_of_anything(tree: Tree) -> Iterator[Tree]:
    """Other forms of the same function, by what holds for every formula."""
    x = name("x")
    yield neg(neg(tree))
    yield of("*", ONE, tree)
    yield of("+", of("-", tree, x), x)
    yield of("/", of("*", tree, TWO), TWO)
    if tree == ONE:
        yield of("+", square(of("sin", x)), square(of("cos", x)))
        yield of("/", of("exp", x), of("exp", x))
    if tree.op == "number" and tree.text.isdigit():
        yield of("-", number(int(tree.text) + 3), number(3))
        yield of("/", number(2 * int(tree.text)), TWO)
    if tree == HALF:
        yield of("/", ONE, TWO)
    if positive(tree):
        yield of("exp", of("ln", tree))
        yield square(of("sqrt", tree))


def _laws_of_sums(tree: Tree) -> Iterator[Tree]:
    match tree:
        case Tree("+", (a, b)):
            yield of("+", b, a)
            yield of("-", a, neg(b))
            if a.op == "+":
                yield of("+", a.inner[0], of("+", a.inner[1], b))
            if a.op == b.op == "*" and a.inner[0] == b.inner[0]:
                yield of("*", a.inner[0], of("+", a.inner[1], b.inner[1]))
            if a.op == b.op == "/":
                (p, q), (r, s) = a.inner, b.inner
                yield of("/", of("+", of("*", p, s), of("*", r, q)), of("*", q, s))
        case Tree("-", (a, b)):
            yield neg(of("-", b, a))
            yield of("+", a, neg(b))
            if a.op == b.op == "^" and a.inner[1] == b.inner[1] == TWO:
                (p, _), (q, _) = a.inner, b.inner
                yield of("*", of("-", p, q), of("+", p, q))
        case Tree("neg", (a,)):
            yield of("*", neg(ONE), a)
            if a.op in "+-":
                yield of("-", neg(a.inner[0]), a.inner[1]) if a.op == "+" else of("-", a.inner[1], a.inner[0])
        case Tree("max", (a, b)):
            yield of("max", b, a)
            yield of("/", of("+", of("+", a, b), of("abs", of("-", a, b))), TWO)
            yield of("+", a, of("relu", of("-", b, a)))


def _laws_of_products(tree: Tree) -> Iterator[Tree]:
    match tree:
        case Tree("*", (a, b)):
            yield of("*", b, a)
            yield of("/", a, of("^", b, neg(ONE)))
            if a.op == "*":
                yield of("*", a.inner[0], of("*", a.inner[1], b))
            if b.op in ("+", "-"):
                yield of(b.op, of("*", a, b.inner[0]), of("*", a, b.inner[1]))
            if a.op == b.op == "exp":
                yield of("exp", of("+", a.inner[0], b.inner[0]))
            if a == b:
                yield square(a)
        case Tree("/", (a, b)):
            yield of("*", a, of("^", b, neg(ONE)))
            yield of("*", of("/", ONE, b), a)
            yield of("/", neg(a), neg(b))
            if a.op in ("+", "-"):
                yield of(a.op, of("/", a.inner[0], b), of("/", a.inner[1], b))
            if b.op == "/":
                yield of("/", of("*", a, b.inner[1]), b.inner[0])
            if b.op == "exp":
                yield of("*", a, of("exp", neg(b.inner[0])))
        case Tree("^", (a, Tree("number", (), power))) if power.isdigit() and int(power) > 1:
            yield of("*", a, of("^", a, number(int(power) - 1)))
            if int(power) == 2 and a.op in ("+", "-"):
                p, q = a.inner
                yield of("+", of(a.op, square(p), of("*", of("*", TWO, p), q)), square(q))
            if a.op in ("*", "/"):
                yield of(a.op, *(of("^", part, tree.inner[1]) for part in a.inner))
            if a.op == "exp":
                yield of("exp", of("*", tree.inner[1], a.inner[0]))


def _laws_of_logarithms(tree: Tree) -> Iterator[Tree]:
    match tree:
        case Tree("ln", (Tree("*", (a, b)),)) if positive(a) and positive(b):
            yield of("+", of("ln", a), of("ln", b))
        case Tree("ln", (Tree("/", (a, b)),)) if positive(a) and positive(b):
            yield of("-", of("ln", a), of("ln", b))
        case Tree("ln", (Tree("^", (a, b)),)) if positive(a):
            yield of("*", b, of("ln", a))
        case Tree("ln", (Tree("exp", (a,)),)):
            yield a
        case Tree("ln", (a,)):
            yield neg(of("ln", of("/", ONE, a)))
            yield of("/", of("ln", square(a)), TWO) if positive(a) else of("*", TWO, of("ln", of("sqrt", a)))
        case Tree("exp", (Tree("+", (a, b)),)):
            yield of("*", of("exp", a), of("exp", b))
        case Tree("exp", (Tree("neg", (a,)),)):
            yield of("/", ONE, of("exp", a))
        case Tree("exp", (a,)):
            yield square(of("exp", of("/", a, TWO)))


def _laws_of_functions(tree: Tree) -> Iterator[Tree]:
    if len(tree.inner) != 1:
        return
    (a,) = tree.inner
    up, down = of("exp", a), of("exp", neg(a))
    match tree.op:
        case "sigmoid":
            yield of("/", ONE, of("+", ONE, down))
            yield of("/", up, of("+", up, ONE))
            yield of("-", ONE, of("sigmoid", neg(a)))
            yield of("*", HALF, of("+", ONE, of("tanh", of("/", a, TWO))))
        case "tanh":
            yield of("/", of("-", up, down), of("+", up, down))
            yield of("-", of("*", TWO, of("sigmoid", of("*", TWO, a))), ONE)
            yield neg(of("tanh", neg(a)))
        case "softplus":
            yield of("ln", of("+", ONE, up))
            yield of("+", a, of("softplus", neg(a)))
            yield neg(of("ln", of("sigmoid", neg(a))))
        case "relu":
            yield of("max", number(0), a)
            yield of("/", of("+", a, of("abs", a)), TWO)
            yield of("+", a, of("relu", neg(a)))
        case "silu":
            yield of("*", a, of("sigmoid", a))
            yield of("/", a, of("+", ONE, down))
        case "abs":
            yield of("sqrt", square(a))
            yield of("max", a, neg(a))
            yield of("abs", neg(a))
        case "sqrt":
            yield of("^", a, HALF)
            yield of("/", a, of("sqrt", a))
        case "sin":
            yield neg(of("sin", neg(a)))
            half = of("/", a, TWO)
            yield of("*", TWO, of("*", of("sin", half), of("cos", half)))
        case "cos":
            yield of("cos", neg(a))
            yield of("-", ONE, of("*", TWO, square(of("sin", of("/", a, TWO)))))


OTHER = {
    "+": "-*",
    "-": "+",
    "*": "+/",
    "/": "*-",
    "exp": ["ln", "sigmoid"],
    "ln": ["exp", "sqrt"],
    "sqrt": ["ln", "abs"],
    "abs": ["relu"],
    "sin": ["cos"],
    "cos": ["sin"],
    "tanh": ["sigmoid"],
    "sigmoid": ["tanh", "relu"],
    "softplus": ["relu"],
    "relu": ["softplus"],
    "silu": ["relu"],
}


def slips(tree: Tree) -> Iterator[Tree]:
    """What one slip of the pen makes of the top of a formula. Some of it is of the same value."""
    yield neg(tree)
    yield of("*", TWO, tree)
    yield square(tree)
    yield of("+", tree, ONE)
    for other in OTHER.get(tree.op, ()):
        yield tree._replace(op=other)
    match tree:
        case Tree("number"):
            yield from (other for other in NUMBERS if other != tree)
        case Tree("name"):
            yield from (other for other in VARIABLES if other != tree)
        case Tree("^", (a, b)):
            yield of("^", a, of("+", b, ONE))
            yield a
        case Tree("-" | "/", (a, b)):
            yield of(tree.op, b, a)
            yield a
        case Tree(_, (a, *rest)):
            yield a
            yield from rest


@st.composite
def formulas(draw: st.DrawFn, depth: int = 3) -> Tree:
    """A formula over the declared variables, of at most ``depth`` layers."""
    leaf = st.sampled_from(VARIABLES) if draw(st.integers(0, 3)) else st.sampled_from(NUMBERS)
    if not depth or not draw(st.integers(0, 4)):
        return draw(leaf)
    inner = formulas(depth - 1)
    op = draw(st.sampled_from(["+", "+", "-", "*", "*", "/", "^", "neg", "max", *FUNCTIONS]))
    if op == "^":
        return of("^", draw(inner), number(draw(st.integers(2, 3))))
    if op in DEFINED_FOR_POSITIVE:
        argument = draw(inner)
        return of(op, argument if positive(argument) else of("+", square(argument), draw(st.sampled_from(NUMBERS))))
    return of(op, *(draw(inner) for _ in range(1 if op in FUNCTIONS or op == "neg" else 2)))


@st.composite
def rewritings(draw: st.DrawFn, tree: Tree, most: int) -> Tree:
    """The same function after at most so many identities."""
    for _ in range(draw(st.integers(0, most))):
        general = [*everywhere(tree, laws_of_anything)]
        special = [*everywhere(tree, identities)]
        at_large = not special or draw(st.integers(0, 3)) == 0
        tree = draw(st.sampled_from(general if at_large else special))
    return tree


def key(text: str, variables: Mapping[str, str], **options: Any) -> Key:
    return answers.read_key({"kind": "formula", "value": text, "variables": dict(variables), **options})


def judge(text: str, typed: str, variables: Mapping[str, str] = DOMAINS) -> Verdict:
    """The verdict of one formula on another, both as text."""
    return answers.grade(key(text, variables), typed)


@MANY
@given(st.data(), formulas(), st.sampled_from(STYLES), st.sampled_from(STYLES))
def test_a_formula_is_right_however_it_is_written(data: st.DataObject, tree: Tree, one: Style, other: Style) -> None:
    assume(len(both(tree, tree)) >= ENOUGH)
    rewritten = data.draw(rewritings(tree, 4), label="rewritten")
    pairs = both(tree, rewritten)
    assume(len(pairs) >= ENOUGH)
    assert not any(clearly_differs(a, b) for a, b in pairs), "an identity of this test is none"
    typed = write(rewritten, other)
    assume(len(typed) < 900)
    assert judge(write(tree, one), typed).verdict == "right", typed


@MANY
@given(st.data(), formulas(), st.sampled_from(STYLES), st.sampled_from(STYLES))
def test_a_formula_with_a_slip_is_wrong(data: st.DataObject, tree: Tree, one: Style, other: Style) -> None:
    slipped = data.draw(st.sampled_from([*everywhere(tree, slips)]), label="slipped")
    pairs = both(tree, slipped)
    assume(len(pairs) >= ENOUGH and any(clearly_differs(a, b) for a, b in pairs))
    typed = write(slipped, other)
    assert judge(write(tree, one), typed).verdict == "wrong", typed


# Sums of many terms: ``x_#`` is the entry of x at the index of the sum.

INDEXED = {"x": "indexed real", "y": "indexed real", "c": "real", "n": "positive integer"}
ENTRIES = [name(text) for text in ("x_#", "y_#", "c")]
SERIES = {
    "ascii": "sum({body}, {index}, 1, n)",
    "unicode": "∑_{{{index}=1}}^n ({body})",
    "latex": r"\sum_{{{index}=1}}^{{n}} \left({body}\right)",
}


@st.composite
def terms(draw: st.DrawFn, depth: int = 2) -> Tree:
    """The term of a sum."""
    if not depth or not draw(st.integers(0, 3)):
        return draw(st.sampled_from(ENTRIES) if draw(st.integers(0, 4)) else st.sampled_from(NUMBERS))
    op = draw(st.sampled_from(["+", "-", "*", "^", "exp", "sin", "relu"]))
    if op == "^":
        return of(op, draw(terms(depth - 1)), TWO)
    return of(op, *(draw(terms(depth - 1)) for _ in range(1 if op in FUNCTIONS else 2)))


def series(body: Tree, notation: str, index: str, style: Style) -> str:
    """The sum of a term, over an index of any name."""
    entries = {"x_#": f"x_{index}", "y_#": f"y_{index}"}
    text = write(body, style._replace(names=style.names | entries))
    return SERIES[notation].format(body=text, index=index)


def adds_up_alike(one: Tree, other: Tree) -> bool | None:
    """Whether two terms have the same sum; None where that cannot be told."""
    pairs = [(a, b) for a, b in zip(_sums(one), _sums(other), strict=True) if a is not None and b is not None]
    if len(pairs) < 3:
        return None
    return not any(clearly_differs(a, b) for a, b in pairs)


def _sums(body: Tree) -> Iterator[float | None]:
    """The sum of a term over three points at a time, which share their ``c``."""
    sampled = points()
    for start in range(0, len(sampled), 3):
        shared = sampled[start]["c"]
        added = [value_or_none(body, {**at, "c": shared}) for at in sampled[start : start + 3]]
        yield None if None in added else sum(part for part in added if part is not None)


@given(st.data(), terms(), st.sampled_from([ASCII, UNICODE]), st.sampled_from([*SERIES]), st.sampled_from("ijkm"))
def test_a_sum_may_name_its_index_as_it_likes(
    data: st.DataObject, body: Tree, style: Style, notation: str, index: str
) -> None:
    rewritten = data.draw(rewritings(body, 2), label="rewritten")
    assume("x" not in names(rewritten))
    assume(adds_up_alike(body, rewritten))
    typed = series(rewritten, notation, index, style)
    if body.op in "+-" and data.draw(st.booleans(), label="split"):
        one, other = (series(part, "ascii", index, style) for part in body.inner)
        typed = f"{one} {body.op} {other}"
    verdict = judge(series(body, "latex", "i", LATEX), typed, INDEXED)
    assert verdict.verdict == "right", typed


@given(st.data(), terms(), st.sampled_from([ASCII, UNICODE]), st.sampled_from([*SERIES]), st.sampled_from("ijkm"))
def test_a_sum_with_a_slip_is_wrong(data: st.DataObject, body: Tree, style: Style, notation: str, index: str) -> None:
    changed = [tree for tree in everywhere(body, slips) if names(tree) <= {"x_#", "y_#", "c"}]
    slipped = data.draw(st.sampled_from(changed), label="slipped")
    assume(adds_up_alike(body, slipped) is False)
    typed = series(slipped, notation, index, style)
    assert judge(series(body, "ascii", "i", ASCII), typed, INDEXED).verdict == "wrong", typed


def names(tree: Tree) -> set[str]:
    """The variables of a formula."""
    return {tree.text} if tree.op == "name" else {found for part in tree.inner for found in names(part)}


# Matrices, whose shapes are distinct where they can be, so that a swap shows.

Grid: TypeAlias = tuple[tuple[Fraction, ...], ...]
Shape: TypeAlias = tuple[int, int]

SHAPES: dict[str, Shape] = {
    "A": (2, 3), "B": (3, 2), "C": (2, 3), "P": (2, 2), "Q": (2, 2), "u": (2, 1), "v": (2, 1), "w": (3, 1)
}  # fmt: skip
MATRICES = {
    text: f"matrix {height}x{width}" if width > 1 else f"vector {height}" for text, (height, width) in SHAPES.items()
}
MATRIX_STYLES = [
    Style("{} + {}", "-", "{} {}", "", "", "({})", {"transpose": "{}^T", "inverse": "{}^-1", "trace": "tr({})"}, {}),
    Style("{} + {}", "−", "{}*{}", "", "", "({})", {"transpose": "{}'", "inverse": "inverse({})"}, {}),
    Style(
        "{}+{}",
        "-",
        r"{} {}",
        "",
        "",
        r"\left({}\right)",
        {
            "transpose": r"{}^{{\top}}",
            "inverse": "{}^{{-1}}",
            "trace": r"\operatorname{{tr}}({})",
            "det": r"\det\left({}\right)",
        },
        {},
    ),
]


def shape(tree: Tree) -> Shape:
    """Rows and columns. Raises ValueError where shapes do not fit."""
    if tree.op == "name":
        return SHAPES[tree.text]
    if tree.op == "number":
        return (1, 1)
    inner = [shape(part) for part in tree.inner]
    if tree.op == "*" and tree.inner[0].op == "number":
        return inner[1]
    if tree.op == "*" and inner[0][1] == inner[1][0]:
        return (inner[0][0], inner[1][1])
    if tree.op in ("+", "-") and inner[0] == inner[1]:
        return inner[0]
    if tree.op == "transpose":
        return inner[0][::-1]
    if tree.op == "neg":
        return inner[0]
    if tree.op == "trace" and inner[0][0] == inner[0][1]:
        return (1, 1)
    if tree.op in ("inverse", "det") and inner[0] == (2, 2):
        return inner[0] if tree.op == "inverse" else (1, 1)
    raise ValueError


@cache
def matrix(text: str, seed: int) -> Grid:
    """One of the matrices, of small integers."""
    drawn = Random(f"{text}{seed}")
    height, width = SHAPES[text]
    return tuple(tuple(Fraction(drawn.randrange(-4, 5)) for _ in range(width)) for _ in range(height))


def worth(tree: Tree, seed: int) -> Grid:
    """What a formula of matrices is worth, exactly. Raises ArithmeticError for the inverse of a singular one."""
    if tree.op == "name":
        return matrix(tree.text, seed)
    if tree.op == "number":
        return ((Fraction(tree.text),),)
    one, *others = (worth(part, seed) for part in tree.inner)
    match tree.op:
        case "+" | "-":
            sign = 1 if tree.op == "+" else -1
            return tuple(
                tuple(a + sign * b for a, b in zip(*rows, strict=True)) for rows in zip(one, others[0], strict=True)
            )
        case "*" if tree.inner[0].op == "number":
            return tuple(tuple(one[0][0] * entry for entry in row) for row in others[0])
        case "*":
            columns = [*zip(*others[0], strict=True)]
            return tuple(
                tuple(sum((a * b for a, b in zip(row, column, strict=True)), Fraction(0)) for column in columns)
                for row in one
            )
        case "neg":
            return tuple(tuple(-entry for entry in row) for row in one)
        case "transpose":
            return tuple(zip(*one, strict=True))
        case "trace":
            return ((sum((row[place] for place, row in enumerate(one)), Fraction(0)),),)
    (a, b), (c, d) = one
    det = a * d - b * c
    return ((det,),) if tree.op == "det" else ((d / det, -b / det), (-c / det, a / det))


def worths(tree: Tree) -> list[Grid | None]:
    """What a formula is worth for six sets of matrices; None where it has no value."""
    found: list[Grid | None] = []
    for seed in range(6):
        try:
            found.append(worth(tree, seed))
        except ZeroDivisionError:
            found.append(None)
    return found


def laws_of_matrices(tree: Tree) -> Iterator[Tree]:
    """Other forms of the same matrix, by one identity at the top of the formula."""
    if shape(tree) != (1, 1):
        yield of("transpose", of("transpose", tree))
    yield neg(neg(tree))
    match tree:
        case Tree("+", (a, b)):
            yield of("+", b, a)
        case Tree("-", (a, b)):
            yield neg(of("-", b, a))
        case Tree("transpose", (Tree("*", (a, b)),)) if a.op != "number":
            yield of("*", of("transpose", b), of("transpose", a))
        case Tree("transpose", (Tree("+" | "-" as op, (a, b)),)):
            yield of(op, of("transpose", a), of("transpose", b))
        case Tree("transpose", (Tree("inverse", (a,)),)):
            yield of("inverse", of("transpose", a))
        case Tree("inverse", (Tree("*", (a, b)),)) if a.op != "number" and shape(a) == (2, 2):
            yield of("*", of("inverse", b), of("inverse", a))
        case Tree("trace", (Tree("*", (a, b)),)) if a.op != "number":
            yield of("trace", of("*", b, a))
        case Tree("det", (Tree("*", (a, b)),)) if a.op != "number" and shape(a) == (2, 2):
            yield of("*", of("det", a), of("det", b))
        case Tree("trace" | "det", (a,)):
            yield of(tree.op, of("transpose", a))
        case Tree("*", (a, Tree("+" | "-" as op, (b, c)))):
            yield of(op, of("*", a, b), of("*", a, c))
        case Tree("*", (Tree("*", (a, b)), c)) if a.op != "number":
            yield of("*", a, of("*", b, c))


def slips_of_matrices(tree: Tree) -> Iterator[Tree]:
    """What one slip makes of the top of a formula; shapes need not fit."""
    if tree.op not in ("trace", "det"):
        yield of("transpose", tree)
    yield of("*", TWO, tree)
    yield neg(tree)
    match tree:
        case Tree("name"):
            yield from (name(other) for other in SHAPES if other != tree.text)
        case Tree("+" | "-", (a, b)):
            yield of("-" if tree.op == "+" else "+", a, b)
            yield a
        case Tree("*", (a, b)):
            yield of("*", b, a)
            yield a
            yield b
        case Tree("transpose" | "inverse" | "neg", (a,)):
            yield a
        case Tree("trace" | "det" as op, (a,)):
            yield of("det" if op == "trace" else "trace", a)


@st.composite
def matrices(draw: st.DrawFn, wanted: Shape, depth: int = 3) -> Tree:
    """A formula of one shape."""
    height, width = wanted
    named = [text for text, found in SHAPES.items() if found == wanted]
    turned = [text for text, found in SHAPES.items() if found == (width, height)]
    if not depth or (named and not draw(st.integers(0, 3))):
        if named:
            return name(draw(st.sampled_from(named)))
        if turned:
            return of("transpose", name(draw(st.sampled_from(turned))))
        if wanted == (1, 1):
            return of(draw(st.sampled_from(["trace", "det"])), name(draw(st.sampled_from("PQ"))))
        return of("*", draw(matrices((height, 2), 0)), draw(matrices((2, width), 0)))
    same = matrices(wanted, depth - 1)
    ops = ["+", "-", "*", "*", *(["trace", "det"] if wanted == (1, 1) else ["transpose"])]
    ops += ["inverse"] * (wanted == (2, 2))
    match draw(st.sampled_from(ops)):
        case "*":
            middle = draw(st.sampled_from([2, 3]))
            return of("*", draw(matrices((height, middle), depth - 1)), draw(matrices((middle, width), depth - 1)))
        case "transpose":
            return of("transpose", draw(matrices((width, height), depth - 1)))
        case "inverse":
            return of("inverse", draw(same))
        case "trace" | "det" as op:
            return of(op, draw(matrices((2, 2), depth - 1)))
        case op:
            return of(op, draw(same), draw(same))


shapes = st.sampled_from([(2, 2), (2, 3), (2, 1), (1, 1)]).flatmap(matrices)


def write_matrix(tree: Tree, style: Style, least: int = SUM) -> str:
    """A formula of matrices as text."""
    text, level = _write_matrix(tree, style)
    return style.brackets.format(text) if level < least else text


def _write_matrix(tree: Tree, style: Style) -> tuple[str, int]:
    match tree:
        case Tree("number" | "name"):
            return tree.text, ATOM
        case Tree("neg", (a,)):
            return style.minus + write_matrix(a, style, PRODUCT), SUM
        case Tree("+", (a, b)):
            return style.plus.format(write_matrix(a, style), write_matrix(b, style, PRODUCT)), SUM
        case Tree("-", (a, b)):
            return f"{write_matrix(a, style)} {style.minus} {write_matrix(b, style, PRODUCT)}", SUM
        case Tree("*", (a, b)):
            return style.times.format(write_matrix(a, style, PRODUCT), write_matrix(b, style, POWER)), PRODUCT
    shown = style.functions.get(tree.op, f"{tree.op}({{}})")
    if shown.startswith("{}"):
        return shown.format(write_matrix(tree.inner[0], style, ATOM)), POWER
    return shown.format(write_matrix(tree.inner[0], style)), ATOM


@given(st.data(), shapes, st.sampled_from(MATRIX_STYLES), st.sampled_from(MATRIX_STYLES))
def test_a_matrix_is_right_however_it_is_written(data: st.DataObject, tree: Tree, one: Style, other: Style) -> None:
    assume(sum(grid is not None for grid in worths(tree)) >= 3)
    rewritten = tree
    for _ in range(data.draw(st.integers(0, 4), label="steps")):
        rewritten = data.draw(st.sampled_from([*everywhere(rewritten, laws_of_matrices)]), label="rewritten")
    pairs = zip(worths(tree), worths(rewritten), strict=True)
    assert all(a == b for a, b in pairs if a is not None and b is not None), "an identity of this test is none"
    typed = write_matrix(rewritten, other)
    assert judge(write_matrix(tree, one), typed, MATRICES).verdict == "right", typed


@given(st.data(), shapes, st.sampled_from(MATRIX_STYLES), st.sampled_from(MATRIX_STYLES))
def test_a_matrix_with_a_slip_is_wrong(data: st.DataObject, tree: Tree, one: Style, other: Style) -> None:
    slipped = data.draw(st.sampled_from([*everywhere(tree, slips_of_matrices)]), label="slipped")
    try:
        fits = shape(slipped) == shape(tree)
    except ValueError:
        fits = False
    pairs = [*zip(worths(tree), worths(slipped), strict=True)] if fits else []
    good = [(a, b) for a, b in pairs if a is not None and b is not None]
    assume(len(good) >= 3 or not fits)
    assume(not fits or any(a != b for a, b in good))
    typed = write_matrix(slipped, other)
    found = judge(write_matrix(tree, one), typed, MATRICES).verdict
    assert found == "wrong" or (found == "invalid" and not fits), typed
