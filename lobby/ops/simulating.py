"""`lobby simulate`: the lobby's hardware in software, and the hand that presses, breaks and mends it."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from contextlib import suppress
from pathlib import Path

from devices.simulated.hall import Hall
from devices.simulated.steering import ask
from lobby.core.problem import Refusal
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.cli import language
from lobby.ops.simulation import broker_address, hardware_plan, needs_broker

FOLDER = "simulated"
SOCKET = "steer.sock"
ADDRESSES = "addresses.json"


def simulate(options: argparse.Namespace) -> int:
    """Without a verb: be the hardware until SIGTERM. With one: steer what runs already."""
    folder = options.data / FOLDER
    if options.verb:
        return asyncio.run(_steer(folder, options.verb, options.thing, options.how))
    return asyncio.run(_be_the_hardware(folder, options))


async def _steer(folder: Path, verb: str, thing: str, how: str) -> int:
    try:
        answer = await ask(folder / SOCKET, verb=verb, thing=thing, how=how)
    except (OSError, ValueError) as error:
        raise Refusal("cli.no-simulation", str(folder)) from error
    if "refused" in answer:
        raise Refusal("cli.simulation-refused", said=answer["refused"])
    if verb == "show":
        for name, state in json.loads(answer["said"]).items():
            print(f"{name:20} {json.dumps(state, ensure_ascii=False)}")
    else:
        print(say("cli.simulating.said", language(), said=answer["said"]))
    return 0


async def _be_the_hardware(folder: Path, options: argparse.Namespace) -> int:
    site = read(options.site)
    url = options.broker or (site.broker.url if site.broker else None)
    if url is None and needs_broker(site):
        raise Refusal("cli.simulation-needs-broker")
    plan = hardware_plan(
        site,
        broker_address(url) if url else None,
        passwords=_passwords(options.passwords),
        first_port=options.wires_at,
    )
    hall = Hall(plan, folder=folder)
    task = asyncio.create_task(hall.run(ready=lambda: _tell_ready(hall)), name="simulated hardware")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
    return 0


def _passwords(folder: Path | None) -> dict[str, str]:
    """Each thing's password from the file of its name, as `lobby broker` writes them."""
    if folder is None:
        return {}
    try:
        return {path.name: path.read_text(encoding="utf-8").strip() for path in folder.iterdir()}
    except OSError as error:
        raise Refusal("broker.no-passwords", str(folder)) from error


def _tell_ready(hall: Hall) -> None:
    print(say("cli.simulating.ready", language(), things=", ".join(hall.show())), flush=True)
