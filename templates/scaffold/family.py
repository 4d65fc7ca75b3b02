"""Output of a neuron with two inputs and no activation.

Source: y = w x + b, the affine map of torch.nn.Linear with one output.
"""

from dataclasses import dataclass

from quizgen.family import Family, Parameters, answer, choice, vectors

family = Family(level=1, version=1, minutes=2, calculator=False, answers={"y": answer.Integer("y")})


@family.parameters
class Params(Parameters):
    w: tuple[int, ...] = vectors(2, 1, 5)  # weights
    x: tuple[int, ...] = vectors(2, -5, 5)  # inputs
    b: int = choice(-4, -3, -2, -1, 1, 2, 3, 4)  # bias

    def valid(self) -> bool:
        """The two weights differ, and so do the two inputs, neither of which is 0."""
        return self.w[0] != self.w[1] and self.x[0] != self.x[1] and 0 not in self.x


@dataclass(frozen=True, slots=True)
class Neuron:
    """Every step of the solution: what each input contributes, and the output."""

    products: tuple[int, ...]
    y: int


def neuron(w: tuple[int, ...], x: tuple[int, ...], b: int) -> Neuron:
    """The solver. One that other families share belongs in ``solvers``."""
    products = tuple(weight * value for weight, value in zip(w, x, strict=True))
    return Neuron(products, sum(products) + b)


@family.solve
def solve(q: Params) -> Neuron:
    return neuron(q.w, q.x, q.b)


@family.misconception
def forgets_the_bias(q: Params) -> Neuron:
    return neuron(q.w, q.x, 0)


@family.misconception
def subtracts_the_bias(q: Params) -> Neuron:
    return neuron(q.w, q.x, -q.b)


@family.misconception
def crosses_the_weights(q: Params) -> Neuron:
    return neuron(q.w[::-1], q.x, q.b)


@family.misconception
def adds_weights_and_inputs(q: Params) -> int:
    return sum(q.w) + sum(q.x) + q.b


@family.evidence
def adding_again_and_again_agrees(q: Params, t: Neuron) -> None:
    """Computes the answer by other means than ``solve``; with an oracle, such means stand in ``solvers.oracles``."""
    output = q.b
    for weight, value, product in zip(q.w, q.x, t.products, strict=True):
        added = 0
        for _ in range(weight):
            added += value
            output += value
        assert product == added
    assert t.y == output
