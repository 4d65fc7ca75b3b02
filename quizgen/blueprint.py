"""Reads a blueprint: the TOML file in which an instructor says what an exam asks.

Every mistake is one message with the place in words ("final.toml, section 2, question 1, points"), what was expected
and what came. Reading knows nothing of families; ``exam.build`` resolves them.
"""

import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec

from quizgen import markup
from quizgen.answers.written import Criterion
from quizgen.errors import InputError, MarkupError, UnknownName
from quizgen.exporters._quiz import SCORES, Quiz
from quizgen.values import Struct, Texts

T = TypeVar("T")
Points: TypeAlias = int | float
Words: TypeAlias = Annotated[Texts, msgspec.Meta(min_length=1)] | str
"""Text of the author: per locale, or one for all."""


class Spec(Struct, frozen=True):
    """What a question and a part have in common.

    ``derivations`` are names of checked ones whose lines are the model solution, after the words of ``solution``.
    """

    id: str | None = None
    family: str | None = None
    points: Points | None = None
    mode: str = msgspec.field(name="as", default="open")
    options: int | tuple[dict[str, Any], ...] | None = None
    shuffle: bool = True
    where: dict[str, Any] = msgspec.field(default_factory=dict)
    text: Words | None = None
    answer: dict[str, Any] | None = None
    rubric: tuple[dict[str, Any], ...] = ()
    solution: Words | None = None
    derivations: tuple[str, ...] = ()
    space: str = ""


class PartSpec(Spec, frozen=True):
    """One part of a question with parts."""


class QuestionSpec(Spec, frozen=True):
    """One question: a family, some picked families, the author's own text, or a stem with parts."""

    pick: int | None = None
    pool: tuple[str, ...] = msgspec.field(name="from", default=())
    stem: Words | None = None
    part: tuple[PartSpec, ...] = ()


class SectionSpec(Struct, frozen=True):
    """Questions under one title; ``shuffle`` puts them in another order on every form."""

    question: tuple[QuestionSpec, ...]
    title: Words | None = None
    shuffle: bool = False


class Blueprint(Struct, frozen=True):
    """The whole file."""

    title: Words
    section: tuple[SectionSpec, ...]
    course: str = ""
    date: str = ""
    seed: str | int | None = None
    instructions: Words | None = None
    online: Quiz = Quiz()


