"""Short rehearsals with a hand in them: what the journal holds of a few minutes or days."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lobby.core.journal import Entry
from lobby.core.site import Bell, Site
from lobby.core.sitefile import read
from lobby.ops.rehearsal.stage import Stage, in_virtual_time, staged

SITES = Path(__file__).parents[4] / "lobby" / "sites"
EVENING = datetime(2026, 11, 24, 8, 55, tzinfo=UTC)  # a Tuesday in Seoul: the desk goes into its evening at 18:00

Act = Callable[[Stage], Awaitable[object]]
Told = tuple[str, str, tuple[tuple[str, Any], ...]]


def seoul_hall(*, bell_poll_s: float = 1.0) -> Site:
    """The sample site; its wired bell is asked less often, which is what costs time on the wire."""
    site = read(SITES / "seoul-city-hall.toml")
    things = {
        name: thing.model_copy(update={"poll_s": bell_poll_s}) if isinstance(thing, Bell) else thing
        for name, thing in site.things.items()
    }
    return site.model_copy(update={"things": things})


def played(
    site: Site, *, start: datetime, lasts_s: float, acts: Mapping[float, Act] | None = None, wire: bool = False
) -> list[Entry]:
    """The journal after so many seconds; each act is done at its second."""
    return in_virtual_time(_played(site, start, lasts_s, dict(acts or {}), wire))


async def _played(site: Site, start: datetime, lasts_s: float, acts: dict[float, Act], wire: bool) -> list[Entry]:
    async with staged(site, start=start, seed=1, wire=wire) as stage:
        for at, act in sorted(acts.items(), key=lambda item: item[0]):
            await asyncio.sleep(at - stage.loop.time())
            await act(stage)
            stage.stir(settles_s=240)
        await asyncio.sleep(lasts_s - stage.loop.time())
        return await stage.lobby.journal.entries(limit=100_000)


def steer(verb: str, thing: str, how: str = "") -> Act:
    """A hand in the hall."""
    return lambda stage: stage.hall.steer(verb, thing, how)


def told(entry: Entry) -> Told:
    """What a line says, without ids and deadlines, which differ where chance was asked in another order."""
    payload = entry.payload or {}
    words = {key: value for key, value in payload.items() if key not in ("id", "expires_at", "at", "press")}
    return entry.kind, entry.subject if "incident" not in entry.kind else "", tuple(sorted(words.items(), key=repr))
