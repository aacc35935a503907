"""Two displays, one bell on a wire, no broker: the same lobby, smaller."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.eventually import soon
from tests.scenarios.house import always_open, house
from tests.scenarios.stream import Stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_a_press_on_the_wire_is_taken_ended_and_closed(tmp_path: Path) -> None:
    """From the contact to the closed incident; then the lamp at the bell is off again."""
    with house(tmp_path, site="small-office") as lobby:
        assert lobby.broker is None
        guard = lobby.start().guard()
        stream = Stream(guard)
        lobby.steer("press", "bell-counter")
        number = stream.first("incident", bell="bell-counter").data["id"]
        soon(lambda: lobby.shows("bell-counter")["registered"])
        for act, words in (
            ("acknowledge", {}),
            ("arrive", {"way": "code", "code": "B105"}),
            ("end", {"way": "place"}),
            ("close", {"classification": "test", "note": "시험"}),
        ):
            status, answer = guard.ask("POST", f"/api/v1/incidents/{number}/{act}", words)
            assert status == 200, (act, answer)
        soon(lambda: not lobby.shows("bell-counter")["registered"])
        stream.close()


def test_both_displays_follow_their_hours_and_the_stop_is_clean(tmp_path: Path) -> None:
    """On all day in this test; SIGTERM ends with 0."""
    with house(tmp_path, site="small-office", change=always_open) as lobby:
        running = lobby.start()
        soon(lambda: lobby.shows("display-entrance")["on"] and lobby.shows("display-counter")["on"], within_s=20)
        assert running.process.stop(signal.SIGTERM) == 0


def test_pages_leave_out_what_this_office_has_not(tmp_path: Path) -> None:
    """No café and no media wall on the kiosk, nor among the things."""
    with house(tmp_path, site="small-office") as lobby:
        running = lobby.start()
        status, kiosk, _ = running.visitor().raw("GET", "/kiosk")
        assert status == 200
        assert "카페" not in kiosk.decode()
        today = running.admin().raw("GET", "/")[1].decode()
        assert "카페" not in today
        assert "민원실" in today
