"""A surface's template: exactly the canvas, clear where glass is, drawn in a child."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from media.geometry import canvas
from media.limited import IntakeRefused
from media.template import template
from tests.media.builders import row
from tests.running import run

pytestmark = pytest.mark.slow


def test_template_has_the_canvas_and_hides_only_the_gaps() -> None:
    """See-through over the panels, hatched between them, outlined at their edges."""
    panels = row(3, pixels=(108, 192))
    whole = canvas(panels)
    names = {panel.id: f"화면 {panel.id}" for panel in panels}
    picture = Image.open(io.BytesIO(run(template(panels, names, lower_edge_mm=700))))
    assert (picture.mode, picture.size) == ("RGBA", whole.size)
    assert picture.info["dpi"][0] == pytest.approx(whole.size[0] / 1840 * 25.4, rel=0.01)
    second = whole.panels["wall-2"]
    glass, gap, edge = (second.x + 80, 150), (second.x - 1, 100), (second.x, 100)
    alpha = [picture.crop((x, y, x + 1, y + 1)).tobytes()[3] for x, y in (glass, gap, edge)]
    assert (alpha[0], alpha[1] > 150, alpha[2]) == (0, True, 255)


def test_a_template_that_would_be_too_large_is_refused() -> None:
    """Before anything is drawn."""
    panels = row(2, pixels=(9000, 16000))
    with pytest.raises(IntakeRefused) as found:
        run(template(panels, {panel.id: panel.id for panel in panels}))
    assert found.value.code == "template-too-big"
