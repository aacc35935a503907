"""Starts a headless player as its own process: `python -m tests.media.player.play URL FOLDER SCALE [AHEAD_S] [WORD]`.

Every frame that reaches the glass is a line of FOLDER/trace: due, at, panels. AHEAD_S sets its clock wrong; WORD is
what its kernel says of the time server: yes, no or nobody-knows.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from media.player.run import PlayerOptions, Presented, run_player
from tests.media.player.watch import RealClock

DISCIPLINED = {"yes": True, "no": False, "nobody-knows": None}


def main(url: str, folder: Path, scale: float, ahead_s: float, word: str) -> None:
    """Play until SIGTERM."""
    folder.mkdir(exist_ok=True)
    with (folder / "trace").open("a", buffering=1) as trace:

        def presented(frame: Presented) -> None:
            trace.write(json.dumps([frame.due.timestamp(), frame.at.timestamp(), dict(frame.glass)]) + "\n")

        options = PlayerOptions(
            player="lobby-player",
            controller=url,
            token="secret",
            folder=folder,
            headless=True,
            scale=scale,
            disciplined=lambda: DISCIPLINED[word],
            presented=presented,
        )
        run_player(options, RealClock(ahead_s))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    url, folder, scale, ahead_s, word = (*sys.argv[1:], *("0", "yes")[len(sys.argv) - 4 :])
    main(url, Path(folder), float(scale), float(ahead_s), word)
