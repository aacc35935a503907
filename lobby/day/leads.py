"""How long before it is needed each display is switched on, so that the last one shows its picture at the moment.

One by one: of the displays of one supply each goes on a gap after the one before it, against the inrush current.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from math import ceil

from lobby.core.site import Display, Site

MARGIN_S = 1.0  # an order may find its line busy with one question


def supplies_of(site: Site) -> dict[str | None, tuple[str, ...]]:
    """The displays of each supply, in the site file's order; None is the one that all share who name none."""
    found: dict[str | None, tuple[str, ...]] = {}
    for name, display in _displays(site):
        found[display.supply] = (*found.get(display.supply, ()), name)
    return found


def leads_of(site: Site, measured: Mapping[str, float]) -> dict[str, timedelta]:
    """Seconds of warm-up by thing where they have been measured, else the site file's; in whole seconds, never less."""
    warm_ups = {name: measured.get(name, display.warm_up_s) for name, display in _displays(site)}
    leads: dict[str, timedelta] = {}
    for row in supplies_of(site).values():
        leads |= _in_turn(row, warm_ups, gap_s=site.site.inrush_gap_s)
    return leads


def _in_turn(row: Sequence[str], warm_ups: Mapping[str, float], *, gap_s: float) -> dict[str, timedelta]:
    """From the last to the first: long enough to get warm, and a gap before the next one."""
    leads: dict[str, timedelta] = {}
    earliest_s = 0.0
    for name in reversed(row):
        lead_s = max(ceil(warm_ups[name]) + MARGIN_S, earliest_s)
        leads[name] = timedelta(seconds=lead_s)
        earliest_s = lead_s + gap_s
    return leads


def _displays(site: Site) -> Iterator[tuple[str, Display]]:
    return ((name, thing) for name, thing in site.things.items() if isinstance(thing, Display))
