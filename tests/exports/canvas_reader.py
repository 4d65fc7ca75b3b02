"""Reads QTI 1.2 packages as Canvas does, from the file alone, and marks responses by its rules.

``read`` refuses what Canvas would lose: files that the manifest does not list, idents that clash, feedback that nothing
refers to. ``classic`` and ``new`` mark as Classic Quizzes and New Quizzes do.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from xml.etree import ElementTree

Element = ElementTree.Element

CP = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"
QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
META = "{http://canvas.instructure.com/xsd/cccv1p0}"
IDENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
BASE = "$IMS-CC-FILEBASE$/"
APPLICATION = "associatedcontent/imscc_xmlv1p1/learning-application-resource"

CHOICES = ("multiple_choice_question", "multiple_answers_question")
TYPED = ("numerical_question", "short_answer_question", "essay_question")
BLANKS = ("fill_in_multiple_blanks_question", "multiple_dropdowns_question")


class Broken(AssertionError):
    """Something that Canvas would lose or misread."""


def require(condition: object, message: str) -> None:
    """Raises Broken."""
    if not condition:
        raise Broken(message)


class _Text(HTMLParser):
    """The characters of HTML, the addresses of its images, and their words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.images: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        require(not self.open, f"unclosed {self.open} in {html!r}")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            given = dict(attrs)
            self.images.append((given["src"] or "", given["alt"] or ""))
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        require(self.open and self.open.pop() == tag, f"stray </{tag}>")


def text_of(html: str) -> str:
    """The characters that HTML shows; blanks run together."""
    return " ".join("".join(_Text(html).parts).split())


@dataclass
class Label:
    """One thing to choose: its ident, and what it shows."""

    ident: str
    shown: str


@dataclass
class Response:
    """One ``response_lid`` or ``response_str``."""

    ident: str
    many: bool
    prompt: str
    labels: list[Label]
    decimal: bool = False


@dataclass
class Question:
    """One item."""

    ident: str
    name: str
    kind: str
    points: Fraction
    html: str
    responses: list[Response]
    conditions: list[Element]
    feedback: dict[str, str]
    images: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The stem without markup."""
        return text_of(self.html)


@dataclass
class Group:
    """A part of the quiz: some questions of a bank, and the points of each."""

    title: str
    pick: int
    points: Fraction
    bank: str


@dataclass
class Package:
    """A whole file."""

    title: str
    settings: dict[str, str]
    groups: list[Group]
    banks: dict[str, tuple[str, list[Question]]]
    files: dict[str, bytes]

    def questions(self) -> list[Question]:
        """All questions in the order of the quiz."""
        return [question for group in self.groups for question in self.banks[group.bank][1]]


# Reading.


def read(data: bytes) -> Package:
    """The package. Raises Broken."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        require(archive.testzip() is None, "damaged zip")
        names = archive.namelist()
        files = {name: archive.read(name) for name in names}
        require(all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in archive.infolist()), "times that change")
    require(len(set(names)) == len(names), "a file twice")
    quiz, meta, banks = _manifest(files)
    groups = _assessment(files[f"{quiz}/{quiz}.xml"], quiz)
    read_banks = dict(_bank(files[name], files) for name in banks)
    require(len(read_banks) == len(banks), "two banks of one ident")
    require({group.bank for group in groups} == set(read_banks), "groups and banks differ")
    for group in groups:
        require(1 <= group.pick <= len(read_banks[group.bank][1]), "a group picks more than there is")
    idents = [question.ident for _, questions in read_banks.values() for question in questions]
    require(len(set(idents)) == len(idents), "two items of one ident")
    root = ElementTree.fromstring(files[meta])
    require(root.tag == f"{META}quiz" and root.get("identifier") == quiz, "settings of another quiz")
    settings = {child.tag.removeprefix(META): child.text or "" for child in root}
    used = {name for _, questions in read_banks.values() for question in questions for name in question.images}
    require(used == {name for name in files if name.startswith("images/")}, "images that nothing shows")
    return Package(settings["title"], settings, groups, read_banks, files)


