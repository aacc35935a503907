"""The journal's page: every kind has its sentence, filters, pages, the table to take along, and the chain."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from lobby.core.batches import KINDS as BATCHED
from lobby.core.holdings import LIBRARY
from lobby.core.projection import Fact, Projection
from lobby.core.records import KINDS as RECORDED
from lobby.core.words import catalogue
from lobby.day.handover import HANDOVERS
from lobby.day.modes import Mode
from lobby.day.outbox import COMMANDS
from lobby.day.reconciler import DESIRED
from lobby.day.signatures import OPENINGS
from lobby.day.warmups import WARM_UPS
from lobby.safety.incidents import MOVES
from lobby.web.console.sentences import GROUPS, group_of
from lobby.web.roles import Role
from tests.lobby.web.houses import START, TABLES, Visit, a_visit
from tests.running import run

pytestmark = pytest.mark.slow

FURTHER: tuple[Projection, ...] = (COMMANDS, DESIRED, WARM_UPS, OPENINGS, HANDOVERS, LIBRARY)
OTHERS = (
    "device.availability", "device.trouble", "device.well", "day.changed", "day.changed-by-hand", "clock.stepped",
    "command.queued", "command.ended", "assistance.called", "assistance.seen", "assistance.coming", "assistance.done",
    "bell.flag", "bell.supervision", "signin.in", "signin.out", "signin.failed", "signin.denied",
    "signin.setup-failed", "people.added", "people.roles-changed", "people.disabled", "people.password-changed",
    "people.token-issued", "people.token-revoked", "journal.erased", "media.asset-taken", "media.pinned",
    "media.unpinned", "media.imported", "display.lit", *RECORDED, *BATCHED,
)  # fmt: skip


def kinds() -> set[str]:
    """Every kind of fact: those that projections fold, the moves of incidents, and the others."""
    folded = {kind for projection in (*TABLES, *FURTHER) for kind in projection.kinds}
    return folded | set(MOVES) | set(OTHERS)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_kind_has_its_sentence(language: str) -> None:
    """No line of the journal is shown as a code."""
    assert sorted(kind for kind in kinds() if f"record.{kind}" not in catalogue(language)) == []


def test_every_kind_that_the_code_names_is_known_here() -> None:
    """A fact made anywhere in the program is in the list above."""
    sources = [path for path in Path(str(files("lobby"))).rglob("*.py") if "/web/console/" not in str(path)]
    made = {kind for path in sources for kind in re.findall(r'Fact\(\s*kind="([a-z.-]+)"', path.read_text())}
    made |= {kind for path in sources for kind in re.findall(r'_fact\(\s*"([a-z.-]+)"', path.read_text())}
    assert made - kinds() == set()


def test_every_kind_belongs_to_a_group_of_the_filter() -> None:
    """The filter reaches every line."""
    parts = {part for group in GROUPS.values() for part in group}
    assert {kind for kind in kinds() if kind.partition(".")[0] not in parts} == set()
    assert group_of("incident.raised") == "incidents"


async def furnish(visit: Visit) -> str:
    """A hold, a change of the desk and a press by a person of this name; the person's id."""
    person = await visit.hire(Role.DUTY)
    until = START + timedelta(hours=1)
    await visit.house.modes.set("siren", Mode.HOLD, person=person.id, reason="배선 <b>", until=until)
    await visit.house.overrides.set(thing="civil-desk", value="closed", until=until, person=person.id, reason="소독")
    await visit.house.journal.record(
        Fact(kind="device.trouble", subject="display-wall-4", payload={"cause": "no-signal", "detail": ""})
    )
    return person.id


def test_lines_are_sentences_with_names(tmp_path: Path) -> None:
    """Who, what, until when and why; never an id, never markup."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            await furnish(visit)
            text = (await auditor.get("/journal")).text
            assert "민원실 사이렌: 11:00까지 점검 중 (배선 &lt;b&gt;)" in text
            assert "열린민원실: 11:00까지 운영 종료 (소독)" in text
            assert "병풍형 디스플레이 4번 화면: 이상 — 디스플레이에 영상 신호가 들어오지 않습니다" in text
            assert "override.set" not in text

    run(play())


@pytest.mark.parametrize(
    ("query", "found", "missing"),
    [
        ("group=devices", "4번 화면: 이상", "점검 중"),
        ("thing=siren", "점검 중", "4번 화면: 이상"),
        ("first=2026-11-24&last=2026-11-24", "점검 중", "찾는 기록이 없습니다"),
        ("last=2026-11-23", "찾는 기록이 없습니다", "배선"),
        ("person=ID", "점검 중", "4번 화면: 이상"),
    ],
)
def test_filters_narrow_what_is_shown(tmp_path: Path, query: str, found: str, missing: str) -> None:
    """By group, thing, person and days of the place."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.FACILITY) as admin:
            person = await furnish(visit)
            page = (await admin.get(f"/journal?{query.replace('ID', person)}")).text
            lines = page[page.index('id="lines"') :]
            assert found in lines
            assert missing not in lines

    run(play())


def test_pages_lead_back_to_the_first_line(tmp_path: Path) -> None:
    """The cursor takes the reader from the newest back; every line is seen once."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            for number in range(130):
                await visit.house.journal.record(Fact(kind="clock.stepped", subject="clock", payload={"by_s": number}))
            path, seen = "/journal", list[int]()
            while path:
                text = (await auditor.get(path)).text
                seen += [int(seq) for seq in re.findall(r'number">(\d+)<', text)]
                older = re.search(r'href="(/journal\?cursor=\d+)"', text)
                path = older[1] if older else ""
            assert seen == list(range(seen[0], 0, -1))

    run(play())


def test_the_table_holds_words_and_codes_and_no_formula(tmp_path: Path) -> None:
    """For a spreadsheet: sentence and person beside what was recorded."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            person = await visit.hire(Role.DUTY)
            await visit.house.modes.set("siren", Mode.WATCH_ONLY, person=person.id, reason="=1+1")
            answer = await auditor.get("/journal/records.csv?thing=siren")
            assert answer.headers["content-type"] == "text/csv; charset=utf-8"
            _, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
            assert row[2:5] == ["Kim", "민원실 사이렌: 관찰만 (=1+1)", "mode.set"]

    run(play())


def test_the_chain_is_walked_when_asked(tmp_path: Path) -> None:
    """The page says that it is unbroken, and how long."""

    async def play() -> None:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            assert "사슬이 온전합니다" not in (await auditor.get("/journal")).text
            assert "사슬이 온전합니다" in (await auditor.get("/journal?verify=now")).text

    run(play())


@pytest.mark.parametrize("query", ["group=x", "thing=x", "person=x", "first=x", "first=0001-01-01", "cursor=-1"])
def test_nonsense_is_refused(tmp_path: Path, query: str) -> None:
    """Filters take only what the place has."""

    async def play() -> int:
        async with a_visit(tmp_path) as visit, await visit.enter(Role.AUDITOR) as auditor:
            return (await auditor.get(f"/journal?{query}")).status_code

    assert run(play()) == 422
