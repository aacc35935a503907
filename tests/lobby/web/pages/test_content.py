"""The content pages: what is found, who may do what next, deletion and its way back, batches, the test display."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from lobby.core.clock import VirtualClock
from lobby.core.words import LANGUAGES, say
from lobby.web.content.tabs import landing_of
from lobby.web.reading import LANGUAGE_COOKIE
from lobby.web.roles import WALL_READERS, Role
from media.assets import Asset
from tests.eventually import eventually
from tests.lobby.web.houses import PASSWORD, START, Visit, a_visit, approved, run

pytestmark = pytest.mark.slow

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(200)
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
LABEL = {"ko": "가을 산", "en": "Hills", "artist": "김하늘", "credit": "© 김하늘"}
NIGHT = datetime(2026, 11, 24, 23, 0, tzinfo=ZoneInfo("Asia/Seoul"))


async def brought(client: httpx.AsyncClient, name: str = "가을.png", **fields: str) -> str:
    """An uploaded asset."""
    answer = await client.post("/api/v1/assets", data=fields, files={"file": (name, PICTURE + name.encode())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["asset"]["id"])


async def labelled(client: httpx.AsyncClient, asset: str, **fields: str) -> None:
    """Give it a label, ask for approval."""
    await client.put(f"/api/v1/assets/{asset}/label", json={**LABEL, **fields, "then": "ask"})


def titles(text: str) -> list[str]:
    """The titles in the grid."""
    return re.findall(r'<h2><a href="/content/[0-9a-f]+">([^<]*)</a>', text)


@pytest.mark.parametrize("role", sorted(WALL_READERS))
def test_every_reader_gets_every_page_in_both_languages(tmp_path: Path, role: Role) -> None:
    """Grid, every filter, one asset, batches, a batch, the empty sheet: no page fails, no word is missing."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            asset = await brought(uploader)
            await approved(visit, asset)
            await labelled(uploader, asset, last="2026-12-01")
            gone = await brought(uploader, "gone.png")
            await uploader.delete(f"/api/v1/assets/{gone}")
            batch = (await uploader.post("/api/v1/batches", json={"name": "전시", "due": "2026-11-24T09:00"})).json()[
                "id"
            ]
            filters = [f"/content?show={each}" for each in ("all", "mine", "draft", "ending", "unused", "removed")]
            async with await visit.enter(role) as reader:
                for language in LANGUAGES:
                    reader.cookies.set(LANGUAGE_COOKIE, language)
                    for path in (*filters, f"/content/{asset}", "/batches", f"/batches/{batch}"):
                        answer = await reader.get(path)
                        assert answer.status_code == 200, (path, answer.text)
                        assert not re.search(r">\s*content\.[a-z.-]+\s*<", answer.text), path
                    assert (await reader.get("/batches/sheet.csv")).text.startswith("\ufeff")

    run(play())


def test_whatever_is_written_stands_there_as_text(tmp_path: Path) -> None:
    """Markup in a file's name, a title, a description, a reason, a batch's name is shown, never run."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as one:
            async with await visit.enter(Role.APPROVER) as other:
                asset = await brought(one, f"{EVIL}.png")
                await labelled(one, asset, title=EVIL[:100], ko=EVIL, artist=EVIL[:100], credit=EVIL[:100])
                await other.post(f"/api/v1/assets/{asset}/send-back", json={"reason": EVIL})
                batch = (await one.post("/api/v1/batches", json={"name": EVIL})).json()["id"]
                for path in ("/content", f"/content/{asset}", "/batches", f"/batches/{batch}"):
                    text = (await other.get(path)).text
                    assert "<script>alert" not in text, path
                    assert "<img src=x" not in text, path
                assert "&lt;script&gt;alert(1)" in (await other.get(f"/content/{asset}")).text

    run(play())


@pytest.mark.parametrize(
    ("query", "found"),
    [("가을", True), ("하늘 산", True), ("파일", True), ("HILLS", True), ("플레이리스트", False), ("여름", False),
     ("\u1100\u1161\u110b\u1173\u11af", True)],
)  # fmt: skip
def test_search_knows_all_that_is_said_and_the_words_of_others(tmp_path: Path, query: str, found: bool) -> None:
    """Title, artist, descriptions, in any composition; 파일 finds content, 플레이리스트 what is in playlists."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            await labelled(uploader, await brought(uploader))
            text = (await uploader.get("/content", params={"q": query})).text
            assert (titles(text) == ["가을"]) is found

    run(play())


