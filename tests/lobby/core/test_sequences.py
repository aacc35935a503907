"""What a playlist plays when: unfolded, cut to windows and licences, spread by weight."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobby.core.sequences import Step, Stretch, circle, spread, stretches
from lobby.core.site import Playlist, PlaylistItem, Text, TimeSpan
from lobby.core.spans import Span, common, holds, joined, spans

SEOUL = ZoneInfo("Asia/Seoul")
WITHIN = datetime(2026, 11, 22, 15, tzinfo=UTC), datetime(2026, 12, 28, 15, tzinfo=UTC)


def item(asset: str = "", **more: object) -> PlaylistItem:
    """An item by the keys of the site file."""
    return PlaylistItem.model_validate(
        {"asset": asset, **{key.replace("_", "-"): value for key, value in more.items()}}
    )


def listed(*items: PlaylistItem) -> Playlist:
    """A playlist of them."""
    return Playlist(name=Text(ko="가", en="a"), items=items)


def rounds(within: Span = WITHIN, allowed: dict[str, list[Span]] | None = None, **lists: Playlist) -> list[Stretch]:
    """What the playlist `main` plays."""

    def when(asset: str) -> list[Span] | None:
        return [WITHIN] if allowed is None else allowed.get(asset)

    return stretches(lists, "main", within, SEOUL, allowed=when)


def at(found: list[Stretch], moment: str) -> list[str]:
    """The assets of the round at a local moment."""
    when = datetime.fromisoformat(moment).replace(tzinfo=SEOUL)
    (stretch,) = [each for each in found if each.start <= when < each.end]
    return [step.asset for step in stretch.steps]


def test_a_plain_playlist_is_one_round() -> None:
    """Nothing cuts it."""
    (only,) = rounds(main=listed(item("a"), item("b", dwell_s=20)))
    assert (only.start, only.end) == WITHIN
    assert only.steps == (Step("a", 12_000), Step("b", 20_000))


def test_an_item_is_there_on_its_dates_only_both_included() -> None:
    """From the first instant of the first local day to the last of the last one."""
    found = rounds(main=listed(item("a"), item("x", **{"from": "2026-12-24", "to": "2026-12-25"})))
    assert at(found, "2026-12-23T23:59:59") == ["a"]
    assert at(found, "2026-12-24T00:00") == ["a", "x"]
    assert at(found, "2026-12-25T23:59:59") == ["a", "x"]
    assert at(found, "2026-12-26T00:00") == ["a"]


def test_an_item_is_there_on_its_weekdays_and_hours_only() -> None:
    """Tuesdays from 18:00 to 21:00, and over midnight where the end is earlier."""
    evening = listed(item("a"), item("t", days=["tue"], hours=[{"from": "18:00", "to": "21:00"}]))
    found = rounds(main=evening)
    assert at(found, "2026-11-24T17:59:59") == ["a"]
    assert at(found, "2026-11-24T20:59:59") == ["a", "t"]
    assert at(found, "2026-11-24T21:00") == ["a"]
    assert at(found, "2026-11-25T19:00") == ["a"]
    night = rounds(main=listed(item("a"), item("n", days=["tue"], hours=[{"from": "22:00", "to": "02:00"}])))
    assert at(night, "2026-11-25T01:59:59") == ["a", "n"]


def test_a_list_in_a_list_is_played_whole_within_its_windows() -> None:
    """Its items keep their dwell; the outer item's dates bind them all; own dates bind one."""
    inner = listed(item("x", dwell_s=5), item("y", to="2026-11-30"))
    found = rounds(main=listed(item("a"), item(playlist="inner", **{"from": "2026-11-25"})), inner=inner)
    assert at(found, "2026-11-24T12:00") == ["a"]
    assert at(found, "2026-11-26T12:00") == ["a", "x", "y"]
    assert at(found, "2026-12-01T12:00") == ["a", "x"]


