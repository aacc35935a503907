"""What is prepared for the whole site: national mourning, a civil defence drill, a typhoon. Each has a forced end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from lobby.core.problem import Refusal
from lobby.core.site import Site, Sound
from lobby.day.drafts import Draft

TOO_LATE_TO_SAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One button: its phrase on every surface, for `usual` unless somebody says otherwise and never over `longest`.

    `silent`: the loudspeakers are off meanwhile; `quiet`: other notices have no colour either.
    """

    id: str
    phrase: str
    usual: timedelta
    longest: timedelta
    silent: bool
    quiet: bool = False
    span: str = ""


OCCASIONS: Mapping[str, Occasion] = {
    each.id: each
    for each in (
        Occasion(
            id="mourning",
            phrase="mourning",
            usual=timedelta(days=3),
            longest=timedelta(days=14),
            silent=True,
            quiet=True,
        ),
        Occasion(
            id="drill",
            phrase="civil-defence-drill",
            usual=timedelta(minutes=20),
            longest=timedelta(hours=3),
            silent=True,
            span="span",
        ),
        Occasion(
            id="typhoon",
            phrase="typhoon",
            usual=timedelta(hours=12),
            longest=timedelta(hours=48),
            silent=False,
        ),
    )
}


def occasion_of(name: str) -> Occasion:
    """The occasion of that name. Raises Refusal."""
    found = OCCASIONS.get(name)
    if found is None:
        raise Refusal("notices.no-such-occasion", name, status=404)
    return found


def draft_of(occasion: Occasion, site: Site, *, start: datetime, until: datetime, zone: tzinfo) -> Draft:
    """What it puts on the screens; a drill says its times, which lie in one day."""
    values = {}
    if occasion.span:
        first, last = start.astimezone(zone), until.astimezone(zone)
        if first.date() != last.date() or last - first > TOO_LATE_TO_SAY:
            raise Refusal("notices.drill-over-midnight", status=422)
        values[occasion.span] = f"{first:%H:%M}-{last:%H:%M}"
    return Draft(phrase=occasion.phrase, values=values, surfaces=tuple(site.surfaces), until=until)


def sounds_of(site: Site) -> tuple[str, ...]:
    """The loudspeakers of the site."""
    return tuple(site.of(Sound))
