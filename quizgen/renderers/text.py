"""Document trees as plain text for terminals; formulas are written in Unicode."""

from quizgen.markup import (
    Block,
    Break,
    Bullets,
    Code,
    CodeBlock,
    DisplayMath,
    Document,
    Emph,
    Figure,
    Inline,
    Inlines,
    Math,
    Numbered,
    Paragraph,
    Strong,
    Table,
    Text,
)
from quizgen.renderers._unicode import line


def render(document: Document) -> str:
    """``document`` as text: blocks separated by blank lines."""
    return "\n\n".join(_block(block) for block in document.blocks)


def _block(block: Block) -> str:
    match block:
        case Paragraph(children):
            return inlines(children)
        case Bullets(items):
            return "\n".join(_item("- ", item) for item in items)
        case Numbered(items, start):
            return "\n".join(_item(f"{number}. ", item) for number, item in enumerate(items, start))
        case Table(header, rows):
            return _table([header, *rows])
        case CodeBlock(text):
            return "\n".join(f"    {line}" for line in text.splitlines())
        case DisplayMath(tex):
            return f"    {line(tex)}"
        case Figure(alt=alt):
            return f"[figure: {alt}]"


def _item(mark: str, blocks: tuple[Block, ...]) -> str:
    text = "\n".join(_block(block) for block in blocks)
    return mark + text.replace("\n", "\n" + " " * len(mark))


def _table(rows: list[tuple[Inlines, ...]]) -> str:
    cells = [[inlines(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def inlines(children: Inlines) -> str:
    """Inlines on one line."""
    return "".join(_inline(child) for child in children)


def _inline(child: Inline) -> str:
    match child:
        case Text(text):
            return text
        case Strong(children):
            return f"**{inlines(children)}**"
        case Emph(children):
            return f"*{inlines(children)}*"
        case Code(text):
            return f"`{text}`"
        case Math(tex):
            return line(tex)
        case Break():
            return "\n"
