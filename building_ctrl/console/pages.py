"""Serves the built front end, or a page that says how to build it."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

DIST = Path(__file__).parent / "web" / "dist"
HASHED = re.compile(r"-[\w-]{8,}\.\w+$")
NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>building_ctrl</title>
<body style="font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem">
<h1>The console's pages are not built</h1>
<p>Build them with <code>building_ctrl console build</code> and load this page again.
The building runs without them, and the API is at <a href="/api/v1/health">/api/v1/health</a>
(<a href="/api/v1/openapi.json">OpenAPI</a>).</p>
<p lang="ko">콘솔 화면이 아직 만들어지지 않았습니다. <code>building_ctrl console build</code> 명령으로 만든 뒤
이 페이지를 다시 여십시오. 건물은 화면 없이도 운영됩니다.</p>
"""


def add_pages(app: FastAPI, dist: Path = DIST) -> None:
    """Adds a route for all that is not the API: a built file, or the page that starts the application."""

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str, request: Request) -> Response:
        if path == "api" or path.startswith("api/"):
            return Response('{"detail":"no such route"}', 404, media_type="application/json")
        index = dist / "index.html"
        if not index.is_file():
            return HTMLResponse(NOT_BUILT, 503)
        file = (dist / path).resolve()
        if path and file.is_file() and file.is_relative_to(dist.resolve()):
            age = "public, max-age=31536000, immutable" if HASHED.search(path) else "no-cache"
            return FileResponse(file, headers={"cache-control": age})
        if "." in path.rsplit("/", 1)[-1]:
            return Response("not found", 404, media_type="text/plain")
        return FileResponse(index, headers={"cache-control": "no-cache"})
