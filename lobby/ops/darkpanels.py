"""Which panels of a wall do not work, so that what plays is laid over the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from devices.reports import Availability, Clock
from lobby.core.hub import Hub
from lobby.core.site import Display, Site

LOOK_EVERY_S = 2.0
DARK_AFTER_S = 20.0
WELL_AFTER_S = 10.0
FEWEST_PANELS = 4


class DarkPanels:
    """A panel counts as dark when its display has not answered for 20 s, and works again after 10 s of answers.

    Only walls of more than four panels have a look for fewer, and only while at least four work. Of all other walls
    the panels are just silent: what plays stays, but no text may be on them alone.
    """

    def __init__(self, site: Site, *, hub: Hub, clock: Clock) -> None:
        self._walls = [
            frozenset(panel.id for panel in surface.panels)
            for surface in site.surfaces.values()
            if len(surface.panels) > 1
        ]
        self._displays = {
            thing.panel: name
            for name, thing in site.things.items()
            if isinstance(thing, Display) and any(thing.panel in wall for wall in self._walls)
        }
        self._hub = hub
        self._clock = clock
        self._since: dict[str, tuple[bool, float]] = {}
        self._dark: frozenset[str] = frozenset()
        self._silent: frozenset[str] = frozenset()
        self._listeners: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it when other panels are dark or silent."""
        self._listeners.append(listener)

    def panels(self) -> frozenset[str]:
        """The dark ones."""
        return self._dark

    def silent(self) -> frozenset[str]:
        """Those that do not answer, on walls that keep their look."""
        return self._silent

    async def run(self) -> None:
        """Look every two seconds; ends only by cancellation."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> None:
        """Judge every display by how long it has been silent, or has answered."""
        silent = {panel for panel in self._displays if self._is_dark(panel)}
        dark = frozenset(panel for wall in self._walls for panel in _told(wall, silent))
        found = dark, frozenset(silent - dark)
        if found != (self._dark, self._silent):
            self._dark, self._silent = found
            for listener in self._listeners:
                listener()

    def _is_dark(self, panel: str) -> bool:
        state = self._hub.things().get(self._displays[panel])
        lost = state is not None and state.availability == Availability.LOST.value
        now = self._clock.mono()
        before, since = self._since.get(panel, (not lost, now))
        if before != lost:
            self._since[panel] = lost, since = lost, now
        if panel in self._dark:
            return lost or now - since < WELL_AFTER_S
        return lost and now - since >= DARK_AFTER_S


def _told(wall: frozenset[str], silent: set[str]) -> Iterator[str]:
    """The silent panels of a wall, unless too few are left to lay a look over."""
    dark = wall & silent
    if len(wall) - len(dark) >= FEWEST_PANELS:
        yield from dark
