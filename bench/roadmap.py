"""Roadmaps of several classes of robots: how long they take, and how much too large the conflict sets are.

    python bench/roadmap.py [--json OUT] [--levels N] [--samples N]

Times are processor time. Conflict sets are compared with sampled sweeps: a pair that the samples find in touch and the
sets lack would be a collision; a pair the samples find apart is room given away.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

from _sampled_sweeps import Sampler, touch  # noqa: E402
from _table import Table  # noqa: E402

from building_ctrl.building.document import format_document  # noqa: E402
from building_ctrl.building.loader import parse_map  # noqa: E402
from building_ctrl.building.roadmap import build_roadmap  # noqa: E402
from building_ctrl.building.tower import generate_tower  # noqa: E402
from building_ctrl.core.path.graph import planning_graph  # noqa: E402
from building_ctrl.model.building import Building  # noqa: E402
from building_ctrl.model.footprint import circle, rectangle  # noqa: E402
from building_ctrl.model.robot_class import RobotClass, RobotClasses  # noqa: E402

MOST_S = 5.0
FAR_M = 4.0


def tower(levels: int, one_way: bool = False) -> Building:
    """A generated tower."""
    return parse_map(format_document(generate_tower(levels, 12 * levels, 2, 1, one_way))).building


def times(table: Table, levels: int, classes: RobotClasses) -> None:
    """Processor time of roadmaps and planning graphs."""
    building = tower(levels)
    seconds, _ = timed(lambda: build_roadmap(building))
    table.add(f"roadmap, {levels} levels, one circle", seconds, "s", at_most=MOST_S)
    seconds, roadmap = timed(lambda: build_roadmap(building, classes=classes))
    table.add(f"roadmap, {levels} levels, circle and rectangle", seconds, "s", at_most=MOST_S)
    seconds, _ = timed(lambda: [planning_graph(level, 1.0) for level in roadmap.levels])
    table.add(f"planning graphs of {levels} levels", seconds, "s")


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """(processor time, result)."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def excess(table: Table, name: str, building: Building, classes: RobotClasses, samples: int) -> None:
    """Pairs of edges near each other, drawn at random: missed, and listed though apart."""
    arrays = build_roadmap(building, classes=classes).levels[-1]
    sampler = Sampler(arrays, classes, step_m=0.05, headings=36)
    random = np.random.default_rng(1)
    middle = np.stack(
        [(arrays.x_m[arrays.edge_from] + arrays.x_m[arrays.edge_to]) / 2,
         (arrays.y_m[arrays.edge_from] + arrays.y_m[arrays.edge_to]) / 2], axis=1,
    )  # fmt: skip
    missed = listed = apart = drawn = 0
    while drawn < samples:
        e = int(random.integers(arrays.n_edges))
        near = np.flatnonzero(np.hypot(*(middle - middle[e]).T) < FAR_M)
        f = int(random.choice(near))
        drawn += 1
        error_m = sum(sampler.class_of(int(arrays.edge_from[x])).tracking_error_m for x in (e, f))
        touching = touch(sampler.driven_on(e), sampler.driven_on(f), error_m)
        known = f in set(arrays.conflicts(e).tolist())
        missed += touching and not known
        listed += known
        apart += known and not touching
    table.add(f"{name}: conflicts missed", missed, f"of {samples}", at_most=0)
    table.add(f"{name}: listed though apart", 100.0 * apart / max(1, listed), "%", note=f"{apart} of {listed} pairs")


def main() -> int:
    """1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--levels", type=int, default=36)
    parser.add_argument("--samples", type=int, default=600)
    options = parser.parse_args()
    small, cart = RobotClass("small", circle(0.25)), RobotClass("cart", rectangle(0.9, 0.6))
    both = RobotClasses([small, cart])
    table = Table("Roadmaps of several classes of robots")
    times(table, options.levels, both)
    excess(table, "circles", tower(1), RobotClasses([small]), options.samples)
    excess(table, "circles and rectangles", tower(1), both, options.samples)
    excess(table, "rectangles, one-way rings", tower(1, True), RobotClasses([cart]), options.samples)
    if options.json is not None:
        table.write_json(options.json)
    return 0 if table.all_reached else 1


if __name__ == "__main__":
    sys.exit(main())
