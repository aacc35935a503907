"""Playlists as staff change them: a draft, a second person's approval, what is in effect, and the way back.

The site file's value is revision 1 and belongs to nobody; every further one is a fact of the journal.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lobby.core.journal import Entry, Fact, Journal
from lobby.core.problem import Refusal
from lobby.core.projection import stamp
from lobby.core.sequences import DEEPEST, circle, contained
from lobby.core.site import Playlist, Site

DRAFTED, APPROVED, SENT_BACK = "media.playlist-drafted", "media.playlist-approved", "media.playlist-sent-back"
REMOVED, RESTORED, SET = "media.playlist-removed", "media.playlist-restored", "media.playlist-set"
APPROVE = "UPDATE playlists SET approved_by = ?, approved_at = ?, sent_back = '' WHERE id = ? AND revision = ?"
MOST_ITEMS = 200
MOST_PLAYLISTS = 200
LONGEST_REASON = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One state of a playlist: who drafted it when, who approved it when (None: nobody yet)."""

    id: str
    revision: int
    playlist: Playlist
    person: str | None = None
    at: datetime | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    sent_back: str = ""

    @property
    def waiting(self) -> bool:
        """Whether it needs another person's approval."""
        return self.revision > 1 and self.approved_by is None and not self.sent_back


class PlaylistProjection:
    """Every revision that staff made, one row each; a removed playlist has none."""

    name = "playlists"
    ddl = """CREATE TABLE playlists (id TEXT, revision INTEGER, document TEXT NOT NULL, person TEXT, at TEXT,
        approved_by TEXT, approved_at TEXT, sent_back TEXT NOT NULL DEFAULT '', PRIMARY KEY (id, revision));
        CREATE TABLE playlists_removed (id TEXT PRIMARY KEY, at TEXT, person TEXT)"""
    kinds = frozenset({DRAFTED, APPROVED, SENT_BACK, REMOVED, RESTORED, SET})

    def apply(self, cursor: sqlite3.Cursor, entry: Entry) -> None:
        """Fold one fact; an erased one changes nothing."""
        payload, at = entry.payload, stamp(entry.at)
        if payload is None:
            return
        key, person = (entry.subject, payload.get("revision")), payload.get("person")
        if entry.kind in (DRAFTED, SET):
            document = payload["document"] if entry.kind == DRAFTED else {"items": payload["items"]}
            by = (person, at) if entry.kind == SET else (None, None)
            row = (*key, json.dumps(document), person, at, *by, "")
            cursor.execute("INSERT OR REPLACE INTO playlists VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        elif entry.kind == APPROVED:
            cursor.execute(APPROVE, (person, at, *key))
        elif entry.kind == SENT_BACK:
            row = (payload["reason"], *key)
            cursor.execute("UPDATE playlists SET sent_back = ? WHERE id = ? AND revision = ?", row)
        elif entry.kind == REMOVED:
            cursor.execute("INSERT OR REPLACE INTO playlists_removed VALUES (?, ?, ?)", (entry.subject, at, person))
        else:
            cursor.execute("DELETE FROM playlists_removed WHERE id = ?", (entry.subject,))


PLAYLISTS = PlaylistProjection()


class Playlists:
    """What the playlists are. Every act has a person; `known` says whether an asset's name means something here."""

    def __init__(self, journal: Journal, site: Site) -> None:
        self._journal = journal
        self._site = site
        self._alone = site.site.one_person
        self._kept: dict[str, dict[int, Revision]] = {}
        self._removed: set[str] = set()
        self._listeners: list[Callable[[], None]] = []
        self._writing = asyncio.Lock()
        self.known: Callable[[str], bool] = lambda _: True
        self._forget()
        journal.follow(self._fold)

    async def load(self) -> None:
        """Take up what stands in the journal."""
        self._forget()
        for row in await self._journal.read("SELECT * FROM playlists ORDER BY id, revision"):
            self._take(dict(row))
        self._removed = {row["id"] for row in await self._journal.read("SELECT id FROM playlists_removed")}

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it after each change, in the loop's thread."""
        self._listeners.append(listener)

    def all(self) -> Mapping[str, Playlist]:
        """Every playlist in effect, by its id."""
        shown = ((name, self.revision(name)) for name in self._kept)
        return {name: found.playlist for name, found in shown if found is not None}

    def revision(self, name: str) -> Revision | None:
        """What is in effect of a playlist: the newest approved revision; None for one that never was or is removed."""
        return None if name in self._removed else self._approved(name)

    def _approved(self, name: str) -> Revision | None:
        approved = (each for each in self._kept.get(name, {}).values() if each.revision == 1 or each.approved_by)
        return max(approved, key=lambda each: each.revision, default=None)

    def draft(self, name: str) -> Revision | None:
        """The newest revision where it is not in effect: waiting, or sent back."""
        if name in self._removed or name not in self._kept:
            return None
        newest = max(self._kept[name].values(), key=lambda each: each.revision)
        return newest if newest.revision > 1 and newest.approved_by is None else None

    def names(self) -> tuple[str, ...]:
        """Every playlist there is, also those that have only a draft."""
        return tuple(name for name in self._kept if name not in self._removed)

    def history(self, name: str) -> tuple[Revision, ...]:
        """All revisions, the newest first."""
        return tuple(sorted(self._kept.get(name, {}).values(), key=lambda each: -each.revision))

    async def save(self, name: str, playlist: Playlist, *, person: str, seen: int | None = None) -> Revision:
        """A new draft, also of a new playlist. `seen`: the revision it was made from; a newer one is refused.

        Raises Refusal and NotDurable.
        """
        async with self._writing:
            newest = max(self._kept.get(name, {0: None}))
            if seen is not None and seen != newest:
                raise Refusal("playlists.changed-meanwhile", name, status=412)
            self._check(name, playlist)
            document = playlist.model_dump(mode="json", by_alias=True)
            fact = Fact(kind=DRAFTED, subject=name, payload=_said(max(1, newest) + 1, person, document=document))
            restored = [Fact(kind=RESTORED, subject=name, payload={"person": person})] if name in self._removed else []
            await self._journal.record(*restored, fact)
        return self._kept[name][max(1, newest) + 1]

    async def approve(self, name: str, revision: int, *, person: str) -> Revision:
        """What waits comes into effect; by another person than the one who drafted it, unless the site has only one.

        Raises Refusal and NotDurable.
        """
        async with self._writing:
            waiting = self._waiting(name, revision)
            if waiting.person == person and not self._alone:
                raise Refusal("playlists.own-draft", name, status=403)
            self._check(name, waiting.playlist)
            alone = waiting.person == person
            await self._journal.record(Fact(kind=APPROVED, subject=name, payload=_said(revision, person, alone=alone)))
        return self._kept[name][revision]

    async def send_back(self, name: str, revision: int, *, person: str, reason: str) -> None:
        """What waits goes back to whoever drafted it, with a reason. Raises Refusal and NotDurable."""
        async with self._writing:
            self._waiting(name, revision)
            if not reason.strip() or len(reason) > LONGEST_REASON:
                raise Refusal("playlists.no-reason", name, status=422, most=str(LONGEST_REASON))
            payload = _said(revision, person, reason=reason.strip())
            await self._journal.record(Fact(kind=SENT_BACK, subject=name, payload=payload))

    async def revert(self, name: str, revision: int, *, person: str) -> Revision:
        """A revision that was in effect once is again: as a new one, approved already, as it has been seen before.

        Raises Refusal and NotDurable.
        """
        async with self._writing:
            old = self._kept.get(name, {}).get(revision)
            if old is None or not (old.revision == 1 or old.approved_by):
                raise Refusal("playlists.never-in-effect", name, status=404)
            self._check(name, old.playlist)
            number = max(self._kept[name]) + 1
            document = old.playlist.model_dump(mode="json", by_alias=True)
            await self._journal.record(
                Fact(kind=DRAFTED, subject=name, payload=_said(number, person, document=document, like=revision)),
                Fact(kind=APPROVED, subject=name, payload=_said(number, person, like=revision)),
            )
        return self._kept[name][number]

    async def remove(self, name: str, *, person: str) -> None:
        """Take a playlist of staff away; one that the site file plays stays. Raises Refusal and NotDurable."""
        async with self._writing:
            if name not in self._kept or name in self._removed:
                raise Refusal("media.no-such-playlist", name, status=404)
            if name in self._site.playlists:
                raise Refusal("playlists.of-the-site", name)
            users = [key for key, each in self.all().items() if any(item.playlist == name for item in each.items)]
            if users:
                raise Refusal("playlists.in-use", name, by=", ".join(users))
            await self._journal.record(Fact(kind=REMOVED, subject=name, payload={"person": person}))

    async def restore(self, name: str, *, person: str) -> None:
        """Take a removal back: the playlist is as it was, with its history. Raises Refusal and NotDurable."""
        async with self._writing:
            if name not in self._removed:
                raise Refusal("media.no-such-playlist", name, status=404)
            found = self._approved(name)
            inner = {item.playlist for item in found.playlist.items if item.playlist} if found else set()
            for gone in sorted(inner - self.all().keys()):
                raise Refusal("media.no-such-playlist", gone, status=404)
            await self._journal.record(Fact(kind=RESTORED, subject=name, payload={"person": person}))

    def judge(self, name: str, playlist: Playlist) -> None:
        """Whether it could be saved under that name. Raises Refusal."""
        self._check(name, playlist)

    def _waiting(self, name: str, revision: int) -> Revision:
        waiting = self.draft(name)
        if waiting is None or waiting.revision != revision or not waiting.waiting:
            raise Refusal("playlists.not-waiting", name, status=409)
        return waiting

    def _check(self, name: str, playlist: Playlist) -> None:
        if len(playlist.items) > MOST_ITEMS or (name not in self._kept and len(self._kept) >= MOST_PLAYLISTS):
            raise Refusal("media.wrong-playlist", name, status=422, most=str(MOST_ITEMS))
        then = {**self.all(), name: playlist}
        for item in playlist.items:
            if bool(item.asset) == (item.playlist is not None):
                raise Refusal("playlists.one-of-two", name, status=422)
            if item.playlist is not None and item.playlist not in then:
                raise Refusal("media.no-such-playlist", item.playlist, status=404)
            if item.from_ and item.to and item.to < item.from_:
                raise Refusal("playlists.ends-before", name, status=422)
        way = next((way for each in then if (way := circle(then, each)) is not None), None)
        if way is not None:
            raise Refusal("playlists.circle", name, status=422, way=" → ".join(way), deepest=str(DEEPEST))
        unknown = [asset for asset in contained({name: playlist}, name) if not self.known(asset)]
        if unknown:
            raise Refusal("media.no-such-asset", name, status=404)

    def _forget(self) -> None:
        self._kept = {
            name: {1: Revision(id=name, revision=1, playlist=playlist)}
            for name, playlist in self._site.playlists.items()
        }
        self._removed = set()

    def _take(self, row: Mapping[str, Any]) -> None:
        before = self._site.playlists.get(row["id"])
        playlist = _read(json.loads(row["document"]), before)
        if playlist is None:
            return
        found = Revision(
            id=row["id"],
            revision=row["revision"],
            playlist=playlist,
            person=row["person"],
            at=_moment(row["at"]),
            approved_by=row["approved_by"],
            approved_at=_moment(row["approved_at"]),
            sent_back=row["sent_back"],
        )
        self._kept.setdefault(found.id, {})[found.revision] = found

    def _fold(self, entry: Entry) -> None:
        """Follow the journal: what is written counts, also when its writer has given up waiting."""
        payload, name = entry.payload, entry.subject
        if entry.kind not in PLAYLISTS.kinds or payload is None:
            return
        if entry.kind in (DRAFTED, SET):
            self._take(_row_of(entry, payload))
        elif entry.kind in (REMOVED, RESTORED):
            (self._removed.add if entry.kind == REMOVED else self._removed.discard)(name)
        elif (known := self._kept.get(name, {}).get(payload["revision"])) is not None:
            changed = (
                replace(known, approved_by=payload["person"], approved_at=entry.at, sent_back="")
                if entry.kind == APPROVED
                else replace(known, sent_back=payload["reason"])
            )
            self._kept[name][known.revision] = changed
        for listener in self._listeners:
            listener()


def _said(revision: int, person: str, **more: Any) -> dict[str, Any]:
    return {"revision": revision, "person": person, **more}


def _row_of(entry: Entry, payload: Mapping[str, Any]) -> dict[str, Any]:
    set_at_once = entry.kind == SET
    return {
        "id": entry.subject,
        "revision": payload["revision"],
        "document": json.dumps({"items": payload["items"]} if set_at_once else payload["document"]),
        "person": payload["person"],
        "at": stamp(entry.at),
        "approved_by": payload["person"] if set_at_once else None,
        "approved_at": stamp(entry.at) if set_at_once else None,
        "sent_back": "",
    }


def _read(document: Mapping[str, Any], before: Playlist | None) -> Playlist | None:
    """A kept document; one that an earlier version wrote has only items. None for one of a list that is gone."""
    if "name" in document:
        return Playlist.model_validate(document)
    if before is None:
        return None
    return Playlist.model_validate({**before.model_dump(mode="json", by_alias=True), **document})


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
