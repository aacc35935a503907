"""The journal's lines as sentences: every kind has its words, ids are names, values are what staff call them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lobby.core.words import catalogue, say
from lobby.web.console.devices import mode_words
from lobby.web.reasons import rule_words
from lobby.web.sentence import Scene, explained_all
from lobby.web.sheets import role_name
from lobby.web.spoken import staff_time
from lobby.web.whatif import value_words

if TYPE_CHECKING:
    from lobby.web.house import House

GROUPS: Mapping[str, tuple[str, ...]] = {
    "incidents": ("incident", "bell"),
    "acts": ("override", "mode", "special-day", "calendar", "choice", "media"),
    "automatic": ("day", "command", "display"),
    "devices": ("device", "player", "sensor"),
    "people": ("people", "signin"),
    "visitors": ("assistance",),
    "morning": ("opening", "handover"),
    "records": ("journal", "clock", "backup"),
}
"""What the filter offers: groups of kinds by what people look for."""
BELLS = "SELECT id, bell FROM incidents WHERE id IN (SELECT value FROM json_each(?))"
TITLES = "SELECT subject, payload FROM journal WHERE kind = 'media.asset-taken' AND subject IN " \
         "(SELECT value FROM json_each(?))"  # fmt: skip
PERSONS = ("person", "by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A line in words; `who` is empty where no person did it, `erased` where its content was taken out."""

    seq: int
    at: datetime
    day: str
    time: str
    group: str
    who: str
    what: str
    erased: bool
    hash: str


