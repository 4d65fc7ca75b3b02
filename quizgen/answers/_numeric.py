"""What the kinds of one number share: their options, how a number field is read, and its near misses."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import ClassVar, Protocol, TypeAlias

from msgspec import field
from msgspec.structs import replace

from quizgen.answers import _slips
from quizgen.answers._credit import RIGHT, UNDECIDED, WRONG
from quizgen.answers._units import SUFFIXES, ending, opened, words
from quizgen.expr import Grid, Node, Num, Power, Product, Quotient, children, latex, latex_number
from quizgen.expr.rational import rational
from quizgen.notation import Numerals, Token, Unreadable, parse, tokens
from quizgen.notation.vocabulary import flat, spelled
from quizgen.values import Key, Reading, Value, Verdict


class Real(Protocol):
    """A number that is not known to be rational: ``balls.Real``, which takes long to load."""

    @property
    def exact(self) -> Fraction | None:
        """Its value if that is rational after all."""

    def compare(self, other: Fraction) -> int | None:
        """-1, 0 or 1 for less than, equal to or more than ``other``; None if that cannot be told."""

    def within(self, key: Fraction, tolerance: Fraction) -> bool | None:
        """Whether it is at most ``tolerance`` away from ``key``; None if that cannot be told."""


Evaluated: TypeAlias = Fraction | Real
"""The value of what was typed: a Fraction wherever it is known to be rational."""

Factors: TypeAlias = Mapping[str, int | Fraction | Decimal]
NO_UNITS: Factors = {}

FULL_WIDTH = str.maketrans("0123456789.,-/+", "０１２３４５６７８９．，－／＋")
ESCAPED = str.maketrans({sign: f"\\{sign}" for sign in "%#&_{}"})
LARGEST_EXPONENT = 400
"""The largest power of ten of a number, either way."""

_LISTS = re.compile(r"[A-Za-z] *\(.*,", re.DOTALL)
"""A comma behind a bracket of a function; it may separate arguments."""


class Quantity(Reading, frozen=True):
    """A number as it was typed.

    ``numeral`` is its decimal numeral with all digits, times what stands behind it if that is a power of ten;
    ``ratio`` is its numerator and denominator, both integers; ``behind`` is the unit, sign or suffix behind it.
    """

    numeral: Decimal | None = None
    ratio: tuple[int, int] | None = None
    behind: str = ""


class Numeric(Key, frozen=True, kw_only=True):
    """One number, with what may stand before and behind it.

    A number typed in one of ``units``, times the factor of that unit, is the value in ``unit``.
    """

    online = ("numeric", "short", "choose")

    value: Value
    unit: str = ""
    units: dict[str, Fraction] = field(default_factory=dict)
    percent: bool = False
    suffixes: bool = False
    comma: bool = False
    label: str = ""
    form: str = ""

    limit: ClassVar[int] = 400
    numerals: ClassVar[Numerals] = "field"
    """How commas are read, but for a locale with decimal commas."""
    forms: ClassVar[tuple[str, ...]] = ("", "numeral")
    certain: ClassVar[frozenset[str]] = frozenset({"sign-flipped", "factor-two", "power-of-ten"})
    """Slips that no sensible tolerance takes for the right value; roots and reciprocals are close to it near 1."""

    def __post_init__(self) -> None:
        if not all(self.units.values()):
            raise ValueError("expected factors of units that are not 0")
        if self.form not in self.forms:
            raise ValueError(f"expected a form among {', '.join(self.forms[1:])}, got {self.form!r}")
        if self.label:
            spelled(self.label)

    @property
    def within(self) -> Fraction:
        """The largest error that is still right."""
        return Fraction(0)

    def _digits(self) -> int | None:
        """The decimals that are asked for."""
        return None

    # Reading.

    def read(self, text: str) -> Quantity:
        shown = opened(text)
        behind = ending(shown, self._factors(), self.suffixes)
        found, tree = self._formula(shown, behind.start if behind else len(shown))
        span = found[0].start, found[-1].end
        reading = Quantity(
            value=evaluated(tree if behind is None else Product((Num(str(behind.factor)), tree)), span),
            parsed=latex(tree) + ("" if behind is None else _latex_ending(behind.name)),
            numeral=decimal_numeral(tree),
            ratio=integer_ratio(tree),
            behind="" if behind is None else behind.name,
        )
        if self.form == "numeral" and not self._is_worked_out(reading):
            raise Unreadable("give-the-value", span)
        return reading if behind is None else _multiplied(reading, behind.factor)

    def _is_worked_out(self, reading: Quantity) -> bool:
        return reading.numeral is not None

    def _factors(self) -> dict[str, Fraction]:
        """What may stand behind the number, but for suffixes, with what it multiplies by."""
        factors = dict(self.units)
        if self.percent:
            factors["%"] = Fraction(1, 100)
        if self.unit:
            factors[self.unit] = Fraction(1)
        return factors

    def _formula(self, shown: str, end: int) -> tuple[tuple[Token, ...], Node]:
        """The number up to ``end``, its label left out, as tokens and as a formula."""
        try:
            return self._parsed(shown, end)
        except Unreadable:
            for start, stop in words(shown[:end]):
                if self._is_readable(shown, start):
                    raise Unreadable(_unknown(shown[start:stop]), (start, stop)) from None
            raise

    def _parsed(self, shown: str, end: int) -> tuple[tuple[Token, ...], Node]:
        own: Numerals = "comma" if self.comma else self.numerals
        if not _LISTS.search(shown):
            return self._parsed_as(own, shown, end)
        ways: tuple[Numerals, Numerals] = (own, "list") if self.comma else ("list", own)
        try:
            return self._parsed_as(ways[0], shown, end)
        except Unreadable as error:
            if error.code == "ambiguous-log":  # log(2,10) is not log 2.10
                raise
            return self._parsed_as(ways[1], shown, end)

    def _parsed_as(self, numerals: Numerals, shown: str, end: int) -> tuple[tuple[Token, ...], Node]:
        found = after_label(tokens(shown[:end], numerals), self.label)
        tree = parse(found, end=end)
        if numerals == "list" and _has_grid(tree):
            raise Unreadable("not-a-number", (found[0].start, end))
        return found, tree

    def _is_readable(self, shown: str, end: int) -> bool:
        try:
            self._parsed(shown, end)
        except Unreadable:
            return False
        return True

    # Judging.

    def judge(self, reading: Reading) -> Verdict:
        tolerated = self.within
        if not tolerated and isinstance(reading.value, int | Fraction):
            is_right: bool | None = reading.value == self.value
        else:
            is_right = agrees(reading.value, Fraction(self.value), tolerated)
        if is_right is None:
            return UNDECIDED
        return self._formed(reading) if is_right else self._wrong(reading)

    def _formed(self, reading: Reading) -> Verdict:
        """The verdict for the right value, which may not be in the form asked for."""
        return RIGHT

    def _wrong(self, reading: Reading) -> Verdict:
        return WRONG

    def near(self, reading: Reading) -> tuple[str, ...]:
        if self.judge(reading).verdict != "wrong":
            return ()
        return next(((code,) for code in self._near(reading)), ())

    def _near(self, reading: Reading) -> Iterator[str]:
        """Codes of all the slips that lead to a wrong answer."""
        key, tolerated = Fraction(self.value), self.within
        typed = reading if isinstance(reading, Quantity) else Quantity(value=reading.value)
        if typed.numeral is not None and _slips.is_rounded(typed.numeral, key):
            yield "too-few-digits"
        if not typed.behind and any(agrees(typed.value, key / each, tolerated / abs(each)) for each in self._others()):
            yield "unit-factor"
        for slip in _slips.slips(key, self._digits(), typed.behind):
            tells = not tolerated or min(abs(slip.value), abs(slip.value - key)) > tolerated
            spread = tolerated * max(slip.slope, Fraction(1)) if slip.slope else Fraction(0)
            if tells and agrees(typed.value, slip.value, spread):
                yield slip.code

    def _others(self) -> list[Fraction]:
        """The factors of the other units."""
        return [factor for factor in self.units.values() if factor != 1]

    # Showing.

    def show(self, value: Value, label: Callable[[str], str]) -> str:
        return show_number(value, self.unit)

    # Examples.

    def notations(self, value: Value) -> list[str]:
        numerals = self._spelled(value)
        first = numerals[0]
        found = [*numerals, f"  {first} ", first.replace("-", "−"), first.translate(FULL_WIDTH), f"({first})"]
        found += [f"${first}$", rf"\({first}\)"]
        if not first.startswith("-"):
            found.append(f"+{first}")
        found += [f"{first} {self.unit}", rf"{first}\,{self.unit}"] if self.unit else []
        if self.unit.isalpha():
            found += [f"{first}{self.unit}", rf"{first}\,\text{{{self.unit}}}", rf"{first}\ \mathrm{{{self.unit}}}"]
        if self.label:
            found += [f"{self.label} = {first}", f"{self.label}: {first}", f"{self.label}≈{first}"]
        if self.form in ("", "numeral"):
            found += self._scaled(Fraction(value))
        return found

    def _spelled(self, value: Value) -> list[str]:
        """Ways to write a number with nothing before and behind it, the plainest first."""
        raise NotImplementedError

    def _scaled(self, value: Fraction) -> Iterator[str]:
        """``value`` with a percent sign, a suffix, or in another unit, where it is a short decimal then."""
        endings = dict(self.units)
        if self.percent and self.unit != "%":
            endings |= dict.fromkeys(("%", " %", r"\%", "％"), Fraction(1, 100))
        if self.suffixes:
            endings |= {suffix: Fraction(10) ** exponent for suffix, exponent in SUFFIXES.items()}
        for name, factor in endings.items():
            if (number := terminating(value / factor)) is not None:
                yield f"{self._point(f'{number:f}')}{' ' if name in self.units else ''}{name}"

    def _typed(self, value: Fraction) -> str:
        """``value`` as a decimal if it is a short one, else as a fraction."""
        number = terminating(value)
        return str(value) if number is None else self._point(f"{number:f}")

    def _point(self, numeral: str) -> str:
        """A numeral with the decimal sign of the locale."""
        return numeral.replace(".", ",") if self.comma else numeral

    def junk(self) -> list[str]:
        first = self._spelled(self.value)[0]
        texts = [
            *super().junk(),
            "1/0",
            "12 34",
            "1 1/2",
            "2 +",
            "1.2.3",
            "± 3",
            f"{first} = {first}",
            "x",
            "3 bananas",
        ]
        texts += [] if self.percent or "%" in self._factors() else [f"{first}%"]
        texts += [] if self.suffixes or "k" in self._factors() else [f"{first} k"]
        texts += ["1 + 1", "sqrt(4)"] if self.form == "numeral" else []
        return [*texts, f"not_{self.label} = {first}"] if self.label else texts

    def wrong(self) -> list[str]:
        key, step = Fraction(self.value), 1 + 2 * self.within
        found = [text for value in (key + step, key - step) for text in self._wrong_notations(value)]
        return [*found, f"{found[0]} {self.unit}"] if self.unit else found

    def _wrong_notations(self, value: Fraction) -> list[str]:
        typed = self._typed(value)
        return [typed, f" {typed}", typed.replace("-", "−"), f"({typed})", f"${typed}$"]

    def slips(self) -> Iterator[tuple[str, str]]:
        """Codes and typed texts of slips that are never right, unless the tolerance is too wide."""
        key = Fraction(self.value)
        for slip in _slips.slips(key, self._digits()):
            if slip.code in self.certain and slip.value != key:
                yield slip.code, self._typed(slip.value)


def exact_factors(factors: Factors) -> dict[str, Fraction]:
    """Units with their factors as fractions."""
    return {name: Fraction(factor) for name, factor in factors.items()}


def check_digits(numbers: Iterable[Value], digits: int | None) -> None:
    """Raises TypeError for a number that is no Decimal rounded to ``digits`` decimals, if so many are asked for."""
    for number in numbers if digits is not None else ():
        if not isinstance(number, Decimal) or number.as_tuple().exponent != -(digits or 0):
            raise TypeError(f"expected a Decimal of {digits} decimals, got {number!r}")


@cache
def half_unit(digits: int | None) -> Fraction:
    """Half a unit of the last of ``digits`` decimals; 0 if the value is exact."""
    return Fraction(0) if digits is None else Fraction(1, 2 * 10**digits)


def after_label(found: tuple[Token, ...], label: str) -> tuple[Token, ...]:
    """The tokens behind ``label =``, ``label:`` or ``label ≈``; all of them without one, or if the key names no label.

    Raises Unreadable("unexpected-label") for another label.
    """
    signs = (place for place, token in enumerate(found) if token.kind == "op" and token.text in ("=", "≈", ":"))
    place = next(signs, 0) if label else 0
    if place == 0:
        return found
    if flat(token.text for token in found[:place]) != spelled(label).replace("_", ""):
        raise Unreadable("unexpected-label", (found[0].start, found[place - 1].end))
    return found[place + 1 :]


def show_number(value: int | Fraction | Decimal, unit: str) -> str:
    """A number as Markdown, with its unit if it has one."""
    return f"${latex_number(value)}$" + (f"\N{NO-BREAK SPACE}{unit}" if unit else "")


def type_number(value: int | Fraction | Decimal) -> str:
    """A number as it is typed: ``-3``, ``3/7``, ``0.125``."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