def test_each_sees_what_waits_for_him(tmp_path: Path) -> None:
    """A draft is the uploader's to do; asked for, it is the approver's, and not his own."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.APPROVER) as one, await visit.enter(Role.APPROVER) as other:
                asset = await brought(one)

                async def todo() -> tuple[int, int]:
                    pages = [(await each.get("/content?show=mine")).text for each in (one, other)]
                    return len(titles(pages[0])), len(titles(pages[1]))

                assert await todo() == (1, 0)
                await labelled(one, asset)
                assert await todo() == (0, 1)
                mine, theirs = [(await each.get(f"/content/{asset}")).text for each in (one, other)]
                approve = f'action="/api/v1/assets/{asset}/approve"'
                assert (approve in mine, approve in theirs) == (False, True)
                assert say("media.second-person.what", "ko") in mine

    run(play())


def test_it_works_without_script(tmp_path: Path) -> None:
    """Plain forms label, ask, send back, approve, delete and take back, each leading to a page."""

    async def play() -> list[str]:
        async with a_visit(tmp_path) as visit:
            one, two = await visit.hire(Role.UPLOADER), await visit.hire(Role.APPROVER)
            first, secret = await visit.house.people.sign_in(one.account, PASSWORD, address="test")
            second, other_secret = await visit.house.people.sign_in(two.account, PASSWORD, address="test")
            states = []
            async with visit.go(secret=secret) as uploader, visit.go(secret=other_secret) as approver:
                asset = await brought(uploader)
                place = f"/api/v1/assets/{asset}"

                async def form(client: httpx.AsyncClient, csrf: str, act: str, **fields: str) -> str:
                    headers = {"Referer": f"{visit.url}/content/{asset}"}
                    answer = await client.post(f"{place}/{act}", data={"csrf": csrf, **fields}, headers=headers)
                    assert answer.status_code == 303, answer.text
                    states.append(visit.shelf.records.all()[asset].state.value)
                    return answer.headers["Location"]

                await form(uploader, first.csrf, "label", title="가을", ko="가을 산", en="Hills")
                await form(uploader, first.csrf, "ask")
                await form(approver, second.csrf, "send-back", reason="더 밝게")
                await form(uploader, first.csrf, "label", title="가을", then="ask")
                assert await form(approver, second.csrf, "approve") == f"/content/{asset}"
                gone = await form(approver, second.csrf, "remove")
                page = await approver.get(gone)
                assert f'action="{place}/restore"' in page.text
                assert visit.shelf.assets() == ()
                await form(approver, second.csrf, "restore")
                assert len(visit.shelf.assets()) == 1
            return states

    assert run(play()) == ["draft", "waiting", "draft", "waiting", "approved", "approved", "approved"]


def test_only_an_approver_deletes_what_may_be_on_a_screen(tmp_path: Path) -> None:
    """A draft its uploader may delete; what is approved he may not."""

    async def play() -> list[int]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as uploader, await visit.enter(Role.APPROVER) as approver:
                draft, shown = await brought(uploader), await brought(uploader, "b.png")
                await approved(visit, shown)
                answers = [await uploader.delete(f"/api/v1/assets/{each}") for each in (draft, shown)]
                return [each.status_code for each in (*answers, await approver.delete(f"/api/v1/assets/{shown}"))]

    assert run(play()) == [200, 403, 200]


def test_a_deletion_says_which_airing_it_leaves(tmp_path: Path) -> None:
    """A work that only a campaign shows is in use: the page does not say that the screens stay as they are."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as uploader, await visit.enter(Role.APPROVER) as other:
                asset = await brought(uploader)
                await approved(visit, asset)
                content, until = {"wall": asset}, START + timedelta(hours=1)
                await visit.house.airings.put(
                    cls="campaign", name="가을 특별전", content=content, person="p1", start=START, until=until
                )
                assert "바로 빠지는 곳: 가을 특별전" in (await other.get(f"/content/{asset}")).text
                assert asset not in (await other.get("/content?show=unused")).text
                await visit.house.library.pin("wall-3", asset, person="p1")
                page = (await other.get(f"/content/{asset}")).text
                assert "바로 빠지는 곳: 가을 특별전, 병풍형 디스플레이 3번 화면" in page

    run(play())


