"""Hints lead to the answer and are not the answer."""

import pytest

from quizgen.bank import Bank
from quizgen.prose import words
from quizgen.study.hints import hints

BANK = Bank()
SEEDS = 30


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("name", [name for name in BANK.files if name.startswith("empirical/")])
def test_hints_to_an_experiment_say_less_than_why_it_came_out_so(name: str, locale: str) -> None:
    """The explanation begins with them, and goes on; what was measured stands after it."""
    led = whole = 0
    for seed in range(SEEDS):
        item = BANK.family(name).draw("hints", seed)
        found = words(item, locale, BANK.templates)
        (part,) = item.parts
        told, steps = hints(found, part), found.steps()
        assert steps is not None
        assert [hint.blocks for hint in told] in ([], [steps.blocks[:1]]), item.parameters
        led += len(told)
        measured = next(place for place, block in enumerate(steps.blocks) if type(block).__name__ == "Table")
        whole += measured < 3  # the hint, and the line that announces the table
    assert led >= SEEDS / 2
    assert whole <= SEEDS / 5


@pytest.mark.parametrize("name", ["convolution/output_side", "attention/softmax_exact"])
def test_where_a_template_has_no_hints_its_steps_are_they_without_the_last(name: str) -> None:
    item = BANK.family(name).draw("hints", 0)
    found = words(item, "en", BANK.templates)
    assert found.hints() is None
    for part in item.parts:
        steps = found.steps(part) or found.steps()
        assert steps is not None
        assert all(steps.blocks[-1] not in hint.blocks for hint in hints(found, part))
