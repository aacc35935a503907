"""A surface's template: a see-through picture of exactly the canvas's size to lay over one's work, drawn in a child."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from media.geometry import PanelPlace, Rect, canvas
from media.limited import MIB, IntakeRefused, Limits, in_child
from media.safe import eye_band, measures, safe_parts

CHILD = Path(__file__).with_name("template_child.py")
MAX_PIXELS = 120_000_000
MM_PER_INCH = 25.4
PNG = b"\x89PNG\r\n\x1a\n"
LIMITS = Limits(
    longest_s=60.0,
    process={"AS": 1536 * MIB, "CPU": 60, "FSIZE": 64 * MIB, "NOFILE": 64, "NPROC": 0, "CORE": 0},
)


async def template(
    panels: Sequence[PanelPlace], names: Mapping[str, str], *, lower_edge_mm: int | None = None
) -> bytes:
    """The PNG: panels outlined and named, gaps hatched, safe parts dashed, middles crossed, eye height marked.

    Raises IntakeRefused `template-too-big`, or what a child that fails says.
    """
    whole = canvas(panels)
    if whole.size[0] * whole.size[1] > MAX_PIXELS:
        raise IntakeRefused("template-too-big", megapixels=str(MAX_PIXELS // 1_000_000))
    safe = safe_parts(panels, whole)
    parts = [
        {
            "name": names[panel.id],
            "words": f"{panel.pixels[0]} × {panel.pixels[1]} px · {panel.size_mm[0]} × {panel.size_mm[1]} mm",
            "box": _corners(whole.panels[panel.id]),
            "safe": _corners(safe[panel.id].box),
        }
        for panel in panels
    ]
    eyes = None if lower_edge_mm is None else eye_band(panels, whole, lower_edge_mm)
    with tempfile.TemporaryDirectory(prefix="lobby-template-") as folder:
        file = Path(folder, "template.png")
        per_mm = whole.size[0] / measures(panels)[0]
        job = {
            "dpi": round(per_mm * MM_PER_INCH, 2),
            "size": whole.size,
            "panels": parts,
            "eyes": eyes,
            "file": str(file),
        }
        await in_child(CHILD, job, Path(folder), LIMITS)
        drawn = await asyncio.to_thread(file.read_bytes)
    if not drawn.startswith(PNG):
        raise IntakeRefused("broken")
    return drawn


def _corners(box: Rect) -> tuple[int, int, int, int]:
    return box.x, box.y, box.x + box.width, box.y + box.height
