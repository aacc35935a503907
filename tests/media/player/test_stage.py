"""What is drawn into the window, pixel by pixel, without a display."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
import pygame
import pytest

from media.assets import AssetStore
from media.geometry import window
from media.player.painter import Painter, pixels_of
from media.player.pictures import Pictures
from media.player.screen import Screen, WrongPygame, opened
from media.player.stage import Stage
from media.player.standby import card
from media.programme import PanelFrame
from tests.media.builders import row
from tests.media.player.controllers import picture

PIXELS = (54, 96)
LAYOUT = window({"wall": row(2, PIXELS)})


@pytest.fixture
def screen() -> Iterator[Screen]:
    """A window nobody sees."""
    with opened(headless=True) as found:
        found.resize(LAYOUT.size)
        yield found


@pytest.fixture
def store(tmp_path: Path) -> AssetStore:
    """An empty folder of pictures."""
    return AssetStore(tmp_path)


def ready(store: AssetStore, *colours: tuple[int, int, int]) -> tuple[Pictures, list[str]]:
    """Decoded pictures of these colours."""
    pictures = Pictures(store)
    shas = [store.put(picture(colour, PIXELS)) for colour in colours]
    pictures.want([(sha, PIXELS) for sha in shas])
    while (key := pictures._next()) is not None:
        pictures._decode(key)
    return pictures, shas


def colour(screen: Screen, x: int = 10) -> tuple[int, int, int]:
    """The colour in the window."""
    red, green, blue, _ = screen.surface.get_at((x, 50))
    return red, green, blue


def test_fade_is_the_mixture_of_both_pictures(screen: Screen, store: AssetStore) -> None:
    """At a quarter of the fade a panel is three parts the first picture and one part the second."""
    pictures, (dark, bright) = ready(store, (40, 40, 40), (240, 240, 240))
    Stage(screen.painter, LAYOUT, pictures).show({"wall-1": PanelFrame(shows=dark, next=bright, alpha=0.25)})
    assert colour(screen) == pytest.approx((90, 90, 90), abs=2)


def test_picture_appears_from_dark_and_goes_dark(screen: Screen, store: AssetStore) -> None:
    """Half-way from and half-way to darkness a panel has half its light."""
    pictures, (bright,) = ready(store, (200, 200, 200))
    stage = Stage(screen.painter, LAYOUT, pictures)
    stage.show(
        {"wall-1": PanelFrame(shows=None, next=bright, alpha=0.5), "wall-2": PanelFrame(shows=bright, alpha=0.5)}
    )
    assert colour(screen) == pytest.approx((100, 100, 100), abs=2)
    assert colour(screen, 60) == pytest.approx((100, 100, 100), abs=2)


@pytest.mark.parametrize("share", [1, 77, 128, 254])
def test_mixture_is_exact_to_one_level(screen: Screen, share: int) -> None:
    """Whatever the pictures: no channel is off by more than one, and the neighbour panel is not touched."""
    pictures = [np.random.default_rng(seed).integers(0, 256, (*PIXELS[::-1], 4), np.uint8) for seed in (1, 2)]
    for each in pictures:
        each[..., 3] = 255
    first, second = (each.view(np.uint32)[..., 0] for each in pictures)
    Painter(screen.surface).mix(first, second, share, LAYOUT.panels["wall-1"])
    shown = pixels_of(screen.surface)[:, : PIXELS[0]].view(np.uint8).reshape(pictures[0].shape).astype(int)
    wanted = pictures[0] + (pictures[1].astype(float) - pictures[0]) * share / 255
    assert abs(shown - wanted).max() <= 1
    assert colour(screen, 60) == (0, 0, 0)


def test_wipe_covers_the_panel_column_by_column(screen: Screen, store: AssetStore) -> None:
    """A third of the way: the first third shows the new picture, the rest the old one, nothing between."""
    pictures, (dark, bright) = ready(store, (40, 40, 40), (240, 240, 240))
    stage = Stage(screen.painter, LAYOUT, pictures)
    stage.show({"wall-1": PanelFrame(shows=dark, next=bright, alpha=1 / 3, change="wipe"), "wall-2": None})
    assert [colour(screen, x)[0] for x in (0, 17, 18, 53, 54)] == [240, 240, 40, 40, 0]
    assert stage.glass()["wall-1"] == dark
    stage.show({"wall-1": PanelFrame(shows=dark, next=bright, alpha=2 / 3, change="wipe", from_right=True)})
    assert [colour(screen, x)[0] for x in (0, 17, 18, 53)] == [40, 40, 240, 240]
    assert stage.glass()["wall-1"] == bright


def test_only_what_changed_is_presented(screen: Screen, store: AssetStore) -> None:
    """One panel of two turns: its box alone."""
    pictures, (dark, bright) = ready(store, (40, 40, 40), (240, 240, 240))
    stage = Stage(screen.painter, LAYOUT, pictures)
    assert len(stage.show({"wall-1": PanelFrame(shows=dark), "wall-2": PanelFrame(shows=dark)})) == 2
    changed = stage.show({"wall-1": PanelFrame(shows=dark), "wall-2": PanelFrame(shows=bright)})
    assert changed == {"wall-2": (LAYOUT.panels["wall-2"],)}


def test_same_frame_again_presents_nothing(screen: Screen, store: AssetStore) -> None:
    """A still at rest costs nothing."""
    pictures, (bright,) = ready(store, (200, 200, 200))
    stage = Stage(screen.painter, LAYOUT, pictures)
    frames = {"wall-1": PanelFrame(shows=bright), "wall-2": None}
    assert stage.show(frames)
    assert not stage.show(frames)
    assert stage.glass() == {"wall-1": bright, "wall-2": None}


def test_picture_that_is_not_ready_leaves_the_last_one(screen: Screen, store: AssetStore) -> None:
    """While a file is being decoded the panel holds what it has."""
    pictures, (bright,) = ready(store, (200, 200, 200))
    stage = Stage(screen.painter, LAYOUT, pictures)
    stage.show({"wall-1": PanelFrame(shows=bright), "wall-2": None})
    assert not stage.show({"wall-1": PanelFrame(shows="f" * 64), "wall-2": None})
    assert colour(screen) == (200, 200, 200)


def test_picture_of_another_class_does_not_stay(screen: Screen, store: AssetStore) -> None:
    """Something above the base that is not ready shows the card, never the base's picture; nor the other way round."""
    pictures, (bright,) = ready(store, (200, 200, 200))
    stage = Stage(screen.painter, LAYOUT, pictures)
    stage.show({"wall-1": PanelFrame(shows=bright), "wall-2": PanelFrame(shows=bright, exclusive=True)})
    stage.show({"wall-1": PanelFrame(shows="f" * 64, exclusive=True), "wall-2": PanelFrame(shows="f" * 64)})
    assert stage.glass() == {"wall-1": None, "wall-2": None}
    assert max(max(colour(screen)), max(colour(screen, 60))) < 70


