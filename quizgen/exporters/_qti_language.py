"""How the versions of QTI spell elements, numbers and rules.

Elements and attributes are written with their 2.x names (``choiceInteraction responseIdentifier``), which 3.0 spells
``qti-choice-interaction response-identifier``. Facts about what players do with which expression, and why some that
the standard offers are not used, stand beside the expressions.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

WIDTH = 8
"""Decimals of points: importers round what has more."""
DIGITS = 15
"""Digits of a number that every player holds exactly."""
EXPONENT = 300
"""The power of ten beyond which floating point loses digits."""


@dataclass(frozen=True)
class Dialect:
    """One version of the standard: its names, its addresses, and how it spells elements."""

    version: str
    namespace: str
    schema: str
    """Where the schema of items and tests lies."""
    package: str
    """The namespace of manifests."""
    profile: tuple[str, str]
    """What a manifest says that it is: schema and version."""
    templates: str
    """The address of response processing templates, with ``{}`` for the name."""
    kebab: bool = False
    """Whether names are spelled ``qti-like-this``."""
    external: bool = True
    """Whether an outcome can be declared as scored by a person."""

    def tag(self, name: str) -> str:
        """The name of an element."""
        return _kebab(name) if self.kebab else name

    def type(self, kind: str) -> str:
        """The type of a resource: ``item`` or ``test``."""
        return f"imsqti_{kind}_xmlv{self.version.replace('.', 'p')}"

    def __call__(self, name: str, /, *content: str, **attributes: object) -> str:
        """An element; text and attributes that are not made here must be escaped."""
        tag = self.tag(name)
        if attributes:
            names = zip(attributes, attributes.values(), strict=True)
            spelled = (f' {_attribute(key) if self.kebab else _COLON.get(key, key)}="{value}"' for key, value in names)
            opening = f"{tag}{''.join(spelled)}"
        else:
            opening = tag
        return f"<{opening}>{''.join(content)}</{tag}>" if content else f"<{opening}/>"

    # What is declared, and rules.

    def document(self, root: str, given: str, flags: dict[str, str], inner: Iterable[str]) -> str:
        """A whole file; ``given`` are attributes as they stand in all versions."""
        tag = self.tag(root)
        flagged = "".join(f' {_attribute(key) if self.kebab else key}="{value}"' for key, value in flags.items())
        lines = "\n".join(inner)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{tag} xmlns="{self.namespace}" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="{self.namespace} {self.schema}" {given}{flagged}>\n{lines}\n</{tag}>\n'
        )

    def outcome(self, name: str, base: str, default: str = "", **more: str) -> str:
        """The declaration of an outcome."""
        inner = (self("defaultValue", self("value", default)),) if default else ()
        return self("outcomeDeclaration", *inner, identifier=name, cardinality="single", baseType=base, **more)

    def base(self, kind: str, value: str) -> str:
        """A value that is written out."""
        return self("baseValue", value, baseType=kind)

    def set(self, outcome: str, expression: str) -> str:
        """The rule that gives an outcome a value."""
        return self("setOutcomeValue", expression, identifier=outcome)

    def when(self, *branches: tuple[str, str], otherwise: str = "") -> str:
        """Rules under conditions: the first whose condition holds, else ``otherwise``."""
        names = ("responseIf", *("responseElseIf" for _ in branches[1:]))
        made = [self(name, when, then) for name, (when, then) in zip(names, branches, strict=True)]
        return self("responseCondition", *made, self("responseElse", otherwise) if otherwise else "")

    def answered(self, responses: Sequence[str], *rules: str) -> str:
        """Rules under a condition that all these responses are given.

        It stands around the rules and not within an ``and``, all of whose operands players compute: some take nothing
        for 0, or stumble over it.
        """
        given = [self("not", self("isNull", self("variable", identifier=response))) for response in responses]
        return self.when((given[0] if len(given) == 1 else self("and", *given), "".join(rules)))

    def within(self, response: str, value: Fraction, tolerance: Fraction) -> str:
        """Whether a number is near ``value``; not ``equal``, whose tolerance a common player overlooks."""
        given = self("variable", identifier=response)
        low, high = (self.base("float", bound) for bound in bounds(value, tolerance))
        return self("and", self("gte", given, low), self("lte", given, high))

    def same(self, response: str) -> str:
        """Whether a response is the declared one."""
        return self("match", self("variable", identifier=response), self("correct", identifier=response))


_COLON = {"class_": "class", "xml_lang": "xml:lang"}


@lru_cache(maxsize=256)
def _kebab(name: str) -> str:
    return "qti-" + re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name)


@lru_cache(maxsize=256)
def _attribute(name: str) -> str:
    return _COLON.get(name) or re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name)


@lru_cache(maxsize=8192)
def decimal(value: Fraction) -> str:
    """A number as decimals, exactly if it has an end."""
    with localcontext() as context:
        context.prec = max(60, len(str(abs(value.numerator))) + value.denominator.bit_length())
        return f"{(Decimal(value.numerator) / value.denominator).normalize():f}"


def worth(points: Fraction) -> str:
    """Points, or a share of them, with as many decimals as importers keep."""
    return decimal(Fraction(round(points * 10**WIDTH), 10**WIDTH))


def bounds(value: Fraction, tolerance: Fraction) -> tuple[str, str]:
    """The least and the greatest number that is right; those without an end as decimals are widened a little."""
    places = DIGITS + len(str(int(1 / tolerance))) if tolerance else DIGITS
    return _ended(value - tolerance, floor, places), _ended(value + tolerance, ceil, places)


def _ended(value: Fraction, cut: Callable[[Fraction], int], places: int) -> str:
    return decimal(value if ends(value) else Fraction(cut(value * 10**places), 10**places))


def ends(value: Fraction) -> bool:
    """Whether a number has an end as a decimal."""
    return pow(10, value.denominator.bit_length(), value.denominator) == 0


_EXACT = 10**DIGITS
"""Integers below this are told apart."""


def is_float(value: Fraction, tolerance: Fraction = Fraction(0)) -> bool:
    """Whether a player's floating point tells the numbers within ``tolerance`` of this one from all others."""
    if value.denominator == 1 and abs(value.numerator) < _EXACT:
        return True
    if value and not Fraction(1, 10**EXPONENT) < abs(value) < 10**EXPONENT:
        return False
    digits = len(decimal(abs(value)).replace(".", "").strip("0"))
    return digits <= DIGITS or tolerance * 10**DIGITS > abs(value)
