r"""Moodle XML, for the question bank of Moodle 4.5 or later.

Several answers under one prompt, and matrices, become embedded answers ("Cloze"). Pairs whose right sides need to be
typeset become words to drag ("ddwtos"): a drop-down shows plain text. What Moodle's importer does with each element was
read in its source: ``qformat_xml`` and the question types under ``question/type``.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from html import escape
from itertools import chain
from math import gcd, lcm
from pathlib import Path
from string import ascii_lowercase
from typing import Any, ClassVar

import msgspec

from quizgen.errors import InputError
from quizgen.exporters._apart import has_formula
from quizgen.exporters._lowering import Change, Refused, is_decimal
from quizgen.exporters._online import (
    Cells,
    Choose,
    Essay,
    Field,
    Match,
    Numeric,
    Option,
    Order,
    Question,
    Said,
    Short,
    Slot,
)
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._words import Drawings, Remembering, Tongue, delimited, plain
from quizgen.markup import Code, Document, Inline, Numbered, Text
from quizgen.values import Mistake, Part, Task, Value

SHARES = ("100", "90", "83.33333", "80", "75", "70", "66.66667", "60", "50", "40", "33.33333", "30", "25", "20",
          "16.66667", "14.28571", "12.5", "11.11111", "10", "5")  # fmt: skip
"""The grades of single answers that Moodle's import accepts, in percent; any other refuses the whole file."""
LONGEST = 200
"""The characters of a slot's id that names show; Moodle keeps 255 of a name."""
EXACT = 14
"""Digits of a number that Moodle keeps."""
LANGUAGES = {"zh": "zh_cn"}
"""Locales whose name in Moodle is another."""
UNHEARD = "feedback on some wrong answers"
CERTAIN = "pairs that cannot be got wrong"
TRUE, FALSE = {"true", "对", "正确", "真"}, {"false", "错", "错误", "假"}


