"""Free ports, and one clear line where a port is taken."""

from __future__ import annotations

import errno
import socket

TRIED = 100


class PortInUse(OSError):
    """A port that was asked for is taken; the text says which and what to do."""


def is_free(host: str, port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> bool:
    """Whether a socket could be bound there now. Raises OSError for an address that is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def require_free(host: str, port: int, option: str) -> int:
    """The port, if it is free. Raises PortInUse naming the option that chooses another."""
    if not is_free(host, port):
        raise PortInUse(f"port {port} on {host} is in use: stop what uses it, or choose another with {option}")
    return port


def next_free(host: str, first: int) -> int:
    """The first free port from `first` on. Raises PortInUse when a hundred are taken."""
    for port in range(first, min(first + TRIED, 65536)):
        if is_free(host, port):
            return port
    raise PortInUse(f"ports {first} to {first + TRIED - 1} on {host} are all in use")
