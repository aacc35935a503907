"""What the player fetches, believes and keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from media.assets import AssetStore
from media.player.controller import Controller, ControllerGone, WrongAddress
from media.player.courier import Courier, Kept
from media.player.timing import offset
from media.player.troubles import CONTENT_MISSING, DISK, PROGRAMME_REFUSED, Troubles
from media.programme import Programme
from media.wire import to_json
from tests.media import builders
from tests.media.player.controllers import PretendController, pretend_controller
from tests.media.player.watch import PutClock, RealClock

PIXELS = (54, 96)


def of_pictures(controller: PretendController, names: str = "ab") -> Programme:
    """A programme of contents the controller serves; they need not be pictures here."""
    pictures = {builders.sha(name): {"54x96": controller.add(name.encode())} for name in names}
    lists = {"day": builders.playlist(names)}
    return builders.programme(builders.row(2, PIXELS), [(0, "day")], lists, pictures=pictures)


@contextmanager
def courier(
    url: str,
    folder: Path,
    found: list[Programme],
    *,
    token: str = "secret",
    clock: PutClock | None = None,
    troubles: Troubles | None = None,
) -> Iterator[Courier]:
    """A courier that tells a list what it found."""
    with closing(Controller(url, token)) as line:
        yield Courier(
            line,
            "lobby-player",
            store=AssetStore(folder / "content"),
            kept=Kept(folder, "lobby-player"),
            clock=clock or PutClock(builders.at(9)),
            found=found.append,
            fetched=lambda _: None,
            troubles=troubles or Troubles(),
        )


def test_programme_comes_with_its_pictures_and_is_kept(tmp_path: Path) -> None:
    """One round brings both; the next one asks with the version and fetches nothing."""
    found: list[Programme] = []
    with pretend_controller() as controller, courier(controller.url, tmp_path, found) as fetching:
        controller.programme = of_pictures(controller)
        fetching.ask()
        asked = len(controller.asked)
        fetching.ask()
        assert controller.asked[asked:] == ["GET /api/v1/programmes/lobby-player"]
    assert found == [Kept(tmp_path, "lobby-player").read()] == [controller.programme]
    assert set(AssetStore(tmp_path / "content").kept()) == set(controller.content)


def test_content_that_is_not_its_hash_is_not_kept(tmp_path: Path) -> None:
    """Bytes that were changed on the way are thrown away, told, and asked for again after some seconds."""
    clock, troubles = PutClock(builders.at(9)), Troubles()
    with (
        pretend_controller() as controller,
        courier(controller.url, tmp_path, [], clock=clock, troubles=troubles) as fetching,
    ):
        controller.programme = of_pictures(controller, "a")
        (sha,) = controller.content
        controller.content[sha] = b"changed"
        fetching.ask()
        assert not AssetStore(tmp_path / "content").has(sha)
        assert troubles.codes() == (CONTENT_MISSING,)
        controller.content[sha] = b"a"
        clock.seconds += 6
        fetching.ask()
        assert AssetStore(tmp_path / "content").has(sha)
        assert troubles.codes() == ()


def test_malformed_programme_leaves_the_last_good_one(tmp_path: Path) -> None:
    """What the player cannot believe it does not keep, and says so."""
    found: list[Programme] = []
    troubles = Troubles()
    with pretend_controller() as controller, courier(controller.url, tmp_path, found, troubles=troubles) as fetching:
        good = controller.programme = of_pictures(controller)
        fetching.ask()
        document = json.loads(to_json(good)) | {"player": "other-player"}
        controller.raw = json.dumps(document).encode()
        fetching.ask()
        assert troubles.codes() == (PROGRAMME_REFUSED,)
    assert (len(found), Kept(tmp_path, "lobby-player").read()) == (1, good)


def test_missing_content_is_told_and_costs_only_its_turn(tmp_path: Path) -> None:
    """A programme that names what the controller lacks is taken all the same, and what is missing is named."""
    found: list[Programme] = []
    troubles = Troubles()
    with pretend_controller() as controller, courier(controller.url, tmp_path, found, troubles=troubles) as fetching:
        controller.programme = of_pictures(controller, "ab")
        gone = builders.sha("b")
        del controller.content[gone]
        assert fetching.ask()
    assert found == [controller.programme]
    assert (troubles.codes(), troubles.subjects()) == ((CONTENT_MISSING,), (gone,))


def test_full_disk_is_told_and_the_programme_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A programme that cannot be kept is played as long as the player runs."""
    found: list[Programme] = []
    troubles = Troubles()

    def full(_kept: Kept, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Kept, "write", full)
    with pretend_controller() as controller, courier(controller.url, tmp_path, found, troubles=troubles) as fetching:
        controller.programme = of_pictures(controller)
        fetching.ask()
    assert found == [controller.programme]
    assert troubles.codes() == (DISK,)


