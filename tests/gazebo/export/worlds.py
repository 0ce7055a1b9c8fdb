"""Buildings for the export's tests, and what the real parser says of a world."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from building_ctrl.model.building import Building, Door, DoorKind, Lane, Level, Lift, LiftDoor, Vertex, Wall
from building_ctrl.sim.spawns import ScenarioRobot

ROOT = Path(__file__).parents[3]
HARMLESS = "Library error: libignition-tools-backward.so not found. Improved backtrace generation will be disabled"


def door(kind: DoorKind, start: tuple[float, float] = (0.0, 0.0), end: tuple[float, float] = (2.0, 0.0)) -> Door:
    return Door("front door", "L1", kind, start, end)


def robot(name: str = "robot_1", level: str = "L1", x_m: float = 3.0) -> ScenarioRobot:
    return ScenarioRobot(name, "couriers", level, 0, x_m, 3.0, 0.5, 1, 0.30)


def lift(width_m: float = 2.0, door_m: float = 1.0, yaw_rad: float = 0.0, **other: object) -> Lift:
    doors = (
        LiftDoor("front", 0.0, -1.1, 0.0, door_m),
        LiftDoor("back", 0.0, 1.1, 0.0, door_m, DoorKind.SLIDING),
    )
    values: dict[str, object] = {
        "name": "lift A",
        "x_m": 10.0,
        "y_m": 5.0,
        "yaw_rad": yaw_rad,
        "width_m": width_m,
        "depth_m": 2.0,
        "doors": doors,
        "level_doors": (("L1", ("front",)), ("L2", ("back",)), ("L3", ("front", "back"))),
        "initial_level": "L2",
        "reference_level": "L1",
    }
    return Lift(**(values | other))  # type: ignore[arg-type]


def building(*lifts: Lift, doors: tuple[Door, ...] = ()) -> Building:
    """Three levels 4 m apart, 20 m x 10 m, with a wall along y = 0 on each."""
    corners = ((0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0))
    vertices = tuple(Vertex(k, x, y) for k, (x, y) in enumerate(corners))
    return Building(
        "three levels",
        tuple(
            Level(name, 4.0 * k, vertices, (Lane(0, 0, 1),), (Wall(0, 1),), doors if k == 0 else ())
            for k, name in enumerate(("L1", "L2", "L3"))
        ),
        lifts,
    )


def parser() -> str:
    """The SDF parser's command; skips the test where there is none."""
    found = shutil.which("ign") or shutil.which("gz")
    if found is None:
        pytest.skip("no SDF parser here: install the packages ignition-tools and sdformat-sdf, or Gazebo")
    return found


def complaints(path: Path) -> str:
    """What the real parser finds wrong with a world; empty: nothing."""
    done = subprocess.run([parser(), "sdf", "-k", str(path)], capture_output=True, text=True, timeout=280)
    said = [line for line in done.stderr.splitlines() if line.strip() and line.strip() != HARMLESS]
    sound = done.returncode == 0 and ("Valid." in done.stdout or "Check complete" in done.stdout)
    return "" if sound and not said else f"status {done.returncode}: {done.stdout[:300]} {' '.join(said)[:600]}"
