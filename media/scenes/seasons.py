"""Seoul's nature: Namsan over the Han through the year, under the sun where it stands at that minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import exp

import numpy as np
import pygame

from media.art.paper import Colour, Cutting, colour, mix
from media.geometry import Size
from media.scenes import land
from media.scenes.air import Birds, Clouds, Fallen, Falls
from media.scenes.lamps import Lamps, posts, windows
from media.scenes.layers import Front, Layer
from media.scenes.papers import SNOW, Paper, cloud_light, tower_light, water_tint
from media.scenes.rhythm import smooth
from media.scenes.river import River
from media.scenes.sheets import Easel, Glow, Laid, Sheet, Step, cut, standing, stops, union
from media.scenes.sky import Air, Sky, air_of
from media.scenes.sprites import Tone
from media.scenes.trees import Tree, borne, foliage, handful_shade, tree
from media.scenes.weather import day_of_year, hour_of_day

WATERLINE = 0.735
# Namsan's top: the middle of the middle panel.
PEAK = 0.5
# Kind, place across the canvas, height in units, and how wide a canvas must be to have room for it.
TREES = (
    ("cherry", 0.035, 0.56, 0.0),
    ("cherry", 0.115, 0.37, 3.0),
    ("pine", 0.205, 0.34, 3.0),
    ("willow", 0.612, 0.44, 3.0),
    ("ginkgo", 0.672, 0.40, 3.0),
    ("maple", 0.835, 0.34, 3.0),
    ("maple", 0.955, 0.55, 0.0),
)
FALLS = ("snow", "rain", "petals", "leaves", "leaves", "fireflies")


@dataclass(frozen=True, slots=True)
class Plate:
    """The landscape for a stretch of time."""

    backdrop: Layer
    water: Sequence[pygame.Surface]
    far: Front
    near: Front
    clouds: Sequence[pygame.Surface]
    birds: Sequence[pygame.Surface]
    often: float
    falls: Fallen


class Seasons:
    """Draws the landscape on a canvas; lengths are in units, of which a wide canvas is one high."""

    stretch_s = 10

    def __init__(self, canvas: Size) -> None:
        self._canvas = canvas
        unit = self._unit = min(float(canvas[1]), 0.9 * canvas[0])
        self._wide, self._high = canvas[0] / unit, canvas[1] / unit
        self._easel = Easel(canvas)
        self._line = round(WATERLINE * canvas[1])
        self._sky = Sky(canvas, unit, 0.70 * canvas[1])
        self._stand()
        self._plant()
        self._river = River(canvas, unit, self._line, canvas[1] - round(0.040 * unit))
        self._clouds = Clouds(self._wide, unit, 0.52 * canvas[1])
        self._birds = Birds(self._wide, unit, ceiling=0.62 * canvas[1])
        self._falls = Falls(FALLS, self._wide, self._high, unit)

    def plate(self, moment: datetime) -> Plate:
        """The landscape in the light of a moment."""
        air = air_of(moment)
        seconds = moment.timestamp()
        day, hour = day_of_year(seconds), hour_of_day(seconds)
        backdrop = self._easel.picture(self._far(air, moment, day, hour), foot=self._line)
        mirrored = self._river.mirror(backdrop, water_tint(air), rough=1 + air.weather.rain)
        self._easel.paint_over(backdrop, self._near(air, day), top=self._near_sheet.top)
        return Plate(
            backdrop=self._river.around(backdrop),
            water=mirrored,
            far=standing(backdrop, self._far_sheet, below=round(0.60 * self._canvas[1])),
            near=standing(backdrop, self._near_sheet),
            clouds=self._clouds.toned(cloud_light(air), air.weather.clouds),
            birds=self._birds.toned(Tone(air.lit(colour("#4a5058"), 0.25), cover=round(24 * air.light.day) / 24)),
            often=0.5 * (1 - air.weather.rain),
            falls=self._falls.toned(_fallen(air, day)),
        )

    def layers(self, seconds: float, plate: Plate) -> Sequence[Layer]:
        """Everything that sails, flows, flies and falls, from the back to the front."""
        clouds = self._clouds.layer(seconds, plate.clouds)
        birds = self._birds.layer(seconds, plate.birds, plate.often)
        water = self._river.layer(seconds, plate.water)
        near = plate.near.over(clouds, birds, water)
        return [clouds, plate.far.over(clouds), birds, water, near, *self._falls.layers(seconds, plate.falls)]

    def _stand(self) -> None:
        wide, unit = self._wide, self._unit
        self._hill = land.namsan(PEAK * wide, high=0.285, wide=min(1.0, 0.60 * wide))
        self._meadow = land.bank(high=0.075, seed=5)
        self._wood = land.rolling(high=0.075, moved=0.030, seed=8)
        blocks = land.houses(wide, seed=21, tall=(0.045, 0.165), broad=(0.012, 0.034), base=0.0)
        blocks = [box for box in blocks if abs(box[0] - PEAK * wide) > 0.16 or box[2] < 0.06]
        self._lamps = Lamps(
            windows(blocks, unit=unit, base=self._line, foot=0.018, size=(0.0034, 0.0046), seed=3), seed=31
        )
        self._street = Lamps(
            posts(self._wide, unit, self._line, high=0.0095, apart=0.026, size=0.0024),
            seed=61, awake=1.0, dark=(-1.5, 0.5), share=1.0,
        )  # fmt: skip
        tops = (
            (0.115 * wide, 0.55, 0.22),
            (0.165 * wide, 0.62, 0.17),
            (0.225 * wide, 0.36, 0.20),
            (0.83 * wide, 0.34, 0.34),
        )
        peaks = land.granite(wide, high=0.235, seed=4, peaks=land.lowered(tops, wide))
        ridge = land.granite(wide, high=0.165, seed=9, peaks=((0.70 * wide, 0.45, 0.42), (0.02 * wide, 0.42, 0.40)))
        self._papers = {
            "peaks": self._cut(land.ridge(peaks, wide, step=0.002), rim=0.016),
            "ridge": self._cut(land.ridge(ridge, wide, step=0.002), rim=0.012),
            "hills": self._cut(land.ridge(land.rolling(high=0.135, moved=0.055, seed=6), wide)),
            "tower": self._cut(land.tower(PEAK * wide, 0.268, 0.185)),
            "namsan": self._cut(land.ridge(self._hill, wide, step=0.0015)),
            "town": self._cut(land.blocks(blocks, seed=22), rim=0.004),
            "back": self._cut(land.crowns(self._wood_line, wide, seed=71, size=0.016), rim=0.004),
            "wood": self._cut(land.crowns(self._grass_line, wide, seed=72, size=0.0105), rim=0.003),
            "bridge": self._cut(
                land.bridge(
                    0.62 * wide, 1.02 * wide, 0.042, spans=max(5, round(2.6 * wide)), arches=(0.2, 0.8), rise=0.050
                )
            ),
        }
        self._groves = [
            self._cut_plain(
                land.groves(self._hill, wide, seed=60 + n, count=round(430 * wide), size=0.0072, band=(0.12, 0.98))
            )
            for n in range(3)
        ]
        self._wall = self._cut_plain(land.wall(self._hill, PEAK * wide - 0.42, PEAK * wide + 0.30))
        self._far_sheet = union(self._canvas, [each.sheet for name, each in self._papers.items() if name != "bridge"])

    def _wood_line(self, x: np.ndarray) -> np.ndarray:
        """Where the trees of the far bank stand, higher at Namsan's foot."""
        found: np.ndarray = 0.012 + 0.022 * np.exp(-(((x - PEAK * self._wide) / 0.5) ** 2)) + 0.004 * np.sin(3.1 * x)
        return found

    def _grass_line(self, x: np.ndarray) -> np.ndarray:
        """The foot of the far bank."""
        found: np.ndarray = 0.004 + 0.003 * np.sin(2.3 * x + 1)
        return found

    def _plant(self) -> None:
        wide, unit, foot = self._wide, self._unit, self._canvas[1]
        self._shore = Paper.of(cut(self._canvas, unit, land.grassy(self._meadow, wide, seed=44)), unit)
        spots = [
            (0.185 * wide, 0.16),
            (0.37 * wide, 0.20),
            (0.535 * wide, 0.22),
            (0.66 * wide, 0.14),
            (0.83 * wide, 0.20),
        ]
        self._reeds = [
            cut(self._canvas, unit, land.reeds(self._meadow, spots, seed=41, heads=heads)) for heads in (False, True)
        ]
        self._pavilion = Paper.of(cut(self._canvas, unit, self._lodge), unit)
        self._trees = [
            self._planted(kind, place, tall, number, foot)
            for number, (kind, place, tall, least) in enumerate(TREES)
            if wide >= least
        ]
        leaves = [sheet for each in self._trees for sheet in (each.wood, *each.handfuls)]
        front = [self._shore.sheet, *self._reeds, self._pavilion.sheet, self._papers["bridge"].sheet, *leaves]
        self._near_sheet = union(self._canvas, front)

    def _planted(self, kind: str, place: float, tall: float, number: int, foot: int) -> Tree:
        low = float(self._meadow(np.array([place * self._wide]))[0]) * self._unit
        return tree(kind, (place * self._canvas[0], foot - 0.70 * low), tall, self._unit, 700 + number)

    def _lodge(self, cutting: Cutting) -> None:
        at = (0.762 if self._wide > 3 else 0.70) * self._wide
        land.pavilion(cutting, at, float(self._meadow(np.array([at]))[0]) - 0.004, 0.20)

    def _cut(self, cutting: land.Cut, *, rim: float = 0.006) -> Paper:
        return Paper.of(self._cut_plain(cutting), self._unit, rim=rim)

    def _cut_plain(self, cutting: land.Cut) -> Sheet:
        return cut(self._canvas, self._unit, cutting, horizon=WATERLINE)

    def _far(self, air: Air, moment: datetime, day: float, hour: float) -> list[Step]:
        """Sky, ridges, Namsan and the far bank."""
        lying = air.weather.lying
        snow = {away: air.lit(SNOW, away) for away in (0.62, 0.46, 0.16, 0.10)}
        rock, bare = colour("#8794a2"), mix(foliage("oak", day)[1], (0.35, 0.40, 0.45), 0.30)
        bare = mix(bare, SNOW, 0.45 * lying)
        green = self._woods(day, lying)
        papers = self._papers
        steps: list[Step] = [*self._sky.steps(air, moment)]
        steps += papers["peaks"].laid(
            air.lit(rock, 0.70), air.lit(rock, 0.92), snow=snow[0.62], lying=0.75 * lying, shadow=0.10
        )
        steps += papers["ridge"].laid(
            air.lit(mix(rock, bare, 0.5), 0.55), air.lit(rock, 0.84), snow=snow[0.46], lying=0.7 * lying, shadow=0.12
        )
        steps += papers["hills"].laid(
            air.lit(bare, 0.42), air.lit(bare, 0.74), snow=snow[0.46], lying=0.5 * lying, shadow=0.14
        )
        stone = colour("#8b97a3")
        steps += papers["tower"].laid(air.lit(stone, 0.10), air.lit(stone, 0.20), snow=snow[0.10], lying=0.4 * lying)
        steps.append(tower_light(papers["tower"].sheet, air))
        steps += papers["namsan"].laid(
            air.lit(mix(green[0], (0, 0.03, 0.05), 0.22), 0.16),
            air.lit(green[0], 0.50),
            snow=snow[0.16],
            lying=0.8 * lying,
        )
        night = smooth((0.5 - air.light.sun.altitude) / 7)
        for number, grove in enumerate(self._groves):
            _, upper, _, lower = grove.box
            share = foliage("spring", day)[0] if number == 1 else 1.0
            steps.append(
                Laid(
                    grove, stops(upper, lower, air.lit(green[number], 0.13), air.lit(green[number], 0.48)), 0.75 * share
                )
            )
        stone = mix(air.lit(colour("#e6dcc6"), 0.22), (1.0, 0.80, 0.50), 0.50 * night)
        steps.append(Laid(self._wall, ((0, stone),), 0.9))
        steps += self._town(air, day, hour, snow[0.16])
        return steps

    def _town(self, air: Air, day: float, hour: float, snow: Colour) -> list[Step]:
        """Houses and trees along the far bank, their windows, and the shine of their light in the air."""
        lying, plaster = air.weather.lying, colour("#ddd4c6")
        dark = smooth((1 - air.light.sun.altitude) / 9)
        green = mix(foliage("pine", day)[1], SNOW, 0.4 * lying)
        lamps = self._lamps.lit(air.light.sun.altitude, hour), self._street.lit(air.light.sun.altitude, hour)
        bank = mix(mix(foliage("willow", day)[1], foliage("oak", day)[1], 0.6), SNOW, 0.5 * lying)
        shine = Glow(
            (0.5 * self._canvas[0], self._line), (2.2 * self._unit, 0.13 * self._unit), (1.0, 0.78, 0.52), 0.20 * dark
        )
        return [
            *self._papers["town"].laid(air.lit(plaster, 0.30), air.lit(plaster, 0.62), snow=snow, lying=0.8 * lying),
            lamps[0],
            shine,
            *self._papers["back"].laid(
                air.lit(mix(bank, green, 0.45), 0.26), air.lit(bank, 0.34), snow=snow, lying=0.8 * lying
            ),
            *self._papers["wood"].laid(
                air.lit(bank, 0.08), air.lit(mix(bank, (0, 0.05, 0.08), 0.45), 0.10), snow=snow, lying=0.8 * lying
            ),
            lamps[1],
        ]

    def _near(self, air: Air, day: float) -> list[Step]:
        """The bridge and the near bank with its trees."""
        lying = air.weather.lying
        snow = air.lit(SNOW, 0.0)
        steel, wood = colour("#8fa3a6"), mix(colour("#4b3b36"), (0.35, 0.30, 0.28), 0.2)
        grass = mix(foliage("grass", day)[1], SNOW, 0.88 * lying)
        much, reed = foliage("reed", day)
        steps = self._papers["bridge"].laid(air.lit(steel, 0.06), air.lit(steel, 0.20), snow=snow, lying=0.6 * lying)
        stem = mix(reed, grass, 0.5)
        steps.append(Laid(self._reeds[0], ((0, air.lit(mix(stem, (0.1, 0.1, 0.1), 0.2), 0.0)),), 0.8))
        steps.append(Laid(self._reeds[1], ((0, air.lit(mix(reed, SNOW, 0.5 * lying), 0.0)),), much))
        roof, post = air.lit(colour("#3f464e"), 0.02), air.lit(colour("#7c4c3c"), 0.0)
        steps += self._pavilion.laid(roof, post, snow=snow, lying=lying)
        for each in self._trees:
            steps += self._grown(each, air, day, wood, snow)
        deep = air.lit(mix(grass, (0.05, 0.10, 0.12), 0.62 - 0.42 * lying), 0.0)
        return [*steps, *self._shore.laid(air.lit(grass, 0.0), deep, snow=snow, lying=lying, shadow=0.12)]

    def _grown(self, each: Tree, air: Air, day: float, wood: Colour, snow: Colour) -> list[Step]:
        share, shade = foliage(each.kind, day)
        lying = air.weather.lying
        steps: list[Step] = [
            Laid(each.wood, ((0, air.lit(wood, 0.0)),)),
            Laid(each.wood, ((0, snow),), lying, max(1, round(0.0035 * self._unit))),
        ]
        for number, sheet in enumerate(each.handfuls):
            own = mix(handful_shade(shade, number), SNOW, 0.62 * lying * (each.kind == "pine") * (number / 4))
            _, upper, _, lower = sheet.box
            lit = stops(
                upper,
                lower,
                air.lit(mix(own, (1, 1, 0.94), 0.10), 0.0),
                air.lit(mix(own, (0.04, 0.07, 0.12), 0.24), 0.0),
            )
            steps.append(Laid(sheet, lit, 0.94 * borne(share, number)))
        return steps

    def _woods(self, day: float, lying: float) -> list[Colour]:
        """Oaks, blossom and maples, pines: the three colours of Namsan's slopes."""
        shades = [foliage(kind, day)[1] for kind in ("oak", "spring", "pine")]
        return [mix(shade, SNOW, part * lying) for shade, part in zip(shades, (0.52, 0.45, 0.30), strict=True)]


def _fallen(air: Air, day: float) -> list[tuple[float, Colour]]:
    """What falls now: snow, rain, petals, leaves of two colours, fireflies; each with its share and its light."""
    weather, dark = air.weather, smooth((-air.light.sun.altitude - 4) / 6)
    dry = 1 - min(1.0, 3 * (weather.rain + weather.snow))
    return [
        (weather.snow, air.lit(SNOW, 0.0)),
        (weather.rain, air.lit((0.86, 0.92, 1.0), 0.0)),
        (dry * exp(-(((day - 107) / 5.5) ** 2)), air.lit(foliage("cherry", 104)[1], 0.0)),
        (dry * exp(-(((day - 313) / 9) ** 2)), air.lit(foliage("maple", 312)[1], 0.0)),
        (dry * exp(-(((day - 318) / 7) ** 2)), air.lit(foliage("ginkgo", 312)[1], 0.0)),
        (dark * dry * exp(-(((day - 172) / 22) ** 2)), (1.0, 0.92, 0.55)),
    ]
