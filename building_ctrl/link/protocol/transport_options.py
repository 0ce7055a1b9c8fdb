"""ZeroMQ options of the link at both ends (name of the option without ZMQ_, value).

ZeroMQ's defaults queue velocity commands for as long as an outage lasts and deliver them afterwards; these
close a dead connection within about a second and keep next to nothing waiting.
"""

from __future__ import annotations

COMMON: tuple[tuple[str, int], ...] = (
    ("LINGER", 0),
    ("IMMEDIATE", 1),
    ("TCP_MAXRT", 1000),
    ("CONNECT_TIMEOUT", 500),
    ("RECONNECT_IVL", 100),
    ("RECONNECT_IVL_MAX", 1000),
    ("HANDSHAKE_IVL", 3000),
    ("MAXMSGSIZE", 4096),
)
ROBOT: tuple[tuple[str, int], ...] = (
    *COMMON,
    ("HEARTBEAT_IVL", 500),
    ("HEARTBEAT_TIMEOUT", 1500),
    ("SNDHWM", 2),
    ("RCVHWM", 20),
)
# No heartbeats here: libzmq 4.3.5 aborts the process when its timer fires for a robot that left while its queue was
# full. Connections of robots that vanished are ended by TCP keep-alive.
GATEWAY: tuple[tuple[str, int], ...] = (
    *COMMON,
    ("TCP_KEEPALIVE", 1),
    ("TCP_KEEPALIVE_IDLE", 5),
    ("TCP_KEEPALIVE_INTVL", 2),
    ("TCP_KEEPALIVE_CNT", 3),
    ("SNDHWM", 8),
    ("RCVHWM", 20),
    ("ROUTER_MANDATORY", 1),
)
CONTEXT_ZERO_COPY_RECV = 10
# Streams have sockets of their own. One or two large frames wait at most at each end, so that what a slow reader costs
# stays small, and little lies in the robot's kernel before the radio, where telemetry would queue behind it.
# The gateway keeps 2: with 1, libzmq 4.3.5 delivers nothing after a CURVE handshake.
_STREAMS: tuple[tuple[str, int], ...] = (
    *((name, value) for name, value in COMMON if name != "MAXMSGSIZE"),
    ("MAXMSGSIZE", 131_072),
)
STREAM_ROBOT: tuple[tuple[str, int], ...] = (
    *_STREAMS,
    ("HEARTBEAT_IVL", 500),
    ("HEARTBEAT_TIMEOUT", 1500),
    ("SNDHWM", 1),
    ("RCVHWM", 4),
    ("SNDBUF", 65_536),
)
STREAM_GATEWAY: tuple[tuple[str, int], ...] = (
    *_STREAMS,
    ("TCP_KEEPALIVE", 1),
    ("TCP_KEEPALIVE_IDLE", 5),
    ("TCP_KEEPALIVE_INTVL", 2),
    ("TCP_KEEPALIVE_CNT", 3),
    ("SNDHWM", 4),
    ("RCVHWM", 2),
    ("ROUTER_MANDATORY", 1),
)
