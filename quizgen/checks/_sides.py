"""One side of a chain: tokens of LaTeX to a tree, a tree to its value.

Recursive descent, sharing nothing with what printed the formula. Values are exact fractions; where roots, logarithms
and exponentials enter, decimals of 60 digits; vectors and matrices are tuples.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import ceil, comb, factorial, floor, isqrt
from typing import TypeAlias

CONTEXT = Context(prec=60, rounding=ROUND_HALF_EVEN)
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
HIGHEST = 400
"""Largest exponent that is evaluated."""

FUNCTIONS = frozenset([r"\ln", r"\log", r"\exp", r"\tanh", r"\max", r"\min"])
FRACTIONS = frozenset([r"\frac", r"\tfrac", r"\dfrac"])
OPERATORS = {
    r"\cdot": "multiply", r"\times": "multiply", "*": "multiply", "/": "divide", r"\div": "divide", r"\bmod": "modulo",
}  # fmt: skip
BRACKETS = {
    "(": ")", "[": "]", r"\{": r"\}", "|": "|", r"\lfloor": r"\rfloor", r"\lceil": r"\rceil",
    r"\lvert": r"\rvert", r"\lVert": r"\rVert",
}  # fmt: skip
BESIDE = FUNCTIONS | FRACTIONS | {"(", r"\left", r"\sqrt", "e", r"\pi", "{"}
"""Tokens that begin a factor which may stand beside another without a sign between them."""

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
    """An operation on trees."""

    name: str
    arguments: "tuple[Tree, ...]"


Tree: TypeAlias = Numeral | Call


class Reader:
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

    def _next(self) -> str:
        return self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""

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
            if token in OPERATORS:
                self.at += 1
                tree = Call(OPERATORS[token], (tree, self._signed()))
            elif token in BESIDE:
                tree = Call("multiply", (tree, self._power()))
            else:
                return tree

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
            elif self._peek() == "^" and self._next() == r"\top" and isinstance(tree, Call) and tree.name == "vector":
                self.at += 2  # a row and a column are the same numbers
            elif self._peek() == "^":
                self.at += 1
                tree = Call("power", (tree, self._argument()))
            else:
                return tree

    def _argument(self) -> Tree:
        """What a command or an exponent takes: a group, or one token (of a number, one digit)."""
        token = self._peek()
        if token.isdigit() and len(token) > 1:
            raise Open  # the table of allowed formulas refuses it
        return self._atom()

    def _group(self) -> Tree:
        self._expect("{")
        tree = self._sum()
        self._expect("}")
        return tree

    def _atom(self) -> Tree:
        if self._peek() == "{":
            return self._group()
        token = self._take()
        if token[0].isdigit():
            return _numeral(token)
        if token == "e":
            if self._peek() != "^":
                raise Open
            return Call("e", ())
        if token == r"\pi":
            return Call("pi", ())
        if token in FRACTIONS:
            return Call("divide", (self._argument(), self._argument()))
        if token == r"\binom":
            return Call("binomial", (self._argument(), self._argument()))
        if token == r"\sqrt":
            if self._peek() == "[":
                raise Open
            return Call("root", (self._argument(),))
        if token in (r"\boxed", r"\underbrace", r"\overbrace"):
            return self._decorated()
        if token in FUNCTIONS:
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
            tree = self._inside(self._take(), r"\right")
            self._take()
            return tree
        if token not in BRACKETS:
            raise Open
        return self._inside(token, BRACKETS[token])

    def _inside(self, opening: str, closing: str) -> Tree:
        """What stands between brackets: one number, or the entries of a vector."""
        entries = [self._sum()]
        while self._peek() in (",", ";"):
            self.at += 1
            entries.append(self._sum())
        self._expect(closing)
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
        self.at += len(name) + 3  # \end { letters }
        if len(rows) == 1 or all(len(row) == 1 for row in rows):
            return Call("vector", tuple(entry for row in rows for entry in row))
        return Call("vector", tuple(Call("vector", tuple(row)) for row in rows))


def _numeral(token: str) -> Numeral:
    _, _, places = token.partition(".")
    return Numeral(Fraction(token), Fraction(1, 10 ** len(places)))


def _percent(tree: Tree) -> Tree:
    if isinstance(tree, Numeral):
        return Numeral(tree.value / 100, tree.unit / 100)
    return Call("divide", (tree, Numeral(Fraction(100), Fraction(1))))


def value(tree: Tree, shifted: "tuple[Tree, Fraction] | None" = None) -> Value:
    """The value of a tree; with ``shifted``, one numeral (this very object) is off by some amount."""
    if isinstance(tree, Numeral):
        return tree.value + shifted[1] if shifted is not None and shifted[0] is tree else tree.value
    arguments = [value(argument, shifted) for argument in tree.arguments]
    return _OPERATIONS[tree.name](*arguments)


def scalar(x: Value) -> Scalar:
    if isinstance(x, tuple):
        raise Open
    return x


def real(x: Value) -> Decimal:
    x = scalar(x)
    return x if isinstance(x, Decimal) else CONTEXT.divide(Decimal(x.numerator), Decimal(x.denominator))


def _entrywise(exact: Callable[..., Fraction], rounded: Callable[..., Decimal]) -> Callable[[Value, Value], Value]:
    def operation(a: Value, b: Value) -> Value:
        if isinstance(a, tuple) and isinstance(b, tuple):
            if len(a) != len(b):
                raise Open
            return tuple(operation(x, y) for x, y in zip(a, b, strict=True))
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return exact(a, b)
        return rounded(real(a), real(b))

    return operation


add = _entrywise(lambda a, b: a + b, CONTEXT.add)
subtract = _entrywise(lambda a, b: a - b, CONTEXT.subtract)
times = _entrywise(lambda a, b: a * b, CONTEXT.multiply)


def multiply(a: Value, b: Value) -> Value:
    """Numbers; a number and a vector; two vectors: their inner product."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        products = times(a, b)
        assert isinstance(products, tuple)
        if any(isinstance(entry, tuple) for entry in products):
            raise Open  # matrices have several products
        total: Value = Fraction(0)
        for entry in products:
            total = add(total, entry)
        return total
    if isinstance(a, tuple):
        return tuple(multiply(entry, b) for entry in a)
    if isinstance(b, tuple):
        return tuple(multiply(a, entry) for entry in b)
    return times(a, b)


