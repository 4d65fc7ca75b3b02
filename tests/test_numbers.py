"""Number fields: the kinds integer, number and fraction, their options, and their near misses.

The tables are test and documentation at once: what is typed, and what becomes of it.
"""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from time import perf_counter
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quizgen import answers
from quizgen.answers._numeric import Quantity
from quizgen.answers._slips import is_rounded, slips, square_root
from quizgen.answers._units import ending, opened
from quizgen.answers.fraction import Fraction as FractionKey
from quizgen.answers.integer import Integer
from quizgen.answers.number import Number
from quizgen.errors import InputError
from quizgen.expr import Num, Power, Product, Quotient, Sum
from quizgen.expr.rational import rational
from quizgen.values import Key, Reading, exact, plain, to_json

Options = dict[str, Any]


def said(key: Key, typed: str) -> str:
    """The verdict in words: its name, the credit if it is partial, and the notes."""
    verdict = answers.grade(key, typed)
    credit = [str(verdict.credit)] if verdict.verdict == "partial" else []
    return " ".join([verdict.verdict, *credit, *verdict.notes])


COUNT = Integer.of(150528)
SIX = Integer.of(6)
SIDE = Integer.of(-12, unit="px")
EVALUATED = Integer.of(1500000, form="numeral")
WEIGHTS = Integer.of(25557032, unit="params", suffixes=True)
SHARE = Number.of(Decimal("0.412"), digits=3)
TIME = Number.of(
    Decimal("12.5"), digits=1, unit="ms", units={"s": 1000, "µs": Decimal("0.001"), "ms/img": 1, "m²": 1000000}
)
RATE = Number.of(Decimal("0.90"), digits=2, percent=True)
PERCENT = Number.of(Decimal("90.0"), digits=1, unit="%")
LOCALE = Number.of(Decimal("1234.5"), digits=1, comma=True)
DIGITS = Number.of(Decimal("4.50"), digits=2, form="digits", form_credit=Fraction(3, 4))
FIGURES = Number.of(Decimal("1230"), significant=3, form="digits")
SMALL = Number.of(Decimal("0.00123"), significant=3)
RELATIVE = Number.of(Decimal("200"), relative=Decimal("0.05"))
ABSOLUTE = Number.of(Decimal("200"), tolerance=Decimal("0.25"))
VALUE = Number.of(Decimal("-0.25"), digits=2, form="numeral")
LABEL = Number.of(Decimal("3.0"), digits=1, label=r"\hat{y}")
RATIO = FractionKey.of(Fraction(-3, 7))
LOWEST = FractionKey.of(Fraction(1, 2), form="lowest")
STATED = FractionKey.of(Fraction(3, 7), form="numeral")

KEYS: list[Key] = [
    COUNT, SIDE, EVALUATED, WEIGHTS, SHARE, TIME, RATE, PERCENT, LOCALE, DIGITS, FIGURES, SMALL, RELATIVE, ABSOLUTE,
    VALUE, LABEL, RATIO, LOWEST, STATED, Integer.of(0), Integer.of(1), Integer.of(-1234, comma=True, label="N"),
    Number.of(Decimal("0.0"), digits=1), FractionKey.of(0), FractionKey.of(4, unit="%", units={"‰": Fraction(1, 10)}),
    Integer.of(7, unit="张", units={"十张": 10}),
    FractionKey.of(Fraction(-5, 4), comma=True, percent=True, suffixes=True),
]  # fmt: skip

