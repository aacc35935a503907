"""A year's public holidays put into the running lobby: in effect without a restart, and after a kill."""

from __future__ import annotations

import signal
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from schedules import korea
from tests.lobby.ops.test_calendars import with_one_more_day
from tests.scenarios.house import Running, house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_a_file_put_into_the_running_lobby_holds_at_once_and_after_a_kill(tmp_path: Path) -> None:
    """The programme of the screen is dark on the new holiday; SIGKILL loses nothing of it."""
    year = datetime.now(UTC).year + 1
    text, day = with_one_more_day(year)
    (tmp_path / "next.toml").write_text(text, encoding="utf-8")
    with house(tmp_path, site="small-office") as lobby:
        running = lobby.start()
        assert korea().name(day) is None
        assert "open" in values(running, day)
        put = lobby.process("calendar", "put", str(tmp_path / "next.toml"), log="put.log")
        put.said(f"{year}")
        assert put.popen.wait(20) == 0
        assert values(running, day) == {"closed"}
        assert not shows_anything(running, day)
        assert shows_anything(running, day + timedelta(days=1))
        running.process.stop(signal.SIGKILL)
        again = lobby.start()
        assert values(again, day) == {"closed"}


def values(running: Running, day: date) -> set[str]:
    """What the desk is on a day, by the plan that staff read."""
    query = f"/api/v1/plan?from={day}&to={day + timedelta(days=1)}"
    status, plan = running.admin().ask("GET", query)
    assert status == 200, plan
    return {row["value"] for row in plan["rows"] if row["thing"] == "office-desk"}


def shows_anything(running: Running, day: date) -> bool:
    """Whether the counter's screen plays anything on a day, by the programme compiled for its player."""
    answer = running.order("programme", player="office-player", at=f"{day}T00:00:00+09:00")
    intervals = answer["programme"]["surfaces"]["counter-screen"]["intervals"]
    begins, ends = (datetime.fromisoformat(f"{each}T00:00:00+09:00") for each in (day, day + timedelta(days=1)))
    return any(
        datetime.fromisoformat(start) < ends and datetime.fromisoformat(end) > begins
        for start, end, playlist, *_ in intervals
        if playlist is not None
    )