class Moodle(Platform):
    """Moodle XML."""

    suffix = ".xml"
    holds = frozenset({"shuffle"})
    carries: ClassVar[frozenset[str]] = frozenset(
        {"choose", "multiple", "numeric", "cells", "short", "match", "order", "essay", "parts"}
    )

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        found, changes = self.lowered(task, slot, number)
        return found, tuple(self.told(task, found, changes))

    def lowered(self, task: Task, slot: Slot, number: int) -> tuple[Question, tuple[Change, ...]]:
        """A task as a question of fields that Moodle has, and what became of those that it has not."""
        return super().made(task, slot, number)

    def told(self, task: Task, found: Question, changes: Iterable[Change]) -> Iterator[Change]:
        """``changes``, and what else each part loses, in one line for each part."""
        before = {change.part: change for change in changes}
        for part, field in zip(task.item.parts, found.fields, strict=True):
            kind, change = type(part.key).__name__.lower(), before.pop(part.name, None)
            lost = [change.lost] if change and change.lost else []
            lost += self.lost(found, field, part)
            if change or lost:
                yield Change(part.name, kind, change.becomes if change else kind, "; ".join(lost))
        yield from before.values()

    def lost(self, question: Question, field: Field, part: Part) -> Iterator[str]:
        """What Moodle cannot say of a field, or does not mark as quizgen does."""
        alone = len(question.fields) == 1
        is_embedded = not alone or isinstance(field.interaction, Cells)
        heard = self.settings.practice and bool(part.mistakes)
        match field.interaction:
            case Numeric() as asked:
                yield from typed(asked, part.key, is_embedded)
                if heard and not all(map(_has_end, part.mistakes)):
                    yield UNHEARD
            case Cells() as asked:
                if heard and not _all_told(asked):
                    yield UNHEARD
            case Match() | Order() as asked:
                if isinstance(asked, Order):
                    yield from ordered(asked, is_embedded)
                if heard:
                    yield UNHEARD
            case Choose(options, single=False) as asked:
                right = sum(option.right for option in options)
                if right > len(options) - right > 0:
                    yield "a wrong option costs more than a right one gives"
            case Short() if getattr(part.key, "distance", 0):
                yield "typing errors count as wrong"
        if self.settings.practice and question.right and (is_embedded or isinstance(field.interaction, Essay)):
            yield "what is said to a right answer"
        if is_embedded and not isinstance(field.interaction, Essay) and not _keeps_points(question):
            yield "the points, which are set in the quiz"

    def write(self, question: Question) -> Entry:
        self.drawings.files.clear()  # what a refused question left
        return Entry(
            slot=question.slot.number,
            id=question.id,
            code=question.code,
            text=_UNPRINTABLE.sub("", self.element(question)).encode(),
            more={"category": self.category(question.slot)},
        )

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        slot = None
        for entry in entries:
            if slot is None:
                yield b'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
            if entry.slot != slot:
                slot = entry.slot
                yield _category(entry.more["category"]).encode()
            yield entry.text
        if slot is None:
            raise InputError("there is no question to write; Moodle does not accept an empty file")
        yield b"</quiz>\n"

    # Words.

    @cached_property
    def drawings(self) -> Drawings:
        """The figures of the element that is being written."""
        return Drawings({}, lambda name: f"@@PLUGINFILE@@/{name}")

    @cached_property
    def tongue(self) -> Tongue:
        """How Moodle says things."""
        return Tongue(_Hypertext(delimited, self.drawings.html), multilang)

    @cached_property
    def phrases(self) -> dict[str, dict[str, Any]]:
        """This format's own words, in each locale."""
        return {locale: _phrases(self.layouts / f"{locale}.toml") for locale in self.locales}

    def phrase(self, name: str, **values: object) -> str:
        """A paragraph of own words."""
        said = {locale: f"<p>{escape(words[name].format(**values))}</p>" for locale, words in self.phrases.items()}
        return self.tongue.join(said)

    def category(self, slot: Slot) -> str:
        """The path of a slot's questions in the question bank."""
        words = self.phrases[self.locales[0]]
        points = words["points"]["one" if slot.points == 1 else "other"].format(n=number(slot.points))
        name = words["category"].format(title=slot.title[:LONGEST], points=points, pick=slot.pick)
        root = self.settings.category or _step(self.settings.title[:LONGEST])
        return f"$course$/top/{root}/{_step(name)}"

    def text(self, tag: str, *parts: str, attributes: str = "") -> str:
        """An element with HTML, and the files that this HTML shows."""
        inner = cdata(_apart("\n".join(filter(None, parts))))
        files = "".join(_file(name, content) for name, content in self.drawings.files.items())
        self.drawings.files.clear()
        return f'<{tag}{attributes} format="html"><text>{inner}</text>{files}</{tag}>\n'

    def reply(self, said: Said | None) -> str:
        """What is said to an answer, as HTML; nothing in an exam."""
        return self.tongue.html(said) if self.settings.practice else ""

    # Questions.

    def element(self, question: Question) -> str:
        """One question."""
        kind, body = self.body(question)
        return f'<question type="{kind}">\n{self.heading(question)}{body}{self.ending(question)}</question>\n'

    def heading(self, question: Question) -> str:
        """What all questions begin with."""
        return (
            f"<name><text>{escape(_title(question), quote=False)}</text></name>\n"
            f"<idnumber>{question.id}</idnumber>\n"
            f"<defaultgrade>{number(question.points)}</defaultgrade>\n"
            f"<penalty>{'0.3333333' if self.settings.practice else '0'}</penalty>\n"
            "<hidden>0</hidden>\n"
        )

    def ending(self, question: Question) -> str:
        """What all questions end with."""
        tags = "".join(f"<tag><text>{escape(tag, quote=False)}</text></tag>" for tag in question.tags)
        return f"{self.general(question)}{self.hint(question)}<tags>{tags}</tags>\n"

    def general(self, question: Question) -> str:
        """The worked solution, which is shown to all who have answered."""
        if not self.settings.practice:
            return ""
        parts = [self.tongue.html(question.steps)]
        for letter, field in zip(letters(), question.fields, strict=False):
            steps = self.tongue.html(field.steps)
            parts += [f"<p><b>({letter})</b></p>" if len(question.fields) > 1 else "", steps] if steps else []
        return self.text("generalfeedback", *parts)

    def hint(self, question: Question) -> str:
        """The first step of the solution, for those who try again."""
        first = _first_step(question.steps or question.fields[0].steps) if self.settings.practice else None
        return self.text("hint", self.tongue.html(first)) if first else ""

    def stem(self, question: Question, *parts: str) -> str:
        """The text of a question, with the item's code at its end."""
        return self.text("questiontext", self.tongue.html(question.prompt), *parts, self.code(question))

    def code(self, question: Question) -> str:
        """The item's code, small."""
        return f'<p><small style="color: #888">[{question.code}]</small></p>' if self.settings.codes else ""

    def body(self, question: Question) -> tuple[str, str]:
        """The type of a question, and all that only this type has."""
        if len(question.fields) == 1:
            made = self.single(question, question.fields[0])
            if made:
                return made
        if all(isinstance(field.interaction, Essay) for field in question.fields):
            return "essay", self.essay(question)
        return "cloze", self.cloze(question)

    def single(self, question: Question, field: Field) -> tuple[str, str] | None:
        """A question that is answered once; None if its field is one of many numbers."""
        made: tuple[str, str]
        notes: tuple[str, ...] = ()
        match field.interaction:
            case Choose(options) as asked if (right := truth(asked)) is not None:
                made = "truefalse", self.truefalse(question, options, right)
            case Choose() as asked:
                made = "multichoice", self.choices(question, asked)
            case Numeric() as asked:
                made, notes = ("numerical", self.numerical(question, asked)), self.notes(asked)
            case Short() as asked:
                made = "shortanswer", self.short(question, asked)
            case Match(rights=rights) as asked if any(map(has_formula, rights)):
                return "ddwtos", self.dragged(question, field, asked)
            case Match() as asked:
                made = "matching", self.matching(question, asked)
            case Order() as asked:
                made = "ordering", self.ordering(question, asked)
            case _:
                return None
        kind, rest = made
        return kind, self.stem(question, self.tongue.html(field.ask), *notes) + rest

    def notes(self, asked: Numeric) -> tuple[str, ...]:
        """What Moodle needs to be typed."""
        unit = self.phrase("unit", unit=asked.unit) if asked.unit else ""
        is_open = asked.value.denominator != 1 and asked.digits is None
        return (self.phrase("decimal") if is_open else "", unit)

    def combined(self, question: Question) -> str:
        """What is said when everything is right."""
        right = self.text("correctfeedback", self.reply(question.right))
        rest = "".join(self.text(f"{share}feedback") for share in ("partiallycorrect", "incorrect"))
        return f"{right}{rest}{'<shownumcorrect/>' if self.settings.practice else ''}\n"

    def answer(self, share: str, words: str, said: str, more: str = "", form: str = "plain_text") -> str:
        """One answer that Moodle knows, with the share of the points that it gives."""
        inner = cdata(words) if form == "html" else escape(words, quote=False)
        feedback = self.text("feedback", said)
        return f'<answer fraction="{share}" format="{form}"><text>{inner}</text>{feedback}{more}</answer>\n'

    def truefalse(self, question: Question, options: Sequence[Option], right: bool) -> str:
        """Right or wrong, in Moodle's own words."""
        said = {option.right: self.reply(question.right if option.right else option.feedback) for option in options}
        return "".join(
            self.answer(
                "100" if answer is right else "0", str(answer).lower(), said[answer is right], form="plain_text"
            )
            for answer in (True, False)
        )

    def choices(self, question: Question, asked: Choose) -> str:
        """One right answer, or all of them."""
        gain, loss = shares(asked, question)
        answers = "".join(
            self.answer(
                gain if option.right else loss,
                self.blank(self.tongue.line(option.words), question),
                self.reply(option.feedback),
                form="html",
            )
            for option in asked.options
        )
        single, shuffles = str(asked.single).lower(), str(self.settings.shuffles).lower()
        return (
            f"<single>{single}</single>\n<shuffleanswers>{shuffles}</shuffleanswers>\n"
            f"<answernumbering>abc</answernumbering>\n{self.combined(question)}{answers}"
        )

    def blank(self, words: str, question: Question) -> str:
        """``words``; Moodle drops blank ones without a word. Raises Refused."""
        if not words.strip():
            raise Refused("a blank option, which Moodle drops", f"{question.family} {question.code}")
        return words

    def numerical(self, question: Question, asked: Numeric) -> str:
        """A number, and the wrong ones that are known."""
        tolerance = f"<tolerance>{margin(asked, question)}</tolerance>"
        known = [(number(asked.value), "100", self.reply(question.right))]
        known += [(number(near), "0", said) for near, said in self.near(asked)]
        answers = "".join(self.answer(share, value, said, tolerance) for value, share, said in known)
        return f"{answers}{_units(asked)}"

    def near(self, asked: Numeric) -> Iterator[tuple[Fraction, str]]:
        """Wrong numbers that are understood, each once, and what is said to them."""
        seen: set[Fraction] = set()
        for near in asked.wrong if self.settings.practice else ():
            if abs(near.value - asked.value) > asked.tolerance and near.value not in seen:
                seen.add(near.value)
                yield near.value, self.tongue.html(near.feedback)

    def short(self, question: Question, asked: Short) -> str:
        """A text among those listed."""
        answers = "".join(
            self.answer(share, text.replace("*", r"\*"), said) for text, share, said in self.texts(question, asked)
        )
        return f"<usecase>{int(asked.case)}</usecase>\n{answers}"

    def texts(self, question: Question, asked: Short) -> Iterator[tuple[str, str, str]]:
        """Texts that fit on a line and are known, each once, with their share in percent and what is said to them."""
        if not any(text.strip() and "\n" not in text for text in asked.accepted):
            raise Refused("a text that does not fit on a line", f"{question.family} {question.code}")
        seen: set[str] = set()
        right = self.reply(question.right) if len(question.fields) == 1 else ""
        wrong = ((heard.texts, "0", self.reply(heard.feedback)) for heard in asked.wrong)
        for texts, share, said in chain([(asked.accepted, "100", right)], wrong if self.settings.practice else ()):
            for text in texts:
                same = text if asked.case else text.casefold()
                if text.strip() and "\n" not in text and same not in seen:
                    seen.add(same)
                    yield text, share, said

    def matching(self, question: Question, asked: Match) -> str:
        """Pairs; what goes with nothing is a subquestion without words."""
        rights = [self.blank(plain(words), question) for words in asked.rights]
        if len(set(rights)) < 2:
            raise Refused(CERTAIN, f"{question.family} {question.code}")
        pairs = [
            (self.blank(self.tongue.line(left), question), rights[at])
            for left, at in zip(asked.lefts, asked.pairs, strict=True)
        ]
        used = {right for _, right in pairs}
        pairs += [("", right) for right in dict.fromkeys(rights) if right not in used]
        inner = "".join(
            f'<subquestion format="html"><text>{cdata(left)}</text>'
            f"<answer><text>{escape(right, quote=False)}</text></answer></subquestion>\n"
            for left, right in pairs
        )
        return f"<shuffleanswers>true</shuffleanswers>\n{self.combined(question)}{inner}"

    def dragged(self, question: Question, field: Field, asked: Match) -> str:
        """Pairs, with a gap behind each left side; every word can be dragged into as many gaps as one likes."""
        boxes = [self.blank(self.tongue.line(words), question) for words in asked.rights]
        distinct = list(dict.fromkeys(boxes))
        if len(distinct) < 2:
            raise Refused(CERTAIN, f"{question.family} {question.code}")
        gaps = "".join(
            f"<li>{_gapless(self.blank(self.tongue.line(left), question))} [[{distinct.index(boxes[at]) + 1}]]</li>"
            for left, at in zip(asked.lefts, asked.pairs, strict=True)
        )
        asks = (_gapless(self.tongue.html(said)) for said in (question.prompt, field.ask))
        stem = self.text("questiontext", *asks, f"<ul>{gaps}</ul>", self.code(question))
        inner = "".join(
            f"<dragbox><text>{cdata(box)}</text><group>1</group><infinite/></dragbox>\n" for box in distinct
        )
        return f"{stem}<shuffleanswers>1</shuffleanswers>\n{self.combined(question)}{inner}"

    def ordering(self, question: Question, asked: Order) -> str:
        """Things in the right order, which Moodle shuffles; the share of pairs in order is credited."""
        things = [self.blank(self.tongue.line(asked.things[place]), question) for place in asked.right]
        if len(set(things)) < max(2, len(things)):
            raise Refused("an order of things that read the same", f"{question.family} {question.code}")
        answers = "".join(
            f'<answer fraction="{place}" format="html"><text>{cdata(thing)}</text></answer>\n'
            for place, thing in enumerate(things, 1)
        )
        return (
            "<layouttype>VERTICAL</layouttype>\n<selecttype>ALL</selecttype>\n<selectcount>0</selectcount>\n"
            "<gradingtype>RELATIVE_ALL_PREVIOUS_AND_NEXT</gradingtype>\n<showgrading>HIDE</showgrading>\n"
            "<numberingstyle>none</numberingstyle>\n"
            f"{self.combined(question)}{'' if self.settings.practice else '<shownumcorrect/>'}{answers}"
        )

    def essay(self, question: Question) -> str:
        """Written work, with the rubric for the person who marks it."""
        asks = [self.labelled(question, letter, field) for letter, field in zip(letters(), question.fields)]  # noqa: B905 (endless)
        lines = (
            f"<li>{number(line.points)}: {self.tongue.line(line.words)}</li>"
            for field in question.fields
            for line in field.interaction.rubric  # type: ignore[union-attr]  # all fields are written work
        )
        stem = self.stem(question, *asks)
        rubric = self.text("graderinfo", f"<ul>{''.join(lines)}</ul>")
        return (
            f"{stem}<responseformat>editor</responseformat>\n<responserequired>1</responserequired>\n"
            "<responsefieldlines>15</responsefieldlines>\n<attachments>0</attachments>\n"
            f"<attachmentsrequired>0</attachmentsrequired>\n{rubric}{self.text('responsetemplate')}"
        )

    def labelled(self, question: Question, letter: str, field: Field) -> str:
        """The question of a field, under its letter if there are several."""
        label = f"<p><b>({letter})</b></p>\n" if len(question.fields) > 1 else ""
        return label + self.tongue.html(field.ask)

    # Embedded answers.

    def cloze(self, question: Question) -> str:
        """The text of a question with its fields in it."""
        weights = _weights(question)
        parts = [_guarded(self.tongue.html(question.prompt))]
        for letter, field, weight in zip(letters(), question.fields, weights, strict=False):
            parts += [_guarded(self.labelled(question, letter, field)), self.embedded(question, field, weight)]
        return self.text("questiontext", *parts, self.code(question))

    def embedded(self, question: Question, field: Field, weight: int) -> str:
        """The fields of one answer, each of which counts ``weight``."""
        match field.interaction:
            case Choose() as asked:
                return f"<p>{self.embedded_choice(question, asked, weight)}</p>"
            case Numeric() as asked:
                wrong = list(self.near(asked))
                return f"{self.notes(asked)[0]}<p>{embedded_number(question, asked, weight, wrong)}{_beside(asked)}</p>"
            case Cells() as asked:
                return self.table(question, asked, weight)
            case Short() as asked:
                known = [(share, text.replace("*", r"\*"), said) for text, share, said in self.texts(question, asked)]
                return f"<p>{embedded('SHORTANSWER_C' if asked.case else 'SHORTANSWER', weight, known)}</p>"
            case Match(lefts, rights, pairs):
                return self.drop_downs(question, lefts, rights, pairs, weight)
            case Order(things, right):
                places: list[Said] = [_place(number, self.locales) for number in range(1, len(things) + 1)]
                return self.drop_downs(question, things, places, [right.index(at) for at in range(len(things))], weight)
        raise Refused("written work beside other answers", f"{question.family} {question.code}")

    def embedded_choice(self, question: Question, asked: Choose, weight: int) -> str:
        """Options to choose from, below each other, where formulas are set."""
        gain, loss = shares(asked, question)
        known = [
            (
                gain if option.right else loss,
                self.blank(self.tongue.line(option.words), question),
                self.reply(option.feedback),
            )
            for option in asked.options
        ]
        return embedded("MULTICHOICE_V" if asked.single else "MULTIRESPONSE", weight, known)

    def drop_downs(
        self, question: Question, lefts: Sequence[Said], rights: Sequence[Said], pairs: Sequence[int], weight: int
    ) -> str:
        """A drop-down of all ``rights`` behind each of ``lefts``; a list below it, if there are formulas to set."""
        is_set = any(map(has_formula, rights))
        shown = [self.blank(self.tongue.line(right) if is_set else escape(plain(right)), question) for right in rights]
        kind = "MULTICHOICE_V" if is_set else "MULTICHOICE"
        rows = (
            f"<li>{_guarded(self.tongue.line(left))} "
            + embedded(kind, weight, [("100" if words == shown[at] else "0", words, "") for words in shown])
            + "</li>"
            for left, at in zip(lefts, pairs, strict=True)
        )
        return f"<ul>{''.join(rows)}</ul>"

    def table(self, question: Question, asked: Cells, weight: int) -> str:
        """A table of fields; a mistake is answered in the cells that it alone fills so."""
        known = asked.wrong if self.settings.practice else ()
        wrong = [(_rows(value), self.tongue.html(said)) for value, said in known if _fits(asked, value)]
        rows = []
        for i, row in enumerate(asked.rows):
            cells = (
                embedded_number(question, cell, weight, telling(cell, [(rows[i][j], said) for rows, said in wrong]))
                for j, cell in enumerate(row)
            )
            rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
        return f"<table><tbody>{''.join(rows)}</tbody></table>"


