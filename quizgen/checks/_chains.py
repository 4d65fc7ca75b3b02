r"""Closed numeric chains in LaTeX, such as ``\frac{7 + 2 - 3}{2} + 1 = 4``: read, evaluated, and compared side by side.

A reader of its own, which shares nothing with what printed the formula: recursive descent over the tokens, exact with
fractions, to 60 digits where roots, logarithms and exponentials enter. A side with letters in it is open and says
nothing; a side of numbers is closed. Closed sides joined by = must be equal; by \approx, a decimal must be within half
a unit of its last digit of the other side as printed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, comb, factorial, floor, isqrt
from typing import TypeAlias

from quizgen.markup.math import tokens

DIGITS = 60
_CONTEXT = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
_SAME = Decimal(1).scaleb(-45)
"""Relative difference at which two values that are not rational count as equal."""
HIGHEST = 400
"""Largest exponent that is evaluated."""

Scalar: TypeAlias = Fraction | Decimal
Value: TypeAlias = "Scalar | tuple[Value, ...]"


class Open(Exception):
    """A side that has letters in it, or is no number: nothing can be said about it."""


@dataclass(frozen=True)
class Numeral:
    """Digits as printed; ``unit`` is the value of the last one."""

    value: Fraction
    unit: Fraction


@dataclass(frozen=True)
class Call:
    """An operation on sides already read."""

    name: str
    arguments: "tuple[Tree, ...]"


Tree: TypeAlias = Numeral | Call


@dataclass(frozen=True)
class Comparison:
    """Two closed sides of a chain as printed, the relation between them, and whether it holds."""

    left: str
    relation: str
    right: str
    holds: bool


EQUAL, ABOUT = "=", r"\approx"
_RELATIONS = {
    "=": EQUAL, r"\approx": ABOUT, r"\doteq": ABOUT, r"\simeq": ABOUT, "<": "<", ">": ">", r"\le": r"\le",
    r"\leq": r"\le", r"\leqslant": r"\le", r"\ge": r"\ge", r"\geq": r"\ge", r"\geqslant": r"\ge", r"\ne": r"\ne",
    r"\neq": r"\ne", r"\equiv": EQUAL,
}  # fmt: skip
_SEPARATORS = frozenset(
    r", ; \\ \quad \qquad \to \mapsto \Rightarrow \implies \iff \Leftrightarrow \rightarrow \leftarrow \sim \propto \in"
    r" \notin \cong \ll \gg \mid : \wedge \vee \land \lor \therefore \because \Longrightarrow \Longleftrightarrow"
    r" \longrightarrow \subset \subseteq \perp \enspace"
.split())  # fmt: skip
_SPACES = frozenset([r"\,", r"\;", r"\:", r"\!", r"\ ", r"\displaystyle", r"\textstyle", "&", "~"])
_OPENING = {"(": ")", "[": "]", "{": "}", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil", r"\{": r"\}"} | {
    r"\left": r"\right", r"\lvert": r"\rvert", r"\lVert": r"\rVert", r"\begin": r"\end", r"\lbrace": r"\rbrace",
}  # fmt: skip
_CLOSING = frozenset(_OPENING.values())
_SIZES = frozenset(rf"\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r"))
_TEXT = frozenset([r"\text", r"\textbf", r"\textit", r"\textrm", r"\mbox"])
_FUNCTIONS = frozenset([r"\ln", r"\log", r"\exp", r"\tanh", r"\max", r"\min"])


@lru_cache(maxsize=20_000)
def comparisons(tex: str) -> tuple[Comparison, ...]:
    """What the chains of a formula state about numbers, in the order printed."""
    return tuple(found for chain in _chains(_lexed(tex)) for found in _compared(chain))


# From tokens to chains.


def _lexed(tex: str) -> list[str]:
    """The tokens without space, sizes and alignment; groups of digits joined again; words kept as one token."""
    raw = [token for token in tokens(tex) if token not in _SIZES]
    out: list[str] = []
    at = 0
    while at < len(raw):
        token = raw[at]
        if token in _TEXT:
            depth, start = 0, at
            while at < len(raw):
                depth += (raw[at] == "{") - (raw[at] == "}")
                at += 1
                if depth == 0 and at > start + 1:
                    break
            out.append(r"\text")
            continue
        grouped = token == r"\," and out and out[-1][-1].isdigit() and at + 1 < len(raw) and raw[at + 1][:3].isdigit()
        if grouped and len(raw[at + 1].partition(".")[0]) == 3:
            out[-1] += raw[at + 1]
            at += 2
            continue
        if not token.isspace() and token not in _SPACES:
            out.append(token)
        at += 1
    while out and out[-1] in (".", ",", ";"):
        out.pop()
    return out


def _chains(tokens: list[str]) -> Iterator[list[tuple[str, list[str]]]]:
    """Chains as pairs (relation before the side, tokens of the side)."""
    chain: list[tuple[str, list[str]]] = [("", [])]
    depth = 0
    tokens = _unaligned(tokens)
    for at, token in enumerate(tokens):
        depth += (token in _OPENING) - (token in _CLOSING)
        if depth == 0 and token in _RELATIONS:
            chain.append((_RELATIONS[token], []))
        elif depth == 0 and token in _SEPARATORS:
            if token == r"\\" and at + 1 < len(tokens) and tokens[at + 1] in _RELATIONS:
                continue
            yield chain
            chain = [("", [])]
        else:
            chain[-1][1].append(token)
    yield chain


def _unaligned(tokens: list[str]) -> list[str]:
    """Without \\begin{aligned} … \\end{aligned}: its lines go on one after the other."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        if tokens[at] in (r"\begin", r"\end"):
            name = "".join(tokens[at + 2 : tokens.index("}", at)])
            if name in ("aligned", "gathered"):
                at = tokens.index("}", at) + 1
                continue
        out.append(tokens[at])
        at += 1
    return out


