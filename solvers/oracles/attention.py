"""Attention by torch: its own layers in float64, shapes from layers that hold no data (device "meta")."""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import MultiheadAttention
from torch.nn.functional import linear, scaled_dot_product_attention

Rows = Sequence[Sequence[int]]


def _tensor(rows: Sequence[object]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def projected(weight: Rows, tokens: Rows) -> Tensor:
    """W a_j for every token, n x d, by a linear layer whose weight is W."""
    return linear(_tensor(tokens), _tensor(weight))


def unscaled_scores(weight: Rows, tokens: Rows, query: int) -> Tensor:
    """Row ``query`` (from 1) of the Gram matrix A^T W^T W A."""
    a, w = _tensor(tokens).T, _tensor(weight)
    return (a.T @ (w.T @ w) @ a)[query - 1]


def unscaled_output(weight: Rows, tokens: Rows, query: int) -> Tensor:
    """The same output regrouped: (sum_j v_j k_j^T) q, one d x d matrix for all queries (Katharopoulos et al. 2020)."""
    v = projected(weight, tokens)
    return torch.einsum("jd,je->de", v, v) @ v[query - 1]


def softmax_weights(query: Sequence[float], keys: Rows) -> Tensor:
    """Weights of torch's attention for one query: the values are unit vectors, so the output is the weights."""
    return softmax_output(query, keys, torch.eye(len(keys), dtype=torch.float64).tolist())


def softmax_output(query: Sequence[float], keys: Rows, values: Sequence[Sequence[float]]) -> Tensor:
    """Output of torch's scaled dot-product attention for one query; its scale is 1/sqrt(d_k) by default."""
    return scaled_dot_product_attention(_tensor([query]), _tensor(keys), _tensor(values))[0]


def products(query: Sequence[float], keys: Rows) -> Tensor:
    """q . k_j for every key."""
    return _tensor(keys) @ _tensor(query)


def exponentials(query: Sequence[float], keys: Rows) -> Tensor:
    """exp(q . k_j / sqrt(d_k)) for every key."""
    scaled: Tensor = products(query, keys) / len(query) ** 0.5
    return scaled.exp()


def log_query(ratios: Sequence[int]) -> list[float]:
    """The query with entries sqrt(d_k) ln(ratio)."""
    entries: list[float] = (_tensor(ratios).log() * len(ratios) ** 0.5).tolist()
    return entries


def causal_weights(odds: Sequence[int]) -> Tensor:
    """n x n causal attention weights where every row has the scores ln(odds): keys and values are unit vectors."""
    unit = torch.eye(len(odds), dtype=torch.float64)
    scores = _tensor(odds).log().expand(len(odds), -1)
    return scaled_dot_product_attention(scores, unit, unit, is_causal=True, scale=1.0)


def zero_positions(row: Tensor) -> tuple[int, ...]:
    """Positions, counted from 1, of the entries of ``row`` that are exactly 0."""
    return tuple((j + 1) for j in (row == 0).nonzero().flatten().tolist())


def head_projection_shape(d: int, h: int) -> tuple[int, int]:
    """Rows and columns of W_i^Q: torch stacks the transposes of all heads into in_proj_weight (3d x d)."""
    queries = _layer(d, h, bias=False).in_proj_weight.chunk(3)[0]
    rows, columns = queries.chunk(h)[0].T.shape
    return rows, columns


def head_weights_shape(n: int, d: int, h: int) -> tuple[int, int]:
    """Rows and columns of one head's attention weights, from running the layer on n tokens."""
    x = torch.empty(1, n, d, device="meta")
    weights = _layer(d, h, bias=True)(x, x, x, average_attn_weights=False)[1]
    heads, rows, columns = weights.shape[1:]
    assert heads == h
    return rows, columns


def multi_head_parameters(d: int, h: int, bias: bool) -> int:
    """Entries of all parameters of torch's multi-head attention layer."""
    return sum(p.numel() for p in _layer(d, h, bias).parameters())


@lru_cache(maxsize=8)
def _layer(d: int, h: int, bias: bool) -> MultiheadAttention:
    return MultiheadAttention(d, h, bias=bias, batch_first=True, device="meta")


def score_terms(n: int, d: int) -> tuple[int, int]:
    """Scores in Q K^T, and products q_it k_jt before they are summed over t: the size of the broadcast product."""
    q, k = torch.empty(n, 1, d, device="meta"), torch.empty(1, n, d, device="meta")
    products = q * k
    return products.sum(-1).numel(), products.numel()
