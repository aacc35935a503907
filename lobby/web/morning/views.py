"""The opening checklist and the hand-over notes as pages show them: lines with marks, who signed, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from lobby.core.words import say
from lobby.day.checklist import GROUPS, Checklist
from lobby.day.handover import Attached, HandOvers, Note
from lobby.day.readiness import Item, State
from lobby.day.signatures import Signature, Signed
from lobby.web.once import version_of
from lobby.web.roles import SIGNING, WATCHING
from lobby.web.sentence import Scene
from lobby.web.spoken import age_words, staff_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lobby.web.people import Person

MARKS = {
    State.OK: "well",
    State.NOT_OK: "attention",
    State.UNKNOWN: "unknown",
    State.TO_COME: "clock",
    State.NOTED: "hold",
}
BOARD = (State.NOT_OK, State.UNKNOWN, State.TO_COME, State.NOTED, State.OK)
SHORT = 80
NOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: its mark and state in words, what it says, how old its proof is, where help is."""

    id: str
    mark: str
    word: str
    text: str
    proved_at: datetime | None
    age: str
    help: str
    wanting: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many lines are in a state."""

    mark: str
    word: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A day's list as a page shows it. `version` names what is read; `needs_remarks` says that a line is wanting."""

    day: str
    date: str
    as_of: str
    opens: str
    phase: str
    summary: str
    verdict: str
    mark: str
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    counts: tuple[Count, ...]
    version: str
    needs_remarks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """The signature's part: who signed, or until when, and whether this person may."""

    signed: str = ""
    remarks: str | None = None
    erased: bool = False
    pending: str = ""
    overdue: bool = False
    can_sign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A hand-over note; `mine` says that somebody else has to read it."""

    id: str
    by: str
    text: str | None
    short: str
    attached: tuple[tuple[str, str], ...]
    read: str
    mine: bool


def sheet(scene: Scene, found: Checklist) -> Sheet:
    """A list of today or of a day that was signed; ages are counted from the list's own moment."""
    language = scene.language
    lines = {item.id: _line(scene, found, item) for item in found.items}
    groups = [(group, tuple(lines[item.id] for item in found.items if item.group == group)) for group in GROUPS]
    return Sheet(
        day=found.day.isoformat(),
        date=date_words(scene, found.day),
        as_of=scene.say("morning.as-of", time=scene.clock(found.at)),
        opens=scene.say("morning.opens-at", time=scene.clock(found.opening))
        if found.opening
        else scene.say("morning.no-opening"),
        phase=found.phase,
        summary=found.summary.get(language, ""),
        verdict=_verdict(scene, found),
        mark=_mark(found),
        groups=tuple((scene.say(f"morning.group.{group}"), told) for group, told in groups if told),
        counts=tuple(_counts(scene, found)),
        version=version(found),
        needs_remarks=bool(found.wanting),
    )


def version(found: Checklist) -> str:
    """The entity tag of what a person reads: every line with state and words, without ages."""
    lines = [(item.id, item.state.value, dict(item.words)) for item in found.items]
    return version_of({"day": found.day.isoformat(), "opening": found.opening, "lines": lines})


def signing(
    scene: Scene, person: Person | None, found: Checklist, signature: Signature | None, names: Mapping[str, str]
) -> Signing:
    """Who signed today's list, or what is due."""
    if signature is not None:
        return Signing(signed=signed_words(scene, signature, names))
    may = person is not None and bool(person.roles & SIGNING)
    if found.phase == "waiting" and found.fills_from is not None:
        return Signing(pending=scene.say("morning.sign.not-yet", time=scene.clock(found.fills_from)))
    overdue = found.due is not None and found.at >= found.due
    key = "overdue" if overdue else "due" if found.due else "unsigned"
    pending = scene.say(f"morning.sign.{key}", time=scene.clock(found.due) if found.due else "")
    return Signing(pending=pending, overdue=overdue, can_sign=may)