TABLE: list[tuple[Key, str, str]] = [
    # Integers: any way to write the number, and what is worked out to it.
    (COUNT, "150528", "right"),
    (COUNT, "150,528", "right"),
    (COUNT, "150 528", "right"),
    (COUNT, r"150\,528", "right"),
    (COUNT, "150'528", "right"),
    (COUNT, "１５０５２８", "right"),
    (COUNT, "150528.0", "right"),
    (COUNT, "1.50528e5", "right"),
    (COUNT, "3*224²", "right"),
    (COUNT, r"3 \times 224^{2}", "right"),
    (COUNT, "sqrt(150528^2)", "right"),
    (COUNT, "$150528$", "right"),
    (COUNT, "(150528)", "right"),
    (COUNT, "150.528", "wrong not-an-integer power-of-ten"),
    (COUNT, "150527.5", "wrong not-an-integer floor-or-ceil"),
    (COUNT, "pi", "wrong not-an-integer"),
    (COUNT, "-150528", "wrong sign-flipped"),
    (COUNT, "75264", "wrong factor-two"),
    (COUNT, "150529", "wrong off-by-one"),
    (COUNT, "15052.8", "wrong not-an-integer power-of-ten"),
    (COUNT, "150000", "wrong too-few-digits"),
    (COUNT, "200000", "wrong"),  # one figure is a guess
    (COUNT, "1.505e5", "wrong too-few-digits"),
    (COUNT, "150529 + 1", "wrong"),
    (COUNT, "", "invalid empty"),
    (COUNT, "15,05,28", "invalid not-a-number"),
    (COUNT, "12 34", "invalid adjacent-numbers"),
    (COUNT, "1/0", "invalid not-a-number"),
    (COUNT, "ln(-1)", "invalid not-a-number"),
    (COUNT, "∞", "invalid not-a-number"),
    (COUNT, "9^9^9^9", "invalid not-a-number"),
    (COUNT, "150528%", "invalid percent"),
    (COUNT, "150.528k", "invalid suffix"),
    (COUNT, "15.0528万", "invalid suffix"),
    (COUNT, "150528 km", "invalid unknown-unit"),
    (COUNT, "150528 张", "invalid unknown-unit"),
    (COUNT, "N = 150528", "invalid undeclared-name"),
    (COUNT, "3*224^2 = 150528", "invalid equation"),
    (COUNT, "9" * 61, "invalid too-many-digits"),
    (COUNT, "9" * 401, "invalid too-long"),
    (COUNT, "1e401", "invalid exponent-too-large"),
    (COUNT, "__import__('os')", "invalid undeclared-name"),
    # A comma between the arguments of a function separates; elsewhere it belongs to a numeral.
    (SIX, "C(4,2)", "right"),
    (SIX, "max(1,6)", "right"),
    (SIX, "max(5, 6)", "right"),
    (SIX, r"\max\left(1,6\right)", "right"),
    (SIX, "5*sqrt(1,44)", "right"),
    (SIX, "sqrt(9)*(1,2)", "wrong not-an-integer"),
    (SIX, "max(1,6", "invalid unbalanced"),
    (SIDE, "-12 px", "right"),
    (SIDE, "−12px", "right"),
    (SIDE, r"-12\,\text{px}", "right"),
    (SIDE, r"$-12\ \mathrm{px}$", "right"),
    (SIDE, r"\mathrm{-12 px}", "right"),
    (SIDE, "-24/2 px", "right"),
    (SIDE, "12 px", "wrong sign-flipped"),
    (SIDE, "px", "invalid undeclared-name"),
    (SIDE, "-12 PX", "invalid unknown-unit"),
    (SIDE, "-12 kpx", "invalid unknown-unit"),
    (SIDE, "-12 px px", "invalid unknown-unit"),
    (SIDE, "- px", "invalid incomplete"),
    (EVALUATED, "1500000", "right"),
    (EVALUATED, "1,500,000", "right"),
    (EVALUATED, "1.5e6", "right"),
    (EVALUATED, "1.5·10^6", "right"),
    (EVALUATED, r"15 \cdot 10^{5}", "right"),
    (EVALUATED, "3000000/2", "invalid give-the-value"),
    (EVALUATED, "1500*1000", "invalid give-the-value"),
    (EVALUATED, "1500000 + 0", "invalid give-the-value"),
    (EVALUATED, "1500001 - 1", "invalid give-the-value"),
    (EVALUATED, "10^6", "wrong"),
    (WEIGHTS, "25.557032M", "right"),
    (WEIGHTS, "25.557032 M params", "right"),
    (WEIGHTS, "25557.032k", "right"),
    (WEIGHTS, "2555.7032万", "right"),
    (WEIGHTS, "0.25557032 亿", "right"),
    (WEIGHTS, "25,557,032 params", "right"),
    (WEIGHTS, "25.6M", "wrong too-few-digits"),
    (WEIGHTS, "25.5M", "wrong too-few-digits"),
    (WEIGHTS, "25600000", "wrong too-few-digits"),
    (WEIGHTS, "25.557032m", "invalid unknown-unit"),
    # Decimals: half a unit of the last decimal is tolerated, both ends included.
    (SHARE, "0.412", "right"),
    (SHARE, ".412", "right"),
    (SHARE, "0,412", "right"),
    (SHARE, "0.4125", "right"),
    (SHARE, "0.4115", "right"),
    (SHARE, "0.41251", "wrong"),
    (SHARE, "0.4114999999", "wrong"),
    (SHARE, "7/17", "right"),
    (SHARE, "4.12·10⁻¹", "right"),
    (SHARE, "e^{-0.887}", "right"),
    (SHARE, "0.41", "wrong too-few-digits"),
    (SHARE, "-0.412", "wrong sign-flipped"),
    (SHARE, "41.2", "wrong percent-for-fraction"),
    (SHARE, "41.23", "wrong percent-for-fraction"),
    (SHARE, "2.427", "wrong reciprocal"),
    (SHARE, "0.170", "wrong square"),
    (SHARE, "0.642", "wrong root"),
    (SHARE, "0.594", "wrong log-base"),
    (SHARE, "0.286", "wrong log-base"),
    (SHARE, "4.12", "wrong power-of-ten"),
    (SHARE, "0.00412", "wrong power-of-ten"),
    (SHARE, "0.413", "wrong floor-or-ceil"),
    (SHARE, "0", "wrong"),
    (SHARE, "1,234", "invalid ambiguous-comma"),
    (SHARE, "1.2.3", "invalid not-a-number"),
    (SHARE, "1 1/2", "invalid mixed-number"),
    (SHARE, "0.412 ± 0.001", "invalid two-values"),
    (SHARE, "0.412, 0.5", "invalid unexpected-sign"),
    (SHARE, "41.2%", "invalid percent"),
    # Units with their factors.
    (TIME, "12.5", "right"),
    (TIME, "12.5 ms", "right"),
    (TIME, "0.0125 s", "right"),
    (TIME, "1/80 s", "right"),
    (TIME, "12500 μs", "right"),
    (TIME, r"12500\,\mathrm{µs}", "right"),
    (TIME, "12.5 ms / img", "right"),
    (TIME, "12.5 m^{2}", "wrong power-of-ten"),
    (TIME, "0.0000125 m^2", "right"),
    (TIME, "0.0125", "wrong unit-factor"),
    (TIME, "12500", "wrong unit-factor"),
    (TIME, "12.5 s", "wrong power-of-ten"),
    (TIME, "12.5 kg", "invalid unknown-unit"),
    # Percent: a sign where the key allows one, and where the unit is one.
    (RATE, "90%", "right"),
    (RATE, r"90\%", "right"),
    (RATE, "９０％", "right"),
    (RATE, "0.9", "right"),
    (RATE, "89.5 %", "right"),
    (RATE, "90.51 %", "wrong"),
    (RATE, "90", "wrong percent-for-fraction"),
    (RATE, "0.9%", "wrong fraction-for-percent"),
    (RATE, "90%%", "invalid percent"),
    (PERCENT, "90%", "right"),
    (PERCENT, "90", "right"),
    (PERCENT, "0.9", "wrong fraction-for-percent"),
    # A locale with decimal commas.
    (LOCALE, "1234,5", "right"),
    (LOCALE, "1.234,5", "right"),
    (LOCALE, "1 234,5", "right"),
    (LOCALE, "1.234", "invalid ambiguous-comma"),
    # Significant figures, relative and absolute tolerance.
    (SMALL, "0.00123", "right"),
    (SMALL, "1.235e-3", "right"),
    (SMALL, "1.225e-3", "right"),
    (SMALL, "1.2351e-3", "wrong"),
    (SMALL, "0.0012", "wrong too-few-digits"),
    (RELATIVE, "190", "right"),
    (RELATIVE, "210", "right"),
    (RELATIVE, "189.999", "wrong"),
    (RELATIVE, "210.001", "wrong"),
    (RELATIVE, "100√5 - 13.7", "right"),
    (ABSOLUTE, "199.75", "right"),
    (ABSOLUTE, "200.25", "right"),
    (ABSOLUTE, "200.2501", "wrong"),
    # The form that is asked for.
    (DIGITS, "4.50", "right"),
    (DIGITS, "4,50", "right"),
    (DIGITS, "450e-2", "right"),
    (DIGITS, "4.5", "partial 3/4 number-of-digits"),
    (DIGITS, "4.503", "partial 3/4 number-of-digits"),
    (DIGITS, "9/2", "partial 3/4 number-of-digits"),
    (DIGITS, "4.51", "wrong floor-or-ceil"),
    (FIGURES, "1230", "right"),
    (FIGURES, "1.23e3", "right"),
    (FIGURES, "1.23 × 10^3", "right"),
    (FIGURES, "1231", "partial 1/2 number-of-digits"),
    (FIGURES, "1230.0", "partial 1/2 number-of-digits"),
    (FIGURES, "1.2e3", "wrong too-few-digits"),
    (VALUE, "-0.25", "right"),
    (VALUE, "-2.5e-1", "right"),
    (VALUE, "-2.5·10^-1", "right"),
    (VALUE, "−25×10⁻²", "right"),
    (VALUE, "-1/4", "invalid give-the-value"),
    (VALUE, "-0.5^2", "invalid give-the-value"),
    (VALUE, "-½²", "invalid give-the-value"),
    (VALUE, "0.25", "wrong sign-flipped"),
    # A label before the value.
    (LABEL, "3", "right"),
    (LABEL, "ŷ = 3", "right"),
    (LABEL, r"\hat{y} = 3.0", "right"),
    (LABEL, "yhat: 3", "right"),
    (LABEL, "ŷ：3", "right"),
    (LABEL, r"\hat y \approx 3", "right"),
    (LABEL, "ŷ = 4", "wrong off-by-one"),
    (LABEL, "y = 3", "invalid unexpected-label"),
    (LABEL, "2+1 = 3", "invalid unexpected-label"),
    (LABEL, "ŷ = 2+1 = 3", "invalid equation"),
    (LABEL, "= 3", "invalid equation"),
    (LABEL, "ŷ =", "invalid empty"),
    # Fractions: exact, in lowest terms if that is asked for.
    (RATIO, "-3/7", "right"),
    (RATIO, "−6/14", "right"),
    (RATIO, "3/-7", "right"),
    (RATIO, r"-\frac{3}{7}", "right"),
    (RATIO, r"\dfrac{-3}7", "right"),
    (RATIO, "-3÷7", "right"),
    (RATIO, "-0.3/0.7", "right"),
    (RATIO, "4/7 - 1", "right"),
    (RATIO, "3/7", "wrong sign-flipped"),
    (RATIO, "-7/3", "wrong reciprocal"),
    (RATIO, "-0.4286", "wrong too-few-digits"),
    (RATIO, "-0.428", "wrong too-few-digits"),
    (RATIO, "-0.43 + 0.0014", "wrong"),
    (RATIO, "1 1/2", "invalid mixed-number"),
    (LOWEST, "1/2", "right"),
    (LOWEST, "½", "right"),
    (LOWEST, r"\frac{1}{2}", "right"),
    (LOWEST, "2/4", "partial 1/2 not-in-lowest-terms"),
    (LOWEST, "0.5", "partial 1/2 not-in-lowest-terms"),
    (LOWEST, "1/4 + 1/4", "partial 1/2 not-in-lowest-terms"),
    (LOWEST, "2", "wrong reciprocal"),
    (STATED, "3/7", "right"),
    (STATED, "6/14", "right"),
    (STATED, r"\frac{3}{7}", "right"),
    (STATED, "1 - 4/7", "invalid give-the-value"),
    (STATED, "3 * 1/7", "invalid give-the-value"),
]


