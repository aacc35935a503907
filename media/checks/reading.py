"""How long people need to read a text from a wall, and whether it stands that long."""

from __future__ import annotations

import unicodedata

from media.assets import Check

# Subtitles allow 12 Korean or 17 Latin letters a second; who walks through a hall and finds the text first needs twice.
WIDE_A_SECOND = 6.0
NARROW_A_SECOND = 9.0
FINDING_S = 1.5


def needed_s(text: str) -> float:
    """Seconds from the text's appearing until a passer-by has read it; 0 for no text."""
    letters = [each for each in unicodedata.normalize("NFC", text) if not each.isspace()]
    if not letters:
        return 0.0
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in letters)
    return FINDING_S + wide / WIDE_A_SECOND + (len(letters) - wide) / NARROW_A_SECOND


def too_short(text: str, dwell_s: float) -> Check | None:
    """The check of a text that stands shorter than people need; None where it stands long enough."""
    needed = needed_s(text)
    if needed <= dwell_s:
        return None
    return Check(code="too-short-to-read", params={"dwell": f"{dwell_s:.0f}", "needed": f"{needed:.0f}"})
