"""A reader of Moodle XML of its own: questions and keys from the file alone, marked as Moodle marks them.

What is accepted is what Moodle's importer accepts; anything else raises AssertionError.
"""

import base64
import math
import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

GRADES = (100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571, 12.5, 11.11111,
          10, 5, 0)  # fmt: skip
KEPT = 14
"""Digits of a number that Moodle keeps."""
EPSILON = 1e-14
"""What Moodle adds to a tolerance, in parts of the larger of tolerance and answer."""


@dataclass
class Answer:
    """One answer that Moodle knows."""

    text: str
    fraction: float
    feedback: str = ""
    tolerance: float = 0.0


@dataclass
class Field:
    """What is answered: a question of its own, or one embedded in a text."""

    kind: str
    answers: list[Answer]
    weight: int = 1
    case: bool = False
    single: bool = True
    units: dict[str, float] = field(default_factory=dict)
    lefts: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Question:
    """One question of the file."""

    kind: str
    name: str
    category: str
    idnumber: str
    text: str
    mark: float
    penalty: float
    general: str
    tags: list[str]
    fields: list[Field]
    element: ET.Element
    hints: list[str] = field(default_factory=list)
    grader: str = ""
    files: dict[str, bytes] = field(default_factory=dict)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def shown(html: str) -> str:
    """The characters of HTML that a reader sees."""
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.found)


def in_language(html: str, language: str) -> str:
    """What the multilang filter leaves for one language."""
    block = re.compile(r'<span lang="[a-zA-Z0-9_-]+" class="multilang">.*?</span>(?:\s*<span lang="[a-zA-Z0-9_-]+"'
                       r' class="multilang">.*?</span>)+', re.S)  # fmt: skip

    def chosen(match: re.Match[str]) -> str:
        parts: dict[str, str] = dict(re.findall(r'<span lang="([a-zA-Z0-9_-]+)"[^>]*>(.*?)</span>', match[0], re.S))
        return parts.get(language, next(iter(parts.values())))

    return block.sub(chosen, html)


# Reading.


def read(content: bytes) -> list[Question]:
    """The questions of a file, in order."""
    root = ET.fromstring(content)
    assert root.tag == "quiz"
    assert len(root) > 0
    category, found, ids = "", [], set()
    for element in root:
        assert element.tag == "question"
        if element.get("type") == "category":
            category = _child(element, "category/text")
            assert category.startswith("$course$/top/")
            names = re.split("(?<!/)/(?!/)", category)
            assert all(name.strip() and "<" not in name and len(name.replace("//", "/")) <= 255 for name in names)
            info = element.find("info")
            assert info is not None
            assert info.get("format")
            continue
        question = _question(element, category)
        assert (category, question.idnumber) not in ids
        ids.add((category, question.idnumber))
        found.append(question)
    return found


def _child(element: ET.Element, path: str, default: str | None = None) -> str:
    child = element.find(path)
    if child is None:
        assert default is not None, f"{element.get('type')} has no {path}"
        return default
    return child.text or ""


def _html(element: ET.Element | None) -> str:
    """The text of an element, each file of which is there and used."""
    if element is None:
        return ""
    assert element.get("format") == "html"
    text = _child(element, "text")
    files = [file.get("name") or "" for file in element.findall("file")]
    assert len(files) == len(set(files))
    assert set(re.findall(r'(?<=src="@@PLUGINFILE@@/)[^"]+', text)) == set(files)
    for file in element.findall("file"):
        assert file.get("encoding") == "base64"
        assert file.get("path") == "/"
        assert "+" not in (file.get("name") or "")
        assert base64.b64decode(file.text or "", validate=True)
    return text


def _files(element: ET.Element | None) -> dict[str, bytes]:
    return {
        file.get("name") or "": base64.b64decode(file.text or "")
        for file in ([] if element is None else element.findall("file"))
    }


def _question(element: ET.Element, category: str) -> Question:
    kind = element.get("type") or ""
    name, idnumber = _child(element, "name/text"), _child(element, "idnumber")
    assert 0 < len(name) <= 255
    assert "<" not in name
    assert 0 < len(idnumber) <= 100
    question = Question(
        kind=kind, name=name, category=category, idnumber=idnumber, text=_html(element.find("questiontext")),
        mark=float(_child(element, "defaultgrade")), penalty=float(_child(element, "penalty")),
        general=_html(element.find("generalfeedback")), tags=[t.text or "" for t in element.findall("tags/tag/text")],
        fields=[], element=element, hints=[_html(hint) for hint in element.findall("hint")],
        files=_files(element.find("questiontext")),
    )  # fmt: skip
    assert question.text
    READERS[kind](question)
    return question


