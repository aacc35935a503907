"""The screens as their players tell them: which playlist stands on the glass, and which player has fallen silent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from devices.reports import Availability, Clock, Reported, ThingSink
from lobby.core.site import Site
from media.programme import Programme

LATE_AFTER_S = 4.0
LOST_AFTER_S = 10.0
LOOK_EVERY_S = 1.0
OFF = "off"


class GlassWatch:
    """Turns players' reports into what surfaces report. A player that says nothing proves nothing."""

    def __init__(
        self, site: Site, *, clock: Clock, sink: ThingSink, programme_for: Callable[[str], Programme | None]
    ) -> None:
        self._site = site
        self._clock = clock
        self._sink = sink
        self._programme_for = programme_for
        self._heard: dict[str, float] = {}

    def reported(self, player: str, said: Mapping[str, Any]) -> None:
        """A player's report; surfaces are named in the words of their desired state."""
        programme = self._programme_for(player)
        panels = said.get("panels")
        if programme is None or not isinstance(panels, Mapping):
            return
        self._heard[player] = self._clock.mono()
        for surface in self._site.players[player].surfaces:
            value = shown(programme, surface, panels) if said.get("version") == programme.version else None
            self._sink.availability(surface, Availability.OK, "")
            self._sink.reported(Reported(thing=surface, value=value, detail={"player": player}))

    def look(self) -> None:
        """Judge every player by how long it has been silent."""
        for player, at in self._heard.items():
            silent_s = self._clock.mono() - at
            if silent_s < LATE_AFTER_S:
                continue
            lost = silent_s >= LOST_AFTER_S
            for surface in self._site.players[player].surfaces:
                self._sink.availability(surface, Availability.LOST if lost else Availability.LATE, "silent")

    async def run(self) -> None:
        """Look every second; ends only by cancellation."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            self.look()


def shown(programme: Programme, surface: str, panels: Mapping[str, Any]) -> str | None:
    """`off` when every panel of the surface is dark, the playlist whose pictures they show, None when it is neither."""
    plan = programme.surfaces.get(surface)
    if plan is None:
        return None
    on_glass = {panels.get(panel.id) for panel in plan.panels}
    if on_glass == {None}:
        return OFF
    pinned = set(_renditions(programme, programme.pins.values()))
    wanted = {interval.playlist for interval in plan.intervals if interval.playlist is not None}
    for name in sorted(wanted):
        pictures = set(_renditions(programme, (item.asset for item in programme.playlists[name].items)))
        if on_glass - {None} <= pictures | pinned:
            return name
    return None


def _renditions(programme: Programme, assets: Iterable[str]) -> Iterable[str]:
    return (sha for asset in assets for sha in programme.pictures.get(asset, {}).values())
