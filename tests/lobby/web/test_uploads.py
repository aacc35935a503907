"""Uploads: limits, odd names, pins, who may bring a picture to the glass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobby.web.roles import UPLOAD_BODY, Role
from lobby.web.uploads import shown_name
from tests.lobby.web.houses import a_visit, approved, run

pytestmark = pytest.mark.slow

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 2000
PATH = "/api/v1/assets"


def test_an_upload_arrives_whole_and_leaves_nothing(tmp_path: Path) -> None:
    """The library gets every byte under the shown name; afterwards the folder of uploads is empty."""

    async def send() -> tuple[int, Any, list[int], list[str]]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            answer = await uploader.post(PATH, files={"file": ("aquarium.png", PICTURE)})
            left = [path.name for path in (tmp_path / "uploads").iterdir()]
            return answer.status_code, answer.json()["asset"]["title"], visit.shelf.sizes, left

    assert run(send()) == (201, "aquarium", [len(PICTURE)], [])


def test_an_upload_for_a_panel_hangs_there_when_a_second_person_approves_it(tmp_path: Path) -> None:
    """Whoever brought it cannot approve it, an approver neither; without descriptions nobody can."""

    async def send() -> tuple[list[int], list[str], dict[str, str]]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.APPROVER) as first, await visit.enter(Role.APPROVER) as second:
                came = (await first.post(PATH, data={"panel": "wall-1"}, files={"file": ("a.png", PICTURE)})).json()
                place = f"{PATH}/{came['asset']['id']}"
                bare = await second.post(f"{place}/approve")
                await first.put(f"{place}/label", json={"ko": "가을", "en": "Autumn"})
                own, other = await first.post(f"{place}/approve"), await second.post(f"{place}/approve")
                states = [each.json().get("code") or each.json()["record"]["state"] for each in (bare, own, other)]
                return [bare.status_code, own.status_code, other.status_code], states, dict(visit.shelf.pins())

    statuses, states, pins = run(send())
    assert statuses == [422, 403, 200]
    assert states == ["media.missing-description", "media.second-person", "approved"]
    assert list(pins) == ["wall-1"]


def test_a_pin_is_set_and_taken_off(tmp_path: Path) -> None:
    """Approved, by its id, against the version that was read; a panel that is not there is 404."""

    async def pin() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER) as approver:
            asset = (await approver.post(PATH, files={"file": ("a.png", PICTURE)})).json()["asset"]["id"]
            early = await approver.put("/api/v1/pins/wall-3", json={"asset": asset})
            await approved(visit, asset)
            old = {"If-Match": (await approver.get("/api/v1/pins")).headers["etag"]}
            steps = [
                early,
                await approver.put("/api/v1/pins/wall-3", json={"asset": asset}, headers=old),
                await approver.put("/api/v1/pins/wall-3", json={"asset": asset}, headers=old),
                await approver.put("/api/v1/pins/wall-99", json={"asset": asset}),
                await approver.delete("/api/v1/pins/wall-3"),
                await approver.delete("/api/v1/pins/wall-3"),
            ]
            return [step.status_code for step in steps]

    assert run(pin()) == [409, 200, 412, 404, 200, 404]


def test_too_large_is_refused_by_its_length(tmp_path: Path) -> None:
    """A body announced beyond the limit is refused before a byte is kept."""

    async def send() -> tuple[int, str, bool]:
        async with a_visit(tmp_path) as visit:
            _, secret = await visit.secret(Role.UPLOADER)
            reader, writer = await asyncio.open_connection("127.0.0.1", int(visit.url.rpartition(":")[2]))
            head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nCookie: lobby={secret}\r\nOrigin: http://x\r\n"
            writer.write(f"{head}Content-Length: {UPLOAD_BODY + 1}\r\n\r\n".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            body = await reader.read(2000)
            writer.close()
            return int(answer.split()[1]), body.decode(), (tmp_path / "uploads").exists()

    status, text, kept = run(send())
    assert (status, kept) == (413, False)
    assert f"{UPLOAD_BODY // (1 << 20)} MiB" in text


def test_too_large_is_refused_while_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body without announced length is cut off at the limit; nothing is left."""

    async def endless() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(UPLOAD_BODY // (1 << 20) + 1):
            yield bytes(1 << 20)

    async def send() -> tuple[int, list[Path]]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            headers = {"Content-Type": "multipart/form-data; boundary=b"}
            try:
                status = (await uploader.post(PATH, content=endless(), headers=headers)).status_code
            except httpx.TransportError:
                status = 413  # the server hung up while we were still sending
            return status, list((tmp_path / "uploads").glob("*"))

    assert run(send()) == (413, [])


def test_a_full_folder_takes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the quota of waiting uploads the answer is 507."""
    monkeypatch.setattr("lobby.web.uploads.QUOTA", 10)

    async def send() -> str:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            visit.house.uploads.mkdir()
            (visit.house.uploads / "upload-other").write_bytes(bytes(11))
            return str((await uploader.post(PATH, files={"file": ("a.png", PICTURE)})).json()["code"])

    assert run(send()) == "api.no-room"


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"x", "image/png"), (b"", "multipart/form-data; boundary=b"), (b"--b\r\n", "multipart/form-data; boundary=b"),
     (b"--b--\r\n", "multipart/form-data; boundary=b"), (b"x" * 9000, "multipart/form-data; boundary=b"),
     (b"--b\r\n" + b"X: " + b"y" * 5000, "multipart/form-data; boundary=b"), (b"", "multipart/form-data"),
     (b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nhalf', "multipart/form-data; boundary=b"),
     (b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n\r\n--b--\r\n',
      "multipart/form-data; boundary=b")],
)  # fmt: skip
def test_a_broken_upload_is_refused(tmp_path: Path, content: bytes, kind: str) -> None:
    """No form, no file, half a file, endless headers: refused with words, nothing kept."""

    async def send() -> tuple[bool, int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            answer = await uploader.post(PATH, content=content, headers={"Content-Type": kind})
            return 400 <= answer.status_code < 500 and bool(answer.json()["cure"]), len(visit.shelf.sizes)

    assert run(send()) == (True, 0)


@pytest.mark.parametrize(("given_name", "shown"), [("../../etc/passwd", "passwd"), ("C:\\x\\a.png", "a.png"),
                                                   ("a\x00b.png", "ab.png"), ("..", "upload"), ("", "upload"),
                                                   ("a\u202egnp.exe", "agnp.exe"),
                                                   ("\u1100\u1161.png", "가.png")])  # fmt: skip
def test_a_files_name_is_a_title_only(given_name: str, shown: str) -> None:
    """Paths, zeros and writing-direction tricks are gone."""
    assert shown_name(given_name) == shown


@given(st.text(max_size=500))
def test_any_name_can_be_shown(name: str) -> None:
    """Whatever it was, it is short, printable and no path."""
    shown = shown_name(name)
    assert 1 <= len(shown) <= 120
    assert shown.isprintable()
    assert "/" not in shown
