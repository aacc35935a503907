"""What lies above the base is counted under its own airing, turn by turn, and never under the playlist beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lobby.core.airings import Airing
from lobby.core.clock import VirtualClock
from lobby.core.display_proof import Verdict, Word
from lobby.core.journal import Journal
from lobby.core.played import PLAYED, PLAYING, Asked, Line, history
from lobby.core.site import PlaylistItem
from lobby.ops.counting import Counting
from lobby.web.history import COLUMNS, Naming, per_line
from media.programme import Programme
from tests.lobby.core.galleries import NOON, SITE
from tests.lobby.core.test_compiler import ASSETS, asset, laid, with_airings
from tests.media.builders import sha
from tests.running import run

pytestmark = pytest.mark.slow

GOOD = dict.fromkeys(("wall-1", "wall-2"), Verdict(word=Word.CONFIRMED))
PICTURES = {**ASSETS, sha("tokyo"): asset("tokyo", "54x96")}
GUIDE, PARIS, TOKYO = sha("guide-1"), sha("paris"), sha("tokyo")
BASE = {"cities": SITE.playlists["cities"].model_copy(update={
    "mode": "span", "items": (PlaylistItem(asset="paris", dwell_s=20), PlaylistItem(asset="tokyo", dwell_s=20))
})}  # fmt: skip
TURNS: dict[str, Any] = {"every_s": 300, "for_s": 15, "name": "봄 인사"}


@asynccontextmanager
async def counted(path: Path, *airings: Airing) -> AsyncIterator[tuple[Counting, Journal, VirtualClock]]:
    """A wall that changes every twenty seconds, and who counts what it shows."""
    clock = VirtualClock(NOON + timedelta(minutes=58))
    async with Journal.open(path / "journal.db", clock=clock, projections=(PLAYED, PLAYING)) as journal:
        site = SITE.model_copy(update={"surfaces": {"wall": SITE.surfaces["wall"]}})
        holding = lambda moment: tuple(each for each in airings if each.holds(moment))  # noqa: E731 # one line, one use
        counting = Counting(site, journal, clock=clock, airings=holding)
        await counting.load()
        yield counting, journal, clock


def shown(programme: Programme, path: Path, *airings: Airing, minutes: int = 70) -> tuple[list[Line], list[Line]]:
    """What is counted in an hour around one, and what a fold of the journal anew gives."""

    async def scenario() -> tuple[list[Line], list[Line]]:
        async with counted(path, *airings) as (counting, journal, clock):
            for second in range(minutes * 60):
                await clock.advance(1)
                counting.look(GOOD, {"wall": programme})
                if second % 20 == 19:
                    await counting.write()
            before = await history(journal, all_of())
            await journal.rebuild(PLAYED)
            return before, await history(journal, all_of())

    return run(scenario(), within_s=60)


def all_of() -> Asked:
    """Both days around noon."""
    return Asked(first=NOON.date() - timedelta(days=1), last=NOON.date() + timedelta(days=1))


def of(lines: Sequence[Line], airing: str, panel: str = "wall-1") -> list[Line]:
    """One panel's lines under an airing."""
    return [line for line in lines if line.content.airing == airing and line.panel == panel]


@pytest.mark.parametrize("content", ["guide-1", "guide"], ids=["asset", "playlist"])
def test_an_interrupt_is_counted_turn_by_turn_under_its_own_name(tmp_path: Path, content: str) -> None:
    """An hour of one every five minutes: twelve showings of fifteen seconds, and the base has the rest."""
    interrupt = laid("interrupt", content, **TURNS)
    programme = with_airings(interrupt, lists=BASE, assets=PICTURES)
    lines, again = shown(programme, tmp_path, interrupt)
    assert again == lines
    (mine,) = of(lines, "봄 인사")  # with a fade it is seen for three quarters of a second more
    assert mine.content.asset == GUIDE
    assert mine.count == 12
    assert mine.seconds == pytest.approx(12 * 15, abs=12 * 0.8)
    assert {line.content.asset for line in of(lines, "")} == {PARIS, TOKYO}
    assert sum(line.seconds for line in of(lines, "")) == pytest.approx(70 * 60 - mine.seconds, abs=3)


def test_what_is_stronger_has_the_turn(tmp_path: Path) -> None:
    """A campaign covers the interrupt: then nothing of the interrupt was shown, and nothing of it is counted."""
    interrupt, campaign = laid("interrupt", "guide-1", **TURNS), laid("campaign", "guide")
    programme = with_airings(interrupt, campaign, lists=BASE, assets=PICTURES)
    lines, _ = shown(programme, tmp_path, interrupt, campaign)
    assert of(lines, "봄 인사") == []
    assert [line.count for line in of(lines, "campaign")] == [1]


def test_an_airing_that_shows_nothing_is_credited_with_nothing(tmp_path: Path) -> None:
    """Its playlist has no picture yet: the base stays on the glass and in the books."""
    campaign = laid("campaign", "guide")
    programme = with_airings(campaign, lists=BASE, assets={key: PICTURES[key] for key in (PARIS, TOKYO)})
    lines, _ = shown(programme, tmp_path, campaign, minutes=20)
    assert {line.content.airing for line in lines} == {""}


def test_the_first_picture_of_a_notice_is_no_showing_of_the_base(tmp_path: Path) -> None:
    """It appears within the base's time, in a fade; it is one showing, and the notice's."""
    notice = laid("notice", "guide", name="단수")
    lines, _ = shown(with_airings(notice, lists=BASE, assets=PICTURES), tmp_path, notice, minutes=10)
    assert [line.content.airing for line in lines if line.content.asset == GUIDE] == ["단수"] * 2
    assert [line.count for line in lines if line.content.asset == GUIDE] == [1, 1]


def test_the_table_names_the_interrupt_and_no_list_of_our_own(tmp_path: Path) -> None:
    """Whoever reads the CSV finds the airing by its name; a list made for one picture has none to read."""
    interrupt = laid("interrupt", "guide-1", **TURNS)
    lines, _ = shown(with_airings(interrupt, lists=BASE, assets=PICTURES), tmp_path, interrupt, minutes=20)
    house: Any = SimpleNamespace(
        site=SITE,
        playlists=SimpleNamespace(all=lambda: SITE.playlists),
        library=SimpleNamespace(find=lambda _: None, records=SimpleNamespace(of=lambda _: None)),
    )
    table = [row.split(",") for row in per_line(lines, Naming(house, "ko"), NOON.tzinfo, "ko").splitlines()]  # type: ignore[arg-type] # it has one
    cells = [dict(zip(COLUMNS, row, strict=True)) for row in table[1:]]
    assert {(each["playlist"], each["airing"]) for each in cells} == {("도시", ""), ("", "봄 인사")}
