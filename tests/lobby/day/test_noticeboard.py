"""Notices from a draft to the glass and away again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lobby.core.airings import Airing, lying
from lobby.core.clock import VirtualClock
from lobby.core.ended import TAKEN_BACK_WITHIN
from lobby.core.library import Library
from lobby.core.problem import Refusal
from lobby.core.records import NOTICES_BY
from lobby.core.sitefile import read
from lobby.day import noticeboard
from lobby.day.drafts import Draft, class_of, kind_of, still_name, worded
from lobby.day.noticeboard import NoticeBoard, nearest
from lobby.day.occasions import OCCASIONS
from lobby.day.overrides import Overrides
from lobby.day.specialdays import SpecialDays
from lobby.ops.programming import Programmes
from lobby.web.house import House
from media.notices.texts import Tone
from media.programme import frame
from tests.lobby.web.houses import START, a_house, run

pytestmark = pytest.mark.slow

OFFICE = read(Path(str(files("lobby").joinpath("sites/small-office.toml"))))
HALL = read(Path(str(files("lobby").joinpath("sites/seoul-city-hall.toml"))))
HOUR = timedelta(hours=1)


def a_draft(**changes: Any) -> Draft:
    """Tickets end at nine in the evening, on the landscape screen, for an hour."""
    draft = Draft(phrase="tickets-until", values={"until": "21:00"}, surfaces=("counter-screen",), until=START + HOUR)
    return replace(draft, **changes)


@asynccontextmanager
async def a_board(folder: Path, *, alone: bool = False) -> AsyncIterator[tuple[House, NoticeBoard, VirtualClock]]:
    """The small office's board; more than one person works there unless it is `alone`."""
    site = OFFICE.model_copy(update={"site": OFFICE.site.model_copy(update={"one_person": alone})})
    clock = VirtualClock(START)
    async with a_house(folder, clock=clock, site=site) as (house, _):
        yield house, house.notices, clock


def test_an_approved_phrase_is_on_air_at_once(tmp_path: Path) -> None:
    """With its still in the library, usable without further approval, but not among what people brought."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, _):
            made = await board.post(a_draft(), person="p1", approved=True)
            assert board.current() == (made,)
            asset = made.content["counter-screen"]
            assert asset in house.library.usable()
            record = house.library.records.of(asset)
            assert record is not None
            assert record.by == NOTICES_BY
            assert house.library.assets() == ()

    run(go())


def test_equal_words_are_drawn_once(tmp_path: Path) -> None:
    """The second notice hangs the stills of the first."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, _):
            first = await board.post(a_draft(), person="p1", approved=True)
            second = await board.post(a_draft(), person="p1", approved=True)
            assert first.content == second.content
            assert len(house.library.by_id()) == 1

    run(go())


def test_languages_that_come_in_turn_are_a_list_of_their_own(tmp_path: Path) -> None:
    """The upright screen shows two pages; the list is in effect at once."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, _):
            made = await board.post(a_draft(surfaces=("entrance-screen",)), person="p1", approved=True)
            items = house.playlists.all()[made.content["entrance-screen"]].items
            assert len(items) == 2

    run(go())


def test_a_text_of_ones_own_waits_for_another_person(tmp_path: Path) -> None:
    """Whoever wrote it cannot approve it; another person can."""

    async def go() -> None:
        async with a_board(tmp_path) as (_, board, _clock):
            draft = a_draft(phrase="", headline="오늘만 정문을 닫습니다")
            made = await board.post(draft, person="p1", approved=True)
            assert board.current() == ()
            assert board.waiting() == (made,)
            with pytest.raises(Refusal) as caught:
                await board.approve(made.id, person="p1")
            assert caught.value.problem.code == "airings.own"
            await board.approve(made.id, person="p2")
            assert [each.id for each in board.current()] == [made.id]

    run(go())


def test_where_one_person_works_a_text_goes_out_at_once(tmp_path: Path) -> None:
    """The site file says so."""

    async def go() -> None:
        async with a_board(tmp_path, alone=True) as (_, board, _clock):
            made = await board.post(a_draft(phrase="", headline="오늘 쉽니다"), person="p1", approved=True)
            assert board.current() == (made,)

    run(go())


def test_a_notice_leaves_at_its_end_and_takes_its_stills_along(tmp_path: Path) -> None:
    """Nobody has to do anything."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, clock):
            await board.post(a_draft(), person="p1", approved=True)
            await board.post(a_draft(surfaces=("entrance-screen",)), person="p1", approved=True)
            await clock.advance((START + HOUR - clock.now()).total_seconds())
            assert board.current() == ()
            await board.settle()
            assert house.library.by_id() == {}
            assert not [name for name in house.playlists.all() if name.startswith("notice-")]

    run(go())


