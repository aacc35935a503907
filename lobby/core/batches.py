"""Intake batches: files that came together with one sheet, are checked in one list and approved in one act.

A batch may have to be on the wall by a moment. What is not approved by then stays off the wall: the old programme goes
on, and Today says who is asked.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from lobby.core.arrivals import Arrival, Arrivals, Stage
from lobby.core.journal import Entry, Fact, Journal
from lobby.core.labels import labelled, plain
from lobby.core.library import STOPS, Library
from lobby.core.problem import Problem, Refusal
from lobby.core.records import Record, State
from lobby.core.rows import Sheet, file_key

OPENED, SHEET, DUE = "media.batch-opened", "media.batch-sheet", "media.batch-due"
DROPPED, RESTORED = "media.batch-dropped", "media.batch-restored"
KINDS = frozenset({OPENED, SHEET, DUE, DROPPED, RESTORED})
LONGEST_NAME = 80
PAGE = 1000
Shelf = defaultdict[str, list[Record]]


class Standing(StrEnum):
    """How far one line of a batch is."""

    MISSING = "missing"
    COMING = "coming"
    REFUSED = "refused"
    LACKS = "lacks"
    DRAFT = "draft"
    WAITING = "waiting"
    HERE = "here"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came together; `rows` are those of its sheet by their file's key, `due` is when it must be on the wall."""

    id: str
    name: str
    by: str
    at: datetime
    surface: str | None = None
    due: datetime | None = None
    rows: Mapping[str, Mapping[str, str]] | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One file or one row of a batch: how far it is, and what is to be mended."""

    file: str
    standing: Standing
    asset: str | None = None
    record: Record | None = None
    arrival: Arrival | None = None
    has_row: bool = True
    problem: Problem | None = None


class Batches:
    """Every batch, folded from the journal; acts have a person."""

    def __init__(
        self,
        journal: Journal,
        library: Library,
        arrivals: Arrivals,
        *,
        ids: Callable[[], str] = lambda: secrets.token_hex(6),
    ) -> None:
        self._journal = journal
        self._library = library
        self._arrivals = arrivals
        self._ids = ids
        self._batches: dict[str, Batch] = {}
        self._dropped: set[str] = set()
        self._sorted: tuple[Shelf, Shelf] | None = None
        library.on_change(self._forget)
        journal.follow(self._fold)
        arrivals.on_taken(self._arrived)

    async def load(self) -> None:
        """Fold what the journal knows."""
        after = 0
        while entries := await self._journal.entries(after=after, kinds=KINDS, limit=PAGE):
            for entry in entries:
                self._remember(entry)
            after = entries[-1].seq

    def all(self) -> tuple[Batch, ...]:
        """Every batch, the newest first."""
        return tuple(batch for batch in reversed(self._batches.values()) if batch.id not in self._dropped)

    def of(self, batch: str) -> Batch:
        """One batch. Raises Refusal."""
        found = self._batches.get(batch)
        if found is None or batch in self._dropped:
            raise Refusal("content.no-such-batch", batch[:40], status=404)
        return found

    def dropped(self, batch: str) -> Batch | None:
        """A batch that was taken off the list and can come back."""
        return self._batches[batch] if batch in self._dropped else None

    async def open(self, name: str, *, person: str, surface: str | None = None, due: datetime | None = None) -> Batch:
        """A new batch. Raises Refusal."""
        self._library.refuse_place(None, surface)
        batch, called = self._ids(), plain(name)[:LONGEST_NAME]
        await self._act(OPENED, batch, person, name=called, surface=surface, due=due.isoformat() if due else None)
        return self.of(batch)

    async def set_due(self, batch: str, due: datetime | None, *, person: str) -> None:
        """When it must be on the wall. Raises Refusal."""
        self.of(batch)
        await self._act(DUE, batch, person, due=due.isoformat() if due else None)

    async def drop(self, batch: str, *, person: str) -> None:
        """Take it off the list; its files stay what they are. Raises Refusal."""
        self.of(batch)
        await self._act(DROPPED, batch, person)

    async def restore(self, batch: str, *, person: str) -> None:
        """Take that back: it is on the list again as it was. Raises Refusal."""
        if batch not in self._dropped:
            raise Refusal("content.no-such-batch", batch[:40], status=404)
        await self._act(RESTORED, batch, person)

    async def take_sheet(self, batch: str, sheet: Sheet, *, person: str) -> None:
        """Give it a sheet; what has come already is labelled by it at once. Raises Refusal."""
        self.of(batch)
        problems = [{"code": each.code, "params": dict(each.params)} for each in sheet.problems]
        await self._act(SHEET, batch, person, rows=list(sheet.rows), problems=problems)
        for record in self.records(batch):
            await self._labelled(record, person)

    async def ask(self, batch: str, *, person: str) -> None:
        """Ask for approval of all that nothing has to be mended of first. Raises Refusal."""
        ready = [each.asset for each in self.lines(batch) if each.standing is Standing.DRAFT and each.asset]
        if not ready:
            raise Refusal("content.nothing-to-ask", status=409)
        await self._library.records.ask(*ready, person=person)

    async def approve(self, batch: str, *, person: str) -> None:
        """Let all that waits onto the glass, or nothing of it. Raises Refusal."""
        self.of(batch)
        waiting = [each.asset for each in self.records(batch) if each.state is State.WAITING]
        if not waiting:
            raise Refusal("media.not-asked", status=409)
        await self._library.approve(*waiting, person=person)

    def records(self, batch: str) -> list[Record]:
        """What came with it first and nobody has deleted, by file name."""
        return sorted(self._shelves()[0].get(batch, ()), key=lambda each: self._file(each))

    def here(self, record: Record, batch: str | None = None) -> Problem:
        """What to say to whoever brings the same bytes once more (with a `batch`): in which batch they are, how far."""
        home, far = self._home(record), self._far(record)
        if home in (None, batch):
            return Problem(code=f"content.alone-{far}")
        return Problem(code=f"content.here-{far}", params={"batch": self._batches[home or ""].name})

    def lines(self, batch: str) -> list[Line]:
        """Every file and every row of a batch with what is to be mended; what came again is not told as refused."""
        found = self.of(batch)
        rows = found.rows or {}
        lines = [self._line(record, rows, with_sheet=found.rows is not None) for record in self.records(batch)]
        lines += [self._guest(record, record.also[batch]) for record in self._guests(batch)]
        come = {file_key(each.file) for each in lines}
        mine = [each for each in self._arrivals.all() if each.meant.batch == batch and each.stage is not Stage.TAKEN]
        for each in sorted(mine, key=lambda each: each.stage is Stage.REFUSED):
            if each.stage is not Stage.REFUSED or file_key(each.name) not in come:
                lines.append(_arriving(each))
            come.add(file_key(each.name))
        return [
            *lines,
            *(Line(file=row["file"], standing=Standing.MISSING) for key, row in rows.items() if key not in come),
        ]

    def ready(self, batch: str) -> bool:
        """Whether all of it is there and approved."""
        lines = self.lines(batch)
        return bool(lines) and all(each.standing is Standing.APPROVED for each in lines)

    def late(self, now: datetime) -> list[Batch]:
        """What should be on the wall and is not."""
        return [each for each in self.all() if each.due is not None and each.due <= now and not self.ready(each.id)]

    def _line(self, record: Record, rows: Mapping[str, Mapping[str, str]], *, with_sheet: bool) -> Line:
        file = self._file(record)
        row = rows.get(file_key(file))
        problem = _row_problem(record, row)
        standing = Standing(record.state.value)
        problem = problem or self._lacks(record)
        if standing is not Standing.APPROVED and problem:
            standing = Standing.LACKS
        return Line(
            file=file, standing=standing, asset=record.asset, record=record, problem=problem,
            has_row=row is not None or not with_sheet,
        )  # fmt: skip

    def _home(self, record: Record) -> str | None:
        """The batch whose it is: the first of those it came with that is on the list."""
        came = [each for each in (record.batch, *record.also) if each in self._batches]
        return next((each for each in came if each not in self._dropped), record.batch if came else None)

    def _guests(self, batch: str) -> list[Record]:
        """What came with it although it was here already, with another batch."""
        return self._shelves()[1].get(batch, [])

    def _shelves(self) -> tuple[Shelf, Shelf]:
        """By batch what is its own, and what came with it once more; looked through once, however many batches ask."""
        if self._sorted is None:
            own, guests = Shelf(list), Shelf(list)
            for record in self._library.records.all().values():
                home = None if record.removed_at else self._home(record)
                if home is not None:
                    own[home].append(record)
                    for batch in record.also.keys() - {home}:
                        guests[batch].append(record)
            self._sorted = own, guests
        return self._sorted

    def _forget(self) -> None:
        self._sorted = None

    def _guest(self, record: Record, file: str) -> Line:
        approved = self._far(record) == "approved"
        return Line(
            file=file, standing=Standing.APPROVED if approved else Standing.HERE, asset=record.asset, record=record,
            problem=self.here(record),
        )  # fmt: skip

    def _far(self, record: Record) -> str:
        ends = self._library.usable().get(record.asset)
        over = record.approval is not None and (ends is None or not ends.ends()[1] > self._arrivals.clock.now())
        return "ended" if over else "sent-back" if record.sent_back else record.state.value

    def _lacks(self, record: Record) -> Problem | None:
        """What keeps anybody from approving it."""
        asset = self._library.by_id().get(record.asset)
        stops = [each for each in asset.checks if each.severity == STOPS] if asset else []
        if stops:
            return Problem(code="media.check-stops", params={"count": str(len(stops))})
        missing = ", ".join(record.label.missing())
        return Problem(code="media.missing-description", params={"languages": missing}) if missing else None

    def _file(self, record: Record) -> str:
        """The title that the file's own name gave it."""
        asset = self._library.by_id().get(record.asset)
        return asset.title if asset is not None else record.label.title

    async def _arrived(self, arrival: Arrival, asset: str) -> None:
        record = self._library.records.of(asset)
        if arrival.meant.batch in self._batches and record is not None:
            await self._labelled(record, arrival.person)

    async def _labelled(self, record: Record, person: str) -> None:
        row = (self._batches[record.batch or ""].rows or {}).get(file_key(self._file(record)))
        if row is not None and _row_problem(record, row) is None:
            await self._library.records.label(record.asset, labelled(record.label, _said(row)), person=person)

    async def _act(self, kind: str, batch: str, person: str, **more: Any) -> None:
        await self._journal.record(Fact(kind=kind, subject=batch, payload={**more, "person": person}))

    def _fold(self, entry: Entry) -> None:
        if entry.kind in KINDS:
            self._remember(entry)
            self._forget()

    def _remember(self, entry: Entry) -> None:
        payload = entry.payload
        if payload is None:
            return
        if entry.kind == DROPPED:
            self._dropped.add(entry.subject)
        elif entry.kind == RESTORED:
            self._dropped.discard(entry.subject)
        elif entry.kind == OPENED:
            self._batches[entry.subject] = Batch(
                id=entry.subject, name=payload["name"], by=payload["person"], at=entry.at, surface=payload["surface"],
                due=_moment(payload["due"]),
            )  # fmt: skip
        elif (known := self._batches.get(entry.subject)) is not None:
            self._batches[entry.subject] = _moved(known, entry.kind, payload)


def _moved(batch: Batch, kind: str, payload: Mapping[str, Any]) -> Batch:
    if kind == DUE:
        return replace(batch, due=_moment(payload["due"]))
    rows: Sequence[Mapping[str, str]] = payload["rows"]
    problems = tuple(Problem(code=each["code"], params=each["params"]) for each in payload["problems"])
    return replace(batch, rows={file_key(row["file"]): row for row in rows}, problems=problems)


def _arriving(arrival: Arrival) -> Line:
    standing = Standing.REFUSED if arrival.stage is Stage.REFUSED else Standing.COMING
    return Line(file=arrival.name, standing=standing, arrival=arrival, problem=arrival.problem)


def _row_problem(record: Record, row: Mapping[str, str] | None) -> Problem | None:
    """What of the row cannot stand on a label."""
    if row is None:
        return None
    try:
        labelled(record.label, _said(row))
    except Refusal as refusal:
        return refusal.problem
    return None


def _said(row: Mapping[str, str]) -> dict[str, str]:
    """The row without its file, and without cells that are empty: those leave the label as it is."""
    return {name: text for name, text in row.items() if name != "file" and text}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
