"""Incidents and the watch over the bells as live documents, and the lamps at wired bells after an incident's end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from devices.contacts import ContactBells
from devices.errors import DeviceError
from devices.reports import Clock
from lobby.core.hub import INCIDENT, Hub
from lobby.core.site import Site
from lobby.safety.incidents import Incident, IncidentState
from lobby.safety.supervision import Flag, Supervised
from lobby.safety.watchroom import WatchRoom
from lobby.web.shapes import incident_shape

log = logging.getLogger(__name__)

AGES_EVERY_S = 5.0


class BellBoard:
    """Shows what the watch room knows; `moved` is called after each move, so that sirens and lights follow."""

    def __init__(
        self,
        site: Site,
        room: WatchRoom,
        *,
        clock: Clock,
        hub: Hub,
        wired: Mapping[str, ContactBells],
        moved: Callable[[Incident], None],
    ) -> None:
        self._site = site
        self._room = room
        self._clock = clock
        self._hub = hub
        self._wired = wired
        self._follow = moved
        self._over: asyncio.Queue[str] = asyncio.Queue()
        room.incidents.on_change(self._moved)
        room.supervision.on_change(self._watched)
        self._put_incidents()
        self._put_bells()

    async def run(self) -> None:
        """Switch the lamp of a wired bell off when its incident is over; ends only by cancellation."""
        while True:
            bell = await self._over.get()
            try:
                await self._wired[bell].registered(bell, False)
            except DeviceError as error:
                log.warning("the lamp at %s stays on: %s", bell, error)

    async def refresh(self) -> None:
        """Tell how long ago each bell was heard, also while nothing changes; ends only by cancellation."""
        while True:
            await self._clock.sleep(AGES_EVERY_S)
            self._put_bells()

    def _moved(self, incident: Incident) -> None:
        self._hub.tell(INCIDENT, self._shape(incident))
        self._put_incidents()
        self._follow(incident)
        if incident.state in (IncidentState.ENDED, IncidentState.CLOSED) and incident.bell in self._wired:
            self._over.put_nowait(incident.bell)

    def _watched(self, _: Supervised) -> None:
        self._put_bells()

    def _put_incidents(self) -> None:
        self._hub.put("incidents", [self._shape(incident) for incident in self._room.incidents.open()])

    def _put_bells(self) -> None:
        self._hub.put("bells", [bell_shape(bell) for bell in self._room.supervision.bells()])

    def _shape(self, incident: Incident) -> dict[str, Any]:
        return incident_shape(incident, self._site, now=self._clock.now())


def _by_word(pair: tuple[Flag, str]) -> str:
    return str(pair[0].value)


def bell_shape(bell: Supervised) -> dict[str, Any]:
    """One bell as the `bells` document holds it."""
    return {
        "bell": bell.bell,
        "state": bell.state.value,
        "flags": sorted(flag.value for flag in bell.flags),
        "flag_causes": {flag.value: cause for flag, cause in sorted(bell.flag_causes.items(), key=_by_word)},
        "since": bell.since,
        "heard_at": bell.heard_at,
        "cause": bell.cause,
        "severity": bell.severity.name.lower(),
        "substitute_wanted": bell.substitute_wanted,
    }
