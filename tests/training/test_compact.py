"""Numbers in the files of records: short texts that are read back exactly, what two probes share said once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvers.oracles.training import numbers as read_elsewhere
from solvers.training.compact import folded, numbers, text, unfolded


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.4926, 0.4961, 0.4961), "4926 4961*2 e-4"),
        ((0.92,) * 32, "92*32 e-2"),
        ((0.988, 0.0752, 0.000347), "9880 752 3.47 e-4"),
        ((0.0, 20.0, 40.0), "0 20 40"),
        ((-2.998, -0.0608), "-29980 -608 e-4"),
        ((2e-5, 0.0), "2 0 e-5"),
        ((1.2e7,), "12000000"),
        ((), ""),
    ],
)
def test_numbers_are_said_shortly(values: tuple[float, ...], said: str) -> None:
    assert text(values) == said
    assert numbers(said) == values


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), min_size=1).map(tuple)
)
def test_what_is_said_is_read_exactly(values: tuple[float, ...]) -> None:
    assert numbers(text(values)) == values
    assert tuple(read_elsewhere(text(values))) == values


@pytest.mark.parametrize("said", ["much", "nan", "inf", "1e3", "1*x", "1,2"])
def test_what_says_no_numbers_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"could not convert|invalid literal"):
        numbers(said)


def test_a_text_says_no_more_numbers_than_a_record_has() -> None:
    assert len(numbers("1*9999 2")) == 10_000
    with pytest.raises(ValueError, match="at most 10000"):
        numbers("1*9999999999999 2")


def test_what_a_probe_shares_with_the_one_before_is_said_once() -> None:
    ways = {"rate up": 2.0, "rate down": 3.0, "other up": 1.0, "other down": 1.0}
    record = {
        "values": {"a": {"m": (0.5, 0.25)}},
        "probes": {name: {"a": {"m": (value,)}, "b": {"m": (0.5,), "n": (0.1,)}} for name, value in ways.items()},
    }
    kept = folded(record)
    assert kept["values"] == {"a": {"m": "50 25 e-2"}}
    assert kept["probes"] == {
        "names": list(ways),
        "values": {"a": {"m": ["2", "3", "1", ""]}, "b": {"m": ["5 e-1", "", "", ""], "n": ["1 e-1", "", "", ""]}},
    }
    assert unfolded(kept) == record
    assert list(unfolded(kept)["probes"]) == list(ways)
