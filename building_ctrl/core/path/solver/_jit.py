"""The one place that says how kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` in nopython mode and keep the machine code on disk for the next process."""
    compiled: Callable[P, R] = njit(cache=True, error_model="numpy", nogil=True, _nrt=False)(function)
    return compiled