def _divide(a: Value, b: Value) -> Value:
    if isinstance(a, tuple):
        return tuple(_divide(entry, b) for entry in a)
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a / b
    return CONTEXT.divide(real(a), real(b))


def _power(a: Value, b: Value) -> Value:
    a, b = scalar(a), scalar(b)
    if isinstance(b, Fraction) and abs(b) > HIGHEST:
        raise Open
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        if b.denominator == 1:
            return a ** int(b)
        if b.denominator == 2:
            return _power(_root(a), Fraction(b.numerator))
    return CONTEXT.power(real(a), real(b))


def _root(a: Value) -> Value:
    a = scalar(a)
    if isinstance(a, Fraction) and a >= 0:
        root = Fraction(isqrt(a.numerator), isqrt(a.denominator))
        if root * root == a:
            return root
    return CONTEXT.sqrt(real(a))


def _exp(a: Value) -> Value:
    return Fraction(1) if a == 0 else CONTEXT.exp(real(a))


def _ln(a: Value) -> Value:
    if a == 0:
        raise Open  # decimal's answer, -Infinity, would be as near to one number as to any other
    return Fraction(0) if a == 1 else CONTEXT.ln(real(a))


def _tanh(a: Value) -> Value:
    if a == 0:
        return Fraction(0)
    square = CONTEXT.exp(CONTEXT.multiply(Decimal(2), real(a)))
    return CONTEXT.divide(CONTEXT.subtract(square, Decimal(1)), CONTEXT.add(square, Decimal(1)))


def norm(a: Value) -> Scalar:
    """The absolute value of a number, the length of a vector."""
    if isinstance(a, tuple):
        return scalar(_root(multiply(a, a)))
    return -a if a < 0 else a


def _whole(a: Value) -> int:
    a = scalar(a)
    if a != int(a) or not 0 <= a <= HIGHEST:
        raise Open
    return int(a)


def _extreme(pick: Callable[[list[Scalar]], Scalar]) -> Callable[[Value], Value]:
    def operation(a: Value) -> Value:
        if not isinstance(a, tuple):
            raise Open
        return pick([scalar(entry) for entry in a])

    return operation


_OPERATIONS: dict[str, Callable[..., Value]] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": _divide,
    "modulo": lambda a, b: Fraction(_whole(a) % _whole(b)),
    "negate": lambda a: multiply(Fraction(-1), a),
    "power": _power,
    "root": _root,
    "exp": _exp,
    "ln": _ln,
    "log": _ln,
    "tanh": _tanh,
    "e": lambda: CONTEXT.exp(Decimal(1)),
    "pi": lambda: PI,
    "floor": lambda a: Fraction(floor(scalar(a))),
    "ceil": lambda a: Fraction(ceil(scalar(a))),
    "norm": norm,
    "factorial": lambda a: Fraction(factorial(_whole(a))),
    "binomial": lambda a, b: Fraction(comb(_whole(a), _whole(b))),
    "max": _extreme(max),
    "min": _extreme(min),
    "vector": lambda *entries: entries,
}
