"""CURVE key pairs in files only their owner can read."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import zmq
from zmq.utils import z85


class KeyFileError(ValueError):
    """A key file that is missing, readable by others, or no key file."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """Z85 text of both halves, 40 characters each. The secret is kept out of `repr`."""

    public: bytes
    secret: bytes

    def __repr__(self) -> str:
        return f"KeyPair(public={self.public!r})"


def new_keys() -> KeyPair:
    """A fresh key pair."""
    public, secret = zmq.curve_keypair()
    return KeyPair(public, secret)


def check_public_key(text: str, where: str) -> str:
    """The key itself. Raises KeyFileError where it is no Z85 key of 40 characters."""
    try:
        if len(text) == 40 and len(z85.decode(text.encode("ascii"))) == 32:
            return text
    except (ValueError, KeyError, UnicodeEncodeError):
        raise KeyFileError(f"{where}: not a public key (40 characters of Z85)") from None
    raise KeyFileError(f"{where}: not a public key (40 characters of Z85)")


def write_keys(path: Path, keys: KeyPair, gateway: bytes = b"") -> None:
    """Write public= and secret= (and gateway=, the gateway's public key, for a robot) with mode 0600.

    An existing file is replaced at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(b"public=" + keys.public + b"\nsecret=" + keys.secret + b"\n")
        if gateway:
            file.write(b"gateway=" + gateway + b"\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def read_keys(path: Path) -> KeyPair:
    """A key pair written by `write_keys`. Raises KeyFileError."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(4096).decode("ascii", "replace")
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}; `building_ctrl robot enroll` makes keys") from error
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(f"{path}: others can read this secret key; run `chmod 600 {path}`")
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if "public" not in values or "secret" not in values:
        raise KeyFileError(f"{path}: no key file: wants lines public=... and secret=...")
    public = check_public_key(values["public"], str(path))
    secret = check_public_key(values["secret"], str(path))
    derived = zmq.curve_public(secret.encode("ascii"))
    if derived != public.encode("ascii"):
        raise KeyFileError(f"{path}: public and secret key do not belong together")
    return KeyPair(public.encode("ascii"), secret.encode("ascii"))


def read_or_make_keys(path: Path) -> KeyPair:
    """The pair in `path`, made at first use. Raises KeyFileError."""
    if not path.exists():
        write_keys(path, new_keys())
    return read_keys(path)