@pytest.mark.parametrize(("key", "typed", "wanted"), TABLE, ids=lambda value: str(value)[:30])
def test_table(key: Key, typed: str, wanted: str) -> None:
    assert said(key, typed) == wanted


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("12.5ms", r"12.5\,\mathrm{ms}"),
        ("1/80 s", r"\frac{1}{80}\,\mathrm{s}"),
        ("12500 μs", r"12500\,\text{µs}"),
        ("2.5e-4", r"2.5 \cdot 10^{-4}"),
    ],
)
def test_what_was_understood_is_shown(typed: str, parsed: str) -> None:
    assert TIME.read(typed).parsed == parsed


def test_percent_signs_and_suffixes_are_shown() -> None:
    assert RATE.read("90 ％").parsed == r"90\%"
    assert WEIGHTS.read("25.6 M params").parsed == r"25.6\,\mathrm{M}\,\mathrm{params}"
    assert WEIGHTS.read("2556 万").parsed == r"2556\,\text{万}"


@pytest.mark.parametrize(
    ("key", "typed", "spanned"),
    [
        (SIDE, "-12  kpx ", "kpx"),
        (COUNT, "3 * 4 foo", "foo"),
        (LABEL, "y_2 = 3", "y_2"),
        (VALUE, r"  1/4  ", "1/4"),
        (SHARE, "2 + 1,234", "1,234"),
        (SHARE, "41.2 %", "%"),
        (TIME, "ln(-1) ms", "ln(-1)"),
    ],
)
def test_spans_are_places_in_what_was_typed(key: Key, typed: str, spanned: str) -> None:
    verdict = answers.grade(key, typed)
    assert verdict.span is not None
    assert typed[slice(*verdict.span)] == spanned


