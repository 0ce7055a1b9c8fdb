"""Which version of the protocol two ends speak with each other."""

from __future__ import annotations

from building_ctrl.link.protocol.messages import VERSION

OLDEST_VERSION = 1


def agreed_version(newest: int, oldest: int) -> int | None:
    """The greatest version both ends speak, the other end speaking all from `oldest` to `newest`; None where there
    is none."""
    version = min(newest, VERSION)
    return version if version >= max(oldest, OLDEST_VERSION) else None