# What is lost.


def typed(asked: Numeric, key: Any, is_embedded: bool, takes_fractions: bool = False) -> Iterator[str]:
    """What is not taken of what may be typed for a number; a field in a text knows no units."""
    signs = [sign for sign in ("percent", "suffixes") if getattr(key, sign, False)]
    if signs:
        yield f"{' and '.join(signs).replace('percent', 'percent signs')} are not typed"
    if asked.unit and is_embedded:
        yield "units are not typed"
    if getattr(key, "form", "") not in (("",) if takes_fractions else ("", "numeral")):
        yield "the form that is asked for"
    if not takes_fractions and not asked.tolerance and not _is_kept(asked.value):
        yield f"digits beyond the {EXACT}th"


def ordered(asked: Order, is_embedded: bool) -> Iterator[str]:
    """What is marked differently of an order."""
    if is_embedded:
        yield "the credit is for places, not for pairs in order"
    elif len(asked.things) > 2:
        yield "there is credit also where no more than half of the pairs are in order"


def _has_end(mistake: Mistake) -> bool:
    """Whether a wrong number can be typed as a decimal."""
    return is_decimal(Fraction(mistake.value))


def _all_told(asked: Cells) -> bool:
    """Whether for every mistake there is a cell that knows it by its number there."""
    known = [(_rows(value), str(place)) for place, (value, _) in enumerate(asked.wrong) if _fits(asked, value)]
    untold = set(map(str, range(len(asked.wrong))))
    for i, row in enumerate(asked.rows):
        for j, cell in enumerate(row):
            untold -= {place for _, place in telling(cell, [(rows[i][j], place) for rows, place in known])}
            if not untold:
                return True
    return not untold


