"""Streams of random numbers, keyed by words: the same key gives the same numbers on every machine and in every order.

Only ``random.Random.random`` is used, the one sequence that Python promises to keep; choice and shuffle are our own.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """An endless sequence of random numbers that belongs to one key, such as seed | purpose | slot | form | attempt."""

    __slots__ = ("_next",)

    def __init__(self, *key: object) -> None:
        self._next = Random("|".join(map(str, key))).random

    def below(self, n: int) -> int:
        """A uniform integer in 0 … n - 1."""
        return int(self._next() * n)

    def choice(self, options: Sequence[T]) -> T:
        """One of ``options``, each equally likely."""
        return options[int(self._next() * len(options))]

    def shuffled(self, values: Sequence[T]) -> tuple[T, ...]:
        """``values`` in a uniformly random order (Fisher and Yates)."""
        order = list(values)
        for last in range(len(order) - 1, 0, -1):
            other = int(self._next() * (last + 1))
            order[last], order[other] = order[other], order[last]
        return tuple(order)
