"""`make image-test`: build the images, start compose.yaml with simulated hardware, use it, take it down.

Needs root on Debian 12 and the mirror of its apt. Where a tool cannot be had, `docker/build` says `not run: …`.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.eventually import soon
from tests.scenarios.house import Visitor

BUILD = Path(__file__).parents[2] / "docker" / "build"
PROJECT = "lobby"
NOT_RUN = 3
SERVICES = ("broker", "controller", "player", "door", "simulator")
PLAYER = "lobby-player"


def main() -> int:
    """One line a step with its seconds; 0 also where it cannot be run here."""
    began = time.monotonic()
    built = subprocess.run([BUILD, "image"], check=False)
    if built.returncode:
        return 0 if built.returncode == NOT_RUN else 1
    told("built", began)
    try:
        live()
    finally:
        began = time.monotonic()
        quietly("compose", "down", "-v")
        told("taken down", began)
    return 0


def live() -> None:
    """From the first start to an answered bell."""
    began = time.monotonic()
    quietly("compose", "up", "-d", "--no-build")
    visitor = Visitor("https://localhost:8443", authority=trusted())
    soon(lambda: answers(visitor), within_s=120)
    told("the console answers through the door", began)
    began = time.monotonic()
    for service in ("controller", "broker", "player", "simulator"):
        soon(lambda service=service: healthy(service), within_s=60)  # type: ignore[misc] # mypy cannot infer defaults
    told("every health check holds, /readyz from inside among them", began)
    visitor.set_up(inside("controller", "cat", "/var/lib/lobby/set-up-code").strip())
    assert visitor.cookie.startswith("__Host-lobby="), visitor.cookie
    for bell in ("bell-desk", "bell-counsel"):
        rings(visitor, bell)
    soon(lambda: presents(visitor), within_s=120)
    told("the player presents", began)
    closed_in()
    quietly("podman", "kill", "--signal", "KILL", f"{PROJECT}_controller_1")
    began = time.monotonic()
    quietly("podman", "start", f"{PROJECT}_controller_1")
    soon(lambda: answers(visitor), within_s=60)
    assert {one["bell"] for one in visitor.ask("GET", "/api/v1/incidents")[1]["incidents"]} == {
        "bell-desk",
        "bell-counsel",
    }
    told("killed and started again, both bells still open", began)


def rings(visitor: Visitor, bell: str) -> None:
    """Press it with the simulator's own command; the incident stands in the console's list."""
    soon(lambda: watched(visitor, bell), within_s=60)
    began = time.monotonic()
    inside("simulator", "lobby", "simulate", "press", bell)
    soon(lambda: bell in {one["bell"] for one in visitor.ask("GET", "/api/v1/incidents")[1]["incidents"]})
    told(f"{bell} rings at the console", began)


def watched(visitor: Visitor, bell: str) -> bool:
    """Does the controller hear that bell?"""
    bells = visitor.ask("GET", "/api/v1/status")[1]["documents"]["bells"]
    return any(one["bell"] == bell and one["state"] == "ok" for one in bells)


def presents(visitor: Visitor) -> bool:
    """Does the player say what stands on each of its panels?"""
    players = visitor.ask("GET", "/api/v1/status")[1]["documents"].get("players", {})
    return bool(players.get(PLAYER, {}).get("panels"))


def closed_in() -> None:
    """Nobody special, nothing writable but the volumes, no port but the door's."""
    for service in SERVICES:
        assert inside(service, "id", "-u").strip() == "10001", service
        written = run("podman", "exec", f"{PROJECT}_{service}_1", "touch", "/usr/written", check=False)
        assert written.returncode, f"{service} writes outside of its volumes"
    ports = json.loads(run("podman", "inspect", f"{PROJECT}_room_1").stdout)[0]["NetworkSettings"]["Ports"]
    assert ports == {"8443/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8443"}]}, ports
    modes = inside("controller", "sh", "-c", "stat -c %a /etc/lobby/broker/clients/* /var/lib/lobby/players/*/token")
    assert set(modes.split()) == {"600"}


def trusted() -> ssl.SSLContext:
    """Believes the certificate that the door made for itself, and nothing else."""
    found: list[str] = []

    def made() -> bool:
        done = run("podman", "exec", f"{PROJECT}_door_1", "cat", "/var/lib/door/tls.crt", check=False)
        found[:] = [done.stdout]
        return done.returncode == 0 and "END CERTIFICATE" in done.stdout

    soon(made, within_s=30)
    return ssl.create_default_context(cadata=found[0])


def answers(visitor: Visitor) -> bool:
    """Is the controller ready behind the door?"""
    try:
        return visitor.ask("GET", "/readyz")[0] == 200
    except OSError:
        return False


def healthy(service: str) -> bool:
    """The image's own health check, run now."""
    return run("podman", "healthcheck", "run", f"{PROJECT}_{service}_1", check=False).returncode == 0


def inside(service: str, *words: str) -> str:
    """What a command in a container prints."""
    return str(run("podman", "exec", f"{PROJECT}_{service}_1", *words).stdout)


def quietly(*words: str) -> None:
    """A step of docker/build whose lines only matter when it fails."""
    run(*words)


def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[Any]:
    """docker/build with these words."""
    environment = {**os.environ, "LOBBY_PROJECT": PROJECT}
    done = subprocess.run([BUILD, *words], capture_output=True, text=True, check=False, env=environment, timeout=300)
    if check and done.returncode:
        raise AssertionError(
            f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done


def told(what: str, began: float) -> None:
    """One line of the record."""
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