def test_an_asset_whose_licence_ended_is_gone_at_the_instant() -> None:
    """Also when nothing else is due; one that nobody approved never comes."""
    ends = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    found = rounds(main=listed(item("a"), item("b"), item("c")), allowed={"a": [WITHIN], "b": [(WITHIN[0], ends)]})
    assert [[step.asset for step in each.steps] for each in found] == [["a", "b"], ["a"]]
    assert found[1].start == ends


def test_circles_and_unknown_lists_are_empty_and_told() -> None:
    """A list that contains itself ends; the way is named."""
    lists = {"main": listed(item("a"), item(playlist="other")), "other": listed(item(playlist="main"), item("b"))}
    assert [step.asset for step in rounds(main=lists["main"], other=lists["other"])[0].steps] == ["a", "b"]
    assert circle(lists, "main") == ("main", "other", "main")
    assert rounds(main=listed(item(playlist="nowhere")))[0].steps == ()


@given(st.lists(st.integers(1, 10), min_size=1, max_size=12))
def test_a_weight_is_how_often_and_spread(weights: list[int]) -> None:
    """Every item as often as its weight, never twice in a row unless it is half of all or more."""
    steps = spread([(Step(str(place), 1000), weight) for place, weight in enumerate(weights)])
    counts = Counter(step.asset for step in steps)
    if len(set(weights)) > 1:
        assert counts == {str(place): weight for place, weight in enumerate(weights)}
    heaviest = max(counts.values())
    doubles = sum(one == two for one, two in pairwise(steps))
    assert doubles == 0 or heaviest >= len(steps) / 2


DAYS = st.lists(st.sampled_from(("mon", "tue", "wed", "thu", "fri", "sat", "sun")), unique=True, max_size=3)
TIMES = st.times(time(0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
DATES = st.one_of(st.none(), st.dates(date(2026, 11, 15), date(2027, 1, 5)))


@given(DAYS, st.lists(st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] != pair[1]), max_size=3), DATES, DATES,
       st.integers(0, 36 * 24 * 60))  # fmt: skip
def test_spans_hold_when_a_calendar_says_so(
    days: list[str], hours: list[tuple[time, time]], first: date | None, last: date | None, minute: int
) -> None:
    """Against a plain look at the wall clock, for any moment (Seoul has no clock changes)."""
    moment = WITHIN[0] + timedelta(minutes=minute, seconds=30)
    found = spans(SEOUL, WITHIN, first=first, last=last, days=days, hours=hours)
    wall = moment.astimezone(SEOUL)
    expected = moment < WITHIN[1] and any(
        (not days or ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.weekday()] in days)
        and (first is None or first <= day)
        and (last is None or day <= last)
        and _within(wall, day, hours)
        for day in (wall.date(), wall.date() - timedelta(days=1))
    )
    assert holds(found, moment) == expected
    assert all(one[1] < two[0] for one, two in pairwise(found))


def _within(wall: datetime, day: date, hours: list[tuple[time, time]]) -> bool:
    """Whether the wall clock lies in one of the hours that begin on that day."""
    now = wall.replace(tzinfo=None)
    if not hours:
        return wall.date() == day
    ends = ((begin, end, day if end > begin else day + timedelta(days=1)) for begin, end in hours)
    return any(datetime.combine(day, begin) <= now < datetime.combine(last, end) for begin, end, last in ends)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))),
)
def test_common_time_is_where_both_hold(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """Minute by minute."""

    def at_minute(n: int) -> datetime:
        return WITHIN[0] + timedelta(minutes=n)

    first, second = (joined((at_minute(a), at_minute(a + n)) for a, n in each) for each in (one, other))
    both = common(first, second)
    assert all(
        holds(both, at_minute(n)) == (holds(first, at_minute(n)) and holds(second, at_minute(n))) for n in range(60)
    )


def test_hours_are_a_table_of_the_site_file() -> None:
    """`hours = [{ from = "09:00", to = "12:00" }]`."""
    (hours,) = item("a", hours=[{"from": "09:00", "to": "12:00"}]).hours
    assert hours == TimeSpan.model_validate({"from": "09:00", "to": "12:00"})
    with pytest.raises(ValueError, match="weight"):
        item("a", weight=0)