def _answers(question: Question, form: str) -> list[Answer]:
    found = []
    for answer in question.element.findall("answer"):
        fraction = float(answer.get("fraction") or "")
        assert any(abs(abs(fraction) - grade) < 1e-5 for grade in GRADES), f"grade {fraction}"
        assert answer.get("format") == form
        text = _child(answer, "text")
        assert text.strip()
        found.append(Answer(text, fraction / 100, _html(answer.find("feedback"))))
    return found


def _multichoice(question: Question) -> None:
    element = question.element
    single = {"true": True, "false": False}[_child(element, "single")]
    assert _child(element, "shuffleanswers") in ("true", "1")
    answers = _answers(question, "html")
    assert len(answers) >= 2
    gains = [answer.fraction for answer in answers if answer.fraction > 0]
    if single:
        assert gains == [1]
    else:
        assert abs(sum(gains) - 1) < 1e-5
    question.fields = [Field("multichoice", answers, single=single)]


def _truefalse(question: Question) -> None:
    answers = _answers(question, "plain_text")
    assert {answer.text for answer in answers} == {"true", "false"}
    assert sorted(answer.fraction for answer in answers) == [0, 1]
    question.fields = [Field("truefalse", answers)]


NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.I)


def _numerical(question: Question) -> None:
    answers = _answers(question, "plain_text")
    for answer, element in zip(answers, question.element.findall("answer"), strict=True):
        assert NUMBER.fullmatch(answer.text)
        tolerance = _child(element, "tolerance")
        assert NUMBER.fullmatch(tolerance)
        assert not tolerance.startswith("-")
        answer.tolerance = float(tolerance)
    units = {
        _child(unit, "unit_name"): float(_child(unit, "multiplier")) for unit in question.element.findall("units/unit")
    }
    assert not units or 1.0 in units.values()
    assert _child(question.element, "showunits") == ("0" if units else "3")
    question.fields = [Field("numerical", answers, units=units)]


def _shortanswer(question: Question) -> None:
    case = _child(question.element, "usecase") == "1"
    question.fields = [Field("shortanswer", _answers(question, "plain_text"), case=case)]


def _matching(question: Question) -> None:
    pairs = []
    for element in question.element.findall("subquestion"):
        left, right = _html(element), _child(element, "answer/text")
        assert right.strip(), "a stem without an answer skips every later question"
        pairs.append((left, right))
    assert sum(bool(left) for left, _ in pairs) >= 1
    assert len({right for _, right in pairs}) >= 2
    assert _child(question.element, "shuffleanswers") in ("true", "1")
    question.fields = [Field("matching", [], lefts=pairs)]


def _ddwtos(question: Question) -> None:
    element, groups = question.element, []
    boxes = element.findall("dragbox")
    for box in boxes:
        assert _child(box, "text").strip(), "blank boxes are dropped"
        assert box.find("file") is None
        groups.append(_child(box, "group", "1"))
    assert len({_child(box, "text") for box in boxes}) == len(boxes), "boxes that look the same"
    places = re.split(r"\[\[(\d+)\]\]", question.text)[1::2]
    assert places
    assert all(1 <= int(place) <= len(boxes) for place in places), "a gap without its box"
    assert all(groups.count(groups[int(place) - 1]) > 1 for place in places), "a gap that cannot be filled wrong"
    again = {place for place in places if places.count(place) > 1}
    assert all(boxes[int(place) - 1].find("infinite") is not None for place in again), "a box that is used up"
    assert _child(element, "shuffleanswers") in ("true", "1")
    answers = [Answer(_child(box, "text"), 0) for box in boxes]
    question.fields = [
        Field("ddwtos", answers, lefts=[(place, _child(boxes[int(place) - 1], "text")) for place in places])
    ]


def _ordering(question: Question) -> None:
    element = question.element
    assert element.find("shownumcorrect") is not None, "the import crashes without it"
    assert _child(element, "selecttype") == "ALL"
    assert _child(element, "gradingtype") == "RELATIVE_ALL_PREVIOUS_AND_NEXT"
    answers = [Answer(_child(answer, "text"), 0) for answer in element.findall("answer")]
    texts = [answer.text for answer in answers]
    assert len(set(texts)) == len(texts) >= 2
    question.fields = [Field("ordering", answers)]


