"""What we export: the MQTT contract as AsyncAPI 3, and where the site file differs from what runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from devices.bells import PRESS
from devices.dialects import ContractSwitch
from devices.reports import Command
from devices.topics import (
    BellEventPayload,
    BellStatePayload,
    CafePayload,
    Payload,
    ReportedPayload,
    ResultPayload,
    parse,
)
from lobby.core.sitedifference import ABSENT, Difference, differences
from lobby.core.sitefile import read
from lobby.ops.asyncapi import EXAMPLES, MESSAGES, asyncapi
from lobby.ops.cli import main, sample

DOCUMENT: dict[str, Any] = json.loads(json.dumps(asyncapi()))


def references(part: Any) -> Iterator[str]:
    """Every reference of the document."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def at(reference: str) -> Any:
    """What a reference points to."""
    part: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        part = part[step]
    return part


def test_every_reference_leads_somewhere() -> None:
    """Operations to channels, channels to messages, messages to schemas."""
    found = set(references(DOCUMENT))
    assert len(found) > len(MESSAGES)
    assert all(isinstance(at(reference), dict) for reference in found)


def test_it_has_the_shape_of_version_3() -> None:
    """Root, channels and operations hold what AsyncAPI 3.0 requires of them, and nothing stands outside."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT) == {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    assert {"title", "version"} <= set(DOCUMENT["info"])
    for channel in DOCUMENT["channels"].values():
        assert set(channel["parameters"]) == {"site", "thing"}
        assert channel["address"].startswith("lobby/1/{site}/{thing}/")
    for operation in DOCUMENT["operations"].values():
        channel = at(operation["channel"]["$ref"])
        assert operation["action"] in {"send", "receive"}
        assert all(one["$ref"].rpartition("/")[2] in channel["messages"] for one in operation["messages"])


def test_a_command_is_never_retained() -> None:
    """Nor is anything else that would act again on a reconnect."""
    retained = {name for name, operation in DOCUMENT["operations"].items() if operation["bindings"]["mqtt"]["retain"]}
    assert retained == {"switchReported", "cafeReported", "availability"}


def test_every_message_has_its_example() -> None:
    """With every key that its schema requires, and none that it does not know."""
    for name, message in DOCUMENT["components"]["messages"].items():
        schema, (example,) = at(message["payload"]["$ref"]), message["examples"]
        if schema["type"] == "object":
            assert set(schema.get("required", ())) <= set(example["payload"]) <= set(schema["properties"]), name


def test_what_the_contract_shows_is_what_the_drivers_read() -> None:
    """The examples pass through the drivers' own readers, and nothing of them is lost."""
    read_by: dict[str, type[Payload]] = {
        "switchReported": ReportedPayload,
        "cafeReported": CafePayload,
        "result": ResultPayload,
    }
    for name, model in read_by.items():
        assert parse(model, json.dumps(EXAMPLES[name]).encode()).v == 1
    press = parse(BellEventPayload, json.dumps(EXAMPLES["press"]).encode())
    assert (press.type, press.id, press.battery, press.tamper) == (PRESS, "4f1c", 84, False)
    bell = parse(BellStatePayload, json.dumps(EXAMPLES["bellReported"]).encode())
    assert (bell.battery, bell.stuck_closed) == (84, False)


def test_what_a_driver_sends_is_what_the_contract_says() -> None:
    """A command of ours has exactly the keys of its schema and goes to its channel's address."""
    command = Command(id="c1", thing="desk-sign", value="on", expires_at=datetime(2026, 11, 24, tzinfo=UTC))
    ((topic, payload),) = ContractSwitch(site="hall", thing="desk-sign").orders(command)
    assert set(json.loads(payload)) == set(DOCUMENT["components"]["schemas"]["command"]["required"])
    address = DOCUMENT["channels"]["command"]["address"]
    assert topic == address.replace("{site}", "hall").replace("{thing}", "desk-sign")


@pytest.mark.parametrize("contract", ["openapi", "asyncapi"])
def test_a_contract_is_written_by_the_command_line(tmp_path: Path, contract: str) -> None:
    """`lobby export … -o FILE`: whole JSON, exit code 0."""
    file = tmp_path / "contract.json"
    assert main(["export", contract, "-o", str(file)]) == 0
    assert contract in json.loads(file.read_text())


def test_a_site_does_not_differ_from_itself() -> None:
    """Defaults count as written."""
    assert differences(read(sample("small-office")), read(sample("small-office"))) == ()


def test_a_difference_names_its_key_and_both_values() -> None:
    """A changed number deep in a list of tables, a thing that only the file has."""
    runs = read(sample("small-office"))
    surface = runs.surfaces["entrance-screen"]
    wider = surface.panels[0].model_copy(update={"size_mm": (700, 1210)})
    changed = {**runs.surfaces, "entrance-screen": surface.model_copy(update={"panels": (wider,)})}
    file = runs.model_copy(update={"surfaces": changed, "links": {**runs.links, "spare": runs.links["bell-line"]}})
    found = differences(runs, file)
    size = Difference(key="surfaces.entrance-screen.panels[0].size-mm", runs=[680, 1210], file=[700, 1210])
    assert size in found
    assert [(one.key, one.runs) for one in found if one != size] == [("links.spare", ABSENT)]


def test_without_a_running_lobby_there_is_nothing_to_compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused with words and exit code 1."""
    assert main(["--site", str(sample("small-office")), "--data", str(tmp_path), "site", "diff"]) == 1
    assert capsys.readouterr().err