def signed_before(scene: Scene, kept: Signed, names: Mapping[str, str]) -> Signing:
    """The signature under a list that is kept."""
    return Signing(signed=signed_words(scene, kept.signature, names), remarks=kept.remarks, erased=kept.erased)


def signed_words(scene: Scene, signature: Signature, names: Mapping[str, str]) -> str:
    """Who signed, and when."""
    name = names.get(signature.person, signature.person)
    return scene.say("morning.sign.signed", name=name, time=moment_words(scene, signature.at))


def left(
    scene: Scene, book: HandOvers, notes: Sequence[Note], person: Person | None, names: Mapping[str, str]
) -> list[Left]:
    """Notes as this person sees them."""
    return [_left(scene, book, note, person, names) for note in notes]


def may_hand_over(person: Person | None) -> bool:
    """Whether this person may leave notes and take them as read."""
    return person is not None and bool(person.roles & WATCHING)


def date_words(scene: Scene, day: date) -> str:
    """A day with its weekday, as staff read it."""
    noon = datetime.combine(day, datetime.min.time(), scene.zone) + NOON
    return staff_date(noon, scene.zone, scene.language)


def moment_words(scene: Scene, moment: datetime) -> str:
    """A time of today, or day and time of another day."""
    local = moment.astimezone(scene.zone)
    if local.date() == scene.now.astimezone(scene.zone).date():
        return scene.clock(moment)
    return f"{staff_date(moment, scene.zone, scene.language)} {scene.clock(moment)}"


def _line(scene: Scene, found: Checklist, item: Item) -> Line:
    return Line(
        id=item.id,
        mark=MARKS[item.state],
        word=scene.say(f"morning.states.{item.state.value}"),
        text=item.words.get(scene.language, ""),
        proved_at=item.proved_at if item.proved_at != found.at else None,
        age=_age(scene, found, item),
        help=item.help,
        wanting=item.wanting,
    )


def _age(scene: Scene, found: Checklist, item: Item) -> str:
    """How old the proof was when the list was made."""
    if item.proved_at is None:
        return scene.say("morning.no-proof")
    if item.proved_at == found.at:
        return scene.say("morning.proved-now")
    return age_words(max(0.0, (found.at - item.proved_at).total_seconds()), scene.language)


def _verdict(scene: Scene, found: Checklist) -> str:
    if not found.wanting and found.phase == "open":
        return scene.say("morning.well-so-far" if found.coming else "morning.well")
    return scene.say("morning.count", proved=found.proved, all=len(found.items))


def _mark(found: Checklist) -> str:
    states = {item.state for item in found.items}
    if State.NOT_OK in states:
        return "attention"
    if State.UNKNOWN in states:
        return "unknown"
    return "clock" if found.phase != "open" and State.TO_COME in states else "well"


def _counts(scene: Scene, found: Checklist) -> list[Count]:
    counts = [(state, sum(item.state is state for item in found.items)) for state in BOARD]
    return [
        Count(mark=MARKS[state], word=say(f"morning.states.{state.value}", scene.language), count=count)
        for state, count in counts
        if count
    ]


def _left(scene: Scene, book: HandOvers, note: Note, person: Person | None, names: Mapping[str, str]) -> Left:
    by = scene.say("morning.note.by", name=names.get(note.person, note.person), time=moment_words(scene, note.at))
    read = ""
    if note.read_by and note.read_at:
        reader = names.get(note.read_by, note.read_by)
        read = scene.say("morning.note.read-by", name=reader, time=moment_words(scene, note.read_at))
    return Left(
        id=note.id,
        by=by,
        text=note.text,
        short=_short(note.text or scene.say("morning.note.erased")),
        attached=tuple(_attached(scene, one) for one in note.attached),
        read=read,
        mine=person is None or not book.may_read(note, person.id),
    )


def _short(text: str) -> str:
    """The beginning of a note, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[:SHORT]}…"


def _attached(scene: Scene, one: Attached) -> tuple[str, str]:
    return MARKS[one.state], one.words.get(scene.language, "")
