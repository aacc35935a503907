"""A wire to a simulated device in the same process: at once, or as slowly as a serial line carries its bytes."""

from __future__ import annotations

import asyncio

from devices.link import Link, LinkOpener
from devices.simulated.wires import Answer

BITS_A_BYTE = 10  # start, eight of data, stop


class MemoryLink:
    """What is written is answered after the time that `baud` and the device's own `turnaround_s` take."""

    def __init__(self, answer: Answer, *, baud: int | None = None, turnaround_s: float = 0.0) -> None:
        self._answer = answer
        self._byte_s = BITS_A_BYTE / baud if baud else 0.0
        self._turnaround_s = turnaround_s
        self._pieces: asyncio.Queue[bytes] = asyncio.Queue()

    async def read(self, n: int) -> bytes:
        """The next piece."""
        piece = await self._pieces.get()
        assert len(piece) <= n
        return piece

    async def write(self, data: bytes) -> None:
        """Hand it to the device."""
        pieces, loop = self._answer(data), asyncio.get_running_loop()
        if not self._byte_s:
            for piece in pieces:
                self._pieces.put_nowait(piece)
            return
        at = loop.time() + len(data) * self._byte_s + self._turnaround_s
        for piece in pieces:
            at += len(piece) * self._byte_s
            loop.call_at(at, self._pieces.put_nowait, piece)

    async def close(self) -> None:
        """Nothing to let go."""


def to_memory(answer: Answer, *, baud: int | None = None, turnaround_s: float = 0.0) -> LinkOpener:
    """A way to open it."""

    async def opened() -> Link:
        return MemoryLink(answer, baud=baud, turnaround_s=turnaround_s)

    return opened