def _essay(question: Question) -> None:
    question.grader = _html(question.element.find("graderinfo"))
    assert question.grader
    assert _child(question.element, "responseformat") == "editor"


FRACTION = r"=|%(-?[0-9]+(?:[.,][0-9]*)?)%"
ALTERNATIVE = rf"({FRACTION})?(.+?(?<!\\|&)(?<!&amp;)(?=[~#}}]|$))(#(.*?(?<!\\)(?=[~}}]|$)))?"
KINDS = (
    "MULTICHOICE_V|MULTICHOICE_H|MULTICHOICE_S|MULTICHOICE|MCV|MCH|MC|NUMERICAL|NM|SHORTANSWER_C|SHORTANSWER|SAC|SA|MWC"
    "|MW|MULTIRESPONSE_H|MULTIRESPONSE_S|MULTIRESPONSE|MRH|MR"
)
NAMELESS = re.sub(r"\((?!\?)", "(?:", ALTERNATIVE)
FIELD = re.compile(rf"\{{([0-9]*):({KINDS}):({NAMELESS}(?:~{NAMELESS})*)\}}", re.S)
TYPES = {"NUMERICAL": "numerical", "SHORTANSWER": "shortanswer", "SHORTANSWER_C": "shortanswer"}
CLOZE_NUMBER = re.compile(r"(-?(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][-+]?[0-9]+)?)(?::(.+))?")


def _cloze(question: Question) -> None:
    assert not re.search(r"\{#[0-9]+\}", question.text), "a place of a field that is none"
    while match := FIELD.search(question.text):
        question.fields.append(_embedded(match))
        place = f"⟨{len(question.fields)}⟩"
        question.text = question.text[: match.start()] + place + question.text[match.end() :]
    assert question.fields
    assert not re.search(r"\{[0-9]*:[A-Z_]+:", question.text), "a field that cannot be read"
    for formula in re.findall(r"\\\(.*?\\\)|\\\[.*?\\\]", question.text, re.S):
        assert not re.search("⟨[0-9]+⟩", formula), "a field in a formula"
    question.mark = sum(each.weight for each in question.fields)


def _embedded(match: re.Match[str]) -> Field:
    kind = match[2]
    found = Field(
        TYPES.get(kind, "multichoice"), [], int(match[1] or 1), case=kind.endswith("_C"),
        single=not kind.startswith("MULTIRESPONSE"),
    )  # fmt: skip
    rest = match[3]
    while alternative := re.match(f"~?{ALTERNATIVE}", rest, re.S):
        percent = alternative[2]
        fraction = 1.0 if alternative[1] == "=" else float(percent.replace(",", ".")) / 100 if percent else 0.0
        found.answers.append(_embedded_answer(found.kind, alternative[3], fraction, alternative[5] or ""))
        rest = rest[alternative.end() :]
        if not rest:
            break
    assert not rest
    if not found.single:
        total = sum(answer.fraction for answer in found.answers if answer.fraction > 0)
        for answer in found.answers:
            answer.fraction /= total if answer.fraction > 0 else 1
    else:
        assert any(answer.fraction == 1 for answer in found.answers)
    return found


def _embedded_answer(kind: str, text: str, fraction: float, feedback: str) -> Answer:
    said = _decoded(feedback)
    if kind != "numerical":
        return Answer(_decoded(text), fraction, said)
    number = CLOZE_NUMBER.fullmatch(text)
    assert number, text
    return Answer(number[1], fraction, said, float(number[2] or 0))


def _decoded(text: str) -> str:
    return unescape(text).replace(r"\}", "}").replace(r"\#", "#")


