"""Records: labels, rights and approval by a second person; what may be on a surface, and when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Fact, Journal, NotDurable
from lobby.core.problem import Refusal
from lobby.core.records import APPROVED, TAKEN, TAKEN_VERSION, Label, Records, Rights, Span, State, label_of
from tests.lobby.core.galleries import NOON, SITE, approve, library, upload
from tests.running import run

SEOUL = ZoneInfo("Asia/Seoul")
FULL = {"ko": "가을", "en": "Autumn"}


@asynccontextmanager
async def records(path: Path = MEMORY, *, alone: bool = False) -> AsyncIterator[tuple[Records, Journal]]:
    """Loaded records over a journal."""
    async with Journal.open(path, clock=VirtualClock(NOON)) as journal:
        found = Records(journal, zone=SEOUL, alone=alone)
        await found.load()
        yield found, journal


async def taken(journal: Journal, asset: str = "a1", *, person: str = "p1", v: int = TAKEN_VERSION) -> str:
    """An asset that somebody brought."""
    await journal.record(Fact(kind=TAKEN, subject=asset, payload={"title": "t", "person": person}, v=v))
    return asset


async def waiting(found: Records, journal: Journal, first: date | None = None, last: date | None = None) -> str:
    """A labelled asset that waits for approval."""
    asset = await taken(journal)
    label = Label(title="가을", descriptions=FULL, rights=Rights(artist="김", first=first, last=last))
    await found.label(asset, label, person="p1")
    await found.ask(asset, person="p1")
    return asset


def test_nothing_new_is_usable_before_a_second_person_approves_it() -> None:
    """Draft, waiting, approved: only then may it be on a surface."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await waiting(found, journal)
            assert (found.all()[asset].state, found.usable()) == (State.WAITING, {})
            with pytest.raises(Refusal, match=r"media.second-person"):
                await found.approve(asset, person="p1")
            await found.approve(asset, person="p2")
            assert (found.all()[asset].state, found.usable()) == (State.APPROVED, {asset: Span()})

    run(play())


def test_where_one_person_works_alone_it_is_written_down() -> None:
    """The same person approves, and the fact says so."""

    async def play() -> None:
        async with records(alone=True) as (found, journal):
            asset = await waiting(found, journal)
            await found.approve(asset, person="p1")
            approval = found.all()[asset].approval
            assert approval is not None
            assert approval.alone
            rows = await journal.read("SELECT payload FROM journal WHERE kind = ?", [APPROVED])
            assert '"alone":true' in rows[0]["payload"]

    run(play())


@pytest.mark.parametrize(("descriptions", "missing"), [({}, "ko, en"), ({"ko": "가"}, "en"), ({"en": "a"}, "ko")])
def test_korean_and_english_are_required(descriptions: dict[str, str], missing: str) -> None:
    """Without either nobody can approve; Chinese and Japanese may be left out."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await taken(journal)
            await found.label(asset, Label(title="t", descriptions={**descriptions, "zh": "秋"}), person="p1")
            await found.ask(asset, person="p1")
            with pytest.raises(Refusal) as refused:
                await found.approve(asset, person="p2")
            assert refused.value.problem.code == "media.missing-description"
            assert refused.value.problem.params["languages"] == missing

    run(play())


def test_an_edit_asks_again_and_the_approved_label_stays_in_effect() -> None:
    """What was approved goes on meanwhile; whoever edited cannot approve the edit."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await waiting(found, journal)
            await found.approve(asset, person="p2")
            edited = replace(found.all()[asset].label, title="겨울")
            await found.label(asset, edited, person="p2")
            record = found.all()[asset]
            assert record.state is State.WAITING
            assert record.approval is not None
            assert (record.approval.label.title, list(found.usable())) == ("가을", [asset])
            with pytest.raises(Refusal, match=r"media.second-person"):
                await found.approve(asset, person="p2")
            await found.approve(asset, person="p3")
            assert found.all()[asset].approval == replace(record.approval, person="p3", label=edited)

    run(play())