def _compared(chain: list[tuple[str, list[str]]]) -> Iterator[Comparison]:
    """Each closed side with the closed side before it, if the relations between them add up to one."""
    before: tuple[str, Tree] | None = None
    between: set[str] = set()
    for relation, side in chain:
        between.add(relation)
        try:
            tree = _Reader(side).read()
            value(tree)
        except (Open, ArithmeticError, ValueError):
            continue
        printed = " ".join(side)
        if before is not None and (joint := _joint(between)):
            yield Comparison(before[0], joint, printed, _holds(before[1], joint, tree))
        before, between = (printed, tree), set()


def _joint(relations: set[str]) -> str:
    """The relation that several in a row amount to; empty if they do not."""
    rest = relations - {EQUAL}
    if len(rest) < 2:
        return rest.pop() if rest else EQUAL
    return ABOUT if rest == {ABOUT} else ""


# From tokens to trees.


class _Reader:
    """Recursive descent: sum, product (a space multiplies too), sign, power, atom. Raises Open."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def read(self) -> Tree:
        tree = self._sum()
        while self._peek() == r"\text":  # a unit
            self.at += 1
        if self.at < len(self.tokens):
            raise Open
        return tree

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        if not token:
            raise Open
        self.at += 1
        return token

    def _expect(self, wanted: str) -> None:
        if self._take() != wanted:
            raise Open

    def _sum(self) -> Tree:
        tree = self._product()
        while self._peek() in ("+", "-"):
            tree = Call("add" if self._take() == "+" else "subtract", (tree, self._product()))
        return tree

    def _product(self) -> Tree:
        tree = self._signed()
        while True:
            token = self._peek()
            if token in (r"\cdot", r"\times", "*"):
                self.at += 1
                tree = Call("multiply", (tree, self._signed()))
            elif token in ("/", r"\div"):
                self.at += 1
                tree = Call("divide", (tree, self._signed()))
            elif token == r"\bmod":
                self.at += 1
                tree = Call("modulo", (tree, self._signed()))
            elif self._multiplies(token):
                tree = Call("multiply", (tree, self._power()))
            else:
                return tree

    def _multiplies(self, token: str) -> bool:
        """Whether ``token`` begins a factor that stands beside another without a sign between them."""
        return token in ("(", r"\left", r"\frac", r"\tfrac", r"\dfrac", r"\sqrt", "e", r"\pi", "{") or token in _FUNCTIONS

    def _signed(self) -> Tree:
        if self._peek() in ("+", "-"):
            sign = self._take()
            tree = self._signed()
            return Call("negate", (tree,)) if sign == "-" else tree
        return self._power()

    def _power(self) -> Tree:
        tree = self._atom()
        while True:
            if self._peek() == "!":
                self.at += 1
                tree = Call("factorial", (tree,))
            elif self._peek() == r"\%":
                self.at += 1
                tree = _percent(tree)
            elif self._peek() == "^":
                self.at += 1
                tree = Call("power", (tree, self._argument()))
            else:
                return tree

    def _argument(self) -> Tree:
        """What a command or an exponent takes: a group, or one token (of a number, one digit)."""
        if self._peek() == "{":
            return self._group()
        token = self._take()
        if token.isdigit() and len(token) > 1:
            raise Open  # the table of allowed formulas refuses it
        self.at -= 1
        return self._atom()

    def _group(self) -> Tree:
        self._expect("{")
        tree = self._sum()
        self._expect("}")
        return tree

    def _atom(self) -> Tree:
        token = self._take()
        if token[0].isdigit():
            return _numeral(token)
        if token == "e":
            if self._peek() != "^":
                raise Open
            return Call("e", ())
        if token == r"\pi":
            return Call("pi", ())
        if token == "{":
            self.at -= 1
            return self._group()
        if token in (r"\frac", r"\tfrac", r"\dfrac"):
            return Call("divide", (self._argument(), self._argument()))
        if token == r"\binom":
            return Call("binomial", (self._argument(), self._argument()))
        if token == r"\sqrt":
            if self._peek() == "[":
                raise Open
            return Call("root", (self._argument(),))
        if token in (r"\boxed", r"\underbrace", r"\overbrace"):
            return self._decorated()
        if token in _FUNCTIONS:
            return self._function(token)
        if token == r"\begin":
            return self._matrix()
        return self._bracket(token)

    def _decorated(self) -> Tree:
        tree = self._group()
        if self._peek() in ("_", "^"):
            self.at += 1
            depth = 0
            while True:
                token = self._take()
                depth += (token == "{") - (token == "}")
                if depth == 0:
                    break
        return tree

    def _function(self, token: str) -> Tree:
        """A function of the factor that follows: ln 2, ln(2), ln^2 2, log_2 8."""
        power = base = None
        if token == r"\log" and self._peek() == "_":
            self.at += 1
            base = self._argument()
        if self._peek() == "^":
            self.at += 1
            power = self._argument()
        bracketed = self._peek() in ("(", r"\left", "[")
        if token in (r"\max", r"\min") and not bracketed and self._peek() != r"\{":
            raise Open
        argument = self._atom() if bracketed else self._power()
        if bracketed and self._peek() == "^":
            raise Open  # ln(2)^2 is read in both ways
        tree = Call(token[1:], (argument,))
        if base is not None:
            tree = Call("divide", (tree, Call("ln", (base,))))
        return tree if power is None else Call("power", (tree, power))

    def _bracket(self, token: str) -> Tree:
        if token == r"\left":
            opening = self._take()
            tree = self._inside(opening, (r"\right",))
            self._take()
            return tree
        closing = {"(": ")", "[": "]", r"\{": r"\}", "|": "|"} | {
            r"\lfloor": r"\rfloor", r"\lceil": r"\rceil", r"\lvert": r"\rvert", r"\lVert": r"\rVert",
        }  # fmt: skip
        if token not in closing:
            raise Open
        return self._inside(token, (closing[token],))

    def _inside(self, opening: str, closing: tuple[str, ...]) -> Tree:
        """What stands between brackets: one number, or the entries of a vector."""
        entries = [self._sum()]
        while self._peek() in (",", ";"):
            self.at += 1
            entries.append(self._sum())
        if self._take() not in closing:
            raise Open
        tree = entries[0] if len(entries) == 1 else Call("vector", tuple(entries))
        match opening:
            case r"\lfloor" | r"\lceil":
                return Call(opening[2:], (tree,))
            case "|" | r"\lvert" | r"\vert" | r"\lVert" | r"\|" | r"\Vert":
                return Call("norm", (tree,))
            case "(" | "[" | r"\{":
                return tree
        raise Open

    def _matrix(self) -> Tree:
        """A pmatrix or bmatrix; one column or one row is a vector."""
        self._expect("{")
        name = self._take()
        while self._peek() != "}":
            name += self._take()
        self.at += 1
        if name not in ("pmatrix", "bmatrix"):
            raise Open
        rows: list[list[Tree]] = [[]]
        while self._peek() != r"\end":
            rows[-1].append(self._sum())
            if self._peek() == "&":
                self.at += 1
            elif self._peek() == r"\\":
                self.at += 1
                if self._peek() != r"\end":
                    rows.append([])
        self.at = self.at + 2 + len(name) + 1 if self._peek() == r"\end" else self.at
        return Call("vector", tuple(Call("vector", tuple(row)) for row in rows))


def _numeral(token: str) -> Numeral:
    _, _, places = token.partition(".")
    return Numeral(Fraction(token), Fraction(1, 10 ** len(places)))


def _percent(tree: Tree) -> Tree:
    if isinstance(tree, Numeral):
        return Numeral(tree.value / 100, tree.unit / 100)
    return Call("divide", (tree, Numeral(Fraction(100), Fraction(1))))


# From trees to values.


def value(tree: Tree, shifted: "tuple[Tree, Fraction] | None" = None) -> Value:
    """The value of a tree; with ``shifted``, one numeral (this very object) is off by some amount."""
    if isinstance(tree, Numeral):
        return tree.value + shifted[1] if shifted is not None and shifted[0] is tree else tree.value
    arguments = [value(argument, shifted) for argument in tree.arguments]
    result = _OPERATIONS[tree.name](*arguments)
    return result


def _scalar(x: Value) -> Scalar:
    if isinstance(x, tuple):
        raise Open
    return x


def _real(x: Value) -> Decimal:
    x = _scalar(x)
    return x if isinstance(x, Decimal) else _CONTEXT.divide(Decimal(x.numerator), Decimal(x.denominator))


def _entrywise(exact: Callable[..., Fraction], real: Callable[..., Decimal]) -> Callable[[Value, Value], Value]:
    def operation(a: Value, b: Value) -> Value:
        if isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                raise Open
            return tuple(operation(x, y) for x, y in zip(a, b, strict=True))
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return exact(a, b)
        return real(_real(a), _real(b))

    return operation


_add = _entrywise(lambda a, b: a + b, _CONTEXT.add)
_subtract = _entrywise(lambda a, b: a - b, _CONTEXT.subtract)
_times = _entrywise(lambda a, b: a * b, _CONTEXT.multiply)


def _multiply(a: Value, b: Value) -> Value:
    """Numbers; a number and a vector; two vectors: their inner product."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        products = _times(a, b)
        assert isinstance(products, tuple)
        if any(isinstance(entry, tuple) for entry in products):
            raise Open  # matrices have several products
        total: Value = Fraction(0)
        for entry in products:
            total = _add(total, entry)
        return total
    if isinstance(a, tuple):
        return tuple(_multiply(entry, b) for entry in a)
    if isinstance(b, tuple):
        return tuple(_multiply(a, entry) for entry in b)
    return _times(a, b)


