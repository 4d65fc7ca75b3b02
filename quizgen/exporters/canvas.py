"""Canvas: a QTI 1.2 package with a quiz, and for every slot a question bank of which the quiz picks some questions.

Classic Quizzes read all of it, New Quizzes the questions and the texts. Several answers under one prompt are blanks in
the text, or drop-downs; Canvas compares blanks as texts and counts each of them the same.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cache
from itertools import chain, groupby, islice
from typing import Any, ClassVar

from msgspec.structs import replace

from quizgen.exporters import _losses
from quizgen.exporters import _qti12 as qti
from quizgen.exporters._apart import has_formula
from quizgen.exporters._archive import archive
from quizgen.exporters._blanks import spellings
from quizgen.exporters._lowering import LOST, Change, Refused, question, ways
from quizgen.exporters._online import (
    Cells,
    Choose,
    Essay,
    Field,
    Interaction,
    Match,
    Numeric,
    Question,
    Said,
    Short,
    Slot,
)
from quizgen.exporters._platform import Entry, Platform
from quizgen.exporters._quiz import Quiz
from quizgen.exporters._words import plain
from quizgen.markup import literal
from quizgen.values import Key, Task

ALONE = (
    frozenset({"choose", "multiple", "numeric", "cells", "short", "match", "essay"}),
    frozenset({"choose", "multiple", "cells", "match", "essay"}),
    frozenset({"short"}),
)
"""Types of field for a single answer; the later ones are for numbers that Canvas would round, and for long grids."""
TOGETHER = (
    frozenset({"numeric", "cells", "short", "parts"}),
    frozenset({"choose", "match", "parts"}),
)
"""Types of field for several answers: blanks to type into, else drop-downs."""

STEP = Fraction(1, 10_000)
"""Canvas may round the numbers of a key to this."""
COARSE = Fraction(1, 1000)
"""A tolerance that is not harmed by it."""
DIGITS = 15
"""Digits that survive a float."""


class Canvas(Platform):
    """A zip file for Settings > Import Course Content > QTI .zip file."""

    suffix = ".zip"
    carries = ALONE[0] | {"parts"}
    holds = frozenset(Quiz.__struct_fields__)

    def made(self, task: Task, slot: Slot, number: int = 1) -> tuple[Question, tuple[Change, ...]]:
        first: Refused | None = None
        for carries in TOGETHER if len(task.item.parts) > 1 else ALONE:
            try:
                found, changes = question(_unheard(task, carries), slot, number, self.locales, self.templates, carries)
                _check(found)
            except Refused as error:
                first = first or error
                continue
            return found, tuple(_changed(task, found, changes, self.settings.practice))
        assert first is not None
        raise first

    def write(self, question: Question) -> Entry:
        slot = question.slot
        files: dict[str, bytes] = {}
        about = {
            "title": slot.title, "id": slot.id, "points": qti.decimal(slot.points), "pick": slot.pick,
        }  # fmt: skip
        return Entry(
            slot=slot.number, id=question.id, code=question.code, text=Writer(self, question, files).item(),
            files=files, more=about,
        )  # fmt: skip

    def assemble(self, entries: Iterator[Entry]) -> Iterator[bytes]:
        return archive(Package(self, entries).members())


GRIDS = frozenset({"vector", "matrix"})
Canvas.kinds -= GRIDS  # their blanks have no tolerance
Canvas.lowers = dict(Canvas.lowers) | dict.fromkeys(sorted(GRIDS), "blanks, compared as texts")


# Which questions Canvas can ask, and what it loses.


def _unheard(task: Task, carries: frozenset[str]) -> Task:
    """``task`` without the wrong answers to what is typed, to which Canvas says nothing: their words take long."""
    parts = tuple(
        replace(part, mistakes=()) if asked.mode == "open" and _is_typed(type(part.key), carries) else part
        for part, asked in zip(task.item.parts, task.asked, strict=True)
    )
    return replace(task, item=replace(task.item, parts=parts))


@cache
def _is_typed(key: type[Key], carries: frozenset[str]) -> bool:
    return ways(key, carries)[:1] in (["numeric"], ["cells"], ["short"])


def _check(question: Question) -> None:
    """Raises Refused for a question that has no type in Canvas."""
    for field in question.fields:
        why = _trouble(field.interaction, len(question.fields) > 1)
        if why:
            raise Refused(f"{why} ({field.name})", question.name)
    kinds = {isinstance(field.interaction, Choose | Match) for field in question.fields}
    if len(question.fields) > 1 and len(kinds) > 1:
        raise Refused("blanks and drop-downs in one question", question.name)


def _trouble(interaction: Interaction, together: bool) -> str:
    """Why Canvas cannot ask this; empty if it can."""
    match interaction:
        case Numeric() if not together and not _is_held(interaction):
            return "Canvas rounds numbers to four decimals"
        case Numeric() if together and not spellings(interaction):
            return "too many right numbers for a blank"
        case Cells(rows) if not all(spellings(cell) for row in rows for cell in row):
            return "too many right numbers for a blank"
        case Choose(options, single):
            if together and not single:
                return "several right options beside another answer"
            return _alike(tuple(option.words for option in options)) if together else ""
        case Match(_, rights):
            return _alike(rights)
    return ""


def _alike(said: tuple[Said, ...]) -> str:
    """Why these cannot be options in plain text; empty if they can."""
    texts = [plain(words) for words in said]
    if len(set(texts)) < len(texts) or not all(texts):
        return "options that are the same, or empty, as plain text"
    return ""


def _is_held(number: Numeric) -> bool:
    """Whether Canvas keeps a number and its tolerance, even if it rounds both to four decimals."""
    if len(qti.decimal(abs(number.value), 400).replace(".", "").lstrip("0")) > DIGITS:
        return False
    if 0 < abs(number.value) < STEP or number.tolerance < 1000 * _blur(number):
        return False
    return not _rounded(number) or number.tolerance >= COARSE


def _blur(number: Numeric) -> Fraction:
    """How far sums of floats may miss a bound of a number; 0 for an exact one, which is only compared."""
    if not number.tolerance:
        return Fraction(0)
    return Fraction(f"{float(abs(number.value) + number.tolerance) * 2**-49:.0e}")


def _changed(task: Task, found: Question, changes: tuple[Change, ...], practice: bool) -> Iterator[Change]:
    """What is put differently: ``changes``, and what is particular to Canvas, in one line for each part."""
    lowered, together = {change.part: change for change in changes}, len(found.fields) > 1
    even = len({field.points / _count(field.interaction) for field in found.fields}) == 1
    for part, field in zip(task.item.parts, found.fields, strict=True):
        before = lowered.get(part.name)
        becomes, lost = _lost(field.interaction, together, before is None, practice and bool(part.mistakes))
        lost += [*_losses.read(field, part), *([] if even else ["its share of the points: all answers count the same"])]
        if before is not None:
            becomes, lost = before.becomes, [*filter(None, [before.lost]), *lost]
        if isinstance(field.interaction, Essay) and field.interaction.rubric and not practice:
            lost = ["the rubric"]
        if before is not None or lost:
            kind = type(part.key).__name__.lower()
            yield Change(part.name, kind, becomes or kind, "; ".join(dict.fromkeys(lost)))


def _lost(interaction: Interaction, together: bool, native: bool, mistakes: bool) -> tuple[str, list[str]]:
    """What one field becomes, and what is lost on the way.

    ``native`` if the core has not changed it; with ``mistakes`` there are words for some of its wrong answers.
    """
    unheard = ["feedback on single wrong answers"] if mistakes else []
    match interaction:
        case Numeric() if together:
            return "blank", [LOST["short"], *_strict([interaction]), *unheard]
        case Numeric():
            return "numeric", [*_rounded(interaction), *unheard]
        case Cells(rows):
            return "blanks", [LOST["short"], *_strict(chain.from_iterable(rows)), *unheard]
        case Short(accepted, case):
            cased = case and native and accepted[0].lower() != accepted[0].upper()
            return "short", [*(["capitals do not count"] if cased else []), *unheard]
        case Choose(options) if together and any(has_formula(option.words) for option in options):
            return "drop-down", ["formulas are plain text"]
        case Match(_, rights):
            flat = ["formulas on the right are plain text"] if any(map(has_formula, rights)) else []
            return "match" if flat else "", [*flat, *unheard]
        case Essay():
            return "essay", []
    return "", []


def _strict(numbers: Iterable[Numeric]) -> list[str]:
    """What becomes of a tolerance in blanks."""
    within = any(number.tolerance for number in numbers)
    return ["numbers within the tolerance that have other decimals than the listed ones"] if within else []


def _count(interaction: Interaction) -> int:
    """How many blanks ask it."""
    match interaction:
        case Cells(rows):
            return sum(map(len, rows))
        case Match(lefts):
            return len(lefts)
    return 1


def _rounded(number: Numeric) -> list[str]:
    """What becomes of a number that has more decimals than Canvas may keep."""
    exact = (number.value / STEP).denominator == (number.tolerance / STEP).denominator == 1
    return [] if exact else ["decimals beyond the fourth, where Canvas rounds"]


# Questions.


class Writer:
    """Writes one question."""

    def __init__(self, platform: Canvas, question: Question, files: dict[str, bytes]) -> None:
        self.words = qti.fixed(platform.layouts, platform.locales)
        self.settings = platform.settings
        self.question = question
        self.tongue = qti.tongue(files)
        self.labels = qti.labels(question.id)
        self.answers: list[str] = []
        self.feedbacks: list[tuple[str, str]] = []
        self.shown: list[str] = []

    def item(self) -> bytes:
        """The item."""
        question, (first, *more) = self.question, self.question.fields
        if more or isinstance(first.interaction, Cells):
            kind, presentation, conditions = self._several()
        else:
            kind, presentation, conditions = self._single(first)
        return qti.item(
            qti.ident("q", question.id, question.slot.id), question.name,
            qti.metadata(self._about(kind)),
            f"<presentation>{presentation}</presentation>", qti.processing(chain(self._general(), conditions)),
            *(qti.feedback(name, html) for name, html in self.feedbacks),
        )  # fmt: skip

    def _about(self, kind: str) -> Iterator[tuple[str, str]]:
        """Fields of the item; the type comes first, and the answers' numbers in the order of their labels."""
        question = self.question
        yield "question_type", kind
        yield "points_possible", qti.decimal(question.slot.points)
        if self.answers:
            yield "original_answer_ids", ",".join(name[1:] for name in self.answers)
        yield "assessment_question_identifierref", qti.ident("r", question.id, question.slot.id)

    def _named(self, count: int) -> list[str]:
        """Idents of the next labels."""
        return list(islice(self.labels, count))

    def _stem(self, *blocks: str) -> str:
        """The prompt, the questions of the fields, and the code, as a material."""
        code = qti.coded(self.question.code) if self.settings.codes else ""
        return qti.material("\n".join(filter(None, (self.tongue.html(self.question.prompt), *blocks, code))))

    def _single(self, field: Field) -> tuple[str, str, list[str]]:
        """The type of a question with one answer, what is shown, and how it is marked."""
        ask = self.tongue.html(field.ask)
        match field.interaction:
            case Choose():
                return self._choose(field.interaction, ask)
            case Numeric():
                hint = self.tongue.html(self._number_hint(field.interaction.unit))
                shown = self._stem(ask, hint) + qti.typed("response1", "Decimal")
                return "numerical_question", shown, [self._right(_interval(field.interaction))]
            case Short(accepted):
                texts = "".join(qti.equal("response1", text) for text in _typable(accepted))
                return "short_answer_question", self._stem(ask) + qti.typed("response1"), [self._right(texts)]
            case Match():
                return self._match(field.interaction, ask)
            case Essay(rubric):
                if self.settings.practice and rubric:
                    self._say("general_fb", self.tongue.html(qti.rubric(field.interaction, self.words)))
                return "essay_question", self._stem(ask) + qti.typed("response1"), [qti.condition(qti.OTHER, stop=True)]
        raise Refused(f"the answer {field.name!r} has no field here", self.question.name)

    def _choose(self, choice: Choose, ask: str) -> tuple[str, str, list[str]]:
        names = self.answers = self._named(len(choice.options))
        given = (
            qti.label(name, qti.material(self.tongue.line(option.words)))
            for name, option in zip(names, choice.options, strict=True)
        )
        presentation = self._stem(ask) + qti.choices("response1", given, many=not choice.single)
        shown = self._comments("response1", choice, names)
        right = [name for name, option in zip(names, choice.options, strict=True) if option.right]
        if choice.single:
            return "multiple_choice_question", presentation, [*shown, self._right(qti.equal("response1", right[0]))]
        wrong = [name for name in names if name not in right]
        return "multiple_answers_question", presentation, [*shown, self._right(qti.exactly("response1", right, wrong))]

    def _match(self, match: Match, ask: str) -> tuple[str, str, list[str]]:
        names = self._named(len(match.rights))
        given = [
            qti.label(name, qti.plain_material(plain(words))) for name, words in zip(names, match.rights, strict=True)
        ]
        self.answers = self._named(len(match.lefts))
        lefts = [f"response_{name}" for name in self.answers]
        shown = [
            qti.choices(name, given, before=qti.material(self.tongue.line(words)))
            for name, words in zip(lefts, match.lefts, strict=True)
        ]
        share = qti.decimal(Fraction(100, len(lefts)), 2)
        marks = [
            qti.condition(qti.equal(name, names[at]), share, "Add") for name, at in zip(lefts, match.pairs, strict=True)
        ]
        return "matching_question", self._stem(ask) + "".join(shown), [*marks, *self._praise()]

    # Several answers.

    def _several(self) -> tuple[str, str, list[str]]:
        """Blanks or drop-downs in the text, one after the other."""
        blanks = list(chain.from_iterable(map(self._blanks, self.question.fields)))
        letter = self._letter()
        blocks, at = [], iter(range(1, len(blanks) + 1))
        for field in self.question.fields:
            blocks += [self.tongue.html(field.ask), self._places(field, letter, at)]
        menus = isinstance(self.question.fields[0].interaction, Choose | Match)
        share = qti.decimal(Fraction(100, len(blanks)), 2)
        shown, conditions = [], []
        for number, (options, right, choice) in enumerate(blanks, 1):
            name, names = f"{letter}{number}", self._named(len(options))
            self.answers += names
            given = (qti.label(label, qti.plain_material(text)) for label, text in zip(names, options, strict=True))
            shown.append(qti.choices(f"response_{name}", given, before=qti.plain_material(name)))
            if choice is not None:
                conditions += self._comments(f"response_{name}", choice, names)
            conditions.append(qti.condition(qti.equal(f"response_{name}", names[right]), share, "Add"))
        kind = "multiple_dropdowns_question" if menus else "fill_in_multiple_blanks_question"
        return kind, self._stem(*blocks) + "".join(shown), [*conditions, *self._praise()]

    def _blanks(self, field: Field) -> Iterator[tuple[tuple[str, ...], int, Choose | None]]:
        """The texts of each blank of a field, which of them is right (all are, in a blank to type into)."""
        match field.interaction:
            case Numeric():
                yield spellings(field.interaction), 0, None
            case Cells(rows):
                yield from ((spellings(cell), 0, None) for row in rows for cell in row)
            case Short(accepted):
                yield _typable(accepted), 0, None
            case Choose(options):
                right = next(place for place, option in enumerate(options) if option.right)
                yield tuple(plain(option.words) for option in options), right, field.interaction
            case Match(_, rights, pairs):
                yield from ((tuple(map(plain, rights)), at, None) for at in pairs)

    def _places(self, field: Field, letter: str, at: Iterator[int]) -> str:
        """The blanks of a field in the text."""
        match field.interaction:
            case Cells(rows):
                cells = ("<tr>" + "".join(f"<td>[{letter}{next(at)}]</td>" for _ in row) + "</tr>" for row in rows)
                return f"<table><tbody>{''.join(cells)}</tbody></table>"
            case Match(lefts):
                lines = (f"<p>{self.tongue.line(words)} [{letter}{next(at)}]</p>" for words in lefts)
                return "".join(lines)
            case Numeric(unit=unit) if unit:
                return f"<p>[{letter}{next(at)}] {self.tongue.line({'': literal(unit)})}</p>"
        return f"<p>[{letter}{next(at)}]</p>"

    def _letter(self) -> str:
        """A letter that makes names of blanks which stand nowhere in the question's own text."""
        question = self.question
        said = "".join(map(self.tongue.html, (question.prompt, *(field.ask for field in question.fields))))
        return next(letter for letter in ("b", "blank", "blank_x", "gap_y", question.code) if f"[{letter}" not in said)

    # Feedback.

    def _right(self, when: str) -> str:
        """All points in one case."""
        return qti.condition(when, "100", feedback=self._praise_name(), stop=True)

    def _praise(self) -> list[str]:
        """Questions with points for every answer have no single right case: their praise is only declared."""
        self._praise_name()
        return []

    def _praise_name(self) -> str:
        if not self.settings.practice or not self.question.right:
            return ""
        if all(name != "correct_fb" for name, _ in self.feedbacks):
            self._say("correct_fb", self.tongue.html(self.question.right))
        return "correct_fb"

    def _say(self, name: str, html: str) -> None:
        self.feedbacks.append((name, html))

    def _comments(self, respident: str, choice: Choose, names: list[str]) -> list[str]:
        """What is said to each option, and when."""
        if not self.settings.practice:
            return []
        shown = []
        for name, option in zip(names, choice.options, strict=True):
            if option.feedback:
                self._say(f"{name}_fb", self.tongue.html(option.feedback))
                shown.append(qti.condition(qti.equal(respident, name), feedback=f"{name}_fb"))
        return shown

    def _general(self) -> Iterator[str]:
        """The worked solution, which is said to everyone."""
        question = self.question
        steps = [self.tongue.html(said) for said in (question.steps, *(field.steps for field in question.fields))]
        said = "\n".join(filter(None, steps)) if self.settings.practice else ""
        rubric = [html for name, html in self.feedbacks if name == "general_fb"]
        self.feedbacks = [(name, html) for name, html in self.feedbacks if name != "general_fb"]
        if said or rubric:
            self.feedbacks.insert(0, ("general_fb", "\n".join(filter(None, (*rubric, said)))))
            yield qti.condition(qti.OTHER, feedback="general_fb")

    # Fixed words.

    def _number_hint(self, unit: str) -> Said:
        text = "number_in" if unit else "number"
        return {locale: literal(words[text].format(unit=unit)) for locale, words in self.words.items()}