def test_nothing_known_shows_the_card(screen: Screen, store: AssetStore) -> None:
    """A surface that is on and has nothing is never black; one that is off is."""
    Stage(screen.painter, LAYOUT, Pictures(store)).show({"wall-1": PanelFrame(shows=None), "wall-2": None})
    assert min(colour(screen)) > 20
    assert colour(screen, 60) == (0, 0, 0)


def test_card_is_calm(screen: Screen) -> None:
    """From top to foot the ground loses a little light and nowhere shouts."""
    ground = card((540, 960), ("서울시청 로비",))
    light = [sum(ground.get_at((20, y))[:3]) / 3 for y in range(0, 960, 60)]
    assert light[0] > light[-1]
    assert max(light) < 70


def test_unreadable_file_is_missing(screen: Screen, store: AssetStore) -> None:
    """A file of the right hash that is no picture gives way until it comes anew."""
    pictures = Pictures(store)
    sha = store.put(b"no picture")
    pictures.want([(sha, PIXELS)])
    pictures._decode((sha, PIXELS))
    assert pictures.missing == {sha}
    pictures.mend(sha)
    assert not pictures.lost
    assert pictures._next() == (sha, PIXELS)


def test_absent_file_is_missing_until_it_is_there(screen: Screen, store: AssetStore) -> None:
    """A picture that could not be fetched gives way, and is decoded as soon as it came."""
    pictures, data = Pictures(store), picture((9, 9, 9), PIXELS)
    sha = hashlib.sha256(data).hexdigest()
    pictures.want([(sha, PIXELS)])
    pictures._decode((sha, PIXELS))
    assert pictures.missing == {sha}
    assert pictures._next() is None
    store.put(data)
    assert pictures._next() == (sha, PIXELS)
    assert pictures.missing == {sha}, "it gives way until it is ready"
    pictures._decode((sha, PIXELS))
    assert not pictures.missing


def test_pictures_nobody_wants_make_room(screen: Screen, store: AssetStore) -> None:
    """Memory for decoded pictures is limited; what is wanted stays."""
    shas = [store.put(picture((n, n, n), PIXELS)) for n in (10, 90, 170)]
    pictures = Pictures(store, most_bytes=2 * 4 * 54 * 96)
    for sha in shas:
        pictures.want([(shas[0], PIXELS), (sha, PIXELS)])
        pictures._decode((sha, PIXELS))
    assert [pictures.get(sha, PIXELS) is not None for sha in shas] == [True, False, True]


def test_decoding_ends_when_told(store: AssetStore) -> None:
    """A thread that is told to stop does not begin anything."""
    stopping = Event()
    stopping.set()
    Pictures(store).work(stopping)


def test_old_pygame_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The maintained pygame has the same import name; the older one is refused with the cure."""
    monkeypatch.delattr(pygame, "IS_CE")
    with pytest.raises(WrongPygame, match="pip install pygame-ce"), opened(headless=True):
        pass


@pytest.mark.alone
@pytest.mark.slow
def test_fade_costs_few_copies(store: AssetStore) -> None:
    """Mixing two pictures takes less than twelve times as long as copying one within the cache (six were measured)."""
    size = (1080, 1920)
    with opened(headless=True) as screen:
        layout = window({"wall": row(1, size)})
        screen.resize(layout.size)
        shas = [store.put(picture((shade, 9, 9), size)) for shade in (40, 90)]
        pictures = Pictures(store)
        for sha in shas:
            pictures._decode((sha, size))
        stage = Stage(screen.painter, layout, pictures)
        whole, painter = pictures.get(shas[0], size), Painter(screen.surface)
        assert whole is not None
        copying = min(_took(partial(painter.place, whole, layout.panels["wall-1"])) for _ in range(20))
        shares = [n / 20 for n in range(1, 20)]
        mixing = min(_took(partial(stage.show, _mixture(shas[0], shas[1], share))) for share in shares)
    assert mixing < 12 * copying


def _mixture(first: str, second: str, share: float) -> dict[str, PanelFrame | None]:
    return {"wall-1": PanelFrame(shows=first, next=second, alpha=share)}


def _took(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
