"""The aquarium: one sea behind all panels, by day and by night; fish cross it from the first panel to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, sin

import numpy as np
import pygame
from PIL import Image

from media.art.creatures import KINDS, bubble, fish_sprites, jelly_sprites
from media.art.paper import Colour, Cutting, colour, mix
from media.geometry import Size
from media.scenes import reef
from media.scenes.daylight import Light, light_of
from media.scenes.layers import Front, Layer
from media.scenes.rhythm import GOLDEN, TAU, beat, crossing, dice, swing
from media.scenes.schools import School
from media.scenes.sheets import Easel, Glow, Laid, Sheet, Step, Wash, cut, standing, stops, union
from media.scenes.sprites import Sprites, Tone, shine
from media.scenes.visitors import Visitors
from media.scenes.weeds import Weeds

FLAPS = 11
PULSES = 18
STEPS = 48
STRIP = 48


@dataclass(frozen=True, slots=True)
class Water:
    """Colours of the water from its surface to its ground, and of what light there is."""

    surface: Colour
    upper: Colour
    lower: Colour
    ground: Colour
    shine: Colour

    @classmethod
    def at(cls, light: Light) -> Water:
        """The water under a light."""
        return cls(*(light.of(*(colour(text) for text in row)) for row in WATERS))


# By day, in golden light, in blue light, by night.
WATERS = (
    ("#7fd8de", "#f3cfa4", "#7b95c8", "#1f4d7d"),
    ("#2a9db4", "#74a9ad", "#38639c", "#123866"),
    ("#0d5f86", "#2c6f8e", "#1a4379", "#0a254c"),
    ("#073654", "#123c5a", "#0c264c", "#06152f"),
    ("#e4fff6", "#ffe3b0", "#a9c8ff", "#6f9fe0"),
)


@dataclass(frozen=True, slots=True)
class Lane:
    """Where small companies cross: kind, length and speed in units, heights, how many come together, how near."""

    kind: int
    long: float
    speed: float
    high: tuple[float, float]
    company: int
    depth: int


LANES = (
    Lane(1, 0.050, 0.031, (0.18, 0.55), 6, 0),
    Lane(3, 0.056, 0.027, (0.30, 0.70), 4, 0),
    Lane(2, 0.052, 0.023, (0.15, 0.62), 5, 0),
    Lane(0, 0.092, 0.043, (0.34, 0.74), 3, 1),
    Lane(2, 0.098, 0.036, (0.22, 0.66), 3, 1),
    Lane(1, 0.088, 0.049, (0.14, 0.60), 5, 1),
    Lane(3, 0.094, 0.040, (0.40, 0.78), 3, 1),
    Lane(0, 0.140, 0.056, (0.46, 0.80), 2, 2),
    Lane(2, 0.150, 0.047, (0.25, 0.72), 1, 2),
    Lane(3, 0.136, 0.061, (0.36, 0.82), 2, 2),
)
VEILS = (0.62, 0.30, 0.06)
# Corals by colour; how much water lies before those of the middle and of the near ridge.
HUES = ("#e2557c", "#f2913f", "#9c72d6", "#ecc750")
CLEAR = {2: 0.44, 3: 0.20}


@dataclass(frozen=True, slots=True)
class Shaft:
    """Light that falls aslant, wider and weaker further down, in strips that follow its slant."""

    strips: Sequence[pygame.Surface]
    x: np.ndarray
    y: np.ndarray

    @classmethod
    def of(cls, wide: float, tall: float, lean: float, power: float, shade: Colour) -> Shaft:
        """A shaft, in pixels; `lean` is its way to the right for one down."""
        chance = np.random.default_rng(int(wide))
        strips, x, tops = [], [], range(0, int(tall), STRIP)
        for top in tops:
            down = (top + np.arange(STRIP, dtype=np.float32))[:, None]
            share = down / np.float32(tall)
            soft = wide * (0.26 + 0.30 * share)
            reach = float(2.0 * soft.max() + abs(lean) * STRIP)
            left = lean * top - reach
            across = left + np.arange(round(2 * reach), dtype=np.float32)[None]
            light = np.exp(-(((across - lean * down) / soft) ** 2)) - 0.018
            light = np.clip(light, 0, 1) * np.clip(1 - share, 0, 1) ** 1.3 * power
            strips.append(shine(light, shade, chance))
            x.append(left)
        return cls(strips, np.array(x), np.array(tops, np.int64))


@dataclass(frozen=True, slots=True)
class Plate:
    """The sea for a stretch of time."""

    backdrop: Layer
    reefs: tuple[Front, Front]
    visitors: Sequence[Sequence[pygame.Surface]]
    shafts: Sequence[Shaft]
    fish: Sequence[Sequence[pygame.Surface]]
    jellies: Sequence[Sequence[pygame.Surface]]
    schools: Sequence[Sequence[pygame.Surface]]
    weeds: Sequence[Sequence[Sequence[pygame.Surface]]]
    motes: Sequence[pygame.Surface]
    bubbles: Sequence[pygame.Surface]


class Aquarium:
    """Draws the sea on a canvas; lengths are in units, of which a wide canvas is one high."""

    stretch_s = 10

    def __init__(self, canvas: Size) -> None:
        self._canvas = canvas
        self._unit = min(float(canvas[1]), 0.9 * canvas[0])
        self._wide, self._high = canvas[0] / self._unit, canvas[1] / self._unit
        self._easel = Easel(canvas)
        self._reefs = [self._cut(reef.of_depth(depth, self._wide)) for depth in range(4)]
        self._gardens = {
            depth: [self._cut(reef.garden(depth, self._wide, n)) for n in range(len(HUES))] for depth in CLEAR
        }
        self._fronts = [union(canvas, [self._reefs[depth], *self._gardens[depth]]) for depth in CLEAR]
        self._visitors = Visitors(self._wide, self._high, self._unit)
        self._shadows = [each.soft(0.012 * self._unit, (0, -round(0.006 * self._unit))) for each in self._reefs]
        self._fish = [self._swimming(lane) for lane in LANES]
        chance = np.random.default_rng(17)
        self._jellies = [
            Sprites(jelly_sprites(round(long * self._unit), chance, pulses=PULSES), centred=True)
            for long in (0.088, 0.066, 0.050)
        ]
        self._schools = [School(self._wide, self._high, self._unit, number) for number in range(3)]
        self._weeds = [Weeds(self._wide, self._unit, canvas[1], depth) for depth in range(2)]
        self._motes = Sprites(_mote(round(size * self._unit)) for size in (0.0022, 0.0032, 0.0046, 0.0062))
        self._bubbles = Sprites(bubble(max(4, round(size * self._unit))) for size in (0.006, 0.009, 0.013, 0.018))
        self._drifting = chance.uniform(0, 1, (5, 230))
        self._rising = chance.uniform(0, 1, (5, 70))

    def plate(self, moment: datetime) -> Plate:
        """The sea in the light of a moment."""
        light = light_of(moment)
        water = Water.at(light)
        seconds = moment.timestamp()
        steps: list[Step] = [Wash(self._wash(water)), *self._gleams(water, light, seconds)]
        for depth, (shadow, sheet) in enumerate(zip(self._shadows, self._reefs, strict=True)):
            steps += [Laid(shadow, ((0, (0.0, 0.03, 0.08)),), 0.28), Laid(sheet, self._paper(water, depth, sheet))]
            steps += self._garden(water, light, depth)
        backdrop = self._easel.picture(steps)
        tones = [self._tone(water, light, veil) for veil in VEILS]
        return Plate(
            backdrop=Layer.whole((backdrop, 0)),
            reefs=(
                standing(backdrop, self._fronts[0], below=round(0.86 * self._canvas[1])),
                standing(backdrop, self._fronts[1]),
            ),
            visitors=self._visitors.toned(tones),
            shafts=self._beams(water, light),
            fish=[sprites.toned(tones[lane.depth]) for lane, sprites in zip(LANES, self._fish, strict=True)],
            jellies=[each.toned(self._glow(water, light)) for each in self._jellies],
            schools=[each.sprites.toned(tones[each.depth]) for each in self._schools],
            weeds=[each.toned(self._paper_tone(water, depth)) for depth, each in enumerate(self._weeds)],
            motes=self._motes.toned(Tone(mix(water.shine, (1, 1, 1), 0.3), cover=0.45)),
            bubbles=self._bubbles.toned(Tone(mix(water.shine, (1, 1, 1), 0.3), cover=0.7)),
        )

    def layers(self, seconds: float, plate: Plate) -> Sequence[Layer]:
        """Everything that swims, sways, drifts and rises, from the back to the front."""
        far = [
            self._visitors.layer(seconds, plate.visitors, 0),
            self._school(seconds, plate, 0),
            *self._depth(seconds, plate, 0),
        ]
        near = [
            self._weeds[0].layer(seconds, plate.weeds[0]),
            self._pulse(seconds, plate),
            self._visitors.layer(seconds, plate.visitors, 1),
            self._school(seconds, plate, 1),
            *self._depth(seconds, plate, 1),
            self._rise(seconds, plate),
            self._school(seconds, plate, 2),
            self._weeds[1].layer(seconds, plate.weeds[1]),
            *self._depth(seconds, plate, 2),
        ]
        ends = plate.reefs[0].over(*far), plate.reefs[1].over(*near)
        return [*far, ends[0], self._fall(seconds, plate), *near, ends[1], self._float(seconds, plate)]

    def company(self, seconds: float, plate: Plate, number: int) -> Layer:
        """The fish of a lane: a small company crosses, then another one, each from its own side and height."""
        lane, sprites = LANES[number], plate.fish[number]
        room = 0.9
        period = (self._wide + 2 * room) / lane.speed
        pictures, x, y = [], [], []
        for half in (0.0, 0.5):
            turn, way = crossing(seconds, period, number / GOLDEN + half)
            throw = dice(number, turn, round(2 * half))
            facing = 1 if throw[0] < 0.5 else -1
            for place in range(1 + int(throw[1] * lane.company)):
                own = dice(number, turn, place, 9)
                along = way * (self._wide + 2 * room) - room - (0.5 * own[0] + 1.05 * place) * lane.long
                along += 0.15 * lane.long * swing(seconds, 7 + 5 * own[4], own[5])
                high = lane.high[0] + (lane.high[1] - lane.high[0]) * throw[2] + (own[1] - 0.5) * lane.long
                high += (
                    0.45 * lane.long * (1 if place % 2 else -1)
                    + 0.022 * swing(seconds, 11 + 7 * own[2], own[3])
                    + 0.035 * swing(seconds, 41 + 9 * throw[3])
                )
                flap = beat(seconds, 1.05 + 0.35 * own[6] + 3 * lane.long, own[7])
                sprite = sprites[int(flap * FLAPS) % FLAPS + (0 if facing > 0 else FLAPS)]
                pictures.append(sprite)
                at = along if facing > 0 else self._wide - along
                x.append(at * self._unit - sprite.get_width() / 2)
                y.append(high * self._canvas[1] - sprite.get_height() / 2)
        return Layer(pictures, _whole(x), _whole(y))

    def _cut(self, cutting: reef.Cut) -> Sheet:
        def lifted(cut: Cutting) -> None:
            cutting(cut)

        return cut(self._canvas, self._unit, lifted)

    def _swimming(self, lane: Lane) -> Sprites:
        return Sprites(
            fish_sprites(KINDS[lane.kind], round(lane.long * self._unit), 1, flaps=FLAPS), mirrored=True, centred=True
        )

    def _depth(self, seconds: float, plate: Plate, depth: int) -> list[Layer]:
        return [self.company(seconds, plate, number) for number, lane in enumerate(LANES) if lane.depth == depth]

    def _wash(self, water: Water) -> tuple[tuple[float, Colour], ...]:
        high = self._canvas[1]
        return (
            (0, water.surface),
            (0.13 * high, mix(water.surface, water.upper, 0.75)),
            (0.36 * high, water.upper),
            (0.74 * high, water.lower),
            (high, water.ground),
        )

    def _gleams(self, water: Water, light: Light, seconds: float) -> list[Step]:
        """The sun's or moon's gleam from above, and wide dark and light places in the water."""
        width, unit = self._canvas[0], self._unit
        across = 0.5 + 0.42 * sin((light.sun.azimuth - 180) / 360 * TAU / 1.6)
        found: list[Step] = [
            Glow((across * width, -0.05 * unit), (1.3 * unit, 0.62 * unit), water.shine, 0.55),
            Glow((across * width, -0.02 * unit), (0.45 * unit, 0.30 * unit), mix(water.shine, (1, 1, 1), 0.5), 0.40),
        ]
        for number in range(max(2, round(1.2 * self._wide))):
            place = beat(seconds, 5400 * GOLDEN + 911 * number, number * GOLDEN)
            at = (place * 1.4 - 0.2) * width, (0.45 + 0.12 * swing(seconds, 2300 + 77 * number)) * self._canvas[1]
            shade = water.ground if number % 2 else water.upper
            fade = 0.42 * sin(TAU / 2 * place)
            found.append(Glow(at, (0.55 * unit, 0.40 * unit), shade, fade))
        return found

    def _paper(self, water: Water, depth: int, sheet: Sheet) -> tuple[tuple[float, Colour], ...]:
        near = (0.20, 0.44, 0.72, 0.95)[depth]
        crest = mix(water.lower, mix(water.ground, (0.01, 0.02, 0.05), 0.45), near)
        crest = mix(crest, water.upper, 0.30 * (1 - near))
        foot = mix(crest, mix(water.ground, (0, 0.01, 0.03), 0.4 * near), 0.75)
        return ((sheet.top, crest), (self._canvas[1], foot))

    def _garden(self, water: Water, light: Light, depth: int) -> list[Step]:
        """Corals, as bright as the hour is."""
        bright = 0.20 + 0.80 * light.day
        found: list[Step] = []
        for sheet, text in zip(self._gardens.get(depth, ()), HUES, strict=depth in CLEAR):
            red, green, blue = colour(text)
            lit = mix((red * bright, green * bright, blue * bright), mix(water.lower, water.ground, 0.5), CLEAR[depth])
            dark = mix(lit, water.ground, 0.55)
            found.append(Laid(sheet, stops(sheet.top, sheet.box[3], lit, dark), 0.92))
        return found

    def _tone(self, water: Water, light: Light, veil: float) -> Tone:
        """In steps, so that the small pictures need not be made anew for every stretch of a long day."""
        bright = round(STEPS * (0.42 + 0.58 * light.day)) / STEPS
        warm = round(STEPS * light.golden) / STEPS
        shade = mix(mix((0.62, 0.78, 1.0), (1.0, 1.0, 1.0), bright), (1.0, 0.90, 0.74), 0.6 * warm)
        away = mix(water.upper, water.lower, 0.45)
        step = tuple(round(STEPS * each) / STEPS for each in away)
        return Tone((shade[0] * bright, shade[1] * bright, shade[2] * bright), (step[0], step[1], step[2]), veil)

    def _glow(self, water: Water, light: Light) -> Tone:
        """Jellyfish shine by night by themselves."""
        by_day = self._tone(water, light, 0.25)
        day = round(STEPS * light.day) / STEPS
        return Tone(mix((0.82, 0.95, 1.0), by_day.light, day), by_day.veil, 0.06 + 0.19 * day)

    def _paper_tone(self, water: Water, depth: int) -> Tone:
        shade = mix(mix(water.lower, water.ground, 0.45 + 0.35 * depth), (0.02, 0.16, 0.14), 0.35)
        step = tuple(round(3 * STEPS * each) / STEPS / 3 for each in shade)
        return Tone((step[0], step[1], step[2]))

    def _beams(self, water: Water, light: Light) -> list[Shaft]:
        """Three shafts of light, leaning as the sun stands."""
        strength = 9 + 24 * light.day + 10 * light.golden
        lean = 0.30 * sin((light.sun.azimuth - 180) / 360 * TAU) + 0.06
        return [
            Shaft.of(wide * self._unit, long * self._canvas[1], lean, strength * power, water.shine)
            for wide, long, power in ((0.075, 0.80, 1.0), (0.12, 0.72, 0.85), (0.20, 0.64, 0.75))
        ]

    def _fall(self, seconds: float, plate: Plate) -> Layer:
        """The shafts, drifting through one another."""
        count = max(4, round(2.4 * self._wide))
        pictures: list[pygame.Surface] = []
        x, y = [], []
        for number in range(count):
            shaft = plate.shafts[number % 3]
            speed = 0.0030 + 0.0024 * ((number * GOLDEN) % 1)
            way = beat(seconds, (self._wide + 1.6) / speed, number * GOLDEN)
            place = ((way if number % 3 else 1 - way) * (self._wide + 1.6) - 0.8) * self._unit
            pictures += shaft.strips
            x.append(place + shaft.x)
            y.append(shaft.y)
        return Layer(pictures, _whole(np.concatenate(x)), np.concatenate(y), pygame.BLEND_RGB_ADD)

    def _school(self, seconds: float, plate: Plate, number: int) -> Layer:
        return self._schools[number].layer(seconds, plate.schools[number])

    def _pulse(self, seconds: float, plate: Plate) -> Layer:
        """Jellyfish, roaming slowly through the whole sea."""
        pictures, x, y = [], [], []
        for number, sprites in enumerate(plate.jellies):
            pulse = beat(seconds, 4.1 + 0.7 * number, 0.4 * number)
            sprite = sprites[int(pulse * PULSES) % PULSES]
            across = 0.5 + 0.34 * swing(seconds, 611 + 131 * number, 0.37 * number)
            across += 0.16 * swing(seconds, 233 * GOLDEN + 71 * number, 0.21 * number)
            high = 0.30 + 0.13 * swing(seconds, 173 + 39 * number, 0.3 * number) - 0.004 * cos(TAU * pulse)
            pictures.append(sprite)
            x.append(across * self._canvas[0] - sprite.get_width() / 2)
            y.append(high * self._canvas[1] - sprite.get_height() / 2)
        return Layer(pictures, _whole(x), _whole(y))

    def _float(self, seconds: float, plate: Plate) -> Layer:
        """Plankton in the current, nearer specks larger and faster."""
        start, high, near, turn, size = self._drifting
        wide, tall = self._wide + 0.1, self._high + 0.1
        x = (start * wide + seconds * (0.0035 + 0.0065 * near)) % wide - 0.05
        y = (high * tall + seconds * 0.0021 * (turn - 0.35)) % tall - 0.05
        sway = TAU * ((seconds / (9 + 14 * size) + turn) % 1)
        x, y = x + 0.010 * near * np.sin(sway), y + 0.006 * np.cos(sway * 1.0)
        pictures = [plate.motes[int(each * 3.999)] for each in near]
        return Layer(pictures, _whole(x * self._unit), _whole(y * self._unit))

    def _rise(self, seconds: float, plate: Plate) -> Layer:
        """Bubbles in strings from a few places on the ground."""
        start, place, size, turn, string = self._rising
        springs = max(2, round(1.5 * self._wide))
        number = np.floor(string * springs)
        way = (seconds / (17 + 5 * turn) + start) % 1
        at = (number + 0.5 + 0.37 * np.sin(7.1 * number)) / springs
        x = at * self._wide + 0.012 * (place - 0.5) + 0.006 * np.sin(TAU * ((2.7 * way + turn) % 1)) * (0.3 + way)
        y = self._high * (1.06 - 1.2 * way)
        pictures = [plate.bubbles[int(each * 3.999)] for each in size]
        return Layer(pictures, _whole(x * self._unit), _whole(y * self._unit))


def _whole(places: Sequence[float] | np.ndarray) -> np.ndarray:
    return np.floor(np.asarray(places, np.float64)).astype(np.int64)


def _mote(side: int) -> Image.Image:
    """A speck with a soft edge."""
    side = max(3, 2 * side + 1)
    y, x = np.mgrid[0:side, 0:side] - (side - 1) / 2
    cover = np.exp(-((np.hypot(x, y) / (0.30 * side)) ** 2)) * 255
    pixels = np.full((side, side, 4), 255, np.uint8)
    pixels[..., 3] = cover
    return Image.fromarray(pixels, "RGBA")
