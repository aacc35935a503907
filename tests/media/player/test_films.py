"""Films on the glass: the right picture at the right time, after jumps too, and what stands when a film breaks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from media.assets import AssetStore
from media.geometry import window
from media.player.films import Films, Showing
from media.player.pictures import Pictures
from media.player.screen import Screen, opened
from media.player.stage import Stage
from media.programme import Film, PanelFrame, Programme, ahead, frame
from tests.eventually import soon
from tests.media.builders import EPOCH, at, playlist, programme, row, sha
from tests.media.player.controllers import picture
from tests.media.reels import film, number_in

PIXELS = (320, 180)
RED = (200, 40, 40)


@pytest.fixture(scope="module")
def reel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of three seconds."""
    path = tmp_path_factory.mktemp("reels") / "film.mp4"
    film(path, 90, PIXELS)
    return path


class House:
    """A store, a stage and a programme whose playlist is film, still."""

    def __init__(self, folder: Path, reel_file: Path, screen: Screen, names: str = "fs", scale: float = 1) -> None:
        self.store = AssetStore(folder)
        contents = {"f": self.store.put(reel_file.read_bytes()), "s": self.store.put(picture(RED, PIXELS))}
        self.film, self.still = contents["f"], contents["s"]
        self.plan: Programme = programme(
            row(1, PIXELS),
            [(0, "day")],
            {"day": playlist(names, 10)},
            pictures={sha(name): {"320x180": contents[name]} for name in names},
            films={sha("f"): Film(frames=90, fps=30)},
        )
        self.pictures = Pictures(self.store)
        layout = window({"wall": self.plan.surfaces["wall"].panels}, scale=scale)
        screen.resize(layout.size)
        self.screen = screen
        self.stage = Stage(screen.painter, layout, self.pictures)

    def step(self, moment: datetime) -> PanelFrame | None:
        """One round of the player, and what it was to show."""
        missing = self.pictures.missing
        self.stage.want((*ahead(self.plan, moment), *ahead(self.plan, moment, missing=missing)))
        while (key := self.pictures._next()) is not None:
            self.pictures._decode(key)
        frames = frame(self.plan, moment, missing=self.pictures.missing)
        self.stage.show(frames)
        return frames["wall-1"]

    def shows(self, moment: datetime) -> int:
        """The number on the glass after a round."""
        self.step(moment)
        return number_in(self.screen.surface)


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A window nobody sees."""
    with opened(headless=True) as found:
        yield found


@pytest.fixture
def house(tmp_path: Path, reel_file: Path, screen: Screen) -> Iterator[House]:
    """The house at full size."""
    made = House(tmp_path, reel_file, screen)
    yield made
    made.pictures.films.close()


def second(seconds: float) -> datetime:
    """That long after the film's turn began."""
    return at(10) + timedelta(seconds=seconds, milliseconds=1)


@pytest.mark.parametrize("to", [0.0, 0.5, 1.0, 2.9, 3.0, 4.5])
def test_picture_is_that_of_the_shared_time(house: House, to: float) -> None:
    """Joined at any moment it comes to the picture of exactly that moment, in later rounds of the loop too."""
    soon(lambda: house.shows(second(to)) == round(to * 30) % 90)
    assert house.stage.glass() == {"wall-1": house.film}


def test_pictures_follow_one_another_without_waiting(house: House) -> None:
    """Once it runs, every picture is there when it is asked for, over the seam of the loop too."""
    soon(lambda: house.shows(second(0)) == 0)
    late = 0
    for number in range(1, 200):
        moment = second(number / 30)
        asked = time.monotonic()
        soon(lambda moment=moment, number=number: house.shows(moment) == number % 90)  # type: ignore[misc]
        late += time.monotonic() - asked > 0.1
    assert late <= 2


def test_after_a_stop_it_is_back_on_the_right_picture(house: House) -> None:
    """Two seconds later, with nothing told to it, the right picture stands within a quarter of a second."""
    soon(lambda: house.shows(second(0.4)) == 12)
    asked = time.monotonic()
    soon(lambda: house.shows(second(2.4)) == 72)
    assert time.monotonic() - asked < 0.25


