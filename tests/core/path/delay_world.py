"""A level whose robots take their time: each released action ends when chance says so. Checks geometry on its own."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np

from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.path.agent import Agent
from building_ctrl.core.path.gate import Gate, OpenGate
from building_ctrl.core.path.level import LevelCoordinator, LevelParameters
from building_ctrl.model.building import Building, Lane, Level, Vertex
from building_ctrl.model.roadmap import LevelRoadmap, RoadmapParameters

Point = tuple[float, float]


def level_of(points: Sequence[Point], lanes: Sequence[tuple[int, int]], pitch_m: float = 1.0) -> LevelRoadmap:
    """The roadmap of one level with the given points (metres) and two-way lanes."""
    vertices = tuple(Vertex(i, x, y, name=f"v{i}") for i, (x, y) in enumerate(points))
    drawn = tuple(Lane(i, a, b) for i, (a, b) in enumerate(lanes))
    building = Building("test", (Level("L1", 0.0, vertices, drawn),))
    return build_roadmap(building, RoadmapParameters(pitch_m=pitch_m)).levels[0]


class DelayWorld:
    """Robots on one level; `tick` lets some of them finish their first released action."""

    def __init__(
        self,
        roadmap: LevelRoadmap,
        starts: Sequence[int],
        seed: int,
        gate: Gate | None = None,
        parameters: LevelParameters | None = None,
    ) -> None:
        self.roadmap = roadmap
        self.random = random.Random(seed)
        self.gate = gate or OpenGate()
        self.level = LevelCoordinator(roadmap, parameters or LevelParameters(stall_s=5.0))
        self.now = 0.0
        self.separation_m = RoadmapParameters().separation_m
        for i, vertex in enumerate(starts):
            self.level.add(Agent(f"r{i}", 1, vertex, vertex, 0, vertex, 0.0))

    def tick(self, finish: float = 0.5, stuck: Sequence[str] = ()) -> None:
        """One step of the level, then each moving robot finishes its action with probability `finish`."""
        self.now += 0.2
        self.level.step(self.now, self.gate)
        self.level.assert_sound()
        self.check_distances()
        for name, agent in self.level.agents.items():
            if agent.actions and name not in stuck and self.random.random() < finish:
                self.level.reached(name, agent.actions[0].seq + 1)

    def check_distances(self) -> None:
        """Two robots never come too near, wherever each of them is on the edge it drives on."""
        sweeps = {name: self._sweep(agent) for name, agent in self.level.agents.items()}
        names = list(sweeps)
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                gap = segment_distance(*sweeps[first], *sweeps[second])
                assert gap >= self.separation_m - 1e-6, f"{first} and {second} may be {gap:.3f} m apart"

    def _sweep(self, agent: Agent) -> tuple[Point, Point]:
        start = agent.vertex
        end = agent.actions[0].vertex if agent.actions else start
        at = self.roadmap
        return (float(at.x_m[start]), float(at.y_m[start])), (float(at.x_m[end]), float(at.y_m[end]))

    def all_home(self) -> bool:
        return all(agent.at_goal for agent in self.level.agents.values())


def segment_distance(a: Point, b: Point, c: Point, d: Point) -> float:
    """Least distance of segments a-b and c-d, by sampling both finely: shares nothing with the code under test."""
    t = np.linspace(0.0, 1.0, 41)[:, None]
    first = np.asarray(a) * (1 - t) + np.asarray(b) * t
    second = np.asarray(c) * (1 - t) + np.asarray(d) * t
    return float(np.hypot(*(first[:, None, :] - second[None, :, :]).transpose(2, 0, 1)).min())
