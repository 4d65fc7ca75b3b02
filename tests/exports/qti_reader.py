"""Reads packages of QTI 2.1, 2.2 and 3.0 as their standards say, and runs their response processing.

Written from the standards alone; no code of the exporters is used here. A package that breaks a rule raises Broken.
"""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree import ElementTree

from tests.exports.qti_schema import faults

Element = ElementTree.Element
Value = Any
"""NULL is None; a single value is a str, float or bool; a container is never empty, a tuple if it is ordered."""

MATHML = "http://www.w3.org/1998/Math/MathML"
ITEMS = {
    "http://www.imsglobal.org/xsd/imsqti_v2p1": "v2p1",
    "http://www.imsglobal.org/xsd/imsqti_v2p2": "v2p2",
    "http://www.imsglobal.org/xsd/imsqtiasi_v3p0": "v3p0",
}
MANIFESTS = {
    "v2p1": ("http://www.imsglobal.org/xsd/imscp_v1p1", "QTIv2.1 Package", "1.0.0"),
    "v2p2": ("http://www.imsglobal.org/xsd/imscp_v1p1", "QTIv2.2 Package", "1.0.0"),
    "v3p0": ("http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1", "QTI Package", "3.0.0"),
}
TEMPLATES = {
    "v2p1": "http://www.imsglobal.org/question/qti_v2p1/rptemplates/{}",
    "v2p2": "http://www.imsglobal.org/question/qti_v2p2/rptemplates/{}",
    "v3p0": "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/{}.xml",
}
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
"""Names that every importer takes: no periods, no digit first."""
HTML = frozenset(
    ["p", "div", "span", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "strong", "em"]
) | frozenset(["br", "small", "img"])
"""What both QTI 2 and QTI 3 know."""
BLOCKS = frozenset(["p", "div", "ul", "ol", "table", "pre", "math"])
"""What makes a block."""
TAKES = {
    "choiceInteraction": {("single", "identifier"), ("multiple", "identifier")},
    "orderInteraction": {("ordered", "identifier")},
    "matchInteraction": {("multiple", "directedPair")},
    "textEntryInteraction": {("single", "float"), ("single", "string")},
    "extendedTextInteraction": {("single", "string")},
}
"""Responses of each interaction: cardinality and base type."""


class Broken(Exception):
    """A package that breaks a rule of its standard, or of those who read it."""


def require(condition: object, message: str) -> None:
    """Raises Broken unless ``condition`` holds."""
    if not condition:
        raise Broken(message)


# XML of any version, with the names of version 2.


@dataclass
class Node:
    """An element with its 2.x names."""

    name: str
    of_qti: bool
    attributes: dict[str, str]
    children: list["Node | str"]

    def nodes(self, *names: str) -> list["Node"]:
        """Children that are elements, of these names if any are given."""
        return [child for child in self.children if isinstance(child, Node) and (not names or child.name in names)]

    def one(self, name: str) -> "Node":
        """The only child of that name."""
        found = self.nodes(name)
        require(len(found) == 1, f"{len(found)} times {name} in {self.name}")
        return found[0]

    def all(self) -> Iterator["Node"]:
        """This element and all below it."""
        yield self
        for child in self.nodes():
            yield from child.all()

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def text(self) -> str:
        """All text below, formulas by their alternative, with single spaces."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> Iterator[str]:
        if self.name == "math":
            yield self["alttext"]
            return
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.name not in ("rubricBlock", "img"):
                edge = " " if child.name in BLOCKS or child.name in ("br", "li", "td", "th", "tr") else ""
                yield f"{edge}{''.join(child._texts())}{edge}"


def parse(data: bytes, version: str = "") -> tuple[Node, str]:
    """A document and the version that its namespace says. Raises Broken."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise Broken(f"not XML: {error}") from error
    space = root.tag[1:].partition("}")[0]
    found = ITEMS.get(space, "")
    node = _node(root, space, found == "v3p0")
    wrong = list(faults(node, found)) if found else []
    require(not wrong, "; ".join(wrong))
    return node, found


