"""The delivery specification of a surface: what an artist must know, as chapters of words.

Every limit is read where the intake enforces it; the page and the command line say the same chapters.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Protocol

from lobby.core.hanging import places_of
from lobby.core.site import PlaylistItem, Site, Surface, dwell_bounds
from lobby.core.words import say
from media import film_child, film_intake, intake, intake_child
from media.geometry import Canvas, PanelPlace, Size, canvas
from media.letters import least_px
from media.limited import MIB, Limits
from media.recipe import film_command, film_size, most_bits
from media.safe import EYES_MM, Safe, Seam, eye_band, measures, safe_parts, seams

READING_STEPS = 3
SPELT = {"WEBP": "WebP", "WEBM": "WebM"}
RIGHTS = ("artist", "title", "year", "holder", "licence", "term", "credit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A term and what is said of it; `command` is typed as it stands."""

    term: str
    text: str
    command: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One subject; `key` names it on the page."""

    key: str
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """A surface measured: its panels, the canvas behind them, what lies between, what is safe."""

    surface: Surface
    panels: tuple[PanelPlace, ...]
    whole: Canvas
    mm: Size
    seams: tuple[Seam, ...]
    safe: Mapping[str, Safe]
    names: Mapping[str, str]

    @property
    def per_mm(self) -> float:
        """Pixels of the canvas for a millimetre."""
        return self.whole.size[0] / self.mm[0]

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The pixels of its panels, each once."""
        return tuple(dict.fromkeys(panel.pixels for panel in self.panels))

    @property
    def eyes(self) -> tuple[int, int] | None:
        """The rows at eye height, where the site file says how high it hangs."""
        edge = self.surface.lower_edge_mm
        return None if edge is None else eye_band(self.panels, self.whole, edge)


class Say(Protocol):
    """The words of this sheet in one language."""

    def __call__(self, key: str, /, **params: object) -> str:
        """The text of `spec.<key>`."""


def wall_of(surface: Surface, language: str) -> Wall:
    """Measure it. Raises GeometryRefused where the site file was never checked."""
    panels, name = places_of(surface), surface.name.said(language)
    whole = canvas(panels)
    one = len(panels) == 1
    numbered = (name if one else say("spec.panel", language, name=name, n=n) for n in range(1, len(panels) + 1))
    return Wall(
        surface=surface,
        panels=panels,
        whole=whole,
        mm=measures(panels),
        seams=seams(panels),
        safe=safe_parts(panels, whole),
        names={panel.id: words for panel, words in zip(panels, numbered, strict=True)},
    )


def chapters(site: Site, surface: str, language: str) -> tuple[Chapter, ...]:
    """The whole sheet of a surface."""
    wall, spoken = wall_of(site.surfaces[surface], language), partial(_spoken, language)
    told = {
        "place": _place(site, wall, spoken, language),
        "panels": _panels(wall, spoken),
        "canvas": _canvas(wall, spoken),
        "safe": _safe(wall, spoken),
        "letters": _letters(wall, spoken),
        "stills": _stills(spoken),
        "films": _films(surface, wall, spoken),
        "sound": _sound(site, wall, spoken, language),
        "names": _names(wall, spoken),
        "along": _along(spoken),
        "refused": _refused(spoken),
    }
    found = (Chapter(key=key, title=spoken(f"title.{key}"), lines=tuple(lines)) for key, lines in told.items())
    return tuple(chapter for chapter in found if chapter.lines)


def commands(surface: str, wall: Wall) -> Iterator[tuple[Size, tuple[str, ...]]]:
    """FFmpeg's words for every size worth delivering: each panel's, and the whole wall's where there are several."""
    sizes = dict.fromkeys((*wall.sizes, wall.whole.size) if len(wall.panels) > 1 else wall.sizes)
    for size in dict.fromkeys(film_size(size) for size in sizes):
        into = f"{surface}-{size[0]}x{size[1]}.mp4"
        yield size, film_command(size, source="source.mov", into=into, sound=wall.surface.audio is not None)


