"""`lobby media spec`: words on stdout, a sheet or a picture in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lobby.ops.cli import main, sample

SITE = str(sample("seoul-city-hall"))


def test_it_prints_the_sheet(capsys: pytest.CaptureFixture[str]) -> None:
    """In the language asked for."""
    assert main(["media", "spec", "wall", "--language", "ko", "--site", SITE]) == 0
    assert "제작 규격서: 병풍형 디스플레이" in capsys.readouterr().out


def test_an_unknown_surface_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """With its cure."""
    assert main(["media", "spec", "wal", "--site", SITE]) == 1
    assert "desk-led" in capsys.readouterr().err


@pytest.mark.slow
def test_sheet_and_picture_are_written_by_their_endings(tmp_path: Path) -> None:
    """HTML for the artist's letter, PNG for the artist's tool; another ending is refused and writes nothing."""
    sheet, picture = tmp_path / "spec.html", tmp_path / "t.png"
    assert main(["media", "spec", "main", "-o", str(sheet), "--template", str(picture), "--site", SITE]) == 0
    assert sheet.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert main(["media", "spec", "main", "-o", str(tmp_path / "a.docx"), "--site", SITE]) == 1
    assert not (tmp_path / "a.docx").exists()
