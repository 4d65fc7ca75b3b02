"""Reads GIFT as Moodle's ``qformat_gift`` does, and marks responses as its question types do."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from math import isclose

HOLDERS = {"\\:": 58, "\\#": 35, "\\=": 61, "\\{": 123, "\\}": 125, "\\~": 126, "\\n": 10}
WEIGHT = re.compile(r"%(-?[0-9]{1,2}\.?[0-9]*)%")
SHARES = (
    100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667, 14.28571, 12.5, 11.11111, 10,
    5, 0,
)  # fmt: skip


@dataclass
class Answer:
    """An answer that is known: its share of the points in percent."""

    text: str
    share: Fraction
    feedback: str = ""
    tolerance: Fraction = Fraction(0)


@dataclass
class Question:
    """One question of the file."""

    category: str
    id: str
    tags: list[str]
    name: str
    html: str
    kind: str = ""
    single: bool = True
    answers: list[Answer] = field(default_factory=list)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    general: str = ""


def require(condition: object, message: str) -> None:
    """What the importer or a rule of ours asks for."""
    if not condition:
        raise AssertionError(message)


def read(data: bytes) -> list[Question]:
    """The questions of a file."""
    text = data.decode()
    require("\r" not in text and "\ufeff" not in text, "line ends or a mark that the importer trips over")
    questions: list[Question] = []
    category = ""
    for paragraph in re.split(r"\n[ \t]*\n", text.strip()):
        comments = [line for line in paragraph.split("\n") if line.strip().startswith("//")]
        body = "\n".join(line for line in paragraph.split("\n") if not line.strip().startswith("//")).strip()
        if body.startswith("$CATEGORY:"):
            require("\\" not in body, "a category with escapes")
            category = body[10:].strip()
            continue
        require(len(comments) == 1, f"{len(comments)} comments")
        questions.append(_question(_before(body), category, comments[0]))
    identities = [(question.category, question.id) for question in questions]
    require(len(set(identities)) == len(identities), "an id twice in a category")
    return questions


def _before(text: str) -> str:
    text = text.replace("\\\\", "&&092;")
    for sign, code in HOLDERS.items():
        text = text.replace(sign, f"&&{code:03};")
    return text.replace("&&092;", "\\")


def _after(text: str) -> str:
    for code in HOLDERS.values():
        text = text.replace(f"&&{code:03};", chr(code))
    return text


def _formatted(text: str) -> tuple[str, str]:
    """Text and the name of its format, if it says one."""
    form = ""
    match = re.match(r"\[(.*?)]", text, re.DOTALL)
    if match and match[1] in ("moodle", "html", "plain", "markdown"):
        form, text = match[1], text[match.end() :]
    return _after(text).strip(), form


def _question(text: str, category: str, comment: str) -> Question:
    identity = re.search(r"\[id:((?:\\]|[^]])+)]", comment)
    tags = re.findall(r"\[tag:((?:\\]|[^]])+)]", comment)
    require(identity and len(identity[1]) <= 100, "no id")
    require(text.startswith("::"), "no name")
    name, _, text = text[2:].partition("::")
    start, end = text.find("{"), text.find("}")
    require(0 <= start < end == len(text) - 1, "braces")
    answers, asked = text[start + 1 : end].strip(), text[:start]
    general = ""
    if "####" in answers:
        answers, _, general = answers.rpartition("####")
    html, form = _formatted(asked.strip())
    require(form == "html", "text that is not HTML")
    question = Question(
        category, identity[1] if identity else "", tags, _after(name), html, general=_formatted(general)[0]
    )
    _answers(question, answers.strip())
    return question


def _answers(question: Question, text: str) -> None:
    if not text:
        question.kind = "essay"
    elif text[0] == "#":
        question.kind = "numerical"
        require("~" not in text, "feedback for any other number")
        for each in _split(text[1:], "="):
            question.answers.append(_number(_weighted(each)))
    elif "~" in text:
        question.kind = "multichoice"
        question.single = "=" in text
        for each in _split(text.replace("=", "~="), "~"):
            right = each.startswith("=")
            question.answers.append(_commented(each[1:], Fraction(100)) if right else _weighted(each, Fraction(0)))
        require(len(question.answers) >= 2, "too few options")
        require(all(answer.text for answer in question.answers), "a blank option")
    elif "=" in text and "->" in text:
        question.kind = "match"
        for each in _split(text, "="):
            left, arrow, place = each.partition("->")
            require(arrow, f"no arrow in {each!r}")
            question.pairs.append((_formatted(left)[0], _after(place).strip()))
        require(len(question.pairs) >= 2, "too few pairs")
    elif (words := text.split("#")[0].strip()) in ("T", "TRUE", "F", "FALSE"):
        question.kind = "truefalse"
        said = [_formatted(bit.strip())[0] for bit in text.split("#", 2)[1:]] + ["", ""]
        right = words[0] == "T"
        question.answers = [
            Answer("true", Fraction(100 * right), said[1 if right else 0]),
            Answer("false", Fraction(100 * (not right)), said[0 if right else 1]),
        ]
    else:
        question.kind = "shortanswer"
        question.answers = [_weighted(each) for each in _split(text, "=")]
    for answer in question.answers:
        require(any(isclose(abs(answer.share), share, abs_tol=1e-3) for share in SHARES), f"share {answer.share}")


def _split(text: str, sign: str) -> list[str]:
    first, *rest = (piece.strip() for piece in text.split(sign))
    return [*([first] if first else []), *rest]


def _weighted(text: str, default: Fraction = Fraction(100)) -> Answer:
    match = WEIGHT.match(text)
    return _commented(text[match.end() :], Fraction(match[1])) if match else _commented(text, default)


def _commented(text: str, share: Fraction) -> Answer:
    words, _, said = text.partition("#")
    return Answer(_formatted(words.strip())[0], share, _formatted(said.strip())[0])


def _number(answer: Answer) -> Answer:
    require(".." not in answer.text, "a range")
    value, colon, tolerance = answer.text.partition(":")
    require(colon and _is_numeric(value) and _is_numeric(tolerance), f"no number: {answer.text}")
    return Answer(value, answer.share, answer.feedback, Fraction(tolerance))


def _is_numeric(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.IGNORECASE) is not None


# Marking.

Response = set[str] | str | dict[str, str]


def mark(question: Question, response: Response) -> Fraction:
    """The share of the points for what is chosen (texts), typed, or paired (left to right)."""
    match question.kind:
        case "multichoice":
            chosen = [answer for answer in question.answers if answer.text in response]
            require(not question.single or sum(a.share == 100 for a in question.answers) == 1, "no single right option")
            require(question.single or _reaches_all(question), "shares that do not reach the whole")
            return max(_share(sum((answer.share for answer in chosen), Fraction(0))), Fraction(0))
        case "truefalse":
            return next((_share(answer.share) for answer in question.answers if answer.text in response), Fraction(0))
        case "match":
            asked = [(left, right) for left, right in question.pairs if left]
            assert isinstance(response, dict)
            return Fraction(sum(response.get(left) == right for left, right in asked), len(asked))
        case "essay":
            return Fraction(0)
    found = told(question, response)
    return _share(found.share) if found else Fraction(0)


def _reaches_all(question: Question) -> bool:
    gained = sum((answer.share for answer in question.answers if answer.share > 0), Fraction(0))
    return abs(gained - 100) < Fraction(1, 1000) and sum((answer.share for answer in question.answers), Fraction(0)) < 1


def _share(percent: Fraction) -> Fraction:
    return Fraction(round(percent * 1000), 100000)


def told(question: Question, response: Response) -> Answer | None:
    """The known answer that a typed one is taken for."""
    assert isinstance(response, str)
    for answer in question.answers:
        if question.kind == "numerical":
            near = float(answer.tolerance) + 1e-14 * max(1.0, abs(float(answer.text)))
            if _is_numeric(response.strip()) and abs(float(response) - float(answer.text)) <= near:
                return answer
        elif _like(answer.text, response):
            return answer
    return None


def _like(pattern: str, text: str) -> bool:
    """Whether a text is one that a short answer with wildcards means; capitals do not count."""
    pieces = re.split(r"(?<!\\)\*", pattern)
    regex = ".*".join(re.escape(piece.replace(r"\*", "*")) for piece in pieces)
    return re.fullmatch(regex, text.strip(), re.IGNORECASE | re.DOTALL) is not None
