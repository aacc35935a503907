"""What a timetable refuses; every error names the rules it is about, so that staff know which one to mend."""

from __future__ import annotations


class ScheduleRefused(ValueError):
    """Root: these hours cannot be kept as written."""


class OverlapRefused(ScheduleRefused):
    """Two rules of one layer claim the same time; `first` and `second` describe them."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} overlaps {second}")
        self.first = first
        self.second = second


class DateRefused(ScheduleRefused):
    """A rule names a date that cannot be, or a last day before its first."""

    def __init__(self, rule: str, dates: str) -> None:
        super().__init__(f"{rule}: {dates}")
        self.rule = rule
        self.dates = dates


class CalendarRefused(ScheduleRefused):
    """A calendar's data file cannot be read as one."""

    def __init__(self, path: str, mistake: str) -> None:
        super().__init__(f"{path}: {mistake}")
        self.path = path
        self.mistake = mistake


class YearRefused(ScheduleRefused):
    """A year's list of public holidays cannot be one; `code` says why, `params` where."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params
