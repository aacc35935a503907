"""Running coroutines in tests: one fresh loop a test, in debug mode, with an end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], *, within_s: float = 30) -> T:
    """Run to the end or fail after `within_s` seconds."""

    async def limited() -> T:
        async with asyncio.timeout(within_s):
            return await work

    return asyncio.run(limited())
