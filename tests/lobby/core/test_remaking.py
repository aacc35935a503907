"""Walls change: what hangs on them is made again from what came, and stays as it was until then."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lobby.core import remaking as module
from lobby.core.attempts import Attempts
from lobby.core.compiler import compile_programme
from lobby.core.journal import Journal, NotDurable
from lobby.core.library import Library
from lobby.core.records import State
from lobby.core.remaking import Remaking
from lobby.core.site import Site
from media.assets import Asset, NoSuchContent
from media.geometry import size_name
from media.intake import take_in
from tests.eventually import eventually
from tests.lobby.core.galleries import NOON, SITE, approve, library, upload
from tests.media.reels import film
from tests.running import run

pytestmark = pytest.mark.slow
OLD, NEW = (54, 96), (108, 160)
Change = Callable[[dict[str, Any]], None]


def changed(change: Change) -> Site:
    """The site after its installer has changed the wall."""
    document = SITE.model_dump(mode="json", by_alias=True)
    change(document["surfaces"]["wall"])
    return Site.model_validate(document)


def larger(wall: dict[str, Any]) -> None:
    """Panels with other pixels."""
    for panel in wall["panels"]:
        panel["pixels"] = list(NEW)


def wider_gap(wall: dict[str, Any]) -> None:
    """The second panel hangs farther away."""
    wall["panels"][1]["at-mm"] = [700, 0]


def grid(wall: dict[str, Any]) -> None:
    """Two more panels below the two."""
    below = [
        {**panel, "id": f"wall-{n}", "at-mm": [panel["at-mm"][0], 1020]} for n, panel in enumerate(wall["panels"], 3)
    ]
    wall["panels"] += below


async def brought(folder: Path, path: Path | None = None, **meant: Any) -> str:
    """An approved picture, or a film, of a library that ends then."""
    async with library(folder, folder / "journal.db") as found:
        name = "a.png" if path is None else path.name
        asset = await found.take_in(path or striped(folder), name=name, person="p1", **meant)
        if asset.kind == "image":
            await approve(found, asset.id)
        return asset.id


def striped(folder: Path) -> Path:
    """A picture whose colour says how far from its left edge a place is."""
    path = folder / "striped"
    ramp = Image.linear_gradient("L").rotate(90).resize((600, 480))
    Image.merge("RGB", (ramp, ramp, ramp)).save(path, "PNG")
    return path


def sizes(found: Library, asset: str) -> dict[str, tuple[int, int]]:
    """The true size of every rendition."""
    kept = found.ever()[asset].renditions
    return {name: seen(found.content(sha)) for name, sha in kept.items()}


def seen(path: Path) -> tuple[int, int]:
    """A picture's size."""
    with Image.open(path) as picture:
        return picture.size


async def made_again(found: Library, folder: Path) -> Remaking:
    """Everything that can be."""
    remaking = Remaking(found, attempts=Attempts(folder))
    await remaking.run()
    return remaking


def test_nothing_is_made_again_while_nothing_has_changed(tmp_path: Path) -> None:
    """A restart with the same walls finds nothing to do."""

    async def play() -> None:
        await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db") as found:
            assert found.stale() == ()
            assert (await made_again(found, tmp_path / "remaking")).said()["of"] == 0

    run(play())


def test_larger_panels_get_pictures_of_their_pixels(tmp_path: Path) -> None:
    """Made from what came, not enlarged from what hung; what nobody can show any more goes, the approval stays."""

    async def play() -> None:
        name = await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            assert [each.id for each in found.stale()] == [name]
            told = (await made_again(found, tmp_path / "remaking")).said()
            assert (told["done"], told["of"], told["lost"]) == (1, 1, [])
            pixels = sizes(found, name)
            assert set(pixels) == {"108x160", "96x48", "wall:2:1", "wall:2:2"}
            assert {pixels[key] for key in pixels if key != "96x48"} == {NEW}
            assert found.records.all()[name].state is State.APPROVED
            assert found.stale() == ()

    run(play())


