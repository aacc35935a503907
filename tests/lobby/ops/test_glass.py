"""Players' reports become what surfaces report and what is wrong with them, in codes that have words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from devices.reports import Availability, Reported
from lobby.core.clock import VirtualClock
from lobby.core.compiler import compile_programme
from lobby.core.words import LANGUAGES, catalogue
from lobby.ops import glass
from lobby.ops.glass import GlassWatch
from media.player import troubles
from media.programme import Programme
from media.wire import version_of
from tests.lobby.core.galleries import NOON, SITE
from tests.lobby.core.test_compiler import ASSETS, HOUR, Span
from tests.media.builders import sha

PARIS, HELLO = sha("paris54x96"), sha("hello96x48")
ON = {"wall": [Span("on", NOON - HOUR, NOON + HOUR)], "led": [Span("on", NOON - HOUR, NOON + HOUR)]}
SHOWING = {"wall-1": PARIS, "wall-2": PARIS, "led-1": HELLO}


class Surfaces:
    """A sink that remembers what surfaces last said and what is wrong with them."""

    def __init__(self) -> None:
        self.values: dict[str, Reported] = {}
        self.wrong: set[tuple[str, str]] = set()

    def reported(self, report: Reported) -> None:
        """The last word stands."""
        self.values[report.thing] = report

    def availability(self, thing: str, availability: Availability, cause: str) -> None:
        """Not looked at here."""

    def trouble(self, thing: str, cause: str, *, detail: str = "") -> None:
        """It begins."""
        self.wrong.add((thing, cause))

    def well(self, thing: str, cause: str) -> None:
        """It ends."""
        self.wrong.remove((thing, cause))


class House:
    """A watch over the one player of a small site."""

    def __init__(self, absent: tuple[str, ...] = ()) -> None:
        self.clock = VirtualClock(NOON)
        self.programme = compile_programme(
            SITE, "one", agendas=ON, playlists=SITE.playlists, pins={}, assets=ASSETS, now=NOON
        )
        self.before: dict[str, Programme] = {}
        self.absent = absent
        self.surfaces = Surfaces()
        self.skews: dict[str, Any] = {}
        self.watch = GlassWatch(
            SITE, clock=self.clock, sink=self.surfaces, programmes=self, skews=lambda skews: self.skews.update(skews)
        )

    def of(self, player: str) -> Programme | None:
        """The newest."""
        return self.programme if player == "one" else None

    def version(self, player: str, version: object) -> Programme | None:
        """The newest or one of those before."""
        return {**self.before, self.programme.version: self.programme}.get(str(version))

    def read_at(self, version: str) -> datetime | None:
        """The newest was made at noon."""
        return NOON if version == self.programme.version else None

    def passed_over(self, surface: str) -> tuple[str, ...]:
        """What cannot be shown on the wall."""
        return self.absent if surface == "wall" else ()

    def title(self, sha: str) -> str:
        """A name for a hash."""
        return "파리" if sha == PARIS else sha[:12]

    def says(self, **said: Any) -> set[tuple[str, str]]:
        """The player reports; what is wrong now."""
        self.watch.reported("one", {"version": self.programme.version, "panels": SHOWING, **said})
        return self.surfaces.wrong


def test_playlist_on_the_glass_is_what_the_surface_reports() -> None:
    """Both surfaces say the playlist whose pictures stand there, and nothing is wrong."""
    house = House()
    assert house.says() == set()
    assert {name: told.value for name, told in house.surfaces.values.items()} == {"led": "welcome", "wall": "cities"}


def test_card_on_the_glass_is_not_off() -> None:
    """A wall that is on without anything to show is not taken for one that is off."""
    house = House()
    panels = {"wall-1": None, "wall-2": None, "led-1": HELLO}
    wrong = house.says(panels=panels, standby=["wall-1", "wall-2"], troubles=["nothing-to-show"])
    assert wrong == {("wall", "nothing-to-show")}
    assert house.surfaces.values["wall"].value is None
    house.says(panels=panels)
    assert house.surfaces.values["wall"].value == "off"


def test_missing_content_is_told_where_it_would_play_by_its_title() -> None:
    """The wall lacks a picture, the LED does not; when it came the trouble is over."""
    house = House()
    assert house.says(troubles=["content-missing"], contents=[PARIS]) == {("wall", "content-missing")}
    assert house.surfaces.values["wall"].detail["missing"] == "파리"
    assert house.says() == set()


def test_troubles_of_the_player_are_told_of_all_its_surfaces() -> None:
    """Its clock is everybody's; codes without words and things that are no codes are nobody's."""
    house = House()
    wrong = house.says(troubles=["clock-wrong", "no-such-code", 7, "<b>"], offset_ms=-250.5)
    assert wrong == {("led", "clock-wrong"), ("wall", "clock-wrong")}
    assert house.surfaces.values["led"].detail["offset_ms"] == -250.5


def test_two_players_of_one_id_are_named_by_address() -> None:
    """Both addresses stand in the detail, from where the words take them."""
    house = House()
    assert ("wall", "two-players") in house.says(twins=["10.0.0.7:4000", "10.0.0.8:4001"])
    assert house.surfaces.values["wall"].detail["addresses"] == "10.0.0.7:4000, 10.0.0.8:4001"


def test_player_that_has_not_taken_the_newest_programme_is_believed_for_a_while() -> None:
    """What it shows by the programme before is true; after a quarter of a minute it is told to be behind."""
    house = House()
    old = house.programme
    house.before[old.version] = old
    draft = replace(old, pins={"wall-1": sha("guide-1")})
    house.programme = replace(draft, version=version_of(draft))
    assert house.says(version=old.version) == set()
    assert house.surfaces.values["wall"].value == "cities"
    house.clock.pass_by(16)
    assert house.says(version=old.version) == {("led", "programme-behind"), ("wall", "programme-behind")}


def test_wall_that_changes_behind_the_others_is_out_of_step() -> None:
    """Three changes 90 ms after the others': told with its figure on that surface alone, and of the skews."""
    house = House()
    for second in range(3):
        due = NOON + timedelta(seconds=second)
        late = (due + timedelta(milliseconds=90)).isoformat()
        house.says(changes=[[due.isoformat(), due.isoformat(), ["led-1"]], [due.isoformat(), late, ["wall-1"]]])
    house.clock.pass_by(6.0)
    house.watch.look()
    assert house.says() == {("wall", "wall-out-of-step")}
    assert house.surfaces.values["wall"].detail["skew_p99_ms"] == 90
    assert house.skews["wall-1"] == {"p50_ms": 90, "p99_ms": 90, "changes": 3}