def test_what_people_brought_is_never_cleared_away(tmp_path: Path) -> None:
    """Also where its name looks like one of ours."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, clock):
            file = tmp_path / "notice-of-mine-1of1.png"
            file.write_bytes(b"picture")
            own = await house.library.take_in(file, name=file.name, person="p1", surface="counter-screen")
            made = await board.post(a_draft(), person="p1", approved=True)
            await board.end(made.id, person="p1")
            await clock.advance(TAKEN_BACK_WITHIN.total_seconds())
            await board.settle()
            assert [*house.library.by_id()] == [own.id]

    run(go())


def test_a_notice_is_taken_off_early(tmp_path: Path) -> None:
    """And what is gone cannot be taken off again."""

    async def go() -> None:
        async with a_board(tmp_path) as (_, board, _clock):
            made = await board.post(a_draft(), person="p1", approved=True)
            await board.end(made.id, person="p2")
            assert board.current() == ()
            with pytest.raises(Refusal) as caught:
                await board.end(made.id, person="p2")
            assert caught.value.problem.code == "notices.gone"

    run(go())


def test_what_was_just_taken_off_comes_back_as_it_was(tmp_path: Path) -> None:
    """With its stills, its approval and its end; for a minute, and once."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, clock):
            made = await board.post(a_draft(surfaces=("entrance-screen",)), person="p1", approved=True)
            await board.end(made.id, person="p2")
            assert board.ended(made.id) == made
            back = await board.restore(made.id, person="p2")
            assert (back.content, back.until, back.approved_by) == (made.content, made.until, "p1")
            assert set(back.details["stills"]) == set(house.library.by_id())
            assert board.current() == (back,)
            with pytest.raises(Refusal) as caught:
                await board.restore(made.id, person="p2")
            assert caught.value.problem.code == "notices.undo-late"
            await board.end(made.id, person="p2")
            await clock.advance(TAKEN_BACK_WITHIN.total_seconds())
            assert board.ended(made.id) is None
            await board.settle()
            assert house.library.by_id() == {}

    run(go())


def test_what_would_be_over_by_now_does_not_come_back(tmp_path: Path) -> None:
    """Its own end counts, whatever is left of the minute."""

    async def go() -> None:
        async with a_board(tmp_path) as (_, board, clock):
            made = await board.post(a_draft(until=START + timedelta(seconds=20)), person="p1", approved=True)
            await board.end(made.id, person="p2")
            await clock.advance(20)
            with pytest.raises(Refusal) as caught:
                await board.restore(made.id, person="p2")
            assert caught.value.problem.code == "notices.undo-late"

    run(go())


