"""The sun over Seoul against values that others have published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from media.scenes.daylight import light_of
from media.scenes.sun import day_of, moon, sun
from tests.media.scenes.looking import KOREA, seoul

# Sunrise and sunset in Seoul as the Korea Astronomy and Space Science Institute announced them.
ANNOUNCED = (
    ("2018-01-01", "07:47", "17:24"),
    ("2019-02-04", "07:35", "17:58"),
    ("2024-03-20", "06:35", "18:44"),
    ("2024-06-21", "05:11", "19:57"),
    ("2024-09-22", "06:20", "18:29"),
    ("2023-12-22", "07:43", "17:17"),
    ("2026-01-01", "07:47", "17:24"),
)


@pytest.mark.parametrize(("day", "rise", "set_"), ANNOUNCED)
def test_sunrise_and_sunset_are_those_announced(day: str, rise: str, set_: str) -> None:
    """Within a minute and a half of the announced minute."""
    found = day_of(seoul(f"{day}T10:00:00"))
    for moment, announced in zip(found, (rise, set_), strict=True):
        assert abs(moment - seoul(f"{day}T{announced}:00")) <= timedelta(minutes=1.5)


def test_the_sun_stands_where_the_reference_algorithm_says() -> None:
    """NREL's published example for its Solar Position Algorithm: Golden, Colorado, 2003-10-17 12:30:30 -07:00."""
    found = sun(datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC), (39.742476, -105.1786))
    assert found.altitude == pytest.approx(90 - 50.1116, abs=0.03)
    assert found.azimuth == pytest.approx(194.3402, abs=0.03)


@pytest.mark.parametrize(("day", "noon", "altitude"), [("2026-06-21", "12:34", 75.87), ("2026-12-22", "12:30", 29.02)])
def test_noon_is_as_high_as_the_latitude_makes_it(day: str, noon: str, altitude: float) -> None:
    """At the solstices the sun culminates in the south at 90° - 37.57° ± 23.44°."""
    found = sun(seoul(f"{day}T{noon}:00"))
    assert found.altitude == pytest.approx(altitude, abs=0.05)
    assert found.azimuth == pytest.approx(180, abs=1.0)


def test_the_moon_is_full_when_it_is_full() -> None:
    """The full moon of 2026-11-24 14:53 UTC stands opposite the sun, high at Korea's midnight, within hours."""
    standing, age = moon(datetime(2026, 11, 24, 14, 53, tzinfo=UTC))
    assert age == pytest.approx(0.5, abs=0.02)
    assert standing.altitude > 50


def test_light_changes_too_slowly_to_be_seen() -> None:
    """No share of the light moves by more than a 150th in the ten seconds a picture may stand."""
    began = datetime(2026, 3, 20, 5, tzinfo=KOREA)
    lights = [light_of(began + timedelta(seconds=10 * n)) for n in range(1200)]
    steps = [
        abs(getattr(one, part) - getattr(two, part))
        for one, two in pairwise(lights)
        for part in ("day", "golden", "blue")
    ]
    assert max(steps) < 1 / 150
