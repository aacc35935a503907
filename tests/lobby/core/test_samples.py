"""The sample sites: without a mistake, and true to what is known of the place."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from lobby.core.site import Bell, Display, Site
from lobby.core.sitefile import check, examine, read

SAMPLES = Path(__file__).parents[3] / "lobby" / "sites"
NAMES = ("seoul-city-hall", "small-office")


def sample(name: str) -> Site:
    """A sample, read as at a start."""
    return read(SAMPLES / f"{name}.toml")


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_has_no_mistake(name: str) -> None:
    """Both can be started as they are; the only warning names the missing second disk."""
    site, found = examine(SAMPLES / f"{name}.toml")
    assert site is not None
    assert {finding.problem.code for finding in found} == {"site.emergency-dir-unset"}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_invents_no_last_ticket_time(name: str) -> None:
    """The source document gives none, so no desk has one."""
    desks = [thing for thing in sample(name).things.values() if thing.kind == "desk"]
    assert [desk.last_tickets_min for desk in desks] == [None]


def test_city_halls_guesses_are_choices() -> None:
    """What the document does not say is asked of a named person."""
    assert set(sample("seoul-city-hall").choices) == {
        "wall-on-holidays",
        "night-duty",
        "led-hours",
        "lobby-name",
        "last-tickets",
        "media-volume",
    }


def test_city_halls_wall_folds_like_a_screen() -> None:
    """Seven portrait panels, 40 mm apart, folded to alternate sides."""
    panels = sample("seoul-city-hall").surfaces["wall"].panels
    gaps = {right.at_mm[0] - left.at_mm[0] - left.size_mm[0] for left, right in pairwise(panels)}
    assert gaps == {40}
    assert [panel.fold_deg for panel in panels] == [12, -12, 12, -12, 12, -12, 12]


def test_city_halls_displays_share_one_line_with_ids_of_their_own() -> None:
    """Seven on RS-232 with ids 1 to 7, the large one by network."""
    displays = [thing for thing in sample("seoul-city-hall").things.values() if isinstance(thing, Display)]
    on_the_wall = [display.display_id for display in displays if display.link == "wall-line"]
    assert on_the_wall == [1, 2, 3, 4, 5, 6, 7]
    assert sorted(display.link for display in displays if display.link != "wall-line") == ["led-line", "main-line"]


def test_every_panel_of_city_hall_has_its_power() -> None:
    """Seven of the wall, the large display and the LED wall: nine."""
    site = sample("seoul-city-hall")
    panels = [panel.id for surface in site.surfaces.values() for panel in surface.panels]
    assert sorted(thing.panel for thing in site.things.values() if isinstance(thing, Display)) == sorted(panels)
    assert len(panels) == 9


def test_the_small_office_lives_without_broker_and_cafe() -> None:
    """One person, two screens, one wired bell."""
    site = sample("small-office")
    assert site.broker is None
    assert site.site.one_person
    assert [bell.dialect for bell in site.things.values() if isinstance(bell, Bell)] == ["modbus-contact"]
    assert not any(finding.level == "mistake" for finding in check(site))