def test_an_emergency_that_comes_back_lies_above_everything_again(tmp_path: Path) -> None:
    """Beneath one that was put on air meanwhile, above every other notice."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, clock):
            fire = await board.post(a_draft(phrase="fire"), person="p1", approved=True)
            await clock.advance(5)
            await board.post(a_draft(), person="p1", approved=True)
            await board.end(fire.id, person="p2")
            await clock.advance(5)
            newer = await board.post(a_draft(phrase="evacuate"), person="p1", approved=True)
            await board.restore(fire.id, person="p2")
            above = lying(house.airings.all(), "counter-screen", clock.now(), UTC)
            assert [each.id for each, _ in above][:2] == [newer.id, fire.id]
            assert [each.cls for each, _ in above] == ["emergency", "emergency", "notice"]

    run(go())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": START}, "notices.end-past"),
        ({"until": START + timedelta(days=32)}, "notices.end-too-far"),
        ({"surfaces": ()}, "notices.nowhere"),
        ({"surfaces": ("moon",)}, "media.no-such-surface"),
        ({"phrase": "nothing"}, "notices.no-such-phrase"),
        ({"phrase": "evacuate", "until": START + timedelta(hours=25)}, "notices.end-too-far"),
        ({"phrase": "", "headline": "가" * 41}, "notices.text-long"),
    ],
)
def test_a_draft_that_cannot_hang_is_refused(tmp_path: Path, changes: dict[str, Any], code: str) -> None:
    """Before anything is drawn."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, _):
            with pytest.raises(Refusal) as caught:
                await board.post(a_draft(**changes), person="p1", approved=True)
            assert caught.value.problem.code == code
            assert house.library.by_id() == {}

    run(go())


def test_an_emergency_is_a_class_of_its_own() -> None:
    """Fire and evacuation drive the house differently; nothing else is one."""
    assert class_of(a_draft(phrase="evacuate")) == "emergency"
    assert (kind_of(a_draft(phrase="fire-at")), kind_of(a_draft(phrase="gas"))) == ("fire", "evacuation")
    assert (class_of(a_draft()), kind_of(a_draft())) == ("notice", "")
    assert class_of(a_draft(phrase="", headline="불이야")) == "notice"


