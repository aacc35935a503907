"""Public holidays: names, the data file, confirmed years."""

from __future__ import annotations

from datetime import date

import pytest

from schedules import CalendarRefused, HolidayCalendar, calendar_of, korea, read_data


def test_holidays_have_korean_names_and_english_ones() -> None:
    """Substitute holidays are holidays, Saturdays are not."""
    assert korea().name(date(2026, 9, 25)) == "추석"
    assert korea().name(date(2026, 9, 25), english=True) == "Chuseok"
    assert korea().name(date(2026, 10, 5)) == "개천절 대체 휴일"
    assert korea().name(date(2026, 11, 28)) is None


def test_a_year_without_official_data_is_answered_and_not_confirmed() -> None:
    """2028 has New Year's Day by rule, and says that it is not confirmed."""
    assert korea().name(date(2028, 1, 1)) is not None
    assert (korea().confirmed(2027), korea().confirmed(2028)) == (True, False)


def test_the_next_year_is_asked_for_from_the_first_of_october() -> None:
    """In 2027 staff is warned from 1 October that 2028 is missing, in 2028 every day."""
    days = [date(2026, 12, 1), date(2027, 9, 30), date(2027, 10, 1), date(2028, 2, 1)]
    assert [korea().year_to_confirm(day) for day in days] == [None, None, 2028, 2028]


def test_a_data_file_adds_and_takes_back_days() -> None:
    """A temporary holiday appears, a withdrawn one goes, another year is confirmed."""
    text = (
        'format = 1\nconfirmed_through = 2028\n[[extra]]\ndate = 2028-01-03\nname = "임시공휴일"\n'
        "[[withdrawn]]\ndate = 2028-03-01\n"
    )
    calendar = HolidayCalendar(read_data(text))
    assert calendar.name(date(2028, 1, 3)) == "임시공휴일"
    assert calendar.name(date(2028, 3, 1)) is None
    assert calendar.confirmed(2028)


@pytest.mark.parametrize(
    "text", ["format = 2\nconfirmed_through = 1", "format = 1", "][", 'format=1\nconfirmed_through="x"']
)
def test_a_file_that_is_no_calendar_is_refused(text: str) -> None:
    """The mistake is told, with the file's name."""
    with pytest.raises(CalendarRefused, match=r"holidays\.toml"):
        read_data(text, "holidays.toml")


def test_another_country_answers_but_is_never_confirmed() -> None:
    """A site elsewhere has holidays by rule only."""
    assert calendar_of("JP").name(date(2026, 1, 1)) is not None
    assert not calendar_of("JP").confirmed(2026)
