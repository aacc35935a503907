"""Devices: desired, reported, age, why, mode, and the trace of one thing."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from devices.trace import Trace, Way
from lobby.core.site import Site
from lobby.day.modes import Held, Mode
from lobby.web.roles import Role
from tests.lobby.web.pages.standin import StandIn, sample, stand_in
from tests.lobby.web.pages.test_pages import get

LEAD = frozenset({Role.DUTY})


def house() -> StandIn:
    """A house where all is well."""
    made = stand_in()
    made.all_well()
    return made


def test_every_thing_with_a_wire_has_its_row() -> None:
    """Displays, switches, café and bells, each with a way to its own page."""
    made, text = house(), get(house(), "/devices").text
    wired = [name for name, thing in made.site.things.items() if thing.kind not in {"desk", "room"}]
    assert [name for name in wired if f'href="/devices/{name}"' not in text] == []


def test_what_is_wrong_is_said_with_its_cure() -> None:
    """A lost switch: the word, what it means, what to do, and the help page."""
    made = house()
    made.hub.update("desk-lights", availability="lost", lost_cause="silent")
    text = get(made, "/devices/desk-lights").text
    assert "통신 끊김" in text
    assert "기기가 응답하지 않습니다" in text
    assert 'href="/help/maintenance"' in text


def test_a_hold_names_its_person_reason_and_end() -> None:
    """Who took it out, why, until when; and the way back."""
    made = house()
    made.hub.update("siren", mode="hold")
    end = made.clock.now() + timedelta(hours=1)
    held = Held(mode=Mode.HOLD, person="p1", reason="배선 고침", until=end)
    made.modes = SimpleNamespace(held=lambda _moment: {"siren": held})
    text = get(made, "/devices", roles=LEAD).text
    assert "21:41까지 · 김지현 · 배선 고침" in text
    assert text.count('value="automatic"') == 1


def test_the_wire_is_shown_to_who_leads_only() -> None:
    """Bytes as pairs of digits, newest first; a guard sees the device, not its wire."""
    made = house()
    trace = Trace(made.clock)
    trace.note("display-main", Way.ASKED, b"\xaa\x11\x01\x00")
    trace.note("display-main", Way.HEARD, b"\xaa\xff\x01")
    made.exchanges = trace.of
    text = get(made, "/devices/display-main", roles=LEAD).text
    assert text.index("AA FF 01") < text.index("AA 11 01 00")
    assert "AA FF 01" not in get(made, "/devices/display-main", roles=frozenset({Role.GUARD})).text


def test_messages_on_the_wire_are_text() -> None:
    """What a thing wrote is never markup."""
    made = house()
    trace = Trace(made.clock)
    trace.note("desk-sign", Way.HEARD, b"<script>alert(1)</script>\xff", "stat/desk-sign/POWER")
    made.exchanges = trace.of
    text = get(made, "/devices/desk-sign", roles=LEAD).text
    assert "stat/desk-sign/POWER" in text
    assert "<script>alert" not in text


def test_only_who_leads_may_change_a_mode() -> None:
    """Others are offered no form."""
    assert "/modes" not in get(house(), "/devices", roles=frozenset({Role.VIEWER})).text
    assert "/modes" in get(house(), "/devices", roles=LEAD).text


@pytest.mark.parametrize("path", ["/devices/nothing", "/devices/civil-desk", "/devices/wall"])
def test_what_has_no_wire_has_no_page(path: str) -> None:
    """A desk, a surface and a stranger are no devices."""
    assert get(house(), path).status_code == 404


def test_a_place_without_devices_has_no_such_page() -> None:
    """Neither page nor menu word."""
    site = sample("small-office")
    bare = Site.model_validate({**site.model_dump(), "things": {}, "kiosk": None})
    made = stand_in(site=bare)
    assert get(made, "/devices").status_code == 404
    assert 'href="/devices"' not in get(made, "/").text
