"""The wall is lit at eight: ahead by what was measured, one by one, whatever the reason."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from lobby.core.site import Site
from lobby.day.leads import MARGIN_S
from lobby.day.warmups import WarmUps
from tests.lobby.day.place import SEOUL, seoul
from tests.lobby.ops.screens import Screens, nine_screens, screens
from tests.running import run

EIGHT = seoul("2026-11-24 08:00")
DAY = timedelta(days=1)
GAP = timedelta(seconds=1)


def apart(room: Screens) -> bool:
    """No two power-ons closer than the gap."""
    return all(after - before >= GAP for before, after in pairwise(room.switched_on()))


def test_nine_screens_of_eight_seconds_are_lit_at_eight_one_by_one() -> None:
    """At 08:00:00.000 all nine show their picture, the last not much before, none within a second of another."""

    async def play() -> None:
        async with screens(nine_screens(warm_up_s=8), at=EIGHT - timedelta(seconds=90)) as room:
            room.warm(8)
            await room.until(EIGHT)
            assert len(room.switched_on()) == 9
            assert all(twin.lit for twin in room.twins.values())
            assert apart(room)
            lit = max(twin.lit_at for twin in room.twins.values() if twin.lit_at)
            assert EIGHT - timedelta(seconds=MARGIN_S + 1) <= lit <= EIGHT

    run(play())


def test_what_was_measured_moves_the_switching_on_ahead() -> None:
    """Slower than the file says: late on the first morning, lit in time on the next, and known after a restart."""

    async def play() -> None:
        async with screens(nine_screens(warm_up_s=2), at=EIGHT - timedelta(seconds=60)) as room:
            room.warm(12)
            await room.until(EIGHT)
            assert not any(twin.lit for twin in room.twins.values())
            await room.until(EIGHT + timedelta(seconds=30))
            measured = room.day.warm_ups.longest(EIGHT + DAY)
            assert [12 <= seconds < 13 for seconds in measured.values()] == [True] * 9
            again = WarmUps(room.journal, clock=room.clock, zone=SEOUL)
            await again.load()
            assert again.longest(EIGHT + DAY) == measured

    run(play())


def test_measured_once_they_are_in_time_on_the_next_day() -> None:
    """Late at two before midnight, in time at two after it, and never switched off and on between."""

    async def play() -> None:
        site, midnight = around_midnight(nine_screens(warm_up_s=2)), EIGHT + timedelta(hours=16)
        async with screens(site, at=midnight - timedelta(seconds=150)) as room:
            room.warm(12)
            await room.until(midnight - timedelta(seconds=120))
            assert not any(twin.lit for twin in room.twins.values())
            await room.until(midnight + timedelta(seconds=60))
            assert room.switched_on() == []
            await room.until(midnight + timedelta(seconds=120))
            assert all(twin.lit for twin in room.twins.values())
            assert apart(room)

    run(play())


def test_a_quick_start_does_not_switch_off_again_before_the_opening() -> None:
    """Lit long before the file says: it stays on, and its lead is shorter tomorrow."""

    async def play() -> None:
        async with screens(nine_screens(warm_up_s=30), at=EIGHT - timedelta(seconds=60)) as room:
            room.warm(1)
            await room.until(EIGHT)
            assert min(room.switched_on()) == EIGHT - timedelta(seconds=30 + MARGIN_S + 8)
            assert max(room.switched_on()) == EIGHT - timedelta(seconds=30 + MARGIN_S)
            assert max(room.day.warm_ups.longest(EIGHT + DAY).values()) < 2

    run(play())


@pytest.mark.parametrize("wanted", ["hours", "person"])
def test_many_at_once_go_on_one_by_one(wanted: str) -> None:
    """After a power cut in the day, or when a person turns the surfaces on: spaced all the same."""

    async def play() -> None:
        at = EIGHT + timedelta(hours=2) if wanted == "hours" else EIGHT - timedelta(hours=2)
        async with screens(nine_screens(warm_up_s=8), at=at) as room:
            if wanted == "person":
                await room.clock.advance(6)
                assert room.switched_on() == []
                for surface in room.site.surfaces:
                    await room.day.overrides.set(
                        thing=surface, value="on", until=at + timedelta(hours=1), person="p1", reason="trial"
                    )
            await room.clock.advance(25)
            assert len(room.switched_on()) == 9
            assert apart(room)

    run(play())


def test_displays_of_another_supply_have_turns_of_their_own() -> None:
    """The large display on its own circuit does not wait for the wall."""
    site = nine_screens(warm_up_s=8)
    main = site.things["display-main"].model_copy(update={"supply": "right"})
    site = site.model_copy(update={"things": {**site.things, "display-main": main}})

    async def play() -> None:
        async with screens(site, at=EIGHT - timedelta(seconds=60)) as room:
            await room.until(EIGHT)
            ahead = {name: EIGHT - twin.switched_on_at for name, twin in room.twins.items() if twin.switched_on_at}
            assert ahead["display-main"] == timedelta(seconds=8 + MARGIN_S)
            assert ahead["display-wall-1"] == timedelta(seconds=8 + MARGIN_S + 7)

    run(play())


def around_midnight(site: Site) -> Site:
    """Open for a minute before midnight and again for an hour after it."""
    tables = {}
    for name, hours in site.hours.items():
        windows = [
            {"days": ["tue"], "from": "23:58", "to": "23:59"},
            {"days": ["wed"], "from": "00:02", "to": "01:00"},
        ]
        weekly = [type(hours.weekly[0]).model_validate(window) for window in windows]
        tables[name] = hours.model_copy(update={"weekly": tuple(weekly)})
    return site.model_copy(update={"hours": tables})
