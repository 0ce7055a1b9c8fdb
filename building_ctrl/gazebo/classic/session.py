"""One world in Gazebo Classic from beginning to end: plugin, socket, server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from building_ctrl.gazebo.classic.plugin_build import ensure_plugin
from building_ctrl.gazebo.classic.port import ClassicPort, PluginSocket
from building_ctrl.gazebo.classic.root import ClassicError, ClassicRoot
from building_ctrl.gazebo.classic.server import GazeboServer, ServerOptions
from building_ctrl.gazebo.world_port import Drives
from building_ctrl.supervise.ports import next_free

FIRST_MASTER_PORT = 11345


@dataclass(frozen=True, slots=True)
class ClassicOptions:
    """How a world is run; `log` takes what Gazebo says."""

    root: ClassicRoot
    log: Path
    lockstep: bool
    seed: int = 0
    gui: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def classic_world(
    options: ClassicOptions, world: str, drives: Drives, stopping: Callable[[], bool] = lambda: False
) -> Iterator[ClassicPort]:
    """A running world (SDF text) with these drives, ended with the block. Raises ClassicError, WorldError."""
    if not options.root.complete:
        raise ClassicError(f"Gazebo Classic is not in {options.root.path}: run `building_ctrl gazebo install`")
    plugin = ensure_plugin(options.root)
    with PluginSocket() as socket:
        server = ServerOptions(
            world=world,
            plugin=plugin,
            address=socket.address,
            token=socket.token,
            master_port=next_free("127.0.0.1", FIRST_MASTER_PORT + os.getpid() % 1000),
            log=options.log,
            seed=options.seed,
            gui=options.gui,
            environment=options.environment,
        )
        with GazeboServer(options.root, server) as gazebo:
            port = ClassicPort(socket, drives, options.lockstep, gazebo.why_ended)
            port.open(stopping)
            yield port
