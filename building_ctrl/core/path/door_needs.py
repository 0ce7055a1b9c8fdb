"""Which doors the robots of a level have before them: found anew only for those whose path has changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from building_ctrl.core.path.agent import Agent
from building_ctrl.model.roadmap import LevelRoadmap


@dataclass(frozen=True, slots=True)
class DoorNeed:
    """ahead: (door, seconds until it is reached) on the released and planned path, nearest first; held: doors the
    robot may be in, those on its released path and that of the doorway it stands in."""

    robot: str
    ahead: tuple[tuple[str, float], ...]
    held: frozenset[str]


class DoorNeeds:
    """`moved`: robots whose path or place has changed since the last call of `needs`."""

    def __init__(self) -> None:
        self.moved: set[str] = set()
        self._known: dict[str, DoorNeed] = {}

    def forget(self, robot: str) -> None:
        self._known.pop(robot, None)

    def needs(self, rows: LevelRoadmap, agents: dict[str, Agent], speed_mps: float) -> list[DoorNeed]:
        """Of every robot that needs doors, and once of each that has ceased to."""
        ceased = []
        for name in sorted(self.moved & agents.keys()):
            before = self._known.pop(name, None)
            found = DoorNeed(name, doors_ahead(rows, agents[name], speed_mps), doors_held(rows, agents[name]))
            if found.ahead or found.held:
                self._known[name] = found
            elif before is not None:
                ceased.append(found)
        self.moved.clear()
        return [*ceased, *self._known.values()]


def doors_ahead(rows: LevelRoadmap, agent: Agent, speed_mps: float) -> tuple[tuple[str, float], ...]:
    """(door, seconds until it is reached), nearest first; that of a gate the robot stands at is the next."""
    at_gate = [agent.gate_edge] if agent.gate_edge >= 0 else []
    edges = [action.edge for action in agent.actions] + at_gate + agent.planned
    if not any([rows.edge_door[edge] for edge in edges]):
        return ()
    seconds = 0.0
    doors: dict[str, float] = {}
    for edge in edges:
        if rows.edge_door[edge]:
            doors.setdefault(rows.edge_door[edge], seconds)
        seconds += float(rows.edge_length_m[edge]) / min(float(rows.edge_speed_mps[edge]), speed_mps)
    return tuple(doors.items())


def doors_held(rows: LevelRoadmap, agent: Agent) -> frozenset[str]:
    """Doors a robot may be in."""
    edges = [action.edge for action in agent.actions]
    if rows.in_doorway[agent.vertex]:
        edges.extend(np.flatnonzero(rows.edge_from == agent.vertex).tolist())
    return frozenset(rows.edge_door[edge] for edge in edges if rows.edge_door[edge])
