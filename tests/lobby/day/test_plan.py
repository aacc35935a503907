"""The compiled plan of a site: values, followers, edges, reasons."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from itertools import pairwise

import pytest

from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.day.plan import Plan
from schedules import SpecialDay
from tests.lobby.day.place import TEXT, hall, plan, seoul


def values(moment: str) -> dict[str, str]:
    """Every thing's planned value."""
    return {thing: desired.value for thing, desired in plan().desired(seoul(moment)).items()}


def test_a_tuesday_evening_puts_every_thing_where_the_facts_say() -> None:
    """At half past seven the wall is off, the LED shows the evening's guidance, the desk is on its evening."""
    assert values("2026-11-24 19:30") == {
        "wall": "off",
        "desk-led": "led-evening",
        "wall-display-1": "off",
        "civil-desk": "evening",
        "counsel-room": "on",
        "desk-sign": "on",
        "evening-light": "on",
        "siren": "off",
        "robot-cafe": "watch",
        "bell-desk": "watch",
    }


def test_a_surface_that_is_on_names_its_playlist_and_lights_its_panels() -> None:
    """By day the wall shows its own playlist and the panel is on."""
    by_day = values("2026-11-24 10:00")
    assert (by_day["wall"], by_day["wall-display-1"], by_day["evening-light"]) == ("cities", "on", "off")


def test_the_last_minutes_before_closing_are_last_tickets() -> None:
    """Fifteen minutes before the final closing, and not before the evening desk takes over."""
    moments = ("17:44", "17:59", "18:00", "20:44:59", "20:45", "21:00")
    desk = [values(f"2026-11-24 {at}")["civil-desk"] for at in moments]
    assert desk == ["open", "open", "evening", "evening", "last-tickets", "closed"]
    assert values("2026-11-25 17:45")["civil-desk"] == "last-tickets"


def test_a_follower_keeps_its_value_over_changes_that_mean_the_same_to_it() -> None:
    """The sign stays on from nine to nine on a Tuesday."""
    sign = plan().at("desk-sign", seoul("2026-11-24 10:00"))
    assert (sign.value, sign.end) == ("on", seoul("2026-11-24 21:00"))


def test_an_agenda_cut_anywhere_is_the_agenda() -> None:
    """The rows of two halves of a Tuesday are the rows of the whole, last tickets included."""
    start, end = seoul("2026-11-24 00:00"), seoul("2026-11-25 00:00")
    table = plan()
    for hour in (7, 16, 19, 20):
        middle = start + timedelta(hours=hour, minutes=50)
        for thing in table.things:
            halves = [*table.agenda(thing, start, middle), *table.agenda(thing, middle, end)]
            said = [(at.value, at.rule) for row in halves for at in [table.at(thing, row.start)]]
            assert said == [(row.value, row.rule) for row in halves]
            assert all(first.end == second.start for first, second in pairwise(halves))


def test_things_without_hours_never_change() -> None:
    """The siren is off by a rule of its own, without an end."""
    desired = plan().desired(seoul("2026-11-24 10:00"))["siren"]
    assert (desired.rule, desired.until, desired.layer) == ("always:siren", None, "always")


def test_why_of_a_follower_speaks_of_the_hours_behind_it() -> None:
    """On a holiday the sign is off by the holiday; the week would have had it on."""
    why = plan().why("desk-sign", seoul("2026-12-25 10:00"))
    assert (why.value, str(why.winner), why.until) == ("off", "holiday:기독탄신일", seoul("2026-12-28 09:00"))
    assert [(str(rule), value) for rule, value in why.losers] == [("weekly:civil-desk", "on")]


def test_special_days_of_staff_stand_beside_those_of_the_file() -> None:
    """The file closes 3 December, a revision opens Christmas."""
    christmas = SpecialDay(id="fair", first=date(2026, 12, 25), last=date(2026, 12, 25), source="revision 2")
    changed = Plan.from_site(hall(), {"media-wall": (christmas,)})
    assert changed.at("wall", seoul("2026-12-25 12:00")).value == "off"
    assert changed.at("wall", seoul("2026-12-25 12:00")).rule.source == "revision 2"
    assert str(changed.at("civil-desk", seoul("2026-12-03 10:00")).rule) == "special:moving-day"


def test_the_next_change_is_the_first_of_all_things() -> None:
    """After ten on a Tuesday the desk's evening at six comes first."""
    assert plan().next_change(seoul("2026-11-24 10:00")) == seoul("2026-11-24 18:00")


@pytest.mark.parametrize(
    ("old", "new"), [('follows = "civil-desk"', 'follows = "nobody"'), ('"civil-desk"\non-', '"evening-light"\non-')]
)
def test_following_nothing_or_oneself_is_refused(old: str, new: str) -> None:
    """A follower needs a leader that leads somewhere."""
    site = Site.model_validate(tomllib.loads(TEXT.replace(old, new)))
    with pytest.raises(Refusal):
        Plan.from_site(site)
