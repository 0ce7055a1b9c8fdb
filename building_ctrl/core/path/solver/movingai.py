"""Text formats of the MovingAI multi-agent benchmark (Stern et al., SoCS 2019), for tests and benchmarks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def parse_map(text: str) -> npt.NDArray[np.bool_]:
    """Free cells (rows, columns) bool of a .map file's text. Raises ValueError when it is none."""
    header, separator, body = text.partition("\nmap\n")
    if not separator or not header.startswith("type"):
        raise ValueError("not a MovingAI map: no header that ends with the line 'map'")
    rows = [line.strip() for line in body.splitlines() if line.strip()]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("not a MovingAI map: its rows differ in length")
    return np.array([[cell in ".GS" for cell in row] for row in rows], dtype=bool)


def parse_scenario(text: str) -> npt.NDArray[np.int32]:
    """Start and goal (agents, 4) int32 [start_row, start_column, goal_row, goal_column] of a .scen text."""
    rows = [line.split() for line in text.splitlines()[1:] if line.strip()]
    if any(len(row) < 8 for row in rows):
        raise ValueError("not a MovingAI scenario: a line has fewer than 8 columns")
    columns = [[int(row[k]) for k in (5, 4, 7, 6)] for row in rows]
    return np.array(columns, dtype=np.int32).reshape(-1, 4)
