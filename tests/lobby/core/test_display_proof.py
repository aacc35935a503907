"""Dark, frozen, wrong and stale are found within ten seconds under their own words, and never where all is well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from lobby.core.display_proof import FAULTS, Expected, PanelProof, ReadBack, Verdict, Word, expected
from media.prints import BLACK, LENGTH
from media.programme import Film, PanelFrame, Programme
from tests.lobby.core.glasses import Gallery, Player, Watcher
from tests.media.builders import NIGHT, programme, row, sha
from tests.media.builders import playlist as list_of

WITHIN_S = 10
PANELS = row(3)
FILMS = {sha("f"): 12, sha("g"): 7}
GOOD = ReadBack(power="on", right_input=True, signal=True, heard_s=3, wanted_on_s=600)
PICTURES = {sha(name): {"1080x1920": sha(name)} for name in "abcdefgn"}


def day(*, notice: bool = False, seconds: float = 12) -> Programme:
    """Off, pictures, films that loop, short whiles, wipes that turn along the wall, cuts, a live scene, off.

    With a notice in the middle if there is one, and an interrupt now and then that is cut to and left by a cut.
    """
    hours: list[tuple[float, str | None]] = [(0, None), (8, "pictures"), (11, "films"), (14, "quick"), (15.4, "wipes")]
    hours += [(16.3, "cuts"), (17.2, "scene"), (18.2, "scene and pictures"), (19, None)]
    for lies in (14.5, 15.8, 16.7, 17.6, 18.5):
        below = next(name for start, name in reversed(hours) if start <= lies)
        place = sum(1 for start, _ in hours if start <= lies)
        hours[place:place] = [(lies, "interrupt"), (lies + 1 / 240, below)]
    if notice:
        hours[2:2] = [(9, "notice"), (9.5, "pictures")]
    lists = {
        "pictures": list_of("abcd", seconds),
        "films": list_of("fga", (30, 21.5, 10)),
        "quick": list_of("bcde", 4, "span"),
        "wipes": replace(list_of("abcd", 9), change="wipe", change_ms=1200, turn_ms=-400),
        "cuts": replace(list_of("bdca", 6, "span"), change="cut"),
        "scene": list_of("s", 3600, "span"),
        "scene and pictures": replace(list_of("sa", 14, "span"), change="wipe"),
        "interrupt": replace(list_of("n", 20), change="cut", exclusive=True),
        "notice": list_of("n", 20),
    }
    films = {sha(name): Film(frames=FILMS[sha(name)] * 30, fps=30) for name in "fg"}
    made = programme(PANELS, hours, lists, pictures=PICTURES, films=films)
    return replace(made, scenes={sha("s"): "aquarium-live"})


def pair(start_h: float, seed: int = 1) -> tuple[Player, Watcher]:
    """A player that shows the day from that hour on, and who watches it."""
    gallery = Gallery(seed, FILMS)
    player = Player(programme=day(), gallery=gallery, chance=Random(seed), start=NIGHT + timedelta(hours=start_h))
    return player, Watcher([panel.id for panel in PANELS], gallery)


@pytest.mark.slow
def test_a_healthy_day_raises_no_false_alarm() -> None:
    """A day of fades, wipes, cuts, live scenes, film loops, late and lost reports, restarts, an unsteady clock."""
    player, watcher = pair(0)
    chance, words = Random(7), Counter[Word]()
    restarts = {chance.randrange(86_400) for _ in range(20)} | {
        8 * 3600 - 3,
        14 * 3600 + 1,
        63_000,
        66_000,
        19 * 3600 - 2,
    }
    for second in range(86_400):
        if second in restarts:
            player.restart(second)
        if second == 8.9 * 3600:
            player.programme = day(notice=True)
        player.clock_s = max(-0.05, min(0.05, player.clock_s + chance.uniform(-0.005, 0.005)))
        verdicts = watcher.look(second, player.report(second), GOOD)
        words.update(each.word for each in verdicts.values())
        assert not [each for each in verdicts.values() if each.word in FAULTS], (second, verdicts)
    lit = words[Word.CONFIRMED] + words[Word.PRESENTED]
    assert lit > 0.99 * 3 * 11 * 3600
    assert words[Word.OFF] > 0.99 * 3 * 13 * 3600


def test_a_display_that_is_off_is_dark_also_under_the_test_pattern() -> None:
    """What the window shows is for measuring; that nobody sees it is a fault all the same."""
    proof = PanelProof()
    for second in range(5):
        proof.told(second)
        proof.saw(bytes([60]) * LENGTH, NIGHT + timedelta(seconds=second), Expected(lit=True, test=True), second)
        proof.judge(second, replace(GOOD, power="off"))
    assert proof.judge(4, GOOD) == Verdict(word=Word.TEST)
    proof.judge(4.5, replace(GOOD, power="off"))
    assert proof.judge(7, replace(GOOD, power="off")) == Verdict(word=Word.DARK, cause="display-off")


def black(player: Player, _: float) -> None:
    """The window of one panel is black."""
    player.faults["wall-2"] = "black"


def other(player: Player, _: float) -> None:
    """A picture nobody planned."""
    player.faults["wall-2"] = "other"


def stands(player: Player, second: float) -> None:
    """One panel's picture stands still while the others go on."""
    player.faults["wall-2"] = player.start + timedelta(seconds=second)


