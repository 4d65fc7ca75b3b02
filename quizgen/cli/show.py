"""Show one question of a family, with its solution if wanted."""

from collections.abc import Iterator
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

import click

from quizgen.cli._options import bank_option, json_option, languages

if TYPE_CHECKING:
    from quizgen.family import Family
    from quizgen.prose import Words
    from quizgen.space import Parameters
    from quizgen.values import Asked, Item, Part


@click.command()
@click.argument("family")
@click.option("--seed", default="1", show_default=True, help="Another seed, another draw.")
@click.option("--lang", default="en", show_default=True, help="en, zh or en+zh.")
@click.option("--as", "mode", type=click.Choice(["open", "choice"]), default="open", show_default=True)
@click.option("--options", default=4, show_default=True, type=click.IntRange(2, 9), help="With --as choice.")
@click.option("--given", metavar="JSON", help="These parameters, such as quizgen check prints them, instead of a seed.")
@click.option("--solution", is_flag=True, help="Also the key, the steps, and what is said to each mistake.")
@bank_option
@json_option
def command(
    family: str,
    seed: str,
    lang: str,
    mode: str,
    options: int,
    given: str | None,
    solution: bool,
    banks: tuple[Path, ...],
    as_json: bool,
) -> None:
    from quizgen import asking, prose
    from quizgen.bank import Bank
    from quizgen.randomness import Stream
    from quizgen.values import to_json

    bank = Bank(banks)
    drawn = bank.family(family)
    if mode == "choice":
        drawn.require_choosable()
    else:
        options = 0
    if given is None:
        item = drawn.draw(seed, "show", family, options=options, pool="practice")
    else:
        with drawn.faults_located():
            item = drawn.make(parameters(drawn, given))
    asked = asking.ask(item, mode, options, Stream(seed, "show", family, "options"))
    if as_json:
        click.echo(to_json(item).decode())
        return
    for locale in languages(lang):
        click.echo("\n\n".join(shown(prose.words(item, locale, bank.templates), asked, solution)) + "\n")


def parameters(family: "Family", given: str) -> "Parameters":
    """The parameters that ``given`` states. Raises InputError for what is no JSON, or not in the space."""
    import msgspec

    from quizgen import space
    from quizgen.errors import InputError
    from quizgen.values import exact

    try:
        values = exact(msgspec.json.decode(given))
    except msgspec.DecodeError as error:
        raise InputError(f"this is not JSON: {error}", "--given") from error
    if not isinstance(values, dict):
        raise InputError(f"expected an object of parameters, got {given}", "--given")
    return space.check(family.params, values, "--given")


def shown(words: "Words", asked: tuple["Asked", ...], solution: bool) -> Iterator[str]:
    """The question as blocks of text for a terminal."""
    from quizgen.renderers.text import render

    item = words.item
    yield f"[{item.code}] {item.family}"
    yield render(words.prompt())
    for part, put in zip(item.parts, asked, strict=True):
        yield from _part(words, part, put)
    if solution:
        yield from _solution(words, item, asked)


def _part(words: "Words", part: "Part", put: "Asked") -> Iterator[str]:
    """The question of a part and its options, lettered."""
    from quizgen.answers.matching import Matching
    from quizgen.renderers.text import render

    asks = words.ask(part)
    if asks is not None:
        yield f"({part.name}) {render(asks)}"
    for number, left in enumerate(part.key.lefts() if isinstance(part.key, Matching) else (), 1):
        yield f"  {number}. {render(words.named(left))}"
    alphabet = ascii_uppercase if put.mode == "choice" else ascii_lowercase
    for letter, option in zip(alphabet, put.order, strict=False):
        yield f"  {letter}. {render(words.option(part, put, option))}"


def _solution(words: "Words", item: "Item", asked: tuple["Asked", ...]) -> Iterator[str]:
    """Key, steps and the answer to every mistake."""
    from quizgen import asking
    from quizgen.renderers.text import render

    yield "── solution ──"
    whole = words.steps()
    if whole is not None:
        yield render(whole)
    for part, put in zip(item.parts, asked, strict=True):
        steps = words.steps(part)
        if steps is not None:
            yield f"({part.name}) {render(steps)}"
        letters = asking.letters(part, put)
        yield f"key{f' ({part.name})' if len(item.parts) > 1 else ''}: {render(words.value(part, part.key.right))}" + (
            f"  [{letters}]" if letters else ""
        )
    right = words.right()
    if right is not None:
        yield f"right: {render(right)}"
    for part in item.parts:
        for mistake in part.mistakes:
            said = words.feedback(part, mistake.name)
            wrong = render(words.value(part, mistake.value))
            yield f"{mistake.name} ({part.name} = {wrong}): {render(said) if said else ''}"