def _keeps_points(question: Question) -> bool:
    """Whether the marks of the embedded fields add up to the points."""
    weights = zip(_weights(question), question.fields, strict=True)
    return sum(weight * _count(field) for weight, field in weights) == question.points


# Text.

_UNPRINTABLE = re.compile("[\ufffe\uffff]")
_SET = re.compile(r"\$\$|\\[(\[]|@@(?=PLUGINFILE)")
_FIELD = re.compile(r"\{(?=[0-9]*:|#)")
_BRACKETS = str.maketrans(
    "<>", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
)
_GAP = re.compile(r"\[\[(?=[0-9]+\]\])")


@dataclass(frozen=True)
class _Hypertext(Remembering):
    """HTML in which only formulas stand between signs that Moodle takes for those of formulas."""

    def _inline(self, child: Inline) -> str:
        shown = super()._inline(child)
        if isinstance(child, Text | Code):
            return _SET.sub(lambda match: f"{match[0][0]}<i></i>{match[0][1]}", shown)
        return shown


def multilang(parts: dict[str, str]) -> str:
    """What is said in several languages, of which Moodle shows the reader's."""
    if len(set(parts.values())) == 1:
        return next(iter(parts.values()))
    return "".join(
        f'<span lang="{LANGUAGES.get(locale, locale)}" class="multilang">{part}</span>'
        for locale, part in parts.items()
    )


