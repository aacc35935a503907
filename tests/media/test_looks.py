"""How a wall turns from one slide to the next: shuffles, turns, slices, dark panels, live scenes, exclusive classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.cycles import Cycle
from media.geometry import PanelPlace, canvas, reading_order
from media.notices.layout import arranged, assigned, importance
from media.notices.texts import LANGUAGES
from media.programme import Live, PanelFrame, Playlist, Programme, frame, needed, next_change
from media.wire import from_json, to_json, version_of
from tests.media.builders import at, playlist, programme, row, sha
from tests.media.builders import grid as grid_of

SECOND = timedelta(seconds=1)
LETTERS = "abcdefgh"
MOMENTS = st.integers(0, 30 * 3_600_000).map(lambda ms: at(0) + timedelta(milliseconds=ms))


def day(panels: int, shown: Playlist, **more: object) -> Programme:
    """One playlist all day on a row of panels."""
    found = programme(row(panels), [(0, "day")], {"day": shown})
    changed = replace(found, **more)  # type: ignore[arg-type] # fields by name
    return replace(changed, version=version_of(changed))


def named(frames: Mapping[str, PanelFrame | None]) -> list[str | None]:
    """The letter on each panel."""
    letters = {sha(letter): letter for letter in LETTERS}
    return [None if each is None or each.shows is None else letters.get(each.shows) for each in frames.values()]


def test_a_shuffle_shows_every_item_once_a_round() -> None:
    """Eight slides of ten seconds: in each round all eight, and not always in the same order."""
    plan = day(1, replace(playlist(LETTERS), seed=7))
    starts = [at(9) - timedelta(seconds=(at(9) - plan.epoch).total_seconds() % 80) + n * 80 * SECOND for n in range(20)]
    rounds = [tuple(named(frame(plan, start + (10 * n + 2) * SECOND))[0] for n in range(8)) for start in starts]
    assert all(sorted(map(str, each)) == list(LETTERS) for each in rounds)
    assert len(set(rounds)) > 15


@given(st.integers(0, 1 << 32), st.integers(3, 9))
def test_a_shuffle_never_shows_one_item_twice_in_a_row(seed: int, count: int) -> None:
    """Also not across the end of a round."""
    cycle = Cycle([1] * count, moves=True, seed=seed)
    assert all(one != two for one, two in pairwise(cycle.item(number) for number in range(6 * count)))


@given(
    st.integers(0, 1000), st.integers(-(10**14), 10**14), st.lists(st.integers(1000, 90_000), min_size=2, max_size=9)
)
def test_steps_adjoin_whatever_the_order(seed: int, instant: int, dwells: list[int]) -> None:
    """A step contains its instant, is as long as its item stands, and the next begins where it ends."""
    cycle = Cycle(dwells, moves=True, seed=seed)
    number, start, end = cycle.step(instant)
    assert start <= instant < end
    assert (start, end - start) == (cycle.start(number), dwells[cycle.item(number)])
    assert cycle.start(number + 1) == end


def test_players_of_one_panel_each_shuffle_alike() -> None:
    """A programme read from its bytes deals the same cards: the wall of one player equals that of seven."""
    plan = day(7, replace(playlist(LETTERS), seed=3))
    assert frame(from_json(to_json(plan)), at(15) + 3 * SECOND) == frame(plan, at(15) + 3 * SECOND)


@pytest.mark.parametrize(("turn_ms", "order"), [(300, [0, 1, 2, 3]), (-300, [3, 2, 1, 0])])
def test_panels_turn_one_after_another(turn_ms: int, order: list[int]) -> None:
    """The first half-faded panel is the leftmost, or from the right the last."""
    plan = day(4, replace(playlist("abcd"), turn_ms=turn_ms, change_ms=600))
    halves = []
    for panel in range(4):
        moments = (at(9) + timedelta(milliseconds=ms) for ms in range(8000, 12_000, 20))
        shown = ((moment, frame(plan, moment)[f"wall-{panel + 1}"]) for moment in moments)
        halves.append(next(moment for moment, each in shown if each is not None and each.alpha >= 0.5))
    assert sorted(range(4), key=lambda panel: halves[panel]) == order
    assert max(halves) - min(halves) == timedelta(milliseconds=900)


@given(MOMENTS)
def test_nothing_changes_before_the_next_change_of_any_panel(moment: datetime) -> None:
    """Choreographed panels change at times of their own; until the first of them one frame holds."""
    plan = day(4, replace(playlist("abcd", 20), turn_ms=250, change_ms=500, seed=1))
    change = next_change(plan, moment)
    later = moment + (change - moment) * 0.99
    assert later == moment or frame(plan, later) == frame(plan, moment)


def test_a_cut_has_nothing_between() -> None:
    """A microsecond before the change the old picture, at it the new one, whole."""
    plan = day(1, replace(playlist("ab"), change="cut"))
    before, after = frame(plan, at(9) + 10 * SECOND - timedelta(microseconds=1)), frame(plan, at(9) + 10 * SECOND)
    assert named(before) != named(after)
    assert all(each is not None and each.next is None for each in (*before.values(), *after.values()))


def test_a_wipe_says_how_far_it_is() -> None:
    """Half a second into a wipe of a second the new picture covers half of the panel."""
    plan = day(1, replace(playlist("ab"), change="wipe", change_ms=1000))
    shown = frame(plan, at(9) + 9.5 * SECOND)["wall-1"]
    assert shown is not None
    assert (shown.change, shown.alpha, shown.from_right) == ("wipe", 0.5, False)


def test_nothing_fades_into_darkness_for_want_of_a_picture() -> None:
    """Between two playlists one of which has nothing to show yet, the other one's picture stands whole."""
    plan = programme(row(1), [(0, "day"), (10, "night")], {"day": playlist("a"), "night": playlist("b")})
    change = at(10) - timedelta(milliseconds=200)
    for lacking, standing in ((sha("b"), sha("a")), (sha("a"), sha("b"))):
        shown = frame(plan, change, missing=frozenset({lacking}))["wall-1"]
        assert shown == PanelFrame(shows=standing)


