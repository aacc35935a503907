"""What the web serves on, and in which words it refuses."""

from __future__ import annotations

import asyncio
import re
import socket
from importlib.resources import files
from pathlib import Path

import pytest

from lobby.core.problem import Refusal
from lobby.core.words import catalogue
from lobby.web.app import build_app, serve
from tests.lobby.web.houses import a_house, run

ADDRESSES = [("0.0.0.0", False), ("::", False), ("0.0.0.0", True)]


@pytest.mark.parametrize(("host", "secure"), ADDRESSES)
def test_only_loopback_is_served(tmp_path: Path, host: str, secure: bool) -> None:
    """An open network is refused before anything listens, also behind a proxy: that one is on this machine."""

    async def begin() -> str:
        async with a_house(tmp_path, secure=secure) as (house, _):
            with pytest.raises(Refusal) as refused:
                await serve(build_app(house), host, 0, asyncio.Event())
            return refused.value.problem.code

    assert run(begin()) == "api.loopback-only"


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    """Another program on the port is a refusal with its address."""

    async def begin() -> str:
        with socket.create_server(("127.0.0.1", 0)) as other:
            async with a_house(tmp_path) as (house, _):
                with pytest.raises(Refusal) as refused:
                    await serve(build_app(house), "127.0.0.1", other.getsockname()[1], asyncio.Event())
                return refused.value.problem.code

    assert run(begin()) == "api.port-taken"


def test_every_refusal_has_its_words() -> None:
    """Each code in the web's sources is explained in both languages, with what and cure."""
    sources = "".join(path.read_text() for path in Path(str(files("lobby.web"))).glob("*.py"))
    facts = {f"signin.{kind}" for kind in ("in", "out", "failed", "denied", "setup-failed")}
    codes = set(re.findall(r'"((?:api|signin)\.[a-z-]+)"', sources)) - facts - {"api.home", "api.back"}
    keys = {f"{code}.{part}" for code in codes for part in ("what", "cure")}
    assert keys - set(catalogue("ko")) == set()
    assert keys - set(catalogue("en")) == set()


def test_both_languages_have_the_same_words() -> None:
    """No text of the web stands in one language only."""
    ours = [{key for key in catalogue(language) if key.startswith(("api.", "signin."))} for language in ("ko", "en")]
    assert ours[0] == ours[1]
