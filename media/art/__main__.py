"""`python -m media.art NAME OUT [WIDTH HEIGHT]`: draw one sample, a film as MP4; without a name, list them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from media.art.films import FILMS, SIZE, write_film

NICE = 10


def main(arguments: list[str]) -> int:
    """0 when drawn or listed, 2 when there is no such picture."""
    from media.art.samples import SAMPLES, SIZES

    if not arguments:
        print(*SAMPLES, *FILMS, sep="\n")
        return 0
    if arguments[0] not in (*SAMPLES, *FILMS) or len(arguments) not in (2, 4):
        print("usage: python -m media.art NAME OUT [WIDTH HEIGHT]", file=sys.stderr)
        return 2
    name, out, *size = arguments
    if name in FILMS:
        os.nice(NICE)
        write_film(name, Path(out), size=(int(size[0]), int(size[1])) if size else SIZE)
        return 0
    width, height = (int(size[0]), int(size[1])) if size else SIZES[name]
    SAMPLES[name](width, height).save(out, compress_level=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