def test_a_wipe_runs_the_way_the_panels_turn() -> None:
    """Panels that turn from the right are wiped from the right, so that one edge sweeps the wall."""
    plan = day(2, replace(playlist("ab"), change="wipe", change_ms=1000, turn_ms=-1000))
    moments = (at(9) + timedelta(milliseconds=ms) for ms in range(8000, 12_000, 50))
    shown = [each for moment in moments for each in frame(plan, moment).values() if each is not None and each.next]
    assert shown
    assert all(each.from_right for each in shown)


def test_a_picture_across_the_wall_is_laid_in_slices() -> None:
    """Every panel takes its own part where there is one, else the picture whole at its size."""
    pictures = {sha("a"): {"1080x1920": sha("whole"), **{f"wall:3:{n}": sha(f"part {n}") for n in (1, 2, 3)}}}
    plan = day(3, playlist("a", mode="span"), pictures=pictures)
    assert [each and each.shows for each in frame(plan, at(9)).values()] == [sha(f"part {n}") for n in (1, 2, 3)]
    assert next(iter(frame(replace(plan, pictures={sha("a"): {"1080x1920": sha("whole")}}), at(9)).values())) == (
        PanelFrame(shows=sha("whole"))
    )


ALL = {f"wall-{n}" for n in range(1, 8)}


@pytest.mark.parametrize(
    ("dark", "count", "whole"),
    [
        ({"wall-1"}, 6, {"wall-1"}),
        ({"wall-3"}, 4, {"wall-1", "wall-2", "wall-3"}),
        ({"wall-1", "wall-7"}, 5, {"wall-1", "wall-7"}),
        ({"wall-4"}, 0, ALL),
    ],
)
def test_one_picture_across_is_laid_over_the_longest_working_row(dark: set[str], count: int, whole: set[str]) -> None:
    """With six, five or four in a row the picture is narrower; below four every panel shows it whole."""
    slices = {f"wall:{n}:{place}": sha(f"{n}/{place}") for n in (4, 5, 6, 7) for place in range(1, n + 1)}
    plan = day(
        7, playlist("a", mode="span"), pictures={sha("a"): {"1080x1920": sha("w"), **slices}}, dark=frozenset(dark)
    )
    shown = {panel: each and each.shows for panel, each in frame(plan, at(9)).items()}
    assert {panel for panel, each in shown.items() if each == sha("w")} == whole
    across = [each for panel, each in shown.items() if panel not in whole]
    assert across == [sha(f"{count}/{place}") for place in range(1, count + 1)]


