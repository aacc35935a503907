"""Uploads on a real lobby: they survive a killed controller; the command line shows its progress and follows."""

from __future__ import annotations

import hashlib
import io
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright

from lobby.core.site import Site
from tests.eventually import soon
from tests.scenarios.house import Visitor, house, without_pictures

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

PIECE = 512 * 1024
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATH = "/api/v1/uploads"


def noise(height: int = 1000) -> bytes:
    """A picture of some megabytes."""
    into = io.BytesIO()
    Image.frombytes("RGB", (1080, height), os.urandom(1080 * height * 3)).save(into, "PNG", compress_level=0)
    return into.getvalue()


def test_an_upload_survives_a_killed_controller(tmp_path: Path) -> None:
    """SIGKILL in the middle: the controller that starts again knows what was durable, and the rest makes it whole."""
    data = noise()
    with house(tmp_path) as lobby:
        running = lobby.start()
        admin = running.admin()
        status, begun = admin.ask("POST", PATH, {"name": "noise.png", "length": len(data)})
        assert status == 201
        place = f"{PATH}/{begun['id']}"
        for offset in range(0, 3 * PIECE, PIECE):
            sent(admin, place, offset, data[offset : offset + PIECE])
        running.process.stop(signal.SIGKILL)
        again = lobby.start()
        admin = again.visitor()
        admin.sign_in("admin")
        offset = int(admin.raw("HEAD", place)[2]["Upload-Offset"] or -1)
        assert offset == 3 * PIECE
        sent(admin, place, offset, data[offset:])
        soon(lambda: admin.ask("GET", place)[1]["stage"] == "taken", within_s=30)
        assert admin.ask("GET", place)[1]["asset"] == hashlib.sha256(data).hexdigest()
        soon(lambda: [path.suffix for path in (lobby.data / "uploads").iterdir()] == [".json"])


def sent(visitor: Visitor, place: str, offset: int, piece: bytes) -> None:
    """A piece, taken."""
    headers = {"Content_Type": "application/offset+octet-stream", "Upload_Offset": str(offset)}
    status, answer, _ = visitor.raw("PATCH", place, piece, **headers)
    assert status == 204, answer