def _node(element: Element, space: str, kebab: bool) -> Node:
    where, _, local = element.tag[1:].partition("}")
    require(where in (space, MATHML), f"{element.tag} in no known namespace")
    of_qti = where == space and (local.startswith("qti-") if kebab else local not in HTML)
    name = _camel(local.removeprefix("qti-")) if kebab and of_qti else local
    if where == space and not of_qti:
        require(local in HTML, f"<{local}> is neither QTI nor HTML")
    attributes = {
        _camel(key) if kebab and of_qti and key[0] != "{" else key: value for key, value in element.attrib.items()
    }
    children: list[Node | str] = [element.text] if element.text else []
    for child in element:
        children.append(_node(child, space, kebab))
        if child.tail:
            children.append(child.tail)
    require(where != MATHML or name != "math" or attributes.get("alttext"), "a formula without words")
    return Node(name, of_qti, attributes, children)


def _camel(name: str) -> str:
    return re.sub("-([a-z])", lambda found: found[1].upper(), name)


# Items.


@dataclass(frozen=True)
class Declared:
    """A response: what it takes, what is right, and what is mapped."""

    cardinality: str
    base: str
    right: Value = None
    mapping: Mapping[str, float] = field(default_factory=dict)
    other: float = 0
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Interaction:
    """One thing to be answered. ``choices`` are identifiers with their words; ``left`` those of a match's left side."""

    kind: str
    response: str
    choices: Mapping[str, str]
    left: tuple[str, ...] = ()
    most: int = 0
    times: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, str] = field(default_factory=dict)