# Own examples.


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_own_examples(key: Integer | Number | FractionKey) -> None:
    for typed in key.notations(key.right):
        assert said(key, typed) == "right", typed
    for typed in key.junk():
        assert said(key, typed).startswith("invalid "), typed
    for typed in key.wrong():
        assert said(key, typed).startswith("wrong"), typed
    for code, typed in key.slips():
        assert not said(key, typed).startswith("right"), code


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_keys_survive_json(key: Key) -> None:
    read = answers.read_key(exact(plain(key)))
    assert read == key
    assert to_json(read) == to_json(key)


def test_keys_are_read_from_plain_json() -> None:
    data = {"kind": "number", "value": 3, "tolerance": {"d": "0.5"}, "units": {"s": 60, "h": {"q": "1/60"}}}
    key = answers.read_key(exact(data))
    assert isinstance(key, Number)
    assert (key.within, key.units) == (Fraction(1, 2), {"s": Fraction(60), "h": Fraction(1, 60)})


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "integer", "value": 3, "form": "digits"},
        {"kind": "integer", "value": 3, "units": {"kpx": 0}},
        {"kind": "number", "value": {"d": "1e999999"}},
        {"kind": "number", "value": 3, "digits": -1},
        {"kind": "number", "value": 3, "significant": 0},
        {"kind": "number", "value": 3, "tolerance": -1},
        {"kind": "number", "value": 3, "relative": {"d": "-0.1"}},
        {"kind": "number", "value": 3, "form": "digits"},
        {"kind": "number", "value": 3, "digits": 1, "form": "digits", "form_credit": 1},
        {"kind": "fraction", "value": 3, "form_credit": {"q": "3/2"}},
        {"kind": "fraction", "value": 3, "label": "3"},
    ],
    ids=str,
)
def test_damaged_keys_are_refused(data: Options) -> None:
    with pytest.raises(InputError):
        answers.read_key(exact(data))