def _divide(a: Value, b: Value) -> Value:
    if isinstance(a, tuple):
        return tuple(_divide(entry, b) for entry in a)
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a / b
    return _CONTEXT.divide(_real(a), _real(b))


def _power(a: Value, b: Value) -> Value:
    a, b = _scalar(a), _scalar(b)
    if isinstance(b, Fraction) and abs(b) > HIGHEST:
        raise Open
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        if b.denominator == 1:
            return a ** int(b)
        if b.denominator == 2:
            return _power(_root(a), Fraction(b.numerator))
    return _CONTEXT.power(_real(a), _real(b))


def _root(a: Value) -> Value:
    a = _scalar(a)
    if isinstance(a, Fraction) and a >= 0:
        root = Fraction(isqrt(a.numerator), isqrt(a.denominator))
        if root * root == a:
            return root
    return _CONTEXT.sqrt(_real(a))


def _exp(a: Value) -> Value:
    return Fraction(1) if a == 0 else _CONTEXT.exp(_real(a))


def _ln(a: Value) -> Value:
    return Fraction(0) if a == 1 else _CONTEXT.ln(_real(a))


def _tanh(a: Value) -> Value:
    if a == 0:
        return Fraction(0)
    square = _CONTEXT.exp(_CONTEXT.multiply(Decimal(2), _real(a)))
    return _CONTEXT.divide(_CONTEXT.subtract(square, Decimal(1)), _CONTEXT.add(square, Decimal(1)))


