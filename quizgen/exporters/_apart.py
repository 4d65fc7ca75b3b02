"""For formats that know one answer a question: every part becomes a question, and what it loses is told in one line."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from quizgen.exporters._lowering import Change
from quizgen.exporters._online import Field, Match, Question, Said
from quizgen.markup import Block, Bullets, DisplayMath, Emph, Inlines, Math, Numbered, Paragraph, Strong, Table
from quizgen.values import Part, Task

Losses = Callable[[Field, Part], Iterable[str]]
"""What a field loses, in words."""


def told(
    task: Task, found: Question, changes: Sequence[Change], losses: Losses, apart: bool = True
) -> Iterator[Change]:
    """``changes``, and what ``losses`` says of each field, in one line for each part; ``apart``: each is a question."""
    parts = {part.name for part in task.item.parts}
    for part, field in zip(task.item.parts, found.fields, strict=True):
        kind, mine = type(part.key).__name__.lower(), [change for change in changes if change.part == part.name]
        lost = [*(change.lost for change in mine), *losses(field, part)]
        lost += ["its place beside the other answers"] if apart and len(found.fields) > 1 else []
        becomes = mine[0].becomes if mine else kind
        if mine or lost:
            yield Change(part.name, kind, becomes, "; ".join(filter(None, lost)))
    yield from (change for change in changes if change.part not in parts)


def points(question: Question, field: Field) -> Fraction:
    """The points of a field in its slot."""
    return question.slot.points * field.points / question.points if question.points else question.slot.points


def name(question: Question, field: Field) -> str:
    """The question's name, with that of the part if there are several."""
    return f"{question.name} {field.name}" if len(question.fields) > 1 else question.name


def is_one_to_one(match: Match) -> bool:
    """Whether everything on the right goes with at most one thing on the left."""
    return len(set(match.pairs)) == len(match.pairs)


def blurred(texts: Sequence[str]) -> bool:
    """Whether some texts to choose from are empty, or the same."""
    return len(set(texts)) < len(texts) or not all(text.strip() for text in texts)


BLURRED = "options that are the same, or empty"


def has_formula(said: Said | None) -> bool:
    """Whether there is a formula in any language."""
    return any(_in_block(block) for document in (said or {}).values() for block in document.blocks)


def _in_block(block: Block) -> bool:
    match block:
        case DisplayMath():
            return True
        case Paragraph(children):
            return _in_line(children)
        case Bullets(items) | Numbered(items):
            return any(_in_block(inner) for item in items for inner in item)
        case Table(header, rows):
            return any(_in_line(cell) for row in (header, *rows) for cell in row)
    return False


def _in_line(children: Inlines) -> bool:
    return any(
        isinstance(child, Math) or (isinstance(child, Strong | Emph) and _in_line(child.children)) for child in children
    )
