"""Preview equals execution: what `lobby plan` prints is what the rehearsed journal says."""

from __future__ import annotations

from random import Random

import pytest

from lobby.ops.rehearsal.play import Rehearsal, rehearsed
from tests.lobby.ops.rehearsal.randomsites import random_site

PLANS = 120
DAYS = 2


def differing(seed: int) -> str:
    """What differs between plan and journal of a random site; empty when nothing does."""
    site, day = random_site(Random(seed))
    outcome = rehearsed(Rehearsal(site=site, first=day, days=DAYS, seed=seed))
    assert outcome.stretches > 0
    return "" if outcome.well else f"seed {seed}: {outcome.different} {outcome.unsettled}"


@pytest.mark.slow
def test_random_plans_happen_as_printed() -> None:
    """A hundred and twenty random sites here, a thousand in the campaign; half of them where the clocks change."""
    assert [told for seed in range(PLANS) if (told := differing(seed))] == []
