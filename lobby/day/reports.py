"""Where drivers of things report: what they say goes to the hub, proves commands, wakes the reconciler."""

from __future__ import annotations

from collections.abc import Callable

from devices.reports import Availability, Clock, Reported
from lobby.core.journal import Fact, Journal
from lobby.day.outbox import Outbox
from lobby.day.reconciler import Board, Reconciler
from lobby.day.scribe import Scribe

REFUSED = "refused"  # a thing that takes orders again is given the one it would not take


class Reports:
    """The `ThingSink` of the lobby; edges of availability and trouble are journalled by `run`."""

    def __init__(
        self,
        journal: Journal,
        *,
        clock: Clock,
        hub: Board,
        outbox: Outbox,
        reconciler: Reconciler,
        heard: Callable[[Reported], None] = lambda _: None,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._hub = hub
        self._outbox = outbox
        self._reconciler = reconciler
        self._heard = heard
        self._edges = Scribe(journal, clock=clock)

    def reported(self, report: Reported) -> None:
        """A thing said what it is; a retained report shows a value, without proof or age of now."""
        state = self._hub.things().get(report.thing)
        if state is None:
            return
        if report.retained:
            if state.reported is None:
                self._hub.update(report.thing, reported=report.value, detail=dict(report.detail), reported_at=None)
        else:
            self._hub.update(
                report.thing, reported=report.value, detail=dict(report.detail), reported_at=self._clock.now()
            )
        self._outbox.reported(report)
        self._heard(report)
        if report.value != state.reported or report.value != state.desired:
            self._reconciler.stir(report.thing)

    def availability(self, thing: str, availability: Availability, cause: str) -> None:
        """A thing became reachable or not, or is unreachable for another reason."""
        state = self._hub.things().get(thing)
        if state is None:
            return
        away = availability in {Availability.LATE, Availability.LOST}
        self._hub.update(thing, availability=availability.value, lost_cause=cause if away else "")
        if state.availability == availability.value:
            return
        self._edges.note(
            Fact(kind="device.availability", subject=thing, payload={"is": availability.value, "cause": cause})
        )
        if availability is Availability.OK:
            self._reconciler.found(thing)

    def trouble(self, thing: str, cause: str, *, detail: str = "") -> None:
        """A thing answers, but wrongly."""
        state = self._hub.things().get(thing)
        if state is not None and cause not in state.troubles:
            self._hub.update(thing, troubles=(*state.troubles, cause))
            self._edges.note(Fact(kind="device.trouble", subject=thing, payload={"cause": cause, "detail": detail}))

    def well(self, thing: str, cause: str) -> None:
        """The trouble of that cause is over."""
        state = self._hub.things().get(thing)
        if state is not None and cause in state.troubles:
            self._hub.update(thing, troubles=tuple(one for one in state.troubles if one != cause))
            self._edges.note(Fact(kind="device.well", subject=thing, payload={"cause": cause}))
            if cause == REFUSED:
                self._reconciler.found(thing)

    async def run(self) -> None:
        """Write the edges down; ends only by cancellation."""
        await self._edges.run()
