"""Exams as data: what is drawn depends on seed, slot and form alone; forms are matched; keys cannot be guessed."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from quizgen import answers, asking, blueprint, exam, expr, grading
from quizgen.answers.written import Written
from quizgen.bank import Bank
from quizgen.errors import InputError, ProofError, QuizgenError
from quizgen.randomness import Stream
from quizgen.values import Asked, Exam, Item, Question, to_json
from solvers import derivations

HEAD = 'title = "Exam"\n[[section]]\ntitle = "One"\n'
SIZE = '[[section.question]]\nfamily = "convolution/output_side"\npoints = 4\nas = "choice"\n'
COUNT = '[[section.question]]\nfamily = "convolution/parameters"\npoints = 3\n'
OWN = '[[section.question]]\ntext = "Why?"\nrubric = [{points = 2, en = "because"}]\n'
PICK = '[[section.question]]\npick = 2\nfrom = ["convolution/*", "attention/causal_mask"]\npoints = 3\n'

bank = Bank()


def build(text: str, forms: int = 2, seed: str = "s", laws: bool = False, **more: object) -> Exam:
    order = exam.Order(seed, exam.form_names(forms), laws=laws)
    return exam.build(blueprint.parse(text.encode(), "exam.toml"), "exam.toml", bank, order, **more)  # type: ignore[arg-type]


def questions(built: Exam, form: int = 0) -> dict[str, Question]:
    return {question.slot: question for question in built.forms[form].questions()}


def items(built: Exam, slot: str) -> list[Item]:
    return [questions(built, form)[slot].tasks[0].item for form in range(len(built.forms))]


def test_form_names_go_on_after_z() -> None:
    assert exam.form_names(28)[-3:] == ("Z", "AA", "AB")
    with pytest.raises(InputError, match="--forms: expected at least 1, got 0"):
        exam.form_names(0)


def test_the_same_seed_gives_the_same_exam_and_another_does_not() -> None:
    assert to_json(build(HEAD + SIZE + PICK)) == to_json(build(HEAD + SIZE + PICK))
    assert to_json(build(HEAD + SIZE + PICK)) != to_json(build(HEAD + SIZE + PICK, seed="t"))


def test_processes_do_not_change_the_exam() -> None:
    assert to_json(build(HEAD + SIZE + COUNT, jobs=2)) == to_json(build(HEAD + SIZE + COUNT))


def test_inserting_a_question_changes_no_other() -> None:
    before, after = build(HEAD + SIZE + COUNT), build(HEAD + OWN + COUNT + SIZE)
    for slot, question in questions(before, 1).items():
        assert questions(after, 1)[slot] == question


def test_another_form_changes_no_other() -> None:
    assert build(HEAD + SIZE + PICK, forms=5).forms[:2] == build(HEAD + SIZE + PICK).forms


def test_another_student_changes_no_other() -> None:
    source = blueprint.parse((HEAD + SIZE + COUNT).encode(), "exam.toml")

    def papers(*ids: str) -> Exam:
        return exam.build(source, "exam.toml", bank, exam.Order("s", ids, distinct=False, laws=False))

    two, three = papers("s1", "s3"), papers("s1", "s2", "s3")
    assert (two.forms[0], two.forms[1]) == (three.forms[0], three.forms[2])


def test_an_id_keeps_its_draw_in_another_section() -> None:
    named = SIZE + 'id = "size"\n'
    moved = build(HEAD + COUNT + '[[section]]\ntitle = "Two"\n' + named)
    assert questions(build(HEAD + named))["size"] == questions(moved)["size"]


def test_forms_are_matched() -> None:
    built = build(HEAD + SIZE + COUNT + PICK, forms=6)
    slots = list(questions(built))
    assert all(list(questions(built, form)) == slots for form in range(6))
    for slot in slots:
        drawn = items(built, slot)
        assert len({item.id for item in drawn}) == 6
        efforts = [item.effort for item in drawn]
        assert 4 * max(efforts) <= 5 * min(efforts)
        family = bank.family(drawn[0].family)
        for name, field in family.params.fields.items():
            if field.radical:
                assert len({str(item.parameters[name]) for item in drawn}) == 1


def test_forms_have_different_answers_where_the_space_allows() -> None:
    for slot in ("convolution/output_side#1", "convolution/parameters#1"):
        answers = [item.parts[0].key.right for item in items(build(HEAD + SIZE + COUNT, forms=4), slot)]
        assert len(set(answers)) == 4


def test_where_is_obeyed() -> None:
    narrowed = SIZE + "where = {k = [3, 5], s = 2, n = {min = 20, max = 30}}\n"
    for item in items(build(HEAD + narrowed, forms=8), "convolution/output_side#1"):
        assert item.parameters["k"] in (3, 5)
        assert item.parameters["s"] == 2
        assert 20 <= item.parameters["n"] <= 30


def test_points_follow_the_weights_in_quarters() -> None:
    assert exam.shares(Fraction(4), [1, 1, 1]) == (Fraction(5, 4), Fraction(5, 4), Fraction(3, 2))
    assert exam.shares(Fraction(9), [1, 1, 1, 1, 2, 2]) == (*[Fraction(1)] * 4, Fraction(9, 4), Fraction(11, 4))


def test_written_parts_have_the_points_of_their_rubric() -> None:
    stem = '[[section.question]]\nid = "B"\nstem = "Let"\n[[section.question.part]]\ntext = "Say"\n'
    built = build(
        HEAD
        + stem
        + 'rubric = [{points = 1, en = "a"}, {points = 1.5, en = "b"}]\n'
        + COUNT.replace("[[section.question]]", "[[section.question.part]]")
    )
    (question,) = built.forms[0].questions()
    assert [task.total for task in question.tasks] == [Fraction(5, 2), Fraction(3)]


def test_a_shuffled_section_has_another_order_on_some_form() -> None:
    head = HEAD + "shuffle = true\n"
    orders = {tuple(questions(build(head + SIZE + COUNT + OWN, forms=6), form)) for form in range(6)}
    assert len(orders) > 1


MISTAKES = {
    "unknown family": (
        SIZE.replace("output_side", "output_sid"),
        "section 1, question 1: unknown family",
        "did you mean",
    ),
    "unknown pattern": (PICK.replace("convolution/*", "convolutoin/*"), "question 1, from: unknown family", "known:"),
    "too many picked": (PICK.replace("pick = 2", "pick = 99"), "question 1, pick: expected at most the", "got 99"),
    "unknown parameter": (SIZE + "where = {q = 3}", "question 1: where: unknown parameter 'q'", "known: d, k, n, p, s"),
    "outside the domain": (SIZE + "where = {k = 9}", "where.k: expected an integer from 3 to 7", "got 9"),
    "empty range": (SIZE + "where = {n = {min = 99}}", "where.n: no value is left", "an integer from 7 to 64"),
    "unknown bound": (SIZE + "where = {n = {from = 9}}", "where.n: unknown bound 'from'", "known: max, min"),
    "impossible together": (
        SIZE + "where = {n = 7, k = 7, d = 3, p = 0}",
        "no draw in 1000 tries",
        "The dilated kernel fits",
    ),
    "too few items": (SIZE + "where = {n = 40, k = 3, d = 1, p = 0}", "fewer distinct items", "2 forms"),
    "no options": (
        '[[section.question]]\nfamily = "recurrent/lstm_gates"\nas = "choice"\npoints = 1',
        "question 1: recurrent/lstm_gates: ",
        "a kind without options (matching)",
    ),
    "too few points": (
        '[[section.question]]\nfamily = "recurrent/lstm_step"\npoints = 1',
        "question 1, points: 1 is too little for 6 answers",
        "",
    ),
    "same id twice": (SIZE + 'id = "x"\n' + COUNT + 'id = "x"', "question 2 (x), id: the id 'x' is already that", ""),
    "bad typed key": (
        '[[section.question]]\ntext = "x"\npoints = 1\nanswer = {kind = "number", value = "0,75", tolerance = "1"}',
        "question 1, answer.value: expected a number",
        "got '0,75'",
    ),
    **{
        name: (
            f'[[section.question]]\ntext = "x"\npoints = 1\nanswer = {{{answer}}}',
            f"question 1, answer.{place}",
            got,
        )
        for name, (answer, place, got) in {
            "no entries": ('kind = "vector", value = []', "value: expected at least one", ""),
            "nested entries": ('kind = "vector", value = [[1], [2]]', "value: expected numbers", "got lists"),
            "true is no number": ('kind = "vector", value = [true]', "value: expected a number", "got True"),
            "a date is no number": (
                'kind = "vector", value = [2020-01-01]',
                "value: expected a number",
                "got datetime",
            ),
            "a unit beyond markup": ('kind = "integer", value = 1, unit = "a$b"', "unit: line 1", "a lone $"),
            "uneven rows": ('kind = "matrix", value = [[1, 2], [3]]', "value: expected at least one", "in every row"),
            "no rows": ('kind = "matrix", value = []', "value: expected at least one", ""),
            "many digits": (f'kind = "integer", value = {"9" * 99}', "value: expected a number", "got 999"),
        }.items()
    },
    "tolerance below 0": (
        '[[section.question]]\ntext = "x"\npoints = 1\nanswer = {kind = "number", value = "1", tolerance = "-1"}',
        "question 1, answer: expected a tolerance of at least 0",
        "",
    ),
    "a formula that cannot be read": (
        '[[section.question]]\ntext = "x"\npoints = 1\nanswer = {kind = "formula", value = "2z"}',
        "question 1, answer: the key '2z' cannot be read",
        "undeclared-name",
    ),
    "unknown kind of key": (
        '[[section.question]]\ntext = "x"\npoints = 1\nanswer = {kind = "numbr", value = "1"}',
        "unknown kind of answer 'numbr'",
        "did you mean 'number'",
    ),
}


@pytest.mark.parametrize(("text", "place", "hint"), MISTAKES.values(), ids=MISTAKES)
def test_a_slot_that_cannot_be_filled_is_named(text: str, place: str, hint: str) -> None:
    with pytest.raises(QuizgenError) as caught:
        build(HEAD + text)
    assert str(caught.value).startswith("exam.toml, section 1, question")
    assert place in str(caught.value)
    assert hint in str(caught.value)


def test_laws_that_cannot_run_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'quizgen\[proof\]'.*--unproven"):
        build(HEAD + SIZE, laws=True)
    assert build(HEAD + SIZE, laws=False).forms[0].questions()[0].tasks[0].provenance == "unproven"


def test_a_law_that_fails_stops_the_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(q: object, t: object) -> None:
        raise AssertionError

    monkeypatch.setitem(bank.family("convolution/output_side").laws, "always_fails", fails)
    with pytest.raises(QuizgenError, match="the law 'always_fails' does not hold for Params") as caught:
        build(HEAD + SIZE, laws=True)
    assert caught.value.status == 1


def test_the_letter_of_the_key_is_even_over_many_draws() -> None:
    family = bank.family("convolution/output_side")
    letters = Counter(
        asking.letters(item.parts[0], asking.ask(item, "choice", 4, Stream("letters", number))[0])
        for number in range(800)
        for item in [family.draw("letters", number, options=4)]
    )
    assert set(letters) == set("ABCD")
    assert all(150 <= count <= 250 for count in letters.values()), letters


def test_without_shuffling_numbers_rise_and_an_authors_options_keep_their_order() -> None:
    own = '[[section.question]]\nshuffle = false\npoints = 1\ntext = "x"\n' + (
        'options = [{en = "c"}, {en = "a", right = true}, {en = "b"}]\n'
    )
    built = build(HEAD + SIZE + "shuffle = false\n" + own, forms=4)
    for form in built.forms:
        size, mine = (question.tasks[0] for question in form.questions())
        values = [asking.option_value(size.item.parts[0], option) for option in size.asked[0].order]
        assert values == sorted(values)
        assert mine.asked[0].order == ("o1", "o2", "o3")


def test_things_to_order_never_stand_in_order() -> None:
    family = bank.family("recurrent/lstm_stages")
    for number in range(200):
        item = family.draw("order", number)
        (asked,) = asking.ask(item, "open", 0, Stream("order", number))
        assert asked.order != item.parts[0].key.right


def test_the_letters_name_what_is_printed() -> None:
    family = bank.family("recurrent/lstm_gates")
    item = family.draw("match")
    (asked,) = asking.ask(item, "open", 0, Stream("match"))
    pairs = asking.letters(item.parts[0], asked).split()
    for pair, (_, right) in zip(pairs, item.parts[0].key.right, strict=True):
        assert asked.order["abcdefgh".index(pair[-1])] == right
    assert isinstance(asked, Asked)


@pytest.mark.parametrize(("typed", "value"), [("−0.75", "-0.75"), ("- 0.75", "-0.75"), ("+.5", "0.5")])
def test_an_authors_numbers_are_read_as_students_are(typed: str, value: str) -> None:
    answer = f'answer = {{kind = "number", value = "{typed}", tolerance = "0"}}'
    exam = build(HEAD + f'[[section.question]]\ntext = "x"\npoints = 1\n{answer}')
    assert exam.forms[0].questions()[0].tasks[0].item.parts[0].key.right == Decimal(value)


AUTHORED = {
    "formula": (
        'value = "(w x + b - y)^2 / 2", label = "L", variables = {w = "real", x = "real", b = "real", y = "real"}',
        ["L = ½(y - b - wx)²", r"\frac{(wx+b-y)^2}{2}"],
        ["(w x + b - y)^2", "w x + b"],
    ),
    "distribution": (
        'value = "N(sqrt(a) x_0, 1 - a)", variables = {a = "unit", x_0 = "real"}',
        [r"\mathcal{N}(\sqrt{a}x_0, 1-a)"],
        ["N(a x_0, 1 - a)"],
    ),
    "interval": ('value = "(-1, 1)", label = "x"', ["-1 < x < 1", "]-1, 1["], ["(-1, 2)", "x > 1"]),
    "text": ('value = ["skip connection", "残差连接"], distance = 1', ["Skip-conection", "残差连接"], ["dropout"]),
    "number": ('value = "2.44", significant = 3, unit = "ms", units = {s = "1000"}', ["2.44 ms", "0.00244 s"], ["2.5"]),
    "fraction": ('value = "3/4", percent = true', ["75 %", "3/4"], ["0.75 %"]),
    "integer": ('value = 7000000000, suffixes = true', ["7B", "70亿"], ["7M"]),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "key", "right", "wrong"), [(kind, *rest) for kind, rest in AUTHORED.items()])
def test_an_authors_key_grades_what_is_typed(kind: str, key: str, right: list[str], wrong: list[str]) -> None:
    exam = build(HEAD + f'[[section.question]]\ntext = "x"\npoints = 1\nanswer = {{kind = "{kind}", {key}}}')
    (part,) = exam.forms[0].questions()[0].tasks[0].item.parts
    assert [answers.grade(part.key, text).verdict for text in right] == ["right"] * len(right)
    assert [answers.grade(part.key, text).verdict for text in wrong] == ["wrong"] * len(wrong)


def test_a_family_of_formulas_is_asked_open_and_with_options() -> None:
    family = '[[section.question]]\nfamily = "convolution/bottleneck_formula"\npoints = 2\n'
    for form in build(HEAD + family + family + 'as = "choice"\n', forms=3).forms:
        typed, chosen = (question.tasks[0] for question in form.questions())
        (part,) = typed.item.parts
        for mistake in part.mistakes:
            assert grading.grade_part(part, mistake.value).misconception == mistake.name
        shown = [asking.option_value(chosen.item.parts[0], option) for option in chosen.asked[0].order]
        assert len(shown) == 4
        assert [answers.grade(chosen.item.parts[0].key, text).verdict for text in shown].count("right") == 1


# Model solutions that are derivations.

DERIVED = OWN + 'solution = {en = "As follows.", zh = "如下。"}\nderivations = ["elbo", "prior_kl"]\n'


def solution(text: str) -> dict[str, str]:
    (question,) = build(HEAD + text).forms[0].questions()
    found: dict[str, str] = question.tasks[0].item.parameters["solution"]
    return found


def test_a_model_solution_is_the_lines_of_a_derivation() -> None:
    told = solution(DERIVED)
    assert (told["en"][:11], told["zh"][:3]) == ("As follows.", "如下。")
    for words in told.values():
        lines = [line for name in ("elbo", "prior_kl") for line in derivations.derivation(name).lines]
        places = [words.index(f"{expr.latex(line.tree)}$") for line in lines]
        assert places == sorted(places)
    assert "— Product rule" in told["en"]
    assert "——乘法公式" in told["zh"]


def test_a_derivation_needs_no_words_of_the_author() -> None:
    told = solution(OWN + 'derivations = ["elbo"]\n')
    assert sorted(told) == ["en", "zh"]
    assert told["en"].startswith("A latent-variable model")
    plain = solution(OWN + 'solution = "As follows."\nderivations = ["elbo"]\n')
    assert plain == {locale: f"As follows.\n\n{words}" for locale, words in told.items()}


def test_a_derivation_that_does_not_exist_is_named() -> None:
    with pytest.raises(InputError) as caught:
        build(HEAD + DERIVED.replace('"elbo"', '"elboo"'))
    expected = "exam.toml, section 1, question 1, derivations: unknown derivation 'elboo'; did you mean 'elbo'?"
    assert str(caught.value).startswith(expected)


def test_a_derivation_that_does_not_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = derivations.derivation("elbo")
    for flaw in chain.flaws:
        lines = tuple(replace(line, tree=flaw.tree) if line.id == flaw.line else line for line in chain.lines)
        broken = replace(chain, lines=lines, flaws=())
        monkeypatch.setattr(derivations, "derivation", lambda name, broken=broken: broken)
        with pytest.raises(ProofError) as caught:
            build(HEAD + OWN + 'derivations = ["elbo"]')
        assert str(caught.value).startswith(f"exam.toml, section 1, question 1, derivations: elbo, line {flaw.line!r}")
        assert "with p" in str(caught.value)


# The exams that come with the program.

EXAMS = Path(__file__).parents[1] / "banks" / "exams"
PAST = {"spring-2025-b": (18, 15, 33), "autumn-2025-b": (9, 14, 23)}


@pytest.mark.parametrize("name", PAST)
def test_a_past_exam_keeps_its_points_and_asks_all_of_it_again(name: str) -> None:
    source = blueprint.read(EXAMS / f"{name}.toml")
    blueprint.require_locales(source, name, ("en", "zh"))
    built = exam.build(source, name, bank, exam.Order("s", ("A", "B"), laws=False))
    for form in built.forms:
        *paper, counterparts = form.sections
        assert tuple(sum(q.total for q in section.questions) for section in form.sections) == PAST[name]
        for task in (task for section in paper for question in section.questions for task in question.tasks):
            assert isinstance(task.item.parts[0].key, Written)
            assert sorted(task.item.parameters["solution"]) == ["en", "zh"]
        asked = [task for question in counterparts.questions for task in question.tasks]
        assert not any(isinstance(part.key, Written) for task in asked for part in task.item.parts)
