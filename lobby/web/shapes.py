"""How live state looks on the wire: things, documents, incidents; ages are counted at the moment of saying."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Any

from lobby.core.site import Bell, Site

if TYPE_CHECKING:
    from lobby.core.hub import ThingState
    from lobby.safety.incidents import Incident
    from lobby.web.house import House


def encoded(value: object) -> bytes:
    """JSON, compact, one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain).encode()


def plain(value: object) -> object:
    """What JSON has no word for: moments, enums, records, mappings, sets."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def names_of(site: Site) -> Mapping[str, Mapping[str, str]]:
    """The name of every thing and surface in both languages."""
    named = {**site.surfaces, **site.things}
    return {thing: {"ko": row.name.ko, "en": row.name.en} for thing, row in named.items()}


def thing_shape(state: ThingState, name: Mapping[str, str] | None, now: datetime) -> dict[str, Any]:
    """One thing."""
    reported_at = state.reported_at
    return {
        "kind": state.kind,
        "name": name or {"ko": state.thing, "en": state.thing},
        "desired": state.desired,
        "rule": state.rule,
        "until": state.until,
        "reported": state.reported,
        "detail": state.detail,
        "reported_at": reported_at,
        "age_s": round(max(0.0, (now - reported_at).total_seconds()), 1) if reported_at else None,
        "availability": state.availability,
        "health": state.health,
        "mode": state.mode,
        "troubles": state.troubles,
        "causes": state.causes,
        "outcome": state.outcome,
        "since": state.since,
    }


def incident_shape(incident: Incident, site: Site, *, now: datetime, quiet_here: bool = False) -> dict[str, Any]:
    """One incident, as the `incidents` document and the list hold it; `responder` is an opaque id or a role."""
    thing = site.things.get(incident.bell)
    bell = thing if isinstance(thing, Bell) else None
    place = site.places.get(bell.place) if bell else None
    name = (place or bell).name if (place or bell) else None  # type: ignore[union-attr] # one of the two is there
    return {
        "id": incident.id,
        "bell": incident.bell,
        "place": {"ko": name.ko, "en": name.en} if name else {"ko": incident.bell, "en": incident.bell},
        "state": incident.state.value,
        "mode": incident.mode.value,
        "raised_at": incident.raised_at,
        "since": incident.since,
        "age_s": _age_s(incident.raised_at, now),
        "responder": incident.responder,
        "late_s": incident.late_s,
        "presses": incident.presses,
        "level": incident.level,
        "quiet_here": quiet_here,
        "quiet_roles": list(bell.effects.quiet_roles) if bell else [],
    }


class Shapes:
    """Snapshots and changes of one house, ready to be sent."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._names = names_of(house.site)
        self._kept: tuple[int, float, bytes] | None = None

    def snapshot(self) -> tuple[int, bytes]:
        """Everything there is, with the number it is up to; the bytes serve every reader for a quarter second."""
        hub, mono = self._house.hub, self._house.clock.mono()
        seq, things = hub.snapshot()
        if self._kept is None or self._kept[0] != seq or mono - self._kept[1] > 0.25:
            self._kept = (seq, mono, self._whole(seq, things))
        return seq, self._kept[2]

    def change(self, data: Mapping[str, Any]) -> bytes:
        """What a `change` event carries: the changed things and documents, whole."""
        now = self._house.clock.now()
        told = {"at": now, "things": self._things(data.get("things", {}), now)}
        return encoded({**told, "documents": self._documents(data.get("documents", {}), now)})

    def told(self, data: Mapping[str, Any]) -> bytes:
        """What any other event carries."""
        now = self._house.clock.now()
        return encoded(self._spoken(data, now))

    def _whole(self, seq: int, things: Mapping[str, ThingState]) -> bytes:
        hub, now = self._house.hub, self._house.clock.now()
        head = {"boot": hub.boot, "seq": seq, "at": now}
        documents = self._documents(hub.documents(), now)
        return encoded({**head, "things": self._things(things, now), "documents": documents})

    def _things(self, things: Mapping[str, ThingState], now: datetime) -> dict[str, object]:
        return {thing: thing_shape(state, self._names.get(thing), now) for thing, state in things.items()}

    def _documents(self, documents: Mapping[str, Any], now: datetime) -> dict[str, object]:
        shaped = dict(documents)
        if isinstance(shaped.get("incidents"), list | tuple):
            shaped["incidents"] = [self._spoken(incident, now) for incident in shaped["incidents"]]
        return shaped

    def _spoken(self, told: Any, now: datetime) -> Any:
        """Names instead of opaque ids, and the age of this moment."""
        if not isinstance(told, Mapping):
            return told
        spoken = dict(told)
        responder = spoken.get("responder")
        person = self._house.people.by_id(responder) if isinstance(responder, str) else None
        if person is not None:
            spoken["responder"] = person.name
        if (raised_at := spoken.get("raised_at")) is not None and "age_s" in spoken:
            spoken["age_s"] = _age_s(raised_at, now)
        return spoken


def _age_s(moment: datetime | str, now: datetime) -> float:
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return round(max(0.0, (now - at).total_seconds()), 1)