def _apart(text: str) -> str:
    """HTML in which no two blocks of languages follow each other: Moodle would show the last of them only."""
    return text.replace("</span>\n<span lang=", "</span>\n<i></i><span lang=")


def cdata(text: str) -> str:
    """``text`` as a section of characters that are no markup of the file."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>" if text else ""


def _file(name: str, content: bytes) -> str:
    return f'<file name="{name}" path="/" encoding="base64">{b64encode(content).decode()}</file>'


def _category(path: str) -> str:
    return (
        f'<question type="category">\n<category><text>{escape(path, quote=False)}</text></category>\n'
        '<info format="html"><text></text></info>\n</question>\n'
    )


def _step(name: str) -> str:
    """One name of a path; a slash at its end would join it to the next."""
    return _untagged(name).strip("/ ").replace("/", "//") or "-"


def _title(question: Question) -> str:
    """The name of a question, which Moodle cuts where it is too long: its number and code stay."""
    last = question.name.removeprefix(question.slot.id)
    return _untagged(question.slot.id[:LONGEST] + last)


def _untagged(name: str) -> str:
    """A name in which Moodle finds no tags to take away."""
    return name.translate(_BRACKETS)


def _phrases(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
    return found


def letters() -> Iterator[str]:
    """a, b, … z, aa, ab, …"""
    yield from ascii_lowercase
    yield from (first + second for first in ascii_lowercase for second in ascii_lowercase)


def _first_step(said: Said | None) -> Said | None:
    found = {locale: first for locale, document in (said or {}).items() if (first := _first(document))}
    return found or None


def _first(document: Document) -> Document | None:
    """The first of several steps; None for a single one, which is the whole solution."""
    if not document.blocks:
        return None
    first, *rest = document.blocks
    if isinstance(first, Numbered) and len(first.items) > 1:
        return Document(first.items[0])
    return Document((first,)) if rest else None


def _place(number: int, locales: Iterable[str]) -> Said:
    from quizgen.markup import literal

    return {locale: literal(str(number)) for locale in locales}


# Numbers.


def number(value: Fraction) -> str:
    """A number with a decimal point and as many digits as are certain. Raises Refused if Moodle cannot hold it."""
    return f"{_float(value):.15g}"


def _float(value: Fraction) -> float:
    try:
        found = float(value)
    except OverflowError:
        found = 0.0
    if value and not found:
        raise Refused("a number that is larger or smaller than Moodle knows")
    return found


def margin(asked: Numeric, question: Question) -> str:
    """The absolute tolerance: a hair for an exact number of more digits than Moodle keeps. Raises Refused."""
    size = abs(_float(asked.value))
    if asked.tolerance or _is_kept(asked.value):
        return number(asked.tolerance)
    if asked.value.denominator == 1:
        raise Refused(f"an exact number of more than {EXACT} digits", f"{question.family} {question.code}")
    return f"{size * 10.0 ** (1 - EXACT):.1g}"


def _is_kept(value: Fraction) -> bool:
    """Whether Moodle keeps all digits."""
    return Fraction(f"{_float(abs(value)):.{EXACT}g}") == abs(value)


def _units(asked: Numeric) -> str:
    """The units that may be typed; how many of each make one of the key's."""
    if not asked.unit:
        return "<unitgradingtype>0</unitgradingtype>\n<showunits>3</showunits>\n"
    factors = {asked.unit: Fraction(1)} | dict(asked.units)
    units = "".join(
        f"<unit><multiplier>{number(1 / factor)}</multiplier><unit_name>{escape(name, quote=False)}</unit_name></unit>"
        for name, factor in factors.items()
    )
    return (
        "<unitgradingtype>0</unitgradingtype>\n<unitpenalty>0</unitpenalty>\n<showunits>0</showunits>\n"
        f"<unitsleft>0</unitsleft>\n<units>{units}</units>\n"
    )


