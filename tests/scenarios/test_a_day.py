"""The hours reach the devices, and the lobby stops and starts as it should."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path

import pytest

from lobby.core.site import Site
from tests.eventually import soon
from tests.scenarios.house import House, Visitor, always_open, house
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
    with house(tmp_path, site=site, change=always_open) as lobby:
        admin = lobby.start().admin()

        def settled() -> bool:
            return all(
                thing["reported"] == thing["desired"]
                for thing in things(admin).values()
                if thing["kind"] in ("display", "switch")
            )

        soon(settled, within_s=40)


@pytest.mark.alone
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


def test_a_display_that_lost_its_power_is_switched_on_again(tmp_path: Path) -> None:
    """Off the line and back without its power state, as after a blown fuse."""
    with house(tmp_path, change=quickly_asked) as lobby:
        admin = lobby.start().admin()
        soon(lambda: things(admin)["display-main"]["reported"] == "on", within_s=20)
        lobby.steer("cut", "display-main")
        soon(lambda: things(admin)["display-main"]["availability"] in ("late", "lost"), within_s=30)
        lobby.steer("mend", "display-main")
        by_hand(lobby)
        soon(lambda: lobby.shows("display-main")["on"], within_s=30)


def test_a_display_switched_by_hand_again_and_again_is_left_alone(tmp_path: Path) -> None:
    """Corrected three times, then stopped, and the console says that someone does it."""
    with house(tmp_path, change=quickly_asked) as lobby:
        admin = lobby.start().admin()
        soon(lambda: things(admin)["display-main"]["reported"] == "on", within_s=20)

        def fought() -> bool:
            display = things(admin)["display-main"]
            if display["reported"] == "on" and lobby.shows("display-main")["on"]:
                by_hand(lobby)
            return "changed-by-hand" in str(display["troubles"])

        soon(fought, within_s=60)
        soon(lambda: "day.changed-by-hand" in {fact["kind"] for fact in lobby.facts()})


def test_an_override_ends_by_itself(tmp_path: Path) -> None:
    """After its last second the plan is in force again, without anybody's act."""
    with house(tmp_path, change=quickly_asked) as lobby:
        admin = lobby.start().admin()
        soon(lambda: things(admin)["display-main"]["reported"] == "on", within_s=20)
        # A display that has just come on takes no other order for a while: the override outlasts that by far.
        status, answer = _override(admin, "display-main", "off", lasts_s=15)
        assert status == 201, answer
        soon(lambda: not lobby.shows("display-main")["on"], within_s=14)
        soon(lambda: lobby.shows("display-main")["on"], within_s=30)
        assert things(admin)["display-main"]["desired"] == "on"


def test_a_thing_on_hold_is_sent_nothing(tmp_path: Path) -> None:
    """Somebody works at it; what is wanted stays known, and it is corrected when the hold ends."""
    with house(tmp_path, change=quickly_asked) as lobby:
        admin = lobby.start().admin()
        soon(lambda: things(admin)["display-main"]["reported"] == "on", within_s=20)
        assert _mode(admin, "display-main", "hold", until=_in(3600))[0] == 200
        by_hand(lobby)
        soon(lambda: things(admin)["display-main"]["reported"] == "off", within_s=20)
        sent = _commands(lobby, "display-main")
        assert not lobby.shows("display-main")["on"]
        assert things(admin)["display-main"]["mode"] == "hold"
        assert _mode(admin, "display-main", "automatic")[0] == 200
        soon(lambda: lobby.shows("display-main")["on"], within_s=20)
        assert _commands(lobby, "display-main") == sent + 1


def test_watching_only_shows_what_would_be_sent(tmp_path: Path) -> None:
    """Nothing is sent, and the console has the list."""
    with house(tmp_path, change=quickly_asked) as lobby:
        admin = lobby.start().admin()
        soon(lambda: things(admin)["display-main"]["reported"] == "on", within_s=20)
        assert _mode(admin, "display-main", "watch-only")[0] == 200
        by_hand(lobby)

        def shown() -> bool:
            documents = admin.ask("GET", "/api/v1/status")[1]["documents"]
            return bool(documents["would_send"] == {"display-main": "on"})

        soon(shown, within_s=20)
        assert not lobby.shows("display-main")["on"]


def quickly_asked(site: Site) -> Site:
    """Open all day; the large display, on a circuit of its own, is warm in two seconds and asked every second."""
    asked = site.things["display-main"].model_copy(update={"poll_s": 1.0, "warm_up_s": 2, "supply": "right"})
    return always_open(site.model_copy(update={"things": {**site.things, "display-main": asked}}))


def by_hand(lobby: House) -> None:
    """Switch the large display off as its remote control does: MDC power, off, at id 1."""
    host, port = lobby.site.links["main-line"].url.removeprefix("tcp://").split(":")

    def switched() -> bool:
        try:
            with socket.create_connection((host, int(port)), timeout=2) as line:
                line.sendall(b"\xaa\x11\x01\x01\x00\x13")
                return bool(line.recv(16))
        except OSError:
            return False

    soon(switched)


def _commands(lobby: House, thing: str) -> int:
    return sum(fact["kind"] == "command.queued" and fact["subject"] == thing for fact in lobby.facts())


def _mode(admin: Visitor, thing: str, mode: str, until: str | None = None) -> tuple[int, object]:
    return admin.ask("POST", f"/api/v1/things/{thing}/modes", {"mode": mode, "reason": "시험", "until": until})


def _in(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def _override(admin: Visitor, thing: str, value: str, *, lasts_s: float = 3600) -> tuple[int, object]:
    body = {"value": value, "until": _in(lasts_s), "reason": "시험"}
    return admin.ask("POST", f"/api/v1/things/{thing}/overrides", body)
