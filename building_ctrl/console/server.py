"""The web server: a thread with its own event loop, bound before it starts so that a taken port is told."""

from __future__ import annotations

import errno
import socket
import threading
from types import TracebackType

import uvicorn
from fastapi import FastAPI

START_S = 15.0
STOP_S = 5.0


class ServerError(Exception):
    """The server cannot serve; the message says where and what to do."""


class WebServer:
    """Serves an application on one address; use as a context manager."""

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        """Port 0 lets the system choose one."""
        self._app = app
        self._host, self._port = host, port
        self._socket: socket.socket | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        port = self._socket.getsockname()[1] if self._socket else self._port
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self._host, self._host)
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    def __enter__(self) -> WebServer:
        self._socket = _bind(self._host, self._port)
        config = uvicorn.Config(
            self._app,
            log_config=None,
            log_level="warning",
            access_log=False,
            ws_per_message_deflate=False,
            server_header=False,
        )
        config.timeout_graceful_shutdown = 2
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="web", daemon=True
        )
        self._thread.start()
        self._wait_until_started()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(STOP_S)
            if self._thread.is_alive():
                self._server.force_exit = True
                self._thread.join(STOP_S)
        if self._socket is not None:
            self._socket.close()

    def _wait_until_started(self) -> None:
        waited = threading.Event()
        for _ in range(int(START_S / 0.05)):
            if self._server is not None and self._server.started:
                return
            if self._thread is not None and not self._thread.is_alive():
                break
            waited.wait(0.05)
        self.__exit__(None, None, None)
        raise ServerError(f"the console's web server did not start on {self._host}:{self._port}")


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ServerError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(256)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise ServerError(
                f"port {port} of {host} is in use: stop what uses it, or choose another --port"
            ) from error
        raise ServerError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    bound.set_inheritable(False)
    return bound