def _stack(question: Question) -> None:
    names = {_child(element, "name") for element in question.element.findall("input")}
    assert set(re.findall(r"\[\[input:(\w+)\]\]", question.text)) == names
    assert set(re.findall(r"\[\[validation:(\w+)\]\]", question.text)) == names
    trees = {_child(element, "name") for element in question.element.findall("prt")}
    for each in question.element.findall("prt"):
        notes = [note.text for note in each.iter() if note.tag in ("trueanswernote", "falseanswernote")]
        assert len(set(notes)) == len(notes)
        texts = [node.text or "" for node in each.iter() if node.tag in ("sans", "tans")]
        assert all(0 < len(text) <= 255 for text in texts), "an expression that the database has no room for"
    assert _child(question.element, "questionnote/text"), "what names the variant"
    (case,) = question.element.findall("qtest")
    assert _child(case, "testcase") == "1"
    typed = {_child(given, "name"): _child(given, "value") for given in case.findall("testinput")}
    assert set(typed) == names
    assert stacked(question, [typed[f"ans{place}"] for place in range(1, len(names) + 1)])[0] == 1
    for expected in case.findall("expected"):
        assert (_child(expected, "expectedscore"), _child(expected, "expectedpenalty")) == ("1.0000000", "0.0000000")
        tree = next(
            tree for tree in question.element.findall("prt") if _child(tree, "name") == _child(expected, "name")
        )
        assert _child(tree, "node/trueanswernote") == _child(expected, "expectedanswernote")
    assert len(case.findall("expected")) == len(trees)
    assert set(re.findall(r"\[\[feedback:(\w+)\]\]", _html(question.element.find("specificfeedback")))) == trees


READERS = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "numerical": _numerical,
    "shortanswer": _shortanswer,
    "matching": _matching,
    "ddwtos": _ddwtos,
    "ordering": _ordering,
    "essay": _essay,
    "cloze": _cloze,
    "stack": _stack,
}


# Marking.


def chosen(asked: Field, places: Sequence[int]) -> float:
    """The share for the options at some places."""
    assert not asked.single or len(places) <= 1
    return min(1.0, max(0.0, sum(asked.answers[place].fraction for place in places)))


def typed(asked: Field, text: str) -> tuple[float, str]:
    """The share for a typed answer, and what is said to it: that of the first answer that it agrees with."""
    agrees = _is_near if asked.kind == "numerical" else _is_like
    for answer in asked.answers:
        if agrees(asked, answer, text.strip()):
            return answer.fraction, answer.feedback
    return 0.0, ""


def _is_near(asked: Field, answer: Answer, text: str) -> bool:
    match = re.fullmatch(rf"({NUMBER.pattern})\s*(\D*)", text, re.I)
    if match is None or (match[2] and match[2] not in asked.units):
        return False
    value = float(match[1]) / asked.units.get(match[2], 1.0)
    wanted = float(f"{float(answer.text):.{KEPT}g}")
    slack = answer.tolerance + EPSILON * max(answer.tolerance, abs(wanted), EPSILON)
    return wanted - slack <= value <= wanted + slack


def _is_like(asked: Field, answer: Answer, text: str) -> bool:
    pieces = re.split(r"(?<!\\)\*", answer.text)
    pattern = ".*".join(re.escape(piece.replace(r"\*", "*")) for piece in pieces)
    return bool(text) and re.fullmatch(pattern, text, re.S if asked.case else re.S | re.I) is not None


def matched(asked: Field, rights: Sequence[str]) -> float:
    """The share for what is chosen for each left side, or dragged into each gap, in their order."""
    lefts = [(left, right) for left, right in asked.lefts if left]
    return sum(right == given for (_, right), given in zip(lefts, rights, strict=True)) / len(lefts)


def ordered(asked: Field, texts: Sequence[str]) -> float:
    """The share for an order: for each thing, how many of the others stand on the right side of it."""
    place = {answer.text: number for number, answer in enumerate(asked.answers)}
    order = [place[text] for text in texts]
    count = len(order)
    good = sum((order[i] < order[j]) == (i < j) for i in range(count) for j in range(count) if i != j)
    return good / (count * (count - 1))


def marked(question: Question, shares: Sequence[float]) -> float:
    """The share for embedded answers with these shares."""
    total = sum(each.weight for each in question.fields)
    return math.fsum(share * each.weight for share, each in zip(shares, question.fields, strict=True)) / total


# STACK.

SAMPLES = 3
FUNCTIONS = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "abs": abs, "max": max, "min": min, "floor": math.floor,
    "ceiling": math.ceil, "gamma": math.gamma, "erf": math.erf, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "binomial": math.comb, "factorial": math.factorial,
}  # fmt: skip


class Matrix:
    """A matrix of Maxima, with what the trees of the file do to it."""

    def __init__(self, *rows: list[float]) -> None:
        self.rows = rows

    def __getitem__(self, place: tuple[int, int]) -> float:
        return self.rows[place[0] - 1][place[1] - 1]

    def __sub__(self, other: "Matrix") -> "Matrix":
        return Matrix(
            *([a - b for a, b in zip(*pair, strict=True)] for pair in zip(self.rows, other.rows, strict=True))
        )

    def flat(self) -> list[float]:
        """All entries, row by row."""
        return [entry for row in self.rows for entry in row]


