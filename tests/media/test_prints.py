"""Prints tell one picture from another, and never a picture from itself: measured over everything we draw."""

from __future__ import annotations

import asyncio
import io
from itertools import permutations
from pathlib import Path

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from media.art.films import FILMS
from media.art.samples import SAMPLES
from media.assets import AssetStore
from media.expected import ExpectedPrints
from media.geometry import Rect
from media.player.witness import reduced
from media.prints import DARK, GRID, LENGTH, PIXELS, SAME, apart, is_dark, print_of, read, same
from media.prints_child import reduced as looked_at
from media.programme import Film
from tests.media import reels

SIZE = (270, 480)
GRIDS = st.binary(min_size=PIXELS, max_size=PIXELS)
SHARES = st.floats(0, 1)


def taken(pixels: bytes) -> bytes:
    """The bytes of a print."""
    return bytes.fromhex(print_of(pixels))


def on_glass(picture: Image.Image, size: tuple[int, int]) -> bytes:
    """The print of a picture as a window shows it that had it as a JPEG and another size."""
    into = io.BytesIO()
    picture.save(into, "JPEG", quality=85)
    surface = pygame.image.load(io.BytesIO(into.getvalue()), "x.jpg")
    surface = pygame.transform.smoothscale(surface, size)
    return taken(reduced(surface, Rect(x=0, y=0, width=size[0], height=size[1])))


def drawn() -> dict[str, Image.Image]:
    """Every sample picture and four phases of every sample film, at the shape of a portrait panel."""
    stills = {name: draw(*SIZE).convert("RGB") for name, draw in SAMPLES.items()}
    films = {name: film(*SIZE) for name, film in FILMS.items()}
    moments = {f"{name}-{n}": film.picture(n / 4).convert("RGB") for name, film in films.items() for n in range(4)}
    return stills | moments


@pytest.mark.slow
def test_all_sample_pictures_are_told_apart_with_room_to_spare() -> None:
    """The threshold lies at least a third above what scaling and JPEG do, and below half of any other picture."""
    expected = {name: bytes.fromhex(looked_at(picture)) for name, picture in drawn().items()}
    sizes = ((540, 960), (1080, 1920))
    seen = {(name, size): on_glass(picture, size) for name, picture in drawn().items() for size in sizes}
    alike = max(apart(print_, expected[name]) for (name, _), print_ in seen.items())
    others = {
        (one, other): apart(seen[one, sizes[0]], expected[other])
        for one, other in permutations(expected, 2)
        if one.rpartition("-")[0] != other.rpartition("-")[0] or one in SAMPLES or other in SAMPLES
    }
    assert alike < 0.75 * SAME
    assert min(others.values()) > 2 * SAME, min(others, key=lambda pair: others[pair])


@pytest.mark.slow
@pytest.mark.parametrize("name", FILMS)
def test_every_picture_of_a_film_lies_between_its_seconds(name: str) -> None:
    """Whatever is on the glass between two whole seconds is the film; what was there five seconds ago is not."""
    film = FILMS[name](240, 134)
    seconds = [bytes.fromhex(looked_at(film.picture(second / 12))) for second in range(12)]
    for number in range(0, 360, 10):
        second = number // 30
        picture = bytes.fromhex(looked_at(film.picture(number / 360)))
        assert apart(picture, seconds[second], seconds[(second + 1) % 12]) < SAME
    assert all(not same(seconds[n], seconds[(n + 5) % 12], seconds[(n + 6) % 12]) for n in range(12))


@given(GRIDS, GRIDS, SHARES)
def test_a_mixture_of_two_pictures_lies_between_their_prints(one: bytes, other: bytes, share: float) -> None:
    """A fade of any two pictures is known as such at any moment."""
    mixed = bytes(round(first + (second - first) * share) for first, second in zip(one, other, strict=True))
    assert apart(taken(mixed), taken(one), taken(other)) <= 1.0


