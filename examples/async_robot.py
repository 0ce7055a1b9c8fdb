"""A robot on asyncio: drives as told, tells an event, shows its lidar to whoever watches.
`python async_robot.py ADDRESS NAME [KEYFILE [SECONDS]]`"""

import array
import asyncio
import math
import sys
import time

from building_ctrl.link.protocol.messages import EventKind
from building_ctrl.robot import AsyncRobotClient, RobotReport, Scan, Stream, StreamSender, read_robot_keys


async def main(address: str, name: str, key_file: str = "", seconds: str = "inf") -> None:
    keys = read_robot_keys(key_file) if key_file else None  # no keys: plain text, for gateways on loopback
    x = y = yaw = v = w = 0.0  # your localisation and wheel odometry go here
    beams = array.array("H", [2500] * 360).tobytes()  # your lidar goes here: millimetres
    streams = StreamSender(name, Stream.SCAN)
    last = start = time.monotonic()
    turns = 0
    async with AsyncRobotClient(address, name, keys, streams=streams) as robot:
        ready = asyncio.create_task(robot.tell(EventKind.NOTE, "ready for work"))
        while time.monotonic() - start < float(seconds):
            target = await robot.step(RobotReport(x, y, yaw, v, w))  # sends telemetry, runs the watchdog
            v, w = target.v_mps, target.w_radps  # your motor controller goes here
            now = time.monotonic()
            x += v * math.cos(yaw) * (now - last)
            y += v * math.sin(yaw) * (now - last)
            yaw += w * (now - last)
            last = now
            if streams.wants(Stream.SCAN, now):
                turns += 1
                streams.put(Scan(turns, now, -math.pi, math.pi / 180, 0.1, 0.05, 30.0, beams), now)
        ready.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
