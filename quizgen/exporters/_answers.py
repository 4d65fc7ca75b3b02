"""The options and the right answers of fields as plain text, for tables."""

from decimal import Decimal, localcontext
from fractions import Fraction

from quizgen.exporters._online import Cells, Choose, Essay, Field, Formula, Match, Numeric, Order, Short
from quizgen.exporters._words import plain

DIGITS = 60
"""Digits of a number that are written at most."""


def decimal(number: Fraction) -> str:
    """A number in decimals, exactly where it has an end: ``-0.125``."""
    with localcontext(prec=DIGITS):
        text = f"{Decimal(number.numerator) / number.denominator:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def options(field: Field) -> tuple[str, ...]:
    """What there is to choose, to match or to order, as shown."""
    match field.interaction:
        case Choose(options):
            return tuple(plain(option.words) for option in options)
        case Match(lefts, rights):
            return tuple(map(plain, (*lefts, *rights)))
        case Order(things):
            return tuple(map(plain, things))
    return ()


def answer(field: Field) -> str:
    """The right answer; of written work, the rubric."""
    match field.interaction:
        case Choose(options):
            return "; ".join(plain(option.words) for option in options if option.right)
        case Numeric():
            return number(field.interaction)
        case Cells(rows):
            lines = [", ".join(map(number, row)) for row in rows]
            return "[" + ", ".join(f"[{line}]" for line in lines) + "]"
        case Short(accepted):
            return accepted[0]
        case Match(lefts, rights, pairs):
            return "; ".join(f"{plain(left)} = {plain(rights[at])}" for left, at in zip(lefts, pairs, strict=True))
        case Order(things, right):
            return "; ".join(plain(things[place]) for place in right)
        case Formula(key):
            return key.notations(key.right)[0]
        case Essay(rubric):
            return "; ".join(f"{decimal(line.points)}: {plain(line.words)}" for line in rubric)


def number(numeric: Numeric) -> str:
    """A number with its tolerance and its unit: ``0.125 ± 0.0005 s``."""
    within = f" ± {decimal(numeric.tolerance)}" if numeric.tolerance else ""
    return f"{decimal(numeric.value)}{within} {numeric.unit}".rstrip()
