"""Bringing over in the console: looked at first, brought by a button, left without a trace."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from lobby.web.roles import Role
from tests.eventually import eventually
from tests.lobby.web.houses import a_visit, run
from tests.media.exported import anthias, picture, row

pytestmark = pytest.mark.slow

PAGE = "/content/import"


def backup(folder: Path) -> bytes:
    """A picture and a web page."""
    rows = [
        row("a", "봄", "x/a.jpg", play_order=0),
        row("w", "날씨", "https://e.org", mimetype="webpage", play_order=1),
    ]
    return anthias(folder / "x.tar.gz", rows, {"a.jpg": picture()}).read_bytes()


async def sent(browser: httpx.AsyncClient, content: bytes, name: str = "로비 백업.tar.gz") -> httpx.Response:
    """The page's form with a file, as a browser without script sends it."""
    return await browser.post("/api/v1/imports", files={"file": (name, content)}, follow_redirects=False)


def test_a_backup_is_shown_and_then_brought(tmp_path: Path) -> None:
    """What comes and what does not, with its cure; afterwards it is content by its old name, the upload is gone."""

    async def visit() -> None:
        async with a_visit(tmp_path) as here, await here.enter(Role.UPLOADER) as browser:
            assert (await sent(browser, backup(tmp_path))).json() == {"name": "로비 백업", "coming": 1, "of": 2}
            page = (await browser.get(PAGE)).text
            assert "Anthias 백업: 로비 백업" in page
            assert "웹 페이지는 가져오지 않습니다" in page
            assert here.shelf.assets() == ()
            assert (await browser.post("/api/v1/imports/bring", json={})).status_code == 200
            imports = here.house.imports
            assert imports is not None
            await eventually(lambda: imports.current is not None and imports.current.over)
            page = (await browser.get(PAGE)).text
            assert "1개를 가져왔고 1개는 오지 않았습니다" in page
            assert "재생목록 초안: 로비 백업" in page
            assert [asset.title for asset in here.shelf.assets()] == ["봄"]
            assert list(here.house.uploads.iterdir()) == []

    run(visit())


def test_what_was_looked_at_can_be_left(tmp_path: Path) -> None:
    """Nothing is kept, and there is nothing to bring any more."""

    async def visit() -> None:
        async with a_visit(tmp_path) as here, await here.enter(Role.UPLOADER) as browser:
            await sent(browser, backup(tmp_path))
            await browser.post("/api/v1/imports/leave", json={})
            assert list(here.house.uploads.iterdir()) == []
            answer = await browser.post("/api/v1/imports/bring", json={})
            assert (answer.status_code, answer.json()["code"]) == (404, "import.gone")

    run(visit())


def test_another_persons_backup_is_not_mine(tmp_path: Path) -> None:
    """Who looked at it brings it."""

    async def visit() -> None:
        async with a_visit(tmp_path) as here:
            async with await here.enter(Role.UPLOADER) as one, await here.enter(Role.APPROVER) as other:
                await sent(one, backup(tmp_path))
                assert "로비 백업" not in (await other.get(PAGE)).text
                assert (await other.post("/api/v1/imports/bring", json={})).status_code == 404

    run(visit())


def test_rubbish_is_refused_with_words_and_kept_nowhere(tmp_path: Path) -> None:
    """As any file of a stranger."""

    async def visit() -> None:
        async with a_visit(tmp_path) as here, await here.enter(Role.UPLOADER) as browser:
            answer = await sent(browser, b"nothing known" * 100)
            assert (answer.status_code, answer.json()["code"]) == (422, "media.export-unknown")
            assert list(here.house.uploads.iterdir()) == []

    run(visit())
