"""The value of a derivation's line on a model.

Sums over finite spaces and integrals of Gaussians with polynomials are exact; logarithms and roots are balls of 50
digits; where an integrand leaves the Gaussian class, as the logarithm of a mixture does, it is integrated by Arb's
adaptive Gauss-Legendre rule, which bounds its own error, for |x| <= REACH (F. Johansson 2018, arXiv:1802.07942).
Derivatives are carried along, never approximated.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from flint import acb, arb, ctx, fmpq

from quizgen.expr import (
    Apply,
    Call,
    Constant,
    Expr,
    Grid,
    Name,
    Node,
    Num,
    Power,
    Product,
    Quotient,
    Series,
    Sum,
    latex,
)
from solvers.derivations import arithmetic, tables
from solvers.derivations.arithmetic import (
    ZERO,
    Curve,
    Divergent,
    Dual,
    Number,
    Undefined,
    is_zero,
    multiply,
    parts,
    subtract,
)
from solvers.derivations.models import Density, Model
from solvers.derivations.tables import Table, Value
from solvers.derivations.waves import ONE, SCALAR, Open, rational, symbol

INDEXED = re.compile(r"(?P<stem>[^_]+)_(?P<index>[A-Za-z]+)(?P<shift>[+-]\d+)?")
"""The name of one of several functions: ``f_l``, ``f_l-1``."""
BITS = 192
"""Precision of balls: more than 50 digits."""
REACH = 24
"""Quadratures go from -REACH to REACH: at least ten deviations beyond every mean, where a density is below 1e-22."""
FAINT = arb("1e-12")
"""What an integrand must have fallen below at both ends."""
PATIENCE = 4000
"""Points of a quadrature's piece, of which there are six: then it is taken not to converge."""
COARSE = 64
"""Precision of the balls inside a quadrature."""


