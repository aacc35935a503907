"""When: hours, seasons, holidays and special days; pure functions of a moment."""

from schedules.errors import CalendarRefused, DateRefused, OverlapRefused, ScheduleRefused, YearRefused
from schedules.holidaycalendar import HolidayCalendar, HolidayData, calendar_of, data_of, korea, read_data
from schedules.officialyear import Holiday, HolidayKind, OfficialYear, kind_of
from schedules.rules import WEEKDAYS, Layer, Rule, Season, SpecialDay, Stretch, WeeklyHours, Why, Window
from schedules.timetable import HORIZON, Holidays, Timetable

__all__ = [
    "HORIZON",
    "WEEKDAYS",
    "CalendarRefused",
    "DateRefused",
    "Holiday",
    "HolidayCalendar",
    "HolidayData",
    "HolidayKind",
    "Holidays",
    "Layer",
    "OfficialYear",
    "OverlapRefused",
    "Rule",
    "ScheduleRefused",
    "Season",
    "SpecialDay",
    "Stretch",
    "Timetable",
    "WeeklyHours",
    "Why",
    "Window",
    "YearRefused",
    "calendar_of",
    "data_of",
    "kind_of",
    "korea",
    "read_data",
]
