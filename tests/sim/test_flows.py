"""Steady driving in arrays is the exchange of frames, only quicker: the same result to the last bit."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.link.protocol.messages import EventKind
from building_ctrl.sim.bus import Delay, Delays, VirtualClock, link_delays
from building_ctrl.sim.scenario import make_scenario
from building_ctrl.sim.virtual import VirtualBuilding

ROOT = Path(__file__).parents[2]


def building(robots: int, delays: Delays, by_frames: bool, tasks: int = 6, name: str = "tower") -> VirtualBuilding:
    drawn = load_building(ROOT / "maps" / f"{name}.building.yaml")
    roadmap = build_roadmap(drawn)
    scenario = make_scenario(drawn, roadmap, robots, tasks, 60.0, 3)
    return VirtualBuilding(drawn, roadmap, scenario, 5, delays=lambda _: delays, by_frames=by_frames)


def traces(virtual: VirtualBuilding) -> dict[str, Any]:
    """Everything that could differ."""
    bodies = virtual.world.bodies
    sessions = [virtual.robots.session(i) for i in range(len(virtual.world.names))]
    return {
        "x": bodies.x_m.tolist(),
        "yaw": bodies.yaw_rad.tolist(),
        "battery": bodies.battery_percent.tolist(),
        "findings": virtual.world.findings,
        "tasks": virtual.statistics.known,
        "telemetry": virtual.gateway.telemetry_count,
        "latencies": (virtual.robots.latency_s.count, virtual.robots.latency_s.percentile_s(50)),
        "dropped": [s.dropped for s in sessions],
        "in force": [s.command_stamp for s in sessions],
        "stops": sum(f"kind {int(EventKind.WATCHDOG_STOP)}" in note for note in virtual.gateway.gateway.notes),
        "link": virtual.gateway.gateway.link_report(),
    }


class Weather(Delays):
    """8 ms, and from the eighth second on delays that come and go: the same for all frames of one moment."""

    def __init__(self, swing_s: float) -> None:
        super().__init__(Delay(0.008), 0)
        self.swing_s = swing_s
        self.clock = VirtualClock()

    def next_s(self) -> float:
        now = self.clock.now
        return 0.008 + (self.swing_s * math.sin(0.7 * (now - 8.0)) ** 2 if now > 8.0 else 0.0)

    def next_of(self, n: int) -> NDArray[np.float64]:
        return np.full(n, self.next_s())


@pytest.mark.parametrize(
    ("swing_s", "kind"),
    [
        (0.0, "good"),
        (0.07, "late"),  # commands and telemetry more than a turn late
        (0.2, "bad"),  # commands that are too old to be obeyed: robots stop, are armed anew, go on
    ],
)
def test_the_same_as_frame_by_frame(swing_s: float, kind: str) -> None:
    found = []
    joined = 0
    for by_frames in (True, False):
        weather = Weather(swing_s)
        virtual = building(6, weather, by_frames)
        weather.clock = virtual.clock
        for second in range(1, 36):
            virtual.run(float(second))
            joined += int(virtual.gateway.flows.driven.sum())
        found.append(traces(virtual))
    assert joined > (190 if kind == "good" else 20)
    if kind == "bad":
        assert sum(found[0]["dropped"]) > 100 and found[0]["stops"] > 5, "the bad network has to be felt"
    for key, value in found[0].items():
        assert value == found[1][key], key


def test_robots_that_drive_are_in_the_arrays_and_come_out_when_asked() -> None:
    virtual = building(3, link_delays(1), by_frames=False)
    virtual.run(5.0)
    assert virtual.gateway.flows.driven.all()
    session = virtual.robots.session(1)
    assert virtual.gateway.flows.driven.tolist() == [True, False, True]
    assert session.armed and session.command_stamp is not None
    virtual.run(6.0)
    assert virtual.gateway.flows.driven.all(), "a robot out of the arrays comes back"


def test_a_button_pressed_on_a_robot_stops_it_and_is_told() -> None:
    virtual = building(2, link_delays(1), by_frames=False)
    virtual.run(10.0)
    now = virtual.clock.now
    virtual.robots.session(0).press_e_stop(now + virtual.robots.clock_s[0])
    virtual.run(12.0)
    assert virtual.world.bodies.speed_mps[0] == 0.0
    assert not virtual.gateway.flows.driven[0]
    assert any(f"kind {int(EventKind.E_STOP_PRESSED)}" in note for note in virtual.gateway.gateway.notes)
    alarms = virtual.gateway.gateway.alarms(virtual.clock.now, 0.0)
    assert [alarm for alarm in alarms if virtual.world.names[0] in str(alarm)]


def test_an_e_stop_asked_for_reaches_a_robot_in_the_arrays() -> None:
    virtual = building(2, link_delays(1), by_frames=False)
    virtual.run(10.0)
    name = virtual.world.names[1]
    assert virtual.gateway.gateway.e_stop(name, True, virtual.clock.now)
    virtual.run(12.0)
    assert virtual.robots.session(1).e_stopped
    assert virtual.world.bodies.speed_mps[1] == 0.0
    virtual.gateway.gateway.e_stop(name, False, virtual.clock.now)
    virtual.run(14.0)
    assert virtual.gateway.flows.driven[1]
