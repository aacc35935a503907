"""How quickly a large upload comes in pieces and is durable, and what the controller keeps in memory for it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil

from tests.bench.rows import Row
from tests.scenarios.house import house

SIZE = 512 * 1024 * 1024
PIECE = 8 * 1024 * 1024
MEMORY_BAR_MIB = 16
RATE_BAR = 0.3
PLACE = "/api/v1/uploads"
KIND = "application/offset+octet-stream"


def measured(folder: Path) -> list[Row]:
    """Half a gigabyte over HTTP beside the same bytes written and synced by themselves."""
    piece = os.urandom(PIECE)
    alone = _written(folder, piece)
    with house(folder, site="small-office") as place:
        running = place.start()
        admin, process = running.admin(), psutil.Process(running.process.popen.pid)
        before = process.memory_info().rss
        _, begun = admin.ask("POST", PLACE, {"name": "large.mp4", "length": SIZE})
        began, most = time.perf_counter(), before
        for offset in range(0, SIZE, PIECE):
            headers = {"Content_Type": KIND, "Upload_Offset": str(offset)}
            status, answer, _ = admin.raw("PATCH", f"{PLACE}/{begun['id']}", piece, **headers)
            assert status == 204, answer
            most = max(most, process.memory_info().rss)
        took = time.perf_counter() - began
    grown = (most - before) / 2**20
    return [
        Row(name="upload in pieces, against write and sync", value=SIZE / took / 1e6, unit="MB/s",
            limit=SIZE / alone / 1e6, bar=RATE_BAR, at_least=True),
        Row(name="controller's memory for a 512 MiB upload", value=grown, unit="MiB", limit=None, bar=MEMORY_BAR_MIB),
    ]  # fmt: skip


def _written(folder: Path, piece: bytes) -> float:
    """Seconds for the same bytes, synced after each piece."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "alone"
    began = time.perf_counter()
    with path.open("wb") as file:
        for _ in range(SIZE // PIECE):
            file.write(piece)
            file.flush()
            os.fdatasync(file.fileno())
    took = time.perf_counter() - began
    path.unlink()
    return took
