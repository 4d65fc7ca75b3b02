"""Hints: what a template says to be hints, else the worked steps of a part without the last, which is the answer.

They end before the first that tells the answer, and so there may be none.
"""

import re
from collections import Counter
from itertools import takewhile

from quizgen.markup import Bullets, Document, Numbered
from quizgen.prose import Words
from quizgen.renderers import text
from quizgen.values import Part

_ENTRY = re.compile(r"^ *(?:\d+\.|-) ", re.MULTILINE)
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def hints(words: Words, part: Part) -> tuple[Document, ...]:
    """The hints to one part, one by one; none where there is only a solution, and that of a single step."""
    return tuple(takewhile(lambda hint: not tells(words, part, hint), _leading(words, part)))


def _leading(words: Words, part: Part) -> tuple[Document, ...]:
    """What leads to the answer."""
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


def tells(words: Words, part: Part, hint: Document) -> bool:
    """Whether a hint states the right answer, which the question does not.

    Of an answer that is a list it does so if it has all of its words; a question that has them does not give an order.
    A digit is in many hints by chance: it is told by one that ends with it.
    """
    answer = words.value(part, part.key.right)
    asked = " ".join(map(_line, filter(None, (words.prompt(), words.ask(part)))))
    if any(isinstance(block, Bullets | Numbered) for block in answer.blocks):
        named, is_order = _counted(_ENTRY.sub("", text.render(answer))), isinstance(answer.blocks[0], Numbered)
        return named <= _counted(_line(hint)) and (is_order or not named <= _counted(asked))
    stated, said = _line(answer).removesuffix(getattr(part.key, "unit", "")).strip(), _line(hint)
    if re.fullmatch(r"\d", stated) and _NUMBER.findall(said)[-1:] != [stated]:
        return False
    alone = re.compile(rf"(?<![\w./^]){re.escape(stated)}(?![\w/²³]|\.\d)", re.ASCII)
    return bool(stated) and bool(alone.search(said)) and not alone.search(asked)


def _counted(said: str) -> Counter[str]:
    return Counter(_WORD.findall(said))


def _line(document: Document) -> str:
    return " ".join(text.render(document).split())
