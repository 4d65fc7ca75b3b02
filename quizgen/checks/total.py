"""Total: every valid draw solves in time; every other value is refused with a message that names its field."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from decimal import Decimal
from fractions import Fraction
from time import thread_time
from typing import Any

from quizgen import space, strategies
from quizgen.answers import read_item
from quizgen.checks._subject import Broken, Draws, Failure, Inapplicable, Subject, TooSlow
from quizgen.errors import InputError, Redraw
from quizgen.space import Choices, Domain, Ints, Parameters, Permutations, Tuples
from quizgen.values import Value, to_json

NUMBER = 1
SLOWEST = 0.05
"""CPU seconds that one draw may take."""
REDRAWN = 0.5
"""Share of the draws that may be unusable."""


def check(subject: Subject) -> Iterator[Failure]:
    kind = subject.family.params
    if not kind.fields:
        yield Failure("the family declares no parameters")
        return
    if kind.valid is not Parameters.valid and not kind.valid.__doc__:
        yield Failure("valid() needs a docstring that states the condition: it is the message of the error")
    yield from subject.search(lambda q, data: solves(subject, q))
    yield from subject.search(lambda q, data: refuses(q), share=0.2)
    if kind.valid is not Parameters.valid:
        yield from subject.search(lambda q, data: refuses_together(q), share=0.2, draws=anything(kind))
    yield from counted(subject)


def solves(subject: Subject, q: Parameters) -> None:
    """``q`` gives a frozen trace and an item of exact values, in time, and the item survives being written."""
    family = subject.family
    try:
        with subject.patience():
            trace = family.solution(q)
            item = family.item(q, trace)
    except Redraw as error:
        raise Inapplicable from error
    except TooSlow as error:
        raise Broken(str(error), "slow") from error
    if not is_dataclass(trace) or not getattr(trace, "__dataclass_params__").frozen:  # noqa: B009  # unknown to mypy
        raise Broken(f"solve must return a frozen dataclass, got {trace!r}", "frozen")
    if (seconds := min(cpu(subject, q) for _ in range(3))) > SLOWEST:
        raise Broken(f"one draw takes {1000 * seconds:.0f} ms (at most {1000 * SLOWEST:.0f})", "slow")
    line = to_json(item)
    if to_json(read_item(line)) != line:
        raise Broken("the item, written as JSON and read back, is another one", "json")


def cpu(subject: Subject, q: Parameters) -> float:
    """CPU seconds of one draw without its laws."""
    start = thread_time()
    subject.family.make(q)
    return thread_time() - start


def refuses(q: Parameters) -> None:
    """Each field, with a value from outside its domain, is named by the error; so are missing and unknown ones."""
    values = q.as_dict()
    for name, field in q.fields.items():
        for bad in outside(field.bind(q)):
            named(type(q), values | {name: bad}, name, f"{name} = {bad!r}")
        named(type(q), {other: value for other, value in values.items() if other != name}, name, f"no {name}")
    named(type(q), values | {"no_such_field": 1}, "no_such_field", "an unknown field")


def named(kind: type[Parameters], values: dict[str, Value], name: str, case: str) -> None:
    try:
        space.check(kind, values)
    except InputError as error:
        if name not in str(error):
            raise Broken(f"{case} is refused by a message that does not name it: {error}", ("message", name)) from error
        return
    raise Broken(f"{case} is not refused", ("accepted", name))


def anything(kind: type[Parameters]) -> Draws:
    """Any values of the domains, fitting together or not."""
    return strategies.combinations(kind).filter(lambda q: q is not None)  # type: ignore[return-value]  # None is gone


def refuses_together(q: Parameters) -> None:
    """Values that do not fit together are refused with the condition in words."""
    if q.valid():
        raise Inapplicable
    condition = " ".join((q.valid.__doc__ or "").split())
    try:
        space.check(type(q), q.as_dict())
    except InputError as error:
        if condition not in str(error):
            raise Broken(f"the error does not state the condition: {error}", "condition") from error
        return
    raise Broken("values that are not valid() are accepted", "condition")


def outside(domain: Domain) -> list[Any]:
    """Values that ``domain`` must refuse: of another kind, just beyond its ends, of another shape."""
    alien: list[Any] = [None, "no such value", 0.5, 10**9, (), ("x",), {"q": "1/2"}]
    match domain:
        case Ints() if domain.range:
            step = domain.range.step
            near = [domain.range[0] - step, domain.range[-1] + step, True, Fraction(1, 2), str(domain.range[0])]
            return alien + near + ([domain.range[0] + 1] if step > 1 else [])
        case Choices():
            strays = [Decimal("0.123456789"), *(str(option) + "?" for option in domain.options)]
            return [value for value in alien + strays if value not in domain.options]
        case Tuples():
            return alien + misshapen(domain)
        case Permutations():
            order = tuple(range(domain.n))
            return [*alien[:5], order[:-1], (*order, domain.n), (0,) * domain.n if domain.n > 1 else (1,)]
    return alien


def misshapen(domain: Tuples) -> list[Any]:
    """Vectors or matrices with an entry too many, too few, or one from outside the entries' domain."""
    good = next(iter(domain.entries.values()))
    row = (good,) * domain.shape[-1]
    rows = [row[:-1], (*row, good), *((bad, *row[1:]) for bad in outside(domain.entries))]
    if len(domain.shape) == 1:
        return [*rows, list(row)]
    others = (row,) * (domain.shape[0] - 1)
    return [row, others, (row, row, *others), *((bad, *others) for bad in rows)]


def counted(subject: Subject) -> Iterator[Failure]:
    """How fast draws are, and how many come to nothing."""
    tried, made = 2 * subject.settings.examples, subject.samples
    if len(made) < (1 - REDRAWN) * tried:
        yield Failure(f"only {len(made)} of {tried} draws could be asked")
    if made:
        start = thread_time()
        for q, _, _ in made:
            subject.family.make(q)
        subject.note(f"{1e6 * (thread_time() - start) / len(made):.0f} µs an item")
