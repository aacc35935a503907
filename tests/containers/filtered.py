"""A program within those limits of a systemd unit that can be had here: `python filtered.py UNIT COMMAND…`.

Its SystemCallFilter= and RestrictAddressFamilies= by libseccomp, which systemd itself uses, with the sets as
systemd-analyze tells them; its MemoryDenyWriteExecute= by the kernel's own switch, where that has one (Linux 6.3); no
new privileges.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 38, 65
ACT_ALLOW, ACT_ERRNO, EQUAL = 0x7FFF0000, 0x00050000, 4


def main(unit: str, *command: str) -> None:
    """Become the command, filtered."""
    text = Path(unit).read_text(encoding="utf-8")
    libc = ctypes.CDLL(None, use_errno=True)
    if "MemoryDenyWriteExecute=yes" in text:
        libc.prctl(PR_SET_MDWE, 1, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    (families,) = re.findall(r"^RestrictAddressFamilies=(.*)$", text, re.MULTILINE)
    _load(_allowed(re.findall(r"^SystemCallFilter=(.*)$", text, re.MULTILINE)), families.split())
    os.execvp(command[0], command)


def _allowed(lines: list[str]) -> set[str]:
    """What the lines of a unit leave: sets and calls, with `~` those that are taken away; systemd adds @default."""
    allowed = _calls("@default")
    for line in lines:
        calls = {call for word in line.removeprefix("~").split() for call in _calls(word)}
        allowed = allowed - calls if line.startswith("~") else allowed | calls
    return allowed


def _calls(word: str) -> set[str]:
    if not word.startswith("@"):
        return {word}
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager", word], capture_output=True, text=True, check=True
    ).stdout
    names = {line.strip() for line in told.splitlines()[1:] if line.startswith("    ")}
    return {call for name in names if not name.startswith("#") for call in _calls(name)}


class _Argument(ctypes.Structure):
    """`struct scmp_arg_cmp` of libseccomp."""

    _fields_ = (
        ("argument", ctypes.c_uint),
        ("compared", ctypes.c_int),
        ("value", ctypes.c_uint64),
        ("mask", ctypes.c_uint64),
    )


def _load(allowed: set[str], families: list[str]) -> None:
    seccomp = ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    some = seccomp.seccomp_rule_add_array
    seccomp.seccomp_rule_add.argtypes = (ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint)
    some.argtypes = (*seccomp.seccomp_rule_add.argtypes, ctypes.POINTER(_Argument))
    seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
    context = seccomp.seccomp_init(ACT_ERRNO | errno.EPERM)
    for family in families:
        number = seccomp.seccomp_syscall_resolve_name(b"socket")
        some(context, ACT_ALLOW, number, 1, ctypes.byref(_Argument(0, EQUAL, getattr(socket, family), 0)))
    for call in allowed - {"socket"}:
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            seccomp.seccomp_rule_add(context, ACT_ALLOW, number, 0)
    if seccomp.seccomp_load(context):
        raise SystemExit("the filter could not be loaded")


if __name__ == "__main__":
    main(*sys.argv[1:])
