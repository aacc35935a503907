"""Windows that light up one by one at dusk, and go out one by one when the people behind them sleep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.art.paper import Colour
from media.scenes.rhythm import dice
from media.scenes.sheets import BAND, Planes

WARM = np.array([(255, 214, 150), (255, 228, 184), (255, 196, 122), (232, 238, 255)], np.float32)
Box = tuple[float, float, float, float]


class Lamps:
    """Boxes of light on a canvas, in pixels: left, top, right, foot.

    A `share` of them is used at all, `awake` of these burn all night, each from its own height of the sun in `dark` on.
    """

    def __init__(
        self,
        boxes: Sequence[Box],
        *,
        seed: int,
        awake: float = 0.12,
        dark: tuple[float, float] = (-7.5, 1.5),
        share: float = 0.80,
    ) -> None:
        chance = np.random.default_rng(seed)
        count = len(boxes)
        self._dark = chance.uniform(*dark, count)
        self._asleep = 21.2 + 5.2 * chance.random(count) ** 1.2
        self._asleep[chance.random(count) < awake] = 99.0
        self._rises = 29.2 + 2.6 * chance.random(count)
        self._power = chance.uniform(0.62, 1.0, count) * (chance.random(count) < share)
        self._shade = WARM[chance.integers(0, len(WARM), count)]
        self._bands = banded(boxes)

    def lit(self, altitude: float, hour: float, share: Sequence[float] | None = None) -> Lit:
        """How they burn at a height of the sun and an hour by Seoul's clocks; `share` dims each one."""
        late = hour if hour >= 12 else hour + 24
        dark = np.clip((self._dark - altitude) / 0.5 + 0.5, 0, 1)
        sleeps = np.clip((late - self._asleep) / 0.06, 0, 1) * (1 - np.clip((late - self._rises) / 0.06, 0, 1))
        power = self._power * dark * (1 - sleeps)
        return Lit(self._bands, (power if share is None else power * np.asarray(share)).astype(np.float32), self._shade)

    def panes(self, shade: Colour, power: float, share: Sequence[float]) -> Lit:
        """Their windows by day: panes of one colour."""
        shades = np.broadcast_to(255 * np.array(shade, np.float32), self._shade.shape)
        return Lit(self._bands, (power * np.asarray(share)).astype(np.float32), shades)


@dataclass(frozen=True, slots=True)
class Lit:
    """Lamps as they burn."""

    bands: dict[int, tuple[npt.NDArray[np.int32], ...]]
    power: npt.NDArray[np.float32]
    shade: npt.NDArray[np.float32]

    def paint(self, planes: Planes, top: int) -> None:
        """Those on the band."""
        found = self.bands.get(top // BAND)
        if found is None:
            return
        rows, columns, lamps = found
        burning = (self.power[lamps] > 0.004) & (columns < planes.shape[2]) & (rows < planes.shape[1])
        rows, columns, lamps = rows[burning], columns[burning], lamps[burning]
        for channel in range(3):
            below = planes[channel, rows, columns]
            planes[channel, rows, columns] = below + (self.shade[lamps, channel] - below) * self.power[lamps]


def banded(boxes: Sequence[Box]) -> dict[int, tuple[npt.NDArray[np.int32], ...]]:
    """Band → the rows in it, columns and lamps of every pixel that a lamp has there."""
    found: dict[int, list[npt.NDArray[np.int32]]] = {}
    for lamp, (left, top, right, foot) in enumerate(boxes):
        x = np.arange(max(0, int(left)), max(int(left) + 1, int(right)), dtype=np.int32)
        y = np.arange(max(0, int(top)), max(int(top) + 1, int(foot)), dtype=np.int32)
        if not len(x) or not len(y):
            continue
        for band in range(int(y[0]) // BAND, int(y[-1]) // BAND + 1):
            rows = y[(y // BAND) == band] - band * BAND
            grid = np.stack(
                [np.repeat(rows, len(x)), np.tile(x, len(rows)), np.full(len(rows) * len(x), lamp, np.int32)]
            )
            found.setdefault(band, []).append(grid)
    return {band: tuple(np.concatenate(grids, axis=1)) for band, grids in found.items()}


def windows(
    blocks: Sequence[tuple[float, float, float]],
    *,
    unit: float,
    base: float,
    foot: float,
    size: tuple[float, float],
    seed: int,
) -> list[Box]:
    """Windows in rows and columns on blocks (left, right, top in units over the row `base`)."""
    found = []
    for number, (left, right, top) in enumerate(blocks):
        across, down = size
        columns = int((right - left - 0.6 * across) / (1.75 * across))
        rows = int((top - foot - 0.9 * down) / (1.8 * down))
        kept = 0.35 + 0.5 * dice(seed, number)[0]
        for column in range(columns):
            for row in range(rows):
                if dice(seed, number, column, row)[1] < kept:
                    x = left + 0.6 * across + (column + 0.2) * 1.75 * across
                    y = top - 0.9 * down - row * 1.8 * down
                    found.append((x * unit, base - y * unit, (x + across) * unit, base - (y - down) * unit))
    return found


def posts(wide: float, unit: float, line: int, *, high: float, apart: float, size: float) -> list[Box]:
    """Street lamps in a row, `high` over a row of pixels."""
    places, y = np.arange(0.3 * apart, wide, apart), line - high * unit
    half, tall = max(0.5, 0.5 * size * unit), max(1.0, size * unit)
    return [(x * unit - half, y, x * unit + half, y + tall) for x in places.tolist()]
