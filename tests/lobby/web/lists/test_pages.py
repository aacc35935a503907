"""The pages of playlists and airings without script: what is asked, shown before it is done, done and taken back."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from lobby.core.site import Playlist, PlaylistItem, Text
from lobby.core.sitefile import read
from lobby.core.standing import Standing
from lobby.web.lists.differences import differences
from lobby.web.lists.workcopies import work_of
from lobby.web.roles import Role
from tests.lobby.web.houses import START, Visit, a_visit, run

pytestmark = pytest.mark.slow

LIVE = {"name": {"ko": "살아 있는 벽", "en": "Living wall"}, "items": [{"asset": "aquarium-live"}]}


def fields(page: httpx.Response, form: str) -> dict[str, str]:
    """The fields of a form as a browser without script sends them."""
    text = page.text[page.text.index(form) :]
    text = text[: text.index("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]+>", text):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        ticked = re.search(r"\schecked[\s>]", tag) is not None
        if told.get("type") in {"radio", "checkbox"} and not ticked:
            continue
        if "name" in told:
            found[told["name"]] = unescape(told.get("value", "on"))
    return found


def words(page: httpx.Response, part: str) -> str:
    """A section's text."""
    text = page.text[page.text.index(f'id="{part}"') :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text[: text.index("</section>")])).split())


async def living(visit: Visit, *, approve: bool = True) -> None:
    """A playlist of one live scene, by somebody else."""
    await visit.house.playlists.save("living", Playlist.model_validate(LIVE), person="somebody")
    if approve:
        await visit.house.playlists.approve("living", 2, person="somebody-else")


def test_a_playlist_is_edited_by_buttons_and_asks_for_approval(tmp_path: Path) -> None:
    """Add, move up, take out: every step shows what would change and changes nothing until it is sent."""

    async def act() -> tuple[str, list[str], Any]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as author:
            await living(visit)
            place = "/playlists/living/edit"
            page = await author.get(place)
            for button in ("add:seasons-live", "add:skyline-live", "up-2", "out-0"):
                page = await author.post(place, data={**fields(page, 'id="editor"'), "do": button})
            shown = words(page, "outcome")
            before = visit.house.playlists.draft("living")
            sent = await author.post("/api/v1/playlists/living/draft", data=fields(page, 'id="editor"'))
            draft = visit.house.playlists.draft("living")
            assert (before, sent.status_code) == (None, 303)
            return shown, [item.asset for item in draft.playlist.items] if draft else [], sent.headers["location"]

    shown, items, led = run(act())
    assert "뺌: 살아 있는 아쿠아리움" in shown
    assert (items, led) == (["skyline-live", "seasons-live"], "/playlists/living")


def test_a_mistake_in_the_editor_is_said_beside_the_button_and_keeps_what_was_typed(tmp_path: Path) -> None:
    """Nobody loses a form over a wrong number."""

    async def act() -> tuple[str, str]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as author:
            await living(visit)
            form = fields(await author.get("/playlists/living/edit"), 'id="editor"')
            page = await author.post("/playlists/living/edit", data={**form, "item-0-dwell": "soon", "do": "look"})
            return words(page, "outcome"), fields(page, 'id="editor"')["item-0-dwell"]

    outcome, typed = run(act())
    assert "2–3600초" in outcome
    assert typed == "soon"


def test_an_approver_sees_what_changes_and_approves_by_a_form(tmp_path: Path) -> None:
    """The page names the differences, who drafted it and the state in the four words."""

    async def act() -> tuple[str, str]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER) as second:
            await living(visit)
            changed = {**LIVE, "items": [{"asset": "aquarium-live", "dwell_s": 90}], "turn_s": 0.12}
            await visit.house.playlists.save("living", Playlist.model_validate(changed), person="somebody")
            page = await second.get("/playlists/living")
            await second.post("/api/v1/playlists/living/approve", data=fields(page, "/api/v1/playlists/living/approve"))
            return words(page, "draft"), words(await second.get("/playlists/living"), "current")

    draft, current = run(act())
    assert "살아 있는 아쿠아리움: 12초 → 1분 30초" in draft
    assert "왼쪽부터 0.12초씩 차례로" in draft
    assert "승인 Kim" in current


