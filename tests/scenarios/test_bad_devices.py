"""Devices that answer wrongly or not at all: staff read place, cause and cure; afterwards all is as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lobby.core.site import Display, Site
from tests.eventually import soon
from tests.scenarios.house import House, always_open, house
from tests.scenarios.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

TRIED_AGAIN_S = 45  # an order that was refused is sent again after half a minute

HABITS = {
    "rubbish": "bad-frame",
    "wrong-sum": "check-error",
    "silent": "silent",
    "refuses": "refused",
    "no-signal": "no-signal",
    "screen-off": "screen-off",
}


@pytest.fixture(scope="module")
def lobby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for every habit of a display."""
    with house(tmp_path_factory.mktemp("devices"), change=_quick) as found:
        yield found


@pytest.fixture(scope="module")
def staff(lobby: House) -> Iterator[Staff]:
    """Whoever is on duty, with every display on; at the end nothing is lost."""
    on_duty = Staff(lobby)
    soon(lambda: all(lobby.shows(name)["on"] for name in lobby.site.of(Display)), within_s=30)
    yield on_duty
    on_duty.nothing_lost()


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("display", ["display-main", "display-wall-3"])
def test_a_display_with_a_bad_habit_is_told(lobby: House, staff: Staff, display: str, habit: str) -> None:
    """On the network and on a serial line; mended, it is gone from the list and the display is on."""
    lobby.steer("break", display, habit)
    staff.reads(f"device.{HABITS[habit]}", place=display, within_s=20)
    staff.press_goes_through()
    lobby.steer("mend", display)
    staff.no_longer_reads(f"device.{HABITS[habit]}", within_s=TRIED_AGAIN_S)
    soon(lambda: staff.status()["things"][display]["health"] == "ok", within_s=20)
    assert lobby.shows(display)["on"]


def test_a_display_that_lies_is_told(lobby: House, staff: Staff) -> None:
    """It says yes and does not follow; mended, it follows."""
    lobby.steer("break", "display-main", "lies")
    override = staff.override("main", "off")
    staff.reads("device.did-not-follow", place="display-main", within_s=20)
    lobby.steer("mend", "display-main")
    status, answer = staff.visitor.ask("POST", f"/api/v1/things/main/overrides/{override}/end", {})
    assert status == 200, answer
    staff.no_longer_reads("device.did-not-follow", within_s=20)
    assert lobby.shows("display-main")["on"]


def test_a_serial_cable_pulled_out_is_told_and_healed(lobby: House, staff: Staff) -> None:
    """Within 15 s seven displays are missed; what was wanted meanwhile is done when the cable is back."""
    lobby.steer("cut", "wall-line")
    staff.reads("device.port-missing", place="display-wall-1", within_s=15)
    staff.press_goes_through()
    staff.override("wall", "off")
    lobby.steer("mend", "wall-line")
    staff.no_longer_reads("device.port-missing", within_s=20)
    soon(lambda: not any(lobby.shows(f"display-wall-{n}")["on"] for n in range(1, 8)), within_s=30)


def test_a_bell_s_cable_pulled_out_is_told_and_healed(tmp_path: Path) -> None:
    """In the small office too: nobody takes the silence of its only bell for quiet."""
    with house(tmp_path, site="small-office") as lobby:
        staff = Staff(lobby)
        staff.press_goes_through("bell-counter")
        lobby.steer("cut", "bell-line")
        staff.reads("device.port-missing", place="bell-counter", within_s=15)
        lobby.steer("mend", "bell-line")
        staff.no_longer_reads("device.port-missing")
        staff.press_goes_through("bell-counter")
        staff.nothing_lost()


def _quick(site: Site) -> Site:
    """Always open, with displays asked so often that their own fault list comes up soon."""
    quick = {
        name: thing.model_copy(update={"poll_s": 0.5}) if isinstance(thing, Display) else thing
        for name, thing in site.things.items()
    }
    return always_open(site).model_copy(update={"things": quick})
