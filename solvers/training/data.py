"""Data that needs no network: what ships with scikit-learn, and synthetic data whose law is stated.

Every seed has its own examples, so that a claim is about the data's law and not about one sample of it.
"""

from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from solvers.training.streams import Streams

Arrays = tuple[NDArray[np.float64], NDArray[np.int64]]

SHIPPED = ("breast_cancer", "digits", "iris", "wine")


@lru_cache
def shipped(name: str) -> Arrays:
    """One of scikit-learn's data sets: examples (n, features), labels (n). Digits are 8 x 8 pixels in 0 … 1."""
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    x = found.data.astype(np.float64)
    return (x / 16 if name == "digits" else (x - x.mean(0)) / x.std(0)), found.target.astype(np.int64)


def digest(name: str) -> str:
    """The hash of a data set's numbers, by which a record knows that it is still the same data."""
    x, y = shipped(name)
    return sha256(x.astype("<f8").tobytes() + y.astype("<i8").tobytes()).hexdigest()


def split(streams: Streams, name: str, train: int, test: int = 0) -> tuple[Arrays, Arrays]:
    """For every seed other examples to train with, (S, train, …), and to test with, (S, test, …)."""
    x, y = shipped(name)
    order = streams.order(len(y), f"split {name}")[:, 0]
    return tuple((x[chosen], y[chosen]) for chosen in (order[:, :train], order[:, train : train + test]))  # type: ignore[return-value]