def test_the_old_look_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    """Before it is made again the programme names the old picture at the new size: no panel is empty."""

    async def play() -> None:
        name = await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            old = found.ever()[name].renditions[size_name(OLD)]
            await found.pin("wall-1", name, person="p2")
            site = changed(larger)
            programme = compile_programme(
                site, "one", agendas={}, playlists={}, pins=found.pins(), assets=found.playing(), now=NOON
            )
            assert programme.pictures[name][size_name(NEW)] == old
            assert found.can_show("wall", name)

    run(play())


@pytest.mark.parametrize(("change", "slices"), [(wider_gap, 2), (grid, 4)])
def test_another_gap_or_arrangement_cuts_slices_anew(tmp_path: Path, change: Change, slices: int) -> None:
    """Each panel's part is that of its place now; pictures of panels alone are as they were."""

    async def play() -> None:
        name = await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db", site=changed(change)) as found:
            before = dict(found.ever()[name].renditions)
            await made_again(found, tmp_path / "remaking")
            after = found.ever()[name].renditions
            assert {key for key in after if ":" in key} == {f"wall:{slices}:{n}" for n in range(1, slices + 1)}
            assert after["54x96"] == before["54x96"]
            assert not {after[key] for key in after if ":" in key} & set(before.values())

    run(play())


def test_what_did_not_stay_is_named_until_it_is_brought_again(tmp_path: Path) -> None:
    """Without the bytes that came it goes on showing as it is, and is told; the same file once more mends it."""

    async def play() -> None:
        name = await brought(tmp_path)
        shutil.rmtree(tmp_path / "originals")
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            remaking = await made_again(found, tmp_path / "remaking")
            assert remaking.said()["lost"] == [{"asset": name, "title": "a"}]
            assert found.by_id()[name].fits(frozenset({NEW}))
            await found.take_in(striped(tmp_path), name="a.png", person="p1")
            assert remaking.said()["lost"] == []

    run(play())


def test_what_is_made_again_takes_its_turn_among_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two films at once, or more pictures than two, would need more memory than the service may have."""
    taken: list[bool] = []

    async def play() -> None:
        await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            turn = found.turn(film=False)

            async def spied(*words: Any, **named: Any) -> Asset:
                taken.append(turn.locked())
                return await take_in(*words, **named)

            monkeypatch.setattr(module, "take_in", spied)
            async with turn:  # one of the two is somebody else's
                await made_again(found, tmp_path / "remaking")
            assert found.stale() == ()

    run(play())
    assert taken == [True]


def test_what_waits_for_its_turn_is_not_what_the_lobby_falls_with(tmp_path: Path) -> None:
    """While both turns are somebody else's no try is counted."""

    async def play() -> None:
        name = await brought(tmp_path)
        attempts = Attempts(tmp_path / "remaking")
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            turn = found.turn(film=False)
            async with turn, turn:
                making = asyncio.create_task(Remaking(found, attempts=attempts).run())
                await eventually(lambda: bool(turn._waiters))
                assert attempts.of(name) == 0
            await making
            assert (attempts.of(name), found.stale()) == (0, ())

    run(play())


def test_bytes_that_are_not_what_came_make_nothing(tmp_path: Path) -> None:
    """A damaged file is told like a missing one; the pictures that hang are untouched."""

    async def play() -> None:
        name = await brought(tmp_path)
        (tmp_path / "originals" / name[:2] / name).write_bytes(upload(tmp_path).read_bytes())
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            before = dict(found.ever()[name].renditions)
            remaking = await made_again(found, tmp_path / "remaking")
            assert remaking.said()["lost"] == [{"asset": name, "title": "a"}]
            assert found.ever()[name].renditions == before

    run(play())