class Item:
    """An item; ``outcomes(responses)`` runs its response processing."""

    def __init__(self, data: bytes) -> None:
        self.root, self.version = parse(data)
        root = self.root
        require(root.name == "assessmentItem" and self.version, f"no item but {root.name}")
        require(root["adaptive"] == root["timeDependent"] == "false", "adaptive or timed")
        require(NAME.fullmatch(root["identifier"]), root["identifier"])
        self.body = root.one("itemBody")
        self.responses = dict(_once((node["identifier"], declared(node)) for node in root.nodes("responseDeclaration")))
        self.declared = dict(_once((node["identifier"], node) for node in root.nodes("outcomeDeclaration")))
        self.interactions = [interaction(node) for node in self.body.all() if node.name in TAKES]
        self.modals = root.nodes("modalFeedback")
        self.rules = self._rules(root.one("responseProcessing"))
        self._check()

    @property
    def title(self) -> str:
        """The name that teachers see."""
        return self.root["title"]

    @property
    def points(self) -> float:
        """All points that can be had."""
        return float(self.defaults["MAXSCORE"])

    @cached_property
    def defaults(self) -> dict[str, Value]:
        """The outcomes before any response."""
        return {
            name: read_value([value.text() for value in node.one("defaultValue").nodes("value")], node)
            if node.nodes("defaultValue")
            else (0.0 if node["baseType"] in ("float", "integer") else None)
            for name, node in self.declared.items()
        }

    def files(self) -> set[str]:
        """What an item refers to."""
        images = {node["src"] for node in self.root.all() if node.name == "img"}
        return images | {node["href"] for node in self.root.nodes("stylesheet")}

    def outcomes(self, responses: Mapping[str, Value]) -> dict[str, Value]:
        """The outcomes for what a student gives: a text, an identifier, or a list of them, per response."""
        given = {name: self._taken(name, responses.get(name)) for name in self.responses}
        run = Run(self.responses, given, dict(self.defaults))
        run.rules(self.rules)
        return run.outcomes

    def score(self, responses: Mapping[str, Value]) -> float:
        """The points for what a student gives."""
        return float(self.outcomes(responses)["SCORE"])

    def right(self) -> dict[str, Value]:
        """The declared right responses."""
        return {name: one.right for name, one in self.responses.items() if one.right is not None}

    def said(self, outcomes: Mapping[str, Value]) -> list[str]:
        """The feedback that is shown for these outcomes."""
        shown = []
        for modal in self.modals:
            value = outcomes[modal["outcomeIdentifier"]]
            found = modal["identifier"] in value if isinstance(value, list | tuple) else value == modal["identifier"]
            shown += [modal.text()] if found == (modal["showHide"] == "show") else []
        return shown

    def _taken(self, name: str, given: Value) -> Value:
        """A response as the interaction delivers it. Raises Broken for one that it does not let happen."""
        one = next(one for one in self.interactions if one.response == name)
        values = [] if given is None else [given] if isinstance(given, str) else list(given)
        if one.kind == "choiceInteraction":
            require(not one.most or len(values) <= one.most, "too many choices")
        if one.kind == "orderInteraction":
            require(not values or sorted(values) == sorted(one.choices), "not all things in order")
        if one.kind == "matchInteraction":
            ends = Counter(end for pair in values for end in pair.split())
            require(all(ends[end] <= times for end, times in one.times.items() if times), "matched too often")
            require(len(values) <= one.most or not one.most, "too many pairs")
        declaration = self.responses[name]
        return read_value(values, cardinality=declaration.cardinality, base=declaration.base)

    def _rules(self, processing: Node) -> Sequence[Node]:
        template = processing.attributes.get("template")
        if template is None:
            require(processing.nodes() or not self.root.nodes("responseProcessing")[0].attributes, "no rules")
            return processing.nodes()
        require(not processing.nodes(), "rules beside a template")
        require(set(self.responses) == {"RESPONSE"}, "templates are for RESPONSE")
        name = template.rpartition("/")[2].removesuffix(".xml")
        require(template == TEMPLATES[self.version].format(name), template)
        require(name == "match_correct", template)
        return _MATCH_CORRECT

    def _check(self) -> None:
        self._check_names()
        self._check_variables()
        named = [one.response for one in self.interactions]
        require(sorted(named) == sorted(self.responses), f"{named} answer {sorted(self.responses)}")
        for one in self.interactions:
            taken = self.responses[one.response]
            require((taken.cardinality, taken.base) in TAKES[one.kind], f"{one.kind} with {taken}")
            _check_key(one, taken)
        for modal in self.modals:
            require(self.declared[modal["outcomeIdentifier"]]["baseType"] == "identifier", "feedback by no identifier")
        for name in ("SCORE", "MAXSCORE"):
            (value,) = [text.text() for text in self.declared[name].one("defaultValue").nodes()]
            require(
                self.declared[name]["baseType"] == "float" and (name == "MAXSCORE" or value == "0"), f"{name} {value}"
            )

    def _check_names(self) -> None:
        declared = [*self.responses, *self.declared]
        require(len(declared) == len(set(declared)), "a name is declared twice")
        shown = [(modal["outcomeIdentifier"], modal["identifier"]) for modal in self.modals]
        require(len(shown) == len(set(shown)), "two feedbacks of one name")
        for node in self.root.all():
            for key in ("identifier", "responseIdentifier", "outcomeIdentifier"):
                require(not node.of_qti or NAME.fullmatch(node.attributes.get(key, "A")), f"{node.name} {key}")

    def _check_variables(self) -> None:
        for rule in self.rules:
            for node in rule.all():
                require(node.name in EXPRESSIONS or node.name in RULES, f"{node.name} is no rule or expression")
                mapped = any(child.name == "mapResponse" for child in node.nodes())
                require(not mapped or node.name == "setOutcomeValue", "a player fails over mapResponse as an operand")
                known = {*self.responses, *(self.declared if node.name in ("variable", "setOutcomeValue") else ())}
                if "identifier" in node.attributes:
                    require(node["identifier"] in known, f"{node.name} of {node['identifier']}, which is not declared")


