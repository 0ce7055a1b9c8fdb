from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from building_ctrl.building.loader import parse_map
from building_ctrl.building.roadmap import build_roadmap
from building_ctrl.console.app import create_app
from building_ctrl.console.context import Context, NoAnswer
from building_ctrl.console.picture import Picture
from building_ctrl.core.task import Places

sys.path.insert(0, str(Path(__file__).parent))

MAP = """
name: small
coordinate_system: reference_image
levels:
  L1:
    elevation: 0
    measurements:
    - [0, 1, {distance: [3, 10]}]
    vertices:
    - [0, 0, 0, pantry, {pickup_dispenser: [1, coke]}]
    - [100, 0, 0, lounge, {dropoff_ingestor: [1, table]}]
    - [200, 0, 0, dock, {is_charger: [4, true]}]
    - [50, 20, 0, ""]
    - [50, -20, 0, ""]
    lanes:
    - [0, 1, {bidirectional: [4, true], graph_idx: [2, 0]}]
    - [1, 2, {bidirectional: [4, true], graph_idx: [2, 0]}]
    walls:
    - [0, 4, {}]
    doors:
    - [3, 4, {motion_degrees: [3, 90], motion_direction: [2, 1], name: [1, gate], type: [1, sliding]}]
lifts:
  car:
    depth: 2.0
    width: 2.0
    x: 400
    y: 0
    yaw: 0.0
    doors: {d: {door_type: 2, motion_axis_orientation: 1.57, width: 1.0, x: -1.0, y: 0.0}}
    level_doors: {L1: [d]}
    initial_floor_name: L1
    reference_floor_name: L1
    lowest_floor: L1
    highest_floor: L1
"""


@dataclass
class FakeBus:
    """Answers with what a test puts in; remembers what was asked."""

    answer: dict[str, Any] | None = field(
        default_factory=lambda: {
            "success": True,
            "state": {"booking": {"id": "delivery-1"}, "status": "queued"},
        }
    )
    asked: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    async def ask_dispatcher(self, text: str, request_id: str) -> str:
        self.asked.append(json.loads(text))
        self.ids.append(request_id)
        if self.answer is None:
            raise NoAnswer("the dispatcher did not answer within 5 s: is it running?")
        return json.dumps(self.answer)


@dataclass
class Console:
    """A console with a fake bus and a clock that a test moves."""

    context: Context
    bus: FakeBus
    clock: list[float]
    client: TestClient

    @property
    def picture(self) -> Picture:
        return self.context.picture


def make_context(bus: FakeBus, clock: list[float]) -> Context:
    building = parse_map(MAP).building
    return Context(building, Places.of(build_roadmap(building)), Picture(), bus, lambda: clock[0])


@pytest.fixture
def bus() -> FakeBus:
    return FakeBus()


@pytest.fixture
def clock() -> list[float]:
    return [1000.0]


@pytest.fixture
def console(bus: FakeBus, clock: list[float], tmp_path: Path) -> Iterator[Console]:
    context = make_context(bus, clock)
    app = create_app(context, dist=tmp_path / "dist")
    with TestClient(app, base_url="http://localhost") as client:
        yield Console(context, bus, clock, client)


@pytest.fixture
def small_map() -> str:
    return MAP
