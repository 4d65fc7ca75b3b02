"""Deterministic: the same seed gives the same item and bytes, in another process and under another hash seed too."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from quizgen import prose
from quizgen.bank import Bank
from quizgen.checks._pages import pages
from quizgen.checks._subject import Failure, Subject
from quizgen.errors import QuizgenError
from quizgen.renderers import text
from quizgen.values import Item, to_json

NUMBER = 4
SEEDS = 12


def check(subject: Subject) -> Iterator[Failure]:
    name, bank = subject.family.id, subject.bank
    here = fingerprint(bank, name)
    if here != fingerprint(bank, name):
        yield Failure("the same seed gives another item the second time")
        return
    batch = subject.batch if name in subject.batch else (name,)
    there = elsewhere(bank, batch)[name]
    for seed, (mine, other) in enumerate(zip(here, there, strict=True)):
        if mine != other:
            what = other if " " in other else "not the same item"
            yield Failure(f"seed {seed} gives other bytes in another process: {what}")
            return
    subject.checked += sum(" " not in one for one in here)


def fingerprint(bank: Bank, name: str) -> list[str]:
    """For each of some seeds, sha256 of the item's JSON and its words in every locale; what went wrong, if it did."""
    prints = []
    for seed in range(SEEDS):
        try:
            item = bank.family(name).draw(seed, "check")
            prints.append(sha256(to_json(item) + printed(bank, item).encode()).hexdigest())
        except Exception as error:  # the clause compares; others say what is wrong
            prints.append(f"{type(error).__name__}: {error}")
    return prints


def printed(bank: Bank, item: Item) -> str:
    """All words of an item as plain text, in every locale."""
    words = [prose.words(item, locale, bank.templates) for locale in prose.locales(item.family, bank.templates)]
    return "\n".join(text.render(document) for every in words for _, document in pages(every))


@lru_cache(maxsize=64)
def elsewhere(bank: Bank, names: tuple[str, ...]) -> Mapping[str, list[str]]:
    """The fingerprints of some families, taken in another process with another PYTHONHASHSEED, in another order."""
    environment = os.environ | {
        "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1",
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
    task = json.dumps({"folders": [str(folder.resolve()) for folder in bank.folders[1:]], "names": names[::-1]})
    done = subprocess.run(
        [sys.executable, "-m", __name__], input=task, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise QuizgenError(f"the other process failed: {done.stderr.strip()[-500:]}")
    prints: dict[str, list[str]] = json.loads(done.stdout)
    return prints


def main(task: str) -> str:
    """What the other process does."""
    asked = json.loads(task)
    bank = Bank([Path(folder) for folder in asked["folders"]])
    return json.dumps({name: fingerprint(bank, name) for name in asked["names"]})


if __name__ == "__main__":
    sys.stdout.write(main(sys.stdin.read()))
