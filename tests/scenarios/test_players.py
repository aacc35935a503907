"""Real players of a real controller: one for all, one for each surface, two under one name, previews to the byte."""

from __future__ import annotations

import hashlib
import io
import re
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lobby.core.site import Player, PlaylistItem, Site
from lobby.core.words import explain
from media.programme import Programme, frame
from media.wire import from_json
from tests.eventually import soon
from tests.scenarios.house import House, Process, Running, Visitor, house, one_person

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

COLOURS = ((180, 60, 60), (60, 180, 60), (60, 60, 180))
ONE = {"lobby-player": ("wall", "main", "desk-led")}
THREE = {"wall-player": ("wall",), "main-player": ("main",), "led-player": ("desk-led",)}
SMALL = {"wall": (216, 384), "main": (480, 270), "desk-led": (240, 120)}


def drawing(colour: tuple[int, int, int]) -> bytes:
    """A picture that is unlike its neighbours."""
    into = io.BytesIO()
    image = Image.linear_gradient("L").resize((540, 960))
    Image.composite(Image.new("RGB", image.size, colour), Image.new("RGB", image.size), image).save(into, "PNG")
    return into.getvalue()


PICTURES = [drawing(colour) for colour in COLOURS]
NAMES = [hashlib.sha256(data).hexdigest() for data in PICTURES]


def with_pictures(site: Site, players: Mapping[str, tuple[str, ...]] = ONE) -> Site:
    """Always open, three small pictures in every playlist, these players."""
    items = tuple(PlaylistItem(asset=name, dwell_s=3600) for name in NAMES)
    open_site = one_person(site)
    surfaces = {
        name: surface.model_copy(
            update={"panels": tuple(panel.model_copy(update={"pixels": SMALL[name]}) for panel in surface.panels)}
        )
        for name, surface in open_site.surfaces.items()
    }
    return open_site.model_copy(
        update={
            "surfaces": surfaces,
            "playlists": {name: each.model_copy(update={"items": items}) for name, each in open_site.playlists.items()},
            "players": {name: Player(surfaces=surfaces) for name, surfaces in players.items()},
        }
    )


def with_three_players(site: Site) -> Site:
    """A machine for the wall, one for the large display, one for the LED."""
    return with_pictures(site, THREE)


def bring(lobby: House) -> None:
    """Take the pictures in, by the command line."""
    paths = [lobby.folder / f"{name[:8]}.png" for name in NAMES]
    for path, data in zip(paths, PICTURES, strict=True):
        path.write_bytes(data)
    done = lobby.process("media", "add", *map(str, paths), "--ko", "색", "--en", "Colour", log="media.log")
    assert done.popen.wait(60) == 0, (lobby.folder / "media.log").read_text()


def started(lobby: House, running: Running, player: str) -> Process:
    """A player in the full size of its small panels."""
    token = lobby.folder / f"{player}.token"
    token.write_text(running.order("token-create", role="player", player=player)["token"])
    words = ("--controller", running.url, "--token-file", str(token), "--headless")
    return lobby.process("play", player, *words, log=f"{player}.log")


def told(admin: Visitor) -> Mapping[str, Any]:
    """The live documents of the players."""
    found: Mapping[str, Any] = admin.ask("GET", "/api/v1/status")[1]["documents"].get("players", {})
    return found


def full(admin: Visitor, player: str) -> bool:
    """Whether every panel of a player has a picture."""
    panels = told(admin).get(player, {}).get("panels", {})
    return bool(panels) and all(panels.values())


def kept(lobby: House, player: str) -> set[str]:
    """What lies on a player's disk."""
    return {path.name for path in (lobby.data / player / "content").glob("??/*")}


def causes(admin: Visitor, surface: str) -> set[str]:
    """What is wrong with a surface."""
    return set(admin.ask("GET", "/api/v1/status")[1]["things"][surface]["causes"])


def drawn(lobby: House, surface: str, at: str, *, name: str = "drawn.jpg") -> bytes:
    """What `lobby preview` draws."""
    path = lobby.folder / name
    done = lobby.process("preview", surface, "--at", at, "-o", str(path), log="preview.log")
    assert done.popen.wait(60) == 0, (lobby.folder / "preview.log").read_text()
    return path.read_bytes()


def programme(lobby: House, running: Running, player: str) -> Programme:
    """A player's programme, fetched with its own token."""
    visitor = running.visitor()
    visitor.headers["Authorization"] = f"Bearer {(lobby.folder / f'{player}.token').read_text()}"
    return from_json(visitor.raw("GET", f"/api/v1/programmes/{player}")[1])


def at_rest(lobby: House, running: Running, admin: Visitor, player: str) -> bool:
    """Whether the glass is as the programme wants it."""
    wanted = frame(programme(lobby, running, player), datetime.now(UTC))
    return bool(told(admin)[player]["panels"] == {panel: shown and shown.shows for panel, shown in wanted.items()})


