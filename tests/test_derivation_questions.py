"""Questions about derivations: their keys, options and feedback, their forms in an exam, their formulas everywhere."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from quizgen import answers, asking, blueprint, exam, grading, markup, prose, space
from quizgen.answers.choice import Choice
from quizgen.answers.ordering import Ordering
from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.expr import latex
from quizgen.family import Family
from quizgen.markup import Document, Math, Paragraph
from quizgen.randomness import Stream
from quizgen.renderers import html
from quizgen.renderers import latex as tex
from quizgen.renderers import text as plain
from quizgen.values import Asked, Item, Part
from solvers.derivations import derivation, names, questions
from solvers.derivations.chain import telling_model

BANK = Bank()
FAMILIES = sorted(name for name in BANK.files if name.startswith("derivations/"))


def item(name: str, **given: object) -> Item:
    """The item of a family for some parameters."""
    family: Family = BANK.family(f"derivations/{name}")
    q = family.params(**given)
    return family.item(q, family.solution(q))


# Keys whose options stand in the trace.


def test_any_order_that_the_needs_allow_is_right() -> None:
    (part,) = item("put_in_order", chain="dropout_unbiased", number=0, spare=1).parts
    key, trace = part.key, questions.put_in_order("dropout_unbiased", 0, 1)
    assert isinstance(key, Ordering)
    assert (key.before, key.spare) == (trace.pairs, trace.spare)
    loose = [(a, b) for a, b in pairwise(trace.order) if (a, b) not in trace.pairs]
    assert loose
    for a, b in loose:
        swapped = tuple({a: b, b: a}.get(strip, strip) for strip in trace.order)
        assert grading.grade_part(part, ", ".join(swapped)).verdict.verdict == "right"
    bound = next((a, b) for a, b in pairwise(trace.order) if (a, b) in trace.pairs)
    swapped = tuple(dict([bound, bound[::-1]]).get(strip, strip) for strip in trace.order)
    assert grading.grade_part(part, ", ".join(swapped)).verdict.verdict != "right"


def test_the_key_says_what_every_right_order_keeps_to() -> None:
    """Of pairs, only those that others do not say already: a before c follows from a before b and b before c."""
    key = Ordering.of(("s", "t", "u", "v"), before=(("s", "t"), ("s", "u"), ("t", "u")), spare=("w",))
    asked = Asked(mode="open", order=("v", "u", "w", "t", "s"))
    assert asking.precedence(Part(name="order", key=key), asked) == (("d", "b"), ("e", "d"))
    assert asking.precedence(Part(name="order", key=Ordering.of(("s", "t"))), asked) == ()


def test_one_right_order_needs_no_pairs() -> None:
    (part,) = item("put_in_order", chain="elbo", number=0, spare=0).parts
    assert isinstance(part.key, Ordering)
    assert part.key.before == ()


def test_taking_a_wrong_line_has_feedback_of_its_own() -> None:
    (part,) = item("put_in_order", chain="elbo", number=3, spare=2).parts
    taken = [mistake for mistake in part.mistakes if mistake.name.startswith("takes_")]
    assert len(taken) == 2
    for mistake in taken:
        graded = grading.grade_part(part, ", ".join(mistake.value))
        assert graded.misconception == mistake.name
        assert graded.verdict.verdict in ("partial", "wrong")
    short = answers.grade(part.key, ", ".join(part.key.right[:-1]))
    assert (short.verdict, short.notes) == ("invalid", ("not-as-many",))


def test_lines_are_offered_in_their_order() -> None:
    asked = item("flawed_line", chain="elbo", flaw=0, number=0)
    (part,) = asked.parts
    assert isinstance(part.key, Choice)
    for seed in range(5):
        assert asking.ask_part(asked, part, "choice", 4, Stream("lines", seed)).order == part.key.options


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("name", FAMILIES)
def test_every_option_and_mistake_has_words(name: str, locale: str) -> None:
    drawn = BANK.family(name).draw("words", name, 0)
    words = prose.words(drawn, locale, BANK.templates)
    for part in drawn.parts:
        labels = [words.named(label) for label in part.key.labels()]
        assert all(label.blocks for label in labels)
        assert all(one != other for at, one in enumerate(labels) for other in labels[:at])
        assert all(words.feedback(part, mistake.name) for mistake in part.mistakes)


# Parameters that are asked for.


@pytest.mark.parametrize(
    "given, said",
    [
        ({"chain": "nonsense", "number": 0, "spare": 0}, "expected one of adam_bias"),
        ({"chain": "elbo", "number": -1, "spare": 0}, "from 0 to 199"),
        ({"chain": "elbo", "number": 0, "spare": 3}, "from 0 to 2"),
        ({"chain": "elbo", "number": "x", "spare": 0}, "from 0 to 199"),
    ],
)
def test_parameters_that_do_not_exist_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        space.check(BANK.family("derivations/put_in_order").params, given, "--given")


EXAM = """
title = "t"
[[section]]
[[section.question]]
id = "order"
family = "derivations/put_in_order"
points = 3
where = {chain = "elbo"}
"""


def test_forms_share_the_derivation_and_not_the_order_on_paper() -> None:
    source = blueprint.parse(EXAM.encode(), "exam.toml")
    forms = exam.build(source, "exam.toml", BANK, exam.Order("s", ("A", "B", "C", "D"))).forms
    tasks = [task for form in forms for question in form.questions() for task in question.tasks]
    shared = {(task.item.parameters["chain"], task.item.parameters["spare"]) for task in tasks}
    assert len(tasks) == 4
    assert len(shared) == 1
    assert len({task.asked[0].order for task in tasks}) == 4


# Formulas.


def formulas() -> Iterator[str]:
    """The LaTeX of every line, wrong or right, of every blank, and of what some models give."""
    for name in names():
        chain = derivation(name)
        yield from (latex(line.tree) for line in chain.lines)
        yield from (latex(flaw.tree) for flaw in chain.flaws)
        yield from (latex(tree) for blank in chain.blanks for tree in (blank.term, *blank.wrong.values()))
        yield from (latex(equation) for number in range(3) for equation in telling_model(chain, number).given)


def test_all_formulas_are_allowed_and_rendered_everywhere() -> None:
    found = [f"\\displaystyle {formula}" for formula in dict.fromkeys(formulas())]
    assert len(found) > 800
    for formula in found:
        document = markup.parse(f"${formula}$")
        assert document == Document((Paragraph((Math(formula),)),))
        assert formula in tex.render(document)
        shown = plain.render(document)
        assert "\\" not in shown, shown
        assert shown.count("(") == shown.count(")"), shown
    for formula, shown in zip(found, html.mathmls([(formula, False) for formula in found]), strict=True):
        assert shown.startswith("<math"), formula
        assert "merror" not in shown, formula
        assert "\\" not in shown.partition("<annotation")[0], formula
