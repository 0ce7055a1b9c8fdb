"""Sweeps as clouds of points: what conflict sets are judged by. Sampling may miss a touch, it never invents one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from building_ctrl.model.footprint import Footprint
from building_ctrl.model.roadmap import LevelRoadmap
from building_ctrl.model.robot_class import RobotClass, RobotClasses


@dataclass(frozen=True)
class Sampler:
    """Samples the sweeps of a level's robots every `step_m`, turns in `headings` steps."""

    arrays: LevelRoadmap
    classes: RobotClasses
    step_m: float = 0.12
    headings: int = 16

    def class_of(self, vertex: int) -> RobotClass:
        """The class a vertex is made for."""
        mask = int(self.arrays.vertex_graphs[vertex])
        return next(robots for robots in self.classes.all if robots.mask == mask)

    def outline(self, shape: Footprint, x: float, y: float, yaw: float) -> np.ndarray:
        """Points on the outline of a footprint at a pose, (k, 2), and its middle."""
        found = [(0.0, 0.0)]
        if shape.is_circle:
            n = max(12, math.ceil(2.0 * math.pi * shape.rounding_m / self.step_m))
            turns = np.linspace(0.0, 2.0 * math.pi, n, endpoint=False)
            found += [(shape.rounding_m * math.cos(t), shape.rounding_m * math.sin(t)) for t in turns]
        else:
            for (ax, ay), (bx, by) in zip(shape.corners, (*shape.corners[1:], shape.corners[0]), strict=True):
                n = max(1, math.ceil(math.hypot(bx - ax, by - ay) / self.step_m))
                found += [(ax + k / n * (bx - ax), ay + k / n * (by - ay)) for k in range(n)]
        local = np.array(found)
        c, s = math.cos(yaw), math.sin(yaw)
        return np.stack([x + c * local[:, 0] - s * local[:, 1], y + s * local[:, 0] + c * local[:, 1]], axis=1)

    def heading(self, edge: int) -> float:
        """Direction of an edge."""
        a, b = int(self.arrays.edge_from[edge]), int(self.arrays.edge_to[edge])
        return math.atan2(self.arrays.y_m[b] - self.arrays.y_m[a], self.arrays.x_m[b] - self.arrays.x_m[a])

    def turned_at(self, vertex: int) -> np.ndarray:
        """All a robot covers that turns at a vertex any way round; where nobody turns, what it covers in passing."""
        arrays, shape = self.arrays, self.class_of(vertex).footprint
        x, y = float(arrays.x_m[vertex]), float(arrays.y_m[vertex])
        if arrays.may_turn[vertex]:
            n = 1 if shape.is_circle else self.headings
            turns = [2.0 * math.pi * k / n for k in range(n)]
        else:
            around = [e for e in range(arrays.n_edges) if vertex in (arrays.edge_from[e], arrays.edge_to[e])]
            turns = [self.heading(e) for e in around]
        return np.concatenate([self.outline(shape, x, y, yaw) for yaw in turns])

    def driven_on(self, edge: int) -> np.ndarray:
        """All a robot covers that turns at the start of an edge and drives along it, as far off its heading as it may
        be."""
        arrays = self.arrays
        a, b = int(arrays.edge_from[edge]), int(arrays.edge_to[edge])
        robots = self.class_of(a)
        off = robots.heading_error_rad
        ways = (0.0,) if robots.footprint.is_circle else (-off, 0.0, off)
        n = max(1, math.ceil(float(arrays.edge_length_m[edge]) / self.step_m))
        found = [self.turned_at(a)]
        for k in range(n + 1):
            x = float(arrays.x_m[a] + k / n * (arrays.x_m[b] - arrays.x_m[a]))
            y = float(arrays.y_m[a] + k / n * (arrays.y_m[b] - arrays.y_m[a]))
            found += [self.outline(robots.footprint, x, y, self.heading(edge) + way) for way in ways]
        return np.concatenate(found)


def touch(a: np.ndarray, b: np.ndarray, margins_m: float) -> bool:
    """Whether two sampled sweeps come within the two tracking errors of each other."""
    low, high = b.min(axis=0) - margins_m, b.max(axis=0) + margins_m
    a = a[((a >= low) & (a <= high)).all(axis=1)]
    for part in np.array_split(a, max(1, len(a) // 256)):
        if (((part[:, None, :] - b[None, :, :]) ** 2).sum(axis=2) < (margins_m - 1e-6) ** 2).any():
            return True
    return False
