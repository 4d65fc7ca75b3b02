"""A seed draws the same on every machine and in every version: what it drew once is kept as a golden."""

from decimal import Decimal
from fractions import Fraction

from quizgen import space
from quizgen.randomness import Stream
from quizgen.space import Parameters, choice, decimals, fractions, ints, matrices, odds, permutations, vectors
from quizgen.values import to_json
from tests.conftest import Golden


class Everything(Parameters):
    """One field of every domain, and one that depends on another."""

    n: int = ints(7, 64)
    k: int = odds(3, 7)
    p: int = ints(0, lambda q: q.k // 2)
    word: str = choice("mean", "sum")
    share: Fraction = fractions(0, 2)
    rate: Decimal = decimals("0.1", "0.9", step="0.1")
    x: tuple[int, ...] = vectors(3, -4, 4)
    weight: tuple[tuple[int, ...], ...] = matrices(2, 3, -2, 2)
    order: tuple[int, ...] = permutations(5)


def test_a_seed_draws_what_it_always_drew(golden: Golden) -> None:
    lines = [to_json(space.draw(Everything, Stream("golden", number)).as_dict()) for number in range(12)]
    golden("draws.jsonl", b"\n".join(lines) + b"\n")


def test_a_stream_gives_what_it_always_gave(golden: Golden) -> None:
    stream = Stream("golden", "stream", 1)
    numbers = [str(stream.below(10**6)) for _ in range(8)]
    golden("stream.txt", "\n".join([*numbers, *stream.shuffled(list("abcdefgh"))]) + "\n")
