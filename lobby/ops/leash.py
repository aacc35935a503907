"""Starts a program that ends with its parent, even when that is killed: `python -I -S leash.py PARENT COMMAND…`.

Debian's setpriv does that too, but sets capabilities on its way, which a unit's filter of system calls forbids.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: str, *command: str) -> int:
    """Become the command; 1 where its parent died before the leash held: then this process has another one."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == int(parent):
        os.execvp(command[0], command)  # noqa: S606 - to become it is the point
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
