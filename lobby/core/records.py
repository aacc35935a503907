"""The record of an asset: what its label says, whose it is, who brought it and who approved it.

A record is the fold of its facts. What was approved stays in effect until an edit of it is approved too; only a
licence that the edit shortens counts at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from lobby.core.journal import Entry, Fact, Journal, Json
from lobby.core.problem import Refusal
from lobby.core.spans import ALWAYS

LANGUAGES = ("ko", "en", "zh", "ja")
REQUIRED = ("ko", "en")
SAMPLES_BY = "samples"
NOTICES_BY = "notices"
OURS = frozenset({SAMPLES_BY, NOTICES_BY})
"""What the lobby drew itself needs no approval as a picture: what a notice says is approved as a notice."""

BEFORE_APPROVAL = 1
"""Version of `media.asset-taken` from before assets were approved: those hung already and go on."""
CAME_BACK_APPROVED = 2
"""Version of it from before what comes again after its deletion was approved again."""
BATCH_MOVED = 3
"""Version of it from before what comes again with another batch stayed in its first one."""
TAKEN_VERSION = 4
TAKEN, LABELLED, ASKED = "media.asset-taken", "media.labelled", "media.approval-asked"
APPROVED, SENT_BACK = "media.approved", "media.sent-back"
REMOVED, RESTORED, ERASED = "media.asset-removed", "media.asset-restored", "media.files-erased"
KINDS = frozenset({TAKEN, LABELLED, ASKED, APPROVED, SENT_BACK, REMOVED, RESTORED, ERASED})
PAGE = 1000
KEPT_AFTER_REMOVAL = timedelta(days=30)
DAY = timedelta(days=1)


class State(StrEnum):
    """How far an asset is on its way to the glass; whether it stands there only the players know."""

    DRAFT = "draft"
    WAITING = "waiting"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When something may be shown: from `start` (included) until `end` (not included); None is without limit."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """True when the moment lies inside."""
        return (self.start is None or self.start <= moment) and (self.end is None or moment < self.end)

    def ends(self) -> tuple[datetime, datetime]:
        """The same as two moments: without a limit it is that of all time."""
        return self.start or ALWAYS[0], self.end or ALWAYS[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Whose work it is and until when it may be shown; `first` and `last` are days of the site, both included."""

    artist: str = ""
    year: str = ""
    holder: str = ""
    licence: str = ""
    first: date | None = None
    last: date | None = None
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What stands beside a work: its title, what it says in each language, its rights; and the text `written` in it."""

    title: str
    title_en: str = ""
    written: str = ""
    descriptions: Mapping[str, str] = field(default_factory=dict)
    rights: Rights = field(default_factory=Rights)

    def missing(self) -> tuple[str, ...]:
        """The required languages that have no description."""
        return tuple(language for language in REQUIRED if not self.descriptions.get(language))

    def said(self, language: str) -> str:
        """The description in a language, Korean where that language is missing."""
        return self.descriptions.get(language) or self.descriptions.get("ko", "")

    def called(self, language: str) -> str:
        """The title in a language."""
        return self.title if language == "ko" else self.title_en or self.title

    def as_json(self) -> dict[str, Json]:
        """The label as a fact holds it."""
        days = {name: day.isoformat() if (day := getattr(self.rights, name)) else None for name in ("first", "last")}
        return {**asdict(self), "rights": {**asdict(self.rights), **days}}


def label_of(document: Mapping[str, Any]) -> Label:
    """The label that a fact holds; keys it does not know are left out."""
    known = {each.name for each in fields(Rights)}
    rights = {key: value for key, value in document.get("rights", {}).items() if key in known}
    days = {name: date.fromisoformat(rights[name]) if rights.get(name) else None for name in ("first", "last")}
    return Label(
        title=document["title"],
        title_en=document.get("title_en", ""),
        written=document.get("written", ""),
        descriptions=dict(document.get("descriptions", {})),
        rights=Rights(**{**rights, **days}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who let it onto the glass, when, with which label; `alone` where the same person had brought it."""

    person: str
    at: datetime
    label: Label
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack:
    """Who did not approve it, and why."""

    person: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One asset's record. `label` is the newest edit, by `edited_by`; `approval` is what is in effect.

    `panel` and `surface` are where it is meant for; `batch` what it came with first, `also` every other that the same
    bytes came with, each with the name of the file there; `replaces` what it takes the place of.
    """

    asset: str
    by: str
    at: datetime
    label: Label
    edited_by: str
    state: State = State.DRAFT
    asked_at: datetime | None = None
    approval: Approval | None = None
    sent_back: SentBack | None = None
    panel: str | None = None
    surface: str | None = None
    batch: str | None = None
    also: Mapping[str, str] = field(default_factory=dict)
    replaces: str | None = None
    removed_at: datetime | None = None

    @property
    def files_go_at(self) -> datetime | None:
        """Until when its deletion can be taken back."""
        return None if self.removed_at is None else self.removed_at + KEPT_AFTER_REMOVAL

    def may_show(self, zone: tzinfo) -> Span | None:
        """When it may be on a surface; None while nothing of it is approved, or where its licence leaves no day."""
        if self.approval is None or self.removed_at is not None:
            return None
        rights = (self.approval.label.rights, self.label.rights)
        starts = [_midnight(each.first, zone) for each in rights if each.first]
        ends = [_midnight(each.last + DAY, zone) for each in rights if each.last]
        span = Span(start=max(starts, default=None), end=min(ends, default=None))
        return None if span.start and span.end and span.end <= span.start else span

    def ends(self, zone: tzinfo) -> datetime | None:
        """When the licence of the newest label ends."""
        last = self.label.rights.last
        return _midnight(last + DAY, zone) if last else None


def moved(record: Record | None, entry: Entry) -> Record | None:
    """The record after a fact; an erased fact changes nothing, erased files end the record."""
    payload = entry.payload
    if payload is None:
        return record
    if entry.kind == TAKEN:
        return _taken(record, entry, payload)
    if record is None or entry.kind == ERASED:
        return None
    person = str(payload.get("person", ""))
    if entry.kind == LABELLED:
        again = State.WAITING if record.state is State.APPROVED else record.state
        asked_at = entry.at if again is not record.state else record.asked_at
        label = label_of(payload["label"])
        return replace(record, label=label, edited_by=person, state=again, asked_at=asked_at)
    if entry.kind == ASKED:
        return replace(record, state=State.WAITING, asked_at=entry.at, sent_back=None)
    if entry.kind == APPROVED:
        approval = Approval(person=person, at=entry.at, label=record.label, alone=bool(payload.get("alone")))
        return replace(record, state=State.APPROVED, approval=approval, sent_back=None)
    if entry.kind == SENT_BACK:
        sent_back = SentBack(person=person, at=entry.at, reason=str(payload.get("reason", "")))
        return replace(record, state=State.DRAFT, sent_back=sent_back)
    return replace(record, removed_at=entry.at if entry.kind == REMOVED else None)


def _taken(record: Record | None, entry: Entry, payload: Mapping[str, Any]) -> Record:
    """A new record, or the old one of the same bytes: it keeps its label and what was approved of it.

    What comes again with another batch is the first one's as it was: the other only knows of it. What somebody deleted
    comes again as a draft with its old label: who deleted it has a say again.
    """
    person = str(payload["person"])
    asked = bool(payload.get("asks"))
    meant: dict[str, Any] = {key: payload.get(key) for key in ("panel", "surface", "batch", "replaces")}
    if record is not None:
        if entry.v > BATCH_MOVED and _is_anothers(record, meant["batch"]):
            return replace(record, also={**record.also, meant["batch"]: str(payload.get("came_as", ""))})
        waits = asked and record.state is State.DRAFT
        told = {key: value for key, value in meant.items() if value is not None}
        again = replace(record, removed_at=None, **told)
        if record.removed_at is not None and entry.v > CAME_BACK_APPROVED and person not in OURS:
            new = Record(asset=entry.subject, by=person, at=entry.at, label=record.label, edited_by=person)
            again, waits = replace(new, **meant), asked
        return replace(again, state=State.WAITING, asked_at=entry.at) if waits else again
    label = Label(title=str(payload["title"]))
    new = replace(Record(asset=entry.subject, by=person, at=entry.at, label=label, edited_by=person), **meant)
    if entry.v == BEFORE_APPROVAL or person in OURS:
        approval = Approval(person=person, at=entry.at, label=label)
        return replace(new, state=State.APPROVED, approval=approval)
    return replace(new, state=State.WAITING, asked_at=entry.at) if asked else new


def _is_anothers(record: Record, batch: str | None) -> bool:
    """Whether it is there, of another batch than this one."""
    return record.removed_at is None and batch is not None and record.batch not in (None, batch)


def replacements(records: Mapping[str, Record], known: Collection[str]) -> Mapping[str, str]:
    """A deleted asset → the newest of the approved ones that have taken its place."""
    taken = {
        record.replaces: record.asset
        for record in records.values()
        if record.replaces and record.approval and record.removed_at is None and record.asset in known
    }
    gone = {old for old in taken if (old_one := records.get(old)) is None or old_one.removed_at is not None}
    return {old: _last(old, taken) for old in gone}


def _last(old: str, taken: Mapping[str, str]) -> str:
    """The end of a row of replacements; a ring of them ends where it began."""
    seen = {old}
    while (new := taken.get(old)) is not None and new not in seen:
        seen.add(new)
        old = new
    return old


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone)


class Records:
    """Every asset's record, folded from the journal; acts have a person. `alone` is a place where one person works."""

    def __init__(self, journal: Journal, *, zone: tzinfo, alone: bool = False) -> None:
        self._journal = journal
        self._zone = zone
        self._alone = alone
        self._records: dict[str, Record] = {}
        self._removed: frozenset[str] | None = None
        self._usable: Mapping[str, Span] | None = None
        self._listeners: list[Callable[[], None]] = []
        journal.follow(self._fold)

    async def load(self) -> None:
        """Fold what the journal knows."""
        after = 0
        while entries := await self._journal.entries(after=after, kinds=KINDS, limit=PAGE):
            for entry in entries:
                self._remember(entry)
            after = entries[-1].seq

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call it after each change, in the loop's thread."""
        self._listeners.append(listener)

    def of(self, asset: str) -> Record | None:
        """The record of an asset."""
        return self._records.get(asset)

    def all(self) -> Mapping[str, Record]:
        """Every record by its asset, removed ones too until their files are gone."""
        return self._records

    def removed(self) -> frozenset[str]:
        """The assets that somebody deleted."""
        if self._removed is None:
            gone = (asset for asset, record in self._records.items() if record.removed_at is not None)
            self._removed = frozenset(gone)
        return self._removed

    def usable(self) -> Mapping[str, Span]:
        """The assets that may be on a surface, and when: approved, not deleted, inside their licence."""
        if self._usable is None:
            spans = ((asset, record.may_show(self._zone)) for asset, record in self._records.items())
            self._usable = {asset: span for asset, span in spans if span is not None}
        return self._usable

    def approvable(self, asset: str, person: str) -> Refusal | None:
        """Why this person cannot approve it, or None."""
        record = self._records.get(asset)
        if record is None or record.removed_at is not None:
            return Refusal("media.no-such-asset", asset, status=404)
        if record.state is not State.WAITING:
            return Refusal("media.not-asked", status=409)
        if missing := record.label.missing():
            return Refusal("media.missing-description", status=422, languages=", ".join(missing))
        if self._second_needed(record, person):
            return Refusal("media.second-person", status=403)
        return None

    async def label(self, asset: str, label: Label, *, person: str) -> Record:
        """Give it another label; what was approved has to be approved again. Raises Refusal."""
        record = self._known(asset)
        if label != record.label:
            await self._act(LABELLED, asset, person, label=label.as_json())
        return self._known(asset)

    async def ask(self, *assets: str, person: str) -> None:
        """Ask for approval; what waits already or is approved is left as it is. Raises Refusal."""
        drafts = [each for each in map(self._known, assets) if each.state is State.DRAFT]
        await self._journal.record(*(_fact(ASKED, each.asset, person) for each in drafts))

    async def approve(self, *assets: str, person: str, also: Iterable[Fact] = ()) -> None:
        """Let all of them onto the glass, together with further facts, or none. Raises Refusal."""
        for asset in assets:
            if (refusal := self.approvable(asset, person)) is not None:
                raise refusal
        facts = [
            _fact(APPROVED, each.asset, person, alone=person in {each.by, each.edited_by})
            for each in map(self._known, assets)
        ]
        await self._journal.record(*facts, *also)

    async def send_back(self, asset: str, reason: str, *, person: str) -> None:
        """Do not approve it, and say why. Raises Refusal."""
        if self._known(asset).state is not State.WAITING:
            raise Refusal("media.not-asked", status=409)
        await self._act(SENT_BACK, asset, person, reason=reason)

    async def remove(self, asset: str, *, person: str) -> None:
        """Take it out of everything at once; its files stay for a while. Raises Refusal."""
        self._known(asset)
        await self._act(REMOVED, asset, person)

    async def restore(self, asset: str, *, person: str) -> None:
        """Take a deletion back. Raises Refusal."""
        record = self._records.get(asset)
        if record is None or record.removed_at is None:
            raise Refusal("media.no-such-asset", asset, status=404)
        await self._act(RESTORED, asset, person)

    def _second_needed(self, record: Record, person: str) -> bool:
        return not self._alone and person in {record.by, record.edited_by}

    def _known(self, asset: str) -> Record:
        record = self._records.get(asset)
        if record is None or record.removed_at is not None:
            raise Refusal("media.no-such-asset", asset, status=404)
        return record

    async def _act(self, kind: str, asset: str, person: str, **more: Json) -> None:
        await self._journal.record(_fact(kind, asset, person, **more))

    def _fold(self, entry: Entry) -> None:
        if entry.kind in KINDS:
            self._remember(entry)
            for listener in self._listeners:
                listener()

    def _remember(self, entry: Entry) -> None:
        self._removed = self._usable = None
        record = moved(self._records.get(entry.subject), entry)
        if record is None:
            self._records.pop(entry.subject, None)
        else:
            self._records[entry.subject] = record


def _fact(kind: str, asset: str, person: str, **more: Json) -> Fact:
    return Fact(kind=kind, subject=asset, payload={**more, "person": person})
