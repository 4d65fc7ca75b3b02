"""Attention of one token without scale and softmax, where query, key and value of a token are the same projection.

Source: Katharopoulos et al. 2020, arXiv:2006.16236, section 3.2, with the identity as feature map and no normaliser.
Tokens are column vectors, W stands on the left.
"""

from quizgen.family import Family, Parameters, answer, ints, matrices
from solvers import attention, oracles
from solvers.attention import Matrix, Unscaled

family = Family(
    level=4,
    version=1,
    minutes=6,
    answers={"scores": answer.Vector("scores"), "output": answer.Vector("output", after=("scores",))},
)


@family.parameters
class Params(Parameters):
    n: int = ints(3, 4, radical=True)  # tokens
    i: int = ints(1, lambda q: q.n)  # the token whose output is asked, from 1
    weight: Matrix = matrices(3, 3, 0, 1)  # W
    tokens: Matrix = matrices(lambda q: q.n, 3, -1, 1)  # row j is a_j

    def valid(self) -> bool:
        """W is not symmetric, its rows differ and are not zero; the tokens differ, and W sends none of them to zero."""
        rows = set(self.weight)
        if self.weight == attention.transposed(self.weight) or len(rows) < 3 or not all(map(any, rows)):
            return False
        return len(set(self.tokens)) == self.n and all(any(attention.times(self.weight, a)) for a in self.tokens)


@family.solve
def solve(q: Params) -> Unscaled:
    return attention.unscaled(q.weight, q.tokens, q.i)


@family.misconception
def transposes_the_weights(q: Params) -> Unscaled:
    return attention.unscaled(attention.transposed(q.weight), q.tokens, q.i)


@family.misconception
def scores_the_raw_tokens(q: Params) -> Unscaled:
    values = solve(q).values
    scores = attention.times(q.tokens, q.tokens[q.i - 1])
    return Unscaled(values, scores, attention.weighted_sum(scores, values))


@family.misconception
def sums_the_raw_tokens(q: Params) -> dict[str, object]:
    return {"output": attention.weighted_sum(solve(q).scores, q.tokens)}


@family.misconception
def leaves_itself_out(q: Params) -> Unscaled:
    t = solve(q)
    scores = tuple(0 if j == q.i else score for j, score in enumerate(t.scores, 1))
    return Unscaled(t.values, scores, attention.weighted_sum(scores, t.values))


@family.misconception
def weights_the_query(q: Params) -> dict[str, object]:
    t = solve(q)
    return {"output": tuple(sum(t.scores) * x for x in t.values[q.i - 1])}


@family.follows
def output(q: Params, scores: attention.Vector) -> attention.Vector:
    return attention.weighted_sum(scores, solve(q).values)


@family.law
def torch_agrees(q: Params, t: Unscaled) -> None:
    assert oracles.agreement.agrees(t.values, oracles.attention.projected(q.weight, q.tokens))
    assert oracles.agreement.agrees(t.scores, oracles.attention.unscaled_scores(q.weight, q.tokens, q.i))


@family.law
def the_regrouped_sum_agrees(q: Params, t: Unscaled) -> None:
    assert oracles.agreement.agrees(t.output, oracles.attention.unscaled_output(q.weight, q.tokens, q.i))
