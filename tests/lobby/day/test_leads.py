"""Displays go on ahead of their surface: the rows, the reasons, and a slow oracle that looks at every second."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lobby.core.site import Site
from lobby.day.desired import Emergency, Override
from lobby.day.leads import MARGIN_S, leads_of, supplies_of
from lobby.day.plan import Plan
from lobby.day.printed import plan_rows, why_text
from lobby.day.resolve import forecast, resolve
from tests.lobby.day.place import hall, seoul

PANEL, SURFACE = "wall-display-1", "wall"
SECOND = timedelta(seconds=1)
NOON = seoul("2026-11-24 12:00")


def with_displays(*warm_ups_s: float, gap_s: float = 1.0) -> Site:
    """The small hall with as many displays as there are warm-ups, in a row."""
    site = hall()
    first = site.things[PANEL]
    displays = {f"panel-{n}": first.model_copy(update={"warm_up_s": warm}) for n, warm in enumerate(warm_ups_s, 1)}
    about = site.site.model_copy(update={"inrush_gap_s": gap_s})
    return site.model_copy(update={"site": about, "things": displays})


def planned(lead_s: float) -> Plan:
    """The small hall's plan with one panel that long ahead."""
    return Plan.from_site(hall()).led({PANEL: timedelta(seconds=lead_s)})


def off_for(surface: str, start: datetime, until: datetime, *, value: str = "off") -> Override:
    """A person's change."""
    return Override(id="o1", thing=surface, value=value, start=start, until=until, person="p1", reason="trial")


@pytest.mark.parametrize("gap_s", [0.0, 0.5, 2.0])
@given(st.lists(st.floats(0, 120), min_size=1, max_size=9))
def test_every_display_has_its_warm_up_and_its_distance(gap_s: float, warm_ups: list[float]) -> None:
    """Whatever was measured: never late, never two at once, in the order of the file, the last without delay."""
    leads = [lead.total_seconds() for lead in leads_of(with_displays(*warm_ups, gap_s=gap_s), {}).values()][::-1]
    assert all(lead >= warm + MARGIN_S for lead, warm in zip(leads, warm_ups, strict=True))
    assert all(before - after >= gap_s for before, after in pairwise(leads))
    assert leads[-1] <= warm_ups[-1] + MARGIN_S + 1


def test_what_was_measured_counts_instead_of_the_file() -> None:
    """Rounded up to a whole second."""
    assert leads_of(with_displays(15), {"panel-1": 8.01})["panel-1"] == timedelta(seconds=9 + MARGIN_S)


def test_displays_share_a_supply_unless_they_name_one() -> None:
    """Two circuits, two rows."""
    site = with_displays(8, 8, 8)
    other = site.things["panel-2"].model_copy(update={"supply": "left"})
    site = site.model_copy(update={"things": {**site.things, "panel-2": other}})
    assert supplies_of(site) == {None: ("panel-1", "panel-3"), "left": ("panel-2",)}
    assert leads_of(site, {})["panel-2"] == leads_of(site, {})["panel-3"]


def test_the_plan_says_how_long_ahead_and_of_which_rule() -> None:
    """Three rows of a display's day where its surface has two, and the surface is left alone."""
    plan = planned(23)
    rows = plan_rows(plan, date(2026, 11, 24), date(2026, 11, 25), things=(PANEL, SURFACE))
    told = [(row["from"][11:19], row["value"], row["rule"]) for row in rows if row["thing"] == PANEL]
    assert told == [
        ("00:00:00", "off", "weekly:media-wall"),
        ("07:59:37", "on", "weekly:media-wall ahead 23 s"),
        ("08:00:00", "on", "weekly:media-wall"),
        ("19:00:00", "off", "weekly:media-wall"),
    ]
    assert [row["from"][11:19] for row in rows if row["thing"] == SURFACE] == ["00:00:00", "08:00:00", "19:00:00"]


