"""The ffmpeg command line that mends what a file was refused for, to copy and paste in a folder's shell or cmd.exe."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import PurePosixPath

LONGEST_NAME = 100
OTHER_FILMS = frozenset(
    {".avi", ".wmv", ".asf", ".flv", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".vob", ".3gp", ".ogv", ".mxf"}
)
OTHER_PICTURES = frozenset({".tif", ".tiff", ".bmp", ".tga", ".jp2", ".ppm"})
# Inside double quotes these mean something to a Unix shell or to cmd.exe.
_SPECIAL = str.maketrans(dict.fromkeys('"$`\\%!', "_"))
_FILM = "-c:v libx264 -crf 16 -pix_fmt yuv420p -c:a aac -movflags +faststart"
_EVEN = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
_SDR = (
    "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,"
    "zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
)
_FIT = "scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2"
_PARTS = '-f segment -segment_time {part} -force_key_frames "expr:gte(t,n_forced*{part})" -reset_timestamps 1'
# Code → what goes between the two file names, and the ending of the second one.
LINES: Mapping[str, tuple[str, str]] = {
    "film-hdr": (f'-vf "{_SDR}" {_FILM}', "-lobby.mp4"),
    "film-too-long": (f"{_FILM} {_PARTS}", "-lobby-%02d.mp4"),
    "film-too-many-pixels": (f'-vf "{_FIT}" {_FILM}', "-lobby.mp4"),
    "film-too-many-bytes": (_FILM.replace("-crf 16", "-crf 20"), "-lobby.mp4"),
    "film-other-container": (f'-vf "{_EVEN}" {_FILM}', "-lobby.mp4"),
    "film-odd-format": (f'-vf "{_EVEN}" {_FILM}', "-lobby.mp4"),
    "film-without-end": (f'-vf "{_EVEN}" {_FILM}', "-lobby.mp4"),
    "moving-png": (f'-vf "{_EVEN}" {_FILM}', "-lobby.mp4"),
    "too-many-pixels": ('-vf "scale=8000:8000:force_original_aspect_ratio=decrease" -q:v 2', "-lobby.jpg"),
    "picture-other-kind": ("", "-lobby.png"),
}


def line_for(code: str, name: str, params: Mapping[str, str]) -> str | None:
    """The line for a file of that name that was refused so; None where ffmpeg cannot help."""
    if code not in LINES:
        return None
    between, ending = LINES[code]
    slots = {"part": _part_s(params), "width": params.get("widest", ""), "height": params.get("highest", "")}
    for slot, value in slots.items():
        between = between.replace(f"{{{slot}}}", value)
    given = _quotable(name)
    stem = given.rsplit(".", 1)[0] if "." in given[1:] else given
    return " ".join(["ffmpeg", "-i", f'"{given}"', *([between] if between else []), f'"{stem}{ending}"'])


def _quotable(name: str) -> str:
    """The file's name in double quotes: one line, without what a shell would read."""
    last = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    seen = "".join(each if unicodedata.category(each)[0] != "C" else "_" for each in last)
    plain = seen.translate(_SPECIAL)[-LONGEST_NAME:] or "film"
    return f"./{plain}" if plain.startswith("-") else plain


def _part_s(params: Mapping[str, str]) -> str:
    """A little shorter than what is taken, as a part ends with a whole picture."""
    longest = params.get("longest", "")
    return str(max(1, int(longest) - 1)) if longest.isdecimal() else "60"
