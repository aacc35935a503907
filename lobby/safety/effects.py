"""What open incidents switch on in the house: sirens while nobody has answered, lights until the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lobby.core.site import Bell, BellEffects
from lobby.safety.incidents import Incident


def drives(incidents: Iterable[Incident], bells: Mapping[str, Bell]) -> dict[str, dict[str, str]]:
    """Source (the incident's id) → {thing: "on"}; what is not named is left to the plan.

    Light on ⇔ the incident is neither ended nor closed; silencing a siren never switches a light off.
    """
    driven = {incident.id: _of(incident, effects_of(incident.bell, bells)) for incident in incidents if incident.open}
    return {source: things for source, things in driven.items() if things}


def effects_of(bell: str, bells: Mapping[str, Bell]) -> BellEffects:
    """What a bell drives; one that the site file does not know drives everything that any bell drives."""
    if bell in bells:
        return bells[bell].effects
    return BellEffects(
        sirens=tuple(dict.fromkeys(thing for known in bells.values() for thing in known.effects.sirens)),
        lights=tuple(dict.fromkeys(thing for known in bells.values() for thing in known.effects.lights)),
    )


def _of(incident: Incident, effects: BellEffects) -> dict[str, str]:
    sirens = effects.sirens if incident.calling else ()
    return dict.fromkeys((*effects.lights, *sirens), "on")
