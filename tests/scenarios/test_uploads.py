"""Uploads on a real lobby: they survive a killed controller; the command line shows its progress and follows."""

from __future__ import annotations

import hashlib
import io
import os
import signal
from pathlib import Path

import pytest
from PIL import Image

from tests.eventually import soon
from tests.scenarios.house import Visitor, house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PIECE = 512 * 1024
PATH = "/api/v1/uploads"


def noise() -> bytes:
    """A picture of some megabytes."""
    into = io.BytesIO()
    Image.frombytes("RGB", (1080, 1000), os.urandom(1080 * 1000 * 3)).save(into, "PNG", compress_level=0)
    return into.getvalue()


def test_an_upload_survives_a_killed_controller(tmp_path: Path) -> None:
    """SIGKILL in the middle: the controller that starts again knows what was durable, and the rest makes it whole."""
    data = noise()
    with house(tmp_path) as lobby:
        running = lobby.start()
        admin = running.admin()
        status, begun = admin.ask("POST", PATH, {"name": "noise.png", "length": len(data)})
        assert status == 201
        place = f"{PATH}/{begun['id']}"
        for offset in range(0, 3 * PIECE, PIECE):
            sent(admin, place, offset, data[offset : offset + PIECE])
        running.process.stop(signal.SIGKILL)
        again = lobby.start()
        admin = again.visitor()
        admin.sign_in("admin")
        offset = int(admin.raw("HEAD", place)[2]["Upload-Offset"] or -1)
        assert offset == 3 * PIECE
        sent(admin, place, offset, data[offset:])
        soon(lambda: admin.ask("GET", place)[1]["stage"] == "taken", within_s=30)
        assert admin.ask("GET", place)[1]["asset"] == hashlib.sha256(data).hexdigest()
        soon(lambda: [path.suffix for path in (lobby.data / "uploads").iterdir()] == [".json"])


def sent(visitor: Visitor, place: str, offset: int, piece: bytes) -> None:
    """A piece, taken."""
    headers = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": str(offset)}
    status, answer, _ = visitor.raw("PATCH", place, piece, **headers)
    assert status == 204, answer


def test_the_command_line_says_what_became_of_each_file(tmp_path: Path) -> None:
    """A folder's files are taken in one by one: what waits says what it lacks, what is refused says why."""
    brought = tmp_path / "brought"
    brought.mkdir()
    Image.new("RGB", (1080, 1920), (90, 40, 180)).save(brought / "가을.png")
    (brought / "text.png").write_bytes(b"no picture")
    with house(tmp_path) as lobby:
        running = lobby.start()
        done = lobby.process("media", "add", str(brought), "--surface", "wall", log="media.log")
        assert done.popen.wait(60) == 1
        done.said(r"Checking pictures \(2/2\)")
        done.said("가을: waiting .* descriptions: ko, en")
        assert "neither a picture nor a film" in (lobby.folder / "media.log").read_text()
        assets = running.admin().ask("GET", "/api/v1/assets")[1]["assets"]
        assert [(each["title"], each["record"]["by"]) for each in assets] == [("가을", "command-line")]
