"""A player whose glass is captured: `python -m tests.media.player.captured URL FOLDER FRAMEBUFFER`.

Every frame that reaches the X server is read back from the server's own memory: a line of FOLDER/lines says version,
moment, due and at, the pixels follow one another in FOLDER/pixels.
"""

from __future__ import annotations

import json
import mmap
import struct
import sys
from pathlib import Path

import numpy as np

from media.player.run import PlayerOptions, Presented, run_player
from tests.media.player.watch import RealClock

XWD_WORDS = 25


class Framebuffer:
    """The picture on an X server's screen, as its file of `-fbdir` has it (XWD: a header, colours, then rows)."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        words = struct.unpack(f">{XWD_WORDS}I", self._memory[: 4 * XWD_WORDS])
        self._start = words[0] + 12 * words[19]
        self.size = words[4], words[5]
        self._pitch = words[12]

    def rows(self) -> bytes:
        """All pixels, blue first, row by row."""
        width, height = self.size
        whole = np.frombuffer(self._memory, np.uint8, self._pitch * height, self._start)
        return whole.reshape(height, self._pitch)[:, : 4 * width].tobytes()


def main(url: str, folder: Path, framebuffer: Path) -> None:
    """Play until SIGTERM."""
    folder.mkdir(exist_ok=True)
    glass = Framebuffer(framebuffer)
    with (folder / "lines").open("a", buffering=1) as lines, (folder / "pixels").open("ab", buffering=0) as pixels:

        def presented(frame: Presented) -> None:
            pixels.write(glass.rows())
            at = [moment.isoformat() for moment in (frame.moment, frame.due, frame.at)]
            lines.write(json.dumps([frame.version, *at]) + "\n")

        options = PlayerOptions(
            player="lobby-player",
            controller=url,
            token="secret",
            folder=folder,
            disciplined=lambda: True,
            presented=presented,
        )
        run_player(options, RealClock())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
