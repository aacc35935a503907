"""The pages in the real app, behind the real gate."""

from __future__ import annotations

from pathlib import Path

from lobby.web.roles import Role
from tests.lobby.web.houses import a_visit
from tests.running import run


def test_every_page_stands_behind_the_gate(tmp_path: Path) -> None:
    """A signed-in person reads Today and help; anybody the visitors' pages; a stranger is led to sign in."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.SUPERVISOR) as staff:
                for path in ("/", "/help", "/help/bell", "/kiosk", "/now"):
                    assert (await staff.get(path)).status_code == 200, path
            async with visit.go() as stranger:
                assert (await stranger.get("/kiosk?page=map")).status_code == 200
                assert (await stranger.get("/static/console.js")).status_code == 200
                assert (await stranger.get("/")).headers["location"].startswith("/sign-in")

    run(play())


def test_a_wrong_password_is_told_in_words(tmp_path: Path) -> None:
    """The sign-in form comes back with what went wrong and what to do, and keeps the name."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, visit.go() as stranger:
            await visit.hire(Role.GUARD)
            form = {"account": "kim0", "password": "not this one", "next": "/"}
            page = await stranger.post("/sign-in", data=form, follow_redirects=True)
            assert 'role="alert"' in page.text
            assert 'value="kim0"' in page.text

    run(play())


def test_a_change_by_a_form_is_shown(tmp_path: Path) -> None:
    """Extending the desk without script leads back to a page that shows the change with its end and who made it."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit:
            async with await visit.enter(Role.DESK) as staff:
                token = (await staff.get("/api/v1/me")).json()["csrf"]
                until = visit.house.clock.now().replace(microsecond=0)
                form = {"csrf": token, "value": "open", "until": f"{until:%Y-%m-%d}T23:59:00+00:00", "reason": "<b>"}
                page = await staff.post("/api/v1/things/civil-desk/overrides", data=form, follow_redirects=True)
                assert "1건" in page.text
                assert "<b>" not in page.text

    run(play())
