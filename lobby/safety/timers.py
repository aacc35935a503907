"""What becomes due in an incident when nobody acts: T1 and T2 call further people, T3 calls again, T4 tells on."""

from __future__ import annotations

from lobby.core.site import Escalation
from lobby.safety.incidents import Incident, IncidentState


def due_after_s(incident: Incident, limits: Escalation) -> float | None:
    """Seconds after the beginning of the present phase at which the next move is due; None when none is."""
    match incident.state:
        case IncidentState.RAISED:
            return limits.t1_s
        case IncidentState.ESCALATED:
            return max(limits.t1_s, limits.t2_s) if incident.level == 1 else None
        case IncidentState.ACKNOWLEDGED:
            return limits.t3_s
        case IncidentState.ON_SCENE:
            return None if incident.overdue else limits.t4_s
        case _:
            return None


def due(incident: Incident, in_phase_s: float, limits: Escalation) -> str | None:
    """The kind of move that is due (of `incidents.MOVES`); `in_phase_s` is measured on the monotonic clock."""
    after_s = due_after_s(incident, limits)
    return None if after_s is None or in_phase_s < after_s else _DUE[incident.state]


_DUE = {
    IncidentState.RAISED: "incident.escalated",
    IncidentState.ESCALATED: "incident.escalated",
    IncidentState.ACKNOWLEDGED: "incident.raised-again",
    IncidentState.ON_SCENE: "incident.overdue",
}
