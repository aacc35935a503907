"""The incident: one activation of a bell from the press to its classification, as plain functions without a clock.

Each function of `MOVES` makes one move: it takes the incident and says what it is afterwards, or raises IllegalMove.
The states and who leaves them follow ISA-18.2, EN 81-28 and VDE 0834.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

MOST_STRANGERS = 100


class IncidentState(Enum):
    """Where an incident stands; latched, so it never falls back to quiet by itself."""

    RAISED = "raised"  # nobody has answered yet
    ESCALATED = "escalated"  # still nobody, further people are called
    ACKNOWLEDGED = "acknowledged"  # a named person goes
    ON_SCENE = "on-scene"  # somebody is at the place
    ENDED = "ended"  # over, not yet classified
    CLOSED = "closed"  # classified, immutable


class IncidentMode(Enum):
    """Set at birth by a window open on the server; only DRILL and TEST may change, and only to REAL."""

    REAL = "real"
    DRILL = "drill"
    TEST = "test"


class Classification(Enum):
    """What it was, said by a person when closing."""

    REAL = "real"
    FALSE_PRESS = "false-press"
    TEST = "test"
    EQUIPMENT = "equipment"


CALLING = frozenset({IncidentState.RAISED, IncidentState.ESCALATED})
OPEN = CALLING | {IncidentState.ACKNOWLEDGED, IncidentState.ON_SCENE}

# Who is called first, and who is added at each escalation; those called earlier stay. Roles of the site file.
GROUPS: tuple[frozenset[str], ...] = (
    frozenset({"desk", "guard"}),
    frozenset({"supervisor", "duty"}),
    frozenset({"facility"}),
)


class IllegalMove(Exception):
    """The incident is not in a state that allows this; nothing was changed."""

    def __init__(self, move: str, incident: Incident, why: str = "") -> None:
        super().__init__(f"{move} from {incident.state.value} ({incident.id}) {why}".rstrip())
        self.move = move
        self.state = incident.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press as judged on receipt. Without `pressed_at` the time is unknown, between `pressed_after` and receipt.

    `stranger` names the bell when the site file does not know it.
    """

    id: str | None
    received_at: datetime
    pressed_at: datetime | None = None
    pressed_after: datetime | None = None
    late_s: float | None = None
    stranger: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One activation. `since` is when the present phase began; an escalation does not begin a new one.

    `bell` is a gateway's name where `strangers` lists bells that the site file does not know. `level` counts
    escalations since the last raising, `called` the groups called in all, `step` the moves made.
    """

    id: str
    bell: str
    mode: IncidentMode
    state: IncidentState
    raised_at: datetime
    since: datetime
    pressed_at: datetime | None = None
    pressed_after: datetime | None = None
    late_s: float | None = None
    raised_by: str | None = None
    presses: int = 0
    strangers: tuple[str, ...] = ()
    more_strangers: int = 0
    level: int = 0
    called: int = 1
    responder: str | None = None
    arrived_by: str | None = None
    overdue: bool = False
    end_proposed_by: str | None = None
    spoke_to: str | None = None
    ended_at: datetime | None = None
    end_way: str | None = None
    false_proposed_by: str | None = None
    classification: Classification | None = None
    note: str | None = None
    corrections: tuple[str, ...] = ()
    step: int = 0

    @property
    def open(self) -> bool:
        """Neither ended nor closed: the light is on."""
        return self.state in OPEN

    @property
    def calling(self) -> bool:
        """Nobody has answered: tone and siren are on."""
        return self.state in CALLING

    @property
    def roles_called(self) -> frozenset[str]:
        """Everybody called so far."""
        return frozenset().union(*GROUPS[: self.called])


def raised(
    incident: Incident | None,
    *,
    id: str,  # noqa: A002 - the name of the field it fills
    bell: str,
    mode: str,
    at: datetime,
    press: Press | None = None,
    person: str | None = None,
) -> Incident:
    """A press, or a person's touch on the console, begins an incident; told twice it is a further press."""
    if incident is not None:
        return incident if press is None else pressed(incident, press=press, at=at)
    first = press or Press(id=None, received_at=at, pressed_at=at)
    born = Incident(
        id=id,
        bell=bell,
        mode=IncidentMode(mode),
        state=IncidentState.RAISED,
        raised_at=first.received_at,
        since=at,
        pressed_at=first.pressed_at,
        pressed_after=first.pressed_after,
        late_s=first.late_s,
        raised_by=person,
        presses=0 if press is None else 1,
        step=1,
    )
    return _with_strangers(born, (first.stranger,) if first.stranger else (), 0)


def pressed(incident: Incident, *, press: Press, at: datetime) -> Incident:
    """A further press: counted in, and calling again when somebody was only on the way."""
    _need(incident.open, "press", incident)
    more = (press.stranger,) if press.stranger else ()
    counted_in = _with_strangers(replace(incident, presses=incident.presses + 1), more, 0)
    if counted_in.state is not IncidentState.ACKNOWLEDGED:
        return counted_in
    return _calling_again(counted_in, at)


def counted(incident: Incident, *, count: int, strangers: tuple[str, ...] = (), more: int = 0) -> Incident:
    """The presses of one second, counted together; `more` strangers did not fit the list."""
    _need(incident.state is not IncidentState.CLOSED, "count", incident)
    return _with_strangers(replace(incident, presses=incident.presses + count), strangers, more)


