"""How soon an edit, a campaign's end and a deletion are on every panel of a wall that a real player draws."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

from tests.bench.rows import Row, percentile
from tests.eventually import soon
from tests.scenarios.house import house
from tests.scenarios.lists import PLAYER, Wall
from tests.scenarios.test_lists import ROLES, airing
from tests.scenarios.test_players import NAMES, bring, full, started, with_pictures

BAR_S = 2.0
LONGEST_S = 20.0
REMOVALS = 5
PLAYLIST = "/api/v1/playlists/cities"


def measured(folder: Path, edits: int) -> list[Row]:
    """Seconds from the request until the player has reported the change of all seven panels."""
    with house(folder, change=with_pictures) as lobby:
        running = lobby.start()
        bring(lobby)
        admin = running.person("curator", *ROLES)
        started(lobby, running, PLAYER)
        soon(lambda: full(admin, PLAYER), within_s=60)
        wall = Wall(admin)
        wall.after("PUT", PLAYLIST, wall.play(0), 0, within_s=LONGEST_S)
        edited = [_edit(wall, number) for number in range(edits)]
        removed = [took for _ in range(REMOVALS) for took in _removals(wall)]
    return [
        Row(name="an edit on all panels, median", value=percentile(edited, 0.5), unit="s", limit=None, bar=BAR_S),
        Row(name=f"an edit on all panels, longest of {edits}", value=max(edited), unit="s", limit=None, bar=BAR_S),
        Row(
            name=f"a deletion or a campaign's end on all panels, longest of {len(removed)}",
            value=max(removed),
            unit="s",
            limit=None,
            bar=BAR_S,
        ),
    ]


def _edit(wall: Wall, number: int) -> float:
    _any_moment(number)
    picture = 1 - number % 2
    return wall.after("PUT", PLAYLIST, wall.play(picture), picture, within_s=LONGEST_S)


def _removals(wall: Wall) -> tuple[float, float]:
    """A campaign of the third picture ends; the second picture is deleted from a playlist that shows it first."""
    wall.after("PUT", PLAYLIST, wall.play(0), 0, within_s=LONGEST_S)
    campaign = wall.done("POST", "/api/v1/airings", airing(wall, 2))
    soon(lambda: wall.shows(2), within_s=LONGEST_S)
    ended = wall.after("DELETE", f"/api/v1/airings/{campaign['id']}", {}, 0, within_s=LONGEST_S)
    wall.done("PUT", PLAYLIST, wall.play(1, 0, mode="one-per-panel"))
    soon(lambda: wall.shows(0, 1), within_s=LONGEST_S)
    deleted = wall.after("DELETE", f"/api/v1/assets/{NAMES[1]}", {}, 0, within_s=LONGEST_S)
    wall.done("POST", f"/api/v1/assets/{NAMES[1]}/restore", {})
    return ended, deleted


def _any_moment(number: int) -> None:
    """Not in step with the second in which a player asks."""
    time.sleep(Random(number).random())
