"""Edges, layers and reasons of a timetable, on the sample desk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schedules import HORIZON, Season, SpecialDay, Timetable, Window, korea
from tests.schedules.desk import SEOUL, desk, seoul, week, window

NIGHT = window("22:00", "02:00", "night")


@pytest.mark.parametrize(
    ("moment", "value"),
    [
        ("2026-11-23 08:59:59", "closed"),
        ("2026-11-23 09:00:00", "open"),
        ("2026-11-23 17:59:59.999999", "open"),
        ("2026-11-23 18:00:00", "closed"),
        ("2026-11-24 18:00:00", "evening"),
        ("2026-11-24 20:59:59", "evening"),
        ("2026-11-24 21:00:00", "closed"),
        ("2026-12-31 17:59:59", "open"),
        ("2027-01-01 09:00:00", "closed"),
    ],
)
def test_edges_are_half_open(moment: str, value: str) -> None:
    """A window holds from its first instant to just before its last."""
    assert desk().at(seoul(moment)).value == value


def test_at_names_the_rule_and_the_next_change_of_the_value() -> None:
    """On the eve of a long holiday the desk is closed across several rules until the first working day."""
    stretch = desk().at(seoul("2026-09-23 19:00"))
    assert (stretch.value, str(stretch.rule)) == ("closed", "weekly:civil-desk")
    assert stretch.end == seoul("2026-09-28 09:00")


def test_a_holiday_is_named_as_people_name_it() -> None:
    """The rule of a closed holiday carries the holiday's name."""
    assert str(desk().at(seoul("2026-09-25 12:00")).rule) == "holiday:추석"


def test_the_agenda_splits_where_the_rule_changes_though_the_value_stays() -> None:
    """The night before a holiday is two stretches: closed by the week, closed by the holiday."""
    rows = list(desk().agenda(seoul("2026-12-24 20:00"), seoul("2026-12-25 10:00")))
    assert [str(row.rule) for row in rows] == ["weekly:civil-desk", "holiday:기독탄신일"]
    assert rows[1].start == seoul("2026-12-25 00:00")
    assert (rows[0].start, rows[1].end) == (seoul("2026-12-24 20:00"), seoul("2026-12-25 10:00"))


def test_a_window_over_midnight_is_not_cut_by_the_next_days_holiday() -> None:
    """A night window that begins on Christmas Eve runs into Christmas."""
    table = Timetable(zone=SEOUL, weekly=week(NIGHT), holiday=(), holidays=korea())
    eve = table.at(seoul("2026-12-25 01:59:59"))
    assert (eve.value, str(eve.rule), eve.end) == ("night", "weekly:test", seoul("2026-12-25 02:00"))
    assert table.at(seoul("2026-12-25 22:00")).value == "off"


def test_a_special_day_beats_a_holiday_and_why_names_both() -> None:
    """Opening on a holiday wins over the holiday, the season and the week, and says so in order."""
    opened = SpecialDay(
        id="help-day", first=date(2026, 12, 25), last=date(2026, 12, 25), windows=(window("10:00", "12:00"),)
    )
    winter = Season(name="winter", first=(12, 1), last=(2, 28), days=((window("10:00", "16:00"),),) * 7)
    why = desk(opened, seasons=(winter,)).why(seoul("2026-12-25 11:00"))
    assert (why.value, str(why.winner), why.until) == ("open", "special:help-day", seoul("2026-12-25 12:00"))
    assert [(str(rule), value) for rule, value in why.losers] == [
        ("holiday:기독탄신일", "closed"),
        ("season:winter", "open"),
        ("weekly:civil-desk", "open"),
    ]


def test_a_season_that_wraps_the_year_rules_both_its_ends() -> None:
    """Winter hours from November to February hold on New Year's Eve and on a day in February."""
    winter = Season(name="winter", first=(11, 1), last=(2, 28), days=((window("10:00", "16:00"),),) * 7)
    table = desk(seasons=(winter,))
    days = [table.at(seoul(f"{day} 09:30")).value for day in ("2026-10-30", "2026-12-31", "2027-02-26", "2027-03-02")]
    assert days == ["open", "closed", "closed", "open"]


def test_a_holiday_without_windows_of_its_own_is_a_day_like_any() -> None:
    """`holiday` None leaves the week in force."""
    table = Timetable(zone=SEOUL, weekly=week(window("00:00", "00:00")), holidays=korea())
    assert str(table.at(seoul("2026-12-25 12:00")).rule) == "weekly:test"


def test_where_nothing_ever_changes_there_is_no_next_change() -> None:
    """Always open: no next change, and `at` ends at the horizon."""
    table = Timetable(zone=SEOUL, weekly=week(window("00:00", "00:00")))
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    assert table.next_change(moment) is None
    assert table.at(moment).end == moment + HORIZON


def test_equal_values_side_by_side_do_not_change() -> None:
    """Two adjacent windows of one value are one opening."""
    table = Timetable(zone=SEOUL, weekly=week(window("09:00", "12:00"), window("12:00", "18:00")))
    assert table.next_change(seoul("2026-11-23 10:00")) == seoul("2026-11-23 18:00")


def test_an_hour_that_does_not_exist_begins_after_the_gap() -> None:
    """New York, 8 March 2026, 02:00 to 03:00 is skipped: a window from 02:30 opens at 03:00 daylight time."""
    table = _in("America/New_York", window("02:30", "05:00"))
    rows = list(table.agenda(datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC)))
    assert [(row.value, row.start.hour) for row in rows] == [("off", 5), ("open", 7), ("off", 9)]


def test_an_hour_that_comes_twice_opens_at_the_first_and_closes_at_the_second() -> None:
    """New York, 1 November 2026: 01:30 comes at 05:30 and 06:30 UTC."""
    opens = _in("America/New_York", window("01:30", "04:00"))
    closes = _in("America/New_York", window("00:10", "01:30"))
    night = datetime(2026, 11, 1, 5, tzinfo=UTC)
    assert opens.next_change(night) == night + timedelta(minutes=30)
    assert closes.next_change(night) == night + timedelta(minutes=90)


def test_a_day_that_never_was_is_left_out() -> None:
    """Samoa skipped 30 December 2011: noon of the 29th is followed by noon of the 31st."""
    table = _in("Pacific/Apia", window("12:00", "13:00"))
    rows = table.agenda(datetime(2011, 12, 29, 12, tzinfo=UTC), datetime(2012, 1, 1, 11, tzinfo=UTC))
    assert [row.start for row in rows if row.value == "open"] == [
        datetime(2011, 12, 29, 22, tzinfo=UTC),
        datetime(2011, 12, 30, 22, tzinfo=UTC),
        datetime(2011, 12, 31, 22, tzinfo=UTC),
    ]


def _in(zone: str, *windows: Window) -> Timetable:
    return Timetable(zone=ZoneInfo(zone), weekly=week(*windows))