def test_stills_of_emergencies_lie_ready_and_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Posting one then draws nothing, and clearing away leaves them."""
    monkeypatch.setattr(noticeboard, "PREPARED", ("evacuate",))

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, _):
            await board.prepare()
            ready = set(house.library.by_id())
            made = await board.post(
                a_draft(phrase="evacuate", surfaces=tuple(house.site.surfaces)), person="p1", approved=True
            )
            assert set(house.library.by_id()) == ready
            await board.end(made.id, person="p1")
            assert set(house.library.by_id()) == ready

    run(go())


@asynccontextmanager
async def a_hall(folder: Path) -> AsyncIterator[tuple[House, NoticeBoard, VirtualClock]]:
    """The city hall, whose large display has a loudspeaker; only that display, to be quick."""
    kept = {name: HALL.things[name] for name in ("civil-desk", "display-main", "sound-main")}
    site = HALL.model_copy(update={"surfaces": {"main": HALL.surfaces["main"]}, "things": kept})
    clock = VirtualClock(START)
    async with a_house(folder, clock=clock, site=site) as (house, _):
        yield house, house.notices, clock


def values_of(house: House) -> dict[str, str]:
    """What people have changed, by thing."""
    return {one.thing: one.value for one in house.overrides.active(house.clock.now())}


def test_mourning_is_grey_and_silent_until_its_end(tmp_path: Path) -> None:
    """Sound is renewed day by day, is back with the end, and other notices lose their colour meanwhile."""

    async def go() -> None:
        async with a_hall(tmp_path) as (house, board, clock):
            made = await board.begin("mourning", until=START + timedelta(days=3), person="p1")
            assert made.details["tone"] == "mourning"
            assert values_of(house) == {"sound-main": "off"}
            assert board.worded(a_draft(surfaces=("main",))).tone is Tone.QUIET
            assert board.worded(a_draft(phrase="typhoon", surfaces=("main",))).tone is Tone.QUIET_WEATHER
            assert board.worded(a_draft(phrase="evacuate", surfaces=("main",))).tone is Tone.EMERGENCY
            await clock.advance((START + timedelta(hours=23, minutes=55) - clock.now()).total_seconds())
            await board.settle()
            await clock.advance((START + timedelta(hours=30) - clock.now()).total_seconds())
            assert values_of(house) == {"sound-main": "off"}
            await board.end(made.id, person="p1")
            assert values_of(house) == {}
            assert board.worded(a_draft(surfaces=("main",))).tone is Tone.NOTICE

    run(go())


@pytest.mark.parametrize("by_hand", [True, False])
def test_mourning_that_comes_back_is_silent_again(tmp_path: Path, by_hand: bool) -> None:
    """But for a loudspeaker that a person had turned on before; and never twice at once."""

    async def go() -> None:
        async with a_hall(tmp_path) as (house, board, clock):
            made = await board.begin("mourning", until=START + HOUR, person="p1")
            (change,) = house.overrides.active(START)
            if by_hand:
                await house.overrides.end(change.id, person="p2")
            await board.end(made.id, person="p1")
            await clock.advance(5)
            await board.restore(made.id, person="p1")
            assert values_of(house) == ({} if by_hand else {"sound-main": "off"})
            await board.end(made.id, person="p1")
            await board.begin("mourning", until=START + HOUR, person="p1")
            with pytest.raises(Refusal) as caught:
                await board.restore(made.id, person="p1")
            assert caught.value.problem.code == "notices.occasion-on"

    run(go())


def test_a_loudspeaker_that_a_person_turned_on_again_stays_on(tmp_path: Path) -> None:
    """The board never fights a person."""

    async def go() -> None:
        async with a_hall(tmp_path) as (house, board, _):
            await board.begin("mourning", until=START + HOUR, person="p1")
            (change,) = house.overrides.active(START)
            await house.overrides.end(change.id, person="p2")
            await board.settle()
            assert values_of(house) == {}

    run(go())


@pytest.mark.parametrize("replaced", [True, False])
def test_what_a_person_wants_of_the_sound_holds_over_a_restart(tmp_path: Path, replaced: bool) -> None:
    """Ended or set otherwise by hand, it is left alone by the next run too; a renewal that was missed is made."""

    async def go() -> None:
        async with a_hall(tmp_path) as (house, board, clock):
            await board.begin("mourning", until=START + timedelta(days=3), person="p1")
            (change,) = house.overrides.active(START)
            if replaced:
                until = START + 2 * HOUR
                await house.overrides.set(thing="sound-main", value="15", until=until, person="p2", reason="추도사")
            else:
                await house.overrides.end(change.id, person="p2")
            board._silenced.clear()  # as a new run finds it
            await board.settle()
            assert values_of(house) == ({"sound-main": "15"} if replaced else {})
            await clock.advance(3 * HOUR.total_seconds())
            board._silenced.clear()
            await board.settle()
            assert values_of(house) == {}

    run(go())


def test_a_silence_that_ran_out_while_nobody_renewed_it_comes_back(tmp_path: Path) -> None:
    """The program was away at the hour of the renewal: nobody has wanted the sound."""

    async def go() -> None:
        async with a_hall(tmp_path) as (house, board, clock):
            await board.begin("mourning", until=START + timedelta(days=3), person="p1")
            await clock.advance(timedelta(hours=25).total_seconds())
            board._silenced.clear()
            overrides: Any = house.overrides
            await overrides.expire()
            await board.settle()
            assert values_of(house) == {"sound-main": "off"}

    run(go())


def test_two_who_press_the_button_at_once_start_one_occasion(tmp_path: Path) -> None:
    """The second is told that it is on already."""

    async def go() -> list[object]:
        async with a_hall(tmp_path) as (_, board, _clock):
            begun = (board.begin("typhoon", until=START + HOUR, person=person) for person in ("p1", "p2"))
            return list(await asyncio.gather(*begun, return_exceptions=True))

    first, second = run(go())
    assert isinstance(first, Airing)
    assert isinstance(second, Refusal)
    assert second.problem.code == "notices.occasion-on"


def test_a_drill_says_its_times_and_ends_by_itself(tmp_path: Path) -> None:
    """In one day, three hours at most."""

    async def go() -> None:
        async with a_hall(tmp_path) as (_, board, clock):
            made = await board.begin("drill", until=START + timedelta(minutes=20), person="p1")
            assert (
                nearest(made, "ko")
                .body.replace("\u00a0", " ")
                .replace("\u200b", "")
                .startswith("아침 10시–10시 20분(10:00–10:20)")
            )
            await clock.advance((START + timedelta(minutes=20) - clock.now()).total_seconds())
            assert board.current() == ()

    run(go())


@pytest.mark.parametrize("name", OCCASIONS)
def test_no_occasion_starts_without_an_end_or_lasts_for_ever(tmp_path: Path, name: str) -> None:
    """Its longest time is refused by a minute more; while it is on it cannot be started again."""

    async def go() -> None:
        async with a_hall(tmp_path) as (_, board, _clock):
            longest = OCCASIONS[name].longest
            for until in (START, START + longest + timedelta(minutes=1)):
                with pytest.raises(Refusal) as caught:
                    await board.begin(name, until=until, person="p1")
                assert caught.value.problem.code in {"notices.end-past", "notices.end-too-far"}
            await board.begin(name, until=START + longest, person="p1")
            with pytest.raises(Refusal) as caught:
                await board.begin(name, until=START + longest, person="p1")
            assert caught.value.problem.code == "notices.occasion-on"

    run(go())


def test_the_duty_clears_away_what_has_ended(tmp_path: Path) -> None:
    """It sleeps until the end and looks then, without being asked."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, clock):
            duty = asyncio.create_task(board.run())
            await board.post(a_draft(until=START + timedelta(seconds=30)), person="p1", approved=True)
            await asyncio.sleep(0)
            async with asyncio.timeout(20):
                while house.library.by_id():
                    await clock.advance(5)
                    await asyncio.sleep(0)
            duty.cancel()

    run(go())


