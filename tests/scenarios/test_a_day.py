"""The hours reach the devices, and the lobby stops and starts as it should."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.eventually import soon
from tests.scenarios.house import Visitor, house
from tests.scenarios.stream import Stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def things(admin: Visitor) -> dict[str, dict[str, object]]:
    """The state of every thing."""
    status, answer = admin.ask("GET", "/api/v1/status")
    assert status == 200, answer
    found: dict[str, dict[str, object]] = answer["things"]
    return found


@pytest.mark.parametrize("site", ["seoul-city-hall", "small-office"])
def test_every_thing_becomes_what_the_hours_say(tmp_path: Path, site: str) -> None:
    """Displays and switches report what is desired, on every wire of both sample sites."""
    with house(tmp_path, site=site) as lobby:
        admin = lobby.start().admin()

        def settled() -> bool:
            return all(
                thing["reported"] == thing["desired"]
                for thing in things(admin).values()
                if thing["kind"] in ("display", "switch")
            )

        soon(settled, within_s=40)


def test_the_stop_with_open_streams_takes_less_than_a_second(tmp_path: Path) -> None:
    """SIGTERM: streams end, exit code 0."""
    with house(tmp_path) as lobby:
        running = lobby.start()
        admin = running.admin()
        streams = [Stream(admin) for _ in range(3)]
        for stream in streams:
            stream.first("snapshot")
        began = time.perf_counter()
        assert running.process.stop(signal.SIGTERM) == 0
        took_s = time.perf_counter() - began
        for stream in streams:
            assert stream.ended.wait(5)
            stream.close()
        assert took_s < 1.0


def test_an_override_survives_a_kill(tmp_path: Path) -> None:
    """A display switched against its hours stays so after SIGKILL and a new start."""
    with house(tmp_path) as lobby:
        first = lobby.start()
        admin = first.admin()
        now = things(admin)["wall"]["desired"]
        wanted = "cities" if now == "off" else "off"
        status, answer = _override(admin, "wall", wanted)
        assert status in (200, 201), answer
        soon(lambda: things(admin)["wall"]["desired"] == wanted)
        first.process.stop(signal.SIGKILL)
        again = lobby.start().admin()
        soon(lambda: things(again)["wall"]["desired"] == wanted)


def _override(admin: Visitor, thing: str, value: str) -> tuple[int, object]:
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    return admin.ask("POST", f"/api/v1/things/{thing}/overrides", {"value": value, "until": until, "reason": "시험"})
