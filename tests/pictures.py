"""The README's pictures: a real lobby is started, its console and its wall are looked at. `make pictures`."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from media.art.samples import SAMPLES
from tests.eventually import soon
from tests.scenarios.house import PASSWORD, SITES, Process, Running

FOLDER = Path(__file__).parents[1] / "lobby" / "web" / "help" / "pictures"
BROWSER = "/usr/bin/chromium"
BROWSER_WORDS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WALL = (
    "seoul-today",
    "city-paris",
    "city-new-york",
    "city-london",
    "city-tokyo",
    "city-beijing",
    "city-istanbul",
)
LARGEST_BYTES = 400_000
NOW = partial(datetime.now, UTC)


def main() -> None:
    """Draw the wall, start a lobby, photograph its pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    keep(wall(), "wall")
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site.toml"
        site.write_text((SITES / "seoul-city-hall.toml").read_text().replace("Asia/Seoul", zone_at_work(NOW())))
        words = ("--site", str(site), "--data", f"{folder}/data", "run", "--simulate")
        process = Process(*words, log=Path(folder) / "log")
        try:
            photograph(Running(process, Path(folder) / "data"))
        finally:
            process.stop()


def zone_at_work(now: datetime) -> str:
    """A zone in which it is as near as can be to eleven on a weekday morning, so that the lobby is open."""

    def off_hours(offset: int) -> tuple[bool, float]:
        local = now + timedelta(hours=offset)
        return local.weekday() >= 5, abs(local.hour + local.minute / 60 - 11)

    best = min(range(-12, 15), key=off_hours)
    return f"Etc/GMT{-best:+d}" if best else "Etc/GMT"


def wall() -> Image.Image:
    """Seven panels side by side with the true gaps."""
    width, height, gap = 200, 356, 12
    sheet = Image.new("RGB", (7 * width + 8 * gap, height + 2 * gap), "#26282b")
    for place, name in enumerate(WALL):
        sheet.paste(SAMPLES[name](1080, 1920).resize((width, height)), (gap + place * (width + gap), gap))
    return sheet


def photograph(lobby: Running) -> None:
    """The console with everything calm, then with a bell, and the kiosk."""
    admin = lobby.admin()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=BROWSER_WORDS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080}, locale="ko-KR")
        page.goto(f"{lobby.url}/sign-in")
        page.fill("input[name=account]", "admin")
        page.fill("input[name=password]", PASSWORD)
        page.click("button[type=submit]")
        soon(lambda: _settled(admin.ask("GET", "/api/v1/status")[1]), within_s=90)
        page.wait_for_selector("text=이상 없음", timeout=60_000)
        page.wait_for_timeout(4000)  # the previews of the last fade
        keep(_shot(page.screenshot()), "console")
        _kiosk(browser, lobby.url)
        browser.close()


def keep(picture: Image.Image, name: str) -> None:
    """Save small enough for a repository."""
    path = FOLDER / f"{name}.jpg"
    picture.convert("RGB").save(path, quality=88, subsampling=0, optimize=True)
    assert path.stat().st_size < LARGEST_BYTES, f"{path} is {path.stat().st_size} bytes"


def _settled(status: dict[str, dict[str, dict[str, object]]]) -> bool:
    surfaces = [thing for thing in status["things"].values() if thing["kind"] == "surface"]
    return all(thing["reported"] == thing["desired"] for thing in surfaces)


def _shot(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    return picture.resize((picture.width * 2 // 3, picture.height * 2 // 3), Image.Resampling.LANCZOS)


def _kiosk(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport={"width": 1080, "height": 1920}, locale="ko-KR")
    page.goto(f"{url}/kiosk")
    keep(Image.open(io.BytesIO(page.screenshot())).resize((540, 960), Image.Resampling.LANCZOS), "kiosk")


if __name__ == "__main__":
    main()
