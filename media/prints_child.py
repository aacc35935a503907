"""The process that looks at our own renditions: one print of a picture, one for each second of a film.

One JSON job on standard input, `{"source", "fps", "frames", "limits"}` (a picture has no `fps`), JSON lines on standard
output: `{"result": {"prints": […]}}` or `{"refused": code, …}`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from PIL import Image

from media.child import limit
from media.prints import GRID, print_of

KEY_PICTURES_APART = 30


def main() -> None:
    """Do the one job."""
    job = json.load(sys.stdin)
    limit(job["limits"])
    try:
        prints = list(_film(job) if job["fps"] else _still(job))
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        _tell({"refused": "broken", "params": {"why": type(error).__name__}})
    else:
        _tell({"result": {"prints": prints}})


def reduced(picture: Image.Image) -> str:
    """The print of a whole picture."""
    return print_of(picture.convert("RGB").resize((GRID, GRID), Image.Resampling.BOX).tobytes())


def _still(job: dict[str, Any]) -> Iterator[str]:
    with Image.open(job["source"], formats=("JPEG", "PNG")) as picture:
        yield reduced(picture)


def _film(job: dict[str, Any]) -> Iterator[str]:
    """The picture at every whole second; where each second begins with a key picture, the others are passed over."""
    import av

    fps, frames = int(job["fps"]), int(job["frames"])
    with av.open(job["source"], format="mp4") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        if fps == KEY_PICTURES_APART:
            stream.codec_context.skip_frame = "NONKEY"
        wanted = 0
        for frame in container.decode(stream):
            if frame.pts is None or frame.time_base is None or round(frame.pts * frame.time_base * fps) < wanted:
                continue
            yield reduced(frame.to_image(width=2 * GRID * GRID, height=2 * GRID * GRID, interpolation="AREA"))
            wanted += fps
            if wanted >= frames:
                return


def _tell(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
