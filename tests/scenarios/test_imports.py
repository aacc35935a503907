"""Moving from another signage player: its backup is looked at, then brought over into the lobby that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.exported import anthias, picture, row
from tests.scenarios.house import house

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def test_an_anthias_backup_is_looked_at_and_brought_over(tmp_path: Path) -> None:
    """`lobby media import BACKUP --dry-run` changes nothing; without it two drafts wait and the journal knows."""
    rows = [
        row("a", "Spring.jpg", "x/a.jpg", play_order=0),
        row("w", "Weather", "https://example.org", mimetype="webpage", play_order=1),
        row("b", "Summer.jpg", "x/b.jpg", play_order=2),
    ]
    backup = anthias(tmp_path / "backup.tar.gz", rows, {"a.jpg": picture("teal"), "b.jpg": picture("red")})
    with house(tmp_path, site="small-office") as lobby:
        looked = lobby.process("media", "import", str(backup), "--dry-run", log="looked.log")
        assert looked.popen.wait(30) == 0
        looked.said("2 of 3 can be brought")
        running = lobby.start()
        admin = running.admin()
        assert admin.ask("GET", "/api/v1/assets")[1]["assets"] == []
        done = lobby.process("media", "import", str(backup), log="import.log")
        assert done.popen.wait(60) == 0, (tmp_path / "import.log").read_text()
        done.said("Web pages are not brought")
        done.said("2 brought")
        assets = admin.ask("GET", "/api/v1/assets")[1]["assets"]
        assert [(each["title"], each["record"]["state"]) for each in assets] == [
            ("Spring", "draft"),
            ("Summer", "draft"),
        ]
        (fact,) = [fact for fact in lobby.facts() if fact["kind"] == "media.imported"]
        assert (fact["payload"]["brought"], fact["payload"]["refused"]) == (2, 1)
        running.process.stop()
