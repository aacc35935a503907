"""What people write of a work, made clean: composed, without invisible characters, not too long, days as days."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

from lobby.core.problem import Refusal
from lobby.core.records import LANGUAGES, Label, Rights

LONGEST_TITLE = 120
LONGEST_DESCRIPTION = 600
LONGEST_RIGHT = 200
TITLES = ("title", "title_en")
DAYS = ("first", "last")
RIGHTS = tuple(each.name for each in fields(Rights) if each.name not in DAYS)
WRITTEN = re.compile(r"(\d{4})\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})\s*[.일]?")
"""A day as people write it: 2026-12-01, 2026.12.1, 2026. 12. 1., 2026/12/1, 2026년 12월 1일."""


def labelled(label: Label, given: Mapping[str, Any]) -> Label:
    """The label with what a form, a JSON object or a row of a sheet says; what is not said stays. Raises Refusal."""
    texts = {name: _text(given, name, LONGEST_TITLE) for name in TITLES if name in given}
    if "written" in given:
        texts["written"] = _text(given, "written", LONGEST_DESCRIPTION, lines=True)
    if texts.get("title") == "":
        raise Refusal("api.not-valid", "title", status=422)
    spoken = {each: _text(given, each, LONGEST_DESCRIPTION, lines=True) for each in LANGUAGES if each in given}
    descriptions = {each: text for each, text in {**label.descriptions, **spoken}.items() if text}
    rights: dict[str, Any] = {name: _text(given, name, LONGEST_RIGHT) for name in RIGHTS if name in given}
    rights |= {name: _day(given, name) for name in DAYS if name in given}
    changed = replace(label.rights, **rights)
    if changed.first and changed.last and changed.last < changed.first:
        raise Refusal("media.licence-backwards", status=422)
    return replace(label, **texts, descriptions=descriptions, rights=changed)


def plain(text: str, *, lines: bool = False) -> str:
    """Composed (NFC), without invisible characters, spaces as one; with `lines` its line ends stay."""
    composed = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    kept = "".join(
        each if unicodedata.category(each)[0] != "C" or (lines and each == "\n") else " " for each in composed
    )
    return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()


def day_of(text: str) -> date | None:
    """A day as people write it; None where it is none."""
    found = WRITTEN.fullmatch(text.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _text(given: Mapping[str, Any], name: str, longest: int, *, lines: bool = False) -> str:
    value = given[name]
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 4 * longest:
        raise Refusal("api.not-valid", name, status=422)
    text = plain(value, lines=lines)
    if len(text) > longest:
        raise Refusal("media.text-too-long", name, status=422, most=str(longest))
    return text


def _day(given: Mapping[str, Any], name: str) -> date | None:
    value = given[name]
    if value in (None, ""):
        return None
    found = day_of(str(value))
    if found is None:
        raise Refusal("media.no-day", name, status=422)
    return found
