"""Fair: every item's effort lies in the band of its family's level."""

from collections.abc import Iterator

from quizgen.checks._subject import Broken, Failure, Subject
from quizgen.family import LEVELS
from quizgen.space import Parameters

NUMBER = 10


def check(subject: Subject) -> Iterator[Failure]:
    yield from subject.search(lambda q, data: fair(subject, q))
    efforts = sorted(item.effort for _, _, item in subject.samples)
    if efforts:
        subject.note(f"effort {efforts[0]} … {efforts[len(efforts) // 2]} … {efforts[-1]}")


def fair(subject: Subject, q: Parameters) -> None:
    """The item of ``q`` asks for neither too little nor too much writing."""
    _, item = subject.solved(q)
    lo, hi = LEVELS[item.level]
    if type(item.effort) is not int:
        raise Broken(f"effort must be an int, got {item.effort!r}", "int")
    if not lo <= item.effort <= hi:
        raise Broken(f"an effort of {item.effort} is outside {lo} … {hi}, the band of level {item.level}", "band")
