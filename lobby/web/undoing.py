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
    """The overrides that one act made or ended, and those in force before it; `id` is by which it is taken back."""

    id: str
    made: tuple[Override, ...]
    before: tuple[Override, ...]
    at: datetime


class Undoing:
    """The latest acts by their ids."""

    def __init__(self) -> None:
        self._done: OrderedDict[str, Done] = OrderedDict()

    def keep(self, done: Done) -> None:
        """Remember an act; the oldest are forgotten."""
        self._done[done.id] = done
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
        now = house.clock.now()
        active = house.overrides.active(now)
        if not done.made and {one.thing for one in done.before} & {one.thing for one in active}:
            raise Refusal("work.undo-late", status=409)  # somebody has changed it again
        del self._done[override]
        known = {one.id for one in active}
        for one in done.made:
            if one.id in known:
                await house.overrides.end(one.id, person=person)
        for one in done.before:
            if one.until > now:
                await house.overrides.set(
                    thing=one.thing, value=one.value, until=one.until, person=one.person, reason=one.reason
                )
