"""What players and displays say becomes a word for every panel, troubles of its surface, and nothing for strangers."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.compiler import compile_programme
from lobby.core.hub import Hub
from lobby.core.words import LANGUAGES, catalogue
from lobby.ops.day import kinds
from lobby.ops.proving import DOCUMENT, TROUBLES, Proving
from media.assets import AssetStore
from media.expected import ExpectedPrints
from media.prints import BLACK, LENGTH
from media.programme import Programme
from tests.lobby.core.galleries import NOON, SITE
from tests.lobby.core.test_compiler import ASSETS
from tests.lobby.ops.test_glass import ON, Surfaces
from tests.media.builders import sha
from tests.running import run

PARIS, HELLO = sha("paris54x96"), sha("hello96x48")
LOOKS = {PARIS: bytes([80]) * LENGTH, HELLO: bytes([160]) * LENGTH}
OTHER = bytes([230]) * LENGTH
RIGHT = {"wall-1": LOOKS[PARIS], "wall-2": LOOKS[PARIS], "led-1": LOOKS[HELLO]}


class KnownPrints(ExpectedPrints):
    """Prints that somebody has made."""

    def known(self, sha: str) -> tuple[bytes, ...] | None:
        """Of these two contents."""
        return (LOOKS[sha],) if sha in LOOKS else None


class House:
    """A judge of the one player of a small site."""

    def __init__(self, folder: Path) -> None:
        self.clock = VirtualClock(NOON)
        self.programme = compile_programme(
            SITE, "one", agendas=ON, playlists=SITE.playlists, pins={}, assets=ASSETS, now=NOON
        )
        self.hub = Hub(self.clock, kinds(SITE))
        self.surfaces = Surfaces()
        self.proving = Proving(
            SITE,
            clock=self.clock,
            hub=self.hub,
            sink=self.surfaces,
            programmes=self,
            prints=KnownPrints(folder, AssetStore(folder)),
        )

    def of(self, player: str) -> Programme | None:
        """The newest."""
        return self.programme if player == "one" else None

    def version(self, player: str, version: object) -> Programme | None:
        """The newest, by its name."""
        return self.programme if version == self.programme.version else None

    def pass_s(self, seconds: int, prints: dict[str, bytes] | None, **said: Any) -> dict[str, str]:
        """Report and judge every second for so long; the words then."""
        for _ in range(seconds):
            run(self.clock.advance(1))
            if prints is not None:
                self.proving.reported("one", self.report(self.clock.now(), prints) | said)
            self.proving.judge()
        return {panel: told["word"] for panel, told in self.hub.documents()[DOCUMENT].items()}

    def report(self, moment: datetime, prints: dict[str, bytes]) -> dict[str, Any]:
        """As a player sends it."""
        told = {panel: [moment.isoformat(), print_.hex()] for panel, print_ in prints.items()}
        return {"version": self.programme.version, "prints": told}


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A small house at noon, everything on."""
    return House(tmp_path)


def test_right_prints_are_on_air(house: House) -> None:
    """Where no display is asked nothing is confirmed."""
    words = house.pass_s(5, RIGHT)
    assert words == dict.fromkeys(RIGHT, "presented")
    assert not house.surfaces.wrong


@pytest.mark.parametrize(("print_", "word"), [(BLACK, "dark"), (OTHER, "wrong")], ids=["dark", "wrong"])
def test_a_fault_is_a_trouble_of_its_surface_until_it_is_mended(house: House, print_: bytes, word: str) -> None:
    """Within ten seconds, with the moment since when; and over with the next right picture."""
    house.pass_s(5, RIGHT)
    words = house.pass_s(10, RIGHT | {"wall-2": print_})
    assert words == {"wall-1": "presented", "wall-2": word, "led-1": "presented"}
    assert house.surfaces.wrong == {("wall", f"panel-{word}")}
    told = house.hub.documents()[DOCUMENT]["wall-2"]
    assert told["surface"] == "wall"
    assert timedelta(seconds=2) < house.clock.now() - told["since"] < timedelta(seconds=8)
    assert (house.pass_s(2, RIGHT))["wall-2"] == "presented"
    assert not house.surfaces.wrong


