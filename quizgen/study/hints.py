"""Hints: the worked steps of a part, one by one, without the last, which is the answer."""

from quizgen.markup import Document, Numbered
from quizgen.prose import Words
from quizgen.values import Part


def hints(words: Words, part: Part) -> tuple[Document, ...]:
    """The hints to one part, each a step of its solution; none where the solution is a single step."""
    steps = words.steps(part)
    if steps is None and len(words.item.parts) == 1:
        steps = words.steps()
    return taken_apart(steps)[:-1] if steps is not None else ()


def taken_apart(document: Document) -> tuple[Document, ...]:
    """The steps of a solution: its blocks, and the entries of its numbered lists."""
    found: list[Document] = []
    for block in document.blocks:
        if isinstance(block, Numbered):
            entries = enumerate(block.items, block.start)
            found += [Document(blocks=(Numbered(items=(entry,), start=number),)) for number, entry in entries]
        else:
            found.append(Document(blocks=(block,)))
    return tuple(found)
