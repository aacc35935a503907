"""Films read back: every picture by its number, in any order, and faults by the picture they hit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from media.programme import Film
from media.video import FilmBroken, Reel, opened
from tests.media.reels import bgra, film, number_of, numbered, write


@pytest.fixture(scope="module")
def reel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety pictures."""
    path = tmp_path_factory.mktemp("reels") / "ninety.mp4"
    film(path, 90)
    return path


NINETY = Film(frames=90, fps=30)
FAST = {"preset": "ultrafast", "g": "30", "bf": "0"}


@pytest.fixture
def reel(reel_file: Path) -> Iterator[Reel]:
    """The ninety pictures, opened at half their size."""
    with opened(reel_file, NINETY, (160, 90)) as found:
        yield found


def pixels(reel: Reel) -> np.ndarray:
    """The next picture: rows × columns × BGRA."""
    return bgra(reel.drawn(reel.read()))


def test_pictures_come_in_order_and_loop_without_a_seam(reel: Reel) -> None:
    """Two rounds give every number twice, the first right after the last."""
    assert [number_of(pixels(reel)) for _ in range(180)] == [*range(90), *range(90)]


@pytest.mark.parametrize("to", [0, 1, 29, 30, 31, 59, 88, 89])
def test_wound_to_any_picture_it_is_exactly_that(reel: Reel, to: int) -> None:
    """Key pictures, their neighbours and the last; from the start, then back from behind it."""
    for before in (0, 89):
        reel.wind(before)
        reel.wind(to)
        assert number_of(pixels(reel)) == to
        assert reel.position == (to + 1) % 90


def test_picture_is_drawn_at_the_wanted_size_in_true_colours(reel: Reel) -> None:
    """Half as large as it was made; the blue ground is that blue, give or take what the codec rounds."""
    picture = pixels(reel)
    assert picture.shape == (90, 160, 4)
    assert np.abs(picture[5, 80, :3].astype(int) - (160, 40, 20)).max() <= 6


def test_pictures_scaled_down_are_those_of_the_golden_ones(reel: Reel) -> None:
    """Each picture matches the drawn one at that size closely."""
    reel.wind(77)
    golden = numbered(77, (160, 90))[:, :, ::-1].astype(int)
    assert np.abs(pixels(reel)[:, :, :3] - golden).mean() < 8


def test_truncated_film_is_broken_where_it_ends(tmp_path: Path) -> None:
    """What came before the cut can be seen; then it says so instead of showing rubbish."""
    path = tmp_path / "cut.mp4"
    write(path, noise(90), options=FAST)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert 40 < played(path) < 70


def test_flipped_bytes_break_a_film_instead_of_showing_grey(tmp_path: Path) -> None:
    """The decoder's concealment is off: a damaged picture is never given out."""
    path = tmp_path / "flipped.mp4"
    write(path, noise(90), options=FAST)
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 2, len(data) // 2 + 4000, 50):
        data[place] ^= 0x5A
    path.write_bytes(data)
    assert 30 < played(path) < 60


def noise(count: int) -> Iterator[np.ndarray]:
    """Pictures that do not compress, so that every byte of the file counts."""
    return (np.random.default_rng(n).integers(0, 255, (90, 160, 3), np.uint8) for n in range(count))


def played(path: Path) -> int:
    """How many pictures come, in order, before the film breaks."""
    seen: list[int] = []
    with suppress(FilmBroken), opened(path, NINETY, (160, 90)) as reel:
        while len(seen) < 90:
            seen.append(reel.position)
            reel.read()
    assert seen == list(range(len(seen)))
    return len(seen)


@pytest.mark.parametrize("content", [b"", b"ffconcat version 1.0\nfile /etc/hostname\n", b"#EXTM3U\n", b"\x00" * 5000])
def test_anything_but_mp4_is_broken_from_the_start(tmp_path: Path, content: bytes) -> None:
    """Whatever the name says, only the one container is tried."""
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(FilmBroken), opened(path, NINETY, (160, 90)):
        pass
