"""Can robots reach every place and lift of the building, and come back?"""

from __future__ import annotations

from building_ctrl.building.connectivity import neighbours, strong_components
from building_ctrl.building.findings import Findings
from building_ctrl.building.roadmap_view import graph_edges, graphs_used, place_label, place_point
from building_ctrl.model.roadmap import Roadmap


def check_reach(findings: Findings, roadmap: Roadmap) -> None:
    """Endpoints and lifts that robots of a graph can't reach and come back from, over all levels."""
    offsets: dict[str, int] = {}
    count = 0
    for arrays in roadmap.levels:
        offsets[arrays.level] = count
        count += arrays.n_vertices
    for graph in sorted({g for arrays in roadmap.levels for g in graphs_used(arrays)}):
        pairs: list[tuple[int, int]] = []
        cabins: dict[str, list[int]] = {}
        used: set[int] = set()
        for arrays in roadmap.levels:
            base = offsets[arrays.level]
            own = [(base + a, base + b) for a, b in graph_edges(arrays, graph)]
            pairs += own
            used |= {v for pair in own for v in pair}
            for v, lift in enumerate(arrays.cabin_lift):
                if lift and base + v in used:
                    cabins.setdefault(lift, []).append(base + v)
        for stops in cabins.values():
            pairs += [(a, b) for a in stops for b in stops if a != b]
        _report_unreached(
            findings, roadmap, offsets, graph, strong_components(neighbours(count, pairs)), used
        )


def _report_unreached(
    findings: Findings,
    roadmap: Roadmap,
    offsets: dict[str, int],
    graph: int,
    component: list[int],
    used: set[int],
) -> None:
    targets = [
        (arrays, v)
        for arrays in roadmap.levels
        for v in range(arrays.n_vertices)
        if offsets[arrays.level] + v in used
        and (arrays.cabin_lift[v] or arrays.is_place[v] or arrays.is_parking[v] or arrays.is_charger[v])
    ]
    sizes: dict[int, int] = {}
    for arrays, v in targets:
        number = component[offsets[arrays.level] + v]
        sizes[number] = sizes.get(number, 0) + 1
    if not sizes:
        return
    main = max(sizes, key=lambda number: (sizes[number], -number))
    for arrays, v in targets:
        if component[offsets[arrays.level] + v] != main:
            code = "lift_unreached" if arrays.cabin_lift[v] else "unreached"
            findings.warning(
                code,
                arrays.level,
                place_label(arrays, v),
                place_point(arrays, v),
                graph=graph,
                lift=arrays.cabin_lift[v],
            )