def as_text(site: Site, surface: str, language: str) -> str:
    """The sheet for a terminal or a letter."""
    head = f"{say('spec.heading', language)}: {site.surfaces[surface].name.said(language)}"
    blocks = [f"{head}\n{'=' * 2 * len(head)}\n{site.site.name.said(language)}"]
    for chapter in chapters(site, surface, language):
        told = (f"  {line.text}" if line.command else f"- {_head(line)}{line.text}" for line in chapter.lines)
        blocks.append("\n".join((f"## {chapter.title}", *told)))
    return "\n\n".join(blocks) + "\n"


def _head(line: Line) -> str:
    return f"{line.term}: " if line.term else ""


def _spoken(language: str, key: str, /, **params: object) -> str:
    return say(f"spec.{key}", language, **params)


def _line(spoken: Say, key: str, /, **params: object) -> Line:
    return Line(term=spoken(f"term.{key}"), text=spoken(f"text.{key}", **params))


def _place(site: Site, wall: Wall, spoken: Say, language: str) -> Iterator[Line]:
    surface = wall.surface
    place = site.places[surface.place].name.said(language)
    yield _line(spoken, "place", site=site.site.name.said(language), place=place)
    yield _line(spoken, "measure", count=len(wall.panels), width=f"{wall.mm[0]:,}", height=f"{wall.mm[1]:,}")
    if surface.lower_edge_mm is not None:
        yield _line(
            spoken, "height", lower=f"{surface.lower_edge_mm:,}", upper=f"{surface.lower_edge_mm + wall.mm[1]:,}"
        )
    pitch = max(panel.size_mm[0] / panel.pixels[0] for panel in wall.panels)
    yield _line(spoken, "pitch", pitch=f"{pitch:.2f}", distance=f"{pitch * 3.44:.1f}")


def _panels(wall: Wall, spoken: Say) -> Iterator[Line]:
    for panel in wall.panels:
        box = wall.whole.panels[panel.id]
        mm = f"{panel.size_mm[0]:,} × {panel.size_mm[1]:,}"
        said = [spoken("text.panel", pixels=f"{panel.pixels[0]} × {panel.pixels[1]}", mm=mm)]
        said += [spoken("text.within", x=box.x, y=box.y)] if len(wall.panels) > 1 else []
        said += [spoken("text.turned", degrees=f"{panel.fold_deg:+d}")] if panel.fold_deg else []
        yield Line(term=f"{wall.names[panel.id]} ({panel.id})", text=" · ".join(said))


def _canvas(wall: Wall, spoken: Say) -> Iterator[Line]:
    sizes = ", ".join(f"{width} × {height}" for width, height in wall.sizes)
    yield _line(spoken, "each", sizes=sizes)
    if len(wall.panels) == 1:
        return
    yield _line(spoken, "whole", size=f"{wall.whole.size[0]} × {wall.whole.size[1]}")
    for gap_mm in sorted({seam.gap_mm for seam in wall.seams}):
        count = sum(seam.gap_mm == gap_mm for seam in wall.seams)
        yield _line(spoken, "gap", mm=gap_mm, px=round(gap_mm * wall.per_mm), count=count)
    if folds := sorted({seam.fold_deg for seam in wall.seams} - {0}):
        turned = sorted({abs(panel.fold_deg) for panel in wall.panels} - {0})
        yield _line(spoken, "fold", between=_range(folds), each=_range(turned))


def _range(numbers: list[int]) -> str:
    return f"{numbers[0]}°" if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}°"


def _safe(wall: Wall, spoken: Say) -> Iterator[Line]:
    yield Line(term="", text=spoken("text.safe"))
    alike: dict[tuple[int, int, int, int], list[str]] = {}
    for panel in wall.panels:
        alike.setdefault(wall.safe[panel.id].margins_mm, []).append(panel.id)
    for margins, ids in alike.items():
        words = dict(zip(("left", "top", "right", "bottom"), (_both(mm, wall) for mm in margins), strict=True))
        yield Line(term=", ".join(ids), text=spoken("text.margins", **words))
    if wall.eyes is not None:
        first, last = wall.eyes
        yield _line(spoken, "eyes", low=f"{EYES_MM[0]:,}", high=f"{EYES_MM[1]:,}", first=first, last=last)
    elif wall.surface.lower_edge_mm is None:
        yield _line(spoken, "eyes-unknown")