class Speaker:
    """Turns lines into sentences for one reader; made anew for a page."""

    def __init__(self, house: House, scene: Scene, bells: Mapping[str, str], titles: Mapping[str, str]) -> None:
        self._house = house
        self._scene = scene
        self._people = house.people.names()
        self._bells = bells
        self._titles = titles

    def sentence(self, row: Mapping[str, Any]) -> Sentence:
        """One line."""
        payload = None if row["payload"] is None else json.loads(row["payload"])
        at = datetime.fromisoformat(row["at"]).astimezone(self._scene.zone)
        return Sentence(
            seq=row["seq"],
            at=at,
            day=f"{at:%Y-%m-%d}",
            time=f"{at:%H:%M:%S}",
            group=group_of(row["kind"]),
            who=self._who(row["kind"], row["subject"], payload or {}),
            what=self._what(row["kind"], row["subject"], payload),
            erased=payload is None,
            hash=str(row["hash"])[:12],
        )

    def _what(self, kind: str, subject: str, payload: Mapping[str, Any] | None) -> str:
        name = self._name(kind, subject)
        if payload is None:
            return self._scene.say("record.erased-line", name=name)
        key = f"record.{kind}"
        for part in ("way", "cause", "is", "state", "flag", "outcome", "mode"):
            if isinstance(payload.get(part), str) and f"{key}-{payload[part]}" in catalogue(self._scene.language):
                key = f"{key}-{payload[part]}"
                break
        if key not in catalogue(self._scene.language):
            return self._scene.say("record.unnamed", name=name)
        slots = self._slots(kind, subject, payload)
        return say(key, self._scene.language, **{**slots, "name": name or slots.get("name", "")})

    def _slots(self, kind: str, subject: str, payload: Mapping[str, Any]) -> dict[str, object]:
        thing = subject
        slots: dict[str, object] = {key: self._plain(key, value, thing) for key, value in payload.items()}
        slots["who"] = self._who(kind, subject, payload) or self._scene.say("staff.why.somebody")
        causes = explained_all(self._scene, [str(payload.get("cause") or "")])
        slots["because"] = f" — {causes[0][0]}" if causes else ""
        if kind.startswith("special-day.") and "first" in payload:
            slots["days"] = " – ".join(dict.fromkeys((str(payload["first"]), str(payload["last"]))))
        return slots

    def _plain(self, key: str, value: object, thing: str) -> object:
        """A payload's value in words."""
        scene = self._scene
        if value is None:
            return "–"
        if key in {"until", "start", "expires_at"} and isinstance(value, str):
            return staff_time(datetime.fromisoformat(value), scene.now, scene.zone, scene.language)
        if key in {"value", "was", "reported"} and isinstance(value, str):
            return value_words(scene.site, thing, value, scene.language)
        if key == "rule":
            return rule_words(self._house, str(value), scene.language) or str(value)
        if key in {"role", "roles"}:
            return ", ".join(role_name(scene.site, one, scene.language) for one in _listed(value))
        if key == "mode" and isinstance(value, str):
            return mode_words(scene, value)
        if key in {*PERSONS, "responder"}:
            return self._people.get(str(value), str(value))
        if key == "asset":
            return self._titles.get(str(value), "")
        if key == "hours" and str(value) in scene.site.hours:
            return scene.site.hours[str(value)].name.said(scene.language)
        if key == "by_s" and isinstance(value, int | float):
            return f"{value:+.0f}"
        return value if isinstance(value, str | int | float) else ""

    def _name(self, kind: str, subject: str) -> str:
        scene, part = self._scene, kind.partition(".")[0]
        namers: Mapping[str, Callable[[], str]] = {
            "incident": lambda: (
                scene.site.things[bell].name.said(scene.language)
                if (bell := self._bells.get(subject, "")) in scene.site.things
                else scene.say("record.some-bell")
            ),
            "people": lambda: self._people.get(subject, subject),
            "signin": lambda: self._people.get(subject, scene.say("record.somebody-unknown")),
            "choice": lambda: (
                scene.site.choices[subject].question.said(scene.language) if subject in scene.site.choices else subject
            ),
            "assistance": lambda: (
                scene.site.places[subject].name.said(scene.language)
                if subject in scene.site.places
                else scene.say("console.visitor.kiosk")
            ),
            "media": lambda: self._media(subject),
            "special-day": lambda: (
                scene.site.hours[subject.partition("/")[0]].name.said(scene.language)
                if subject.partition("/")[0] in scene.site.hours
                else ""
            ),
        }
        return namers[part]() if part in namers else scene.name(subject)

    def _media(self, subject: str) -> str:
        site, playlists = self._scene.site, self._house.playlists
        if (revision := playlists.revision(subject) or playlists.draft(subject)) is not None:
            return revision.playlist.name.said(self._scene.language)
        for surface, row in site.surfaces.items():
            if subject in {panel.id for panel in row.panels}:
                return self._scene.panel(surface, subject)
        return self._titles.get(subject, "")

    def _who(self, kind: str, subject: str, payload: Mapping[str, Any]) -> str:
        """The person behind a line; whoever signs in is its subject."""
        person = next((str(payload[key]) for key in PERSONS if payload.get(key)), "")
        if kind.startswith("signin."):
            person = person or subject
        if not person:
            return ""
        if person in self._people:
            return self._people[person]
        return self._scene.say("record.by-command") if person in {"command-line", "set-up", "samples"} else ""


async def speaker(house: House, scene: Scene, rows: Sequence[Mapping[str, Any]]) -> Speaker:
    """A speaker that knows the bells and pictures of these lines."""
    incidents = [row["subject"] for row in rows if row["kind"].startswith("incident.")]
    assets = {row["subject"] for row in rows if row["kind"].startswith("media.")}
    assets |= {
        json.loads(row["payload"]).get("asset", "") for row in rows if row["kind"] == "media.pinned" and row["payload"]
    }
    bells = await house.journal.read(BELLS, [json.dumps(incidents)]) if incidents else []
    taken = await house.journal.read(TITLES, [json.dumps(sorted(assets))]) if assets else []
    titles = {row["subject"]: json.loads(row["payload"])["title"] for row in taken if row["payload"]}
    return Speaker(house, scene, {row["id"]: row["bell"] for row in bells}, titles)


def group_of(kind: str) -> str:
    """The filter's group a kind belongs to."""
    part = kind.partition(".")[0]
    return next((group for group, parts in GROUPS.items() if part in parts), "records")


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]
