"""Other makers' devices on their own words: an LED controller, Tasmota, Shelly, a Zigbee sensor, on real wires."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from lobby.core.site import Display, Sensor, Site
from tests.eventually import soon
from tests.scenarios.house import House, always_open, house
from tests.scenarios.staff import Staff

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]

LED, SIGN, LIGHTS, AIR = "display-led", "desk-sign", "garden-lights", "garden-air"
LED_HABITS = {
    "check-error": "check-error",
    "wrong-sum": "check-error",
    "rubbish": "bad-frame",
    "late": "silent",
    "card-silent": "card-silent",
    "no-signal": "no-signal",
}


@pytest.fixture(scope="module")
def lobby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all of them."""
    with house(tmp_path_factory.mktemp("makers"), change=_quick) as found:
        yield found


@pytest.fixture(scope="module")
def staff(lobby: House) -> Iterator[Staff]:
    """Whoever is on duty, with everything as its hours say; at the end nothing is lost."""
    on_duty = Staff(lobby)
    soon(lambda: all(health(on_duty, thing) == "ok" for thing in (LED, SIGN, LIGHTS, AIR)), within_s=30)
    yield on_duty
    on_duty.nothing_lost()


def health(staff: Staff, thing: str) -> str:
    """How a thing stands in the status."""
    return str(staff.status()["things"][thing]["health"])


def mended(lobby: House, staff: Staff, thing: str) -> None:
    """As new, and everybody knows."""
    lobby.steer("mend", thing)
    soon(lambda: health(staff, thing) == "ok", within_s=25)


@pytest.mark.parametrize("habit", LED_HABITS)
def test_an_led_controller_with_a_bad_habit_is_told_and_the_picture_stays(
    lobby: House, staff: Staff, habit: str
) -> None:
    """Check errors too: place, cause and cure in both languages, and the wall shows what it showed."""
    lobby.steer("break", LED, habit)
    staff.reads(f"device.{LED_HABITS[habit]}", place=LED, within_s=20)
    assert lobby.shows(LED)["on"]
    assert staff.status()["things"][LED]["reported"] == "on"
    mended(lobby, staff, LED)


def test_an_order_among_check_errors_is_tried_until_it_is_done(lobby: House, staff: Staff) -> None:
    """Off was wanted while every answer was damaged; afterwards the wall is dark, on purpose."""
    lobby.steer("break", LED, "check-error")
    override = staff.override("desk-led", "off")
    staff.reads("device.check-error", place=LED, within_s=20)
    assert lobby.shows(LED)["on"]
    lobby.steer("mend", LED)
    soon(lambda: not lobby.shows(LED)["on"], within_s=30)
    soon(lambda: health(staff, LED) == "off-on-purpose", within_s=20)
    ended(staff, "desk-led", override)
    soon(lambda: lobby.shows(LED)["on"] and health(staff, LED) == "ok", within_s=30)
    assert lobby.shows(LED)["brightness"] == 60


@pytest.mark.parametrize("thing", [SIGN, LIGHTS])
def test_a_switch_obeys_in_its_makers_words(lobby: House, staff: Staff, thing: str) -> None:
    """Off for a while and on again, read back each time."""
    override = staff.override(thing, "off")
    soon(lambda: not lobby.shows(thing)["on"])
    soon(lambda: staff.status()["things"][thing]["reported"] == "off")
    soon(lambda: staff.status()["things"][thing]["outcome"] == "verified")
    ended(staff, thing, override)
    soon(lambda: lobby.shows(thing)["on"] and health(staff, thing) == "ok")


@pytest.mark.parametrize(
    ("thing", "habit", "cause"),
    [(SIGN, "refuses", "refused"), (LIGHTS, "refuses", "refused"), (LIGHTS, "locked", "needs-password")],
)
def test_a_switch_that_says_no_is_told_with_its_cause(
    lobby: House, staff: Staff, thing: str, habit: str, cause: str
) -> None:
    """It stays as it is; mended, nothing is wanted of it any more and nothing is told."""
    lobby.steer("break", thing, habit)
    override = staff.override(thing, "off")
    staff.reads(f"device.{cause}", place=thing)
    assert lobby.shows(thing)["on"]
    lobby.steer("mend", thing)
    ended(staff, thing, override)
    staff.no_longer_reads(f"device.{cause}")
    soon(lambda: health(staff, thing) == "ok", within_s=25)


@pytest.mark.parametrize("thing", [SIGN, LIGHTS])
def test_a_switch_without_its_network_is_missed_by_its_last_will(lobby: House, staff: Staff, thing: str) -> None:
    """Told at once; when it is back it is asked, and what it says counts."""
    lobby.steer("cut", thing)
    staff.reads("device.offline", place=thing)
    mended(lobby, staff, thing)
    staff.no_longer_reads("device.offline")


def test_a_retained_command_to_a_switch_is_told_until_it_is_gone(lobby: House, staff: Staff) -> None:
    """It would switch the sign at every reconnect."""
    publish(lobby, "-r", "-t", "cmnd/desk-sign/POWER", "-m", "ON")
    staff.restart()
    staff.reads("device.strange-order", place=SIGN)
    publish(lobby, "-r", "-t", "cmnd/desk-sign/POWER", "-n")
    staff.no_longer_reads("device.strange-order")


def test_a_sensor_beyond_its_limit_is_told_with_its_value(lobby: House, staff: Staff) -> None:
    """35 °C in the garden; at 20 °C all is well."""
    lobby.steer("set", AIR, "35")
    staff.reads("device.too-high", place=AIR)
    shown = staff.status()["things"][AIR]
    assert (shown["reported"], shown["detail"]["unit"]) == ("35", "°C")
    assert "35 °C" in staff.visitor.ask("GET", "/devices")[1]
    lobby.steer("set", AIR, "20")
    staff.no_longer_reads("device.too-high")


@pytest.mark.parametrize(("habit", "cause"), [("silent", "stale"), ("rubbish", "bad-payload")])
def test_a_sensor_that_fails_is_told(lobby: House, staff: Staff, habit: str, cause: str) -> None:
    """Too old, or nothing that could be read."""
    lobby.steer("break", AIR, habit)
    staff.reads(f"device.{cause}", place=AIR, within_s=20)
    mended(lobby, staff, AIR)
    staff.no_longer_reads(f"device.{cause}")


def ended(staff: Staff, thing: str, override: str) -> None:
    """The temporary change is taken back."""
    status, answer = staff.visitor.ask("POST", f"/api/v1/things/{thing}/overrides/{override}/end", {})
    assert status == 200, answer


def publish(lobby: House, *words: str) -> None:
    """As any program on the broker could."""
    assert lobby.broker is not None
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(lobby.broker.port), "-q", "1", *words], check=True)


def _quick(site: Site) -> Site:
    """Always open; the LED is asked often, and the sensor soon too old."""
    hurried: dict[type, dict[str, object]] = {Display: {"poll_s": 0.25}, Sensor: {"max_age_s": 3}}
    quick = {name: thing.model_copy(update=hurried.get(type(thing), {})) for name, thing in site.things.items()}
    return always_open(site).model_copy(update={"things": quick})