def test_keys_refuse_values_of_another_kind() -> None:
    wrong: list[tuple[type[Key], Any, Options]] = [
        (Integer, True, {}),
        (Integer, Fraction(3), {}),
        (Number, Decimal("0.25"), {"digits": 3}),
        (Number, 3, {"significant": 2}),
    ]
    for kind, value, options in wrong:
        with pytest.raises(TypeError, match="expected"):
            kind.of(value, **options)
    with pytest.raises(ValueError, match="expected a form among numeral, got 'lowest'"):
        Integer.of(3, form="lowest")  # type: ignore[arg-type]  # what a family could write


# Properties.

DECIMALS = st.builds(lambda units, digits: Decimal(units).scaleb(-digits), st.integers(-9999, 9999), st.integers(0, 4))
OFFSETS = st.integers(-30, 30)


@given(value=DECIMALS, off=OFFSETS)
def test_half_a_unit_is_tolerated_at_both_ends(value: Decimal, off: int) -> None:
    digits = -int(value.as_tuple().exponent)
    typed = Fraction(value) + Fraction(off, 10 ** (digits + 1))
    key = Number.of(value, digits=digits)
    assert (answers.grade(key, str(typed)).verdict == "right") == (abs(off) <= 5)
    assert (answers.grade(key, f"{value:f} + {off}·10^{-digits - 1}").verdict == "right") == (abs(off) <= 5)


@given(units=st.integers(100, 999), place=st.integers(-6, 6), off=OFFSETS)
def test_half_a_unit_of_the_last_figure_is_tolerated(units: int, place: int, off: int) -> None:
    key = Number.of(Decimal(units).scaleb(place), significant=3)
    assert (answers.grade(key, f"{10 * units + off}e{place - 1}").verdict == "right") == (abs(off) <= 5)


