"""The DDS profile that is the default keeps ROS 2 on this machine, and processes still hear each other."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from building_ctrl.supervise.ros import loopback_environment

DOMAIN = str(60 + os.getpid() % 40)

TALKER = """
import sys, rclpy
from std_msgs.msg import String
rclpy.init()
node = rclpy.create_node("talker")
publisher = node.create_publisher(String, "loopback_test", 10)
node.create_timer(0.05, lambda: publisher.publish(String(data="hello")))
print("ready", flush=True)
rclpy.spin(node)
"""
LISTENER = """
import rclpy
from std_msgs.msg import String
rclpy.init()
node = rclpy.create_node("listener")
heard = []
node.create_subscription(String, "loopback_test", heard.append, 10)
end = node.get_clock().now().nanoseconds + 20 * 10**9
while not heard and node.get_clock().now().nanoseconds < end:
    rclpy.spin_once(node, timeout_sec=0.5)
print(heard[0].data if heard else "silence")
"""


def variables() -> dict[str, str]:
    """What `building_ctrl up` gives its processes."""
    environ = {
        name: value for name, value in os.environ.items() if not name.endswith("_DEFAULT_PROFILES_FILE")
    }
    return {**environ, **loopback_environment(environ), "ROS_DOMAIN_ID": DOMAIN}


@pytest.fixture
def talker() -> Iterator[psutil.Process]:
    command = [sys.executable, "-c", TALKER]
    with subprocess.Popen(command, env=variables(), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield psutil.Process(child.pid)
        child.kill()


def test_sockets_are_on_loopback_only_and_messages_arrive(talker: psutil.Process) -> None:
    sockets = [entry.laddr.ip for entry in talker.net_connections(kind="udp")]
    assert sockets
    for address in map(ipaddress.ip_address, sockets):
        assert address.is_loopback or address.is_multicast, f"{address} can be reached from outside"
    command = [sys.executable, "-c", LISTENER]
    answer = subprocess.run(command, env=variables(), capture_output=True, text=True, timeout=60, check=False)
    assert answer.stdout == "hello\n", answer.stderr
