"""How to make a film that is taken in as it is: the size that the intake wants, and FFmpeg's words for it.

The limits are the intake's own; nothing here says them a second time.
"""

from __future__ import annotations

from math import sqrt

from media import film_child, film_intake
from media.geometry import Size

SOUND_RATE = "192k"
CRF = "16"
MIB = 1024 * 1024


def film_size(shape: Size) -> Size:
    """The largest even size of that shape, at most that size, that is not refused."""
    scale = min(1.0, film_child.MAX_SIDE / max(shape), sqrt(film_child.MAX_PIXELS / (shape[0] * shape[1])))
    width, height = (max(2, int(side * scale) // 2 * 2) for side in shape)
    return width, height


def most_bits() -> int:
    """Bits a second with which the longest film that is taken stays below the largest file that is taken."""
    return film_intake.LIMITS.bytes * 8 // film_intake.LONGEST_S


def film_command(size: Size, *, source: str, into: str, sound: bool = False) -> tuple[str, ...]:
    """FFmpeg's words (Debian 12 and newer): fills the size without bars, 30 a second, BT.709, index first."""
    width, height = size
    pictures = ",".join(
        (
            f"scale={width}:{height}:force_original_aspect_ratio=increase:flags=lanczos"
            ":out_color_matrix=bt709:out_range=tv",
            f"crop={width}:{height}",
            "setsar=1",
            f"fps={film_intake.FPS}",
            "format=yuv420p",
        )
    )
    most = most_bits() * 9 // 10
    encoding = ("-c:v", "libx264", "-preset", "slow", "-crf", CRF, "-maxrate", str(most), "-bufsize", str(2 * most))
    keys = ("-g", str(film_intake.FPS), "-bf", "0")
    colours = ("-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709", "-color_range", "tv")
    heard = ("-c:a", "aac", "-b:a", SOUND_RATE, "-ac", "2") if sound else ("-an",)
    ends = ("-t", str(film_intake.LONGEST_S), "-movflags", "+faststart", into)
    return ("ffmpeg", "-i", source, "-vf", pictures, *encoding, *keys, *colours, *heard, *ends)
