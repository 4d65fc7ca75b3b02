"""What each vector of an LSTM does, read from equations with unfamiliar letters.

Source: Gers, Schmidhuber & Cummins 2000. c_t = f_t * c_{t-1} + i_t * g_t, h_t = o_t * tanh(c_t), entrywise products.
"""

from quizgen.family import Family, Parameters, answer, choice, permutations
from solvers import oracles, recurrent

LETTERS = ("first", "second", "third", "fourth")

family = Family(level=2, version=1, minutes=3, answers={"roles": answer.Matching("pairs", spare=("resets",))})


@family.parameters
class Params(Parameters):
    letters: tuple[str, ...] = choice(
        ("a", "b", "m", "u"), ("p", "q", "r", "s"), (r"\alpha", r"\beta", r"\gamma", r"\delta")
    )
    order: tuple[int, ...] = permutations(4)  # which letter is forget gate, input gate, candidate, output gate
    cell: str = choice("c", "C", "z")  # the letter of the cell state


@family.solve
def solve(q: Params) -> recurrent.Roles:
    return recurrent.roles(LETTERS, q.order)


def exchanged(q: Params, one: int, other: int) -> recurrent.Roles:
    """The roles for someone who takes part ``one`` for part ``other``."""
    order = list(q.order)
    order[one], order[other] = order[other], order[one]
    return recurrent.roles(LETTERS, order)


@family.misconception
def exchanges_forget_and_input_gate(q: Params) -> recurrent.Roles:
    return exchanged(q, 0, 1)


@family.misconception
def takes_the_candidate_for_the_input_gate(q: Params) -> recurrent.Roles:
    return exchanged(q, 1, 2)


@family.misconception
def exchanges_input_and_output_gate(q: Params) -> recurrent.Roles:
    return exchanged(q, 1, 3)


@family.misconception
def sees_a_reset_gate(q: Params) -> tuple[tuple[str, str], ...]:
    return tuple((letter, "resets" if role == "keeps" else role) for letter, role in solve(q).pairs)


@family.evidence
def silencing_one_part_shows_its_role(q: Params, t: recurrent.Roles) -> None:
    roles = oracles.recurrent.gate_roles()
    found = {LETTERS[letter]: roles[part] for letter, part in zip(q.order, recurrent.ROLES, strict=True)}
    assert dict(t.pairs) == found
    assert tuple(letter for letter, _ in t.pairs) == LETTERS


@family.effort
def effort(q: Params, t: recurrent.Roles) -> int:
    return 2 * len(t.pairs)
