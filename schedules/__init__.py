"""When: hours, seasons, holidays and special days; pure functions of a moment."""

from schedules.errors import CalendarRefused, DateRefused, OverlapRefused, ScheduleRefused
from schedules.holidaycalendar import HolidayCalendar, HolidayData, calendar_of, korea, read_data
from schedules.rules import WEEKDAYS, Layer, Rule, Season, SpecialDay, Stretch, WeeklyHours, Why, Window
from schedules.timetable import HORIZON, Holidays, Timetable

__all__ = [
    "HORIZON",
    "WEEKDAYS",
    "CalendarRefused",
    "DateRefused",
    "HolidayCalendar",
    "HolidayData",
    "Holidays",
    "Layer",
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
    "calendar_of",
    "korea",
    "read_data",
]
