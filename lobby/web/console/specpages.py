"""The ways to the delivery specification; what it is made of is loaded when somebody asks for it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from lobby.web.console.entry import entered
from lobby.web.rendering import render_live, switched

router = APIRouter()


@router.get("/walls/{surface}/spec")
async def spec_page(request: Request, surface: str) -> Response:
    """The sheet, to be read or printed."""
    from lobby.web.console.specification import sheet_of

    if (led := switched(request)) is not None:
        return led
    house, scene = entered(request, "/walls")
    sheet = sheet_of(house.site, surface, scene.now, scene.language)
    return render_live(request, "spec.html", scene, sheet=sheet)


@router.get("/walls/{surface}/template.png")
async def spec_template(request: Request, surface: str) -> Response:
    """The template picture, to be kept."""
    from lobby.web.console.specification import picture

    house, scene = entered(request, "/walls")
    content = await picture(house.site, surface, scene.language)
    named = {"Content-Disposition": f'attachment; filename="{surface}-template.png"'}
    return Response(content, media_type="image/png", headers=named)
