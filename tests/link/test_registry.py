from __future__ import annotations

from pathlib import Path

import pytest

from building_ctrl.link.keys import new_keys
from building_ctrl.link.registry import (
    Enrolled,
    Registry,
    RegistryError,
    editing,
    parse_registry,
    read_registry,
    revoked,
    with_robot,
    write_registry,
)
from building_ctrl.model.robot import Drive, RobotProfile

KEY = new_keys().public.decode()


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    robots = (
        Enrolled(RobotProfile("r1", "f", 0.4, 5, 1.5, 0.9, 1.0, 2.0), KEY),
        Enrolled(RobotProfile("r2", "f"), "", True),
    )
    write_registry(tmp_path / "robots.yaml", Registry(robots))
    assert read_registry(tmp_path / "robots.yaml").robots == robots


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("robots: [{name: r1}]", "fleet"),
        ("robots: [{name: r1, fleet: f, wings: 2}]", "unknown field 'wings'"),
        ("robots: [{name: r1, fleet: f, radius_m: .nan}]", "radius_m must be from"),
        ("robots: [{name: r1, fleet: f, radius_m: fast}]", "radius_m must be from"),
        ("robots: [{name: r1, fleet: f, max_speed_mps: true}]", "max_speed_mps must be from"),
        ("robots: [{name: r1, fleet: f, graph_mask: 0}]", "graph_mask"),
        ("robots: [{name: r/1, fleet: f}]", "name must be"),
        ("robots: [{name: r1, fleet: f}, {name: r1, fleet: f}]", "listed twice"),
        ("robots: [{name: r1, fleet: f, public_key: abc}]", "not a public key"),
        ("robots: [{name: r1, fleet: f, revoked: maybe}]", "revoked must be"),
        ("robots: 3", "wants a list"),
        ("[1, 2]", "wants a list"),
        ("robots: [3]", "wants name"),
        ("robots: [", "not YAML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_the_file(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "robots.yaml"
    path.write_text(text)
    with pytest.raises(RegistryError) as caught:
        read_registry(path)
    assert says in str(caught.value) and str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="robot enroll"):
        read_registry(tmp_path / "none.yaml")


def test_an_empty_file_has_no_robots(tmp_path: Path) -> None:
    (tmp_path / "robots.yaml").write_text("")
    assert read_registry(tmp_path / "robots.yaml").robots == ()


def test_two_robots_never_share_a_key(tmp_path: Path) -> None:
    path = tmp_path / "robots.yaml"
    robots = (Enrolled(RobotProfile("r1", "f"), KEY), Enrolled(RobotProfile("r2", "f"), KEY))
    write_registry(path, Registry(robots))
    with pytest.raises(RegistryError, match="same key"):
        read_registry(path)


def test_keys_names_and_revocation() -> None:
    registry = Registry((Enrolled(RobotProfile("r1", "f"), KEY), Enrolled(RobotProfile("r2", "f"))))
    assert registry.robot_of(KEY, "whatever it says") == "r1"
    assert registry.robot_of("", "r2") == "r2"
    assert registry.allows(KEY)
    after = revoked(registry, "r1")
    assert not after.allows(KEY)
    with pytest.raises(LookupError):
        after.robot_of(KEY, "r1")
    with pytest.raises(LookupError, match="revoked"):
        after.robot_of("", "r1")
    with pytest.raises(LookupError, match="robot enroll r9"):
        registry.robot_of("", "r9")
    with pytest.raises(KeyError):
        revoked(registry, "r9")


def test_who_lost_access_between_two_registries() -> None:
    old = Registry(
        tuple(
            Enrolled(RobotProfile(n, "f"), k) for n, k in (("same", "k1"), ("new key", "k2"), ("gone", "k3"))
        )
    )
    new = Registry((Enrolled(RobotProfile("same", "f"), "k1"), Enrolled(RobotProfile("new key", "f"), "k9")))
    assert old.without(new) == ["new key", "gone"]


def test_editing_keeps_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "robots.yaml"
    for name in ("a", "b"):
        with editing(path) as known:
            write_registry(path, with_robot(known, Enrolled(RobotProfile(name, "f"))))
    assert [r.profile.name for r in read_registry(path).robots] == ["a", "b"]


def test_drives_are_read_and_written_and_only_omnidirectional_ones_keep_their_heading(tmp_path: Path) -> None:
    row = {"name": "o1", "fleet": "f", "drive": "omnidirectional", "heading_free": True, "max_jerk_mps3": 2.0}
    registry = parse_registry({"robots": [row]}, "here")
    write_registry(tmp_path / "robots.yaml", registry)
    profile = read_registry(tmp_path / "robots.yaml").robots[0].profile
    assert profile == registry.robots[0].profile
    assert (profile.drive, profile.heading_free, profile.max_jerk_mps3) == (Drive.OMNIDIRECTIONAL, True, 2.0)
    for wrong in ({"drive": "legs"}, {"drive": "differential"}, {"max_jerk_mps3": -1.0}):
        with pytest.raises(RegistryError, match=r"here: robots\[0\] \(o1\)"):
            parse_registry({"robots": [{**row, **wrong}]}, "here")
