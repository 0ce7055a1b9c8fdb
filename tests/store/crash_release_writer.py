"""Keeps growing stretches, tells each batch on standard output when it is kept; dies at a given SQL statement."""

from __future__ import annotations

import os
import sys

from building_ctrl.model.held import HeldStretch
from building_ctrl.store import ReleaseStore


def main(path: str, die_at: int, first: int) -> None:
    count = 0

    def on_statement(_: str) -> None:
        nonlocal count
        count += 1
        if count == die_at:
            os._exit(9)

    with ReleaseStore(path) as store:
        store.connection().set_trace_callback(on_statement)
        for step in range(first, first + 100):
            robots = [f"r{(step + i) % 5}" for i in range(3)]
            store.keep([HeldStretch(robot, "fleet", "L1", step, ((0.0, float(step)),)) for robot in robots])
            for robot in robots:
                print(robot, step, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
