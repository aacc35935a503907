"""`python -m media.scenes NAME OUT WIDTH HEIGHT [--at ISO]`: one picture of a live scene, without a window.

`python -m media.scenes sheet FOLDER`: contact sheets of all of them, 24 hours and 12 months, and the wall in full.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path

from media.scenes import SCENES

SUMMER_NOON = "2026-06-21T12:00:00+09:00"
NICE = 10


def main(arguments: list[str]) -> int:
    """0 when drawn, 2 when asked wrongly."""
    from media.scenes.still import sheets, still

    os.nice(NICE)
    if arguments[:1] == ["sheet"] and len(arguments) == 2:
        print(*sheets(Path(arguments[1])), sep="\n")
        return 0
    options = _options(arguments)
    moment = datetime.fromisoformat(options.at)
    if moment.tzinfo is None:
        print("--at needs an offset, as in 2026-06-21T12:00:00+09:00", file=sys.stderr)
        return 2
    still(options.name, (options.width, options.height), moment).save(options.out, compress_level=1)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="media.scenes", epilog="or: python -m media.scenes sheet FOLDER")
    parser.add_argument("name", choices=sorted(SCENES))
    parser.add_argument("out", type=Path)
    parser.add_argument("width", type=int)
    parser.add_argument("height", type=int)
    parser.add_argument("--at", default=SUMMER_NOON)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
