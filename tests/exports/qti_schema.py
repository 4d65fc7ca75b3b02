"""What the schemas of QTI 2.1, 2.2 and 3.0 allow of the elements that are written: contents, order, attributes, values.

No package registry ships the schemas, so this table stands for them. Names are those of version 2; a content model is
a regular expression over the names of children, each followed by a blank, in which capitals stand for a group.
"""

import re
from collections.abc import Iterable
from typing import Any, Protocol


class Node(Protocol):
    """An element with its 2.x names."""

    name: str
    attributes: dict[str, str]

    children: list[Any]


XML = "{http://www.w3.org/XML/1998/namespace}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"

INLINE = "math code span strong em small br img"
STATIC = f"{INLINE} p div ul ol table pre"
FIELDS = "choiceInteraction orderInteraction matchInteraction extendedTextInteraction"
GROUPS = {
    "INLINE": f"{INLINE} textEntryInteraction",
    "FLOW": f"{STATIC} textEntryInteraction {FIELDS}",
    "STATIC": STATIC,
    "BLOCK": f"p div ul ol table pre math rubricBlock {FIELDS}",
    "PLAIN": "p div ul ol table pre math",
    "RULE": "responseCondition setOutcomeValue",
    "EXPRESSION": "and or not isNull variable correct baseValue match member stringMatch gte gt lte lt sum product"
    " divide mapResponse index ordered testVariables",
}
MODELS = {
    "assessmentItem": "responseDeclaration* outcomeDeclaration* stylesheet* itemBody? responseProcessing?"
    " modalFeedback*",
    "responseDeclaration": "correctResponse? mapping?",
    "outcomeDeclaration": "defaultValue?",
    "correctResponse": "value+",
    "defaultValue": "value+",
    "mapping": "mapEntry+",
    "itemBody": "BLOCK*",
    "choiceInteraction": "simpleChoice+",
    "orderInteraction": "simpleChoice+",
    "matchInteraction": "simpleMatchSet simpleMatchSet",
    "simpleMatchSet": "simpleAssociableChoice*",
    "responseProcessing": "RULE*",
    "responseCondition": "responseIf responseElseIf* responseElse?",
    "responseIf": "EXPRESSION RULE*",
    "responseElseIf": "EXPRESSION RULE*",
    "responseElse": "RULE*",
    "setOutcomeValue": "EXPRESSION",
    **dict.fromkeys(("match", "member", "stringMatch", "gte", "gt", "lte", "lt", "divide"), "EXPRESSION EXPRESSION"),
    **dict.fromkeys(("and", "or", "sum", "product"), "EXPRESSION+"),
    **dict.fromkeys(("not", "isNull", "index"), "EXPRESSION"),
    "ordered": "EXPRESSION*",
    "assessmentTest": "outcomeDeclaration* timeLimits? testPart+ outcomeProcessing?",
    "testPart": "itemSessionControl? timeLimits? assessmentSection+",
    "assessmentSection": "selection? ordering? rubricBlock* assessmentItemRef*",
    "outcomeProcessing": "setOutcomeValue*",
    "table": "thead? tbody+",
    "thead": "tr+",
    "tbody": "tr+",
    **dict.fromkeys(("ul", "ol"), "li*"),
    "tr": "(th|td)*",
}
"""Elements that hold elements and no text. What stands neither here nor in the next table holds no element."""
MIXED = {
    **dict.fromkeys(("div", "li", "td", "th"), "FLOW*"),
    **dict.fromkeys(("p", "span", "strong", "em", "small", "code"), "INLINE*"),
    "pre": "(math|code|span|strong|em|br)*",
    **dict.fromkeys(("simpleChoice", "simpleAssociableChoice", "contentBody"), "STATIC*"),
}
"""Elements that hold text as well."""
OTHERWISE = {
    "v3p0": {"modalFeedback": "contentBody", "rubricBlock": "contentBody"},
    "": {"modalFeedback": "STATIC*", "rubricBlock": "PLAIN*"},
}
"""What version 3 wraps once more."""
TEXTS = frozenset({"value", "baseValue"})
"""Elements of text alone."""

