"""A robot's key file, as `building_ctrl robot enroll` writes it: lines public=, secret= and gateway=."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path


class RobotKeyError(ValueError):
    """A key file that is missing, readable by others, or no key file."""


@dataclass(frozen=True, slots=True)
class RobotKeys:
    """The robot's key pair and the gateway's public key, Z85 text of 40 characters each."""

    public: bytes
    secret: bytes
    gateway: bytes

    def __repr__(self) -> str:
        return f"RobotKeys(public={self.public!r})"


def read_robot_keys(path: Path | str) -> RobotKeys:
    """Read a robot's key file. Raises RobotKeyError."""
    try:
        with Path(path).open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            lines = file.read(4096).splitlines()
    except OSError as error:
        raise RobotKeyError(f"{path}: {error.strerror}; `building_ctrl robot enroll` makes it") from error
    if stat.S_IMODE(mode) & 0o077:
        raise RobotKeyError(f"{path}: others can read this secret key; run `chmod 600 {path}`")
    values = dict(line.split(b"=", 1) for line in lines if b"=" in line)
    for name in (b"public", b"secret", b"gateway"):
        if len(values.get(name, b"")) != 40:
            field = name.decode()
            raise RobotKeyError(f"{path}: no robot's key file: {field}= is missing or not 40 characters")
    return RobotKeys(values[b"public"], values[b"secret"], values[b"gateway"])
