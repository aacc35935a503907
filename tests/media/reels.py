"""Films for tests, each picture of which says its number."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
import pygame
from av.video.stream import VideoStream

from media.programme import Film

BITS = 10
SIZE = (320, 180)
HOUSE = {"preset": "ultrafast", "crf": "18", "g": "30", "bf": "0", "sc_threshold": "0"}


def numbered(number: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Rows × columns × RGB: ten blocks from left to right, white for each bit of the number, on blue."""
    width, height = size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :] = (20, 40, 160)
    for bit in range(BITS):
        left = width * bit // BITS
        picture[height // 4 : height * 3 // 4, left : width * (bit + 1) // BITS] = 255 * (number >> bit & 1)
    return picture


def number_in(surface: pygame.Surface) -> int:
    """The number a picture says, at whatever size; -1 for something else."""
    width, height = surface.get_size()
    if surface.get_at((width // 2, height // 8))[2] < 120:
        return -1
    middles = (surface.get_at((width * (2 * bit + 1) // (2 * BITS), height // 2))[0] for bit in range(BITS))
    return sum(1 << bit for bit, value in enumerate(middles) if value > 127)


def bgra(frame: av.VideoFrame) -> np.ndarray:
    """Rows × columns × BGRA of a frame that a film gave."""
    rows = np.frombuffer(bytes(frame.planes[0]), np.uint8).reshape(frame.height, frame.planes[0].line_size // 4, 4)
    return rows[:, : frame.width]


def number_of(picture: np.ndarray) -> int:
    """The number that rows × columns × colours say."""
    height, width, _ = picture.shape
    return sum(int(picture[height // 2, width * (2 * n + 1) // (2 * BITS), 1] > 127) << n for n in range(BITS))


def film(path: Path, frames: int = 90, size: tuple[int, int] = SIZE, *, fps: int = 30) -> Film:
    """Write a film of the house format whose picture n says n."""
    write(path, (numbered(number, size) for number in range(frames)), fps=fps)
    return Film(frames=frames, fps=fps)


def write(
    path: Path,
    pictures: Iterable[np.ndarray],
    *,
    fps: int = 30,
    codec: str = "libx264",
    container: str = "mp4",
    options: dict[str, str] | None = None,
) -> None:
    """Encode pictures one after the other."""
    index_first = {"movflags": "faststart"} if container == "mp4" else {}
    with av.open(str(path), "w", format=container, options=index_first) as output:
        stream: VideoStream | None = None
        for number, picture in enumerate(pictures):
            if stream is None:
                stream = cast(
                    VideoStream, output.add_stream(codec, rate=fps, options=HOUSE if options is None else options)
                )
                stream.width, stream.height = picture.shape[1], picture.shape[0]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = Fraction(1, fps)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = number
            output.mux(stream.encode(frame))
        if stream is not None:
            output.mux(stream.encode())
