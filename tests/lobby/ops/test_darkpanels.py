"""A wall with a broken display is laid over the others; a cut cable is not taken for seven broken displays."""

from __future__ import annotations

from lobby.core.clock import VirtualClock
from lobby.core.hub import Hub
from lobby.ops.darkpanels import DarkPanels
from lobby.ops.day import kinds
from tests.lobby.core.galleries import NOON
from tests.lobby.web.houses import sample


class Wall:
    """The seven displays of the sample, and who listens."""

    def __init__(self) -> None:
        self.clock = VirtualClock(NOON)
        self.hub = Hub(self.clock, kinds(sample()))
        self.dark = DarkPanels(sample(), hub=self.hub, clock=self.clock)
        self.told = 0
        self.dark.on_change(self._hear)

    def say(self, availability: str, *panels: int) -> None:
        """Displays answer, or do not."""
        for panel in panels:
            self.hub.update(f"display-wall-{panel}", availability=availability)

    def after(self, seconds: float) -> frozenset[str]:
        """What counts as dark when so long has passed."""
        self.dark.look()
        self.clock.pass_by(seconds)
        self.dark.look()
        return self.dark.panels()

    def _hear(self) -> None:
        self.told += 1


def test_a_display_that_is_silent_for_long_is_dark_and_told_once() -> None:
    """Not after ten seconds, after twenty; well again after ten seconds of answers."""
    wall = Wall()
    wall.say("ok", *range(1, 8))
    wall.say("lost", 4)
    assert wall.after(10) == frozenset()
    assert wall.after(11) == {"wall-4"}
    wall.say("ok", 4)
    assert wall.after(5) == {"wall-4"}
    assert wall.after(6) == frozenset()
    assert wall.told == 2


def test_a_wall_of_which_too_little_is_left_keeps_its_look() -> None:
    """When the chain's cable is out all seven are silent; that says nothing of any one."""
    wall = Wall()
    wall.say("lost", *range(1, 8))
    assert wall.after(60) == frozenset()
    wall.say("ok", 1, 2, 3, 4)
    assert wall.after(1) == {"wall-5", "wall-6", "wall-7"}


def test_screens_that_stand_alone_have_no_such_look() -> None:
    """The large display and the LED wall are one panel each."""
    wall = Wall()
    wall.hub.update("display-main", availability="lost")
    assert wall.after(60) == frozenset()


def test_what_is_silent_on_a_wall_that_keeps_its_look_is_told_apart() -> None:
    """Three that answer are too few to lay a look over: the silent four are not dark, but no text is left to them."""
    wall = Wall()
    wall.say("ok", 1, 2, 3)
    wall.say("lost", 4, 5, 6, 7)
    assert wall.after(21) == frozenset()
    assert wall.dark.silent() == {"wall-4", "wall-5", "wall-6", "wall-7"}
    wall.say("ok", 4)
    assert wall.after(1) == {"wall-5", "wall-6", "wall-7"}
    assert wall.dark.silent() == frozenset()
