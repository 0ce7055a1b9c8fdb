"""The plugin in real Gazebo: motors, contacts, the same run twice, and ends."""

from __future__ import annotations

import hashlib
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from little_world import little_drives, little_world

from building_ctrl.gazebo.classic.root import ClassicRoot
from building_ctrl.gazebo.classic.session import ClassicOptions, classic_world
from building_ctrl.gazebo.world_port import Drives, JointDrive, WorldCommand, WorldError, WorldFrame

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("gazebo"), pytest.mark.timeout(900)]

TARGETS = np.array([[1.0, 0.0, 0.5], [3.0, 0.0, 1.0]])


def run(root: ClassicRoot, log: Path, frames: int, v_mps: float = 0.0, w_radps: float = 0.0) -> list[WorldFrame]:
    """Frames of a lockstep run in which both robots get one command from 0.4 s on."""
    found = []
    with classic_world(ClassicOptions(root, log, True), little_world(), little_drives()) as port:
        for k in range(frames):
            bodies = np.tile([v_mps, w_radps], (2, 1)) if k >= 20 else np.zeros((2, 2))
            frame = port.turn(WorldCommand(bodies, TARGETS))
            assert frame is not None
            found.append(frame)
    return found


def test_wheels_and_joints_move_as_told(classic_root: ClassicRoot, tmp_path: Path) -> None:
    frames = run(classic_root, tmp_path / "log", 200, 0.4, 0.0)
    assert np.diff([f.time_s for f in frames]) == pytest.approx(0.02)
    cruising = [f for f in frames if 2.0 < f.time_s < 3.0]
    assert [f.twist[0, 0] for f in cruising] == pytest.approx([0.4] * len(cruising), rel=0.03)
    assert max(f.joints[1, 1] for f in frames) <= 1.05 and max(f.joints[0, 1] for f in frames) <= 0.53
    assert frames[-1].joints[:, 0] == pytest.approx([1.0, 3.0], abs=0.005)
    assert abs(frames[-1].pose[0, 1]) < 0.01 and abs(frames[-1].pose[0, 2]) < 0.005
    turning = run(classic_root, tmp_path / "log", 150, 0.0, 0.6)[-1]
    assert turning.twist[0, 2] == pytest.approx(0.6, rel=0.05)
    assert np.hypot(turning.pose[0, 0] + 2.0, turning.pose[0, 1]) < 0.02


def test_the_same_run_twice_is_the_same_bit_for_bit_and_robots_that_meet_touch(
    classic_root: ClassicRoot, tmp_path: Path
) -> None:
    hashes, contacts = [], []
    for _ in range(2):
        frames = run(classic_root, tmp_path / "log", 260, 0.5, 0.0)
        hashes.append(hashlib.sha256(b"".join(f.pose.tobytes() + f.joints.tobytes() for f in frames)).hexdigest())
        contacts.append([(f.time_s, c.robot, c.other) for f in frames for c in f.contacts])
    assert hashes[0] == hashes[1]
    first = contacts[0][0]
    assert first[1:] == (0, 1) and 3.5 < first[0] < 4.8
    assert contacts[0] == contacts[1]


def test_real_time_keeps_pace_with_the_clock(classic_root: ClassicRoot, tmp_path: Path) -> None:
    import time

    with classic_world(ClassicOptions(classic_root, tmp_path / "log", False), little_world(), little_drives()) as port:
        newest = None
        while newest is None:
            newest = port.turn(WorldCommand(np.zeros((2, 2)), TARGETS))
        began_s, sim_s, seen = time.monotonic(), newest.time_s, 0
        while newest.time_s < sim_s + 1.0:
            frame = port.turn(WorldCommand(np.zeros((2, 2)), TARGETS))
            newest, seen = frame or newest, seen + (frame is not None)
        passed_s = time.monotonic() - began_s
    assert seen > 10
    assert passed_s > 0.9


def test_a_world_without_a_joint_is_refused_by_its_name(classic_root: ClassicRoot, tmp_path: Path) -> None:
    drives = little_drives()
    wrong = replace(drives, joints=(*drives.joints, JointDrive("door", "no_such_joint", 1.0)))
    for bad, said in ((wrong, "no_such_joint"), (Drives((), (JointDrive("attic", "j", 1.0),)), "attic")):
        with (
            pytest.raises(WorldError, match=said) as raised,
            classic_world(ClassicOptions(classic_root, tmp_path / "log", True), little_world(), bad),
        ):
            pass
        assert "\n" not in str(raised.value)


def test_a_killed_server_is_told_in_one_line_and_leaves_nothing(classic_root: ClassicRoot, tmp_path: Path) -> None:
    options = ClassicOptions(classic_root, tmp_path / "log", True)
    before = set(os.listdir(classic_root.path / "tmp"))
    with (
        pytest.raises(WorldError, match="signal 9") as raised,
        classic_world(options, little_world(), little_drives()) as port,
    ):
        servers = [p for p in psutil.Process().children(recursive=True) if "gzserver" in p.name()]
        assert len(servers) == 1
        servers[0].send_signal(signal.SIGKILL)
        for _ in range(1000):
            port.turn(WorldCommand(np.zeros((2, 2)), TARGETS))
    assert "\n" not in str(raised.value) and str(tmp_path / "log") in str(raised.value)
    assert not servers[0].is_running()
    assert set(os.listdir(classic_root.path / "tmp")) == before
