"""Predicted times against what then happens."""

from __future__ import annotations

import itertools
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from delay_world import level_of

from building_ctrl.building.loader import load_building
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.core.path.timeline import DriveEstimate, Moves, Timeline
from building_ctrl.model.path import TravelState, TravelStatus
from building_ctrl.sim.scenario import make_scenario
from building_ctrl.sim.virtual import VirtualBuilding

OFFICE = Path(__file__).parents[3] / "maps" / "office.building.yaml"
LINE = level_of([(0.0, 0.0), (10.0, 0.0), (10.0, 5.0)], [(0, 1), (1, 2)])
DRIVE = DriveEstimate(
    acceleration_mps2=1.0, braking_mps2=1.0, stop_s=0.0, yaw_rate_radps=1.0, yaw_acceleration_radps2=1e6
)


def chain(*vertices: int) -> list[int]:
    """Edges over map vertices of LINE, subdivided."""
    ends = {(round(float(LINE.x_m[v]), 1), round(float(LINE.y_m[v]), 1)): v for v in range(LINE.n_vertices)}
    points = [(0.0, 0.0), (10.0, 0.0), (10.0, 5.0)]
    found = []
    for a, b in itertools.pairwise(vertices):
        (ax, ay), (bx, by) = points[a], points[b]
        n = round(max(abs(bx - ax), abs(by - ay)))
        stops = [ends[round(ax + (bx - ax) * k / n, 1), round(ay + (by - ay) * k / n, 1)] for k in range(n + 1)]
        found += [LINE.edge_between(s, e) for s, e in itertools.pairwise(stops)]
    assert all(edge >= 0 for edge in found)
    return found


def moves(*rows: tuple[int, int], robots: int = 1, speed: float = 1.0, yaw: float = 0.0, wait: float = 0.0) -> Moves:
    return Moves(
        robot=np.array([i for i, _ in rows]),
        edge=np.array([e for _, e in rows]),
        earliest_s=np.array([wait] + [0.0] * (len(rows) - 1)),
        left_m=np.ones(robots),
        moving=np.zeros(robots, dtype=bool),
        yaw_rad=np.full(robots, yaw),
        speed_mps=np.full(robots, speed),
    )


def test_a_straight_takes_its_length_and_half_a_start_and_stop() -> None:
    begins, ends = Timeline(LINE, DRIVE).ends_s(moves(*((0, e) for e in chain(0, 1))))
    assert begins[0] == 0.0 and ends[-1] == pytest.approx(10.0 + 0.5 + 0.5)


def test_a_corner_costs_a_stop_a_turn_and_a_start() -> None:
    _, ends = Timeline(LINE, DRIVE).ends_s(moves(*((0, e) for e in chain(0, 1, 2))))
    assert ends[-1] == pytest.approx(15.0 + 2 * (0.5 + 0.5) + np.pi / 2 + 0.3, abs=0.01)


def test_a_door_that_opens_later_is_waited_for() -> None:
    _, ends = Timeline(LINE, DRIVE).ends_s(moves(*((0, e) for e in chain(0, 1)), wait=7.0))
    assert ends[-1] == pytest.approx(7.0 + 11.0)


def test_a_robot_waits_for_those_that_go_first_where_their_ways_touch() -> None:
    way = chain(0, 1)
    alone = Timeline(LINE, DRIVE).ends_s(moves(*((0, e) for e in way[5:])))[1][-1]
    both = moves(*((0, e) for e in way[5:]), *((1, e) for e in way[2:8]), robots=2)
    ends = Timeline(LINE, DRIVE).ends_s(both)[1]
    assert ends[4] == alone and ends[-1] > alone


def predicted_and_real(virtual: VirtualBuilding, seconds: float) -> list[tuple[float, float]]:
    """(predicted, real) seconds to the destination, half a second after each robot was sent somewhere."""
    sent: dict[str, tuple[str, float, float]] = {}
    found: list[tuple[float, float]] = []

    def on_travel(states: tuple[TravelState, ...], now: float) -> None:
        for state in states:
            order = f"{state.task_id}/{state.destination}"
            known = sent.get(state.robot)
            if state.status is TravelStatus.MOVING and (known is None or known[0] != order) and state.eta_s >= 0.0:
                sent[state.robot] = (order, now, state.eta_s)
            elif state.status is TravelStatus.ARRIVED and known is not None and known[0] == order:
                found.append((known[2], now - known[1]))
                del sent[state.robot]

    virtual._bus.subscribe("planner_state", on_travel)
    virtual.run(seconds)
    return [(predicted, real) for predicted, real in found if real >= 5.0]


def test_predicted_arrivals_come_true_within_a_fifth() -> None:
    """Real link sessions, pilot and bodies in virtual time; robots that wait for each other included."""
    building = load_building(OFFICE)
    roadmap = build_roadmap(building)
    errors = []
    for seed in (1, 2):
        scenario = make_scenario(building, roadmap, 4, 30, 300.0, seed)
        pairs = predicted_and_real(VirtualBuilding(building, roadmap, scenario, seed), 300.0)
        errors += [abs(predicted - real) / real for predicted, real in pairs]
    print(f"{len(errors)} arrivals, median relative error {median(errors):.3f}")
    assert len(errors) >= 20
    assert median(errors) < 0.2