def test_a_deletion_is_taken_back_by_whoever_may_delete(tmp_path: Path) -> None:
    """The page of a deleted asset leads to where it is taken back, and says until when."""

    async def play() -> list[int]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as uploader, await visit.enter(Role.APPROVER) as approver:
                shown = await brought(uploader)
                await approved(visit, shown)
                await approver.delete(f"/api/v1/assets/{shown}")
                act = f'action="/api/v1/assets/{shown}/restore"'
                led = await uploader.get(f"/content/{shown}", follow_redirects=True)
                assert (act in led.text, "12. 24.(목) 10:00까지 되돌릴 수 있습니다" in led.text) == (False, True)
                assert (await approver.get(f"/content/{shown}", follow_redirects=True)).text.count(act) == 2
                answers = [await each.post(f"/api/v1/assets/{shown}/restore") for each in (uploader, approver)]
                return [each.status_code for each in answers]

    assert run(play()) == [403, 200]


def test_an_edit_of_an_older_page_is_refused(tmp_path: Path) -> None:
    """Two people with one label open: the second one is told."""

    async def play() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            place = f"/api/v1/assets/{await brought(uploader)}"
            old = {"If-Match": (await uploader.get(place)).headers["etag"]}
            answers = [await uploader.put(f"{place}/label", json={"ko": text}, headers=old) for text in ("가", "나")]
            return [each.status_code for each in answers]

    assert run(play()) == [200, 412]


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"title": ""}, "api.not-valid"), ({"title": 7}, "api.not-valid"), ({"ko": "가" * 601}, "media.text-too-long"),
     ({"last": "내년"}, "media.no-day"), ({"first": "2026-12-02", "last": "2026-12-01"}, "media.licence-backwards")],
)  # fmt: skip
def test_a_label_that_cannot_stand_is_refused(tmp_path: Path, fields: dict[str, Any], code: str) -> None:
    """With words, and the label stays."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as uploader:
            asset = await brought(uploader)
            answer = await uploader.put(f"/api/v1/assets/{asset}/label", json=fields)
            assert (answer.status_code, answer.json()["code"]) == (422, code)
            assert visit.shelf.records.all()[asset].label.title == "가을"

    run(play())


def test_a_batch_goes_from_files_and_a_sheet_to_one_approval(tmp_path: Path) -> None:
    """The page lists what is to be mended, names who is asked and says whether it is ready by its day."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as one, await visit.enter(Role.APPROVER) as other:
                due = {"name": "12월 전시", "surface": "wall", "due": "2026-11-25T08:00"}
                batch = (await one.post("/api/v1/batches", json=due)).json()["id"]
                for name in ("가을.png", "봄.png"):
                    path = tmp_path / name
                    path.write_bytes(PICTURE)
                    await visit.shelf.take_in(path, name=name, person="kim", batch=batch)
                page = f"/batches/{batch}"
                for place in (page, "/content"):
                    assert "내일 08:00 전에 준비됨: 아니요" in (await other.get(place)).text
                sheet = "파일,설명(한국어),설명(영어)\n가을.png,산,Hills\n봄.png,비,\n겨울.png,눈,Snow\n"
                files = {"file": ("sheet.csv", sheet.encode("cp949"))}
                assert (await one.post(f"/api/v1{page}/sheet", files=files)).json() == {"rows": 3, "unknown": []}
                text = (await other.get(page)).text
                assert "표에는 있는데 파일이 오지 않았습니다." in text
                assert "설명이 더 있어야 합니다: 영어" in text
                await one.post(f"/api/v1{page}/ask", json={})
                assert "1개는 승인을 요청하지 않습니다" in (await one.get(page)).text
                files = {
                    "file": ("sheet.csv", sheet.replace("비,", "비,Rain").replace("겨울.png,눈,Snow\n", "").encode())
                }
                await one.post(f"/api/v1{page}/sheet", files=files)
                await one.post(f"/api/v1{page}/ask", json={})
                assert (await one.post(f"/api/v1{page}/approve", json={})).status_code == 403
                assert (await other.post(f"/api/v1{page}/approve", json={})).status_code == 200
                assert "내일 08:00 전에 준비됨: 예" in (await one.get(page)).text
                assert {line["standing"] for line in (await one.get(f"/api/v1{page}")).json()["lines"]} == {"approved"}

    run(play())