def test_why_names_the_rule_and_its_lead() -> None:
    """Before the opening, and before the end of a person's change."""
    plan = planned(23)
    text = why_text(plan, PANEL, seoul("2026-11-24 07:59:40"), language="en")
    assert "Rule in force: weekly:media-wall ahead 23 s (site file)" in text
    change = off_for(SURFACE, NOON, NOON + timedelta(hours=1))
    text = why_text(plan, PANEL, NOON + timedelta(minutes=59, seconds=40), language="en", overrides=[change])
    assert "wall-display-1 at 2026-11-24 12:59: on" in text


def test_a_gap_shorter_than_the_lead_is_not_worth_switching_off() -> None:
    """Off for five minutes with a lead of ten: it stays on."""
    short = {"days": ["tue"], "from": "12:05", "to": "13:00"}
    site = hall()
    hours = site.hours["media-wall"]
    windows = [{"days": ["tue"], "from": "08:00", "to": "12:00"}, short]
    weekly = tuple(type(hours.weekly[0]).model_validate(window) for window in windows)
    tables = {**site.hours, "media-wall": hours.model_copy(update={"weekly": weekly})}
    plan = Plan.from_site(site.model_copy(update={"hours": tables})).led({PANEL: timedelta(minutes=10)})
    assert plan.at(PANEL, NOON + timedelta(minutes=2)).value == "on"
    assert plan.at(PANEL, NOON - timedelta(minutes=2)).end == seoul("2026-11-24 13:00")


@settings(max_examples=150, deadline=None)
@given(
    day=st.integers(0, 400),
    second=st.integers(0, 86_399),
    lead_s=st.integers(1, 900),
    change=st.none() | st.tuples(st.integers(0, 900), st.integers(1, 900), st.sampled_from(["off", "on"])),
)
def test_a_display_is_on_when_its_surface_is_or_soon_will_be(
    day: int, second: int, lead_s: int, change: tuple[int, int, str] | None
) -> None:
    """Against an oracle that asks the surface at every change within the lead, with and without an override."""
    moment = seoul("2026-01-01 00:00") + timedelta(days=day, seconds=second)
    plan, overrides = planned(lead_s), []
    if change is not None:
        before, after, value = change
        overrides = [off_for(SURFACE, moment - before * SECOND, moment + after * SECOND, value=value)]
    soon = moment + timedelta(seconds=lead_s)
    asked = [moment, *(row.start for row in forecast(plan, overrides, SURFACE, moment, soon + SECOND))]
    expected = any(resolve(plan, overrides, (), at)[SURFACE].value != "off" for at in asked if at <= soon)
    assert (resolve(plan, overrides, (), moment)[PANEL].value == "on") is expected


@settings(max_examples=60, deadline=None)
@given(day=st.integers(0, 400), lead_s=st.integers(1, 7200))
def test_the_rows_are_what_is_desired_at_any_moment(day: int, lead_s: int) -> None:
    """Adjacent, clipped, and each row's beginning and end agree with the compiled answer."""
    plan, start = planned(lead_s), seoul("2026-01-01 00:00") + timedelta(days=day)
    rows = list(plan.agenda(PANEL, start, start + timedelta(days=1)))
    assert (rows[0].start, rows[-1].end) == (start, start + timedelta(days=1))
    assert all(first.end == second.start for first, second in pairwise(rows))
    for row in rows:
        for moment in (row.start, row.end - SECOND / 1000):
            desired = resolve(plan, (), (), moment)[PANEL]
            assert (desired.value, desired.rule) == (row.value, str(row.rule))


def test_an_emergency_of_the_surface_has_no_lead() -> None:
    """Nobody knows when it ends."""
    fire = Emergency(kind="fire", source="contact", drives={SURFACE: "off"})
    change = off_for(SURFACE, NOON, NOON + timedelta(minutes=1))
    assert resolve(planned(600), [change], [fire], NOON)[PANEL].value == "off"
