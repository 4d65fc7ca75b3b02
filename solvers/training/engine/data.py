"""Data that needs no network: what ships with scikit-learn, and synthetic data whose law is stated.

Every seed has its own examples, so that a claim is about the data's law and not about one sample of it. Synthetic
examples are drawn from the stream of a ``purpose``: training and test data take two.
"""

from functools import lru_cache
from hashlib import sha256
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvers.training.engine.streams import Streams

Arrays = tuple[NDArray[np.float64], NDArray[np.int64]]
Tokens = tuple[NDArray[np.int64], NDArray[np.int64]]

SHIPPED = ("breast_cancer", "digits", "iris", "wine")


@lru_cache
def raw(name: str) -> Arrays:
    """One of scikit-learn's data sets, as it ships: examples (n, features), labels (n)."""
    from sklearn import datasets

    if name not in SHIPPED:
        raise ValueError(f"no data set has the name {name!r}: there are {', '.join(SHIPPED)}")
    found = getattr(datasets, f"load_{name}")()
    return found.data.astype(np.float64), found.target.astype(np.int64)


@lru_cache
def shipped(name: str) -> Arrays:
    """The same, scaled: pixels of digits (8 x 8) to 0 … 1, other features to mean 0 and standard deviation 1."""
    x, y = raw(name)
    return (x / 16 if name == "digits" else (x - x.mean(0)) / x.std(0)), y


def digest(name: str) -> str:
    """The hash of a data set as it ships, by which a record knows that it is still the same data."""
    x, y = raw(name)
    return sha256(x.astype("<f8").tobytes() + y.astype("<i8").tobytes()).hexdigest()


def split(streams: Streams, name: str, train: int, test: int = 0, scaled: bool = True) -> tuple[Arrays, Arrays]:
    """For every seed other examples to train with, (S, train, …), and to test with, (S, test, …).

    Raises ValueError where the data has fewer examples than that.
    """
    x, y = shipped(name) if scaled else raw(name)
    if train < 1 or test < 0 or train + test > len(y):
        raise ValueError(f"{train} + {test} examples cannot be taken from the {len(y)} of {name}")
    order = streams.order(len(y), f"split {name}")[:, 0]
    first, second = order[:, :train], order[:, train : train + test]
    return (x[first], y[first]), (x[second], y[second])


# Labels that are not what they were.


def relabelled(streams: Streams, y: NDArray[np.int64], share: float, classes: int) -> NDArray[np.int64]:
    """Labels (S, n), each replaced with probability ``share`` by a class drawn from all (which may be the same)."""
    n = y.shape[1]
    drawn = streams.below(classes, "other labels", n)
    return np.where(streams.uniform("relabelled", n) < share, drawn, y)