# Values.


def evaluated(tree: Node, span: tuple[int, int]) -> Evaluated:
    """The value of a formula without variables. Raises Unreadable("not-a-number") if it has none."""
    try:
        value = rational(tree)
    except ZeroDivisionError:
        raise Unreadable("not-a-number", span) from None
    return _real(tree, span) if value is None else value


def _real(tree: Node, span: tuple[int, int]) -> Evaluated:
    from quizgen.expr import balls  # ball arithmetic takes long to load, and few answers need it
    from quizgen.expr.scalars import Unclear

    try:
        real = balls.number(tree)
    except Unclear:
        raise Unreadable("undecided", span) from None
    except balls.Undefined:
        raise Unreadable("not-a-number", span) from None
    return real if real.exact is None else real.exact


def _has_grid(tree: Node) -> bool:
    return isinstance(tree, Grid) or any(map(_has_grid, children(tree)))


def agrees(value: Evaluated | int | Decimal, key: Fraction, tolerated: Fraction) -> bool | None:
    """Whether a value is no farther from ``key`` than ``tolerated``; None if that cannot be decided."""
    if isinstance(value, Fraction | int | Decimal):
        number = Fraction(value) if isinstance(value, Decimal) else value
        return abs(number - key) <= tolerated if tolerated else number == key
    if isinstance(value, str):  # what a family gives as a wrong answer can be anything
        raise TypeError(f"expected a number, got {value!r}")
    return value.within(key, tolerated)


