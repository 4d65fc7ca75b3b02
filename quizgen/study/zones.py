"""The zone of this machine, with its changes between summer and winter: a day of last winter is not one hour off.

``datetime.astimezone()`` gives the offset of one moment only, under which an answer of another season may fall on the
next day.
"""

import time
from datetime import UTC, datetime, timedelta, tzinfo


class Local(tzinfo):
    """The zone that the system is set to, by the rules that it knows."""

    def fromutc(self, moment: datetime) -> datetime:
        """The local time of a moment that is given in UTC; the second of two equal hours is marked by ``fold``."""
        offset = _offset(moment)
        there = moment.replace(fold=0) + offset
        before = _offset(moment - timedelta(hours=1))
        is_second = before - offset == timedelta(hours=1)
        return there.replace(fold=int(is_second))

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """The offset of a local time; None without one."""
        if moment is None:
            return None
        wall = moment.replace(tzinfo=None, fold=0)
        near = _offset(wall)  # that of a moment less than a day away
        found = [
            _offset(wall - offset) for offset in (_offset(wall - timedelta(days=1)), _offset(wall + timedelta(days=1)))
        ]
        fitting = [offset for offset in found if _offset(wall - offset) == offset]
        if not fitting:  # an hour that is left out in spring
            return near
        return min(fitting) if moment.fold else max(fitting)

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Not told apart from the offset."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:
        """No name."""
        return None


def _offset(moment: datetime) -> timedelta:
    """The offset of a moment in UTC."""
    try:
        local = time.localtime((moment.replace(tzinfo=UTC)).timestamp())
    except (OverflowError, OSError, ValueError):  # a time of which the system knows nothing
        return timedelta(0)
    return timedelta(seconds=local.tm_gmtoff)


LOCAL = Local()
