"""One figure with its limit: what `make bench` prints and writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A value, the limit it is held against, and the bar for their ratio; without a limit the value alone counts."""

    name: str
    value: float
    unit: str
    limit: float | None
    bar: float
    at_least: bool = False

    @property
    def ratio(self) -> float:
        """Value over limit; the value itself where there is no limit."""
        return self.value / self.limit if self.limit else self.value

    @property
    def holds(self) -> bool:
        """Is the bar kept?"""
        return self.ratio >= self.bar if self.at_least else self.ratio <= self.bar


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(rows: Sequence[Row]) -> str:
    """The rows for a terminal."""
    lines = [f"{'figure':58} {'value':>10} {'unit':6} {'limit':>10} {'ratio':>7} {'bar':>7}  holds"]
    for row in rows:
        limit = f"{row.limit:10.3f}" if row.limit else " " * 10
        sign = "≥" if row.at_least else "≤"
        holds = "yes" if row.holds else "NO"
        lines.append(
            f"{row.name:58} {row.value:10.3f} {row.unit:6} {limit} {row.ratio:7.2f} {sign}{row.bar:6.2f}  {holds}"
        )
    return "\n".join(lines)


def write(rows: Sequence[Row], path: Path) -> None:
    """bench.json: a list of {name, value, unit, limit, ratio, bar, holds}."""
    plain = []
    for row in rows:
        figure = asdict(row)
        figure.pop("at_least")
        plain.append({**figure, "ratio": row.ratio, "holds": row.holds})
    path.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
