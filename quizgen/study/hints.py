"""Hints: what a template says to be hints, else the worked steps of a part without the last, which is the answer."""

from quizgen.markup import Document, Numbered
from quizgen.prose import Words
from quizgen.values import Part


def hints(words: Words, part: Part) -> tuple[Document, ...]:
    """The hints to one part, one by one; none where there is only a solution, and that of a single step."""
    if (leading := words.hints()) is not None:
        return taken_apart(leading)
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
