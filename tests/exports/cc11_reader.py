"""Reads Common Cartridges 1.1 from the file alone, refuses what the profile does not know, and marks responses."""

import io
import re
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from xml.etree import ElementTree

from tests.exports.canvas_reader import BASE, CP, IDENT, QTI, Element, Label, _Text, require, text_of

ASSESSMENT = "imsqti_xmlv1p2/imscc_xmlv1p1/assessment"
LOM = "{http://ltsc.ieee.org/xsd/imsccv1p1/LOM/manifest}"
PROFILES = {f"cc.{name}.v0p1": name for name in ("multiple_choice", "multiple_response", "fib", "essay")}
UNKNOWN = ("or", "vargt", "vargte", "varlt", "varlte", "selection_ordering", "itemref")
"""Elements that the profile of QTI does not have."""


@dataclass
class Question:
    """One item."""

    ident: str
    name: str
    profile: str
    weight: str
    html: str
    labels: list[Label]
    conditions: list[Element]
    feedback: dict[str, str]

    @property
    def text(self) -> str:
        """The stem without markup."""
        return text_of(self.html)


@dataclass
class Quiz:
    """One assessment."""

    title: str
    fields: dict[str, str]
    questions: list[Question]


def read(data: bytes) -> list[Quiz]:
    """The quizzes in the order of the organization. Raises Broken."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        require(archive.testzip() is None, "damaged zip")
        files = {name: archive.read(name) for name in archive.namelist()}
        require(len(files) == len(archive.namelist()), "a file twice")
        require(all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist()), "times that change")
    root = ElementTree.fromstring(files["imsmanifest.xml"])
    require(root.tag == f"{CP}manifest", "no manifest")
    said = [root.findtext(f"{CP}metadata/{CP}{name}") for name in ("schema", "schemaversion")]
    require(said == ["IMS Common Cartridge", "1.1.0"], f"schema {said}")
    require(root.findtext(f"{CP}metadata/{LOM}lom/{LOM}general/{LOM}title/{LOM}string"), "no title")
    resources = {node.get("identifier", ""): node for node in root.iter(f"{CP}resource")}
    every = [node.get("identifier", "") for node in root.iter() if node.get("identifier")]
    require(len(set(every)) == len(every) and all(map(IDENT.match, every)), "identifiers")
    listed = [file.get("href", "") for file in root.iter(f"{CP}file")]
    require(sorted(listed) == sorted(set(files) - {"imsmanifest.xml"}), "files that are not listed, or listed twice")
    (organization,) = root.findall(f"{CP}organizations/{CP}organization")
    require(organization.get("structure") == "rooted-hierarchy", "structure")
    (top,) = organization.findall(f"{CP}item")
    order = [node.get("identifierref", "") for node in top.findall(f"{CP}item")]
    quizzes = {ident for ident, node in resources.items() if node.get("type") == ASSESSMENT}
    require(sorted(order) == sorted(quizzes), "quizzes that are not in the organization")
    used = [
        dependency.get("identifierref", "")
        for node in resources.values()
        for dependency in node.iter(f"{CP}dependency")
    ]
    webcontent = {ident for ident, node in resources.items() if node.get("type") == "webcontent"}
    require(set(used) == webcontent and webcontent | quizzes == set(resources), "dependencies")
    found = [_quiz(resources[ident], resources, files) for ident in order]
    idents = [question.ident for quiz in found for question in quiz.questions]
    require(len(set(idents)) == len(idents), "two items of one ident")
    return found


def _fields(node: Element | None) -> dict[str, str]:
    require(node is not None, "no metadata")
    assert node is not None
    pairs = [(field.findtext(f"{QTI}fieldlabel", ""), field.findtext(f"{QTI}fieldentry", "")) for field in node]
    require(len(dict(pairs)) == len(pairs), "a field twice")
    return dict(pairs)


def _quiz(resource: Element, resources: dict[str, Element], files: dict[str, bytes]) -> Quiz:
    (file,) = resource.findall(f"{CP}file")
    root = ElementTree.fromstring(files[file.get("href", "")])
    for tag in UNKNOWN:
        require(root.find(f".//{QTI}{tag}") is None, f"{tag} is not in the profile")
    (assessment,) = root.findall(f"{QTI}assessment")
    fields = _fields(assessment.find(f"{QTI}qtimetadata"))
    require(fields["cc_profile"] == "cc.exam.v0p1" and fields["qmd_assessmenttype"] == "Examination", "profile")
    (section,) = assessment.findall(f"{QTI}section")
    require(section.find(f"{QTI}section") is None, "nested sections")
    paths = {resources[node.get("identifierref", "")].get("href", "") for node in resource.iter(f"{CP}dependency")}
    questions = [_question(item, paths) for item in section.findall(f"{QTI}item")]
    require(questions, "an empty quiz")
    return Quiz(assessment.get("title", ""), fields, questions)


def _html(node: Element | None) -> str:
    require(node is not None, "no text")
    assert node is not None
    text = node.find(f".//{QTI}mattext")
    assert text is not None
    require(text.get("texttype") in ("text/html", "text/plain"), "texttype")
    return text.text or ""


def _question(item: Element, paths: set[str]) -> Question:
    fields = _fields(item.find(f"{QTI}itemmetadata/{QTI}qtimetadata"))
    require(next(iter(fields)) == "cc_profile" and fields["cc_profile"] in PROFILES, "profile of an item")
    require(re.fullmatch(r"[1-9]\d*", fields.get("cc_weighting", "1")), "weight")
    require(IDENT.match(item.get("ident", "")), "ident of an item")
    presentation = item.find(f"{QTI}presentation")
    assert presentation is not None
    question = Question(
        ident=item.get("ident", ""),
        name=item.get("title", ""),
        profile=PROFILES[fields["cc_profile"]],
        weight=fields.get("cc_weighting", ""),
        html=_html(presentation.find(f"{QTI}material")),
        labels=[
            Label(label.get("ident", ""), text_of(_html(label)))
            for label in presentation.iter(f"{QTI}response_label")
            if label.find(f"{QTI}material") is not None
        ],
        conditions=list(item.iter(f"{QTI}respcondition")),
        feedback={node.get("ident", ""): _html(node) for node in item.findall(f"{QTI}itemfeedback")},
    )
    linked = {node.get("linkrefid") for node in item.iter(f"{QTI}displayfeedback")}
    require(linked == set(question.feedback), "feedback")
    _check_field(question, presentation)
    for text in item.iter(f"{QTI}mattext"):
        for source, words in _Text(text.text or "").images if text.get("texttype") == "text/html" else []:
            require(source.removeprefix(BASE) in paths and words, f"{source} is not a dependency, or has no words")
    return question


def _check_field(question: Question, presentation: Element) -> None:
    """A field of the kind that the profile asks for, its labels told apart."""
    choices, texts = presentation.findall(f"{QTI}response_lid"), presentation.findall(f"{QTI}response_str")
    require(len(choices) + len(texts) == 1, "one field an item")
    if question.profile in ("fib", "essay"):
        require(len(texts) == 1 and texts[0].find(f"{QTI}render_fib") is not None, "no field")
        return
    many = question.profile == "multiple_response"
    require(choices[0].get("rcardinality") == ("Multiple" if many else "Single"), "cardinality")
    names = [label.ident for label in question.labels]
    require(len(names) >= 2 and len(set(names)) == len(names) and all(map(IDENT.match, names)), "labels")


def mark(question: Question, answer: set[str] | str) -> Fraction:
    """The share of the points: all or nothing."""
    scoring = [node for node in question.conditions if node.find(f"{QTI}setvar") is not None]
    if question.profile == "essay":
        require(not scoring, "an essay that is marked")
        return Fraction(0)
    (condition,) = scoring
    (score,) = condition.findall(f"{QTI}setvar")
    require((score.get("action"), score.get("varname"), score.text) == ("Set", "SCORE", "100"), "score")
    if question.profile == "fib":
        accepted = condition.findall(f"{QTI}conditionvar/{QTI}varequal")
        return Fraction(any(_same(str(answer), node) for node in accepted))
    if question.profile == "multiple_choice":
        (right,) = condition.findall(f"{QTI}conditionvar/{QTI}varequal")
        require(right.text in [label.ident for label in question.labels], "a right option that is not there")
        return Fraction(answer == {right.text})
    (both,) = condition.findall(f"{QTI}conditionvar/{QTI}and")
    chosen = {node.text for node in both.findall(f"{QTI}varequal")}
    left = {node.text for node in both.findall(f"{QTI}not/{QTI}varequal")}
    require(chosen | left == {label.ident for label in question.labels} and not chosen & left, "options left out")
    return Fraction(answer == chosen)


def _same(typed: str, node: Element) -> bool:
    accepted = node.text or ""
    return typed == accepted if node.get("case") == "Yes" else typed.lower() == accepted.lower()
