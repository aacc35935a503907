"""The player looks at its own window, often enough and at the right moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pygame
import pytest

from media.geometry import window
from media.player.screen import Screen, opened
from media.player.witness import Witness
from media.prints import is_dark, print_of, read
from media.programme import Film, PanelFrame, Shot
from tests.media.builders import NIGHT, row

LAYOUT = window({"wall": row(7, (54, 96))})
STILL = PanelFrame(shows="a" * 64)
FRAMES = dict.fromkeys(LAYOUT.panels, STILL)


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A window nobody sees."""
    with opened(headless=True) as found:
        found.resize(LAYOUT.size)
        yield found


def looks(witness: Witness, screen: Screen, frames: dict[str, PanelFrame], seconds: list[float]) -> list[set[str]]:
    """Look at these seconds; the panels of which a new print was taken each time."""
    found = []
    for second in seconds:
        before = dict(witness.prints)
        moment = NIGHT + timedelta(seconds=second)
        witness.look(screen.surface, LAYOUT.panels, frames, moment=moment, mono=second)
        found.append({panel for panel, each in witness.prints.items() if before.get(panel) != each})
    return found


def test_every_panel_is_looked_at_in_turn_and_again_after_a_second(screen: Screen) -> None:
    """A few panels each time, so that looking makes no frame late; none twice in a second."""
    found = looks(Witness(), screen, FRAMES, [0, 0.25, 0.5, 0.75, 1.0])
    assert [len(each) for each in found] == [3, 3, 1, 0, 3]
    assert found[0] | found[1] | found[2] == set(LAYOUT.panels)


def test_print_is_of_what_stands_in_the_window(screen: Screen) -> None:
    """A panel that somebody blackened is dark, whatever should be there; its neighbour has its own colour."""
    screen.surface.fill((200, 40, 40))
    box = LAYOUT.panels["wall-2"]
    screen.surface.fill((0, 0, 0), pygame.Rect(box.x, box.y, box.width, box.height))
    witness = Witness()
    looks(witness, screen, FRAMES, [0, 0.1, 0.2])
    seen = {panel: read(print_) for panel, (_, print_) in witness.prints.items()}
    assert seen["wall-1"] == read(print_of(bytes((200, 40, 40)) * 64))
    assert is_dark(seen["wall-2"] or b"\xff")


def test_nothing_is_looked_at_while_it_mixes_unless_it_has_been_long(screen: Screen) -> None:
    """A fade is passed over; one that lasts is looked at all the same."""
    mixing = dict.fromkeys(LAYOUT.panels, PanelFrame(shows="a" * 64, next="b" * 64, alpha=0.5))
    witness = Witness()
    looks(witness, screen, FRAMES, [0, 0.1, 0.2])
    assert looks(witness, screen, mixing, [1.1, 1.2, 1.3]) == [set(), set(), set()]
    assert len(looks(witness, screen, mixing, [1.7])[0]) == 3


def test_films_are_looked_at_where_one_of_their_seconds_begins(screen: Screen) -> None:
    """Picture 29 is passed over and picture 30 is looked at."""

    def film(number: int) -> dict[str, PanelFrame]:
        shot = Shot(film=Film(frames=300, fps=30), start=0, number=number, until=NIGHT)
        return dict.fromkeys(LAYOUT.panels, PanelFrame(shows="a" * 64, shot=shot))

    witness = Witness()
    looks(witness, screen, film(0), [0, 0.01, 0.02])
    assert looks(witness, screen, film(29), [1.1]) == [set()]
    assert len(looks(witness, screen, film(30), [1.1])[0]) == 3