def truth(asked: Choose) -> bool | None:
    """Which of true and false is right, if these are the options."""
    if not asked.single or len(asked.options) != 2:
        return None
    named = {_truth(option.words): option.right for option in asked.options}
    return named[True] if set(named) == {True, False} else None


def _truth(words: Said) -> bool | None:
    texts = {plain({locale: said}).rstrip(".。").casefold() for locale, said in words.items()}
    return True if texts <= TRUE else False if texts <= FALSE else None


def shares(asked: Choose, question: Question) -> tuple[str, str]:
    """Percent for a right and for a wrong option, so that all right ones give 100 and all options 0. Raises Refused.

    A wrong option costs what a right one gives, if that is enough.
    """
    right = sum(option.right for option in asked.options)
    wrong = len(asked.options) - right
    if asked.single:
        return "100", "0"
    gain = next((share for share in SHARES if _is_share(share, right)), None)
    if gain is None:
        raise Refused(
            f"{right} right options, whose shares Moodle cannot express", f"{question.family} {question.code}"
        )
    enough = next((share for share in reversed(SHARES) if wrong and float(share) * wrong > 99.9999), "0")
    loss = gain if wrong >= right else enough
    return gain, "0" if loss == "0" else f"-{loss}"


def _is_share(share: str, count: int) -> bool:
    """Whether ``share`` percent is one of ``count`` equal shares."""
    return count > 0 and abs(Fraction(share) - Fraction(100, count)) < Fraction(1, 10**5)


