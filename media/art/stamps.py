"""Small pictures put into a large one, also between its pixels, so that slow things move smoothly."""

from __future__ import annotations

from math import floor

from PIL import Image


def stamp(picture: Image.Image, sprite: Image.Image, at: tuple[float, float]) -> None:
    """Put a sprite's middle at a place; what lies outside the picture is left out."""
    left, top = at[0] - sprite.width / 2, at[1] - sprite.height / 2
    x, y = floor(left), floor(top)
    if x >= picture.width or y >= picture.height or x + sprite.width < 0 or y + sprite.height < 0:
        return
    shift = (1, 0, x - left, 0, 1, y - top)
    moved = sprite.transform(sprite.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
    picture.paste(moved, (x, y), moved)
