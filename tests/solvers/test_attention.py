"""Attention: a slide's numbers, hand-computed rows, torch's layers and its own count of operations."""

from decimal import Decimal
from fractions import Fraction as F

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from solvers import attention, oracles

SLIDE = ((1, 0, 0), (0, 1, 1), (1, 0, 1))
TOKENS = ((1, 0, 1), (0, 1, 1), (0, 1, 1), (0, 1, 1))


def test_unscaled_attention_gives_the_numbers_of_the_slide() -> None:
    t = attention.unscaled(SLIDE, TOKENS, query=2)
    assert t.values == ((1, 1, 2), (0, 2, 1), (0, 2, 1), (0, 2, 1))
    assert (t.scores, t.output) == ((4, 5, 5, 5), (4, 34, 23))


def test_unscaled_attention_multiplies_tokens_by_w_from_the_left() -> None:
    weight, tokens = ((1, 2, -1), (0, 1, 3)), ((1, 0, 2), (2, 1, 1), (0, -1, 1), (3, 0, 0), (1, 1, 1))
    t = attention.unscaled(weight, tokens, query=5)
    assert oracles.agreement.agrees(t.values, oracles.attention.projected(weight, tokens))
    assert oracles.agreement.agrees(t.scores, oracles.attention.unscaled_scores(weight, tokens, 5))
    assert oracles.agreement.agrees(t.output, oracles.attention.unscaled_output(weight, tokens, 5))


def test_logits_that_are_logarithms_give_rational_weights() -> None:
    ratios, keys, values = (2, 1, 3, 2), ((1, 2, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)), ((6, 0), (0, 6), (3, 3))
    t = attention.from_odds(attention.odds_of(ratios, keys), values)
    assert (t.odds, t.total, t.weights) == ((2, 1, 3), 6, (F(1, 3), F(1, 6), F(1, 2)))
    assert t.output == (F(7, 2), F(5, 2))
    query = oracles.attention.log_query(ratios)
    assert oracles.agreement.agrees(t.output, oracles.attention.softmax_output(query, keys, values))


def test_decimal_attention_scales_by_the_root_of_the_width_and_rounds_once() -> None:
    query, keys, values = (1, 2, -1), ((1, 0, 1), (2, 1, 0), (0, 1, 1), (1, 1, -1), (0, 0, 2)), (*[(1, 2)] * 4, (7, 0))
    t = attention.scaled(query, keys, values)
    assert t.scores == (0, 4, 1, 4, -2)
    assert t.powers[1] == Decimal("10.06839")  # exp(4 / sqrt 3)
    assert oracles.agreement.agrees(t.weights, oracles.attention.softmax_weights(query, keys))
    assert oracles.agreement.agrees(t.output, oracles.attention.softmax_output(query, keys, values))
    assert attention.scaled(query, keys, values, Decimal(1)).weights[1] > t.weights[1]


def test_a_causal_row_is_the_renormalised_softmax_row() -> None:
    t = attention.masked_row((2, 1, 3, 4, 2), row=3)
    assert t.weights == (F(1, 3), F(1, 6), F(1, 2), F(0), F(0))
    assert (t.hidden, t.zeros, t.kept) == ((4, 5), 10, 6)
    assert oracles.agreement.agrees(t.weights, oracles.attention.causal_weights((2, 1, 3, 4, 2))[2])


def test_multi_head_parameters_are_those_of_the_transformer() -> None:
    t = attention.multi_head(n=11, d=512, h=8)
    assert (t.projection, t.weights) == ((512, 64), (11, 11))
    assert (t.plain, t.full) == (4 * 512**2, 4 * 512**2 + 4 * 512)


@pytest.mark.parametrize(("n", "d", "h"), [(11, 35, 7), (3, 26, 13)])
def test_multi_head_shapes_are_those_of_torch(n: int, d: int, h: int) -> None:
    t = attention.multi_head(n, d, h)
    assert t.projection == oracles.attention.head_projection_shape(d, h)
    assert t.weights == oracles.attention.head_weights_shape(n, d, h)
    assert t.plain == oracles.attention.multi_head_parameters(d, h, bias=False)
    assert t.full == oracles.attention.multi_head_parameters(d, h, bias=True)


def test_score_cost_is_half_of_the_operations_torch_counts() -> None:
    with FlopCounterMode(display=False) as counter:  # counts a multiplication and an addition for every term
        torch.empty(13, 7, device="meta") @ torch.empty(7, 13, device="meta")
    t = attention.score_cost(13, 7, longer=3, wider=5)
    assert t.cost * 2 == counter.get_total_flops()
    assert (t.pairs, t.cost) == oracles.attention.score_terms(13, 7)
    assert attention.score_cost(13 * 3, 7 * 5, 1, 1).cost == t.growth * t.cost
