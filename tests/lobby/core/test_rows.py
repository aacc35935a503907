"""Sheets of an intake batch: CSV of every habit, XLSX in a limited child, dates, and what is no sheet."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lobby.core.problem import Refusal
from lobby.core.rows import LARGEST, MOST_ROWS, Sheet, file_key, read_sheet, template
from lobby.core.words import explain
from tests.running import run

KOREAN = "파일,제목,설명(한국어),설명(영어),시작일\r\n가을.png,가을 산,산이 물든다,Hills,2026-12-01\r\n"
ROW = {"file": "가을.png", "title": "가을 산", "ko": "산이 물든다", "en": "Hills", "first": "2026-12-01"}
SPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CELLS = (
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>title</t></is></c>'
    '<c r="D1" t="inlineStr"><is><t>from</t></is></c></row>'
    '<row r="3"><c r="A3" t="inlineStr"><is><t>a.png</t></is></c><c r="B3" t="s"><v>1</v></c>'
    '<c r="D3"><v>46357</v></c></row>'
)


def read(path: Path, data: bytes) -> Sheet:
    """The sheet in these bytes."""
    path.write_bytes(data)
    return run(read_sheet(path))


def workbook(path: Path, cells: str = CELLS, head: str = "") -> bytes:
    """An XLSX as ECMA-376 lays it out, written by hand."""
    parts = {
        "xl/workbook.xml": f'<workbook {SPACE} xmlns:r="{LINK}"><sheets><sheet name="s" sheetId="1" r:id="rId7"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": "<Relationships><Relationship Id='rId7' Target='worksheets/sheet3.xml'/>"
        "</Relationships>",
        "xl/sharedStrings.xml": f"<sst {SPACE}><si><t>file</t></si><si><r><t>가을 </t></r><r><t>산</t></r>"
        "<rPh><t>reading</t></rPh></si></sst>",
        "xl/worksheets/sheet3.xml": f"{head}<worksheet {SPACE}><sheetData>{cells}</sheetData></worksheet>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path.read_bytes()


@pytest.mark.parametrize(
    "data",
    [
        KOREAN.encode(),
        b"\xef\xbb\xbf" + KOREAN.encode(),
        KOREAN.encode("cp949"),
        KOREAN.encode("utf-16"),
        KOREAN.replace(",", ";").encode(),
        KOREAN.replace(",", "\t").encode(),
        ("서울시청,\r\n\r\n" + KOREAN).encode(),
        KOREAN.replace("파일", "File Name").replace("제목", "TITLE").encode(),
    ],
    ids=["utf-8", "mark", "cp949", "utf-16", "semicolon", "tab", "lines-before", "english"],
)
def test_csv_of_every_habit_is_read(tmp_path: Path, data: bytes) -> None:
    """With a mark, in CP949, by comma, semicolon or tab, with lines before the heading."""
    assert read(tmp_path / "sheet", data).rows == (ROW,)


def test_xlsx_is_read_with_its_days_and_runs(tmp_path: Path) -> None:
    """Shared and inline texts, runs without reading aids, empty columns and rows, days that are numbers."""
    found = read(tmp_path / "sheet", workbook(tmp_path / "book"))
    assert found.rows == ({"file": "a.png", "title": "가을 산", "first": "2026-12-01"},)


def test_rows_that_cannot_be_used_are_told_by_their_line(tmp_path: Path) -> None:
    """Without file, or with one named before."""
    text = "file,title\r\na.png,A\r\n,B\r\nA.PNG,C\r\n"
    found = read(tmp_path / "sheet", text.encode())
    assert [(each.code, each.params["row"]) for each in found.problems] == [
        ("content.row-without-name", "3"),
        ("content.row-twice", "4"),
    ]
    assert len(found.rows) == 1


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("제묵", "제목 / title"),
        ("작가명", "작가 / artist"),
        ("titel", "제목 / title"),
        ("Licence no.", "이용 허락 번호 / licence number"),
        ("descripton (english)", "설명(영어) / description (english)"),
        ("비고", ""),
        ("notes", ""),
    ],
)
def test_a_heading_that_nobody_knows_is_told_with_the_one_it_is_close_to(
    tmp_path: Path, heading: str, column: str
) -> None:
    """Nothing is skipped in silence: what is close is asked for, what is not is told with every known column."""
    found = read(tmp_path / "sheet", f"file,{heading},title\r\na.png,x,A\r\n".encode())
    (problem,) = found.problems
    for language in ("ko", "en"):
        told = " ".join(explain(problem, language))
        assert heading in told
        assert (column or "영어 제목 / english title") in told
    assert problem.code == ("content.column-near" if column else "content.column-unknown")
    assert (found.rows[0]["title"], found.unknown) == ("A", (heading,))


def test_two_headings_of_one_meaning_are_told(tmp_path: Path) -> None:
    """The first counts."""
    found = read(tmp_path / "sheet", "file,제목,title\r\na.png,A,B\r\n".encode())
    assert [(each.code, each.params["heading"]) for each in found.problems] == [("content.column-twice", "title")]
    assert found.rows[0]["title"] == "A"


def too_long(_: Path) -> bytes:
    """More lines than are read."""
    return b"file\r\n" + b"a.png\r\n" * MOST_ROWS


def bomb(path: Path) -> bytes:
    """A part that unfolds to more than is read."""
    return workbook(path, " " * 40_000_000)


def entities(path: Path) -> bytes:
    """Declarations that would grow, or read files."""
    return workbook(path, head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')


def endless_rows(path: Path) -> bytes:
    """An XLSX with more rows than are read."""
    return workbook(path, "<row/>" * (MOST_ROWS + 1))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (too_long, "content.sheet-too-long"),
        (endless_rows, "content.sheet-too-long"),
        (bomb, "content.no-sheet"),
        (entities, "content.no-sheet"),
        (lambda _: b"PK\x03\x04 no archive", "content.no-sheet"),
        (lambda _: b"\x81\x00\xff\xff", "content.no-sheet"),
        (lambda _: b"title,ko\r\na,b\r\n", "content.sheet-without-heading"),
        (lambda _: b"", "content.sheet-without-heading"),
        (lambda _: b"x" * (LARGEST + 1), "content.sheet-too-large"),
    ],
)
def test_what_is_no_sheet_is_refused(tmp_path: Path, make: Callable[[Path], bytes], code: str) -> None:
    """With words, whatever it is, and in limited memory."""
    data = make(tmp_path / "book")
    with pytest.raises(Refusal) as refused:
        read(tmp_path / "sheet", data)
    assert refused.value.problem.code == code


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_sheet_we_give_out_is_read_back(tmp_path: Path, language: str) -> None:
    """Every column of it is known, and Excel sees by its mark that it is UTF-8."""
    empty = template(language)
    found = read(tmp_path / "sheet", empty + ",".join(["x"] * 14).encode())
    assert empty.startswith(b"\xef\xbb\xbf")
    assert (len(found.rows[0]), found.unknown) == (14, ())


@pytest.mark.parametrize("name", ["가을.PNG", "C:\\사진\\가을.png", "\u1100\u1161\u110b\u1173\u11af.png", " 가을 "])
def test_names_of_one_file_are_the_same(name: str) -> None:
    """Whatever its path, ending, case and composition."""
    assert file_key(name) == "가을"
