"""The platform's cores in virtual time with Gazebo as the world: whoever is slower waits for the other.

The same map, numbers and seed give the same trajectories bit for bit.
"""

from __future__ import annotations

from building_ctrl.gazebo.building import GazeboBuilding
from building_ctrl.model.building import Building
from building_ctrl.model.roadmap import Roadmap
from building_ctrl.sim.scenario import Scenario
from building_ctrl.sim.virtual import VirtualBuilding

FRAME_S = 0.02
TELEMETRY_S = 0.05


class LockstepBuilding(VirtualBuilding):
    """A VirtualBuilding whose world is moved by Gazebo, one frame at a time."""

    physics_s = FRAME_S

    def __init__(
        self, building: Building, roadmap: Roadmap, scenario: Scenario, seed: int, world: GazeboBuilding
    ) -> None:
        super().__init__(building, roadmap, scenario, seed, world=world, by_frames=True)
        self._report_s = 0.0
        self._bus.subscribe("released_paths", lambda paths, now: world.tracking.released(paths))

    def _move(self, now: float) -> None:
        self.robots.drive(now)
        self._ticks += 1
        self.world.step(now, FRAME_S)
        then = now + FRAME_S
        if then >= self._report_s - 1e-9:
            self._report_s = max(self._report_s + TELEMETRY_S, then)
            self.robots.report(then, self.gateway.gateway)
        self._tell_devices()
