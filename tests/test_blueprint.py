"""Blueprints: what is read, and the one message for every mistake."""

from fractions import Fraction

import pytest

from quizgen import blueprint
from quizgen.errors import InputError, MarkupError, QuizgenError

HEAD = 'title = "Exam"\n[[section]]\n[[section.question]]\n'

OWN = """text = "How many?"
points = 2
options = [{en = "one", right = true}, {en = "two", why = {en = "one too many"}}]
"""

MISTAKES = {
    "not TOML": ("title = ", "exam.toml: this is not TOML"),
    "no section": ('title = "x"', "missing required field `section`"),
    "empty section": ('title = "x"\nsection = [{question = []}]', "at least one [[section]]"),
    "unknown key at the top": ('titel = "x"\n' + HEAD + OWN, "unknown key 'titel'; did you mean 'title'?"),
    "unknown key in a question": (HEAD + OWN + "pionts = 3", "exam.toml, section 1, question 1: unknown key 'pionts'"),
    "allowed names": (HEAD + OWN + "pionts = 3", "known: answer, as, derivations, family"),
    "wrong type": (HEAD + "family = 3\npoints = 1", "section 1, question 1, family: expected `str | null`, got `int`"),
    "no kind": (HEAD + "points = 3", "expected exactly one of family, pick, text or stem, got none"),
    "two kinds": (HEAD + OWN + 'family = "a/b"', "got family and text"),
    "stem without parts": (HEAD + 'stem = "x"', "a stem and its [[section.question.part]] go together"),
    "pick without from": (HEAD + "pick = 2\npoints = 1", 'pick = … and from = ["…"] go together'),
    "pick nothing": (HEAD + 'pick = 0\nfrom = ["a/*"]\npoints = 1', "expected at least 1, got 0"),
    "no points": (HEAD + 'family = "a/b"', "question 1, points: missing"),
    "negative points": (HEAD + 'family = "a/b"\npoints = -1', "points above 0 in quarters, got -1"),
    "points that are no number": (HEAD + 'family = "a/b"\npoints = nan', "in quarters, got nan"),
    "points without end": (HEAD + 'family = "a/b"\npoints = inf', "in quarters, got inf"),
    "a number of many digits": (HEAD + "points = " + "9" * 5000, "exam.toml: this is not TOML"),
    "brackets nested deep": ("x = " + "[" * 2000, "exam.toml: this is not TOML"),
    "no words": (HEAD + OWN.replace("How many?", " "), "question 1, text: expected some words"),
    "no words at all": (HEAD + OWN.replace('"How many?"', "{}"), "question 1, text: expected"),
    "a reason that is no text": (HEAD + OWN.replace('"one too many"', "3"), "options 2, why: expected {en"),
    "options beyond the alphabet": (
        HEAD + OWN.replace("}]", "}, " + ", ".join(f'{{en = "o{n}"}}' for n in range(25)) + "]", 1),
        "expected at most 26 options, got 27",
    ),
    "parts beyond the alphabet": (
        HEAD + 'stem = "x"\n' + '[[section.question.part]]\nfamily = "a/b"\npoints = 1\n' * 27,
        "expected at most 26 parts, got 27",
    ),
    "a control character": ('course = "a\\u0007"\n' + HEAD + OWN, "exam.toml, course: line 1, column 2: control"),
    "odd points": (HEAD + 'family = "a/b"\npoints = 0.3', "points above 0 in quarters, got 0.3"),
    "bad as": (HEAD + 'family = "a/b"\npoints = 1\nas = "multiple"', "known: choice, open"),
    "options without choice": (HEAD + 'family = "a/b"\npoints = 1\noptions = 4', 'only with as = "choice"'),
    "too many options": (HEAD + 'family = "a/b"\npoints = 1\nas = "choice"\noptions = 12', "2 to 9, got 12"),
    "bad length": (HEAD + OWN + 'space = "5 miles"', 'expected a length such as "5cm"'),
    "own text without key": (HEAD + 'text = "x"\npoints = 1', "exactly one of options, answer or rubric, got none"),
    "own text with where": (HEAD + OWN + "where = {k = 3}", "belongs to a family"),
    "solution of a family": (HEAD + 'family = "a/b"\npoints = 1\nsolution = "x"', "question 1, solution: belongs to"),
    "derivations of a family": (
        HEAD + 'family = "a/b"\npoints = 1\nderivations = ["elbo"]',
        "question 1, derivations: belongs to questions with a text of your own",
    ),
    "one derivation without brackets": (
        HEAD + OWN + 'derivations = "elbo"',
        "question 1, derivations: expected `array`, got `str`",
    ),
    "no right option": (
        HEAD + 'text = "x"\npoints = 1\noptions = [{en = "a"}, {en = "b"}]',
        "at least one right option and one wrong one, got 0 of 2",
    ),
    "equal options": (
        HEAD + 'text = "x"\npoints = 1\noptions = [{en = "a", right = true}, {en = "a"}]',
        "two options read the same in en",
    ),
    "rubric total": (
        HEAD + 'text = "x"\npoints = 5\nrubric = [{points = 1, en = "a"}, {points = 2, en = "b"}]',
        "the rubric has 3 points",
    ),
    "rubric without words": (HEAD + 'text = "x"\nrubric = [{points = 1}]', "question 1, rubric 1: expected {points"),
    "no time": ("online = {minutes = 0}\n" + HEAD + OWN, "exam.toml, online, minutes: expected 1 to 10080, got 0"),
    "time in words": ('online = {minutes = "90"}\n' + HEAD + OWN, "online, minutes: expected `int | null`, got `str`"),
    "fewer attempts than none": (
        "online = {attempts = -1}\n" + HEAD + OWN,
        "online, attempts: expected 0 (any number) to 100, got -1",
    ),
    "unknown score": (
        'online = {score = "latestt"}\n' + HEAD + OWN,
        "online, score: unknown score 'latestt'; did you mean 'latest'?",
    ),
    "unknown setting": (
        "online = {minute = 9}\n" + HEAD + OWN,
        "online: unknown key 'minute'; did you mean 'minutes'?",
    ),
    "no way back on one page": ("online = {go_back = false}\n" + HEAD + OWN, "online, go_back: go_back = false needs"),
    "two wishes for the order": (
        "online = {shuffle = true}\n" + HEAD + OWN + "shuffle = false",
        "online, shuffle: a platform shuffles the options of all questions",
    ),
    "math that is refused": (HEAD + OWN.replace("How many?", r"$\\input{/etc/passwd}$"), "question 1, text: line 1"),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_with_its_place(text: str, message: str) -> None:
    with pytest.raises(QuizgenError) as caught:
        blueprint.parse(text.encode(), "exam.toml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("exam.toml")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_text() -> None:
    from pathlib import Path

    with pytest.raises(InputError, match="cannot be read"):
        blueprint.read(Path("nowhere.toml"))
    with pytest.raises(InputError, match="expected text in UTF-8"):
        blueprint.parse(b'title = "\xff"', "exam.toml")


def test_plain_strings_serve_every_locale() -> None:
    read = blueprint.parse((HEAD + OWN).encode(), "exam.toml")
    assert blueprint.texts(read.title) == {"": "Exam"}
    blueprint.require_locales(read, "exam.toml", ("en",))
    with pytest.raises(InputError, match="options 1: there is no text in 'zh'"):
        blueprint.require_locales(read, "exam.toml", ("en", "zh"))


def test_points_are_exact() -> None:
    assert blueprint.points(2.75) == Fraction(11, 4)


def test_windows_line_ends_and_a_byte_order_mark() -> None:
    source = b"\xef\xbb\xbf" + (HEAD + OWN).replace("\n", "\r\n").encode()
    assert blueprint.parse(source, "exam.toml").title == "Exam"


def test_markup_errors_keep_their_kind() -> None:
    with pytest.raises(MarkupError):
        blueprint.parse((HEAD + OWN.replace("How many?", "$x")).replace("$x", r"$\\def$").encode(), "exam.toml")