@contextmanager
def precise(bits: int = BITS) -> Iterator[None]:
    """Sets the precision of balls for a while."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def evaluate(tree: Node, model: Model, given: Mapping[str, Value] | None = None) -> Value:
    """The value of ``tree``; ``given`` binds names before the model does. Found once for a model. Raises Undefined."""
    start = dict(given or {})
    key = (tree, *start.items())
    if key not in model.averages:
        with precise():
            try:
                model.averages[key] = _Scope(model, start, start).value(tree)
            except Open as error:
                raise Undefined(f"{latex(tree)} cannot be evaluated: a symbol is left") from error
    return model.averages[key]  # type: ignore[return-value]  # just put there


@dataclass
class _Scope:
    """A model with what is bound for the moment: variables that are averaged over, indices, values with slopes.

    ``fixed`` is what was bound at the start; averages that depend on nothing else are remembered with the model.
    """

    model: Model
    bound: dict[str, Value]
    fixed: dict[str, Value]
    level: int = 0
    fresh: int = 0
    kept: dict[object, Curve | None] = field(default_factory=dict)

    def value(self, tree: Node) -> Value:
        """The value of a tree."""
        match tree:
            case Num(text):
                return fmpq(*map(int, text.split("/"))) if _is_plain(text) else rational(_fraction(text))
            case Constant("pi"):
                return arb.pi()
            case Constant("e"):
                return arb.const_e()
            case Name():
                return self._name(tree)
            case Sum(terms):
                result = self.value(terms[0])
                for term in terms[1:]:
                    result = tables.total(result, self.value(term))
                return result
            case Product(factors):
                return self._product(factors)
            case Quotient(above, below):
                divisor = self._number(below)
                return tables.each(lambda entry: arithmetic.divide(entry, divisor), self.value(above))
            case Power(Call("norm", (inner,)), Num("2")):
                vector = self.value(inner)
                return tables.dot(vector, vector)
            case Power(base, exponent):
                return arithmetic.power(self._number(base), self._number(exponent))
            case Call(function, arguments):
                if function in _AVERAGES and self.bound is self.fixed:
                    return self._remembered(tree)
                return self._call(function, arguments)
            case Apply():
                return self._apply(tree)
            case Series():
                return self._series(tree)
            case Grid(rows):
                return Table(tuple(tuple(self._number(entry) for entry in row) for row in rows))
        raise Undefined(f"{latex(tree)} has no value")

    def _remembered(self, tree: Call) -> Value:
        """The value of a call, found once for a model: the lines of a derivation share most of their averages."""
        key = (tree, *self.fixed.items())
        if key not in self.model.averages:
            self.model.averages[key] = self._call(tree.function, tree.arguments)
        return self.model.averages[key]  # type: ignore[return-value]  # just put there

    def _number(self, tree: Node) -> Number:
        value = self.value(tree)
        if isinstance(value, Table):
            raise Undefined(f"{latex(tree)} is a table, where a number is needed")
        return value

    def _product(self, factors: Sequence[Node]) -> Value:
        result = self.value(factors[0])
        for factor in factors[1:]:
            if not isinstance(result, Table) and is_zero(result):
                return ZERO  # 0 ln 0 = 0
            result = tables.product(result, self.value(factor))
        return result

    # Names.

    def _key(self, name: Name) -> str:
        """How the values of a model call a variable."""
        if not name.indices:
            return name.name
        return f"{name.name}_{','.join(str(self._index(index)) for index in name.indices)}"

    def _index(self, tree: Node) -> int:
        value = self._number(tree)
        if isinstance(value, fmpq) and value.denominator == 1:
            return int(value.numerator)
        raise Undefined(f"{latex(tree)} is no index")

    def _name(self, name: Name) -> Value:
        found = self._known(self._key(name))
        if found is not None:
            return found
        if name.indices:
            whole = self._known(name.name)
            if isinstance(whole, Table):
                return tables.entry(whole, [self._index(index) for index in name.indices])
            return self._group(self._key(name))
        return self._group(name.name)

    def _known(self, key: str) -> Value | None:
        if key in self.bound:
            return self.bound[key]
        if key not in self.model.values:
            return None
        value = self.model.values[key]
        return self.value(value) if isinstance(value, Expr) else rational(value)

    def _group(self, name: str) -> Table:
        """The vector or matrix of all values of a name. Raises Undefined."""
        places = _places(name, (*self.bound, *self.model.values))
        if not places:
            raise Undefined(f"{name} has no value")
        entries = {place: self._known(f"{name}_{','.join(map(str, place))}") for place in places}
        rows = sorted({place[0] for place in places})
        if len(places[0]) == 1:
            return tables.column([entries[(row,)] for row in rows])  # type: ignore[misc]  # numbers
        columns = sorted({place[1] for place in places})
        return Table(tuple(tuple(entries[row, column] for column in columns) for row in rows))  # type: ignore[misc]

    def _entries(self, name: Name) -> list[str]:
        """How the model calls a variable, or the entries of a vector."""
        key = self._key(name)
        is_single = self._known(key) is not None or key in self.model.spaces
        places = [] if is_single else _places(key, (*self.bound, *self.model.values))
        return [f"{key}_{place}" for (place,) in places] or [key]

    @contextmanager
    def _with(self, values: Mapping[str, Value]) -> Iterator[None]:
        """Binds names for a while."""
        before = self.bound
        self.bound = {**before, **values}
        try:
            yield
        finally:
            self.bound = before

    # Densities and functions.

    def _apply(self, tree: Apply) -> Value:
        if tree.name.endswith("'"):
            return self._prime(tree)
        function = self._function(tree.name)
        if function in self.model.functions:
            parameters, body = self.model.functions[function]
            given = dict(zip(parameters, map(self.value, tree.arguments), strict=True))
            with self._with(given):
                return self.value(body)
        density, averaged, conditions = self._density(tree)
        values = {key: self._at(key, tree, place) for place, key in (*averaged, *conditions)}
        above = self._marginal(density, values)
        rest = {key: values[key] for _, key in conditions if key not in density.given}
        if not rest:
            return above
        return arithmetic.divide(above, self._marginal(density, {**{k: values[k] for k in density.given}, **rest}))

    def _function(self, name: str) -> str:
        """The function that is meant: f_2 by ``f_l`` where l is 2, and f_1 by ``f_l-1``."""
        indexed = INDEXED.fullmatch(name)
        index = self._known(indexed["index"]) if indexed and name not in self.model.functions else None
        if indexed is None or not isinstance(index, fmpq) or index.denominator != 1:
            return name
        return f"{indexed['stem']}_{int(index.numerator) + int(indexed['shift'] or 0)}"

    def _prime(self, tree: Apply) -> Value:
        """The derivative of a function in its first argument, of a vector entry by entry."""
        point, *rest = tree.arguments
        function = Apply(tree.name[:-1], (Name("'"), *rest), tree.separators)

        def at(entry: Number) -> Number:
            with self._with({"'": entry}):
                slope = self._partial("'", function)
            assert not isinstance(slope, Table)
            return slope

        return tables.each(at, self.value(point))

    def _density(self, tree: Apply) -> tuple[Density, list[tuple[int, str]], list[tuple[int, str]]]:
        """The density that is meant, and the variables before and after the bar with the places of their arguments."""
        bar = tree.separators.find("|") + 1 if "|" in tree.separators else len(tree.arguments)
        for density in self.model.densities.get(tree.name, ()):
            known = (*density.variables, *density.given)
            keys = [(place, key) for place, each in enumerate(tree.arguments) for key in self._keys(each, known)]
            before, after = [k for k in keys if k[0] < bar], [k for k in keys if k[0] >= bar]
            complete = {place for place, _ in keys} == set(range(len(tree.arguments)))
            if complete and _fits(density, {key for _, key in before}, {key for _, key in after}):
                return density, before, after
        raise Undefined(f"there is no distribution for {latex(tree)}")

    def _keys(self, argument: Node, known: Sequence[str]) -> list[str]:
        """The variables that an argument stands for."""
        match argument:
            case Name(name, ()) if name not in known and len(known) > 1:
                return [key for key in known if key.partition("_")[0] == name]
            case Name() if self._key(argument) in known:
                return [self._key(argument)]
            case Call("slice", (Name(name), low, high)):
                return [f"{name}_{index}" for index in range(self._index(low), self._index(high) + 1)]
            case Call("isequal", (Name() as name, _)):
                return [self._key(name)]
        stems = {key.rpartition("_")[0] for key in known}
        is_other = isinstance(argument, Name) and bool(argument.indices) and argument.name in stems
        return [*known] if len(known) == 1 or (len(stems) == 1 and not is_other) else []

    def _at(self, key: str, tree: Apply, place: int) -> Value:
        """The value of a variable: what it is bound to, or what the argument says."""
        match tree.arguments[place]:
            case Name() | Call("slice") as argument if self._is_part(key, argument) and self._known(key) is not None:
                return self._known(key)  # type: ignore[return-value]  # just checked
            case Call("isequal", (_, value)):
                return self._number(value)
            case argument:
                found = self.value(argument)
                return tables.entry(found, [int(key.rpartition("_")[2])]) if isinstance(found, Table) else found

    def _is_part(self, key: str, argument: Name | Call) -> bool:
        """Whether a key belongs to a variable, or to an entry of a vector."""
        return not isinstance(argument, Name) or self._key(argument) in (key, key.rpartition("_")[0])

    def _marginal(self, density: Density, values: Mapping[str, Value]) -> Number:
        """The density of some of its variables; the others are summed and integrated out."""
        closed = self._closed(density, values) if any(map(_is_complex, values.values())) else None
        if closed is not None:
            return closed.at(values)  # type: ignore[arg-type]  # numbers
        rest = [key for key in density.variables if key not in values]
        with self._with(values):
            return self._over(rest, lambda: self._number(density.tree))

    def _is_fixed(self, key: str) -> bool:
        """Whether a name has the value that it has all along."""
        return key in self.fixed and self.bound[key] is self.fixed[key]

    def _closed(self, density: Density, values: Mapping[str, Value]) -> Curve | None:
        """A marginal as a function of its variables, kept; None where it has none, or a parameter is being varied."""
        own = {*density.variables, *density.given}
        if any(key in self.model.values and key not in own and not self._is_fixed(key) for key in self.bound):
            return None
        key = (id(density), *sorted(values))
        if key not in self.kept:
            given = {name: symbol(name) for name in values if self.model.space(name) is None}
            if len(given) < len(values):
                return None
            try:
                with self._with(given):
                    rest = [name for name in density.variables if name not in values]
                    closed = self._over(rest, lambda: self._number(density.tree))
                    self.kept[key] = None if isinstance(closed, Dual) else Curve(closed)
            except Open:
                self.kept[key] = None
        return self.kept[key]

    # Sums, integrals, expectations.

    def _over(self, keys: Sequence[str], body: Callable[[], Number]) -> Number:
        """``body`` summed or integrated over all values of some variables."""
        if not keys:
            return body()
        finite = [key for key in keys if self.model.space(key) is not None]
        if finite:
            rest = [key for key in keys if key != finite[0]]
            return self._sum(finite[0], lambda: self._over(rest, body))
        try:
            return self._symbolic(keys, body)
        except Open:
            return self._numeric(keys, body)

    def _sum(self, key: str, body: Callable[[], Number]) -> Number:
        result: Number = ZERO
        for state in self.model.space(key) or ():
            with self._with({key: fmpq(state)}):
                result = arithmetic.add(result, body())
        return result

    def _symbolic(self, keys: Sequence[str], body: Callable[[], Number]) -> Number:
        names = {}
        for key in keys:
            self.fresh += 1
            names[key] = f"{key}#{self.fresh}"
        with self._with({key: symbol(name) for key, name in names.items()}):
            result = body()
        for name in names.values():
            result = arithmetic.integral(result, name)
        return result

    def _numeric(self, keys: Sequence[str], body: Callable[[], Number]) -> Number:
        """One variable by quadrature, the others exactly for each of its values. Raises Open if that does not help."""
        for key in keys:
            rest = [other for other in keys if other != key]
            try:
                return self._quadrature(key, lambda rest=rest: self._symbolic(rest, body) if rest else body())  # type: ignore[misc]
            except Open:
                continue
        raise Open

    def _quadrature(self, key: str, body: Callable[[], Number]) -> Number:
        def at(x: Value) -> Number:
            with self._with({key: x}):
                return body()

        return _component_wise(at(acb("0.125")), lambda take: _integrated(lambda x: take(at(x))))

    def _expectation(self, measure: Node, body: Callable[[], Number]) -> Number:
        """The average of ``body`` over what stands before the bar of a density."""
        if not isinstance(measure, Apply):
            raise Undefined(f"{latex(measure)} is no distribution")
        _, averaged, _ = self._density(measure)

        def weighted() -> Number:
            weight = self._number(measure)
            return ZERO if is_zero(weight) else multiply(weight, body())

        return self._over([key for _, key in averaged], weighted)

    def _log_ratio(self, p: Node, q: Node) -> Number:
        """KL(p || q)."""
        return self._expectation(p, lambda: subtract(self._ln(p), self._ln(q)))

    def _ln(self, tree: Node) -> Number:
        return arithmetic.ln(self._number(tree))

    def _series(self, tree: Series) -> Value:
        low, high = self._index(tree.low), self._index(tree.high)
        result: Value | None = None
        for index in range(low, high + 1):
            with self._with({tree.index: fmpq(index)}):
                entry = self.value(tree.body)
            combine = tables.total if tree.operator == "sum" else tables.product
            result = entry if result is None else combine(result, entry)
        return result if result is not None else ZERO if tree.operator == "sum" else ONE

    # Derivatives.

    def _slope(self, variable: Node, body: Node) -> Value:
        """The derivative by one variable; by a vector, the column of its derivatives."""
        jacobian = self._jacobian(variable, body)
        is_vector = isinstance(variable, Name) and self._known(self._key(variable)) is None
        return tables.transposed(jacobian) if is_vector else jacobian

    def _jacobian(self, variable: Node, body: Node) -> Value:
        """The derivatives with a row for each entry of ``body`` and a column for each of the variable."""
        if not isinstance(variable, Name):
            raise Undefined(f"{latex(variable)} is no variable")
        key = self._key(variable)
        if self._known(key) is not None:
            return self._partial(key, body)
        slopes = [self._partial(entry, body) for entry in self._entries(variable) if self._known(entry) is not None]
        if not slopes:
            raise Undefined(f"{latex(variable)} has no value")
        columns = [slope.entries if isinstance(slope, Table) else (slope,) for slope in slopes]
        return Table(tuple(zip(*columns, strict=True)))

    def _partial(self, key: str, body: Node) -> Value:
        self.level += 1
        level = self.level
        try:
            with self._with({key: Dual(self._known(key), ONE, level)}):  # type: ignore[arg-type]  # a number
                value = self.value(body)
            return tables.each(lambda entry: parts(entry, level)[1], value)
        finally:
            self.level -= 1

    # Functions.

    def _call(self, function: str, arguments: Sequence[Node]) -> Value:
        match function, arguments:
            case ("expectation", (measure, body)):
                return self._expectation(measure, lambda: self._number(body))
            case ("variance", (measure, body)):
                mean = self._expectation(measure, lambda: self._number(body))
                square = self._expectation(measure, lambda: arithmetic.power(self._number(body), fmpq(2)))
                return subtract(square, multiply(mean, mean))
            case ("kl", (p, q)):
                return self._log_ratio(p, q)
            case ("jsd", (p, q)):
                return self._jensen_shannon(p, q)
            case ("entropy", (p,)):
                return arithmetic.negate(self._expectation(p, lambda: self._ln(p)))
            case ("crossentropy", (p, q)):
                return arithmetic.negate(self._expectation(p, lambda: self._ln(q)))
            case ("integral" | "total", (Name() as variable, body)):
                return self._over(self._entries(variable), lambda: self._number(body))
            case ("gradient" | "partial" | "derivative", (variable, body)):
                return self._slope(variable, body)
            case ("jacobian", (variable, body)):
                return self._jacobian(variable, body)
            case ("normal", (x, mean, variance)):
                return arithmetic.normal(self._number(x), self._number(mean), self._number(variance))
            case ("isequal", (left, right)):
                return tables.total(self.value(left), tables.each(arithmetic.negate, self.value(right)))
            case ("entry", (whole, *indices)):
                return tables.entry(self.value(whole), [self._index(index) for index in indices])
        values = list(map(self.value, arguments))
        if function in _EACH:
            return tables.each(_EACH[function], *values)
        if function in _WHOLE:
            return _WHOLE[function](*values)
        raise Undefined(f"the function {function} has no value here")

    def _jensen_shannon(self, p: Node, q: Node) -> Number:
        """(KL(p || m) + KL(q || m)) / 2 with m = (p + q) / 2."""

        def half(one: Node) -> Number:
            def ratio() -> Number:
                middle = multiply(fmpq(1, 2), arithmetic.add(self._number(p), self._number(q)))
                return subtract(self._ln(one), arithmetic.ln(middle))

            return self._expectation(one, ratio)

        return multiply(fmpq(1, 2), arithmetic.add(half(p), half(q)))


def _is_complex(value: Value) -> bool:
    """Whether this is a point of a quadrature."""
    return _is_complex(value.value) if isinstance(value, Dual) else isinstance(value, acb)


def _fits(density: Density, before: set[str], after: set[str]) -> bool:
    """Whether a density has these variables before and after the bar."""
    return before <= {*density.variables} and {*density.given} <= after <= {*density.variables, *density.given}


def _heaviside(value: Number) -> Number:
    return ONE if arithmetic.sign(value) > 0 else ZERO


_AVERAGES = {"expectation", "variance", "kl", "entropy", "crossentropy", "integral", "total"}
_EACH: Mapping[str, Callable[..., Number]] = {
    "exp": arithmetic.exp,
    "ln": arithmetic.ln,
    "sqrt": arithmetic.sqrt,
    "abs": arithmetic.absolute,
    "tanh": arithmetic.tanh,
    "sigmoid": arithmetic.sigmoid,
    "relu": arithmetic.relu,
    "sin": arithmetic.sin,
    "cos": arithmetic.cos,
    "step": _heaviside,
    "hadamard": multiply,
}
_WHOLE: Mapping[str, Callable[..., Value]] = {
    "norm": tables.norm,
    "dot": tables.dot,
    "transpose": tables.transposed,
    "trace": tables.trace,
    "det": tables.determinant,
    "inverse": tables.inverse,
    "diag": tables.diagonal,
    "softmax": tables.softmax,
}


def _integrated(function: Callable[[Value], Number]) -> Number:
    """The integral of a function of a real variable, with its error. Raises Open where a symbol is left."""

    def run(x: acb, _: bool = False) -> acb:
        value = function(x)
        if not isinstance(value, SCALAR):
            raise Open
        return value if isinstance(value, acb) else acb(value)

    for end in (-REACH, REACH):
        if not abs(run(acb(end))) < FAINT:
            raise Divergent("an integral that does not converge")

    with precise(COARSE):
        tolerance = arb(2) ** -44
        pieces = [
            acb.integral(run, arb(a), arb(b), rel_tol=tolerance, abs_tol=tolerance, eval_limit=PATIENCE)
            for a, b in pairwise((-REACH, -8, -3, 0, 3, 8, REACH))
        ]
    total = sum(pieces, acb(0))
    if not total.is_finite():
        raise Divergent("an integral that does not converge")
    return total.real


def _component_wise(sample: Number, integrate: Callable[[Callable[[Number], Number]], Number]) -> Number:
    """Integrates a value and its derivatives one by one; ``sample`` shows how they nest."""
    if not isinstance(sample, Dual):
        return integrate(lambda value: value)
    level = sample.level
    value = _component_wise(sample.value, lambda take: integrate(lambda v: take(parts(v, level)[0])))
    slope = _component_wise(sample.slope, lambda take: integrate(lambda v: take(parts(v, level)[1])))
    return Dual(value, slope, level)


def _places(name: str, keys: Sequence[str]) -> list[tuple[int, ...]]:
    """The indices with which a name occurs among keys, in order."""
    found = set()
    for key in keys:
        stem, _, index = key.rpartition("_")
        if stem == name and index.replace(",", "").isdigit():
            found.add(tuple(map(int, index.split(","))))
    return sorted(found)


def _is_plain(text: str) -> bool:
    return text.lstrip("-").replace("/", "", 1).isdigit()


def _fraction(text: str):  # type: ignore[no-untyped-def]
    from fractions import Fraction

    return Fraction(text)


def is_tree(value: object) -> bool:
    """Whether a value is a formula."""
    return isinstance(value, Expr)