def test_a_crash_before_the_fact_leaves_the_old_pictures_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made but not written down: the next start removes the new files, and makes them again."""

    async def play() -> None:
        name = await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:

            async def fails(*_: object, **__: object) -> None:
                raise NotDurable("disk")

            with monkeypatch.context() as broken:
                broken.setattr(Journal, "record", fails)
                await made_again(found, tmp_path / "remaking")
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            before = found.ever()[name]
            assert set(found.store.kept()) > before.content()
            await found.tidy()
            assert set(found.store.kept()) == before.content()
            await made_again(found, tmp_path / "remaking")
            assert sizes(found, name)[size_name(NEW)] == NEW

    run(play())


def test_what_the_lobby_falls_with_is_left_alone_the_fourth_time(tmp_path: Path) -> None:
    """Killed three times while it was made: told like what is lost, until the file comes again. A stop is no fall."""

    async def play() -> None:
        name = await brought(tmp_path)
        attempts = Attempts(tmp_path / "remaking")
        async with library(tmp_path, tmp_path / "journal.db", site=changed(larger)) as found:
            making = asyncio.create_task(Remaking(found, attempts=attempts).run())
            await eventually(lambda: attempts.of(name) == 1)
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)
            assert attempts.of(name) == 0
            (tmp_path / "remaking" / name).write_text("3")
            remaking = await made_again(found, tmp_path / "remaking")
            assert remaking.said()["lost"] == [{"asset": name, "title": "a"}]
            await found.take_in(striped(tmp_path), name="a.png", person="p1")
            await made_again(found, tmp_path / "remaking")
            assert attempts.of(name) == 0

    run(play())


def test_slices_of_films_from_before_are_made_again(tmp_path: Path) -> None:
    """Those without a mark lay two rows too high; the film of a single panel is left as it is."""
    source = tmp_path / "a.mp4"

    async def play() -> None:
        film(source, 40, (320, 240))
        name = await brought(tmp_path, source, surface="wall", across=True)
        async with library(tmp_path, tmp_path / "journal.db") as found:
            known = found.ever()[name]
            assert found.stale() == ()
            await found.renew(replace(known, made={}))
            assert [each.id for each in found.stale()] == [name]
            await made_again(found, tmp_path / "remaking")
            assert found.ever()[name].made == known.made
            assert found.stale() == ()

    run(play())


def test_pictures_that_do_not_say_how_they_were_made_are_made_again_once(tmp_path: Path) -> None:
    """In their turn, shown as they are until then; afterwards they say it, and nothing is left to do."""

    async def play() -> None:
        name = await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db") as found:
            known = found.ever()[name]
            old = replace(known, made={}, renditions={**known.renditions, "wall:2:1": known.renditions["wall:2:2"]})
            await found.renew(old)
            assert [each.id for each in found.stale()] == [name]
            assert found.by_id()[name].renditions == old.renditions
            told = (await made_again(found, tmp_path / "remaking")).said()
            assert (told["done"], told["lost"], told["unsaid"]) == (1, [], 0)
            assert (found.ever()[name].renditions, found.ever()[name].made) == (known.renditions, known.made)
            assert found.stale() == ()

    run(play())


def test_what_does_not_say_how_it_was_made_is_no_loss(tmp_path: Path) -> None:
    """Without its own file it shows on as it did, counted apart; brought again it is like all others."""

    async def play() -> None:
        name = await brought(tmp_path)
        shutil.rmtree(tmp_path / "originals")
        async with library(tmp_path, tmp_path / "journal.db") as found:
            known = found.ever()[name]
            await found.renew(replace(known, made={}))
            remaking = await made_again(found, tmp_path / "remaking")
            told = remaking.said()
            assert (told["of"], told["lost"], told["unsaid"]) == (0, [], 1)
            assert found.by_id()[name].renditions == known.renditions
            await found.take_in(striped(tmp_path), name="a.png", person="p1")
            assert (remaking.said()["unsaid"], found.ever()[name].made) == (0, known.made)

    run(play())


def test_another_recipe_makes_everything_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number is part of every mark."""

    async def play() -> None:
        name = await brought(tmp_path)
        monkeypatch.setattr("media.making.PICTURES", 99)
        async with library(tmp_path, tmp_path / "journal.db") as found:
            assert [each.id for each in found.stale()] == [name]
            await made_again(found, tmp_path / "remaking")
            assert found.stale() == ()

    run(play())


def test_what_came_is_never_served_and_goes_with_its_asset(tmp_path: Path) -> None:
    """Players and browsers ask for renditions only; a month after its deletion nothing of it is left."""

    async def play() -> None:
        name = await brought(tmp_path)
        async with library(tmp_path, tmp_path / "journal.db") as found:
            assert found.originals.path(name) is not None
            with pytest.raises(NoSuchContent):
                found.content(name)
            await found.records.remove(name, person="p2")
            await found.sweep(NOON + timedelta(days=40))
            assert found.originals.path(name) is None

    run(play())
