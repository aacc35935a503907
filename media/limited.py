"""A fresh process with limits for work on strangers' files: one job in, progress and one last word out."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MAX_LINE = 262_144
LONGEST_PARAM = 400
MIB = 1024 * 1024
PICTURE_LIMITS: Mapping[str, int] = {
    "AS": 1536 * MIB,
    "CPU": 30,
    "FSIZE": 64 * MIB,
    "NOFILE": 64,
    "NPROC": 0,
    "CORE": 0,
}
# Threads of libraries are not needed, and memory that malloc sets aside for each of them counts against the limit.
ENVIRONMENT = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
BY_SIGNAL = {signal.SIGXCPU: "too-slow", signal.SIGKILL: "too-heavy"}
LOOK_EVERY_S = 0.05
BURST_S = 0.1

_paced: dict[Process, bool] = {}
"""The children at work that are held to a share of a core, and whether `halt` came since their pace was looked at."""

Progress = Callable[[float], None]
Pace = Callable[[], float]


class IntakeRefused(Exception):
    """A file that was not taken; `code` is explained as `media.<code>` with `params`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params: Mapping[str, str] = params


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost, by default a picture; `process` are the child's resource limits by their names.

    An `idle` child gets the processor and the disk only when nobody else wants them.
    """

    bytes: int = 128 * MIB
    longest_s: float = 300.0
    idle: bool = False
    process: Mapping[str, int] = field(default_factory=lambda: PICTURE_LIMITS)


async def in_child(
    script: Path,
    job: Mapping[str, object],
    folder: Path,
    limits: Limits,
    progress: Progress = lambda _: None,
    *,
    pace: Pace | None = None,
) -> dict[str, Any]:
    """The child's last word. It runs without shell or standard error, and dies with this process.

    It stays in this process's session: Linux shares the processor between sessions first (sched(7), autogroup), and the
    idle class counts only within one.

    `pace` is asked again and again for the share of one core that the child may take; it is stopped while it is ahead,
    and kept to one core where that is enough, so that another one is free. Raises IntakeRefused. `job` gets the limits,
    which the child sets before it opens anything, and for how many cores it may have threads.
    """
    argv = (sys.executable, "-I", str(script))
    # A thread that wakes beside several of the idle class waits for one of them up to a tick (4 ms, measured).
    cores = 1 if pace is not None and pace() <= 1 else len(os.sched_getaffinity(0))
    given = {"limits": dict(limits.process), "idle": limits.idle, "cores": cores}
    written = json.dumps({**job, **given}).encode()
    child = await asyncio.create_subprocess_exec(
        *argv,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        cwd=folder,
        env=ENVIRONMENT,
        limit=MAX_LINE,
    )
    first_to_go(child.pid)
    try:
        async with asyncio.timeout(limits.longest_s), _held_to(child, pace):
            word = await _talk(child, written, progress)
            await child.wait()
    except TimeoutError as error:
        raise IntakeRefused("too-slow") from error
    finally:
        await _ended(child)
    return _judged(word, child.returncode)


def first_to_go(pid: int) -> None:
    """When memory runs out, the kernel ends this process before the one that watches the bells (proc(5))."""
    with suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")


def halt() -> None:
    """Stop the children that are held to a share of a core, at once and for a moment, so that a press has it all.

    Cores may share what they compute with, and caches and memory always: beside a film all else takes longer. They go
    on by themselves, when their pace is looked at for the second time.
    """
    for child in _paced:
        if child.returncode is None:
            _paced[child] = True
            with suppress(OSError):
                os.kill(child.pid, signal.SIGSTOP)


@asynccontextmanager
async def _held_to(child: Process, pace: Pace | None) -> AsyncIterator[None]:
    """Hold the child to its share until the end of the block."""
    if pace is None:
        yield
        return
    _paced[child] = False
    holding = asyncio.create_task(_hold_back(child, pace), name=f"pace-{child.pid}")
    try:
        yield
    finally:
        del _paced[child]
        holding.cancel()
        await asyncio.wait([holding])


async def _hold_back(child: Process, pace: Pace) -> None:
    loop = asyncio.get_running_loop()
    at, spent, credit, narrow = loop.time(), 0.0, BURST_S, False
    while child.returncode is None:
        now, used, share = loop.time(), _processor_s(child.pid), pace()
        credit = min(BURST_S, credit + share * (now - at)) - (used - spent)
        if narrow is not (share <= 1):
            narrow = share <= 1
            _keep_to(child.pid, sorted(os.sched_getaffinity(0))[-1:] if narrow else os.sched_getaffinity(0))
        at, spent = now, used
        halted, _paced[child] = _paced[child], False
        with suppress(ProcessLookupError):
            # Not by the process's own method: Python's looks first whether it has ended, and takes its exit code away.
            os.kill(child.pid, signal.SIGSTOP if halted or credit < 0 else signal.SIGCONT)
        await asyncio.sleep(LOOK_EVERY_S)


def _keep_to(pid: int, cores: Iterable[int]) -> None:
    """Let all threads of a process run on these cores only; those it starts later do as well."""
    wanted = set(cores)
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(thread), wanted)


def _processor_s(pid: int) -> float:
    """The processor time a process has taken with all its threads (proc(5): utime and stime); 0 when it is gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


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
        params = {str(key): str(value)[:LONGEST_PARAM] for key, value in dict(word.get("params", {})).items()}
        raise IntakeRefused(str(word["refused"]), **params)
    if returncode is not None and returncode < 0:
        raise IntakeRefused(BY_SIGNAL.get(signal.Signals(-returncode), "broken"))
    if returncode != 0 or not isinstance(word.get("result"), dict):
        raise IntakeRefused("broken")
    return dict(word["result"])
