"""The path planner's process is killed while robots hold released paths, and started again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.model.path import DestinationRequest
from building_ctrl.model.robot import RobotState
from building_ctrl.store import ReleaseStore

ROOT = Path(__file__).parents[2]
MAP = ROOT / "maps" / "office.building.yaml"
DEADLINE_S = 60.0
DOMAIN = str(100 + (os.getpid() + 37) % 100)

pytestmark = pytest.mark.e2e


def start(store: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "building_ctrl.supervise.child", "path_planner"]
    env = {**os.environ, "ROS_DOMAIN_ID": DOMAIN, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([*command, "--map", str(MAP), "--store", str(store)], cwd=ROOT, env=env)


def test_what_was_released_is_known_after_kill_9(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROS_DOMAIN_ID", DOMAIN)
    from building_ctrl.model.held import ClearAction, ClearRequest
    from building_ctrl.nodes import convert, convert_held
    from building_ctrl.nodes.shell import Shell

    roadmap = build_roadmap(load_building(MAP))
    row = roadmap.levels[0]
    spots = [v for v in range(row.n_vertices) if row.is_parking[v]][:2]
    robots = {
        f"r{i}": RobotState(f"r{i}", "fleet", row.level, float(row.x_m[v]), float(row.y_m[v]), 0.0)
        for i, v in enumerate(spots)
    }
    target = next(v for v in range(row.n_vertices) if row.is_place[v] and v not in spots)
    heard: dict[str, Any] = {}
    silent: set[str] = set()
    store = tmp_path / "held.db"
    planner = start(store)
    try:
        with Shell("gateway") as shell:
            send_states = shell.publisher("robot_states")
            send_destination = shell.publisher("destination_requests")
            send_clear = shell.publisher("robot_clear_requests")

            def on_paths(message: Any) -> None:
                for path in convert.released_paths(message):
                    if path.robot not in silent:
                        robots[path.robot] = replace(
                            robots[path.robot],
                            path_epoch=path.epoch,
                            reached_seq=path.first_seq,
                            released_seq=path.end_seq,
                        )
                        heard[path.robot] = path

            def on_state(message: Any) -> None:
                heard["travel"] = {state.robot: state for state in convert.travel_states(message)}

            shell.subscribe("released_paths", on_paths)
            shell.subscribe("planner_state", on_state)
            request = DestinationRequest("fleet", "r0", row.level, row.label(target), "t")

            def speak() -> None:
                states = [state for name, state in robots.items() if name not in silent]
                send_states(convert.robot_states_msg("g", [row.level], states, shell.now()))

            shell.every(0.1, speak)
            shell.every(1.0, lambda: send_destination(convert.destination_msg(request, roadmap)))

            def until(done: Callable[[], bool]) -> None:
                end = time.monotonic() + DEADLINE_S
                met: list[bool] = []

                def look() -> None:
                    if done():
                        met.append(True)
                    if met or time.monotonic() > end:
                        shell.stop()

                timer = shell.node.create_timer(0.05, look)
                shell._stop = False
                shell.spin()
                shell.node.destroy_timer(timer)
                assert met, heard

            until(lambda: len(heard["r0"].waypoints) >= 2 if "r0" in heard else False)
            planner.kill()
            planner.wait()
            released = heard["r0"]
            with ReleaseStore(store) as kept:
                points = next(stretch.points for stretch in kept.load() if stretch.robot == "r0")
            for waypoint in released.waypoints:
                assert (round(waypoint.x_m, 2), round(waypoint.y_m, 2)) in points
            silent.add("r0")
            heard.clear()
            planner = start(store)
            until(lambda: "has not been heard" in _waiting_for(heard, "r0") and "r1" in heard)
            assert heard["r1"].epoch > released.epoch
            clear = ClearRequest("r0", ClearAction.REMOVED, "kim")
            shell.every(0.5, lambda: send_clear(convert_held.clear_request_msg(clear, shell.now())))
            until(lambda: "taken from the floor by kim" in _waiting_for(heard, "r0"))
    finally:
        planner.kill()
        planner.wait()


def _waiting_for(heard: dict[str, Any], robot: str) -> str:
    travel = heard.get("travel", {}).get(robot)
    return travel.waiting_for if travel is not None else ""
