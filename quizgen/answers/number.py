"""A number to some decimals or significant figures; half a unit of the last one is tolerated, both ends included."""

from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal, Self

from quizgen.answers._credit import RIGHT
from quizgen.answers._numeric import (
    LARGEST_EXPONENT,
    NO_UNITS,
    Factors,
    Numeric,
    Quantity,
    check_digits,
    exact_factors,
    half_unit,
    type_number,
)
from quizgen.values import Reading, Value, Verdict


class Number(Numeric, frozen=True, kw_only=True, tag="number"):
    """``value``, within ``tolerance``, or within ``relative`` times its size if that is more.

    Without a tolerance, half a unit of the last of ``digits`` decimals, or of ``significant`` figures, is tolerated.
    The right value with another number of digits earns ``form_credit`` if ``form`` is ``digits``.
    """

    value: Decimal
    digits: int | None = None
    significant: int | None = None
    tolerance: Decimal | None = None
    relative: Decimal = Decimal(0)
    form: Literal["", "numeral", "digits"] = ""
    form_credit: Fraction = Fraction(1, 2)

    forms: ClassVar[tuple[str, ...]] = ("", "numeral", "digits")

    def __post_init__(self) -> None:
        super().__post_init__()
        for number in (self.value, self.tolerance or Decimal(0), self.relative):
            if isinstance(number, Decimal) and not (number.is_finite() and abs(number.adjusted()) <= LARGEST_EXPONENT):
                raise ValueError(f"expected a number with an exponent of at most {LARGEST_EXPONENT}, got {number}")
        if min(self.tolerance or 0, self.relative) < 0:
            raise ValueError("expected a tolerance of at least 0")
        if not 0 <= (self.digits or 0) <= 60 or (self.significant is not None and not 1 <= self.significant <= 60):
            raise ValueError("expected 0 to 60 decimals, or 1 to 60 significant figures")
        if self.form == "digits" and self.digits is None and self.significant is None:
            raise ValueError("expected the digits or the significant figures that the form asks for")
        if not 0 <= self.form_credit < 1:
            raise ValueError(f"expected a credit of at least 0 and less than 1, got {self.form_credit}")

    @classmethod
    def of(
        cls, value: Value, digits: int | None = None, unit: str = "", *, significant: int | None = None,
        tolerance: Decimal | None = None, relative: Decimal = Decimal(0), units: Factors = NO_UNITS,
        percent: bool = False, suffixes: bool = False, comma: bool = False, label: str = "",
        form: Literal["", "numeral", "digits"] = "", form_credit: Fraction = Fraction(1, 2),
    ) -> Self:  # fmt: skip
        """The key for a Decimal of ``digits`` decimals: 3 unless figures or a tolerance are named."""
        if digits is None and significant is None and tolerance is None and not relative:
            digits = 3
        if digits is not None:
            check_digits((value,), digits)
        if not isinstance(value, Decimal):
            raise TypeError(f"expected a Decimal, got {value!r}")
        return cls(
            value=value, digits=digits, significant=significant, tolerance=tolerance, relative=relative, unit=unit,
            units=exact_factors(units), percent=percent, suffixes=suffixes, comma=comma, label=label, form=form,
            form_credit=form_credit,
        )  # fmt: skip

    @property
    def right(self) -> Decimal:
        return self.value

    @property
    def within(self) -> Fraction:
        if not self.relative:
            return self._absolute()
        return max(self._absolute(), Fraction(self.relative) * abs(Fraction(self.value)))

    def _absolute(self) -> Fraction:
        """The tolerance that is named, or that the digits asked for imply."""
        if self.tolerance is not None:
            return Fraction(self.tolerance)
        if self.digits is not None:
            return half_unit(self.digits)
        if self.significant is not None and self.value:
            return Fraction(10) ** (Decimal(self.value).adjusted() + 1 - self.significant) / 2
        return Fraction(0)

    def _digits(self) -> int | None:
        return self.digits

    def _formed(self, reading: Reading) -> Verdict:
        if self.form != "digits" or not isinstance(reading, Quantity) or self._has_digits(reading.numeral):
            return RIGHT
        return Verdict(verdict="partial", credit=self.form_credit, notes=("number-of-digits",))

    def _has_digits(self, numeral: Decimal | None) -> bool:
        """Whether a numeral has the digits asked for; zeros at the end of a whole number may count or not."""
        if numeral is None:
            return False
        _, digits, exponent = numeral.as_tuple()
        if self.digits is not None:
            return exponent == -self.digits
        figures = len("".join(map(str, digits)).lstrip("0"))
        fewest = len("".join(map(str, digits)).strip("0")) if exponent == 0 else figures
        return fewest <= (self.significant or 0) <= figures

    def _spelled(self, value: Value) -> list[str]:
        typed = type_number(value)
        found = [self._point(typed)]
        if isinstance(value, Decimal):
            mantissa, exponent = self._point(f"{value:e}").split("e")
            found += [f"{mantissa}e{exponent}", f"{mantissa}E{exponent}", f"{mantissa}×10^({int(exponent)})"]
            found.append(rf"{mantissa} \cdot 10^{{{int(exponent)}}}")
        if self.form != "digits" and "." in typed:
            found.append(self._point(f"{typed}0"))
        if typed.removeprefix("-").startswith("0.") and not self.comma:
            found.append(typed.replace("0.", ".", 1))
        if self.form == "":
            found += [str(Fraction(value)), f"{self._point(typed)} + 0", rf"\frac{{{self._point(typed)}}}{{1}}"]
        return found

    def junk(self) -> list[str]:
        return [*super().junk(), "1,5,2"]