def _once(pairs: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    seen = set()
    for name, value in pairs:
        require(name not in seen, f"{name} is declared twice")
        seen.add(name)
        yield name, value


def declared(node: Node) -> Declared:
    """A response declaration."""
    right = [value.text() for value in node.one("correctResponse").nodes()] if node.nodes("correctResponse") else []
    one = Declared(node["cardinality"], node["baseType"], read_value(right, node))
    if not node.nodes("mapping"):
        return one
    mapping = node.one("mapping")
    entries = dict(_once((entry["mapKey"], float(entry["mappedValue"])) for entry in mapping.nodes("mapEntry")))
    least, most = mapping.attributes.get("lowerBound"), mapping.attributes.get("upperBound")
    return Declared(
        one.cardinality, one.base, one.right, entries, float(mapping["defaultValue"]),
        None if least is None else float(least), None if most is None else float(most),
    )  # fmt: skip


def interaction(node: Node) -> Interaction:
    """An interaction with its choices, each of which has words or a picture."""
    nodes = [one for one in node.all() if one.name in ("simpleChoice", "simpleAssociableChoice")]
    choices = dict(_once((one["identifier"], one.text()) for one in nodes))
    for one in nodes:
        require(one.text() or any(inner.name == "img" for inner in one.all()), "an empty choice")
        require(NAME.fullmatch(one["identifier"]), one["identifier"])
    left: tuple[str, ...] = ()
    if node.name == "matchInteraction":
        sets = node.nodes("simpleMatchSet")
        require(len(sets) == 2, "a match has two sides")
        left = tuple(one["identifier"] for one in sets[0].nodes())
    most = node.attributes.get("maxChoices") or node.attributes.get("maxAssociations") or "0"
    times = {one["identifier"]: int(one["matchMax"]) for one in nodes if "matchMax" in one.attributes}
    return Interaction(node.name, node["responseIdentifier"], choices, left, int(most), times)


def _check_key(one: Interaction, taken: Declared) -> None:
    """The key and the mapping name choices that are there."""
    if one.kind in ("textEntryInteraction", "extendedTextInteraction"):
        require(taken.right is not None or one.kind == "extendedTextInteraction", "no key")
        return
    require(len(one.choices) >= 2, "nothing to choose from")
    right = taken.right if isinstance(taken.right, list | tuple) else [taken.right]
    for value in [*right, *taken.mapping]:
        require(value is not None and set(value.split()) <= set(one.choices), f"{value} is no choice")
    if one.kind == "matchInteraction":
        require(all(value.split()[0] in one.left for value in right), "pairs go from left to right")


# Response processing.


def read_value(values: Sequence[str], node: Node | None = None, *, cardinality: str = "", base: str = "") -> Value:
    """Texts as a value of a declaration; what is no number where one is wanted is NULL, and so is an empty text."""
    cardinality = node["cardinality"] if node else cardinality
    base = node["baseType"] if node else base
    found = [one for one in (_single(text, base) for text in values) if one is not None]
    if cardinality == "single":
        require(len(found) <= 1, f"{len(found)} values for one")
        return found[0] if found else None
    return (tuple(found) if cardinality == "ordered" else found) or None


def _single(text: str, base: str) -> Value:
    if base in ("float", "integer"):
        number = re.fullmatch(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*", text)
        return float(number[1]) if number else None
    require(base in ("string", "identifier", "directedPair"), f"base type {base}")
    return text or None


@dataclass
class Run:
    """One run of response processing."""

    declared: Mapping[str, Declared]
    given: Mapping[str, Value]
    outcomes: dict[str, Value]

    def rules(self, rules: Sequence[Node]) -> None:
        """Obeys rules one after the other."""
        for rule in rules:
            if rule.name == "setOutcomeValue":
                (expression,) = rule.nodes()
                self.outcomes[rule["identifier"]] = self.value(expression)
            elif rule.name == "responseCondition":
                self._condition(rule)
            else:
                raise Broken(f"no rule: {rule.name}")

    def _condition(self, rule: Node) -> None:
        names = [branch.name for branch in rule.nodes()]
        require(re.fullmatch("responseIf( responseElseIf)*( responseElse)?", " ".join(names)), str(names))
        for branch in rule.nodes():
            inner = branch.nodes()
            if branch.name == "responseElse":
                self.rules(inner)
                return
            if self.value(inner[0]) is True:
                self.rules(inner[1:])
                return

    def value(self, node: Node) -> Value:
        """The value of an expression."""
        if node.name == "variable":
            name = node["identifier"]
            return self.given[name] if name in self.given else self.outcomes[name]
        if node.name == "correct":
            return self.declared[node["identifier"]].right
        if node.name == "mapResponse":
            return self._mapped(node["identifier"])
        if node.name == "baseValue":
            return _single(node.children[0] if node.children else "", node["baseType"])  # type: ignore[arg-type]
        if node.name == "index":
            return self._there(node)
        return EXPRESSIONS[node.name](node, [self.value(child) for child in node.nodes()])

    def _there(self, node: Node) -> Value:
        """What stands at a place, which is a number or the name of an outcome."""
        (container,) = [self.value(child) for child in node.nodes()]
        place = int(node["n"]) if node["n"].isdigit() else int(self.outcomes[node["n"]])
        require(container is None or isinstance(container, tuple), "a place in what has no order")
        return container[place - 1] if container and 1 <= place <= len(container) else None

    def _mapped(self, name: str) -> float:
        one, value = self.declared[name], self.given[name]
        values = set(value) if isinstance(value, list | tuple) else {value} - {None}
        total = sum(one.mapping.get(key, one.other) for key in values)
        low = total if one.least is None else max(total, one.least)
        return low if one.most is None else min(low, one.most)


def _numbers(values: Sequence[Value]) -> list[float] | None:
    """The numbers in values and containers; None if one is NULL."""
    flat = [one for value in values for one in (value if isinstance(value, list | tuple) else [value])]
    return None if None in flat else flat


def _compared(compare: Callable[[float, float], bool]) -> Callable[[Node, list[Value]], Value]:
    def run(node: Node, values: list[Value]) -> Value:
        left, right = values
        require(
            not isinstance(left, str | bool | list | tuple) and not isinstance(right, str | bool | list | tuple),
            node.name,
        )
        return None if left is None or right is None else compare(left, right)

    return run


def _all(node: Node, values: list[Value]) -> Value:
    return False if False in values else None if None in values else True


def _any(node: Node, values: list[Value]) -> Value:
    return True if True in values else None if None in values else False


def _same(node: Node, values: list[Value]) -> Value:
    left, right = values
    if left is None or right is None:
        return None
    kinds = {(type(one), type(one[0]) if isinstance(one, list | tuple) else None) for one in values}
    require(len(kinds) == 1, f"match of {kinds}")
    return Counter(left) == Counter(right) if isinstance(left, list) else left == right


def _string(node: Node, values: list[Value]) -> Value:
    left, right = values
    require(left is not None, "players stumble over a comparison with nothing")
    if right is None:
        return None
    sensitive = node["caseSensitive"] == "true"
    return left == right if sensitive else left.casefold() == right.casefold()


def _divided(node: Node, values: list[Value]) -> Value:
    left, right = values
    return None if left is None or not right else left / right


def _product(node: Node, values: list[Value]) -> Value:
    numbers, result = _numbers(values), 1.0
    for number in numbers or ():
        result *= number
    return None if numbers is None else result


def _sum(node: Node, values: list[Value]) -> Value:
    numbers = _numbers(values)
    return None if numbers is None else sum(numbers)


RULES = frozenset(["responseCondition", "responseIf", "responseElseIf", "responseElse", "setOutcomeValue"])
EXPRESSIONS: dict[str, Callable[[Node, list[Value]], Value]] = {
    **dict.fromkeys(("variable", "correct", "mapResponse", "baseValue", "index"), lambda node, values: None),
    "and": _all,
    "or": _any,
    "not": lambda node, values: None if values[0] is None else not values[0],
    "isNull": lambda node, values: values[0] is None,
    "match": _same,
    "stringMatch": _string,
    "gte": _compared(lambda left, right: left >= right),
    "lte": _compared(lambda left, right: left <= right),
    "gt": _compared(lambda left, right: left > right),
    "lt": _compared(lambda left, right: left < right),
    "member": lambda node, values: None if None in values else values[0] in values[1],
    "ordered": lambda node, values: tuple(one for one in values if one is not None) or None,
    "sum": _sum,
    "product": _product,
    "divide": _divided,
}
"""What may stand in rules. ``and`` is asked in order by players, so that what follows a guard is guarded."""


def _template(text: str) -> Sequence[Node]:
    return _node(ElementTree.fromstring(text), "t", False).nodes()


_MATCH_CORRECT = _template(
    '<responseProcessing xmlns="t"><responseCondition>'
    '<responseIf><match><variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></match>'
    '<setOutcomeValue identifier="SCORE"><baseValue baseType="float">1</baseValue></setOutcomeValue></responseIf>'
    '<responseElse><setOutcomeValue identifier="SCORE"><baseValue baseType="float">0</baseValue></setOutcomeValue>'
    "</responseElse></responseCondition></responseProcessing>"
)
"""The standard's template."""


# Packages.


@dataclass(frozen=True)
class Section:
    """A part of a test: ``pick`` of its items are given."""

    title: str
    items: tuple[str, ...]
    pick: int


class Package:
    """A package: its items by name, and the sections of its test."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            require(len(names) == len(set(names)), "a file twice")
            self.files = {name: archive.read(name) for name in names}
        manifest = ElementTree.fromstring(self.files["imsmanifest.xml"])
        self.space = manifest.tag[1:].partition("}")[0]
        resources = manifest.findall(f"{{{self.space}}}resources/{{{self.space}}}resource")
        self._check_manifest(manifest, resources)
        kinds = {resource.attrib["href"]: resource.attrib["type"] for resource in resources}
        self.items = {
            href.rpartition("/")[2].removesuffix(".xml"): Item(self.files[href])
            for href, kind in kinds.items()
            if "_item_" in kind
        }
        (test,) = [href for href, kind in kinds.items() if "_test_" in kind]
        root, version = parse(self.files[test])
        self._check_versions({version, *(item.version for item in self.items.values())}, manifest, kinds)
        self._check_files(resources)
        self.instructions = [node.text() for node in root.all() if node.name == "rubricBlock"]
        self.sections = [self._section(node) for node in root.all() if node.name == "assessmentSection"]
        used = [name for section in self.sections for name in section.items]
        require(sorted(used) == sorted(self.items), "the test does not hold all items")

    def _tag(self, name: str) -> str:
        return f"{{{self.space}}}{name}"

    def _check_manifest(self, manifest: Element, resources: list[Element]) -> None:
        names = [resource.attrib["identifier"] for resource in resources]
        require(len(names) == len(set(names)), "two resources of one name")
        require(all(NAME.fullmatch(name) for name in names), "a name that is none")
        require(manifest.find(self._tag("organizations")) is not None, "no organizations")
        listed = {file.attrib["href"] for resource in resources for file in resource.findall(self._tag("file"))}
        require(listed == set(self.files) - {"imsmanifest.xml"}, f"listed otherwise: {listed ^ set(self.files)}")
        for path in self.files:
            require(all(map(NAME.fullmatch, path.rpartition(".")[0].split("/"))), f"OpenOlat does not take {path}")
        for resource in resources:
            own = [file.attrib["href"] for file in resource.findall(self._tag("file"))]
            require(resource.attrib["href"] in own, "a resource without its own file")
            for use in resource.findall(self._tag("dependency")):
                require(use.attrib["identifierref"] in names, "a dependency on nothing")

    def _check_versions(self, versions: set[str], manifest: Element, kinds: Mapping[str, str]) -> None:
        (version,) = versions
        space, schema, number = MANIFESTS[version]
        said = [element.text for element in manifest.find(self._tag("metadata")) or ()]
        require((self.space, said) == (space, [schema, number]), f"{self.space} {said}")
        require(set(kinds.values()) == {f"imsqti_{kind}_xml{version}" for kind in ("item", "test")}, str(kinds))
        self.version = version

    def _check_files(self, resources: list[Element]) -> None:
        """What an item shows is there, and listed with it."""
        own = {
            one.attrib["href"]: {file.attrib["href"] for file in one.findall(self._tag("file"))} for one in resources
        }
        for name, item in self.items.items():
            require(item.root["identifier"] == name, "an item by another name")
            needed = {f"items/{file}" for file in item.files()}
            require(needed == own[f"items/{name}.xml"] - {f"items/{name}.xml"}, f"{needed} are not listed")

    def _section(self, node: Node) -> Section:
        refs = node.nodes("assessmentItemRef")
        for ref in refs:
            require(ref["href"] == f"items/{ref['identifier']}.xml", ref["href"])
        picks = [int(one["select"]) for one in node.nodes("selection")]
        require(all(pick <= len(refs) for pick in picks), "picks more than there are")
        return Section(node["title"], tuple(ref["identifier"] for ref in refs), picks[0] if picks else len(refs))
