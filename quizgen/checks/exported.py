"""Exported: each format carries, lowers or refuses a question by name, and its file alone grades the answers again."""

import re
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from zipfile import ZipFile, is_zipfile

from quizgen import exporters, grading
from quizgen.answers import read_item
from quizgen.bank import installed
from quizgen.checks._subject import LOCALES, Broken, Failure, Subject, Test
from quizgen.drawing import task
from quizgen.errors import QuizgenError
from quizgen.exporters import Exporter
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Platform
from quizgen.space import Parameters
from quizgen.values import Item, Part, Task

NUMBER = 9
EVERY = 4
"""One in so many items is exported to a format of a learning platform: there are many, and their tests do the rest."""


def check(subject: Subject) -> Iterator[Failure]:
    if set(LOCALES) <= set(subject.locales):
        found = {name: made(subject, name) for name in exporters.formats()}
        for name, exporter in found.items():
            if not isinstance(exporter, Platform):
                yield from subject.search(tried(subject, name, exporter), share=0.1)
        platforms = {name: exporter for name, exporter in found.items() if isinstance(exporter, Platform)}
        yield from subject.search(lambda q, data: online(subject, q, platforms), share=0.1)


def made(subject: Subject, name: str) -> Exporter:
    """The exporter of one format."""
    return exporters.exporter(name)(LOCALES, subject.bank.templates, installed()[1] / "exports" / name)


def tried(subject: Subject, name: str, exporter: Exporter) -> Test:
    """The test of one format."""
    return lambda q, data: exported(subject, q, name, exporter)


def exported(subject: Subject, q: Parameters, name: str, exporter: Exporter) -> None:
    """One item in one format, open and, where it can be, with options."""
    _, item = subject.solved(q)
    for options in (0, *with_options(item)):
        asked = task(item, options)
        (fit,) = exporter.fits([asked])
        if item.family not in fit.name or item.code not in fit.name:
            raise Broken(f"{name} does not name the question: {fit.name!r}", name)
        if not fit.refused:
            written(name, exporter, asked)


def with_options(item: Item) -> tuple[int, ...]:
    """How many options an item can be asked with, if it can."""
    choosable = all(part.key.choosable for part in item.parts)
    fewest = min((1 + len(part.mistakes) for part in item.parts), default=0)
    return (min(fewest, 4),) if choosable and fewest > 1 else ()


def written(name: str, exporter: Exporter, asked: Task) -> None:
    """What the format writes is read back."""
    try:
        data = b"".join(exporter.file([exporter.entry(asked)])).decode()
    except QuizgenError as error:
        raise Broken(f"{name} accepts the question and then fails: {error}", name) from error
    if exporter.has_words and asked.item.code not in data:
        raise Broken(f"{name} writes no code of the question", name)
    if reader := READERS.get(name):
        reader(data, asked)


def online(subject: Subject, q: Parameters, platforms: Mapping[str, Platform]) -> None:
    """One item in some formats of learning platforms, which ones its id decides."""
    _, item = subject.solved(q)
    turn = int(item.id[:8], 16)
    for number, (name, platform) in enumerate(platforms.items(), turn):
        if number % EVERY == 0:
            options = next(iter(with_options(item)), 0) if number % (2 * EVERY) == 0 else 0
            uploaded(name, platform, task(item, options))


def uploaded(name: str, platform: Platform, asked: Task) -> None:
    """A question is written with its code, or refused by its name."""
    item = asked.item
    try:
        question, changes = platform.made(asked, Slot(1, item.family, asked.total))
        data = b"".join(platform.file([platform.encoded(question)]))
    except Refused as error:
        if not error.message:
            raise Broken(f"{name} does not say why it refuses the question", name) from error
        return
    except QuizgenError as error:
        raise Broken(f"{name} accepts the question and then fails: {error}", name) from error
    if item.code.encode() not in contents(data) and not any("the code" in change.lost for change in changes):
        raise Broken(f"{name} writes no code of the question", name)
    if not all(change.kind and change.becomes for change in changes):
        raise Broken(f"{name} does not say what becomes of the answers", name)


def contents(data: bytes) -> bytes:
    """What a file says; of a zip file, what the files in it say."""
    if not is_zipfile(BytesIO(data)):
        return data
    with ZipFile(BytesIO(data)) as archive:
        return b"\n".join(contents(archive.read(name)) for name in archive.namelist())


def read_jsonl(data: str, asked: Task) -> None:
    """The item of the line grades its own answers."""
    read = read_item(data)
    for part, original in zip(read.parts, asked.item.parts, strict=True):
        graded(part, original, "jsonl")


def graded(read: Part, original: Part, name: str) -> None:
    """A part read from a file judges the answers of the part that was written."""
    for text in original.key.notations(original.key.right):
        if grading.grade_part(read, text).verdict.verdict != "right":
            raise Broken(f"{name}: {read.name}, read back, does not take {text!r}", (name, read.name))
    for mistake in original.mistakes:
        text = original.key.notations(mistake.value)[0]
        if grading.grade_part(read, text).misconception != mistake.name:
            raise Broken(f"{name}: {read.name}, read back, does not know {mistake.name}", (name, mistake.name))


KEY = re.compile(r"^- (?:\*\*(\w+)\*\* )?(\w+), [^`\n]*?[:：]\s*(?:`\w` = )?`([^`]+)`", re.MULTILINE)


def read_md(data: str, asked: Task) -> None:
    """The keys in the file, typed as they stand there, are right; there is one for every part and locale."""
    typed = {part.name: part for part in asked.item.parts if not part.key.labels()}
    found = [(part or asked.item.parts[0].name, key) for part, _, key in KEY.findall(data)]
    for name, part in typed.items():
        keys = [key for other, key in found if other == name]
        if len(keys) != len(LOCALES):
            raise Broken(f"md: {len(keys)} keys of {name}, not one for each of {', '.join(LOCALES)}", ("md", name))
        for key in keys:
            if grading.grade_part(part, key).verdict.verdict != "right":
                raise Broken(f"md: the key of {name}, typed {key!r}, is not right", ("md", name))


READERS: Mapping[str, Callable[[str, Task], None]] = {"jsonl": read_jsonl, "md": read_md}
"""Formats whose files are read here; those of the others, by the tests of the format."""
