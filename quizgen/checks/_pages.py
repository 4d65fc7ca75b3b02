"""The documents that an item becomes in one locale, and the formulas and words in them."""

from collections.abc import Iterator

import msgspec

from quizgen.markup import DisplayMath, Document, Figure, Math, Node, Text
from quizgen.prose import Words


def pages(words: Words) -> Iterator[tuple[str, Document]]:
    """Name of the block and document, for all that can be printed of one item: question, solution, feedback, labels."""
    parts = words.item.parts
    several = len(parts) > 1  # one mistake may spoil several parts, and say something else of each
    found = [("prompt", words.prompt()), ("steps", words.steps()), ("hints", words.hints()), ("right", words.right())]
    found += [(f"part_{part.name}", words.ask(part)) for part in parts]
    found += [(f"steps_{part.name}", words.steps(part)) for part in parts]
    found += [
        (f"{mistake.name} ({part.name})" if several else mistake.name, words.feedback(part, mistake.name))
        for part in parts
        for mistake in part.mistakes
    ]
    found += [(f"label_{name}", words.named(name)) for part in parts for name in part.key.labels()]
    found += [(f"answer {part.name}", words.value(part, part.key.right)) for part in parts if not part.key.labels()]
    yield from ((name, document) for name, document in found if document is not None)


def formulas(document: Document) -> list[str]:
    """The LaTeX of all formulas, in reading order."""
    return [node.tex for node in nodes(document) if isinstance(node, Math | DisplayMath)]


def words_of(document: Document) -> str:
    """The words of a document, without formulas and code, and with the alternatives of figures."""
    texts = (
        node.text if isinstance(node, Text) else node.alt for node in nodes(document) if isinstance(node, Text | Figure)
    )
    return " ".join(texts)


def nodes(tree: object) -> Iterator[Node]:
    """All nodes of a document tree, in reading order."""
    if isinstance(tree, Node):
        yield tree
    if isinstance(tree, msgspec.Struct):
        for name in tree.__struct_fields__:
            yield from nodes(getattr(tree, name))
    elif isinstance(tree, tuple):
        for entry in tree:
            yield from nodes(entry)
