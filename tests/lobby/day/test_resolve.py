"""Plan, overrides and emergencies in one answer."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from statistics import median
from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from lobby.day.resolve import Desired, Emergency, Override, forecast, next_edge, resolve
from tests.lobby.day.place import plan, seoul

PLAN = plan()
TEN = seoul("2026-11-24 10:00")
ALARM = Emergency(kind="bell", source="bell-desk", drives={"siren": "on"})


def override(thing: str, value: str, *, start: str = "09:30", until: str = "11:00", name: str = "o1") -> Override:
    """An intervention on the Tuesday of these tests."""
    return Override(
        id=name,
        thing=thing,
        value=value,
        start=seoul(f"2026-11-24 {start}"),
        until=seoul(f"2026-11-24 {until}"),
        person="p1",
        reason="test",
    )


def test_an_override_wins_until_its_end_and_by_its_own_name() -> None:
    """The wall is off by an override; at the end the plan is back."""
    off = override("wall", "off")
    expected = Desired(value="off", rule="override:o1", until=off.until, layer="override")
    assert resolve(PLAN, [off], [], TEN)["wall"] == expected
    assert resolve(PLAN, [off], [], off.until)["wall"].value == "cities"


def test_what_follows_a_changed_thing_changes_with_it() -> None:
    """The panel goes dark with its surface, the sign and the room with the desk."""
    found = resolve(PLAN, [override("wall", "off"), override("civil-desk", "closed", name="o2")], [], TEN)
    assert found["wall-display-1"] == found["wall"]
    assert (found["desk-sign"].value, found["counsel-room"].rule) == ("off", "override:o2")


def test_a_follower_with_an_override_of_its_own_keeps_it() -> None:
    """Closed desk, but the sign is forced on."""
    found = resolve(PLAN, [override("civil-desk", "closed"), override("desk-sign", "on", name="o2")], [], TEN)
    assert (found["desk-sign"].value, found["counsel-room"].value) == ("on", "off")


def test_the_newer_of_two_overrides_wins() -> None:
    """Whatever the order in which they are given."""
    both = [override("wall", "off", start="09:45"), override("wall", "led-day", name="o0")]
    assert resolve(PLAN, both, [], TEN)["wall"].value == "off"
    assert resolve(PLAN, both[::-1], [], TEN)["wall"].value == "off"


def test_a_surface_forced_on_shows_its_own_playlist() -> None:
    """`on` is no playlist's name."""
    late = override("wall", "on", start="20:00", until="22:00")
    assert resolve(PLAN, [late], [], seoul("2026-11-24 21:00"))["wall"].value == "cities"


def test_an_emergency_beats_an_override() -> None:
    """The siren sounds although a person switched it off."""
    found = resolve(PLAN, [override("siren", "off")], [ALARM], TEN)["siren"]
    assert found == Desired(value="on", rule="emergency:bell:bell-desk", until=None, layer="emergency")


def test_a_fire_beats_a_bell() -> None:
    """Among emergencies the stronger kind has the last word, in any order."""
    fire = Emergency(kind="fire", source="contact", drives={"siren": "off", "wall": "led-day"})
    for order in ([ALARM, fire], [fire, ALARM]):
        found = resolve(PLAN, [override("wall-display-1", "off")], order, TEN)
        assert (found["siren"].value, found["wall"].value, found["wall-display-1"].value) == ("off", "led-day", "on")


def test_a_forecast_counts_overrides_in() -> None:
    """The panel's day: off, warm at eight, off for the override of the wall, warm at its end, off."""
    day = (seoul("2026-11-24 00:00"), seoul("2026-11-25 00:00"))
    rows = list(forecast(PLAN, [override("wall", "off")], "wall-display-1", *day))
    assert [row.value for row in rows] == ["off", "on", "on", "off", "on", "on", "off"]
    lead = timedelta(seconds=16)
    wall = override("wall", "off")
    assert (rows[1].start, rows[1].rule) == (seoul("2026-11-24 08:00") - lead, "weekly:media-wall ahead 16 s")
    assert (rows[3].start, rows[3].end, rows[3].rule) == (wall.start, wall.until - lead, "override:o1")
    assert (rows[4].end, rows[4].rule) == (wall.until, "weekly:media-wall ahead 16 s")
    assert all(first.end == second.start for first, second in pairwise(rows))


def test_the_next_edge_may_be_the_end_of_an_override() -> None:
    """Eleven o'clock comes before six, and before it the panel gets warm."""
    warm = seoul("2026-11-24 10:59:44")
    assert next_edge(PLAN, [override("wall", "off")], TEN) == warm
    assert next_edge(PLAN, [override("wall", "off")], warm) == seoul("2026-11-24 11:00")
    assert next_edge(PLAN, [override("siren", "on")], TEN) == seoul("2026-11-24 11:00")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 400 * 24 * 12), st.booleans())
def test_the_remembered_answer_is_the_computed_one(minutes: int, overridden: bool) -> None:
    """What `resolve` says agrees with the plan's own `at` for every thing without an override."""
    moment = seoul("2026-01-01 00:00") + timedelta(minutes=5 * minutes)
    found = resolve(PLAN, [override("siren", "on")] if overridden else [], [], moment)
    for thing in set(PLAN.things) - {"siren"}:
        now = PLAN.at(thing, moment)
        assert (found[thing].value, found[thing].rule) == (now.value, str(now.rule))
        assert found[thing].until in (now.end, None)


def test_resolving_is_quick() -> None:
    """At the median of a day's minutes, far below a millisecond even on a busy machine."""
    spent = []
    for minute in range(1440):
        begun = perf_counter()
        resolve(PLAN, [], [ALARM], TEN + timedelta(minutes=minute))
        spent.append(perf_counter() - begun)
    assert median(spent) < 0.0005
