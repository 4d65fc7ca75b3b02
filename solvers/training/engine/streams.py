"""Random numbers of training: a counter-based stream (Philox 4x64) for each purpose and seed.

The raw bits are NumPy's ``Philox.random_raw``, which is the same everywhere and in every version; uniform and normal
numbers are made of them here, as NumPy and torch promise neither. Everything is drawn on the CPU and copied, so that a
model meets the same numbers on every device and in every ensemble.
"""

from collections.abc import Sequence
from hashlib import blake2b
from math import prod

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

SCHEME = "philox-blake2b/1"


def philox(purpose: str, seed: int) -> np.random.Philox:
    """The stream of one purpose and one seed."""
    digest = blake2b(f"{seed}|{purpose}".encode(), digest_size=16).digest()
    return np.random.Philox(key=np.frombuffer(digest, dtype="<u8").astype(np.uint64))


class Streams:
    """The streams of S seeds. Every method gives an array with a leading axis of S, float64 or int64."""

    def __init__(self, seeds: Sequence[int]) -> None:
        self.seeds = tuple(seeds)

    def __len__(self) -> int:
        return len(self.seeds)

    def uniform(self, purpose: str, *shape: int) -> NDArray[np.float64]:
        """Uniform numbers in (0, 1), of 53 bits: never 0, never 1."""
        count = prod(shape)
        raw = np.stack([philox(purpose, seed).random_raw(count) for seed in self.seeds])
        return (((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53).reshape(len(self), *shape)

    def normal(self, purpose: str, *shape: int) -> NDArray[np.float64]:
        """Standard normal numbers, by the inverse of the distribution function."""
        found: NDArray[np.float64] = ndtri(self.uniform(purpose, *shape))
        return found

    def constant(self, value: float, *shape: int) -> NDArray[np.float64]:
        """One value everywhere, in the shape of what is drawn."""
        return np.full((len(self), *shape), value)

    def coarse(self, purpose: str, *shape: int) -> NDArray[np.uint16]:
        """Uniform integers in 0 … 65535, four from each draw: for masks, of which many are needed."""
        count = prod(shape)
        raw = np.stack([philox(purpose, seed).random_raw(-(-count // 4)) for seed in self.seeds])
        return raw.astype("<u8").view("<u2")[:, :count].astype(np.uint16).reshape(len(self), *shape)

    def below(self, n: int, purpose: str, *shape: int) -> NDArray[np.int64]:
        """Uniform integers in 0 … n - 1."""
        return (self.uniform(purpose, *shape) * n).astype(np.int64)

    def order(self, n: int, purpose: str, times: int = 1) -> NDArray[np.int64]:
        """``times`` orders of n things, as (S, times, n)."""
        return np.argsort(self.uniform(purpose, times, n), axis=-1, kind="stable")

    def batches(self, n: int, size: int, steps: int, purpose: str = "batches") -> NDArray[np.int64]:
        """Indices of minibatches, (S, steps, size): epochs in random order, the rest that fills no batch left out."""
        if not 0 < size <= n:
            raise ValueError(f"a batch of {size} cannot be taken from {n} examples")
        each = n // size
        epochs = -(-steps // each)
        chosen = self.order(n, purpose, epochs)[:, :, : each * size]
        return chosen.reshape(len(self), epochs * each, size)[:, :steps]
