"""Answers made of ids: orders, choices, selections, pairs. What is typed, and what becomes of it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers
from quizgen.answers.choice import Choice
from quizgen.answers.matching import Matching
from quizgen.answers.multiple import Multiple
from quizgen.answers.ordering import Ordering
from quizgen.errors import InputError
from quizgen.markup import math
from quizgen.values import Key

ORDERING = Ordering.of(("p", "q", "r", "s"))
WORDS = Ordering.of(("layer_norm", "attention", "feed-forward", "C++"))
CASES = Ordering.of(("x", "X", "y"))
LOOSE = Ordering.of(("a", "b", "c", "d"), before=(("a", "b"), ("a", "c"), ("a", "d"), ("b", "d"), ("c", "d")))
SPARE = Ordering.of(("p", "q", "r"), spare=("z",))
MATCHING = Matching.of((("i", "write"), ("f", "keep"), ("o", "show")), spare=("add",))
LETTERS = Matching.of((("1", "b"), ("2", "a"), ("3", "b")))
CHOICE = Choice.of("b", options=("a", "b", "c"))
TRUE = Choice.of(True, truth=True)
FALSE = Choice.of("false", truth=True)
PLAIN = Choice.of("true", options=("true", "false"))
SIGNS = Choice.of("<", options=("<", "=", ">", "-"))
MULTIPLE = Multiple.of(("c", "a"), options=("a", "b", "c", "d"))
KEYS = {
    "ordering": ORDERING, "words": WORDS, "cases": CASES, "matching": MATCHING, "letters": LETTERS, "choice": CHOICE,
    "true": TRUE, "false": FALSE, "plain": PLAIN, "signs": SIGNS, "multiple": MULTIPLE,
}  # fmt: skip

TABLE: list[tuple[Key, str, str]] = [
    # Orders.
    (ORDERING, "p, q, r, s", "right"),
    (ORDERING, "p q r s", "right"),
    (ORDERING, "pqrs", "right"),  # all ids have one character
    (ORDERING, "P, Q, R, S", "right"),
    (ORDERING, "p > q > r > s", "right"),
    (ORDERING, "p → q -> r => s", "right"),
    (ORDERING, "p、q、r、s。", "right"),
    (ORDERING, "ｐ，ｑ，ｒ，ｓ", "right"),
    (ORDERING, "[p; q; r; s]", "right"),
    (ORDERING, "p, then q, then r and s", "right"),
    (ORDERING, "p 和 q、r、s", "right"),
    (ORDERING, "q, p, r, s", "partial 5/6"),
    (ORDERING, "q, p, s, r", "partial 2/3"),
    (ORDERING, "s, r, p, q", "wrong"),
    (ORDERING, "s, r, q, p", "wrong reversed"),
    (ORDERING, "p, q, r", "invalid not-each-once"),
    (ORDERING, "p, q, r, r", "invalid not-each-once"),
    (ORDERING, "p, q, r, t", "invalid unknown-name"),
    (ORDERING, "p < q < r < s", "invalid ambiguous-order"),  # from the smallest, or the reverse?
    (ORDERING, "p <- q <- r <- s", "invalid ambiguous-order"),
    (ORDERING, "р, q, r, s", "invalid unknown-name"),  # a Cyrillic letter
    (ORDERING, "(p)(q)(r)(s)", "right"),
    (ORDERING, "p) q) r) s)", "right"),
    (WORDS, "layer norm, Attention, feed_forward, c++", "right"),
    (WORDS, "layer_norm -> attention -> feed-forward -> C++", "right"),
    (WORDS, "layer_norms, attention, feed-forward, C++", "invalid unknown-name"),
    (WORDS, "layer, attention, feed-forward, C++", "invalid unknown-name"),
    (CASES, "x, X, y", "right"),
    (CASES, "X, x, Y", "partial 2/3"),  # y can be told without its capital, x and X cannot
    (LOOSE, "a, b, c, d", "right"),
    (LOOSE, "a c b d", "right"),  # nothing says which of b and c comes first
    (LOOSE, "b, a, c, d", "partial 4/5"),
    (LOOSE, "d, c, b, a", "wrong reversed"),
    (SPARE, "p, q, r", "right"),
    (SPARE, "p, q, z", "wrong"),
    (SPARE, "p, q", "invalid not-as-many"),
    (SPARE, "p, q, r, z", "invalid not-as-many"),
    # Pairs.
    (MATCHING, "i=write, f=keep, o=show", "right"),
    (MATCHING, "o : Show; I : Write; f : keep", "right"),
    (MATCHING, "i -> write, f → keep, o => show", "right"),
    (MATCHING, "(i, write), (f, keep), (o, show)", "right"),
    (MATCHING, "{(i, write); (f = keep); (o, show)}", "right"),
    (MATCHING, "i write\nf keep\no show", "right"),
    (MATCHING, "i：write，f：keep，o：show", "right"),
    (MATCHING, "i=write, f=add, o=show", "partial 2/3"),
    (MATCHING, "i=keep, f=write, o=add", "wrong"),
    (MATCHING, "i=write, f=keep", "invalid not-each-once"),
    (MATCHING, "i=write, i=write, o=show", "invalid not-each-once"),
    (MATCHING, "i=nothing, f=keep, o=show", "invalid unknown-name"),
    (MATCHING, "write=i, f=keep, o=show", "invalid unknown-name"),
    (MATCHING, "i, write, f, keep, o, show", "invalid not-a-pair"),
    (MATCHING, "i=, f=keep, o=show", "invalid unknown-name"),
    (MATCHING, "i=write, f=keep, o", "invalid not-a-pair"),
    (MATCHING, "(i, write, (f, keep), (o, show)", "invalid unbalanced"),
    (LETTERS, "1b 2a 3b", "right"),
    (LETTERS, "1-b, 2-a, 3-b", "right"),
    (LETTERS, "1b2a3b", "invalid unknown-name"),
    # Choices.
    (CHOICE, "b", "right"),
    (CHOICE, " B ", "right"),
    (CHOICE, "(b)", "right"),
    (CHOICE, "b)", "right"),
    (CHOICE, "b。", "right"),
    (CHOICE, "“b”", "right"),
    (CHOICE, "a", "wrong"),
    (CHOICE, "a, b", "invalid choose-one"),
    (CHOICE, "ab", "invalid choose-one"),
    (CHOICE, "", "invalid empty"),
    (CHOICE, "d", "invalid unknown-name"),
    (TRUE, "True", "right"),
    (TRUE, "T", "right"),
    (TRUE, "yes.", "right"),
    (TRUE, "√", "right"),
    (TRUE, "对", "right"),
    (TRUE, "正确。", "right"),
    (TRUE, "×", "wrong"),
    (TRUE, "不对", "wrong"),
    (TRUE, "n", "wrong"),
    (TRUE, "not true", "invalid unknown-name"),
    (TRUE, "true or false", "invalid unknown-name"),
    (TRUE, "true, false", "invalid choose-one"),
    (FALSE, "错", "right"),
    (FALSE, "F", "right"),
    (FALSE, "incorrect", "right"),
    (PLAIN, "TRUE", "right"),
    (PLAIN, "yes", "invalid unknown-name"),  # words only where the key names truth
    (SIGNS, "<", "right"),
    (SIGNS, "＜", "right"),
    (SIGNS, "-", "wrong"),
    (SIGNS, "> ", "wrong"),
    (SIGNS, "<=", "invalid choose-one"),
    # Selections.
    (MULTIPLE, "a, c", "right"),
    (MULTIPLE, "AC", "right"),
    (MULTIPLE, "c和a", "right"),
    (MULTIPLE, "{a & c}", "right"),
    (MULTIPLE, "a", "partial 1/2 missing"),
    (MULTIPLE, "a, b, c", "partial 1/2 extra"),
    (MULTIPLE, "a, b", "wrong missing extra"),
    (MULTIPLE, "b, d", "wrong"),
    (MULTIPLE, "none", "wrong"),
    (MULTIPLE, "∅", "wrong"),
    (MULTIPLE, "a, a", "invalid not-each-once"),
    (MULTIPLE, "a, e", "invalid unknown-name"),
    (MULTIPLE, ", ,", "invalid empty"),
]


@pytest.mark.parametrize(("key", "typed", "wanted"), TABLE, ids=[repr(typed) for _, typed, _ in TABLE])
def test_table(key: Key, typed: str, wanted: str) -> None:
    verdict = answers.grade(key, typed)
    name, *details = wanted.split()
    credit = details.pop(0) if name == "partial" else "1" if name == "right" else "0"
    assert (verdict.verdict, verdict.credit, verdict.notes) == (name, Fraction(credit), tuple(details))
    assert (verdict.span is None) == (name != "invalid")


@pytest.mark.parametrize(
    ("key", "typed", "place"),
    [
        (ORDERING, "p, q, xyz, s", "xyz"),
        (ORDERING, "p, q，r，q", "q"),
        (MATCHING, "i=write, f=kept, o=show", "kept"),
        (MATCHING, "i=write, i = keep, o=show", "i = keep"),
        (CHOICE, "a or b", "or"),
        (TRUE, "maybe", "maybe"),
    ],
)
def test_the_span_holds_what_could_not_be_read(key: Key, typed: str, place: str) -> None:
    span = answers.grade(key, typed).span
    assert span is not None
    assert typed[slice(*span)] == place


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_own_examples(key: Key) -> None:
    for typed in key.notations(key.right):
        assert answers.grade(key, typed).verdict == "right", typed
        math.check(answers.grade(key, typed).parsed)
    for typed in key.wrong():
        assert answers.grade(key, typed).verdict in ("partial", "wrong"), typed
    for typed in key.junk():
        assert answers.grade(key, typed).verdict == "invalid", typed


@given(
    ids=st.lists(st.text(st.characters(categories=["L", "N", "S", "P"], max_codepoint=0x9FFF), min_size=1, max_size=6)),
    data=st.data(),
)
def test_any_ids_are_found_again(ids: list[str], data: st.DataObject) -> None:
    words = tuple(dict.fromkeys(f"w{number}{name}" for number, name in enumerate(ids)))
    chosen = data.draw(st.permutations(words))
    if chosen and not any(word[-1] in ".)" for word in words):
        assert Ordering.of(words).read(", ".join(chosen)).value == tuple(chosen)


def test_keys_are_checked() -> None:
    for data in (
        {"kind": "choice", "value": "x", "options": ["a", "b"]},
        {"kind": "choice", "value": "a", "options": ["a", "b"], "truth": True},
        {"kind": "choice", "value": "a", "options": ["a", "a"]},
        {"kind": "multiple", "value": ["x"], "options": ["a", "b"]},
        {"kind": "multiple", "value": [], "options": []},
        {"kind": "ordering", "value": ["a", "a"]},
        {"kind": "ordering", "value": ["a", " "]},
        {"kind": "matching", "value": [["a", "b"], ["a", "c"]]},
        {"kind": "matching", "value": [["a", ""]]},
    ):
        with pytest.raises(InputError, match="expected"):
            answers.read_key(data)


@pytest.mark.parametrize("unit", ["-", "=", " ", "(", "p ", "<", "'", "=>", "é", "和", "ß", "İ"])
def test_long_answers_take_no_time(unit: str) -> None:
    for key in KEYS.values():
        answers.grade(key, unit * (4000 // len(unit)))


def test_mistaken_order_may_take_what_does_not_belong() -> None:
    """What a mistake gives is compared with an answer as a key of its own, whatever the right order keeps to."""
    key = Ordering.of(("a", "b", "c"), before=(("a", "b"),), spare=("z",))
    mistaken = key.with_right(("b", "z", "c"))
    assert answers.judge(mistaken, "b, z, c")[1].verdict == "right"
    assert answers.judge(mistaken, "a, b, c")[1].verdict != "right"
