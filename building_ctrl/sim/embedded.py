"""The embedded building: bodies, lifts and doors moved together, watched by the checker.

Used by the fast simulator in virtual time and by the simulator process in real time; it knows neither ROS
nor the link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.door.spec import door_specs
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.model.building import Building
from building_ctrl.model.door import DoorMode, DoorRequest, DoorState
from building_ctrl.model.footprint import Footprint
from building_ctrl.model.lift import LiftRequest, LiftState, RidePhase, RideState
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.sim.checker import Car, Checker, Findings, Incident
from building_ctrl.sim.doors import SimulatedDoor
from building_ctrl.sim.geometry import touching_segments
from building_ctrl.sim.lifts import SimulatedLift, SimulatedLiftParameters
from building_ctrl.sim.progress import IN_SERVICE, NOTHING, LiftActivity, ProgressWatch
from building_ctrl.sim.riding import ride_along
from building_ctrl.sim.robots import BETWEEN_LEVELS, BodyParameters, Charger, RobotBodies, Spawn
from building_ctrl.sim.shapes import TrueShapes
from building_ctrl.sim.site import Site, site_of
from building_ctrl.sim.spawns import ScenarioRobot

Bool = NDArray[np.bool_]
Float = NDArray[np.float64]


def chargers_of(roadmap: Roadmap) -> tuple[Charger, ...]:
    """Where the roadmap has chargers."""
    return tuple(
        Charger(index, float(level.x_m[v]), float(level.y_m[v]))
        for index, level in enumerate(roadmap.levels)
        for v in np.nonzero(level.is_charger)[0]
    )


class EmbeddedBuilding:
    """Owns the truth: where every body, car and door is.

    Call `step` at a fixed rate of 20 Hz or more; requests may come in between. `bodies` takes the robots'
    set points.
    """

    def __init__(
        self,
        building: Building,
        roadmap: Roadmap,
        robots: Sequence[ScenarioRobot],
        seed: int = 0,
        start_s: float = 0.0,
        body: BodyParameters | None = None,
        passengers_per_hour: float = 0.0,
    ) -> None:
        self.site: Site = site_of(building)
        self.names = tuple(robot.name for robot in robots)
        index = {name: i for i, name in enumerate(self.site.levels)}
        spawns = [
            Spawn(
                index[r.level],
                r.x_m,
                r.y_m,
                r.yaw_rad,
                r.radius_m,
                float(self.site.elevation_m[index[r.level]]),
            )
            for r in robots
        ]
        self.bodies = RobotBodies(spawns, chargers_of(roadmap), body, seed)
        self.lifts = {
            spec.name: SimulatedLift(
                spec, SimulatedLiftParameters(passengers_per_hour=passengers_per_hour, seed=seed + k), start_s
            )
            for k, spec in enumerate(lift_specs(building))
        }
        self.doors = {spec.name: SimulatedDoor(spec, start_s=start_s) for spec in door_specs(building)}
        self.progress = ProgressWatch(len(robots))
        self._lift_activity = LiftActivity(self.progress.patience_s)
        self.busy: Bool = np.zeros(len(robots), dtype=np.bool_)
        most = max(1, len(self.site.doors), len(self.site.cabin_door))
        self._rows = np.zeros((len(robots) * most, 2), dtype=np.int64)
        footprints = [r.footprint or Footprint(rounding_m=r.radius_m) for r in robots]
        self._shapes = TrueShapes.of(footprints)
        self._checker = Checker(self.site, self.names, footprints)
        self._level_index = index
        self._robot_index = {name: i for i, name in enumerate(self.names)}
        self._lift_index = {name: k for k, name in enumerate(self.site.lifts)}
        self._grants: dict[tuple[int, int], str] = {}
        self._granted_rides: dict[str, tuple[int, int]] = {}
        self._stuck_notes: list[Incident] = []
        self._cars: list[Car] = [Car(BETWEEN_LEVELS, False, "")] * len(self.site.lifts)
        self._door_open: Bool = np.zeros(len(self.site.doors), dtype=np.bool_)
        self._door_mode: list[DoorMode] = [DoorMode.CLOSED] * len(self.site.doors)
        self._changed: set[int] = set()
        self._awake: set[int] = set(range(len(self.site.doors)))
        self._door_index = {name: d for d, name in enumerate(self.site.doors)}
        self._update_cars()

    def move(self, now: float, dt_s: float) -> None:
        """Move the bodies alone: between two steps of a building that turns slower than its robots drive."""
        self.bodies.step(now, dt_s)

    def step(self, now: float, dt_s: float) -> None:
        """Move the bodies from `now` to `now + dt_s`, lifts and doors up to then, and check."""
        bodies = self.bodies
        bodies.step(now, dt_s)
        then = now + dt_s
        self._block_doorways()
        for lift in self.lifts.values():
            lift.step(then)
        self._step_doors(then)
        heights = self._update_cars()
        ride_along(bodies, self.site, np.array([car.level for car in self._cars], dtype=np.int64), heights)
        self._observe(then)

    def _observe(self, then: float) -> None:
        """Let the checker see this instant."""
        bodies = self.bodies
        self._checker.observe(
            then,
            bodies.x_m,
            bodies.y_m,
            bodies.radius_m,
            bodies.level,
            bodies.cabin,
            self._cars,
            self._door_open,
            self._grants,
            bodies.yaw_rad,
        )

    def watch_progress(self, now: float, busy: Bool, waiting_for: Sequence[str]) -> None:
        """Look for stuck robots; `busy` (n,) says who has work to do, `waiting_for` (n,) which robot or lift each is
        said to queue for, empty for none. Call about once a second."""
        bodies = self.bodies
        self._lift_activity.observe(self.lift_states(), now)
        waits = np.array([self._queue_head(name, now) for name in waiting_for], dtype=np.int64)
        for robot in self.progress.observe(now, bodies.x_m, bodies.y_m, bodies.level, busy, waits):
            where = f"{bodies.x_m[robot]:.2f}, {bodies.y_m[robot]:.2f}"
            self._stuck_notes.append(Incident(now, "stuck robot", f"{self.names[robot]} at {where}"))

    def _queue_head(self, name: str, now: float) -> int:
        """What a robot queues for, as ProgressWatch takes it."""
        robot = self._robot_index.get(name)
        if robot is not None:
            return robot
        return IN_SERVICE if self._lift_activity.works(name, now) else NOTHING

    def lift_request(self, request: LiftRequest, now: float) -> None:
        """A request to a lift; those to lifts that are not here are ignored."""
        lift = self.lifts.get(request.lift)
        if lift is not None:
            lift.request(request, now)

    def door_request(self, request: DoorRequest, now: float) -> None:
        """A request to a door; those to doors that are not here are ignored."""
        index = self._door_index.get(request.door)
        if index is not None:
            self._awake.add(index)
            self.doors[request.door].request(request, now)

    def push_door(self, door: str, hold_s: float, now: float) -> None:
        """A person opens a door and holds it for a time. Raises KeyError for an unknown door."""
        self._awake.add(self._door_index[door])
        self.doors[door].push(hold_s, now)

    def lift_states(self) -> tuple[LiftState, ...]:
        """What all lifts report; one that is silent reports nothing."""
        return tuple(lift.state() for lift in self.lifts.values() if not lift.silent)

    def door_states(self) -> tuple[DoorState, ...]:
        """What all doors report; one that is silent reports nothing."""
        return tuple(door.state() for door in self.doors.values() if not door.silent)

    def changed_door_states(self) -> tuple[DoorState, ...]:
        """States of doors whose mode has changed since the last call."""
        changed = [self.doors[self.site.doors[d]] for d in sorted(self._changed)]
        self._changed.clear()
        return tuple(door.state() for door in changed if not door.silent)

    def ride_states(self, rides: Iterable[RideState]) -> None:
        """Rides as the lift planner reports them: a grant holds from BOARDING until the ride ends."""
        for ride in rides:
            known = self._granted_rides.get(ride.ride_id)
            if ride.phase.ended:
                if known is not None:
                    del self._granted_rides[ride.ride_id]
                    self._grants.pop(known, None)
                continue
            robot, lift = self._robot_index.get(ride.robot), self._lift_index.get(ride.lift)
            if robot is None or lift is None or ride.phase < RidePhase.BOARDING:
                continue
            self._granted_rides[ride.ride_id] = (robot, lift)
            self._grants[robot, lift] = ride.session_id

    def level_name(self, robot: int) -> str:
        """Level the robot's localisation reports, empty in a car under way."""
        level = int(self.bodies.level[robot])
        return self.site.levels[level] if level >= 0 else ""

    @property
    def findings(self) -> Findings:
        """What the checker counted."""
        return self._checker.findings

    @property
    def incidents(self) -> list[Incident]:
        """What must never happen and did, in order of time."""
        return sorted([*self._checker.incidents, *self._stuck_notes], key=lambda incident: incident.now)

    def _update_cars(self) -> Float:
        heights = np.zeros(len(self.site.lifts))
        for k, name in enumerate(self.site.lifts):
            lift = self.lifts[name]
            state = lift.state()
            level = BETWEEN_LEVELS if lift.moving else self._level_index[state.current_level]
            self._cars[k] = Car(level, bool(lift.stands_open_at), state.session_id)
            heights[k] = lift.cabin_height_m
        return heights

    def _step_doors(self, then: float) -> None:
        """Doors that are closed and wanted by nobody sleep: a building has many of them."""
        for d in sorted(self._awake):
            door = self.doors[self.site.doors[d]]
            door.step(then)
            mode = door.state().mode
            if mode is not self._door_mode[d]:
                self._door_mode[d] = mode
                self._door_open[d] = mode is DoorMode.OPEN
                self._changed.add(d)
            if mode is DoorMode.CLOSED:
                self._awake.discard(d)

    def _block_doorways(self) -> None:
        """Tell lifts and doors whose doorway a body is in: their door edges feel it."""
        site = self.site
        for lift in self.lifts.values():
            lift.obstructed = False
        for door in self._covered(site.cabin_door, site.cabin_door_level):
            k = int(site.cabin_door_lift[door])
            if self._cars[k].level == site.cabin_door_level[door]:
                self.lifts[site.lifts[k]].obstructed = True
        blocked = set(self._covered(site.door, site.door_level))
        for d in self._awake:
            self.doors[site.doors[d]].obstructed = d in blocked

    def _covered(self, segments: Float, level: NDArray[np.int64]) -> list[int]:
        """Segments that a body's footprint covers on their level."""
        b = self.bodies
        found = touching_segments(b.x_m, b.y_m, b.radius_m, b.level, segments, level, self._rows)
        rows = self._rows[:found]
        if self._shapes is not None and found:
            rows = self._shapes.touching(np.stack([b.x_m, b.y_m, b.yaw_rad], axis=1), rows, segments)
        return [s for _, s in rows.tolist()]
