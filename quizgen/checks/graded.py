"""Graded: the key in every notation has full credit, each mistake its own feedback, and junk is invalid, not wrong."""

from collections.abc import Iterator

from quizgen import grading
from quizgen.checks._subject import Broken, Failure, Subject
from quizgen.space import Parameters
from quizgen.values import Item, Part

NUMBER = 7


def check(subject: Subject) -> Iterator[Failure]:
    yield from subject.search(lambda q, data: graded(subject, q))


def graded(subject: Subject, q: Parameters) -> None:
    """Every part of the item of ``q`` is graded as it should be."""
    _, item = subject.solved(q)
    for part in item.parts:
        right(part)
        mistaken(part)
        wrong(part)
        junk(part)
        following(subject, item, part)


def following(subject: Subject, item: Item, part: Part) -> None:
    """A part that comes after others follows from their right values; with wrong ones, it follows from these."""
    if not part.after:
        return
    if part.name not in subject.family.following:
        raise Broken(f"{part.name} comes after {part.after}, but nothing says how it follows", ("follows", part.name))
    own = {name: item.part(name).key.right for name in part.after}
    value = subject.family.followed(item, part, own)
    if value is None or not grading.near(item, part, own, part.key.right, value, subject.family):
        said = f"{part.name} does not follow from the right values of {', '.join(part.after)}"
        raise Broken(said, ("follows", part.name))


def right(part: Part) -> None:
    for text in part.key.notations(part.key.right):
        verdict = grading.grade_part(part, text).verdict
        if verdict.verdict != "right" or verdict.credit != 1:
            raise Broken(f"{part.name}: the key, typed {text!r}, is {verdict.verdict}", ("key", part.name))


def mistaken(part: Part) -> None:
    for mistake in part.mistakes:
        for text in part.key.notations(mistake.value):
            grade = grading.grade_part(part, text)
            if grade.verdict.verdict not in ("wrong", "partial") or grade.verdict.credit >= 1:
                said = f"{part.name}: {mistake.name}, typed {text!r}, is {grade.verdict.verdict}"
                raise Broken(said, ("mistake", mistake.name))
            if grade.misconception != mistake.name or grade.feedback != mistake.name:
                said = f"{part.name}: {mistake.name}, typed {text!r}, gets the feedback of {grade.feedback}"
                raise Broken(said, ("feedback", mistake.name))


def wrong(part: Part) -> None:
    for text in part.key.wrong():
        verdict = grading.grade_part(part, text).verdict
        if verdict.verdict not in ("wrong", "partial") or verdict.credit >= 1:
            raise Broken(f"{part.name}: {text!r} is {verdict.verdict}, not wrong", ("wrong", part.name))


def junk(part: Part) -> None:
    for text in part.key.junk():
        verdict = grading.grade_part(part, text).verdict.verdict
        if verdict != "invalid":
            raise Broken(f"{part.name}: {text!r} is {verdict}, not invalid", ("junk", part.name))
