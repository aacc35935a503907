"""How large a text stands in a box: as large as fits, never smaller than can be read from where people stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from media.letters import least_px
from media.notices.breaking import lines
from media.notices.texts import WITHOUT_BLANKS, Text

GLYPH_SHARE: Mapping[str, float] = {"ko": 0.88, "en": 0.73, "zh-hans": 0.88, "zh-hant": 0.88, "ja": 0.88}
"""What people measure with a ruler, of the em: a Hangul or Han sign's body, a Latin capital's height."""

LEADING = 1.3
BODY_SHARES = (0.6, 0.52, 0.45)
"""How large the sentence may stand below its headline, the best first."""

GAP = 0.55
STEP = 0.96
WHOLE_SHARE = 0.5

Width = Callable[[str, str, bool], float]
"""Width in em of a text in a language, bold or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Lines and sizes (em, pixels) of a text in its box, and how high they stand together."""

    headline: tuple[str, ...]
    body: tuple[str, ...]
    size: float
    body_size: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bounds in pixels of the em: largest headline, smallest headline, smallest body."""

    most: float
    least: float
    least_body: float


def least_em(language: str, *, reading_mm: float, per_mm: float) -> float:
    """The smallest em in pixels whose signs can be read from that distance."""
    return least_px(reading_mm, per_mm) / GLYPH_SHARE[language]


def fit(text: Text, box: tuple[float, float], sizes: Sizes, width: Width) -> Fitted | None:
    """The largest setting that fits into width × height; None where even the smallest does not.

    Whole phrases are worth a smaller size, down to `WHOLE_SHARE` of the size at which they would be parted.
    """
    parted = _largest(text, box, sizes, width, parting=True)
    whole = _largest(text, box, sizes, width, parting=False) if text.language in WITHOUT_BLANKS else None
    if parted is None or whole is None:
        return parted
    return whole if whole.size >= parted.size * WHOLE_SHARE else parted


def _largest(text: Text, box: tuple[float, float], sizes: Sizes, width: Width, *, parting: bool) -> Fitted | None:
    size = sizes.most
    while size >= sizes.least * 0.999:
        for share in BODY_SHARES:
            body_size = max(size * share, sizes.least_body)
            if (found := _set(text, box, (size, body_size), width, parting=parting)) is not None:
                return found
        size = size * STEP if size * STEP > sizes.least or size <= sizes.least else sizes.least
    return None


def _set(
    text: Text, box: tuple[float, float], sizes: tuple[float, float], width: Width, *, parting: bool
) -> Fitted | None:
    size, body_size = sizes
    headline = _broken(text.headline, text.language, box[0] / size, width, bold=True, parting=parting)
    body = _broken(text.body, text.language, box[0] / body_size, width, bold=False, parting=parting)
    if headline is None or body is None:
        return None
    height = len(headline) * size * LEADING
    if body:
        height += size * GAP + len(body) * body_size * LEADING
    if height > box[1]:
        return None
    return Fitted(headline=headline, body=body, size=size, body_size=body_size, height=height)


def _broken(
    text: str, language: str, limit: float, width: Width, *, bold: bool, parting: bool
) -> tuple[str, ...] | None:
    return lines(text, language, limit, lambda part: width(part, language, bold), parting=parting)