def seen(admin: Visitor, player: str, surface: str) -> tuple[bytes, str]:
    """The console's small copy of a surface, and the moment it was presented at, once the glass is at rest."""
    copies: list[tuple[bytes, str]] = []

    def rests() -> bool:
        status, data, headers = admin.raw("GET", f"/api/v1/players/{player}/preview?surface={surface}")
        if status == 200 and headers["X-Shown-At"] >= told(admin)[player]["due"]:
            copies.append((data, headers["X-Shown-At"]))
        return bool(copies)

    soon(rests)
    return copies[0]


def test_three_players_pull_only_what_is_theirs_and_preview_is_what_they_present(tmp_path: Path) -> None:
    """Each has its own token, programme and contents; drawn by the command line, each surface is the same to the byte.

    Without broker; without the controller the command draws from the journal, and it refuses what is not there.
    """
    with house(tmp_path, change=with_three_players) as lobby:
        running = lobby.start()
        admin = running.admin()
        assert lobby.broker is not None
        lobby.broker.kill()
        bring(lobby)
        for player in THREE:
            started(lobby, running, player)
        soon(lambda: all(full(admin, player) for player in THREE), within_s=40)
        soon(lambda: all(len(kept(lobby, player)) == len(NAMES) for player in THREE))
        contents = [kept(lobby, player) for player in THREE]
        assert len(set().union(*contents)) == sum(map(len, contents))
        token = (lobby.folder / "led-player.token").read_text()
        visitor = running.visitor()
        visitor.headers["Authorization"] = f"Bearer {token}"
        assert [visitor.ask("GET", f"/api/v1/programmes/{player}")[0] for player in THREE] == [404, 404, 200]
        assert programme(lobby, running, "led-player").content() == contents[2]
        for player, (surface,) in THREE.items():
            soon(lambda player=player: at_rest(lobby, running, admin, player))  # type: ignore[misc]
            presented, at = seen(admin, player, surface)
            assert drawn(lobby, surface, at) == presented, surface
        later = "2027-01-05T10:00:00+09:00"
        asked = drawn(lobby, "wall", later)
        running.process.stop()
        assert drawn(lobby, "wall", later) == asked
        with Image.open(io.BytesIO(drawn(lobby, "wall", later, name="large.png"))) as picture:
            assert picture.size == (1588, 384)
        refused = lobby.process("preview", "roof", "-o", str(lobby.folder / "roof.jpg"), log="refused.log")
        assert refused.popen.wait(20) == 1
        assert "roof" in (lobby.folder / "refused.log").read_text()


def test_two_players_under_one_name_are_both_named(tmp_path: Path) -> None:
    """The first one's reports stand, both addresses are told in words; when one ends nothing is wrong any more."""
    with house(tmp_path, change=with_pictures) as lobby:
        running = lobby.start()
        admin = running.admin()
        bring(lobby)
        first = started(lobby, running, "lobby-player")
        soon(lambda: full(admin, "lobby-player"), within_s=40)
        elsewhere = str(lobby.folder / "elsewhere")
        words = ("--controller", running.url, "--token-file", str(lobby.folder / "lobby-player.token"), "--headless")
        twin = Process(
            *(
                "--site",
                str(lobby.site_file),
                "--data",
                elsewhere,
                "play",
                "lobby-player",
                *words,
            ),
            log=lobby.folder / "twin.log",
        )
        try:
            soon(lambda: "two-players" in causes(admin, "wall"), within_s=30)
            addresses = admin.ask("GET", "/api/v1/status")[1]["things"]["wall"]["detail"]["addresses"]
            assert len(set(re.findall(r"127\.0\.0\.1:\d+", addresses))) == 2
            assert addresses in admin.raw("GET", "/")[1].decode()
            soon(lambda: "another player plays as lobby-player" in (lobby.folder / "twin.log").read_text())
        finally:
            twin.stop(signal.SIGKILL)
        soon(lambda: "two-players" not in causes(admin, "wall"))
        assert first.popen.poll() is None


def test_missing_asset_is_told_in_words_and_the_next_one_shown(tmp_path: Path) -> None:
    """A file is gone from the controller's disk: its panel shows the next picture, the console names it by title."""
    with house(tmp_path, change=with_pictures) as lobby:
        running = lobby.start()
        admin = running.admin()
        bring(lobby)
        (asset,) = (row for row in admin.ask("GET", "/api/v1/assets")[1]["assets"] if row["id"] == NAMES[1])
        gone = asset["renditions"]["216x384"]
        (lobby.data / "assets" / gone[:2] / gone).unlink()
        started(lobby, running, "lobby-player")
        soon(lambda: causes(admin, "wall") == {"content-missing"}, within_s=40)
        soon(lambda: full(admin, "lobby-player"))
        assert gone not in told(admin)["lobby-player"]["panels"].values()
        assert causes(admin, "main") == set()
        assert asset["title"] in admin.raw("GET", "/")[1].decode()


def test_words_of_two_players_name_both() -> None:
    """The slots of the words are those that the watch over the glass fills."""
    from lobby.core.problem import Problem

    params = {"player": "p", "addresses": "10.0.0.7:1, 10.0.0.8:2"}
    what, _ = explain(Problem(code="device.two-players", params=params), "en")
    assert "10.0.0.7:1, 10.0.0.8:2" in what
