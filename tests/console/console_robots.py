"""Helpers tests import by name."""

from __future__ import annotations

from building_ctrl.console.robot_table import COLUMNS, RobotTable, from_columns


def robots_table(*names: str) -> RobotTable:
    """Robots at rest on L1."""
    n = len(names)
    return from_columns("g", names, ("f",) * n, ("L1",), **{column: [0] * n for column in COLUMNS})
