"""Random numbers are what they were, on every machine: raw bits by a second implementation, the rest pinned."""

import subprocess
import sys
from hashlib import blake2b, sha256
from pathlib import Path
from statistics import fmean, pstdev
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from solvers.training.engine.feeds import BLOCK, Masks, Minibatches, Noise
from solvers.training.engine.run import Run
from solvers.training.engine.streams import Streams, philox

WORD = (1 << 64) - 1


def philox4x64(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Ten rounds, as Salmon et al. (2011) write them."""
    a, b, c, d = counter
    left, right = key
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * a, 0xCA5A826395121157 * c
        a, b, c, d = second >> 64 ^ b ^ left, second & WORD, first >> 64 ^ d ^ right, first & WORD
        left, right = left + 0x9E3779B97F4A7C15 & WORD, right + 0xBB67AE8584CAA73B & WORD
    return a, b, c, d


def test_the_second_implementation_gives_the_published_answer() -> None:
    known = (0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B)
    assert philox4x64((0, 0, 0, 0), (0, 0)) == known


@pytest.mark.parametrize(("purpose", "seed"), [("w1", 0), ("batches", 1000), ("Rauschen ü", 2**40 + 7)])
def test_raw_bits(purpose: str, seed: int) -> None:
    """Blocks 1, 2, 3 … of the stream whose key is the digest of seed and purpose."""
    digest = blake2b(f"{seed}|{purpose}".encode(), digest_size=16).digest()
    key = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
    expected = [word for block in (1, 2, 3) for word in philox4x64((block, 0, 0, 0), key)]
    assert philox(purpose, seed).random_raw(12).tolist() == expected
    uniform = Streams([seed]).uniform(purpose, 3, 4)
    assert uniform.flatten().tolist() == [((word >> 11) + 0.5) / 2**53 for word in expected]
    coarse = Streams([seed]).coarse(purpose, 47)
    assert coarse[0].tolist() == [word >> shift & 0xFFFF for word in expected for shift in (0, 16, 32, 48)][:47]


def digest(values: NDArray[Any]) -> str:
    return sha256(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes()).hexdigest()[:16]


def test_what_is_made_of_them_is_pinned() -> None:
    """Normal numbers rounded to float32, as an ensemble uses them; a change here changes every record."""
    streams = Streams((3, 1000))
    found = {
        "uniform": digest(streams.uniform("pinned", 7, 11)),
        "normal": digest(streams.normal("pinned", 7, 11).astype(np.float32)),
        "below": digest(streams.below(10, "pinned", 7, 11)),
        "order": digest(streams.order(13, "pinned", 3)),
        "batches": digest(streams.batches(13, 5, 7)),
        "coarse": digest(streams.coarse("pinned", 7, 11)),
    }
    assert found == PINNED


PINNED = {
    "uniform": "7d3cf944f77f0edb",
    "normal": "a435d5fe143d1425",
    "below": "f8dcaf0efb1335ea",
    "order": "dd510de67baa72a4",
    "batches": "628c3884667d2828",
    "coarse": "dcee2e11c56b2add",
}


def test_normal_numbers_have_the_law() -> None:
    """Moments within five standard errors of 20 000 numbers, and never infinite."""
    found = Streams(range(20)).normal("law", 1000)
    assert abs(fmean(found.flatten())) < 5 / 20_000**0.5
    assert abs(pstdev(found.flatten()) - 1) < 5 / 40_000**0.5
    assert np.isfinite(found).all()


def test_a_seed_has_its_numbers_whichever_others_there_are() -> None:
    together, alone = Streams((5, 3, 11)), Streams((3,))
    assert np.array_equal(together.normal("w", 7)[1], alone.normal("w", 7)[0])
    assert np.array_equal(together.batches(13, 5, 7)[1], alone.batches(13, 5, 7)[0])
    assert not np.array_equal(together.uniform("w", 7)[0], together.uniform("w", 7)[1])
    assert not np.array_equal(alone.uniform("w", 7), alone.uniform("v", 7))


def test_minibatches_are_epochs() -> None:
    found = Streams((1, 2)).batches(13, 4, 7)
    assert found.shape == (2, 7, 4)
    for seed in found:
        for epoch in (seed[:3], seed[3:6]):
            assert len(set(epoch.flatten().tolist())) == 12
    with pytest.raises(ValueError, match="a batch of 14 cannot be taken from 13 examples"):
        Streams((1,)).batches(13, 14, 1)


def test_feeds_do_not_depend_on_the_order_in_which_steps_are_asked_for() -> None:
    run = Run((2, 3))
    x, y = run.streams.normal("x", 13, 3), run.streams.below(5, "y", 13)

    def feeds() -> list[Minibatches | Masks | Noise]:
        return [
            Minibatches(run, 2, x, y, 5, 3 * BLOCK),
            Masks(run, run.per_arm((0.25, 0.5)), 5, (3, 2)),
            Noise(run, 2, (7,)),
        ]

    def fed(feed: Minibatches | Masks | Noise, step: int) -> torch.Tensor:
        return torch.cat([part.flatten() for part in feed(step)])

    for first, second in zip(feeds(), feeds(), strict=True):
        expected = {step: fed(first, step) for step in range(2 * BLOCK + 3)}
        for step in (BLOCK + 2, 0, 2 * BLOCK, 3, BLOCK - 1):
            assert torch.equal(fed(second, step), expected[step])


def test_arms_of_one_seed_are_fed_alike() -> None:
    run = Run((2, 3))
    x, y = run.streams.normal("x", 13, 3), run.streams.below(5, "y", 13)
    inputs, labels = Minibatches(run, 2, x, y, 5, 3)(1)
    assert torch.equal(inputs[:2], inputs[2:])
    assert torch.equal(labels[:2], labels[2:])
    rows = run.streams.batches(13, 5, 3)[:, 1]
    assert np.array_equal(labels[:2].numpy(), np.take_along_axis(y, rows, 1))
    own = np.concatenate([x, -x])
    assert torch.equal(Minibatches(run, 2, own, np.concatenate([y, y]), 5, 3)(1)[0][2:], -inputs[:2])


def test_masks_drop_what_their_rates_say() -> None:
    run = Run(tuple(range(50)))
    masks = Masks(run, run.per_arm((0.0, 0.25)), 20, (10, 4))(0)
    assert [mask.shape for mask in masks] == [(100, 20, 10), (100, 20, 4)]
    assert all((mask[:50] == 1).all() for mask in masks)
    kept = torch.cat([mask[50:].flatten() for mask in masks])
    assert set(kept.tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert abs((kept == 0).float().mean().item() - 0.25) < 5 * (0.25 * 0.75 / len(kept)) ** 0.5


def test_another_process_gives_the_same_bits() -> None:
    script = "from tests.training import test_streams as t; t.test_what_is_made_of_them_is_pinned()"
    subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=True)