# Embedded answers.


def embedded(kind: str, weight: int, known: Iterable[tuple[str, str, str]]) -> str:
    """A field of a kind, with known answers: percent, the answer, and what is said to it."""
    return f"{{{weight}:{kind}:{'~'.join(_alternative(*entry) for entry in known)}}}"


def _alternative(share: str, answer: str, said: str) -> str:
    points = "=" if share == "100" else f"%{share}%"
    return f"{points}{_escaped(answer)}" + (f"#{_escaped(said)}" if said else "")


@lru_cache(maxsize=1024)  # the same words are said in many cells of a table
def _escaped(text: str) -> str:
    """``text`` within a field: Moodle decodes entities first, then backslashes before braces and hashes."""
    text = escape(text, quote=False).replace("}", r"\}").replace("#", r"\#").replace("~", "&#126;")
    if text.endswith("\\"):
        return f"{text[:-1]}&#92;"
    return f"{text[:-5]}&#38;" if text.endswith("&amp;") else text  # which would keep what follows from being a sign


def _gapless(text: str) -> str:
    """Words around gaps, none of which is read as a gap."""
    return _GAP.sub("[&#91;", text)


def _guarded(text: str) -> str:
    """Words around fields, none of which is read as a field."""
    return _FIELD.sub("&#123;", text)