def test_visitors_are_told_in_the_nearest_script(tmp_path: Path) -> None:
    """Chinese in its own signs, a stranger's language in English; a Korean-only text in Korean."""

    async def go() -> None:
        async with a_board(tmp_path, alone=True) as (_, board, _clock):
            phrase = await board.post(a_draft(), person="p1", approved=True)
            own = await board.post(a_draft(phrase="", headline="오늘 쉽니다"), person="p1", approved=True)
            assert nearest(phrase, "zh-TW").language == "zh-hant"
            assert nearest(phrase, "zh").language == "zh-hans"
            assert nearest(phrase, "fr").language == "en"
            assert nearest(own, "ja").language == "ko"
            assert [text.language for _, text in board.told("en")] == ["ko", "en"]

    run(go())


def test_the_same_words_on_other_panels_are_other_stills() -> None:
    """A wall whose measures were mended is drawn again."""
    wording = worded(a_draft(), OFFICE, datetime(2026, 11, 24, tzinfo=UTC).date())
    names = {still_name(wording, surface) for surface in OFFICE.surfaces.values()}
    assert len(names) == len(OFFICE.surfaces)


def test_a_player_alone_takes_a_notice_off_at_its_end(tmp_path: Path) -> None:
    """The programme it holds knows the end; nobody has to tell it."""

    async def go() -> None:
        async with a_board(tmp_path) as (house, board, clock):
            made = await board.post(a_draft(), person="p1", approved=True)
            still = house.library.by_id()[made.content["counter-screen"]].renditions["1920x1080"]
            assert isinstance(house.library, Library)
            assert isinstance(house.overrides, Overrides)
            assert isinstance(house.special_days, SpecialDays)
            programmes = Programmes(
                house.site,
                clock=clock,
                library=house.library,
                playlists=house.playlists,
                airings=house.airings,
                overrides=house.overrides,
                special_days=house.special_days,
            )
            programme = await programmes.at("office-player", START)
            shown = [frame(programme, START + after)["counter-1"] for after in (HOUR / 2, HOUR)]
            assert [each.shows == still if each else None for each in shown] == [True, False]

    run(go())
