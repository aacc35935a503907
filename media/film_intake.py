"""Taking in a film: looked at in one limited process, brought into the house format by another one, then kept by hash.

A rendition has the shape of its panel and at most its pixels: a film is never enlarged here, the player does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.assets import Asset, AssetStore, is_jpeg, is_mp4
from media.geometry import Size, size_name
from media.limited import MIB, IntakeRefused, Limits, Progress, in_child

ENDINGS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv"})
CHILD = Path(__file__).with_name("film_child.py")
FPS = 30
LONGEST_S = 180
MAX_FRAMES = LONGEST_S * FPS + FPS
LIMITS = Limits(
    bytes=256 * MIB,
    longest_s=3600.0,
    process={"AS": 4096 * MIB, "CPU": 7200, "FSIZE": 768 * MIB, "NOFILE": 64, "CORE": 0},
)
LOOKING = Limits(
    longest_s=30.0,
    process={"AS": 1536 * MIB, "CPU": 20, "FSIZE": 0, "NOFILE": 64, "NPROC": 0, "CORE": 0},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """A panel's pixels, and the film for it: how much of each picture it takes, and at which size."""

    panel: Size
    crop: Size
    size: Size
    cut_percent: int
    enlarged: float

    @property
    def file(self) -> str:
        """What it is called until it has its hash; equal ones are made once."""
        return f"{size_name(self.crop)}-{size_name(self.size)}.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A film as the child wrote it into its folder."""

    width: int
    height: int
    frames: int
    renditions: tuple[Rendition, ...]


def container_of(head: bytes) -> str | None:
    """The demuxer for a film's first bytes: ISO 14496-12 (mp4, mov), EBML of RFC 8794 (mkv, webm); None for others."""
    if head[4:8] == b"ftyp" or head[4:8] in (b"moov", b"mdat", b"wide", b"free"):
        return "mp4"
    return "matroska" if head.startswith(b"\x1aE\xdf\xa3") else None


def rendition(film: Size, panel: Size) -> Rendition:
    """The middle of the film that has the panel's shape, made smaller where it has more pixels than the panel."""
    scale = max(panel[0] / film[0], panel[1] / film[1])
    crop = _even(panel[0] / scale, film[0]), _even(panel[1] / scale, film[1])
    size = (_even(panel[0], panel[0]), _even(panel[1], panel[1])) if scale < 1 else crop
    shown = panel[0] * panel[1] / (film[0] * film[1] * scale * scale)
    return Rendition(
        panel=panel, crop=crop, size=size, cut_percent=round(100 * (1 - shown)), enlarged=round(max(1.0, scale), 2)
    )


async def made(
    source: Path, container: str, panels: Sequence[Size], folder: Path, limits: Limits, progress: Progress
) -> Made:
    """Look at the film, then make what the panels need. Raises IntakeRefused."""
    job = {"source": str(source), "container": container, "longest_s": LONGEST_S, "fps": FPS}
    seen = await in_child(CHILD, {**job, "step": "look"}, folder, LOOKING)
    film = _whole(seen, "width"), _whole(seen, "height")
    renditions = tuple(rendition(film, panel) for panel in panels)
    outputs = {
        each.file: {"crop": each.crop, "size": each.size, "file": str(folder / each.file)} for each in renditions
    }
    more = {"step": "make", "seen": seen, "outputs": list(outputs.values()), "thumbnail": str(folder / "thumbnail.jpg")}
    result = await in_child(CHILD, {**job, **more}, folder, limits, progress)
    return Made(width=film[0], height=film[1], frames=_whole(result, "frames"), renditions=renditions)


def kept(store: AssetStore, folder: Path, identity: str, title: str, film: Made) -> Asset:
    """Move what the child wrote into the store; nothing of it is believed beyond its form."""
    files = {each.file for each in film.renditions}
    if not all(is_mp4(folder / file) for file in files) or not is_jpeg(folder / "thumbnail.jpg"):
        raise IntakeRefused("broken")
    shas = {file: store.take(folder / file) for file in sorted(files)}
    return Asset(
        id=identity,
        title=title,
        width=film.width,
        height=film.height,
        renditions={size_name(each.panel): shas[each.file] for each in film.renditions},
        thumbnail=store.take(folder / "thumbnail.jpg"),
        kind="video",
        cut_percent={size_name(each.panel): each.cut_percent for each in film.renditions},
        enlarged={size_name(each.panel): each.enlarged for each in film.renditions},
        frames=film.frames,
        fps=FPS,
    )


def _whole(said: dict[str, Any], key: str) -> int:
    """A number the child said, if it is one."""
    value = said.get(key)
    if not isinstance(value, int) or not 1 <= value <= MAX_FRAMES * 2:
        raise IntakeRefused("broken")
    return value


def _even(wanted: float, most: int) -> int:
    """The nearest even number of pixels that there are, as the house format's colours need them."""
    return max(2, min(round(wanted / 2) * 2, most // 2 * 2))
