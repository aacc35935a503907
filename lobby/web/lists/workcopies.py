"""A playlist while somebody works on it: the editor's fields as they are, with what its buttons do to them."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lobby.core.playlists import MOST_ITEMS
from lobby.core.site import Playlist
from lobby.web.lists.forms import ITEM, as_form, as_json

MOST_WORKS = 64
LONGEST_FIELD = 600
SETTINGS = ("name_ko", "name_en", "mode", "change", "change_s", "turn", "turn_s", "shuffle", "seen", "on", "at")

Row = dict[str, str]


@dataclass(slots=True, kw_only=True)
class WorkCopy:
    """What stands in the editor: settings by field, and the items' fields in order; anything a person typed."""

    settings: dict[str, str] = field(default_factory=dict)
    items: list[Row] = field(default_factory=list)

    def do(self, act: str) -> int | None:
        """What a button says: `up-3`, `down-3`, `out-3`, `add:WHAT`; the place of the item it was about."""
        verb, _, what = act.partition(":" if act.startswith("add:") else "-")
        if verb == "add" and what and len(self.items) < MOST_ITEMS:
            self.items.append({"what": what[:LONGEST_FIELD], "dwell": "12", "weight": "1"})
            return len(self.items) - 1
        place = int(what) if what.isascii() and what.isdecimal() and len(what) < 5 else -1
        if not 0 <= place < len(self.items):
            return None
        if verb == "out":
            del self.items[place]
            return min(place, len(self.items) - 1) if self.items else None
        to = {"up": place - 1, "down": place + 1}.get(verb, place)
        if 0 <= to < len(self.items):
            self.items.insert(to, self.items.pop(place))
            return to
        return place

    def fields(self) -> dict[str, str]:
        """All of it as one form."""
        rows = ((f"item-{place}-{key}", value) for place, row in enumerate(self.items) for key, value in row.items())
        return {**self.settings, **dict(rows)}


def work_of(given: Mapping[str, Any]) -> WorkCopy:
    """What was posted from the editor."""
    numbers = sorted(int(found[1]) for key in given if (found := ITEM.fullmatch(key)))[:MOST_ITEMS]
    settings = {key: str(given[key])[:LONGEST_FIELD] for key in SETTINGS if key in given}
    items = []
    for number in numbers:
        mine = f"item-{number}-"
        items.append(
            {key.removeprefix(mine): str(value)[:LONGEST_FIELD] for key, value in given.items() if key.startswith(mine)}
        )
    return WorkCopy(settings=settings, items=items)


def begun(playlist: Playlist) -> WorkCopy:
    """A playlist taken to work on."""
    return work_of(as_form(playlist))


class Works:
    """What editors have in hand, by a name made of it, so that a picture of it can be asked for; the oldest go."""

    def __init__(self) -> None:
        self._works: OrderedDict[str, Playlist] = OrderedDict()

    def keep(self, playlist: Playlist) -> str:
        """Remember it; equal ones have one name."""
        name = hashlib.sha256(json.dumps(as_json(playlist), sort_keys=True).encode()).hexdigest()[:24]
        self._works[name] = playlist
        self._works.move_to_end(name)
        while len(self._works) > MOST_WORKS:
            self._works.popitem(last=False)
        return name

    def of(self, name: str) -> Playlist | None:
        """The playlist of a name."""
        return self._works.get(name)
