"""Players, scrapers and auditors: what machines fetch and tell, figures, records."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from lobby.core.clock import VirtualClock
from lobby.core.journal import NotDurable
from lobby.core.projection import Fact
from lobby.web.roles import Role
from media.programme import Programme
from media.wire import from_json, version_of
from tests.lobby.web.houses import PLAIN, START, Visit, a_visit, run

pytestmark = pytest.mark.slow

JPEG = b"\xff\xd8\xff\xe0 small picture \xff\xd9"
A_NOTE = Fact(kind="note", subject="x", payload={})
PLAYER = "/api/v1/players/lobby-player"


async def _player(visit: Visit, bound_to: str = "lobby-player") -> httpx.AsyncClient:
    token = await visit.house.people.issue_token(Role.PLAYER, bound_to=bound_to, by="test")
    return httpx.AsyncClient(base_url=visit.url, headers={"Authorization": f"Bearer {token}"}, verify=PLAIN)


def _programme() -> Programme:
    plain = Programme(
        player="lobby-player",
        version="",
        epoch=START,
        start=START,
        end=START + timedelta(days=1),
        surfaces={},
        playlists={},
        pictures={},
    )
    return Programme(**{name: getattr(plain, name) for name in plain.__slots__} | {"version": version_of(plain)})


def test_a_player_gets_its_programme_once(tmp_path: Path) -> None:
    """The programme reads back equal; with its version in hand the answer is 304 and empty."""

    async def fetch() -> tuple[Programme, int, bytes]:
        async with a_visit(tmp_path, programme_for=lambda _: _programme()) as visit, await _player(visit) as player:
            first = await player.get("/api/v1/programmes/lobby-player")
            headers = {"If-None-Match": first.headers["etag"]}
            again = await player.get("/api/v1/programmes/lobby-player", headers=headers)
            return from_json(first.content), again.status_code, again.content

    programme, status, rest = run(fetch())
    assert programme == _programme()
    assert (status, rest) == (304, b"")


def test_a_programme_that_is_still_being_made_is_no_error(tmp_path: Path) -> None:
    """The player asks again soon; it has not lost its controller."""

    async def fetch() -> tuple[int, bytes]:
        async with a_visit(tmp_path, programme_for=lambda _: None) as visit, await _player(visit) as player:
            answer = await player.get("/api/v1/programmes/lobby-player")
            return answer.status_code, answer.content

    assert run(fetch()) == (204, b"")


def test_a_player_knows_no_other(tmp_path: Path) -> None:
    """With another player's token the programme and the report do not exist."""

    async def fetch() -> list[int]:
        async with a_visit(tmp_path) as visit, await _player(visit, "other") as player:
            paths = ("/api/v1/programmes/lobby-player", "/api/v1/programmes/other")
            gets = [(await player.get(path)).status_code for path in paths]
            return [*gets, (await player.post(f"{PLAYER}/report", json={})).status_code]

    assert run(fetch()) == [404, 404, 404]


def test_content_is_typed_and_kept_for_ever(tmp_path: Path) -> None:
    """A picture has its own kind, is sandboxed and immutable; what is no picture is not served."""
    picture, page = b"\x89PNG\r\n\x1a\n rest", b"<html><script>alert(1)</script>"
    names = [hashlib.sha256(data).hexdigest() for data in (picture, page)]
    for name, data in zip(names, (picture, page), strict=True):
        (tmp_path / name).write_bytes(data)

    async def fetch() -> list[httpx.Response]:
        async with a_visit(tmp_path) as visit, await _player(visit) as player:
            return [await player.get(f"/api/v1/content/{name}") for name in names]

    shown, refused = run(fetch())
    assert (shown.content, shown.headers["content-type"]) == (picture, "image/png")
    assert "immutable" in shown.headers["cache-control"]
    assert "sandbox" in shown.headers["content-security-policy"]
    assert refused.status_code == 404


def test_a_report_is_live_for_staff(tmp_path: Path) -> None:
    """What a player says stands in the live documents, with its moment, and only what is known of it."""

    async def tell() -> Any:
        heard: list[str] = []
        async with a_visit(tmp_path, player_reported=lambda name, _: heard.append(name)) as visit:
            player = await _player(visit)
            await player.post(f"{PLAYER}/report", json={"version": "v1", "panels": {}, "evil": "<x>"})
            await player.aclose()
            return visit.hub.documents()["players"], heard

    document, heard = run(tell())
    assert document == {"lobby-player": {"version": "v1", "panels": {}, "at": START.isoformat()}}
    assert heard == ["lobby-player"]


