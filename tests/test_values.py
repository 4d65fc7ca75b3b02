"""Values are frozen, exact, and survive JSON with the same bytes on every machine."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizgen import answers, expr, family
from quizgen.errors import FamilyError, InputError, ProofError, QuizgenError, Redraw, UnknownName
from quizgen.randomness import Stream
from quizgen.values import (
    Asked,
    Form,
    Item,
    Mistake,
    Part,
    Question,
    Section,
    Task,
    code,
    exact,
    in_exam_pool,
    item_id,
    plain,
    to_json,
)

numbers = (
    st.integers(-(10**30), 10**30)
    | st.fractions()
    | st.decimals(allow_nan=False, allow_infinity=False, places=5)
    | st.booleans()
    | st.text()
    | st.none()
)
values = st.recursive(numbers, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=12)


def item(**changes: Any) -> Item:
    """An item, some of its fields changed."""
    fields: dict[str, Any] = {
        "family": "demo/side",
        "version": 1,
        "level": 2,
        "minutes": 3,
        "calculator": False,
        "effort": 4,
        "parameters": {"n": 7, "p": Fraction(1, 2), "rows": ((1, 2), (3, 4))},
        "trace": {"side": 5, "share": Decimal("0.50"), "log": expr.ln(2)},
        "parts": (
            Part(
                name="side",
                key=answers.kind("integer").of(5),
                mistakes=(Mistake(name="rounds_up", value=6),),
            ),
        ),
    }
    return Item(**fields | changes)


@given(value=values)
def test_exact_values_survive_json(value: Any) -> None:
    read = exact(msgspec.json.decode(to_json(value)))
    assert read == value
    assert to_json(read) == to_json(value)
    assert repr(read) == repr(value)  # an int stays an int, 0.50 keeps its last digit


def test_json_is_as_documented() -> None:
    assert to_json((3, Fraction(3, 7), Decimal("0.125"), True, None)) == b'[3,{"q":"3/7"},{"d":"0.125"},true,null]'
    assert plain(expr.ln(2)) == {"f": {"op": "call", "function": "ln", "arguments": ({"op": "num", "value": "2"},)}}
    assert exact(plain({"logits": (expr.ln(2), expr.num(3))})) == {"logits": (expr.ln(2), expr.num(3))}


@pytest.mark.parametrize("value", [0.5, 1j, b"x", {1, 2}, object()])
def test_what_is_not_exact_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="exact value"):
        to_json((1, value))


@pytest.mark.parametrize(
    "data",
    [
        0.5,
        {"q": "3/0"},
        {"q": "banana"},
        {"q": "1e99"},
        {"d": "1.2.3"},
        {"d": "NaN"},
        {"f": {"op": "?"}},
        [[{"q": ""}]],
    ],
)
def test_damaged_numbers_are_refused(data: Any) -> None:
    with pytest.raises(InputError, match="expected an exact number"):
        exact(data)


@given(data=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(
    st.sampled_from(["q", "d", "f", "n"]), inner, max_size=2) | st.lists(inner, max_size=3), max_leaves=8))  # fmt: skip
def test_no_data_raises_anything_else(data: Any) -> None:
    with suppress(InputError):
        exact(data)


def test_items_survive_json() -> None:
    line = to_json(item())
    read = answers.read_item(line)
    assert read == item()
    assert to_json(read) == line
    assert read.digest == item().digest
    assert read.part("side").mistakes[0].value == 6


def test_values_are_frozen() -> None:
    with pytest.raises(AttributeError):
        item().level = 3  # type: ignore[misc]  # that is the point
    with pytest.raises(AttributeError):
        item().parts[0].weight = 2  # type: ignore[misc]  # as above


def test_identity_is_what_is_asked() -> None:
    assert item().id == item(trace={}, parts=(), effort=9, level=1).id
    assert item().id == item_id("demo/side", 1, dict(reversed(item().parameters.items())))
    others = [item(family="demo/other"), item(version=2), item(parameters={"n": 8}), item(parameters={"n": "7"})]
    assert len({item().id, *(other.id for other in others)}) == 5
    assert item().digest != item(effort=9).digest


def test_identities_do_not_change() -> None:
    identity = item_id("demo/side", 1, {"n": 7})
    assert identity == "1474a6c9c4bd016a2c4709cdf02f84844b0f7e5b2d8f341e256c337465368444"
    assert code(identity) == "rk6dsz"


def test_codes_have_no_words_and_no_lookalikes() -> None:
    codes = {code(item_id("demo/side", 1, {"n": n})) for n in range(2000)}
    assert len(codes) > 1995
    assert all(len(text) == 6 for text in codes)
    assert not set("".join(codes)) & set("aeiou01l")


def test_the_pools_are_halves() -> None:
    exam = sum(in_exam_pool(item_id("demo/side", 1, {"n": n})) for n in range(2000))
    assert 900 < exam < 1100


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (b"{", "not an item"),
        (b"[]", "not an item"),
        (b"null", "not an item"),
        (to_json(item()).replace(b'"schema":1', b'"schema":99'), "schema 99 is newer than 1"),
        (to_json(item()).replace(b'"family"', b'"famly"'), "not an item"),
        (to_json(item()).replace(b'"kind":"integer"', b'"kind":"intger"'), "unknown kind of answer 'intger'"),
        (to_json(item()).replace(b'"value":5', b'"value":"5"'), "expected `int`"),
        (to_json(item()).replace(b'"q":"1/2"', b'"q":"1/0"'), "expected an exact number"),
        (to_json(item()).replace(b'"parts":', b'"part":'), "not an item"),
        (to_json(item()).replace(b'"weight":1', b'"weight":"1"'), "not an item: Expected `int`"),
    ],
)
def test_damaged_items_are_refused(damage: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        answers.read_item(damage)


def test_points_add_up() -> None:
    task = Task(item=item(), points=(Fraction(3, 4), Fraction(1, 4)), asked=(Asked(),))
    question = Question(slot="q1", tasks=(task, task))
    form = Form(name="A", sections=(Section(questions=(question,)), Section(questions=(question, question))))
    assert [task.total, question.total, form.total] == [Fraction(1), Fraction(2), Fraction(6)]
    assert form.questions() == (question,) * 3


# Errors.


def test_errors_say_where() -> None:
    error = InputError("expected 3, got 4", "n")
    assert str(error) == "n: expected 3, got 4"
    assert str(error.at("exam.toml")) == "exam.toml: n: expected 3, got 4"
    assert type(error.at("exam.toml")) is InputError
    assert (QuizgenError("").status, ProofError("").status) == (2, 1)
    assert issubclass(Redraw, FamilyError)


def test_unknown_names_are_met_with_those_that_exist() -> None:
    error = UnknownName.among("family", "convolution/output_sid", ["convolution/output_side", "latent/elbo"], "a.toml")
    assert str(error) == (
        "a.toml: unknown family 'convolution/output_sid'; did you mean 'convolution/output_side'?"
        " (known: convolution/output_side, latent/elbo)"
    )
    assert str(UnknownName.among("bound", "x", [])) == "unknown bound 'x' (known: none)"


# Randomness.


def test_streams_belong_to_their_key() -> None:
    assert [Stream("seed", "slot", 1).below(1000) for _ in range(3)] == [Stream("seed|slot|1").below(1000)] * 3
    assert Stream("seed", 1).shuffled(range(50)) != Stream("seed", 2).shuffled(range(50))


def test_streams_are_the_same_on_every_machine() -> None:
    stream = Stream("seed", "slot", "A", 0)
    assert [stream.below(100) for _ in range(8)] == [26, 56, 39, 50, 74, 27, 30, 24]


@given(key=st.text(max_size=5), size=st.integers(1, 30))
def test_shuffling_keeps_everything(key: str, size: int) -> None:
    assert sorted(Stream(key).shuffled(range(size))) == list(range(size))
    assert Stream(key).below(size) in range(size)
    assert Stream(key).choice(range(size)) in range(size)


def test_shuffling_is_fair() -> None:
    counts: dict[tuple[int, ...], int] = {}
    for number in range(6000):
        order = Stream("fair", number).shuffled((0, 1, 2))
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 6
    assert all(870 < count < 1130 for count in counts.values())


def test_the_effort_of_formulas_counts_digits_and_names() -> None:
    tree = expr.Quotient(expr.Product((expr.num(16), expr.Power(expr.Name("k"), expr.num(2)))), expr.Name("g"))
    assert family.digits("16 k^2 / g") == 5
    assert family.digits(tree) == 6  # and the bar
    assert family.digits(("σ_t", "残差连接")) == 3
