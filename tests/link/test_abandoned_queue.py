"""A robot that dies while its queue at the gateway is full must not take the gateway with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import zmq

from building_ctrl.link.protocol.transport_options import GATEWAY

ROOT = Path(__file__).parents[2]
ROBOT = """
import os, sys, zmq
robot = zmq.Context().socket(zmq.DEALER)
robot.setsockopt(zmq.SNDHWM, 1000)
robot.connect(sys.argv[1])
for _ in range(300):
    robot.send(b"x" * 90)
sys.stdin.readline()
os._exit(9)
"""
GATEWAY_WITH_A_FULL_QUEUE = """
import subprocess, sys, zmq
from building_ctrl.link.protocol.transport_options import GATEWAY
router = zmq.Context().socket(zmq.ROUTER)
for name, value in GATEWAY:
    router.setsockopt(getattr(zmq, name), value)
router.bind("tcp://127.0.0.1:*")
address = router.getsockopt_string(zmq.LAST_ENDPOINT)
robot = subprocess.Popen([sys.executable, "-c", sys.argv[1], address], stdin=subprocess.PIPE)
assert router.poll(10000)
robot.communicate(b"die\\n")
assert not zmq.Context().socket(zmq.PAIR).poll(3000)
read = 0
while router.poll(500):
    router.recv_multipart()
    read += 1
print(read)
"""


def test_the_gateway_survives() -> None:
    command = [sys.executable, "-c", GATEWAY_WITH_A_FULL_QUEUE, ROBOT]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 0


def test_gateways_send_no_heartbeats() -> None:
    assert not any(name.startswith("HEARTBEAT") for name, _ in GATEWAY)
    assert all(hasattr(zmq, name) for name, _ in GATEWAY)
