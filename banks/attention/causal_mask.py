"""What a causal mask hides, and one masked row after the softmax, from logarithmic scores or from unmasked weights.

Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.3: the mask adds -infinity to the scores of later positions
before the softmax. Positions count from 1; a position attends to itself.
"""

from fractions import Fraction

from quizgen.family import Family, Parameters, answer, choice, ints, vectors
from solvers import attention, oracles
from solvers.attention import MaskedRow, Vector

family = Family(
    level=2,
    version=1,
    minutes=4,
    answers={
        "hidden": answer.Set("hidden"),
        "zeros": answer.Integer("zeros"),
        "row": answer.Vector("weights", weight=2),
    },
)


@family.parameters
class Params(Parameters):
    given: str = choice("scores", "weights", radical=True)  # the row before the mask: ln(odds), or odds / sum(odds)
    n: int = ints(4, 6, radical=True)  # tokens
    i: int = ints(2, lambda q: q.n - 1)  # the row asked, from 1
    odds: Vector = vectors(lambda q: q.n, 1, 5)

    def valid(self) -> bool:
        """At least three different numbers stand in the row, and at least two among the visible ones."""
        return len(set(self.odds)) > 2 and len(set(self.odds[: self.i])) > 1


@family.solve
def solve(q: Params) -> MaskedRow:
    return attention.masked_row(q.odds, q.i)


@family.misconception
def hides_the_diagonal(q: Params) -> MaskedRow:
    return attention.masked_row(q.odds, q.i, ahead=-1)


@family.misconception
def looks_ahead(q: Params) -> MaskedRow:
    mirrored = attention.masked_row(q.odds[::-1], q.n + 1 - q.i)
    hidden = tuple(range(1, q.i))
    return MaskedRow(hidden, mirrored.zeros, mirrored.kept, mirrored.weights[::-1])


@family.misconception
def sees_the_next_position(q: Params) -> MaskedRow:
    return attention.masked_row(q.odds, q.i, ahead=1)


@family.misconception
def masks_after_the_softmax(q: Params) -> dict[str, object]:
    visible = q.odds[: q.i] + (0,) * (q.n - q.i)
    return {"row": tuple(Fraction(m, sum(q.odds)) for m in visible)}


@family.misconception
def multiplies_scores_by_zero(q: Params) -> dict[str, object] | None:
    if q.given == "weights":
        return None
    odds = q.odds[: q.i] + (1,) * (q.n - q.i)  # a score of 0 counts as much as ln 1
    return {"row": attention.masked_row(odds, q.n).weights}


@family.misconception
def shares_the_hidden_weight_equally(q: Params) -> dict[str, object] | None:
    if q.given == "scores":
        return None
    gift = Fraction(sum(q.odds[q.i :]), q.i)
    return {"row": tuple((m + gift) / sum(q.odds) for m in q.odds[: q.i]) + (Fraction(0),) * (q.n - q.i)}


@family.misconception
def counts_this_row_alone(q: Params) -> dict[str, object]:
    return {"zeros": q.n - q.i}


@family.misconception
def counts_both_triangles(q: Params) -> dict[str, object]:
    return {"zeros": q.n * (q.n - 1)}


@family.law
def torch_agrees(q: Params, t: MaskedRow) -> None:
    weights = oracles.attention.causal_weights(q.odds)
    assert oracles.agreement.agrees(t.weights, weights[q.i - 1])
    assert t.hidden == oracles.attention.zero_positions(weights[q.i - 1])
    assert t.zeros == len(oracles.attention.zero_positions(weights.flatten()))


@family.law
def visible_weights_are_shares(q: Params, t: MaskedRow) -> None:
    assert sum(t.weights) == 1
    assert all(w * t.kept == m for w, m in zip(t.weights[: q.i], q.odds[: q.i], strict=True))
