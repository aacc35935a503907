"""Hours shared with another signage player: it has the display while our surface is off, by its own hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lobby.core.site import Beside, Hours, Site
from lobby.day.desired import Emergency, Override
from lobby.day.lines import BESIDE
from lobby.day.plan import Plan
from lobby.day.printed import plan_rows, why_text
from lobby.day.resolve import forecast, next_edge, resolve
from tests.lobby.day.place import hall, seoul

PANEL, SURFACE = "wall-display-1", "wall"
SECOND = timedelta(seconds=1)
OTHERS = Hours.model_validate(
    {
        "name": {"ko": "다른 표출기", "en": "Other player"},
        "weekly": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "07:00", "to": "22:00"}],
    }
)


def shared() -> Site:
    """The small hall: our wall 08:00 to 19:00, the other player 07:00 to 22:00 on weekdays."""
    site = hall()
    display = site.things[PANEL].model_copy(update={"beside": Beside(input="hdmi2", hours="others")})
    return site.model_copy(
        update={"hours": {**site.hours, "others": OTHERS}, "things": {**site.things, PANEL: display}}
    )


AT_ONCE = Plan.from_site(shared()).led({PANEL: timedelta(0)})
PLAN = Plan.from_site(shared()).led({PANEL: timedelta(seconds=20)})


def change(value: str, start: datetime, until: datetime, thing: str = SURFACE) -> Override:
    """A person's change."""
    return Override(id="o1", thing=thing, value=value, start=start, until=until, person="p1", reason="trial")


def wanted(moment: datetime, *overrides: Override, emergencies: tuple[Emergency, ...] = ()) -> str:
    """What the display should be."""
    return resolve(PLAN, overrides, emergencies, moment)[PANEL].value


def test_the_plan_has_rows_for_the_other_player_by_its_own_rule() -> None:
    """Before and after our hours; it is lit at its beginning, and ours begins without a gap."""
    rows = plan_rows(PLAN, date(2026, 11, 24), date(2026, 11, 25), things=(PANEL,))
    assert [(row["from"][11:19], row["value"], row["rule"]) for row in rows] == [
        ("00:00:00", "off", "weekly:media-wall"),
        ("06:59:40", BESIDE, "weekly:others ahead 20 s"),
        ("07:00:00", BESIDE, "weekly:others"),
        ("08:00:00", "on", "weekly:media-wall"),
        ("19:00:00", BESIDE, "weekly:others"),
        ("22:00:00", "off", "weekly:media-wall"),
    ]


def test_on_a_day_without_its_hours_the_display_is_off_as_ever() -> None:
    """A Saturday."""
    assert wanted(seoul("2026-11-28 08:00")) == "off"
    assert wanted(seoul("2026-11-28 10:00")) == "on"


def test_a_surface_that_a_person_switches_off_is_lent_within_its_hours_only() -> None:
    """At noon the other player has it; the override's rule is not what holds then."""
    noon = seoul("2026-11-24 12:00")
    off = change("off", noon, noon + timedelta(hours=1))
    assert wanted(noon, off) == BESIDE
    assert resolve(PLAN, [off], (), noon)[PANEL].rule == "weekly:others"
    saturday = seoul("2026-11-28 12:00")
    assert wanted(saturday, change("off", saturday, saturday + timedelta(hours=1))) == "off"


def test_a_display_that_a_person_switches_off_is_off() -> None:
    """Not lent: the person meant the display."""
    noon = seoul("2026-11-24 12:00")
    assert wanted(noon, change("off", noon, noon + timedelta(hours=1), PANEL)) == "off"


def test_an_emergency_takes_the_display_and_gives_it_back() -> None:
    """In the other player's hours our input comes while it lasts."""
    evening = seoul("2026-11-24 20:00")
    fire = Emergency(kind="notice", source="n1", drives={SURFACE: "on"})
    assert wanted(evening) == BESIDE
    assert wanted(evening, emergencies=(fire,)) == "on"


def test_the_other_players_hours_are_an_edge_under_an_override_too() -> None:
    """Ours is switched off all day: the look comes at 22:00, not at midnight."""
    evening = seoul("2026-11-24 21:30")
    off = change("off", seoul("2026-11-24 12:00"), seoul("2026-11-25 00:00"))
    assert next_edge(PLAN, [off], evening) == seoul("2026-11-24 22:00")
    rows = [(row.value, row.start) for row in forecast(PLAN, [off], PANEL, evening, seoul("2026-11-25 00:00"))]
    assert rows == [(BESIDE, evening), ("off", seoul("2026-11-24 22:00"))]


def test_why_names_the_other_players_hours() -> None:
    """Staff read who has the display and until when."""
    text = why_text(PLAN, PANEL, seoul("2026-11-24 20:00"), language="en")
    assert "weekly:others" in text
    assert BESIDE in text


@settings(max_examples=120, deadline=None)
@given(day=st.integers(0, 400), second=st.integers(0, 86_399), override=st.sampled_from([None, "off", "on"]))
def test_it_is_lent_exactly_when_ours_is_off_and_its_hours_are_not(day: int, second: int, override: str | None) -> None:
    """Against both timetables asked by themselves, without any lead."""
    moment = seoul("2026-01-01 00:00") + timedelta(days=day, seconds=second)
    overrides = [] if override is None else [change(override, moment, moment + timedelta(hours=1))]
    ours = resolve(AT_ONCE, overrides, (), moment)[SURFACE].value
    theirs = AT_ONCE.timetables["others"].at(moment).value
    expected = "on" if ours != "off" else BESIDE if theirs != "off" else "off"
    assert resolve(AT_ONCE, overrides, (), moment)[PANEL].value == expected


@settings(max_examples=40, deadline=None)
@given(day=st.integers(0, 400))
def test_the_rows_are_what_is_desired_at_any_moment(day: int) -> None:
    """Adjacent, clipped, and each row's beginning and end agree with the compiled answer."""
    start = seoul("2026-01-01 00:00") + timedelta(days=day)
    rows = list(PLAN.agenda(PANEL, start, start + timedelta(days=1)))
    assert (rows[0].start, rows[-1].end) == (start, start + timedelta(days=1))
    assert all(first.end == second.start for first, second in pairwise(rows))
    for row in rows:
        for moment in (row.start, row.end - SECOND / 1000):
            desired = resolve(PLAN, (), (), moment)[PANEL]
            assert (desired.value, desired.rule) == (row.value, str(row.rule))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_value_has_words(language: str) -> None:
    """Staff read no code."""
    from lobby.web.whatif import value_words

    assert value_words(shared(), PANEL, BESIDE, language) != BESIDE
