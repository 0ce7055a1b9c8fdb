"""numba.njit with the type of the function kept; machine code stays on disk between runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile to machine code."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