@given(value=DECIMALS, percent=st.integers(1, 20), off=st.integers(-2, 2))
def test_a_relative_tolerance_includes_both_ends(value: Decimal, percent: int, off: int) -> None:
    assume(value)
    key = Number.of(value, relative=Decimal(percent).scaleb(-2))
    for side in (-1, 1):
        typed = Fraction(value) * (1 + side * (Fraction(percent, 100) + Fraction(off, 10**6)))
        assert (answers.grade(key, str(typed)).verdict == "right") == (off <= 0)


@given(value=st.integers(-(10**15), 10**15), data=st.data())
def test_integers_in_any_notation(value: int, data: st.DataObject) -> None:
    key = data.draw(keys(Integer, value))
    for typed in key.notations(value):
        assert said(key, typed) == "right", typed


@given(value=DECIMALS, data=st.data())
def test_numbers_in_any_notation(value: Decimal, data: st.DataObject) -> None:
    key = data.draw(keys(Number, value, digits=-int(value.as_tuple().exponent)))
    for typed in key.notations(value):
        assert said(key, typed) == "right", typed


@given(value=st.fractions(max_denominator=10**6), data=st.data())
def test_fractions_in_any_notation(value: Fraction, data: st.DataObject) -> None:
    key = data.draw(keys(FractionKey, value))
    for typed in key.notations(value):
        assert said(key, typed) == "right", typed


@st.composite
def keys(draw: st.DrawFn, /, kind: Any, value: Any, **options: Any) -> Key:
    """A key of one kind with any options."""
    found: Key = kind.of(
        value,
        **options,
        unit=draw(st.sampled_from(["", "px", "%", "m/s^2", "张"])),
        units=draw(st.dictionaries(st.sampled_from(["s", "kB", "‰"]), st.sampled_from([1000, Fraction(1, 8)]))),
        percent=draw(st.booleans()),
        suffixes=draw(st.booleans()),
        comma=draw(st.booleans()),
        label=draw(st.sampled_from(["", "y", "L_out", "beta"])),
        form=draw(st.sampled_from(kind.forms)),
    )
    return found


@given(value=st.fractions(max_denominator=10**4), other=st.fractions(max_denominator=10**4))
def test_fractions_are_exact(value: Fraction, other: Fraction) -> None:
    assert (said(FractionKey.of(value), str(other)) == "right") == (value == other)


@pytest.mark.parametrize("key", [SIDE, TIME, RATE, LOCALE, LABEL, RATIO, WEIGHTS], ids=repr)
@given(typed=st.text(st.sampled_from("0123456789+-−./,;()[]{}= %pxmsyMk√^\\ŷ万\n\0e "), max_size=24))
def test_no_text_raises(key: Key, typed: str) -> None:
    verdict = answers.grade(key, typed)
    assert verdict.verdict in ("right", "wrong", "invalid")
    if verdict.span is not None:
        start, end = verdict.span
        assert 0 <= start <= end <= len(typed)


# Endings.


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12 px", "px"),
        ("12px", "px"),
        (r"12 \text{px}", "px"),
        ("12 apx", None),
        ("12 m", "m"),
        ("12 am", None),
        ("12 m/s", "m/s"),
        ("12 m / s²", "m/s^2"),
        (r"12 \mathrm{m}/\mathrm{s}^{2}", "m/s^2"),
        ("12 GB", "G B"),
        ("12 B", "B"),
        ("12 B B", "B B"),
        ("12 G B", "G B"),
        ("px", None),
        ("12 百万", "百万"),
        ("12 万", "万"),
        ("", None),
    ],
)
def test_the_longest_ending_is_found(text: str, found: str | None) -> None:
    factors = {name: Fraction(1) for name in ("px", "m", "m/s", "m/s^2", "B")}
    end = ending(opened(text), factors, suffixes=True)
    assert (end.name if end else None) == found


@pytest.mark.parametrize("text", [r"\text{" * 60, r"\text{^{" * 50, "$" * 400, " " * 400, "^{" * 200, "1" + "px" * 199])
def test_endings_of_hostile_texts_are_sought_quickly(text: str) -> None:
    start = perf_counter()
    answers.grade(TIME, text)
    assert perf_counter() - start < 0.2


# Slips.


def codes(value: Fraction, digits: int | None = None) -> Iterator[str]:
    """The codes of the slips that change ``value``."""
    return (slip.code for slip in slips(value, digits) if slip.value != value)