def _manifest(files: dict[str, bytes]) -> tuple[str, str, list[str]]:
    """The ident of the quiz, the file of its settings, and the files of the banks."""
    root = ElementTree.fromstring(files["imsmanifest.xml"])
    require(root.tag == f"{CP}manifest" and root.get("identifier"), "no manifest")
    schema = root.find(f"{CP}metadata/{CP}schema"), root.find(f"{CP}metadata/{CP}schemaversion")
    require([node.text for node in schema if node is not None] == ["IMS Content", "1.1.3"], "schema of the manifest")
    require(root.find(f"{CP}organizations") is not None, "no organizations")
    resources = {node.get("identifier", ""): node for node in root.iter(f"{CP}resource")}
    require(len(resources) == len(list(root.iter(f"{CP}resource"))), "two resources of one ident")
    require(all(IDENT.match(ident) for ident in resources), "idents of resources")
    listed = [file.get("href", "") for file in root.iter(f"{CP}file")]
    require(sorted(listed) == sorted(set(files) - {"imsmanifest.xml"}), "files that are not listed, or listed twice")
    for node in resources.values():
        href = node.get("href")
        require(href is None or href in [file.get("href") for file in node.iter(f"{CP}file")], "a href without a file")
    (quiz,) = (ident for ident, node in resources.items() if node.get("type") == "imsqti_xmlv1p2")
    dependency = resources[quiz].find(f"{CP}dependency")
    require(dependency is not None, "a quiz without settings")
    assert dependency is not None
    meta = resources[dependency.get("identifierref", "")]
    require(meta.get("type") == APPLICATION, "settings of another type")
    require(meta.get("href") == f"{quiz}/assessment_meta.xml", "the folder of the settings is not the quiz")
    banks = [
        node.get("href", "") for node in resources.values() if node.get("type") == APPLICATION and node is not meta
    ]
    require(all(re.fullmatch(r"non_cc_assessments/[\w-]+\.xml\.qti", name) for name in banks), "names of banks")
    content = [node.get("href", "") for node in resources.values() if node.get("type") == "webcontent"]
    require(len(content) + len(banks) + 2 == len(resources), "resources of an unknown type")
    return quiz, meta.get("href", ""), banks


def _assessment(data: bytes, ident: str) -> list[Group]:
    root = ElementTree.fromstring(data)
    (assessment,) = root.findall(f"{QTI}assessment")
    require(assessment.get("ident") == ident, "the folder is not the ident of the quiz")
    (section,) = assessment.findall(f"{QTI}section")
    require(section.get("ident") == "root_section", "no root section")
    groups = section.findall(f"{QTI}section")
    require(len({group.get("ident") for group in groups}) == len(groups), "two groups of one ident")
    return [_group(group) for group in groups]


def _group(section: Element) -> Group:
    selection = section.find(f"{QTI}selection_ordering/{QTI}selection")
    assert selection is not None
    return Group(
        title=section.get("title", ""),
        pick=int(_said(selection, "selection_number")),
        points=Fraction(_said(selection, f"selection_extension/{QTI}points_per_item")),
        bank=_said(selection, "sourcebank_ref"),
    )


def _said(node: Element, path: str) -> str:
    found = node.find(f"{QTI}{path}")
    require(found is not None and found.text, f"no {path}")
    assert found is not None
    return found.text or ""


def _fields(node: Element) -> dict[str, str]:
    found = [(_said(entry, "fieldlabel"), _said(entry, "fieldentry")) for entry in node.iter(f"{QTI}qtimetadatafield")]
    require(len(dict(found)) == len(found), "a field twice")
    return dict(found)


def _bank(data: bytes, files: dict[str, bytes]) -> tuple[str, tuple[str, list[Question]]]:
    root = ElementTree.fromstring(data)
    (bank,) = root.findall(f"{QTI}objectbank")
    require(IDENT.match(bank.get("ident", "")), "ident of a bank")
    metadata = bank.find(f"{QTI}qtimetadata")
    assert metadata is not None
    questions = [_question(item, files) for item in bank.findall(f"{QTI}item")]
    require(questions, "an empty bank")
    return bank.get("ident", ""), (_fields(metadata)["bank_title"], questions)


def _question(item: Element, files: dict[str, bytes]) -> Question:
    about = item.find(f"{QTI}itemmetadata")
    presentation = item.find(f"{QTI}presentation")
    assert about is not None
    assert presentation is not None
    labels = _fields(about)
    require(next(iter(labels)) == "question_type", "the type is not the first field")
    require(IDENT.match(labels["assessment_question_identifierref"]), "no reference")
    require(IDENT.match(item.get("ident", "")), "ident of an item")
    (material,) = presentation.findall(f"{QTI}material")
    question = Question(
        ident=item.get("ident", ""),
        name=item.get("title", ""),
        kind=labels["question_type"],
        points=Fraction(labels["points_possible"]),
        html=_material(material, "text/html"),
        responses=[_response(node) for node in presentation if node.tag != f"{QTI}material"],
        conditions=list(item.iter(f"{QTI}respcondition")),
        feedback={
            node.get("ident", ""): _material(next(node.iter(f"{QTI}material")), "text/html")
            for node in item.findall(f"{QTI}itemfeedback")
        },
    )
    _check(question, item, files)
    return question


def _material(node: Element, kind: str) -> str:
    (text,) = node.findall(f"{QTI}mattext")
    require(text.get("texttype") == kind, f"{kind} expected")
    return text.text or ""


