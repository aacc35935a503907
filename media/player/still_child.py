"""The process that draws what a surface would show: the player's own stage, in a picture of a surface.

One JSON job on standard input, `{"programme", "surface", "moment", "store", "into", "scale", "words", "limits"}` with
paths and an RFC 3339 moment, JSON lines on standard output.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from media.assets import AssetStore
from media.child import Refused, main
from media.player.still import NotDrawn, draw
from media.wire import from_json


def drawn(job: dict[str, Any]) -> dict[str, Any]:
    """Draw it into the file. Raises Refused."""
    try:
        draw(
            from_json(Path(job["programme"]).read_bytes()),
            job["surface"],
            datetime.fromisoformat(job["moment"]),
            store=AssetStore(Path(job["store"])),
            into=Path(job["into"]),
            scale=job["scale"],
            words=job["words"],
        )
    except (NotDrawn, OSError) as error:
        raise Refused("too-slow") from error
    return {"path": job["into"]}


if __name__ == "__main__":
    main(drawn)
