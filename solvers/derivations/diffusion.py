"""What the derivations about diffusion models share: their names, and models of data with noise.

Data are one-dimensional in the models: x_0 is a datum, x_t is x_0 after noise was added up to time t, here t = 1.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import prod

from solvers.derivations.language import Call, Name, Node, density, mul, normal, num, sqrt
from solvers.derivations.models import Density, Model, Pick, equation, indexed

t = Name("t")
x_0, x_t = Name("x", (num(0),)), Name("x", (t,))
epsilon, theta = Name("epsilon"), Name("theta")
p, q = density("p"), density("q")
score = density("s_theta")

SCALES = (Fraction(1, 2), Fraction(2, 3), Fraction(3, 4), Fraction(3, 5), Fraction(4, 5))
"""What is left of a datum: such that its noise has a variance with a small denominator."""


def gaussian_data(pick: Pick) -> Model:
    """Gaussian data with Gaussian noise, and a quadratic score model: every expectation is rational."""
    return _gaussian(pick, noised(SCALES[pick(0, len(SCALES) - 1)]))


def rescaled_data(pick: Pick) -> Model:
    """Gaussian data whose kernel has any scale and any variance, as in variance-exploding diffusion."""
    return _gaussian(pick, normal(x_t, mul(num(Fraction(pick(2, 9), 4)), x_0), num(Fraction(pick(1, 9), 3))))


def _gaussian(pick: Pick, kernel: Call) -> Model:
    datum = normal(x_0, num(Fraction(pick(1, 4), 2)), num(Fraction(pick(1, 6), 2)))
    joint = Density(("x_0", "x_1"), mul(datum, kernel))
    given = (equation(p(x_0), datum), equation(p(x_t, given=x_0), kernel))
    return scored((joint,), Fraction(pick(1, 6), 4), given=given)


def two_clusters(pick: Pick) -> Model:
    """Data from two Gaussians: the marginal score has no closed form, and is integrated numerically."""
    k, kernel = Name("k"), noised(SCALES[pick(0, len(SCALES) - 1)])
    weight = Fraction(pick(1, 3), 4)
    datum = mul(Name("w", (k,)), normal(x_0, Name("c", (k,)), num(Fraction(pick(1, 3), 4))))
    densities = (Density(("x_1",), kernel, ("x_0",)), Density(("k", "x_0", "x_1"), mul(datum, kernel)))
    values = indexed("c", {0: -pick(1, 2), 1: pick(1, 2)}) | indexed("w", {0: weight, 1: 1 - weight})
    return scored(densities, Fraction(1, 2), values=values)


def noised(scale: Fraction) -> Call:
    """p(x_t | x_0) where data with variance 1 keep it."""
    return normal(x_t, mul(num(scale), x_0), num(1 - scale**2))


def scored(
    densities: tuple[Density, ...],
    parameter: Fraction,
    values: Mapping[str, Fraction | int] | None = None,
    given: tuple[Node, ...] = (),
) -> Model:
    """A model with the score s(x) = theta x^2 - x, and a second value of theta."""
    point = Name("x")
    return Model(
        values={"t": 1, "theta": parameter, **(values or {})},
        spaces={"x": None, "k": (0, 1)},
        densities={"p": densities},
        functions={"s_theta": (("x",), theta * point**2 - point)},
        second={"theta": parameter + 1},
        given=(*given, equation(score(x_t), theta * x_t**2 - x_t), equation(theta, parameter)),
    )


alpha_t, beta_t, bar_t = (Name(name, (t,)) for name in ("alpha", "beta", "alphabar"))
x_before, bar_before = Name("x", (t - 1,)), Name("alphabar", (t - 1,))

ROOTS = (Fraction(1, 2), Fraction(2, 3), Fraction(3, 4), Fraction(3, 5), Fraction(4, 5))
"""Square roots of alpha_t: such that means and variances of all steps are rational."""


def schedule(pick: Pick, steps: int) -> dict[str, Fraction | int]:
    """alpha, beta = 1 - alpha and the products of alpha for the steps from 1; the empty product is that of step 0."""
    kept = [ROOTS[pick(0, len(ROOTS) - 1)] ** 2 for _ in range(steps)]
    products = {step: prod(kept[:step]) for step in range(steps + 1)}
    return indexed("alpha", kept) | indexed("beta", [1 - share for share in kept]) | indexed("alphabar", products)


def forward(steps: int) -> tuple[Density, ...]:
    """q: each step, and all of them together given x_0."""
    parts = tuple(Density((f"x_{step}",), _step(step), (f"x_{step - 1}",)) for step in range(1, steps + 1))
    together = mul(*(part.tree for part in parts))
    return (*parts, Density(tuple(f"x_{step}" for step in range(1, steps + 1)), together, ("x_0",)))


def _step(step: int) -> Node:
    """q(x_t | x_{t-1}) = N(sqrt(alpha_t) x_{t-1}, beta_t)."""
    here, before, index = Name("x", (num(step),)), Name("x", (num(step - 1),)), (num(step),)
    return normal(here, sqrt(Name("alpha", index)) * before, Name("beta", index))


def listed(values: Mapping[str, Fraction | int], *names: str) -> tuple[Node, ...]:
    """Values as equations: ``alpha_2`` of ``values`` is alpha with index 2."""
    return tuple(equation(_named(name), values[name]) for name in names)


def _named(text: str) -> Name:
    stem, _, index = text.partition("_")
    return Name(stem, (num(int(index)),)) if index else Name(stem)
