"""Pictures that are none: bombs and disguises are refused with cause and cure, and leave nothing behind."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from lobby.core.words import LANGUAGES, say
from lobby.web.reading import LANGUAGE_COOKIE
from tests.media.strangers import jpeg_and_zip, png_claiming
from tests.scenarios.house import House, Visitor, house
from tests.scenarios.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def lobby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for every picture."""
    with house(tmp_path_factory.mktemp("pictures")) as found:
        yield found


@pytest.fixture(scope="module")
def staff(lobby: House) -> Iterator[Staff]:
    """Whoever is on duty and may upload."""
    on_duty = Staff(lobby)
    yield on_duty
    on_duty.nothing_lost()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("claims", "media.too-many-pixels"),
        ("unfolds", "media.too-many-pixels"),
        ("carries", "media.two-natures"),
        ("text", "media.not-a-picture"),
    ],
)
def test_a_bomb_is_refused_in_both_languages(lobby: House, staff: Staff, kind: str, code: str) -> None:
    """Named with its cause and its cure; no picture, no file, no pin is left, and bells ring."""
    for language in LANGUAGES:
        status, problem = upload(staff.visitor, BOMBS[kind](), language)
        assert status in (413, 415, 422), problem
        assert problem["code"] == code
        assert problem["title"].startswith(say(f"{code}.what", language).partition("{")[0])
        cure, _, line = say(f"{code}.cure", language).partition("{line}")
        assert problem["cure"].startswith(cure)
        assert not line
        assert "{" not in problem["cure"]
    assert staff.visitor.ask("GET", "/api/v1/assets")[1]["assets"] == []
    assert not list((lobby.data / "uploads").iterdir())
    staff.press_goes_through()


def upload(visitor: Visitor, picture: bytes, language: str) -> tuple[int, dict[str, Any]]:
    """As the console's form does."""
    head = b'--b\r\nContent-Disposition: form-data; name="panel"\r\n\r\nwall-1\r\n'
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    reader = Visitor(visitor.url, cookie=f"{visitor.cookie}; {LANGUAGE_COOKIE}={language}", csrf=visitor.csrf)
    body, kind = head + file + picture + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"
    status, answer, _ = reader.raw("POST", "/api/v1/assets", body, Content_Type=kind, Accept="application/json")
    return status, json.loads(answer)


def _unfolding() -> bytes:
    """Half a megabyte that unfolds to 900 million pixels."""
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG", optimize=False)
    return out.getvalue()


BOMBS: dict[str, Callable[[], bytes]] = {
    "claims": lambda: png_claiming(60_000, 60_000),
    "unfolds": _unfolding,
    "carries": jpeg_and_zip,
    "text": lambda: b"<script>alert(1)</script>" * 100,
}
