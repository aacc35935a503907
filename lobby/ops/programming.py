"""The programmes of the players: compiled when hours, playlists, pins or the day change, handed out by version."""

from __future__ import annotations

from datetime import datetime

from devices.reports import Clock
from lobby.core.compiler import compile_programme, programme_span
from lobby.core.library import Library
from lobby.core.site import Site
from lobby.day.overrides import Overrides
from lobby.day.specialdays import SpecialDays
from media.programme import Programme


class Programmes:
    """Compiles lazily and keeps what nothing has changed."""

    def __init__(
        self, site: Site, *, clock: Clock, library: Library, overrides: Overrides, special_days: SpecialDays
    ) -> None:
        self._site = site
        self._clock = clock
        self._library = library
        self._overrides = overrides
        self._special_days = special_days
        self._kept: dict[str, tuple[datetime, Programme]] = {}
        library.on_change(self.forget)

    def forget(self) -> None:
        """Something that plays has changed: compile anew when somebody asks."""
        self._kept.clear()

    def of(self, player: str) -> Programme | None:
        """The programme of a player of the site file; None for a stranger."""
        if player not in self._site.players:
            return None
        now = self._clock.now()
        start, end = programme_span(now)
        kept = self._kept.get(player)
        if kept is None or kept[0] != start:
            kept = start, self._compiled(player, now, start, end)
            self._kept[player] = kept
        return kept[1]

    def _compiled(self, player: str, now: datetime, start: datetime, end: datetime) -> Programme:
        surfaces = self._site.players[player].surfaces
        plan, active = self._special_days.plan, self._overrides.active(now)
        return compile_programme(
            self._site,
            player,
            agendas={surface: plan.agenda(surface, start, end) for surface in surfaces},
            overrides={surface: [one for one in active if one.thing == surface] for surface in surfaces},
            playlists=self._library.playlists(),
            pins=self._library.pins(),
            assets=self._library.by_id(),
            now=now,
        )
