"""How loud the media are: their hours, silent with their display, silent in every emergency."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest

from lobby.core.site import Site
from lobby.day.desired import Emergency, EmergencyKind, Override
from lobby.day.plan import Plan
from lobby.day.printed import why_text
from lobby.day.resolve import forecast, resolve
from tests.lobby.day.place import TEXT, seoul

SOUND = "sound-wall"
MORE = """
[hours.media-sound]
name = { ko = "소리", en = "Sound" }
weekly = [
  { days = ["mon", "tue", "wed", "thu", "fri"], from = 07:30:00, to = 09:00:00, value = "8" },
  { days = ["mon", "tue", "wed", "thu", "fri"], from = 09:00:00, to = 20:00:00, value = "25" },
]

[things.sound-wall]
kind = "sound"
name = { ko = "소리", en = "Sound" }
place = "hall"
display = "wall-display-1"
hours = "media-sound"
"""
PLAN = Plan.from_site(Site.model_validate(tomllib.loads(TEXT + MORE)))
DAY = seoul("2026-11-24 00:00")
TEN = seoul("2026-11-24 10:00")


def over(thing: str, value: str, *, at: str = "10:00") -> Override:
    """A person's change for an hour."""
    start = seoul(f"2026-11-24 {at}")
    return Override(
        id="o1", thing=thing, value=value, start=start, until=start + timedelta(hours=1), person="p1", reason="trial"
    )


def test_the_level_follows_the_time_of_day_while_its_display_is_on() -> None:
    """Quiet at first, then louder; off before the display is warm and after it goes off."""
    rows = list(PLAN.agenda(SOUND, DAY, DAY + timedelta(days=1)))
    display = seoul("2026-11-24 08:00") - PLAN.lines["wall-display-1"].lead
    nine, seven = seoul("2026-11-24 09:00"), seoul("2026-11-24 19:00")
    loud = [(row.value, row.start, row.end) for row in rows if row.value != "off"]
    assert loud == [("8", display, nine), ("25", nine, seven)]
    assert str(PLAN.at(SOUND, seoul("2026-11-24 19:30")).rule) == "weekly:media-wall"


@pytest.mark.parametrize("kind", ["fire", "evacuation", "bell", "notice"])
def test_any_emergency_silences_it(kind: EmergencyKind) -> None:
    """Also one that drives nothing, and above what a person set."""
    emergency = Emergency(kind=kind, source="b1", drives={})
    loud = over(SOUND, "25")
    found = resolve(PLAN, [loud], [emergency], TEN)[SOUND]
    assert (found.value, found.rule, found.layer) == ("off", f"emergency:{kind}:b1", "emergency")
    assert resolve(PLAN, [loud], [], TEN)[SOUND].rule == "override:o1"


def test_it_falls_silent_with_an_overridden_display_and_comes_back() -> None:
    """Off with the surface by the same rule; on with a surface lit at night only if its own hours say so."""
    dark = resolve(PLAN, [over("wall", "off")], [], TEN)[SOUND]
    assert (dark.value, dark.rule) == ("off", "override:o1")
    evening = over("wall", "on", at="19:30")
    assert resolve(PLAN, [evening], [], seoul("2026-11-24 19:45"))[SOUND].value == "25"
    assert resolve(PLAN, [evening], [], seoul("2026-11-24 20:15"))[SOUND].value == "off"


def test_a_forecast_of_the_sound_counts_the_displays_overrides() -> None:
    """An hour of the wall off is an hour without sound, until the display is on again."""
    start = seoul("2026-11-24 09:30")
    rows = list(forecast(PLAN, [over("wall", "off")], SOUND, start, start + timedelta(hours=3)))
    assert [row.value for row in rows] == ["25", "off", "25"]


def test_why_speaks_of_the_hours_or_of_the_display() -> None:
    """By day its own hours, at night those that keep the display off."""
    by_day = why_text(PLAN, SOUND, TEN, language="en")
    assert by_day.splitlines()[:2] == [
        "sound-wall at 2026-11-24 10:00: 25",
        "Rule in force: weekly:media-sound (site file)",
    ]
    assert "Rule in force: weekly:media-wall" in why_text(PLAN, SOUND, seoul("2026-11-24 19:30"), language="en")


def test_the_rows_are_what_is_desired() -> None:
    """The compiled answer agrees with the agenda at every edge."""
    for row in PLAN.agenda(SOUND, DAY, DAY + timedelta(days=7)):
        found = resolve(PLAN, (), (), row.start)[SOUND]
        assert (found.value, found.rule) == (row.value, str(row.rule))