def _both(mm: int, wall: Wall) -> str:
    return f"{mm} mm ({round(mm * wall.per_mm)} px)"


def _letters(wall: Wall, spoken: Say) -> Iterator[Line]:
    near, far = wall.surface.reading_mm
    steps = {near + (far - near) * n // (READING_STEPS - 1) for n in range(READING_STEPS)}
    for distance in sorted(steps):
        pixels = round(least_px(distance, wall.per_mm))
        said = spoken("text.letters", mm=round(pixels / wall.per_mm), px=pixels)
        yield Line(term=spoken("term.letters", metres=f"{distance / 1000:g}"), text=said)
    yield Line(term="", text=spoken("text.letters-why"))


def _stills(spoken: Say) -> Iterator[Line]:
    limits = Limits()
    heif = ("HEIC",) if find_spec("pillow_heif") is not None else ()
    yield _line(spoken, "still-kinds", kinds=_kinds((*intake_child.FORMATS, *heif)))
    yield _line(
        spoken,
        "still-limits",
        bytes=limits.bytes // MIB,
        pixels=intake_child.MAX_PIXELS // 1_000_000,
        least=intake_child.MIN_SIDE,
    )
    yield _line(spoken, "still-colour")


def _films(surface: str, wall: Wall, spoken: Say) -> Iterator[Line]:
    kinds = sorted(ending.removeprefix(".").upper() for ending in film_intake.ENDINGS)
    yield _line(spoken, "film-kinds", kinds=_kinds(kinds))
    yield _line(spoken, "film-rate", fps=film_intake.FPS)
    yield _line(spoken, "film-length", least=film_child.SHORTEST_S, longest=film_intake.LONGEST_S)
    bits = most_bits() / 1_000_000
    megabytes = film_intake.LIMITS.bytes // MIB
    yield _line(spoken, "film-bytes", bytes=megabytes, bits=f"{bits:.0f}", longest=film_intake.LONGEST_S)
    pixels = f"{film_child.MAX_PIXELS / 1_000_000:g}"
    yield _line(spoken, "film-pixels", side=film_child.MAX_SIDE, pixels=pixels, least=film_child.MIN_SIDE)
    yield _line(spoken, "film-colour")
    for size, command in commands(surface, wall):
        yield Line(term=spoken("term.command", size=f"{size[0]} × {size[1]}"), text=spoken("text.command"))
        yield Line(term="", text=shlex.join(command), command=True)


def _kinds(names: Iterable[str]) -> str:
    return ", ".join(SPELT.get(name, name) for name in names)


def _sound(site: Site, wall: Wall, spoken: Say, language: str) -> Iterator[Line]:
    audio = wall.surface.audio
    if audio is None:
        yield Line(term="", text=spoken("text.silent"))
    else:
        hours = site.hours[audio.hours].name.said(language)
        yield Line(term="", text=spoken("text.heard", hours=hours, level=audio.level))


def _names(wall: Wall, spoken: Say) -> Iterator[Line]:
    yield _line(spoken, "title", most=intake.MAX_TITLE)
    if len(wall.panels) > 1:
        yield _line(spoken, "sets", first=f"{wall.panels[0].id}.png", last=f"{wall.panels[-1].id}.png")
    least, most = dwell_bounds()
    yield _line(spoken, "dwell", least=f"{least:g}", most=f"{most:g}", usual=f"{PlaylistItem(asset='x').dwell_s:g}")


def _along(spoken: Say) -> Iterator[Line]:
    yield _line(spoken, "described")
    yield _line(spoken, "rights", parts=", ".join(spoken(f"rights.{part}") for part in RIGHTS))


def _refused(spoken: Say) -> Iterator[Line]:
    params = {
        "longest": film_intake.LONGEST_S,
        "side": film_child.MAX_SIDE,
        "films": film_intake.LIMITS.bytes // MIB,
        "stills": Limits().bytes // MIB,
        "pixels": intake_child.MAX_PIXELS // 1_000_000,
    }
    for key in ("kinds", "moving", "natures", "hdr", "long", "large", "broken", "silent-pictures", "flashes"):
        yield Line(term="", text=spoken(f"refused.{key}", **params))
