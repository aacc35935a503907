"""Taking in a film: looked at in one limited process, brought into the house format by another one, then kept by hash.

A rendition has the shape of its panel and at most its pixels: a film is never enlarged here, the player does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.assets import Asset, AssetStore, Check, is_jpeg, is_mp4
from media.geometry import Part, Rect, Size, size_name, whole
from media.limited import MIB, IntakeRefused, Limits, Pace, Progress, in_child
from media.making import marks
from media.reported import checks_of

ENDINGS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv"})
CONTAINERS = frozenset({"mp4", "matroska"})
CHILD = Path(__file__).with_name("film_child.py")
FPS = 30
LONGEST_S = 600
MAX_FRAMES = LONGEST_S * FPS + FPS
MAX_SIDE = 8192
MOST_CUT = 30
# An encoder holds some 64 bytes for a pixel of its picture: seven panels of 1080x1920 at once take 1.3 GB.
MOST_TOGETHER = 15_000_000
MOST_FILES = 24  # of three threads each
# Processor time for the slices of a wide wall and ten minutes; idle and held back they may take a day's part.
LIMITS = Limits(
    bytes=2048 * MIB,
    longest_s=8 * 3600.0,
    idle=True,
    process={"AS": 3072 * MIB, "CPU": 3 * 3600, "FSIZE": 2560 * MIB, "NOFILE": 128, "CORE": 0},
)
LOOKING = Limits(
    longest_s=120.0,
    process={"AS": 1536 * MIB, "CPU": 20, "FSIZE": 0, "NOFILE": 64, "NPROC": 0, "CORE": 0},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A film to take in: what it lies in, its parts, and the rows at whose seams it is looked at."""

    source: Path
    container: str
    parts: tuple[Part, ...]
    seams: list[dict[str, object]]
    across: bool = False
    keep_sound: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A part, and the film for it: the box it takes of each picture, and at which size."""

    part: Part
    crop: Rect
    size: Size
    cut_percent: int
    enlarged: float

    @property
    def file(self) -> str:
        """What it is called until it has its hash; equal ones are made once."""
        return f"{self.crop.x}-{self.crop.y}-{size_name(self.crop.size)}-{size_name(self.size)}.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A film as the child wrote it into its folder."""

    width: int
    height: int
    frames: int
    sound_removed: bool
    renditions: tuple[Rendition, ...]
    checks: tuple[Check, ...]


def container_of(head: bytes) -> str | None:
    """The demuxer for a film's first bytes: ISO 14496-12 (mp4, mov), EBML of RFC 8794 (mkv, webm); None for others."""
    if head[4:8] == b"ftyp" or head[4:8] in (b"moov", b"mdat", b"wide", b"free"):
        return "mp4"
    return "matroska" if head.startswith(b"\x1aE\xdf\xa3") else None


def rendition(film: Size, part: Part) -> Rendition:
    """What the part takes of a film whose middle covers the part's canvas, made smaller where that has more pixels.

    Edges lie on even pixels of the film, as its colours do.
    """
    scale = max(part.canvas[0] / film[0], part.canvas[1] / film[1])
    width, height = _even(part.box.width / scale, film[0]), _even(part.box.height / scale, film[1])
    left = (film[0] - part.canvas[0] / scale) / 2 + part.box.x / scale
    top = (film[1] - part.canvas[1] / scale) / 2 + part.box.y / scale
    crop = Rect(x=_within(left, film[0] - width), y=_within(top, film[1] - height), width=width, height=height)
    size = (min(width, _even(part.size[0], part.size[0])), min(height, _even(part.size[1], part.size[1])))
    shown = part.canvas[0] * part.canvas[1] / (film[0] * film[1] * scale * scale)
    enlarged = max(1.0, part.size[0] * scale / part.box.width)
    return Rendition(
        part=part,
        crop=crop,
        size=size,
        cut_percent=round(100 * (1 - shown)),
        enlarged=round(enlarged, 2),
    )


