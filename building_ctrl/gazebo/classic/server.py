"""gzserver, and gzclient for a window, as child processes with one owner."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from building_ctrl.gazebo.classic.root import ClassicRoot
from building_ctrl.gazebo.world_port import WorldError

STOP_S = 5.0
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
NOISE = (
    "ALSA", "AL lib", "OpenAL", "Unable to open audio", "Audio will be disabled", "QStandardPaths",
    "display", "Display", "X window", "render",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """`world` is the SDF, `plugin` the folder of our plugin inside the root; the address and token are those
    of the platform's socket; `environment` is added to that of the processes."""

    world: str
    plugin: str
    address: str
    token: str
    master_port: int
    log: Path
    seed: int = 0
    gui: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


class GazeboServer:
    """Owns gzserver and a folder for its world inside the root; use as a context manager."""

    def __init__(self, root: ClassicRoot, options: ServerOptions) -> None:
        self._root = root
        self._options = options
        self._folder: Path | None = None
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> GazeboServer:
        try:
            self._start()
        except OSError as error:
            self.stop()
            raise WorldError(f"cannot start Gazebo in {self._root.path}: {error}") from error
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def why_ended(self) -> str:
        """One line when gzserver has ended, empty while it runs."""
        if not self._processes:
            return "Gazebo is not running"
        status = self._processes[0].poll()
        if status is None:
            return ""
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        said = self._last_line()
        return f"gzserver {how}{': ' + said if said else ''} (log: {self._options.log})"

    def stop(self) -> None:
        """End the processes and remove their folder. May be repeated."""
        for process in reversed(self._processes):
            _end(process)
        self._processes.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _start(self) -> None:
        options = self._options
        self._folder = Path(tempfile.mkdtemp(prefix="building_ctrl-", dir=self._root.path / "tmp"))
        self._folder.chmod(0o700)
        (self._folder / "building.world").write_text(options.world, encoding="utf-8")
        inside = self._root.inside(self._folder)
        server = ["gzserver", "--verbose", "--seed", str(options.seed), f"{inside}/building.world"]
        self._run(server, self._environment(inside))
        if options.gui:
            self._run(["gzclient", "--verbose"], self._environment(inside) | _display())

    def _run(self, argv: list[str], env: Mapping[str, str]) -> None:
        with self._options.log.open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    self._root.command(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=dict(env),
                    start_new_session=True,
                )
            )

    def _environment(self, folder: str) -> dict[str, str]:
        options = self._options
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": folder,
            "TMPDIR": folder,
            "XDG_RUNTIME_DIR": folder,
            "LANG": "C.UTF-8",
            "GAZEBO_MASTER_URI": f"http://127.0.0.1:{options.master_port}",
            "GAZEBO_IP": "127.0.0.1",
            "IGN_IP": "127.0.0.1",
            "GAZEBO_MODEL_DATABASE_URI": "",
            "GAZEBO_PLUGIN_PATH": options.plugin,
            "GAZEBO_RESOURCE_PATH": "/usr/share/gazebo-11",
            "BUILDING_CTRL_GAZEBO": options.address,
            "BUILDING_CTRL_GAZEBO_TOKEN": options.token,
            **options.environment,
        }

    def _last_line(self) -> str:
        """The last line of the log that speaks of an error, or else the last one."""
        try:
            lines = self._options.log.read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        plain = (COLOUR.sub("", line).strip() for line in lines)
        told = [line for line in plain if line and not any(word in line for word in NOISE)]
        errors = [line for line in told if "[Err]" in line or "Error" in line]
        return (errors or told or [""])[-1]


def _display() -> dict[str, str]:
    return {name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY") if name in os.environ}


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGINT to the group, which Gazebo takes as a wish to end, and SIGKILL after a while."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, number)
            process.wait(STOP_S)
        except ProcessLookupError:
            process.wait()
        except subprocess.TimeoutExpired:
            continue
