"""Figures for Prometheus, read at the moment of asking; nothing is counted in between."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

if TYPE_CHECKING:
    from lobby.web.consoles import Consoles
    from lobby.web.house import House
    from lobby.web.stream import Feed

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
HEALTHS = ("ok", "trouble", "unknown", "off-on-purpose")
AVAILABILITIES = ("ok", "late", "lost", "unknown", "none")

router = APIRouter()


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Things by health and availability, incidents, journal, consoles, streams, uptime."""
    return Response(_text(request), media_type=MEDIA_TYPE)


def _text(request: Request) -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry()
    house: House = request.app.state.house
    _things(house, registry)
    _skews(house, registry)
    feed: Feed = request.app.state.feed
    consoles: Consoles = request.app.state.consoles
    up_s = (house.clock.now() - house.started_at).total_seconds()
    _gauge(registry, "lobby_up_seconds", "Seconds since the start.", up_s)
    _gauge(registry, "lobby_journal_healthy", "1 while the journal takes writes.", float(house.journal.healthy()))
    _gauge(registry, "lobby_incidents_open", "Incidents that are not closed.", len(house.incidents.open()))
    _gauge(registry, "lobby_consoles_live", "Consoles with a person in front of them.", len(consoles.live()))
    for audience, count in feed.counts().items():
        _gauge(registry, f"lobby_streams_{audience}", f"Open event streams of {audience}.", count)
    return bytes(generate_latest(registry))


def _things(house: House, registry: object) -> None:
    things = house.hub.snapshot()[1].values()
    healths, kinds = Counter(thing.health for thing in things), Counter(thing.availability for thing in things)
    _labelled(registry, "lobby_things_by_health", "Things by health.", {each: healths[each] for each in HEALTHS})
    reach = {each: kinds[each] for each in AVAILABILITIES}
    _labelled(registry, "lobby_things_by_availability", "Things by availability.", reach)


def _skews(house: House, registry: object) -> None:
    from prometheus_client import CollectorRegistry, Gauge

    assert isinstance(registry, CollectorRegistry)
    text = "By how much a panel shows changes before or after the others."
    gauge = Gauge("lobby_panel_skew_seconds", text, ["panel", "quantile"], registry=registry)
    for panel, skew in house.hub.documents().get("skew", {}).items():
        gauge.labels(panel, "0.5").set(skew["p50_ms"] / 1000)
        gauge.labels(panel, "0.99").set(skew["p99_ms"] / 1000)


def _gauge(registry: object, name: str, text: str, value: float) -> None:
    from prometheus_client import CollectorRegistry, Gauge

    assert isinstance(registry, CollectorRegistry)
    Gauge(name, text, registry=registry).set(value)


def _labelled(registry: object, name: str, text: str, values: dict[str, int]) -> None:
    from prometheus_client import CollectorRegistry, Gauge

    assert isinstance(registry, CollectorRegistry)
    gauge = Gauge(name, text, ["state"], registry=registry)
    for state, value in values.items():
        gauge.labels(state).set(value)