def _norm(a: Value) -> Value:
    """The absolute value of a number, the length of a vector."""
    return _root(_multiply(a, a)) if isinstance(a, tuple) else abs(a)


def _whole(a: Value) -> int:
    a = _scalar(a)
    if a != int(a) or not 0 <= a <= HIGHEST:
        raise Open
    return int(a)


def _extreme(pick: Callable[[list[Scalar]], Scalar]) -> Callable[[Value], Value]:
    def operation(a: Value) -> Value:
        if not isinstance(a, tuple):
            raise Open
        return pick([_scalar(entry) for entry in a])

    return operation


_OPERATIONS: dict[str, Callable[..., Value]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "modulo": lambda a, b: Fraction(_whole(a) % _whole(b)),
    "negate": lambda a: _multiply(Fraction(-1), a),
    "power": lambda a, b: _power(a, b),
    "root": _root,
    "exp": _exp,
    "ln": _ln,
    "log": _ln,
    "tanh": _tanh,
    "e": lambda: _CONTEXT.exp(Decimal(1)),
    "pi": lambda: _PI,
    "floor": lambda a: Fraction(floor(_scalar(a))),
    "ceil": lambda a: Fraction(ceil(_scalar(a))),
    "norm": _norm,
    "factorial": lambda a: Fraction(factorial(_whole(a))),
    "binomial": lambda a, b: Fraction(comb(_whole(a), _whole(b))),
    "max": _extreme(max),
    "min": _extreme(min),
    "vector": lambda *entries: entries,
}


