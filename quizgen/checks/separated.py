"""Separated: options differ as shown, slips are wrong, misconceptions live, neither rank nor place tells the key."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from quizgen import asking
from quizgen.answers import Unreadable
from quizgen.answers._lint import accepted_slips
from quizgen.checks._subject import Broken, Failure, Subject, shares
from quizgen.randomness import Stream
from quizgen.space import Parameters
from quizgen.values import Item, Key, Part, Value, to_json

NUMBER = 6
OPTIONS = 4
SCARCE = 0.5
"""Share of the draws that may have fewer than three distractors, where three misconceptions or more spoil a part."""
TELLING = 0.75
"""Share of the draws in which the key may have one rank among four numbers."""

LOOSE = 0.05
"""Share of the keys of a part that may take a slip for the right value, as two decimals do where all are small."""
TRIED = 40
"""The most keys of a part that are tried with slips."""


def check(subject: Subject) -> Iterator[Failure]:
    alike = list(subject.search(lambda q, data: separate(subject, q)))
    yield from alike
    items = [item for _, _, item in subject.samples]
    if items:
        yield from dead(subject, items)
        for index in range(len(items[0].parts)):
            yield from generous(subject, [item.parts[index] for item in items])
    if items and not alike:
        for index, part in enumerate(items[0].parts):
            if part.key.choosable and subject.family.has_mistakes:
                yield from scarce(subject, [item.parts[index] for item in items])
                yield from telling(subject, items, part.name)


def separate(subject: Subject, q: Parameters) -> None:
    """Key and wrong values are pairwise different on paper, and each wrong one can be typed and is not right."""
    _, item = subject.solved(q)
    for part in item.parts:
        shown = {part.key.show(part.key.right, str): "the key"}
        for mistake in part.mistakes:
            text = part.key.show(mistake.value, str)
            if text in shown:
                said = f"{part.name}: {mistake.name} and {shown[text]} both show {text}"
                raise Broken(said, (part.name, mistake.name))
            shown[text] = mistake.name
            if reason := untypable(part.key, mistake.value):
                said = f"{part.name}: {mistake.name} gives {mistake.value!r}, {reason}"
                raise Broken(said, (part.name, mistake.name))


def untypable(key: Key, value: Value) -> str | None:
    """Why no student could give ``value`` as a wrong answer; None if one could."""
    try:
        verdicts = {key.judge(key.read(text)).verdict for text in key.notations(value)}
    except Unreadable as error:
        return f"which cannot be typed as an answer ({error.code})"
    return "which counts as right" if "right" in verdicts else None


def generous(subject: Subject, parts: list[Part]) -> Iterator[Failure]:
    """Parts whose tolerance or domains do not tell the key from a slip: a sign, a factor of two, a dropped term."""
    name, distinct = parts[0].name, {to_json(part.key): part.key for part in parts}
    keys = [*distinct.values()][:TRIED]
    found: dict[str, list[str]] = {}
    for key in keys:
        for code, text in dict(accepted_slips(key)).items():
            found.setdefault(code, []).append(f"{text!r} is right where the key is {key.show(key.right, str)}")
    for code, examples in found.items():
        said = f"{name}: a slip ({code}) is right in {100 * len(examples) / len(keys):.0f} % of the keys"
        if len(examples) > LOOSE * len(keys):
            yield Failure(f"{said}: {examples[0]}; its tolerance or its domains are too loose")
        else:
            subject.note(said)


def dead(subject: Subject, items: list[Item]) -> Iterator[Failure]:
    """Misconceptions that never give a wrong answer of their own."""
    lives = Counter(name for item in items for name in mistakes(item))
    for name in subject.family.misconceptions:
        if not lives[name]:
            yield Failure(f"{name} gives no wrong answer of its own in {len(items)} draws")
    if subject.family.misconceptions:
        rarest = min(subject.family.misconceptions, key=lambda name: lives[name])
        subject.note(f"rarest mistake: {rarest} in {100 * lives[rarest] / len(items):.0f} %")


def mistakes(item: Item) -> set[str]:
    """The names of the mistakes that spoil some part."""
    return {mistake.name for part in item.parts for mistake in part.mistakes}


def scarce(subject: Subject, parts: list[Part]) -> Iterator[Failure]:
    """Parts with three misconceptions or more that seldom yield three distractors."""
    name = parts[0].name
    share = sum(len(part.mistakes) < wanted(part) for part in parts) / len(parts)
    spoilers = {mistake.name for part in parts for mistake in part.mistakes}
    if share:
        subject.note(f"{name}: under {OPTIONS - 1} distractors in {100 * share:.0f} %")
    if share > SCARCE and len(spoilers) >= OPTIONS - 1:
        yield Failure(
            f"{name}: {100 * share:.0f} % of the draws have fewer than {OPTIONS - 1} distinct distractors,"
            f" though {len(spoilers)} misconceptions apply"
        )


def wanted(part: Part) -> int:
    """Distractors that make a choice: three, or all others where the options are those of the key."""
    return min(OPTIONS, len(part.key.labels())) - 1 if part.key.lists_options else OPTIONS - 1


def telling(subject: Subject, items: list[Item], name: str) -> Iterator[Failure]:
    """Whether the key's rank among four numbers, or its letter, can be guessed."""
    ranks, letters = [], []
    for number, item in enumerate(items):
        part = item.part(name)
        if len(part.mistakes) < OPTIONS - 1:
            continue
        asked = asking.ask_part(item, part, "choice", OPTIONS, Stream("check", item.id, number))
        letters.append(asking.letters(part, asked))
        values = [asking.option_value(part, option) for option in asked.order]
        if all(isinstance(value, int | Fraction | Decimal) for value in values):
            ranks.append(1 + sorted(values).index(part.key.right))
    if ranks:
        subject.note(f"{name}: rank of the key {shares(ranks)}")
    for what, seen in (("rank among four numbers", ranks), ("letter", letters)):
        if len(seen) >= 40 and (most := Counter(seen).most_common(1)[0])[1] > TELLING * len(seen):
            yield Failure(f"{name}: the key's {what} is {most[0]} in {100 * most[1] / len(seen):.0f} % of the draws")
