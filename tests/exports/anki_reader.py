"""Reads the packages that Anki imports: a zip with a database, the names of the media, and the media by number.

Anki marks nothing; a card is right if its back says so. What is read is what a person sees.
"""

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser
from io import BytesIO


@dataclass
class Note:
    """One note: its fields by name."""

    guid: str
    deck: str
    tags: list[str]
    fields: dict[str, str]


@dataclass
class Package:
    """A package."""

    notes: list[Note]
    media: dict[str, bytes]
    models: list[int]


def require(condition: object, message: str) -> None:
    """What the importer or a rule of ours asks for."""
    if not condition:
        raise AssertionError(message)


class _Images(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            require(dict(attrs).get("alt"), "an image without words")
            self.found.append(dict(attrs).get("src") or "")


def read(data: bytes) -> Package:
    """A package, whose parts refer to each other."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        require(archive.testzip() is None, "a damaged file")
        require({info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "times")
        files = {name: archive.read(name) for name in archive.namelist()}
    names = json.loads(files["media"])
    require(set(files) == {"collection.anki2", "media", *names}, f"files {sorted(files)}")
    media = {name: files[number] for number, name in names.items()}
    require(len(media) == len(names) and not any(set(name) & set('/\\:*?"<>|') for name in media), "names of media")
    package = _collection(files["collection.anki2"], media)
    used = {name for note in package.notes for html in note.fields.values() for name in _Images(html).found}
    require(used == set(media), f"media used {used ^ set(media)}")
    return package


def _collection(data: bytes, media: dict[str, bytes]) -> Package:
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(data)
        require(base.execute("pragma integrity_check").fetchone() == ("ok",), "a damaged database")
        decks, models = (json.loads(text) for text in base.execute("select decks, models from col").fetchone())
        rows = base.execute("select id, guid, mid, tags, flds from notes order by id").fetchall()
        cards = base.execute("select nid, did, due from cards order by due").fetchall()
    require(sorted(row[0] for row in rows) == sorted(card[0] for card in cards), "one card for each note")
    require([row[0] for row in rows] == [card[0] for card in cards], "cards out of order")
    require(len({row[1] for row in rows}) == len(rows), "a guid twice")
    places = {note: deck for note, deck, _ in cards}
    notes = []
    for number, guid, model, tags, fields in rows:
        names = [field["name"] for field in models[str(model)]["flds"]]
        values = fields.split("\x1f")
        require(len(names) == len(values) and values[0].strip(), "fields")
        notes.append(
            Note(guid, decks[str(places[number])]["name"], tags.split(), dict(zip(names, values, strict=True)))
        )
    return Package(notes, media, [int(model) for model in models])
