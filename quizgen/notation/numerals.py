"""Numerals: digits with thousands separators, decimal signs and exponents, and what is too ambiguous to be read."""

import re
from typing import Literal, TypeAlias

from quizgen.notation.characters import Unreadable

Numerals: TypeAlias = Literal["list", "field", "integer", "comma"]
"""What a comma is: in a ``list`` it separates; in a ``field`` of one number it may group digits or be a decimal sign;
in an ``integer`` it groups; under ``comma`` it is the decimal sign of the locale."""

DIGITS = 60
EXPONENT = 400

_COMMA = r"(?:,|\{,\})"
_BLANK = r"(?: |'|_|\\,)"
_LEAD = r"[1-9]\d{0,2}"
_BLANKS = rf"{_LEAD}(?:{_BLANK}\d{{3}})+(?!\d)"
_PLAIN = r"(?:\d+\.?\d*|\.\d+)"

# In order: the first that fits is read. The name of the group says what its commas and points are.
_FORMS = {
    "list": [_PLAIN],
    "field": [
        rf"(?P<grouped>{_LEAD}(?:{_COMMA}\d{{3}})+(?=\.\d)\.\d+|{_LEAD}(?:{_COMMA}\d{{3}}){{2,}}(?!\d))",
        rf"(?P<pointed>{_LEAD}(?:\.\d{{3}})+(?={_COMMA}\d){_COMMA}\d+|{_LEAD}(?:\.\d{{3}}){{2,}}(?!\d))",
        rf"(?P<spaced>{_BLANKS}(?:[.,]\d+)?)",
        rf"(?P<ambiguous>{_LEAD}{_COMMA}\d{{3}}(?!\d))",
        rf"(?P<decimal>\d+{_COMMA}\d+)",
        _PLAIN,
    ],
    "integer": [
        rf"(?P<grouped>{_LEAD}(?:{_COMMA}\d{{3}})+(?!\d)(?:\.\d+)?)",
        rf"(?P<pointed>{_LEAD}(?:\.\d{{3}})+(?={_COMMA}\d){_COMMA}\d+|{_LEAD}(?:\.\d{{3}}){{2,}}(?!\d))",
        rf"(?P<spaced>{_BLANKS}(?:[.,]\d+)?)",
        rf"(?P<decimal>\d+{_COMMA}\d+)",
        _PLAIN,
    ],
    "comma": [
        rf"(?P<pointed>{_LEAD}(?:\.\d{{3}})+(?={_COMMA}\d){_COMMA}\d+|{_LEAD}(?:\.\d{{3}}){{2,}}(?!\d))",
        rf"(?P<spaced>{_BLANKS}(?:[.,]\d+)?)",
        rf"(?P<ambiguous>{_LEAD}\.\d{{3}}(?!\d))",
        rf"(?P<decimal>\d*{_COMMA}\d+)",
        _PLAIN,
    ],
}
_PATTERNS = {name: re.compile(f"(?:{'|'.join(forms)})", re.ASCII) for name, forms in _FORMS.items()}
_EXPONENT = re.compile(r"[eE](?P<value>[+-]?\d+)", re.ASCII)
_MORE = re.compile(r"\d|\.\d", re.ASCII)
_SEPARATORS = re.compile(rf"{_BLANK}")


def numeral(text: str, place: int, numerals: Numerals, shift: int = 0) -> tuple[str, int]:
    """The numeral that begins at ``place``, as Python spells it, and where it ends.

    Raises Unreadable: ambiguous-comma, not-a-number, too-many-digits, exponent-too-large.
    """
    match = _PATTERNS[numerals].match(text, place)
    if match is None:
        raise Unreadable("not-a-number", (shift + place, shift + place + 1))
    end = match.end()
    if match.lastgroup == "ambiguous":
        raise Unreadable("ambiguous-comma", (shift + place, shift + end))
    more = _MORE.match(text, end)
    if more or (numerals in ("field", "integer", "comma") and re.match(rf"{_COMMA}\d", text[end : end + 4])):
        raise Unreadable("not-a-number", (shift + place, shift + end + 1))
    digits = _spelled(match[0], match.lastgroup)
    if len(digits.replace(".", "")) > DIGITS:
        raise Unreadable("too-many-digits", (shift + place, shift + end))
    exponent = _EXPONENT.match(text, end)
    if exponent is None:
        return digits, end
    span = (shift + place, shift + exponent.end())
    if len(exponent["value"]) > 5 or abs(int(exponent["value"])) > EXPONENT:
        raise Unreadable("exponent-too-large", span)
    return f"{digits}e{int(exponent['value'])}", exponent.end()


def _spelled(typed: str, form: str | None) -> str:
    """The digits with a decimal point and nothing else."""
    typed = _SEPARATORS.sub("", typed).replace("{,}", ",")
    match form:
        case "grouped":
            typed = typed.replace(",", "")
        case "pointed":
            typed = typed.replace(".", "").replace(",", ".")
        case "spaced" | "decimal":
            typed = typed.replace(",", ".")
    return ("0" + typed if typed.startswith(".") else typed).removesuffix(".")