NAME, BOOL, NUMBER, COUNT, ANY = r"[A-Za-z_][\w-]*", "true|false", r"-?\d+(\.\d+)?", r"\d+", r"(?s).+"
POINTS = r"-?\d+(\.\d{1,8})?"  # OpenOlat rounds what has more decimals
BASES = "float|integer|string|identifier|directedPair"
VALUES = {
    "float": NUMBER,
    "integer": r"-?\d+",
    "string": r"(?s).*",
    "identifier": NAME,
    "directedPair": f"{NAME} {NAME}",
}
ROOT = {f"{XSI}schemaLocation": r"\S+ \S+", f"{XML}lang?": "[a-z]{2}"}
ATTRIBUTES = {
    "assessmentItem": {
        "identifier": NAME, "title": ANY, "label?": ANY, "adaptive": "false", "timeDependent": "false", **ROOT,
    },
    "assessmentTest": {"identifier": NAME, "title": ANY, **ROOT},
    "testPart": {"identifier": NAME, "navigationMode": "linear|nonlinear", "submissionMode": "individual|simultaneous"},
    "itemSessionControl": {"maxAttempts?": COUNT, "showFeedback?": BOOL},
    "timeLimits": {"maxTime?": NUMBER},
    "selection": {"select": COUNT},
    "assessmentSection": {"identifier": NAME, "title": ANY, "visible": BOOL},
    "assessmentItemRef": {"identifier": NAME, "href": ANY},
    "responseDeclaration": {"identifier": NAME, "cardinality": "single|multiple|ordered", "baseType": BASES},
    "outcomeDeclaration": {
        "identifier": NAME, "cardinality": "single|multiple|ordered", "baseType": BASES, "normalMaximum?": POINTS,
        "normalMinimum?": NUMBER, "externalScored?": "human|externalMachine",
    },
    "mapping": {"defaultValue": NUMBER, "lowerBound?": POINTS, "upperBound?": POINTS},
    "mapEntry": {"mapKey": ANY, "mappedValue": POINTS},
    "stylesheet": {"href": ANY, "type": "text/css"},
    "choiceInteraction": {"responseIdentifier": NAME, "shuffle": BOOL, "maxChoices": COUNT},
    "orderInteraction": {"responseIdentifier": NAME, "shuffle": BOOL},
    "matchInteraction": {"responseIdentifier": NAME, "shuffle": BOOL, "maxAssociations": COUNT},
    "textEntryInteraction": {"responseIdentifier": NAME, "expectedLength?": COUNT},
    "extendedTextInteraction": {"responseIdentifier": NAME, "expectedLines?": COUNT},
    "simpleChoice": {"identifier": NAME},
    "simpleAssociableChoice": {"identifier": NAME, "matchMax": COUNT},
    "responseProcessing": {"template?": ANY},
    **{key: {"identifier": NAME} for key in ("variable", "correct", "mapResponse", "setOutcomeValue")},
    "testVariables": {"variableIdentifier": NAME},
    "baseValue": {"baseType": BASES},
    "stringMatch": {"caseSensitive": BOOL},
    "index": {"n": f"{NAME}|{COUNT}"},
    "modalFeedback": {"outcomeIdentifier": NAME, "identifier": NAME, "showHide": "show|hide"},
    "rubricBlock": {"view": "scorer|candidate", "use?": "scoring|instructions"},
    "img": {"src": ANY, "alt": r"(?s).*"},
    "th": {"class?": NAME, "scope?": "col|row"},
    "td": {"class?": NAME},
    "div": {"class?": NAME, f"{XML}lang?": "[a-z]{2}"},
    "p": {"class?": NAME},
}  # fmt: skip
"""Attributes and what they may be; those with a question mark may be left out. What is not here has none."""


def faults(node: Node, version: str) -> Iterable[str]:
    """What is wrong with an element and what is in it."""
    if node.name == "math":
        return
    yield from _attributes(node, version)
    yield from _contents(node, version)
    for child in node.children:
        if not isinstance(child, str):
            yield from faults(child, version)


def _attributes(node: Node, version: str) -> Iterable[str]:
    allowed = {key.removesuffix("?"): value for key, value in ATTRIBUTES.get(node.name, {}).items()}
    needed = {key for key in ATTRIBUTES.get(node.name, {}) if not key.endswith("?")}
    if node.name == "rubricBlock" and version == "v3p0":
        needed.add("use")
    if unknown := set(node.attributes) - set(allowed):
        yield f"{node.name} with {unknown}"
    if missing := needed - set(node.attributes):
        yield f"{node.name} without {missing}"
    for key, value in node.attributes.items():
        if not re.fullmatch(allowed.get(key, ".*"), value):
            yield f"{node.name} {key}={value!r}"
    later = {"externalScored": version != "v2p1", "use": version == "v3p0"}
    if any(key in node.attributes and not known for key, known in later.items()):
        yield f"{node.name} with what {version} does not know"


def _contents(node: Node, version: str) -> Iterable[str]:
    texts = [child for child in node.children if isinstance(child, str) and child.strip()]
    names = "".join(f"{child.name} " for child in node.children if not isinstance(child, str))
    other = OTHERWISE["v3p0" if version == "v3p0" else ""]
    model = MODELS.get(node.name) or MIXED.get(node.name) or other.get(node.name, "")
    if not re.fullmatch(_pattern(model), names):
        yield f"{node.name} holds {names!r}, not {model!r}"
    mixed = node.name in MIXED or node.name in TEXTS or (node.name == "modalFeedback" and version != "v3p0")
    if texts and not mixed:
        yield f"{node.name} holds text: {texts}"
    if node.name == "baseValue" and not re.fullmatch(VALUES[node.attributes["baseType"]], "".join(texts)):
        yield f"{texts} is no {node.attributes['baseType']}"


def _pattern(model: str) -> str:
    def name(found: re.Match[str]) -> str:
        return f"(?:(?:{'|'.join(GROUPS.get(found[0], found[0]).split())}) )"

    return "".join(re.sub("[A-Za-z0-9]+", name, word) for word in model.split())