def test_a_licence_ends_with_its_last_day_at_the_place() -> None:
    """First and last day are both included, by the place's midnights."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await waiting(found, journal, first=date(2026, 11, 1), last=date(2026, 11, 30))
            await found.approve(asset, person="p2")
            span = found.usable()[asset]
            assert not span.holds(datetime(2026, 10, 31, 14, 59, tzinfo=UTC))
            assert span.holds(datetime(2026, 10, 31, 15, 0, tzinfo=UTC))
            assert span.holds(datetime(2026, 11, 30, 14, 59, tzinfo=UTC))
            assert not span.holds(datetime(2026, 11, 30, 15, 0, tzinfo=UTC))

    run(play())


@pytest.mark.parametrize(("last", "counts"), [(date(2026, 11, 20), date(2026, 11, 20)),
                                              (date(2027, 11, 30), date(2026, 11, 30))])  # fmt: skip
def test_a_shorter_licence_counts_at_once_a_longer_one_when_approved(last: date, counts: date) -> None:
    """An edit of the rights can take something off the glass by itself, never keep it there."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await waiting(found, journal, last=date(2026, 11, 30))
            await found.approve(asset, person="p2")
            label = found.all()[asset].label
            await found.label(asset, replace(label, rights=replace(label.rights, last=last)), person="p1")
            end = datetime(counts.year, counts.month, counts.day, tzinfo=SEOUL) + timedelta(days=1)
            assert found.usable()[asset] == Span(end=end)

    run(play())


def test_what_is_sent_back_is_a_draft_with_a_reason() -> None:
    """Asked for again it waits again; what does not wait cannot be sent back."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await waiting(found, journal)
            await found.send_back(asset, "글이 접힌 자리에 걸립니다", person="p2")
            record = found.all()[asset]
            assert (record.state, record.sent_back and record.sent_back.reason) == (
                State.DRAFT,
                "글이 접힌 자리에 걸립니다",
            )
            with pytest.raises(Refusal, match=r"media.not-asked"):
                await found.send_back(asset, "", person="p2")
            await found.ask(asset, person="p1")
            assert found.all()[asset].state is State.WAITING

    run(play())


@pytest.mark.parametrize(("person", "v"), [("samples", TAKEN_VERSION), ("p1", 1)])
def test_samples_and_what_hung_before_are_approved(person: str, v: int) -> None:
    """The installation approves its own art; a lobby that is updated goes on with its pictures."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await taken(journal, person=person, v=v)
            assert list(found.usable()) == [asset]

    run(play())


def test_everything_is_folded_again_after_a_restart(tmp_path: Path) -> None:
    """State, label, rights and approval come back from the journal, equal."""

    async def before() -> object:
        async with records(tmp_path / "journal.db") as (found, journal):
            asset = await waiting(found, journal, first=date(2026, 1, 1), last=date(2026, 12, 31))
            await found.approve(asset, person="p2")
            await found.label(asset, replace(found.all()[asset].label, title="겨울"), person="p1")
            return dict(found.all())

    async def after() -> object:
        async with records(tmp_path / "journal.db") as (found, _):
            return dict(found.all())

    assert run(before()) == run(after())


def test_a_label_reads_back_as_it_was_written() -> None:
    """Through the journal's JSON, unknown keys aside."""
    label = Label(title="가을", title_en="Autumn", descriptions=FULL, rights=Rights(artist="김", last=date(2026, 1, 2)))
    document = {**label.as_json(), "further": 1}
    assert label_of(document) == label


def test_approval_is_of_all_or_of_none() -> None:
    """One asset without description keeps the others waiting."""

    async def play() -> None:
        async with records() as (found, journal):
            good, bad = await waiting(found, journal), await taken(journal, "a2")
            await found.ask(bad, person="p1")
            with pytest.raises(Refusal, match=r"media.missing-description"):
                await found.approve(good, bad, person="p2")
            assert found.usable() == {}

    run(play())


def test_deleted_asset_leaves_everything_at_once_and_its_files_after_a_month(tmp_path: Path) -> None:
    """It is no asset, no pin and not usable any more; taken back within the month it is all of that again."""

    async def play() -> None:
        async with library(tmp_path) as found:
            asset = await found.take_in(upload(tmp_path), name="a.png", person="p1", panel="wall-1")
            await approve(found, asset.id)
            await found.records.remove(asset.id, person="p1")
            assert (found.assets(), found.find(asset.id), found.pins(), found.usable()) == ((), None, {}, {})
            await found.sweep(NOON + timedelta(days=29))
            await found.records.restore(asset.id, person="p1")
            assert (found.find(asset.id), found.pins()) == (asset, {"wall-1": asset.id})
            await found.records.remove(asset.id, person="p1")
            await found.sweep(NOON + timedelta(days=30))
            assert found.records.of(asset.id) is None
            assert not list((tmp_path / "store").glob("??/*"))

    run(play())


