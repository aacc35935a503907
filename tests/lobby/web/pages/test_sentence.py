"""The sentence of the console."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from lobby.web.sentence import Scene, Weight, band
from lobby.web.today import scene_of
from tests.lobby.web.pages.standin import StandIn, stand_in


def scene(house: StandIn, person: Any = SimpleNamespace(id="p1")) -> Scene:  # noqa: B008 # nothing changes it
    """The house as the page reads it."""
    return scene_of(house, person, "ko")  # type: ignore[arg-type] # the stand-in has what the pages need


def well() -> StandIn:
    """A house where everything is proved."""
    house = stand_in()
    house.all_well()
    return house


def test_all_is_well_when_everything_is_proved() -> None:
    """Every device answers, every bell is watched, every picture is proved, a person is signed in."""
    assert band(scene(well())).title == "이상 없음"


def test_a_start_knows_nothing_and_says_so() -> None:
    """After a start nothing is well until it has answered."""
    found = band(scene(stand_in()))
    assert found.tone == "pending"
    assert "비상벨 2개의 감시가 아직" in found.line


def test_all_is_well_needs_a_person() -> None:
    """A screen that nobody is signed in to never says that all is well."""
    assert band(replace(scene(well()), signed_in=False)).tone == "pending"


def test_one_unproved_picture_is_enough() -> None:
    """A surface that has not answered keeps the sentence back."""
    house = well()
    house.hub.update("main", availability="unknown")
    assert "화면 1곳" in band(scene(house)).line


def test_the_worst_comes_first() -> None:
    """A lost bell stands before a dark screen and the café."""
    house = well()
    house.hub.update("robot-cafe", detail={"level.milk": "low"})
    display = next(name for name, thing in house.site.things.items() if thing.kind == "display")
    house.hub.update(display, troubles=("dark",))
    house.hub.put("bells", [{"bell": "bell-desk", "state": "lost", "flags": []}])
    found = band(scene(house))
    assert [worry.weight for worry in found.worries] == [Weight.UNWATCHED, Weight.DARK, Weight.CAFE]
    assert found.tone == "danger"


def test_a_held_device_is_no_trouble() -> None:
    """What a person took out is counted apart."""
    house = well()
    display = next(name for name, thing in house.site.things.items() if thing.kind == "display")
    house.hub.update(display, troubles=("dark",), mode="hold")
    found = band(scene(house))
    assert found.tone == "well"
    assert "점검 중 1대" in found.line


def test_many_silent_displays_are_one_thing_to_do() -> None:
    """A cut control line is one line, not seven."""
    house = well()
    for name, thing in house.site.things.items():
        if thing.kind == "display":
            house.hub.update(name, availability="lost")
    assert len(band(scene(house)).worries) == 1


def test_a_night_off_on_purpose_is_well() -> None:
    """Every screen is off because its hours say so: nothing to do, nothing unknown."""
    house = well()
    for name, thing in house.site.things.items():
        if thing.kind in ("display", "sound"):
            house.hub.update(name, desired="off", reported="off")
            assert house.hub.things()[name].health == "off-on-purpose"
    assert band(scene(house)).title == "이상 없음"


def test_a_lost_display_with_loudspeakers_is_one_thing_to_do() -> None:
    """They have no wire of their own; a sound that does not follow by itself is told."""
    house = well()
    house.hub.update("sound-main", outcome="failed", failed_cause="did-not-follow")
    assert [worry.thing for worry in band(scene(house)).worries] == ["sound-main"]
    for name in ("display-main", "sound-main"):
        house.hub.update(name, availability="lost", lost_cause="silent")
    assert [worry.thing for worry in band(scene(house)).worries] == ["display-main"]