# Comparing.


def _holds(left: Tree, relation: str, right: Tree) -> bool:
    a, b = value(left), value(right)
    if relation == ABOUT:
        return _about(left, a, right, b)
    if relation == EQUAL:
        return _equal(a, b)
    if relation == r"\ne":
        return not _equal(a, b)
    x, y = _real(a), _real(b)
    return {"<": x < y, ">": x > y, r"\le": x <= y, r"\ge": x >= y}[relation]


def _equal(a: Value, b: Value, slack: Value = Fraction(0)) -> bool:
    """Whether two values differ by at most ``slack``, entry by entry; without slack, rational ones must be equal."""
    if isinstance(a, tuple) or isinstance(b, tuple):
        if not isinstance(a, tuple) or not isinstance(b, tuple) or len(a) != len(b):
            return False
        slacks = slack if isinstance(slack, tuple) else (slack,) * len(a)
        return all(_equal(x, y, s) for x, y, s in zip(a, b, slacks, strict=True))
    difference = _scalar(_subtract(a, b))
    if isinstance(difference, Fraction) and isinstance(slack, Fraction):
        return abs(difference) <= slack
    return abs(difference) <= _real(slack) + _SAME * max(Decimal(1), abs(_real(a)))


def _about(left: Tree, a: Value, right: Tree, b: Value) -> bool:
    """Whether one side is the other, rounded."""
    units = [unit for unit in (_last_unit(left), _last_unit(right)) if unit is not None]
    if units:
        return _equal(a, b, _half(_coarser(units)))
    return _equal(a, b, _add(_error(left), _error(right)))


def _last_unit(tree: Tree) -> "Value | None":
    """The last digit's unit of a side that is only a numeral, or a vector of numerals; None for one that computes."""
    if isinstance(tree, Numeral):
        return tree.unit
    if tree.name == "negate":
        return _last_unit(tree.arguments[0])
    if tree.name == "vector":
        units = [_last_unit(entry) for entry in tree.arguments]
        return None if None in units else tuple(unit for unit in units if unit is not None)
    return None


def _coarser(units: list[Value]) -> Value:
    if len(units) == 1 or not isinstance(units[0], Fraction) or not isinstance(units[1], Fraction):
        return units[-1]
    return max(units[0], units[1])


def _half(unit: Value) -> Value:
    return tuple(map(_half, unit)) if isinstance(unit, tuple) else _times(unit, Fraction(1, 2))


def _error(tree: Tree) -> Value:
    """How far a side may be off, to first order, if each of its decimals was rounded."""
    exact = value(tree)
    total = _subtract(exact, exact)
    for numeral in _decimals(tree):
        total = _add(total, _size(_subtract(value(tree, (numeral, numeral.unit / 2)), exact)))
    return _multiply(Fraction(101, 100), total)


def _size(a: Value) -> Value:
    return tuple(map(_size, a)) if isinstance(a, tuple) else abs(a)


def _decimals(tree: Tree) -> Iterator[Numeral]:
    if isinstance(tree, Numeral):
        if tree.unit < 1:
            yield tree
        return
    for argument in tree.arguments:
        yield from _decimals(argument)

