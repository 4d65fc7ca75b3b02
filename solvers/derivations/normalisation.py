"""Numbers whose mean and biased standard deviation are whole: inputs of normalisations that can be done by hand."""

from solvers.derivations.models import Pick

DISTANCES = ((-5, 1, 1, 3), (-3, -1, 0, 1, 3), (-4, 1, 1, 1, 1))
"""Distances from a mean; the mean of their squares is a square."""


def spread(pick: Pick, largest: int = 5) -> tuple[int, ...]:
    """Four or five numbers, ``largest`` at most, in some order."""
    mean, sign = pick(-2, 4), (-1) ** pick(0, 1)
    choice = [distances for distances in DISTANCES if len(distances) <= largest]
    rest = [mean + sign * distance for distance in choice[pick(0, len(choice) - 1)]]
    return tuple(rest.pop(pick(0, left - 1)) for left in range(len(rest), 0, -1))
