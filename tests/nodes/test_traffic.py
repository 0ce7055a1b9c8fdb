"""Rules of the traffic and robots of other fleets over real topics."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_S = 90.0
DOMAIN = str(1 + os.getpid() % 90)
MAP = "maps/office.building.yaml"

pytestmark = pytest.mark.e2e


def start(name: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "building_ctrl.supervise.child", name, "--map", MAP, *options]
    env = {**os.environ, "ROS_DOMAIN_ID": DOMAIN, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=env, text=True, stderr=subprocess.DEVNULL)


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


class Ear:
    """A node that hears topics and waits for events."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.newest: dict[str, Any] = {}
        self.all: dict[str, list[Any]] = {}

    def hear(self, *names: str) -> None:
        for name in names:
            self.all[name] = []
            self.shell.subscribe(name, lambda message, name=name: self._take(name, message))

    def _take(self, name: str, message: Any) -> None:
        self.newest[name] = message
        self.all[name].append(message)

    def until(self, done: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + DEADLINE_S
        met: list[bool] = []

        def look() -> None:
            if done():
                met.append(True)
            if met or time.monotonic() > end:
                self.shell.stop()

        timer = self.shell.node.create_timer(0.05, look)
        self.shell._stop = False
        self.shell.spin()
        self.shell.node.destroy_timer(timer)
        assert met, f"not within {DEADLINE_S} s: {what}"


@pytest.fixture
def ear(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ear]:
    monkeypatch.setenv("ROS_DOMAIN_ID", DOMAIN)
    from building_ctrl.nodes.shell import Shell

    with Shell("adapter") as shell:
        yield Ear(shell)


def test_rules_are_taken_told_and_kept_over_a_restart(ear: Ear, tmp_path: Path) -> None:
    from building_ctrl_msgs.msg import Closure, ClosureRequest
    from rmf_fleet_msgs.msg import LaneRequest

    rules = tmp_path / "traffic.json"
    ear.hear("closures", "closed_lanes")
    close = ear.shell.publisher("closure_requests")
    lanes = ear.shell.publisher("lane_closure_requests")
    corner = Closure(name="spill", level="L1", x=[0.0, 1.0, 1.0], y=[0.0, 0.0, 1.0], requester="ann", reason="wet")
    process = start("path_planner", "--rules", str(rules))
    try:

        def ask() -> None:
            bad = Closure(name="bad", level="L77", x=[0.0], y=[0.0])
            close(ClosureRequest(action=ClosureRequest.ACTION_CLOSE, closure=corner))
            close(ClosureRequest(action=ClosureRequest.ACTION_CLOSE, closure=bad))
            lanes(LaneRequest(fleet_name="f", close_lanes=[3, 1]))
            lanes(LaneRequest(fleet_name="f", close_lanes=[100000]))

        asking = ear.shell.node.create_timer(0.5, ask)
        ear.until(lambda: "closures" in ear.newest, "the planner")
        ear.until(lambda: [c.name for c in ear.newest["closures"].closures] == ["spill"], "the closure")
        ear.until(lambda: any(list(m.refused) == ["bad"] for m in ear.all["closures"]), "the refusal")
        ear.until(lambda: "closed_lanes" in ear.newest, "closed lanes")
        assert list(ear.newest["closed_lanes"].closed_lanes) == [1, 3]
        ear.shell.node.destroy_timer(asking)
    finally:
        process.kill()
        process.wait()
    ear.newest.clear()
    process = start("path_planner", "--rules", str(rules))
    try:
        ear.until(lambda: {"closures", "closed_lanes"} <= set(ear.newest), "what was in force before")
        (closure,) = ear.newest["closures"].closures
        assert (closure.name, closure.requester, closure.reason, len(closure.x)) == ("spill", "ann", "wet", 3)
        assert list(ear.newest["closed_lanes"].closed_lanes) == [1, 3]
        opening = ClosureRequest(action=ClosureRequest.ACTION_OPEN, closure=Closure(name="spill"))
        ear.shell.every(0.5, lambda: close(opening))
        ear.until(lambda: not ear.newest["closures"].closures, "it is opened")
    finally:
        stop(process)


def test_a_robot_of_another_fleet_is_driven_over_topics(ear: Ear) -> None:
    """Fleet states in, robot states and path requests out, with the real path planner between."""
    from rmf_fleet_msgs.msg import DestinationRequest, FleetState, Location, RobotState

    from building_ctrl.building.loader import load_building
    from building_ctrl.building.roadmap import build_roadmap
    from building_ctrl.nodes.convert import time_msg

    rows = build_roadmap(load_building(ROOT / MAP)).levels[0]
    vertex = int(rows.edge_from[0])
    goal = next(v for v in range(rows.n_vertices) if rows.is_place[v] and v != vertex)
    ear.hear("robot_states", "robot_path_requests", "planner_state")
    tell = ear.shell.publisher("fleet_states")
    send = ear.shell.publisher("destination_requests")
    at = [float(rows.x_m[vertex]), float(rows.y_m[vertex])]
    order = [""]
    ahead: list[tuple[float, float]] = []

    def report() -> None:
        left_m = 0.2
        while ahead and left_m > 0.0:
            gap_m = math.dist(at, ahead[0])
            share = min(1.0, left_m / gap_m) if gap_m > 0.0 else 1.0
            at[:] = [at[0] + share * (ahead[0][0] - at[0]), at[1] + share * (ahead[0][1] - at[1])]
            left_m -= gap_m
            if share == 1.0:
                ahead.pop(0)
        here = Location(t=time_msg(ear.shell.now()), x=at[0], y=at[1], level_name=rows.level)
        tell(FleetState(name="carts", robots=[RobotState(name="cart", task_id=order[0], location=here)]))

    def obey(message: Any) -> None:
        order[0] = message.task_id
        ahead[:] = [(p.x, p.y) for p in message.path[1:]]

    def arrived() -> bool:
        state = ear.newest.get("planner_state")
        known = state is not None and "cart" in state.robot
        return bool(known and state.status[list(state.robot).index("cart")] == state.STATUS_ARRIVED)

    def ask() -> None:
        place = Location(x=float(rows.x_m[goal]), y=float(rows.y_m[goal]), level_name=rows.level)
        send(DestinationRequest(fleet_name="carts", robot_name="cart", destination=place, task_id="t"))

    ear.shell.every(0.2, report)
    ear.shell.every(1.0, ask)
    ear.shell.subscribe("robot_path_requests", obey)
    processes = [start("path_planner"), start("fleet_gateway", "--fleet", "carts:0")]
    try:
        ear.until(arrived, "the cart at its destination")
    finally:
        for process in processes:
            stop(process)
    requests = ear.all["robot_path_requests"]
    assert {r.fleet_name for r in requests} == {"carts"} and len({r.task_id for r in requests}) == len(requests)
    states = [m for m in ear.all["robot_states"] if m.gateway == "fleet_gateway" and m.name]
    assert list(states[-1].name) == ["cart"] and list(states[-1].fleet) == ["carts"]
    assert abs(at[0] - rows.x_m[goal]) < 0.01 and abs(at[1] - rows.y_m[goal]) < 0.01


def test_a_fleet_option_that_makes_no_sense_is_refused() -> None:
    from building_ctrl.nodes.fleet_gateway import fleet_masks

    assert fleet_masks(["a", "b:1,3"]) == {"a": 1, "b": 10}
    for bad in (":1", "a:x", "a:32", "a:"):
        with pytest.raises(ValueError, match="is not NAME"):
            fleet_masks([bad])
