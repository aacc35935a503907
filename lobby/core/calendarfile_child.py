"""Reads a TOML file in a limited process of its own.

One job on standard input, one last word on standard output: `{"result": {"table": …}}` or `{"refused": …}`.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from media.child import Refused, main

MOST = 200_000  # a year is a hundredth of it; the last word is one line with a limit
OURS = re.compile(r"^\s*format\s*=", re.MULTILINE)
LINE = re.compile(r"at line (\d+)")


def read(job: dict[str, Any]) -> dict[str, Any]:
    """The whole table, dates as texts."""
    text = ""
    try:
        text = Path(job["source"]).read_bytes().decode("utf-8-sig")
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        line = LINE.search(str(mistake))
        if line is None or not OURS.search(text):
            raise Refused("not-ours") from mistake
        raise Refused("broken-line", line=line[1]) from mistake
    except (ValueError, RecursionError) as mistake:
        raise Refused("not-ours") from mistake
    told = json.dumps(table, default=str)
    if len(told) > MOST:
        raise Refused("not-ours")
    return {"table": json.loads(told)}


if __name__ == "__main__":
    main(read)