def terminating(value: Fraction, longest: int = 12) -> Decimal | None:
    """A fraction as a decimal of at most ``longest`` decimals, exactly; None if it has more."""
    for digits in range(longest + 1):
        if 10**digits % value.denominator == 0:
            return _decimal(value.numerator * (10**digits // value.denominator), -digits)
    return None


def _decimal(integer: int, exponent: int) -> Decimal:
    """``integer`` times a power of ten, with all its digits, however many they are."""
    return Decimal((int(integer < 0), tuple(map(int, str(abs(integer)))), exponent))


# How a number was put.


def decimal_numeral(tree: Node) -> Decimal | None:
    """The decimal numeral that a formula is, with the digits typed; a sign and a power of ten may belong to it."""
    match tree:
        case Num(value) if "/" not in value:
            return Decimal(value)
        case Product((Num("-1"), positive)):
            number = decimal_numeral(positive)
            return None if number is None else number.copy_negate()
        case Power(Num("10"), exponent):
            return _shifted(Decimal(1), decimal_numeral(exponent))
        case Product((mantissa, Power(Num("10"), exponent))):
            number = decimal_numeral(mantissa) if isinstance(mantissa, Num) else None
            return None if number is None else _shifted(number, decimal_numeral(exponent))
    return None


def _shifted(number: Decimal, exponent: Decimal | None) -> Decimal | None:
    """``number`` times a power of ten; None if the exponent is no small integer."""
    if exponent is None or abs(exponent) > LARGEST_EXPONENT or exponent != int(exponent):
        return None
    sign, digits, place = number.as_tuple()
    assert isinstance(place, int)  # no numeral is infinite
    return Decimal((sign, digits, place + int(exponent)))


def _times(number: Decimal, factor: Fraction) -> Decimal | None:
    """``number`` times a factor that is a power of ten; None for any other factor."""
    digits = str(max(factor.numerator, factor.denominator))
    if min(factor.numerator, factor.denominator) != 1 or digits.rstrip("0") != "1":
        return None
    zeros = len(digits) - 1
    return _shifted(number, Decimal(zeros if factor > 1 else -zeros))


def integer_ratio(tree: Node) -> tuple[int, int] | None:
    """The numerator and the denominator of a fraction of two integers, as they were typed."""
    match tree:
        case Num(value) if "/" in value:
            numerator, _, denominator = value.partition("/")
            return int(numerator), int(denominator)
        case Product((Num("-1"), positive)):
            ratio = integer_ratio(positive)
            return None if ratio is None else (-ratio[0], ratio[1])
        case Quotient(Num(above), Num(below)) if _is_integer(above) and _is_integer(below):
            return int(above), int(below)
    return None


def _multiplied(reading: Quantity, factor: Fraction) -> Quantity:
    """How a number was put, of which the value has been multiplied by what stands behind it."""
    numeral = None if reading.numeral is None else _times(reading.numeral, factor)
    return replace(reading, numeral=numeral, ratio=reading.ratio if factor == 1 else None)


def _is_integer(numeral: str) -> bool:
    return numeral.removeprefix("-").isdecimal()


# Endings.


def _unknown(word: str) -> str:
    """The code for what stands behind a number where it may not."""
    word = word.strip("\\ ")
    if word == "%":
        return "percent"
    return "suffix" if word in SUFFIXES else "unknown-unit"


def _latex_ending(name: str) -> str:
    """A unit, a percent sign or a suffix as LaTeX, its words set apart."""
    if name == "%":
        return r"\%"
    return "".join(rf"\,{_latex_word(word)}" for word in name.split())


def _latex_word(word: str) -> str:
    if word.isascii() and all(character.isalnum() or character in "/^-." for character in word):
        return rf"\mathrm{{{word}}}"
    if "$" in word or "\\" in word:
        return rf"\text{{{word}}}"
    return rf"\text{{{word.translate(ESCAPED)}}}"
