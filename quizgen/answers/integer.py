"""A whole number, with the unit that is printed beside it."""

from collections.abc import Iterator
from fractions import Fraction
from typing import ClassVar, Literal, Self

from quizgen.answers._credit import WRONG
from quizgen.answers._numeric import NO_UNITS, Factors, Numeric, exact_factors
from quizgen.notation import Numerals
from quizgen.values import Reading, Value, Verdict


class Integer(Numeric, frozen=True, kw_only=True, tag="integer"):
    """``value``, counted in ``unit``; a comma groups its digits."""

    value: int
    form: Literal["", "numeral"] = ""

    numerals: ClassVar[Numerals] = "integer"
    certain: ClassVar[frozenset[str]] = Numeric.certain | {"off-by-one"}

    @classmethod
    def of(
        cls, value: Value, unit: str = "", units: Factors = NO_UNITS, percent: bool = False, suffixes: bool = False,
        comma: bool = False, label: str = "", form: Literal["", "numeral"] = "",
    ) -> Self:  # fmt: skip
        """The key for an int."""
        if type(value) is not int:
            raise TypeError(f"expected an int, got {value!r}")
        return cls(
            value=value, unit=unit, units=exact_factors(units), percent=percent, suffixes=suffixes, comma=comma,
            label=label, form=form,
        )  # fmt: skip

    @property
    def right(self) -> int:
        return self.value

    def _wrong(self, reading: Reading) -> Verdict:
        return WRONG if _is_whole(reading.value) else Verdict(verdict="wrong", notes=("not-an-integer",))

    def _near(self, reading: Reading) -> Iterator[str]:
        yield from super()._near(reading)
        if isinstance(reading.value, Fraction) and not _is_whole(reading.value) and abs(reading.value - self.value) < 1:
            yield "floor-or-ceil"

    def _spelled(self, value: Value) -> list[str]:
        if type(value) is not int:  # a wrong value can be any
            return [str(value)]
        found = [str(value), f"{value:,}".replace(",", " "), f"{value:,}".replace(",", r"\,")]
        if self.comma:
            return [*found, f"{value},0"]
        found += [f"{value:,}", f"{value}.0", f"{value}.", f"{value}e0"]
        if self.form == "":
            found += [f"{2 * value}/2", rf"\frac{{{3 * value}}}{{3}}", f"{value - 1}+1", f"{value} × 1", f"{value}^1"]
        return found

    def junk(self) -> list[str]:
        return [*super().junk(), "12,34,56"]

    def wrong(self) -> list[str]:
        return [*super().wrong(), self._point(f"{self.value}.5"), str(self.value + 10**6)]


def _is_whole(value: object) -> bool:
    return isinstance(value, Fraction) and value.denominator == 1
