"""Playlists by HTTP: a draft waits for a second person, an old page is refused, everything before can come back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lobby.core.records import NOTICES_BY
from lobby.web.lists.forms import as_form, as_json, playlist_of
from lobby.web.roles import Role
from tests.lobby.web.houses import a_visit, run

pytestmark = pytest.mark.slow

PATH = "/api/v1/playlists"
SPRING: dict[str, Any] = {
    "name": {"ko": "봄 전시", "en": "Spring exhibition"},
    "mode": "span",
    "change": "wipe",
    "change_s": 2,
    "turn_s": 0.12,
    "shuffle": True,
    "items": [
        {"asset": "aquarium-live", "dwell_s": 20, "weight": 3, "days": ["mon", "tue"]},
        {
            "asset": "seasons-live",
            "from": "2026-12-01",
            "to": "2026-12-24",
            "hours": [{"from": "09:00", "to": "18:00"}],
        },
        {"playlist": "media-art"},
    ],
}


def test_a_draft_waits_until_another_person_approves_it(tmp_path: Path) -> None:
    """Whoever drafted it cannot, an uploader neither; the states are told, and who it was."""

    async def act() -> tuple[list[int], list[str | None]]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as author, await visit.enter(Role.APPROVER) as second:
                made = await author.post(PATH, json=SPRING)
                place = f"{PATH}/{made.json()['id']}"
                own = await author.post(f"{place}/approve", json={"revision": 2})
                other = await second.post(f"{place}/approve", json={"revision": 2})
                told = other.json()
                states = [made.json()["draft"]["state"], told["in_effect"]["state"], made.json()["in_effect"]]
                return [made.status_code, own.status_code, other.status_code], states

    assert run(act()) == ([201, 403, 200], ["waiting", "approved", None])


def test_an_old_page_does_not_overwrite_what_came_meanwhile(tmp_path: Path) -> None:
    """`If-Match` names the version that was read; the same key twice writes once."""

    async def act() -> tuple[list[int], int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as author:
            place = f"{PATH}/cities"
            tag = (await author.get(place)).headers["etag"]
            first = await author.put(place, json=SPRING, headers={"If-Match": tag, "Idempotency-Key": "one"})
            again = await author.put(place, json=SPRING, headers={"If-Match": tag, "Idempotency-Key": "one"})
            late = await author.put(place, json=SPRING, headers={"If-Match": tag})
            return [first.status_code, again.status_code, late.status_code], len(first.json()["history"])

    assert run(act()) == ([200, 200, 412], 2)


@pytest.mark.parametrize(("english", "kept"), [("Six global cities and Seoul", "世界六大城市与首尔"), ("Cities", None)])
def test_a_name_keeps_its_other_scripts_where_it_is_not_renamed(tmp_path: Path, english: str, kept: str | None) -> None:
    """The editor's form asks for Korean and English alone."""

    async def act() -> Any:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as author:
            changed = {**SPRING, "name": {"ko": "세계 6대 도시와 서울", "en": english}}
            tag = (await author.get(f"{PATH}/cities")).headers["etag"]
            return (await author.put(f"{PATH}/cities", json=changed, headers={"If-Match": tag})).json()

    assert run(act())["draft"]["playlist"]["name"].get("zh") == kept


def test_what_is_sent_back_carries_its_reason_and_an_old_revision_comes_back(tmp_path: Path) -> None:
    """Sent back it is a draft again; revision 3 is brought back as revision 5, approved already."""

    async def act() -> tuple[Any, ...]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as author, await visit.enter(Role.APPROVER) as second:
                place = f"{PATH}/cities"
                await author.put(place, json=SPRING)
                await second.post(f"{place}/send-back", json={"revision": 2, "reason": "너무 빠릅니다"})
                draft = (await author.get(place)).json()["draft"]
                for revision in (3, 4):
                    await author.put(place, json={**SPRING, "turn_s": revision})
                    await second.post(f"{place}/approve", json={"revision": revision})
                told = (await second.post(f"{place}/revert", json={"revision": 3})).json()
                return draft["state"], draft["sent_back"], told["in_effect"]["revision"], told["draft"]

    assert run(act()) == ("draft", "너무 빠릅니다", 5, None)


