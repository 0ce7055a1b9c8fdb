"""Which places and lanes do the classes of robots leave out?"""

from __future__ import annotations

from building_ctrl.building.findings import Findings, vertex_label
from building_ctrl.model.building import Building
from building_ctrl.model.roadmap import Roadmap


def check_served(findings: Findings, building: Building, roadmap: Roadmap) -> None:
    """Reports graphs that no class uses, and the named places that no lane of a class leads to."""
    known = 0
    for robots in roadmap.classes:
        known |= robots.graphs_mask
    for level in building.levels:
        for graph in sorted({lane.graph_idx for lane in level.lanes if not known >> lane.graph_idx & 1}):
            findings.info("no_class", level.name, "", graph=graph)
        drawn = {index for lane in level.lanes for index in (lane.start, lane.end)}
        for robots in roadmap.classes:
            own = {
                index
                for lane in level.lanes
                if robots.graphs_mask >> lane.graph_idx & 1
                for index in (lane.start, lane.end)
            }
            for index in sorted(drawn - own) if own else []:
                vertex = level.vertices[index]
                if vertex.name and not vertex.lift_cabin:
                    findings.of_class(robots.name).info(
                        "not_served", level.name, vertex_label(index, vertex.name), (vertex.x_m, vertex.y_m)
                    )
