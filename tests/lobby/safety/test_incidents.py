"""The pure machine: its moves, what they refuse, its timers, the fold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lobby.core.site import Escalation
from lobby.safety import chronicle, incidents
from lobby.safety.acts import MAY, Act, may
from lobby.safety.effects import drives
from lobby.safety.incidents import IllegalMove, Incident, IncidentMode, IncidentState, Press
from lobby.safety.timers import due, due_after_s
from tests.lobby.safety.rooms import START, site

LIMITS = Escalation()


def raised(mode: str = "real", bell: str = "loud") -> Incident:
    """A fresh incident."""
    return incidents.raised(
        None, id="i", bell=bell, mode=mode, at=START, press=Press(id="p", received_at=START, pressed_at=START)
    )


def in_state(state: IncidentState, mode: str = "real") -> Incident:
    """An incident brought there by the moves."""
    way: list[Callable[[Incident], Incident]] = [
        lambda i: i,
        lambda i: incidents.acknowledged(i, at=START, person="kim", responder="kim"),
        lambda i: incidents.arrived(i, at=START, person="kim", way="code", by="kim"),
        lambda i: incidents.ended(i, at=START, person="kim", way="place"),
        lambda i: incidents.closed(i, at=START, person="lee", classification="real", note=""),
    ]
    order: list[IncidentState] = [s for s in IncidentState if s is not IncidentState.ESCALATED]
    incident = raised(mode)
    for step in way[: order.index(state) + 1]:
        incident = step(incident)
    return incident


def test_an_incident_goes_from_raised_to_closed_by_people() -> None:
    """Acknowledge, arrive, end, close: each in its turn."""
    assert [in_state(state).state for state in IncidentState if state is not IncidentState.ESCALATED] == [
        state for state in IncidentState if state is not IncidentState.ESCALATED
    ]


@pytest.mark.parametrize("state", [IncidentState.RAISED, IncidentState.ENDED, IncidentState.CLOSED])
def test_nobody_arrives_where_nobody_goes(state: IncidentState) -> None:
    """Arriving needs a named responder first."""
    with pytest.raises(IllegalMove):
        incidents.arrived(in_state(state), at=START, person="kim", way="code", by="kim")


def test_a_raised_incident_cannot_be_ended_closed_or_expired() -> None:
    """A real one is left only by a person who goes."""
    moves: list[Callable[[Incident], Incident]] = [
        lambda i: incidents.ended(i, at=START, person="kim", way="place"),
        lambda i: incidents.closed(i, at=START, person="kim", classification="real", note=""),
        lambda i: incidents.expired(i, at=START, cause="not-answered"),
    ]
    for move in moves:
        with pytest.raises(IllegalMove):
            move(raised())


def test_an_acknowledgement_needs_a_name() -> None:
    """Nobody is no responder."""
    with pytest.raises(IllegalMove):
        incidents.acknowledged(raised(), at=START, person="", responder="kim")


def test_a_closed_incident_takes_only_corrections() -> None:
    """Immutable; a later word is kept beside it."""
    closed = in_state(IncidentState.CLOSED)
    with pytest.raises(IllegalMove):
        incidents.pressed(closed, press=Press(id="q", received_at=START), at=START)
    assert incidents.corrected(closed, note="it was the cleaner").corrections == ("it was the cleaner",)


def test_a_new_press_calls_again_while_somebody_is_only_on_the_way() -> None:
    """ACKNOWLEDGED falls back to RAISED; ON_SCENE does not."""
    again = Press(id="q", received_at=START)
    assert incidents.pressed(in_state(IncidentState.ACKNOWLEDGED), press=again, at=START).calling
    assert not incidents.pressed(in_state(IncidentState.ON_SCENE), press=again, at=START).calling


def test_an_escalation_adds_people_and_keeps_the_earlier() -> None:
    """Groups are only ever added, also when it calls again."""
    once = incidents.escalated(raised())
    again = incidents.raised_again(incidents.acknowledged(once, at=START, person="kim", responder="kim"), at=START)
    assert raised().roles_called < once.roles_called == again.roles_called
    assert again.level == 0


def test_a_drill_may_become_real_and_nothing_else_changes_its_mode() -> None:
    """There is no way from REAL to anything."""
    assert incidents.made_real(raised("drill"), at=START).mode is IncidentMode.REAL
    with pytest.raises(IllegalMove):
        incidents.made_real(raised(), at=START)


def test_a_drill_ends_with_its_window() -> None:
    """It is recorded how."""
    ended = incidents.expired(raised("drill"), at=START, cause="not-answered")
    assert (ended.state, ended.end_way) == (IncidentState.ENDED, "not-answered")


def test_a_remote_end_needs_a_proposal() -> None:
    """Spoken contact first, then the second person."""
    going = in_state(IncidentState.ACKNOWLEDGED)
    with pytest.raises(IllegalMove):
        incidents.ended(going, at=START, person="lee", way="remote")
    proposed = incidents.end_proposed(going, person="kim", spoke_to="park")
    assert incidents.ended(proposed, at=START, person="lee", way="remote").state is IncidentState.ENDED


def test_timers_call_further_people_then_call_again_then_tell_on() -> None:
    """T1 20 s, T2 45 s, T3 90 s, T4 15 min."""
    once = incidents.escalated(raised())
    assert [due_after_s(raised(), LIMITS), due_after_s(once, LIMITS)] == [20, 45]
    assert due_after_s(incidents.escalated(once), LIMITS) is None
    assert due(in_state(IncidentState.ACKNOWLEDGED), 90, LIMITS) == "incident.raised-again"
    assert due(in_state(IncidentState.ON_SCENE), 900, LIMITS) == "incident.overdue"


@given(st.floats(0, 10_000), st.sampled_from(list(IncidentState)))
def test_what_is_due_is_a_legal_move(seconds: float, state: IncidentState) -> None:
    """No timer asks for what the machine refuses, and none leaves RAISED or ESCALATED."""
    incident = incidents.escalated(raised()) if state is IncidentState.ESCALATED else in_state(state)
    kind = due(incident, seconds, LIMITS)
    if kind is not None:
        after = chronicle.moved(incident, kind, "i", {"step": 9, "at": (START + timedelta(seconds=1)).isoformat()})
        assert after.calling or not incident.calling


def test_siren_sounds_while_calling_and_the_light_stays_until_the_end() -> None:
    """An acknowledgement silences; only the end darkens."""
    bells = site().bells()
    seen = [drives([in_state(s)], bells).get("i", {}) for s in IncidentState if s is not IncidentState.ESCALATED]
    on = {"beacon": "on"}
    assert seen == [on | {"siren": "on"}, on, on, {}, {}]


def test_a_bell_without_sirens_is_silent_and_an_unknown_one_is_loud() -> None:
    """What nobody described is taken for the worst."""
    bells = site().bells()
    assert drives([raised(bell="wired")], bells)["i"] == {"beacon": "on"}
    assert drives([raised(bell="gateway-3")], bells)["i"] == {"beacon": "on", "siren": "on"}


def test_a_hundred_strangers_are_listed_and_more_are_counted() -> None:
    """Otherwise a flood of names would grow without end."""
    names = tuple(f"b{n}" for n in range(130))
    incident = incidents.counted(raised(), count=130, strangers=names)
    assert (len(incident.strangers), incident.more_strangers) == (100, 30)


@pytest.mark.parametrize("state", [state for state in IncidentState if state is not IncidentState.ESCALATED])
def test_an_incident_reads_back_from_json(state: IncidentState) -> None:
    """The tables lose nothing."""
    assert chronicle.from_json(chronicle.to_json(in_state(state))) == in_state(state)


def test_the_duty_officer_may_what_the_supervisor_may() -> None:
    """The auditor may read and nothing else."""
    assert all(may("duty", act) == may("supervisor", act) for act in Act)
    assert [act for act in Act if "auditor" in MAY[act]] == [Act.READ]
