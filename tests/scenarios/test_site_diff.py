"""`lobby site diff`: what runs and what the installer has written into the file since."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.house import House, house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_a_file_changed_since_the_start_is_told_key_by_key(tmp_path: Path) -> None:
    """Equal: exit code 0. One name changed in the file: code 1, with the key and both values."""
    with house(tmp_path, site="small-office") as lobby:
        lobby.start()
        assert compared(lobby)[0] == 0
        text = lobby.site_file.read_text(encoding="utf-8")
        lobby.site_file.write_text(text.replace('"Small office"', '"Smaller office"'), encoding="utf-8")
        code, lines = compared(lobby)
        assert code == 1
        assert "site.name.en" in lines
        assert '  runs: "Small office"' in lines
        assert '  file: "Smaller office"' in lines


def compared(lobby: House) -> tuple[int, list[str]]:
    """The exit code and what was printed."""
    process = lobby.process("site", "diff", log="diff.log")
    process.said("differences|same")
    return process.popen.wait(20), process.lines
