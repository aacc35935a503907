"""Uploads: multipart bodies written to disk as they come, under a name of our own, with a limit and a quota."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header

from lobby.core.problem import Refusal

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MOST_PARTS = 10
LONGEST_FIELD = 1000
LONGEST_HEADER = 2000
FREE_NEEDED = 1024 * 1024 * 1024
QUOTA = 1024 * 1024 * 1024
WRITE_AT = 256 * 1024


@dataclass(slots=True, kw_only=True)
class Upload:
    """One file on disk, with the name it had and the other fields of its form."""

    path: Path
    name: str = ""
    size: int = 0
    fields: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def received(request: Request, folder: Path) -> AsyncIterator[Upload]:
    """The upload of a request, in `folder` until the end of the block. Raises Refusal for anything else.

    The body's size is limited by the gate; what waits in the folder together by `QUOTA`.
    """
    boundary = _boundary(request.headers.get("content-type", ""))
    await asyncio.to_thread(_refuse_full, folder)
    upload = Upload(path=folder / f"upload-{secrets.token_hex(16)}")
    try:
        with open(upload.path, "xb", opener=_private) as file:  # noqa: ASYNC230 - creating it is quick, writing is not
            await _read(request, boundary, upload, file)
        if upload.size == 0:
            raise Refusal("api.no-file", status=422)
        yield upload
    finally:
        await asyncio.to_thread(upload.path.unlink, missing_ok=True)


async def _read(request: Request, boundary: bytes, upload: Upload, file: BinaryIO) -> None:
    parts = _Parts(upload)
    parser = MultipartParser(boundary, parts.callbacks())
    try:
        async for chunk in request.stream():
            parser.write(chunk)
            if len(parts.pending) >= WRITE_AT:
                await asyncio.to_thread(file.write, parts.taken())
        parser.finalize()
    except MultipartParseError:
        raise Refusal("api.not-multipart", status=400) from None
    await asyncio.to_thread(file.write, parts.taken())
    if not parts.ended:
        raise Refusal("api.not-multipart", status=400)


class _Parts:
    """Sorts the parser's pieces: one file, a few short fields, everything counted."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._headers: dict[str, bytes] = {}
        self._header = (bytearray(), bytearray())
        self._name = ""
        self._is_file = False
        self._value = bytearray()
        self._count = 0
        self.pending = bytearray()
        self.ended = False

    def callbacks(self) -> MultipartCallbacks:
        """What the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._add(self._header[0], data[start:end], LONGEST_HEADER),
            "on_header_value": lambda data, start, end: self._add(self._header[1], data[start:end], LONGEST_HEADER),
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._all_read,
        }

    def taken(self) -> bytes:
        """What waits to be written, once."""
        data, self.pending = bytes(self.pending), bytearray()
        return data

    def _begin(self) -> None:
        self._count += 1
        if self._count > MOST_PARTS:
            raise Refusal("api.not-multipart", status=400)
        self._headers, self._value = {}, bytearray()

    def _header_end(self) -> None:
        name, value = self._header
        self._headers[name.decode("latin-1").lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._is_file = b"filename" in options
        if self._is_file:
            if self._upload.name:
                raise Refusal("api.one-file", status=422)
            self._upload.name = shown_name(options[b"filename"].decode("utf-8", "replace"))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.pending += data[start:end]
            self._upload.size += end - start
        else:
            self._add(self._value, data[start:end], LONGEST_FIELD)

    def _end(self) -> None:
        if not self._is_file:
            self._upload.fields[self._name] = self._value.decode("utf-8", "replace")

    def _all_read(self) -> None:
        self.ended = True

    def _add(self, into: bytearray, piece: bytes, longest: int) -> None:
        if len(into) + len(piece) > longest:
            raise Refusal("api.not-multipart", status=400)
        into += piece


def shown_name(given: str) -> str:
    """A file's name as a title: its last part, printable, short; never used as a path."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(sign for sign in last if sign.isprintable()).strip(". ")
    return clean[:120] or "upload"


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 70:
        raise Refusal("api.not-multipart", status=415)
    return boundary


def _refuse_full(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = sum(path.stat().st_size for path in folder.glob("upload-*"))
    if waiting > QUOTA or shutil.disk_usage(folder).free < FREE_NEEDED:
        raise Refusal("api.no-room", status=507)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
