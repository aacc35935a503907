"""The skyline over the Han, on its way from Seoul today to Seoul tomorrow and back, house by house."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pygame

from media.art.paper import colour, mix
from media.geometry import Size
from media.scenes import blocks, land
from media.scenes.air import Birds, Clouds, Fallen, Falls
from media.scenes.blocks import ROWS, Builder, House, Plan
from media.scenes.lamps import Lamps, posts
from media.scenes.layers import Front, Layer
from media.scenes.papers import DARK, SNOW, Paper, cloud_light, tower_light, water_tint
from media.scenes.rhythm import GOLDEN, beat, smooth
from media.scenes.river import River
from media.scenes.sheets import Easel, Glow, Laid, Sheet, Step, cut, standing, stops, union
from media.scenes.sky import Air, Sky, air_of
from media.scenes.sprites import Tone
from media.scenes.traffic import Traffic
from media.scenes.trees import foliage
from media.scenes.weather import day_of_year, hour_of_day

WATERLINE = 0.775
# Namsan's top: the middle of the second panel.
PEAK = 0.212
# The way there and back takes this long; at each end the city stands still for a while.
ROUND_S = 3137.0 * GOLDEN
STANDS = 0.14
# Near rows are darker.
NEARER = (0.10, 0.22, 0.36)
# What anybody recognises: how it is drawn, place across the canvas, width and height in units, era, row, the room it
# needs, its colour, and the light that falls on it by night.
LANDMARKS = (
    (blocks.golden_slab, 0.075, 0.085, 0.34, "today", 1, 3.0, "#d9b878", "#c98f3e"),
    (blocks.great_tower, 0.788, 0.120, 0.60, "both", 0, 0.0, "#b9c6cf", "#9fc2e6"),
    (blocks.city_hall, 0.505, 0.400, 0.215, "both", 2, 0.0, "#8fc3d2", "#78c4d2"),
    (blocks.old_hall, 0.485, 0.270, 0.110, "both", 2, 0.0, "#cdbb9e", "#d8a868"),
    (blocks.gate, 0.644, 0.240, 0.150, "both", 2, 3.0, "#a07a62", "#d99a55"),
    (blocks.hanging_gardens, 0.115, 0.160, 0.46, "tomorrow", 1, 3.0, "#a9cfbf", "#7fc9a4"),
    (blocks.hanging_gardens, 0.932, 0.150, 0.37, "tomorrow", 1, 3.0, "#b6d6c2", "#8fd0a8"),
    (blocks.ring, 0.644, 0.420, 0.350, "tomorrow", 1, 1.4, "#dfe9e6", "#bfe4ec"),
    (blocks.great_tower, 0.356, 0.120, 0.52, "tomorrow", 0, 3.0, "#bfd8d8", "#8fd4d0"),
)


@dataclass(frozen=True, slots=True)
class Plate:
    """The skyline for a stretch of time."""

    backdrop: Layer
    water: Sequence[pygame.Surface]
    far: Front
    near: Front
    clouds: Sequence[pygame.Surface]
    birds: Sequence[pygame.Surface]
    falls: Fallen
    traffic: Sequence[Sequence[pygame.Surface]]
    change: float


class Skyline:
    """Draws the skyline on a canvas; lengths are in units, of which a wide canvas is one high."""

    stretch_s = 10

    def __init__(self, canvas: Size) -> None:
        self._canvas = canvas
        unit = self._unit = min(float(canvas[1]), 0.9 * canvas[0])
        self._wide, self._high = canvas[0] / unit, canvas[1] / unit
        self._easel = Easel(canvas)
        self._line = round(WATERLINE * canvas[1])
        self._sky = Sky(canvas, unit, 0.74 * canvas[1])
        self._stand()
        self._river = River(canvas, unit, self._line, canvas[1])
        self._clouds = Clouds(self._wide, unit, 0.50 * canvas[1])
        self._birds = Birds(self._wide, unit, ceiling=0.50 * canvas[1])
        self._falls = Falls(("snow", "rain"), self._wide, self._high, unit, seed=9)
        self._traffic = Traffic(self._wide, unit, self._line, deck=0.050)

    def plate(self, moment: datetime) -> Plate:
        """The skyline in the light of a moment."""
        air, seconds = air_of(moment), moment.timestamp()
        change = changed(seconds)
        backdrop = self._easel.picture(self._steps(air, moment, change), foot=self._line)
        mirrored = self._river.mirror(backdrop, water_tint(air), rough=1 + air.weather.rain)
        self._easel.paint_over(backdrop, self._near(air), top=self._near_sheet.top)
        return Plate(
            backdrop=self._river.around(backdrop),
            water=mirrored,
            far=standing(backdrop, self._covered(change), below=round(0.60 * self._canvas[1])),
            near=standing(backdrop, self._near_sheet),
            clouds=self._clouds.toned(cloud_light(air), air.weather.clouds),
            birds=self._birds.toned(Tone(air.lit(colour("#4a5058"), 0.25), cover=round(24 * air.light.day) / 24)),
            falls=self._falls.toned(
                [(air.weather.snow, air.lit(SNOW, 0.0)), (air.weather.rain, air.lit((0.86, 0.92, 1.0), 0.0))]
            ),
            traffic=self._traffic.toned(air),
            change=change,
        )

    def layers(self, seconds: float, plate: Plate) -> Sequence[Layer]:
        """Everything that sails, flows, flies, drives and falls, from the back to the front."""
        clouds = self._clouds.layer(seconds, plate.clouds)
        birds = self._birds.layer(seconds, plate.birds, 0.4)
        water = self._river.layer(seconds, plate.water)
        flown = self._traffic.flown(seconds, plate.traffic, plate.change)
        boats = self._traffic.boats(seconds, plate.traffic)
        train = self._traffic.train(seconds, plate.traffic)
        near = plate.near.over(clouds, birds, water, boats, train)
        falls = self._falls.layers(seconds, plate.falls)
        return [clouds, birds, plate.far.over(clouds, birds), flown, water, boats, train, near, *falls]

    def _stand(self) -> None:
        wide, unit = self._wide, self._unit
        builder = Builder(self._canvas, unit, self._line)
        rows = [[*builder.row(number, "today"), *builder.row(number, "tomorrow")] for number in range(len(ROWS))]
        for n, (draw, place, broad, tall, era, row, least, shade, flood) in enumerate(LANDMARKS):
            if wide >= least:
                plan = Plan(draw, broad, tall, era, row, colour(shade), colour(flood))
                rows[row].append(builder.house(plan, place * wide, seed=90 + n))
        self._rows = [_cleared(houses) for houses in rows]
        self._houses = [house for houses in self._rows for house in houses]
        boxes = [[box for house in row if house.flood is None for box in house.windows] for row in self._rows]
        self._lamps = [Lamps(each, seed=50 + n) for n, each in enumerate(boxes)]
        self._hill = land.namsan(PEAK * wide, high=0.215, wide=min(0.95, 0.62 * wide))
        tops = ((0.40 * wide, 0.50, 0.20), (0.435 * wide, 0.62, 0.16), (0.49 * wide, 0.40, 0.24))
        self._papers = {
            "peaks": self._cut(
                land.ridge(land.granite(wide, high=0.27, seed=14, peaks=land.lowered(tops, wide)), wide, step=0.002),
                rim=0.016,
            ),
            "tower": self._cut(land.tower(PEAK * wide, 0.200, 0.225)),
            "namsan": self._cut(land.ridge(self._hill, wide, step=0.0015)),
            "quay": self._cut(land.crowns(self._quay, wide, seed=73, size=0.0125), rim=0.003),
            "bridge": self._cut(
                land.bridge(
                    -0.02 * wide, 1.02 * wide, 0.050, spans=max(7, round(6.6 * wide)), arches=(0.28, 0.57), rise=0.055
                )
            ),
        }
        self._near_sheet = self._papers["bridge"].sheet
        street = posts(wide, unit, self._line, high=0.0125, apart=0.023, size=0.0026)
        deck = posts(wide, unit, self._line, high=0.0745, apart=0.031, size=0.0022)
        self._street, self._deck = (
            Lamps(each, seed=61, awake=1.0, dark=(-1.5, 0.5), share=1.0) for each in (street, deck)
        )
        always = [self._papers[name].sheet for name in ("peaks", "tower", "namsan")]
        self._always = union(self._canvas, [*always, *(each.sheet for each in self._houses if each.era == "both")])

    def _quay(self, x: np.ndarray) -> np.ndarray:
        """Where the trees on the far quay stand."""
        found: np.ndarray = 0.010 + 0.003 * np.sin(2.7 * x)
        return found

    def _cut(self, cutting: land.Cut, *, rim: float = 0.006) -> Paper:
        return Paper.of(cut(self._canvas, self._unit, cutting, horizon=WATERLINE), self._unit, rim=rim)

    def _covered(self, change: float) -> Sheet:
        """What hides the clouds now."""
        here = [house.sheet for house in self._houses if house.era != "both" and house.there(change) > 0.5]
        return union(self._canvas, [self._always, *here])

    def _steps(self, air: Air, moment: datetime, change: float) -> list[Step]:
        """From the sky to the quay."""
        day, hour = day_of_year(moment.timestamp()), hour_of_day(moment.timestamp())
        lying, papers = air.weather.lying, self._papers
        wood = mix(mix(foliage("oak", day)[1], foliage("pine", day)[1], 0.35), SNOW, 0.45 * lying)
        rock = colour("#8794a2")
        far = air.lit(SNOW, 0.66)
        steps: list[Step] = [*self._sky.steps(air, moment)]
        steps += papers["peaks"].laid(
            air.lit(rock, 0.72), air.lit(rock, 0.92), snow=far, lying=0.75 * lying, shadow=0.10
        )
        steps += papers["tower"].laid(
            air.lit(colour("#7f8b96"), 0.22), air.lit(colour("#9aa5ad"), 0.40), snow=far, lying=0
        )
        steps.append(tower_light(papers["tower"].sheet, air))
        steps += papers["namsan"].laid(
            air.lit(wood, 0.50), air.lit(wood, 0.78), snow=far, lying=0.6 * lying, shadow=0.14
        )
        for number, houses in enumerate(self._rows):
            steps += self._row(number, houses, air, change, hour)
        bank = mix(mix(foliage("willow", day)[1], foliage("oak", day)[1], 0.5), SNOW, 0.6 * lying)
        dark = mix(bank, (0.02, 0.07, 0.09), 0.22)
        return [
            *steps,
            *papers["quay"].laid(
                air.lit(dark, 0.06),
                air.lit(mix(dark, (0, 0.03, 0.05), 0.5), 0.06),
                snow=air.lit(SNOW, 0.1),
                lying=lying,
            ),
            self._street.lit(air.light.sun.altitude, hour),
        ]

    def _row(self, number: int, houses: Sequence[House], air: Air, change: float, hour: float) -> list[Step]:
        """A row: plain houses, their windows, then what anybody recognises; by night the haze of light before it."""
        plain = [house for house in houses if house.flood is None]
        steps = [step for house in plain for step in self._house(number, house, air, change)]
        burning = [share for house in plain for share in [house.there(change)] * len(house.windows)]
        lamps, dark = self._lamps[number], smooth((1 - air.light.sun.altitude) / 9)
        pane = air.lit(mix(air.sky[0], (0.16, 0.22, 0.30), 0.55), ROWS[number][2])
        steps += [lamps.panes(pane, 0.50 * air.light.day, burning), lamps.lit(air.light.sun.altitude, hour, burning)]
        known = [house for house in houses if house.flood is not None]
        steps += [step for house in known for step in self._house(number, house, air, change)]
        at = (0.5 * self._canvas[0], self._line)
        return [*steps, Glow(at, (3.0 * self._unit, 0.15 * self._unit), (1.0, 0.76, 0.52), 0.13 * dark)]

    def _house(self, number: int, house: House, air: Air, change: float) -> list[Step]:
        """A house as far as it stands, with its floodlight by night."""
        share, away = house.there(change), ROWS[number][2] * (1.0 if house.flood is None else 0.55)
        if share <= 0:
            return []
        upper = house.sheet.top
        shade = mix(house.shade, (0.24, 0.32, 0.42), NEARER[number] if house.flood is None else 0.06)
        top, foot = air.lit(shade, away), air.lit(shade, min(0.94, away + 0.28))
        steps: list[Step] = [Laid(house.shadow, ((0, DARK),), 0.24 * share)]
        steps.append(Laid(house.sheet, stops(upper, self._line, top, foot), share))
        snow = air.lit(SNOW, away)
        steps.append(
            Laid(house.sheet, ((0, snow),), 0.8 * share * air.weather.lying, max(1, round(0.003 * self._unit)))
        )
        if house.flood is not None:
            dark = smooth((0.5 - air.light.sun.altitude) / 7)
            lit = mix(top, house.flood, 0.30), mix(foot, house.flood, 0.78)
            steps.append(Laid(house.sheet, stops(upper, self._line, *lit), 0.80 * share * dark))
        return steps

    def _near(self, air: Air) -> list[Step]:
        steel = colour("#6f8288")
        lit = air.lit(steel, 0.05), air.lit(mix(steel, (0.2, 0.25, 0.3), 0.4), 0.12)
        steps = self._papers["bridge"].laid(*lit, snow=air.lit(SNOW, 0.0), lying=0.6 * air.weather.lying)
        return [*steps, self._deck.lit(air.light.sun.altitude, 20.0)]


def changed(seconds: float) -> float:
    """How far the city has come: 0 is today, 1 tomorrow."""
    way = beat(seconds, ROUND_S)
    rise = 0.5 - STANDS
    return smooth((way - STANDS / 2) / rise) * (1 - smooth((way - 0.5 - STANDS / 2) / rise))


def _cleared(houses: Sequence[House]) -> list[House]:
    """Those that stand for both come last in their row, before the others' faces."""
    return sorted(houses, key=lambda house: house.era == "both")