def grid(order: str = "abcd") -> tuple[PanelPlace, ...]:
    """Two rows of two, in some order of the site file."""
    at_mm = {"a": (0, 0), "b": (620, 0), "c": (0, 1100), "d": (620, 1100)}
    return tuple(
        PanelPlace(id=f"wall-{name}", pixels=(1080, 1920), at_mm=at_mm[name], size_mm=(600, 1067)) for name in order
    )


@pytest.mark.parametrize("order", ["abcd", "dcba", "badc"])
@pytest.mark.parametrize("dark", [frozenset[str](), frozenset({"wall-b"})])
def test_a_picture_over_panels_above_one_another_is_cut_for_them(order: str, dark: frozenset[str]) -> None:
    """Each takes the part that hangs where it hangs, whatever the file's order; a dark one's part is missing only."""
    pictures = {sha("a"): {"1080x1920": sha("whole"), **{f"wall:4:{n}": sha(f"part {n}") for n in range(1, 5)}}}
    found = programme(grid(order), [(0, "day")], {"day": playlist("a", mode="span")}, pictures=pictures)
    plan = replace(found, dark=dark)
    shown = {panel: each and each.shows for panel, each in frame(plan, at(9)).items()}
    assert shown == {f"wall-{name}": sha(f"part {n}") for n, name in enumerate("abcd", start=1)}


def test_a_row_that_the_file_tells_from_the_right_is_cut_from_the_left() -> None:
    """Slices are named from the left; a panel takes that of where it hangs."""
    pictures = {sha("a"): {"1080x1920": sha("whole"), **{f"wall:3:{n}": sha(f"part {n}") for n in (1, 2, 3)}}}
    plan = programme(row(3)[::-1], [(0, "day")], {"day": playlist("a", mode="span")}, pictures=pictures)
    assert [each and each.shows for each in frame(plan, at(9)).values()] == [sha(f"part {n}") for n in (3, 2, 1)]


KEEP = (0, 1, 2, 4, 5, 3, 6)
"""Korean first, English, two Chinese, Japanese; Korean again in the middle and at the end."""


def notice(*dark: int) -> Programme:
    """A notice in five languages on seven panels, of which some are dark."""
    slices = {f"wall:{n}:{place}": sha(f"{n}/{place}") for n in (4, 5, 6, 7) for place in range(1, n + 1)}
    shown = replace(playlist("aa", 8, "span"), change="cut", exclusive=True, keep=KEEP, least=5)
    pictures = {sha("a"): {"1080x1920": sha("w"), **slices}}
    return day(7, shown, pictures=pictures, dark=frozenset(f"wall-{n}" for n in dark))


def texts(plan: Programme, moment: datetime) -> list[int | None]:
    """Which place of the whole row stands on each panel; None for anything that is cut through."""
    places = {sha(f"7/{place + 1}"): place for place in range(7)}
    return [None if each is None else places.get(each.shows or "") for each in frame(plan, moment).values()]


@pytest.mark.parametrize("dark", [(1,), (4,), (7,), (2, 6), (1, 4), (1, 2, 7), (3, 4, 5)])
def test_a_notice_is_whole_on_the_panels_that_work_and_in_every_language(dark: tuple[int, ...]) -> None:
    """Each working panel has one whole text; within two steps every language was there, on the same panels twice."""
    plan = notice(*dark)
    working = [index for index in range(7) if index + 1 not in dark]
    moments = [at(9) + step * 8 * SECOND for step in range(2)]
    shown = [[texts(plan, moment)[index] for index in working] for moment in moments]
    assert all(None not in each and len(set(each)) == len(working) for each in shown)
    assert {0, 1, 2, 4, 5} <= set().union(*map(set, shown))
    assert shown[0][:-1] == shown[1][:-1]
    assert shown[0] == sorted(map(int, shown[0][:-1])) + shown[0][-1:]  # type: ignore[arg-type] # none is None


