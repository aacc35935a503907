"""A display on its way to its picture: how long that may take, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass

MEASURED_AT_MOST_S = 120.0
PATIENCE = 1.5


@dataclass(slots=True, kw_only=True)
class Warming:
    """`said_s` is the site file's word for it, `longest_s` what was seen; all times are monotonic seconds."""

    said_s: float
    longest_s: float = 0.0
    until: float | None = None
    ordered_at: float | None = None

    @property
    def patience_s(self) -> float:
        """How long it may take before somebody is told."""
        return max(self.said_s, PATIENCE * self.longest_s)

    def ordered(self, mono: float, *, was_off: bool) -> None:
        """The order to go on stands on the wire; who was on already is not measured."""
        self.ordered_at = mono if was_off else None

    def begins(self, mono: float) -> None:
        """It acknowledged: from now on it is given its time."""
        self.until = mono + self.patience_s if self.patience_s else None

    def ends(self) -> None:
        """It goes off, or nobody knows whether it heard the order."""
        self.until = None

    def lasts(self, mono: float) -> bool:
        """Within its time."""
        return self.until is not None and mono < self.until

    def passed(self, mono: float) -> bool:
        """True once, when its time is over."""
        over = self.until is not None and mono >= self.until
        self.until = None if over else self.until
        return over

    def measuring(self, mono: float, *, answers: bool) -> bool:
        """Worth asking more often; who does not even answer after its time is not."""
        return self.ordered_at is not None and (answers or self.lasts(mono))

    def lit_after_s(self, mono: float, *, lit: bool, off: bool) -> float | None:
        """Seconds from the order to the picture, once, when it stands; what takes minutes has another reason."""
        if self.ordered_at is None:
            return None
        took_s = mono - self.ordered_at
        given_up = took_s > MEASURED_AT_MOST_S or (off and not self.lasts(mono))
        if lit or given_up:
            self.ordered_at = None
        if given_up or not lit:
            return None
        self.longest_s = max(self.longest_s, took_s)
        return round(took_s, 2)
