"""Finding frames in a stream of bytes that may be split, joined, doubled or rubbish; pure, without a wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from devices.errors import BadFrame

Frame = TypeVar("Frame")

Examine = Callable[[bytes], tuple[Frame, int] | None]
"""Look at the first bytes: the frame they begin with and its size, None = need more, `BadFrame` = no frame begins here.

An examiner asks for more only while fewer bytes are there than its protocol's longest frame.
"""


class Decoder(Generic[Frame]):
    """Cuts frames out of bytes in any split; between two calls it holds fewer than `longest` bytes."""

    def __init__(self, examine: Examine[Frame], *, longest: int) -> None:
        self._examine = examine
        self._longest = longest
        self._held = bytearray()
        self._in_rubbish = False

    @property
    def held(self) -> int:
        """How many bytes wait for the rest of their frame."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        """Every frame that is complete now, and one `BadFrame` for each stretch of rubbish between them."""
        self._in_rubbish = False
        found: list[Frame | BadFrame] = []
        for start in range(0, len(data), self._longest):
            self._held += data[start : start + self._longest]
            self._cut(found)
        return found

    def flush(self) -> list[Frame | BadFrame]:
        """Nothing more will come: give up the unfinished frame, but not good ones hidden behind its beginning."""
        self._in_rubbish = False
        found: list[Frame | BadFrame] = []
        while self._held:
            self._drop(BadFrame("bad-frame", f"unfinished: {self._held[:16].hex(' ')}"), found)
            self._cut(found)
        return found

    def _cut(self, found: list[Frame | BadFrame]) -> None:
        while self._held:
            try:
                complete = self._examine(bytes(self._held))
            except BadFrame as bad:
                self._drop(bad, found)
                continue
            if complete is None:
                return
            frame, size = complete
            found.append(frame)
            self._in_rubbish = False
            del self._held[:size]

    def _drop(self, bad: BadFrame, found: list[Frame | BadFrame]) -> None:
        if not self._in_rubbish:
            found.append(bad)
        self._in_rubbish = True
        del self._held[0]
