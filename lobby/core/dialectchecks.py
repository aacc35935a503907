"""Mistakes in how the site file describes other makers' devices: keys of another dialect, words nobody understands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lobby.core import site as model
from lobby.core.findings import Finding, mistake
from lobby.core.site import Bell, Display, Matcher, Sensor, Site, Sound, Switch
from lobby.core.siteshape import Path, listed, nearest

OWN_KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "display": {"samsung-mdc": ("display_id", "input", "beside"), "novastar": ("brightness_percent", "receiver")},
    "switch": {
        "contract": (),
        "topics": ("state", "command", "availability"),
        "tasmota": ("topic", "relay"),
        "shelly": ("prefix", "switch"),
    },
}
"""By kind: the keys that only one dialect understands."""
NEEDED = {"tasmota": "topic", "shelly": "prefix"}
HERE_OR_GONE = ("offline", "online")
ON_OR_OFF = ("off", "on")


def dialects(site: Site) -> Iterator[Finding]:
    """Everything of the kind, thing by thing."""
    for name, thing in site.things.items():
        path: Path = ("things", name)
        if isinstance(thing, Display | Switch):
            yield from _keys(path, thing)
        if isinstance(thing, Switch):
            yield from _words(thing.state, ON_OR_OFF, *path, "state")
        if isinstance(thing, Sensor):
            yield from _sensor(path, thing)
        if isinstance(thing, Switch | Sensor | Bell):
            yield from _words(thing.availability, HERE_OR_GONE, *path, "availability")
        yield from _paths(path, thing)
    yield from _loudspeakers(site)


def _keys(path: Path, thing: Display | Switch) -> Iterator[Finding]:
    """A key that this dialect does not understand would be passed over in silence; one that it needs must be there."""
    by_dialect = OWN_KEYS[thing.kind]
    own = by_dialect[thing.dialect]
    for keys in by_dialect.values():
        for key in keys:
            if key in thing.model_fields_set and key not in own:
                known = listed([_written(one) for one in own])
                yield mistake("site.not-of-dialect", *path, _written(key), dialect=thing.dialect, known=known)
    needed = NEEDED.get(thing.dialect)
    if needed is not None and getattr(thing, needed) is None:
        yield mistake("site.missing", *path, needed)


def _words(matcher: Matcher | None, known: tuple[str, ...], *path: str | int) -> Iterator[Finding]:
    """The words that a description translates to must be ours."""
    for raw, word in matcher.values.items() if matcher is not None else ():
        if word not in known:
            yield from _strange(word, known, *path, "values", raw)


def _strange(word: str, known: tuple[str, ...], *path: str | int) -> Iterator[Finding]:
    near = nearest(word, known) or ""
    code = "site.not-one-of-near" if near else "site.not-one-of"
    yield mistake(code, *path, value=word, known=listed(known), near=near)


def _sensor(path: Path, sensor: Sensor) -> Iterator[Finding]:
    words = tuple(dict.fromkeys(sensor.state.values.values()))
    if sensor.numeric and words:
        yield mistake("site.number-with-words", *path, "state", "values")
    if sensor.low is not None and sensor.high is not None and sensor.low >= sensor.high:
        yield mistake("site.limits-crossed", *path, "high", low=f"{sensor.low:g}", value=f"{sensor.high:g}")
    named: list[tuple[str, Path]] = [
        *((word, ("alarm-values", index)) for index, word in enumerate(sensor.alarm_values)),
        *((word, ("words", word)) for word in sensor.words),
    ]
    for word, where in named:
        if words and word not in words:
            yield from _strange(word, words, *path, *where)


def _paths(path: Path, thing: model.Thing) -> Iterator[Finding]:
    """Every JSON path of a description must have a name between its dots."""
    for field in type(thing).model_fields:
        matcher = getattr(thing, field)
        if not isinstance(matcher, Matcher):
            continue
        if matcher.key is not None and not all(matcher.key.split(".")):
            yield mistake("site.bad-json-path", *path, _written(field), "key", value=matcher.key)
        if matcher.absent is not None and matcher.key is None:
            yield mistake("site.missing", *path, _written(field), "key")


def _loudspeakers(site: Site) -> Iterator[Finding]:
    """Only a display that speaks MDC has a volume."""
    for name, thing in site.things.items():
        display = site.things.get(thing.display) if isinstance(thing, Sound) else None
        if isinstance(display, Display) and display.dialect != "samsung-mdc":
            yield mistake("site.no-loudspeakers", "things", name, "display", value=display.dialect)


def _written(field: str) -> str:
    return field.replace("_", "-")
