"""What a machine can show pictures by, found out without risking the player."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from media.player.probe import Trial, tried
from media.player.screen import NoDisplay, opened
from tests.bench.films import display


@pytest.mark.parametrize(
    ("said", "hardware"),
    [
        ("Mesa Intel(R) UHD Graphics 770 (ADL-S GT1)", True),
        ("AMD Radeon Graphics (radeonsi, renoir)", True),
        ("llvmpipe (LLVM 15.0.6, 256 bits)", False),
        ("softpipe", False),
        ("", False),
    ],
)
def test_only_a_graphics_card_is_hardware(said: str, hardware: bool) -> None:
    """OpenGL that the processor draws is slower than no OpenGL."""
    assert Trial(driver="x11", opened=True, gl=said).hardware is hardware


@pytest.mark.slow
def test_driver_that_ends_its_process_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A trial that is killed by its driver is one way that does not open, and nothing more."""
    (tmp_path / "sitecustomize.py").write_text("import os\nif os.environ.get('SDL_VIDEODRIVER'): os.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    trial = tried("x11", (64, 64))
    assert not trial.opened
    assert trial.why


@pytest.mark.slow
def test_way_that_is_not_there_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """No X server: the words of SDL, for the trial and for a player that is told to use it."""
    monkeypatch.setenv("DISPLAY", ":4711")
    assert "x11" in tried("x11", (64, 64)).why
    code = "from media.player.screen import opened\nwith opened(headless=False, driver='x11'): pass"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "NoDisplay: x11: " in done.stderr


@pytest.mark.slow
def test_way_that_is_there_says_its_screens_and_who_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """An X server of this machine without a card: a window as large as the wall opens, Mesa's software draws."""
    with display("640x480x24") as name:
        monkeypatch.setenv("DISPLAY", name)
        trial = tried("x11", (7560, 1920))
    assert (trial.opened, trial.outputs, trial.hardware) == (True, ((640, 480),), False)


def test_without_a_screen_a_window_opens_all_the_same() -> None:
    """Headless asks no driver."""
    with opened(headless=True, driver="x11") as screen:
        assert screen.surface.get_size() == (64, 64)
    assert issubclass(NoDisplay, Exception)
