"""A picture reaches the panel it is meant for, on a real player's glass, and stays there without the controller."""

from __future__ import annotations

import io
import json
import signal
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.eventually import soon
from tests.scenarios.house import House, Visitor, house, one_person

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PANEL = "wall-3"
SLOW_MACHINE_S = 10.0
SAID = ("--ko", "가을 산", "--en", "Hills in autumn")


def test_a_picture_stands_on_its_panel_soon_after_it_was_taken_in(tmp_path: Path) -> None:
    """`lobby media add FILE --panel wall-3`: the player reports its picture there, and nowhere else."""
    with house(tmp_path, change=one_person) as lobby:
        running = lobby.start()
        admin = running.admin()
        lobby.player(running)
        soon(lambda: glass(admin), within_s=30)
        picture = hung(lobby)
        taken_in = time.perf_counter()
        sha = rendition(admin)
        soon(lambda: glass(admin).get(PANEL) == sha, within_s=SLOW_MACHINE_S)
        print(f"on the glass {time.perf_counter() - taken_in:.2f} s after {picture.name} was taken in")
        assert [panel for panel, shown in glass(admin).items() if shown == sha] == [PANEL]
        status, preview, _ = admin.raw("GET", "/api/v1/players/lobby-player/preview?surface=wall")
        assert status == 200
        assert preview.startswith(b"\xff\xd8")


def test_a_player_goes_on_alone_and_a_late_one_shows_the_same(tmp_path: Path) -> None:
    """The controller is killed: the player lives. Back again, a player on a new folder shows the same frame."""
    with house(tmp_path, change=one_person) as lobby:
        running = lobby.start()
        admin = running.admin()
        first = lobby.player(running)
        hung(lobby)
        sha = rendition(admin)
        soon(lambda: glass(admin).get(PANEL) == sha, within_s=30)
        before = glass(admin)
        running.process.stop(signal.SIGKILL)
        again = lobby.start()
        soon(lambda: glass(admin) == before, within_s=30)
        assert first.popen.poll() is None
        first.stop(signal.SIGTERM)
        (lobby.data / "lobby-player" / "programme.json").unlink(missing_ok=True)
        lobby.player(again)
        soon(lambda: glass(admin) == before, within_s=30)


def test_a_bomb_is_refused_while_the_console_answers(tmp_path: Path) -> None:
    """A small file that says it is 60,000 pixels square: 422 with a cure, nothing taken in."""
    with house(tmp_path) as lobby:
        admin = lobby.start().admin()
        status, answer = upload(admin, "bomb.png", bomb())
        assert status in (413, 415, 422), answer
        assert answer["code"].startswith("media.")
        assert admin.ask("GET", "/api/v1/assets")[1]["assets"] == []
        assert admin.ask("GET", "/api/v1/status")[0] == 200


def hung(lobby: House) -> Path:
    """A picture of one's own, taken in by the command line for the panel."""
    path = lobby.folder / "mine.png"
    Image.effect_mandelbrot((540, 960), (-2, -1.5, 1, 1.5), 40).convert("RGB").save(path)
    done = lobby.process("media", "add", str(path), "--panel", PANEL, *SAID, log="media.log")
    assert done.popen.wait(60) == 0, (lobby.folder / "media.log").read_text()
    return path


def rendition(admin: Visitor) -> str:
    """The hash of what is meant for the panel."""
    (asset,) = admin.ask("GET", "/api/v1/assets")[1]["assets"]
    sha: str = asset["renditions"][PANEL] if PANEL in asset["renditions"] else next(iter(asset["renditions"].values()))
    return sha


def glass(admin: Visitor) -> dict[str, Any]:
    """What the player says stands on each panel."""
    try:
        status, answer = admin.ask("GET", "/api/v1/status")
    except OSError:
        return {}
    players = answer["documents"].get("players", {}) if status == 200 else {}
    panels: dict[str, Any] = players.get("lobby-player", {}).get("panels", {})
    return panels


def upload(admin: Visitor, name: str, content: bytes) -> tuple[int, Any]:
    """As a browser's form sends it."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    body = head.encode() + content + b"\r\n--b--\r\n"
    status, answer, _ = admin.raw("POST", "/api/v1/assets", body, Content_Type="multipart/form-data; boundary=b")
    return status, json.loads(answer)


def bomb(side: int = 60_000) -> bytes:
    """A PNG of very many black pixels in few bytes."""
    packed = zlib.compressobj(9)
    rows = io.BytesIO()
    for _ in range(60):
        rows.write(packed.compress(bytes(side // 8 + 1) * 100))
    rows.write(packed.flush())
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows.getvalue()) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
