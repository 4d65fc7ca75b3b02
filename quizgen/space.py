"""Parameter domains: one declaration gives the check, the sampler, the size, the description and the narrowing.

    class Params(Parameters):
        k: int = odds(3, 7, radical=True)
        p: int = ints(0, lambda q: q.k // 2)

A bound may be a function of the fields before it, so that draws need no rejection; ``valid`` is for the rest.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import islice, product
from itertools import permutations as all_orders
from math import factorial, prod
from types import SimpleNamespace
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import msgspec

from quizgen.errors import FamilyError, InputError, UnknownName
from quizgen.randomness import Stream
from quizgen.values import Value

TRIES = 1000
"""Draws that may come to nothing before a space counts as empty."""

NODES = 20_000
"""Combinations of parameters that are gone through at most."""

Bound = Any
"""A value, or a function of the fields before."""


class Domain:
    """The values that one field may take. Immutable; ``bind`` and ``narrow`` return another domain."""

    def draw(self, stream: Stream) -> Value:
        """One value, each equally likely."""
        raise NotImplementedError

    def values(self) -> Iterator[Value]:
        """All values, smallest first."""
        raise NotImplementedError

    def size(self) -> int:
        """How many values there are."""
        raise NotImplementedError

    def __contains__(self, value: object) -> bool:
        raise NotImplementedError

    def narrow(self, allowed: "Allowed") -> "Domain":
        """The part of this domain that ``allowed`` lets through (it may be empty)."""
        if allowed.values is not None:
            return Choices(tuple(value for value in allowed.values if value in self))
        return self.within(allowed)

    def within(self, bounds: "Allowed") -> "Domain":
        """The part of this domain between two bounds. Raises InputError if its values have no order."""
        raise NotImplementedError

    def read(self, raw: Value) -> Value:
        """A value as a blueprint writes it (numbers that TOML lacks are text: "3/7", "0.1")."""
        return tuple(self.read(entry) for entry in raw) if isinstance(raw, list | tuple) else raw

    def describe(self) -> str:
        """The domain in words, for messages."""
        raise NotImplementedError


class Ints(Domain):
    """The integers lo, lo + step, … up to hi."""

    def __init__(self, lo: int, hi: int, step: int = 1) -> None:
        self.range = range(lo, hi + 1, step)

    def draw(self, stream: Stream) -> int:
        return self.range[stream.below(len(self.range))]

    def values(self) -> Iterator[int]:
        return iter(self.range)

    def size(self) -> int:
        return len(self.range)

    def __contains__(self, value: object) -> bool:
        return type(value) is int and value in self.range

    def within(self, bounds: "Allowed") -> Domain:
        kept = [value for value in self.range if bounds.between(value)]
        return Ints(kept[0], kept[-1], self.range.step) if kept else Choices(())

    def describe(self) -> str:
        if not self.range:
            return "nothing"
        step = f" in steps of {self.range.step}" if self.range.step != 1 else ""
        return f"an integer from {self.range[0]} to {self.range[-1]}{step}"


class Choices(Domain):
    """Some values, written out."""

    def __init__(self, options: tuple[Value, ...]) -> None:
        self.options = options

    def draw(self, stream: Stream) -> Value:
        return stream.choice(self.options)

    def values(self) -> Iterator[Value]:
        return iter(self.options)

    def size(self) -> int:
        return len(self.options)

    def __contains__(self, value: object) -> bool:
        return any(type(value) is type(option) and value == option for option in self.options)

    def within(self, bounds: "Allowed") -> Domain:
        return Choices(tuple(value for value in self.options if bounds.between(value)))

    def read(self, raw: Value) -> Value:
        return next((option for option in self.options if raw in (option, str(option))), super().read(raw))

    def describe(self) -> str:
        return "one of " + ", ".join(str(option) for option in self.options) if self.options else "nothing"


class Tuples(Domain):
    """Tuples of ``shape`` (one length: vectors; two: matrices) whose entries come from one range of integers."""

    def __init__(self, shape: tuple[int, ...], entries: Domain) -> None:
        self.shape = shape
        self.entries = entries

    def fold(self, flat: Sequence[Value]) -> tuple[Value, ...]:
        """A vector or a matrix from its entries, row by row."""
        if len(self.shape) == 1:
            return tuple(flat)
        rows, columns = self.shape
        return tuple(tuple(flat[row * columns : (row + 1) * columns]) for row in range(rows))

    def draw(self, stream: Stream) -> Value:
        return self.fold([self.entries.draw(stream) for _ in range(prod(self.shape))])

    def values(self) -> Iterator[Value]:
        every = list(self.entries.values())
        return (self.fold(flat) for flat in product(every, repeat=prod(self.shape)))

    def size(self) -> int:
        return int(self.entries.size() ** prod(self.shape))

    def __contains__(self, value: object) -> bool:
        rows = (value,) if len(self.shape) == 1 else value
        if not isinstance(rows, tuple) or (len(self.shape) == 2 and len(rows) != self.shape[0]):
            return False
        return all(
            isinstance(row, tuple) and len(row) == self.shape[-1] and all(entry in self.entries for entry in row)
            for row in rows
        )

    def within(self, bounds: "Allowed") -> Domain:
        return Tuples(self.shape, self.entries.within(bounds))

    def describe(self) -> str:
        noun = "entries" if len(self.shape) == 1 else "rows and columns"
        return f"{' by '.join(map(str, self.shape))} {noun}, each {self.entries.describe()}"


class Permutations(Domain):
    """The orders of 0 … n - 1."""

    def __init__(self, n: int) -> None:
        self.n = n

    def draw(self, stream: Stream) -> tuple[int, ...]:
        return stream.shuffled(range(self.n))

    def values(self) -> Iterator[tuple[int, ...]]:
        return all_orders(range(self.n))

    def size(self) -> int:
        return factorial(self.n)

    def __contains__(self, value: object) -> bool:
        return (
            isinstance(value, tuple)
            and all(type(entry) is int for entry in value)
            and sorted(value) == list(range(self.n))
        )

    def within(self, bounds: "Allowed") -> Domain:
        raise InputError("an order has no min and no max; give a list of orders")

    def describe(self) -> str:
        return f"an order of 0 to {self.n - 1}"


class Allowed(msgspec.Struct, frozen=True):
    """What a blueprint allows for one field: some values, or a range."""

    values: tuple[Value, ...] | None = None
    lo: Value = None
    hi: Value = None

    def between(self, value: Value) -> bool:
        """Whether ``value`` lies in the range."""
        return (self.lo is None or value >= self.lo) and (self.hi is None or value <= self.hi)


class Field:
    """A field's declaration: how its domain is made, and whether its value changes the difficulty."""

    def __init__(self, make: Callable[..., Domain], arguments: tuple[Bound, ...], radical: bool) -> None:
        self.make = make
        self.arguments = arguments
        self.radical = radical
        self._fixed = None if any(callable(argument) for argument in arguments) else make(*arguments)

    @property
    def depends(self) -> bool:
        """Whether the domain is a function of earlier fields."""
        return self._fixed is None

    def bind(self, earlier: Any) -> Domain:
        """The domain, given the fields before."""
        if self._fixed is not None:
            return self._fixed
        return self.make(*(argument(earlier) if callable(argument) else argument for argument in self.arguments))


