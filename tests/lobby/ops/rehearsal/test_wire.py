"""What is left out changes nothing: the same journal with every byte exchanged and with healthy turns skipped."""

from __future__ import annotations

from collections import Counter

import pytest

from lobby.core.journal import Entry
from tests.lobby.ops.rehearsal.scenes import EVENING, Act, played, seoul_hall, steer, told

DAMAGES: dict[float, Act] = {
    400: steer("unplug", "display-wall-3"),
    700: steer("mend", "display-wall-3"),
    900: steer("cut", "bell-counsel"),
    1000: steer("mend", "bell-counsel"),
    1200: steer("break", "bell-desk"),
    1500: steer("mend", "bell-desk"),
    1600: steer("break", "bell-counsel"),
    1650: steer("mend", "bell-counsel"),
    1700: steer("cut", "robot-cafe"),
    1900: steer("mend", "robot-cafe"),
}


@pytest.mark.slow
def test_fast_and_wire_write_the_same_journal() -> None:
    """A display without mains, a cut and a silent bell, a bell and a café off the network: 40 minutes both ways."""
    fast, wire = (played(seoul_hall(), start=EVENING, lasts_s=2400, acts=DAMAGES, wire=way) for way in (False, True))
    assert Counter(map(told, fast)) == Counter(map(told, wire))
    assert all(abs(lateness) <= 6 for lateness in lag(fast, wire))
    assert {"device.availability", "bell.supervision"} <= {entry.kind for entry in fast}


def lag(fast: list[Entry], wire: list[Entry]) -> list[float]:
    """Seconds between the same lines."""
    first, second = (sorted(way, key=lambda entry: (repr(told(entry)), entry.at)) for way in (fast, wire))
    return [(one.at - other.at).total_seconds() for one, other in zip(first, second, strict=True)]
