"""The data folder: one lobby at a time, a local line to it for other commands, and files that are whole or absent."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import shutil
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lobby.core.problem import Problem, Refusal

RESTORING = ".restoring-"
"""How the folders are called in which a backup is unpacked."""
LONGEST_LINE = 1_000_000
REQUEST_WITHIN_S = 5.0
ANSWER_WITHIN_S = 30.0
BACKLOG = 16
CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred of unix(7)

Json = Mapping[str, Any]
Handler = Callable[[Json], Awaitable[Json]]

log = logging.getLogger(__name__)


class NotRunning(Exception):
    """No lobby runs on this folder, so a command may open its files itself."""


class DataFolder:
    """Where one lobby keeps what must survive; mode 0700, its owner's alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.journal = path / "journal.db"
        self.assets = path / "assets"
        self.originals = path / "originals"
        self.emergency = path / "emergency"
        self.lock = path / "lock"
        self.socket = path / "lobby.sock"

    def create(self) -> None:
        """Make the folder where it is missing."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only one; the lock ends with the process, however that ends. Raises Refusal `cli.locked`.

        What a killed one had half restored or half written goes.
        """
        self.create()
        handle = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._lock(handle)
            self._tidy()
            yield
        finally:
            os.close(handle)

    async def serve(self, handler: Handler) -> None:
        """Answer other commands of the same user until cancelled; only who holds the folder may serve."""
        with contextlib.closing(_listening(self.socket)) as listener:
            try:
                await _accept(listener, handler)
            finally:
                self.socket.unlink(missing_ok=True)

    def ask(self, request: Json, *, within_s: float = ANSWER_WITHIN_S) -> Json:
        """Ask the running lobby; blocks. Raises NotRunning, or the Refusal with which it answered."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(within_s)
            try:
                with _short(self.socket) as place:
                    line.connect(place)
            except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError) as error:
                raise NotRunning(str(self.path)) from error
            line.sendall(_line(request))
            answer = _received(line)
        if "refused" in answer:
            raise _refusal(answer["refused"])
        return answer

    def _tidy(self) -> None:
        for left in self.path.glob(f"{RESTORING}*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.path.glob(".*.new"):
            left.unlink(missing_ok=True)

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "?"
            raise Refusal("cli.locked", str(self.path), pid=pid) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)


def clean_write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace a file so that after a power cut it is the old one or the new one, never half of one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    with _opened(path.parent) as folder:
        os.fsync(folder)


async def _accept(listener: socket.socket, handler: Handler) -> None:
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        while True:
            line, _ = await loop.sock_accept(listener)
            line.setblocking(False)
            group.create_task(_converse(line, handler), name="local line: answer")


async def _converse(line: socket.socket, handler: Handler) -> None:
    """One request, one answer; strangers and rubbish are dropped."""
    with contextlib.closing(line):
        if not _same_owner(line):
            log.warning("the local line refused another user")
            return
        try:
            async with asyncio.timeout(REQUEST_WITHIN_S):
                request = await _request(line)
            answer = await _answer(request, handler)
            async with asyncio.timeout(REQUEST_WITHIN_S):
                await asyncio.get_running_loop().sock_sendall(line, _line(answer))
        except (OSError, ValueError, TimeoutError):  # whoever asked is gone or spoke rubbish; nothing is owed
            return


async def _request(line: socket.socket) -> Json:
    content = b""
    while not content.endswith(b"\n"):
        part = await asyncio.get_running_loop().sock_recv(line, 65_536)
        content += part
        if not part or len(content) > LONGEST_LINE:
            raise ValueError("not one line")
    return _object(content)


async def _answer(request: Json, handler: Handler) -> Json:
    try:
        return await handler(request)
    except Refusal as refusal:
        problem = refusal.problem
        told = {"code": problem.code, "where": problem.where, "params": dict(problem.params), "status": refusal.status}
        return {"refused": told}
    except Exception:  # a mistake in one command must not stop the lobby
        log.exception("a command over the local line failed")
        return {"refused": {"code": "cli.failed", "where": "", "params": {}, "status": 500}}


def _refusal(told: Json) -> Refusal:
    problem = Problem(code=told["code"], where=told["where"], params=told["params"])
    return Refusal(problem.code, problem.where, status=told["status"], **problem.params)


def _listening(place: Path) -> socket.socket:
    """A socket that only this user may open; a dead one of an earlier run is in the way and goes."""
    place.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(place) as short:
            os.fchmod(listener.fileno(), 0o600)  # Linux gives the file the socket's own mode
            listener.bind(short)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


@contextlib.contextmanager
def _short(place: Path) -> Iterator[str]:
    """The socket's path through an open folder: addresses of unix(7) end after 107 bytes, folders do not."""
    with _opened(place.parent) as folder:
        yield f"/proc/self/fd/{folder}/{place.name}"


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def _same_owner(line: socket.socket) -> bool:
    _, uid, _ = CREDENTIALS.unpack(line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return uid in {os.getuid(), 0}


def _received(line: socket.socket) -> Json:
    content = b""
    while not content.endswith(b"\n"):
        part = line.recv(65_536)
        if not part or len(content) > LONGEST_LINE:
            raise ConnectionError("the lobby ended before it answered")
        content += part
    return _object(content)


def _object(content: bytes) -> Json:
    value = json.loads(content)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _line(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n"