def test_old_contents_stay_until_the_new_ones_are_there(tmp_path: Path) -> None:
    """While the controller falls silent in the middle of a new programme nothing of the old one is lost."""
    clock = PutClock(builders.at(9))
    with pretend_controller() as controller, courier(controller.url, tmp_path, [], clock=clock) as fetching:
        controller.programme = of_pictures(controller, "ab")
        fetching.ask()
        controller.programme = of_pictures(controller, "cd")
        controller.breaks_at = f"/api/v1/content/{builders.sha('d')}"
        with pytest.raises(ControllerGone):
            fetching.ask()
        assert {builders.sha("a"), builders.sha("b")} <= set(AssetStore(tmp_path / "content").kept())
        controller.breaks_at = ""
        clock.seconds += 6
        fetching.ask()
    assert set(AssetStore(tmp_path / "content").kept()) == {builders.sha("c"), builders.sha("d")}


def test_kept_programme_of_another_player_is_not_played(tmp_path: Path) -> None:
    """A disk that was copied from another machine shows nothing of that machine's."""
    with pretend_controller() as controller, courier(controller.url, tmp_path, []) as fetching:
        controller.programme = of_pictures(controller)
        fetching.ask()
    assert Kept(tmp_path, "led-player").read() is None


def test_pictures_no_programme_names_are_dropped(tmp_path: Path) -> None:
    """The player's disk holds what it may show and nothing else."""
    with pretend_controller() as controller, courier(controller.url, tmp_path, []) as fetching:
        controller.programme = of_pictures(controller, "ab")
        fetching.ask()
        controller.content.clear()
        controller.programme = of_pictures(controller, "b")
        fetching.ask()
    assert list(AssetStore(tmp_path / "content").kept()) == [builders.sha("b")]


def test_programme_that_is_still_being_made_is_no_loss(tmp_path: Path) -> None:
    """The controller answers, there is nothing to play yet, and the next round brings it."""
    found: list[Programme] = []
    with pretend_controller() as controller, courier(controller.url, tmp_path, found) as fetching:
        assert fetching.ask()
        controller.programme = of_pictures(controller)
        fetching.ask()
    assert found == [controller.programme]


def test_wrong_token_is_as_good_as_no_controller(tmp_path: Path) -> None:
    """The player goes on alone and asks again."""
    with pretend_controller() as controller, courier(controller.url, tmp_path, [], token="wrong") as fetching:
        with pytest.raises(ControllerGone, match="401"):
            fetching.ask()


def test_nobody_there_is_told_as_one_error(tmp_path: Path) -> None:
    """A refused connection reaches the player as ControllerGone."""
    with pretend_controller() as controller:
        url = controller.url
    with courier(url, tmp_path, []) as fetching, pytest.raises(ControllerGone):
        fetching.ask()


def test_answer_without_end_is_cut_off() -> None:
    """An answer longer than agreed is no answer."""
    with pretend_controller() as controller:
        sha = controller.add(bytes(5000))
        with pytest.raises(ControllerGone, match=r"4097 bytes"):
            Controller(controller.url, "secret").ask("GET", f"/api/v1/content/{sha}", most_bytes=4096)


def test_offset_of_clocks_on_one_machine_is_nothing() -> None:
    """Measured against itself a clock is right within some milliseconds."""
    with pretend_controller() as controller, closing(Controller(controller.url, "secret")) as line:
        assert abs(offset(line, RealClock()).ms) < 50


@pytest.mark.parametrize("url", ["ftp://x", "lobby:8080", "", "http://"])
def test_address_that_can_never_work_is_refused(url: str) -> None:
    """A mistake of the command line is said at once, not retried for ever."""
    with pytest.raises(WrongAddress):
        Controller(url, "secret")


def test_kept_rubbish_is_as_good_as_nothing(tmp_path: Path) -> None:
    """A torn file on the player's disk does not stop it from starting."""
    (tmp_path / "programme.json").write_bytes(b"{")
    assert Kept(tmp_path, "lobby-player").read() is None