def load(path: Path) -> bytes:
    """The bytes of an input file. Raises InputError if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", str(path)) from error


def read(path: Path) -> Blueprint:
    """The blueprint in a file. Raises InputError that names the place."""
    return parse(load(path), path.name)


def parse(source: bytes, name: str) -> Blueprint:
    """The blueprint in ``source``, TOML in UTF-8; ``name`` is the file that messages name."""
    data = table(source, name)
    if isinstance(data.get("date"), datetime.date):
        data["date"] = data["date"].isoformat()
    blueprint = shaped(data, Blueprint, name)
    _check(blueprint, name)
    return blueprint


def table(source: bytes, name: str) -> dict[str, Any]:
    """The data of a TOML file called ``name``, in UTF-8. Raises InputError."""
    try:
        return tomllib.loads(source.decode("utf-8-sig").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise InputError(f"expected text in UTF-8: {error}", name) from error
    except (ValueError, RecursionError) as error:  # also numbers of thousands of digits, and brackets nested as deep
        raise InputError(f"this is not TOML: {error}", name) from error


def shaped(data: dict[str, Any], kind: type[T], name: str) -> T:
    """The data of a file called ``name`` as a struct. Raises InputError that names the place in words."""
    _refuse_unknown(data, msgspec.inspect.type_info(kind), "$", name)
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `")
        raise InputError(_lowercase(message), f"{name}{_in_words(path.rstrip('`'))}") from error


def _lowercase(message: str) -> str:
    return message[:1].lower() + message[1:]


def _in_words(path: str) -> str:
    """``$.section[1].question[0].points`` as ``, section 2, question 1, points``."""
    steps = re.findall(r"\.?([A-Za-z_]\w*)|\[(\d+)\]", path)
    words = ""
    for name, index in steps:
        words += f", {name}" if name else f" {int(index) + 1}"
    return words


def _refuse_unknown(data: Any, kind: msgspec.inspect.Type, path: str, name: str) -> None:
    """Raises UnknownName, with the keys that there are, for a key that no struct has."""
    if isinstance(kind, msgspec.inspect.UnionType):
        for member in kind.types:
            if isinstance(member, msgspec.inspect.StructType | msgspec.inspect.VarTupleType):
                _refuse_unknown(data, member, path, name)
    elif isinstance(kind, msgspec.inspect.VarTupleType) and isinstance(data, list):
        for position, entry in enumerate(data):
            _refuse_unknown(entry, kind.item_type, f"{path}[{position}]", name)
    elif isinstance(kind, msgspec.inspect.StructType) and isinstance(data, dict):
        fields = {field.encode_name: field.type for field in kind.fields}
        for key, value in data.items():
            if key not in fields:
                raise UnknownName.among("key", key, fields, f"{name}{_in_words(path)}")
            _refuse_unknown(value, fields[key], f"{path}.{key}", name)


def texts(value: Words | None) -> Texts | None:
    """Words per locale; a plain string serves every locale (the empty key)."""
    return {"": value} if isinstance(value, str) else value


MOST_POINTS = 1000
"""Points that one question, or one line of a rubric, may have."""

LETTERS = 26
"""Parts that a question, or options that a part may have: a letter each."""


def points(value: Points) -> Fraction:
    """Points as an exact number."""
    return Fraction(str(value))


def criteria(rubric: tuple[dict[str, Any], ...], where: str) -> tuple[Criterion, ...]:
    """The lines of a rubric: ``{points = 1, en = "…", zh = "…"}``."""
    found = []
    for number, line in enumerate(rubric, 1):
        words = criterion_texts(line)
        place = f"{where}, rubric {number}"
        if not words or not all(isinstance(value, str) for value in words.values()):
            raise InputError('expected {points = …, en = "…", zh = "…"}', place)
        found.append(Criterion(points=_checked_points(line.get("points"), place), text=words))
    return tuple(found)


def _checked_points(value: Any, where: str) -> Fraction:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not 0 < value < float("inf") or points(value) * 4 % 1:
        raise InputError(f"expected points above 0 in quarters, got {value!r}", where)
    if value > MOST_POINTS:
        raise InputError(f"expected at most {MOST_POINTS}, got {value!r}", where)
    return points(value)


def _check(blueprint: Blueprint, name: str) -> None:
    """Everything that types do not say."""
    if not any(section.question for section in blueprint.section):
        raise InputError("expected at least one [[section]] with a [[section.question]]", name)
    for field in ("course", "date"):
        _check_text(getattr(blueprint, field), f"{name}, {field}", plain=True)
    for where, words in _written(blueprint, name):
        for locale, text in words.items():
            place = f"{where}{f', {locale}' if locale else ''}"
            if not text.strip():
                raise InputError("expected some words; leave this out if there are none", place)
            _check_text(text, place, plain=where.endswith(", title"))
    for where, question in questions(blueprint, name):
        _check_question(question, where)
    _check_online(blueprint, f"{name}, online")


MOST_MINUTES = 7 * 24 * 60
"""Minutes that one attempt may take."""
MOST_ATTEMPTS = 100
"""Attempts that are counted; 0 stands for any number."""


def _check_online(blueprint: Blueprint, where: str) -> None:
    """How the quiz is given online."""
    quiz = blueprint.online
    if quiz.minutes is not None and not 1 <= quiz.minutes <= MOST_MINUTES:
        raise InputError(f"expected 1 to {MOST_MINUTES}, got {quiz.minutes}", f"{where}, minutes")
    if quiz.attempts is not None and not 0 <= quiz.attempts <= MOST_ATTEMPTS:
        raise InputError(f"expected 0 (any number) to {MOST_ATTEMPTS}, got {quiz.attempts}", f"{where}, attempts")
    if quiz.score not in (None, *SCORES):
        raise UnknownName.among("score", quiz.score, SCORES, f"{where}, score")
    if quiz.go_back is False and not quiz.one_at_a_time:
        raise InputError("go_back = false needs one_at_a_time = true", f"{where}, go_back")
    if quiz.shuffle and keeps_order(blueprint):
        raise InputError(
            "a platform shuffles the options of all questions, but a question here has shuffle = false; leave this out",
            f"{where}, shuffle",
        )


def keeps_order(blueprint: Blueprint) -> bool:
    """Whether a question with options wants them in the order of the file."""
    asked = (spec for _, question in questions(blueprint, "") for spec in (question, *question.part))
    return any(not spec.shuffle and spec.options is not None for spec in asked)


def _check_text(text: str, where: str, *, plain: bool) -> None:
    """Raises MarkupError for text that cannot be printed; what is ``plain`` is printed character by character."""
    try:
        markup.clean(text) if plain else markup.parse(text)
    except MarkupError as error:
        raise error.at(where) from None


def questions(blueprint: Blueprint, name: str) -> Iterator[tuple[str, QuestionSpec]]:
    """All questions with their places in words."""
    for i, section in enumerate(blueprint.section, 1):
        for j, question in enumerate(section.question, 1):
            yield f"{name}, section {i}, question {j}{f' ({question.id})' if question.id else ''}", question


def _check_question(question: QuestionSpec, where: str) -> None:
    given = [kind for kind in ("family", "pick", "text", "stem") if getattr(question, kind) is not None]
    if len(given) != 1:
        raise InputError(
            f"expected exactly one of family, pick, text or stem, got {' and '.join(given) or 'none'}", where
        )
    if bool(question.part) != (question.stem is not None):
        raise InputError("a stem and its [[section.question.part]] go together", where)
    if bool(question.pool) != (question.pick is not None):
        raise InputError('pick = … and from = ["…"] go together', where)
    if question.pick is not None and question.pick < 1:
        raise InputError(f"expected at least 1, got {question.pick}", f"{where}, pick")
    if question.part:
        _check_parts(question, where)
    else:
        _check_spec(question, where)


def _check_parts(question: QuestionSpec, where: str) -> None:
    if len(question.part) > LETTERS:
        raise InputError(f"expected at most {LETTERS} parts, got {len(question.part)}", where)
    if question.points is not None:
        raise InputError("a question with parts has the points of its parts; leave this out", f"{where}, points")
    for number, part in enumerate(question.part, 1):
        place = f"{where}, part {number}"
        if (part.family is None) == (part.text is None):
            raise InputError("expected either family or text", place)
        _check_spec(part, place)


def _check_spec(spec: Spec, where: str) -> None:
    if spec.mode not in ("open", "choice"):
        raise UnknownName.among('value of "as"', spec.mode, ("open", "choice"), f"{where}, as")
    if spec.space and not re.fullmatch(r"\d{1,2}(\.\d)?(cm|mm)", spec.space):
        raise InputError(f'expected a length such as "5cm", got {spec.space!r}', f"{where}, space")
    if spec.text is None:
        _check_drawn(spec, where)
    else:
        _check_own(spec, where)


def _check_drawn(spec: Spec, where: str) -> None:
    for field in ("answer", "rubric", "solution", "derivations"):
        if getattr(spec, field):
            raise InputError("belongs to questions with a text of your own, not to a family", f"{where}, {field}")
    if spec.points is None:
        raise InputError("missing", f"{where}, points")
    _checked_points(spec.points, f"{where}, points")
    if spec.options is not None and (not isinstance(spec.options, int) or not 2 <= spec.options <= 9):
        raise InputError(f"expected the number of options, 2 to 9, got {spec.options!r}", f"{where}, options")
    if spec.options is not None and spec.mode != "choice":
        raise InputError('only with as = "choice"', f"{where}, options")


def _check_own(spec: Spec, where: str) -> None:
    given = [field for field in ("options", "answer", "rubric") if getattr(spec, field)]
    if len(given) != 1:
        raise InputError(
            f"a text needs exactly one of options, answer or rubric, got {' and '.join(given) or 'none'}", where
        )
    if spec.where:
        raise InputError("belongs to a family, not to a text of your own", f"{where}, where")
    if spec.rubric:
        total = sum((line.points for line in criteria(spec.rubric, where)), Fraction(0))
        if spec.points is not None and points(spec.points) != total:
            raise InputError(f"the rubric has {total} points; leave this out or make it {total}", f"{where}, points")
    else:
        _checked_points(spec.points, f"{where}, points")
    if spec.options is not None:
        _check_options(spec.options, where)


def _check_options(options: int | tuple[dict[str, Any], ...], where: str) -> None:
    if isinstance(options, int):
        raise InputError(
            'a text of your own needs its options written out: [{en = "…", right = true}, …]', f"{where}, options"
        )
    for number, option in enumerate(options, 1):
        place = f"{where}, options {number}"
        words = option_texts(option)
        if not words or not all(isinstance(value, str) for value in words.values()):
            raise InputError('expected {en = "…", zh = "…", right = true} or {…, why = {en = "…"}}', place)
        if not isinstance(option.get("right", False), bool):
            raise InputError(f"expected true or false, got {option['right']!r}", f"{place}, right")
        why = texts(option.get("why", ""))
        if not isinstance(why, dict) or not all(isinstance(value, str) for value in why.values()):
            raise InputError('expected {en = "…", zh = "…"}', f"{place}, why")
        if option.get("right") and "why" in option:
            raise InputError("says why an option is wrong, but this one is right", f"{place}, why")
    if len(options) > LETTERS:
        raise InputError(f"expected at most {LETTERS} options, got {len(options)}", f"{where}, options")
    right = sum(bool(option.get("right")) for option in options)
    if len(options) < 2 or not 0 < right < len(options):
        raise InputError(
            f"expected at least one right option and one wrong one, got {right} of {len(options)}", f"{where}, options"
        )
    for locale in {key for option in options for key in option_texts(option)}:
        shown = [option_texts(option).get(locale) for option in options]
        if len(set(shown)) < len(shown):
            raise InputError(f"two options read the same in {locale}", f"{where}, options")


def option_texts(option: Mapping[str, Any]) -> Texts:
    """The words of an option of the author's own."""
    return {key: value for key, value in option.items() if key not in ("right", "why")}


