"""The building with Gazebo as its world: the embedded building's adapters and checker, Gazebo's physics.

Bodies, cars and leaves are where Gazebo says they are; what the adapters decide goes to Gazebo's motors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.door.spec import door_specs
from building_ctrl.core.lift.spec import lift_specs
from building_ctrl.gazebo.bodies import GazeboBodies
from building_ctrl.gazebo.devices import PhysicalDoor, PhysicalLift
from building_ctrl.gazebo.names import RobotEntry, WorldIndex
from building_ctrl.gazebo.tracking import TrackingError
from building_ctrl.gazebo.world_port import BodyDrive, Drives, Float, JointDrive, WorldCommand, WorldFrame, WorldPort
from building_ctrl.model.building import Building
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.sim.checker import Findings, Incident
from building_ctrl.sim.embedded import EmbeddedBuilding, chargers_of
from building_ctrl.sim.geometry import inside_cabins
from building_ctrl.sim.lifts import SimulatedLiftParameters
from building_ctrl.sim.robots import BETWEEN_LEVELS, BodyParameters, Spawn
from building_ctrl.sim.spawns import ScenarioRobot

ABOARD_M = 0.3  # between a robot and the cabin's floor it stands on
TILTED_RAD = 0.35
EPISODE_S = 1.0  # contacts of a pair that follow each other within this time are one collision
KEPT_INCIDENTS = 50
TRACKED_EVERY = 5

BODY = BodyParameters(slip_ratio=0.0, pose_noise_m=0.0, yaw_noise_rad=0.0)


def drives_of(index: WorldIndex, body: BodyParameters = BODY) -> Drives:
    """The drives of a world, robots and joints in the index's order."""
    joints = tuple(JointDrive(joint.model, joint.joint, joint.max_effort) for joint in index.joints)
    return Drives(tuple(_body_drive(robot, body) for robot in index.robots), joints)


def _body_drive(robot: RobotEntry, body: BodyParameters) -> BodyDrive:
    return BodyDrive(
        model=robot.model,
        left_joint="wheel_left_joint",
        right_joint="wheel_right_joint",
        wheel_radius_m=robot.wheel_radius_m,
        track_m=robot.wheel_separation_m,
        acceleration_mps2=body.acceleration_mps2,
        braking_mps2=body.braking_mps2,
        yaw_acceleration_radps2=body.yaw_acceleration_radps2,
        max_speed_mps=min(body.max_speed_mps, robot.max_wheel_speed_radps * robot.wheel_radius_m),
        max_yaw_rate_radps=body.max_yaw_rate_radps,
        torque_nm=robot.max_torque_nm,
    )


