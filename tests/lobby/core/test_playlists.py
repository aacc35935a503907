"""Playlists: a draft plays nothing, a second person brings it into effect, everything before can come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lobby.core.clock import VirtualClock
from lobby.core.journal import MEMORY, Fact, Journal, Json
from lobby.core.playlists import PLAYLISTS, Playlists
from lobby.core.problem import Refusal
from lobby.core.site import Playlist, PlaylistItem, Site, Text
from tests.lobby.core.galleries import NOON, SITE
from tests.running import run

ALONE = SITE.model_copy(update={"site": SITE.site.model_copy(update={"one_person": True})})


@asynccontextmanager
async def a_shelf(path: Path = MEMORY, site: Site = SITE) -> AsyncIterator[tuple[Playlists, Journal]]:
    """Loaded playlists, and the journal they stand in."""
    async with Journal.open(path, clock=VirtualClock(NOON), projections=(PLAYLISTS,)) as journal:
        found = Playlists(journal, site)
        found.known = lambda asset: asset != "nobody-has-it"
        await found.load()
        yield found, journal


def listed(*assets: str, name: str = "봄") -> Playlist:
    """A playlist of assets."""
    return Playlist(name=Text(ko=name, en="Spring"), items=tuple(PlaylistItem(asset=asset) for asset in assets))


def assets(found: Playlists, name: str) -> list[str]:
    """What is in effect."""
    return [item.asset for item in found.all()[name].items]


def test_a_draft_is_not_in_effect_before_another_person_approved_it(tmp_path: Path) -> None:
    """Whoever wrote it cannot; afterwards both are named, also after a restart."""

    async def play() -> None:
        async with a_shelf(tmp_path / "journal.db") as (found, _):
            draft = await found.save("cities", listed("seoul"), person="p1")
            assert (assets(found, "cities"), draft.revision, draft.waiting) == (["paris", "tokyo"], 2, True)
            with pytest.raises(Refusal, match=r"playlists.own-draft"):
                await found.approve("cities", 2, person="p1")
            await found.approve("cities", 2, person="p2")
            assert assets(found, "cities") == ["seoul"]
        async with a_shelf(tmp_path / "journal.db") as (found, _):
            now = found.revision("cities")
            assert now is not None
            assert (assets(found, "cities"), now.person, now.approved_by) == (["seoul"], "p1", "p2")

    run(play())


def test_where_one_person_works_alone_their_approval_is_written_as_such() -> None:
    """The site file says so; the journal says that it was the same person."""

    async def play() -> None:
        async with a_shelf(site=ALONE) as (found, journal):
            await found.save("cities", listed("seoul"), person="p1")
            await found.approve("cities", 2, person="p1")
            (row,) = await journal.read("SELECT payload FROM journal WHERE kind = 'media.playlist-approved'")
            assert '"alone":true' in row["payload"]

    run(play())


def test_an_edit_asks_again_and_leaves_what_is_in_effect(tmp_path: Path) -> None:
    """A further draft replaces the waiting one; the old one cannot be approved any more."""

    async def play() -> None:
        async with a_shelf() as (found, _):
            await found.save("cities", listed("a"), person="p1")
            await found.save("cities", listed("b"), person="p1")
            with pytest.raises(Refusal, match=r"playlists.not-waiting"):
                await found.approve("cities", 2, person="p2")
            await found.approve("cities", 3, person="p2")
            assert assets(found, "cities") == ["b"]
            assert [each.revision for each in found.history("cities")] == [3, 2, 1]

    run(play())


def test_two_people_who_edit_at_once_lose_nothing() -> None:
    """The second one's draft, made from an older revision, is refused with words."""

    async def play() -> None:
        async with a_shelf() as (found, _):
            await found.save("cities", listed("a"), person="p1", seen=1)
            with pytest.raises(Refusal, match=r"playlists.changed-meanwhile"):
                await found.save("cities", listed("b"), person="p2", seen=1)

    run(play())


def test_what_was_sent_back_says_why_and_waits_no_more() -> None:
    """Its writer sees the reason; saved again it waits again."""

    async def play() -> None:
        async with a_shelf() as (found, _):
            await found.save("cities", listed("a"), person="p1")
            with pytest.raises(Refusal, match=r"playlists.no-reason"):
                await found.send_back("cities", 2, person="p2", reason=" ")
            await found.send_back("cities", 2, person="p2", reason="제목이 빠졌습니다")
            back = found.draft("cities")
            assert back is not None
            assert (back.sent_back, back.waiting) == ("제목이 빠졌습니다", False)
            with pytest.raises(Refusal, match=r"playlists.not-waiting"):
                await found.approve("cities", 2, person="p2")

    run(play())


