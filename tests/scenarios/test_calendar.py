"""A year's public holidays put into the running lobby: in effect without a restart, and after a kill."""

from __future__ import annotations

import signal
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from schedules import korea
from tests.eventually import soon
from tests.scenarios.house import Running, Visitor, house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SEOUL = ZoneInfo("Asia/Seoul")
ONE_DAY = timedelta(days=1)
PLAYER = "office-player"


def test_a_file_put_into_the_running_lobby_holds_at_once_and_after_a_kill(tmp_path: Path) -> None:
    """Plan and the player's own programme are dark on the new holiday; SIGKILL loses nothing of it."""
    day = coming_working_day()
    temporary = f'\n[[holiday]]\ndate = {day}\nname = "임시공휴일"\nkind = "temporary"\n'
    (tmp_path / "year.toml").write_text(korea().year(day.year).file("KR") + temporary, encoding="utf-8")
    with house(tmp_path, site="small-office") as lobby:
        running = lobby.start()
        player = player_of(running)
        soon(lambda: plays(player, day), within_s=20)
        assert "open" in values(running, day)
        put = lobby.process("calendar", "put", str(tmp_path / "year.toml"), log="put.log")
        put.said(str(day.year))
        assert put.popen.wait(20) == 0
        assert values(running, day) == {"closed"}
        soon(lambda: not plays(player, day))
        running.process.stop(signal.SIGKILL)
        again = lobby.start()
        assert values(again, day) == {"closed"}


def coming_working_day() -> date:
    """The first one from the day after tomorrow on."""
    today = datetime.now(SEOUL).date()
    days = [today + timedelta(days=ahead) for ahead in range(2, 20)]
    return next(day for day in days if day.weekday() < 5 and korea().name(day) is None)


def player_of(running: Running) -> Visitor:
    """Who asks for programmes as the office's player does."""
    player = running.visitor()
    token = running.order("token-create", role="player", player=PLAYER)["token"]
    player.headers["Authorization"] = f"Bearer {token}"
    return player


def values(running: Running, day: date) -> set[str]:
    """What the desk is on a day, by the plan that staff read."""
    status, plan = running.admin().ask("GET", f"/api/v1/plan?from={day}&to={day + ONE_DAY}")
    assert status == 200, plan
    return {row["value"] for row in plan["rows"] if row["thing"] == "office-desk"}


def plays(player: Visitor, day: date) -> bool:
    """Whether the counter's screen has anything to show on a day, by the programme that its player is given."""
    status, programme = player.ask("GET", f"/api/v1/programmes/{PLAYER}")
    intervals = programme["surfaces"]["counter-screen"]["intervals"] if status == 200 else ()
    begins, ends = (datetime(each.year, each.month, each.day, tzinfo=SEOUL) for each in (day, day + ONE_DAY))
    return any(
        datetime.fromisoformat(start) < ends and datetime.fromisoformat(end) > begins
        for start, end, playlist, *_ in intervals
        if playlist is not None
    )
