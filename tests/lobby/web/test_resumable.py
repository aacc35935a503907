"""Resumable uploads over HTTP: announced, sent in pieces, asked for, gone on with, refused with words."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from lobby.web.roles import Role
from lobby.web.throttle import Rate
from tests.eventually import eventually
from tests.lobby.web.houses import a_visit, run

pytestmark = pytest.mark.slow

FILM = bytes(range(256)) * 4000
PATH = "/api/v1/uploads"
PIECE = "application/offset+octet-stream"


async def begin(client: httpx.AsyncClient, **words: Any) -> str:
    """The address of a new upload."""
    answer = await client.post(PATH, json={"name": "가을.mp4", "length": len(FILM), **words})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


async def send(client: httpx.AsyncClient, place: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
    """A piece of it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.patch(
        place, content=data, headers={"Content-Type": PIECE, "Upload-Offset": str(offset), **named}
    )


def test_a_file_comes_in_pieces_and_becomes_an_asset(tmp_path: Path) -> None:
    """Each answer says how much is durable; whole, the address tells which asset it has become."""

    async def play() -> tuple[list[str], dict[str, Any]]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as client:
            place = await begin(client, panel="wall-1")
            offsets = [(await send(client, place, at, FILM[at : at + 400_000])).headers["Upload-Offset"]
                       for at in range(0, len(FILM), 400_000)]  # fmt: skip
            await eventually(lambda: all(each.ended for each in visit.house.arrivals.all()))
            told = (await client.get(place)).json()
            assert visit.shelf.records.all()[told["asset"]].panel == "wall-1"
            assert visit.shelf.sizes == [len(FILM)]
            return offsets, told

    offsets, told = run(play())
    assert offsets == ["400000", "800000", str(len(FILM))]
    assert (told["stage"], told["share"], told["name"]) == ("taken", 1.0, "가을.mp4")


def test_whoever_lost_the_line_asks_where_to_go_on(tmp_path: Path) -> None:
    """The line breaks in the middle of a piece; HEAD tells what is durable, the rest makes it whole."""

    async def play() -> tuple[int, str]:
        async with a_visit(tmp_path) as visit:
            _, secret = await visit.secret(Role.UPLOADER)
            async with visit.go(secret=secret) as client:
                place = await begin(client)
                _, writer = await asyncio.open_connection("127.0.0.1", int(visit.url.rpartition(":")[2]))
                head = f"PATCH {place} HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nCookie: lobby={secret}\r\n"
                head += f"Content-Type: {PIECE}\r\nUpload-Offset: 0\r\nContent-Length: {len(FILM)}\r\n\r\n"
                writer.write(head.encode() + FILM[:300_000])
                await writer.drain()
                writer.close()
                await eventually(lambda: visit.house.arrivals.all()[0].offset > 0)
                asked = await client.head(place)
                offset = int(asked.headers["Upload-Offset"])
                assert asked.headers["Cache-Control"] == "no-store"
                await send(client, place, offset, FILM[offset:])
                await eventually(lambda: visit.house.arrivals.all()[0].ended)
                return offset, (await client.get(place)).json()["stage"]

    offset, stage = run(play())
    assert 0 < offset <= 300_000
    assert stage == "taken"


def test_a_tus_client_is_understood(tmp_path: Path) -> None:
    """Length and metadata in headers, sha256 over a piece, the version in every answer, 460 where it does not agree."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER) as client:
            assert "checksum" in (await client.options(PATH)).headers["Tus-Extension"]
            name = base64.b64encode("가을.mp4".encode()).decode()
            words = {"Upload-Length": str(len(FILM)), "Upload-Metadata": f"filename {name},surface d2FsbA=="}
            answer = await client.post(PATH, headers=words)
            place, digest = answer.headers["Location"], base64.b64encode(hashlib.sha256(FILM).digest()).decode()
            assert (answer.status_code, answer.headers["Tus-Resumable"]) == (201, "1.0.0")
            wrong = await send(client, place, 0, FILM[:-1] + b"!", Upload_Checksum=f"sha256 {digest}")
            assert (wrong.status_code, wrong.json()["code"]) == (460, "content.wrong-checksum")
            right = await send(client, place, 0, FILM, Upload_Checksum=f"sha256 {digest}")
            assert (right.status_code, right.headers["Upload-Offset"]) == (204, str(len(FILM)))
            assert visit.house.arrivals.all()[0].meant.surface == "wall"

    run(play())


def test_an_upload_is_its_owners_alone(tmp_path: Path) -> None:
    """For another person it does not exist: not to read, not to go on with, not to cancel, not in the list."""

    async def play() -> list[int]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as one, await visit.enter(Role.FACILITY) as other:
                place = await begin(one)
                assert (await other.get(PATH)).json()["uploads"] == []
                answers = [await other.get(place), await send(other, place, 0, FILM), await other.delete(place)]
                return [each.status_code for each in answers]

    assert run(play()) == [404, 404, 404]


def test_a_cancelled_upload_is_gone(tmp_path: Path) -> None:
    """Its bytes too."""

    async def play() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as client:
            place = await begin(client)
            await send(client, place, 0, FILM[:1000])
            gone = [await client.delete(place), await client.get(place)]
            assert not list((tmp_path / "uploads").iterdir())
            return [each.status_code for each in gone]

    assert run(play()) == [204, 404]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ({"length": 0}, 422),
        ({"length": -1}, 422),
        ({"length": "x"}, 422),
        ({"length": 2**40}, 413),
        ({"name": ""}, 422),
        ({"name": 7}, 422),
        ({"name": "포스터.psd"}, 415),
        ({"name": "홍보.avi"}, 415),
        ({"name": "a.png", "length": 2**28}, 413),
        ({"panel": "wall-99"}, 404),
        ({"surface": "roof"}, 404),
    ],
)
def test_nonsense_is_refused_before_a_byte_comes(tmp_path: Path, words: dict[str, Any], status: int) -> None:
    """With words, and nothing is kept."""

    async def play() -> int:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as client:
            answer = await client.post(PATH, json={"name": "a.mp4", "length": 10, **words})
            assert answer.json()["cure"]
            assert visit.house.arrivals.all() == ()
            return answer.status_code

    assert run(play()) == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain", "Upload-Offset": "0"}, 415),
        ({"Content-Type": PIECE}, 422),
        ({"Content-Type": PIECE, "Upload-Offset": "5"}, 409),
        ({"Content-Type": PIECE, "Upload-Offset": "-5"}, 422),
        ({"Content-Type": PIECE, "Upload-Offset": "0", "Upload-Checksum": "md5 aaaa"}, 400),
        ({"Content-Type": PIECE, "Upload-Offset": "0", "Upload-Checksum": "sha256 ?"}, 400),
    ],
)
def test_a_wrong_piece_is_refused(tmp_path: Path, headers: dict[str, str], status: int) -> None:
    """Nothing of it is kept."""

    async def play() -> int:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as client:
            place = await begin(client)
            answer = await client.patch(place, content=b"12345", headers=headers)
            assert visit.house.arrivals.all()[0].offset == 0
            return answer.status_code

    assert run(play()) == status


def test_beginnings_are_counted(tmp_path: Path) -> None:
    """Whoever announces too many files a minute is told to wait."""

    async def play() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as client:
            visit.app.state.begin_rate = Rate(visit.house.clock, count=2, within_s=60)
            return [(await client.post(PATH, json={"name": "a.mp4", "length": 1})).status_code for _ in range(3)]

    assert run(play()) == [201, 201, 429]
