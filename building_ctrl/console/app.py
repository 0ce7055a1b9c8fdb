"""The console's web application: API, live push and pages, with nothing of ROS in it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI, WebSocket
from fastapi.exceptions import RequestValidationError
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse

from building_ctrl import __version__
from building_ctrl.console.api import alarms, building, doors, health, lifts, live, robots, tasks
from building_ctrl.console.context import Context
from building_ctrl.console.guard import LOOPBACK_HOSTS, Guard
from building_ctrl.console.pages import DIST, add_pages
from building_ctrl.console.push import LiveHub

PREFIX = "/api/v1"
NOUNS = (building, robots, lifts, doors, tasks, alarms, health, live)


def create_app(context: Context, hosts: Collection[str] = LOOPBACK_HOSTS, dist: Path = DIST) -> FastAPI:
    """The application; `hosts` are the names browsers may reach it by."""
    hub = LiveHub(context)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with hub.running():
            yield

    app = FastAPI(
        title="building_ctrl",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.context = context
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Guard, hosts=hosts)
    app.add_exception_handler(RequestValidationError, _invalid)
    for noun in NOUNS:
        app.include_router(noun.router, prefix=PREFIX)

    @app.websocket(f"{PREFIX}/live")
    async def live_socket(socket: WebSocket) -> None:
        await hub.serve(socket)

    add_pages(app, dist)
    return app


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    """A request that does not fit its model, answered in one line."""
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    texts = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in found]
    return JSONResponse({"detail": "; ".join(texts) or "invalid request"}, 422)
