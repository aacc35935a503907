"""Takes every file of a folder in beside a service that answers: `python -m tests.media.containing FOLDER`.

Prints a JSON document: `outcomes` (name → "taken" or the refusal's code), `seconds`, the children's `peak_mib`, the
`slowest_answer_s` of the service meanwhile, its `answers`, and how many files in the store are not `sound`.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path

from media.assets import AssetStore
from media.intake import IntakeRefused, take_in

TOGETHER = 2
ASKED_EVERY_S = 0.02


async def main(folder: Path) -> None:
    """Two at a time, as the library does."""
    store = AssetStore(folder / "store")
    outcomes: dict[str, str] = {}
    seconds: dict[str, float] = {}
    turns, loop = asyncio.Semaphore(TOGETHER), asyncio.get_running_loop()

    async def one(file: Path) -> None:
        async with turns:
            began = loop.time()
            try:
                await take_in(file, name=file.name, sizes=[(108, 192)], store=store)
                outcomes[file.name] = "taken"
            except IntakeRefused as refused:
                outcomes[file.name] = refused.code
            seconds[file.name] = loop.time() - began

    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    async with server:
        asking = asyncio.create_task(_ask(server.sockets[0].getsockname()[1]), name="asking")
        async with asyncio.TaskGroup() as group:
            for file in sorted((folder / "files").iterdir()):
                group.create_task(one(file), name=file.name)
        asking.cancel()
        answers: list[float] = await asking
    document = {
        "outcomes": outcomes,
        "seconds": seconds,
        "peak_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "slowest_answer_s": max(answers),
        "answers": len(answers),
        "unsound": sum(not store.sound(sha) for sha in store.kept()),
        "left": len(list((folder / "store" / "incoming").iterdir())),
    }
    print(json.dumps(document))


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        writer.write(line)
        await writer.drain()
    writer.close()


async def _ask(port: int) -> list[float]:
    """How long each answer took, until cancelled."""
    took, loop = [], asyncio.get_running_loop()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            began = loop.time()
            writer.write(b"well?\n")
            await reader.readline()
            took.append(loop.time() - began)
            await asyncio.sleep(ASKED_EVERY_S)
    except asyncio.CancelledError:
        writer.close()
        return took


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
