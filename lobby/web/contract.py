"""The HTTP API as OpenAPI 3.1, written from the routes; served nowhere, exported by the command line."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI

from lobby.web.app import ROUTERS
from lobby.web.roles import TABLE


def openapi() -> dict[str, Any]:
    """The document, with the roles of every route under `x-roles`."""
    app = FastAPI(title="Smart lobby", version=version("smart-lobby"), docs_url=None, redoc_url=None)
    for router in ROUTERS:
        app.include_router(router)
    document: dict[str, Any] = app.openapi()
    roles = {(row.path, row.method.lower()): sorted(row.roles) for row in TABLE}
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if (path, method) in roles:
                described["x-roles"] = [str(role) for role in roles[path, method]]
    return document
