"""Films are made slowly while a screen is lit, and fast in the dark."""

from __future__ import annotations

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.hub import Hub
from lobby.ops.building import PACE_IN_THE_DARK, PACE_WHILE_LIT, pace
from tests.lobby.core.galleries import NOON, SITE


@pytest.mark.parametrize(
    ("wall", "led", "expected"),
    [("cities", "off", PACE_WHILE_LIT), ("off", "off", PACE_IN_THE_DARK), (None, None, PACE_IN_THE_DARK)],
)
def test_one_lit_screen_slows_the_making_of_films(wall: str | None, led: str | None, expected: float) -> None:
    """By what the timetable wants of every surface at this moment."""
    hub = Hub(VirtualClock(NOON), {"wall": "surface", "led": "surface"})
    hub.update("wall", desired=wall)
    hub.update("led", desired=led)
    assert pace(hub, SITE) == expected
