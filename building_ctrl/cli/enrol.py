"""Enrols a scenario's simulated robots in a registry of a run directory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from building_ctrl.link.keys import new_keys, read_or_make_keys, write_keys
from building_ctrl.link.registry import Enrolled, Registry, write_registry
from building_ctrl.sim.scenario import profiles_of
from building_ctrl.sim.spawns import ScenarioRobot


def enrol_simulated(robots: Sequence[ScenarioRobot], directory: Path) -> tuple[Path, Path]:
    """Make keys for gateway and robots and write the registry; returns (registry, folder of the robots'
    keys)."""
    registry, folder = directory / "robots.yaml", directory / "keys"
    gateway = read_or_make_keys(directory / "gateway.key")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    enrolled = []
    for profile in profiles_of(robots):
        pair = new_keys()
        write_keys(folder / f"{profile.name}.key", pair, gateway.public)
        enrolled.append(Enrolled(profile, pair.public.decode()))
    write_registry(registry, Registry(tuple(enrolled)))
    return registry, folder
