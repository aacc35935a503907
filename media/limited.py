"""A fresh process with limits for work on strangers' files: one job in, progress and one last word out."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_LINE = 65_536
MIB = 1024 * 1024
PICTURE_LIMITS: Mapping[str, int] = {
    "AS": 1536 * MIB,
    "CPU": 30,
    "FSIZE": 64 * MIB,
    "NOFILE": 64,
    "NPROC": 0,
    "CORE": 0,
}

Progress = Callable[[float], None]


class IntakeRefused(Exception):
    """A file that was not taken; `code` is explained as `media.<code>` with `params`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params: Mapping[str, str] = params


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost, by default a picture; `process` are the child's resource limits by their names."""

    bytes: int = 64 * MIB
    longest_s: float = 60.0
    process: Mapping[str, int] = field(default_factory=lambda: PICTURE_LIMITS)


async def in_child(
    script: Path, job: Mapping[str, object], folder: Path, limits: Limits, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """The child's last word. It runs without shell, environment or standard error, in its own session.

    Raises IntakeRefused. `job` gets the limits, which the child sets before it opens anything.
    """
    argv = (sys.executable, "-I", str(script))
    written = json.dumps({**job, "limits": dict(limits.process)}).encode()
    environment = {"LANG": "C.UTF-8"}
    child = await asyncio.create_subprocess_exec(
        *argv,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=folder,
        env=environment,
        limit=MAX_LINE,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(limits.longest_s):
            word = await _talk(child, written, progress)
            await child.wait()
    except TimeoutError as error:
        raise IntakeRefused("too-slow") from error
    finally:
        await _ended(child)
    return _judged(word, child.returncode)


async def _talk(child: Process, job: bytes, progress: Progress) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(ConnectionError):
        child.stdin.write(job)
        await child.stdin.drain()
        child.stdin.close()
    word: dict[str, Any] = {}
    try:
        async for line in child.stdout:
            word = json.loads(line)
            if "done" in word:
                progress(min(0.99, int(word["done"]) / max(1, int(word["of"]))))
    except (ValueError, TypeError, KeyError) as error:
        raise IntakeRefused("broken") from error
    return word


async def _ended(child: Process) -> None:
    """The child is gone when this returns, whatever it was doing."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _judged(word: dict[str, Any], returncode: int | None) -> dict[str, Any]:
    """The result, or the refusal that the child said or that its end says."""
    if "refused" in word:
        params = {str(key): str(value)[:80] for key, value in dict(word.get("params", {})).items()}
        raise IntakeRefused(str(word["refused"]), **params)
    if returncode is not None and returncode < 0:
        raise IntakeRefused("too-slow" if -returncode in (9, 24) else "broken")
    if returncode != 0 or not isinstance(word.get("result"), dict):
        raise IntakeRefused("broken")
    return dict(word["result"])
