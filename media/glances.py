"""A film's pictures looked at as they pass: flashes in each, bars and seams in one a second; needs no copy of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from media.checks.flashes import CELLS, Flashes, Flashing
from media.checks.seams import crossings, seams_of

if TYPE_CHECKING:
    from av import VideoFrame
    from PIL import Image

GLANCE = 480
SEAM_HEIGHT = 640
SAMPLES = 2
MOST_BOXES = 12
CUT_MUCH = 30
SOFT = 2.0
FULL_RANGE = 2
SD_MATRIX = (5, 6)
# Red, green and blue of luma and the two colour differences, by ITU-R BT.601 and BT.709.
BT601 = ((1.0, 0.0, 1.402), (1.0, -0.344, -0.714), (1.0, 1.772, 0.0))
BT709 = ((1.0, 0.0, 1.5748), (1.0, -0.1873, -0.4681), (1.0, 1.8556, 0.0))
# What is no light and no colour, and the span from there.
FULL = np.array((0, 128, 128), np.float32), np.array((255, 255, 255), np.float32)
TV = np.array((16, 128, 128), np.float32), np.array((219, 224, 224), np.float32)

Plane = NDArray[np.uint8]
Region = tuple[float, float, float, float]


class Glances:
    """What was seen in a film of that size at that rate, laid across those walls."""

    def __init__(self, size: tuple[int, int], fps: int, walls: list[dict[str, Any]]) -> None:
        self._size = size
        self._fps = fps
        self._walls = walls
        self._flashes = Flashes(fps)
        self._last: VideoFrame | None = None
        self._flashing: tuple[int, VideoFrame] | None = None
        self._lightest: Image.Image | None = None
        self._on_seams: dict[tuple[str, int, int], dict[str, Any]] = {}

    def see(self, picture: VideoFrame, number: int) -> None:
        """The picture of that number; its planes are only read."""
        self._flashes.see(_linear(picture))
        self._keep_flashing(picture, number)
        if number % self._fps == 0:
            luma = _plane(picture, 0)
            self._lighten(luma)
            for wall in self._walls:
                self._look_across(luma, wall, number)

    @property
    def flashing(self) -> VideoFrame | None:
        """The picture in which a harmful flash is seen; None where there is none."""
        return self._flashing[1] if self._flashing is not None else None

    def checks(self) -> list[dict[str, Any]]:
        """All that was found."""
        flashes = [_flashing(each, self._size, self._fps) for each in self._flashes.found()]
        return [*flashes, *self._bars(), *list(self._on_seams.values())[:MOST_BOXES], *self._across()]

    def _lighten(self, luma: Plane) -> None:
        from PIL import Image, ImageChops

        step = max(1, max(luma.shape) // GLANCE)
        small = Image.fromarray(np.ascontiguousarray(luma[::step, ::step]))
        self._lightest = small if self._lightest is None else ImageChops.lighter(self._lightest, small)

    def _keep_flashing(self, picture: VideoFrame, number: int) -> None:
        """Hold the picture in which the worst flash of the first kind is seen: this one or the one before it."""
        worst = next(iter(self._flashes.found()), None)
        if worst is not None and (self._flashing is None or self._flashing[0] != worst.bright):
            shown = {number: picture, number - 1: self._last}.get(worst.bright)
            if shown is not None:
                self._flashing = worst.bright, shown
        self._last = picture

    def _bars(self) -> list[dict[str, Any]]:
        from media.checks.bars import between_bars

        found = None if self._lightest is None else between_bars(self._lightest)
        if found is None or self._lightest is None:
            return []
        across, down = self._size[0] / self._lightest.width, self._size[1] / self._lightest.height
        left, top, right, bottom = found[0] * across, found[1] * down, found[2] * across, found[3] * down
        return [_check("letterbox", box=_boxed(left, top, right, bottom))]

    def _look_across(self, luma: Plane, wall: dict[str, Any], number: int) -> None:
        """One picture as it lies across a wall, by every so many of its pixels."""
        canvas, (left, top, right, bottom) = wall["canvas"], _region(self._size, wall["canvas"])
        step = max(1, round((bottom - top) / SEAM_HEIGHT))
        seen = luma[round(top) : round(bottom) : step, round(left) : round(right) : step]
        shrunk = seen.shape[1] / canvas[0]
        for each in crossings(seen, seams_of(wall["seams"], shrunk)):
            key = wall["surface"], each.seam.first, each.seam.second
            if key not in self._on_seams:
                box = _boxed(*(side * step + edge for side, edge in zip(each.box, (left, top, left, top), strict=True)))
                told = {"surface": wall["surface"], **each.between, "box": box}
                self._on_seams[key] = _check(each.code, **told, second=f"{number / self._fps:.1f}")

    def _across(self) -> list[dict[str, Any]]:
        """How the film's size meets the walls'."""
        checks = []
        for wall in self._walls:
            canvas, (left, top, right, bottom) = wall["canvas"], _region(self._size, wall["canvas"])
            cut = round(100 * (1 - (right - left) * (bottom - top) / (self._size[0] * self._size[1])))
            times = round(canvas[1] / (bottom - top), 2)
            if cut >= CUT_MUCH:
                checks.append(_check("cut-on-wall", surface=wall["surface"], percent=cut))
            if times >= SOFT:
                checks.append(_check("soft-on-wall", surface=wall["surface"], times=times))
        return checks


def _linear(picture: VideoFrame) -> NDArray[np.float32]:
    """Rows × columns × linear light of red, green and blue, each cell the mean of some of its pixels."""
    columns, rows = CELLS
    wide, high = columns * SAMPLES, rows * SAMPLES
    luma, blue, red = (_plane(picture, number) for number in range(3))
    sampled = [_sampled(plane, wide, high) for plane in (luma, blue, red)]
    signal = np.stack(sampled, axis=-1).astype(np.float32)
    zero, span = FULL if picture.color_range == FULL_RANGE else TV
    signal = (signal - zero) / span
    matrix = np.array(BT601 if picture.colorspace in SD_MATRIX else BT709, np.float32)
    colours = np.clip(signal @ matrix.T, 0, 1)
    light = colours**2.2
    cells: NDArray[np.float32] = light.reshape(rows, SAMPLES, columns, SAMPLES, 3).mean(axis=(1, 3))
    return cells


def _plane(picture: VideoFrame, number: int) -> Plane:
    plane = picture.planes[number]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _sampled(plane: Plane, wide: int, high: int) -> Plane:
    """That many of its pixels, evenly spread."""
    rows = (np.arange(high) * plane.shape[0] + plane.shape[0] // 2) // high
    columns = (np.arange(wide) * plane.shape[1] + plane.shape[1] // 2) // wide
    chosen: Plane = plane[rows[:, None], columns[None, :]]
    return chosen


def _region(size: tuple[int, int], canvas: tuple[int, int]) -> Region:
    """What of a picture of that size is seen where its middle covers the canvas."""
    scale = max(canvas[0] / size[0], canvas[1] / size[1])
    left, top = (size[0] - canvas[0] / scale) / 2, (size[1] - canvas[1] / scale) / 2
    return left, top, size[0] - left, size[1] - top


def _flashing(each: Flashing, size: tuple[int, int], fps: int) -> dict[str, Any]:
    left, top, right, bottom = each.box
    box = _boxed(left * size[0], top * size[1], right * size[0], bottom * size[1])
    first = max(0, each.frame - fps + 1)
    told = {"second": f"{first / fps:.1f}", "at": f"{each.bright / fps:.2f}", "flashes": each.flashes, "box": box}
    return {**_check(f"flash-{each.kind}", **told), "severity": "stop"}


def _boxed(left: float, top: float, right: float, bottom: float) -> str:
    """As `x,y,width,height`."""
    return f"{round(left)},{round(top)},{round(right) - round(left)},{round(bottom) - round(top)}"


def _check(code: str, **params: object) -> dict[str, Any]:
    return {"code": code, "severity": "warn", "params": {key: str(value) for key, value in params.items()}}
