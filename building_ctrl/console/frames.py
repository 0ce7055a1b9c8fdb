"""The binary frame of robots' poses that browsers get ten times a second. Little-endian, version 1:

    offset  type        what
    0       u32         magic 0x31464342, the letters BCF1
    4       u32         n, number of robots
    8       f64         time the frame was made, seconds since the Unix epoch
    16      u32         table: the names and levels the rows belong to, sent before as a JSON message `table`
    20      f32         age of the newest robots' states in seconds, negative: never heard
    24      f32[n]      x, metres
            f32[n]      y, metres
            f32[n]      yaw, radians counter-clockwise from +x
            f32[n]      speed, metres per second
            f32[n]      battery, percent
            f32[n]      age of the robot's newest pose, seconds
            i16[n]      level, index into the table's levels, -1: not known
            u8[n]       work state
            u8[n]       motion state
            u8[n]       connection

A reader that finds another magic has to be loaded anew.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from building_ctrl.console.robot_table import RobotTable

MAGIC = 0x31464342
HEADER = struct.Struct("<IIdIf")
F32, I16 = np.dtype("<f4"), np.dtype("<i2")


def encode_frame(robots: RobotTable, table_id: int, now: float, age_s: float | None) -> bytes:
    """One frame. Ages of poses grow by the time since they were heard."""
    heard_s = age_s or 0.0
    columns = (robots.x_m, robots.y_m, robots.yaw_rad, robots.speed_mps, robots.battery_percent)
    return b"".join(
        (
            HEADER.pack(MAGIC, len(robots), now, table_id, -1.0 if age_s is None else age_s),
            *(column.astype(F32, copy=False).tobytes() for column in columns),
            (robots.age_s + np.float32(heard_s)).astype(F32, copy=False).tobytes(),
            robots.level.astype(I16, copy=False).tobytes(),
            robots.work.tobytes(),
            robots.motion.tobytes(),
            robots.connection.tobytes(),
        )
    )


def table_message(robots: RobotTable, table_id: int) -> dict[str, Any]:
    """What the rows of the frames with this table id are."""
    return {
        "type": "table",
        "table": table_id,
        "levels": list(robots.levels),
        "names": list(robots.names),
        "fleets": list(robots.fleets),
        "radius_m": [round(float(r), 3) for r in robots.radius_m],
    }
