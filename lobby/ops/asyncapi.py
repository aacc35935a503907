"""Our MQTT contract as AsyncAPI 3.0: what a device of ours says and hears, written from what the drivers read.

Other makers' topics are described in a site's file and stand in no contract. Players speak HTTP and have no topics.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from devices.topics import CONTRACT_VERSION, LONGEST_TEXT, CafePayload, ReportedPayload, ResultPayload, topic_of

Json = dict[str, Any]
Row = tuple[str, str, str, bool, int, str]

ID = "^[a-z0-9][a-z0-9-]{0,31}$"
AT = {"type": "string", "format": "date-time", "description": "RFC 3339 with an offset"}
VERSION = {"type": "integer", "const": CONTRACT_VERSION}
WORD = {"type": "string", "maxLength": LONGEST_TEXT}
# Name → channel, who speaks (send: the lobby), retained, quality, what it is.
MESSAGES: tuple[Row, ...] = (
    ("switchReported", "reported", "receive", True, 1, "What a switch is now."),
    ("cafeReported", "reported", "receive", True, 1, "What the robot café is now: levels, cups, faults, counters."),
    ("bellReported", "reported", "receive", False, 0, "A bell's heartbeat; any message on this channel is one."),
    ("availability", "availability", "receive", True, 1, "Here or gone; the last will says gone."),
    ("command", "command", "send", False, 1, "Be this. Never retained; to be ignored after its expiry."),
    ("result", "result", "receive", False, 1, "Done, or why not."),
    ("press", "event", "receive", False, 1, "Somebody pressed: repeated every 2 s, same id and `at`, until assured."),
    ("assured", "assured", "send", False, 1, "The press is registered; only this turns the light at the bell on."),
)
CHANNELS = {
    "reported": "The state of a thing.",
    "availability": "Whether a thing is there.",
    "command": "What a thing shall be.",
    "result": "What became of a command.",
    "event": "What happened at a bell.",
    "assured": "That a press is registered.",
}
EXAMPLES: dict[str, Any] = {
    "switchReported": {"v": 1, "value": "on", "at": "2026-11-24T09:00:00+09:00", "seq": 7},
    "cafeReported": {
        "v": 1,
        "value": "open",
        "at": "2026-11-24T09:00:00+09:00",
        "levels": {"milk": 42, "beans": "ok"},
        "cup_return": {"fill": 30},
        "orders_waiting": 1,
        "faults": [{"code": "grinder", "severity": "stop"}],
        "counters": {"cups": 118},
    },
    "bellReported": {"v": 1, "battery": 84, "tamper": False, "stuck_closed": False},
    "availability": "online",
    "command": {"v": 1, "id": "c-81f2", "action": "set", "value": "on", "expires_at": "2026-11-24T00:00:30+00:00"},
    "result": {"v": 1, "id": "c-81f2", "outcome": "ok", "detail": ""},
    "press": {"v": 1, "id": "4f1c", "type": "press", "at": "2026-11-24T20:41:07+09:00", "battery": 84, "tamper": False},
    "assured": {"v": 1, "id": "4f1c"},
}


def asyncapi() -> Json:
    """The document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Smart lobby: devices over MQTT",
            "version": f"{CONTRACT_VERSION}.{version('smart-lobby')}",
            "description": "MQTT 3.1.1. Unknown keys are ignored, `v` must be known. What is retained is a cache and "
            "proves nothing: a thing counts as there when it is heard.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, words) for name, words in CHANNELS.items()},
        "operations": {row[0]: _operation(row) for row in MESSAGES},
        "components": {
            "messages": {name: _message(name, words) for name, *_, words in MESSAGES},
            "schemas": _schemas(),
        },
    }


def _channel(name: str, words: str) -> Json:
    spoken = [message for message, channel, *_ in MESSAGES if channel == name]
    identity = {"description": f"Lower-case letters, digits and hyphens: {ID}"}
    return {
        "address": topic_of("{site}", "{thing}", name),
        "description": words,
        "parameters": {"site": identity, "thing": identity},
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in spoken},
    }


def _operation(row: Row) -> Json:
    name, channel, act, retained, qos, _ = row
    return {
        "action": act,
        "bindings": {"mqtt": {"retain": retained, "qos": qos, "bindingVersion": "0.2.0"}},
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"}],
    }


def _message(name: str, words: str) -> Json:
    return {
        "name": name,
        "summary": words,
        "contentType": "text/plain" if name == "availability" else "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}"},
        "examples": [{"payload": EXAMPLES[name]}],
    }


def _schemas() -> Json:
    cafe = CafePayload.model_json_schema(ref_template="#/components/schemas/{model}")
    faults = cafe.pop("$defs")
    return {
        "switchReported": ReportedPayload.model_json_schema(),
        "cafeReported": cafe,
        **faults,
        "bellReported": _object({"v": VERSION, "battery": _percent(), "tamper": _flag(), "stuck_closed": _flag()}),
        "availability": {"type": "string", "enum": ["online", "offline"]},
        "command": _object(
            {"v": VERSION, "id": WORD, "action": {"const": "set"}, "value": WORD, "expires_at": AT},
            required=("v", "id", "action", "value", "expires_at"),
        ),
        "result": ResultPayload.model_json_schema(),
        "press": _object(
            {"v": VERSION, "id": WORD, "type": {"const": "press"}, "at": AT, "battery": _percent(), "tamper": _flag()},
            required=("id", "type", "at"),
        ),
        "assured": _object({"v": VERSION, "id": WORD}, required=("v", "id")),
    }


def _object(properties: Json, *, required: tuple[str, ...] = ()) -> Json:
    return {"type": "object", "properties": properties, "required": list(required)}


def _percent() -> Json:
    return {"type": "number", "minimum": 0, "maximum": 100, "description": "percent"}


def _flag() -> Json:
    return {"type": "boolean"}
