"""A year's official list: read and written without loss, laid over the rule's, refused with its cause."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules import Holiday, HolidayKind, OfficialYear, YearRefused, calendar_of, kind_of, korea

NEW_YEAR = {"date": "2028-01-01", "name": "신정"}
NAMES = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=40)


@st.composite
def years(draw: st.DrawFn) -> OfficialYear:
    """Any year that can be one."""
    year = draw(st.integers(2000, 2099))
    first = date(year, 1, 1)
    days = sorted(draw(st.sets(st.integers(0, 364), min_size=1, max_size=40)))
    rows = tuple(
        Holiday(
            day=first + timedelta(days=ahead),
            name=draw(NAMES),
            english=draw(st.one_of(st.just(""), NAMES)),
            kind=draw(st.sampled_from(HolidayKind)),
        )
        for ahead in days
    )
    return OfficialYear(year=year, days=rows, issued=draw(st.one_of(st.none(), st.dates())))


@given(years())
def test_a_year_comes_back_from_its_file_and_from_the_journal(year: OfficialYear) -> None:
    """Whatever the names: TOML and plain values carry every day, kind and date."""
    assert OfficialYear.read(tomllib.loads(year.file("KR"))) == year
    assert OfficialYear.read(year.told()) == year


@given(years())
def test_above_the_rule_a_year_has_exactly_its_own_days(year: OfficialYear) -> None:
    """No day of the rule shines through, other years are untouched."""
    calendar = korea().with_years({year.year: year})
    named = {one.day: one.name for one in year.days}
    first = date(year.year, 1, 1)
    days = [first + timedelta(days=ahead) for ahead in range(365)]
    assert {day: name for day in days if (name := calendar.name(day))} == named
    assert calendar.confirmed(year.year)
    assert calendar.year(year.year + 1) == korea().year(year.year + 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"year": "2028"}, "no-year"),
        ({"year": True}, "no-year"),
        ({"year": 1999}, "no-year"),
        ({"holiday": []}, "no-days"),
        ({"holiday": "2028-01-01"}, "no-days"),
        ({"holiday": [NEW_YEAR] * 121}, "many-days"),
        ({"holiday": ["2028-01-01"]}, "bad-date"),
        ({"holiday": [{"name": "신정"}]}, "bad-date"),
        ({"holiday": [{"date": "2028-01-01T00:00", "name": "신정"}]}, "bad-date"),
        ({"holiday": [{"date": "20280101", "name": "신정"}]}, "bad-date"),
        ({"holiday": [{"date": "2027-12-31", "name": "그믐"}]}, "other-year"),
        ({"holiday": [{"date": "2028-01-01", "name": " "}]}, "no-name"),
        ({"holiday": [{"date": "2028-01-01", "name": 1}]}, "bad-name"),
        ({"holiday": [{"date": "2028-01-01", "name": "a\x00b"}]}, "bad-name"),
        ({"holiday": [{"date": "2028-01-01", "name": "길" * 61}]}, "long-name"),
        ({"holiday": [{**NEW_YEAR, "kind": "royal"}]}, "bad-kind"),
        ({"holiday": [NEW_YEAR, NEW_YEAR]}, "twice"),
        ({"issued": "summer"}, "bad-issued"),
    ],
)
def test_what_cannot_be_a_year_is_refused_with_its_cause(change: dict[str, Any], code: str) -> None:
    """One code a mistake; the words of each are checked where people read them."""
    with pytest.raises(YearRefused) as refused:
        OfficialYear.read({"year": 2028, "holiday": [NEW_YEAR], **change})
    assert refused.value.code == code


def test_a_year_by_rule_knows_its_kinds_and_english_names() -> None:
    """The list that staff compare: substitute days marked, English beside the Korean."""
    found = {one.day: one for one in korea().year(2028).days}
    assert found[date(2028, 10, 5)].kind is HolidayKind.SUBSTITUTE
    assert found[date(2028, 1, 27)].english == "Korean New Year"
    assert kind_of("임시공휴일(대통령선거)") is HolidayKind.TEMPORARY


def test_years_confirmed_one_by_one_leave_gaps_that_are_asked_for() -> None:
    """2029 alone does not make 2028 official."""
    later = korea().with_years({2029: korea().year(2029)})
    assert (later.confirmed(2029), later.confirmed(2028)) == (True, False)
    assert later.confirmed_through(date(2027, 11, 1)) == 2027
    assert later.year_to_confirm(date(2027, 11, 1)) == 2028


def test_a_country_that_nobody_knows_has_no_holidays_until_staff_put_them_in() -> None:
    """No error, no invented days."""
    calendar = calendar_of("XX")
    assert calendar.name(date(2028, 1, 1)) is None
    assert calendar.year_to_confirm(date(2028, 1, 1)) == 2028
    year = OfficialYear.read({"year": 2028, "holiday": [NEW_YEAR]})
    assert calendar.with_years({2028: year}).name(date(2028, 1, 1)) == "신정"
