"""The works on the screens as visitors read of them: approved only, with artist and credit, nothing internal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from lobby.core.artlabels import art_label
from lobby.core.records import LANGUAGES, NOTICES_BY, Rights
from lobby.core.tongues import plain
from lobby.web.works import works
from media.art.titles import LIVE, TITLES
from media.programme import Interval, Item, Playlist, Programme, SurfacePlan
from tests.lobby.web.houses import START, Visit, a_visit, run

pytestmark = pytest.mark.slow

TEST_PATTERN = "test-pattern"
DESCRIPTIONS = {"ko": "산이 물든다", "en": "Hills", "ja": "山が色づく"}
RIGHTS = Rights(
    artist="김하늘", year="2026", holder="권리자", licence="SC-77", credit="© 김하늘", last=date(2026, 12, 1)
)


def programme(*assets: str, start_in: timedelta = timedelta(0)) -> Programme:
    """A programme that plays these on the wall for an hour."""
    plan = SurfacePlan(
        panels=(),
        intervals=(Interval(start=START + start_in, end=START + start_in + timedelta(hours=1), playlist="cities"),),
        fade_ms=0,
    )
    items = tuple(Item(asset=asset, dwell_ms=1000) for asset in assets)
    return Programme(
        player="lobby-player", version="v", epoch=START, start=START, end=START + timedelta(days=1),
        surfaces={"wall": plan}, playlists={"cities": Playlist(mode="rotate", items=items)}, pictures={},
    )  # fmt: skip


async def brought(visit: Visit, folder: Path, name: str) -> str:
    """A labelled asset that nobody has approved."""
    path = folder / name
    path.write_bytes(name.encode())
    asset = await visit.shelf.take_in(path, name=name, person="p1")
    label = replace(visit.shelf.records.all()[asset.id].label, descriptions=DESCRIPTIONS, rights=RIGHTS)
    await visit.shelf.records.label(asset.id, label, person="p1")
    return asset.id


def test_visitors_read_title_artist_credit_and_what_it_says(tmp_path: Path) -> None:
    """On /now in the page's language, else in English or Korean that says so; on the API by language."""

    async def play() -> None:
        plays: dict[str, Programme] = {}
        async with a_visit(tmp_path, programme_for=plays.get) as visit, visit.go() as visitor:
            asset = await brought(visit, tmp_path, "가을 산.png")
            await visit.shelf.records.ask(asset, person="p1")
            await visit.shelf.approve(asset, person="p2")
            plays["lobby-player"] = programme(asset)
            said = {"ko": "산이 물든다", "en": "Hills", "ja": "山が色づく", "zh-hans": '<span lang="en">Hills</span>'}
            for tongue, words in said.items():
                page = (await visitor.get(f"/now?language={tongue}")).text
                title = "가을 산" if tongue == "ko" else '<span lang="ko">가을 산</span>'
                assert all(each in page for each in (words, title, "김하늘", "© 김하늘"))
                assert not any(each in page for each in ("SC-77", "권리자", asset, "Kim", "p1"))
            (wall,) = [each for each in (await visitor.get("/api/v1/now")).json()["surfaces"] if each["id"] == "wall"]
            assert wall["works"] == [
                {"title": {"ko": "가을 산"}, "artist": "김하늘", "year": "2026", "credit": "© 김하늘",
                 "description": DESCRIPTIONS}
            ]  # fmt: skip
            kiosk = (await visitor.get("/kiosk?page=playing")).text
            assert "가을 산 (김하늘, 2026)" in kiosk
            assert "병풍형 디스플레이: " not in kiosk  # the works are named, not the list that staff gave a name

    run(play())


@pytest.mark.parametrize("how", ["waiting", "edited", "over", "deleted", "dark"])
def test_nothing_that_is_not_approved_and_on_is_named(tmp_path: Path, how: str) -> None:
    """Not a draft, not an edit that waits, not after the licence, not what was deleted, not before the hour."""

    async def play() -> None:
        plays: dict[str, Programme] = {}
        async with a_visit(tmp_path, programme_for=plays.get) as visit:
            asset = await brought(visit, tmp_path, "a.png")
            plays["lobby-player"] = programme(asset, start_in=timedelta(hours=2 if how == "dark" else 0))
            if how != "waiting":
                await visit.shelf.records.ask(asset, person="p1")
                await visit.shelf.approve(asset, person="p2")
            if how == "edited":
                label = visit.shelf.records.all()[asset].label
                await visit.shelf.records.label(asset, replace(label, title="새 제목"), person="p1")
            if how == "deleted":
                await visit.shelf.records.remove(asset, person="p1")
            now = START + timedelta(days=30 if how == "over" else 0)
            if how == "over":
                plays["lobby-player"] = programme(asset, start_in=timedelta(days=30))
            named = [plain(each.title("ko")) for each in works(visit.house, "wall", now)]
            assert named == (["a"] if how == "edited" else [])

    run(play())


def test_the_still_of_a_notice_is_no_work(tmp_path: Path) -> None:
    """Its title is a name among machines; visitors read its text as a notice."""

    async def play() -> None:
        plays: dict[str, Programme] = {}
        async with a_visit(tmp_path, programme_for=plays.get) as visit, visit.go() as visitor:
            path = tmp_path / "notice-b499f2e2-1of1.png"
            path.write_bytes(b"a still")
            asset = await visit.shelf.take_in(path, name=path.name, person=NOTICES_BY)
            plays["lobby-player"] = programme(asset.id)
            assert works(visit.house, "wall", START) == []
            assert "notice-b499" not in (await visitor.get("/now")).text

    run(play())


def test_all_art_of_the_program_has_its_label_in_all_scripts_of_visitors() -> None:
    """Title and description of every piece, still and live scene."""
    for name in {*TITLES, *LIVE} - {TEST_PATTERN}:
        label = art_label(name)
        assert label is not None, name
        assert set(label.titles) == set(label.descriptions) == {*LANGUAGES, "zh-hant"}
