from __future__ import annotations

import os
from pathlib import Path

import pytest

from building_ctrl.link.keys import KeyFileError, new_keys, read_keys, read_or_make_keys, write_keys
from building_ctrl.robot import RobotKeyError, read_robot_keys


def test_keys_are_kept_readable_by_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "gateway.key"
    keys = read_or_make_keys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_or_make_keys(path) == keys


def test_a_robots_key_file_is_read_by_the_client(tmp_path: Path) -> None:
    robot, gateway = new_keys(), new_keys()
    write_keys(tmp_path / "r.key", robot, gateway.public)
    got = read_robot_keys(tmp_path / "r.key")
    assert (got.public, got.secret, got.gateway) == (robot.public, robot.secret, gateway.public)


def test_secrets_stay_out_of_texts(tmp_path: Path) -> None:
    keys = new_keys()
    write_keys(tmp_path / "r.key", keys, keys.public)
    assert keys.secret.decode() not in repr(keys)
    assert keys.secret.decode() not in repr(read_robot_keys(tmp_path / "r.key"))


@pytest.mark.parametrize(("read", "error"), [(read_keys, KeyFileError), (read_robot_keys, RobotKeyError)])
def test_key_files_that_are_not_taken(tmp_path: Path, read: object, error: type[Exception]) -> None:
    path = tmp_path / "x.key"
    with pytest.raises(error, match="enroll"):
        read(path)  # type: ignore[operator]
    write_keys(path, new_keys(), new_keys().public)
    os.chmod(path, 0o640)
    with pytest.raises(error, match="chmod 600"):
        read(path)  # type: ignore[operator]
    path.write_bytes(b"\xff\x00 nonsense")
    os.chmod(path, 0o600)
    with pytest.raises(error, match="key file"):
        read(path)  # type: ignore[operator]


def test_halves_of_different_pairs_are_refused(tmp_path: Path) -> None:
    a, b = new_keys(), new_keys()
    path = tmp_path / "x.key"
    path.write_bytes(b"public=" + a.public + b"\nsecret=" + b.secret + b"\n")
    os.chmod(path, 0o600)
    with pytest.raises(KeyFileError, match="belong together"):
        read_keys(path)