def test_a_playlist_of_the_timetable_stays_and_one_of_staff_goes(tmp_path: Path) -> None:
    """Removing needs an approver; what is on air cannot be removed."""

    async def act() -> tuple[list[str], list[int]]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER, Role.UPLOADER) as person:
            await person.post(PATH, json=SPRING)
            codes = [(await person.delete(f"{PATH}/cities")).json()["code"]]
            airing = {"cls": "campaign", "name": "봄", "content": {"wall": "spring-exhibition"}}
            times = {"start": "2026-11-24T10:00:00+09:00", "until": "2026-11-25T10:00:00+09:00"}
            put = await person.post("/api/v1/airings", json={**airing, **times})
            codes.append((await person.delete(f"{PATH}/spring-exhibition")).json()["code"])
            await person.delete(f"/api/v1/airings/{put.json()['id']}")
            gone = await person.delete(f"{PATH}/spring-exhibition")
            return codes, [gone.status_code, (await person.get(f"{PATH}/spring-exhibition")).status_code]

    assert run(act()) == (["playlists.of-the-site", "lists.on-air"], [200, 404])


def test_a_removed_playlist_is_taken_back_with_one_touch(tmp_path: Path) -> None:
    """The page after the removal offers it to an approver; the list is then as it was."""

    async def act() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER, Role.UPLOADER) as person:
            await person.post(PATH, json=SPRING)
            before = (await person.get(f"{PATH}/spring-exhibition")).json()
            await person.delete(f"{PATH}/spring-exhibition")
            undo = f'action="{PATH}/spring-exhibition/restore"'
            page = "/playlists?removed=spring-exhibition"
            assert undo in (await person.get(page)).text
            async with await visit.enter(Role.UPLOADER) as other:
                assert undo not in (await other.get(page)).text
            assert (await person.post(f"{PATH}/spring-exhibition/restore", json={})).json() == before
            assert undo not in (await person.get(page)).text

    run(act())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"items": [{"asset": "aquarium-live", "dwell_s": 1}]}, "lists.not-valid"),
        ({"items": [{"asset": "aquarium-live", "playlist": "cities"}]}, "playlists.one-of-two"),
        ({"items": [{"playlist": "nowhere"}]}, "media.no-such-playlist"),
        ({"items": [{"asset": "nobody-has-it"}]}, "media.no-such-asset"),
        ({"items": [{"asset": "aquarium-live"}] * 201}, "media.wrong-playlist"),
        ({"items": "all"}, "media.wrong-playlist"),
        ({"mode": "upside-down"}, "lists.not-valid"),
        ({"items": [{"playlist": "media-art"}, {"playlist": "spring-exhibition"}]}, "playlists.circle"),
    ],
)
def test_what_cannot_be_played_is_refused(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    """With the mistake named; nothing is written."""

    async def act() -> tuple[int, str, bool]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as author:
            answer = await author.post(PATH, json={**SPRING, **change})
            return answer.status_code, answer.json()["code"], "media.playlist-drafted" in await visit.kinds()

    status, told, written = run(act())
    assert (status in {404, 422}, told, written) == (True, code, False)


def test_what_was_made_for_a_notice_is_neither_offered_nor_taken(tmp_path: Path) -> None:
    """Nobody puts an evacuation into a playlist or a campaign by hand; its lists are not among those of people."""

    async def act() -> tuple[list[str], list[str]]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as author:
            await visit.house.playlists.save("notice-1", playlist_of(SPRING), person=NOTICES_BY)
            await visit.house.playlists.approve("notice-1", 2, person="somebody")
            inner = await author.post(PATH, json={**SPRING, "items": [{"playlist": "notice-1"}]})
            airing = {"cls": "campaign", "name": "a", "content": {"wall": "notice-1"}, "start": "2026-11-24"}
            put = await author.post("/api/v1/airings", json={**airing, "until": "2026-11-24"})
            listed = [each["id"] for each in (await author.get(PATH)).json()["playlists"]]
            return [inner.json()["code"], put.json()["code"]], listed

    codes, listed = run(act())
    assert codes == ["lists.of-notices", "lists.of-notices"]
    assert "notice-1" not in listed


def test_the_form_and_the_wire_say_the_same_playlist() -> None:
    """Both are read back to what they were written from."""
    spring = playlist_of(SPRING)
    assert playlist_of(as_json(spring)) == spring
    assert playlist_of(as_form(spring)) == spring