def ints(lo: Bound, hi: Bound, step: Bound = 1, *, radical: bool = False) -> Any:
    """Integers from ``lo`` to ``hi``, both included."""
    return Field(Ints, (lo, hi, step), radical)


def odds(lo: Bound, hi: Bound, *, radical: bool = False) -> Any:
    """Odd integers from ``lo`` to ``hi``."""
    return Field(lambda a, b: Ints(a + 1 - a % 2, b, 2), (lo, hi), radical)


def choice(*options: Value, radical: bool = False) -> Any:
    """One of some exact values."""
    if len(options) == 1 and callable(options[0]):
        return Field(lambda values: Choices(tuple(values)), options, radical)
    return Field(lambda *values: Choices(values), options, radical)


def fractions(lo: Bound, hi: Bound, denominators: Sequence[int] = (2, 3, 4), *, radical: bool = False) -> Any:
    """Fractions from ``lo`` to ``hi`` in lowest terms with one of ``denominators``."""
    return Field(lambda a, b: _fractions(Fraction(a), Fraction(b), tuple(denominators)), (lo, hi), radical)


@lru_cache(maxsize=256)
def _fractions(lo: Fraction, hi: Fraction, denominators: tuple[int, ...]) -> Choices:
    found = {
        Fraction(numerator, denominator)
        for denominator in denominators
        for numerator in range(-(-lo * denominator // 1), hi * denominator // 1 + 1)
    }
    return Choices(tuple(sorted(value for value in found if value.denominator in denominators)))


def decimals(lo: str, hi: str, step: str, *, radical: bool = False) -> Any:
    """Decimals from ``lo`` to ``hi`` in steps, all with the digits of ``step``."""
    first, last, by = Decimal(lo), Decimal(hi), Decimal(step)
    count = int((last - first) / by) + 1
    return Field(lambda: Choices(tuple((first + by * i).quantize(by) for i in range(count))), (), radical)


def vectors(n: Bound, lo: Bound, hi: Bound, *, radical: bool = False) -> Any:
    """Tuples of ``n`` integers from ``lo`` to ``hi``."""
    return Field(lambda length, a, b: Tuples((length,), Ints(a, b)), (n, lo, hi), radical)


def matrices(rows: Bound, columns: Bound, lo: Bound, hi: Bound, *, radical: bool = False) -> Any:
    """Tuples of ``rows`` tuples of ``columns`` integers from ``lo`` to ``hi``."""
    return Field(lambda m, n, a, b: Tuples((m, n), Ints(a, b)), (rows, columns, lo, hi), radical)


def permutations(n: Bound, *, radical: bool = False) -> Any:
    """Orders of 0 … ``n`` - 1."""
    return Field(Permutations, (n,), radical)


@dataclass_transform(
    frozen_default=True, field_specifiers=(ints, odds, choice, fractions, decimals, vectors, matrices, permutations)
)
class Parameters:
    """Base of a family's parameters: a frozen value whose fields are declared by domains."""

    __slots__ = ()
    fields: ClassVar[Mapping[str, Field]] = {}

    def __init__(self, **values: Value) -> None:
        for name in self.fields:
            object.__setattr__(self, name, values[name])

    def __init_subclass__(cls) -> None:
        cls.fields = {name: field for name, field in vars(cls).items() if isinstance(field, Field)}
        for name in cls.fields:
            delattr(cls, name)

    def valid(self) -> bool:
        """Any combination of the fields."""
        return True

    def as_dict(self) -> dict[str, Value]:
        """Field name to value, in order of declaration."""
        return {name: getattr(self, name) for name in self.fields}

    def replace(self, **changes: Value) -> Self:
        """These parameters with some fields changed; unchecked."""
        return type(self)(**self.as_dict() | changes)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"parameters are frozen: cannot set {name!r}")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(self.as_dict().items()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.as_dict().items())})"


