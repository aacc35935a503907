"""Signed checklists and hand-over notes: durable, once, and erasable where somebody wrote freely."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Journal
from lobby.core.problem import Refusal
from lobby.day.checklist import Checklist, checklist
from lobby.day.handover import HANDOVERS, LONGEST, HandOvers, clean
from lobby.day.signatures import OPENINGS, Signatures
from tests.lobby.day.readings import OPEN_TUESDAY, but, reading
from tests.running import run

TUESDAY = date(2026, 11, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A journal in memory with both books over it."""

    journal: Journal
    signatures: Signatures
    notes: HandOvers

    async def again(self) -> Office:
        """The same after a restart."""
        made = Office(journal=self.journal, signatures=Signatures(self.journal), notes=HandOvers(self.journal))
        await made.signatures.load()
        await made.notes.load()
        return made

    async def lines(self, kind: str) -> list[int]:
        """The numbers of the journal's lines of a kind."""
        return [row["seq"] for row in await self.journal.read("SELECT seq FROM journal WHERE kind = ?", (kind,))]


@asynccontextmanager
async def an_office(*, alone: bool = False) -> AsyncIterator[Office]:
    """An empty one."""
    clock = VirtualClock(OPEN_TUESDAY)
    async with Journal.open(MEMORY, clock=clock, projections=(OPENINGS, HANDOVERS)) as journal:
        yield Office(journal=journal, signatures=Signatures(journal), notes=HandOvers(journal, alone=alone))


def found(**changes: object) -> Checklist:
    """The list of a Tuesday morning with one dark panel."""
    return checklist(but(reading(), "wall-display-1", reported="off", troubles=("not-obeying",), **changes))


def test_a_signed_list_reads_back_as_it_was() -> None:
    """Every line, its state, words and times come back from the journal, over a restart too."""

    async def play() -> None:
        async with an_office() as office:
            made = await office.signatures.sign(found(), person="p1", remarks="업체에 연락함")
            kept = await (await office.again()).signatures.read(TUESDAY)
            assert kept is not None
            assert (kept.checklist, kept.remarks, kept.signature.person) == (found(), "업체에 연락함", "p1")
            assert made.at == OPEN_TUESDAY

    run(play())


def test_a_day_is_signed_once() -> None:
    """The second signature is refused and leaves nothing, also by a program that has forgotten the first."""

    async def play() -> None:
        async with an_office() as office:
            await office.signatures.sign(found(), person="p1")
            with pytest.raises(Refusal) as refused:
                await (await office.again()).signatures.sign(found(), person="p2", remarks="too late")
            assert refused.value.problem.code == "morning.signed-already"
            assert (len(await office.lines("opening.signed")), await office.lines("opening.remarked")) == (1, [])

    run(play())


def test_remarks_are_erased_alone() -> None:
    """Retention takes the free text; list, name and time stay, and the chain holds."""

    async def play() -> None:
        async with an_office() as office:
            await office.signatures.sign(found(), person="p1", remarks="김○○ 씨에게 전화")
            await office.journal.erase(*await office.lines("opening.remarked"))
            kept = await office.signatures.read(TUESDAY)
            assert kept is not None
            assert (kept.remarks, kept.erased, kept.checklist) == (None, True, found())
            assert (await office.journal.verify()).ok

    run(play())


def test_past_days_are_listed_newest_first() -> None:
    """A day without a signature is not among them."""

    async def play() -> None:
        async with an_office() as office:
            for days in (0, 1, 3):
                await office.signatures.sign(checklist(reading(OPEN_TUESDAY + timedelta(days=days))), person="p1")
            listed = await office.signatures.days(before=date(2026, 11, 27), most=5)
            assert [one.day.day for one in listed] == [25, 24]
            assert await office.signatures.read(date(2026, 11, 26)) is None

    run(play())


def test_a_note_stays_until_the_next_person_has_read_it() -> None:
    """Its writer's own reading is refused; the other's takes it away, and once is enough."""

    async def play() -> None:
        async with an_office() as office:
            note = await office.notes.write("3번 창구 의자 수리, 내일 10시", person="p1", found=found())
            with pytest.raises(Refusal):
                await office.notes.read(note.id, person="p1")
            assert [one.text for one in (await office.again()).notes.unread()] == ["3번 창구 의자 수리, 내일 10시"]
            for _ in range(2):
                await office.notes.read(note.id, person="p2")
            assert office.notes.unread() == ()
            assert [one.read_by for one in await office.notes.past(most=5)] == ["p2"]
            assert len(await office.lines("handover.read")) == 1

    run(play())


def test_where_one_person_works_alone_the_own_note_is_read_next_day() -> None:
    """Nobody else would take it away."""

    async def play() -> None:
        async with an_office(alone=True) as office:
            note = await office.notes.write("내일 소독", person="p1", found=found())
            await office.notes.read(note.id, person="p1")
            assert office.notes.unread() == ()

    run(play())


def test_what_was_open_goes_with_a_note() -> None:
    """The dark panel is attached; the day's rules and who was on duty are not."""

    async def play() -> None:
        async with an_office() as office:
            note = await office.notes.write("교대", person="p1", found=found())
            assert [one.id for one in note.attached] == ["lit:wall"]
            (kept,) = (await office.again()).notes.unread()
            assert kept == office.notes.unread()[0]

    run(play())


def test_an_erased_text_is_gone_from_memory_too() -> None:
    """The pinned note says that its text was erased, at once and after a restart."""

    async def play() -> None:
        async with an_office() as office:
            await office.notes.write("지울 글", person="p1", found=found())
            await office.journal.erase(*await office.lines("handover.text"))
            assert [one.text for one in office.notes.unread()] == [None]
            assert [one.text for one in (await office.again()).notes.unread()] == [None]

    run(play())


def test_an_unknown_note_cannot_be_read() -> None:
    """404 with words."""

    async def play() -> None:
        async with an_office() as office:
            with pytest.raises(Refusal) as refused:
                await office.notes.read("nothing", person="p1")
            assert refused.value.status == 404

    run(play())


def test_a_text_is_composed_and_has_plain_line_ends() -> None:
    """Hangul typed in pieces is put together; signs that do not print go, line ends stay."""
    assert clean("\u1100\u1161\r\n나\x00\u200b\u202e") == "가\n나"


@pytest.mark.parametrize(("text", "code"), [(" \n", "morning.no-text"), ("가" * (LONGEST + 1), "morning.text-long")])
def test_a_text_that_cannot_be_is_refused(text: str, code: str) -> None:
    """Nothing, or too much of it."""
    with pytest.raises(Refusal) as refused:
        clean(text)
    assert refused.value.problem.code == code


def test_the_longest_text_is_counted_after_composing() -> None:
    """Two thousand syllables typed in pieces are two thousand signs."""
    assert len(clean("\u1100\u1161" * LONGEST)) == LONGEST
