"""A real player of a real controller, broken for real: each fault has its word within ten seconds."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lobby.core.display_proof import SETTLES_IN_S
from lobby.core.site import PlaylistItem, Site
from lobby.core.words import say
from tests.eventually import soon
from tests.scenarios.house import ENVIRONMENT, House, Running, Visitor, house
from tests.scenarios.test_players import NAMES, bring, with_pictures

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

WITHIN_S = 10
DWELL_S = 5
WALL = [f"wall-{n}" for n in range(1, 8)]


def quick(site: Site) -> Site:
    """Small pictures that change every few seconds; a live scene on the large display."""
    made = with_pictures(site)
    items = tuple(PlaylistItem(asset=name, dwell_s=DWELL_S) for name in NAMES)
    lists = {name: each.model_copy(update={"items": items}) for name, each in made.playlists.items()}
    scene = (PlaylistItem(asset="aquarium-live", dwell_s=3600),)
    large = made.surfaces["main"].playlist
    return made.model_copy(update={"playlists": lists | {large: lists[large].model_copy(update={"items": scene})}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Glass:
    """A lobby whose player can be spoilt, and somebody who reads what the console says."""

    lobby: House
    running: Running
    admin: Visitor
    player: subprocess.Popen[bytes]
    spoil: Path
    began: float = field(default_factory=time.monotonic)

    def proof(self) -> Mapping[str, Mapping[str, Any]]:
        """What is told of each panel."""
        found: Mapping[str, Mapping[str, Any]] = self.admin.ask("GET", "/api/v1/status")[1]["documents"].get(
            "proof", {}
        )
        return found

    def words(self) -> dict[str, str]:
        """Panel → its word."""
        return {panel: told["word"] for panel, told in self.proof().items()}

    def well(self) -> bool:
        """Everything is on air and confirmed by its display."""
        words = self.words()
        return bool(words) and set(words.values()) == {"confirmed"}

    def says(self, panel: str, word: str, *, within_s: float = WITHIN_S) -> None:
        """The word comes in time, and no other panel of the wall has a fault before it or with it."""
        began = time.monotonic()
        soon(lambda: self.words()[panel] == word, within_s=within_s)
        assert time.monotonic() - began <= within_s + 1
        assert {self.words()[each] for each in WALL if each != panel} <= {"confirmed", "presented", word}

    def settled(self) -> None:
        """The displays have been on for so long that what they say against their pictures counts."""
        soon(lambda: time.monotonic() - self.began > SETTLES_IN_S + 1, within_s=SETTLES_IN_S + 5)

    def page(self, path: str = "/") -> str:
        """What a person reads."""
        return self.admin.raw("GET", path)[1].decode()


@pytest.fixture(scope="module")
def glass(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Glass]:
    """One house for all faults, with every panel confirmed before the first."""
    folder = tmp_path_factory.mktemp("glass")
    with house(folder, change=quick) as lobby:
        running = lobby.start()
        admin = running.admin()
        bring(lobby)
        token, spoil = folder / "player.token", folder / "spoil"
        token.write_text(running.order("token-create", role="player", player="lobby-player")["token"])
        words = ("play", "lobby-player", "--controller", running.url, "--token-file", str(token), "--headless")
        with (folder / "player.log").open("wb") as log:
            player = subprocess.Popen(
                [sys.executable, "-m", "tests.scenarios.badplayer", *lobby.words(*words)],
                stderr=log,
                env=ENVIRONMENT | {"SPOIL": str(spoil)},
            )
        try:
            found = Glass(lobby=lobby, running=running, admin=admin, player=player, spoil=spoil)
            soon(found.well, within_s=90)
            yield found
        finally:
            player.kill()
            player.wait()


@pytest.fixture(autouse=True)
def mended(glass: Glass) -> Iterator[None]:
    """What a test has broken is whole again when the next begins."""
    yield
    glass.spoil.unlink(missing_ok=True)
    glass.player.send_signal(signal.SIGCONT)
    for verb, how in (("mend", ""), ("set", "hdmi1"), ("set", "on")):
        glass.lobby.steer(verb, "display-wall-5", how)
    soon(glass.well, within_s=30)


def test_a_black_window_is_dark_and_the_sentence_says_it(glass: Glass) -> None:
    """One panel's part of the window is black: the wall's fourth screen is dark, in words, with a cure."""
    glass.spoil.write_text("wall-4 black")
    glass.says("wall-4", "dark")
    assert "병풍형 디스플레이 4번 화면이 검습니다" in glass.page()
    assert say("device.panel-dark.cure", "ko") in glass.page()
    assert say("proof.word.dark", "ko") in glass.page("/walls")
    glass.spoil.unlink()
    soon(glass.well)
    assert "검습니다" not in glass.page()


def test_another_picture_is_wrong(glass: Glass) -> None:
    """What nobody planned is called so."""
    glass.spoil.write_text("wall-2 other")
    glass.says("wall-2", "wrong")
    assert "병풍형 디스플레이 2번 화면에 다른 것이 나옵니다" in glass.page()


def test_another_picture_over_a_live_scene_is_wrong(glass: Glass) -> None:
    """A scene is never twice the same, and still nothing else passes for it."""
    glass.spoil.write_text("main-1 other")
    glass.says("main-1", "wrong")


def test_a_picture_that_stands_is_frozen(glass: Glass) -> None:
    """Ten seconds after it should have changed, at most."""
    glass.spoil.write_text("wall-6 stands")
    glass.says("wall-6", "frozen", within_s=WITHIN_S + DWELL_S)


def test_a_hung_loop_is_frozen_though_reports_go_on(glass: Glass) -> None:
    """The reporting thread lives; what it says of the glass grows old."""
    glass.spoil.write_text("wall-1 hangs")
    glass.says("wall-1", "frozen")
    soon(lambda: set(glass.words().values()) == {"frozen"}, within_s=2)


def test_a_stopped_player_is_stale(glass: Glass) -> None:
    """Nobody knows what stands there; the words are those of a silent player."""
    glass.player.send_signal(signal.SIGSTOP)
    glass.says("wall-3", "stale")
    assert say("proof.word.stale", "ko") in glass.page("/walls")


def test_the_test_pattern_says_what_it_is(glass: Glass) -> None:
    """Played by hand on the player's computer: no screen is in trouble, and none is unknown."""
    glass.player.send_signal(signal.SIGSTOP)
    words = ("play", "lobby-player", "--pattern", "--headless", "--scale", "0.25")
    token = str(glass.lobby.folder / "player.token")
    by_hand = glass.lobby.process(*words, "--controller", glass.running.url, "--token-file", token, log="pattern.log")
    soon(lambda: set(glass.words().values()) == {"test"}, within_s=40)
    assert say("proof.word.test", "ko") in glass.page("/walls")
    assert "조치할 일" not in glass.page()
    by_hand.stop()