def test_a_file_that_is_here_already_is_told_wherever_it_is_brought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the line of the upload, in the second batch's list, and after a form without script."""

    async def play() -> tuple[dict[str, Any], str, str]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as one:
            made = visit.shelf._made

            async def the_same(*words: Any, **named: Any) -> Asset:
                return replace(await made(*words, **named), id="a" * 64)

            monkeypatch.setattr(visit.shelf, "_made", the_same)
            first, second = [
                (await one.post("/api/v1/batches", json={"name": name})).json()["id"] for name in ("12월 전시", "다시")
            ]
            for batch in (first, second):
                words = {"name": "가을.png", "length": len(PICTURE), "batch": batch}
                place = (await one.post("/api/v1/uploads", json=words)).headers["Location"]
                headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
                await one.patch(place, content=PICTURE, headers=headers)
                await eventually(lambda: all(each.ended for each in visit.house.arrivals.all()))
            files = {"file": ("가을.png", PICTURE)}
            form = await one.post("/api/v1/assets", files=files)
            page = await one.get(f"/content/{'a' * 64}?here=1")
            assert form.json()["here"] in page.text.replace("&#39;", "'")
            return (await one.get(place)).json(), (await one.get(f"/batches/{second}")).text, form.json()["here"]

    told, page, form = run(play())
    assert told["here"].startswith("이미 있는 파일입니다. '12월 전시' 묶음에서 작성 중입니다.")
    assert form.startswith(told["here"])
    assert "이미 있음" in page


def test_a_sheet_too_large_or_none_is_refused(tmp_path: Path) -> None:
    """Nothing of it is kept."""

    async def play() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as one:
            batch = (await one.post("/api/v1/batches", json={"name": "전시"})).json()["id"]
            sheets = (b"file\n" + b"a" * (4 * 2**20), b"\x00\x01\x02\xff", b"title\nx\n")
            answers = [await one.post(f"/api/v1/batches/{batch}/sheet", files={"file": ("s.csv", each)})
                       for each in sheets]  # fmt: skip
            missing = await one.post("/api/v1/batches/none/sheet", files={"file": ("s.csv", b"file\n")})
            return [each.status_code for each in (*answers, missing)]

    assert run(play()) == [413, 415, 422, 404]


def test_a_draft_is_tried_on_the_glass_outside_hours_and_ends_by_itself(tmp_path: Path) -> None:
    """At night the wall lights up with it for the minutes asked for; afterwards all is as before."""
    clock = VirtualClock(NIGHT)

    async def play() -> None:
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.UPLOADER) as uploader:
            asset = await brought(uploader)
            answer = await uploader.post(f"/api/v1/assets/{asset}/test", json={"surface": "wall", "minutes": 10})
            assert answer.status_code == 201, answer.text
            (airing,), (change,) = visit.house.airings.current(clock.now()), visit.house.overrides.active(clock.now())
            assert (airing.content, change.thing, change.value) == ({"wall": asset}, "wall", "on")
            assert airing.until == change.until == NIGHT + timedelta(minutes=10)
            again = await uploader.post(f"/api/v1/assets/{asset}/test", json={"surface": "wall", "minutes": 5})
            assert again.json()["code"] == "content.try-under-way"
            clock.pass_by(601)
            assert visit.house.airings.current(clock.now()) == ()
            assert visit.house.overrides.active(clock.now()) == ()

    run(play())


def test_a_test_display_is_ended_by_hand(tmp_path: Path) -> None:
    """Airing and light end at once."""
    clock = VirtualClock(NIGHT)

    async def play() -> None:
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.UPLOADER) as uploader:
            asset = await brought(uploader)
            begun = await uploader.post(f"/api/v1/assets/{asset}/test", json={"surface": "wall", "minutes": 10})
            ended = await uploader.post(f"/api/v1/test-displays/{begun.json()['id']}/end", json={})
            assert ended.status_code == 200
            assert visit.house.airings.current(clock.now()) == ()
            assert visit.house.overrides.active(clock.now()) == ()

    run(play())


