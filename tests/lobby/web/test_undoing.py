"""The desk extended by one touch: what else changes is told first, and ten seconds later it can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lobby.core.clock import VirtualClock
from lobby.web.roles import Role
from tests.lobby.web.houses import a_visit
from tests.lobby.web.pages.standin import stand_in
from tests.lobby.web.pages.test_pages import get
from tests.running import run

EVENING = datetime(2026, 11, 24, 11, 41, tzinfo=UTC)  # Tuesday, 20:41 in Seoul
CLOSING = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
PATH = "/api/v1/things/civil-desk/overrides"


def extension(minutes: int, **more: str) -> dict[str, str]:
    """So many minutes longer."""
    until = CLOSING + timedelta(minutes=minutes)
    return {"value": "evening", "until": until.isoformat(), "reason": "queue", **more}


def test_what_else_changes_is_told_before() -> None:
    """Room, sign, lights and the kiosk's words follow; the LED's guidance does not, and may be asked to."""
    text = get(stand_in(), "/", roles=frozenset({Role.DUTY})).text
    assert "민원실 조명: 21:00 → 21:30까지 켜짐" in text
    assert "민원상담실: 21:00 → 21:30까지" in text
    assert "→ ‘열려 있습니다 · 오늘 저녁 9시 30분까지 (21:30)’" in text
    assert "안내데스크 LED: 야간민원실 안내, 21:00에 꺼집니다." in text
    assert 'name="along-desk-led"' in text


def test_the_desk_is_not_offered_the_wall() -> None:
    """Desk staff read that the LED does not follow, but change their desk only."""
    text = get(stand_in(), "/", roles=frozenset({Role.DESK})).text
    assert "21:00에 꺼집니다." in text
    assert "along-" not in text


def test_an_extension_takes_the_led_along_and_undoing_ends_both(tmp_path: Path) -> None:
    """One act, one undo."""

    async def play() -> None:
        clock = VirtualClock(EVENING)
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.DUTY) as lead:
            form = extension(30, **{"along-desk-led": "evening-guide"})
            made = (await lead.post(PATH, json=form)).json()
            active = visit.house.overrides.active(clock.now())
            assert sorted(one.thing for one in active) == ["civil-desk", "desk-led"]
            await lead.post(f"{PATH}/{made['id']}/undo", json={})
            assert visit.house.overrides.active(clock.now()) == ()

    run(play())


def test_undoing_puts_back_what_was_there_before(tmp_path: Path) -> None:
    """After 15 and then 30 minutes more, undoing leaves the 15."""

    async def play() -> None:
        clock = VirtualClock(EVENING)
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.DESK) as staff:
            await staff.post(PATH, json=extension(15))
            second = (await staff.post(PATH, json=extension(30))).json()
            await staff.post(f"{PATH}/{second['id']}/undo", json={})
            (left,) = visit.house.overrides.active(clock.now())
            assert left.until == CLOSING + timedelta(minutes=15)

    run(play())


def test_it_is_too_late_after_a_minute(tmp_path: Path) -> None:
    """Then the temporary change is ended where they all stand."""

    async def play() -> None:
        clock = VirtualClock(EVENING)
        async with a_visit(tmp_path, clock=clock) as visit, await visit.enter(Role.DESK) as staff:
            made = (await staff.post(PATH, json=extension(15))).json()
            await clock.advance(61)
            late = await staff.post(f"{PATH}/{made['id']}/undo", json={})
            assert (late.status_code, late.json()["code"]) == (409, "work.undo-late")

    run(play())


def test_without_script_the_page_says_what_was_done_and_takes_it_back(tmp_path: Path) -> None:
    """The form leads to a page with the undo; that form leads back."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(EVENING)) as visit, await visit.enter(Role.DESK) as staff:
            csrf = (await staff.get("/api/v1/me")).json()["csrf"]
            page = await staff.post(PATH, data=extension(30, csrf=csrf), follow_redirects=True)
            assert "열린민원실: 21:30까지 바꾸었습니다" in page.text
            (made,) = visit.house.overrides.active(EVENING)
            await staff.post(f"{PATH}/{made.id}/undo", data={"csrf": csrf})
            assert visit.house.overrides.active(EVENING) == ()

    run(play())


def test_going_back_to_the_plan_is_taken_back_too(tmp_path: Path) -> None:
    """With its end, its reason and whoever set it; by a form as well, and once."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(EVENING)) as visit, await visit.enter(Role.DESK) as staff:
            csrf = (await staff.get("/api/v1/me")).json()["csrf"]
            made = (await staff.post(PATH, json=extension(30))).json()
            page = await staff.post(f"{PATH}/{made['id']}/end", data={"csrf": csrf}, follow_redirects=True)
            assert "열린민원실을 예정대로 되돌렸습니다." in page.text
            assert visit.house.overrides.active(EVENING) == ()
            await staff.post(f"{PATH}/{made['id']}/undo", data={"csrf": csrf})
            (again,) = visit.house.overrides.active(EVENING)
            assert (again.until, again.reason) == (CLOSING + timedelta(minutes=30), "queue")
            assert (await staff.post(f"{PATH}/{made['id']}/undo", json={})).status_code == 409

    run(play())


def test_what_somebody_has_changed_again_is_left_to_them(tmp_path: Path) -> None:
    """An old change does not come back over a newer one."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(EVENING)) as visit, await visit.enter(Role.DESK) as staff:
            made = (await staff.post(PATH, json=extension(30))).json()
            await staff.post(f"{PATH}/{made['id']}/end", json={})
            await staff.post(PATH, json=extension(15))
            assert (await staff.post(f"{PATH}/{made['id']}/undo", json={})).status_code == 409
            (left,) = visit.house.overrides.active(EVENING)
            assert left.until == CLOSING + timedelta(minutes=15)

    run(play())


def test_desk_staff_cannot_take_a_screen_along(tmp_path: Path) -> None:
    """Nothing of the act is done."""

    async def play() -> None:
        async with a_visit(tmp_path, clock=VirtualClock(EVENING)) as visit, await visit.enter(Role.DESK) as staff:
            answer = await staff.post(PATH, json=extension(30, **{"along-wall": "off"}))
            assert answer.status_code == 403
            assert visit.house.overrides.active(EVENING) == ()

    run(play())
