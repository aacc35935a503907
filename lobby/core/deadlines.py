"""What of the content people must hear of in time: licences that end, batches that are not approved by their day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from lobby.core.batches import Batches
from lobby.core.library import Library
from lobby.core.records import Record, State

SOON, VERY_SOON = timedelta(days=30), timedelta(days=7)
DUE_SOON = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A licence that ends within a month, or has ended: then the asset is off every surface by itself."""

    asset: str
    title: str
    ends: datetime
    days: int

    @property
    def urgent(self) -> bool:
        """Within a week."""
        return self.days <= VERY_SOON.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A batch that should be on the wall, or within a day, and of which something is not approved."""

    batch: str
    name: str
    due: datetime
    over: bool
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """All of it at a moment; `waiting` assets wait for an approver."""

    ending: tuple[Ending, ...]
    late: tuple[Late, ...]
    waiting: int

    def document(self) -> dict[str, Any]:
        """As the live document that consoles follow."""
        return {
            "waiting": self.waiting,
            "ending": [
                _said(each.asset, each.title, each.ends, days=each.days, urgent=each.urgent) for each in self.ending
            ],
            "late": [_said(each.batch, each.name, each.due, over=each.over, left=each.left) for each in self.late],
        }


def deadlines(library: Library, batches: Batches, now: datetime, zone: tzinfo) -> Deadlines:
    """What is due as everything is now; a licence that ended more than a month ago is told no longer."""
    shown = library.by_id()
    records = [each for name, each in library.records.all().items() if name in shown]
    return Deadlines(
        ending=tuple(sorted(_endings(records, now, zone), key=lambda each: each.ends)),
        late=tuple(_lates(batches, now)),
        waiting=sum(each.state is State.WAITING for each in records),
    )


def _endings(records: list[Record], now: datetime, zone: tzinfo) -> list[Ending]:
    found = []
    for record in records:
        ends = record.ends(zone)
        if ends is not None and now - SOON < ends <= now + SOON and record.approval is not None:
            days = (ends.astimezone(zone).date() - now.astimezone(zone).date()).days - 1
            found.append(Ending(asset=record.asset, title=record.label.title, ends=ends, days=days))
    return found


def _lates(batches: Batches, now: datetime) -> list[Late]:
    found = []
    for batch in batches.all():
        if batch.due is None or batch.due > now + DUE_SOON or batches.ready(batch.id):
            continue
        lines = batches.lines(batch.id)
        left = sum(line.standing != "approved" for line in lines)
        found.append(Late(batch=batch.id, name=batch.name, due=batch.due, over=batch.due <= now, left=left))
    return found


def _said(name: str, title: str, moment: datetime, **more: object) -> Mapping[str, Any]:
    return {"id": name, "title": title, "at": moment.isoformat(), **more}
