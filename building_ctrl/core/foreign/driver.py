"""One robot of another fleet: from its released path and its reports to the path requests it is driven by.

What such a robot does with a path request (Open-RMF's slotcar, and fleets made after it): a request with a new id
replaces the path at once; the robot drives straight from where it is to the second point, the first only says from
where (one more than about a metre away is an error, and the robot stops); it stops at every point and at the last for
good; a request with the id it already has is passed over; times of the points in the future are waited for, so they
are the time of sending.

A request is therefore only sent when the straight to its second point lies within what is released, wherever between
the newest report and now the robot may be: on a straight at once, before a bend only when the robot has come to it.
Until then it goes on by the request it has, whose end it never passes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from building_ctrl.core.foreign.track import BACK_M, Point, Track
from building_ctrl.core.motion.gates import Gate, LiftWatch, Passage, gate_before
from building_ctrl.model.fleet import FleetMode, FleetRobot, PathOrder, PathPoint
from building_ctrl.model.path import ReleasedPath, Waypoint
from building_ctrl.model.robot import Connection, MotionState, RobotState, WorkState

WORK = {
    FleetMode.EMERGENCY: WorkState.E_STOPPED,
    FleetMode.CHARGING: WorkState.CHARGING,
    FleetMode.DOCKING: WorkState.PERFORMING,
    FleetMode.CLEANING: WorkState.PERFORMING,
    FleetMode.PERFORMING_ACTION: WorkState.PERFORMING,
}
STANDING_MPS = 0.05
AT_M = 0.02


@dataclass(frozen=True, slots=True)
class DriverParameters:
    """Limits of robots of other fleets.

    top_mps: no robot is faster; latency_s: age of a report on arrival, and the way of a request, together; reached_m:
    how near a waypoint a robot's centre has to come; off_path_m: how far beside its path it is not on it any more;
    repeat_s: a request not heard of in the reports is sent again; lost_s: age of a report from which the robot counts
    as lost; error_s: how long errors may last before they are told; settled_s: a robot that stood this long drives by
    nobody's request.
    """

    top_mps: float = 1.2
    latency_s: float = 0.7
    reached_m: float = 0.10
    off_path_m: float = 0.30
    straight_m: float = 0.05
    repeat_s: float = 2.0
    lost_s: float = 5.0
    error_s: float = 10.0
    settled_s: float = 4.0


class Driver:
    """Drives one robot. Times are seconds of the caller's clock."""

    def __init__(self, name: str, fleet: str, graph_mask: int, run_id: str, parameters: DriverParameters) -> None:
        self.name = name
        self.fleet = fleet
        self._graph_mask = graph_mask
        self._run_id = run_id
        self._parameters = parameters
        self._report: FleetRobot | None = None
        self._heard_s = float("-inf")
        self._speed_mps = parameters.top_mps
        self._stands_s = float("inf")
        self._error_s = float("inf")
        self._epoch = -1
        self._level = ""
        self._track: Track | None = None
        self._gates: list[Gate] = []
        self._before = ("", "")
        self._along_m = 0.0
        self._reached = 0
        self._hold = False
        self._order: PathOrder | None = None
        self._order_end = 0
        self._ever_end = 0
        self._sent_s = float("-inf")
        self._count = 0

    # -- events -------------------------------------------------------------------------------------------------

    def report(self, report: FleetRobot, now: float) -> None:
        """Hear where the robot is."""
        before = self._report
        if before is not None and before.stamp_s == report.stamp_s and before.mode is report.mode:
            return
        if before is not None and now > self._heard_s:
            moved = math.dist((before.x_m, before.y_m), (report.x_m, report.y_m))
            self._speed_mps = moved / (now - self._heard_s)
            stands = self._speed_mps <= STANDING_MPS
            self._stands_s = min(self._stands_s, now) if stands else float("inf")
        if report.mode is not FleetMode.ADAPTER_ERROR:
            self._error_s = float("inf")
        elif self._error_s == float("inf"):
            self._error_s = now
        passed_s = now - self._heard_s if before is not None else 0.0
        self._report, self._heard_s = report, now
        self._advance((report.x_m, report.y_m), passed_s)

    def release(self, path: ReleasedPath) -> str:
        """Take a released path. Returns why it cannot be taken, or an empty string."""
        if self._report is None or path.epoch < self._epoch:
            return "" if self._report is None else f"its epoch {path.epoch} is older than {self._epoch}"
        if path.epoch > self._epoch:
            self._start_epoch(path)
        track = self._track
        if track is None:
            return ""
        if path.first_seq > track.end_seq:
            return f"waypoints {track.end_seq}..{path.first_seq - 1} before it are missing"
        self._level, self._hold = path.level, path.hold
        for gate in self._gates:
            offset = gate.number - path.first_seq
            if 0 <= offset < len(path.waypoints) and path.waypoints[offset].ride_id:
                gate.ride_id = path.waypoints[offset].ride_id
        for waypoint in path.waypoints[track.end_seq - path.first_seq :]:
            self._append(track, path.level, waypoint)
        return ""

    # -- decisions ----------------------------------------------------------------------------------------------

    def order(self, watch: LiftWatch, now: float) -> PathOrder | None:
        """What to send to the robot now, if anything."""
        track, report = self._track, self._report
        if track is None or report is None or now - self._heard_s > self._parameters.lost_s:
            return None
        if self._hold:
            return self._halt(report, now)
        end = self._open_end(track, watch, now)
        lost = self._order is not None and report.order_id != self._order.order_id
        lost = lost and self._reached < self._order_end
        if lost and end <= self._order_end and now - self._sent_s > self._parameters.repeat_s:
            self._sent_s = now
            return self._order
        if self._order is not None and len(self._order.points) == 1 and self._speed_mps > STANDING_MPS:
            return None
        failed = report.mode is FleetMode.ADAPTER_ERROR and now - self._sent_s > self._parameters.repeat_s
        if end <= self._reached or (end <= self._order_end and not failed):
            return None
        return self._next(track, report, end, now)

    def state(self, now: float) -> RobotState | None:
        """The robot as the platform knows robots; None before it was heard of."""
        report = self._report
        if report is None:
            return None
        age_s = now - self._heard_s
        lost = age_s > self._parameters.lost_s
        failed = now - self._error_s > self._parameters.error_s
        moving = self._speed_mps > STANDING_MPS
        released = self._track.end_seq if self._track is not None else 0 if self._is_settled(now) else 1
        waiting = MotionState.WAITING if self._reached < released else MotionState.STOPPED
        return RobotState(
            name=self.name,
            fleet=self.fleet,
            level=report.level,
            x_m=report.x_m,
            y_m=report.y_m,
            yaw_rad=report.yaw_rad,
            speed_mps=min(self._speed_mps, self._parameters.top_mps),
            battery_percent=report.battery_percent,
            age_s=age_s,
            work=WorkState.ERROR if failed else WORK.get(report.mode, WorkState.STANDBY),
            motion=MotionState.MOVING if moving else waiting,
            connection=Connection.LOST if lost else Connection.NORMAL,
            graph_mask=self._graph_mask,
            path_epoch=max(self._epoch, 0),
            reached_seq=self._reached,
            released_seq=released,
        )

    # -- parts --------------------------------------------------------------------------------------------------

    def _start_epoch(self, path: ReleasedPath) -> None:
        """Begin a path afresh from where the robot stands; while it drives by an older one, wait for it to stand."""
        report = self._report
        if report is None or not self._is_settled(self._heard_s):
            return
        at = (report.x_m, report.y_m)
        self._epoch = path.epoch
        self._track, self._along_m = Track(at, path.first_seq), 0.0
        self._reached, self._order_end, self._order = path.first_seq, path.first_seq, None
        self._ever_end = path.first_seq
        self._gates, self._before = [], ("", "")
        for waypoint in path.waypoints:
            self._append(self._track, path.level, waypoint)
        first = min(len(path.waypoints), 1) and self._track.at_m(path.first_seq)
        along_m, gap_m = self._track.locate(at, first, self._track.length_m)
        if path.waypoints and gap_m <= self._parameters.off_path_m:
            self._along_m = along_m
        self._count_reached()

    def _append(self, track: Track, level: str, waypoint: Waypoint) -> None:
        moves = math.dist(track.points[-1], (waypoint.x_m, waypoint.y_m)) > 0.1
        gate = gate_before(track.end_seq, level, self._before, waypoint.lift, waypoint.ride_id, moves)
        self._before = (waypoint.lift, level)
        if gate is not None:
            self._gates.append(gate)
        track.append(waypoint)

    def _advance(self, at: Point, passed_s: float) -> None:
        """Find the robot on its track: no further than it can have driven, and not beyond what it was sent."""
        track = self._track
        if track is None:
            return
        far_m = self._along_m + self._parameters.top_mps * (passed_s + self._parameters.latency_s)
        sent_m = track.at_m(max(self._ever_end, self._reached) - 1)
        low_m = max(0.0, self._along_m - BACK_M)
        along_m, gap_m = track.locate(at, low_m, max(low_m, min(far_m, sent_m)))
        if gap_m <= self._parameters.off_path_m:
            self._along_m = max(self._along_m, along_m)
        self._count_reached()

    def _count_reached(self) -> None:
        track = self._track
        while track is not None and self._reached < track.end_seq:
            if track.at_m(self._reached) > self._along_m + self._parameters.reached_m:
                return
            self._reached += 1

    def _open_end(self, track: Track, watch: LiftWatch, now: float) -> int:
        """Number after the last waypoint before the first cabin door that is shut for the robot."""
        self._gates = [gate for gate in self._gates if gate.number >= self._reached]
        for gate in self._gates:
            if gate.number < self._order_end:
                continue
            if gate.passage is not Passage.RIDE and not watch.open(gate, now):
                return gate.number
        return track.end_seq

    def _next(self, track: Track, report: FleetRobot, end: int, now: float) -> PathOrder | None:
        """The request up to waypoint `end`, once it is safe to send it."""
        at_m, ahead_m = self._along_m, self._may_be_at_m(track, now)
        first = max(self._reached - 1, track.first_seq)
        while first < self._reached and track.at_m(first) < at_m - AT_M:
            first += 1
        while first + 1 < end and track.at_m(first) < ahead_m - 1e-6:
            first += 1
        if not track.is_straight(at_m, track.at_m(first), self._parameters.straight_m):
            return None
        if track.at_m(first) < ahead_m - 1e-6:
            return None
        beside = math.dist((report.x_m, report.y_m), track.point_at(at_m)) > self._parameters.off_path_m
        if beside:
            return None
        here_x, here_y = (report.x_m, report.y_m) if self._rests() else track.point_at(0.5 * (at_m + ahead_m))
        start = PathPoint(here_x, here_y, report.yaw_rad, max(first - 1, 0))
        points = tuple(self._point(track, seq) for seq in range(first, end))
        return self._send(PathOrder(self.fleet, self.name, self._level, self._new_id(), (start, *points)), end, now)

    def _may_be_at_m(self, track: Track, now: float) -> float:
        """The furthest along its track the robot may be by when it hears a request sent now."""
        sent_m = track.at_m(max(self._ever_end, self._reached) - 1)
        if self._rests() or self._along_m >= sent_m:
            return self._along_m
        top_m = self._along_m + self._parameters.top_mps * (now - self._heard_s + self._parameters.latency_s)
        return min(top_m, sent_m)

    def _rests(self) -> bool:
        """Whether the robot stands with nothing left to drive of what it was sent, or for an error."""
        failed = self._report is not None and self._report.mode is FleetMode.ADAPTER_ERROR
        return self._speed_mps <= STANDING_MPS and (failed or self._reached >= self._order_end)

    def _is_settled(self, now: float) -> bool:
        """Whether the robot surely drives by nobody's request: it stands and says so, or has stood for long."""
        if self._report is None or self._speed_mps > STANDING_MPS:
            return False
        return self._report.left == 0 or now - self._stands_s >= self._parameters.settled_s

    def _halt(self, report: FleetRobot, now: float) -> PathOrder | None:
        """A request of one point stops a robot where it is."""
        if self._order is not None and len(self._order.points) == 1:
            repeat = report.order_id != self._order.order_id and now - self._sent_s > self._parameters.repeat_s
            self._sent_s = now if repeat else self._sent_s
            return self._order if repeat else None
        here = PathPoint(report.x_m, report.y_m, report.yaw_rad, self._reached)
        return self._send(PathOrder(self.fleet, self.name, self._level, self._new_id(), (here,)), self._reached, now)

    def _send(self, order: PathOrder, end: int, now: float) -> PathOrder:
        self._order, self._order_end, self._sent_s = order, end, now
        self._ever_end = max(self._ever_end, end)
        return order

    def _new_id(self) -> str:
        self._count += 1
        return f"{self.name}/{self._run_id}.{self._count}"

    def _point(self, track: Track, seq: int) -> PathPoint:
        waypoint = track.waypoint(seq)
        return PathPoint(waypoint.x_m, waypoint.y_m, track.yaw_rad(seq), seq, waypoint.speed_limit_mps)