@pytest.mark.parametrize(
    ("moment", "fields", "status"),
    [(START, {"surface": "wall", "minutes": 5}, 409), (NIGHT, {"surface": "wall", "minutes": 16}, 422),
     (NIGHT, {"surface": "roof", "minutes": 5}, 422), (NIGHT, {"surface": "wall"}, 422),
     (NIGHT.replace(hour=7, minute=50), {"surface": "wall", "minutes": 5}, 409)],
)  # fmt: skip
def test_a_test_display_never_meets_visitors(
    tmp_path: Path, moment: datetime, fields: dict[str, Any], status: int
) -> None:
    """Not in hours, not in the quarter of an hour before them, not for longer, not on what is not there."""

    async def play() -> int:
        async with a_visit(tmp_path, clock=VirtualClock(moment)) as visit, await visit.enter(Role.UPLOADER) as one:
            answer = await one.post(f"/api/v1/assets/{await brought(one)}/test", json=fields)
            assert visit.house.airings.all() == ()
            return answer.status_code

    assert run(play()) == status


def test_the_original_is_served_to_nobody(tmp_path: Path) -> None:
    """By the hash of the bytes that came there is nothing to fetch."""

    async def play() -> int:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            return (await admin.get(f"/api/v1/content/{await brought(admin)}")).status_code

    assert run(play()) == 404


@pytest.mark.parametrize(
    ("roles", "path"),
    [({Role.UPLOADER}, "/content"), ({Role.UPLOADER, Role.APPROVER}, "/content"), ({Role.APPROVER, Role.DUTY}, "/")],
)
def test_whoever_only_curates_begins_with_content(tmp_path: Path, roles: set[Role], path: str) -> None:
    """The sign-in leads there; whoever has other work too begins with Today."""

    async def play() -> tuple[str, str]:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            person = await visit.hire(*roles)
            answer = await stranger.post("/sign-in", data={"account": person.account, "password": PASSWORD})
            return answer.headers["Location"], landing_of(person)

    assert run(play()) == (path, path)


async def _told(visit: Visit, role: Role) -> str:
    async with await visit.enter(role) as reader:
        return (await reader.get("/")).text


def test_today_tells_what_of_the_content_is_due(tmp_path: Path) -> None:
    """A late batch stands in the sentence, a licence and what waits beside the coming events."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit:
            late = {"id": "b1", "title": "12월 전시", "at": START.isoformat(), "over": True, "left": 2}
            ending = {"id": "a" * 64, "title": "가을", "at": START.isoformat(), "days": 6}
            visit.hub.put("content", {"late": [late], "ending": [ending], "waiting": 3})
            text = await _told(visit, Role.FACILITY)
            assert "반입 묶음 &#39;12월 전시&#39; 2개가 제때 승인되지 않음" in text
            assert "예전 편성이 그대로 나갑니다" in text
            assert "이용 허락 기간이 곧 끝남: 가을 (6일 남음)" in text
            assert "승인을 기다리는 콘텐츠 3개" in text
            assert "승인을 기다리는 콘텐츠" not in await _told(visit, Role.GUARD)

    run(play())


def test_content_for_changed_walls_is_told_with_its_progress(tmp_path: Path) -> None:
    """How many are done and which one is made; what has to be uploaded again is a link; nothing once all is well."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as reader:
            lost = [{"asset": "a" * 64, "title": "옛 산"}]
            visit.hub.put(
                "remaking",
                {"done": 1, "of": 4, "title": "가을", "share": 0.5, "lost": lost, "lost_count": 101, "unsaid": 7},
            )
            text = (await reader.get("/content")).text
            assert "4개 가운데 1개 끝남 · 지금 &#39;가을&#39;" in text
            assert 'value="0.375"' in text
            assert "다시 올려야 할 콘텐츠 101개" in text
            assert "옛 콘텐츠 7개" in text
            assert f'<a href="/content/{"a" * 64}"><strong>옛 산</strong></a>' in text
            visit.hub.put(
                "remaking", {"done": 4, "of": 4, "title": "", "share": 0, "lost": [], "lost_count": 0, "unsaid": 0}
            )
            assert re.search(r'<section id="remaking"[^>]* hidden></section>', (await reader.get("/content")).text)

    run(play())
