"""What a limited child says of the content, believed no further than its form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from media.assets import Check
from media.limited import IntakeRefused

MOST_CHECKS = 64
LONGEST = 80
_CODE = re.compile(r"[a-z][a-z-]{0,40}")


def checks_of(result: Mapping[str, Any]) -> tuple[Check, ...]:
    """The checks in a child's result. Raises IntakeRefused where they have another form."""
    said = result.get("checks", [])
    if not isinstance(said, list):
        raise IntakeRefused("broken")
    return tuple(_check(each) for each in said[:MOST_CHECKS])


def _check(said: object) -> Check:
    if not isinstance(said, dict) or not _CODE.fullmatch(str(said.get("code"))):
        raise IntakeRefused("broken")
    params = said.get("params", {})
    if said.get("severity") not in ("stop", "warn") or not isinstance(params, dict):
        raise IntakeRefused("broken")
    told = {str(key)[:LONGEST]: str(value)[:LONGEST] for key, value in params.items()}
    return Check(code=str(said["code"]), severity=said["severity"], params=told)
