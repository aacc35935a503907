"""Reads the first sheet of an XLSX (ECMA-376: a ZIP of XML parts) in a limited process of its own.

One job on standard input, one last word on standard output: `{"result": {"rows": …}}` or `{"refused": …}`.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from media.child import limit

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_LINKS = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
LONGEST_PART = 32 * 1024 * 1024
LETTERS = re.compile(r"[A-Z]{1,3}")


class Refused(Exception):
    """What is told instead of rows."""


class Part:
    """One part of the archive, unpacked as it is read; one that grows too long or declares entities is refused."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = LONGEST_PART
        self._end = b""

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes."""
        data = self._file.read(min(size, 65_536) if size > 0 else 65_536)
        self._left -= len(data)
        if self._left < 0 or b"<!" in (self._end + data).replace(b"<![CDATA[", b"").replace(b"<!--", b""):
            raise Refused("no-sheet")
        self._end = data[-16:]
        return data


def main() -> None:
    """Limits first, then the job."""
    job = json.loads(sys.stdin.read())
    limit(job["limits"])
    try:
        word: dict[str, Any] = {"result": {"rows": rows(job)}}
    except Refused as refused:
        word = {"refused": str(refused)}
    except (zipfile.BadZipFile, ParseError, KeyError, ValueError, OSError, NotImplementedError, RuntimeError, EOFError):
        word = {"refused": "no-sheet"}
    print(json.dumps(word))


def rows(job: dict[str, Any]) -> list[list[str]]:
    """The cells of the first sheet as texts."""
    with zipfile.ZipFile(job["source"]) as archive:
        names = set(archive.namelist())
        shared = list(_shared(archive, job["longest"])) if "xl/sharedStrings.xml" in names else []
        with archive.open(_first_sheet(archive, names)) as file:
            return list(_lines(file, shared, job))


def _nodes(file: IO[bytes]) -> Iterator[Element]:
    """Every element of a part as it ends."""
    # Declarations are refused by Part, sizes are capped, and this process is limited and has nothing to lose.
    for _, node in iterparse(Part(file)):  # noqa: S314
        yield node


def _first_sheet(archive: zipfile.ZipFile, names: set[str]) -> str:
    """The part of the first sheet, by the workbook's relationships."""
    links = {}
    with archive.open("xl/_rels/workbook.xml.rels") as file:
        for node in _nodes(file):
            links[node.get("Id")] = node.get("Target", "")
    with archive.open("xl/workbook.xml") as file:
        for node in _nodes(file):
            if _tag(node) == "sheet":
                target = links[node.get(LINKS) or node.get(STRICT_LINKS)]
                path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                if path in names:
                    return path
    raise Refused("no-sheet")


def _shared(archive: zipfile.ZipFile, longest: int) -> Iterator[str]:
    with archive.open("xl/sharedStrings.xml") as file:
        for node in _nodes(file):
            if _tag(node) == "si":
                yield _text(node)[:longest]
                node.clear()


def _lines(file: IO[bytes], shared: list[str], job: dict[str, Any]) -> Iterator[list[str]]:
    count = 0
    for node in _nodes(file):
        if _tag(node) != "row":
            continue
        count += 1
        if count > job["rows"]:
            raise Refused("sheet-too-long")
        line = [""] * job["cells"]
        for number, cell in enumerate(each for each in node if _tag(each) == "c"):
            place = _place(cell.get("r", ""), number)
            if place < job["cells"]:
                line[place] = _value(cell, shared)[: job["longest"]]
        yield line
        node.clear()


def _place(reference: str, number: int) -> int:
    """The column of a cell: `C7` is 2; a cell without reference stands where it comes."""
    found = LETTERS.match(reference)
    if found is None:
        return number
    place = 0
    for letter in found[0]:
        place = place * 26 + ord(letter) - 64
    return place - 1


def _value(cell: Element, shared: list[str]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(_text(each) for each in cell if _tag(each) == "is")
    value = next((each.text or "" for each in cell if _tag(each) == "v"), "")
    return shared[int(value)] if kind == "s" and value else value


def _text(node: Element) -> str:
    """The text of a string item: plain or in runs, without the reading aids that stand beside it."""
    found = []
    for each in node:
        if _tag(each) == "t":
            found.append(each.text or "")
        elif _tag(each) == "r":
            found.append(_text(each))
    return "".join(found)


def _tag(node: Element) -> str:
    return node.tag.removeprefix(MAIN).removeprefix(STRICT)


if __name__ == "__main__":
    main()
