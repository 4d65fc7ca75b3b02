"""The contract of families watches the formats of learning platforms."""

from collections.abc import Iterator

import pytest

from quizgen import exporters
from quizgen.bank import Bank
from quizgen.checks import exported
from quizgen.checks._subject import Settings, Subject
from quizgen.errors import InputError
from quizgen.exporters._lowering import Change, Refused

BANK = Bank()


def failures() -> Iterator[str]:
    """What the check has against a family."""
    subject = Subject(BANK.family("convolution/output_side"), BANK, Settings())
    return (failure.message for failure in exported.check(subject))


def raises(error: Exception) -> object:
    """Something to put in place of a method, which fails."""

    def method(*arguments: object) -> object:
        raise error

    return method


def test_nothing_is_wrong() -> None:
    assert not list(failures())


@pytest.mark.parametrize(
    "method, does, said",
    [
        ("write", raises(InputError("no luck")), "csv accepts the question and then fails: no luck"),
        ("assemble", lambda self, entries: iter([b"nothing"]), "csv writes no code of the question"),
        ("made", raises(Refused("")), "csv does not say why it refuses the question"),
        ("_silent", lambda self, task: [Change("a", "integer", "", "all")], "csv does not say what becomes"),
    ],
)
def test_what_a_platform_gets_wrong_is_found(
    method: str, does: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporters.exporter("csv"), method, does)
    assert any(message.startswith(said) for message in failures())


def test_what_is_refused_with_a_reason_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporters.exporter("csv"), "made", raises(Refused("no field")))
    assert not list(failures())