@pytest.mark.parametrize(("habit", "cause"), [("no-signal", "no-signal"), ("screen-off", "screen-off")])
def test_what_a_display_says_against_its_picture_is_dark(glass: Glass, habit: str, cause: str) -> None:
    """The window is right, the display is not: its panel is dark, because of that, and the cure is the display's."""
    glass.settled()
    glass.lobby.steer("break", "display-wall-5", habit)
    glass.says("wall-5", "dark", within_s=WITHIN_S)
    assert glass.proof()["wall-5"]["cause"] == cause
    assert say(f"proof.cause.{cause}.what", "ko") in glass.page()
    glass.lobby.steer("mend", "display-wall-5")


def test_a_display_on_another_input_is_wrong_and_comes_back(glass: Glass) -> None:
    """Somebody pressed the remote control: confirmed no more, and confirmed again when the plug is chosen again."""
    glass.settled()
    glass.lobby.steer("set", "display-wall-5", "dp1")
    glass.says("wall-5", "wrong")
    assert glass.proof()["wall-5"]["cause"] == "wrong-input"
    assert say("proof.cause.wrong-input.cure", "ko").replace("'", "&#39;") in glass.page()
    glass.lobby.steer("set", "display-wall-5", "hdmi1")
    glass.says("wall-5", "confirmed")


def test_a_display_that_is_off_and_stays_off_is_dark_and_comes_back(glass: Glass) -> None:
    """It says yes to every order and follows none; switched on by hand it is confirmed again."""
    glass.settled()
    glass.lobby.steer("break", "display-wall-5", "lies")
    glass.lobby.steer("set", "display-wall-5", "off")
    glass.says("wall-5", "dark")
    assert glass.proof()["wall-5"]["cause"] == "display-off"
    glass.lobby.steer("mend", "display-wall-5")
    glass.lobby.steer("set", "display-wall-5", "on")
    glass.says("wall-5", "confirmed")


def test_a_display_without_power_confirms_nothing(glass: Glass) -> None:
    """It says nothing any more: what the player shows is on air, and nobody claims to know the glass."""
    glass.settled()
    glass.lobby.steer("unplug", "display-wall-3")
    glass.says("wall-3", "presented")
    glass.lobby.steer("mend", "display-wall-3")
    glass.says("wall-3", "confirmed", within_s=30)


def test_what_was_shown_is_counted_and_survives_a_kill(glass: Glass) -> None:
    """The command line and the page tell it; killed and started again, nothing of it is gone and nothing doubled."""
    table = glass.lobby.folder / "shown.csv"

    def counted() -> list[list[str]]:
        process = glass.lobby.process("media", "played", "-o", str(table), log="played.log")
        assert process.popen.wait(30) == 0, (glass.lobby.folder / "played.log").read_text()
        return list(csv.reader(io.StringIO(table.read_text(encoding="utf-8-sig"))))[1:]

    soon(lambda: len({row[2] for row in counted() if row[9] != "0"}) >= len(WALL), within_s=40)
    before = {(row[1], row[2], row[12], row[5]): int(row[10]) for row in counted()}
    assert "표출 · 그 가운데" in glass.page("/walls/history")
    glass.running.process.stop(signal.SIGKILL)
    glass.lobby.start()
    after = {(row[1], row[2], row[12], row[5]): int(row[10]) for row in counted()}
    assert all(before[key] - 1 <= after[key] <= before[key] + 30 for key in before)
