"""Nothing in a file tells the key: where options stand, what things are called, and what an exam's file says."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from quizgen import asking, drawing, exporters
from quizgen.answers.choice import Choice
from quizgen.answers.multiple import Multiple
from quizgen.bank import Bank, installed
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Slot
from quizgen.exporters._platform import Platform, Settings
from quizgen.randomness import Stream
from quizgen.values import Item, Key, Mistake, Part, Task

BANK = Bank()
PLATFORMS = [name for name in exporters.formats() if issubclass(exporters.exporter(name), Platform)]
MADE = 240
"""Choices in a file whose right options are counted by place."""
CRITICAL = {1: 10.83, 2: 13.82, 3: 16.27}
"""Values of chi-squared that chance exceeds once in a thousand, by degrees of freedom."""
WORDS = ("Quokka", "Wombat", "Numbat", "Dunnart")
TELLING = re.compile(r"(?i)right|correct|wrong|distractor|(?<![a-z])key(?![a-z])|mistake|misconception")
"""What a name must not say."""
STANDARD = re.compile(r"(?i)(general_)?(in)?correct_fb|correct_?response|\w*\.xml")
"""Names that a standard gives, the same in every item."""


def platform(name: str, practice: bool) -> Platform:
    """A format, ready to write."""
    found = exporters.exporter(name)
    assert issubclass(found, Platform)
    return found(("en",), BANK.templates, installed()[1] / "exports" / name, Settings(practice=practice))


def own(key: Key, number: int) -> Item:
    """An item of an author's own, whose options are words found nowhere else."""
    labels = {name: {"en": f"{WORDS[place]}{number:03}x"} for place, name in enumerate(("o1", "o2", "o3", "o4"))}
    return Item(
        family="text", version=1, level=1, minutes=2, calculator=False, effort=0, trace={},
        parameters={"text": {"en": f"Animal {number}?"}, "options": labels, "why": {"o3": {"en": "Never."}}},
        parts=(Part(name="answer", key=key, mistakes=(Mistake(name="o3", value="o3"),)),),
    )  # fmt: skip


def written(form: Platform, tasks: list[Task]) -> bytes:
    """The file of some tasks; those that are refused are not in it."""

    def entries() -> Iterator[bytes]:
        for number, task in enumerate(tasks, 1):
            slot = Slot(1, "animals", task.total, len(tasks))
            try:
                question, _ = form.made(task, slot, number)
                yield form.encoded(question)
            except Refused:
                continue

    return b"".join(form.file(entries()))


def members(data: bytes) -> dict[str, bytes]:
    """Names and contents of what a zip file holds, archives in it opened as well; of another file, the file."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return {"": data}
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            for inner, content in members(archive.read(name)).items():
                found[f"{name}/{inner}" if inner else name] = content
    return found


def contents(data: bytes) -> bytes:
    """All that stands in a file, one thing after the other."""
    return b"\n".join(members(data).values())


@pytest.mark.parametrize("practice", [False, True], ids=["exam", "practice"])
@pytest.mark.parametrize("name", PLATFORMS)
def test_right_options_stand_anywhere(name: str, practice: bool) -> None:
    """The words of the options are looked for in the bytes; the rank of the right one is uniform over the questions."""
    form = platform(name, practice)
    tasks = []
    for number in range(MADE):
        item = own(Choice(value=f"o{1 + Stream('telling', number).below(4)}", options=("o1", "o2", "o3", "o4")), number)
        tasks.append(drawing.task(item))
    everything = contents(written(form, tasks))
    ranks = []
    for number, task in enumerate(tasks):
        places = [everything.find(f"{word}{number:03}x".encode()) for word in WORDS]
        if min(places) < 0:
            continue
        (right,) = asking.right_options(task.item.parts[0])
        ranks.append(sorted(places).index(places[int(right[1]) - 1]))
    if not ranks:
        pytest.fail(f"{name} shows no options")
    expected = len(ranks) / len(WORDS)
    assert len(ranks) == MADE
    assert sum((ranks.count(rank) - expected) ** 2 / expected for rank in range(4)) < CRITICAL[3], ranks


NAMES = re.compile(
    rb"(?:[\s:](?:ident|identifier|id|name|ref|href|src|linkrefid|labelrefid|respident|idref|resource-id|identifierref)"
    rb'|"(?:id|name|guid|subContentId)")\s*[=:]\s*"([^"]*)"'
)
"""Whatever is called by a name, in XML and JSON."""


def names(data: bytes) -> list[str]:
    """Every name in a file, in order."""
    inside = [name.decode(errors="replace") for content in members(data).values() for name in NAMES.findall(content)]
    return [*members(data), *inside]


@pytest.mark.parametrize("kind", ["choice", "multiple"])
@pytest.mark.parametrize("name", PLATFORMS)
def test_names_do_not_depend_on_the_key(name: str, kind: str) -> None:
    """The same question with another right option has the same ids, in the same places."""
    form = platform(name, False)
    found = []
    for right in (("o1", "o2"), ("o2", "o4"), ("o4", "o3")):
        options = ("o1", "o2", "o3", "o4")
        key = Choice(value=right[0], options=options) if kind == "choice" else Multiple(value=right, options=options)
        item = own(key, 1)
        part = Part(name="answer", key=key)
        data = written(form, [drawing.task(replace(item, parts=(part,)))])
        found.append(sorted(set(names(data))))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("practice", [False, True], ids=["exam", "practice"])
@pytest.mark.parametrize("name", PLATFORMS)
def test_no_name_says_what_is_right(name: str, practice: bool) -> None:
    """No id, tag or file name, and nowhere the name of a wrong procedure."""
    form = platform(name, practice)
    short = own(Choice(value="o2", options=("o1", "o2", "o3", "o4")), 1)
    tasks = [drawing.task(item) for item in (short, *(BANK.family(name).draw("telling", name) for name in BANK.files))]
    for family in BANK.files:
        item = BANK.family(family).draw("telling", "options", family)
        if all(part.key.choosable and len(part.mistakes) > 1 for part in item.parts):
            tasks.append(drawing.task(item, 3))
    data = written(form, tasks)
    telling = {found for found in names(data) if TELLING.search(STANDARD.sub("", Path(found).name))}
    assert not telling
    everything = contents(data)
    mistakes = {mistake.name for task in tasks for part in task.item.parts for mistake in part.mistakes}
    assert not {mistake for mistake in mistakes if "_" in mistake and mistake.encode() in everything}


@pytest.mark.parametrize("name", PLATFORMS)
def test_an_exam_says_nothing_about_answers(name: str) -> None:
    """Neither what is said to a wrong option nor a worked solution is in the file of an exam."""
    item = own(Choice(value="o1", options=("o1", "o2", "o3", "o4")), 1)
    item = replace(item, parameters={**item.parameters, "solution": {"en": "Bandicoots are extinct."}})
    exam, practice = (contents(written(platform(name, mode), [drawing.task(item)])) for mode in (False, True))
    assert b"Never." not in exam
    assert b"Bandicoots" not in exam
    if platform(name, True).feedback:
        assert b"Never." in practice
