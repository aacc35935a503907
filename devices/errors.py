"""Errors of this package; the class says who must act: the outbox (retry), staff (report), the installer (mend)."""

from __future__ import annotations


class DeviceError(Exception):
    """Root. `cause` is a word that `lobby/words` explains as `device.<cause>`; `detail` is for the trace only."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause
        self.detail = detail


class LinkLost(DeviceError):
    """The line is down or silent: try again later."""


class Refused(DeviceError):
    """The device understood and said no: report it."""


class BadFrame(DeviceError):
    """Rubbish on the line: drop it, resynchronise, count it."""


class WrongAddress(DeviceError):
    """Nothing can ever work with this site file: mend it (no such port, refused subscription)."""
