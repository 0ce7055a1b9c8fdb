"""Robots that drive steadily, all at once: the flows of their sessions in arrays.

A robot's sessions hand their flow over when nothing else is to be said, and get it back, with the frames under
way, as soon as something is. What the sessions do in between stays with them: greetings, arming, pings, requests,
events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from building_ctrl.link.protocol.codec import encode
from building_ctrl.link.protocol.flow import GatewayFlow, RobotFlow
from building_ctrl.link.protocol.gateway import GatewaySession
from building_ctrl.link.protocol.messages import Command, Telemetry
from building_ctrl.link.protocol.robot import RobotSession
from building_ctrl.sim import flow_kernel as kernel
from building_ctrl.sim.bus import Delays
from building_ctrl.sim.flow_kernel import DOWN, RING, ROW, UP
from building_ctrl.sim.wire import Wire

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class SteadyFlows:
    """Owns the arrays. `clock_s` (n,): robots' clocks against the gateway's; `levels` names level indices;
    frames of robots that leave go on over `up` and `down`, in one order with those that robots send there."""

    def __init__(
        self,
        clock_s: Sequence[float],
        levels: Sequence[str],
        up: Wire,
        down: Wire,
        up_delays: Delays,
        down_delays: Delays,
    ) -> None:
        n = len(clock_s)
        self._levels = (*levels, "")  # index -1: not known
        self._level_index = {name: i for i, name in enumerate(levels)} | {"": -1}
        self._up_delays, self._down_delays = up_delays, down_delays
        self._up_wire, self._down_wire = up, down
        self._rows = np.zeros(n, dtype=ROW)
        self._rows["clock_s"] = clock_s
        self._up = np.zeros((n, RING, UP))
        self._down = np.zeros((n, RING, DOWN))
        self._latency_s = np.zeros(n * RING)
        self._ends: list[tuple[RobotSession, GatewaySession] | None] = [None] * n

    @property
    def driven(self) -> Bool:
        """(n,): whose flow is here."""
        return np.asarray(self._rows["driven"])

    def drives(self, robot: int) -> bool:
        """Whether a robot's flow is here."""
        return self._ends[robot] is not None

    def join(self, robot: int, ours: RobotSession, theirs: GatewaySession | None) -> bool:
        """Take over the flow of a robot that has no frames under way. False where its sessions are not ready."""
        if theirs is None or theirs.telemetry is None or theirs.telemetry.level not in self._level_index:
            return False
        mine, other = ours.flow(), theirs.flow()
        if mine is None or other is None:
            return False
        clock_s = self._rows["clock_s"][robot]
        self._rows[robot] = np.zeros((), dtype=ROW)
        row = self._rows[robot]
        row["clock_s"] = clock_s
        row["driven"] = True
        row["epoch"], row["watchdog_s"] = mine.epoch, ours.watchdog_s
        row["telemetry_seq"], row["dropped"], row["heard_at"] = mine.telemetry_seq, mine.dropped, mine.heard_at
        row["v"], row["w"], row["set_at"] = mine.v_mps, mine.w_radps, mine.set_at
        c = mine.command
        row["ttl_s"], row["c_seq"], row["c_issued_at"], row["c_stamp"] = c.ttl, c.seq, c.issued_at, c.stamp
        row["c_v"], row["c_w"], row["c_cap"] = c.v, c.w, c.cap
        row["g_epoch"], row["command_seq"] = other.epoch, other.command_seq
        row["offset_s"], row["telemetry_at"] = theirs.clock.offset_s, other.telemetry_at
        row["count"], row["lost"] = other.telemetry_count, other.telemetry_lost
        for name, value in zip((ROW.names or ())[_NEWEST], self._values(other.telemetry), strict=True):
            row[name] = value
        self._ends[robot] = (ours, theirs)
        return True

    def leave(self, robot: int) -> None:
        """Give a robot's flow and its frames under way back to its sessions."""
        ends = self._ends[robot]
        if ends is None:
            return
        self._ends[robot] = None
        row = self._rows[robot]
        row["driven"] = False
        force = Command(
            int(row["epoch"]), int(row["c_seq"]), float(row["c_issued_at"]), float(row["ttl_s"]),
            float(row["c_stamp"]), float(row["c_v"]), float(row["c_w"]), float(row["c_cap"]),
        )  # fmt: skip
        ends[0].resume(
            RobotFlow(
                int(row["telemetry_seq"]), int(row["epoch"]), force, float(row["v"]), float(row["w"]),
                float(row["set_at"]), int(row["dropped"]), float(row["heard_at"]),
            )
        )  # fmt: skip
        ends[1].resume(self._gateway_flow(robot))
        for number in range(int(row["up_first"]), int(row["up_next"])):
            frame = self._up[robot, number % RING].tolist()
            self._up_wire.carry(robot, encode(self._telemetry(frame[1:])), frame[0])
        for number in range(int(row["down_first"]), int(row["down_next"])):
            due, epoch, seq, issued_at, stamp, v, w, cap = self._down[robot, number % RING].tolist()
            ttl_s = float(row["ttl_s"])
            frame_out = Command(int(epoch), int(seq), issued_at, ttl_s, stamp, v, w, cap)
            self._down_wire.carry(robot, encode(frame_out), due)

    def measured_clock(self, robot: int) -> None:
        """The gateway's session has measured its robot's clock anew."""
        ends = self._ends[robot]
        if ends is not None:
            self._rows["offset_s"][robot] = ends[1].clock.offset_s

    def obey(self, now: float) -> Float:
        """Commands due by now arrive; returns the age of the telemetry each obeyed one was made from."""
        found = kernel.obey(self._rows, self._down, now, self._latency_s)
        return self._latency_s[:found]

    def set_points(self, now: float, v_mps: Float, w_radps: Float) -> list[int]:
        """Fill in set points; robots whose watchdog ran out are returned, and have left."""
        gone = kernel.set_points(self._rows, now, v_mps, w_radps)
        return self._let_go("tripped") if gone else []

    def report(self, measured: Float, state: Int, now: float) -> None:
        """Send telemetry: measured (n, 6) x_m, y_m, yaw_rad, v_mps, w_radps, battery_percent; state (n, 3) flags,
        work, level."""
        delays = self._up_delays.next_of(len(self._rows))
        if kernel.report(self._rows, self._up, self._up_wire.last_due_s, measured, state, now, delays):
            self._let_go("full")

    def listen(self, now: float) -> tuple[Int, Float]:
        """See BulkLink."""
        rows = self._rows
        kernel.listen(rows, self._up, now)
        index = np.flatnonzero(rows["fresh"])
        fresh = rows[index]
        measured_s = np.minimum(fresh["telemetry_at"], fresh["n_stamp"] - fresh["offset_s"])
        columns = [fresh[name] for name in ("n_x", "n_y", "n_yaw", "n_v", "n_w")]
        return index, np.stack([*columns, measured_s], axis=1)

    def changed(self) -> list[tuple[int, Telemetry]]:
        """See BulkLink."""
        return [(i, self._gateway_flow(i).telemetry) for i in np.flatnonzero(self._rows["changed"]).tolist()]

    def batteries(self) -> Iterable[tuple[int, float]]:
        """See BulkLink."""
        robots = np.flatnonzero(self._rows["driven"])
        return zip(robots.tolist(), self._rows["n_battery"][robots].tolist(), strict=True)

    def sync(self) -> None:
        """See BulkLink."""
        for robot, ends in enumerate(self._ends):
            if ends is not None:
                ends[1].resume(self._gateway_flow(robot))

    def command(self, v_mps: Float, w_radps: Float, cap_mps: Float, due: Bool, now: float) -> Bool:
        """See BulkLink."""
        rows = self._rows
        driven = rows["driven"].copy()
        delays = self._down_delays.next_of(len(rows))
        kernel.command(rows, self._down, self._down_wire.last_due_s, due, v_mps, w_radps, cap_mps, now, delays)
        if rows["full"].any():
            self._let_go("full")
        return np.asarray(driven)

    def _let_go(self, why: str) -> list[int]:
        robots = [int(i) for i in np.flatnonzero(self._rows[why] & self._rows["driven"])]
        for robot in robots:
            self.leave(robot)
        return robots

    def _values(self, t: Telemetry) -> tuple[float, ...]:
        return (
            t.seq, t.stamp, t.x, t.y, t.yaw, t.v, t.w, t.battery, t.flags, t.work, t.epoch, t.command, t.dropped,
            self._level_index[t.level],
        )  # fmt: skip

    def _telemetry(self, values: Sequence[float]) -> Telemetry:
        seq, stamp, x, y, yaw, v, w, battery, flags, work, epoch, command, dropped, level = values
        return Telemetry(
            int(seq), stamp, x, y, yaw, v, w, battery, int(flags), int(work), int(epoch), int(command),
            int(dropped), self._levels[int(level)],
        )  # fmt: skip

    def _gateway_flow(self, robot: int) -> GatewayFlow:
        values = self._rows[robot].item()
        return GatewayFlow(
            values[_AT["g_epoch"]], values[_AT["command_seq"]], self._telemetry(values[_NEWEST]),
            values[_AT["telemetry_at"]], values[_AT["count"]], values[_AT["lost"]],
        )  # fmt: skip


_AT = {name: at for at, name in enumerate(ROW.names or ())}
_NEWEST = slice(_AT["n_seq"], _AT["n_level"] + 1)