class GazeboBuilding(EmbeddedBuilding):
    """An EmbeddedBuilding whose truth comes from a WorldPort.

    In lockstep `step` moves the world by one period; in real time call `advance` as often as there may be
    something new. `findings.collisions` counts Gazebo's own contacts between robots, once per episode.

    Attributes:
        time_s: the building's clock: `start_s` and the time that has passed in the world.
        bumps: contacts of a robot's chassis with anything but robots and floors, by what it touched.
    """

    def __init__(
        self,
        building: Building,
        roadmap: Roadmap,
        robots: Sequence[ScenarioRobot],
        index: WorldIndex,
        port: WorldPort,
        seed: int = 0,
        start_s: float = 0.0,
    ) -> None:
        super().__init__(building, roadmap, robots, seed, start_s, BODY)
        self._port = port
        order = {name: i for i, name in enumerate(self.site.levels)}
        spawns = [Spawn(order[r.level], r.x_m, r.y_m, r.yaw_rad, r.radius_m) for r in robots]
        self.gazebo_bodies = GazeboBodies(spawns, chargers_of(roadmap), BODY)
        self.bodies = self.gazebo_bodies
        lifts = {entry.name: entry for entry in index.lifts}
        doors = {entry.name: entry for entry in index.doors}
        # Lifts that open nowhere are not in the world; their adapters go on as in the embedded building.
        self.physical_lifts = {
            spec.name: PhysicalLift(spec, lifts[spec.name], SimulatedLiftParameters(seed=seed + k), start_s)
            for k, spec in enumerate(lift_specs(building))
            if spec.name in lifts
        }
        self.physical_doors = {
            spec.name: PhysicalDoor(spec, doors[spec.name], start_s) for spec in door_specs(building)
        }
        self.lifts.update(self.physical_lifts)
        self.doors.update(self.physical_doors)
        self.tracking = TrackingError(self.names)
        self.bumps: dict[tuple[str, str], float] = {}
        self.time_s = start_s
        self._start_s = start_s
        self._targets: Float = np.zeros((len(index.joints), 3))
        slot_of = {joint.key: slot for slot, joint in enumerate(index.joints)}
        ordered = [self.physical_doors[name] for name in self.site.doors]
        self._door_slots = [(door, [slot_of[leaf.key] for leaf in door.entry.leaves]) for door in ordered]
        self._lift_slots = [
            (lift, [slot_of[joint.key] for joint in (lift.entry.cabin, *lift.entry.leaves)])
            for lift in self.physical_lifts.values()
        ]
        self._touched_s: dict[tuple[int, int], float] = {}
        self._collisions = 0
        self._contact_notes: list[Incident] = []
        self._tilted: set[int] = set()
        self._trajectories = hashlib.sha256()
        self._frames = 0

    @property
    def trajectory_hash(self) -> str:
        """Hash of all poses and joints of all frames so far."""
        return self._trajectories.hexdigest()

    def step(self, now: float, dt_s: float) -> None:
        """Put all set points in force and move to `now + dt_s`. Raises WorldError when the world has gone."""
        frame = self._port.turn(self.command())
        if frame is not None:
            self._take(frame, now + dt_s)

    def advance(self) -> bool:
        """Put all set points in force and take the newest frame; False where there was none. Raises
        WorldError when the world has gone."""
        frame = self._port.turn(self.command())
        if frame is None:
            return False
        self._take(frame, self._start_s + frame.time_s)
        return True

    def command(self) -> WorldCommand:
        """What all motors have to do now."""
        for d in self._awake:
            door, slots = self._door_slots[d]
            self._targets[slots] = door.targets()
        for lift, slots in self._lift_slots:
            self._targets[slots] = lift.targets()
        return WorldCommand(self.gazebo_bodies.set_points, self._targets)

    @property
    def findings(self) -> Findings:
        """What the checker counted, with Gazebo's contacts as collisions."""
        return replace(super().findings, collisions=self._collisions)

    @property
    def incidents(self) -> list[Incident]:
        """What must never happen and did, in order of time."""
        return sorted([*super().incidents, *self._contact_notes], key=lambda incident: incident.now)

    def _take(self, frame: WorldFrame, then: float) -> None:
        dt_s, self.time_s = then - self.time_s, then
        for values in (frame.pose, frame.joints):
            self._trajectories.update(values.tobytes())
        self.gazebo_bodies.take(frame)
        self._measure(frame.joints[:, 0].tolist())
        self._block_doorways()
        for lift in self.lifts.values():
            lift.step(then)
        self._step_doors(then)
        self._place_bodies(self._update_cars())
        self.bodies.step(then, dt_s)
        self._observe(then)
        self._count_contacts(frame, then)
        self._note_tilted(then)
        self._frames += 1
        if self._frames % TRACKED_EVERY == 0:
            b = self.bodies
            self.tracking.observe(b.x_m, b.y_m, b.speed_mps)

    def _measure(self, positions: list[float]) -> None:
        for d in self._awake:
            door, slots = self._door_slots[d]
            door.measure([positions[slot] for slot in slots])
        for lift, slots in self._lift_slots:
            lift.measure(positions[slots[0]], [positions[slot] for slot in slots[1:]])

    def _place_bodies(self, heights: NDArray[np.float64]) -> None:
        """Level and cabin of every body, from where it stands and how high."""
        bodies, site = self.bodies, self.site
        inside = np.zeros((len(self.names), len(site.lifts)), dtype=np.bool_)
        if site.lifts:
            inside_cabins(bodies.x_m, bodies.y_m, site.cabin, inside)
            inside &= np.abs(bodies.z_m[:, None] - heights[None, :]) < ABOARD_M
        bodies.level[:] = np.argmin(np.abs(bodies.z_m[:, None] - site.elevation_m[None, :]), axis=1)
        bodies.cabin[:] = -1
        for robot, lift in np.argwhere(inside).tolist():
            bodies.cabin[robot] = lift
            level = self._cars[lift].level
            bodies.level[robot] = level if level >= 0 else BETWEEN_LEVELS

    def _count_contacts(self, frame: WorldFrame, then: float) -> None:
        for contact in frame.contacts:
            name = self.names[contact.robot]
            if contact.other < 0:
                self.bumps.setdefault((name, contact.what), then)
                continue
            pair = (contact.robot, contact.other)
            if then - self._touched_s.get(pair, -np.inf) > EPISODE_S:
                self._collisions += 1
                self._note(then, "collision", f"{name} and {self.names[contact.other]} touch")
            self._touched_s[pair] = then

    def _note_tilted(self, then: float) -> None:
        for robot in np.nonzero(self.gazebo_bodies.tilt_rad > TILTED_RAD)[0].tolist():
            if robot not in self._tilted:
                self._tilted.add(robot)
                where = f"{self.bodies.x_m[robot]:.2f}, {self.bodies.y_m[robot]:.2f}"
                self._note(then, "tilted robot", f"{self.names[robot]} at {where}")

    def _note(self, then: float, kind: str, detail: str) -> None:
        if len(self._contact_notes) < KEPT_INCIDENTS:
            self._contact_notes.append(Incident(then, kind, detail))
