"""Campaigns and interrupts by HTTP: a second person lets them on air, an end can be taken back for a minute."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lobby.web.roles import Role
from tests.lobby.web.houses import START, a_visit, approved, run

pytestmark = pytest.mark.slow

PATH = "/api/v1/airings"
SPRING: dict[str, Any] = {
    "cls": "campaign",
    "name": "봄 전시",
    "content": {"wall": "aquarium-live"},
    "start": "2026-11-24T09:00:00+09:00",
    "until": "2026-11-24T18:00:00+09:00",
}
BY_FORM = {
    "cls": "interrupt", "name": "손 씻기", "show": "seasons-live", "on-wall": "on", "on-main": "on",
    "start": "2026-11-24", "until": "2026-11-30", "begins": "09:00", "ends": "18:00", "day-mon": "on",
    "every_min": "10", "for_s": "30",
}  # fmt: skip


def test_a_campaign_goes_on_air_by_a_second_person(tmp_path: Path) -> None:
    """Whoever put it cannot approve it; then it is on air until its end."""

    async def act() -> tuple[list[int], list[str]]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.APPROVER) as first, await visit.enter(Role.APPROVER) as second:
                made = await first.post(PATH, json=SPRING)
                place = f"{PATH}/{made.json()['id']}"
                own, other = await first.post(f"{place}/approve"), await second.post(f"{place}/approve")
                return [own.status_code, other.status_code], [made.json()["state"], other.json()["state"]]

    assert run(act()) == ([403, 200], ["waiting", "on-air"])


def test_an_end_is_taken_back_with_its_approval(tmp_path: Path) -> None:
    """As long as a minute; an uploader ends only what they put themselves and nobody has approved."""

    async def act() -> tuple[list[int], list[str]]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as first, await visit.enter(Role.APPROVER) as second:
                place = f"{PATH}/{(await first.post(PATH, json=SPRING)).json()['id']}"
                await second.post(f"{place}/approve")
                statuses = [(await first.post(f"{place}/end")).status_code]
                statuses += [(await second.post(f"{place}/{act}")).status_code for act in ("end", "undo", "undo")]
                return statuses, [str(each.approved_by) for each in visit.house.airings.all()]

    statuses, approvers = run(act())
    assert (statuses, len(approvers)) == ([403, 200, 200, 409], 1)
    assert approvers != ["None"]


def test_a_form_puts_one_content_on_the_ticked_screens(tmp_path: Path) -> None:
    """Days include the last one, minutes and seconds are an interrupt's turns."""

    async def act() -> tuple[int, dict[str, Any], str]:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.UPLOADER) as page:
                me = (await page.get("/api/v1/me")).json()
                answer = await page.post(PATH, data={**BY_FORM, "csrf": me["csrf"]})
                (made,) = (await page.get(PATH)).json()["airings"]
                return answer.status_code, made, (await page.get("/airings")).text

    status, made, page = run(act())
    assert (status, "오늘부터 11월 30일 월요일까지" in page) == (303, True)
    assert made["content"] == {"wall": "seasons-live", "main": "seasons-live"}
    assert (made["every_s"], made["for_s"], made["days"]) == (600, 30, ["mon"])
    assert (made["start"], made["until"]) == ("2026-11-23T15:00:00+00:00", "2026-11-30T15:00:00+00:00")


def test_only_what_is_approved_may_be_put_on_air(tmp_path: Path) -> None:
    """A picture that nobody has approved is refused, then it goes."""

    async def act() -> list[int]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as person:
            visit.house.airings.shows = visit.shelf.can_show
            came = await person.post("/api/v1/assets", files={"file": ("a.png", b"\x89PNG\r\n\x1a\n")})
            asset = came.json()["asset"]["id"]
            wanted = {**SPRING, "content": {"wall": asset}}
            before = await person.post(PATH, json=wanted)
            await approved(visit, asset)
            return [before.status_code, (await person.post(PATH, json=wanted)).status_code]

    assert run(act()) == [422, 201]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cls": "emergency"}, "api.not-valid"),
        ({"cls": "notice"}, "api.not-valid"),
        ({"until": "2026-11-24T08:00:00+09:00"}, "airings.wrong-end"),
        ({"until": "tomorrow"}, "api.not-valid"),
        ({"content": {}}, "lists.no-surface"),
        ({"content": {"roof": "aquarium-live"}}, "media.no-such-surface"),
        ({"cls": "interrupt", "every_s": 30, "for_s": 20}, "airings.wrong-turns"),
        ({"hours": [{"from": "9"}]}, "api.not-valid"),
        ({"days": ["someday"]}, "api.not-valid"),
        ({"name": ""}, "api.not-valid"),
    ],
)
def test_what_cannot_go_on_air_is_refused(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    """With the mistake named."""

    async def act() -> str:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.UPLOADER) as person:
            return str((await person.post(PATH, json={**SPRING, **change})).json()["code"])

    assert run(act()) == code


def test_a_notice_is_not_ended_here(tmp_path: Path) -> None:
    """Its own page ends what goes along with it; the page of campaigns leads there."""

    async def act() -> tuple[list[str], bool]:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.APPROVER, Role.SUPERVISOR) as person:
            notice = await visit.house.airings.put(
                cls="notice",
                name="태풍",
                content={"wall": "aquarium-live"},
                person="p",
                start=START,
                until=START + timedelta(hours=1),
            )
            place = f"{PATH}/{notice.id}"
            codes = [(await person.post(f"{place}/{act}")).json()["code"] for act in ("approve", "end")]
            return codes, 'href="/notices"' in (await person.get("/airings")).text.partition('id="airings"')[2]

    assert run(act()) == (["lists.notice-page", "lists.notice-page"], True)
