"""Taking back what was just done: for a short while an act knows what it replaced."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from lobby.core.problem import Refusal

if TYPE_CHECKING:
    from lobby.day.desired import Override
    from lobby.web.house import House

UNDONE_WITHIN = timedelta(seconds=60)
"""The page counts ten seconds; whoever reads without script has a little longer."""
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The overrides that one act made, and those in force before it."""

    made: tuple[Override, ...]
    before: tuple[Override, ...]
    at: datetime


class Undoing:
    """The latest acts by the id of their first override."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, Done] = OrderedDict()

    def keep(self, done: Done) -> None:
        """Remember an act; the oldest are forgotten."""
        self._done[done.made[0].id] = done
        while len(self._done) > MOST:
            self._done.popitem(last=False)

    def of(self, override: str, now: datetime) -> Done | None:
        """The act, as long as it can be taken back."""
        done = self._done.get(override)
        return done if done is not None and now - done.at <= UNDONE_WITHIN else None

    async def undo(self, house: House, override: str, *, person: str) -> None:
        """End what the act made, and put back what it had replaced. Raises Refusal when it is too late."""
        done = self.of(override, house.clock.now())
        if done is None:
            raise Refusal("work.undo-late", status=409)
        del self._done[override]
        now = house.clock.now()
        known = {one.id for one in house.overrides.active(now)}
        for one in done.made:
            if one.id in known:
                await house.overrides.end(one.id, person=person)
        for one in done.before:
            if one.until > now:
                await house.overrides.set(
                    thing=one.thing, value=one.value, until=one.until, person=one.person, reason=one.reason
                )