def test_clock_put_back_is_followed(house: House) -> None:
    """What was decoded for a later time is not shown now."""
    soon(lambda: house.shows(second(2.4)) == 72)
    soon(lambda: house.shows(second(0.4)) == 12)


def test_film_fades_into_the_still_and_is_let_go(house: House) -> None:
    """In the fade both are mixed; afterwards nothing of the film runs."""
    soon(lambda: house.shows(second(6)) == 0)
    half = second(9.25)
    soon(lambda: house.step(half) is not None and house.screen.surface.get_at((5, 5))[0] in range(90, 130))
    soon(lambda: house.step(second(11)) is not None and house.stage.glass() == {"wall-1": house.still})
    assert house.screen.surface.get_at((5, 5))[0] > 190


def test_film_is_scaled_with_the_window(tmp_path: Path, reel_file: Path, screen: Screen) -> None:
    """A window at a quarter decodes at a quarter."""
    small = House(tmp_path, reel_file, screen, scale=0.25)
    soon(lambda: small.shows(second(1)) == 30)
    assert screen.surface.get_size() == (80, 45)
    small.pictures.films.close()


def test_film_that_breaks_in_mid_play_gives_way(tmp_path: Path, reel_file: Path, screen: Screen) -> None:
    """Truncated but with the hash of what is there: the next item takes its place and it is told as missing."""
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(reel_file.read_bytes()[: reel_file.stat().st_size * 2 // 3])
    house = House(tmp_path / "store", cut, screen)
    soon(lambda: house.shows(second(0.5)) == 15)
    soon(lambda: house.step(second(2.9)) is not None and house.stage.glass() == {"wall-1": house.still})
    assert house.pictures.missing == {house.film}
    house.pictures.films.close()


def test_only_film_that_breaks_holds_its_last_good_picture(tmp_path: Path, reel_file: Path, screen: Screen) -> None:
    """With nothing else to show the glass is never dark."""
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(reel_file.read_bytes()[: reel_file.stat().st_size * 2 // 3])
    house = House(tmp_path / "store", cut, screen, names="f")
    begin = EPOCH + timedelta(milliseconds=1)
    soon(lambda: house.shows(begin + timedelta(seconds=0.5)) == 15)
    soon(lambda: house.step(begin + timedelta(seconds=2.9)) is not None and bool(house.pictures.missing))
    assert house.shows(begin + timedelta(seconds=2.95)) in range(15, 90)
    house.pictures.films.close()


def test_film_rotten_on_disk_is_dropped_and_played_when_it_came_anew(house: House, reel_file: Path) -> None:
    """Flipped bytes under the same name are found before the first picture; a sound copy mends it."""
    place = house.store.path(house.film)
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 0xFF
    place.write_bytes(data)
    soon(lambda: house.step(second(1)) is not None and house.stage.glass() == {"wall-1": house.still})
    assert not house.store.has(house.film)
    house.store.put(reel_file.read_bytes())
    house.pictures.mend(house.film)
    soon(lambda: house.shows(second(1)) == 30)


def test_film_that_is_not_there_yet_gives_way_until_it_is(house: House, reel_file: Path) -> None:
    """Absent is not broken: no word of damage, and it plays as soon as it has come."""
    house.store.drop(house.film)
    soon(lambda: house.step(second(1)) is not None and house.stage.glass() == {"wall-1": house.still})
    assert house.pictures.films.broken == {}
    house.store.put(reel_file.read_bytes())
    soon(lambda: house.shows(second(1)) == 30)


def test_films_nobody_wants_end(tmp_path: Path, reel_file: Path) -> None:
    """Their threads are gone and asking for them gives nothing."""
    store = AssetStore(tmp_path)
    showing = Showing(store.put(reel_file.read_bytes()), PIXELS, 0, Film(frames=90, fps=30))
    films = Films(store)
    films.want([showing])
    thread = films._running[showing]._thread
    films.want([])
    soon(lambda: not thread.is_alive())