def test_a_preview_is_asked_for_only_when_it_is_another(tmp_path: Path) -> None:
    """A report names the player's small picture; it is wanted once, then its age is renewed without being sent."""

    async def tell() -> tuple[list[Any], httpx.Headers, int]:
        clock = VirtualClock(START)
        async with a_visit(tmp_path, clock=clock) as visit, await _player(visit) as player:
            named = {"previews": {"wall": "ab" * 8}}
            first = (await player.post(f"{PLAYER}/report", json=named)).json()["want"]
            query = {"surface": "wall", "name": "ab" * 8, "at": START.isoformat()}
            await player.put(f"{PLAYER}/preview", params=query, content=JPEG)
            await clock.advance(5)
            again = (await player.post(f"{PLAYER}/report", json=named)).json()["want"]
            async with await visit.enter(Role.VIEWER) as viewer:
                shown = await viewer.get(f"{PLAYER}/preview?surface=wall")
                tag = {"If-None-Match": shown.headers["etag"]}
                same = await viewer.get(f"{PLAYER}/preview?surface=wall", headers=tag)
            return [first, again], shown.headers, same.status_code

    wanted, headers, same = run(tell())
    assert wanted == [["wall"], []]
    assert (headers["x-taken-at"], headers["age"]) == ((START + timedelta(seconds=5)).isoformat(), "0")
    assert (headers["x-shown-at"], same) == (START.isoformat(), 304)


def test_the_later_of_two_players_is_named_and_not_shown(tmp_path: Path) -> None:
    """Two runs report under one id: the first one's word stands, both addresses are told, to the later one by 409."""

    async def tell() -> tuple[list[int], Any]:
        clock, statuses = VirtualClock(START), []
        async with (
            a_visit(tmp_path, clock=clock) as visit,
            await _player(visit) as first,
            await _player(visit) as later,
        ):
            for player, instance in ((first, "a"), (later, "b"), (first, "a"), (later, "b"), (first, "a")):
                await clock.advance(0.5)
                said = {"version": instance}
                done = await player.post(f"{PLAYER}/report", json=said, headers={"Lobby-Instance": instance})
                statuses.append(done.status_code)
            await later.put(f"{PLAYER}/preview?surface=wall", content=JPEG, headers={"Lobby-Instance": "b"})
            async with await visit.enter(Role.VIEWER) as viewer:
                shown = (await viewer.get(f"{PLAYER}/preview?surface=wall")).status_code
            return [*statuses, shown], visit.hub.documents()["players"]["lobby-player"]

    statuses, document = run(tell())
    assert statuses == [200, 200, 200, 409, 200, 404]
    assert document["version"] == "a"
    assert [address.startswith("127.0.0.1:") for address in document["twins"]] == [True, True]
    assert len(set(document["twins"])) == 2


def test_a_player_that_starts_again_is_no_twin(tmp_path: Path) -> None:
    """After the run before has been silent for some seconds the new one is heard, and nobody is told of two."""

    async def tell() -> Any:
        clock = VirtualClock(START)
        async with a_visit(tmp_path, clock=clock) as visit, await _player(visit) as player:
            for instance, wait_s in (("a", 0), ("b", 1), ("b", 3)):
                await clock.advance(wait_s)
                headers = {"Lobby-Instance": instance}
                await player.post(f"{PLAYER}/report", json={"version": instance}, headers=headers)
            return visit.hub.documents()["players"]["lobby-player"]

    document = run(tell())
    assert document["version"] == "b"
    assert "twins" not in document


def test_reports_have_a_limit(tmp_path: Path) -> None:
    """A player that floods is asked to wait."""

    async def tell() -> int:
        async with a_visit(tmp_path) as visit, await _player(visit) as player:
            return [(await player.post(f"{PLAYER}/report", json={})).status_code for _ in range(11)][-1]

    assert run(tell()) == 429


@pytest.mark.parametrize(("body", "status"), [(JPEG, 204), (b"<svg/>", 415), (JPEG + bytes(200_001), 413)])
def test_a_preview_is_a_small_jpeg(tmp_path: Path, body: bytes, status: int) -> None:
    """Anything else, or more than 200 kB, is refused; staff see the latest with its moment."""

    async def put() -> tuple[int, int, bytes]:
        async with a_visit(tmp_path) as visit, await _player(visit) as player:
            done = await player.put(f"{PLAYER}/preview?surface=wall", content=body)
            async with await visit.enter(Role.VIEWER) as viewer:
                shown = await viewer.get(f"{PLAYER}/preview?surface=wall")
            return done.status_code, shown.status_code, shown.content

    done, shown, content = run(put())
    assert done == status
    assert (shown, content) == (200, JPEG) if status == 204 else shown == 404