def test_a_new_playlist_is_approved_from_its_page(tmp_path: Path) -> None:
    """It was never in effect, nor was any draft of it before this one."""

    async def act() -> bool:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER) as second:
            await living(visit, approve=False)
            await visit.house.playlists.save("living", Playlist.model_validate(LIVE), person="somebody")
            page = await second.get("/playlists/living")
            await second.post("/api/v1/playlists/living/approve", data=fields(page, "living/approve"))
            return "living" in visit.house.playlists.all()

    assert run(act())


def test_only_a_player_that_was_heard_brings_the_fourth_word(tmp_path: Path) -> None:
    """Approved is not in effect on the glass; an older programme or silence is not either."""

    async def act() -> list[bool]:
        standings: dict[str, Standing] = {}
        async with a_visit(tmp_path, on_glass=lambda: standings) as visit, await visit.enter(Role.VIEWER) as viewer:
            await visit.house.playlists.save("cities", Playlist.model_validate(LIVE), person="somebody")
            await visit.house.playlists.approve("cities", 2, person="somebody-else")
            told = [words(await viewer.get("/playlists/cities"), "current")]
            for read_at in (START.replace(hour=0), START):
                heard = Standing(shows="v", newest="v", heard_at=START, read_at=read_at)
                standings |= {"lobby-player": heard}
                told.append(words(await viewer.get("/playlists/cities"), "current"))
            return ["화면 적용됨 표출기가 알린 지" in each for each in told]

    assert run(act()) == [False, False, True]


def test_what_a_campaign_covers_is_shown_before_it_is_put(tmp_path: Path) -> None:
    """The playlist below and its times; then one form puts it, another person approves, an end offers its undo."""

    async def act() -> tuple[str, list[str], str]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as author, await visit.enter(Role.APPROVER) as second:
                asked = {"cls": "campaign", "name": "봄 전시", "show": "skyline-live", "on-wall": "on"}
                asked |= {"start": "2026-11-25", "until": "2026-11-26", "begins": "10:00", "ends": "12:00"}
                page = await author.get("/airings", params=asked)
                await author.post("/api/v1/airings", data=fields(page, 'action="/api/v1/airings"'))
                (airing,) = visit.house.airings.all()
                states = [words(await second.get("/airings"), "airings")]
                await second.post(
                    f"/api/v1/airings/{airing.id}/approve", data=fields(page, "csrf") | await _form(second)
                )
                states.append(words(await second.get("/airings"), "airings"))
                ended = await second.post(f"/api/v1/airings/{airing.id}/end", data=await _form(second))
                last = await second.get(ended.headers["location"])
                return words(page, "what-if"), states, last.text

    covers, (waiting, approved), last = run(act())
    assert "'세계 6대 도시와 서울' 위에 — 내일 10:00–12:00, 11. 26.(목) 10:00–12:00" in covers
    assert "승인 대기" in waiting
    assert "승인됨(시작 전)" in approved
    assert "/undo" in last


async def _form(person: httpx.AsyncClient) -> dict[str, str]:
    return {"csrf": (await person.get("/api/v1/me")).json()["csrf"]}


def test_a_picture_of_a_draft_is_drawn_for_its_surface_and_moment(tmp_path: Path) -> None:
    """The house draws; a surface nobody knows and a revision nobody made are 404."""

    async def act() -> tuple[list[int], list[Any]]:
        drawn: list[Any] = []

        async def draw(surface: str, name: str, playlist: Playlist, moment: Any) -> bytes:
            drawn.append((surface, name, playlist.items[0].asset, f"{moment:%H:%M}"))
            return b"\xff\xd8\xff"

        async with a_visit(tmp_path, draft_picture=draw) as visit, await visit.enter(Role.VIEWER) as viewer:
            await living(visit)
            place = "/playlists/living/picture?at=2026-11-25T03:00:00Z"
            asked = (f"{place}&on=wall&revision=2", f"{place}&on=roof&revision=2", f"{place}&on=wall&revision=9")
            return [(await viewer.get(each)).status_code for each in asked], drawn

    assert run(act()) == ([200, 404, 404], [("wall", "living", "aquarium-live", "03:00")])