def _interval(number: Numeric) -> str:
    """A number, and what is near enough.

    Classic takes the margin from the upper bound, New Quizzes from the lower one by subtracting floats: a millionth
    of the tolerance beyond both bounds, or what floats miss if that is more, keeps the bounds themselves right.
    """
    value, reach = number.value, number.tolerance + max(number.tolerance / 10**6, _blur(number))
    middle = qti.decimal(value, 400)
    low, high = qti.decimal(value - reach, 400), qti.decimal(value + reach, 400)
    return (
        f'<or>{qti.equal("response1", middle)}<and><vargte respident="response1">{low}</vargte>'
        f'<varlte respident="response1">{high}</varlte></and></or>'
    )


def _typable(accepted: tuple[str, ...]) -> tuple[str, ...]:
    """Texts that can be typed on one line, each once without regard to capitals and blanks around it."""
    lines = [text for text in accepted if "\n" not in text] or list(accepted[:1])
    return tuple({text.strip().lower(): text for text in reversed(lines)}.values())[::-1]


# The package.


class Package:
    """The files of the zip, in order; banks are written as their questions come."""

    bank_head: ClassVar[str] = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<questestinterop xmlns="http://www.imsglobal.org/xsd/ims_qtiasiv1p2" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://www.imsglobal.org/xsd/ims_qtiasiv1p2 '
        'http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd">\n'
        '<objectbank ident="{ident}"><qtimetadata><qtimetadatafield><fieldlabel>bank_title</fieldlabel>'
        "<fieldentry>{title}</fieldentry></qtimetadatafield></qtimetadata>\n"
    )
    bank_end: ClassVar[bytes] = b"</objectbank>\n</questestinterop>\n"

    def __init__(self, platform: Canvas, entries: Iterator[Entry]) -> None:
        self.platform = platform
        self.entries = entries
        self.settings = platform.settings
        self.ident = qti.ident("g", self.settings.title, self.settings.category)
        self.banks: list[dict[str, Any]] = []
        self.images: dict[str, str] = {}
        self.waiting: dict[str, bytes] = {}

    def members(self) -> Iterator[tuple[str, bytes | Iterator[bytes]]]:
        """Names and contents."""
        for _, entries in groupby(self.entries, key=lambda entry: entry.slot):
            bank = self._bank(first := next(entries))
            questions = chain((first,), entries)  # noqa: B031 - a chain is not a second use
            yield f"non_cc_assessments/{bank['ident']}.xml.qti", self._questions(bank, questions)
            self.banks.append(bank)
            yield from self.waiting.items()
            self.waiting = {}
        for name, text in self._frame():
            yield name, text.encode()

    def _bank(self, entry: Entry) -> dict[str, Any]:
        """The bank of the slot whose first question this is."""
        about, category = entry.more, self.settings.category
        ident = qti.ident("b", self.settings.title, category, about["title"])
        title = (
            f"{about['title']} ({about['points']} point{'' if about['points'] == '1' else 's'}, pick {about['pick']})"
        )
        return {
            "ident": ident, "group": f"{ident}_group", "title": f"{category}/{title}" if category else title,
            "points": about["points"], "pick": about["pick"], "count": 0,
        }  # fmt: skip

    def _questions(self, bank: dict[str, Any], entries: Iterator[Entry]) -> Iterator[bytes]:
        yield self.bank_head.format(ident=bank["ident"], title=qti.quoted(bank["title"])).encode()
        for entry in entries:
            bank["count"] += 1
            for name, content in entry.files.items():
                path = qti.IMAGES + name
                if path not in self.images:
                    self.images[path] = qti.ident("f", name)
                    self.waiting[path] = content
            yield entry.text
        bank["pick"] = min(bank["pick"], bank["count"])
        yield self.bank_end

    def _frame(self) -> Iterator[tuple[str, str]]:
        """The quiz, its settings, and the manifest."""
        settings, folder = self.settings, self.platform.layouts
        total = sum((Fraction(bank["points"]) * bank["pick"] for bank in self.banks), Fraction(0))
        values = {
            "ident": self.ident, "settings": settings, "points": qti.decimal(total), "banks": self.banks,
            "description": self._description(),
            "images": [{"path": path, "ident": ident} for path, ident in self.images.items()],
        }  # fmt: skip
        yield f"{self.ident}/{self.ident}.xml", qti.laid_out(folder, "assessment.xml.j2", **values)
        yield f"{self.ident}/assessment_meta.xml", qti.laid_out(folder, "assessment_meta.xml.j2", **values)
        yield "imsmanifest.xml", qti.laid_out(folder, "imsmanifest.xml.j2", **values)

    def _description(self) -> str:
        """The instructions as HTML."""
        said = {
            locale: literal(self.settings.instructions[locale])
            for locale in self.platform.locales
            if self.settings.instructions.get(locale)
        }
        return qti.tongue({}).html(said)
