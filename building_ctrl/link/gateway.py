"""The gateway: all robots' sessions and the pilot that drives them, joined; without ROS and without
sockets."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.alarms import AlarmBook
from building_ctrl.core.localisation import FixResult
from building_ctrl.core.motion import (
    Commands,
    Hold,
    Pilot,
    PilotParameters,
    PilotStates,
    ReleaseResult,
    link_cap_mps,
)
from building_ctrl.link import alarms
from building_ctrl.link.bulk import BulkLink
from building_ctrl.link.desk import Desk, HandDrive
from building_ctrl.link.hub import LinkHub
from building_ctrl.link.limits import DEFAULT_LIMITS, LinkLimits
from building_ctrl.link.localisers import Localisers, RobotFix, by_odometry
from building_ctrl.link.protocol.gateway import DEFAULT_LINK, GatewaySession, LinkParameters
from building_ctrl.link.protocol.messages import RequestKind, Telemetry
from building_ctrl.link.quality import CommandLatency, LinkQuality, LinkRow, state_now
from building_ctrl.link.registry import Registry
from building_ctrl.link.view import cannot_drive, conditions, robot_states
from building_ctrl.model.alarm import Alarm
from building_ctrl.model.lift import LiftState, RideState
from building_ctrl.model.path import ReleasedPath
from building_ctrl.model.robot import Drive, LinkState, RobotState
from building_ctrl.model.robot_request import RobotRequest, RobotRequestState

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

REPORT_PERIOD_S = 1.0
NOT_TAKEN = (ReleaseResult.OLD_EPOCH, ReleaseResult.GAP, ReleaseResult.BAD_WAYPOINT, ReleaseResult.OTHER_LEVEL)


@dataclass(frozen=True, slots=True)
class LinkReport:
    """The link as a whole, once a second."""

    rows: tuple[LinkRow, ...] = ()
    command_latency_p50_ms: float = 0.0
    command_latency_p99_ms: float = 0.0


class Gateway:
    """Drives every enrolled robot. `turn` belongs to the link's thread; all else may be called from any
    thread.

    `now` is the clock of the link server (monotonic seconds) everywhere but where it says otherwise.
    """

    def __init__(
        self,
        name: str,
        registry: Registry,
        link: LinkParameters = DEFAULT_LINK,
        limits: LinkLimits = DEFAULT_LIMITS,
        command_period_s: float = 0.05,
        first_epoch: int = 1,
    ) -> None:
        self.hub = LinkHub(name, self._robot_of, link, limits, first_epoch)
        self.notes: deque[str] = deque(maxlen=1000)
        self._registry = registry
        self._link = link
        self._command_period_s = command_period_s
        self._lock = threading.RLock()
        self._pilot = Pilot(
            PilotParameters(
                watchdog_s=link.watchdog_s,
                pose_limit_s=link.ttl_s,
                degraded_round_trip_s=link.degraded_round_trip_s,
            ),
            capacity=len(registry.robots),
        )
        self._newest: dict[str, Telemetry] = {}
        self._desk = Desk(self._pilot, self.hub)
        self._localisers = Localisers()
        self._links: dict[str, LinkState] = {}
        self._sent_at = np.zeros(0)
        self._cap_mps: Floats = np.zeros(0)
        self._bulk: BulkLink | None = None
        self._quality: dict[str, LinkQuality] = {}
        self._latency = CommandLatency()
        self._report = LinkReport()
        self._report_at = -1e12
        self._alarms = AlarmBook(alarms.PRIORITIES)
        self._add_robots(registry)

    def attach(self, bulk: BulkLink, robots: Iterable[str]) -> None:
        """Let robots be heard and commanded in bulk as well, `robots` named in the order of their indices there.

        Raises ValueError where that is not the pilot's, or the drive not differential: flows have no speed sideways.
        """
        for index, robot in enumerate(robots):
            if self._pilot.index_of(robot) != index:
                raise ValueError(f"robot {robot!r} is number {index} in bulk, {self._pilot.index_of(robot)} here")
            if self._pilot.profile(index).drive is not Drive.DIFFERENTIAL:
                raise ValueError(f"robot {robot!r} is omnidirectional: in bulk only differential drives go")
        self._bulk = bulk

    def allows(self, public_key: str) -> bool:
        """Whether a key may connect: for the transport's handshakes."""
        return self._registry.allows(public_key)

    def use_registry(self, registry: Registry) -> None:
        """Take a changed registry; sessions of robots that are out of it end at once. For the link's
        thread."""
        with self._lock:
            gone = self._registry.without(registry)
            self._registry = registry
            self._add_robots(registry)
            self.hub.revoke(gone)

    def turn(self, now: float) -> None:
        """Take in what the robots sent, and send commands to those with a fresh pose or a command grown
        old."""
        with self._lock:
            fresh = self.hub.fresh()
            due = now - self._sent_at >= self._command_period_s
            self._observe(fresh, due)
            if self._bulk is not None:
                self._observe_bulk(self._bulk, due, now)
            commands = self._pilot.step(now, due)
            self._sent_at[due] = now
            if self._bulk is not None:
                due &= ~self._bulk.command(commands.v_mps, commands.w_radps, self._cap_mps, due, now)
            self._send(commands, fresh, due, now)
            self._note()
            if now - self._report_at >= REPORT_PERIOD_S:
                self._make_report(now)

    def release(self, paths: Iterable[ReleasedPath]) -> list[str]:
        """Released paths of our robots; one clear line for each that cannot be taken."""
        problems = []
        with self._lock:
            for path in paths:
                result = self._pilot.release(path)
                if result in NOT_TAKEN and path.waypoints:
                    what = result.name.lower().replace("_", " ")
                    problems.append(
                        f"released path of robot {path.robot!r} not taken: {what} "
                        f"(epoch {path.epoch}, waypoints {path.first_seq}..{path.end_seq - 1})"
                    )
        return problems

    def lift_state(self, state: LiftState, now: float) -> None:
        """Newest state of a lift: the pilot checks cabin doors by it."""
        with self._lock:
            self._pilot.lift_states((state,), now)

    def ride_states(self, rides: Iterable[RideState]) -> None:
        """Newest rides."""
        with self._lock:
            self._pilot.ride_states(rides)

    def hold(self, robot: str, reason: Hold, on: bool) -> bool:
        """Make a robot stand, or let it go on. False where the robot is not known."""
        with self._lock:
            index = self._pilot.index_of(robot)
            if index is not None:
                self._pilot.hold(index, reason, on)
            return index is not None

    def pause_at(self, robot: str, ahead: int | None) -> bool:
        """Let a robot drive to its `ahead`-th waypoint from here and no further; None takes that away."""
        with self._lock:
            index = self._pilot.index_of(robot)
            if index is not None:
                self._pilot.pause_ahead(index, ahead)
            return index is not None

    def e_stop(self, robot: str, on: bool, now: float) -> bool:
        """Emergency stop, latched here and on the robot, or its release. For the link's thread."""
        with self._lock:
            index = self._pilot.index_of(robot)
            if index is None:
                return False
            self._pilot.hold(index, Hold.E_STOP, on)
            return self.ask_robot(robot, RequestKind.E_STOP if on else RequestKind.RELEASE, 0, "", now)

    def ask_robot(self, robot: str, kind: RequestKind, value: int, detail: str, now: float) -> bool:
        """Ask a robot something that must not be lost (mode, dock); a note tells what became of it. False where 16
        wait already. For the link's thread."""
        try:
            self.hub.request(robot, kind, value, detail, now)
        except OverflowError as error:
            self.notes.append(str(error))
            return False
        return True

    def ask(self, request: RobotRequest, now: float, wall_s: float) -> RobotRequestState:
        """A request to a robot: pause, stops, manual driving, resume. For the link's thread; raises OverflowError where
        the robot leaves too many unanswered (it stands all the same)."""
        with self._lock:
            session = self.hub.sessions.get(request.robot)
            age_s = now - session.telemetry_at if session is not None else float("inf")
            return self._desk.ask(request, self._newest.get(request.robot), age_s, now, wall_s)

    def request_states(self, wall_s: float) -> list[RobotRequestState]:
        """Requests of the last minute, and those that hold a robot."""
        with self._lock:
            if self._bulk is not None:
                self._bulk.sync()
            heard = {
                robot: session.telemetry
                for robot in self._desk.book.waiting()
                if (session := self.hub.sessions.get(robot)) is not None and session.telemetry is not None
            }
            self._desk.look(heard)
            return self._desk.book.states(wall_s)

    def drive_by_hand(self, hand: HandDrive, now: float) -> str:
        """Velocities of an operator who has taken the robot; says what is wrong with them."""
        with self._lock:
            return self._desk.drive(hand, now)

    def fix(self, fix: RobotFix) -> FixResult | None:
        """Where something else saw a robot; None where the robot needs none."""
        with self._lock:
            return self._localisers.fix(fix)

    def fleet_of(self, robot: str) -> str | None:
        """Fleet of an enrolled robot."""
        known = self._registry.get(robot)
        return known.profile.fleet if known is not None else None

    def held(self, robot: str) -> Hold:
        """Why a robot is made to stand."""
        with self._lock:
            index = self._pilot.index_of(robot)
            return Hold(0) if index is None else self._pilot.held(index)

    def waypoints_ahead(self, robot: str) -> list[tuple[float, float]]:
        """Released waypoints not yet reached."""
        with self._lock:
            index = self._pilot.index_of(robot)
            return [] if index is None else list(self._pilot.waypoints_ahead(index))

    def link_report(self) -> LinkReport:
        """Quality of all links, made once a second."""
        with self._lock:
            return self._report

    def robot_states(self, now: float) -> list[RobotState]:
        """Every robot that was ever heard, silent ones too."""
        with self._lock:
            s = self._pilot.states(now)
            batteries = dict(self._bulk.batteries()) if self._bulk is not None else {}
            profiles = [self._pilot.profile(index) for index in s.robot.tolist()]
            ages_s = self._ages_s(s, now)
            lost = [self._lost(name, age_s) for name, age_s in zip(s.names, ages_s, strict=True)]
            links = [
                state_now(self.hub.sessions.get(name), age_s, self._links.get(name, LinkState.OK))
                for name, age_s in zip(s.names, ages_s, strict=True)
            ]
            sigmas_m = [self._localisers.sigma_m(name) for name in s.names]
            return robot_states(s, profiles, self._newest, lost, batteries, links, sigmas_m)

    def alarms(self, now: float, wall_s: float) -> tuple[Alarm, ...]:
        """Alarms of all robots; `wall_s` (seconds since the Unix epoch) dates them."""
        with self._lock:
            s = self._pilot.states(now)
            ages_s = self._ages_s(s, now)
            found = [
                condition
                for i, index, name, telemetry in self._heard(s)
                for condition in conditions(
                    s, i, telemetry, self._pilot.held_bits(index), self._lost(name, ages_s[i]), self._desk.cause(name)
                )
            ]
            return self._alarms.update(found, wall_s)

    def _heard(self, states: PilotStates) -> Iterator[tuple[int, int, str, Telemetry]]:
        for i, (index, name) in enumerate(zip(states.robot.tolist(), states.names, strict=True)):
            telemetry = self._newest.get(name)
            if telemetry is not None:
                yield i, index, name, telemetry

    def _robot_of(self, identity: str, name: str) -> str:
        return self._registry.robot_of(identity, name)

    def _add_robots(self, registry: Registry) -> None:
        for robot in registry.robots:
            profile = robot.profile
            if self._pilot.index_of(profile.name) is None:
                self._pilot.add_robot(profile)
            else:
                self._pilot.update_profile(profile)
        extra = max(0, self._pilot.size - self._sent_at.shape[0])
        self._sent_at = np.concatenate([self._sent_at, np.full(extra, -1e12)])
        self._cap_mps = np.array([self._pilot.profile(i).max_speed_mps for i in range(self._pilot.size)])

    def _observe(self, fresh: dict[str, GatewaySession], due: Bools) -> None:
        if not fresh:
            return
        pilot, newest = self._pilot, self._newest
        indices: list[int] = []
        rows: list[tuple[float, ...]] = []
        for robot, session in fresh.items():
            t = session.telemetry
            index = pilot.index_of(robot)
            if t is None or index is None:
                continue
            before = newest.get(robot)
            if before is None or before.level != t.level or before.flags != t.flags or before.work != t.work:
                self._know(index, before, t)
            newest[robot] = t
            due[index] = True
            x, y, yaw = t.x, t.y, t.yaw
            if by_odometry(t):
                estimate = self._localisers.sample(robot, t, session.measured_at())
                pilot.hold(index, Hold.POSE, estimate is None or not estimate.trusted)
                if estimate is None:
                    continue
                x, y, yaw = estimate.x_m, estimate.y_m, estimate.yaw_rad
                if estimate.level and not t.level:
                    pilot.localised(index, estimate.level)
            indices.append(index)
            rows.append((x, y, yaw, t.v, t.w, session.measured_at(), t.vy))
        if indices:
            pilot.observe(indices, *np.array(rows).T)

    def _observe_bulk(self, bulk: BulkLink, due: Bools, now: float) -> None:
        indices, rows = bulk.listen(now)
        for index, t in bulk.changed():
            robot = self._pilot.profile(index).name
            self._know(index, self._newest.get(robot), t)
            self._newest[robot] = t
        if indices.size:
            due[indices] = True
            self._pilot.observe(indices, *rows.T)
            self._latency.add_all(now - rows[:, 5], now)

    def _know(self, index: int, before: Telemetry | None, t: Telemetry) -> None:
        """What seldom changes in telemetry."""
        if before is None or before.level != t.level:
            self._pilot.localised(index, t.level)
        if before is None or before.flags != t.flags or before.work != t.work:
            self._pilot.hold(index, Hold.ROBOT, cannot_drive(t))
            if before is not None and by_odometry(before) and not by_odometry(t):
                self._localisers.forget(self._pilot.profile(index).name)
                self._pilot.hold(index, Hold.POSE, False)

    def _send(
        self,
        commands: Commands,
        fresh: dict[str, GatewaySession],
        due: Bools,
        now: float,
    ) -> None:
        hub, pilot = self.hub, self._pilot
        for index in np.flatnonzero(due).tolist():
            profile = pilot.profile(index)
            robot = profile.name
            sent = robot in hub.sessions and hub.command(
                robot,
                float(commands.v_mps[index]),
                float(commands.w_radps[index]),
                profile.max_speed_mps,
                now,
                float(commands.vy_mps[index]),
            )
            session = fresh.get(robot)
            if sent and session is not None:
                self._latency.add(now - session.measured_at(), now)

    def _note(self) -> None:
        hub = self.hub
        while hub.notices:
            self.notes.append(hub.notices.popleft().text)
        while hub.events:
            robot, event = hub.events.popleft()
            self.notes.append(f"robot {robot!r} event {event.id} kind {event.kind}: {event.detail}")
        while hub.answers:
            robot, (request, ok, detail) = hub.answers.popleft()
            what = f"request {request.id} kind {request.kind} {'done' if ok else 'not done'}"
            self.notes.append(f"robot {robot!r} {what}: {detail}" if detail else f"robot {robot!r} {what}")

    def _make_report(self, now: float) -> None:
        self._report_at = now
        if self._bulk is not None:
            self._bulk.sync()
        states = self._pilot.states(now)
        ages_s = self._ages_s(states, now)
        rows = tuple(
            self._quality.setdefault(name, LinkQuality()).row(
                name, self.hub.sessions.get(name), ages_s[i], now
            )
            for i, _, name, _ in self._heard(states)
        )
        self._links = {row.robot: row.state for row in rows}
        for robot, session in self.hub.sessions.items():
            index = self._pilot.index_of(robot)
            if index is not None and session.clock.known:
                clock, p = session.clock, self._pilot.parameters
                cap_mps = link_cap_mps(
                    clock.high_round_trip_s(), self._pilot.profile(index).max_acceleration_mps2, p
                )
                self._pilot.use_link(index, 0.5 * clock.typical_round_trip_s(), cap_mps)
        self._report = LinkReport(rows, *self._latency.percentiles_ms(now))

    def _ages_s(self, states: PilotStates, now: float) -> list[float]:
        """How long ago each robot was heard: also where its pose is not known."""
        ages_s: list[float] = states.age_s.tolist()
        for i in np.flatnonzero(~states.has_pose).tolist():
            session = self.hub.sessions.get(states.names[i])
            if session is not None and session.telemetry is not None:
                ages_s[i] = now - session.telemetry_at
        return ages_s

    def _lost(self, robot: str, age_s: float) -> bool:
        return robot not in self.hub.sessions or age_s > self._link.lost_after_s
