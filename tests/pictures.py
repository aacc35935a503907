"""The README's pictures: a real lobby is started, its console and its wall are looked at. `make pictures`."""

from __future__ import annotations

import io
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from media.art.samples import SAMPLES
from tests.eventually import soon
from tests.scenarios.house import PASSWORD, Process, Running

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


def main() -> None:
    """Draw the wall, start a lobby, photograph its pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    keep(wall(), "wall")
    with tempfile.TemporaryDirectory() as folder:
        process = Process("--data", f"{folder}/data", "run", "--simulate", log=Path(folder) / "log")
        try:
            photograph(Running(process, Path(folder) / "data"))
        finally:
            process.stop()


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
        soon(lambda: _previews(admin.ask("GET", "/api/v1/status")[1]), within_s=90)
        time.sleep(6)
        keep(_shot(page.screenshot()), "console")
        _kiosk(browser, lobby.url)
        browser.close()


def keep(picture: Image.Image, name: str) -> None:
    """Save small enough for a repository."""
    path = FOLDER / f"{name}.png"
    colours = 256
    picture.convert("RGB").quantize(colours, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
    assert path.stat().st_size < LARGEST_BYTES, f"{path} is {path.stat().st_size} bytes"


def _previews(status: dict[str, dict[str, dict[str, object]]]) -> bool:
    return bool(status["documents"].get("players"))


def _shot(png: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(png))
    return picture.resize((picture.width * 2 // 3, picture.height * 2 // 3), Image.Resampling.LANCZOS)


def _kiosk(browser: Browser, url: str) -> None:
    page = browser.new_page(viewport={"width": 1080, "height": 1920}, locale="ko-KR")
    page.goto(f"{url}/kiosk")
    keep(Image.open(io.BytesIO(page.screenshot())).resize((540, 960), Image.Resampling.LANCZOS), "kiosk")


if __name__ == "__main__":
    main()
