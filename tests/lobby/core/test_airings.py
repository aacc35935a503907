"""What lies above the base: approved by a second person, stronger classes on top, gone at its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lobby.core.airings import AIRINGS, Airing, Airings
from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Journal
from lobby.core.problem import Refusal
from tests.lobby.core.galleries import NOON, SITE
from tests.running import run

HOUR = timedelta(hours=1)


@asynccontextmanager
async def on_air(path: Path = MEMORY) -> AsyncIterator[Airings]:
    """Loaded airings."""
    async with Journal.open(path, clock=VirtualClock(NOON), projections=(AIRINGS,)) as journal:
        found = Airings(journal, SITE)
        await found.load()
        yield found


async def put(found: Airings, **changes: Any) -> Airing:
    """A campaign on the wall for an hour, or with these changes."""
    usual: dict[str, Any] = {"cls": "campaign", "name": "봄 기획", "content": {"wall": "guide"}, "start": NOON}
    return await found.put(**{**usual, "until": NOON + HOUR, "person": "p1", **changes})


def test_a_campaign_is_on_air_once_another_person_approved_it(tmp_path: Path) -> None:
    """Until then it waits; afterwards it holds between its ends, also after a restart."""

    async def play() -> None:
        async with on_air(tmp_path / "journal.db") as found:
            waiting = await put(found)
            assert found.current(NOON) == ()
            with pytest.raises(Refusal, match=r"airings.own"):
                await found.approve(waiting.id, person="p1")
            await found.approve(waiting.id, person="p2")
        async with on_air(tmp_path / "journal.db") as found:
            assert [each.approved_by for each in found.current(NOON + HOUR / 2)] == ["p2"]
            assert found.current(NOON + HOUR) == ()

    run(play())


def test_the_strongest_comes_last() -> None:
    """Interrupt, campaign, notice, emergency."""

    async def play() -> None:
        async with on_air() as found:
            turns = {"every_s": 600, "for_s": 30}
            for cls, more in (("emergency", {}), ("campaign", {}), ("notice", {}), ("interrupt", turns)):
                await put(found, cls=cls, approved=True, **more)
            assert [each.cls for each in found.current(NOON)] == ["interrupt", "campaign", "notice", "emergency"]

    run(play())


def test_what_is_over_is_written_down_once() -> None:
    """Whoever ended it, or the clock."""

    async def play() -> None:
        async with on_air() as found:
            first, second = await put(found, approved=True), await put(found, approved=True)
            await found.end(first.id, person="p2")
            await found.expire(NOON + HOUR)
            await found.expire(NOON + HOUR)
            assert found.all() == ()
            with pytest.raises(Refusal, match=r"airings.unknown"):
                await found.end(second.id, person="p2")

    run(play())


def test_the_clock_passes_over_what_somebody_ends_at_the_same_moment(tmp_path: Path) -> None:
    """A person was quicker than the clock: it is written down once."""

    async def play() -> None:
        async with on_air(tmp_path / "journal.db") as found:
            _, second = await put(found, approved=True), await put(found, approved=True)
            await asyncio.gather(found.expire(NOON + HOUR), found.end(second.id, person="p2"))
            assert found.all() == ()

    run(play())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "airings.not-valid"),
        ({"content": {}}, "media.no-such-surface"),
        ({"content": {"roof": "guide"}}, "media.no-such-surface"),
        ({"until": NOON}, "airings.wrong-end"),
        ({"cls": "emergency", "until": NOON + 25 * HOUR}, "airings.wrong-end"),
        ({"cls": "interrupt"}, "airings.wrong-turns"),
        ({"cls": "interrupt", "every_s": 40, "for_s": 30}, "airings.wrong-turns"),
        ({"every_s": 600, "for_s": 30}, "airings.wrong-turns"),
        ({"content": {"wall": "nothing"}}, "airings.nothing-to-show"),
    ],
)
def test_an_airing_that_cannot_be_is_refused_with_words(changes: dict[str, Any], code: str) -> None:
    """Nothing of it is written."""

    async def play() -> None:
        async with on_air() as found:
            found.shows = lambda _surface, content: content != "nothing"
            with pytest.raises(Refusal, match=code):
                await put(found, **changes)
            assert found.all() == ()

    run(play())
