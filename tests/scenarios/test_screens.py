"""Real displays on real wires follow their surface's hours: ahead, one by one, with their picture and their sound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lobby.core.site import Display, Site
from tests.eventually import soon
from tests.scenarios.house import House, Visitor, always_open, house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

WALL = tuple(f"display-wall-{number}" for number in range(1, 8))
GAP_S = 0.3
CLOSED_S = 14


@pytest.mark.alone
def test_the_whole_wall_follows_its_surface_one_by_one_and_is_lit_when_it_opens(tmp_path: Path) -> None:
    """Seven on one serial line: off with their surface and healthy so, on ahead of its end, none within a gap."""
    with house(tmp_path, change=quick_wall) as lobby:
        admin = lobby.start().admin()
        soon(lambda: all(each["lit"] for each in seven(lobby)), within_s=40)
        assert apart(lobby)
        until = datetime.now(UTC) + timedelta(seconds=CLOSED_S)
        override(admin, "wall", "off", until)
        soon(lambda: {told(admin)[name]["health"] for name in WALL} == {"off-on-purpose"}, within_s=12)
        assert not any(each["on"] for each in seven(lobby))
        soon(lambda: all(each["lit_at"] for each in seven(lobby)), within_s=30)
        lit = [datetime.fromisoformat(each["lit_at"]) for each in seven(lobby)]
        assert until - timedelta(seconds=5) < max(lit) <= until
        assert apart(lobby)
        soon(lambda: {fact["subject"] for fact in lobby.facts() if fact["kind"] == "display.lit"} >= set(WALL))


def test_on_without_a_picture_is_told_and_an_emergency_silences_the_media(tmp_path: Path) -> None:
    """The large display: no signal in words with its cure; its volume off while a bell is open, back afterwards."""
    with house(tmp_path, change=quick_wall) as lobby:
        running = lobby.start()
        guard = running.guard()
        soon(lambda: lobby.shows("display-main")["loudness"] == 8, within_s=40)
        assert told(guard)["sound-main"]["desired"] == "8"
        lobby.steer("press", "bell-desk")
        soon(lambda: lobby.shows("display-main")["loudness"] == 0)
        soon(lambda: told(guard)["sound-main"]["rule"].startswith("emergency:bell:"))
        (incident,) = guard.ask("GET", "/api/v1/status")[1]["documents"]["incidents"]
        for step, words in (
            ("acknowledge", {}),
            ("arrive", {"way": "relay", "by": "공공안전관"}),
            ("end", {"way": "place"}),
        ):
            status, answer = guard.ask("POST", f"/api/v1/incidents/{incident['id']}/{step}", words)
            assert status == 200, answer
        soon(lambda: lobby.shows("display-main")["loudness"] == 8)
        lobby.steer("break", "display-main", "no-signal")
        soon(lambda: told(guard)["display-main"]["troubles"] == ["no-signal"], within_s=20)
        page = guard.ask("GET", "/devices/display-main")[1]
        assert "디스플레이에 영상 신호가 들어오지 않습니다." in page
        assert "영상선이 양쪽에 꽂혀 있는지 보세요." in page
        lobby.steer("mend", "display-main")
        soon(lambda: told(guard)["display-main"]["troubles"] == [], within_s=20)


def quick_wall(site: Site) -> Site:
    """Open all day; displays warm in three seconds, asked every second, a short gap between them."""
    change = {"poll_s": 1.0, "warm_up_s": 3}
    things = {
        name: one.model_copy(update=change) if isinstance(one, Display) else one for name, one in site.things.items()
    }
    about = site.site.model_copy(update={"inrush_gap_s": GAP_S})
    return always_open(site.model_copy(update={"site": about, "things": things}))


def seven(lobby: House) -> list[dict[str, Any]]:
    """The wall's displays as somebody in front of them sees them."""
    return [lobby.shows(name) for name in WALL]


def apart(lobby: House) -> bool:
    """No two of the line were switched on within the gap."""
    moments = sorted(datetime.fromisoformat(each["switched_on_at"]) for each in seven(lobby))
    return all((after - before).total_seconds() >= GAP_S - 0.02 for before, after in pairwise(moments))


def told(person: Visitor) -> dict[str, dict[str, Any]]:
    """The state of every thing."""
    status, answer = person.ask("GET", "/api/v1/status")
    assert status == 200, answer
    found: dict[str, dict[str, Any]] = answer["things"]
    return found


def override(person: Visitor, thing: str, value: str, until: datetime) -> None:
    """A change for a while."""
    body = {"value": value, "until": until.isoformat(), "reason": "시험"}
    status, answer = person.ask("POST", f"/api/v1/things/{thing}/overrides", body)
    assert status == 201, answer
