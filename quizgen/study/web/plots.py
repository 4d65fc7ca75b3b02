"""Plots as SVG in the page: they take their colours from it, fill its width, and their words keep their size.

Positions across are percentages, so that nothing is scaled: a plot is as legible on a phone as on a desk. Each has a
text alternative, and a table beside it says the same.
"""

from collections.abc import Sequence

from markupsafe import Markup

TOP, HEIGHT, BELOW = 20, 100, 24
"""Pixels above the highest bar, of the highest bar, and for the words below."""

GAP = 0.16
"""Share of a bar's place that stays empty."""


def bars(values: Sequence[tuple[str, int]], marked: Sequence[int], alt: str) -> Markup:
    """A bar for each value, from left to right; the words of those that are ``marked`` stand below the bars."""
    most = max((value for _, value in values), default=0)
    place = 100 / max(1, len(values))
    shapes = [_line(0), *([_line(HEIGHT), _label(0, TOP - 6, str(most), "start")] if most else [])]
    for number, (words, value) in enumerate(values):
        height = HEIGHT * value / (most or 1)
        shapes.append(
            Markup('<rect class="bar" x="{}%" y="{}" width="{}%" height="{}"><title>{}: {}</title></rect>').format(
                _short(number * place + place * GAP / 2), _short(TOP + HEIGHT - height), _short(place * (1 - GAP)),
                _short(height), words, value,
            )
        )  # fmt: skip
    for number in marked:
        anchor = "start" if not number else "end" if number == len(values) - 1 else "middle"
        at = {"start": number * place, "end": (number + 1) * place, "middle": (number + 0.5) * place}[anchor]
        shapes.append(_label(at, TOP + HEIGHT + 17, values[number][0], anchor))
    return Markup('<svg class="plot" role="img" aria-label="{}" width="100%" height="{}">{}</svg>').format(
        alt, TOP + HEIGHT + BELOW, Markup("").join(shapes)
    )


def meter(share: float) -> Markup:
    """A bar for a share from 0 to 1; its number stands beside it."""
    return Markup(
        '<svg class="meter" aria-hidden="true" width="100%" height="8"><rect class="rest" width="100%" height="8"/>'
        '<rect class="bar" width="{}%" height="8"/></svg>'
    ).format(_short(100 * min(1.0, max(0.0, share))))


def _line(height: int) -> Markup:
    return Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(TOP + HEIGHT - height + 0.5)


def _label(at: float, y: int, words: str, anchor: str) -> Markup:
    return Markup('<text x="{}%" y="{}" text-anchor="{}">{}</text>').format(_short(at), y, anchor, words)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
