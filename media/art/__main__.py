"""`python -m media.art NAME OUT.png [WIDTH HEIGHT]`: draw one sample; without a name, list them."""

from __future__ import annotations

import sys

from media.art.samples import SAMPLES, SIZES


def main(arguments: list[str]) -> int:
    """0 when drawn or listed, 2 when there is no such picture."""
    if not arguments:
        print(*SAMPLES, sep="\n")
        return 0
    if arguments[0] not in SAMPLES or len(arguments) not in (2, 4):
        print("usage: python -m media.art NAME OUT.png [WIDTH HEIGHT]", file=sys.stderr)
        return 2
    name, out, *size = arguments
    width, height = (int(size[0]), int(size[1])) if size else SIZES[name]
    SAMPLES[name](width, height).save(out, compress_level=1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
