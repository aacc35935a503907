"""What was shown: sums that agree with the records, filters, tables that no spreadsheet runs, and who may read."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from lobby.core.played import Content, Tally
from lobby.core.projection import Fact, Json
from lobby.core.records import NOTICES_BY
from lobby.web.roles import Role
from tests.lobby.web.houses import START, Visit, a_visit
from tests.running import run

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
WORK, OTHER = "a" * 64, "b" * 64


async def shown(visit: Visit, day: int, *contents: tuple[str, str, float, bool]) -> None:
    """Half an hour of a day of November in which the wall's panels showed these for so many seconds."""
    start = START.replace(day=day)
    tally = Tally(surface="wall", day=start.date(), start=start, until=start + HOUR)
    for panel, asset, seconds, confirmed in contents:
        content = Content(asset=asset, playlist="world-cities")
        tally.credit(panel, content, (start, start + timedelta(seconds=seconds)), confirmed=confirmed)
    await visit.house.journal.record(tally.fact())


async def labelled(visit: Visit, asset: str, title: str, artist: str) -> None:
    """A work with its label."""
    taken: dict[str, Json] = {
        "title": title,
        "person": "p",
        "id": asset,
        "width": 9,
        "height": 9,
        "renditions": {},
        "thumbnail": "c" * 64,
    }
    await visit.house.journal.record(Fact(kind="media.asset-taken", subject=asset, payload=taken, v=2))
    label: Json = {"title": title, "title_en": "", "descriptions": {}, "rights": {"artist": artist}}
    await visit.house.journal.record(
        Fact(kind="media.labelled", subject=asset, payload={"label": label, "person": "p"})
    )


async def seen(visit: Visit, role: Role, path: str) -> httpx.Response:
    """A page as somebody of that role has it."""
    async with await visit.enter(role) as browser:
        return await browser.get(path)


def rows_of(text: str) -> list[list[str]]:
    """A table as a spreadsheet reads it."""
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_still_of_a_notice_is_called_a_notice(tmp_path: Path) -> None:
    """On the page and in the table; the name it has among machines is nobody's."""

    async def scenario() -> None:
        async with a_visit(tmp_path) as visit:
            path = tmp_path / "notice-b499f2e2-1of1.png"
            path.write_bytes(b"a still")
            still = await visit.shelf.take_in(path, name=path.name, person=NOTICES_BY)
            await shown(visit, 2, ("wall-1", still.id, 3600, True))
            for way in ("/walls/history?month=2026-11", "/walls/history/table.csv?month=2026-11"):
                text = (await seen(visit, Role.VIEWER, way)).text
                assert ("안내문" in text, "notice-b499" in text) == (True, False)

    run(scenario())


def test_a_month_is_summed_by_artist_content_and_surface(tmp_path: Path) -> None:
    """Two days of one work and an hour of another: counts, hours and the confirmed share."""

    async def scenario() -> None:
        async with a_visit(tmp_path) as visit:
            await shown(visit, 2, ("wall-1", WORK, 3600, True), ("wall-2", WORK, 3600, False))
            await shown(visit, 3, ("wall-1", WORK, 1800, True), ("wall-1", OTHER, 60, True))
            page = await seen(visit, Role.APPROVER, "/walls/history?month=2026-11")
            assert page.status_code == 200
            assert "2일 동안 4회 · 2시간 31분 표출 · 그 가운데 60% 디스플레이까지 확인" in page.text
            none = await seen(visit, Role.AUDITOR, "/walls/history?month=2026-10")
            assert "이 달에는 아직 기록이 없습니다" in none.text
            one = await seen(visit, Role.VIEWER, f"/walls/history?month=2026-11&asset={OTHER}")
            assert "1일 동안 1회 · 1분 표출" in one.text

    run(scenario())


def test_tables_name_works_and_artists_and_hold_no_formula(tmp_path: Path) -> None:
    """A title or an artist that begins like a formula is a text in the spreadsheet; Hangul survives."""

    async def scenario() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER) as browser:
            await labelled(visit, WORK, "=HYPERLINK(1)", "+김하늘")
            await shown(visit, 2, ("wall-1", WORK, 3600, True), ("wall-2", WORK, 30, False))
            answer = await browser.get("/walls/history/table.csv?month=2026-11")
            head, first, second = rows_of(answer.text)
            assert head[:5] == ["날짜", "화면", "화면 번호", "콘텐츠", "작가"]
            assert first[:5] == ["2026-11-02", "병풍형 디스플레이", "1번 화면", "'=HYPERLINK(1)", "'+김하늘"]
            assert first[9:12] == ["1", "3600", "3600"]
            assert second[2] == "2번 화면"
            artists = rows_of((await browser.get("/walls/history/table.csv?month=2026-11&by=artist")).text)
            assert artists[1] == ["'+김하늘", "1", "1", "2", "3630", "3600"]

    run(scenario())


def test_the_api_tells_the_same_and_refuses_what_is_no_span(tmp_path: Path) -> None:
    """Rows by day; days the wrong way round, more than a year and no days at all are refused."""

    async def scenario() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as browser:
            await shown(visit, 2, ("wall-1", WORK, 3600, True))
            told = (await browser.get("/api/v1/played?from=2026-11-01&to=2026-11-30")).json()
            assert [(row["day"], row["panel"], row["seconds"]) for row in told["rows"]] == [
                ("2026-11-02", "wall-1", 3600)
            ]
            wrong = ["from=2026-11-03&to=2026-11-02", "from=2024-01-01&to=2026-01-01", "from=soon"]
            assert [(await browser.get(f"/api/v1/played?{each}")).status_code for each in wrong] == [422, 422, 422]
            assert (await browser.get("/walls/history?month=never")).status_code == 422

    run(scenario())


def test_guards_and_strangers_do_not_read_it(tmp_path: Path) -> None:
    """Nobody without a share in the walls or the records."""

    async def scenario() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.GUARD) as guard, visit.go() as stranger:
            assert (await guard.get("/walls/history")).status_code in {403, 404}
            assert (await stranger.get("/api/v1/played")).status_code == 401

    run(scenario())
