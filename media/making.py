"""How a rendition was made: a mark for its recipe and its place, so that what was made otherwise is made again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from media.geometry import Part

PICTURES, FILMS = 1, 2
"""Raised by one whenever pictures, or films, come out otherwise than before; then all of them are made again."""
LETTERS = 12


def marks(parts: Iterable[Part], kind: str) -> dict[str, str]:
    """Part's name → the mark of what is made for it now."""
    return {part.name: mark(part, kind) for part in parts}


def mark(part: Part, kind: str) -> str:
    """Another recipe, wall, gap, place or size is another mark."""
    box, recipe = part.box, FILMS if kind == "video" else PICTURES
    told = f"{recipe} {part.canvas} {box.x} {box.y} {box.size} {part.size}"
    return sha256(told.encode()).hexdigest()[:LETTERS]
