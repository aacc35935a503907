"""`lobby media add` at a terminal: a bar a file, its state, and the time that is left."""

from __future__ import annotations

import argparse
import io
import sys
from typing import Any

import pytest

from lobby.ops import bringing


class Terminal(io.StringIO):
    """A terminal that keeps what is written."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def file(name: str, stage: str, share: float, left_s: float | None = None) -> bringing.File:
    """How the lobby tells of a file."""
    return {"name": name, "stage": stage, "share": share, "left_s": left_s}


@pytest.mark.slow
def test_each_file_has_its_bar_and_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Percent done and minutes left while it is converted, a word before and after."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setenv("COLUMNS", "120")
    with bringing._shown(3) as show:
        show([file("가을.mp4", "checking", 0.25, 75), file("봄.png", "queued", 0), file("겨울.png", "taken", 1)])
    said = terminal.getvalue()
    assert all(each in said for each in ("가을.mp4", "25%", "1:15 남음", "차례 기다림", "받음"))


def test_where_nobody_looks_each_file_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Once, when it has ended."""
    with bringing._shown(2) as show:
        show([file("a", "taken", 1), file("b", "checking", 0.5)])
        show([file("a", "taken", 1), file("b", "checking", 0.6)])
        show([file("a", "taken", 1), file("b", "refused", 1)])
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        ({"done": 2, "of": 2, "title": "", "lost": [], "lost_count": 0}, 0, "모든 콘텐츠가"),
        ({"done": 1, "of": 2, "title": "가을", "lost": [], "lost_count": 0}, 0, "2개 가운데 1개"),
        (
            {"done": 0, "of": 0, "title": "", "lost": [{"asset": "b" * 64, "title": "옛 산"}], "lost_count": 1},
            1,
            "옛 산",
        ),
        (
            {"done": 0, "of": 0, "title": "", "lost": [], "lost_count": 0, "unkept": ["봄", "강"], "unkept_count": 2},
            0,
            "봄, 강",
        ),
        ({"done": 0, "of": 0, "title": "", "lost": [], "lost_count": 0, "unsaid": 3}, 0, "옛 콘텐츠 3개"),
    ],
)
def test_what_changed_walls_need_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: dict[str, Any], code: int, words: str
) -> None:
    """All is well, how far it is, what would have to be uploaded again, or what has to be: then the command fails."""
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setattr(bringing, "ask", lambda *_: {"unkept": [], "unkept_count": 0, "unsaid": 0, **told})
    assert bringing.media_state(argparse.Namespace()) == code
    assert words in capsys.readouterr().out