@given(value=st.fractions(max_denominator=10**6))
def test_slips_have_codes_and_are_deterministic(value: Fraction) -> None:
    assert list(slips(value, 3)) == list(slips(value, 3))
    assert set(codes(value)) <= {
        "sign-flipped", "percent-for-fraction", "fraction-for-percent", "factor-two", "off-by-one", "reciprocal",
        "power-of-ten", "square", "root", "log-base",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "root"), [(Fraction(9, 4), Fraction(3, 2)), (Fraction(0.25), Fraction(1, 2)), (Fraction(16), Fraction(4))]
)
def test_rational_roots_are_exact(value: Fraction, root: Fraction) -> None:
    assert square_root(value) == root


@given(value=st.fractions(min_value=Fraction(1, 10**6), max_denominator=10**6))
def test_other_roots_are_close(value: Fraction) -> None:
    assert abs(square_root(value) ** 2 / value - 1) < Fraction(1, 10**30)


@pytest.mark.parametrize(
    ("typed", "value", "rounded"),
    [
        ("0.41", "0.412", True),
        ("0.42", "0.415", True),  # half up
        ("0.66", "2/3", True),  # cut off
        ("0.67", "2/3", True),
        ("-0.67", "-2/3", True),
        ("0.65", "2/3", False),
        ("0.412", "0.412", False),
        ("0", "0.4", False),
        ("410", "412", True),
        ("400", "412", False),  # one figure is a guess
        ("1.5e2", "150.4", True),
    ],
)
def test_too_few_digits(typed: str, value: str, rounded: bool) -> None:
    assert is_rounded(Decimal(typed), Fraction(value)) == rounded


def test_a_slip_that_the_tolerance_hides_is_shown() -> None:
    loose = Number.of(Decimal("0.3"), tolerance=Decimal(1))
    assert {code for code, typed in loose.slips() if said(loose, typed) == "right"} >= {"sign-flipped", "factor-two"}


# What others rely on.


def test_readings_compare_with_exact_values() -> None:
    assert SHARE.read("1/4").value == Decimal("0.25") == Fraction(1, 4)
    assert RATE.read("25%").value == Fraction(1, 4)
    assert COUNT.read("sqrt(16)").value == 4
    assert isinstance(SHARE.read("ln 2"), Quantity)


def test_a_mistake_is_judged_by_the_key_it_stands_in_for() -> None:
    mistaken = msgspec.structs.replace(SHARE, value=Decimal("0.5"))
    assert mistaken.judge(SHARE.read("0.4995")).verdict == "right"
    assert mistaken.judge(SHARE.read("√2/2 - 0.2071")).verdict == "right"
    assert mistaken.judge(SHARE.read("0.4994")).verdict == "wrong"


@pytest.mark.parametrize("key", [COUNT, SIDE, SHARE, DIGITS, FIGURES, RATIO, LOWEST, VALUE], ids=repr)
def test_values_that_nobody_typed_have_no_form(key: Key) -> None:
    """A family asks whether a mistake gives the right value."""
    assert key.judge(Reading(value=key.right)).verdict == "right"
    assert key.judge(Reading(value=key.right + 100)).verdict == "wrong"
    assert key.near(Reading(value=-key.right)) == ("sign-flipped",)


# Rational arithmetic.

TWO, THREE, ZERO = Num("2"), Num("3"), Num("0")


def test_rational_values() -> None:
    assert rational(Sum((Num("0.5"), Quotient(TWO, THREE)))) == Fraction(7, 6)
    assert rational(Product((TWO, Power(Num("-1/2"), Num("-3"))))) == -16
    assert rational(Power(Num("-1"), Num("1e300"))) == 1
    assert rational(Power(TWO, Num("1/2"))) is None
    assert rational(Power(ZERO, ZERO)) is None
    with pytest.raises(ZeroDivisionError):
        rational(Quotient(TWO, ZERO))
    with pytest.raises(ZeroDivisionError):
        rational(Power(ZERO, Num("-1")))


def test_rational_values_are_of_bounded_size() -> None:
    assert rational(Power(TWO, Power(Num("10"), Num("9")))) is None
    assert rational(Power(Num("1.0000001"), Num("1e6"))) is None
    assert rational(Product((Num("1e400"),) * 100)) is None
