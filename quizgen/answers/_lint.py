"""Keys that are too generous: the tolerance or the domains let a slip pass for the right value."""

from quizgen.notation import Unreadable
from quizgen.values import Key


def accepted_slips(key: Key) -> list[tuple[str, str]]:
    """The slips of the key, as code and text, that count as right."""
    return [(code, text) for code, text in key.slips() if _is_right(key, text)]


def _is_right(key: Key, text: str) -> bool:
    try:
        return key.judge(key.read(text)).verdict == "right"
    except Unreadable:
        return False
