"""Days in words: ``Friday, 18 December 2026``, ``2026年12月18日 星期五``."""

from datetime import date

from quizgen.study.web import pages


def long(day: date, locale: str) -> str:
    """A day with its weekday and year."""
    return _said("date_long", day, locale)


def short(day: date, locale: str) -> str:
    """A day with its weekday, for lists."""
    return _said("date_short", day, locale)


def tiny(day: date, locale: str) -> str:
    """A day as briefly as can be, for the axis of a plot."""
    return _said("date_tiny", day, locale)


def _said(form: str, day: date, locale: str) -> str:
    words = pages.phrases(locale)
    return pages.Say(locale)(
        form,
        year=day.year,
        day=day.day,
        month=words["months"][day.month - 1],
        brief=words["months_short"][day.month - 1],
        weekday=words["weekdays"][day.weekday()],
        abbreviated=words["weekdays_short"][day.weekday()],
    )
