"""Console and dispatcher as real processes: HTTP to topics to the store and back; kill -9 loses nothing."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("rclpy")

from building_ctrl.supervise.ports import next_free
from building_ctrl.supervise.ros import free_domain, loopback_environment

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
READY_S = 40.0
DELIVERY = {"category": "delivery", "from_place": "pantry", "to_place": "lounge"}


class Processes:
    """Starts rows of the table of processes, waits until they are ready, and ends them."""

    def __init__(self, directory: Path) -> None:
        self.port = next_free("127.0.0.1", 8900)
        self._map = directory / "small.building.yaml"
        self._store = directory / "tasks.db"
        self._environment = {
            **os.environ,
            **loopback_environment(),
            "ROS_DOMAIN_ID": str(free_domain(os.getpid())),
            "PYTHONPATH": str(ROOT),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def write_map(self, text: str) -> None:
        self._map.write_text(text)

    def start(self, name: str) -> subprocess.Popen[bytes]:
        own = {"console": ["--port", str(self.port)], "dispatcher": ["--store", str(self._store)]}[name]
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-m", "building_ctrl.supervise.child", name, "--map", str(self._map), *own],
            env={**self._environment, "BUILDING_CTRL_READY_FD": str(writing)},
            pass_fds=(writing,),
            stderr=subprocess.DEVNULL,
        )
        self._running.append(process)
        os.close(writing)
        ready, _, _ = select.select([reading], [], [], READY_S)
        said = os.read(reading, 100) if ready else b""
        os.close(reading)
        assert said == f"{name}\n".encode(), f"{name} did not get ready"
        return process

    def stop(self) -> None:
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            process.wait(20)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path)
    try:
        yield started
    finally:
        started.stop()


def test_a_task_goes_in_by_http_and_survives_kill_9(processes: Processes, small_map: str) -> None:
    processes.write_map(small_map)
    dispatcher, _ = processes.start("dispatcher"), processes.start("console")
    with httpx.Client(base_url=f"http://127.0.0.1:{processes.port}/api/v1", timeout=20) as client:
        first = ask(client, "first")
        assert first.json() == {"task_id": "delivery-1", "status": "queued"}
        refused = client.post("/tasks", json={**DELIVERY, "to_place": "nowhere"})
        assert refused.status_code == 422 and "nowhere" in refused.json()["detail"]

        dispatcher.kill()
        dispatcher.wait(20)
        processes.start("dispatcher")
        assert ask(client, "first").json() == first.json(), "the same request is the same task after a restart"
        assert ask(client, "second").json()["task_id"] == "delivery-2"

        cancelled = client.post("/tasks/delivery-1/cancel")
        assert cancelled.status_code == 202
        assert states(client) == {"delivery-1": "cancelled", "delivery-2": "queued"}


def ask(client: httpx.Client, key: str) -> Any:
    """Asks until the dispatcher has been found; the key makes asking again safe."""
    for _ in range(6):
        answer = client.post("/tasks", json=DELIVERY, headers={"Idempotency-Key": key})
        if answer.status_code != 503:
            break
    assert answer.status_code == 202, answer.text
    return answer


def states(client: httpx.Client) -> dict[str, str]:
    """What the console shows, once it shows the newest."""
    end = time.monotonic() + 10
    while True:
        shown = {task["task_id"]: task["status"] for task in client.get("/tasks").json()["tasks"]}
        if "cancelled" in shown.values() or time.monotonic() > end:
            return shown
        threading.Event().wait(0.1)