async def made(
    job: Job, folder: Path, limits: Limits, *, progress: Progress = lambda _: None, pace: Pace | None = None
) -> Made:
    """Look at the film, then make what the panels need. Raises IntakeRefused."""
    asked = {"source": str(job.source), "container": job.container, "longest_s": LONGEST_S, "fps": FPS}
    seen = await in_child(CHILD, {**asked, "step": "look"}, folder, LOOKING)
    film = _whole(seen, "width", MAX_SIDE), _whole(seen, "height", MAX_SIDE)
    renditions = tuple(each for part in job.parts if wanted(each := rendition(film, part), across=job.across))
    make = {
        "step": "make",
        "seen": seen,
        "thumbnail": str(folder / "thumbnail.jpg"),
        "seams": [wall for wall in job.seams if any(_on(each, wall) for each in renditions)],
    }
    groups = passes(renditions) or [[]]
    results: list[dict[str, Any]] = []
    for number, group in enumerate(groups):
        outputs = [output(each, folder, keep_sound=job.keep_sound) for each in group]
        step = {**asked, **make, "outputs": outputs, "looks": not number}
        heard = _within_all(progress, groups, number)
        results.append(await in_child(CHILD, step, folder, limits, heard, pace=pace))
    result = results[0]
    sound = bool(seen.get("sound"))
    return Made(
        width=film[0],
        height=film[1],
        frames=_whole(result, "frames", MAX_FRAMES * 2),
        sound_removed=sound and not job.keep_sound,
        renditions=renditions,
        checks=checks_of(result),
    )


def passes(renditions: Iterable[Rendition]) -> list[list[Rendition]]:
    """Each film once, in as few passes over the source as memory allows; the first fit, the largest first."""
    groups: list[list[Rendition]] = []
    for each in sorted({each.file: each for each in renditions}.values(), key=_pixels, reverse=True):
        group = next((group for group in groups if _room(group, each)), None)
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    return groups


def _room(group: Sequence[Rendition], another: Rendition) -> bool:
    return len(group) < MOST_FILES and sum(map(_pixels, group)) + _pixels(another) <= MOST_TOGETHER


def _pixels(each: Rendition) -> int:
    return each.size[0] * each.size[1]


def _within_all(progress: Progress, groups: Sequence[Sequence[Rendition]], number: int) -> Progress:
    """Progress of one pass as a share of all, by their pixels."""
    costs = [sum(map(_pixels, group)) for group in groups]
    before, own, every = sum(costs[:number]), costs[number], max(1, sum(costs))
    return lambda share: progress((before + share * own) / every)


def kept(store: AssetStore, folder: Path, identity: str, title: str, film: Made) -> Asset:
    """Move what the child wrote into the store; nothing of it is believed beyond its form."""
    files = {each.file for each in film.renditions}
    if not all(is_mp4(folder / file) for file in files) or not is_jpeg(folder / "thumbnail.jpg"):
        raise IntakeRefused("broken")
    shas = {file: store.take(folder / file) for file in sorted(files)}
    sizes = {each.part.name: each for each in film.renditions if each.part == whole(each.part.size)}
    removed = (Check(code="sound-removed"),) if film.sound_removed else ()
    return Asset(
        id=identity,
        title=title,
        width=film.width,
        height=film.height,
        renditions={each.part.name: shas[each.file] for each in film.renditions},
        thumbnail=store.take(folder / "thumbnail.jpg"),
        kind="video",
        cut_percent={name: each.cut_percent for name, each in sizes.items()},
        enlarged={name: each.enlarged for name, each in sizes.items()},
        frames=film.frames,
        fps=FPS,
        seconds=round(film.frames / FPS, 3),
        sound_removed=film.sound_removed,
        checks=(*film.checks, *removed),
        made=marks((each.part for each in film.renditions), "video"),
    )


def wanted(each: Rendition, *, across: bool) -> bool:
    """Slices are many films: made where they are asked for, or where the film has about the row's shape."""
    return across or each.part == whole(each.part.size) or each.cut_percent <= MOST_CUT


def _on(each: Rendition, wall: Mapping[str, object]) -> bool:
    return each.part.name.startswith(f"{wall['surface']}:")


def output(each: Rendition, folder: Path, *, keep_sound: bool) -> dict[str, object]:
    """A rendition as the child needs it; a panel's part of a row is silent, or seven panels would speak at once."""
    crop = each.crop.x, each.crop.y, each.crop.width, each.crop.height
    sound = keep_sound and each.part == whole(each.part.size)
    return {"crop": crop, "size": each.size, "file": str(folder / each.file), "sound": sound}


def _whole(said: dict[str, Any], key: str, most: int) -> int:
    """A number the child said, if it is one."""
    value = said.get(key)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise IntakeRefused("broken")
    return value


def _even(wanted: float, most: int) -> int:
    """The nearest even number of pixels that there are, as the house format's colours need them."""
    return max(2, min(round(wanted / 2) * 2, most // 2 * 2))


def _within(wanted: float, most: int) -> int:
    """The nearest even place at which the box still lies inside."""
    return max(0, min(round(wanted / 2) * 2, most // 2 * 2))
