"""Seoul's seasons as a film: one view over the palace gate to Namsan, the year passing through it like weather.

Everything is a function of the phase, 0…1, and is back where it began at 1: the film has no seam.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, floor, pi, sin

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from media.art import landmarks
from media.art.captions import write
from media.art.paper import FINER, Colour, Cutting, Mask, Picture, colour, disc, glow, grain, image, lay, mix, sky
from media.art.stamps import stamp
from media.art.titles import SEASONS

TAU = 2 * pi
COARSE = 8
TURNS = 12
# A season stands for this share of its quarter, then the next one spreads over the picture.
STANDS = 0.50


@dataclass(frozen=True, slots=True)
class Season:
    """Its sky from top to foot, its light and where that stands, hills far and near, trees, ground, what falls."""

    sky: tuple[str, str, str]
    light: str
    at: tuple[float, float]
    hills: tuple[str, str]
    trees: tuple[str, str]
    ground: tuple[str, str]
    paper: str
    falls: str


YEAR = (
    Season(
        ("#7fb4dc", "#cfe3ee", "#fbe6e4"), "#fff6e4", (0.20, 0.20), ("#b9c7c9", "#7fa07f"), ("#f3b6c8", "#fbdce5"),
        ("#a9c58a", "#7ea36d"), "#41505c", "#fbd3de",
    ),
    Season(
        ("#2f86c9", "#8fc7e8", "#e6f3e8"), "#ffffff", (0.34, 0.10), ("#8fb0b4", "#3f7f5a"), ("#3c8a4b", "#7fbf66"),
        ("#7fb35a", "#3f7d45"), "#34495a", "#f4ffce",
    ),
    Season(
        ("#5c7fb0", "#f0c49a", "#fbe3bd"), "#ffe9b8", (0.52, 0.34), ("#c1a497", "#a9653f"), ("#d9622c", "#f2b13c"),
        ("#c99a4f", "#8f6a3a"), "#4a3d44", "#e8893a",
    ),
    Season(
        ("#6f8aa8", "#c3d2df", "#f2eef0"), "#fffdf6", (0.80, 0.22), ("#d9e2ea", "#c4d2dd"), ("#eef3f7", "#ffffff"),
        ("#f4f7fa", "#d7e1ea"), "#4b5866", "#ffffff",
    ),
)  # fmt: skip


class Year:
    """The film at a size; `picture` is pure, what does not move is drawn once for each season."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._high = height / width
        self._open = Image.fromarray((_sky_left(width, height) * 255).astype(np.uint8))
        self._views = [image(_view(season, number, width, height)) for number, season in enumerate(YEAR)]
        self._branches = [_branch(season, number, width, height) for number, season in enumerate(YEAR)]
        self._clouds = _clouds(width, height)
        self._spread = _spread(width // COARSE, height // COARSE)
        chance = np.random.default_rng(23)
        self._drops = [tuple(float(each) for each in chance.uniform(0, 1, 5)) for _ in range(130)]
        self._sprites = [_falling(season, number, width) for number, season in enumerate(YEAR)]
        self._words = [_words(names, width, height) for names in SEASONS]
        self._shades = [_shade(words) for words in self._words]

    def picture(self, phase: float) -> Image.Image:
        """The picture at a phase of the loop; the first quarter is spring."""
        number, share = _season(phase)
        after = (number + 1) % len(YEAR)
        if share:
            mask = self._mask(share)
            picture = Image.composite(self._views[after], self._views[number], mask)
        else:
            mask = None
            picture = self._views[number].copy()
        self._sail(picture, phase)
        branch = self._branches[number]
        if mask is not None:
            branch = Image.composite(self._branches[after], branch, mask.crop((0, 0, *branch.size)))
        swaying = (1, 0.012 * sin(TAU * 2 * phase) + 0.006 * sin(TAU * 5 * phase), 0, 0, 1, 0)
        branch = branch.transform(branch.size, Image.Transform.AFFINE, swaying, Image.Resampling.BILINEAR)
        picture.paste(branch, (0, 0), branch)
        self._fall(picture, phase)
        for season, weight in ((number, 1 - 2 * share), (after, 2 * share - 1)):
            if weight > 0:
                self._say(picture, season, weight)
        return picture

    def _mask(self, share: float) -> Image.Image:
        """How far the next season has come, place by place."""
        soft = 0.22
        cover = np.clip((share * (1 + soft) - self._spread) / soft, 0, 1)
        return Image.fromarray((cover * 255).astype(np.uint8)).resize(self._size, Image.Resampling.BICUBIC)

    def _sail(self, picture: Image.Image, phase: float) -> None:
        """Clouds, once around the sky in a loop, behind everything that stands."""
        moved = ImageChops.offset(self._clouds, round(phase * self._size[0]), 0)
        picture.paste((255, 255, 255), (0, 0), ImageChops.multiply(moved, self._open))

    def _fall(self, picture: Image.Image, phase: float) -> None:
        """Petals, motes of light, leaves and snow, each in its own season and a little beyond."""
        width, _ = self._size
        for number in range(len(YEAR)):
            weight = _weight(phase, number)
            often = round(weight * (len(self._drops) if number == 3 else 64))
            for start, x, size, beat, turn in self._drops[:often]:
                way = (start + phase * (2 if number != 1 else -1)) % 1
                drift = 0.03 * sin(TAU * (2 * way + beat)) + 0.06 * way * (1 if number != 3 else 0.4)
                at = ((x * 1.15 - 0.1 + drift) * width, (self._high * (1.1 * way - 0.05)) * width)
                sprites = self._sprites[number][floor(size * 2.999)]
                stamp(picture, sprites[floor((turn + phase * (4 + 2 * (turn > 0.5))) % 1 * TURNS)], at)

    def _say(self, picture: Image.Image, season: int, weight: float) -> None:
        """The season's name, on a soft shade so that it can be read on snow."""
        mask = self._words[season]
        top = picture.height - mask.height
        shade = self._shades[season].point(lambda value: round(value * weight))
        picture.paste((24, 32, 44), (0, top), shade)
        picture.paste((255, 252, 244), (0, top), mask.point(lambda value: round(value * weight)))


def _season(phase: float) -> tuple[int, float]:
    """The season and how far the next one has come over it, smoothly."""
    place = (phase % 1) * len(YEAR)
    number = floor(place) % len(YEAR)
    share = max(0.0, (place % 1 - STANDS) / (1 - STANDS))
    return number, share * share * (3 - 2 * share)


def _weight(phase: float, season: int) -> float:
    """How much falls of a season: all in its middle, nothing half a year away."""
    number, share = _season(phase)
    return 1 - share if season == number else share if season == (number + 1) % len(YEAR) else 0.0


def _sky_left(width: int, height: int) -> Mask:
    """1 where only sky is."""
    taken = np.zeros((height, width), np.float32)
    for cutting in (_far, _namsan, _town, _gate):
        cut = Cutting(width, height, horizon=1.0)
        cutting(cut)
        taken = np.maximum(taken, cut.mask())
    return 1 - taken


def _view(season: Season, number: int, width: int, height: int) -> Picture:
    """All that stands, in one season."""
    chance = np.random.default_rng(40 + number)
    top, middle, foot = (colour(text) for text in season.sky)
    light = colour(season.light)
    picture = sky(width, height, ((0, top), (0.42, middle), (0.74, foot), (1, foot)))
    glow(picture, at=season.at, radius=0.34, shade=light, strength=0.65)
    disc(picture, at=season.at, radius=0.026, shade=mix(light, (1, 1, 1), 0.6))
    far, near = (colour(text) for text in season.hills)
    ground, shade = (colour(text) for text in season.ground)
    paper = colour(season.paper)
    _sheet(picture, _far, mix(far, foot, 0.25), mix(foot, light, 0.5))
    if number == 3:
        _sheet(picture, _snow_caps, (1.0, 1.0, 1.0), mix(far, (1, 1, 1), 0.3), shadow=0.0)
    _sheet(picture, _namsan, mix(near, foot, 0.12), mix(near, foot, 0.55))
    _sheet(picture, _town, mix(paper, foot, 0.52), mix(paper, foot, 0.72))
    _sheet(
        picture,
        _grove(0.115, 34, 0.018, np.random.default_rng(3), wide=1.0),
        mix(colour(season.trees[0]), paper, 0.34),
        None,
    )
    _sheet(picture, _gate, mix(paper, (0.05, 0.06, 0.10), 0.20), mix(paper, foot, 0.18))
    if number == 3:
        _sheet(picture, _snow_roofs, (1.0, 1.0, 1.0), (0.95, 0.97, 1.0), shadow=0.0)
    _sheet(picture, _lawn, ground, shade, shadow=0.15)
    _sheet(
        picture,
        _grove(0.060, 15, 0.030, np.random.default_rng(5), wide=1.0),
        mix(colour(season.trees[0]), paper, 0.12),
        None,
    )
    _sheet(picture, _path, mix(ground, (1, 0.98, 0.94), 0.55), mix(shade, (1, 0.98, 0.94), 0.45), shadow=0.0)
    grain(picture, chance, strength=0.5)
    return picture


def _sheet(
    picture: Picture, cutting: Callable[[Cutting], None], shade: Colour, foot: Colour | None, *, shadow: float = 0.22
) -> None:
    height, width = picture.shape[:2]
    cut = Cutting(width, height, horizon=1.0)
    cutting(cut)
    lay(picture, cut.mask(), shade, foot=foot, shadow=shadow)


def _peaks(x: float) -> float:
    """The granite line of Bukhansan."""
    peaks = ((0.16, 0.11, 0.070), (0.29, 0.12, 0.090), (0.38, 0.10, 0.030), (0.55, 0.06, 0.09), (0.92, 0.09, 0.10))
    line: float = 0.225 + sum(high * max(0.0, 1 - abs(x - at) / wide) ** 0.8 for at, high, wide in peaks)
    return line + 0.006 * sin(61 * x) + 0.004 * sin(133 * x + 1) + 0.012 * sin(9 * x)


def _far(cut: Cutting) -> None:
    cut.shape([(-0.05, 0), *((n / 240, _peaks(n / 240)) for n in range(-10, 251)), (1.05, 0)])


def _snow_caps(cut: Cutting) -> None:
    top = [(n / 240, _peaks(n / 240)) for n in range(-10, 251)]
    foot = [(x, y - max(0.0, (y - 0.245) * (0.42 + 0.16 * sin(90 * x)))) for x, y in reversed(top)]
    cut.shape([*top, *foot])


def _namsan(cut: Cutting) -> None:
    x = [n / 80 for n in range(-4, 85)]
    hill = [(at, 0.17 * float(np.exp(-(((at - 0.74) / 0.16) ** 2))) + 0.115 + 0.012 * sin(8 * at)) for at in x]
    cut.shape([(-0.05, 0), *hill, (1.05, 0)])
    landmarks.namsan_tower(cut, 0.745, 0.278, 0.135)


def _town(cut: Cutting) -> None:
    chance = np.random.default_rng(12)
    x = -0.02
    while x < 1.02:
        wide, high = chance.uniform(0.014, 0.045), chance.uniform(0.105, 0.165)
        if not 0.08 < x < 0.50:
            high += chance.uniform(0, 0.045) * (abs(x - 0.745) > 0.09)
        cut.box(x, 0, x + wide, high)
        x += wide + chance.uniform(-0.004, 0.006)


def _gate(cut: Cutting) -> None:
    landmarks.palace_gate(_Lifted(cut, 0.075), 0.30, 0.40)
    cut.box(-0.05, 0.07, 0.12, 0.118)
    cut.box(0.48, 0.07, 1.05, 0.108)


def _snow_roofs(cut: Cutting) -> None:
    cut.box(-0.05, 0.114, 0.12, 0.120)
    cut.box(0.48, 0.104, 1.05, 0.110)


class _Lifted(Cutting):
    """The same sheet with everything set higher."""

    def __init__(self, cut: Cutting, lift: float) -> None:
        self._cut = cut
        self._lift = lift

    def shape(self, points: list[tuple[float, float]], *, ink: int = 255) -> None:  # type: ignore[override] # narrower
        self._cut.shape([(x, y + self._lift) for x, y in points], ink=ink)

    def box(self, left: float, bottom: float, right: float, top: float, *, ink: int = 255) -> None:
        self._cut.box(left, bottom + self._lift, right, top + self._lift, ink=ink)

    def ellipse(self, left: float, bottom: float, right: float, top: float, *, ink: int = 255) -> None:
        self._cut.ellipse(left, bottom + self._lift, right, top + self._lift, ink=ink)

    def line(self, points: list[tuple[float, float]], *, thick: float, ink: int = 255) -> None:  # type: ignore[override] # narrower
        self._cut.line([(x, y + self._lift) for x, y in points], thick=thick, ink=ink)


def _lawn(cut: Cutting) -> None:
    cut.shape([(-0.05, 0), *((n / 40, 0.078 + 0.004 * sin(n / 6)) for n in range(-2, 43)), (1.05, 0)])


def _path(cut: Cutting) -> None:
    cut.shape([(0.265, 0.078), (0.335, 0.078), (0.50, -0.02), (0.06, -0.02)])


def _grove(
    foot: float, count: int, size: float, chance: np.random.Generator, *, wide: float
) -> Callable[[Cutting], None]:
    def cutting(cut: Cutting) -> None:
        for n in range(count):
            x = (n + chance.uniform(0, 1)) / count * wide
            if 0.17 < x < 0.43:
                continue
            tall = size * chance.uniform(0.8, 1.35)
            cut.box(x - tall * 0.07, foot - tall * 0.3, x + tall * 0.07, foot + tall)
            for _ in range(5):
                dx, dy, r = chance.normal(0, 0.45), chance.uniform(0.6, 1.7), chance.uniform(0.45, 0.75)
                cut.ellipse(x + (dx - r) * tall, foot + (dy - r) * tall, x + (dx + r) * tall, foot + (dy + r) * tall)

    return cutting


def _branch(season: Season, number: int, width: int, height: int) -> Image.Image:
    """A bough from the upper right corner with what it bears in that season."""
    chance = np.random.default_rng(77)
    sheet = Image.new("RGBA", (width * FINER, round(height * 0.62) * FINER))
    draw = ImageDraw.Draw(sheet)
    unit = width * FINER
    wood = (*(round(255 * each) for each in mix(colour("#3a2b2a"), colour(season.paper), 0.2)), 255)
    tips: list[tuple[float, float]] = []
    _grow(draw, unit, (1.02, 0.03), pi * 0.955, 0.21, 0.012, 6, chance, tips, wood)
    bare, full = colour(season.trees[0]), colour(season.trees[1])
    each = (9, 11, 9, 2)[number]
    for x, y in tips:
        for _ in range(each):
            dx, dy = chance.normal(0, 0.011, 2)
            r = chance.uniform(0.0026, 0.0056) * (1.0 if number != 3 else 0.7)
            shade = mix(mix(bare, full, float(chance.uniform(0, 1))), (0.1, 0.1, 0.15), float(chance.uniform(0, 0.18)))
            ink = (*(round(255 * one) for one in shade), 240)
            if number == 3:
                dy = -abs(dy) * 0.3 - 0.002
            _leaf(draw, (x + dx) * unit, (y + dy) * unit, r * unit, float(chance.uniform(0, TAU)), number, ink)
    return sheet.reduce(FINER)


def _grow(
    draw: ImageDraw.ImageDraw,
    unit: float,
    at: tuple[float, float],
    angle: float,
    long: float,
    thick: float,
    depth: int,
    chance: np.random.Generator,
    tips: list[tuple[float, float]],
    ink: tuple[int, ...],
) -> None:
    end = at[0] + long * cos(angle), at[1] - long * sin(angle) * 0.75
    draw.line(
        [(at[0] * unit, at[1] * unit), (end[0] * unit, end[1] * unit)], fill=ink, width=max(2, round(thick * unit))
    )
    draw.ellipse(
        [
            (end[0] - thick / 2) * unit,
            (end[1] - thick / 2) * unit,
            (end[0] + thick / 2) * unit,
            (end[1] + thick / 2) * unit,
        ],
        fill=ink,
    )
    if depth <= 3:
        tips.append(end)
        tips.append(((at[0] + end[0]) / 2, (at[1] + end[1]) / 2))
    if depth == 0:
        return
    for turn in (-0.46, 0.34):
        bend = angle + turn * chance.uniform(0.7, 1.25) + 0.05
        _grow(draw, unit, end, bend, long * chance.uniform(0.62, 0.78), thick * 0.66, depth - 1, chance, tips, ink)


def _leaf(
    draw: ImageDraw.ImageDraw, x: float, y: float, r: float, turn: float, number: int, ink: tuple[int, ...]
) -> None:
    """A blossom of five petals, a leaf, or a cap of snow."""
    if number == 0:
        for n in range(5):
            px, py = x + 0.62 * r * cos(turn + TAU * n / 5), y + 0.62 * r * sin(turn + TAU * n / 5)
            draw.ellipse([px - 0.55 * r, py - 0.55 * r, px + 0.55 * r, py + 0.55 * r], fill=ink)
        draw.ellipse([x - 0.25 * r, y - 0.25 * r, x + 0.25 * r, y + 0.25 * r], fill=(226, 120, 150, 255))
    elif number == 3:
        draw.ellipse([x - 1.5 * r, y - 0.6 * r, x + 1.5 * r, y + 0.6 * r], fill=ink)
    else:
        along, across = (cos(turn) * r * 1.7, sin(turn) * r * 1.7), (-sin(turn) * r * 0.75, cos(turn) * r * 0.75)
        draw.polygon(
            [
                (x + along[0], y + along[1]),
                (x + across[0], y + across[1]),
                (x - along[0], y - along[1]),
                (x - across[0], y - across[1]),
            ],
            fill=ink,
        )


def _clouds(width: int, height: int) -> Image.Image:
    """A strip of soft clouds whose ends meet."""
    chance = np.random.default_rng(31)
    sheet = Image.new("L", (width * 2, height))
    draw = ImageDraw.Draw(sheet)
    for _ in range(6):
        x, y, long = chance.uniform(0, 1), chance.uniform(0.06, 0.30), chance.uniform(0.06, 0.13)
        for n in range(9):
            share = n / 8
            r = long * (0.10 + 0.16 * sin(pi * share)) * chance.uniform(0.7, 1.2)
            for shift in (0, 1):
                px, py = (
                    ((x + (share - 0.5) * long * 1.6) % 1 + shift) * width,
                    (y * height / width) * width - r * 0.4 * width,
                )
                draw.ellipse(
                    [px - r * 1.5 * width, py - r * 0.62 * width, px + r * 1.5 * width, py + r * 0.62 * width], fill=205
                )
    soft = sheet.filter(ImageFilter.GaussianBlur(width / 150))
    left = soft.crop((0, 0, width, height))
    right = soft.crop((width, 0, 2 * width, height))
    return ImageChops.lighter(left, right)


def _spread(width: int, height: int) -> Mask:
    """When a season reaches a place, 0…1: from the bough outwards, unevenly."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / width
    away = np.hypot(x - 1.0, y - 0.05)
    uneven = 0.10 * np.sin(11 * x + 3 * np.sin(7 * y)) + 0.06 * np.sin(23 * y + 2 * np.sin(13 * x))
    map_ = away + uneven
    return np.asarray((map_ - map_.min()) / (map_.max() - map_.min()), np.float32)


def _falling(season: Season, number: int, width: int) -> list[list[Image.Image]]:
    """What falls, small, middle and large, each in every turn."""
    return [
        [_flake(season, number, max(5, round(width * size)), n / TURNS) for n in range(TURNS)]
        for size in (0.007, 0.010, 0.014)
    ]


def _flake(season: Season, number: int, side: int, turn: float) -> Image.Image:
    fine = 4
    sheet = Image.new("RGBA", (side * fine, side * fine), (*(round(255 * each) for each in colour(season.falls)), 0))
    draw = ImageDraw.Draw(sheet)
    middle, r = side * fine / 2, side * fine * 0.30
    ink = (*(round(255 * each) for each in colour(season.falls)), 235)
    if number in (0, 2):
        wide = 0.35 + 0.45 * abs(cos(TAU * turn))
        _leaf(draw, middle, middle, r * wide, TAU * turn, 1, ink)
        return sheet.reduce(fine)
    soft = Image.new("L", sheet.size)
    ImageDraw.Draw(soft).ellipse([middle - r, middle - r, middle + r, middle + r], fill=215 if number == 3 else 150)
    beat = 1.0 if number == 3 else 0.45 + 0.55 * abs(cos(TAU * turn))
    sheet.putalpha(soft.filter(ImageFilter.GaussianBlur(r * 0.35)).point(lambda value: round(value * beat)))
    return sheet.reduce(fine)


def _shade(words: Image.Image) -> Image.Image:
    """A soft dark patch around letters."""
    near = words.filter(ImageFilter.GaussianBlur(words.height / 40)).point(lambda value: min(150, 3 * value))
    wide = words.filter(ImageFilter.GaussianBlur(words.height / 9)).point(lambda value: min(110, 3 * value))
    return ImageChops.lighter(near, wide)


def _words(names: tuple[str, str], width: int, height: int) -> Image.Image:
    """A season's name at the left foot, as a mask."""
    unit = min(width, height * 0.6)
    picture = Image.new("RGB", (width, round(unit * 0.30)))
    left, foot = round(unit * 0.075), picture.height - round(unit * 0.085)
    write(picture, names[0], at=(left, foot - unit * 0.042), size=round(unit * 0.075), ink="#ffffff", bold=True)
    write(picture, names[1], at=(left, foot), size=round(unit * 0.028), ink="#ffffff")
    return picture.convert("L")