def test_wall_whose_clock_is_ahead_is_blamed_itself() -> None:
    """It changes 90 ms before it is due, the LED in time: the wall is told, the LED is not late."""
    house = House()
    for second in range(3):
        due = NOON + timedelta(seconds=second)
        early = (due - timedelta(milliseconds=90)).isoformat()
        house.says(changes=[[due.isoformat(), early, ["wall-1"]], [due.isoformat(), due.isoformat(), ["led-1"]]])
    house.clock.pass_by(6.0)
    house.watch.look()
    assert house.says() == {("wall", "wall-ahead")}
    assert house.skews["led-1"]["p99_ms"] == 0


def test_item_that_nobody_has_brought_is_told_after_a_while() -> None:
    """While the samples of a first start are drawn nobody is alarmed; what never comes is named."""
    house = House(absent=("tokyo",))
    assert house.says() == set()
    house.clock.pass_by(91)
    assert house.says() == {("wall", "content-absent")}
    assert house.surfaces.values["wall"].detail["absent"] == "tokyo"


CODES = [
    *(value for name, value in vars(troubles).items() if name.isupper() and isinstance(value, str)),
    glass.ABSENT,
    glass.BEHIND,
    glass.TWINS,
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words_and_a_cure(code: str, language: str) -> None:
    """What a player may say is told in words in both languages."""
    texts = catalogue(language)
    assert texts[f"device.{code}.what"]
    assert texts[f"device.{code}.cure"]
