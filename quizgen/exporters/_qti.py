"""IMS/1EdTech QTI 2.1, 2.2 and 3.0: one writer of items, test and manifest; the versions differ in names only.

Elements and attributes are written with their 2.x names (``choiceInteraction responseIdentifier``), which 3.0 spells
``qti-choice-interaction response-identifier``. Facts about what players do with which expression, and why some that
the standard offers are not used, stand beside the expressions.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property, lru_cache
from hashlib import sha256
from html import escape
from itertools import combinations
from math import ceil, floor
from typing import Any, ClassVar

from quizgen import markup
from quizgen.exporters._archive import archive
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import (
    Cells,
    Choose,
    Essay,
    Field,
    Match,
    Numeric,
    Order,
    Question,
    Said,
    Short,
)
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._words import Tongue
from quizgen.markup import Block, Figure, Numbered
from quizgen.renderers import html
from quizgen.renderers._unicode import line
from quizgen.renderers.html import Hypertext

MATHML = "http://www.w3.org/1998/Math/MathML"
STYLE = b"""\
.code { color: #767676; }
table { border-collapse: collapse; }
th, td { border: 1px solid #999; padding: 0.2em 0.5em; }
.left { text-align: left; }
.center { text-align: center; }
.right { text-align: right; }
"""
"""How items look: the code small and grey, tables with lines."""
WIDTH = 8
"""Decimals of points: importers round what has more."""
DIGITS = 15
"""Digits of a number that every player holds exactly."""


@dataclass(frozen=True)
class Dialect:
    """One version of the standard: its names, its addresses, and how it spells elements."""

    version: str
    namespace: str
    schema: str
    """Where the schema of items and tests lies."""
    package: str
    """The namespace of manifests."""
    profile: tuple[str, str]
    """What a manifest says that it is: schema and version."""
    templates: str
    """The address of response processing templates, with ``{}`` for the name."""
    kebab: bool = False
    """Whether names are spelled ``qti-like-this``."""
    external: bool = True
    """Whether an outcome can be declared as scored by a person."""

    def tag(self, name: str) -> str:
        """The name of an element."""
        return _kebab(name) if self.kebab else name

    def type(self, kind: str) -> str:
        """The type of a resource: ``item`` or ``test``."""
        return f"imsqti_{kind}_xmlv{self.version.replace('.', 'p')}"

    def __call__(self, name: str, /, *content: str, **attributes: object) -> str:
        """An element; text and attributes that are not made here must be escaped."""
        tag = self.tag(name)
        if attributes:
            names = zip(attributes, attributes.values(), strict=True)
            spelled = (f' {_attribute(key) if self.kebab else _COLON.get(key, key)}="{value}"' for key, value in names)
            opening = f"{tag}{''.join(spelled)}"
        else:
            opening = tag
        return f"<{opening}>{''.join(content)}</{tag}>" if content else f"<{opening}/>"


_COLON = {"class_": "class", "xml_lang": "xml:lang"}


@lru_cache(maxsize=256)
def _kebab(name: str) -> str:
    return "qti-" + re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name)


@lru_cache(maxsize=256)
def _attribute(name: str) -> str:
    return _COLON.get(name) or re.sub("[A-Z]", lambda found: f"-{found[0].lower()}", name)


@lru_cache(maxsize=8192)
def decimal(value: Fraction) -> str:
    """A number as decimals, exactly if it has an end."""
    with localcontext() as context:
        context.prec = 60
        return f"{(Decimal(value.numerator) / value.denominator).normalize():f}"


def worth(points: Fraction) -> str:
    """Points, or a share of them, with as many decimals as importers keep."""
    return decimal(Fraction(round(points * 10**WIDTH), 10**WIDTH))


def bounds(value: Fraction, tolerance: Fraction) -> tuple[str, str]:
    """The least and the greatest number that is right, widened to where decimals end."""
    scale = 10**DIGITS
    low, high = value - tolerance, value + tolerance
    return decimal(Fraction(floor(low * scale), scale)), decimal(Fraction(ceil(high * scale), scale))


class Formulas:
    """Formulas of an item, which are set together: what is not known yet leaves a mark that is filled at the end."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, bool], str] = {}
        self.awaited: dict[tuple[str, bool], int] = {}

    def __call__(self, tex: str, display: bool) -> str:
        """A formula as MathML of an XML document, or its mark."""
        found = self.known.get((tex, display))
        if found is not None:
            return found
        place = self.awaited.setdefault((tex, display), len(self.awaited))
        return f"\x00{place}\x00"

    def filled(self, text: str) -> str:
        """Text with its formulas. Raises TypesettingError."""
        if not self.awaited:
            return text
        wanted = list(self.awaited)
        if len(self.known) > KNOWN:
            self.known.clear()
        made = [
            f'<math xmlns="{MATHML}" alttext="{escape(line(tex))}"{made[len("<math") :]}'
            for (tex, _), made in zip(wanted, html.mathmls(wanted), strict=True)
        ]
        self.known.update(zip(wanted, made, strict=True))
        self.awaited.clear()
        return _MARK.sub(lambda mark: made[int(mark[1])], text)


_MARK = re.compile("\x00(\\d+)\x00")
KNOWN = 8192
"""Formulas that are kept."""


@dataclass(frozen=True)
class Xhtml(Hypertext):
    """HTML that is XML too, of those elements and attributes that QTI knows."""

    def block(self, node: Block) -> str:
        if isinstance(node, Numbered) and node.start != 1:  # QTI 2 knows no start
            items = (f"<div>{number}. {self._item(item)}</div>" for number, item in enumerate(node.items, node.start))
            return "".join(items)
        return super().block(node).replace("<br>", "<br/>")

    def inlines(self, children: markup.Inlines) -> str:
        return super().inlines(children).replace("<br>", "<br/>")


@dataclass
class Script:
    """The parts of one item that stand outside its body, collected field by field."""

    declarations: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    modals: list[str] = field(default_factory=list)
    template: str = ""
    """A standard template that does all that the rules do."""


@dataclass(frozen=True)
class Asked:
    """A field in an item: the numbers that name what belongs to it."""

    field: Field
    response: str
    score: str
    said: str
    """The outcome that shows feedback."""


class Qti(Platform):
    """A zip file of items, a test with a section for every slot, and a manifest."""

    suffix = ".zip"
    holds = frozenset({"minutes", "go_back"})
    dialect: ClassVar[Dialect]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.files: dict[str, bytes] = {}
        self.formulas = Formulas()
        self.tongue = Tongue(Xhtml(self.formulas, self._drawn), self._together)

    # Words.

    def _drawn(self, figure: Figure) -> str:
        drawn = html.image(figure).encode()
        name = f"figures/{sha256(drawn).hexdigest()[:16]}.svg"
        self.files[name] = drawn
        return f'<p><img src="{name}" alt="{escape(figure.alt)}"/></p>'

    def _together(self, parts: dict[str, str]) -> str:
        if len(parts) == 1:
            return _unbraced(next(iter(parts.values())))
        return "".join(f'<div xml:lang="{locale}">{_unbraced(part)}</div>' for locale, part in parts.items())

    @cached_property
    def words(self) -> dict[str, Any]:
        """The fixed words, in the first locale."""
        file = self.layouts.parent / "qti" / f"{self.locales[0]}.toml"
        return tomllib.loads(file.read_text(encoding="utf-8"))

    def _points(self, points: Fraction) -> str:
        text: str = self.words["points"]["one" if points == 1 else "other"]
        return text.format(n=worth(points))

    # Items.

    def write(self, question: Question) -> Entry:
        self.files.clear()
        self.formulas.awaited.clear()
        name = f"s{question.slot.number:02}-{question.id[:24]}"
        text = self.formulas.filled(self._item(question, name))
        title = self.words["section"].format(
            title=question.slot.title, points=self._points(question.points), pick=question.slot.pick
        )
        more = {"name": name, "title": title, "pick": question.slot.pick, "tags": question.tags}
        return Entry(
            slot=question.slot.number, id=question.id, code=question.code, text=text.encode(), more=more,
            files=dict(self.files),
        )  # fmt: skip

    def _item(self, question: Question, name: str) -> str:
        q, script = self.dialect, Script()
        body = [f'<div class="stem">{self.tongue.html(question.prompt)}{self._code(question)}</div>']
        body += [self._field(asked, script) for asked in _asked(question)]
        self._whole(question, script)
        points = worth(question.points)
        outcomes = [
            self._outcome("SCORE", "float", "0", normalMaximum=points, normalMinimum="0"),
            self._outcome("MAXSCORE", "float", points),
            *script.outcomes,
        ]
        processing = (
            q("responseProcessing", template=q.templates.format(script.template))
            if script.template and len(script.rules) == 1
            else q("responseProcessing", *script.rules)
        )
        inner = [*script.declarations, *outcomes, q("stylesheet", href="quizgen.css", type="text/css")]
        inner += [q("itemBody", *body), processing, *script.modals]
        lang = f' xml:lang="{self.locales[0]}"'
        given = f'identifier="{name}" title="{escape(question.name)}" label="{question.code}"{lang}'
        return self._document("assessmentItem", given, {"adaptive": "false", "timeDependent": "false"}, inner)

    def _document(self, root: str, given: str, flags: dict[str, str], inner: Iterable[str]) -> str:
        q = self.dialect
        tag = q.tag(root)
        flagged = "".join(f' {_attribute(key) if q.kebab else key}="{value}"' for key, value in flags.items())
        lines = "\n".join(inner)
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{tag} xmlns="{q.namespace}" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{q.namespace} {q.schema}" '
            f"{given}{flagged}>\n{lines}\n</{tag}>\n"
        )

    def _code(self, question: Question) -> str:
        return f'<p class="code"><small>[{question.code}]</small></p>' if self.settings.codes else ""

    def _outcome(self, name: str, base: str, default: str = "", **more: str) -> str:
        q = self.dialect
        inner = (q("defaultValue", q("value", default)),) if default else ()
        return q("outcomeDeclaration", *inner, identifier=name, cardinality="single", baseType=base, **more)

    def _whole(self, question: Question, script: Script) -> None:
        """The sum of several fields, and what is said to the question as a whole."""
        q = self.dialect
        if len(question.fields) > 1:
            scores = [q("variable", identifier=asked.score) for asked in _asked(question)]
            script.rules.append(self._set("SCORE", q("sum", *scores)))
        if not self.settings.practice:
            return
        if question.right and not any(isinstance(field.interaction, Essay) for field in question.fields):
            reached = q("gte", q("variable", identifier="SCORE"), q("variable", identifier="MAXSCORE"))
            script.rules.append(self._when((reached, self._set("PRAISE", self._base("identifier", "P1")))))
            self._say(script, "PRAISE", "P1", question.right)
        solution = [question.steps, *(field.steps for field in question.fields)]
        if any(solution):
            script.rules.append(self._set("SOLUTION", self._base("identifier", "S1")))
            self._say(script, "SOLUTION", "S1", *solution)

    def _say(self, script: Script, outcome: str, name: str, *said: Said | None) -> None:
        """Feedback that is shown where ``outcome`` holds ``name``."""
        q, words = self.dialect, "".join(map(self.tongue.html, said))
        words = q("contentBody", words) if q.kebab else words
        declared = self._outcome(outcome, "identifier")
        if declared not in script.outcomes:
            script.outcomes.append(declared)
        script.modals.append(q("modalFeedback", words, outcomeIdentifier=outcome, identifier=name, showHide="show"))

    # Rules.

    def _base(self, kind: str, value: str) -> str:
        return self.dialect("baseValue", value, baseType=kind)

    def _set(self, outcome: str, expression: str) -> str:
        return self.dialect("setOutcomeValue", expression, identifier=outcome)

    def _when(self, *branches: tuple[str, str], otherwise: str = "") -> str:
        """Rules under conditions: the first whose condition holds, else ``otherwise``."""
        q = self.dialect
        names = ("responseIf", *("responseElseIf" for _ in branches[1:]))
        made = [q(name, when, then) for name, (when, then) in zip(names, branches, strict=True)]
        return q("responseCondition", *made, q("responseElse", otherwise) if otherwise else "")

    def _answered(self, responses: Sequence[str], *rules: str) -> str:
        """Rules under a condition that all these responses are given.

        It stands around the rules and not within an ``and``, all of whose operands players compute: some take nothing
        for 0, or stumble over it.
        """
        q = self.dialect
        given = [q("not", q("isNull", q("variable", identifier=response))) for response in responses]
        return self._when((given[0] if len(given) == 1 else q("and", *given), "".join(rules)))

    def _within(self, response: str, value: Fraction, tolerance: Fraction) -> str:
        """Whether a number is near ``value``; not ``equal``, whose tolerance a common player overlooks."""
        q, given = self.dialect, self.dialect("variable", identifier=response)
        low, high = (self._base("float", bound) for bound in bounds(value, tolerance))
        return q("and", q("gte", given, low), q("lte", given, high))

    def _same(self, response: str) -> str:
        """Whether a response is the declared one."""
        q = self.dialect
        return q("match", q("variable", identifier=response), q("correct", identifier=response))

    def _response(self, name: str, cardinality: str, base: str, right: Iterable[str], mapping: str = "") -> str:
        """What a field takes and what is right."""
        q = self.dialect
        correct = q("correctResponse", *(q("value", escape(value)) for value in right)) if right else ""
        return q("responseDeclaration", correct, mapping, identifier=name, cardinality=cardinality, baseType=base)

    def _mapping(self, shares: dict[str, Fraction], **more: str) -> str:
        q = self.dialect
        entries = [q("mapEntry", mapKey=key, mappedValue=worth(share)) for key, share in shares.items()]
        return q("mapping", *entries, defaultValue="0", **more)

    # Fields.

    def _field(self, asked: Asked, script: Script) -> str:
        """The body of a field, whose other parts go to ``script``."""
        if asked.score != "SCORE":
            scored = {"externalScored": "human"} if self._by_hand(asked) else {}
            script.outcomes.append(self._outcome(asked.score, "float", "0", **scored))
        write: Callable[[Asked, Any, Script], str] = getattr(self, _WRITERS[type(asked.field.interaction)])
        ask = self.tongue.html(asked.field.ask)
        return f'<div class="part">{ask}{write(asked, asked.field.interaction, script)}</div>'

    def _by_hand(self, asked: Asked) -> bool:
        return self.dialect.external and isinstance(asked.field.interaction, Essay)

    def _choose(self, asked: Asked, choose: Choose, script: Script) -> str:
        q, response = self.dialect, asked.response
        right = [_name("A", at) for at, option in enumerate(choose.options) if option.right]
        if not right:
            raise Refused("no option is right, so that no answer scores")
        if choose.single:
            mapping, rule = "", self._when((self._same(response), self._set(asked.score, self._full(asked))))
            if asked.field.points == 1 and response == "RESPONSE":
                script.template = "match_correct"
        else:
            mapping, rule = self._several(asked, choose)
        cardinality = "single" if choose.single else "multiple"
        script.declarations.append(self._response(response, cardinality, "identifier", right, mapping))
        script.rules.append(rule)
        self._chosen(asked, choose, script)
        options = [
            q("simpleChoice", self.tongue.line(option.words), identifier=_name("A", at))
            for at, option in enumerate(choose.options)
        ]
        most = "1" if choose.single else "0"
        return q("choiceInteraction", *options, responseIdentifier=response, shuffle="false", maxChoices=most)

    def _several(self, asked: Asked, choose: Choose) -> tuple[str, str]:
        """What is right minus what is not, out of all that is right, as a mapping and its rule."""
        share = asked.field.points / sum(option.right for option in choose.options)
        shares = {_name("A", at): share if option.right else -share for at, option in enumerate(choose.options)}
        return self._mapping(shares, lowerBound="0"), self._mapped(asked)

    def _mapped(self, asked: Asked) -> str:
        """All points for the whole answer, whose shares may be rounded; else what the mapping gives."""
        q = self.dialect
        mapped = self._set(asked.score, q("mapResponse", identifier=asked.response))
        nothing = q("isNull", q("variable", identifier=asked.response))
        return self._when(
            (nothing, self._set(asked.score, self._base("float", "0"))),
            (self._same(asked.response), self._set(asked.score, self._full(asked))),
            otherwise=mapped,
        )

    def _full(self, asked: Asked) -> str:
        return self._base("float", worth(asked.field.points))

    def _chosen(self, asked: Asked, choose: Choose, script: Script) -> None:
        """What is said to the options chosen.

        The outcome of a single choice is the response; each of several has its own, as a player fails over empty lists.
        """
        q, given = self.dialect, self.dialect("variable", identifier=asked.response)
        said = [(_name("A", at), option.feedback) for at, option in enumerate(choose.options) if option.feedback]
        if not self.settings.practice or not said:
            return
        if choose.single:
            rules = [self._set(asked.said, given)]
        else:
            rules = [
                self._when(
                    (
                        q("member", self._base("identifier", name), given),
                        self._set(f"{asked.said}_{name}", self._base("identifier", name)),
                    )
                )
                for name, _ in said
            ]
        script.rules.append(self._answered([asked.response], *rules))
        for name, words in said:
            self._say(script, asked.said if choose.single else f"{asked.said}_{name}", name, words)

    def _numeric(self, asked: Asked, number: Numeric, script: Script) -> str:
        branches = [(self._right_number(asked.response, number), self._set(asked.score, self._full(asked)))]
        tolerance = number.tolerance
        hints = [(self._within(asked.response, near.value, tolerance), near.feedback) for near in number.wrong]
        self._ruled(asked, [asked.response], branches, hints, script)
        self._declare_number(asked.response, number, script)
        return f"<p>{self._entry(asked.response, number)}</p>"

    def _right_number(self, response: str, number: Numeric) -> str:
        if _is_float(number.value):
            return self._within(response, number.value, number.tolerance)
        return self._spelled(response, decimal(number.value), True)

    def _declare_number(self, response: str, number: Numeric, script: Script) -> None:
        base = "float" if _is_float(number.value) else "string"
        script.declarations.append(self._response(response, "single", base, [decimal(number.value)]))

    def _entry(self, response: str, number: Numeric) -> str:
        """A field for a number, its unit after it."""
        entry = self.dialect("textEntryInteraction", responseIdentifier=response, expectedLength="12")
        unit = self.tongue.line({"": markup.parse(number.unit)}) if number.unit else ""
        return f"{entry} {unit}".rstrip()

    def _ruled(
        self,
        asked: Asked,
        responses: Sequence[str],
        branches: list[tuple[str, str]],
        hints: Iterable[tuple[str, Said]],
        script: Script,
    ) -> None:
        """A rule for the right answer, and in practice one for each wrong answer that is understood."""
        for at, (when, words) in enumerate(hints if self.settings.practice else ()):
            name = _name("F", at)
            branches.append((when, self._set(asked.said, self._base("identifier", name))))
            self._say(script, asked.said, name, words)
        if branches:
            script.rules.append(self._answered(responses, self._when(*branches)))

    def _cells(self, asked: Asked, cells: Cells, script: Script) -> str:
        """A number for every entry; the points are shared among them."""
        count = f"{asked.score}_COUNT"
        named = [
            [(f"{asked.response}_{i}_{j}", number) for j, number in enumerate(row, 1)]
            for i, row in enumerate(cells.rows, 1)
        ]
        flat = [pair for row in named for pair in row]
        script.outcomes.append(self._outcome(count, "float", "0"))
        script.rules.append(self._set(count, self._base("float", "0")))
        for response, number in flat:
            self._declare_number(response, number, script)
            right = self._when((self._right_number(response, number), self._one_more(count)))
            script.rules.append(self._answered([response], right))
        script.rules.append(self._set(asked.score, self._share(asked, count, len(flat))))
        hints = [(self._all_cells(flat, value), words) for value, words in cells.wrong]
        self._ruled(asked, [response for response, _ in flat], [], hints, script)
        rows = ("".join(f"<td>{self._entry(*pair)}</td>" for pair in row) for row in named)
        return f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"

    def _all_cells(self, flat: list[tuple[str, Numeric]], value: Any) -> str:
        """Whether all numbers are those of a wrong answer."""
        entries = [entry for row in value for entry in (row if isinstance(row, tuple) else (row,))]
        near = [
            self._within(response, Fraction(entry), _margin(Fraction(entry), number.tolerance))
            for (response, number), entry in zip(flat, entries, strict=True)
        ]
        return self.dialect("and", *near)

    def _one_more(self, count: str) -> str:
        q = self.dialect
        return self._set(count, q("sum", q("variable", identifier=count), self._base("float", "1")))

    def _share(self, asked: Asked, count: str, whole: int) -> str:
        """The points in the share that is counted."""
        q = self.dialect
        counted = q("product", q("variable", identifier=count), self._full(asked))
        return q("divide", counted, self._base("float", str(whole)))

    def _spelled(self, response: str, text: str, case: bool) -> str:
        before, after = _around_text(self.dialect, response, case)
        return f"{before}{escape(text)}{after}"

    def _short(self, asked: Asked, short: Short, script: Script) -> str:
        """One of the accepted texts (those of one line, which is what the field takes)."""
        q = self.dialect

        def any_of(texts: Sequence[str]) -> str:
            spelled = [self._spelled(asked.response, text, short.case) for text in _lines(texts)]
            return q("or", *spelled) if len(spelled) > 1 else "".join(spelled)

        branches = [(any_of(short.accepted), self._set(asked.score, self._full(asked)))]
        hints = ((any_of(heard.texts), heard.feedback) for heard in short.wrong)
        self._ruled(asked, [asked.response], branches, hints, script)
        shown = _lines(short.accepted)[:1]
        script.declarations.append(self._response(asked.response, "single", "string", shown))
        return f"<p>{q('textEntryInteraction', responseIdentifier=asked.response, expectedLength='24')}</p>"

    def _match(self, asked: Asked, match: Match, script: Script) -> str:
        """Pairs, each with its share; a thing on the left goes with one on the right at most."""
        q, most = self.dialect, len(match.lefts)
        pairs = [f"{_name('L', at)} {_name('R', right)}" for at, right in enumerate(match.pairs)]
        shares = dict.fromkeys(pairs, asked.field.points / most)
        mapping = self._mapping(shares, lowerBound="0", upperBound=worth(asked.field.points))
        script.declarations.append(self._response(asked.response, "multiple", "directedPair", pairs, mapping))
        script.rules.append(self._mapped(asked))
        sets = [
            q("simpleMatchSet", *(
                q("simpleAssociableChoice", self.tongue.line(words), identifier=_name(letter, at), matchMax=times)
                for at, words in enumerate(things)
            ))
            for letter, things, times in (("L", match.lefts, 1), ("R", match.rights, most))
        ]  # fmt: skip
        return q("matchInteraction", *sets, responseIdentifier=asked.response, shuffle="false", maxAssociations=most)

    def _order(self, asked: Asked, order: Order, script: Script) -> str:
        """Things in order; more than half of all pairs in order are credited with their share.

        The order in which things are shown, which some players send if nothing is moved, scores nothing.
        """
        q, response, count = self.dialect, asked.response, f"{asked.score}_COUNT"
        names = [_name("A", at) for at in range(len(order.things))]
        script.declarations.append(self._response(response, "ordered", "identifier", [names[at] for at in order.right]))
        script.outcomes.append(self._outcome(count, "float", "0"))
        script.rules.append(self._set(count, self._base("float", "0")))
        places = self._places(asked, [names[at] for at in order.right], script)
        for before, after in combinations(places, 2):
            risen = q("lt", q("variable", identifier=before), q("variable", identifier=after))
            script.rules.append(self._when((risen, self._one_more(count))))
        pairs = len(names) * (len(names) - 1) // 2
        shown = q(
            "match", q("variable", identifier=response), q("ordered", *(self._base("identifier", n) for n in names))
        )
        nothing = q("or", q("isNull", q("variable", identifier=response)), shown)
        more = q("gt", q("variable", identifier=count), self._base("float", decimal(Fraction(pairs, 2))))
        script.rules.append(
            self._when(
                (self._same(response), self._set(asked.score, self._full(asked))),
                (nothing, self._set(asked.score, self._base("float", "0"))),
                (more, self._set(asked.score, self._share(asked, count, max(pairs, 1)))),
            )
        )
        choices = [
            q("simpleChoice", self.tongue.line(words), identifier=name)
            for name, words in zip(names, order.things, strict=True)
        ]
        return q("orderInteraction", *choices, responseIdentifier=response, shuffle="false")

    def _places(self, asked: Asked, right: list[str], script: Script) -> list[str]:
        """Outcomes that hold, for each place of a response, the rank of what stands there.

        Places are told by outcomes too: one player reads ``n`` only as the name of one.
        """
        q, places = self.dialect, []
        for at in range(1, len(right) + 1):
            place, number = f"{asked.score}_AT_{at}", f"PLACE_{at}"
            places.append(place)
            script.outcomes.append(self._outcome(place, "float", "0"))
            counted = self._outcome(number, "integer", str(at))
            script.outcomes += [counted] if counted not in script.outcomes else []
            there = q("index", q("variable", identifier=asked.response), n=number)
            branches = [
                (q("match", there, self._base("identifier", name)), self._set(place, self._base("float", str(rank))))
                for rank, name in enumerate(right, 1)
            ]
            script.rules.append(self._when(*branches))
        return places

    def _essay(self, asked: Asked, essay: Essay, script: Script) -> str:
        """Written work, which a person marks by the rubric."""
        q = self.dialect
        script.declarations.append(self._response(asked.response, "single", "string", ()))
        rubric = "".join(f"<li>{worth(line.points)}: {self.tongue.line(line.words)}</li>" for line in essay.rubric)
        listed = f"<ul>{rubric}</ul>" if rubric else "<p/>"
        block = (
            q("rubricBlock", q("contentBody", listed), view="scorer", use="scoring")
            if q.kebab
            else q("rubricBlock", listed, view="scorer")
        )
        lines = max(5, 3 * len(essay.rubric))
        return q("extendedTextInteraction", responseIdentifier=asked.response, expectedLines=lines) + block

    # The package.

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        return archive(self._members(entries))

    def _members(self, entries: Iterator[Entry]) -> Iterator[tuple[str, bytes]]:
        """Items as they come; then the test and the manifest, of which only short lines are held."""
        contents = Contents(self.dialect)
        for entry in entries:
            yield from contents.add(entry)
        yield "items/quizgen.css", STYLE
        yield "test.xml", self._test(contents).encode()
        yield "imsmanifest.xml", contents.manifest().encode()

    def _test(self, contents: "Contents") -> str:
        q = self.dialect
        session = q("itemSessionControl", maxAttempts=int(not self.settings.practice))  # of a question, not of the quiz
        limits = q("timeLimits", maxTime=60 * self.settings.minutes) if self.settings.minutes else ""
        part = q(
            "testPart", session, *contents.sections(self._instructions()),
            identifier="part", navigationMode="linear" if self.settings.go_back is False else "nonlinear",
            submissionMode="individual",
        )  # fmt: skip
        totals = [
            q("setOutcomeValue", q("sum", q("testVariables", variableIdentifier=name)), identifier=name)
            for name in ("SCORE", "MAXSCORE")
        ]
        inner = [self._outcome(name, "float", "0") for name in ("SCORE", "MAXSCORE")]
        inner += [limits, part, q("outcomeProcessing", *totals)]
        given = f'identifier="test" title="{escape(self.settings.title)}"'
        return self.formulas.filled(self._document("assessmentTest", given, {}, filter(None, inner)))

    def _instructions(self) -> str:
        q = self.dialect
        said: Said = {
            locale: markup.parse(text) for locale, text in self.settings.instructions.items() if locale in self.locales
        }
        if not said:
            return ""
        words = self.tongue.html(said)
        if q.kebab:
            return q("rubricBlock", q("contentBody", words), view="candidate", use="instructions")
        return q("rubricBlock", words, view="candidate")


class Contents:
    """What is in a package: a line for each item, and the names of all files."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.slots: dict[int, tuple[str, int, list[str]]] = {}
        self.names: dict[str, int] = {}
        self.resources: list[str] = []
        self.written: set[str] = set()

    def add(self, entry: Entry) -> Iterator[tuple[str, bytes]]:
        """The files that an item adds."""
        q, name, text = self.dialect, entry.more["name"], entry.text
        again = self.names[name] = self.names.get(name, 0) + 1
        if again > 1:  # the same item, put otherwise
            name = f"{name}-{again}"
            self.names[name] = 1
            text = text.replace(entry.more["name"].encode(), name.encode(), 1)
        _, _, refs = self.slots.setdefault(entry.slot, (entry.more["title"], entry.more["pick"], []))
        refs.append(q("assessmentItemRef", identifier=name, href=f"items/{name}.xml"))
        files = [f"items/{file}" for file in sorted(entry.files)]
        self.resources.append(_resource(name, q.type("item"), f"items/{name}.xml", [*files, "items/quizgen.css"]))
        yield f"items/{name}.xml", text
        for file in sorted(entry.files):
            if file not in self.written:
                self.written.add(file)
                yield f"items/{file}", entry.files[file]

    def sections(self, instructions: str) -> Iterator[str]:
        """A section for every slot, from which as many are picked as the slot says."""
        q = self.dialect
        for number, (title, pick, refs) in sorted(self.slots.items()):
            picked = q("selection", select=pick) if pick < len(refs) else ""
            yield q(
                "assessmentSection", picked, instructions, "\n".join(refs),
                identifier=f"slot-{number:02}", title=escape(title), visible="true",
            )  # fmt: skip
            instructions = ""

    def manifest(self) -> str:
        """The list of everything in the package."""
        q = self.dialect
        uses = "".join(f'<dependency identifierref="{name}"/>' for name in self.names)
        test = _resource("test", q.type("test"), "test.xml", (), uses)
        schema, version = q.profile
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<manifest xmlns="{q.package}" identifier="package">\n'
            f"<metadata><schema>{schema}</schema><schemaversion>{version}</schemaversion></metadata>\n"
            f"<organizations/>\n<resources>\n{test}\n{chr(10).join(self.resources)}\n</resources>\n</manifest>\n"
        )


def _resource(name: str, kind: str, path: str, files: Iterable[str], uses: str = "") -> str:
    listed = "".join(f'<file href="{file}"/>' for file in (path, *files))
    return f'<resource identifier="{name}" type="{kind}" href="{path}">{listed}{uses}</resource>'


def _asked(question: Question) -> Iterator[Asked]:
    """The fields with their names: plain ones for a single field, as standard templates want them."""
    if len(question.fields) == 1:
        yield Asked(question.fields[0], "RESPONSE", "SCORE", "FEEDBACK")
        return
    for number, one in enumerate(question.fields, 1):
        yield Asked(one, f"RESPONSE_{number}", f"SCORE_{number}", f"FEEDBACK_{number}")


def _name(letter: str, place: int) -> str:
    """An identifier that tells nothing but a place."""
    return f"{letter}{place + 1}"


def _margin(value: Fraction, tolerance: Fraction) -> Fraction:
    """How near to a wrong number counts as that number: what has no end as a decimal is typed with some decimals."""
    return tolerance if Fraction(decimal(value)) == value else max(tolerance, Fraction(1, 200))


def _unbraced(words: str) -> str:
    """HTML without double braces in its text, which a player built on Vue would run as code."""
    return _BRACES.sub("{<span>{</span>", words) if "{{" in words else words


_BRACES = re.compile(r"\{\{(?![^<>]*>)")


@lru_cache(maxsize=256)
def _around_text(q: Dialect, response: str, case: bool) -> tuple[str, str]:
    """A comparison of texts, before and after the text."""
    sensitive, given = "true" if case else "false", q("variable", identifier=response)
    before, _, after = q(
        "stringMatch", given, q("baseValue", "\x00", baseType="string"), caseSensitive=sensitive
    ).partition("\x00")
    return before, after


def _lines(texts: Sequence[str]) -> list[str]:
    """Texts as they fit on one line: those that need more are left out if there are others."""
    return [text for text in texts if "\n" not in text] or [" ".join(text.split()) for text in texts]


def _is_float(value: Fraction) -> bool:
    """Whether a player's floating point holds a number so that its neighbours are other numbers."""
    return len(decimal(abs(value)).replace(".", "").strip("0")) <= DIGITS


_WRITERS: dict[type, str] = {
    Choose: "_choose",
    Numeric: "_numeric",
    Cells: "_cells",
    Short: "_short",
    Match: "_match",
    Order: "_order",
    Essay: "_essay",
}
"""The method that writes a type of field."""

CARRIES = frozenset({"choose", "multiple", "numeric", "cells", "short", "match", "order", "essay", "parts"})