def shuffled(streams: Streams, y: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same labels (S, n) in random order: nothing can be learnt of them but by heart."""
    return np.take_along_axis(y, streams.order(y.shape[1], "shuffled labels")[:, 0], 1)


# Examples in a plane or in space.


def blobs(
    streams: Streams, purpose: str, n: int, *, separation: float, dimension: int = 2, share: float = 0.5
) -> Arrays:
    """Two normal classes of unit variance whose means are ``separation`` apart, along the first axis.

    A label is 1 with probability ``share``, independently.
    """
    y = (streams.uniform(f"{purpose} labels", n) < share).astype(np.int64)
    x = streams.normal(purpose, n, dimension)
    x[:, :, 0] += (y - 0.5) * separation
    return x, y


def clusters(streams: Streams, purpose: str, n: int, *, classes: int, separation: float, dimension: int) -> Arrays:
    """``classes`` normal classes of unit variance; the entries of their means have deviation ``separation``."""
    y = streams.below(classes, f"{purpose} labels", n)
    means = separation * streams.normal("means of the clusters", classes, dimension)
    return np.take_along_axis(means, y[:, :, None], 1) + streams.normal(purpose, n, dimension), y


def xor(streams: Streams, purpose: str, n: int, *, noise: float = 0.0) -> Arrays:
    """Corners (± 1, ± 1) with normal noise; the label is 1 where the signs of the corner differ."""
    corner = streams.below(4, f"{purpose} labels", n)
    first, second = corner % 2, corner // 2
    x = 2.0 * np.stack([first, second], -1) - 1 + noise * streams.normal(purpose, n, 2)
    return x, (first != second).astype(np.int64)


def ring(streams: Streams, purpose: str, n: int, *, radius: float = 1.0, noise: float = 0.05) -> NDArray[np.float64]:
    """Points (S, n, 2) on a circle around 0, with normal noise."""
    angle = 2 * pi * streams.uniform(purpose, n)
    return radius * np.stack([np.cos(angle), np.sin(angle)], -1) + noise * streams.normal(f"{purpose} noise", n, 2)


def regression(
    streams: Streams, purpose: str, n: int, *, weights: NDArray[Any], deviations: NDArray[Any], noise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """y = x w + noise: features with these ``deviations`` (d), ``weights`` (d), normal noise; y (S, n, 1)."""
    x = streams.normal(purpose, n, len(deviations)) * deviations
    y = (x * weights).sum(-1) + noise * streams.normal(f"{purpose} noise", n)
    return x, y[:, :, None]


# Sequences of tokens.


def tokens(streams: Streams, purpose: str, n: int, *, length: int, kinds: int) -> NDArray[np.int64]:
    """Independent uniform tokens (S, n, length): the entropy of the next one is log(kinds)."""
    return streams.below(kinds, purpose, n, length)


def recall(streams: Streams, purpose: str, n: int, *, length: int, kinds: int) -> Tokens:
    """Tokens (S, n, length), of which the first is the label; those after it are distractors with codes of their own.

    First tokens are 0 … kinds - 1, distractors kinds … 2 kinds - 1, all uniform.
    """
    found = tokens(streams, purpose, n, length=length, kinds=kinds)
    found[:, :, 1:] += kinds
    return found, found[:, :, 0].copy()


def before(streams: Streams, purpose: str, n: int, *, length: int, kinds: int) -> Tokens:
    """Tokens (S, n, length) with one 0 and one 1 among others (2 … kinds - 1); the label: is 0 before 1?"""
    found = 2 + tokens(streams, purpose, n, length=length, kinds=kinds - 2)
    places = streams.order(length, f"{purpose} places", n)[:, :, :2]
    np.put_along_axis(found, places, np.broadcast_to([0, 1], places.shape), -1)
    return found, (places[:, :, 0] < places[:, :, 1]).astype(np.int64)


def more(streams: Streams, purpose: str, n: int, *, length: int) -> Tokens:
    """Tokens 0 and 1, (S, n, length) of odd length; the label: which of the two is more frequent?"""
    found = tokens(streams, purpose, n, length=length, kinds=2)
    majority: NDArray[np.int64] = (2 * found.sum(-1) > length).astype(np.int64)
    return found, majority


def one_hot(found: NDArray[np.int64], kinds: int) -> NDArray[np.float64]:
    """Tokens (S, n, length) as vectors (S, n, length, kinds)."""
    return np.eye(kinds)[found]


# Images.


def placed(images: NDArray[np.float64], side: int, canvas: int, shifts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Square images (S, n, side²) on a dark square of ``canvas`` pixels, (S, n, canvas²), off its middle by ``shifts``.

    ``shifts`` (S, n, 2), rows and columns. Raises ValueError where an image would leave the canvas.
    """
    corner = (canvas - side) // 2 + shifts
    if corner.min() < 0 or corner.max() > canvas - side:
        raise ValueError(f"images of {side} pixels, shifted by up to {abs(shifts).max()}, leave a canvas of {canvas}")
    seeds, n = images.shape[:2]
    found = np.zeros((seeds, n, canvas, canvas))
    rows = corner[:, :, 0, None, None] + np.arange(side)[:, None]
    columns = corner[:, :, 1, None, None] + np.arange(side)
    at, which = np.arange(seeds)[:, None, None, None], np.arange(n)[None, :, None, None]
    found[at, which, rows, columns] = images.reshape(seeds, n, side, side)
    return found.reshape(seeds, n, canvas * canvas)
