"""One planning call: the agents and what holds for them now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from building_ctrl.core.path.solver.graph import ALL_GRAPHS, PlanningGraph

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Request:
    """Agents (n) of one call; arrays and meanings as in the package's notes.

    Lists are accepted and converted. ``None`` stands for the default: all graphs, all movable, class 0,
    everything allowed, nothing closed, no weights.
    """

    position: npt.ArrayLike
    goal: npt.ArrayLike
    priority: npt.ArrayLike | None = None
    graphs: npt.ArrayLike | None = None
    movable: npt.ArrayLike | None = None
    agent_class: npt.ArrayLike | None = None
    allowed: npt.ArrayLike | None = None
    edge_closed: npt.ArrayLike | None = None
    edge_weight: npt.ArrayLike | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class CheckedRequest:
    """A Request whose arrays are known to be sound, with every default filled in."""

    position: npt.NDArray[np.int32]
    goal: npt.NDArray[np.int32]
    priority: npt.NDArray[np.float64]
    graphs: npt.NDArray[np.uint32]
    movable: npt.NDArray[np.bool_]
    agent_class: npt.NDArray[np.int16]
    allowed: npt.NDArray[np.bool_]
    edge_closed: npt.NDArray[np.bool_]
    edge_weight: npt.NDArray[np.float32]
    seed: int = 0

    @property
    def n_agents(self) -> int:
        return int(self.position.size)


def check_request(graph: PlanningGraph, request: Request) -> CheckedRequest:
    """Fill in defaults and check every array. Raises ValueError naming the array and the entry."""
    position = _array("position", request.position, np.int32, None)
    n, m, v = position.size, graph.n_edges, graph.n_vertices
    goal = _array("goal", request.goal, np.int32, n)
    agent_class = _array("agent_class", request.agent_class, np.int16, n, 0)
    edge_weight = _array("edge_weight", request.edge_weight, np.float32, m, 0)
    priority = _array("priority", request.priority, np.float64, n, 0)
    everywhere = np.ones((1, v), dtype=bool)
    allowed = everywhere if request.allowed is None else np.asarray(request.allowed, dtype=bool)
    if allowed.ndim != 2 or allowed.shape[1] != v:
        raise ValueError(f"allowed has shape {allowed.shape}: expected (classes, {v})")
    _check_entries("position", position, (position >= 0) & (position < v), f"must be a vertex, 0 to {v - 1}")
    _check_entries("goal", goal, (goal >= -1) & (goal < v), f"must be a vertex, 0 to {v - 1}, or -1 for none")
    _check_entries("priority", priority, np.isfinite(priority), "must be finite")
    known_class = (agent_class >= 0) & (agent_class < len(allowed))
    _check_entries("agent_class", agent_class, known_class, f"there are {len(allowed)} classes")
    sound_weight = np.isfinite(edge_weight) & (edge_weight >= 0)
    _check_entries("edge_weight", edge_weight, sound_weight, "must be finite and not below 0")
    _check_distinct(position)
    return CheckedRequest(
        position=position,
        goal=goal,
        priority=priority,
        graphs=_array("graphs", request.graphs, np.uint32, n, ALL_GRAPHS),
        movable=_array("movable", request.movable, np.bool_, n, True),
        agent_class=agent_class,
        allowed=np.ascontiguousarray(allowed),
        edge_closed=_array("edge_closed", request.edge_closed, np.bool_, m, False),
        edge_weight=edge_weight,
        seed=int(request.seed),
    )


def _array(
    name: str, values: npt.ArrayLike | None, dtype: type[Scalar], size: int | None, default: object = 0
) -> npt.NDArray[Scalar]:
    if values is None:
        if size is None:
            raise ValueError(f"{name} is missing")
        return np.full(size, default, dtype=dtype)
    array: npt.NDArray[Scalar] = np.array(values, dtype=dtype, order="C")
    if array.ndim != 1 or (size is not None and array.size != size):
        expected = "one dimension" if size is None else f"({size},)"
        raise ValueError(f"{name} has shape {array.shape}: expected {expected}")
    return array


def _check_entries(name: str, values: npt.NDArray[Scalar], sound: npt.NDArray[np.bool_], rule: str) -> None:
    bad = np.flatnonzero(~sound)
    if bad.size:
        raise ValueError(f"{name}[{bad[0]}] is {values[bad[0]]}: {rule}")


def _check_distinct(position: npt.NDArray[np.int32]) -> None:
    order = np.argsort(position, kind="stable")
    same = np.flatnonzero(np.diff(position[order]) == 0)
    if same.size:
        first, second = sorted((int(order[same[0]]), int(order[same[0] + 1])))
        raise ValueError(f"agents {first} and {second} both stand on vertex {position[first]}")
