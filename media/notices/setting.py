"""Setting a notice: its texts on the surfaces they are meant for, in a limited process; stills come back as files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from media.geometry import PanelPlace
from media.letters import USUAL_READING_MM
from media.limited import MIB, Limits, in_child
from media.notices.texts import Text, Tone

CHILD = Path(__file__).with_name("child.py")
PREVIEW_WIDTH = 1600
LIMITS = Limits(
    longest_s=90.0,
    process={"AS": 3072 * MIB, "CPU": 60, "FSIZE": 128 * MIB, "NOFILE": 64, "NPROC": 0, "CORE": 0},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stills:
    """One surface's stills in their order, how many pages there are, and the smallest sign's height in mm."""

    files: tuple[Path, ...]
    pages: int
    least_mm: float


async def set_notice(
    surfaces: Mapping[str, Sequence[PanelPlace]],
    texts: Sequence[Text],
    tone: Tone,
    folder: Path,
    *,
    reading_mm: Mapping[str, float] | None = None,
) -> Mapping[str, Stills]:
    """Every page for every surface as PNG at the canvas's own size. Raises media.limited.IntakeRefused.

    `reading_mm`: surface → from how far it is read.
    """
    how = {
        "scale": 1.0,
        "ending": "png",
        "only": None,
        "reading_mm": {**dict.fromkeys(surfaces, USUAL_READING_MM[1]), **(reading_mm or {})},
    }
    return await _set(surfaces, texts, tone, folder, how)


async def preview(
    panels: Sequence[PanelPlace],
    texts: Sequence[Text],
    tone: Tone,
    folder: Path,
    *,
    page: int,
    scale: float,
    reading_mm: float = USUAL_READING_MM[1],
) -> Stills:
    """One page for one surface, small, as JPEG: the very setting that goes on air. Raises IntakeRefused."""
    how = {"scale": scale, "ending": "jpg", "only": page, "reading_mm": {"preview": reading_mm}}
    return (await _set({"preview": panels}, texts, tone, folder, how))["preview"]


async def _set(
    surfaces: Mapping[str, Sequence[PanelPlace]],
    texts: Sequence[Text],
    tone: Tone,
    folder: Path,
    how: Mapping[str, object],
) -> Mapping[str, Stills]:
    job = {
        "surfaces": {name: [asdict(panel) for panel in panels] for name, panels in surfaces.items()},
        "texts": [asdict(text) for text in texts],
        "tone": tone.value,
        "folder": str(folder),
        **how,
    }
    told = await in_child(CHILD, job, folder, LIMITS)
    return {
        name: Stills(
            files=tuple(folder / str(file) for file in row["files"]),
            pages=int(row["pages"]),
            least_mm=float(row["least_mm"]),
        )
        for name, row in told.items()
    }