def test_what_was_in_effect_once_comes_back_at_once() -> None:
    """As a new revision; a draft that never was in effect does not."""

    async def play() -> None:
        async with a_shelf() as (found, _):
            await found.save("cities", listed("a"), person="p1")
            with pytest.raises(Refusal, match=r"playlists.never-in-effect"):
                await found.revert("cities", 2, person="p2")
            await found.approve("cities", 2, person="p2")
            again = await found.revert("cities", 1, person="p2")
            assert (assets(found, "cities"), again.revision) == (["paris", "tokyo"], 3)

    run(play())


def test_a_new_playlist_is_made_used_and_removed() -> None:
    """One that another list plays, or the site file, stays."""

    async def play() -> None:
        async with a_shelf() as (found, _):
            await found.save("spring", listed("a"), person="p1")
            assert "spring" not in found.all()
            await found.approve("spring", 2, person="p2")
            cities = listed().model_copy(update={"items": (PlaylistItem(playlist="spring"),)})
            await found.save("cities", cities, person="p1")
            await found.approve("cities", 2, person="p2")
            for name, code in (("spring", "in-use"), ("cities", "of-the-site")):
                with pytest.raises(Refusal, match=rf"playlists.{code}"):
                    await found.remove(name, person="p2")
            await found.revert("cities", 1, person="p2")
            await found.remove("spring", person="p2")
            assert ("spring" in found.all(), "spring" in found.names()) == (False, False)
            await found.restore("spring", person="p2")
            assert found.all()["spring"] == listed("a")

    run(play())


def test_a_removal_is_not_taken_back_where_what_it_played_is_gone() -> None:
    """A list that played another one comes back after that one only; a list that is there has nothing to take back."""

    async def play() -> None:
        async with a_shelf() as (found, _):
            await found.save("inner", listed("a"), person="p1")
            await found.approve("inner", 2, person="p2")
            outer = listed().model_copy(update={"items": (PlaylistItem(playlist="inner"),)})
            await found.save("outer", outer, person="p1")
            await found.approve("outer", 2, person="p2")
            await found.remove("outer", person="p2")
            await found.remove("inner", person="p2")
            with pytest.raises(Refusal, match=r"media.no-such-playlist inner"):
                await found.restore("outer", person="p2")
            await found.restore("inner", person="p2")
            await found.restore("outer", person="p2")
            with pytest.raises(Refusal, match=r"media.no-such-playlist"):
                await found.restore("outer", person="p2")

    run(play())


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((PlaylistItem(),), "playlists.one-of-two"),
        ((PlaylistItem(asset="a", playlist="guide"),), "playlists.one-of-two"),
        ((PlaylistItem(playlist="nights"),), "media.no-such-playlist"),
        ((PlaylistItem(playlist="cities"),), "playlists.circle"),
        ((PlaylistItem(asset="nobody-has-it"),), "media.no-such-asset"),
        (
            (PlaylistItem.model_validate({"asset": "a", "from": "2026-12-02", "to": "2026-12-01"}),),
            "playlists.ends-before",
        ),
        (tuple(PlaylistItem(asset="a") for _ in range(201)), "media.wrong-playlist"),
    ],
)
def test_a_playlist_that_cannot_be_is_refused_with_words(items: tuple[PlaylistItem, ...], code: str) -> None:
    """Nothing of it is written."""

    async def play() -> None:
        async with a_shelf() as (found, _):
            with pytest.raises(Refusal, match=code):
                await found.save("cities", listed().model_copy(update={"items": items}), person="p1")
            assert found.draft("cities") is None

    run(play())


def test_a_change_of_an_earlier_version_is_still_in_effect(tmp_path: Path) -> None:
    """`media.playlist-set` had items only and counted at once."""

    async def play() -> None:
        async with a_shelf(tmp_path / "journal.db") as (found, journal):
            payload: dict[str, Json] = {"items": [{"asset": "old", "dwell_s": 30}], "revision": 2, "person": "p1"}
            await journal.record(Fact(kind="media.playlist-set", subject="cities", payload=payload))
            assert assets(found, "cities") == ["old"]
        async with a_shelf(tmp_path / "journal.db") as (found, _):
            assert assets(found, "cities") == ["old"]
            assert found.all()["cities"].name.ko == "도시"

    run(play())
