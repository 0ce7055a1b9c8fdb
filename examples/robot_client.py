"""A complete robot: connects, tells its pose, drives as told. `python robot_client.py ADDRESS NAME
[KEYFILE]`"""

import math
import sys
import time

from building_ctrl.robot import RobotClient, RobotReport, read_robot_keys


def main(address: str, name: str, key_file: str = "", seconds: str = "inf") -> None:
    keys = read_robot_keys(key_file) if key_file else None  # no keys: plain text, for gateways on loopback
    x = y = yaw = v = w = 0.0  # your localisation and wheel odometry go here
    last = start = time.monotonic()
    with RobotClient(address, name, keys) as robot:
        while time.monotonic() - start < float(seconds):
            target = robot.poll(RobotReport(x, y, yaw, v, w))  # sends telemetry, runs the watchdog
            v, w = target.v_mps, target.w_radps  # your motor controller goes here
            now = time.monotonic()
            x += v * math.cos(yaw) * (now - last)
            y += v * math.sin(yaw) * (now - last)
            yaw += w * (now - last)
            last = now
            robot.wait(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
