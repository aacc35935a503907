"""A file with a year's official public holidays, as somebody brings it: opened in a limited child, in plain values.

Two formats are known. Format 2 is one whole year. Format 1 is what ships in `schedules/korea.toml`: the last official
year, with days added to the rule's and taken from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lobby.core.problem import Refusal
from media.limited import MIB, IntakeRefused, Limits, in_child
from schedules import CalendarRefused, HolidayCalendar, HolidayData, OfficialYear, YearRefused, data_of
from schedules.officialyear import FORMAT

LARGEST = 1_000_000
CHILD = Path(__file__).with_name("calendarfile_child.py")
LIMITS = Limits(
    bytes=LARGEST,
    longest_s=20.0,
    process={"AS": 512 * MIB, "CPU": 10, "FSIZE": 0, "NOFILE": 32, "NPROC": 0, "CORE": 0},
)
OLD_FORMAT = 1
FARTHEST = 10
"""Years that one file of the old format may confirm."""

Table = Mapping[str, Any]


async def table_in(path: Path) -> Table:
    """What stands in a file, dates as texts. Raises Refusal."""
    size = path.stat().st_size  # noqa: ASYNC240 - of a file just written or just named
    if size > LARGEST:
        raise Refusal("calendar.too-large", status=413, megabytes=str(LARGEST // 1_000_000))
    job: Mapping[str, object] = {"source": str(path.resolve())}  # noqa: ASYNC240 - looked up in memory
    with TemporaryDirectory() as folder:
        try:
            result = await in_child(CHILD, job, Path(folder), LIMITS)
        except IntakeRefused as refused:
            if refused.code == "broken-line":
                raise Refusal("calendar.broken-line", status=422, line=refused.params.get("line", "?")) from refused
            raise Refusal("calendar.not-ours", status=415) from refused
    table = result.get("table")
    if not isinstance(table, dict) or "format" not in table:
        raise Refusal("calendar.not-ours", status=415)
    return table


def years_of(table: Table, calendar: HolidayCalendar) -> tuple[OfficialYear, ...]:
    """The years that a file is about. `calendar` is what ships for the site's country. Raises Refusal."""
    country = str(table.get("country", "KR"))
    if country != calendar.country:
        raise Refusal("calendar.wrong-country", status=422, country=country[:10], ours=calendar.country)
    if table["format"] == OLD_FORMAT:
        return _ruled(table, calendar)
    if table["format"] != FORMAT:
        raise Refusal("calendar.not-ours", status=415)
    return (year_of(table),)


def year_of(told: Table) -> OfficialYear:
    """One year as a file or a form tells it. Raises Refusal."""
    try:
        return OfficialYear.read(told)
    except YearRefused as refused:
        raise Refusal(f"calendar.{refused.code}", status=422, **refused.params) from refused


def _ruled(table: Table, calendar: HolidayCalendar) -> tuple[OfficialYear, ...]:
    """Whole years from the old format: those it names days of, and those it confirms beyond what ships."""
    try:
        data = data_of(table)
    except CalendarRefused as refused:
        raise Refusal("calendar.bad-data", status=422, mistake=refused.mistake[:120]) from refused
    shipped = max((year for year in range(2000, 2100) if calendar.confirmed(year)), default=data.confirmed_through - 1)
    if data.confirmed_through < shipped:
        raise Refusal("calendar.older", year=str(data.confirmed_through), known=str(shipped))
    if data.confirmed_through - shipped > FARTHEST:
        raise Refusal("calendar.year-far", status=422, year=str(data.confirmed_through), last=str(shipped + FARTHEST))
    named = {day.year for day in (*data.extra, *data.withdrawn)}
    return _whole(data, sorted(named | set(range(shipped + 1, data.confirmed_through + 1))))


def _whole(data: HolidayData, years: list[int]) -> tuple[OfficialYear, ...]:
    ruled = HolidayCalendar(data)
    return tuple(year_of(ruled.year(year).told()) for year in years)
