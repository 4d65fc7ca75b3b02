"""Parameter spaces as Hypothesis strategies, made from the same declarations that check and draw.

Values shrink towards zero, the first choice, the natural order; a dependent domain is bound to the fields drawn before
it.
"""

from functools import singledispatch
from math import prod
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from quizgen.space import Choices, Domain, Ints, Parameters, Permutations, Tuples
from quizgen.values import Value

P = TypeVar("P", bound=Parameters)


@singledispatch
def values(domain: Domain) -> SearchStrategy[Value]:
    """The values of one domain that is not empty."""
    return st.sampled_from(list(domain.values()))


@values.register
def _(domain: Ints) -> SearchStrategy[Value]:
    if domain.range.step == 1:
        return st.integers(domain.range[0], domain.range[-1])
    return st.sampled_from(domain.range)


@values.register
def _(domain: Choices) -> SearchStrategy[Value]:
    return st.sampled_from(domain.options)


@values.register
def _(domain: Tuples) -> SearchStrategy[Value]:
    return st.tuples(*[values(domain.entries)] * prod(domain.shape)).map(domain.fold)


@values.register
def _(domain: Permutations) -> SearchStrategy[Value]:
    return st.permutations(range(domain.n)).map(tuple)


@st.composite
def combinations(draw: DrawFn, kind: type[P]) -> P | None:
    """Parameters, each in its domain but perhaps not ``valid`` together; None where some domain is empty."""
    parameters = kind.__new__(kind)
    drawn = vars(parameters)
    for name, field in kind.fields.items():
        domain = field.bind(parameters)
        if not domain.size():
            return None
        drawn[name] = draw(values(domain))
    return parameters


def parameters(kind: type[P]) -> SearchStrategy[P]:
    """Valid parameters."""
    return combinations(kind).filter(lambda q: q is not None and q.valid())  # type: ignore[return-value]  # None is gone


@st.composite
def neighbours(draw: DrawFn, q: Parameters, name: str) -> Value:
    """A value for the field ``name`` of ``q`` from its domain; of a vector or a matrix one entry changes."""
    domain = type(q).fields[name].bind(q)
    if not isinstance(domain, Tuples):
        return draw(values(domain))
    old = getattr(q, name)
    flat = list(old) if len(domain.shape) == 1 else [entry for row in old for entry in row]
    if flat:
        flat[draw(st.integers(0, len(flat) - 1))] = draw(values(domain.entries))
    return domain.fold(flat)
