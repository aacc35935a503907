"""What is wrong with a player now, in codes that the controller has words for (`device.<code>`)."""

from __future__ import annotations

import threading

CLOCK_WRONG = "clock-wrong"
CONTENT_BROKEN = "content-broken"
CONTENT_MISSING = "content-missing"
DISK = "player-disk"
NO_SOUND = "no-sound"
NOTHING_TO_SHOW = "nothing-to-show"
PROGRAMME_OLD = "programme-old"
PROGRAMME_REFUSED = "programme-refused"
SCENE_BROKEN = "scene-broken"


class Troubles:
    """The troubles of one player; any thread may tell one, and tell that it is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now: dict[str, frozenset[str]] = {}

    def tell(self, code: str, *subjects: str) -> None:
        """This is wrong, with these contents if it is about some; telling it again replaces them."""
        with self._lock:
            self._now = {**self._now, code: frozenset(subjects)}

    def well(self, code: str) -> None:
        """This is right (again)."""
        with self._lock:
            self._now = {known: subjects for known, subjects in self._now.items() if known != code}

    def set(self, code: str, *, wrong: bool) -> None:
        """`tell` or `well`."""
        if not wrong:
            self.well(code)
        elif code not in self._now:
            self.tell(code)

    def about(self, code: str) -> frozenset[str]:
        """The contents that one trouble is about."""
        return self._now.get(code, frozenset())

    def codes(self) -> tuple[str, ...]:
        """Everything that is wrong, in the order of the alphabet."""
        return tuple(sorted(self._now))

    def subjects(self) -> tuple[str, ...]:
        """The hashes of the contents that troubles are about."""
        return tuple(sorted(frozenset().union(*self._now.values())))
