"""Asks a child process how live scenes look at a moment; it is there only while somebody asks."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from lobby.ops.children import leash, stop
from media.geometry import Rect, Size
from media.limited import first_to_go
from media.prints import read

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "media.scenes.prints")
ANSWERS_WITHIN_S = 20.0
LONGEST_LINE = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A scene at a moment, and the parts of its canvas that panels show."""

    scene: str
    canvas: Size
    at: datetime
    parts: Mapping[str, Rect] = field(hash=False)


class ScenePrints:
    """One question at a time; a child that fails or does not answer is started again with the next one."""

    def __init__(self) -> None:
        self._child: asyncio.subprocess.Process | None = None

    @property
    def there(self) -> bool:
        """Is the child running?"""
        return self._child is not None

    async def ask(self, question: Question) -> Mapping[str, bytes]:
        """Panel → print; empty where nobody knows."""
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                return await self._answer(question)
        except (TimeoutError, OSError, ValueError, TypeError, AttributeError) as error:
            log.warning("no prints of %s: %s", question.scene, type(error).__name__)
            await self.close()
            return {}

    async def close(self) -> None:
        """End the child; safe twice."""
        child, self._child = self._child, None
        if child is not None:
            if child.stdin is not None:
                child.stdin.close()
            await stop(child)

    async def _answer(self, question: Question) -> Mapping[str, bytes]:
        child = self._child or await self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        parts = {panel: [box.x, box.y, box.width, box.height] for panel, box in question.parts.items()}
        asked = {"scene": question.scene, "canvas": question.canvas, "at": question.at.isoformat(), "parts": parts}
        child.stdin.write(json.dumps(asked).encode() + b"\n")
        with suppress(ConnectionError):
            await child.stdin.drain()
        told = json.loads(await child.stdout.readline())["prints"]
        prints = {panel: read(told.get(panel)) for panel in question.parts}
        return {panel: print_ for panel, print_ in prints.items() if print_ is not None}

    async def _started(self) -> asyncio.subprocess.Process:
        self._child = await asyncio.create_subprocess_exec(
            *leash(),
            *COMMAND,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LONGEST_LINE,
        )
        first_to_go(self._child.pid)
        return self._child