def test_differences_are_named_once_each() -> None:
    """Came, went, moved, changed."""
    text = Text(ko="벽", en="Wall")
    before = Playlist(name=text, items=tuple(PlaylistItem(asset=each) for each in "abcd"))
    after = Playlist(
        name=text, items=(PlaylistItem(asset="d"), PlaylistItem(asset="a"), PlaylistItem(asset="b", dwell_s=30),
        PlaylistItem(asset="e")),
    )  # fmt: skip
    assert differences(before, after, lambda item: item.asset, "en") == [
        "Added: e (place 4, 12 s)", "Taken out: c", "Moved: d → place 1", "b: 12 s → 30 s"
    ]  # fmt: skip


def test_a_single_panel_has_no_ways_of_hanging_on_a_wall(tmp_path: Path) -> None:
    """Where every surface is one panel nothing moves along and nobody takes turns; what is set is kept."""
    office = read(Path(str(files("lobby").joinpath("sites/small-office.toml"))))

    async def act() -> tuple[list[str], list[str], dict[str, str]]:
        async with a_visit(tmp_path, site=office) as visit, await visit.enter(Role.FACILITY) as author:
            name = next(iter(office.playlists))
            paths = ("/playlists", f"/playlists/{name}", f"/playlists/{name}/edit", "/playlists/new/edit")
            told = [(await author.get(path)).text for path in paths]
            kept = fields(await author.get(f"/playlists/{name}/edit"), "editor")
        (hall := tmp_path / "hall").mkdir()
        async with a_visit(hall) as visit, await visit.enter(Role.FACILITY) as author:
            seen = [(await author.get(f"/playlists/{name}/edit")).text for name in ("cities", "media-art")]
        return told, seen, kept

    told, hall, kept = run(act())
    assert not any("한 칸씩" in text or "왼쪽부터" in text for text in told)
    assert "한 장씩 차례로" in told[0]
    assert kept["mode"] == "rotate"
    assert ["한 칸씩" in text for text in hall] == [True, False]


@pytest.mark.parametrize("act", ["up-0", "down-9", "out-77777777", "add:", "nonsense", "up--1", "up-²"])
def test_a_button_that_means_nothing_changes_nothing(act: str) -> None:
    """Whoever types addresses by hand breaks nothing."""
    work = work_of({"item-0-what": "a", "item-1-what": "b"})
    work.do(act)
    assert [row["what"] for row in work.items] == ["a", "b"]


def test_text_that_stands_too_short_is_told_where_the_time_is_set(tmp_path: Path) -> None:
    """Sixty signs for five seconds: the list and the editor say how long they take; for a minute nothing is said."""

    async def act() -> tuple[str, str]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as author:
            library, pages = visit.house.library, []
            asset = await library.take_in(_empty(tmp_path), name="a.png", person="p1")
            label = replace(library.records.all()[asset.id].label, written="가" * 60)
            await library.records.label(asset.id, label, person="p1")
            for seen, dwell_s in ((1, 5), (2, 60)):
                listed = Playlist.model_validate({**LIVE, "items": [{"asset": asset.id, "dwell-s": dwell_s}]})
                await visit.house.playlists.save("living", listed, person="p1", seen=seen if seen > 1 else None)
                pages.append((await author.get("/playlists/living/edit")).text)
            return pages[0], pages[1]

    hurried, calm = run(act())
    assert "읽는 데 12초가 걸리는데 5초만 표출됩니다" in hurried
    assert "초만 표출됩니다" not in calm


def _empty(folder: Path) -> Path:
    path = folder / "upload"
    path.write_bytes(b"x")
    return path
