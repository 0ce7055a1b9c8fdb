from __future__ import annotations

import sys
from pathlib import Path

import pytest

import setup_env
from building_env import preflight, steps
from building_env.errors import SetupError
from building_env.layout import Layout
from building_env.state import State


@pytest.fixture
def checkout(tmp_path: Path) -> Layout:
    """The files that decide what an environment is made from."""
    layout = Layout(tmp_path)
    for file, text in (
        (layout.lock, "numpy==2.2.6\n"),
        (layout.ros_lock, "ros-jazzy-rclpy==7.1.6\n"),
        (layout.tools / "activate.py", "one\n"),
        (layout.tools / "packages.py", "two\n"),
        (layout.generators / "some.cmake", "three\n"),
        (layout.interfaces / "a_msgs" / "package.xml", "<package><name>a_msgs</name></package>"),
        (layout.interfaces / "a_msgs" / "msg" / "A.msg", "uint8 a\n"),
        (layout.interfaces / "b_msgs" / "package.xml", "<package><name>b_msgs</name></package>"),
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return layout


def wanted(layout: Layout) -> State:
    return steps.make_plan(layout, {}, []).wanted


@pytest.mark.parametrize(
    ("changed", "venv", "packages", "rebuilt"),
    [
        ("requirements.lock", False, True, set()),
        ("requirements-ros.lock", False, True, {"a_msgs", "b_msgs"}),
        ("tools/cmake/some.cmake", False, False, {"a_msgs", "b_msgs"}),
        ("interfaces/a_msgs/msg/A.msg", False, False, {"a_msgs"}),
        ("tools/building_env/activate.py", False, False, set()),
    ],
)
def test_a_change_makes_only_what_follows_from_it(
    checkout: Layout, changed: str, venv: bool, packages: bool, rebuilt: set[str]
) -> None:
    before = wanted(checkout)
    with (checkout.root / changed).open("a") as file:
        file.write("\n")
    after = wanted(checkout)
    assert before != after
    assert (before.venv != after.venv, before.packages != after.packages) == (venv, packages)
    assert {name for name, key in after.interfaces.items() if key != before.interfaces[name]} == rebuilt


def test_an_environment_made_from_the_same_is_left_alone(checkout: Layout) -> None:
    checkout.python.parent.mkdir(parents=True)
    checkout.python.touch()
    plan = steps.make_plan(checkout, {}, [])
    assert not plan.is_met(checkout)
    plan.wanted.save(checkout.venv)
    assert steps.make_plan(checkout, {}, []).is_met(checkout)


def test_an_environment_without_its_python_is_made_again(checkout: Layout) -> None:
    checkout.venv.mkdir()
    plan = steps.make_plan(checkout, {}, [])
    plan.wanted.save(checkout.venv)
    assert not plan.is_met(checkout)


def test_what_stops_a_set_up_is_one_line(
    checkout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lacking(root: Path, env: object) -> None:
        raise SetupError("this machine lacks cmake")

    monkeypatch.setattr(preflight, "check", lacking)
    assert steps.run(["--root", str(checkout.root)]) == 1
    assert capsys.readouterr().err == "error: this machine lacks cmake\n"


def test_a_python_that_is_too_old_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 8, 10))
    assert setup_env.main() == 1
    error = capsys.readouterr().err
    assert "is Python 3.8; building_ctrl needs 3.10 to 3.13" in error
    assert error.count("\n") == 1
