"""The fields of QTI items: how each is answered, what its responses are, and how they are marked."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from html import escape
from itertools import combinations
from typing import Any

from quizgen import markup
from quizgen.exporters._lowering import Refused
from quizgen.exporters._online import Cells, Choose, Essay, Field, Match, Numeric, Order, Question, Said, Short
from quizgen.exporters._qti_language import Dialect, decimal, ends, is_float, worth
from quizgen.exporters._words import Tongue


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


def named(question: Question) -> Iterator[Asked]:
    """The fields with their names: plain ones for a single field, as standard templates want them."""
    if len(question.fields) == 1:
        yield Asked(question.fields[0], "RESPONSE", "SCORE", "FEEDBACK")
        return
    for number, one in enumerate(question.fields, 1):
        yield Asked(one, f"RESPONSE_{number}", f"SCORE_{number}", f"FEEDBACK_{number}")


@dataclass(frozen=True)
class Fields:
    """Writes fields: the body of each is returned, and what stands outside the body goes to a script."""

    dialect: Dialect
    tongue: Tongue
    practice: bool
    """Whether something is said to wrong answers."""

    def _response(self, name: str, cardinality: str, base: str, right: Iterable[str], mapping: str = "") -> str:
        """What a field takes and what is right."""
        q = self.dialect
        correct = q("correctResponse", *(q("value", escape(value)) for value in right)) if right else ""
        return q("responseDeclaration", correct, mapping, identifier=name, cardinality=cardinality, baseType=base)

    def _mapping(self, shares: dict[str, Fraction], **more: str) -> str:
        q = self.dialect
        entries = [q("mapEntry", mapKey=key, mappedValue=worth(share)) for key, share in shares.items()]
        return q("mapping", *entries, defaultValue="0", **more)

    def field(self, asked: Asked, script: Script) -> str:
        """The body of a field, whose other parts go to ``script``."""
        if asked.score != "SCORE":
            scored = {"externalScored": "human"} if self._by_hand(asked) else {}
            script.outcomes.append(self.dialect.outcome(asked.score, "float", "0", **scored))
        write: Callable[[Asked, Any, Script], str] = getattr(self, _WRITERS[type(asked.field.interaction)])
        ask = self.tongue.html(asked.field.ask)
        body = f'<div class="part">{ask}{write(asked, asked.field.interaction, script)}</div>'
        return body + (self._rubric(asked.field.interaction) if isinstance(asked.field.interaction, Essay) else "")

    def _by_hand(self, asked: Asked) -> bool:
        return self.dialect.external and isinstance(asked.field.interaction, Essay)

    def _choose(self, asked: Asked, choose: Choose, script: Script) -> str:
        q, response = self.dialect, asked.response
        right = [_name("A", at) for at, option in enumerate(choose.options) if option.right]
        if not right:
            raise Refused("no option is right, so that no answer scores")
        if choose.single:
            mapping, rule = "", q.when((q.same(response), q.set(asked.score, self._full(asked))))
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
        mapped = q.set(asked.score, q("mapResponse", identifier=asked.response))
        nothing = q("isNull", q("variable", identifier=asked.response))
        return q.when(
            (nothing, q.set(asked.score, q.base("float", "0"))),
            (q.same(asked.response), q.set(asked.score, self._full(asked))),
            otherwise=mapped,
        )

    def _full(self, asked: Asked) -> str:
        return self.dialect.base("float", worth(asked.field.points))

    def _chosen(self, asked: Asked, choose: Choose, script: Script) -> None:
        """What is said to the options chosen.

        The outcome of a single choice is the response; each of several has its own, as a player fails over empty lists.
        """
        q, given = self.dialect, self.dialect("variable", identifier=asked.response)
        said = [(_name("A", at), option.feedback) for at, option in enumerate(choose.options) if option.feedback]
        if not self.practice or not said:
            return
        if choose.single:
            rules = [q.set(asked.said, given)]
        else:
            rules = [
                q.when(
                    (
                        q("member", q.base("identifier", name), given),
                        q.set(f"{asked.said}_{name}", q.base("identifier", name)),
                    )
                )
                for name, _ in said
            ]
        script.rules.append(q.answered([asked.response], *rules))
        for name, words in said:
            self.say(script, asked.said if choose.single else f"{asked.said}_{name}", name, words)

    def _numeric(self, asked: Asked, number: Numeric, script: Script) -> str:
        branches = [(self._right_number(asked.response, number), self.dialect.set(asked.score, self._full(asked)))]
        hints = [(self._near(asked.response, number, near.value), near.feedback) for near in number.wrong]
        self._ruled(asked, [asked.response], branches, hints, script)
        self._declare_number(asked.response, number, script)
        return f"<p>{self._entry(asked.response, number)}</p>"

    def _right_number(self, response: str, number: Numeric) -> str:
        return self._near(response, number, number.value)

    def _near(self, response: str, number: Numeric, value: Fraction) -> str:
        """Whether a response is ``value``; where floating point cannot tell, whether it is written so."""
        if _is_told(number):
            return self.dialect.within(response, value, _margin(value, number.tolerance))
        return self._spelled(response, decimal(value), True)

    def _declare_number(self, response: str, number: Numeric, script: Script) -> None:
        base = "float" if _is_told(number) else "string"
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
        for at, (when, words) in enumerate(hints if self.practice else ()):
            name = _name("F", at)
            branches.append((when, self.dialect.set(asked.said, self.dialect.base("identifier", name))))
            self.say(script, asked.said, name, words)
        if branches:
            script.rules.append(self.dialect.answered(responses, self.dialect.when(*branches)))

    def _cells(self, asked: Asked, cells: Cells, script: Script) -> str:
        """A number for every entry; the points are shared among them."""
        count = f"{asked.score}_COUNT"
        named = [
            [(f"{asked.response}_{i}_{j}", number) for j, number in enumerate(row, 1)]
            for i, row in enumerate(cells.rows, 1)
        ]
        flat = [pair for row in named for pair in row]
        script.outcomes.append(self.dialect.outcome(count, "float", "0"))
        script.rules.append(self.dialect.set(count, self.dialect.base("float", "0")))
        for response, number in flat:
            self._declare_number(response, number, script)
            right = self.dialect.when((self._right_number(response, number), self._one_more(count)))
            script.rules.append(self.dialect.answered([response], right))
        script.rules.append(self.dialect.set(asked.score, self._share(asked, count, len(flat))))
        hints = [(self._all_cells(flat, value), words) for value, words in cells.wrong]
        self._ruled(asked, [response for response, _ in flat], [], hints, script)
        rows = ("".join(f"<td>{self._entry(*pair)}</td>" for pair in row) for row in named)
        return f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"

    def _all_cells(self, flat: list[tuple[str, Numeric]], value: Any) -> str:
        """Whether all numbers are those of a wrong answer."""
        entries = [entry for row in value for entry in (row if isinstance(row, tuple) else (row,))]
        near = [
            self._near(response, number, Fraction(entry))
            for (response, number), entry in zip(flat, entries, strict=True)
        ]
        return self.dialect("and", *near)

    def _one_more(self, count: str) -> str:
        q = self.dialect
        return q.set(count, q("sum", q("variable", identifier=count), q.base("float", "1")))

    def _share(self, asked: Asked, count: str, whole: int) -> str:
        """The points in the share that is counted."""
        q = self.dialect
        counted = q("product", q("variable", identifier=count), self._full(asked))
        return q("divide", counted, q.base("float", str(whole)))

    def _spelled(self, response: str, text: str, case: bool) -> str:
        before, after = _around_text(self.dialect, response, case)
        return f"{before}{escape(text)}{after}"

    def _short(self, asked: Asked, short: Short, script: Script) -> str:
        """One of the accepted texts (those that fit a line, which is what the field takes)."""
        q = self.dialect

        def any_of(texts: Sequence[str]) -> str:
            spelled = [self._spelled(asked.response, text, short.case) for text in _lines(texts)]
            return q("or", *spelled) if len(spelled) > 1 else "".join(spelled)

        branches = [(any_of(short.accepted), q.set(asked.score, self._full(asked)))]
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
        script.outcomes.append(q.outcome(count, "float", "0"))
        script.rules.append(q.set(count, q.base("float", "0")))
        places = self._places(asked, [names[at] for at in order.right], script)
        for before, after in combinations(places, 2):
            risen = q("lt", q("variable", identifier=before), q("variable", identifier=after))
            script.rules.append(q.when((risen, self._one_more(count))))
        pairs = len(names) * (len(names) - 1) // 2
        shown = q("match", q("variable", identifier=response), q("ordered", *(q.base("identifier", n) for n in names)))
        nothing = q("or", q("isNull", q("variable", identifier=response)), shown)
        more = q("gt", q("variable", identifier=count), q.base("float", decimal(Fraction(pairs, 2))))
        script.rules.append(
            q.when(
                (q.same(response), q.set(asked.score, self._full(asked))),
                (nothing, q.set(asked.score, q.base("float", "0"))),
                (more, q.set(asked.score, self._share(asked, count, max(pairs, 1)))),
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
            script.outcomes.append(q.outcome(place, "float", "0"))
            counted = q.outcome(number, "integer", str(at))
            script.outcomes += [counted] if counted not in script.outcomes else []
            there = q("index", q("variable", identifier=asked.response), n=number)
            branches = [
                (q("match", there, q.base("identifier", name)), q.set(place, q.base("float", str(rank))))
                for rank, name in enumerate(right, 1)
            ]
            script.rules.append(q.when(*branches))
        return places

    def _essay(self, asked: Asked, essay: Essay, script: Script) -> str:
        """Written work, which a person marks by the rubric."""
        script.declarations.append(self._response(asked.response, "single", "string", ()))
        lines = max(5, 3 * len(essay.rubric))
        return self.dialect("extendedTextInteraction", responseIdentifier=asked.response, expectedLines=lines)

    def _rubric(self, essay: Essay) -> str:
        """How written work is marked, for those who mark; it must stand in the body itself, in no other element."""
        q = self.dialect
        rubric = "".join(f"<li>{worth(line.points)}: {self.tongue.line(line.words)}</li>" for line in essay.rubric)
        listed = f"<ul>{rubric}</ul>" if rubric else "<p/>"
        if q.kebab:
            return q("rubricBlock", q("contentBody", listed), view="scorer", use="scoring")
        return q("rubricBlock", listed, view="scorer")

    def say(self, script: Script, outcome: str, name: str, *said: Said | None) -> None:
        """Feedback that is shown where ``outcome`` holds ``name``."""
        q, words = self.dialect, "".join(map(self.tongue.html, said))
        words = q("contentBody", words) if q.kebab else words
        declared = q.outcome(outcome, "identifier")
        if declared not in script.outcomes:
            script.outcomes.append(declared)
        script.modals.append(q("modalFeedback", words, outcomeIdentifier=outcome, identifier=name, showHide="show"))


def _name(letter: str, place: int) -> str:
    """An identifier that tells nothing but a place."""
    return f"{letter}{place + 1}"


def losses(field: Field, external: bool) -> Iterator[str]:
    """What is lost of how a field is marked; ``external``: whether it can be declared that a person marks."""
    match field.interaction:
        case Numeric() as number if not _is_told(number):
            yield "only the numeral itself counts"
        case Cells(rows) if not all(_is_told(number) for row in rows for number in row):
            yield "only the numerals themselves count"
        case Short(accepted) if len(_lines(accepted)) < len(accepted) or accepted[0] != _lines(accepted)[0]:
            yield "spellings that fit no line"
        case Essay() if not external:
            yield "that a person marks it"


def _is_told(number: Numeric) -> bool:
    return is_float(number.value, number.tolerance)


def _margin(value: Fraction, tolerance: Fraction) -> Fraction:
    """How near to a wrong number counts as that number: what has no end as a decimal is typed with some decimals."""
    return tolerance if ends(value) else max(tolerance, Fraction(1, 200))


@lru_cache(maxsize=256)
def _around_text(q: Dialect, response: str, case: bool) -> tuple[str, str]:
    """A comparison of texts, before and after the text."""
    sensitive, given = "true" if case else "false", q("variable", identifier=response)
    before, _, after = q(
        "stringMatch", given, q("baseValue", "\x00", baseType="string"), caseSensitive=sensitive
    ).partition("\x00")
    return before, after


def _lines(texts: Sequence[str]) -> list[str]:
    """Texts that can be typed on one line: those that cannot are left out, or put on one if there are no others."""
    return [text for text in texts if not _UNTYPED.search(text)] or [" ".join(text.split()) for text in texts]


_UNTYPED = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")


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
