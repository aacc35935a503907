"""The colours of every theme."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

THEMES = ("light", "dark", "contrast")
TEXT = [(ink, ground) for ink in ("ink", "soft", "act", "danger", "warning", "well") for ground in ("paper", "sunk")]
TEXT += [("on-act", "act"), ("on-danger", "danger"), ("on-warning", "warning"), ("on-glass", "glass"), ("paper", "ink")]
EDGES = [("line", "paper"), ("line", "sunk")]


def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme as the style sheet names them."""
    sheet = files("lobby.web").joinpath("static", "lobby.css").read_text(encoding="utf-8")
    block = re.search(rf'\[data-theme="{theme}"\] \{{(.+?)\}}', sheet, re.DOTALL)
    assert block
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block[1]))


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """WCAG 2.2's contrast ratio."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_from_its_ground(theme: str, ink: str, ground: str) -> None:
    """Text reaches 4.5:1, and 7:1 in the high-contrast theme."""
    colours = tokens(theme)
    assert contrast(colours[ink], colours[ground]) >= (7 if theme == "contrast" else 4.5)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_stand_out_from_their_ground(theme: str, edge: str, ground: str) -> None:
    """Edges of controls and shapes reach 3:1."""
    colours = tokens(theme)
    assert contrast(colours[edge], colours[ground]) >= 3
