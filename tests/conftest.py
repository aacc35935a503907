"""The order of the tests: whole lobbies first, because they take longest and two workers shall end together."""

from __future__ import annotations

from pathlib import Path

import pytest

SCENARIOS = Path(__file__).parent / "scenarios"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scenarios before everything else, each folder's own order kept."""
    items.sort(key=lambda item: SCENARIOS not in item.path.parents)
