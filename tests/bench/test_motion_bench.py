"""The benchmark of motion at a tiny size: its world is right, and its watches can fail."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.syspath_prepend(str(ROOT / "bench"))


def test_frames_of_a_stream_come_in_order_and_none_is_lost() -> None:
    import random

    from _motion_network import Conditions, Wire

    wire = Wire(Conditions("c", loss=0.2, gaps=((1.0, 1.3),)), random.Random(1))
    got: list[bytes] = []
    for k in range(400):
        wire.post(True, b"%d" % k, 0.01 * k)
        got += [frame for _, _, frame in wire.arrived(0.01 * k)]
    got += [frame for _, _, frame in wire.arrived(100.0)]
    assert got == [b"%d" % k for k in range(400)]


def test_a_long_outage_makes_a_new_connection_and_loses_what_was_under_way() -> None:
    import random

    from _motion_network import Conditions, Wire

    wire = Wire(Conditions("c", gaps=((1.0, 6.0),)), random.Random(1))
    wire.post(True, b"caught", 1.5)
    assert wire.arrived(5.9) == [] and wire.arrived(9.0) == []
    wire.post(True, b"new", 9.0)
    assert wire.arrived(9.1) == [(True, 1, b"new")]


def test_datagrams_are_lost_in_a_gap() -> None:
    import random

    from _motion_network import Conditions, Wire

    wire = Wire(Conditions("c", gaps=((1.0, 2.0),), stream=False), random.Random(1))
    wire.post(False, b"lost", 1.5)
    wire.post(False, b"kept", 2.5)
    assert wire.arrived(3.0) == [(False, 0, b"kept")]


def test_a_clean_run_keeps_every_promise() -> None:
    from _motion_network import Conditions
    from motion import drive

    d = drive(Conditions("c"), 2, 30.0)
    assert d.error_p99_m < 0.1 and d.overrun_m <= 0.0 and d.stale == 0 and 0.4 < d.mean_mps < 1.5


def test_a_robot_without_a_watchdog_is_caught_obeying_stale_commands() -> None:
    from _motion_network import Conditions
    from _motion_world import World

    world = World([Conditions("c", gaps=((103.0, math.inf),), stream=False)], 1)
    world.run(2.5)
    world.robots[0].session.watchdog_s = 10.0
    world.run(2.0)
    assert world.robots[0].stale > 50


def test_a_body_beyond_its_path_is_measured() -> None:
    from _motion_network import Conditions
    from _motion_world import World

    world = World([Conditions("c")], 1)
    world.run(1.0)
    robot = world.robots[0]
    (ax, ay), (bx, by) = robot.route.points[-2:]
    length = math.hypot(bx - ax, by - ay)
    robot.reached = len(robot.route.points) - 1
    robot.body.x, robot.body.y = bx + 0.3 * (bx - ax) / length, by + 0.3 * (by - ay) / length
    world._measure(robot)
    assert robot.overrun_m == pytest.approx(0.3)


def test_the_table_is_written(tmp_path: Path) -> None:
    import motion

    out = tmp_path / "motion.json"
    motion.main(["--quick", "--only", "step,cut", "--json", str(out)])
    rows = {row["name"]: row for row in json.loads(out.read_text(encoding="utf-8"))["rows"]}
    assert rows["cut cable: stale commands obeyed"]["reached"] is True
    assert rows["cut cable: rest later than watchdog + braking"]["value"] < 0.1
    with pytest.raises(SystemExit, match="nonsense"):
        motion.main(["--only", "nonsense"])
