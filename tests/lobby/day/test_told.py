"""What visitors and operators are told: the desk's view, the printed plan, the printed reason."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from lobby.core.words import catalogue
from lobby.day.desk import Opening, as_json, desk_spells, notice_ahead, opening
from lobby.day.plan import Plan
from lobby.day.printed import plan_lines, plan_rows, why_text
from lobby.day.resolve import Override
from lobby.day.specialdays import standing
from tests.lobby.day.place import hall, plan, seoul

TABLE = plan()
TEN = seoul("2026-11-24 10:00")


def view(moment: str, *overrides: Override) -> Opening:
    """What is told of the desk at a local moment."""
    now = seoul(moment)
    return opening(desk_spells(TABLE, "civil-desk", now, overrides=overrides), now, TABLE.zone)


def change(value: str, start: datetime, until: datetime) -> Override:
    """A person's change of the desk."""
    return Override(id="o1", thing="civil-desk", value=value, start=start, until=until, person="p1", reason="전산 장애")


@pytest.mark.parametrize(
    ("moment", "state", "until"),
    [
        ("2026-11-24 08:00", "closed-before", "2026-11-24 09:00"),
        ("2026-11-24 10:00", "open", "2026-11-24 21:00"),
        ("2026-11-24 20:00", "evening", "2026-11-24 21:00"),
        ("2026-11-24 20:50", "last-tickets", "2026-11-24 21:00"),
        ("2026-11-24 21:00", "closed", "2026-11-25 09:00"),
        ("2026-11-28 12:00", "closed-today", "2026-11-30 09:00"),
        ("2026-12-25 12:00", "closed-today", "2026-12-28 09:00"),
    ],
)
def test_the_desk_says_its_state_and_until_when(moment: str, state: str, until: str) -> None:
    """Ended today and closed all day are different words."""
    assert (view(moment).state, view(moment).until) == (state, seoul(until))


def test_a_closed_desk_says_why_in_the_languages_there_are() -> None:
    """A holiday by its name, a special day by its notice, a weekend needs no words."""
    christmas, moving, sunday = (view(f"2026-{day} 12:00").reason for day in ("12-25", "12-03", "11-29"))
    assert christmas == {
        "ko": "기독탄신일", "en": "Christmas Day", "zh-hans": "圣诞节", "zh-hant": "聖誕節", "ja": "クリスマス"
    }  # fmt: skip
    assert moving == {"ko": "12월 3일은 쉽니다", "en": "Closed on 3 December"}
    assert sunday == {}


def test_a_persons_change_is_marked_or_a_suspension() -> None:
    """Open after the planned end, closed in the midst of the hours; the note between colleagues stays there."""
    longer = change("open", seoul("2026-11-25 17:00"), seoul("2026-11-25 18:30"))
    late = view("2026-11-25 18:10", longer)
    assert (late.state, late.until, late.changed, late.reason) == ("open", longer.until, True, {})
    stopped = view("2026-11-24 10:00", change("closed", TEN, TEN + timedelta(hours=1)))
    assert (stopped.state, stopped.until) == ("suspended", TEN + timedelta(hours=1))


def test_the_days_reach_35_ahead_for_the_browsers_own_computation() -> None:
    """Adjacent rows, as JSON."""
    rows = as_json(desk_spells(TABLE, "civil-desk", TEN))
    assert rows[-1]["to"] == int((TEN + timedelta(days=35)).timestamp())
    assert all(first["to"] == second["from"] for first, second in pairwise(rows))
    json.dumps(rows)


def test_what_staff_took_back_is_not_posted() -> None:
    """The notice of a special day of the site file goes with it."""
    today = date(2026, 11, 24)
    assert notice_ahead(TABLE, "civil-desk", today, timedelta(days=14)) is not None
    left = Plan.from_site(standing(hall(), {"civil-desk/moving-day"}))
    assert notice_ahead(left, "civil-desk", today, timedelta(days=14)) is None


def test_plan_rows_are_sorted_clipped_and_in_the_sites_zone() -> None:
    """One day of the wall: off, on, off, from midnight to midnight with the offset."""
    rows = plan_rows(TABLE, date(2026, 11, 24), date(2026, 11, 25))
    assert rows == sorted(rows, key=lambda row: (row["from"], row["thing"]))
    wall = [row for row in rows if row["thing"] == "wall"]
    assert [row["value"] for row in wall] == ["off", "cities", "off"]
    assert wall[1] == {
        "thing": "wall",
        "value": "cities",
        "from": "2026-11-24T08:00:00+09:00",
        "until": "2026-11-24T19:00:00+09:00",
        "rule": "weekly:media-wall",
    }
    assert wall[2]["until"] == "2026-11-25T00:00:00+09:00"
    assert json.loads(next(plan_lines(wall)))["thing"] == "wall"


def test_a_plan_of_no_days_has_no_rows() -> None:
    """`to` is exclusive."""
    assert plan_rows(TABLE, date(2026, 11, 24), date(2026, 11, 24)) == []


def test_why_names_winner_losers_end_and_source() -> None:
    """On Christmas the holiday wins over the week."""
    text = why_text(TABLE, "civil-desk", seoul("2026-12-25 12:00"), language="en")
    assert text.splitlines() == [
        "civil-desk at 2026-12-25 12:00: closed",
        "Rule in force: holiday:기독탄신일 (holiday calendar)",
        "Until: 2026-12-28 09:00",
        "Outranked: weekly:civil-desk → open (site file)",
    ]


def test_why_of_an_override_names_the_person_and_what_the_plan_had_given() -> None:
    """The plan's rule is the first that loses."""
    stop = change("closed", TEN, TEN + timedelta(hours=1))
    text = why_text(TABLE, "desk-sign", TEN, language="ko", overrides=[stop])
    assert "임시 변경, p1: 전산 장애" in text
    assert "밀린 규칙: weekly:civil-desk → on (사이트 파일)" in text


def test_both_languages_have_the_same_words() -> None:
    """No key of this part is missing in one of them."""
    ours = [{key for key in catalogue(language) if key.startswith("day.")} for language in ("ko", "en")]
    assert ours[0] == ours[1]
