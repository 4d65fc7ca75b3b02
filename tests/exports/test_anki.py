"""Anki packages are read back, and imported by Anki itself, twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from anki.import_export_pb2 import ImportAnkiPackageUpdateCondition

from quizgen.answers.choice import Choice
from quizgen.answers.integer import Integer
from quizgen.answers.matching import Matching
from quizgen.answers.matrix import Matrix
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.answers.vector import Vector
from quizgen.answers.written import Written
from quizgen.bank import installed
from quizgen.errors import InputError
from quizgen.exporters._online import Question, Slot
from quizgen.exporters._platform import Settings
from quizgen.exporters.anki import Anki
from quizgen.markup import parse
from quizgen.prose import Words
from quizgen.values import Part, Task
from tests.exports import anki_reader as reader
from tests.exports import samples
from tests.exports.samples import BANK, FAMILIES, LANGUAGES, OWN, drawn, exported, flat, own


def anki(locales: tuple[str, ...] = ("en",), **settings: Any) -> Anki:
    """The exporter."""
    return Anki(locales, BANK.templates, installed()[1] / "exports" / "anki", Settings(**settings))


def check(task: Task, note: reader.Note, locales: tuple[str, ...], practice: bool) -> None:
    """The front asks, the back says what is right, and only there."""
    front, back = samples.shown(note.fields["Question"]), samples.shown(note.fields["Answer"])
    assert front.endswith(f"[{task.item.code}]")
    told = samples.words(task, locales)
    for part in task.item.parts:
        assert _said(part, told, back)
        if part.key.lists_options:
            assert all(flat(*(each.named(name) for each in told)) in front for name in part.key.labels())
    assert bool(note.fields["Solution"]) == practice
    assert all(any(tag in note.tags for tag in (name, "text")) for name in task.item.family.split("/"))


def _said(part: Part, told: tuple[Words, ...], back: str) -> bool:
    """Whether the back says what is right."""
    key = part.key
    if isinstance(key, Written):
        return all(line.text[each.locale] in back for line in key.rubric for each in told)
    if isinstance(key, Matching):
        pairs = [" → ".join(flat(*(each.named(name) for each in told)) for name in pair) for pair in key.right]
        return all(pair in back for pair in pairs)
    if isinstance(key, Ordering) and key.spare:
        stands = {name: str(place) for place, name in enumerate(key.right, 1)}
        things = {name: flat(*(each.named(name) for each in told)) for name in key.labels()}
        return all(f"{things[name]} → {stands.get(name, '—')}" in back for name in things)
    if isinstance(key, Choice | Multiple | Ordering):
        names = key.right if isinstance(key.right, tuple) else (key.right,)
        places = [back.find(flat(*(each.named(name) for each in told))) for name in names]
        return -1 not in places and (places == sorted(places) or not isinstance(key, Ordering))
    rows = [row if isinstance(row, tuple) else (row,) for row in key.right] if isinstance(key.right, tuple) else []
    grid = r" \\ ".join(" & ".join(map(samples.typed, row)) for row in rows if isinstance(key, Vector | Matrix))
    texts = [*key.notations(key.right), flat(*(each.value(part, key.right) for each in told))]
    return bool(grid and grid in back) or any(text.strip() in back for text in texts)


@pytest.mark.parametrize("practice", [True, False])
@pytest.mark.parametrize("locales", [("en",), ("zh",)], ids="+".join)
def test_items_are_read_back(locales: tuple[str, ...], practice: bool) -> None:
    tasks = [task for name in FAMILIES for options in (0, 4) for task in drawn(name, 2, options)] + OWN
    data, kept = exported(anki(locales, practice=practice), tasks)
    assert kept == tasks
    assert exported(anki(locales, practice=practice), tasks)[0] == data
    for task, note in zip(tasks, reader.read(data).notes, strict=True):
        check(task, note, locales, practice)


@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_hostile_words_are_shown(locales: tuple[str, ...]) -> None:
    data, _ = exported(anki(locales), OWN)
    for note in reader.read(data).notes:
        text = samples.shown(note.fields["Question"])
        for words in (
            "]]> <b & &amp; {x}", "#z ~ = : \\n // ->", r"😀 汉字 \(a<b\), c<d \(x\) ::", "next | %50% {{ 7*7 }}",
        ):  # fmt: skip
            assert words in text
        assert r"\(x\)" not in note.fields["Question"]
        assert r"\(a&lt;b\)" in note.fields["Question"]
        assert ("en" in locales) == (r"Because <b> \(x<y\) ]]> ####." in samples.shown(note.fields["Solution"]))


def test_what_anki_would_play_or_typeset() -> None:
    (note,) = reader.read(exported(anki(), [own(Integer.of(1), "[sound:x.mp3] [latex] [anki:x] {{c1::x}}")])[0]).notes
    assert not any(sign in note.fields["Question"] for sign in ("[sound:", "[latex]", "[anki:", "{{c1"))
    assert samples.shown(note.fields["Question"]).startswith("[sound:x.mp3] [latex] [anki:x] {{c1::x}}")


# Anki itself.


@contextmanager
def collection(folder: Path) -> Iterator[Collection]:
    """An empty collection."""
    opened = Collection(str(folder / "test.anki2"))
    try:
        yield opened
    finally:
        opened.close()


def imported(target: Collection, folder: Path, data: bytes, always: bool = False) -> tuple[int, int]:
    """How many notes are new, and how many were changed: those that are newer, or ``always`` those that differ."""
    path = folder / "test.apkg"
    path.write_bytes(data)
    options = ImportAnkiPackageOptions()
    if always:
        options.update_notes = ImportAnkiPackageUpdateCondition.IMPORT_ANKI_PACKAGE_UPDATE_CONDITION_ALWAYS
    log = target.import_anki_package(ImportAnkiPackageRequest(package_path=str(path), options=options)).log
    assert not log.conflicting
    assert not log.first_field_match
    return len(log.new), len(log.updated)


@pytest.mark.parametrize("locales", LANGUAGES, ids="+".join)
def test_anki_imports_twice_and_has_every_note_once(locales: tuple[str, ...], tmp_path: Path) -> None:
    tasks = [task for name in FAMILIES for task in drawn(name, 2)] + OWN
    data, _ = exported(anki(locales), tasks)
    with collection(tmp_path) as target:
        assert imported(target, tmp_path, data) == (len(tasks), 0)
        assert imported(target, tmp_path, data) == (0, 0)
        assert target.note_count() == target.card_count() == len(tasks)
        checked = target.media.check()
        assert not list(checked.missing)
        assert not list(checked.unused)
        names = {entry.name for entry in target.decks.all_names_and_ids()}
        assert {"quizgen::01 slot-1", "quizgen::02 slot-2"} <= names
        for number in target.find_cards(""):
            card = target.get_card(number)
            assert card.question().strip()
            assert "id=answer" in card.answer() or 'id="answer"' in card.answer()


def test_more_items_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    tasks = list(drawn("convolution/output_side", 4))
    with collection(tmp_path) as target:
        assert imported(target, tmp_path, exported(anki(), tasks[:2])[0]) == (2, 0)
        assert imported(target, tmp_path, exported(anki(), [*tasks[2:], *tasks[:2]])[0]) == (2, 0)


@pytest.mark.parametrize("always", [True, False])
def test_a_changed_question_is_put_in_the_place_of_the_old_one(
    always: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = drawn("convolution/output_side", 2)
    old, _ = exported(anki(), [first, second])
    if not always:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    changed = reworded(anki(), first)
    new = b"".join(anki().file([anki().encoded(changed), anki().entry(second, Slot(2, "slot-2", second.total))]))
    assert b"".join(anki().file([anki().encoded(changed)])) == b"".join(anki().file([anki().encoded(changed)]))
    with collection(tmp_path) as target:
        assert imported(target, tmp_path, old) == (2, 0)
        (card,) = (target.get_card(number) for number in target.find_cards(f"re:{first.item.code}"))
        assert imported(target, tmp_path, new, always) == (0, 1 if always else 2)
        assert target.note_count() == target.card_count() == 2
        (again,) = (target.get_card(number) for number in target.find_cards(f"re:{first.item.code}"))
        assert again.id == card.id
        assert "In other words." in again.question()
        assert imported(target, tmp_path, new, always) == (0, 0)


def reworded(platform: Anki, task: Task) -> Question:
    """A question after its template was changed: the same item, and so the same note."""
    asked, _ = platform.made(task, Slot(1, "slot-1", task.total))
    return replace(asked, prompt={locale: parse("In other words.") for locale in asked.prompt})


@pytest.mark.parametrize("said", ["soon", "-1", "0", "1.5", "9" * 12])
def test_a_time_that_is_none_is_named(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", said)
    with pytest.raises(InputError, match=f"SOURCE_DATE_EPOCH: expected seconds since 1970, got '{said}'"):
        exported(anki(), OWN[:1])


def test_figures_are_media(tmp_path: Path) -> None:
    tasks = [task for name in FAMILIES for task in drawn(name, 1) if task.item.figures]
    assert tasks
    data, _ = exported(anki(), tasks)
    package = reader.read(data)
    assert all(content.startswith(b"<svg") for content in package.media.values())
    assert package.media
    with collection(tmp_path) as target:
        imported(target, tmp_path, data)
        assert {path.name for path in Path(target.media.dir()).iterdir()} == set(package.media)
        assert not list(target.media.check().missing)


# Identity, and what is not told.


def test_identities_stay() -> None:
    tasks = list(drawn("convolution/output_side", 3))
    guids = [note.guid for note in reader.read(exported(anki(), tasks)[0]).notes]
    assert [note.guid for note in reader.read(exported(anki(), tasks[::-1])[0]).notes] == guids[::-1]
    assert not set(guids) & {note.guid for note in reader.read(exported(anki(("zh",)), tasks)[0]).notes}
    assert reader.read(exported(anki(), tasks)[0]).models == reader.read(exported(anki(("zh",)), OWN)[0]).models


def test_slips_are_explained_on_the_back() -> None:
    task = own(Integer.of(7), options=4, slips={"twice": 14, "less": 6, "more": 8}, why={"less": {"en": "Never <so>."}})
    (note,) = reader.read(exported(anki(), [task])[0]).notes
    assert ": Never <so>." in samples.shown(note.fields["Solution"])
    (note,) = reader.read(exported(anki(practice=False), [task])[0]).notes
    assert note.fields["Solution"] == ""
    assert "less" not in "".join(note.fields.values())


def test_decks_are_slots() -> None:
    platform = anki(title="Deep :: Learning")
    (task,) = drawn("convolution/output_side", 1)
    data = b"".join(platform.file([platform.entry(task, Slot(3, "conv-size", Fraction(4)), 17)]))
    (note,) = reader.read(data).notes
    assert note.deck == "Deep : Learning::03 conv-size"
    assert note.fields["Name"] == f"conv-size 017 {task.item.code}"