def embedded_number(question: Question, asked: Numeric, weight: int, wrong: Iterable[tuple[Fraction, str]]) -> str:
    """A field for a number."""
    tolerance = margin(asked, question)
    known = [("100", f"{number(asked.value)}:{tolerance}", "")]
    known += [("0", f"{number(value)}:{tolerance}", said) for value, said in wrong]
    return embedded("NUMERICAL", weight, known)


def telling(cell: Numeric, wrong: Sequence[tuple[Fraction, str]]) -> list[tuple[Fraction, str]]:
    """Those mistakes that alone put their number into a cell, and not the right one."""
    return [
        (value, said)
        for value, said in wrong
        if abs(value - cell.value) > cell.tolerance
        and all(other is said or abs(value - number) > cell.tolerance for number, other in wrong)
    ]


def _fits(asked: Cells, value: Value) -> bool:
    """Whether a wrong value has a number for every cell."""
    return [len(row) for row in _rows(value)] == [len(row) for row in asked.rows]


def _rows(value: Value) -> tuple[tuple[Fraction, ...], ...]:
    rows = value if isinstance(value[0], tuple) else tuple((entry,) for entry in value)
    return tuple(tuple(Fraction(entry) for entry in row) for row in rows)


def _beside(asked: Numeric) -> str:
    return f" {escape(asked.unit, quote=False)}" if asked.unit else ""


def _weights(question: Question) -> list[int]:
    """Whole numbers in proportion to the points of each of a field's numbers: those points, if they are whole."""
    each = [field.points / _count(field) for field in question.fields]
    if all(share.denominator == 1 and share for share in each):
        return list(map(int, each))
    whole = lcm(*(share.denominator for share in each))
    counts = [int(share * whole) for share in each]
    return [count // (gcd(*counts) or 1) for count in counts] if any(counts) else [1] * len(counts)


def _count(field: Field) -> int:
    """How many embedded fields a field becomes."""
    match field.interaction:
        case Cells(rows):
            return sum(map(len, rows))
        case Match(lefts):
            return len(lefts)
        case Order(things):
            return len(things)
    return 1
