"""The solver's view of a level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from building_ctrl.core.path.solver import PlanningGraph
from building_ctrl.model.roadmap import LevelRoadmap

CORNER_S = 1.5
STRAIGHT_RAD = 0.35
LEAST_S = 0.05


def planning_graph(roadmap: LevelRoadmap, nominal_speed_mps: float) -> PlanningGraph:
    """Edge costs are seconds at the nominal speed or the lane's limit, more for edges that make a robot turn.

    A turn belongs to two edges, which a graph of vertices cannot say; instead an edge costs `CORNER_S` more for each
    of its ends from which no lane goes straight on. Of ways of equal length the one with fewer turns is then the
    shortest.
    """
    speed = np.minimum(roadmap.edge_speed_mps, nominal_speed_mps)
    seconds = np.maximum(roadmap.edge_length_m / speed, LEAST_S) + CORNER_S * _corners(roadmap)
    return PlanningGraph(
        n_vertices=roadmap.n_vertices,
        edge_ptr=roadmap.edge_ptr,
        edge_to=roadmap.edge_to,
        edge_cost=seconds.astype(np.float32),
        edge_graphs=roadmap.edge_graphs,
        clear_ptr=roadmap.clear_ptr,
        clear_idx=roadmap.clear_idx,
    )


def _corners(roadmap: LevelRoadmap) -> NDArray[np.float64]:
    """(m,) at how many of an edge's ends there are other lanes but none that goes straight on."""
    start, end = roadmap.edge_from, roadmap.edge_to
    heading = np.arctan2(roadmap.y_m[end] - roadmap.y_m[start], roadmap.x_m[end] - roadmap.x_m[start])
    before, after = _ways_through(roadmap)
    others = start[before] != end[after]
    before, after = before[others], after[others]
    straight = np.abs((heading[after] - heading[before] + np.pi) % (2 * np.pi) - np.pi) <= STRAIGHT_RAD
    corners = np.zeros(roadmap.n_edges)
    for edge in (before, after):
        ways = np.bincount(edge, minlength=roadmap.n_edges)
        straight_ways = np.bincount(edge[straight], minlength=roadmap.n_edges)
        corners += (ways > 0) & (straight_ways == 0)
    return corners


def _ways_through(roadmap: LevelRoadmap) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(edge into a vertex, edge out of it), every pair once; linear in their number."""
    leaving = np.diff(roadmap.edge_ptr)[roadmap.edge_to]
    before = np.repeat(np.arange(roadmap.n_edges), leaving)
    first = np.repeat(roadmap.edge_ptr[roadmap.edge_to], leaving)
    position = np.arange(before.size) - np.repeat(np.cumsum(leaving) - leaving, leaving)
    return before, first + position
