"""The sheet of an intake batch: CSV as Excel writes it in Korea and elsewhere, or XLSX, as rows by known columns.

CSV is read here, for it is text; an XLSX is an archive of a stranger and is read in a limited child.
"""

from __future__ import annotations

import asyncio
import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory

from lobby.core.labels import DAYS
from lobby.core.problem import Problem, Refusal
from media.limited import MIB, IntakeRefused, Limits, in_child

LARGEST = 4 * MIB
MOST_ROWS = 1000
MOST_CELLS = 40
NEAR = 0.7
LONGEST_CELL = 4000
CHILD = Path(__file__).with_name("rows_child.py")
LIMITS = Limits(
    bytes=LARGEST,
    longest_s=20.0,
    process={"AS": 512 * MIB, "CPU": 10, "FSIZE": 0, "NOFILE": 32, "NPROC": 0, "CORE": 0},
)
EXCEL_EPOCH = date(1899, 12, 30)
SERIAL = range(20_000, 80_000)
"""Days as a spreadsheet counts them, from 1954 to 2119."""
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "file": ("파일", "파일 이름", "파일명", "file", "file name", "filename"),
    "title": ("제목", "작품명", "title"),
    "title_en": ("영어 제목", "제목(영어)", "english title", "title (english)", "title_en"),
    "ko": ("설명(한국어)", "한국어 설명", "설명", "description (korean)", "korean", "ko"),
    "en": ("설명(영어)", "영어 설명", "description (english)", "english", "en"),
    "zh": ("설명(중국어)", "중국어 설명", "description (chinese)", "chinese", "zh"),
    "ja": ("설명(일본어)", "일본어 설명", "description (japanese)", "japanese", "ja"),
    "written": ("작품 속 글", "화면에 적힌 글", "text in the picture", "written"),
    "artist": ("작가", "artist"),
    "year": ("연도", "제작 연도", "year"),
    "holder": ("권리자", "저작권자", "rights holder", "holder"),
    "licence": ("이용 허락 번호", "허락 번호", "licence number", "license number", "licence"),
    "first": ("이용 시작", "시작일", "from", "first"),
    "last": ("이용 끝", "종료일", "until", "last"),
    "credit": ("표기 문구", "credit"),
}
"""What each column may be called; the first Korean and the first English name stand in the sheet we give out."""
ENGLISH_NAMES = {
    "file": "file", "title": "title", "title_en": "english title", "ko": "description (korean)",
    "en": "description (english)", "zh": "description (chinese)", "ja": "description (japanese)", "artist": "artist",
    "year": "year", "holder": "rights holder", "licence": "licence number", "first": "from", "last": "until",
    "credit": "credit",
    "written": "text in the picture",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet read: its rows by known column, what was wrong with headings and single rows, headings nobody knows."""

    rows: tuple[Mapping[str, str], ...]
    problems: tuple[Problem, ...] = ()
    unknown: tuple[str, ...] = ()


def template(language: str) -> bytes:
    """An empty sheet to fill in: CSV with a byte-order mark, so that Excel reads Hangul."""
    names = [ENGLISH_NAMES[key] if language == "en" else said[0] for key, said in COLUMNS.items()]
    return ("\ufeff" + ",".join(names) + "\r\n").encode()


async def read_sheet(path: Path) -> Sheet:
    """The sheet in a file, whatever its name says. Raises Refusal."""
    head = await asyncio.to_thread(_head, path)
    if head.startswith(b"PK\x03\x04"):
        table = await _unpacked(path)
    else:
        table = _separated(_decoded(await asyncio.to_thread(path.read_bytes)))
    return sheet_of(table)


def sheet_of(table: Sequence[Sequence[str]]) -> Sheet:
    """Rows by known column; the first line that names a file column is the heading. Raises Refusal."""
    known = {_key(name): column for column, names in COLUMNS.items() for name in names}
    heading = next((number for number, line in enumerate(table) if _columns(line, known).get("file") is not None), None)
    if heading is None:
        raise Refusal("content.sheet-without-heading", status=422)
    columns = _columns(table[heading], known)
    unknown = tuple(cell.strip() for cell in table[heading] if cell.strip() and _key(cell) not in known)
    rows, problems = [], [*_misnamed(unknown, known), *_twice(table[heading], known)]
    seen: set[str] = set()
    for number, line in enumerate(table[heading + 1 :], heading + 2):
        row = {name: line[place].strip() for name, place in columns.items() if place < len(line)}
        if not any(row.values()):
            continue
        if not row.get("file"):
            problems.append(Problem(code="content.row-without-name", params={"row": str(number)}))
        elif file_key(row["file"]) in seen:
            problems.append(Problem(code="content.row-twice", params={"row": str(number), "file": row["file"]}))
        else:
            seen.add(file_key(row["file"]))
            rows.append(_dated(row))
    return Sheet(rows=tuple(rows), problems=tuple(problems), unknown=unknown)


def file_key(name: str) -> str:
    """What two names of one file have in common: composed, without path, ending and case."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].strip().casefold()
    return last.rpartition(".")[0] or last


def _dated(row: Mapping[str, str]) -> dict[str, str]:
    """Days that a spreadsheet wrote as numbers."""
    found = dict(row)
    for name in DAYS:
        number = found.get(name, "").removesuffix(".0")
        if number.isascii() and number.isdigit() and int(number) in SERIAL:
            found[name] = (EXCEL_EPOCH + timedelta(days=int(number))).isoformat()
    return found


def _misnamed(unknown: Sequence[str], known: Mapping[str, str]) -> Iterator[Problem]:
    """Headings that are close to a known one, each with that; then all others together, with every column there is."""
    letters = {unicodedata.normalize("NFD", key): column for key, column in known.items()}  # a Hangul sign is three
    strange = []
    for heading in unknown:
        near = get_close_matches(unicodedata.normalize("NFD", _key(heading)), letters, n=1, cutoff=NEAR)
        if near:
            yield Problem(code="content.column-near", params={"heading": heading, "near": _both(letters[near[0]])})
        else:
            strange.append(heading)
    if strange:
        every = ", ".join(map(_both, COLUMNS))
        yield Problem(code="content.column-unknown", params={"headings": ", ".join(strange), "known": every})


def _twice(line: Sequence[str], known: Mapping[str, str]) -> Iterator[Problem]:
    """Headings that mean a column which another one before them means already: the first counts."""
    first: dict[str, str] = {}
    for cell in line:
        column = known.get(_key(cell))
        if column is not None and column in first:
            yield Problem(code="content.column-twice", params={"heading": cell.strip(), "first": first[column]})
        elif column is not None:
            first[column] = cell.strip()


def _both(column: str) -> str:
    """What a column is called in the sheets we give out, in both languages."""
    return f"{COLUMNS[column][0]} / {ENGLISH_NAMES[column]}"


def _columns(line: Iterable[str], known: Mapping[str, str]) -> dict[str, int]:
    """Column → its place in the line."""
    found: dict[str, int] = {}
    for place, cell in enumerate(line):
        column = known.get(_key(cell))
        if column is not None:
            found.setdefault(column, place)
    return found


def _key(name: str) -> str:
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


def _head(path: Path) -> bytes:
    if path.stat().st_size > LARGEST:
        raise Refusal("content.sheet-too-large", status=413, megabytes=str(LARGEST // MIB))
    with path.open("rb") as file:
        return file.read(8)


def _decoded(data: bytes) -> str:
    """UTF-8 with or without mark, UTF-16 with one, or the CP949 that Excel writes in Korea. Raises Refusal."""
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp949")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Refusal("content.no-sheet", status=415)


def _separated(text: str) -> list[list[str]]:
    """Cells by comma, semicolon or tab, whichever the first line has most of."""
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    lines: list[list[str]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if len(lines) >= MOST_ROWS:
                raise Refusal("content.sheet-too-long", status=413, most=str(MOST_ROWS))
            lines.append([cell[:LONGEST_CELL] for cell in line[:MOST_CELLS]])
    except csv.Error:
        raise Refusal("content.no-sheet", status=415) from None
    return lines


async def _unpacked(path: Path) -> list[list[str]]:
    job: Mapping[str, object] = {
        "source": str(path.resolve()),  # noqa: ASYNC240 - looked up in memory
        "rows": MOST_ROWS,
        "cells": MOST_CELLS,
        "longest": LONGEST_CELL,
    }
    with TemporaryDirectory() as folder:
        try:
            result = await in_child(CHILD, job, Path(folder), LIMITS)
        except IntakeRefused as refused:
            if refused.code == "sheet-too-long":
                raise Refusal("content.sheet-too-long", status=413, most=str(MOST_ROWS)) from refused
            raise Refusal("content.no-sheet", status=415) from refused
    told = result.get("rows")
    if not isinstance(told, list):
        raise Refusal("content.no-sheet", status=415)
    return [[str(cell) for cell in line] for line in told]
