"""Starts a headless player as its own process: `python -m tests.media.player.play URL FOLDER SCALE`."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from media.player.run import PlayerOptions, run_player
from tests.media.player.watch import RealClock

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    options = PlayerOptions(
        player="lobby-player",
        controller=sys.argv[1],
        token="secret",
        folder=Path(sys.argv[2]),
        headless=True,
        scale=float(sys.argv[3]),
    )
    run_player(options, RealClock())
