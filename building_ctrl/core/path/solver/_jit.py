"""The one place that says how kernels are compiled and cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numba import njit

P = ParamSpec("P")
R = TypeVar("R")
Arrays = TypeVar("Arrays", bound=type)

# Without Numba's runtime kernels cannot allocate and arrays are not reference-counted, which costs six
# times the work of a PIBT step. Calls that are not inlined would copy all arrays' descriptors.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "_nrt": False}
_INNER_OPTIONS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}

# Numba's cache looks for changes only in the file of the cached function, not in what it calls. The digest
# of everything defined so far, in the order of import, makes the name under which a kernel is cached.
_digest = hashlib.blake2b(digest_size=8)


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function``, called from Python, and keep the machine code on disk for the next process."""
    _take_in(function)
    function.__qualname__ = f"{function.__name__}-{_digest.hexdigest()}"
    compiled: Callable[P, R] = njit(cache=True, **_OPTIONS)(function)
    return compiled


def inner(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` for use by other kernels only; it becomes part of their machine code."""
    _take_in(function)
    compiled: Callable[P, R] = njit(**_OPTIONS, **_INNER_OPTIONS)(function)
    return compiled


def kernel_arrays(fields: Arrays) -> Arrays:
    """Declare a NamedTuple of arrays that kernels take as an argument."""
    _digest.update(repr((fields.__name__, getattr(fields, "_fields", ()))).encode())
    return fields


def _take_in(function: Callable[P, R]) -> None:
    code = function.__code__
    settings = {name: function.__globals__.get(name) for name in code.co_names}
    numbers = {name: value for name, value in settings.items() if isinstance(value, int | float | np.generic)}
    content = (function.__name__, code.co_code, code.co_consts, code.co_names, code.co_varnames, numbers)
    _digest.update(repr(content).encode())
