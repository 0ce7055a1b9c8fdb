"""The steady exchange of the robot link for all robots at once, compiled: the rules of `RobotSession` and
`GatewaySession` for telemetry and commands, and nothing of what else they do.

A row is a robot. Times on a robot's clock are the gateway's plus `clock_s`. Frames under way lie in rings.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from building_ctrl.sim.compiled import compiled

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

ARMED = 1  # Flag.ARMED: an enum's member is not for compiled code
RING = 16  # frames under way to one robot, or from it

ROW = np.dtype(
    [
        ("driven", np.bool_),  # the exchange is driven here, not by the sessions
        ("tripped", np.bool_),  # the watchdog ran out
        ("full", np.bool_),  # more frames under way than the rings hold
        ("fresh", np.bool_),
        ("changed", np.bool_),  # flags, work or level of the newest telemetry differ from those before
        ("clock_s", np.float64),
        # the robot
        ("epoch", np.int64),
        ("watchdog_s", np.float64),
        ("telemetry_seq", np.int64),
        ("dropped", np.int64),
        ("heard_at", np.float64),
        ("v", np.float64),
        ("w", np.float64),
        ("set_at", np.float64),
        ("c_seq", np.int64),  # the command in force
        ("c_issued_at", np.float64),
        ("c_stamp", np.float64),
        ("c_v", np.float64),
        ("c_w", np.float64),
        ("c_cap", np.float64),
        # the gateway
        ("ttl_s", np.float64),
        ("g_epoch", np.int64),
        ("command_seq", np.int64),
        ("offset_s", np.float64),  # of the robot's clock, as the gateway believes
        ("telemetry_at", np.float64),
        ("count", np.int64),
        ("lost", np.int64),
        ("n_seq", np.int64),  # the newest telemetry
        ("n_stamp", np.float64),
        ("n_x", np.float64),
        ("n_y", np.float64),
        ("n_yaw", np.float64),
        ("n_v", np.float64),
        ("n_w", np.float64),
        ("n_battery", np.float64),
        ("n_flags", np.int64),
        ("n_work", np.int64),
        ("n_epoch", np.int64),
        ("n_command", np.int64),
        ("n_dropped", np.int64),
        ("n_level", np.int64),
        # rings: number of the oldest frame, and of the next one
        ("up_first", np.int64),
        ("up_next", np.int64),
        ("down_first", np.int64),
        ("down_next", np.int64),
    ],
    align=True,
)

# One frame of telemetry, and one command, as rows of the rings.
UP = 15  # due, seq, stamp, x, y, yaw, v, w, battery, flags, work, epoch, command, dropped, level
DOWN = 8  # due, epoch, seq, issued_at, stamp, v, w, cap


@compiled
def obey(rows: Any, down: Float, now: float, latency_s: Float) -> int:
    """Let commands due by now arrive at the robots; latency_s (n * RING,) gets the age of the telemetry each
    obeyed one was made from. Returns how many."""
    found = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        if not row.driven:
            continue
        while row.down_first < row.down_next:
            frame = down[i, row.down_first % RING]
            if frame[0] > now:
                break
            row.down_first += 1
            local = frame[0] + row.clock_s
            row.heard_at = local
            age = local - frame[4]
            good = int(frame[1]) == row.epoch and int(frame[2]) > row.c_seq
            if not good or age < 0.0 or age >= min(row.ttl_s, row.watchdog_s):
                row.dropped += 1
                continue
            if frame[4] != row.c_stamp:
                latency_s[found] = age
                found += 1
            row.c_seq = int(frame[2])
            row.c_issued_at = frame[3]
            row.c_stamp = frame[4]
            row.c_v = frame[5]
            row.c_w = frame[6]
            row.c_cap = frame[7]
    return found


@compiled
def set_points(rows: Any, now: float, v_mps: Float, w_radps: Float) -> int:
    """Set points of the moment into v_mps, w_radps (n,); returns how many watchdogs ran out (`tripped`)."""
    tripped = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        if not row.driven:
            continue
        local = now + row.clock_s
        if local - row.c_stamp < row.watchdog_s:
            row.v = max(-row.c_cap, min(row.c_cap, row.c_v))
            row.w = row.c_w
            row.set_at = local
            v_mps[i] = row.v
            w_radps[i] = row.w
        else:
            row.tripped = True
            tripped += 1
    return tripped


@compiled
def report(rows: Any, up: Float, last_due_s: Float, measured: Float, state: Any, now: float, delay_s: Float) -> int:
    """Send everybody's telemetry: measured (n, 6) x, y, yaw, v, w, battery; state (n, 3) flags, work, level.
    Frames come no earlier than last_due_s (n,), which is moved on. Returns how many have too many frames under way
    (`full`)."""
    full = 0
    for i in range(rows.shape[0]):
        row = rows[i]
        if not row.driven:
            continue
        if row.up_next - row.up_first >= RING:
            row.full = True
            full += 1
            continue
        last_due_s[i] = max(now + delay_s[i], last_due_s[i])
        row.telemetry_seq += 1
        frame = up[i, row.up_next % RING]
        frame[0] = last_due_s[i]
        frame[1] = row.telemetry_seq
        frame[2] = now + row.clock_s
        frame[3:9] = measured[i]
        frame[9] = state[i, 0] | ARMED
        frame[10] = state[i, 1]
        frame[11] = row.epoch
        frame[12] = row.c_seq
        frame[13] = row.dropped
        frame[14] = state[i, 2]
        row.up_next += 1
    return full


@compiled
def listen(rows: Any, up: Float, now: float) -> None:
    """Let telemetry due by now arrive at the gateway; sets `fresh` and `changed`."""
    for i in range(rows.shape[0]):
        row = rows[i]
        row.fresh = False
        row.changed = False
        if not row.driven:
            continue
        while row.up_first < row.up_next:
            frame = up[i, row.up_first % RING]
            if frame[0] > now:
                break
            row.up_first += 1
            if int(frame[1]) <= row.n_seq or frame[2] <= row.n_stamp:
                continue
            row.lost += int(frame[1]) - row.n_seq - 1
            row.count += 1
            row.telemetry_at = frame[0]
            row.fresh = True
            if int(frame[9]) != row.n_flags or int(frame[10]) != row.n_work or int(frame[14]) != row.n_level:
                row.changed = True
            take_frame(row, frame)


@compiled
def take_frame(row: Any, frame: Float) -> None:
    """The newest telemetry of a row from a frame."""
    row.n_seq = int(frame[1])
    row.n_stamp = frame[2]
    row.n_x, row.n_y, row.n_yaw = frame[3], frame[4], frame[5]
    row.n_v, row.n_w, row.n_battery = frame[6], frame[7], frame[8]
    row.n_flags = int(frame[9])
    row.n_work = int(frame[10])
    row.n_epoch = int(frame[11])
    row.n_command = int(frame[12])
    row.n_dropped = int(frame[13])
    row.n_level = int(frame[14])


@compiled
def command(
    rows: Any, down: Float, last_due_s: Float, due: Bool, v_mps: Float, w_radps: Float, cap_mps: Float, now: float,
    delay_s: Float,
) -> None:  # fmt: skip
    """Send commands v_mps, w_radps (n,) to the driven robots that are due (n,), in order as in `report`."""
    for i in range(rows.shape[0]):
        row = rows[i]
        if not row.driven or not due[i]:
            continue
        if row.n_epoch != row.g_epoch or row.n_flags & ARMED == 0:
            continue
        if row.down_next - row.down_first >= RING:
            row.full = True
            continue
        last_due_s[i] = max(now + delay_s[i], last_due_s[i])
        row.command_seq += 1
        frame = down[i, row.down_next % RING]
        frame[0] = last_due_s[i]
        frame[1] = row.g_epoch
        frame[2] = row.command_seq
        frame[3] = now
        frame[4] = row.n_stamp
        frame[5] = v_mps[i]
        frame[6] = w_radps[i]
        frame[7] = cap_mps[i]
        row.down_next += 1
