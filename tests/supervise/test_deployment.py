"""Command lines of the processes, ports, domains and run directories."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from building_ctrl.processes import PROCESSES
from building_ctrl.supervise.deployment import Deployment, PathPlannerPart, SimulatedPart
from building_ctrl.supervise.ports import PortInUse, next_free, require_free
from building_ctrl.supervise.resources import shared_file
from building_ctrl.supervise.ros import free_domain, loopback_environment
from building_ctrl.supervise.rundir import new_run_dir, state_home


def deployment(sim: SimulatedPart | None) -> Deployment:
    return Deployment(
        Path("/m.building.yaml"), Path("/r.yaml"), Path("/t.db"), "tcp://127.0.0.1:5999", port=8123, sim=sim
    )


def test_every_process_of_the_table_runs() -> None:
    whole = replace(deployment(SimulatedPart(4, 7, Path("/keys"))), other_fleets=("carts", "trucks:1,2"))
    commands = {c.name: c.argv for c in whole.commands()}
    assert commands["fleet_gateway"][-4:] == ("--fleet", "carts", "--fleet", "trucks:1,2")
    assert set(commands) == {row.name for row in PROCESSES}
    assert all("/m.building.yaml" in argv for argv in commands.values())
    assert "tcp://127.0.0.1:5999" in commands["gateway"] and "tcp://127.0.0.1:5999" in commands["sim"]
    assert commands["sim"][-6:] == ("--robots", "4", "--seed", "7", "--robot-keys", "/keys")


def test_without_other_fleets_nobody_drives_them() -> None:
    assert "fleet_gateway" not in [c.name for c in deployment(SimulatedPart()).commands()]


def test_without_a_simulator_it_is_left_out() -> None:
    assert "sim" not in [c.name for c in deployment(None).commands()]


def test_hardware_starts_first_and_stops_last() -> None:
    names = [c.name for c in deployment(SimulatedPart()).commands()]
    assert names[:2] == ["sim", "gateway"]


def test_a_taken_port_is_said_and_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"port {port} on 127.0.0.1 is in use: .* --port"):
            require_free("127.0.0.1", port, "--port")
        assert next_free("127.0.0.1", port) > port


def test_a_domain_in_use_is_passed_over() -> None:
    domain = free_domain(50)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as participant:
        participant.bind(("127.0.0.1", 7400 + 250 * domain + 10))
        assert free_domain(domain - 1) != domain


def test_dds_stays_on_this_machine_unless_the_user_says_otherwise() -> None:
    found = loopback_environment({})
    profile = Path(found["FASTDDS_DEFAULT_PROFILES_FILE"])
    assert "127.0.0.1" in profile.read_text()
    assert loopback_environment({"FASTDDS_DEFAULT_PROFILES_FILE": "mine.xml"}) == {}
    assert loopback_environment({"RMW_IMPLEMENTATION": "rmw_cyclonedds_cpp"}) == {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"
    }


def test_run_directories_are_the_user_s_own(tmp_path: Path) -> None:
    first, second = new_run_dir("demo", tmp_path), new_run_dir("demo", tmp_path)
    assert first != second and first.stat().st_mode & 0o077 == 0
    assert state_home({"XDG_STATE_HOME": "/s"}) == Path("/s/building_ctrl")


def test_files_of_the_package_are_found() -> None:
    assert shared_file("maps/office.building.yaml").is_file()
    with pytest.raises(FileNotFoundError, match=r"maps/none\.yaml is missing; looked in"):
        shared_file("maps/none.yaml")


def test_path_planners_run_once_a_part_of_the_levels() -> None:
    parts = (PathPlannerPart("path_planner_L1", ("L1", "L2")), PathPlannerPart("path_planner_L3", ("L3",)))
    commands = {c.name: c.argv for c in replace(deployment(None), path_planners=parts).commands()}
    assert "path_planner" not in commands and "gateway" in commands
    assert commands["path_planner_L1"][3] == commands["path_planner_L3"][3] == "path_planner"
    assert commands["path_planner_L1"][-2:] == ("--levels", "L1,L2")
    alone = replace(deployment(None), path_planners=parts[1:], only=("path_planner",))
    assert [c.name for c in alone.commands()] == ["path_planner_L3"]
    assert alone.runs("path_planner") and not alone.runs("console")
