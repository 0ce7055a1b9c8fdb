"""Supervision with real processes: readiness, restart, clean and forced stop, no orphans."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from building_ctrl.supervise.managed import Command
from building_ctrl.supervise.supervisor import Event, EventKind, Policy, StartError, StopRequest, Supervisor

READY = "import os; fd = int(os.environ['BUILDING_CTRL_READY_FD']); os.write(fd, b'x'); os.close(fd);"
FOREVER = READY + "import signal; signal.sigwait({signal.SIGUSR1})"
POLICY = Policy(first_delay_s=0.05, longest_delay_s=0.2, stop_s=0.5)
ROOT = Path(__file__).parents[2]


def python(name: str, code: str) -> Command:
    return Command(name, (sys.executable, "-S", "-c", code))


def until(supervisor: Supervisor, condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "condition not met in time"
        supervisor.poll(0.05)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int, timeout_s: float = 10.0) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        import select

        return bool(select.select([descriptor], [], [], timeout_s)[0])
    finally:
        os.close(descriptor)


def test_starts_all_reports_readiness_and_stops_in_reverse_order(tmp_path: Path) -> None:
    events: list[Event] = []
    with Supervisor([python("a", FOREVER), python("b", FOREVER)], tmp_path, events.append, POLICY) as supervisor:
        supervisor.start()
        assert supervisor.wait_ready(10.0)
        pids = [process.pid for process in supervisor.processes]
    assert [e.name for e in events if e.kind is EventKind.STARTED] == ["a", "b"]
    assert {e.name for e in events if e.kind is EventKind.READY} == {"a", "b"}
    assert [e.name for e in events if e.kind is EventKind.STOPPED] == ["b", "a"]
    assert not any(map(alive, pids))


def test_not_ready_before_the_process_says_so(tmp_path: Path) -> None:
    with Supervisor([python("slow", "import time; time.sleep(60)")], tmp_path, lambda e: None, POLICY) as supervisor:
        supervisor.start()
        assert not supervisor.wait_ready(0.3)


def test_a_process_that_dies_is_started_again_with_growing_delays(tmp_path: Path) -> None:
    events: list[Event] = []
    with Supervisor([python("a", FOREVER)], tmp_path, events.append, POLICY) as supervisor:
        supervisor.start()
        supervisor.wait_ready(10.0)
        for times in (1, 2, 3):
            os.kill(supervisor.processes[0].pid, signal.SIGKILL)
            until(supervisor, lambda: sum(e.kind is EventKind.ENDED for e in events) == times)  # noqa: B023
            until(supervisor, lambda: supervisor.ready)
    ended = [e for e in events if e.kind is EventKind.ENDED]
    assert [e.delay_s for e in ended] == [0.05, 0.1, 0.2]
    assert ended[0].status == -signal.SIGKILL
    assert sum(e.kind is EventKind.RESTARTED for e in events) == 3


def test_the_delay_is_bounded() -> None:
    assert Policy().delay_s(1) == 0.5
    assert Policy().delay_s(50) == Policy().longest_delay_s


def test_a_process_that_cannot_start_is_said_in_one_line(tmp_path: Path) -> None:
    code = "import sys; sys.exit('port 8000 is in use: choose another with --port')"
    with Supervisor([python("console", code)], tmp_path, lambda e: None, POLICY) as supervisor:
        supervisor.start()
        with pytest.raises(StartError, match="console: port 8000 is in use: choose another with --port"):
            supervisor.wait_ready(10.0)


def test_a_deaf_process_is_killed_with_everything_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    code = (
        "import os, signal, subprocess, sys, time;"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)']);"
        f"open({str(child)!r}, 'w').write(str(p.pid));" + READY + "time.sleep(60)"
    )
    events: list[Event] = []
    with Supervisor([python("deaf", code)], tmp_path, events.append, POLICY) as supervisor:
        supervisor.start()
        supervisor.wait_ready(10.0)
        grandchild = int(child.read_text())
        assert alive(grandchild)
    assert events[-1].kind is EventKind.KILLED
    assert gone(grandchild)


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    """A real supervisor in a process of its own; its child runs through building_ctrl.supervise.child."""
    module = tmp_path / "forever.py"
    module.write_text(
        "import os, signal\n"
        "def main(argv):\n"
        "    open(argv[0], 'w').write(str(os.getpid()))\n"
        "    fd = int(os.environ['BUILDING_CTRL_READY_FD']); os.write(fd, b'x'); os.close(fd)\n"
        "    signal.pause()\n"
    )
    pid_file = tmp_path / "pid"
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "import building_ctrl.processes as p\n"
        "from building_ctrl.supervise.managed import Command\n"
        "from building_ctrl.supervise.supervisor import Supervisor\n"
        "child = 'import building_ctrl.processes as p, sys;'\\\n"
        '    \'p.PROCESSES = (p.Process("x", "forever", ""),);\'\\\n'
        "    'from building_ctrl.supervise.child import run; run(\"x\", sys.argv[1:])'\n"
        f"c = Command('x', (sys.executable, '-c', child, {str(pid_file)!r}))\n"
        f"with Supervisor([c], Path({str(tmp_path)!r}), lambda e: None) as s:\n"
        "    s.start()\n"
        "    assert s.wait_ready(20.0)\n"
        "    print('ready', flush=True)\n"
        "    s.poll(60)\n"
    )
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{tmp_path}"}
    supervisor = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE)
    try:
        assert supervisor.stdout is not None and supervisor.stdout.readline() == b"ready\n"
        pid = int(pid_file.read_text())
        assert alive(pid)
        supervisor.kill()
        assert gone(pid)
    finally:
        supervisor.kill()
        supervisor.wait()
        if supervisor.stdout is not None:
            supervisor.stdout.close()


def test_stop_requests_become_a_flag() -> None:
    with StopRequest() as stop:
        assert not stop.requested
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.requested
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