P = TypeVar("P", bound=Parameters)
Where = Mapping[str, Allowed]
EVERYWHERE: Where = {}


def check(kind: type[P], values: Mapping[str, Value], where: str = "") -> P:
    """Parameters with these values. Raises InputError that names the field, what it may be and what came."""
    for name in values:
        if name not in kind.fields:
            raise UnknownName.among("parameter", name, kind.fields, where)
    earlier = SimpleNamespace()
    for name, field in kind.fields.items():
        place = f"{where}.{name}" if where else name
        if name not in values:
            raise InputError("missing", place)
        domain = field.bind(earlier)
        if values[name] not in domain:
            raise InputError(f"expected {domain.describe()}, got {values[name]!r}", place)
        setattr(earlier, name, values[name])
    parameters = kind(**values)
    if not parameters.valid():
        raise InputError(f"{_condition(kind)} Got {parameters!r}.", where)
    return parameters


def _condition(kind: type[Parameters]) -> str:
    """What ``valid`` asks for, in the words of its docstring."""
    return " ".join((kind.valid.__doc__ or "The parameters do not fit together.").split())


def draw(kind: type[P], stream: Stream, where: Where = EVERYWHERE) -> P:
    """Random valid parameters inside ``where``. Raises InputError that names the fields if there seem to be none."""
    for _ in range(TRIES):
        parameters = _attempt(kind, stream, where)
        if parameters is not None:
            return parameters
    fields = ", ".join(where) or ", ".join(kind.fields)
    reason = "" if kind.valid is Parameters.valid else f": {_condition(kind)}"
    raise InputError(f"no draw in {TRIES} tries satisfies the conditions on {fields}{reason}")


def _attempt(kind: type[P], stream: Stream, where: Where) -> P | None:
    parameters = kind.__new__(kind)
    values = vars(parameters)
    for name, field in kind.fields.items():
        domain = field.bind(parameters)
        if name in where:
            domain = domain.narrow(where[name])
        if not domain.size():
            return None
        values[name] = domain.draw(stream)
    return parameters if parameters.valid() else None


