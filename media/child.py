"""Both ends of a limited child's work: limits first, one job from standard input, JSON lines to standard output."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

NICE = 10
NICEST = 19
PR_SET_PDEATHSIG = 1
IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30}
IDLE_DISK = 3 << 13  # IOPRIO_CLASS_IDLE of ioprio_set(2)


class Refused(Exception):
    """Not taken; the code is explained as `media.<code>`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def main(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Do the one job: its result, or why it is refused."""
    stand_apart()
    job = json.load(sys.stdin)
    _die_with_parent()
    _step_back(idle=bool(job["idle"]))
    limit(job["limits"])
    try:
        tell({"result": work(job)})
    except Refused as refused:
        tell({"refused": refused.code, "params": {key: str(value) for key, value in refused.params.items()}})
    except MemoryError:
        tell({"refused": "too-heavy", "params": {}})
    except OSError as error:
        if not out_of_room(error):
            raise
        tell({"refused": "no-room", "params": {}})


def out_of_room(error: Exception) -> bool:
    """Whether the disk was full, which is no fault of the file."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def limit(limits: Mapping[str, int]) -> None:
    """Let the kernel hold this process to its limits, by their names in setrlimit(2).

    The processor's ends it by SIGXCPU, so that SIGKILL is left to say that memory ran out.
    """
    for name, value in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value + (name == "CPU")))


def tell(document: dict[str, Any]) -> None:
    """One line to the parent: `{"done": n, "of": n}` while working, then `{"result": …}` or `{"refused": …}`."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def stand_apart() -> None:
    """A process group of one's own: what a terminal says to the parent (Ctrl-C) is not said to this process."""
    with suppress(PermissionError):  # the leader of a session has one
        os.setpgid(0, 0)


def alone() -> None:
    """From here on no other process or thread can be started, whatever a file does to its decoder."""
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _die_with_parent() -> None:
    """A stopped child whose parent was killed would never end."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _step_back(*, idle: bool) -> None:
    """Behind everything that bells and screens need; what a kernel does not offer is left."""
    if not idle:
        os.nice(NICE)
        return
    os.setpriority(os.PRIO_PROCESS, 0, NICEST)
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    number = IOPRIO_SET.get(platform.machine())
    if number is not None:
        ctypes.CDLL(None).syscall(number, 1, 0, IDLE_DISK)