@given(GRIDS, GRIDS, st.integers(0, GRID // 2).map(lambda column: 2 * column))
def test_a_wipe_lies_between_two_prints_too(one: bytes, other: bytes, columns: int) -> None:
    """Whatever share of the panel the second picture has covered from the left."""
    row = GRID * 3
    wiped = b"".join(
        other[start : start + columns * 3] + one[start + columns * 3 : start + row] for start in range(0, PIXELS, row)
    )
    assert apart(taken(wiped), taken(one), taken(other)) <= 1.0


@given(GRIDS)
def test_a_print_survives_the_wire_and_is_like_itself(pixels: bytes) -> None:
    """A print is as long as every other, is read back whole and is no distance from itself."""
    print_ = read(print_of(pixels))
    assert print_ is not None
    assert len(print_) == LENGTH
    assert apart(print_, print_) == 0


@given(st.one_of(st.none(), st.integers(), st.text(), st.binary().map(bytes.hex)))
def test_anything_else_is_no_print(told: object) -> None:
    """A machine may say what it likes."""
    found = read(told)
    assert found is None or len(found) == LENGTH


@given(st.binary(min_size=1, max_size=400).filter(lambda data: len(data) != PIXELS))
def test_wrong_numbers_of_pixels_are_refused(pixels: bytes) -> None:
    """A print is of a whole grid or it is none."""
    with pytest.raises(ValueError, match="RGB pixels"):
        print_of(pixels)


def test_black_is_dark_and_the_darkest_sample_is_not() -> None:
    """Film black is dark too; a night picture has light enough in some place."""
    assert is_dark(taken(bytes([DARK - 1]) * PIXELS))
    assert not is_dark(bytes.fromhex(looked_at(SAMPLES["city-new-york"](*SIZE).convert("RGB"))))


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    """An empty folder of pictures."""
    return AssetStore(tmp_path / "assets")


@pytest.mark.slow
def test_prints_are_made_once_and_again_when_their_file_is_gone_or_damaged(store: AssetStore, tmp_path: Path) -> None:
    """A film of three and a half seconds has four prints; a restart reads them, a damaged file is made anew."""
    film = reels.film(tmp_path / "film.mp4", 105)
    sha, folder = store.put((tmp_path / "film.mp4").read_bytes()), tmp_path / "prints"

    async def made() -> tuple[bytes, ...] | None:
        return await ExpectedPrints(folder, store).made(sha, film)

    first = asyncio.run(made())
    assert first is not None
    assert [len(print_) for print_ in first] == [LENGTH] * 4
    (folder / f"{sha}.json").write_text("{")
    assert asyncio.run(made()) == first
    written = (folder / f"{sha}.json").stat().st_mtime_ns
    assert asyncio.run(made()) == first
    assert (folder / f"{sha}.json").stat().st_mtime_ns == written


@pytest.mark.slow
def test_prints_of_content_that_is_gone_go_too(store: AssetStore, tmp_path: Path) -> None:
    """And a draft that a killed run left; the others stay."""
    place, expected = tmp_path / "prints", ExpectedPrints(tmp_path / "prints", store)
    expected.tidy()
    place.mkdir()
    here = place / f"{store.put(b'x')}.json"
    for path in (here, place / f"{'a' * 64}.json", place / f"{'b' * 64}.new"):
        path.write_text("{}")
    expected.tidy()
    assert list(place.iterdir()) == [here]


def test_prints_of_a_film_are_those_of_its_whole_seconds(store: AssetStore, tmp_path: Path) -> None:
    """The key pictures that are looked at are the film's pictures 0, 30, 60."""
    reels.film(tmp_path / "film.mp4", 90)
    sha = store.put((tmp_path / "film.mp4").read_bytes())
    expected = ExpectedPrints(tmp_path / "prints", store)
    prints = asyncio.run(expected.made(sha, Film(frames=90, fps=30)))
    drawn_ = [bytes.fromhex(looked_at(Image.fromarray(reels.numbered(number)))) for number in (0, 30, 60)]
    assert prints is not None
    assert all(same(one, other) for one, other in zip(prints, drawn_, strict=True))
    assert not same(prints[0], drawn_[1])


@pytest.mark.slow
def test_content_that_cannot_be_read_has_no_prints_and_is_asked_for_once(store: AssetStore, tmp_path: Path) -> None:
    """What is no picture is no picture the next time either."""
    sha = store.put(b"not a picture")
    expected = ExpectedPrints(tmp_path / "prints", store)
    assert asyncio.run(expected.made(sha)) is None
    assert expected.lacking([sha]) == []