def combinations(kind: type[P], where: Where = EVERYWHERE) -> Iterator[P]:
    """All parameters inside ``where``, valid or not."""

    def extend(names: tuple[str, ...], values: dict[str, Value]) -> Iterator[P]:
        if not names:
            yield kind(**values)
            return
        name, rest = names[0], names[1:]
        domain = kind.fields[name].bind(SimpleNamespace(**values))
        if name in where:
            domain = domain.narrow(where[name])
        for value in domain.values():
            yield from extend(rest, values | {name: value})

    return extend(tuple(kind.fields), {})


def enumerate_space(kind: type[P], where: Where = EVERYWHERE, nodes: int = NODES) -> Iterator[P | None]:
    """All valid parameters inside ``where``; None for a combination that is not valid. Stops after ``nodes``."""
    found = combinations(kind, where)
    return islice((parameters if parameters.valid() else None for parameters in found), nodes)


def count(kind: type[Parameters], where: Where = EVERYWHERE, limit: int = 200) -> int:
    """How many valid parameters lie inside ``where``, counted no further than ``limit``.

    A space of which ``NODES`` combinations were tried in vain counts as large.
    """
    found = tried = 0
    for parameters in enumerate_space(kind, where):
        tried += 1
        found += parameters is not None
        if found >= limit:
            break
    return limit if tried >= NODES else found


def size(kind: type[Parameters]) -> int:
    """Combinations of all domains; with bounds that depend on fields, and before ``valid``, an upper estimate."""
    if not any(field.depends for field in kind.fields.values()):
        return prod(field.bind(None).size() for field in kind.fields.values())
    stream = Stream("size", kind.__qualname__)
    largest = 1
    for _ in range(200):
        combinations, values = 1, SimpleNamespace()
        for name, field in kind.fields.items():
            domain = field.bind(values)
            combinations *= domain.size()
            if not domain.size():
                break
            setattr(values, name, domain.draw(stream))
        largest = max(largest, combinations)
    return largest


def options(kind: type[Parameters], name: str) -> tuple[Value, ...]:
    """All values of a field that depends on no other. Raises FamilyError for any other field."""
    if name not in kind.fields or kind.fields[name].depends:
        raise FamilyError(f"there is no field {name!r} whose values depend on no other")
    return tuple(kind.fields[name].bind(None).values())


def narrowing(kind: type[Parameters], raw: Mapping[str, Any], where: str) -> Where:
    """A blueprint's ``where`` table, checked: a scalar fixes, a list allows, ``min`` and ``max`` bound.

    Raises UnknownName for a field that does not exist, InputError for values that no draw could take.
    """
    narrowed = {}
    for name, spec in raw.items():
        if name not in kind.fields:
            raise UnknownName.among("parameter", name, kind.fields, where)
        narrowed[name] = _allowed(kind.fields[name], spec, f"{where}.{name}")
    return narrowed


def _allowed(field: Field, spec: Any, where: str) -> Allowed:
    domain = None if field.depends else field.bind(None)
    read = domain.read if domain else _as_written
    if isinstance(spec, dict):
        for bound in spec:
            if bound not in ("min", "max"):
                raise UnknownName.among("bound", bound, ("min", "max"), where)
        allowed = Allowed(lo=read(spec.get("min")), hi=read(spec.get("max")))
    else:
        allowed = Allowed(values=tuple(read(value) for value in _listed(domain, spec)))
    if domain is None:
        return allowed
    for value in allowed.values or ():
        if value not in domain:
            raise InputError(f"expected {domain.describe()}, got {value!r}", where)
    if _is_empty(domain, allowed):
        raise InputError(f"no value is left: expected {domain.describe()}, got {spec!r}", where)
    return allowed


def _as_written(raw: Any) -> Value:
    return tuple(_as_written(entry) for entry in raw) if isinstance(raw, list) else raw


def _is_empty(domain: Domain, allowed: Allowed) -> bool:
    try:
        return not domain.narrow(allowed).size()
    except TypeError as error:
        raise FamilyError(f"bounds do not compare with {domain.describe()}") from error


def _listed(domain: Domain | None, spec: Any) -> list[Any]:
    """A scalar, or one tuple for a domain of tuples, stands for a list of itself."""
    if not isinstance(spec, list):
        return [spec]
    if isinstance(domain, Tuples | Permutations):
        depth = len(domain.shape) if isinstance(domain, Tuples) else 1
        inner: Any = spec
        for _ in range(depth):
            inner = inner[0] if isinstance(inner, list) and inner else inner
        return spec if isinstance(inner, list) else [spec]
    return spec
