"""Self-attention without positions is equivariant to permutations of the tokens: Att(P X) = P Att(X).

Source: Lee et al. 2019, arXiv:1810.00825, section 3.1, property 1. Tokens are rows; the softmax is taken over each row,
that is over the keys. One head without mask; S holds the scaled logits of X.
"""

from collections.abc import Sequence
from fractions import Fraction

from quizgen.expr import Grid
from solvers.derivations.language import Call, Node, density, equal, mul, names, num, sqrt
from solvers.derivations.lines import Derivation, Flaw, Line
from solvers.derivations.models import Model, Pick, equation

P, S, X, d_k, W_Q, W_K, W_V, eye = names("P S X d_k W_Q W_K W_V I")
attention = density("Att")

Rows = Sequence[Sequence[Fraction | int]]


def three_tokens(pick: Pick) -> Model:
    """Three tokens with two features, one output and small whole weights; the permutation is one of both cycles."""
    order = ((1, 2, 0), (2, 0, 1))[pick(0, 1)]
    tokens, queries, keys = ([[pick(-1, 1) for _ in "12"] for _ in range(rows)] for rows in (3, 2, 2))
    return head(order, tokens, queries, keys, [[pick(1, 3)], [pick(-3, -1)]])


def four_tokens(pick: Pick) -> Model:
    """Four tokens with two features and weights that are fractions."""
    order = ((1, 2, 3, 0), (2, 3, 1, 0), (0, 2, 3, 1))[pick(0, 2)]
    return head(order, *([[Fraction(pick(-5, 5), 4) for _ in "12"] for _ in range(rows)] for rows in (4, 2, 2, 2)))


def head(order: Sequence[int], tokens: Rows, queries: Rows, keys: Rows, outputs: Rows) -> Model:
    """A head with its weights, and tokens that are put in another order."""
    places = range(len(order))
    permutation = matrix([[int(order[row] == column) for column in places] for row in places])
    shown = {P: permutation, X: matrix(tokens), W_Q: matrix(queries), W_K: matrix(keys), W_V: matrix(outputs)}
    return Model(
        values={
            **{name.name: tree for name, tree in shown.items()},
            "I": matrix([[int(row == column) for column in places] for row in places]),
            "S": logits(mul(X, W_Q), mul(X, W_K)),
            "d_k": 2,
        },
        functions={"Att": (("X",), attended(X))},
        given=(*(equation(name, tree) for name, tree in shown.items()), equation(d_k, 2)),
    )


def matrix(rows: Rows) -> Node:
    """A matrix."""
    return Grid(tuple(tuple(map(num, row)) for row in rows))


def transposed(tree: Node) -> Node:
    """The transpose."""
    return Call("transpose", (tree,))


def softmax(tree: Node) -> Node:
    """The softmax of each row."""
    return Call("softmax", (tree,))


def logits(queries: Node, keys: Node) -> Node:
    """The scaled inner products of queries and keys."""
    return mul(queries, transposed(keys)) / sqrt(d_k)


def attended(tokens: Node) -> Node:
    """Self-attention over the rows of a matrix."""
    return mul(softmax(logits(mul(tokens, W_Q), mul(tokens, W_K))), tokens, W_V)


back = transposed(P)
rows_only = softmax(mul(P, S))
moved = softmax(mul(P, S, back))

DERIVATION = Derivation(
    name="attention_equivariance",
    lines=(
        Line("permuted", attention(mul(P, X)), "start"),
        Line(
            "definition",
            mul(softmax(logits(mul(P, X, W_Q), mul(P, X, W_K))), P, X, W_V),
            reason="definition_of_attention",
        ),
        Line("logits", mul(moved, P, X, W_V), reason="transpose_of_a_product"),
        Line("softmax", equal(moved, mul(P, softmax(S), back)), "holds", reason="softmax_of_permuted_rows"),
        Line("orthogonal", equal(mul(back, P), eye), "holds", reason="inverse_permutation"),
        Line("inserted", mul(P, softmax(S), back, P, X, W_V), reason="insert_the_softmax", needs=("logits", "softmax")),
        Line("cancelled", mul(P, softmax(S), X, W_V), reason="cancel", needs=("inserted", "orthogonal")),
        Line("result", mul(P, attention(X)), reason="recognise_the_attention"),
    ),
    flaws=(
        Flaw("forgets_the_keys", "definition", mul(softmax(logits(mul(P, X, W_Q), mul(X, W_K))), P, X, W_V)),
        Flaw("forgets_the_values", "definition", mul(softmax(logits(mul(P, X, W_Q), mul(P, X, W_K))), X, W_V)),
        Flaw("forgets_the_queries", "definition", mul(softmax(logits(mul(X, W_Q), mul(P, X, W_K))), P, X, W_V)),
        Flaw("permutes_rows_only", "logits", mul(rows_only, P, X, W_V)),
        Flaw("forgets_the_transpose", "logits", mul(softmax(mul(P, S, P)), P, X, W_V)),
        Flaw("transposes_the_wrong_side", "logits", mul(softmax(mul(back, S, P)), P, X, W_V)),
        Flaw("ignores_the_columns", "softmax", equal(moved, mul(P, softmax(S)))),
        Flaw("ignores_the_permutation", "softmax", equal(moved, softmax(S))),
        Flaw("exchanges_the_sides", "softmax", equal(moved, mul(back, softmax(S), P))),
        Flaw("takes_it_for_its_own_inverse", "orthogonal", equal(mul(P, P), eye)),
        Flaw("absorbs_the_permutation", "orthogonal", equal(mul(back, P), P)),
        Flaw("cancels_the_wrong_pair", "cancelled", mul(softmax(S), P, X, W_V)),
        Flaw("keeps_one_permutation_too_many", "cancelled", mul(P, softmax(S), P, X, W_V)),
        Flaw("claims_invariance", "result", attention(X)),
        Flaw("inverts_the_permutation", "result", mul(back, attention(X))),
        Flaw("permutes_twice", "result", mul(P, attention(mul(P, X)))),
    ),
    worlds=(three_tokens, four_tokens),
)