def test_files_stay_until_their_end_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the journal fails nothing is erased: the deletion can still be taken back."""

    async def full(*_: object) -> None:
        raise NotDurable("disk-full")

    async def play() -> None:
        async with library(tmp_path) as found:
            asset = await found.take_in(upload(tmp_path), name="a.png", person="p1")
            await found.records.remove(asset.id, person="p1")
            with monkeypatch.context() as failing:
                failing.setattr(found._journal, "record", full)
                with pytest.raises(NotDurable):
                    await found.sweep(NOON + timedelta(days=30))
            assert all(found.content(sha).is_file() for sha in asset.content())
            await found.records.restore(asset.id, person="p1")
            assert found.find(asset.id) == asset

    run(play())


def test_what_was_deleted_and_comes_again_is_approved_again() -> None:
    """With its old label, by another person than who brings it now; our own drawings come back at once."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await waiting(found, journal)
            await found.approve(asset, person="p2")
            await found.remove(asset, person="p2")
            await taken(journal, asset, person="p2")
            assert (found.all()[asset].state, found.usable()) == (State.DRAFT, {})
            await found.ask(asset, person="p2")
            with pytest.raises(Refusal, match=r"media.second-person"):
                await found.approve(asset, person="p2")
            await found.approve(asset, person="p1")
            assert found.all()[asset].label.title == "가을"
            await taken(journal, "n1", person="notices")
            await found.remove("n1", person="notices")
            await taken(journal, "n1", person="notices")
            assert "n1" in found.usable()

    run(play())


def test_what_came_again_years_ago_hangs_on() -> None:
    """A journal from before that rule is read as it was meant then."""

    async def play() -> None:
        async with records() as (found, journal):
            asset = await waiting(found, journal)
            await found.approve(asset, person="p2")
            await found.remove(asset, person="p2")
            await taken(journal, asset, v=2)
            assert asset in found.usable()

    run(play())


def test_erased_asset_stays_away_after_a_restart(tmp_path: Path) -> None:
    """The library's table forgets it too."""

    async def before() -> None:
        async with library(tmp_path, tmp_path / "journal.db") as found:
            asset = await found.take_in(upload(tmp_path), name="a.png", person="p1")
            await found.records.remove(asset.id, person="p1")
            await found.sweep(NOON + timedelta(days=31))

    async def after() -> tuple[object, object]:
        async with library(tmp_path, tmp_path / "journal.db") as found:
            return found.assets(), dict(found.records.all())

    run(before())
    assert run(after()) == ((), {})


def test_deleted_sample_is_not_drawn_again(tmp_path: Path) -> None:
    """What somebody deleted does not come back by itself."""
    art = tmp_path / "art"
    art.mkdir()
    upload(art, name="paris.png")

    async def play() -> None:
        async with library(tmp_path) as found:
            (asset,) = await found.add_samples(art)
            await found.records.remove(asset.id, person="p1")
            assert "paris" not in found.missing_samples()
            assert found.find("paris") is None
            assert "paris" in {item.asset for item in SITE.playlists["cities"].items}

    run(play())


def test_a_replacement_takes_the_place_of_the_old_once_approved(tmp_path: Path) -> None:
    """It inherits the label; pins and playlists that name the old show the new; after a restart too."""
    journal = tmp_path / "journal.db"

    async def before() -> tuple[str, str]:
        async with library(tmp_path, journal) as found:
            old = await found.take_in(upload(tmp_path), name="a.png", person="p1", panel="wall-1")
            await approve(found, old.id)
            new = await found.take_in(upload(tmp_path, (1, 2, 3)), name="b.png", person="p1", replaces=old.id)
            assert found.records.all()[new.id].label == found.records.all()[old.id].label
            assert (found.pins(), found.find(old.id)) == ({"wall-1": old.id}, old)
            await approve(found, new.id)
            return old.id, new.id

    async def after(old: str, new: str) -> None:
        async with library(tmp_path, journal) as found:
            assert found.pins() == {"wall-1": new}
            assert (found.find(old), found.playing()[old]) == (found.by_id()[new], found.by_id()[new])
            assert set(found.usable()) == set(found.by_id()) == {new}
            await found.records.restore(old, person="p2")
            assert found.find(old) == found.by_id()[old]

    run(after(*run(before())))
