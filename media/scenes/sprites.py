"""Small pictures in the light of the hour: kept as bytes, made into surfaces anew when the light has changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pygame
from PIL import Image

from media.art.paper import Colour
from media.scenes.sheets import raw

Premultiplied = npt.NDArray[np.uint8]
STEPS = 48


@dataclass(frozen=True, slots=True)
class Tone:
    """Light that falls on a thing, and the veil of air or water before it with its share."""

    light: Colour
    veil: Colour = (0.0, 0.0, 0.0)
    share: float = 0.0
    cover: float = 1.0

    @classmethod
    def stepped(cls, light: Colour, *, cover: float = 1.0) -> Tone:
        """Light in steps that cannot be seen: small pictures are not made anew for every stretch of a long day."""
        red, green, blue = (round(STEPS * each) / STEPS for each in light)
        return cls((red, green, blue), cover=cover)


class Sprites:
    """Pictures of one thing, premultiplied; `toned` gives them as surfaces, and then, if asked to, mirrored ones.

    What is `centred` keeps its middle and loses the empty margins that all its pictures share.
    """

    def __init__(self, images: Iterable[Image.Image], *, mirrored: bool = False, centred: bool = False) -> None:
        pixels = [_premultiplied(image) for image in images]
        self._pixels = _trimmed(pixels) if centred else pixels
        self._mirrored = mirrored
        self._toned: tuple[Tone, Sequence[pygame.Surface]] | None = None

    def toned(self, tone: Tone) -> Sequence[pygame.Surface]:
        """The surfaces in that tone; the last ones again where it is the same."""
        if self._toned is None or self._toned[0] != tone:
            toned = [_surface(pixels, tone) for pixels in self._pixels]
            flipped = (
                [pygame.transform.flip(each, flip_x=True, flip_y=False) for each in toned] if self._mirrored else []
            )
            self._toned = tone, [*toned, *flipped]
        return self._toned[1]


def shine(light: npt.NDArray[np.float32], shade: Colour, chance: np.random.Generator) -> pygame.Surface:
    """Light (rows × columns, 0…255) to be added to what lies below; its steps are broken by grain."""
    surface = pygame.Surface((light.shape[1], light.shape[0]), 0, 32)
    pixels = raw(surface)
    broken = chance.random(light.shape).astype(np.float32)
    for channel in range(3):
        pixels[..., 2 - channel] = np.clip(light * np.float32(shade[channel]) + broken * (light > 0), 0, 255)
    return surface


def _premultiplied(image: Image.Image) -> Premultiplied:
    pixels = np.asarray(image.convert("RGBA"), np.uint16)
    alpha = pixels[..., 3:]
    colours = (pixels[..., 2::-1] * alpha + 127) // 255
    return np.concatenate([colours, alpha], axis=-1).astype(np.uint8)


def _trimmed(pixels: Sequence[Premultiplied]) -> list[Premultiplied]:
    height, width = pixels[0].shape[:2]
    there = np.any([each[..., 3] > 0 for each in pixels], axis=0)
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return list(pixels)
    y = int(min(rows[0], height - 1 - rows[-1]))
    x = int(min(columns[0], width - 1 - columns[-1]))
    return [each[y : height - y, x : width - x].copy() for each in pixels]


def _surface(pixels: Premultiplied, tone: Tone) -> pygame.Surface:
    """Lit, veiled, and covering no more than it should."""
    surface = pygame.Surface((pixels.shape[1], pixels.shape[0]), pygame.SRCALPHA, 32)
    into = raw(surface)
    alpha = pixels[..., 3].astype(np.float32)
    for channel in range(3):
        near = pixels[..., 2 - channel] * np.float32(tone.light[channel] * (1 - tone.share))
        near += alpha * np.float32(tone.veil[channel] * tone.share)
        into[..., 2 - channel] = np.minimum(near, alpha) * np.float32(tone.cover) + np.float32(0.5)
    into[..., 3] = alpha * np.float32(tone.cover) + np.float32(0.5)
    return surface
