"""What a form or a JSON body says of a notice, read into a draft; and the draft again as a form's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from lobby.core.phrases import ENGLISH, Phrase, Slot, SlotKind, phrases
from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.day.drafts import Draft

SLOT, SURFACE = "slot-", "surface-"
FROM, TO = "-from", "-to"
LONGEST_FIELD = 400
LOCAL = "%Y-%m-%dT%H:%M"
USUAL = timedelta(hours=2)
FIELDS = ("headline", "body", "headline_en", "body_en", "until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a slot: its field's name, kind and value as it stands."""

    name: str
    kind: SlotKind
    value: str
    part: str = ""
    least: int = 0
    most: int = 0


def draft_of(fields: Mapping[str, Any], site: Site, zone: tzinfo) -> Draft:
    """The draft that a form's or a JSON body's fields describe. Raises Refusal."""
    name = _text(fields, "phrase")
    phrase = phrases().get(name)
    if name and phrase is None:
        raise Refusal("notices.no-such-phrase", name, status=404)
    values = fields.get("values")
    given = {str(key): str(value)[:LONGEST_FIELD] for key, value in values.items()} if isinstance(values, dict) else {}
    return Draft(
        phrase=name,
        values=given or (_values(phrase, fields) if phrase else {}),
        headline=_text(fields, "headline"),
        body=_text(fields, "body"),
        english=(_text(fields, "headline_en"), _text(fields, "body_en")),
        surfaces=_surfaces(fields, site),
        kiosk=str(fields.get("kiosk", "")).lower() in {"on", "true", "yes"},
        until=_moment(_text(fields, "until"), zone),
    )


def until_of(fields: Mapping[str, Any], zone: tzinfo) -> datetime:
    """An end as a form gives it, local, or a moment with its offset. Raises Refusal."""
    return _moment(_text(fields, "until"), zone)


def inputs_of(phrase: Phrase, fields: Mapping[str, str]) -> list[Input]:
    """The inputs of a phrase's slots with what was typed so far."""
    found: list[Input] = []
    for slot in phrase.slots:
        found += [
            Input(name=name, kind=slot.kind, value=fields.get(name, ""), part=part, least=slot.least, most=slot.most)
            for name, part in _names(slot)
        ]
    return found


def kept(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a draft among those of a request, to be carried to the next page."""
    ours = ("phrase", "kiosk", *FIELDS)
    return {
        key: value[:LONGEST_FIELD]
        for key, value in fields.items()
        if value and (key in ours or key.startswith((SLOT, SURFACE)))
    }


def _names(slot: Slot) -> list[tuple[str, str]]:
    name = SLOT + slot.name
    if slot.kind is SlotKind.SPAN:
        return [(name + FROM, "from"), (name + TO, "to")]
    if slot.kind is SlotKind.NAME:
        return [(name, ""), (name + ENGLISH, "en")]
    return [(name, "")]


def _values(phrase: Phrase, fields: Mapping[str, Any]) -> dict[str, str]:
    values: dict[str, str] = {}
    for slot in phrase.slots:
        name = SLOT + slot.name
        if slot.kind is SlotKind.SPAN:
            first, last = _text(fields, name + FROM), _text(fields, name + TO)
            values[slot.name] = f"{first}-{last}" if first and last else ""
        else:
            values[slot.name] = _text(fields, name)
        if slot.kind is SlotKind.NAME:
            values[slot.name + ENGLISH] = _text(fields, name + ENGLISH)
    return values


def _surfaces(fields: Mapping[str, Any], site: Site) -> tuple[str, ...]:
    listed = fields.get("surfaces")
    if isinstance(listed, list):
        return tuple(dict.fromkeys(str(each)[:32] for each in listed))
    return tuple(name for name in site.surfaces if fields.get(SURFACE + name))


def _moment(text: str, zone: tzinfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("notices.no-end", status=422) from None
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str) or "\x00" in value or len(value) > LONGEST_FIELD:
        raise Refusal("api.not-valid", name, status=422)
    return value.strip()