def evaluated(text: str, known: dict[str, Any]) -> Any:
    """An expression of Maxima at one point."""
    python = text.replace("^", "**").replace("%e", "math_e").replace("%pi", "math_pi")
    python = re.sub(r"\btrue\b", "True", re.sub(r"\bfalse\b", "False", python))
    scope = FUNCTIONS | known | {
        "matrix": Matrix, "args": lambda matrix: matrix, "flatten": lambda matrix: matrix.flat(), "lmax": max,
        "map": lambda function, entries: [function(entry) for entry in entries], "math_e": math.e, "math_pi": math.pi,
    }  # fmt: skip
    assert not re.search(r"__|\bimport\b", python)
    return eval(python, {"__builtins__": {}}, scope)


def statements(text: str) -> Iterator[tuple[str, str]]:
    """The assignments of a text of Maxima, in order."""
    for line in text.splitlines():
        assert line.endswith(";"), line
        name, colon, value = line[:-1].partition(": ")
        if colon:
            yield name, value
        else:
            assert re.fullmatch(r"assume\(\w+(?:>0|>=0|<1)\);", line), line


def points(question: Question) -> Iterator[dict[str, Any]]:
    """Values of the letters that Maxima does not know, at some points between 0 and 1."""
    text = " ".join(node.text or "" for node in question.element.iter())
    letters = sorted(set(re.findall(r"\b[A-Za-z_][A-Za-z_0-9]*\b", re.sub("<[^>]*>", " ", text))) - set(FUNCTIONS))
    for sample in range(SAMPLES):
        stream = random.Random(sample)
        yield {letter: 0.05 + 0.9 * stream.random() for letter in letters}


def stacked(question: Question, answers: Sequence[str]) -> tuple[float, list[str]]:
    """The share for what is typed into the inputs, in order, and what is said; an empty input earns nothing."""
    share, said, total = 0.0, [], 0.0
    for tree in question.element.findall("prt"):
        value = float(_child(tree, "value"))
        total += value
        place = int(_child(tree, "name").removeprefix("prt"))
        if answers[place - 1]:
            score, feedback = _walked(question, tree, f"ans{place}", answers[place - 1])
            share += value * score
            said += feedback
    return share / total, said


def _walked(question: Question, tree: ET.Element, name: str, answer: str) -> tuple[float, list[str]]:
    nodes = {_child(node, "name"): node for node in tree.findall("node")}
    score, said, current, seen = 0.0, [], "0", set()
    while current != "-1":
        assert current in nodes
        assert current not in seen
        seen.add(current)
        node = nodes[current]
        way = "true" if agrees(question, tree, node, name, answer) else "false"
        change = float(_child(node, f"{way}score"))
        score = score + change if _child(node, f"{way}scoremode") == "+" else change
        if feedback := _html(node.find(f"{way}feedback")):
            said.append(feedback)
        current = _child(node, f"{way}nextnode")
    return min(1.0, score), said


def agrees(question: Question, tree: ET.Element, node: ET.Element, name: str, answer: str) -> bool:
    """Whether the test of a node holds for an answer, at some points."""
    return all(_agrees_at(question, tree, node, name, answer, point) for point in points(question))


def _agrees_at(
    question: Question, tree: ET.Element, node: ET.Element, name: str, answer: str, point: dict[str, Any]
) -> bool:
    known = dict(point)
    for variable, value in statements(_child(question.element, "questionvariables/text")):
        known[variable] = evaluated(value, known) if not value.startswith("[[") else None
    known[name] = evaluated(answer, known)
    for variable, value in statements(_child(tree, "feedbackvariables/text")):
        known[variable] = evaluated(value, known)
    left, right = evaluated(_child(node, "sans"), known), evaluated(_child(node, "tans"), known)
    slack = {"AlgEquiv": 1e-9, "NumAbsolute": None}[_child(node, "answertest")]
    if slack is None:
        slack = float(_child(node, "testoptions"))
    if isinstance(left, Matrix) != isinstance(right, Matrix):
        return False
    lefts, rights = (left.flat(), right.flat()) if isinstance(left, Matrix) else ([left], [right])
    return len(lefts) == len(rights) and all(abs(a - b) <= slack for a, b in zip(lefts, rights, strict=True))