def test_the_command_line_says_what_became_of_each_file(tmp_path: Path) -> None:
    """A folder's files are taken in one by one: what waits says what it lacks, what is refused says why."""
    brought = tmp_path / "brought"
    brought.mkdir()
    Image.new("RGB", (1080, 1920), (90, 40, 180)).save(brought / "가을.png")
    (brought / "text.png").write_bytes(b"no picture")
    with house(tmp_path) as lobby:
        running = lobby.start()
        done = lobby.process("media", "add", str(brought), "--surface", "wall", log="media.log")
        assert done.popen.wait(60) == 1
        done.said(r"Checking pictures \(2/2\)")
        done.said("가을: waiting .* descriptions: ko, en")
        again = lobby.process("media", "add", str(brought / "가을.png"), "--ko", "산", log="again.log")
        again.said("가을: This file is here already and waits for approval.")
        assert again.popen.wait(20) == 0
        assert "neither a picture nor a film" in (lobby.folder / "media.log").read_text()
        assets = running.admin().ask("GET", "/api/v1/assets")[1]["assets"]
        assert [(each["title"], each["record"]["by"]) for each in assets] == [("가을", "command-line")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


def test_a_browser_goes_on_after_a_broken_line_and_after_a_reload(tmp_path: Path, browser: Browser) -> None:
    """Several files with their bars; one breaks and goes on by itself, one goes on after the page was loaded again."""
    small, large = tmp_path / "작은 그림.png", tmp_path / "큰 그림.png"
    Image.new("RGB", (1080, 1920), (90, 40, 180)).save(small)
    large.write_bytes(noise(2600))
    with house(tmp_path) as lobby:
        # The browser's loop lives in this thread, so whoever asks the lobby by its line has another.
        with ThreadPoolExecutor(1) as hands:
            running = hands.submit(lobby.start).result()
            admin = hands.submit(running.admin).result()
        with looking(browser, running.url, admin) as page:
            cut = Line(page, let_through=1)
            page.set_input_files("#bring [name=file]", [small, large])
            page.click("#bring button.main")
            page.get_by_text("연결이 끊겨 다시 잇는 중").wait_for()
            page.reload()
            page.get_by_text("같은 파일을 다시 고르면 이어서 올립니다").wait_for()
            cut.mend()
            page.set_input_files("#bring [name=file]", [large])
            page.click("#bring button.main")
            page.locator("#arrivals li", has_text="큰 그림.png").get_by_text("받았습니다").wait_for(timeout=30_000)
            assert cut.offsets[-1] > cut.offsets[0]
            assert cut.mended_at > 0
            page.locator("#arrivals li", has_text="큰 그림.png").get_by_role("link").click()
            page.get_by_role("heading", name="큰 그림").wait_for()
            page.set_viewport_size({"width": 360, "height": 740})
            for path in (page.url, f"{running.url}/content", f"{running.url}/batches"):
                page.goto(path)
                assert page.evaluate("document.documentElement.scrollWidth") == 360, path


def test_what_is_refused_stands_beside_its_file_while_the_others_go_on(tmp_path: Path, browser: Browser) -> None:
    """A folder and a file are dropped together; what was refused is still told after a reload, until it is cleared."""
    folder = tmp_path / "가을 기획전"
    (folder / "속 폴더").mkdir(parents=True)
    for number, path in enumerate((folder / "하나.png", folder / "속 폴더" / "둘.png", tmp_path / "셋.png")):
        Image.new("RGB", (540, 960), (90, 40, number)).save(path)
    (folder / "망가진 그림.png").write_bytes(b"no picture")
    (folder / "포스터.psd").write_bytes(b"8BPS")
    (folder / "Thumbs.db").write_bytes(b"x")
    with house(tmp_path) as lobby:
        with ThreadPoolExecutor(1) as hands:
            running = hands.submit(lobby.start).result()
            admin = hands.submit(running.admin).result()
        with looking(browser, running.url, admin) as page:
            page.context.set_offline(True)
            drop(page, folder, tmp_path / "셋.png")
            page.get_by_text("연결이 끊겨 다시 잇는 중").first.wait_for()
            page.context.set_offline(False)
            page.get_by_text("5개 가운데 3개 받음 · 2개 받지 못함").wait_for(timeout=30_000)
            said = dict(line.split("\n", 1) for line in page.locator("#arrivals li").all_inner_texts())
            assert {name for name, word in said.items() if "받았습니다" in word} == {"하나.png", "둘.png", "셋.png"}
            assert "'.psd' 파일은 받지 않습니다" in said["포스터.psd"]
            page.reload()
            page.locator("#arrivals li", has_text="망가진 그림.png").get_by_text(
                "사진이나 영상 파일이 아닙니다"
            ).wait_for()
            with page.expect_response(lambda answer: answer.request.method == "DELETE"):
                page.get_by_role("button", name="끝난 것 목록에서 지우기").click()
            with page.expect_response("**/api/v1/uploads"):
                page.reload()
            assert page.locator("#arrivals li").count() == 0


def test_a_file_of_another_batch_is_told_where_it_is_brought_again(tmp_path: Path, browser: Browser) -> None:
    """On its line as soon as it is through, and in the second batch's list with the first one's name."""
    picture = tmp_path / "가을.png"
    Image.new("RGB", (540, 960), (90, 40, 1)).save(picture)
    with house(tmp_path) as lobby:
        with ThreadPoolExecutor(1) as hands:
            running = hands.submit(lobby.start).result()
            admin = hands.submit(running.admin).result()
            pages = [
                hands.submit(admin.ask, "POST", "/api/v1/batches", {"name": name}).result()[1]["page"]
                for name in ("12월 전시", "다시")
            ]
        with looking(browser, running.url, admin) as page:
            for path, words in zip(pages, ("받았습니다", "'12월 전시' 묶음에서 작성 중입니다."), strict=True):
                page.goto(f"{running.url}{path}")
                page.set_input_files("#bring [name=file]", [picture])
                page.click("#bring button.main")
                page.locator("#arrivals li").get_by_text(words).wait_for(timeout=30_000)
            page.reload()
            page.locator("#lines").get_by_text("이미 있음").wait_for()
            page.goto(f"{running.url}{pages[0]}")
            assert page.locator("#lines").get_by_text("이미 있음").count() == 0


def drop(page: Page, *paths: Path) -> None:
    """Let go of files and folders over the place for them, as a person's hand does."""
    box = page.locator("[data-drop]").bounding_box()
    assert box is not None
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    hand = page.context.new_cdp_session(page)
    for moved in ("dragEnter", "dragOver", "drop"):
        place = {"type": moved, "x": box["x"] + 40, "y": box["y"] + 20, "data": data}
        hand.send("Input.dispatchDragEvent", place)


class Line:
    """The line of a page's uploads: after some large pieces it is cut for more, until somebody mends it."""

    def __init__(self, page: Page, *, let_through: int) -> None:
        self._left = let_through
        self._cut = True
        self.offsets: list[int] = []
        self.mended_at = 0
        page.route("**/api/v1/uploads/*", self._pass)

    def mend(self) -> None:
        """Everything goes through again."""
        self._cut = False

    def _pass(self, route: Route) -> None:
        request = route.request
        if request.method != "PATCH":
            route.continue_()
            return
        offset = int(request.headers["upload-offset"])
        self.offsets.append(offset)
        if not self._cut and not self.mended_at:
            self.mended_at = offset
        small = len(request.post_data_buffer or b"") <= PIECE
        if not self._cut or small or (offset == 0 and self._left > 0):
            self._left -= 0 if small else 1
            route.continue_()
        else:
            route.abort()


@contextmanager
def looking(browser: Browser, url: str, visitor: Visitor) -> Iterator[Page]:
    """The content page of a person; a mistake in a script fails the test."""
    wrong: list[str] = []
    context = browser.new_context(locale="ko-KR")
    name, _, value = visitor.cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": url}])
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{url}/content")
    yield page
    context.close()
    assert wrong == []


def always_shut(site: Site) -> Site:
    """The same site, dark all year."""
    shut = {"weekly": (), "public_holiday": None, "seasons": (), "special_days": ()}
    hours = {name: one.model_copy(update=shut) for name, one in site.hours.items()}
    return without_pictures(site.model_copy(update={"hours": hours}))


def test_a_draft_stands_on_the_real_glass_outside_hours_until_it_is_ended(tmp_path: Path) -> None:
    """Nobody has approved it: the dark wall shows it on every panel, and is dark again; /now never names it."""
    picture = tmp_path / "초안.png"
    Image.linear_gradient("L").resize((1080, 1920)).convert("RGB").save(picture)
    with house(tmp_path, change=always_shut) as lobby:
        running = lobby.start()
        admin = running.admin()
        lobby.player(running)
        lobby.process("media", "add", str(picture), "--surface", "wall", log="media.log").said("초안: waiting")
        (asset,) = admin.ask("GET", "/api/v1/assets")[1]["assets"]
        soon(lambda: "wall-1" in glass(admin), within_s=30)
        assert glass(admin)["wall-1"] is None
        status, begun = admin.ask("POST", f"/api/v1/assets/{asset['id']}/test", {"surface": "wall", "minutes": 5})
        assert status == 201, begun
        shown = set(asset["renditions"].values())
        soon(lambda: all(glass(admin)[f"wall-{n}"] in shown for n in range(1, 8)), within_s=20)
        assert "초안" not in admin.raw("GET", "/now")[1].decode()
        assert admin.ask("POST", f"/api/v1/test-displays/{begun['id']}/end", {})[0] == 200
        soon(lambda: glass(admin)["wall-1"] is None, within_s=20)


def glass(admin: Visitor) -> dict[str, str | None]:
    """What the player says stands on each panel."""
    documents = admin.ask("GET", "/api/v1/status")[1]["documents"]
    panels: dict[str, str | None] = documents.get("players", {}).get("lobby-player", {}).get("panels", {})
    return panels
