"""Answers in words: what is the same, which typing errors are forgiven, and what never is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers, markup
from quizgen.answers.text import Text, typing_errors
from quizgen.errors import InputError

NORM = Text.of(
    ("Batch normalization", "batch norm", "批归一化"),
    distance=2,
    never=("layer normalization", "batch renormalization"),
)
RELU = Text.of("ReLU", distance=2)
VALUES = {
    "norm": NORM,
    "relu": RELU,
    "case": Text.of("Adam", case=True),
    "article": Text.of("the ELBO"),
    "letter": Text.of("x"),
    "signs": Text.of(r"a_b\c^d~e{ *f*"),
    "list": Text.of("1. first"),
}

TABLE = [
    # Capitals, blanks, hyphens, quotation marks, articles and a full stop do not matter.
    (NORM, "batch normalization", "right"),
    (NORM, "  BATCH \t normalization. ", "right"),
    (NORM, "Batch-Normalization", "right"),
    (NORM, "batch_norm", "right"),
    (NORM, "“the batch norm”", "right"),
    (NORM, "ｂａｔｃｈ　ｎｏｒｍ", "right"),
    (NORM, "批归一化。", "right"),
    (NORM, "批 归一化", "right"),
    (NORM, "《批归一化》", "right"),
    (Text.of("Bayes' theorem"), "Bayes’ theorem", "right"),
    (Text.of("the bias"), "bias", "right"),
    (Text.of("bias"), "a bias", "right"),
    (Text.of("a b"), "b", "wrong"),
    (Text.of("-1"), "1", "wrong"),
    (Text.of("-1"), "−1", "right"),
    (Text.of("Schrödinger"), "Schro\u0308dinger", "right"),
    (Text.of("Adam", case=True), "adam", "wrong"),
    (Text.of("Adam", case=True), "Adam", "right"),
    # Typing errors.
    (NORM, "batch normalisation", "right spelling"),
    (NORM, "bacth normalizaton", "right spelling"),
    (NORM, "batchnormalization", "right spelling"),
    (NORM, "bach normalisaton", "wrong"),
    (NORM, "layer normalization", "wrong"),
    (NORM, "batch renormalization", "wrong"),  # is never accepted, though only two letters away
    (NORM, "batch renormalisation", "wrong"),  # nearer to that one
    (NORM, "批归一体", "wrong"),  # no typing errors in Chinese
    (NORM, "bаtch norm", "wrong"),  # a Cyrillic letter
    (RELU, "SeLU", "wrong"),
    (RELU, "ReLu", "right"),
    (Text.of("PReLU", distance=1), "CReLU", "wrong"),  # the first letter counts
    (Text.of("stable", distance=2), "unstable", "wrong"),
    (Text.of("L1", distance=1), "L2", "wrong"),
    (Text.of("ResNet50", distance=2), "ResNet56", "wrong"),  # as do digits
    (Text.of("ResNet50", distance=2), "Resnte50", "right spelling"),
    (Text.of("最大似然估计", distance=2), "最小似然估计", "wrong"),
    (Text.of("PyTorch", distance=1, case=True), "PyTroch", "right spelling"),
    (Text.of("PyTorch", distance=1, case=True), "Pytorch", "wrong"),
    (Text.of("decoder", distance=5), "encoder", "wrong"),
    (Text.of("softmax", distance=5), "softmin", "wrong"),
    # What cannot be read.
    (NORM, "", "invalid empty"),
    (NORM, " . ", "invalid empty"),
    (NORM, "''", "invalid empty"),
    (NORM, "batch\x00norm", "invalid control-character"),
    (NORM, "batch\u200bnorm", "invalid control-character"),
    (NORM, "\u202ebatch norm", "invalid control-character"),
    (NORM, "batch\ud800norm", "invalid control-character"),
    (NORM, "x" * 401, "invalid too-long"),
]


@pytest.mark.parametrize(("key", "typed", "wanted"), TABLE, ids=[ascii(typed)[:40] for _, typed, _ in TABLE])
def test_table(key: Text, typed: str, wanted: str) -> None:
    verdict = answers.grade(key, typed)
    name, *notes = wanted.split()
    assert (verdict.verdict, verdict.notes) == (name, tuple(notes))
    assert verdict.credit == int(name == "right")


@pytest.mark.parametrize("key", VALUES.values(), ids=VALUES)
def test_own_examples(key: Text) -> None:
    for typed in key.notations(key.right):
        assert answers.grade(key, typed).verdict == "right", typed
    for typed in key.wrong():
        assert answers.grade(key, typed).verdict == "wrong", typed
    for typed in key.junk():
        assert answers.grade(key, typed).verdict == "invalid", typed
    (paragraph,) = markup.parse(key.show(key.right, str)).blocks
    assert isinstance(paragraph, markup.Paragraph)
    assert paragraph.children == (markup.Text(key.value[0]),)
    markup.math.check(answers.grade(key, key.value[0]).parsed)


LETTERS = st.text("abc", max_size=7)


@given(a=LETTERS, b=LETTERS, most=st.integers(0, 4))
def test_typing_errors_are_counted_within_the_band(a: str, b: str, most: int) -> None:
    errors = reference(a, b)
    assert typing_errors(a, b, most) == (errors if errors <= most else None)


def reference(a: str, b: str) -> int:
    """Optimal string alignment by its recursive definition, over the whole table."""
    table = {(i, j): i + j for i in range(len(a) + 1) for j in range(len(b) + 1) if not i or not j}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            replaced = table[i - 1, j - 1] + (a[i - 1] != b[j - 1])
            table[i, j] = min(replaced, table[i - 1, j] + 1, table[i, j - 1] + 1)
            if i > 1 and j > 1 and a[i - 2 : i] == b[j - 2 : j][::-1]:
                table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]


@pytest.mark.parametrize(
    "data",
    [
        {"value": []},
        {"value": ["ok", " . "]},
        {"value": ["ok"], "distance": -1},
        {"value": ["ok"], "distance": 6},
        {"value": "ok"},
    ],
    ids=str,
)
def test_keys_are_checked(data: dict[str, object]) -> None:
    with pytest.raises(InputError):
        answers.read_key({"kind": "text", **data})


@pytest.mark.parametrize("value", [3, ("a", 3), None])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(TypeError, match="expected"):
        Text.of(value)


def test_long_answers_take_no_time() -> None:
    key = Text.of(tuple("x" * 399 + letter for letter in "abcdefghijklmnop"), distance=5, never=("x" * 398,))
    for unit in ("x", "ab", "𝑥", "- ", " ", "批 ", "."):
        answers.grade(key, unit * (400 // len(unit)))
