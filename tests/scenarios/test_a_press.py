"""A bell is pressed: on disk, at the siren, on the console; taken by a named person; still there after a kill."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.eventually import soon
from tests.scenarios.house import house
from tests.scenarios.stream import Stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_a_press_reaches_siren_and_console_and_is_taken_by_a_person(tmp_path: Path) -> None:
    """Place in words, the siren on, the bell's lamp on; after "제가 갑니다" the siren is off and the light stays."""
    with house(tmp_path) as lobby:
        running = lobby.start()
        guard = running.guard()
        stream = Stream(guard)
        stream.first("snapshot")
        lobby.steer("press", "bell-desk")
        incident = stream.first("incident", bell="bell-desk").data
        assert incident["place"]["ko"] == "열린민원실 창구"
        soon(lambda: lobby.shows("siren")["on"])
        soon(lambda: lobby.shows("beacon")["on"])
        assert lobby.shows("bell-desk")["registered"]
        status, answer = guard.ask("POST", f"/api/v1/incidents/{incident['id']}/acknowledge", {})
        assert status == 200, answer
        soon(lambda: not lobby.shows("siren")["on"])
        assert lobby.shows("beacon")["on"]
        stream.close()


def test_a_bell_on_a_wire_is_heard_like_one_on_the_network(tmp_path: Path) -> None:
    """The contact at the counselling room raises an incident and gets its registered light."""
    with house(tmp_path) as lobby:
        running = lobby.start()
        admin = running.admin()
        stream = Stream(admin)
        lobby.steer("press", "bell-counsel")
        stream.first("incident", bell="bell-counsel")
        soon(lambda: lobby.shows("bell-counsel")["registered"])
        stream.close()


def test_a_press_while_the_controller_is_down_is_raised_after_its_start(tmp_path: Path) -> None:
    """Killed, pressed, started again: the press waits in the broker and is raised as late."""
    with house(tmp_path) as lobby:
        first = lobby.start()
        first.admin()
        first.process.stop(signal.SIGKILL)
        lobby.steer("press", "bell-desk")
        assert not lobby.shows("bell-desk")["registered"]
        second = lobby.start()
        stream = Stream(second.admin())
        snapshot = stream.first("snapshot").data
        incidents = snapshot["documents"].get("incidents", [])
        incident = incidents[0] if incidents else stream.first("incident", bell="bell-desk").data
        assert incident["bell"] == "bell-desk"
        soon(lambda: lobby.shows("bell-desk")["registered"])
        stream.close()


def test_an_open_incident_survives_a_kill(tmp_path: Path) -> None:
    """The siren is still wanted and the incident still open after SIGKILL and a new start."""
    with house(tmp_path) as lobby:
        first = lobby.start()
        stream = Stream(first.admin())
        lobby.steer("press", "bell-desk")
        number = stream.first("incident", bell="bell-desk").data["id"]
        first.process.stop(signal.SIGKILL)
        stream.close()
        second = lobby.start()
        incidents = second.admin().ask("GET", "/api/v1/incidents")[1]
        assert number in str(incidents)
