"""What `--simulate` adds for trying without any hardware: a broker, the lobby's devices, players without a screen."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from lobby.core.problem import Refusal
from lobby.core.site import Site
from lobby.ops.children import child, lobby_command
from lobby.ops.simulation import needs_broker, readdressed

READY_WITHIN_S = 20.0
BROKER = (sys.executable, "-m", "devices.simulated.broker")


@asynccontextmanager
async def pretended(site: Site, site_file: Path, data: Path, *, tell: Callable[[str], None]) -> AsyncIterator[Site]:
    """The site with its links and its broker leading to simulated hardware, which ends with the block."""
    from lobby.ops.simulating import ADDRESSES, FOLDER  # brings the simulated hardware, which a real lobby never needs

    async with AsyncExitStack() as stack:
        broker = None
        if needs_broker(site):
            tell("cli.running.broker")
            broker = f"mqtt://127.0.0.1:{await _first_line(stack, BROKER)}"
        tell("cli.running.hardware")
        await _first_line(stack, _hardware(site_file, data, broker))
        links = json.loads((data / FOLDER / ADDRESSES).read_text(encoding="utf-8"))
        yield readdressed(site, links=links, broker=broker)


def player_command(site_file: Path, data: Path, player: str, *, controller: str, token_file: Path) -> tuple[str, ...]:
    """A player without a screen for this machine's two cores."""
    words = ("--controller", controller, "--token-file", str(token_file), "--headless", "--scale", "0.25")
    return lobby_command("--site", str(site_file), "--data", str(data / "players"), "play", player, *words)


def _hardware(site_file: Path, data: Path, broker: str | None) -> tuple[str, ...]:
    address = ("--broker", broker) if broker else ()
    return lobby_command("--site", str(site_file), "--data", str(data), "simulate", *address)


async def _first_line(stack: AsyncExitStack, command: tuple[str, ...]) -> str:
    """Start a process for the stack's time and wait for the line that says that it is ready."""
    process = await stack.enter_async_context(child(command, hears=True))
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise Refusal("cli.child-failed", name=" ".join(command[1:4]))
    return line.decode().strip()
