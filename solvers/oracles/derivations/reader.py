"""One reading of a tree on a model: what its names, densities and operators stand for, as tensors."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from itertools import groupby, product

import torch
from torch import Tensor

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
    children,
    latex,
)
from solvers.derivations.models import Density, Model
from solvers.oracles.derivations import tensors
from solvers.oracles.derivations.gaussians import NotGaussian, Quadratic, Rule, standard
from solvers.oracles.derivations.tensors import CONSTANTS, FUNCTIONS, Unreadable, number

MOST = 1_000_000
"""How many points are evaluated at once."""
WIDE = 2.5
"""What is taken for a deviation where no distribution tells."""
SAMPLES = 1000
"""Points of one run of sampling."""


class TooMany(ArithmeticError):
    """A rule would take more points than is sensible."""


class Known(dict[object, Quadratic]):
    """The Gaussians that the densities of one model are made of."""


@dataclass
class Reader:
    """A model with what is bound at the moment, and the sizes of the axes of what is averaged over, outermost first.

    ``defined`` are the values of names that stand for trees, as long as nothing else is bound.
    Afterwards it is known whether the value ``approximates`` an average, and whether it ``cuts`` off an integral.
    """

    model: Model
    rule: Rule
    known: Known
    bound: dict[str, Tensor] = field(default_factory=dict)
    sizes: tuple[int, ...] = ()
    defined: dict[str, Tensor] = field(default_factory=dict)
    approximates: bool = False
    cuts: bool = False

    def __post_init__(self) -> None:
        self.random = torch.Generator().manual_seed(self.rule.seed or 0)

    # Trees.

    def value(self, tree: Node) -> Tensor:
        """The value of a tree."""
        match tree:
            case Num(text):
                return number(text)
            case Constant(name):
                return torch.tensor([[CONSTANTS[name]]], dtype=torch.float64)
            case Name():
                return self._name(tree)
            case Sum(terms):
                return reduce(tensors.plus, map(self.value, terms))
            case Product(factors):
                return self._product(factors)
            case Quotient(above, below) if self._is_positive(above) and self._is_positive(below):
                return (self.log(above) - self.log(below)).exp()
            case Quotient(above, below):
                return self.value(above) / self._number(below)
            case Power(Call("norm", (inner,)), Num("2")):
                return (self.value(inner) ** 2).sum((-2, -1), keepdim=True)
            case Power(base, exponent):
                return tensors.power(self._number(base), self._number(exponent))
            case Call(function, arguments):
                return self._call(function, arguments)
            case Apply():
                return self._apply(tree)
            case Series():
                return reduce(tensors.plus if tree.operator == "sum" else tensors.times, self._terms(tree))
            case Grid(rows):
                lines = [torch.cat(tensors.together(*map(self._number, row)), -1) for row in rows]
                return torch.cat(tensors.together(*lines), -2)
        raise Unreadable(latex(tree))

    def log(self, tree: Node) -> Tensor:
        """The natural logarithm of a tree, without its value where that may be too small."""
        match tree:
            case Call("exp", (inner,)):
                return self._number(inner)
            case Call("normal", (x, mean, variance)):
                distance, width = self._number(x) - self._number(mean), self._number(variance)
                return -(distance**2) / (2 * width) - (2 * math.pi * width).log() / 2
            case Apply(name) if name in self.model.densities:
                return self._log_density(tree)
            case Product(factors) if self._is_positive(tree):
                positive = [factor for factor in factors if self._is_positive(factor)]
                others = [factor for factor in factors if not self._is_positive(factor)]
                rest = [self._product(others).log()] if others else []
                return reduce(tensors.plus, [*map(self.log, positive), *rest])
            case Quotient(above, below) if self._is_positive(tree):
                return self.log(above) - self.log(below)
            case Power(base, exponent) if self._is_positive(base):
                return self._number(exponent) * self.log(base)
            case Series("product") if self._is_positive(tree.body):
                return reduce(tensors.plus, (self.log(tree.body) for _ in self._indices(tree)), number("0"))
        return self._number(tree).log()

    def _is_positive(self, tree: Node) -> bool:
        """Whether a tree is made of exponentials, so that its logarithm is best taken part by part."""
        match tree:
            case Call("exp" | "normal"):
                return True
            case Apply(name):
                return name in self.model.densities
            case Product(parts):
                return any(map(self._is_positive, parts))
            case Quotient(above, below):
                return self._is_positive(above) or self._is_positive(below)
            case Power(base, _):
                return self._is_positive(base)
            case Series("product"):
                return self._is_positive(tree.body)
        return False

    def _number(self, tree: Node) -> Tensor:
        value = self.value(tree)
        if value.shape[-2:] != (1, 1):
            raise Unreadable(f"{latex(tree)} is no number")
        return value

    def _product(self, factors: Sequence[Node]) -> Tensor:
        result = self.value(factors[0])
        for factor in factors[1:]:
            if result.shape == (1, 1) and not result.any() and not result.requires_grad:
                return result  # 0 ln 0 = 0
            result = tensors.times(result, self.value(factor))
        return result

    def _indices(self, tree: Series) -> Iterator[None]:
        for index in range(self._index(tree.low), self._index(tree.high) + 1):
            with self._with({tree.index: number(str(index))}):
                yield

    def _terms(self, tree: Series) -> list[Tensor]:
        terms = [self.value(tree.body) for _ in self._indices(tree)]
        return terms or [number("0" if tree.operator == "sum" else "1")]

    # Names.

    def _index(self, tree: Node) -> int:
        value = self._number(tree)
        if bool((value != value.flatten()[0]).any()):
            raise Unreadable(f"{latex(tree)} is no single index")
        return round(float(value.flatten()[0]))

    def _key(self, name: Name) -> str:
        """What a model calls a variable."""
        return f"{name.name}_{','.join(str(self._index(i)) for i in name.indices)}" if name.indices else name.name

    def _known(self, key: str) -> Tensor | None:
        if key in self.bound:
            return self.bound[key]
        value = self.model.values.get(key)
        if not isinstance(value, Expr):
            return None if value is None else number(str(value))
        if key not in self.defined:
            self.defined[key] = self.value(value)
        return self.defined[key]

    def _name(self, name: Name) -> Tensor:
        key = self._key(name)
        found = self._known(key)
        if found is not None:
            return found
        whole = self._known(name.name) if name.indices else None
        if whole is not None:
            return tensors.entry(whole, [self._index(index) for index in name.indices])
        return self._whole(key)

    def _places(self, name: str) -> list[tuple[int, ...]]:
        """The indices that a name has in the model."""
        pattern = re.compile(re.escape(name) + r"_(\d+(?:,\d+)*)")
        matches = map(pattern.fullmatch, {*self.bound, *self.model.values})
        return sorted(tuple(map(int, match[1].split(","))) for match in matches if match)

    def _entries(self, name: Name) -> list[str]:
        """What a model calls a variable, or the entries of a vector."""
        key = self._key(name)
        is_single = self._known(key) is not None or key in self.model.spaces
        places = [] if is_single else self._places(key)
        return [f"{key}_{place}" for (place,) in places] or [key]

    def _whole(self, name: str) -> Tensor:
        """The vector or matrix of all values of a name."""
        places = self._places(name)
        if not places:
            raise Unreadable(f"{name} has no value")
        entries = [self._known(f"{name}_{','.join(map(str, place))}") for place in places]
        values = tensors.together(*(entry[..., 0, 0] for entry in entries if entry is not None))
        height = len({place[0] for place in places})
        return torch.stack(values, -1).reshape(*values[0].shape, height, -1)

    @contextmanager
    def _with(self, values: Mapping[str, Tensor], size: int | None = None) -> Iterator[None]:
        """Binds names, and makes an axis of some size, for a while."""
        before = self.bound, self.sizes, self.defined
        self.bound, self.defined = {**self.bound, **values}, {}
        self.sizes = self.sizes if size is None else (*self.sizes, size)
        try:
            yield
        finally:
            self.bound, self.sizes, self.defined = before

    @contextmanager
    def _axes(self, sizes: tuple[int, ...]) -> Iterator[None]:
        """Has other axes for a while."""
        before, self.sizes = self.sizes, sizes
        try:
            yield
        finally:
            self.sizes = before

    def bind_free(self, tree: Node, place: int, value: str, is_index: bool = False) -> None:
        """Gives what has no value one: ``value``, that of its states which has a place, or 2 to an index."""
        for child in children(tree):
            self.bind_free(child, place, value, is_index or isinstance(tree, Name))
        if not isinstance(tree, Name):
            return
        key = self._key(tree)
        states = self.model.space(key) if key in self.model.spaces else None
        if self._known(key) is None and not self._places(key):
            free = "2" if is_index else value
            self.bound[key] = number(free if states is None else str(states[place]))

    # Functions.

    def _apply(self, tree: Apply) -> Tensor:
        if tree.name.endswith("'"):
            return self._prime(tree)
        function = self._function(tree.name)
        if function not in self.model.functions:
            return self._log_density(tree).exp()
        parameters, body = self.model.functions[function]
        with self._with(dict(zip(parameters, map(self.value, tree.arguments), strict=True))):
            return self.value(body)

    def _function(self, name: str) -> str:
        """The function f_2 that is meant by ``f_l``."""
        stem, _, index = name.partition("_")
        match = re.fullmatch(r"([A-Za-z]+)([+-]\d+)?", index)
        value = self._known(match[1]) if match and name not in self.model.functions else None
        return name if match is None or value is None else f"{stem}_{round(float(value)) + int(match[2] or 0)}"

    def _prime(self, tree: Apply) -> Tensor:
        """The slope of a function in its first argument, entry by entry."""
        point, *rest = tree.arguments
        function = Apply(tree.name[:-1], (Name("'"), *rest), tree.separators)
        value = self.value(point)
        height, width = value.shape[-2:]
        axes = self.sizes[::-1]
        entries = value.expand(*axes, height, width).flatten(-2).movedim(-1, 0)
        with self._with({"'": entries[..., None, None]}, height * width):
            slopes = self._partial(["'"], function)
        return slopes[..., 0, 0].movedim(0, -1).reshape(*axes, height, width)

    # Derivatives.

    def _partial(self, keys: Sequence[str], body: Node) -> Tensor:
        """The derivatives by some numbers, a row for each entry of ``body``.

        They are taken on all axes at once, each point with a copy of its own.
        """
        copies = {}
        for key in keys:
            value = self._known(key)
            if value is None:
                raise Unreadable(f"{key} has no value")
            copy = value.expand(*self.sizes[::-1], 1, 1) * 1.0
            copies[key] = copy if copy.requires_grad else copy.requires_grad_()
        with self._with(copies):
            entries = self.value(body).flatten(-2)
        points = [*copies.values()]
        rows = [torch.cat(tensors.slopes(entries[..., place], points), -1) for place in range(entries.shape[-1])]
        return torch.cat(rows, -2)

    def _jacobian(self, variable: Node, body: Node) -> Tensor:
        """A row for each entry of ``body``, a column for each one of the variable."""
        if not isinstance(variable, Name):
            raise Unreadable(f"{latex(variable)} is no variable")
        return self._partial(self._entries(variable), body)

    def _gradient(self, variable: Node, body: Node) -> Tensor:
        """The derivatives by a vector as a column; those of a vector by a number, too."""
        found = self._jacobian(variable, body)
        return found if found.shape[-1] == 1 else found.mT

    # Distributions.

    def _density(self, tree: Apply) -> tuple[Density, dict[str, Tensor | None], int]:
        """The density that is meant, the values of its variables, and how many of them stand before the bar.

        That is the first of which the arguments name the variables; else the first that has as many.
        """
        bar = tree.separators.index("|") + 1 if "|" in tree.separators else len(tree.arguments)
        densities = self.model.densities.get(tree.name, ())
        for matched, density in product((self._by_name, self._by_place), densities):
            keys = matched(tree.arguments[:bar], density.variables, density)
            conditions = matched(tree.arguments[bar:], density.given, density)
            before, after = ([key for each in side for key in each] for side in (keys, conditions))
            complete = all((*keys, *conditions)) and {*density.given} <= {*after}
            if complete and {*before} <= {*density.variables} and len({*before, *after}) == len(before) + len(after):
                pairs = zip(tree.arguments, (*keys, *conditions), strict=True)
                return density, {key: self._at(key, each) for each, found in pairs for key in found}, len(before)
        raise Unreadable(f"there is no distribution for {latex(tree)}")

    def _by_name(self, arguments: Sequence[Node], _: Sequence[str], density: Density) -> list[list[str]]:
        """The variables that arguments name."""
        known = (*density.variables, *density.given)
        return [keys if {*keys} <= {*known} else [] for keys in (self._named(each, known) for each in arguments)]

    def _by_place(self, arguments: Sequence[Node], keys: Sequence[str], _: Density) -> list[list[str]]:
        """The variables in whose places arguments stand; x_2 does not stand for x_1."""
        if any(
            isinstance(each, Name) and each.indices and key.startswith(f"{each.name}_")
            for each, key in product(arguments, keys)
        ):
            return [[]]
        vectors = [[*each] for _, each in groupby(keys, lambda key: key.rpartition("_")[0] or key)]
        single = [[key] for key in keys]
        return next((found for found in (single, vectors) if len(found) == len(arguments)), [[] for _ in arguments])

    def _named(self, argument: Node, known: Sequence[str]) -> list[str]:
        match argument:
            case Call("slice", (Name(name), low, high)):
                return [f"{name}_{index}" for index in range(self._index(low), self._index(high) + 1)]
            case Call("isequal", (Name() as name, _)):
                return [self._key(name)]
            case Name(name) if self._key(argument) not in known:
                return [key for key in known if key.startswith(f"{name}_") and not argument.indices]
            case Name():
                return [self._key(argument)]
        return []

    def _at(self, key: str, argument: Node) -> Tensor | None:
        """The value of a variable; None if it has none, as in what is averaged over."""
        match argument:
            case Call("isequal", (_, value)):
                return self._number(value)
            case Call("slice"):
                return self._known(key)
            case Name() if key in self._named(argument, (key,)):
                return self._known(key)
        found = self.value(argument)
        return found if found.shape[-2:] == (1, 1) else tensors.entry(found, [int(key.rpartition("_")[2])])

    def _log_density(self, tree: Apply) -> Tensor:
        density, found, before = self._density(tree)
        values = {key: value for key, value in found.items() if value is not None}
        if len(values) < len(found):
            raise Unreadable(f"a variable of {latex(tree)} has no value")
        return self._log_marginal(density, values) - self._log_evidence(density, dict([*values.items()][before:]))

    def _log_evidence(self, density: Density, conditions: Mapping[str, Tensor]) -> Tensor:
        """The logarithm of what the conditions of a density have; 0 if it is given for these."""
        return number("0") if {*conditions} <= {*density.given} else self._log_marginal(density, conditions)

    def _log_marginal(self, density: Density, values: Mapping[str, Tensor]) -> Tensor:
        """The logarithm of the density of some of its variables."""
        gone = [key for key in density.variables if key not in values]
        masses = [self._log_mass(density, states, values, gone) for states in self._states(density, values)]
        return masses[0] if len(masses) == 1 else torch.stack(tensors.together(*masses)).logsumexp(0)

    def _log_mass(
        self, density: Density, states: Mapping[str, int], values: Mapping[str, Tensor], gone: Sequence[str]
    ) -> Tensor:
        """The same for one state of the finite variables, with ``gone`` integrated out."""
        try:
            return self._component(density, states, values, gone).at(values).constant[..., None, None]
        except NotGaussian:
            with self._with({**values, **_fixed(states)}):
                return self._over([key for key in gone if key not in states], lambda: self.value(density.tree)).log()

    def _states(self, density: Density, values: Mapping[str, Tensor]) -> Iterator[dict[str, int]]:
        """All states of the finite variables that agree with what is known."""
        finite = [key for key in density.variables if not self._is_real(key)]
        choices = [
            (round(float(values[key].flatten()[0])),) if key in values else self.model.space(key) or ()
            for key in finite
        ]
        return (dict(zip(finite, each, strict=True)) for each in product(*choices))

    def _component(
        self, density: Density, states: Mapping[str, int], values: Mapping[str, Tensor], gone: Sequence[str]
    ) -> Quadratic:
        """The Gaussian that a density is for given finite variables, without some of the others.

        It is kept unless it depends on what is bound for the moment. Raises NotGaussian.
        """
        outer = {key: values[key] for key in density.given if not self._is_real(key)}
        real = tuple(k for k in (*density.variables, *density.given) if k not in outer and k not in states)
        names = mentioned(density, self.model)
        others = any(k not in (*real, *states, *outer) and _is_among(k, names) for k in self.bound)
        others = others or any(value.numel() > 1 or value.requires_grad for value in outer.values())
        given = () if others else tuple((k, float(v)) for k, v in outer.items())
        key = None if others else (id(density), *states.items(), *given, *gone)
        if key in self.known:
            return self.known[key]
        axes = self.sizes if others else ()
        with self._with({**outer, **_fixed(states)}), self._axes(axes):
            found = self._quadratic(real, lambda: self.log(density.tree)).without(gone)
        if key is not None:
            self.known[key] = found
        return found

    def _is_real(self, key: str) -> bool:
        """Whether a variable may be any real number; what has no space is a parameter."""
        try:
            return self.model.space(key) is None
        except KeyError:
            return False

    def _quadratic(self, keys: tuple[str, ...], log: Callable[[], Tensor]) -> Quadratic:
        """A logarithm as a quadratic function of some variables, by its derivatives at 0. Raises NotGaussian."""
        shape = (*self.sizes[::-1], 1, 1)
        point = [torch.zeros(shape, dtype=torch.float64, requires_grad=True) for _ in keys]
        with self._with(dict(zip(keys, point, strict=True))):
            top = log()
        axes = top.shape[:-2] if not keys else shape[:-2]
        slopes = tensors.slopes(top[..., 0, 0], point)
        curves = [torch.cat(tensors.slopes(slope[..., 0, 0], point), -1)[..., 0, :] for slope in slopes]
        size = len(keys)
        empty = torch.zeros((*axes, 0), dtype=torch.float64)
        found = Quadratic(
            keys,
            top[..., 0, 0].expand(axes),
            torch.stack([slope[..., 0, 0] for slope in slopes], -1) if size else empty,
            -torch.stack(curves, -2) if size else empty[..., None],
        )
        if keys:
            elsewhere = {key: torch.full(shape, 0.7 + place / 3, dtype=torch.float64) for place, key in enumerate(keys)}
            with self._with(elsewhere):
                there = log()[..., 0, 0]
            if not torch.allclose(there, found.at(elsewhere).constant, rtol=1e-9, atol=1e-9):
                raise NotGaussian
        return found

    # Averages.

    def _expectation(self, measure: Node, body: Callable[[], Tensor]) -> Tensor:
        """The average of ``body`` over what stands before the bar of a density."""
        if not isinstance(measure, Apply):
            raise Unreadable(f"{latex(measure)} is no distribution")
        density, found, before = self._density(measure)
        averaged = [*found][:before]
        conditions = {key: value for key, value in [*found.items()][before:] if value is not None}
        try:
            return self._average(density, averaged, conditions, body)
        except NotGaussian:
            return self._over(averaged, lambda: self.value(measure) * body())

    def _average(
        self, density: Density, averaged: Sequence[str], conditions: Mapping[str, Tensor], body: Callable[[], Tensor]
    ) -> Tensor:
        """The same where, given its finite variables, the density is Gaussian."""
        total = self._log_evidence(density, conditions)
        finite = [key for key in averaged if not self._is_real(key)]
        real = [key for key in averaged if key not in finite]
        result = number("0")
        for states in product(*(self.model.space(key) or () for key in finite)):
            known = _fixed(dict(zip(finite, states, strict=True)))
            with self._with(known):
                if real:
                    parts = self._parts(density, real, {**conditions, **known})
                    result = result + self._nodes(parts, total[..., 0, 0], body)
                    continue
                share = (self._log_marginal(density, {**conditions, **known}) - total).exp()
                result = result + share * body() if bool(share.any()) else result
        return result

    def _parts(self, density: Density, keys: Sequence[str], values: Mapping[str, Tensor]) -> list[Quadratic]:
        """The Gaussians in ``keys`` that a density is made of, given some of the others."""
        gone = [key for key in density.variables if key not in keys and key not in values]
        return [self._component(density, states, values, gone).at(values) for states in self._states(density, values)]

    def _nodes(self, parts: Sequence[Quadratic], total: Tensor, body: Callable[[], Tensor]) -> Tensor:
        """``body`` averaged over the nodes of some Gaussians, each with its mass over ``total``."""
        self.approximates = True
        depth, keys = len(self.sizes), parts[0].keys
        points, weights = [], []
        for part in parts:
            standard, weight = self._standard(len(keys), len(parts))
            mean, factor = part.spread()
            share = (part.mass() - total).exp()
            axes = tensors.axes(mean.shape[:-1], share.shape)
            moved = mean + (factor @ standard.reshape(-1, *(1 for _ in axes), len(keys), 1))[..., 0]
            shares = weight.reshape(-1, *(1 for _ in axes)) * share.expand(axes)
            points.append(moved.expand(-1, *axes, -1).reshape(-1, *tensors.padded(axes, depth), len(keys)))
            weights.append(shares.reshape(-1, *tensors.padded(axes, depth)))
        point, weight = torch.cat(tensors.alike(points)), torch.cat(tensors.alike(weights))
        with self._with({k: point[..., i, None, None] for i, k in enumerate(keys)}, len(point)):
            return (weight[..., None, None] * body()).sum(0)

    def _standard(self, dimensions: int, copies: int) -> tuple[Tensor, Tensor]:
        """Nodes and weights for the standard Gaussian, of which there will be some copies. Raises TooMany."""
        if self.rule.seed is None:
            self._afford(copies * (self.rule.nodes**dimensions if dimensions > 1 else 1))
            return standard(self.rule, dimensions)
        half = torch.randn(SAMPLES // 2, dimensions, dtype=torch.float64, generator=self.random)
        return torch.cat([half, -half]), torch.full((SAMPLES,), 1 / SAMPLES, dtype=torch.float64)

    def _afford(self, points: int) -> None:
        if points * math.prod(self.sizes) > MOST:
            raise TooMany

    def _over(self, keys: Sequence[str], body: Callable[[], Tensor]) -> Tensor:
        """``body`` summed or integrated over all values of some variables."""
        if not keys:
            return body()
        key, *rest = keys
        space = self.model.space(key)
        if space is not None:
            return reduce(
                tensors.plus, (self._bound_to({key: state}, lambda: self._over(rest, body)) for state in space)
            )
        self.approximates = self.cuts = True
        low, high, scale = self._extent(key, self.rule.reach)
        step = self.rule.step * scale
        count = math.ceil((high - low) / step)
        self._afford(count)
        point = torch.linspace(low, high, count + 1, dtype=torch.float64)
        with self._with({key: point.reshape(-1, *(1 for _ in self.sizes), 1, 1)}, count + 1):
            value = self._over(rest, body)
        whole = value.expand(count + 1, *tensors.padded(value.shape[:-2], len(self.sizes) + 1)[1:], *value.shape[-2:])
        return whole.sum(0) * ((high - low) / count)

    def _bound_to(self, states: Mapping[str, int], body: Callable[[], Tensor]) -> Tensor:
        with self._with(_fixed(states)):
            return body()

    def _integral(self, keys: Sequence[str], tree: Node) -> Tensor:
        """An integral: around the Gaussian that is a factor of ``tree`` if there is one, else on a grid."""
        factors = tree.factors if isinstance(tree, Product) else (tree,)
        positive = [factor for factor in factors if self._is_positive(factor)]
        others = [factor for factor in factors if factor not in positive]
        if not positive or not all(map(self._is_real, keys)):
            return self._over(keys, lambda: self.value(tree))
        try:
            part = self._quadratic(tuple(keys), lambda: reduce(tensors.plus, map(self.log, positive)))
            mass = part.mass()
        except NotGaussian:
            return self._over(keys, lambda: self.value(tree))
        if not others:
            return mass.exp()[..., None, None]
        return self._nodes([part], torch.zeros_like(mass), lambda: self._product(others))

    def _extent(self, key: str, reach: float) -> tuple[float, float, float]:
        """From where to where a variable is likely, and the least scale on which densities of it vary."""
        found = [(-WIDE * reach, WIDE * reach, 0.5)]
        for density in (each for several in self.model.densities.values() for each in several):
            conditions = {name: self._known(name) for name in density.given}
            values = {name: value for name, value in conditions.items() if value is not None}
            if key not in density.variables or len(values) < len(conditions):
                continue
            for states in self._states(density, {}):
                try:
                    part = self._component(density, states, values, ()).at(values)
                    mean, factor = part.without([name for name in part.keys if name != key]).spread()
                except NotGaussian:
                    return found[0]
                place = part.keys.index(key)
                width, scale = (
                    reach * float(factor.detach().max()),
                    float(part.precision[..., place, place].detach().max()) ** -0.5,
                )
                found.append((float(mean.detach().min()) - width, float(mean.detach().max()) + width, scale))
        lows, highs, scales = zip(*(found[1:] or found), strict=True)
        return min(lows), max(highs), min(scales)

    # Calls.

    def _call(self, function: str, arguments: Sequence[Node]) -> Tensor:
        match function, arguments:
            case ("expectation", (measure, body)):
                return self._expectation(measure, lambda: self._number(body))
            case ("variance", (measure, body)):
                mean = self._expectation(measure, lambda: self._number(body))
                return self._expectation(measure, lambda: (self._number(body) - mean) ** 2)
            case ("kl", (p, q)):
                return self._expectation(p, lambda: self.log(p) - self.log(q))
            case ("entropy", (p,)):
                return -self._expectation(p, lambda: self.log(p))
            case ("crossentropy", (p, q)):
                return -self._expectation(p, lambda: self.log(q))
            case ("jsd", (p, q)):
                return (self._to_middle(p, p, q) + self._to_middle(q, p, q)) / 2
            case ("integral" | "total", (Name() as variable, body)):
                return self._integral(self._entries(variable), body)
            case ("gradient" | "partial" | "derivative", (variable, body)):
                return self._gradient(variable, body)
            case ("curvature", (variable, body)):
                return self._gradient(variable, Call("partial", (variable, body)))
            case ("jacobian", (variable, body)):
                return self._jacobian(variable, body)
            case ("isequal", (left, right)):
                return tensors.plus(self.value(left), -self.value(right))
            case ("entry", (whole, *indices)):
                return tensors.entry(self.value(whole), [self._index(index) for index in indices])
            case ("ln", (inner,)):
                return self.log(inner)
            case ("normal", _):
                return self.log(Call(function, tuple(arguments))).exp()
        values = list(map(self.value, arguments))
        if function in FUNCTIONS:
            return FUNCTIONS[function](*values)
        raise Unreadable(f"the function {function}")

    def _to_middle(self, one: Node, p: Node, q: Node) -> Tensor:
        """KL from a distribution to the mean of two."""

        def ratio() -> Tensor:
            return self.log(one) - torch.logaddexp(self.log(p), self.log(q)) + math.log(2)

        return self._expectation(one, ratio)


def largest(value: Tensor) -> float:
    return float(value.detach().max())


def mentioned(density: Density, model: Model) -> frozenset[str]:
    """All names on which a density may depend."""
    return _mentioned(density.tree) | (_of_functions(model) if _applies(density.tree) else frozenset())


def _of_functions(model: Model) -> frozenset[str]:
    trees = [tree for _, tree in model.functions.values()]
    trees += [density.tree for several in model.densities.values() for density in several]
    return frozenset().union(*map(_mentioned, trees))


@lru_cache(maxsize=4096)
def _mentioned(tree: Node) -> frozenset[str]:
    own = {tree.name, tree.name.partition("_")[2]} if isinstance(tree, Name | Apply) else set()
    return frozenset(own).union(*map(_mentioned, children(tree)))


@lru_cache(maxsize=4096)
def _applies(tree: Node) -> bool:
    return isinstance(tree, Apply) or any(map(_applies, children(tree)))


def _is_among(key: str, names: frozenset[str]) -> bool:
    return key in names or any(key.startswith(f"{name}_") for name in names)


def _fixed(states: Mapping[str, int]) -> dict[str, Tensor]:
    return {key: number(str(state)) for key, state in states.items()}