def escalated(incident: Incident) -> Incident:
    """Nobody answered in time: the next group is called as well."""
    _need(incident.calling, "escalate", incident)
    called = min(incident.called + 1, len(GROUPS))
    return replace(incident, state=IncidentState.ESCALATED, level=incident.level + 1, called=called)


def acknowledged(incident: Incident, *, at: datetime, person: str, responder: str) -> Incident:
    """`person` says that `responder` goes; the tone ends, the light stays."""
    _need(incident.calling and bool(person), "acknowledge", incident)
    return replace(incident, state=IncidentState.ACKNOWLEDGED, since=at, responder=responder)


def raised_again(incident: Incident, *, at: datetime) -> Incident:
    """Nobody came: it calls again, and those called before are called still."""
    _need(incident.state is IncidentState.ACKNOWLEDGED, "raise again", incident)
    return _calling_again(incident, at)


def arrived(incident: Incident, *, at: datetime, person: str, way: str, by: str) -> Incident:
    """Somebody (`by`) is at the place: `way` is code, input or relay, told by `person`."""
    _need(incident.state is IncidentState.ACKNOWLEDGED, "arrive", incident)
    _need(bool(person) and way in ("code", "input", "relay"), "arrive", incident, way)
    return replace(incident, state=IncidentState.ON_SCENE, since=at, arrived_by=by)


def overdue(incident: Incident) -> Incident:
    """Somebody has been at the place for long: the supervisor is told, once."""
    _need(incident.state is IncidentState.ON_SCENE and not incident.overdue, "be overdue", incident)
    return replace(incident, overdue=True)


def end_proposed(incident: Incident, *, person: str, spoke_to: str) -> Incident:
    """The first person of a remote end: whom they spoke to at the place."""
    somebody_goes = incident.state in (IncidentState.ACKNOWLEDGED, IncidentState.ON_SCENE)
    _need(somebody_goes and bool(spoke_to), "propose the end", incident)
    return replace(incident, end_proposed_by=person, spoke_to=spoke_to)


def ended(incident: Incident, *, at: datetime, person: str, way: str) -> Incident:
    """Over: `place` said on scene, `remote` by the second person after a proposal."""
    at_place = way == "place" and incident.state is IncidentState.ON_SCENE
    remote = way == "remote" and incident.open and not incident.calling and incident.end_proposed_by is not None
    _need(bool(person) and (at_place or remote), "end", incident, way)
    return replace(incident, state=IncidentState.ENDED, since=at, ended_at=at, end_way=way)


def expired(incident: Incident, *, at: datetime, cause: str) -> Incident:
    """A drill or a test ends by itself: `not-answered`, `machine-receipt` or `no-receipt`; a real one never."""
    _need(incident.open and incident.mode is not IncidentMode.REAL, "expire", incident)
    return replace(incident, state=IncidentState.ENDED, since=at, ended_at=at, end_way=cause)


def made_real(incident: Incident, *, at: datetime) -> Incident:
    """The drill or test is no drill: all timers begin again."""
    _need(incident.open and incident.mode is not IncidentMode.REAL, "make real", incident)
    return replace(_calling_again(incident, at), mode=IncidentMode.REAL)


def false_proposed(incident: Incident, *, person: str) -> Incident:
    """Somebody thinks it was pressed by mistake; a supervisor confirms when closing."""
    _need(incident.state is not IncidentState.CLOSED, "propose a false press", incident)
    return replace(incident, false_proposed_by=person)


def closed(incident: Incident, *, at: datetime, person: str, classification: str, note: str) -> Incident:
    """Classified by a person; from here on nothing changes but by a correction."""
    _need(incident.state is IncidentState.ENDED and bool(person), "close", incident)
    kind = Classification(classification)
    return replace(incident, state=IncidentState.CLOSED, since=at, classification=kind, note=note)


def corrected(incident: Incident, *, note: str) -> Incident:
    """A later word to a closed incident; what was said before stays."""
    _need(incident.state is IncidentState.CLOSED, "correct", incident)
    return replace(incident, corrections=(*incident.corrections, note))


MOVES: Mapping[str, Callable[..., Incident]] = {
    "incident.raised": raised,
    "incident.pressed": pressed,
    "incident.counted": counted,
    "incident.escalated": escalated,
    "incident.acknowledged": acknowledged,
    "incident.raised-again": raised_again,
    "incident.arrived": arrived,
    "incident.overdue": overdue,
    "incident.end-proposed": end_proposed,
    "incident.ended": ended,
    "incident.expired": expired,
    "incident.made-real": made_real,
    "incident.false-proposed": false_proposed,
    "incident.closed": closed,
    "incident.corrected": corrected,
}


def _calling_again(incident: Incident, at: datetime) -> Incident:
    return replace(
        incident,
        state=IncidentState.RAISED,
        since=at,
        level=0,
        responder=None,
        arrived_by=None,
        overdue=False,
        end_proposed_by=None,
        spoke_to=None,
    )


def _with_strangers(incident: Incident, names: tuple[str, ...], more: int) -> Incident:
    if not names and not more:
        return incident
    known = set(incident.strangers)
    fresh = [name for name in dict.fromkeys(names) if name not in known]
    room = MOST_STRANGERS - len(incident.strangers)
    return replace(
        incident,
        strangers=(*incident.strangers, *fresh[:room]),
        more_strangers=incident.more_strangers + more + len(fresh[room:]),
    )


def _need(condition: bool, move: str, incident: Incident, why: str = "") -> None:
    if not condition:
        raise IllegalMove(move, incident, why)