def hangs(player: Player, second: float) -> None:
    """The presenting loop hangs and the reports go on."""
    player.hung_at = player.start + timedelta(seconds=second)


def silent(player: Player, _: float) -> None:
    """The player is gone, or stopped."""
    player.stopped_until = float("inf")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("hour", [8.3, 12.0, 15.0, 15.6, 16.5, 17.4, 18.3])
@pytest.mark.parametrize(
    ("fault", "word"),
    [(black, Word.DARK), (other, Word.WRONG), (hangs, Word.FROZEN), (silent, Word.STALE)],
    ids=["black", "other", "hangs", "silent"],
)
def test_every_fault_of_a_player_has_its_word_within_ten_seconds(
    fault: Callable[[Player, float], None], word: Word, hour: float, seed: int
) -> None:
    """Under its own word and no other, over stills, films, wipes, cuts and scenes; well again when it is mended."""
    player, watcher = pair(hour, seed)
    begins = 30 + seed
    said: dict[int, Word] = {}
    for second in range(begins + 25):
        if second == begins:
            fault(player, second)
        said[second] = watcher.look(second, player.report(second), GOOD)["wall-2"].word
    assert not {said[second] for second in range(begins)} & FAULTS
    assert {said[second] for second in range(begins, begins + 25)} & FAULTS == {word}
    assert said[begins + WITHIN_S] is word
    player.faults.clear()
    player.hung_at, player.stopped_until = None, -1
    ends = [watcher.look(second, player.report(second), GOOD) for second in range(begins + 25, begins + 31)]
    words = [each["wall-2"].word for each in ends[-3:]]  # a drawing of a live scene may be missing
    assert Word.CONFIRMED in words
    assert not set(words) & FAULTS


@pytest.mark.parametrize("seed", range(6))
def test_one_picture_that_stands_is_frozen_ten_seconds_after_it_should_have_changed(seed: int) -> None:
    """Of a rotation of four pictures, or of a film, the one that stood last is known again."""
    for hour in (8.3, 11.5):
        player, watcher = pair(hour, seed)
        for second in range(40):
            watcher.look(second, player.report(second), GOOD)
        stands(player, 40)
        said = [watcher.look(second, player.report(second), GOOD)["wall-2"].word for second in range(40, 40 + 22)]
        assert Word.FROZEN in said
        assert set(said) & FAULTS == {Word.FROZEN}


@pytest.mark.parametrize(
    ("says", "word", "cause"),
    [
        ({"power": "off"}, Word.DARK, "display-off"),
        ({"screen_on": False}, Word.DARK, "screen-off"),
        ({"right_input": False}, Word.WRONG, "wrong-input"),
        ({"signal": False}, Word.DARK, "no-signal"),
    ],
)
def test_what_the_display_says_against_the_window_counts(says: dict[str, str | bool], word: Word, cause: str) -> None:
    """A window that holds the right picture proves nothing where its display is off, elsewhere or without a signal."""
    player, watcher = pair(8.3)
    bad = ReadBack(**{"power": "on", "right_input": True, "signal": True, **says}, heard_s=1, wanted_on_s=600)  # type: ignore[arg-type] # by name
    for second in range(30):
        watcher.look(second, player.report(second), GOOD)
    said = [watcher.look(second, player.report(second), bad)["wall-1"] for second in range(30, 36)]
    assert said[-1] == Verdict(word=word, cause=cause)
    assert watcher.look(36, player.report(36), GOOD)["wall-1"].word is Word.CONFIRMED


