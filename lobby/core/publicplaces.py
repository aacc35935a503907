"""The places visitors may read of."""

from __future__ import annotations

from collections.abc import Iterable

from lobby.core.site import AnyThing, Bell, Place, Site, Switch


def public_places(site: Site) -> dict[str, Place]:
    """Every place but those where only bells, sirens, beacons and the guard are."""
    guarded = {place for place in site.places if _only_guarded(t for t in site.things.values() if t.place == place)}
    return {place: at for place, at in site.places.items() if place not in guarded}


def _only_guarded(things: Iterable[AnyThing]) -> bool:
    inward = [isinstance(t, Bell) or (isinstance(t, Switch) and t.use in {"siren", "beacon"}) for t in things]
    return bool(inward) and all(inward)
