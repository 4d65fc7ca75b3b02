"""Order of the four stages of an LSTM step: forget, input and candidate, cell update, output.

Source: Gers, Schmidhuber & Cummins 2000; the usual walk-through deals with the old memory before the new.
"""

from quizgen.family import Family, Parameters, answer, choice, ints
from solvers import oracles, recurrent

family = Family(level=1, version=1, minutes=2, answers={"order": answer.Ordering("order")})


@family.parameters
class Params(Parameters):
    notation: str = choice("words", "pytorch", "concatenated", "separate", radical=True)
    t: int = ints(2, 60)  # the time step


@family.solve
def solve(q: Params) -> recurrent.Order:
    return recurrent.Order(recurrent.STAGES)


@family.misconception
def admits_before_forgetting(q: Params) -> tuple[str, ...]:
    return "input", "forget", "cell", "output"


@family.misconception
def updates_before_the_new_content_is_known(q: Params) -> tuple[str, ...]:
    return "forget", "cell", "input", "output"


@family.misconception
def shows_before_updating(q: Params) -> tuple[str, ...]:
    return "forget", "input", "output", "cell"


@family.evidence
def only_this_order_runs(q: Params, t: recurrent.Order) -> None:
    """Of the orders that can be run at all, the printed rule (old memory first) leaves one."""
    runnable = oracles.recurrent.runnable_stage_orders()
    assert [order for order in runnable if order.index("forget") < order.index("input")] == [t.order]


@family.effort
def effort(q: Params, t: recurrent.Order) -> int:
    return len(t.order)
