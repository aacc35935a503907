"""`lobby broker`: the files of this site's Mosquitto, its names and passwords, and Mosquitto itself in a container.

Source of a password's form: mosquitto_passwd.c of Mosquitto 2.0 (`$7$<rounds>$<salt>$<hash>`, PBKDF2 with SHA-512).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import pwd
import secrets
import shutil
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

from lobby.core.datafolder import clean_write
from lobby.core.mosquitto import CONTROLLER, BrokerSetup, access_list, configuration
from lobby.core.problem import Refusal
from lobby.core.site import Bell, Desk, Display, Room, Site
from lobby.core.sitefile import read
from lobby.core.words import say
from lobby.ops.cli import language

STORE = "store"
CLIENTS = "clients"
CONFIGURATION = "mosquitto.conf"
ROUNDS = 101  # Mosquitto's own; the passwords are 256 random bits, which no number of rounds makes better
SALT_BYTES = 12


def broker_write(options: argparse.Namespace) -> int:
    """Write configuration, access list and passwords; passwords that exist stay."""
    written = write(read(options.site), options.folder, options.clients or options.folder / CLIENTS, options.port)
    print(say("broker.written", language(), path=written))
    return 0


def broker_run(options: argparse.Namespace) -> int:
    """Write the files, then become Mosquitto; returns only by refusing."""
    program = shutil.which("mosquitto", path=os.defpath + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        raise Refusal("broker.no-mosquitto")
    broker_write(options)
    os.execv(program, (program, "-c", str(options.folder / CONFIGURATION)))  # noqa: S606 - our own words, no shell


def write(site: Site, folder: Path, clients: Path, port: int = 1883) -> Path:
    """Make `folder` a broker's folder for the site; each client's password is a 0600 file `clients`/NAME."""
    for path in (folder, folder / STORE, clients):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = (
        f"{name}:{hashed(_password(clients / name), secrets.token_bytes(SALT_BYTES))}" for name in clients_of(site)
    )
    setup = BrokerSetup(folder=folder / STORE, password_file=folder / "passwords", acl_file=folder / "acl", port=port)
    clean_write(setup.password_file, "".join(f"{line}\n" for line in lines).encode())
    clean_write(setup.acl_file, access_list(site).encode())
    clean_write(folder / CONFIGURATION, f"{configuration(setup)}\n{_owner()}\n".encode())
    return folder / CONFIGURATION


def clients_of(site: Site) -> Iterator[str]:
    """Who signs on at the broker: the controller, and every thing that has no wire of its own."""
    yield CONTROLLER
    for name, thing in site.things.items():
        wired = isinstance(thing, Desk | Room | Display) or (isinstance(thing, Bell) and thing.link is not None)
        if not wired:
            yield name


def hashed(password: str, salt: bytes) -> str:
    """A password as Mosquitto keeps it."""
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    return f"$7${ROUNDS}${b64encode(salt).decode()}${b64encode(key).decode()}"


def _owner() -> str:
    """Mosquitto stays who wrote the files; nobody else could read them."""
    return f"user {pwd.getpwuid(os.getuid()).pw_name}"


def _password(file: Path) -> str:
    if not file.exists():
        clean_write(file, f"{secrets.token_urlsafe(32)}\n".encode())
    return file.read_text(encoding="utf-8").strip()
