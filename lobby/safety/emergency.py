"""The emergency file: where facts of incidents go when the journal cannot take them; JSON lines on another filesystem.

A process killed while writing leaves at most one torn line, which is told and passed over: it was never assured.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from lobby.core.projection import Fact, canonical

NAME = "emergency.jsonl"
LIMIT_S = 1.0

log = logging.getLogger(__name__)


class EmergencyFile:
    """Appends with fsync in a thread of its own, so that a disk that hangs holds up nobody for longer than a limit."""

    def __init__(self, folder: Path, *, limit_s: float = LIMIT_S) -> None:
        self._path = folder / NAME
        self._limit_s = limit_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="emergency-file")

    def __enter__(self) -> Self:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as failure:
            log.error("there is no folder for the emergency file: %s", failure)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    async def append(self, facts: Sequence[Fact]) -> None:
        """On disk when it returns. Raises OSError (TimeoutError among them): it may or may not be there."""
        lines = b"".join(line(fact) for fact in facts)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._limit_s):
            await loop.run_in_executor(self._thread, append_durably, self._path, lines)

    def read(self) -> list[Fact]:
        """The facts in it, oldest first; an unreadable line is told and passed over. Raises OSError."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return []
        return [fact for text in raw.split(b"\n") if text and (fact := _fact(text)) is not None]

    def remove(self) -> None:
        """After everything in it stands in the journal; a file that stays is folded in again, without effect."""
        try:
            self._path.unlink(missing_ok=True)
            _sync_folder(self._path.parent)
        except OSError as failure:
            log.warning("the emergency file cannot be removed: %s", failure)


def line(fact: Fact) -> bytes:
    """One fact between two line ends, so that a torn line before it spoils nothing."""
    document = {"v": fact.v, "kind": fact.kind, "subject": fact.subject, "payload": fact.payload}
    return b"\n" + canonical(document).encode("utf-8", "replace") + b"\n"


def append_durably(path: Path, data: bytes) -> None:
    """Append and fsync the file, and its folder when it is new. Raises OSError."""
    new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fact(text: bytes) -> Fact | None:
    try:
        document = json.loads(text)
        return Fact(kind=document["kind"], subject=document["subject"], payload=document["payload"], v=document["v"])
    except (ValueError, KeyError, TypeError):
        log.warning("a line of the emergency file cannot be read: %r", text[:80])
        return None
