"""A clock that is wrong at the start or is set while running: said with its cure, hours neither missed nor doubled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lobby.core.site import Display
from lobby.ops.ports import BUILT
from tests.eventually import soon
from tests.scenarios.house import ENVIRONMENT, House, always_open, house
from tests.scenarios.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

DAY_S = 86_400.0
SHIFTED = """
from datetime import timedelta
from pathlib import Path

import lobby.core.clock as clock

told = Path({path!r})
true = clock.SystemClock.now
clock.SystemClock.now = lambda self: true(self) + timedelta(seconds=float(told.read_text() or 0))
"""


class WrongClock:
    """What the controller's wall clock says beside the true time; its steady clock is left alone."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ahead-by-seconds"
        self.set(0)
        (folder / "sitecustomize.py").write_text(SHIFTED.format(path=str(self._path)))

    def set(self, ahead_s: float) -> None:
        """From now on; whole at once, since it is read all the time."""
        beside = self._path.with_suffix(".new")
        beside.write_text(str(ahead_s))
        beside.replace(self._path)


@pytest.fixture
def lobby(tmp_path: Path) -> Iterator[House]:
    """A house whose hours are on all the time."""
    with house(tmp_path, change=always_open) as found:
        yield found


@pytest.fixture
def clock(lobby: House, monkeypatch: pytest.MonkeyPatch) -> WrongClock:
    """The clock of every process that is started from here on: the hardware keeps the true time."""
    folder = lobby.folder / "clock"
    folder.mkdir()
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(folder))
    return WrongClock(folder)


def test_a_clock_from_before_the_build_moves_nothing(lobby: House, clock: WrongClock) -> None:
    """Devices stay dark, bells ring; as soon as the clock is right the hours go on."""
    clock.set((BUILT - timedelta(days=30) - datetime.now(UTC)).total_seconds())
    staff = Staff(lobby)
    staff.reads_words("day.clock-before-build")
    soon(lambda: staff.status()["things"]["display-main"]["reported"] == "off")
    staff.press_goes_through()
    assert staff.status()["documents"]["clock_trusted"] is False
    assert not lobby.shows("display-main")["on"]
    clock.set(0)
    soon(lambda: lobby.shows("display-main")["on"], within_s=20)
    staff.sign_in()
    staff.no_longer_reads("day.clock-before-build")
    staff.press_goes_through()
    staff.nothing_lost()


def test_a_clock_a_day_behind_the_records_moves_nothing(lobby: House, clock: WrongClock) -> None:
    """Yesterday the display was meant to be on; what staff wanted today stays until the clock is right again."""
    staff = Staff(lobby)
    soon(lambda: lobby.shows("display-main")["on"], within_s=20)
    staff.override("main", "off")
    soon(lambda: not lobby.shows("display-main")["on"], within_s=20)
    staff.restart(lambda: clock.set(-DAY_S))
    staff.reads_words("day.clock-before-records")
    soon(lambda: staff.status()["things"]["display-main"]["reported"] == "off")
    assert staff.status()["things"]["display-main"]["desired"] == "on"
    staff.press_goes_through()
    assert not lobby.shows("display-main")["on"]
    clock.set(0)
    staff.sign_in()
    staff.no_longer_reads("day.clock-before-records")
    soon(lambda: staff.status()["things"]["display-main"]["desired"] == "off")
    assert ended(staff.nothing_lost()) == []


def test_a_clock_set_ahead_by_a_day_is_told_and_followed(lobby: House, clock: WrongClock) -> None:
    """The end of a temporary change is reached once, also when the clock is set back; bells ring all the time."""
    staff = Staff(lobby)
    all_on(lobby)
    staff.override("main", "off")
    soon(lambda: staff.status()["things"]["display-main"]["reported"] == "off", within_s=20)
    clock.set(DAY_S)
    soon(lambda: lobby.shows("display-main")["on"], within_s=20)
    staff.sign_in()
    staff.reads_words("day.clock-stepped")
    staff.press_goes_through()
    clock.set(0)
    staff.sign_in()
    staff.no_longer_reads("day.clock-stepped")
    staff.press_goes_through()
    assert lobby.shows("display-main")["on"]
    assert ended(staff.nothing_lost()) == ["expired"]


def test_a_clock_set_back_by_a_day_is_told_and_followed(lobby: House, clock: WrongClock) -> None:
    """What staff want today is not wanted yesterday, and again when the clock is right; bells ring all the time."""
    staff = Staff(lobby)
    all_on(lobby)
    staff.override("main", "off")
    soon(lambda: not lobby.shows("display-main")["on"], within_s=20)
    clock.set(-DAY_S)
    staff.reads_words("day.clock-stepped")
    soon(lambda: lobby.shows("display-main")["on"], within_s=20)
    staff.press_goes_through()
    clock.set(0)
    staff.sign_in()
    staff.no_longer_reads("day.clock-stepped")
    soon(lambda: not lobby.shows("display-main")["on"], within_s=20)
    staff.press_goes_through()
    assert ended(staff.nothing_lost()) == []


def test_a_clock_a_day_ahead_at_the_start_rings_all_the_same(lobby: House, clock: WrongClock) -> None:
    """Nobody can know it then; set right while running it is told, and the press of then is kept."""
    clock.set(DAY_S)
    staff = Staff(lobby)
    staff.press_goes_through()
    clock.set(0)
    staff.reads_words("day.clock-stepped")
    staff.press_goes_through()
    staff.nothing_lost()


def all_on(lobby: House) -> None:
    """Wait for the start to be over."""
    soon(lambda: all(lobby.shows(name)["on"] for name in lobby.site.of(Display)), within_s=30)


def ended(facts: list[dict[str, object]]) -> list[object]:
    """Why temporary changes ended, each time one did."""
    return [fact["payload"]["cause"] for fact in facts if fact["kind"] == "override.ended"]  # type: ignore[index]