@pytest.mark.parametrize(
    "display",
    [
        None,
        ReadBack(power=None, right_input=None, signal=None, heard_s=2, wanted_on_s=600),
        ReadBack(power="on", right_input=True, signal=True, heard_s=90, wanted_on_s=600),
        ReadBack(power="on", right_input=True, signal=True, heard_s=6, wanted_on_s=600, answers=False),
        ReadBack(power="off", right_input=None, signal=None, heard_s=1, wanted_on_s=5),
        ReadBack(power="off", right_input=None, signal=None, heard_s=1, wanted_on_s=40, warming=True),
        ReadBack(power="off", right_input=None, signal=None, heard_s=1, wanted_on_s=None),
    ],
)
def test_without_a_word_of_the_display_a_picture_is_presented_and_not_confirmed(display: ReadBack | None) -> None:
    """No display, a silent one, an old answer, one that is getting warm or that nobody switches."""
    player, watcher = pair(8.3)
    said = [watcher.look(second, player.report(second), display)["wall-1"].word for second in range(20)]
    assert said[-1] is Word.PRESENTED
    assert Word.CONFIRMED not in said


def test_a_display_that_was_on_and_fell_is_dark_though_it_is_getting_warm_again() -> None:
    """Somebody corrects it already; until it says on again nobody sees a thing."""
    player, watcher = pair(8.3)
    fell = replace(GOOD, power=None, warming=True, fell=True)
    for second in range(20):
        watcher.look(second, player.report(second), GOOD)
    said = [watcher.look(second, player.report(second), fell)["wall-1"] for second in range(20, 26)]
    assert said[-1] == Verdict(word=Word.DARK, cause="display-off")
    warm = [watcher.look(second, player.report(second), replace(fell, fell=False)) for second in range(26, 30)]
    assert warm[-1]["wall-1"].word is Word.PRESENTED


def test_a_dark_panel_at_night_is_off_and_a_lit_one_is_wrong() -> None:
    """Off on purpose is no fault; a picture on a wall that should be dark is."""
    player, watcher = pair(3)
    for second in range(20):
        assert watcher.look(second, player.report(second))["wall-1"].word in {Word.OFF, Word.UNKNOWN}
    other(player, 20)
    said = [watcher.look(second, player.report(second))["wall-2"].word for second in range(20, 30)]
    assert said[-1] is Word.WRONG


def test_nothing_is_said_of_a_picture_whose_print_is_not_made_yet() -> None:
    """New content is neither presented nor wrong until somebody knows how it should look."""
    proof = PanelProof()
    for second in range(30):
        moment = NIGHT + timedelta(seconds=second)
        proof.told(second)
        proof.saw(bytes([99]) * LENGTH, moment, expected(PanelFrame(shows="a" * 64), lambda _: None), second)
    assert proof.judge(30).word is Word.UNKNOWN


def test_one_look_that_nobody_can_judge_ends_no_fault_and_two_do() -> None:
    """A live scene's small drawing may be missing once; content that is not known yet is neither right nor wrong."""
    proof, unknown = PanelProof(), Expected(lit=True)
    right = Expected(lit=True, pictures=((bytes([99]) * LENGTH,),))
    for second in range(12):
        proof.told(second)
        should = unknown if second == 6 else right
        proof.saw(BLACK, NIGHT + timedelta(seconds=second), should, second)
        assert proof.judge(second).word is (Word.DARK if second >= 4 else Word.UNKNOWN), second
    for second in (12, 13):
        proof.saw(BLACK, NIGHT + timedelta(seconds=second), unknown, second)
    assert proof.judge(13).word is Word.UNKNOWN


@pytest.mark.parametrize(("seen", "word"), [(120, Word.FROZEN), (90, Word.FROZEN), (210, Word.WRONG)])
def test_a_picture_that_stopped_in_the_middle_of_a_fade_is_frozen(seen: int, word: Word) -> None:
    """Between two looks, so that it was never right: from 90 it goes to 150, then on to 30. Another one is wrong."""
    proof = PanelProof()
    shades = [90, 90, 150, 150, 150, 30, 30, 30]
    for second, shade in enumerate(shades):
        proof.told(second)
        moment, should = NIGHT + timedelta(seconds=second), Expected(lit=True, pictures=((bytes([shade]) * LENGTH,),))
        proof.saw(bytes([shade if second < 2 else seen]) * LENGTH, moment, should, second)
    assert proof.judge(len(shades)).word is word


def test_a_picture_that_goes_dark_lies_between_itself_and_black() -> None:
    """At the last fade of the day any light between is right."""
    gallery = Gallery(1, {})
    going = expected(PanelFrame(shows=sha("a"), alpha=0.4), gallery.known)
    print_ = (gallery.known(sha("a")) or (BLACK,))[0]
    assert going == Expected(lit=True, pictures=((print_, BLACK),))
