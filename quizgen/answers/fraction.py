"""An exact rational number; the same value in any form is right, unless lowest terms are asked for."""

from fractions import Fraction as Rational
from math import gcd
from typing import ClassVar, Literal, Self

from quizgen.answers._credit import RIGHT
from quizgen.answers._numeric import NO_UNITS, Factors, Numeric, Quantity, exact_factors, terminating
from quizgen.values import Reading, Value, Verdict


class Fraction(Numeric, frozen=True, kw_only=True, tag="fraction"):
    """``value``, exactly. If ``form`` is ``lowest``, what is not in lowest terms earns ``form_credit``."""

    value: Rational
    form: Literal["", "numeral", "lowest"] = ""
    form_credit: Rational = Rational(1, 2)

    forms: ClassVar[tuple[str, ...]] = ("", "numeral", "lowest")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.form_credit < 1:
            raise ValueError(f"expected a credit of at least 0 and less than 1, got {self.form_credit}")

    @classmethod
    def of(
        cls, value: Value, unit: str = "", units: Factors = NO_UNITS, percent: bool = False, suffixes: bool = False,
        comma: bool = False, label: str = "", form: Literal["", "numeral", "lowest"] = "",
        form_credit: Rational = Rational(1, 2),
    ) -> Self:  # fmt: skip
        """The key for a rational number: an int, a Fraction or a Decimal."""
        return cls(
            value=Rational(value), unit=unit, units=exact_factors(units), percent=percent, suffixes=suffixes,
            comma=comma, label=label, form=form, form_credit=form_credit,
        )  # fmt: skip

    @property
    def right(self) -> Rational:
        return self.value

    def _is_worked_out(self, reading: Quantity) -> bool:
        return super()._is_worked_out(reading) or reading.ratio is not None

    def _formed(self, reading: Reading) -> Verdict:
        if self.form != "lowest" or not isinstance(reading, Quantity) or _is_lowest(reading):
            return RIGHT
        return Verdict(verdict="partial", credit=self.form_credit, notes=("not-in-lowest-terms",))

    def _spelled(self, value: Value) -> list[str]:
        value = Rational(value)
        above, below = value.numerator, value.denominator
        sign = "-" if above < 0 else ""
        found = [str(value), rf"\frac{{{above}}}{{{below}}}", rf"{sign}\dfrac{{{abs(above)}}}{{{below}}}"]
        found += [f"{above} / {below}", f"{above}∕{below}", f"{above}÷{below}"]
        if self.form != "lowest":
            found += [f"{2 * above}/{2 * below}", rf"\frac{{{3 * above}}}{{{3 * below}}}"]
            found += [] if terminating(value) is None else [self._typed(value)]
        if self.form == "":
            found += [f"({above})/({below})", f"{above} * {below}^-1", f"{above - below}/{below} + 1"]
        return found

    def junk(self) -> list[str]:
        return [*super().junk(), "1//2/", r"\frac{1}"]


def _is_lowest(reading: Quantity) -> bool:
    """Whether an integer, or a fraction of integers without a common factor, was typed."""
    if reading.ratio is not None:
        return gcd(*reading.ratio) == 1
    return reading.numeral is not None and reading.numeral.as_tuple().exponent == 0
