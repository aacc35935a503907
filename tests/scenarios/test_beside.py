"""Beside another signage player on real wires: only the input moves, and another maker's client sees it move."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lobby.core.site import Beside, Display, Site
from tests.eventually import soon
from tests.scenarios.house import House, always_open, house
from tests.scenarios.test_screens import override, told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

OURS, THEIRS, PRESENTED = 0x21, 0x23, 0x25
MAIN = "display-main"


def test_the_display_is_lent_and_taken_back_by_its_input_alone(tmp_path: Path) -> None:
    """Off for us is the other player's picture, an urgent notice takes it and gives it back, a person's input stays.

    Ours comes back with our hours; the power is never touched.
    """
    with house(tmp_path, change=beside) as lobby:
        running = lobby.start()
        admin = running.admin()
        soon(lambda: lobby.shows(MAIN)["lit"] and lobby.shows(MAIN)["input"] == OURS, within_s=40)
        switched_on = lobby.shows(MAIN)["switched_on_at"]
        override(admin, "main", "off", datetime.now(UTC) + timedelta(minutes=30))
        soon(lambda: told(admin)[MAIN]["reported"] == "beside", within_s=10)
        assert "HDMI2" in said_to(lobby, "input_source")
        assert told(admin)[MAIN]["health"] == "ok"
        assert all("다른 표출기 화면" in admin.ask("GET", page)[1] for page in (f"/devices/{MAIN}", "/walls"))
        until = (datetime.now(UTC) + timedelta(minutes=30)).isoformat()
        wanted = {"phrase": "evacuate", "surfaces": ["main"], "until": until, "confirm": "yes"}
        status, notice = admin.ask("POST", "/api/v1/notices", wanted)
        assert status == 201, notice
        soon(lambda: lobby.shows(MAIN)["input"] == OURS)
        admin.ask("POST", f"/api/v1/notices/{notice['id']}/end", {})
        soon(lambda: lobby.shows(MAIN)["input"] == THEIRS)
        said_to(lobby, "input_source", "DISPLAY_PORT_1")
        soon(lambda: told(admin)[MAIN]["troubles"] == ["wrong-input"], within_s=10)
        assert lobby.shows(MAIN)["input"] == PRESENTED
        (off,) = admin.ask("GET", "/api/v1/things/main/overrides")[1]
        admin.ask("POST", f"/api/v1/things/main/overrides/{off['id']}/end", {})
        soon(lambda: lobby.shows(MAIN)["input"] == OURS)
        soon(lambda: told(admin)[MAIN]["reported"] == "on")
        assert lobby.shows(MAIN)["switched_on_at"] == switched_on
        running.process.stop()


def beside(site: Site) -> Site:
    """Open all day; another player sits on the large display's second input, all day too."""
    site = always_open(site)
    display = site.things[MAIN]
    assert isinstance(display, Display)
    shared = Beside(input="hdmi2", hours="media-wall")
    quick = display.model_copy(update={"beside": shared, "poll_s": 0.5, "warm_up_s": 3})
    return site.model_copy(update={"things": {**site.things, MAIN: quick}})


def said_to(lobby: House, *words: str) -> str:
    """What the samsung-mdc command line says to the display, as somebody with a laptop would."""
    address = lobby.site.links["main-line"].url.removeprefix("tcp://")
    program = str(Path(sys.executable).with_name("samsung-mdc"))
    done = subprocess.run([program, f"1@{address}", *words], capture_output=True, text=True, timeout=20, check=False)
    return done.stdout + done.stderr
