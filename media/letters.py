"""How large letters must be: one rule for the notices that are set here and for whatever others deliver."""

from __future__ import annotations

PER_DISTANCE = 150
"""A sign is a hundred-and-fiftieth of the reading distance high, or more: 23 minutes of arc.

ISO 9241-303 names 16 as the least and 20 to 22 as right for Latin; Hangul and Han signs have more strokes and need
more. People read a wall while they walk past it, and many of them are old: what is right is our least.
"""
LEAST_PX = 18
"""A Hangul sign of fewer pixels cannot be told apart from any distance."""
USUAL_READING_MM = (2000, 6000)
"""From how near and how far a screen in a lobby is read, where the site file does not say."""


def least_px(distance_mm: float, per_mm: float) -> float:
    """The height in pixels of the smallest sign that can be read from there, on a screen of so many pixels a mm."""
    return max(LEAST_PX, distance_mm / PER_DISTANCE * per_mm)
