"""Reads H5P packages as a platform does, and marks responses as the content types do."""

import json
import re
import zipfile
from dataclasses import dataclass, field
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

VERSIONS = {"H5P.QuestionSet": "1.20", "H5P.MultiChoice": "1.16", "H5P.TrueFalse": "1.8", "H5P.Blanks": "1.14",
            "H5P.Image": "1.1"}  # fmt: skip
ALLOWED = {"p", "br", "div", "span", "strong", "em"}
"""Elements that H5P's filter lets through in all of these texts."""
_LISTED = (
    "json png jpg jpeg gif bmp tif tiff eot ttf woff woff2 otf webm mp4 ogg mp3 m4a wav txt pdf rtf doc docx xls xlsx "
    "ppt pptx odt ods odp csv diff patch swf md textile vtt webvtt gltf glb"
)
ENDINGS = set(_LISTED.split())
"""What servers let into content by default: neither SVG nor other XML."""


@dataclass
class Question:
    """One question of the set."""

    kind: str
    id: str
    name: str
    html: str
    options: list[tuple[str, bool, str]] = field(default_factory=list)
    single: bool = True
    right: bool = False
    blanks: list[list[str]] = field(default_factory=list)
    case: bool = True
    image: dict[str, Any] = field(default_factory=dict)
    after: str = ""
    retry: bool = True


@dataclass
class Package:
    """A package."""

    title: str
    questions: list[Question]
    files: dict[str, bytes]
    needed: set[str]
    settings: dict[str, Any]


def require(condition: object, message: str) -> None:
    """What the platform or a rule of ours asks for."""
    if not condition:
        raise AssertionError(message)


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        require(not self.open, f"elements left open: {self.open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        require(tag in ALLOWED, f"H5P takes away <{tag}>")
        require({name for name, _ in attrs} <= {"lang"}, f"attributes {attrs}")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        require(self.open and self.open.pop() == tag, f"</{tag}> out of place")


def read(data: bytes) -> Package:
    """A package, whose parts refer to each other."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        require({info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}, "times")
        files = {name: archive.read(name) for name in archive.namelist()}
    require(all(name.rpartition(".")[2] in ENDINGS for name in files), "files that are not let in")
    about, content = json.loads(files.pop("h5p.json")), json.loads(files.pop("content/content.json"))
    for name in ("title", "language", "mainLibrary", "embedTypes", "license", "preloadedDependencies"):
        require(about[name], f"no {name}")
    needed = {entry["machineName"] for entry in about["preloadedDependencies"]}
    for entry in about["preloadedDependencies"]:
        version = f"{entry['majorVersion']}.{entry['minorVersion']}"
        require(VERSIONS[entry["machineName"]] == version, f"{entry['machineName']} {version}")
    questions = [_question(made) for made in content["questions"]]
    images = {f"content/{made.image['file']['path']}" for made in questions if made.image}
    require(images == set(files), f"images {images ^ set(files)}")
    kinds = {made.kind for made in questions}
    require(kinds | {"H5P.QuestionSet"} | ({"H5P.Image"} if images else set()) == needed, f"libraries {needed}")
    require(about["mainLibrary"] == "H5P.QuestionSet", "the main library")
    identities = re.findall(rb'"subContentId":"([^"]+)"', data_of(content))
    require(len(set(identities)) == len(identities), "an id twice")
    return Package(about["title"], questions, files, needed, content)


def data_of(content: Any) -> bytes:
    """JSON on one line."""
    return json.dumps(content, separators=(",", ":")).encode()


def _question(made: dict[str, Any]) -> Question:
    kind, _, version = made["library"].partition(" ")
    require(VERSIONS[kind] == version and kind not in ("H5P.Image", "H5P.QuestionSet"), f"library {made['library']}")
    require(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["subContentId"]), "no id")
    params = made["params"]
    question = Question(
        kind, made["subContentId"], made["metadata"]["title"], params.get("question", params.get("text"))
    )
    question.after = unescape("".join(entry.get("feedback", "") for entry in params.get("overallFeedback", [])))
    question.retry = params["behaviour"]["enableRetry"]
    require(params["behaviour"]["enableSolutionsButton"] == question.retry, "buttons")
    if "media" in params:
        image = params["media"]["type"]
        require(image["library"] == "H5P.Image 1.1" and image["params"]["alt"], "an image without words")
        question.image = image["params"]
    texts = [question.html]
    if kind == "H5P.MultiChoice":
        question.single = params["behaviour"]["type"] == "single"
        for answer in params["answers"]:
            said = answer["tipsAndFeedback"]["chosenFeedback"]
            question.options.append((answer["text"], answer["correct"], said))
            texts += [answer["text"], said]
    elif kind == "H5P.TrueFalse":
        require(params["correct"] in ("true", "false"), "neither true nor false")
        question.right = params["correct"] == "true"
    else:
        require(1 <= len(params["questions"]) <= 31, "lines of blanks")
        question.case = params["behaviour"]["caseSensitive"]
        for line in params["questions"]:
            pieces = line.split("*")
            require(len(pieces) % 2 == 1 and len(pieces) > 1, "a line without blanks, or with a star too many")
            question.blanks += [_solutions(piece) for piece in pieces[1::2]]
            texts.append("".join(pieces[::2]))
            question.html += "".join(pieces[::2])
    for text in texts:
        _Tags(text)
    return question


def _solutions(text: str) -> list[str]:
    require(text and ":" not in text, "a tip")
    found = [unescape(piece.strip()) for piece in text.split("/")]
    require(all(found), "nothing is right")
    return found


Response = set[str] | bool | list[str] | None


def mark(question: Question, response: Response) -> Fraction:
    """The share of a question's points."""
    match question.kind:
        case "H5P.MultiChoice":
            assert isinstance(response, set)
            right = {text for text, correct, _ in question.options if correct}
            require(right and (len(right) == 1 or not question.single), "no single right option")
            if question.single:
                return Fraction(response == right)
            return Fraction(max(len(response & right) - len(response - right), 0), len(right))
        case "H5P.TrueFalse":
            return Fraction(response is question.right)
    assert isinstance(response, list)
    fold = (lambda text: text) if question.case else str.lower
    pairs = zip(response, question.blanks, strict=True)
    good = sum(fold(given.strip()) in map(fold, known) for given, known in pairs)
    return Fraction(good, len(question.blanks))
