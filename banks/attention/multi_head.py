"""Multi-head self-attention: shapes inside one head, and parameters without and with biases.

Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2, with d_k = d_v = d / h and tokens as rows; biases as in
torch.nn.MultiheadAttention, one vector for each of the projections to queries, keys, values and the output.
"""

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import attention, oracles
from solvers.attention import MultiHead

family = Family(
    level=3,
    version=1,
    minutes=5,
    answers={
        "projection": answer.Vector("projection"),
        "weights": answer.Vector("weights"),
        "plain": answer.Integer("plain"),
        "full": answer.Integer("full", after=("plain",)),
    },
)


@family.parameters
class Params(Parameters):
    d: int = choice(12, 16, 20, 24, 30, 32, 36, 40, 48, 50, 60, 64, 72, 80, 90, 96, 100, 120, 128)  # width of the model
    h: int = choice(lambda q: [h for h in (2, 3, 4, 5, 6, 8, 10, 12) if q.d % h == 0 and h * h != q.d])  # heads
    n: int = ints(6, 48)  # tokens

    def valid(self) -> bool:
        """n differs from d and from d / h, the width of one head."""
        return self.n not in (self.d, self.d // self.h)


@family.solve
def solve(q: Params) -> MultiHead:
    return attention.multi_head(q.n, q.d, q.h)


@family.misconception
def gives_every_head_the_full_width(q: Params) -> MultiHead:
    return attention.multi_head(q.n, q.d, q.h, width=q.d)


@family.misconception
def forgets_the_output_projection(q: Params) -> dict[str, object]:
    return {"plain": 3 * q.d**2, "full": 3 * q.d**2 + 3 * q.d}


@family.misconception
def counts_an_output_projection_per_head(q: Params) -> dict[str, object]:
    plain, bias = (3 + q.h) * q.d**2, (3 + q.h) * q.d
    return {"plain": plain, "full": plain + bias}


@family.misconception
def counts_one_head(q: Params) -> MultiHead:
    return attention.multi_head(q.n, q.d, 1, width=q.d // q.h)


@family.misconception
def one_number_per_bias(q: Params) -> dict[str, object]:
    return {"full": solve(q).plain + 3 * q.h + 1}


@family.misconception
def multiplies_from_the_left(q: Params) -> dict[str, object]:
    return {"projection": (q.d // q.h, q.d), "weights": (q.d // q.h, q.d // q.h)}


@family.misconception
def answers_for_the_queries(q: Params) -> dict[str, object]:
    return {"projection": (q.n, q.d // q.h), "weights": (q.n, q.d // q.h)}


@family.misconception
def splits_the_tokens(q: Params) -> dict[str, object] | None:
    return {"weights": (q.n // q.h, q.n // q.h)} if q.n % q.h == 0 else None


@family.misconception
def attends_over_the_features(q: Params) -> dict[str, object]:
    return {"weights": (q.d, q.d)}


@family.follows
def full(q: Params, plain: int) -> int:
    return plain + solve(q).bias


@family.law
def torch_agrees(q: Params, t: MultiHead) -> None:
    assert t.projection == oracles.attention.head_projection_shape(q.d, q.h)
    assert t.weights == oracles.attention.head_weights_shape(q.n, q.d, q.h)
    assert t.plain == oracles.attention.multi_head_parameters(q.d, q.h, bias=False)
    assert t.full == oracles.attention.multi_head_parameters(q.d, q.h, bias=True)


@family.law
def parts_add_up(q: Params, t: MultiHead) -> None:
    assert t.width * q.h == q.d
    assert t.plain + t.bias == t.full