def test_a_silent_player_is_stale_and_no_trouble_of_its_own(house: House) -> None:
    """That it is silent is told by the availability of its surfaces already."""
    house.pass_s(5, RIGHT)
    assert house.pass_s(10, None) == dict.fromkeys(RIGHT, "stale")
    assert not house.surfaces.wrong


def test_one_wrong_look_changes_no_word(house: House) -> None:
    """A print that came too late or too early is not worth a flicker on the page."""
    house.pass_s(5, RIGHT)
    assert house.pass_s(1, RIGHT | {"wall-1": OTHER}) == dict.fromkeys(RIGHT, "presented")
    assert house.pass_s(1, RIGHT) == dict.fromkeys(RIGHT, "presented")


def test_a_panel_with_nothing_to_show_is_not_called_wrong(house: House) -> None:
    """The player has told that trouble itself; nothing is proved meanwhile."""
    words = house.pass_s(12, RIGHT | {"wall-1": OTHER}, standby=["wall-1"])
    assert words["wall-1"] == "unknown"
    assert not house.surfaces.wrong


def test_the_test_pattern_says_what_it_is_and_the_truth_comes_back(house: House) -> None:
    """Somebody plays it on the player's own computer: no fault however it looks, and none of it counts as a work."""
    house.pass_s(5, RIGHT)
    pattern = dict.fromkeys(RIGHT, OTHER)
    assert house.pass_s(12, pattern, pattern=True, version="alone") == dict.fromkeys(RIGHT, "test")
    assert not house.surfaces.wrong
    assert house.pass_s(3, RIGHT) == dict.fromkeys(RIGHT, "presented")
    house.pass_s(3, pattern, pattern=True)
    assert house.pass_s(8, None) == dict.fromkeys(RIGHT, "stale")


def test_the_test_pattern_of_a_player_says_nothing_of_others(house: House) -> None:
    """Nor does nonsense under its name."""
    house.pass_s(5, RIGHT)
    for prints in (None, {"elsewhere": 5}, {"wall-1": ["never", "00"]}):
        house.proving.reported("one", {"pattern": True, "prints": prints})
    assert house.pass_s(1, RIGHT) == dict.fromkeys(RIGHT, "presented")


def test_a_player_with_a_wrong_clock_must_show_what_is_due_by_ours(house: House) -> None:
    """Whose moments are far off is judged by the shared time: dark panels of its night are dark at our noon."""
    for _ in range(12):
        run(house.clock.advance(1))
        theirs = house.clock.now() - timedelta(hours=9)
        house.proving.reported("one", house.report(theirs, dict.fromkeys(RIGHT, BLACK)))
        house.proving.judge()
    words = house.hub.documents()[DOCUMENT]
    assert {told["word"] for told in words.values()} == {"dark"}


@pytest.mark.parametrize(
    "prints",
    [
        None,
        "nonsense",
        [],
        {"wall-1": "abc"},
        {"wall-1": ["yesterday", "00" * LENGTH]},
        {"wall-1": ["2026-11-24T12:00:00", "00" * LENGTH]},
        {"wall-1": [NOON.isoformat(), "00"]},
        {"wall-1": [NOON.isoformat(), 7]},
        {"elsewhere": [NOON.isoformat(), "00" * LENGTH]},
    ],
)
def test_nonsense_proves_nothing(house: House, prints: object) -> None:
    """What a machine says wrongly is as if it said nothing."""
    house.proving.reported("one", {"version": house.programme.version, "prints": prints})
    house.proving.judge()
    assert {told["word"] for told in house.hub.documents()[DOCUMENT].values()} == {"unknown"}


def test_every_trouble_of_a_panel_has_words_and_a_cure() -> None:
    """In both languages; so have the words themselves and what displays say against a picture."""
    for language in LANGUAGES:
        words = catalogue(language)
        for word, code in TROUBLES.items():
            assert words[f"device.{code}.what"]
            assert words[f"device.{code}.cure"]
            assert words[f"proof.trouble.{word.value}"]
        for cause in ("display-off", "screen-off", "wrong-input", "no-signal"):
            assert words[f"proof.cause.{cause}.cure"]
