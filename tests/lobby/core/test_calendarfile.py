"""A holiday data file as somebody brings it: both formats read, everything else refused with its cure."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lobby.core.calendarfile import LARGEST, table_in, years_of
from lobby.core.problem import Refusal
from lobby.core.words import explain
from schedules import OfficialYear, calendar_of, korea
from tests.running import run

ONE = 'format = 2\nyear = 2028\n[[holiday]]\ndate = 2028-01-01\nname = "신정"\n'


def read(tmp_path: Path, text: str | bytes, country: str = "KR") -> tuple[OfficialYear, ...]:
    """The years in a file of that content."""
    path = tmp_path / "holidays.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return years_of(run(table_in(path)), calendar_of(country))


def test_a_year_that_was_downloaded_can_be_put_in_again(tmp_path: Path) -> None:
    """What the page gives out as its example is what it takes, also with a byte-order mark."""
    text = korea().year(2028).file("KR")
    assert read(tmp_path, text) == (korea().year(2028),)
    assert read(tmp_path, b"\xef\xbb\xbf" + text.encode()) == (korea().year(2028),)


def test_the_format_that_ships_confirms_the_years_beyond_what_ships(tmp_path: Path) -> None:
    """2028 whole, and 2027 because a day of it was named."""
    extra = '[[extra]]\ndate = 2027-05-04\nname = "임시공휴일"\n[[withdrawn]]\ndate = 2028-04-12\n'
    years = read(tmp_path, f"format = 1\nconfirmed_through = 2028\n{extra}")
    assert [one.year for one in years] == [2027, 2028]
    assert date(2027, 5, 4) in {day.day for day in years[0].days}
    assert date(2028, 4, 12) not in {day.day for day in years[1].days}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04 an office document", "not-ours"),
        (b"%PDF-1.7", "not-ours"),
        (b"\xff\xfe\x00", "not-ours"),
        (b"", "not-ours"),
        ("[" * 100_000, "not-ours"),
        ("format = 3\n", "not-ours"),
        ("format = 2\nyear =\n", "broken-line"),
        (f"x = '{'x' * 300_000}'\n", "not-ours"),
        ("# " + "x" * LARGEST, "too-large"),
        (ONE.replace("format = 2", 'format = 2\ncountry = "JP"'), "wrong-country"),
        (ONE.replace("year = 2028", "year = 2029"), "other-year"),
        (ONE.replace("2028-01-01", '"soon"'), "bad-date"),
        (ONE + ONE.partition("2028\n")[2], "twice"),
        ("format = 1\nconfirmed_through = 2026\n", "older"),
        ("format = 1\n", "bad-data"),
        ("format = 1\nconfirmed_through = 2090\n", "year-far"),
    ],
)
def test_everything_else_is_refused_with_its_cure_in_both_languages(
    tmp_path: Path, content: str | bytes, code: str
) -> None:
    """One code a mistake, never a stack trace."""
    with pytest.raises(Refusal) as refused:
        read(tmp_path, content)
    assert refused.value.problem.code == f"calendar.{code}"
    assert all(text and "{" not in text for tongue in ("ko", "en") for text in explain(refused.value.problem, tongue))


def test_another_country_takes_its_own_file(tmp_path: Path) -> None:
    """Nothing ships for it, so the old format confirms just the year it ends with."""
    assert [one.year for one in read(tmp_path, 'format = 1\ncountry = "JP"\nconfirmed_through = 2027\n', "JP")] == [
        2027
    ]
    assert read(tmp_path, ONE.replace("format = 2", 'format = 2\ncountry = "JP"'), "JP")[0].year == 2028
