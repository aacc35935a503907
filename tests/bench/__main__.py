"""`python -m tests.bench [PART …]`: measure, print the table, write bench.json; 1 when a bar does not hold."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import (
    edits,
    films,
    ingest,
    intake,
    notices,
    presses,
    prints,
    pure,
    rehearsal,
    scenes,
    skew,
    starts,
    uploads,
)
from tests.bench.rows import Row, table, write

RESULT = Path("bench.json")


def main() -> int:
    """Run the parts asked for, all of them by default."""
    options = _options()
    with TemporaryDirectory(prefix="lobby-bench-") as folder:
        place = Path(folder)
        parts: Mapping[str, Callable[[], list[Row]]] = {
            "pure": lambda: pure.measured(turns=15),
            "press": lambda: presses.measured(place / "press", options.presses),
            "ingest": lambda: ingest.measured(place / "ingest", rounds=100, times=3),
            "intake": lambda: intake.measured(place / "intake", times=3, presses=options.presses),
            "films": lambda: films.measured(place / "films", times=3),
            "scenes": scenes.measured,
            "notices": lambda: notices.measured(place / "notices", times=3),
            "prints": lambda: prints.measured(times=400),
            "rehearse": rehearsal.measured,
            "players": lambda: skew.measured(place / "players"),
            "edits": lambda: edits.measured(place / "edits", edits=20),
            "uploads": lambda: uploads.measured(place / "uploads"),
            "starts": lambda: starts.measured(place / "starts", starts=5),
        }
        rows: list[Row] = []
        for name in options.parts or parts:
            print(f"measuring: {name} …", file=sys.stderr, flush=True)
            rows += parts[name]()
    print(table(rows))
    write(rows, RESULT)
    return 0 if all(row.holds for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.bench")
    parser.add_argument(
        "parts", nargs="*", help="pure, press, ingest, intake, films, scenes, players, …; all of them by default"
    )
    parser.add_argument("--presses", type=int, default=400)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
