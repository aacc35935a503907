"""A GIF's pictures are counted by its blocks, and half a GIF is none."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.gif import pictures_in
from tests.media.strangers import BLUE, RED, encoded, halves

MOVING = encoded(
    halves((40, 30)), "GIF", save_all=True, append_images=[halves((40, 30), BLUE, RED), halves((40, 30))], duration=40
)


def test_pictures_are_counted() -> None:
    """One and three; what lies behind the trailer does not matter."""
    assert pictures_in(io.BytesIO(encoded(halves((40, 30)), "GIF"))) == 1
    assert pictures_in(io.BytesIO(MOVING + b"behind")) == 3


@given(st.integers(0, len(MOVING) - 1))
def test_half_a_gif_is_none(length: int) -> None:
    """Wherever it is cut."""
    with pytest.raises(ValueError, match=r"no|early"):
        pictures_in(io.BytesIO(MOVING[:length]))


@given(st.binary(max_size=200))
def test_rubbish_ends(data: bytes) -> None:
    """A count or a refusal, never anything else."""
    with contextlib.suppress(ValueError):
        assert pictures_in(io.BytesIO(b"GIF89a" + data)) >= 0
