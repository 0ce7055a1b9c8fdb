"""Refuses what other web sites make a browser send here: foreign origins and foreign host names."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        b"font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Guard:
    """ASGI middleware. A request must name this host (no DNS rebinding). One that changes something, or opens
    a WebSocket, must come from a page of this host, or from a program that names no origin (no CSRF)."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """`hosts` are names without port that browsers may reach the console by; `*` allows any."""
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        reason = self._reason(headers, scope)
        if not reason:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            await _refuse(send, reason)

    def _reason(self, headers: Headers, scope: Scope) -> str:
        host = headers.get("host", "")
        if "*" not in self._hosts and _name(host) not in self._hosts:
            return f"this console is not known as {_name(host)!r}; start it with --allow-host {_name(host)}"
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return ""
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return f"requests from pages of {origin!r} are not served"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "requests from pages of other sites are not served"
        return ""


def _name(host: str) -> str:
    """The host name of a Host header, without port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()


async def _refuse(send: Send, reason: str) -> None:
    body = json.dumps({"detail": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _with_headers(send: Send) -> Send:
    async def wrapped(message: dict) -> None:  # type: ignore[type-arg]
        if message["type"] == "http.response.start":
            old: Iterable[tuple[bytes, bytes]] = message.get("headers", ())
            message = {**message, "headers": [*old, *HEADERS]}
        await send(message)

    return wrapped  # type: ignore[return-value]
