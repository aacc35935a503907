"""Making renditions again after the wall or the recipe has changed: one at a time, by what processors leave idle."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from lobby.core.attempts import Attempts
from lobby.core.holdings import merged
from lobby.core.journal import Json, NotDurable
from lobby.core.library import Library
from media.assets import Asset
from media.film_intake import LIMITS as FILM_LIMITS
from media.intake import take_in
from media.limited import IntakeRefused, Limits
from media.renewal import is_cut, without

log = logging.getLogger(__name__)

TOLD_STEP = 0.02
MOST_NAMED = 100
NO_ROOM = "no-room"
"""A full disk is no fault of the file: it is tried again at the next start."""


class Remaking:
    """Brings every asset up to the walls as they hang now. What is on the glass stays until its successor is whole.

    A fact of the journal replaces all pictures of an asset at once; what a kill leaves half made is tidied at the next
    start, where this begins again; with what the lobby has fallen three times is left alone. `told` hears that there
    is news of `said`.
    """

    def __init__(self, library: Library, *, attempts: Attempts, told: Callable[[], None] = lambda: None) -> None:
        self._library = library
        self._attempts = attempts
        self._told = told
        self._now: str | None = None
        self._share = 0.0
        self._done = 0
        self._of = 0
        self._lost: set[str] = set()
        self._unsaid: set[str] = set()
        library.on_change(self.brought)

    async def run(self) -> None:
        """Make what is stale, pictures before films; ends when nothing is left that can be made."""
        for asset in self.look():
            if asset in self._library.by_id():
                await self._one(asset)
            self._done += 1
        self._now = None
        self._told()

    def look(self) -> tuple[str, ...]:
        """What is stale and can be made again from what is kept."""
        stale = sorted(self._library.stale(), key=lambda each: each.kind == "video")
        self._attempts.keep({each.id for each in stale})
        waiting = tuple(each.id for each in stale if self._can_be_made(each.id))
        left = [each for each in stale if each.id not in waiting]
        self._unsaid = {each.id for each in left if self._library.fitting.unsaid(each)}
        self._lost = {each.id for each in left} - self._unsaid
        self._done, self._of = 0, len(waiting)
        self._told()
        return waiting

    def _can_be_made(self, asset: str) -> bool:
        return self._library.originals.path(asset) is not None and not self._attempts.spent(asset)

    def said(self) -> dict[str, Json]:
        """How far it is, and what has to be brought again: its file is not kept here, or does not open any more.

        `unsaid` counts what need not: it shows as it always did, but nobody knows by which recipe it was made.
        """
        records, here = self._library.records.all(), self._library.by_id()
        named = sorted(self._lost & here.keys())
        lost: list[Json] = [{"asset": asset, "title": records[asset].label.title} for asset in named[:MOST_NAMED]]
        title = records[self._now].label.title if self._now is not None and self._now in here else ""
        far: dict[str, Json] = {"done": self._done, "of": self._of, "title": title, "share": round(self._share, 2)}
        return {**far, "lost": lost, "lost_count": len(named), "unsaid": len(self._unsaid & here.keys())}

    def unkept(self) -> dict[str, Json]:
        """What could not be made again if the walls changed, because its own file is not kept here; blocks."""
        mine = [each for each in self._library.assets() if each.kind != "scene" and each.name is None]
        titles: list[Json] = [each.title for each in mine if self._library.originals.path(each.id) is None]
        return {"unkept": titles[:MOST_NAMED], "unkept_count": len(titles)}

    def brought(self) -> None:
        """Something has come: what is whole again is lost no more."""
        if self._lost or self._unsaid:
            stale = {each.id for each in self._library.stale()}
            self._lost &= stale
            self._unsaid &= stale
            self._told()

    async def _one(self, name: str) -> None:
        known = self._library.ever()[name]
        self._now, self._share = name, 0.0
        self._told()
        try:
            await self._make(known)
        except IntakeRefused as refused:
            log.warning("%s cannot be made again: %s", known.title, refused.code)
            self._lost |= {name} if refused.code != NO_ROOM else set()
        except NotDurable as failure:
            log.warning("%s was made again, but the journal fails: %s", known.title, failure.cause)

    async def _make(self, known: Asset) -> None:
        original = self._library.originals.path(known.id)
        if original is None:
            raise IntakeRefused("broken")
        meant = self._library.fitting.meant(known)
        film = known.kind == "video"
        async with self._library.turn(film=film), self._attempts.under_way(known.id):
            made = await take_in(
                original,
                name="",
                sizes=meant.sizes,
                walls=meant.rows,
                across=is_cut(known),
                keep_sound=meant.sound,
                store=self._library.store,
                limits=FILM_LIMITS if film else replace(Limits(), idle=True),
                pace=self._library.pace,
                progress=self._heard,
            )
        if made.id != known.id:
            raise IntakeRefused("broken")
        names = self._library.fitting.showable() | made.renditions.keys()
        await self._library.renew(without(merged(known, made), names))

    def _heard(self, share: float) -> None:
        if share - self._share >= TOLD_STEP:
            self._share = share
            self._told()
