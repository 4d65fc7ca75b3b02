"""The same store in PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from quizgen.bank import Bank
from quizgen.errors import InputError
from quizgen.study import curriculum, transfer
from quizgen.study.session import Session
from quizgen.study.store import Store
from tests.study.answered import NOW, answer
from tests.study.postgres import server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with server() as found:
        yield found


def write(url: str, first: int) -> None:
    with Store(url) as kept:
        learner = kept.learner("many")
        for number in range(first, first + 25):
            kept.record(learner, answer(number))


def test_servers_that_start_at_once_and_write_for_one_learner_lose_nothing(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, [url] * 4, [0, 100, 200, 300]))
    with Store(url) as kept:
        learner = kept.learner("many")
        card = kept.card(learner, "a/b")
        assert len(list(kept.answers(learner))) == 100
        assert card is not None
        assert card.reviews == 100


def test_both_databases_keep_the_same(url: str) -> None:
    with Store(url) as there, Store("sqlite://") as here:
        for store in (there, here):
            learner = store.learner("王喆")
            numbers = [store.record(learner, answer(n, remark="é\\ \U0001f600"))[0] for n in range(5)]
            store.replace(learner, numbers[1], answer(1, rating="again"))
            store.withdraw(learner, numbers[3])
            store.keep_note(learner, "mock", "one")
            store.keep_note(learner, "mock", "two")
            assert store.note(learner, "mock") == "two"
        lines = list(transfer.written(there, ["王喆"]))
        assert lines == list(transfer.written(here))
        assert transfer.read(there, lines, "a.jsonl").added == 0
        assert there.cards(there.learner("王喆")) == here.cards(here.learner("王喆"))


def test_a_learner_works_and_is_forgotten(url: str) -> None:
    with Store(url) as kept:
        session = Session(kept, "Ann", curriculum.read(Bank()))
        unit = session.agenda(NOW).new[0]
        outcome = session.give_up(session.ask(unit), NOW)
        session.overrule(outcome.number, "good")
        assert kept.cards(session.learner).keys() == {unit.id}
        kept.forget(session.learner)
        assert "Ann" not in kept.learners()
        assert list(kept.answers(session.learner)) == []
        with pytest.raises(InputError, match="deleted"):
            kept.record(session.learner, answer())