def criterion_texts(line: Mapping[str, Any]) -> Texts:
    """The words of a line of a rubric."""
    return {key: value for key, value in line.items() if key != "points"}


def _written(blueprint: Blueprint, name: str) -> Iterator[tuple[str, Texts]]:
    """Every text of the author, with its place."""
    for field in ("title", "instructions"):
        yield f"{name}, {field}", texts(getattr(blueprint, field)) or {}
    for number, section in enumerate(blueprint.section, 1):
        yield f"{name}, section {number}, title", texts(section.title) or {}
    for where, question in questions(blueprint, name):
        yield f"{where}, stem", texts(question.stem) or {}
        yield from _written_in(question, where)
        for number, part in enumerate(question.part, 1):
            yield from _written_in(part, f"{where}, part {number}")


def _written_in(spec: Spec, where: str) -> Iterator[tuple[str, Texts]]:
    for field in ("text", "solution"):
        yield f"{where}, {field}", texts(getattr(spec, field)) or {}
    if isinstance(spec.options, tuple):
        for number, option in enumerate(spec.options, 1):
            yield f"{where}, options {number}", _strings(option_texts(option))
            yield f"{where}, options {number}, why", _strings(texts(option.get("why")) or {})
    for number, line in enumerate(spec.rubric, 1):
        yield f"{where}, rubric {number}", _strings(criterion_texts(line))


def _strings(words: Mapping[str, Any]) -> Texts:
    """The words that are text; what is not has a message of its own, later."""
    return {key: value for key, value in words.items() if isinstance(value, str)}


def require_locales(blueprint: Blueprint, name: str, locales: tuple[str, ...]) -> None:
    """Raises InputError that names the first text that is missing in one of ``locales``."""
    for where, words in _written(blueprint, name):
        for locale in locales:
            if words and locale not in words and "" not in words:
                raise InputError(f"there is no text in {locale!r} (only in {', '.join(words)})", where)