def _shown(node: Element | None) -> str:
    """What a material shows: HTML without its markup, or plain text."""
    if node is None:
        return ""
    (text,) = node.findall(f"{QTI}mattext")
    return text_of(text.text or "") if text.get("texttype") == "text/html" else text.text or ""


def _response(node: Element) -> Response:
    ident = node.get("ident", "")
    require(IDENT.match(ident), f"ident {ident!r} of a response")
    render = node.find(f"{QTI}render_fib")
    return Response(
        ident=ident,
        many=node.get("rcardinality") == "Multiple",
        prompt=_shown(node.find(f"{QTI}material")),
        labels=[
            Label(label.get("ident", ""), _shown(label.find(f"{QTI}material")))
            for label in node.iter(f"{QTI}response_label")
        ],
        decimal=render is not None and render.get("fibtype") == "Decimal",
    )


def _check(question: Question, item: Element, files: dict[str, bytes]) -> None:
    """What holds of every question."""
    require(question.kind in (*CHOICES, *TYPED, *BLANKS, "matching_question"), f"unknown type {question.kind}")
    _check_labels(question)
    _check_answers(question, item)
    declared, known = set(question.feedback), {"general_fb", "correct_fb", "general_incorrect_fb"}
    names = {label.ident for response in question.responses for label in response.labels}
    require(declared <= known | {f"{name}_fb" for name in names}, f"feedback {declared}")
    linked = {node.get("linkrefid", "") for node in item.iter(f"{QTI}displayfeedback")}
    require(linked <= declared, "feedback that is not there")
    require(declared - linked <= {"correct_fb"}, "feedback that is never given")
    respidents = {response.ident for response in question.responses}
    for tag in ("varequal", "vargte", "varlte"):
        require(all(node.get("respident") in respidents for node in item.iter(f"{QTI}{tag}")), "a response unknown")
    require(not list(item.iter(f"{QTI}vargt")), "vargt makes a number a precision")
    for label in item.iter(f"{QTI}response_label") if question.kind in (*BLANKS, "matching_question") else ():
        require(all(node.get("texttype") == "text/plain" for node in label.iter(f"{QTI}mattext")), "HTML in a menu")
    for html in [question.html, *(_text(node) for node in item.iter(f"{QTI}mattext"))]:
        for source, words in _Text(html).images:
            require(source.startswith(BASE) and source.removeprefix(BASE) in files, f"no file for {source}")
            require(words, "an image without words")
            question.images.append(source.removeprefix(BASE))


def _check_answers(question: Question, item: Element) -> None:
    """The numbers of the answers are listed in the order of their idents, from which Canvas takes them."""
    about = item.find(f"{QTI}itemmetadata")
    assert about is not None
    listed = _fields(about).get("original_answer_ids", "")
    if question.kind in TYPED:
        require(not listed, "answers of a question without any")
        return
    names = [label.ident for response in question.responses for label in response.labels]
    if question.kind == "matching_question":
        names = [response.ident for response in question.responses]
    require(listed.split(",") == [re.sub(r"\D+", "", name) for name in names], "answers in another order")


def _text(node: Element) -> str:
    return node.text or "" if node.get("texttype") == "text/html" else ""


def _check_labels(question: Question) -> None:
    """Idents of labels: the first number in each is its id, so none may be shared, but by the sides of a matching."""
    if question.kind in TYPED:
        (response,) = question.responses
        require(response.decimal == (question.kind == "numerical_question"), "fibtype")
        return
    groups = [[label.ident for label in response.labels] for response in question.responses]
    if question.kind == "matching_question":
        require(all(group == groups[0] for group in groups), "different right sides")
        groups = groups[:1]
    names = [name for group in groups for name in group]
    require(all(IDENT.match(name) for name in names), "idents of labels")
    numbers = [re.search(r"\d+", name) for name in names]
    require(len({number[0] for number in numbers if number}) == len(names), "labels that share a number")
    require(len({response.ident for response in question.responses}) == len(question.responses), "a response twice")
    if question.kind in BLANKS:
        for response in question.responses:
            blank = f"[{response.ident.removeprefix('response_')}]"
            require(response.ident.startswith("response_") and question.html.count(blank) == 1, f"no blank {blank}")


# Marking. A response is a set of idents, a text, or (for blanks and matchings) texts or idents by response.

Answer = set[str] | str | dict[str, str]


def classic(question: Question, answer: Answer) -> Fraction:
    """The share of the points that Classic Quizzes give."""
    match question.kind:
        case "multiple_choice_question":
            return Fraction(answer == {_right_choice(question)})
        case "multiple_answers_question":
            return _several(question, answer if isinstance(answer, set) else set())
        case "numerical_question":
            return Fraction(_numeric(question, str(answer), upper=True))
        case "short_answer_question":
            return Fraction(str(answer).strip().lower() in [text.strip().lower() for text in _equal(question)])
        case "essay_question":
            require(not any(_tagged(node, "setvar") for node in question.conditions), "an essay that is marked")
            return Fraction(0)
    assert isinstance(answer, dict)
    return _parts(question, answer)


