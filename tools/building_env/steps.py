"""The set-up as a whole: what is wanted, what is there, and the steps between."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from building_env import compiled, interfaces, packages, preflight
from building_env.errors import SetupError
from building_env.interfaces import InterfacePackage
from building_env.layout import Layout
from building_env.progress import Progress
from building_env.ros import Ros, build_environment, clean_environment, detect
from building_env.state import State, digest, digest_files, only_one


@dataclass(frozen=True)
class Plan:
    """What the environment should be: its ROS 2, the interface packages to build, the keys of all of it."""

    ros: Ros
    wanted: State
    packages: Mapping[str, InterfacePackage]

    def is_met(self, layout: Layout) -> bool:
        return layout.python.exists() and State.load(layout.venv) == self.wanted


def make_plan(layout: Layout, environ: Mapping[str, str], path: Sequence[str]) -> Plan:
    """Work out what is wanted now. Raises SetupError for a broken interfaces folder."""
    ros = detect(environ, path, layout)
    venv = digest(sys.version, sys.base_prefix, str(layout.root), ros.distro, str(ros.sourced))
    locked = digest(venv, digest_files(packages.locks(layout, ros), layout.root))
    activation = digest(
        locked, digest_files([layout.tools / "activate.py", layout.tools / "packages.py"], layout.root)
    )
    base = digest(ros_key(layout, ros, venv), digest_files(layout.generators.iterdir(), layout.root))
    to_build = interfaces.missing(interfaces.discover(layout.interfaces), ros)
    keys = interfaces.keys(to_build, base)
    return Plan(ros, State(venv, locked, activation, digest(locked, compiled.key(layout)), keys), to_build)


def ros_key(layout: Layout, ros: Ros, venv: str) -> str:
    """Changes when built interfaces no longer fit the ROS 2 under them."""
    return venv if ros.sourced else digest(venv, digest_files([layout.ros_lock], layout.root))


def carry_out(plan: Plan, layout: Layout, environ: Mapping[str, str], progress: Progress) -> None:
    """Do every step that is not done. Each is recorded when complete: an interrupted set-up goes on there."""
    ros, wanted = plan.ros, plan.wanted
    outside = clean_environment(environ, ros)
    preflight.check(layout.root, outside)
    state = State.load(layout.venv)
    if state.venv != wanted.venv or not layout.python.exists():
        with progress.step(f"virtual environment .venv (Python {sys.version.split()[0]})"):
            packages.make_venv(layout, ros, progress, outside)
        state = State(venv=wanted.venv)
        state.save(layout.venv)
    if state.packages != wanted.packages:
        state.packages = state.activation = ""
        state.save(layout.venv)
        with progress.step("packages"):
            packages.install(layout, ros, progress, outside)
            if not ros.sourced:
                packages.mend_wheels(layout)
        state.packages = wanted.packages
        state.save(layout.venv)
    if state.activation != wanted.activation:
        packages.write_activation(layout, ros)
        state.activation = wanted.activation
        state.save(layout.venv)
    env = build_environment(environ, ros, layout)
    build_interfaces(plan, state, layout, env, progress)
    with progress.step("check that ROS 2 and the interfaces load"):
        modules = ["rclpy", "rclpy.node", *(f"{name}.msg" for name in interfaces.discover(layout.interfaces))]
        progress.run([layout.python, "-c", "import " + ", ".join(modules)], outside)
    if state.compiled != wanted.compiled:
        with progress.step("compile the planners"):
            compiled.renew(layout, progress, outside)
        state.compiled = wanted.compiled
        state.save(layout.venv)


def build_interfaces(
    plan: Plan, state: State, layout: Layout, env: Mapping[str, str], progress: Progress
) -> None:
    """Build the interface packages that changed and remove those no longer wanted."""
    builder = interfaces.Builder(layout, plan.ros, progress, env)
    for name in sorted(state.interfaces.keys() - plan.packages.keys()):
        builder.remove(name)
        del state.interfaces[name]
        state.save(layout.venv)
    changed = [name for name, key in plan.wanted.interfaces.items() if state.interfaces.get(name) != key]
    if not changed:
        return
    for name in changed:
        state.interfaces.pop(name, None)
    state.save(layout.venv)
    with progress.step("interface packages"):
        for name in builder.build(plan.packages, changed):
            state.interfaces[name] = plan.wanted.interfaces[name]
            state.save(layout.venv)


def run(arguments: Sequence[str]) -> int:
    """Set up the checkout that this file is in; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="setup_env.py", description="Make .venv, the project's environment."
    )
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2], help="the checkout")
    layout = Layout(parser.parse_args(arguments).root.resolve())
    leave_venv(layout)
    try:
        plan = make_plan(layout, os.environ, sys.path)
        if plan.is_met(layout):
            return 0
        with only_one(layout.root / ".venv.lock", print), Progress(layout.log) as progress:
            plan = make_plan(layout, os.environ, sys.path)
            source = "the one that is sourced" if plan.ros.sourced else "wheels"
            progress.say(f"setting up {layout.root} with ROS 2 {plan.ros.distro} ({source})")
            if plan.ros.note:
                progress.say(f"note: {plan.ros.note}")
            carry_out(plan, layout, os.environ, progress)
            progress.say("the environment is ready: .venv")
        return 0
    except SetupError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the next set-up goes on from here", file=sys.stderr)
        return 130


def leave_venv(layout: Layout) -> None:
    """Run under the Python that .venv was made from when started by .venv's own, which may be replaced."""
    if Path(sys.prefix) != layout.venv:
        return
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    os.execv(base, [str(base), *sys.argv])
