"""Counts of measured times in classes of equal width: percentiles of any number of them in little memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Tally:
    """Times from 0 to `most_s` in classes of `width_s`; longer ones count in the last class."""

    def __init__(self, width_s: float = 1e-4, most_s: float = 1.0) -> None:
        self._width_s = width_s
        self._counts = np.zeros(round(most_s / width_s) + 1, dtype=np.int64)

    def add_all(self, times_s: NDArray[np.float64]) -> None:
        """Count some, (m,)."""
        at = np.clip(times_s / self._width_s, 0.0, self._counts.size - 1).astype(np.int64)
        np.add.at(self._counts, at, 1)

    @property
    def count(self) -> int:
        """How many were counted."""
        return int(self._counts.sum())

    def percentile_s(self, percent: float) -> float | None:
        """The middle of the class that holds a percentile; None while nothing was counted."""
        total = self._counts.sum()
        if not total:
            return None
        reached = np.searchsorted(np.cumsum(self._counts), 0.01 * percent * total)
        return float((min(int(reached), self._counts.size - 1) + 0.5) * self._width_s)