def test_the_time_is_the_houses(tmp_path: Path) -> None:
    """Players compare their clocks with this one."""

    async def ask() -> Any:
        async with a_visit(tmp_path) as visit, visit.go() as anyone:
            return (await anyone.get("/api/v1/time")).json()["now"]

    assert run(ask()) == START.isoformat()


def test_figures_are_for_scrapers_and_facility(tmp_path: Path) -> None:
    """The text names things by health, and no name of a person, place or bell."""

    async def ask() -> str:
        async with a_visit(tmp_path) as visit, visit.go() as scraper:
            token = await visit.house.people.issue_token(Role.SCRAPER, by="test")
            visit.house.hub.put("skew", {"wall-1": {"p50_ms": 4.0, "p99_ms": 12.0, "changes": 9}})
            return (await scraper.get("/metrics", headers={"Authorization": f"Bearer {token}"})).text

    text = run(ask())
    assert 'lobby_things_by_health{state="unknown"}' in text
    assert "lobby_journal_healthy 1.0" in text
    assert 'lobby_panel_skew_seconds{panel="wall-1",quantile="0.99"} 0.012' in text
    assert "bell-desk" not in text


def test_readiness_needs_a_journal_that_writes(tmp_path: Path) -> None:
    """A disk that takes nothing any more makes it 503; the loop is alive all the same."""

    async def ask() -> list[int]:
        async with a_visit(tmp_path) as visit, visit.go() as anyone:
            before = (await anyone.get("/readyz")).status_code
            with pytest.raises(NotDurable):
                await visit.house.journal.transact(lambda cursor: cursor.execute("PRAGMA query_only = 1"), A_NOTE)
            return [before, *[(await anyone.get(path)).status_code for path in ("/healthz", "/readyz")]]

    assert run(ask()) == [200, 200, 503]


def test_the_journal_is_read_page_by_page(tmp_path: Path) -> None:
    """The cursor walks every line once, from the newest back."""

    async def read() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            await visit.house.journal.record(*[Fact(kind="note", subject="x", payload={"n": n}) for n in range(7)])
            seqs, cursor = [], None
            while True:
                query: dict[str, str] = {"kind": "note", "limit": "3", **({"cursor": str(cursor)} if cursor else {})}
                page = (await auditor.get("/api/v1/journal", params=query)).json()
                seqs += [line["payload"]["n"] for line in page["lines"]]
                cursor = page["next"]
                if cursor is None:
                    return seqs

    assert run(read()) == [6, 5, 4, 3, 2, 1, 0]


def test_a_spreadsheet_runs_no_formula(tmp_path: Path) -> None:
    """In the CSV what begins like a formula is text; rows are in order, with a byte order mark."""

    async def read() -> str:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            await visit.house.journal.record(Fact(kind="note", subject="=cmd|' /C calc'!A0", payload={}))
            return (await auditor.get("/api/v1/journal", params={"kind": "note", "format": "csv"})).text

    text = run(read())
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    assert text.startswith("\ufeff")
    assert rows[1][3].startswith("'=cmd")


@pytest.mark.parametrize("query", [{"cursor": "1; DROP TABLE journal"}, {"limit": "x"}, {"from": "yesterday"},
                                   {"from": "2026-11-24"}, {"kind": "x" * 101}, {"cursor": "١"}])  # fmt: skip
def test_odd_filters_are_refused(tmp_path: Path, query: dict[str, str]) -> None:
    """Every filter is checked; none reaches the statement."""

    async def read() -> int:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            return (await auditor.get("/api/v1/journal", params=query)).status_code

    assert run(read()) == 422


def test_filters_find_their_lines(tmp_path: Path) -> None:
    """By kind and its family, by subject, by time."""

    async def read() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            await visit.house.journal.record(Fact(kind="lamp.on", subject="a", payload={}))
            await visit.house.journal.record(Fact(kind="lamp.off", subject="b", payload={}))
            after = {"from": (START + timedelta(hours=1)).isoformat()}
            queries: list[dict[str, str]] = [{"kind": "lamp"}, {"kind": "lamp.on"}, {"subject": "b"}, after]
            return [len((await auditor.get("/api/v1/journal", params=query)).json()["lines"]) for query in queries]

    assert run(read()) == [2, 1, 1, 0]