def new(question: Question, answer: Answer) -> Fraction:
    """The share of the points that New Quizzes give."""
    for node in question.conditions:
        require(not _tagged(node, "setvar") or not _tagged(node, "other"), "a wrong answer that sets the score")
    final = any(_tagged(node, "other") and node.get("continue") != "Yes" for node in question.conditions)
    require(final == (question.kind == "essay_question"), "what ends with anything is an essay, and nothing else is")
    if question.kind == "numerical_question":
        return Fraction(_numeric(question, str(answer), upper=False))
    return classic(question, answer)


def _tagged(node: Element, tag: str) -> list[Element]:
    return list(node.iter(f"{QTI}{tag}"))


def _scoring(question: Question, action: str) -> list[Element]:
    return [
        node for node in question.conditions if [set_.get("action") for set_ in _tagged(node, "setvar")] == [action]
    ]


def _right_choice(question: Question) -> str:
    (condition,) = _scoring(question, "Set")
    require(_tagged(condition, "setvar")[0].text == "100", "a right option that gives less than all")
    (right,) = _tagged(condition, "varequal")
    require(right.text in [label.ident for label in question.responses[0].labels], "a right option that is not there")
    return right.text or ""


def _several(question: Question, chosen: set[str]) -> Fraction:
    """Classic gives the right ones less the wrong ones, never less than nothing."""
    (condition,) = _scoring(question, "Set")
    (both,) = condition.findall(f"{QTI}conditionvar/{QTI}and")
    right = {node.text or "" for node in both.findall(f"{QTI}varequal")}
    wrong = {node.text or "" for node in both.findall(f"{QTI}not/{QTI}varequal")}
    require(right and right | wrong == {label.ident for label in question.responses[0].labels}, "options left out")
    require(not right & wrong, "options right and wrong")
    return max(Fraction(len(chosen & right) - len(chosen & wrong), len(right)), Fraction(0))


def _equal(question: Question) -> list[str]:
    (condition,) = _scoring(question, "Set")
    return [node.text or "" for node in _tagged(condition, "varequal")]


def number(text: str) -> float | None:
    """What Canvas makes of a number that a student types."""
    return float(text) if re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*", text, re.IGNORECASE) else None


def _numeric(question: Question, typed: str, upper: bool) -> bool:
    """Classic takes the margin from the upper bound, New Quizzes from the lower one, both with floats."""
    (condition,) = _scoring(question, "Set")
    (either,) = condition.findall(f"{QTI}conditionvar/{QTI}or")
    (equal,) = either.findall(f"{QTI}varequal")
    (low,) = either.findall(f"{QTI}and/{QTI}vargte")
    (high,) = either.findall(f"{QTI}and/{QTI}varlte")
    exact, bottom, top = (Decimal(node.text or "") for node in (equal, low, high))
    require(top - exact == exact - bottom >= 0, "a margin that is not symmetric")
    require(exact == 0 or abs(exact) >= Decimal("1e-4"), "a number that Canvas makes 0")
    require(top == exact or top - exact >= Decimal("1e-4"), "a margin that Canvas makes 0")
    given = number(typed)
    if given is None:
        return False
    margin = float(top) - float(exact) if upper else float(exact) - float(bottom)
    rounded = abs(given - round(float(exact), 4)) <= round(margin, 4) + 1e-9  # a Canvas that rounds its keys
    plain = float(exact) - margin <= given <= float(exact) + margin
    require(plain == rounded or margin >= 1e-3, "a key that rounding changes")
    return plain


def _parts(question: Question, answers: dict[str, str]) -> Fraction:
    """Every blank, and every thing on the left, counts the same."""
    added = {}
    for condition in _scoring(question, "Add"):
        (equal,) = _tagged(condition, "varequal")
        added[equal.get("respident", "")] = equal.text or ""
        (share,) = _tagged(condition, "setvar")
        require(abs(Fraction(share.text or "") * len(question.responses) - 100) <= 1, "shares that do not add up")
    require(set(added) == {response.ident for response in question.responses}, "responses that are not marked")
    right = 0
    for response in question.responses:
        require(added[response.ident] in [label.ident for label in response.labels], "a label that is not there")
        given = answers.get(response.ident, "")
        if question.kind == "fill_in_multiple_blanks_question":
            right += given.strip().lower() in [label.shown.strip().lower() for label in response.labels]
        else:
            right += given == added[response.ident]
    return Fraction(right, len(question.responses))
