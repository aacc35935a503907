"""Who may do what with an incident: one row an act. The duty officer stands in for the supervisor."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from lobby.core.problem import Refusal


class Act(Enum):
    """What a person does with an incident."""

    RAISE = "raise"
    ACKNOWLEDGE = "acknowledge"
    ARRIVE = "arrive"  # by the place code, or a key or reset input at the bell
    RELAY = "relay"  # "arrival reported by radio, by whom"
    END = "end"  # at the place
    PROPOSE_END = "propose-end"  # the first person of a remote end
    END_REMOTELY = "end-remotely"  # the second person
    PROPOSE_FALSE = "propose-false"
    CLOSE = "close"
    CORRECT = "correct"
    MAKE_REAL = "make-real"
    READ = "read"


_IN_CHARGE = frozenset({"supervisor", "duty"})
_RESPONDERS = _IN_CHARGE | {"guard"}
_STAFF = _RESPONDERS | {"desk", "facility"}

MAY: Mapping[Act, frozenset[str]] = {
    Act.RAISE: _STAFF,
    Act.ACKNOWLEDGE: _RESPONDERS | {"desk"},
    Act.ARRIVE: _RESPONDERS,
    Act.RELAY: _STAFF,
    Act.END: _RESPONDERS,
    Act.PROPOSE_END: _RESPONDERS,
    Act.END_REMOTELY: _IN_CHARGE,
    Act.PROPOSE_FALSE: _RESPONDERS | {"desk"},
    Act.CLOSE: _IN_CHARGE,
    Act.CORRECT: _IN_CHARGE,
    Act.MAKE_REAL: _STAFF,
    Act.READ: _STAFF | {"auditor"},
}


def may(role: str, act: Act) -> bool:
    """Whether the table allows it."""
    return role in MAY[act]


def demand(role: str, act: Act) -> None:
    """Raises Refusal `bell.not-allowed` where the table does not allow it."""
    if not may(role, act):
        raise Refusal("bell.not-allowed", status=403, act=act.value, role=role)
