"""The sample films by name: drawn picture by picture, encoded as they are drawn, small and without a seam."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL import Image

FPS = 30
SECONDS = 12
SIZE = (1280, 720)
# Fast and of high quality: the intake encodes it once more, smaller.
DRAFT = {"preset": "ultrafast", "crf": "14", "g": "30"}


class Drawn(Protocol):
    """A film that can be drawn: a pure function of its phase, the same at 0 and 1."""

    def picture(self, phase: float) -> Image.Image:
        """The picture at a phase."""


def _aquarium(width: int, height: int) -> Drawn:
    from media.art.aquarium import Aquarium

    return Aquarium(width, height)


def _seasons(width: int, height: int) -> Drawn:
    from media.art.year import Year

    return Year(width, height)


FILMS: Mapping[str, Callable[[int, int], Drawn]] = {"aquarium": _aquarium, "seasons": _seasons}


def write_film(name: str, path: Path, *, size: tuple[int, int] = SIZE, seconds: float = SECONDS) -> None:
    """Draw and encode a film; the file is whole when this returns."""
    import av
    import numpy as np

    drawn, count = FILMS[name](*size), round(seconds * FPS)
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options=DRAFT)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, FPS)
        context.colorspace = context.color_primaries = context.color_trc = 1
        for number in range(count):
            picture = drawn.picture(number / count)
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709"
            )
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
