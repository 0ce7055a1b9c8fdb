"""How commands end when something is wrong: one line on standard error."""

from __future__ import annotations

import sys
from typing import NoReturn


def fail(message: str, status: int = 1) -> NoReturn:
    """Print one line and end with a status."""
    line = " ".join(message.split())
    print(f"building_ctrl: {line}", file=sys.stderr)
    raise SystemExit(status)
