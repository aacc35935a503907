"""The sample pictures by name: what a site file's playlists ask for until staff bring their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PIL import Image

from media.art.captions import caption
from media.art.paper import image
from media.art.scenes import aquarium, seasons, sign
from media.art.skylines import CITIES, draw_city
from media.art.titles import SIGNS, TITLES

Draw = Callable[[int, int], Image.Image]


def _city(name: str, width: int, height: int) -> Image.Image:
    picture = image(draw_city(CITIES[name], width, height))
    caption(picture, *TITLES[name])
    return picture


def _scene(name: str, width: int, height: int) -> Image.Image:
    picture = image({"aquarium-still": aquarium, "seasons-still": seasons}[name](width, height))
    caption(picture, *TITLES[name])
    return picture


def _sign(name: str, width: int, height: int) -> Image.Image:
    lines, palette = SIGNS[name]
    return sign(width, height, lines=lines, palette=palette)


SAMPLES: Mapping[str, Draw] = {
    **{name: partial(_city, name) for name in CITIES},
    **{name: partial(_scene, name) for name in ("aquarium-still", "seasons-still")},
    **{name: partial(_sign, name) for name in SIGNS},
}
SIZES: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(CITIES, (1080, 1920)),
    **dict.fromkeys(("aquarium-still", "seasons-still"), (3840, 2160)),
    **dict.fromkeys(("led-welcome", "led-evening"), (1920, 960)),
    **dict.fromkeys(("office-welcome", "office-hours"), (1080, 1920)),
}