@given(data=st.data())
def test_every_language_is_seen_whatever_is_dark(data: st.DataObject) -> None:
    """Walls of one to seven panels, alike or not, in a row or in two, any number of languages, any panels dark or
    silent: each language stands on a panel that works within as many steps as there are, wherever the round begins."""
    panels, languages = data.draw(st.integers(1, 7)), LANGUAGES[: data.draw(st.integers(1, len(LANGUAGES)))]
    grids = [grid_of(2, panels // 2)] if panels in (4, 6) else []
    wall = data.draw(st.sampled_from([row(panels), unlike(panels), *grids]))
    names = [panel.id for panel in wall]
    gone = data.draw(st.sets(st.sampled_from(names), max_size=panels - 1))
    pages = arranged(wall, languages) if panels > 1 else tuple((language,) for language in languages)
    told = set_on(wall, pages, languages, gone, told_dark=data.draw(st.booleans()))
    first = at(9) + data.draw(st.integers(0, 40)) * 8 * SECOND
    seen = set[str | None]()
    for step in range(max(len(languages), len(pages))):
        shown = frame(told, first + step * 8 * SECOND)
        seen |= {TEXTS.get(each.shows or "") for name, each in shown.items() if each is not None and name not in gone}
    assert set(languages) <= seen


def unlike(panels: int) -> tuple[PanelPlace, ...]:
    """A row in which every second panel is smaller than the others."""
    return tuple(replace(panel, pixels=(720, 1280)) if place % 2 else panel for place, panel in enumerate(row(panels)))


def test_unlike_panels_hang_as_they_are_set_until_one_is_not_seen() -> None:
    """Nothing turns on a whole wall; with one panel dark each of the others shows every language in its own size."""
    wall = unlike(7)
    pages = arranged(wall, LANGUAGES)
    whole, cut = (set_on(wall, pages, LANGUAGES, gone, told_dark=True) for gone in (set[str](), {"wall-2"}))
    moments = [at(9) + step * 8 * SECOND for step in range(5)]
    usual = [[TEXTS[str(each and each.shows)] for each in frame(whole, moment).values()] for moment in moments]
    assert usual == [list(pages[0])] * 5
    for name in {panel.id for panel in wall} - {"wall-2"}:
        assert {TEXTS.get(str((each := frame(cut, moment)[name]) and each.shows)) for moment in moments} == {*LANGUAGES}


PAGES = "pqrst"
TEXTS = {sha(f"{page} {language}"): language for page in PAGES for language in LANGUAGES}


def set_on(
    wall: tuple[PanelPlace, ...],
    pages: Sequence[Sequence[str | None]],
    languages: Sequence[str],
    gone: set[str],
    *,
    told_dark: bool,
) -> Programme:
    """A notice on a wall, set as the layout says, with one still for each page; each panel's part is its language."""
    panels = len(wall)
    keep, least = importance(panels, languages) if panels > 1 else ((), 0)
    turns = len(pages) if len(pages) > 1 else 1 + (panels - len(gone) < least)
    letters = PAGES[: len(pages)] if len(pages) > 1 else PAGES[0] * turns
    order = [panel.id for panel in reading_order(wall)]
    pictures = {}
    for letter, page in zip(letters, pages, strict=False):
        parts = {
            f"wall:{panels}:{order.index(panel.id) + 1}": sha(f"{letter} {language}")
            for panel, language in zip(wall, page, strict=True)
        }
        pictures[sha(letter)] = {"1080x1920": parts["wall:1:1"] if panels == 1 else sha("cut"), **parts}
    shown = replace(playlist(letters, 8, "span"), change="cut", exclusive=True, keep=keep, least=least)
    draft = programme(wall, [(0, "day")], {"day": shown}, pictures=pictures, fade_s=0)
    unseen = frozenset(gone)
    found = replace(draft, dark=unseen) if told_dark else replace(draft, silent=unseen)
    return from_json(to_json(replace(found, version=version_of(found))))


def test_a_silent_panel_keeps_its_text_in_case_it_works() -> None:
    """On a wall of three with five languages in turn: the panel that does not answer goes on as it was set."""
    wall, pages = row(3), assigned(3, LANGUAGES)
    whole = set_on(wall, pages, LANGUAGES, set(), told_dark=False)
    cut = set_on(wall, pages, LANGUAGES, {"wall-2"}, told_dark=False)
    for step in range(4):
        moment = at(9) + step * 8 * SECOND
        assert frame(cut, moment)["wall-2"] == frame(whole, moment)["wall-2"]


def test_a_notice_on_a_whole_wall_is_as_it_was_set() -> None:
    """Its steps change nothing there; a player reads the same from the programme's bytes."""
    plan = notice()
    assert texts(plan, at(9)) == texts(plan, at(9) + 8 * SECOND) == list(range(7))
    assert frame(from_json(to_json(notice(4))), at(9)) == frame(notice(4), at(9))


def test_a_rotation_passes_over_a_dark_panel() -> None:
    """The six that work show six different pictures in a row; the dark one echoes its neighbour, never black."""
    plan = day(7, playlist("abcdef"), dark=frozenset({"wall-4"}))
    shown = named(frame(plan, at(9) + SECOND))
    assert shown[3] == shown[2]
    assert sorted(map(str, shown[:3] + shown[4:])) == list("abcdef")


def test_when_every_panel_is_dark_all_count_as_working() -> None:
    """What is shown to nobody is the usual look."""
    usual = day(3, playlist("abc"))
    assert frame(replace(usual, dark=frozenset({"wall-1", "wall-2", "wall-3"})), at(9)) == frame(usual, at(9))


def test_a_live_scene_names_its_moment_and_the_panels_part() -> None:
    """Thirty times a second; the part is the panel's box on the wall with its gaps, and nothing is fetched for it."""
    plan = day(3, playlist("a", mode="span"), scenes={sha("a"): "aquarium-live"}, pictures={})
    frames = frame(plan, at(9) + timedelta(milliseconds=40))
    shots = [each.shot for each in frames.values() if each is not None]
    assert all(isinstance(shot, Live) and shot.until - shot.at <= timedelta(microseconds=33_334) for shot in shots)
    boxes = canvas(row(3)).panels
    assert [shot.part for shot in shots if isinstance(shot, Live)] == list(boxes.values())
    assert set().union(*needed(plan, at(9)).values()) == set()


def test_a_scene_that_fails_gives_way_to_the_next_item() -> None:
    """Like any content that is missing."""
    plan = day(1, playlist("ab"), scenes={sha("a"): "aquarium-live"})
    shown = {named(frame(plan, at(9) + n * 10 * SECOND, missing=frozenset({sha("a")})))[0] for n in range(4)}
    assert shown == {"b"}


@pytest.mark.parametrize("change", ["cut", "fade", "wipe"])
@pytest.mark.parametrize("base", ["rotate", "span", "one-per-panel"])
@pytest.mark.parametrize("hours", [(10, 11), (10.0017, 10.0031), (9.9999, 12)])
def test_an_exclusive_class_shows_no_foreign_picture(base: str, change: str, hours: tuple[float, float]) -> None:
    """From its first to its last instant only its own, whatever plays around it and however it changes; nor pins."""
    under = replace(playlist("abc", 7), mode=base)  # type: ignore[arg-type] # one of the three
    above = replace(playlist("xyz", 5), exclusive=True, change=change, turn_ms=400)  # type: ignore[arg-type] # as above
    lists = {"day": under, "loud": above}
    plan = programme(row(3), [(0, "day"), (hours[0], "loud"), (hours[1], "day")], lists, pins={"wall-2": sha("p")})
    own, start, end = {sha(letter) for letter in "xyz"}, at(hours[0]), at(hours[1])
    moments = [start + (end - start) * n / 997 for n in range(997)] + [end - timedelta(microseconds=1)]
    for moment in moments:
        shown = [each for each in frame(plan, moment).values() if each is not None]
        assert {sha for each in shown for sha in (each.shows, each.next) if sha} <= own
        assert len(shown) == 3
    after = [each for each in frame(plan, end).values() if each is not None]
    assert not {each.shows for each in after} & own


def test_what_lies_under_an_exclusive_interval_travels_with_it() -> None:
    """So that the controller can tell what the plan says while something else plays."""
    plan = programme(row(1), [(0, "day"), (10, "loud"), (11, "day")], {"day": playlist("a"), "loud": playlist("x")})
    first, above, last = plan.surfaces["wall"].intervals
    surfaces = {"wall": replace(plan.surfaces["wall"], intervals=(first, replace(above, under="day"), last))}
    changed = replace(plan, surfaces=surfaces)
    assert from_json(to_json(replace(changed, version=version_of(changed)))).surfaces == surfaces
