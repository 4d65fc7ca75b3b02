"""Every family keeps the whole contract: one test for each family and each clause, found by walking the bank.

``HYPOTHESIS_PROFILE=deep`` (``make check-deep``) looks at twenty times as many draws, other ones every time.
"""

import os
from functools import cache

import pytest

from quizgen import checks
from quizgen.bank import Bank
from quizgen.checks import Clause, Settings, Subject

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
SETTINGS = Settings(examples=2000, seconds=300, random=True) if DEEP else Settings(examples=100, seconds=15)
BANK = Bank()
NAMES = tuple(BANK.files)


@cache
def subject(name: str) -> Subject:
    """A family; its draws are shared by its clauses."""
    return checks.subject(name, BANK, SETTINGS, NAMES)


@pytest.mark.parametrize("clause", checks.clauses(), ids=lambda clause: clause.name.replace(" ", "_"))
@pytest.mark.parametrize("name", NAMES)
def test_contract(name: str, clause: Clause) -> None:
    outcome = checks.outcome(clause, subject(name))
    broken = [f"{failure.message} {failure.parameters or ''}".strip() for failure in outcome.failures]
    assert not broken, f"{clause.statement}\n" + "\n".join(broken)
    assert outcome.checked, f"{clause.statement}\nNo draw could be tried."


def test_there_are_families_and_clauses() -> None:
    assert len(NAMES) >= 27
    assert [clause.number for clause in checks.clauses()] == list(range(1, 12))
    assert {name.split("/")[0] for name in NAMES} >= {
        "attention", "recurrent", "convolution", "classification", "latent", "diffusion"
    }  # fmt: skip
