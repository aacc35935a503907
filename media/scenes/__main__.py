"""`python -m media.scenes NAME OUT WIDTH HEIGHT [--at ISO]`: one picture of a live scene, without a window."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from media.scenes import SCENES

SUMMER_NOON = "2026-06-21T12:00:00+09:00"


def main(arguments: list[str]) -> int:
    """0 when drawn, 2 when asked wrongly."""
    options = _options(arguments)
    from media.scenes.still import still

    moment = datetime.fromisoformat(options.at)
    if moment.tzinfo is None:
        print("--at needs an offset, as in 2026-06-21T12:00:00+09:00", file=sys.stderr)
        return 2
    still(options.name, (options.width, options.height), moment).save(options.out, compress_level=1)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="media.scenes")
    parser.add_argument("name", choices=sorted(SCENES))
    parser.add_argument("out", type=Path)
    parser.add_argument("width", type=int)
    parser.add_argument("height", type=int)
    parser.add_argument("--at", default=SUMMER_NOON)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
